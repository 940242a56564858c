"""Extract an article and its metadata from a pasted text, without menus, lists and buttons.

Lines are dropped one by one, and only if they are certainly boilerplate; the bytes as pasted are
stored too.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from tracker.articles import boilerplate, bylines
from tracker.articles.extraction import MAX_TITLE_LENGTH
from tracker.articles.written_dates import find_dates, is_month_name

# The fewest words of a title below a masthead (a line with only outlets, sections or dates). A
# shorter line may be a section or an outlet.
MIN_TITLE_WORDS = 3
# The longest name of an outlet.
MAX_OUTLET_NAME_WORDS = 5  # words
# The address of a site or page; the group `host` is its domain.
URL_PATTERN = re.compile(
    r"(?:https?://)?(?:www\.)?(?P<host>[^\W_][\w-]*(?:\.[\w-]+)*\.[^\W\d_]{2,})(?:/\S*)?",
    re.IGNORECASE,
)
# A date written in digits, with or without a year: 16.05, 16/05/2025.
NUMERIC_DATE_PATTERN = re.compile(r"\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?")
# A number in a date, such as 4th or 2025.
DATE_NUMBER_PATTERN = re.compile(r"\d{1,4}(?:st|nd|rd|th)?")
# Words in quotation marks.
QUOTED_PATTERN = re.compile(r"[«\"“][^»\"”]{0,200}[»\"”]")
# Words in an English name that need not begin with a capital letter.
UNCAPITALIZED_WORD_PATTERN = re.compile(r"\b(?:of|the|and|for|to)\s", re.IGNORECASE)
# A line is a paragraph if it has so many characters, or is a sentence of so many words.
MIN_PARAGRAPH_LENGTH, MIN_SENTENCE_WORDS = 100, 8
# The most characters of each line after a list of headlines, if the list goes on to the end of the
# page.
MAX_LINE_LENGTH_AFTER_LIST = 200
# The most characters of a title that is as long as a paragraph.
MAX_LONG_TITLE_LENGTH = 200
# The fewest headlines that count as a list of other articles, if the line above them is not
# certainly the heading of a list, or if each of them begins with a time.
MIN_LIST_LINES = 2
# The number of blank lines that end a list of headlines.
BLANK_LINES_AFTER_LIST = 3
# If no paragraph and less than this share of a pasted text, 0 to 1, is left after boilerplate was
# removed, too many lines were taken for boilerplate, and the whole pasted text is kept.
MIN_REMAINING_SHARE = 0.3
# A time before a headline.
LEADING_TIME_PATTERN = re.compile(r"\[?\d{1,2}:\d{2}\]?\s+\S")
# White space within a line that is not a plain space.
SPACES_PATTERN = re.compile(r"[\u00a0\u2000-\u200a\u202f]")


class PastedArticle(NamedTuple):
    """An article in a pasted text, and the metadata in the lines around the article."""

    title: str
    authors: list[str]
    publisher: str
    # A date, or "--05-16" without a year.
    published: str | None
    text: str


def parse_pasted_article(text: str, *, has_publication_lines: bool = True) -> PastedArticle:
    """Return the article in a pasted text; its title is also the first line of its text.
    `has_publication_lines`: a line with the publisher may precede the title, and a line with the
    author may follow the text.
    """
    lines = TextLines([line.strip() for line in SPACES_PATTERN.sub(" ", text).splitlines()])
    said = bylines.BylineDetails()
    dropped = _find_boilerplate(lines, said)
    _restore_lines(lines, dropped)
    kept = [position for position, line in enumerate(lines) if line and position not in dropped]
    paragraphs = [position for position in kept if _is_paragraph(lines[position])]
    length = sum(len(lines[position]) for position in kept)
    if not paragraphs and length < MIN_REMAINING_SHARE * lines.total_length:
        dropped, said = set(), bylines.BylineDetails()
        kept = [position for position, line in enumerate(lines) if line]
    # "Anna Petrova, Gazeta, 3 June 2025." looks like a sentence, at either end of a text.
    while paragraphs and _is_byline(lines[paragraphs[-1]]):
        paragraphs.pop()
    while paragraphs and _is_byline(lines[paragraphs[0]]):
        paragraphs.pop(0)
    if len(paragraphs) > 1 and _is_long_title(lines, kept, paragraphs[0]):
        paragraphs.pop(0)
    title_position = _find_title(lines, kept, paragraphs, may_have_masthead=has_publication_lines)
    if paragraphs:
        head = [
            position for position in kept if position < paragraphs[0] and position != title_position
        ]
        tail = [position for position in kept if position > paragraphs[-1]]
        if has_publication_lines:
            dropped |= _collect_mastheads(
                lines, [one for one in head if one < (title_position or 0)], said
            )
        head = [position for position in head if position not in dropped]
        dropped |= _collect_bylines(lines, head, title_position, said)
        if has_publication_lines:
            dropped |= _collect_bylines(lines, tail, title_position, said)
        _record_dateline(lines, paragraphs, title_position, said)
        if not said.dates_with_is_update:
            _record_publication(lines, kept, paragraphs, title_position, said)
    return _build_article(lines, dropped, title_position, said)


def _is_byline(line: str) -> bool:
    """Return whether a line is only a byline: authors, outlet or date."""
    return bylines.parse_byline(line, bylines.BylineDetails())


class TextLines(list[str]):
    """The lines of a text, with statistics of the lines before and after each position."""

    @cached_property
    def total_length(self) -> int:
        """The total length of all lines."""
        return self.length_before_position[-1]

    @cached_property
    def length_before_position(self) -> list[int]:
        """The total length of the lines before each position."""
        return [0, *accumulate(map(len, self))]

    @cached_property
    def statistics_from_position(self) -> list[tuple[int, int, int]]:
        """The statistics of the lines from each position on: the longest length, the number of
        lines, and the number of those that look like headlines.
        """
        longest = count = headlines = 0
        found = [(0, 0, 0)]
        for line in reversed(self):
            longest = max(longest, len(line))
            count += bool(line)
            headlines += bool(line) and boilerplate.is_headline(line)
            found.append((longest, count, headlines))
        return found[::-1]


def _build_article(
    lines: TextLines,
    dropped_positions: set[int],
    title_position: int | None,
    details: bylines.BylineDetails,
) -> PastedArticle:
    """Return the article made of the lines that are not dropped, with the metadata in `details`.
    `dropped_positions`: the positions of dropped lines; `title_position`: the position of the
    title, None for none.
    """
    left = [line for position, line in enumerate(lines) if position not in dropped_positions]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(left)).strip()
    title = lines[title_position] if title_position is not None and "\n" in text else ""
    return PastedArticle(
        title=title if len(title) <= MAX_TITLE_LENGTH else "",
        authors=details.authors,
        publisher=details.publishers[0] if details.publishers else "",
        published=details.published,
        text=text,
    )


def _find_boilerplate(lines: TextLines, details: bylines.BylineDetails) -> set[int]:
    """Return the positions of boilerplate lines and of lists of other articles, and add the
    publishers in copyright lines to the details.
    """
    dropped_positions: set[int] = set()
    position = 0
    while position < len(lines):
        end = _find_list_end(lines, position) if lines[position] else position
        if end == position and boilerplate.is_boilerplate(lines[position]):
            end = position + 1
        for one in range(position, end):
            if "©" in lines[one]:
                bylines.parse_copyright(lines[one], details)
        dropped_positions.update(range(position, end))
        position = max(end, position + 1)
    return dropped_positions


def _restore_lines(lines: TextLines, dropped_positions: set[int]) -> None:
    """Remove title, author and date above the first paragraph from the dropped positions."""
    first = next((position for position, line in enumerate(lines) if _is_paragraph(line)), 0)
    for position in range(first - 1, -1, -1):
        line = lines[position]
        if line and position not in dropped_positions:
            return
        if not line or boilerplate.is_boilerplate(line) or boilerplate.is_menu(line):
            continue
        if boilerplate.is_list_heading(line) or boilerplate.is_related_link(line):
            return
        dropped_positions.discard(position)
        if not bylines.parse_byline(line, bylines.BylineDetails()):
            return


def _find_list_end(lines: TextLines, position: int) -> int:
    """Return the position after a list of articles that begins at `position`, else `position`."""
    line = lines[position]
    if boilerplate.is_related_link(line):
        return position + 1
    is_head = boilerplate.is_list_heading(line)
    if not (is_head or boilerplate.may_be_list_heading(line)):
        return _find_ticker_end(lines, position)
    end, count = _skip_headlines(lines, position + 1)
    if not is_head and count < MIN_LIST_LINES:
        return position
    return len(lines) if _reaches_last_line(lines, position, end) else end


def _find_ticker_end(lines: TextLines, position: int) -> int:
    """Return the position after headlines with times that begin at `position`, else `position`."""
    end = position
    while (
        end < len(lines)
        and LEADING_TIME_PATTERN.match(lines[end])
        and boilerplate.is_headline(lines[end])
    ):
        end += 1
    return end if end - position >= MIN_LIST_LINES else position


def _skip_headlines(lines: TextLines, position: int) -> tuple[int, int]:
    """Return the position after the headlines from `position` on, and their number."""
    end, count = position, 0
    while position < len(lines) and position - end < BLANK_LINES_AFTER_LIST:
        line = lines[position]
        if line:
            if not boilerplate.is_headline(line) or boilerplate.is_list_heading(line):
                break
            count += 1
            end = position + 1
        position += 1
    return end, count


def _reaches_last_line(lines: TextLines, start: int, end: int) -> bool:
    """Return whether a list of headlines from `start` to `end` goes on to the last line: all lines
    after `end` are short, at least half of them are headlines, and they are less text than there is
    before `start`.
    """
    longest, count, headlines = lines.statistics_from_position[end]
    is_last = (
        lines.length_before_position[start] > lines.total_length - lines.length_before_position[end]
    )
    return longest <= MAX_LINE_LENGTH_AFTER_LIST and is_last and 2 * headlines >= count


def _is_paragraph(line: str) -> bool:
    """Return whether a line is a paragraph of the article: long, or a sentence, and no menu."""
    if not line or boilerplate.is_menu(line):
        return False
    return len(line) >= MIN_PARAGRAPH_LENGTH or (
        len(line.split()) >= MIN_SENTENCE_WORDS and bool(boilerplate.ends_sentence(line))
    )


def _is_long_title(lines: TextLines, kept_positions: list[int], position: int) -> bool:
    """Return whether a long line is the title: it has no full stop, and a byline follows."""
    if boilerplate.ends_sentence(lines[position]) or len(lines[position]) > MAX_LONG_TITLE_LENGTH:
        return False
    below = next((lines[one] for one in kept_positions if one > position), "")
    return bylines.parse_byline(below, bylines.BylineDetails()) or boilerplate.is_menu(below)


def _record_dateline(
    lines: TextLines,
    paragraph_positions: list[int],
    title_position: int | None,
    details: bylines.BylineDetails,
) -> None:
    """Add the date at the start of the title or first paragraph to the details."""
    if not any(bylines.has_dateline(lines[position]) for position in paragraph_positions[1:]):
        for position in dict.fromkeys([title_position or 0, paragraph_positions[0]]):
            bylines.parse_dateline(lines[position], details)


def _record_publication(
    lines: TextLines,
    kept_positions: list[int],
    paragraph_positions: list[int],
    title_position: int | None,
    details: bylines.BylineDetails,
) -> None:
    """Add date and publisher to the details, from lines above or below the text that contain
    nothing else.
    """
    first, last = paragraph_positions[0], paragraph_positions[-1]
    if first == title_position and len(paragraph_positions) > 1:
        # A title may look like a paragraph: "Who painted the door of our editor?"
        first = paragraph_positions[1]
    above = [
        line
        for position, line in enumerate(lines[: first + 1])
        if line and position != title_position
    ]
    below = [lines[position] for position in kept_positions if position > last]
    # Numeric dates with counters are boilerplate by their words.
    after = next((line for line in lines[last + 1 :] if line), "")
    for line in [*above, *below, after]:
        found = bylines.BylineDetails()
        if bylines.parse_publication_line(line, found) and (
            found.dates_with_is_update or not details.yearless_dates
        ):
            details.dates_with_is_update, details.yearless_dates = (
                found.dates_with_is_update,
                found.yearless_dates or details.yearless_dates,
            )
            details.publishers += found.publishers
            if found.dates_with_is_update:
                return


def _find_title(
    lines: TextLines,
    kept_positions: list[int],
    paragraph_positions: list[int],
    *,
    may_have_masthead: bool,
) -> int | None:
    """Return the position of the title: the first line, up to the first paragraph, that is no menu
    or byline; None in an empty text. `kept_positions`: positions of all lines that are not
    boilerplate; `paragraph_positions`: positions of the paragraphs; `may_have_masthead`: lines with
    only outlets, sections or dates may precede the title.
    """
    if not paragraph_positions:
        return kept_positions[0] if kept_positions else None
    first = paragraph_positions[0]
    before = [position for position in kept_positions if position <= first]
    last_title = _find_last_title(lines, before) if may_have_masthead else -1
    for position in before:
        line = lines[position]
        if boilerplate.is_menu(line) or boilerplate.is_menu_word(line):
            continue
        is_above = may_have_masthead and position < first
        if is_above and _is_masthead_line(line, has_title=position < last_title):
            continue
        if (
            position < first
            and bylines.parse_byline(line, written := bylines.BylineDetails())
            and written.dates_with_is_update
        ):
            continue
        return position
    return first


def _is_masthead_line(line: str, *, has_title: bool) -> bool:
    """Return whether a line is a masthead: it has only outlets, sections or dates. `has_title`: a
    later line above the text looks like the title; if not, a line that may itself be the title is
    no masthead.
    """
    found = parse_masthead(line)
    return found is not None and (found.cannot_be_title or has_title)


def _find_last_title(lines: TextLines, positions: list[int]) -> int:
    """Return the last of the positions whose line may be the title, -1 for none."""
    for position in reversed(positions):
        line = lines[position]
        if (
            may_be_title(line)
            and not boilerplate.is_menu(line)
            and not bylines.parse_byline(line, bylines.BylineDetails())
        ):
            return position
    return -1


def _collect_mastheads(
    lines: TextLines, positions: list[int], details: bylines.BylineDetails
) -> set[int]:
    """Return the positions, among `positions`, of lines with only outlets, sections or dates, and
    add these outlets and dates to the details.
    """
    dropped_positions = set()
    for position in positions:
        if found := parse_masthead(lines[position]):
            details.publishers += found.publishers
            details.dates_with_is_update += [(day, False) for day in found.days]
            dropped_positions.add(position)
    return dropped_positions


def _collect_bylines(
    lines: TextLines,
    positions: list[int],
    title_position: int | None,
    details: bylines.BylineDetails,
) -> set[int]:
    """Return the positions, among `positions`, of menus, bylines and repeated titles, and add the
    authors, outlets and dates in these lines to the details. A byline that begins with a town and a
    date is left out: it belongs to the text.
    """
    dropped_positions = set()
    title = (
        boilerplate.normalize_phrase(lines[title_position]) if title_position is not None else ""
    )
    for position in positions:
        line = lines[position]
        if bylines.parse_byline(line, details):
            if not bylines.starts_with_town_and_date(line):
                dropped_positions.add(position)
        elif (
            boilerplate.is_menu(line)
            or boilerplate.is_menu_word(line)
            or boilerplate.normalize_phrase(line) == title
        ):
            bylines.parse_menu_outlet(boilerplate.split_by_separators(line), details)
            dropped_positions.add(position)
    return dropped_positions


class Masthead(NamedTuple):
    """A masthead: a line above a title with only outlets, sections or dates. `publishers`: the
    outlets; `days`: the dates; `cannot_be_title`: the line cannot be a title itself.
    """

    publishers: list[str]
    days: list[date]
    cannot_be_title: bool


def parse_masthead(line: str) -> Masthead | None:
    """Return the publishers and dates in a line of only outlets, sections or dates; None for any
    other line.

    Outlets are those in the word lists, domains, and names made of typical words.
    """
    if not line or len(line) > bylines.MAX_BYLINE_LENGTH:
        return None
    publishers, are_sure = [], []
    for part in boilerplate.split_by_separators(line):
        known = _find_known_outlet(part)
        cannot_be_title = bool(known) or _is_date_text(part)
        is_section = boilerplate.normalize_phrase(part) in boilerplate.load_phrases(
            "sections", *boilerplate.LABEL_LIST_NAMES
        )
        name = known or ("" if cannot_be_title or is_section else _guess_outlet(part))
        if not (cannot_be_title or is_section or name):
            return None
        publishers += [name] if name else []
        are_sure.append(cannot_be_title)
    days = [written.day for written in find_dates(line)]
    return Masthead(publishers, days, cannot_be_title=all(are_sure))


def may_be_title(line: str) -> bool:
    """Return whether a line below a masthead looks like a title."""
    is_long = len(line.split()) >= MIN_TITLE_WORDS
    return is_long and boilerplate.is_headline(line) and parse_masthead(line) is None


def _is_date_text(part: str) -> bool:
    """Return whether a part of a line is only a date or time; the year may be missing."""
    bare = bylines.TIME_PATTERN.sub(" ", part).strip(bylines.EDGE_PUNCTUATION)
    if not bare or NUMERIC_DATE_PATTERN.fullmatch(bare):
        return True
    words = boilerplate.normalize_phrase(bare).split()
    named = {word for word in words if is_month_name(word)}
    beside = {
        word for phrase in boilerplate.load_phrases("days", "years") for word in phrase.split()
    }
    numbers = set(words) - beside - named
    # A month or a weekday alone may be a title.
    return bool(named and numbers) and all(map(DATE_NUMBER_PATTERN.fullmatch, numbers))


def _find_known_outlet(part: str) -> str:
    """Return the outlet that a part of a line certainly names, "" for none. A domain, a name in
    quotation marks or after @, and a name from the word lists are certain.
    """
    words = part.strip(bylines.EDGE_PUNCTUATION)
    if found := URL_PATTERN.fullmatch(words):
        return found["host"]
    bare = boilerplate.normalize_phrase(words)
    is_short = len(bare.split()) <= MAX_OUTLET_NAME_WORDS
    if bare in boilerplate.load_phrases("publishers") or (
        is_short and boilerplate.starts_with_phrase("publishers", bare)
    ):
        return words
    # "Газета «Край»", not a title that quotes somebody: «Край молчит».
    is_told = QUOTED_PATTERN.sub("", words).strip(bylines.EDGE_PUNCTUATION) != ""
    quoted = bylines.find_outlet(words) if is_told and is_short else ""
    return quoted if quoted != words else ""


def _guess_outlet(part: str) -> str:
    """Return a part of a line if it looks like an outlet such as "The Karasu Herald", else ""."""
    words = part.strip(bylines.EDGE_PUNCTUATION)
    bare = boilerplate.normalize_phrase(words).removeprefix("the ").split()
    is_short = 1 < len(bare) <= MAX_OUTLET_NAME_WORDS
    is_one = is_short and not boilerplate.load_phrases("outlets").isdisjoint({bare[0], bare[-1]})
    # "Fake news" and "Radio silence" are titles.
    return (
        words
        if is_one and bylines.is_capitalized(UNCAPITALIZED_WORD_PATTERN.sub("", words))
        else ""
    )

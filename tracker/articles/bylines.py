"""Parse bylines, datelines and publication lines around a text: authors, outlets and dates."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from tracker.articles import boilerplate
from tracker.articles.written_dates import YearlessDate, find_dates, find_yearless_dates

# The longest line that can be a byline or contain publication details.
MAX_BYLINE_LENGTH = 160  # characters
# The length of the start of a paragraph that is searched for a dateline.
MAX_DATELINE_LENGTH = 110  # characters
# The most words of the name of an outlet.
MAX_OUTLET_WORDS = 4
# The possible numbers of words in the name of a person.
NAME_WORD_COUNTS = (2, 3, 4)
# A longer word in capitals is a name, not initials.
MAX_INITIALS_LENGTH = 2  # letters
# A time of day, with its time zone.
TIME_PATTERN = re.compile(
    r"(?:\b(?:в|at|сағат)\s+)?\b\d{1,2}[:.]\d{2}(?::\d{2})?\b(?:\s*[ap]\.?m\.?)?(?:\s*(?:UTC|GMT|MSK|мск|ET|EST|EDT)\b)?(?:\s*[+-]\d)?",
    re.IGNORECASE,
)
# A number of views or comments.
COUNTER_VALUE_PATTERN = re.compile(r"\(?\b\d[\d\s.,]*(?:[kкKК]|тыс\.?|мың|млн)?\b\)?")
# Emoji and other signs, which separate parts of a line.
EMOJI_PATTERN = re.compile(r"[^\w\s.,:;!?()\"'«»“”„’‘/|•·—–&@№#-]+")
# What separates the parts of a byline.
BYLINE_SEPARATOR_PATTERN = re.compile(
    r"\s*(?:[|•·;\t/]|(?<=\s)[»›→>](?=\s)|\s{2,}|\s[—–-]\s|,\s|\.\s(?=[^\W\d_]{2}|«|\"))\s*"
)
# What separates the names of several authors.
NAME_SEPARATOR_PATTERN = re.compile(r"(?:(?<!\s)\s+)?(?:,|&|\band\b|\bи\b|\bжәне\b)\s*")
# A part of a line with one name in quotation marks.
QUOTED_PATTERN = re.compile(r"^(?P<before>[^«\"“]*)[«\"“](?P<name>[^»\"”]+)[»\"”](?P<after>[^«]*)$")
IN_BRACKETS_PATTERN = re.compile(r"\([^)]{0,200}\)")
# The domain of an outlet, such as orda.kz.
DOMAIN_PATTERN = re.compile(r"^[\w-]+(?:\.[\w-]+)*\.(?:\w{2,5})$")
# A handle, such as @gazeta.
HANDLE_PATTERN = re.compile(r"^@(\w+)$")
# A word or an initial in the name of a person.
NAME_WORD_PATTERN = re.compile(r"^(?:[^\W\d_]\.|[^\W\d_]+(?:[-’'ʼ`][^\W\d_]+)*\.?)$")
# Words in the name of a person that may begin with a small letter.
NAME_PARTICLES = frozenset(
    [
        "de",
        "da",
        "la",
        "van",
        "von",
        "der",
        "al",
        "el",
        "bin",
        "ibn",
        "kyzy",
        "uulu",
        "кызы",
        "уулу",
        "оглы",
        "қызы",
        "ұлы",
        "qyzy",
        "uly",
    ]
)
# The number of a newspaper's issue.
ISSUE_NUMBER_PATTERN = re.compile(
    r"^(?:\w+\s)?(?:№|no\.?|#|issue|выпуск)\s*[\d/() ]+(?:\s*(?:от|of))?$|^от$", re.IGNORECASE
)
# A town and an agency or station in quotation marks at the start of a paragraph.
QUOTED_AGENCY_PATTERN = re.compile(r"^[^\W\d_]+\.\s[«“]([^»”]{3,40})[»”]\.\s")
# The agency in brackets or slashes after the date of a dateline: "(KZN) -".
AGENCY_PATTERN = re.compile(r"^[\s,.]*(?:\(([^()\d]{3,40})\)|/([^/\d]{3,40})/)\s*[-–—:]*")
# "АЛМАТЫ, 16 мая. Газета – …": the agency after the date, up to its dash.
NAMED_AGENCY_PATTERN = re.compile(r"[.,]\s((?:[^\W\d_][\w.-]*\s){1,3})[–—-]\s")
# The punctuation after the date of a dateline.
DATELINE_PUNCTUATION_PATTERN = re.compile(r"\.?\s*[.,(/–—:-]")
# The town after the date of a dateline.
TOWN_AFTER_DATE_PATTERN = re.compile(r",\s(?:г\.\s)?[^\W\d_a-zа-яё][^\W\d_-]+\s?[.–—-]\s")
# The most words of the name of a town.
MAX_TOWN_WORDS = 4
# The white space before a label (a word with a colon), such as "Author:".
SPACE_BEFORE_LABEL_PATTERN = re.compile(r"(?<!\s)\s+(?=[^\W\d_]+:\s)")
# The year or years in a copyright notice.
COPYRIGHT_YEARS_PATTERN = re.compile(r"\b(?:19|20)\d\d\b(?:\s*[-–—]\s*(?:(?:19|20)\d\d|\w+\b))?")
# Replaces a date in a line that is split into parts.
DATE_PLACEHOLDER = "\0"
# Spaces and punctuation that are removed at both ends of a part of a line.
EDGE_PUNCTUATION = " \t\u00a0.,:;|•·—–-/()[]"
# Separates the parts of a publication line; so does a full stop, but not after a short
# abbreviation.
PUBLICATION_SEPARATOR_PATTERN = re.compile(
    r"[|•·;\t()\[\]▪●]|(?<=\s)[/—–-](?=\s)|,(?=\s|$)|:(?=\s)|(?<=[^\W\d_]{3})\.(?=\s|$)"
    r"|(?<=[\0\d»”\"])\.(?=\s|$)|\s\s"
)
# A sign that separates the parts of a publication line, and that prose does not contain.
NON_PROSE_SIGN_PATTERN = re.compile(r"[|•·●▪]")
# The abbreviated word for a town before its name: "г. Алматы".
TOWN_ABBREVIATION_PATTERN = re.compile(r"^[гқ]\.\s*")
# A name that may be that of a town.
TOWN_PATTERN = re.compile(r"(?:[гқ]\.\s*)?[^\W\d_]+(?:[ -][^\W\d_]+){0,2}")
# The most letters of a preposition, such as "from", among the words that may stand beside a date. A
# longer word, such as "published", shows that a date of publication stands there.
MAX_PREPOSITION_LENGTH = 4
# The most words of a part of a publication line, and of a part without a capital letter; a clause
# of a sentence has more.
MAX_PART_WORDS, MAX_UNCAPITALIZED_WORDS = 7, 4


@dataclass
class BylineDetails:
    """The dates, authors and publishers found in lines around a text; `dates_with_is_update`:
    each date with whether it is the date of an update.
    """

    dates_with_is_update: list[tuple[date, bool]] = field(default_factory=list)
    # Dates without a year, as month and day.
    yearless_dates: list[tuple[int, int]] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    publishers: list[str] = field(default_factory=list)

    @property
    def published(self) -> str | None:
        """The first date that is no update, else the first date; "--05-16" without a year."""
        days = sorted(self.dates_with_is_update, key=lambda day: day[1])
        if days:
            return days[0][0].isoformat()
        return "--{:02}-{:02}".format(*self.yearless_dates[0]) if self.yearless_dates else None


def is_person_name(text: str) -> bool:
    """Return whether a text has the form of a person's name."""
    words = text.split()
    if len(words) not in NAME_WORD_COUNTS or set(
        boilerplate.normalize_phrase(text).split()
    ) & boilerplate.load_phrases("outlets", "roles", "buttons"):
        return False
    shaped = [
        word in NAME_PARTICLES or (NAME_WORD_PATTERN.match(word) and word[0].isupper())
        for word in words
    ]
    written_out = [word for word in words if len(word.rstrip(".")) > 1]
    return all(shaped) and bool(written_out) and words[0] not in NAME_PARTICLES


def find_names(text: str) -> list[str]:
    """Return the names of people in a list of authors, such as "Anna Roe and Bolat Doe"."""
    found = []
    for part in NAME_SEPARATOR_PATTERN.split(text):
        words = part.strip(EDGE_PUNCTUATION)
        if is_person_name(words):
            found.append(_normalize_name_case(words))
    return found


def parse_byline(line: str, details: BylineDetails) -> bool:
    """Return whether a line is only a byline (authors, outlet, date), and if so, add its authors,
    outlets and dates to the details.
    """
    if not line or len(line) > MAX_BYLINE_LENGTH:
        return False
    noted = BylineDetails()
    bare, has_day = _extract_dates(EMOJI_PATTERN.sub(" | ", line.strip(" ()")), noted)
    # Items once separated by spaces are adjacent now: "Views: 9 877 Author: A. Petrova".
    bare = SPACE_BEFORE_LABEL_PATTERN.sub(" | ", bare)
    signed = _parse_authors(bare, noted)
    others = [] if signed else _parse_parts(IN_BRACKETS_PATTERN.sub(" ", bare), noted)
    if others is None or not (has_day or signed or noted.authors or noted.publishers):
        return False
    # A sentence that merely names a day or an outlet: "The trial begins on 4 June 2025."
    is_sentence = boilerplate.ends_sentence(line) and not line.rstrip(".").endswith(("г", "ж", "m"))
    if is_sentence and not signed and not (has_day and not others):
        return False
    if others and not has_day and not noted.publishers and not noted.authors:
        return False
    _record_first_outlet(others, line, noted)
    details.dates_with_is_update += noted.dates_with_is_update
    details.authors += [name for name in noted.authors if name not in details.authors]
    details.publishers += noted.publishers
    return True


def parse_copyright(line: str, details: BylineDetails) -> None:
    """Add to the details the publisher in "© 2023–2025 Sayran Post. All rights reserved"."""
    _before, _sign, after = line.partition("©")
    name = COPYRIGHT_YEARS_PATTERN.sub(" ", after).strip(EDGE_PUNCTUATION)
    if quoted := re.search(r"[«“\"]([^»”\"]{1,200})[»”\"]", name):
        details.publishers.append(quoted[1])
    elif kept := re.split(r"[.;|,]\s|\s[—–]\s", name)[0].strip(EDGE_PUNCTUATION):
        details.publishers.append(kept)


def parse_menu_outlet(items: list[str], details: BylineDetails) -> None:
    """Add the outlet at the beginning of a menu to the details, unless the menu begins with a label
    such as "News". `items`: the parts of a line such as "Qala Media | Politics | City".
    """
    if len(items) > 1 and boilerplate.remove_numbers(
        boilerplate.normalize_phrase(items[0])
    ) not in boilerplate.load_phrases(*boilerplate.LABEL_LIST_NAMES):
        details.publishers.append(items[0])


def parse_dateline(paragraph: str, details: BylineDetails) -> None:
    """Add date and agency of a paragraph that begins "ASTANA, Feb 4, 2026 (KZN) -" to the details.

    Without a year, punctuation must surround the date: "АЛМАТЫ, 16 мая. Газета –".
    """
    head = paragraph[:MAX_DATELINE_LENGTH]
    if found := QUOTED_AGENCY_PATTERN.match(head):
        details.publishers.append(found[1])
    day = next(iter(find_dates(head)), None) or next(iter(find_yearless_dates(head)), None)
    if day is None:
        return
    before, after = head[: day.start], head[day.end - head[: day.end].endswith(".") :]
    words = before.strip(EDGE_PUNCTUATION)
    is_named = bool(words) and (is_capitalized(words) or bool(find_outlet(words)))
    is_first = is_named and before.rstrip().endswith((",", ".", "(", ")"))
    if isinstance(day, YearlessDate):
        is_prose = after.startswith(",") and not words.isupper()
        if (
            not (is_first and DATELINE_PUNCTUATION_PATTERN.match(after))
            or is_prose
            or _cannot_be_town(words)
        ):
            return
        details.yearless_dates.append((day.month, day.day))
    elif is_first or (not words and TOWN_AFTER_DATE_PATTERN.match(after)):
        details.dates_with_is_update.append((day.day, False))
    else:
        return
    if outlet := find_outlet(words):
        details.publishers.append(outlet)
    if found := AGENCY_PATTERN.match(
        TIME_PATTERN.sub("", after, count=1)
    ) or NAMED_AGENCY_PATTERN.match(after):
        details.publishers.append(next(filter(None, found.groups())).strip())


def _cannot_be_town(words: str) -> bool:
    """Return whether words cannot be the name of a town: they contain a weekday or the like ("On
    Thursday"), or are more than `MAX_TOWN_WORDS`.
    """
    bare = boilerplate.normalize_phrase(words).split()
    return len(bare) > MAX_TOWN_WORDS or not boilerplate.load_phrases("days").isdisjoint(bare)


def has_dateline(paragraph: str) -> bool:
    """Return whether a paragraph begins with a dateline: a town and a date."""
    said = BylineDetails()
    parse_dateline(paragraph, said)
    return bool(said.dates_with_is_update or said.yearless_dates)


def parse_publication_line(line: str, details: BylineDetails) -> bool:
    """Return whether a line is a publication line, such as "Gazeta, Almaty, 16 May 2025", and if
    so, add its contents to the details.
    """
    if not line or len(line) > MAX_BYLINE_LENGTH:
        return False
    bare = EMOJI_PATTERN.sub(" ", line)
    dated = find_dates(bare)
    marks = [(one.start, one.end) for one in dated or find_yearless_dates(bare)[:1]]
    if not marks:
        return False
    pieces = _split_publication_line(bare, marks)
    others = [one for one in pieces if DATE_PLACEHOLDER not in one]
    is_alone = bool(dated) and not others
    tells = bool(NON_PROSE_SIGN_PATTERN.search(bare)) or any(
        _is_publication_data(one.replace(DATE_PLACEHOLDER, " ").strip(EDGE_PUNCTUATION))
        for one in pieces
    )
    if not all(map(_may_accompany_date, pieces)) or not (is_alone or tells):
        return False
    details.publishers += [outlet for one in others if (outlet := find_outlet(one))][:1]
    if dated:
        _extract_dates(bare, details)
    else:
        details.yearless_dates += [(one.month, one.day) for one in find_yearless_dates(bare)[:1]]
    return True


def _split_publication_line(line: str, date_spans: list[tuple[int, int]]) -> list[str]:
    """Return the parts of a line between separators, each date replaced by `DATE_PLACEHOLDER`;
    `date_spans`: the start and end of each date.
    """
    parts, start = [], 0
    for first, last in date_spans:
        # The full stop of an abbreviated month may be the one after the date.
        parts += [line[start:first], DATE_PLACEHOLDER, ". " if line[last - 1] == "." else ""]
        start = last
    text = "".join([*parts, line[start:]])
    return [
        one
        for part in PUBLICATION_SEPARATOR_PATTERN.split(text)
        if (one := part.strip(EDGE_PUNCTUATION))
    ]


def _may_accompany_date(part: str) -> bool:
    """Return whether a part of a line may be the publication date, or be beside it."""
    if DATE_PLACEHOLDER in part:
        words = boilerplate.normalize_phrase(
            TIME_PATTERN.sub(" ", part.replace(DATE_PLACEHOLDER, " "))
        ).split()
        return set(words) <= _words_beside_dates()
    count = len(part.split())
    is_small = not (part[0].isupper() or part[0] in '«“"@№#' or part[0].isdigit())
    return count <= (MAX_UNCAPITALIZED_WORDS if is_small else MAX_PART_WORDS)


@cache
def _words_beside_dates() -> frozenset[str]:
    """Return the words that may stand beside a date: weekdays, prepositions, "published",
    "updated", words for "year" and the like, in all languages.
    """
    return frozenset(
        word for one in boilerplate.load_phrases("days", "years", "updated") for word in one.split()
    )


def _is_publication_data(part: str) -> bool:
    """Return whether a part of a line is publication data: label, time, outlet, author, issue."""
    bare = boilerplate.normalize_phrase(part)
    words = set(bare.split())
    return bool(
        boilerplate.remove_numbers(bare)
        in boilerplate.load_phrases(
            "sections", "publishers", "roles", "authors", *boilerplate.LABEL_LIST_NAMES
        )
        or words & (boilerplate.load_phrases("outlets") - boilerplate.load_phrases("years"))
        or (
            words <= _words_beside_dates()
            and any(len(one) > MAX_PREPOSITION_LENGTH for one in words)
        )
        or TIME_PATTERN.search(part)
        or find_outlet(part)
        or ISSUE_NUMBER_PATTERN.match(part)
        or COUNTER_VALUE_PATTERN.fullmatch(part)
        or is_person_name(part)
        or (
            TOWN_PATTERN.fullmatch(part) and is_capitalized(TOWN_ABBREVIATION_PATTERN.sub("", part))
        )
    )


def starts_with_town_and_date(line: str) -> bool:
    """Return whether a byline begins with a town before its date, as in "Ақтау, 14 тамыз 2025".

    Such a line is part of the text.
    """
    dates = find_dates(line)
    before = line[: dates[0].start] if dates else ""
    town = before.strip(EDGE_PUNCTUATION)
    return before.rstrip().endswith((",", ".")) and town.isalpha() and is_capitalized(town)


def is_capitalized(text: str) -> bool:
    """Return whether every word of a text begins with a capital letter."""
    return all(word[0].isupper() for word in text.split())


def _extract_dates(line: str, details: BylineDetails) -> tuple[str, bool]:
    """Return a line without its dates and times, and whether it had any date. Add the dates to the
    details.
    """
    kept, end, changed = [], 0, boilerplate.load_phrases("updated")
    for written in find_dates(line):
        before = line[end : written.start]
        words = boilerplate.normalize_phrase(TIME_PATTERN.sub("", before)).split()
        is_change = bool(words) and bool(set(words[-2:]) & changed)
        details.dates_with_is_update.append((written.day, is_change))
        kept.append(before)
        end = written.end
    bare = " | ".join([*kept, line[end:]])
    return TIME_PATTERN.sub(" | ", bare), bool(kept)


@cache
def _author_phrases() -> list[str]:
    """Return the phrases that introduce authors, longest first."""
    return sorted(boilerplate.load_phrases("authors"), key=len, reverse=True)


def _parse_authors(line: str, details: BylineDetails) -> bool:
    """Return whether a line begins like "By …", and if so, add the people named to the details."""
    words = boilerplate.normalize_phrase(line)
    for phrase in _author_phrases():
        if not words.startswith(phrase + " "):
            continue
        after = re.match(r"\W*" + r"\W+".join(map(re.escape, phrase.split())), line, re.IGNORECASE)
        rest = line[after.end() :] if after else ""
        if not rest or rest[0].isalnum():
            continue
        for sentence in re.split(r"[.;]\s(?=[^\W\d_]{3})", rest):
            first = re.split(r"\W", sentence.strip(EDGE_PUNCTUATION), maxsplit=1)[0]
            if boilerplate.normalize_phrase(first) in boilerplate.load_phrases("others"):
                break
            details.authors += _find_people(sentence, details)
            if details.authors or details.publishers:
                return True
        return is_capitalized(rest) and bool(
            set(boilerplate.normalize_phrase(rest).split()) & boilerplate.load_phrases("roles")
        )
    return False


def _find_people(text: str, details: BylineDetails) -> list[str]:
    """Return the people named in a text, and add the outlets in it to the details."""
    found = []
    for part in BYLINE_SEPARATOR_PATTERN.split(text):
        words = part.strip(EDGE_PUNCTUATION)
        if names := find_names(words):
            found += names
        elif outlet := find_outlet(words):
            details.publishers.append(outlet)
    return found


def _parse_parts(line: str, details: BylineDetails) -> list[str] | None:
    """Add the authors and outlets among the parts of a line to the details; return the parts that
    are not recognized, None if the line is prose.
    """
    others = []
    parts = [part for part in BYLINE_SEPARATOR_PATTERN.split(line) if part.strip(EDGE_PUNCTUATION)]
    for part in parts:
        words = part.strip(EDGE_PUNCTUATION)
        bare = boilerplate.remove_numbers(boilerplate.normalize_phrase(words))
        if (
            not bare
            or bare in boilerplate.load_phrases("days")
            or ISSUE_NUMBER_PATTERN.match(words)
            or bare
            in boilerplate.load_phrases(
                *boilerplate.LABEL_LIST_NAMES, "updated", "roles", "outlet_words"
            )
        ):
            continue
        if COUNTER_VALUE_PATTERN.fullmatch(words) or set(bare.split()) <= boilerplate.load_phrases(
            *boilerplate.LABEL_LIST_NAMES
        ):
            continue
        if bare.split()[0] in boilerplate.load_phrases("others"):
            continue
        if outlet := find_outlet(words):
            details.publishers.append(outlet)
        elif is_person_name(words):
            details.authors.append(_normalize_name_case(words))
        elif not _parse_authors(words, details):
            if not _may_be_town_or_outlet(words, is_first=part is parts[0]):
                return None
            others.append(words)
    return others


def _may_be_town_or_outlet(words: str, *, is_first: bool) -> bool:
    """Return whether a part of a line may be a town, a section or an unknown outlet; `is_first`:
    the line begins with it.
    """
    if len(words.split()) == 1 and is_first:
        return True
    known = set(boilerplate.normalize_phrase(words).split()) & boilerplate.load_phrases("places")
    return len(words.split()) <= MAX_OUTLET_WORDS and (is_capitalized(words) or bool(known))


def find_outlet(words: str) -> str:
    """Return the outlet that a part of a line names, "" for none."""
    words = words.removeprefix("the ")
    if found := QUOTED_PATTERN.match(words):
        around = boilerplate.normalize_phrase(found["before"] + " " + found["after"])
        known = boilerplate.load_phrases("outlet_words", "outlets")
        if around in known or set(around.split()) <= known:
            return found["name"].strip()
    if DOMAIN_PATTERN.match(words):
        return words
    if handle := HANDLE_PATTERN.match(words):
        return handle[1]
    is_short = len(words.split()) <= MAX_OUTLET_WORDS + 1
    is_shaped = is_capitalized(words) or (
        words[:1].isupper() and len(words.split()) < MAX_OUTLET_WORDS
    )
    is_one = (
        bool(words)
        and is_shaped
        and bool(
            set(boilerplate.normalize_phrase(words).split()) & boilerplate.load_phrases("outlets")
        )
    )
    return words if is_short and is_one else ""


def _record_first_outlet(unrecognized_parts: list[str], line: str, details: BylineDetails) -> None:
    """Add the first part of a line such as "Otyrar-news | Shymkent | 2025" as publisher to the
    details; `unrecognized_parts`: the parts that are not recognized.
    """
    if (
        not unrecognized_parts
        or details.publishers
        or not line.strip(EDGE_PUNCTUATION).startswith(unrecognized_parts[0])
    ):
        return
    words = set(boilerplate.normalize_phrase(unrecognized_parts[0]).split())
    if ("|" in line or "•" in line) and not words & boilerplate.load_phrases("places", "menu"):
        details.publishers.append(unrecognized_parts[0])


def _normalize_name_case(name: str) -> str:
    """Return a name with words in capitals, such as Қуат СЕЙТЖАНОВ, in normal case."""
    words = name.split()
    return " ".join(
        word.title() if word.isupper() and len(word) > MAX_INITIALS_LENGTH else word
        for word in words
    )

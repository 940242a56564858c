"""Extract an article from a PDF: paragraphs made of its lines, without running headers."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable
from io import BytesIO
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple
from unicodedata import normalize

from pypdf import PageObject, PdfReader, mult
from pypdf.errors import PdfReadError, PyPdfError

from tracker.articles.boilerplate import ends_sentence, normalize_phrase
from tracker.articles.bylines import find_names
from tracker.articles.extraction import (
    MAX_TITLE_LENGTH,
    ExtractionError,
    ExtractionReason,
    ParsedArticle,
)
from tracker.articles.pasted import parse_pasted_article
from tracker.articles.written_dates import find_dates, is_yearless

# Lines at the top and at the bottom of a page that may be running heads.
LINES_PER_PAGE_EDGE = 2
# A paragraph begins with a line whose distance from the line above is more than this times the
# usual distance of lines.
PARAGRAPH_SPACING_FACTOR = 1.25
# A paragraph begins where the font size changes by more than this share.
FONT_SIZE_CHANGE_SHARE = 0.08
# The indent of a paragraph and the largest one, as fractions of the font size; a short line, as a
# fraction of the length of the usual line.
INDENT_SHARE, MAX_INDENT_SHARE, SHORT_LINE_SHARE = 0.6, 4, 0.85
# Page numbers in running heads, which differ from page to page.
DIGITS_PATTERN = re.compile(r"\d+")
# A line with only a page number.
PAGE_NUMBER_PATTERN = re.compile(
    r"^\W*(?:(?:page|p\.|стр(?:аница|\.)?|с\.|бет)\s*)?\d{1,4}(?:\s*(?:/|of|из|-|–|\|)\s*\d{1,4})?(?:\s*-?\s*бет)?\W*$",
    re.IGNORECASE,
)
# A line with only the address of a printed page, perhaps with a page number.
URL_PATTERN = re.compile(r"^(?:https?|file)://\S+(?:\s+\d+\s*/\s*\d+)?$", re.IGNORECASE)
# The date and time that a browser prints before the title above every page.
PRINT_DATE_PATTERN = re.compile(r"^[\d/.]{6,10},?\s+\d{1,2}:\d{2}(?:\s*[AP]M)?\s+\S", re.IGNORECASE)
# Two words joined by a hyphen. Matches may overlap: "editor-in-chief" has two.
HYPHENATED_PAIR_PATTERN = re.compile(r"(?<!\w)(\w+)-(?=(\w+))")
# The beginning of a word that is divided at the end of a line.
HYPHEN_PATTERN = re.compile(r"(?<!\w)(\w+)[-\u00ad\u2010]$")
# Second parts of words that keep their hyphen wherever the line breaks.
HYPHENATED_SECOND_PARTS = frozenset(
    ["то", "либо", "нибудь", "таки", "за", "под", "ақ", "ау", "мыс"]
)
# First parts of words that keep their hyphen wherever the line breaks.
HYPHENATED_FIRST_PARTS = frozenset(
    ["по", "кое", "во", "в", "пресс", "вице", "экс", "онлайн", "интернет", "веб"]
)
# The bullet or number before an item of a list.
BULLET_PATTERN = re.compile(r"^(?:[•▪●■◦‣*]|\d{1,2}[.)])\s")
# The dash before direct speech or an item of a list.
DASH_PATTERN = re.compile(r"^[–—-]\s")
# The mark of a PDF, which is within its first kilobyte.
PDF_SIGNATURE, PDF_SIGNATURE_BYTES = b"%PDF-", 1024
# The least share of letters, 0 to 1, in the characters of a readable text. If a PDF does not say
# which letters its glyphs are, they become symbols.
MIN_READABLE_LETTER_SHARE = 0.5
# The fewest letters of a readable text.
MIN_READABLE_LETTERS = 20
# The font of a title is at least the first times the usual size, and in all its lines at least the
# second times the largest size.
MIN_TITLE_FONT_FACTOR, SAME_FONT_FACTOR = 1.15, 0.95
# Letters joined in one character, such as ﬁ.
LIGATURE_PATTERN = re.compile(r"[\ufb00-\ufb06]")
LETTER_PATTERN = re.compile(r"[^\W\d_]")
# Default titles that programs write.
DEFAULT_TITLE_PATTERN = re.compile(
    r"^(?:microsoft \w+ -|untitled|без имени|без названия|аты жоқ|презентация|print|about:blank|"
    r"(?:документ|document|құжат) ?\d*$|https?:|file:)"
    r"|\.(?:docx?|rtf|odt|indd|qxd|pdf|txt|html?|pages|cdr|p65)$",
    re.IGNORECASE,
)
# The day in the creation date of a PDF: year, month, day.
CREATION_DATE_PATTERN = re.compile(r"D:(\d{4})(\d{2})(\d{2})")


class PdfMetadata(NamedTuple):
    """The metadata in a PDF file, which may be wrong; `created` as in the file: "D:20250516…"."""

    title: str
    author: str
    created: str


def parse_pdf(content: bytes) -> ParsedArticle:
    """Return the article in a PDF; raise `ExtractionError` if it has no readable text."""
    if PDF_SIGNATURE not in content[:PDF_SIGNATURE_BYTES]:
        raise ExtractionError(ExtractionReason.BINARY)
    try:
        reader = _open_pdf(content)
        lines = [
            line for number, one in enumerate(reader.pages) for line in _extract_lines(one, number)
        ]
        described = _read_metadata(reader)
    except (ExtractionError, MemoryError):
        raise
    except Exception as error:
        # A hostile or damaged file makes pypdf fail in any way; only this child fails.
        raise ExtractionError(ExtractionReason.UNREADABLE) from error
    lines = remove_running_heads(lines)
    if not _is_readable_text("".join(line.text for line in lines)):
        raise ExtractionError(ExtractionReason.EMPTY)
    return _build_article(lines, described)


def _open_pdf(content: bytes) -> PdfReader:
    """Return a reader of a PDF; raise `ExtractionError` if it needs a password or is damaged."""
    reader = PdfReader(BytesIO(content))
    try:
        # Many are locked only against changes, with an empty password for reading.
        if reader.is_encrypted and not reader.decrypt(""):
            raise ExtractionError(ExtractionReason.ENCRYPTED)
    except (PyPdfError, NotImplementedError) as error:
        reason = (
            ExtractionReason.UNREADABLE
            if isinstance(error, PdfReadError)
            else ExtractionReason.ENCRYPTED
        )
        raise ExtractionError(reason) from error
    return reader


def _extract_lines(page: PageObject, number: int) -> list[Line]:
    """Return the printed lines of a page, numbered from 0, in the order of the file."""
    found: list[Line] = []
    parts: list[tuple[str, float, float, float]] = []

    def end_line() -> None:
        text = "".join(part[0] for part in parts).replace("\0", " ")
        text = " ".join(LIGATURE_PATTERN.sub(lambda one: normalize("NFKC", one[0]), text).split())
        if text:
            _text, left, height, size = next(part for part in parts if part[0].strip())
            found.append(Line(number, left, height, size, text))
        parts.clear()

    def visit(text: str, current: Any, matrix: Any, _font: Any, size: float) -> None:  # noqa: ANN401 (pypdf's own signature)
        placed = mult(matrix, current)
        scale = abs(placed[3]) or abs(placed[1]) or 1.0
        for place, piece in enumerate(text.split("\n")):
            if place:
                end_line()
            if piece:
                parts.append((piece, placed[4], placed[5], size * scale))

    page.extract_text(visitor_text=visit)
    end_line()
    return found


def _read_metadata(reader: PdfReader) -> PdfMetadata:
    """Return title, author and creation date in the metadata of a PDF, "" if unknown."""
    said: Any = reader.metadata or {}
    title, author, created = (
        str(said.get(key) or "") for key in ("/Title", "/Author", "/CreationDate")
    )
    return PdfMetadata(" ".join(title.split()), " ".join(author.split()), created)


def _is_readable_text(text: str) -> bool:
    """Return whether a text has enough letters to be readable."""
    letters = len(LETTER_PATTERN.findall(text))
    signs = len(re.sub(r"\s", "", text))
    return letters >= MIN_READABLE_LETTERS and letters >= MIN_READABLE_LETTER_SHARE * signs


def _build_article(lines: list[Line], metadata: PdfMetadata) -> ParsedArticle:
    """Return the article made of printed lines, with file metadata that the text confirms."""
    found = parse_pasted_article("\n".join(join_paragraphs(lines)))
    words = f" {normalize_phrase(found.text)} "
    days = {written.day.isoformat() for written in find_dates(found.text)}
    created = (
        "-".join(match.groups()) if (match := CREATION_DATE_PATTERN.match(metadata.created)) else ""
    )
    named = [name for name in find_names(metadata.author) if f" {normalize_phrase(name)} " in words]
    return ParsedArticle(
        title=_choose_title(lines, metadata, words) or found.title,
        authors=found.authors or named,
        publisher=found.publisher,
        published=_choose_publication_date(found.published, created if created in days else None),
        address="",
        declared_language="",
        text=found.text,
    )


def _choose_publication_date(found: str | None, created: str | None) -> str | None:
    """Return the publication date: `found` in the text if it has a year, else the day when the
    file was created, else `found`; None if both are unknown.
    """
    return (created or found) if is_yearless(found) else (found or created)


def _choose_title(lines: list[Line], metadata: PdfMetadata, normalized_text: str) -> str:
    """Return the title in the metadata if it is printed too, else the largest text on page one.
    `normalized_text`: the normalized text of the article, with a space at each end.
    """
    given = metadata.title
    if (
        given
        and not DEFAULT_TITLE_PATTERN.search(given)
        and f" {normalize_phrase(given)} " in normalized_text
    ):
        return given
    sizes = Counter[float]()
    for line in lines:
        sizes[round(line.font_size, 1)] += len(line.text)
    usual = sizes.most_common(1)[0][0]
    first = [line for line in lines if line.page == lines[0].page]
    largest = max(line.font_size for line in first)
    if largest < MIN_TITLE_FONT_FACTOR * usual:
        return ""
    title = " ".join(line.text for line in first if line.font_size >= SAME_FONT_FACTOR * largest)
    return title if len(title) <= MAX_TITLE_LENGTH else ""


class Line(NamedTuple):
    """A printed line of text. `page`: the number of the page, from 0; `left_distance`,
    `bottom_distance`: the distances of the line from the left and the lower edge of the page;
    `font_size`: the font size.
    """

    page: int
    left_distance: float
    bottom_distance: float
    font_size: float
    text: str


def remove_running_heads(lines: list[Line]) -> list[Line]:
    """Return the lines without page numbers and without headers and footers that pages repeat."""
    pages: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        pages[line.page].append(line)
    edges = {number: _edge_lines(page) for number, page in pages.items()}
    seen = Counter(
        shape for page in edges.values() for shape in {_normalize_line(line) for line in page}
    )
    return [
        line
        for line in lines
        if line not in edges[line.page] or not _is_running_head(line, seen, len(pages))
    ]


def join_paragraphs(lines: list[Line]) -> list[str]:
    """Return the paragraphs made of printed lines, with hyphenated words joined."""
    if not lines:
        return []
    usual = _LineStatistics(lines)
    text = " ".join(line.text.casefold() for line in lines)
    known = Counter(f"{one}-{other}" for one, other in HYPHENATED_PAIR_PATTERN.findall(text))
    found = [lines[0].text]
    for before, line, after in zip(lines, lines[1:], [*lines[2:], lines[-1]], strict=False):
        if usual.is_paragraph_break(before, line, after):
            found.append(line.text)
        else:
            found[-1] = _append_line(found[-1], line.text, known)
    return found


class _LineStatistics:
    """The usual spacing, indents and length of a document's lines."""

    def __init__(self, lines: list[Line]) -> None:
        steps: dict[float, list[float]] = defaultdict(list)
        for before, line in pairwise(lines):
            if _is_below(before, line):
                steps[round(line.font_size, 1)].append(
                    before.bottom_distance - line.bottom_distance
                )
        # Most lines continue a paragraph; the smaller half of the steps is within paragraphs.
        self.step = {
            size: median(sorted(some)[: len(some) // 2 + 1]) for size, some in steps.items()
        }
        self.lefts: dict[int, list[float]] = defaultdict(list)
        for page, left in sorted({(line.page, line.left_distance) for line in lines}):
            self.lefts[page].append(left)
        self.length = median(sorted(len(line.text) for line in lines)[len(lines) // 2 :])

    def is_paragraph_break(self, before: Line, line: Line, after: Line) -> bool:
        """Return whether a paragraph ends between the lines `before` and `line`. `after`: the line
        that follows `line`, or `line` itself if it is the last.
        """
        if abs(
            before.font_size - line.font_size
        ) > FONT_SIZE_CHANGE_SHARE * before.font_size or BULLET_PATTERN.match(line.text):
            return True
        ended = ends_sentence(before.text)
        short = len(before.text) < SHORT_LINE_SHARE * self.length
        if DASH_PATTERN.match(line.text) and (ended or short):
            return True
        if not _is_below(before, line):
            # The next column or page: a paragraph continues unless its last line was short.
            return ended and (
                short or self._is_indented(before, line, after, is_before_short=False)
            )
        if before.bottom_distance - line.bottom_distance > PARAGRAPH_SPACING_FACTOR * self.step.get(
            round(line.font_size, 1), line.font_size
        ):
            return True
        return (ended and short) or self._is_indented(before, line, after, is_before_short=short)

    def _is_indented(self, before: Line, line: Line, after: Line, *, is_before_short: bool) -> bool:
        """Return whether the indent of `line` shows that a paragraph begins with it. `before`,
        `after`: the lines before and after it; `is_before_short`: the line before is short.
        """
        indent = INDENT_SHARE * line.font_size
        lefts = self.lefts[line.page]
        margin = lefts[bisect_left(lefts, line.left_distance - MAX_INDENT_SHARE * line.font_size)]
        if line.left_distance - margin <= indent:
            return False
        is_first = _is_below(line, after) and line.left_distance - after.left_distance > indent
        return line.left_distance - before.left_distance > indent or is_first or is_before_short


def _is_below(before: Line, line: Line) -> bool:
    """Return whether a line is below another on the same page."""
    return before.page == line.page and before.bottom_distance > line.bottom_distance


def _edge_lines(page: Iterable[Line]) -> set[Line]:
    """Return the lines at the top and bottom of a page, which may be running heads."""
    heights = sorted({line.bottom_distance for line in page})
    edges = {*heights[:LINES_PER_PAGE_EDGE], *heights[-LINES_PER_PAGE_EDGE:]}
    return {line for line in page if line.bottom_distance in edges}


def _normalize_line(line: Line) -> str:
    """Return the text of a line for comparison: in lower case, each number as 0."""
    return DIGITS_PATTERN.sub("0", line.text.casefold())


def _is_running_head(line: Line, counts: Counter[str], page_count: int) -> bool:
    """Return whether a line is a page number, header or footer; `counts`: the pages that have each
    normalized line at their edges, `page_count`: all pages.
    """
    if PAGE_NUMBER_PATTERN.match(line.text) or URL_PATTERN.match(line.text):
        return True
    # A browser prints the time and the title above every page.
    if PRINT_DATE_PATTERN.match(line.text) and not find_dates(line.text):
        return True
    return (
        page_count > 1
        and counts[_normalize_line(line)] > 1
        and 2 * counts[_normalize_line(line)] >= page_count
    )


def _append_line(text: str, line: str, hyphenated_word_counts: Counter[str]) -> str:
    """Return the paragraph `text` with a further line, and join a word that was divided at the end
    of the line before. `hyphenated_word_counts`: how often the document has each hyphenated word,
    in lower case.
    """
    divided = HYPHEN_PATTERN.search(text)
    if not divided or not line[:1].islower():
        return f"{text} {line}"
    first = divided[1].casefold()
    second = re.match(r"\w*", line.casefold())
    word = second[0] if second else ""
    is_hyphen = not text.endswith("\u00ad") and (
        hyphenated_word_counts[f"{first}-{word}"]
        or word in HYPHENATED_SECOND_PARTS
        or first in HYPHENATED_FIRST_PARTS
    )
    return (text if is_hyphen else text[:-1]) + line

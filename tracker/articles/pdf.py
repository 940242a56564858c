"""The text of a PDF: its lines put together into paragraphs, without the heads of its pages."""

from __future__ import annotations

import re
from collections import Counter
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import normalize

from pypdf import PdfReader, mult
from pypdf.errors import PdfReadError, PyPdfError

from tracker.articles.extraction import ExtractionError, ExtractionReason
from tracker.articles.page import Page
from tracker.articles.pasted import read_pasted
from tracker.articles.pdf_paragraphs import Line, joined, without_running_heads
from tracker.articles.signatures import names_in
from tracker.articles.words_around import plain
from tracker.articles.written_dates import is_yearless, written_dates

if TYPE_CHECKING:
    from pypdf import PageObject

# The mark of a PDF stands within its first kilobyte.
MARK, MARK_WITHIN = b"%PDF-", 1024
# Glyphs that the file does not name come out as signs; a text is letters for the most part.
LETTERS_SHARE = 0.5
FEWEST_LETTERS = 20
LARGER, AS_LARGE = 1.15, 0.95
LONGEST_TITLE = 300
LIGATURE = re.compile(r"[\ufb00-\ufb06]")
LETTER = re.compile(r"[^\W\d_]")
# What programs write where nobody gave a title.
NO_TITLE = re.compile(
    r"^(?:microsoft \w+ -|untitled|без имени|без названия|аты жоқ|презентация|print|about:blank|"
    r"(?:документ|document|құжат) ?\d*$|https?:|file:)"
    r"|\.(?:docx?|rtf|odt|indd|qxd|pdf|txt|html?|pages|cdr|p65)$",
    re.IGNORECASE,
)
CREATED = re.compile(r"D:(\d{4})(\d{2})(\d{2})")


class Described(NamedTuple):
    """What the file says about itself; programs fill it in as they like."""

    title: str
    author: str
    created: str


def read_pdf(content: bytes) -> Page:
    """Return the article in a PDF; raises `ExtractionError`."""
    if MARK not in content[:MARK_WITHIN]:
        raise ExtractionError(ExtractionReason.BINARY)
    try:
        reader = _opened(content)
        lines = [line for number, one in enumerate(reader.pages) for line in _lines(one, number)]
        described = _described(reader)
    except (ExtractionError, MemoryError):
        raise
    except Exception as error:
        # A hostile or damaged file makes pypdf fail in any way; what fails is only this child.
        raise ExtractionError(ExtractionReason.UNREADABLE) from error
    lines = without_running_heads(lines)
    if not _is_text("".join(line.text for line in lines)):
        raise ExtractionError(ExtractionReason.EMPTY)
    return _page(lines, described)


def _opened(content: bytes) -> PdfReader:
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


def _lines(page: PageObject, number: int) -> list[Line]:
    """Return the lines of a page in the order in which the file writes them."""
    found: list[Line] = []
    parts: list[tuple[str, float, float, float]] = []

    def end_line() -> None:
        text = "".join(part[0] for part in parts).replace("\0", " ")
        text = " ".join(LIGATURE.sub(lambda one: normalize("NFKC", one[0]), text).split())
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


def _described(reader: PdfReader) -> Described:
    said: Any = reader.metadata or {}
    title, author, created = (
        str(said.get(key) or "") for key in ("/Title", "/Author", "/CreationDate")
    )
    return Described(" ".join(title.split()), " ".join(author.split()), created)


def _is_text(text: str) -> bool:
    letters = len(LETTER.findall(text))
    signs = len(re.sub(r"\s", "", text))
    return letters >= FEWEST_LETTERS and letters >= LETTERS_SHARE * signs


def _page(lines: list[Line], described: Described) -> Page:
    """Return the article, with the file's own description only where the text bears it out."""
    found = read_pasted("\n".join(joined(lines)))
    words = f" {plain(found.text)} "
    days = {written.day.isoformat() for written in written_dates(found.text)}
    created = "-".join(match.groups()) if (match := CREATED.match(described.created)) else ""
    named = [name for name in names_in(described.author) if f" {plain(name)} " in words]
    return Page(
        title=_title(lines, described, words) or found.title,
        authors=found.authors or named,
        publisher=found.publisher,
        published=_published(found.published, created if created in days else None),
        address="",
        declared_language="",
        text=found.text,
    )


def _published(found: str | None, created: str | None) -> str | None:
    """Return the day that the text tells; the file's own goes before one without a year."""
    return (created or found) if is_yearless(found) else (found or created)


def _title(lines: list[Line], described: Described, words: str) -> str:
    """Return the title that the file gives and prints, or else what is printed largest at first."""
    given = described.title
    if given and not NO_TITLE.search(given) and f" {plain(given)} " in words:
        return given
    sizes = Counter[float]()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    usual = sizes.most_common(1)[0][0]
    first = [line for line in lines if line.page == lines[0].page]
    largest = max(line.size for line in first)
    if largest < LARGER * usual:
        return ""
    title = " ".join(line.text for line in first if line.size >= AS_LARGE * largest)
    return title if len(title) <= LONGEST_TITLE else ""

"""Extraction in the child process: bytes in, one JSON object out."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from tracker.articles.codes import Language
from tracker.articles.extraction import (
    PASTED_MEDIA_TYPE,
    ArticlePage,
    ExtractionError,
    ExtractionReason,
)
from tracker.articles.language import SHORT_TEXT, detect_language
from tracker.articles.pasted import read_pasted
from tracker.articles.pdf import read_pdf
from tracker.articles.saved_page import read_page
from tracker.parsing import MEGABYTE

# Twice the usual size of a page; for three megabytes of markup extraction takes ten seconds.
LARGEST_PAGE = 2 * MEGABYTE
LARGEST_TEXT = 3 * MEGABYTE
LONGEST_TITLE = 300  # characters
LONGEST_NAME = 100  # characters
MOST_AUTHORS = 20

# Images and fonts that a browser saved inside the page.
EMBEDDED_DATA_PATTERN = re.compile(rb"data:[\w/+.;=-]{0,100};base64,[A-Za-z0-9+/=%]*")
CHARSET_PATTERN = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE
)
HEAD_BYTES = 4096
HTML_MEDIA_TYPE = "text/html"
UTF_16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# PDF, ZIP (docx), old Office, RTF, PNG, JPEG, GIF, RIFF, gzip, 7z, RAR, programs.
BINARY_SIGNATURES = (
    b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8",
    b"RIFF", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\x7fELF", b"MZ\x90",
)  # fmt: skip
CONTROL_BYTES = bytes(set(range(0x20)) - set(b"\t\n\r\f\x1a\x1b")) + b"\x7f"
LARGEST_CONTROL_SHARE = 0.002
CONTROL_CHARACTER_PATTERN = re.compile(
    r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff]"
)
CYRILLIC_PATTERN = re.compile(r"[\u0400-\u04ff]")
LATIN_PATTERN = re.compile(r"[A-Za-z]")


def extract(content: bytes, media_type: str) -> ArticlePage:
    """Return the article in the file; raises `ExtractionError`."""
    page = _read(content, media_type)
    # After cleaning: a text of control characters only is empty.
    if page is None or not _clean(page["text"]):
        raise ExtractionError(ExtractionReason.EMPTY)
    return page


def _read(content: bytes, media_type: str) -> ArticlePage | None:
    """Read a file of the given media type."""
    if not content.strip():
        raise ExtractionError(ExtractionReason.EMPTY)
    if media_type == HTML_MEDIA_TYPE:
        return read_page(_decode_text(content, is_page=True))
    if media_type == "application/pdf":
        return read_pdf(content)
    if media_type == PASTED_MEDIA_TYPE:
        return _read_text(content.decode())
    if media_type == "text/plain":
        return _read_text(_decode_text(content, is_page=False))
    raise ExtractionError(ExtractionReason.UNREADABLE)


def _decode_text(content: bytes, *, is_page: bool) -> str:
    if is_page:
        content = EMBEDDED_DATA_PATTERN.sub(b"", content)
    if len(content) > (LARGEST_PAGE if is_page else LARGEST_TEXT):
        raise ExtractionError(ExtractionReason.TOO_LARGE)
    if is_binary(content):
        raise ExtractionError(ExtractionReason.BINARY)
    text = decode(content, declared=_declared_charset(content) if is_page else None)
    if not text.strip():
        raise ExtractionError(ExtractionReason.EMPTY)
    return text


def is_binary(content: bytes) -> bool:
    """Return whether these bytes are no text in any encoding that we read."""
    if content.startswith(UTF_16_BOMS):
        return False
    if content.startswith(BINARY_SIGNATURES) or b"\0" in content:
        return True
    controls = len(content) - len(content.translate(None, CONTROL_BYTES))
    return controls > LARGEST_CONTROL_SHARE * len(content)


def decode(content: bytes, *, declared: str | None = None) -> str:
    """Return the text: Unicode if marked or valid, else as declared, else in an 8-bit encoding.

    Raises `ExtractionError` when it is none of these.
    """
    encodings = ["utf-16"] if content.startswith(UTF_16_BOMS) else ["utf-8-sig"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    if declared:
        return content.decode(declared, errors="replace")
    for encoding in ("cp1251", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        # é and й are the same byte: the letters around it decide.
        if (
            encoding == "cp1252"
            or len(CYRILLIC_PATTERN.findall(text)) > len(LATIN_PATTERN.findall(text)) / 3
        ):
            return text
    raise ExtractionError(ExtractionReason.UNREADABLE)


def _declared_charset(content: bytes) -> str | None:
    match = CHARSET_PATTERN.search(content, 0, HEAD_BYTES)
    try:
        return codecs.lookup(match[1].decode("ascii")).name if match else None
    except LookupError:
        return None


def _read_text(text: str) -> ArticlePage:
    """Return the article in a pasted or saved text."""
    found = read_pasted(text)
    return ArticlePage(
        title=found.title,
        authors=found.authors,
        publisher=found.publisher,
        published=found.published,
        address="",
        declared_language="",
        text=found.text,
    )


def _language(page: ArticlePage) -> Language:
    """Return the detected language of the text; for a short one, the declared language."""
    if len(page["text"]) > SHORT_TEXT or page["declared_language"] not in set(Language):
        return detect_language(page["text"])
    return Language(page["declared_language"])


def _clean(text: str) -> str:
    """Return text in NFC without control characters."""
    return CONTROL_CHARACTER_PATTERN.sub("", unicodedata.normalize("NFC", text)).strip()


def extract_as_json(content: bytes, media_type: str) -> dict[str, object]:
    """Return the JSON object to print: the article, or an error code."""
    try:
        page = extract(content, media_type)
    except ExtractionError as error:
        return {"error": error.reason.value}
    except MemoryError:
        return {"error": ExtractionReason.TOO_LARGE.value}
    return {
        "title": _clean(page["title"])[:LONGEST_TITLE],
        "authors": [_clean(name)[:LONGEST_NAME] for name in page["authors"]][:MOST_AUTHORS],
        "publisher": _clean(page["publisher"])[:LONGEST_NAME],
        "published": page["published"],
        "address": _clean(page["address"]),
        "language": _language(page).value,
        "text": _clean(page["text"]),
    }


def run_job(content: bytes, options: dict[str, Any]) -> Iterator[dict[str, object]]:
    """Run an extraction job in the parser process."""
    yield extract_as_json(content, options["media_type"])


def preload() -> None:
    """Load what the libraries would otherwise load with the first page."""
    extract_as_json(
        b"<h1>A title of some length</h1>" + b"<p>Words of an article, and no more.</p>" * 9,
        HTML_MEDIA_TYPE,
    )

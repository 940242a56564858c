"""Extract an article from bytes, in the child process that parses files."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from tracker.articles.codes import Language
from tracker.articles.extraction import (
    MAX_TITLE_LENGTH,
    PASTED_MEDIA_TYPE,
    ExtractionError,
    ExtractionReason,
    ParsedArticle,
)
from tracker.articles.language import MAX_SHORT_TEXT_LENGTH, detect_language
from tracker.articles.pasted import parse_pasted_article
from tracker.articles.pdf import parse_pdf
from tracker.articles.saved_page import parse_saved_page
from tracker.parsing import MEGABYTE

# The most bytes of a saved page without its images. Usual pages have half as many; three megabytes
# of markup would take ten seconds.
MAX_PAGE_BYTES = 2 * MEGABYTE
# The most bytes of a plain text file.
MAX_TEXT_BYTES = 3 * MEGABYTE
# The longest name of an author or publisher that is kept.
MAX_NAME_LENGTH = 100  # characters
MAX_AUTHORS = 20

# Images and fonts that a browser saved inside the page.
EMBEDDED_DATA_PATTERN = re.compile(rb"data:[\w/+.;=-]{0,100};base64,[A-Za-z0-9+/=%]*")
# Where a page declares its own encoding.
CHARSET_PATTERN = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE
)
# The bytes at the start of a page that are searched for the declaration of its encoding.
CHARSET_SEARCH_BYTES = 4096
HTML_MEDIA_TYPE = "text/html"
# The byte-order marks at the start of a text in UTF-16.
UTF_16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# First bytes of files that are no text: PDF, ZIP (docx), old Office, RTF, PNG, JPEG, GIF, RIFF,
# gzip, 7z, RAR, programs.
BINARY_SIGNATURES = (
    b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8",
    b"RIFF", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\x7fELF", b"MZ\x90",
)  # fmt: skip
# Control characters that are rare in a text.
CONTROL_BYTES = bytes(set(range(0x20)) - set(b"\t\n\r\f\x1a\x1b")) + b"\x7f"
# The greatest share of CONTROL_BYTES in all bytes of a text, 0 to 1.
MAX_CONTROL_SHARE = 0.002
# Characters that are removed from every extracted text.
CONTROL_CHARACTER_PATTERN = re.compile(
    r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff]"
)
CYRILLIC_PATTERN = re.compile(r"[\u0400-\u04ff]")
LATIN_PATTERN = re.compile(r"[A-Za-z]")


def extract_article(content: bytes, media_type: str) -> ParsedArticle:
    """Return the article in a file; raise `ExtractionError` if it contains no text."""
    page = _read_by_media_type(content, media_type)
    # After cleaning: a text of control characters only is empty.
    if page is None or not _clean_text(page["text"]):
        raise ExtractionError(ExtractionReason.EMPTY)
    return page


def _read_by_media_type(content: bytes, media_type: str) -> ParsedArticle | None:
    """Return the article in a file of the given media type, None if an HTML page has none."""
    if not content.strip():
        raise ExtractionError(ExtractionReason.EMPTY)
    if media_type == HTML_MEDIA_TYPE:
        return parse_saved_page(_decode_checked_text(content, is_page=True))
    if media_type == "application/pdf":
        return parse_pdf(content)
    if media_type == PASTED_MEDIA_TYPE:
        return _parse_text(content.decode())
    if media_type == "text/plain":
        return _parse_text(_decode_checked_text(content, is_page=False))
    raise ExtractionError(ExtractionReason.UNREADABLE)


def _decode_checked_text(content: bytes, *, is_page: bool) -> str:
    """Return bytes as text; raise `ExtractionError` if they are binary, too many or blank.
    `is_page`: they are a saved page, not a plain text.
    """
    if is_page:
        content = EMBEDDED_DATA_PATTERN.sub(b"", content)
    if len(content) > (MAX_PAGE_BYTES if is_page else MAX_TEXT_BYTES):
        raise ExtractionError(ExtractionReason.TOO_LARGE)
    if is_binary(content):
        raise ExtractionError(ExtractionReason.BINARY)
    text = decode_text(content, declared=_declared_charset(content) if is_page else None)
    if not text.strip():
        raise ExtractionError(ExtractionReason.EMPTY)
    return text


def is_binary(content: bytes) -> bool:
    """Return whether bytes are not text in any supported encoding."""
    if content.startswith(UTF_16_BOMS):
        return False
    if content.startswith(BINARY_SIGNATURES) or b"\0" in content:
        return True
    controls = len(content) - len(content.translate(None, CONTROL_BYTES))
    return controls > MAX_CONTROL_SHARE * len(content)


def decode_text(content: bytes, *, declared: str | None = None) -> str:
    """Return bytes decoded as UTF-8 or UTF-16, else in the encoding `declared`, else in an 8-bit
    one.

    Raises `ExtractionError` if no encoding fits.
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
    """Return Python's name of the encoding that a page declares, None if it has none."""
    match = CHARSET_PATTERN.search(content, 0, CHARSET_SEARCH_BYTES)
    try:
        return codecs.lookup(match[1].decode("ascii")).name if match else None
    except LookupError:
        return None


def _parse_text(text: str) -> ParsedArticle:
    """Return the article in a plain text."""
    found = parse_pasted_article(text)
    return ParsedArticle(
        title=found.title,
        authors=found.authors,
        publisher=found.publisher,
        published=found.published,
        address="",
        declared_language="",
        text=found.text,
    )


def _choose_language(article: ParsedArticle) -> Language:
    """Return the detected language of an article, for a short text the declared one if known."""
    text, declared = article["text"], article["declared_language"]
    if len(text) > MAX_SHORT_TEXT_LENGTH or declared not in set(Language):
        return detect_language(text)
    return Language(declared)


def _clean_text(text: str) -> str:
    """Return a text in NFC without control characters and surrounding white space."""
    return CONTROL_CHARACTER_PATTERN.sub("", unicodedata.normalize("NFC", text)).strip()


def extract_as_json(content: bytes, media_type: str) -> dict[str, object]:
    """Return a JSON object with the article, or with an `ExtractionReason` as `error`."""
    try:
        page = extract_article(content, media_type)
    except ExtractionError as error:
        return {"error": error.reason.value}
    except MemoryError:
        return {"error": ExtractionReason.TOO_LARGE.value}
    return {
        "title": _clean_text(page["title"])[:MAX_TITLE_LENGTH],
        "authors": [_clean_text(name)[:MAX_NAME_LENGTH] for name in page["authors"]][:MAX_AUTHORS],
        "publisher": _clean_text(page["publisher"])[:MAX_NAME_LENGTH],
        "published": page["published"],
        "address": _clean_text(page["address"]),
        "language": _choose_language(page).value,
        "text": _clean_text(page["text"]),
    }


def run_job(content: bytes, options: dict[str, Any]) -> Iterator[dict[str, object]]:
    """Extract the article from the content of a parsing job; yield a JSON object with the article
    or the error. `options`: the options of the job, with the `media_type` of the content.
    """
    yield extract_as_json(content, options["media_type"])


def preload_libraries() -> None:
    """Extract a small page, so that libraries load their data before the first job."""
    extract_as_json(
        b"<h1>A title of some length</h1>" + b"<p>Words of an article, and no more.</p>" * 9,
        HTML_MEDIA_TYPE,
    )

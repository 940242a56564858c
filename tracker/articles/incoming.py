"""What came in, pasted or in a file: its bytes, its text, and what these say about themselves."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.articles.codes import Language
from tracker.articles.extraction import LARGEST_FILE, ExtractionError, extract_in_child
from tracker.articles.language import detect
from tracker.articles.words import file_refused
from tracker.errors import InvalidInput
from tracker.i18n import _

if TYPE_CHECKING:
    from datetime import date

# Characters of an article's text; a book has fewer.
LONGEST_TEXT = 1_000_000
LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Bytes as they came and the text in them; what they do not say of themselves is empty."""

    content: bytes = b""
    media_type: str = ""
    text: str = ""
    title: str = ""
    authors: str = ""
    publisher: str = ""
    published: date | None = None
    language: Language = Language.OTHER

    @property
    def sha256(self) -> str:
        """Return the digest of the bytes, "" where nothing came in."""
        return hashlib.sha256(self.content).hexdigest() if self.content else ""


NOTHING = Incoming()


def read_paste(text: str) -> Incoming:
    """Return a pasted text; a short first line above others is its title."""
    kept = text.strip()
    if not kept:
        return NOTHING
    first, _line_end, rest = kept.partition("\n")
    return Incoming(
        content=text.encode(),
        media_type="text/plain",
        text=kept,
        title=first.strip() if rest and len(first) <= LONGEST_TITLE else "",
        language=detect(kept),
    )


def read_file(content: bytes, name: str) -> Incoming:
    """Return the article in a .txt or .html file; raise InvalidInput at `file` otherwise."""
    media_type = media_type_of(name)
    if media_type is None:
        raise InvalidInput(file=_("Only .txt and .html files can be read; paste anything else."))
    if len(content) > LARGEST_FILE:
        raise InvalidInput(file=_("At most 10 MB."))
    try:
        found = extract_in_child(content, media_type)
    except ExtractionError as error:
        raise InvalidInput(file=file_refused(error)) from error
    if len(found.text) > LONGEST_TEXT:
        raise InvalidInput(file=_("At most %(n)d characters of text.", n=LONGEST_TEXT))
    return Incoming(
        content=content,
        media_type=media_type,
        text=found.text,
        title=found.title,
        authors=", ".join(found.authors),
        publisher=found.publisher,
        published=found.published,
        language=found.language,
    )


def media_type_of(name: str) -> str | None:
    """Return as what a file of this name is read, None where we do not read its kind."""
    ending = name.lower().rpartition(".")[2]
    return {"txt": "text/plain", "html": "text/html", "htm": "text/html"}.get(ending)

"""Read a pasted text or a file: bytes, text and metadata; messages for rejected input."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date

from tracker import clock
from tracker.articles import extraction
from tracker.articles.boilerplate import LONGEST_HEADLINE
from tracker.articles.codes import Language
from tracker.articles.language import detect_language
from tracker.articles.pasted import read_pasted
from tracker.articles.sentences import QuoteError, QuoteReason
from tracker.articles.written_dates import day_published
from tracker.characters import remove_invisible_characters
from tracker.errors import InvalidInput
from tracker.i18n import _

MEDIA_TYPES = {
    "txt": "text/plain",
    "html": "text/html",
    "htm": "text/html",
    "pdf": "application/pdf",
}
# Characters of an article's text; a book has fewer.
LONGEST_TEXT = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """The bytes as received, their text and metadata; unknown values are empty."""

    content: bytes = b""
    media_type: str = ""
    text: str = ""
    title: str = ""
    authors: str = ""
    publisher: str = ""
    published: date | None = None
    # The article gives its date without the year.
    is_year_assumed: bool = False
    # Its address, as declared by a saved page.
    address: str = ""
    language: Language = Language.OTHER

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the bytes, "" without any."""
        return hashlib.sha256(self.content).hexdigest() if self.content else ""


NO_CONTENT = Incoming()


def read_paste(text: str) -> Incoming:
    """Return the article in a trusted pasted text, read in this process."""
    if not text.strip():
        return NO_CONTENT
    found = read_pasted(text)
    published, is_assumed = day_published(found.published, found.text, today=clock.current_date())
    return Incoming(
        content=text.encode(),
        media_type="text/plain",
        text=found.text,
        title=remove_invisible_characters(found.title),
        authors=remove_invisible_characters(", ".join(found.authors)),
        publisher=remove_invisible_characters(found.publisher),
        published=published,
        is_year_assumed=is_assumed,
        language=detect_language(found.text),
    )


def read_paste_in_child(text: str) -> Incoming:
    """Return the article in a pasted text without boilerplate; the bytes are as pasted.

    Raises InvalidInput at `text` if that takes too long, or the server is too busy.
    """
    if not text.strip():
        return NO_CONTENT
    content = text.encode()
    try:
        found = extraction.extract_in_child(content, extraction.PASTED_MEDIA_TYPE)
    except extraction.ExtractionError as error:
        if error.reason is extraction.ExtractionReason.EMPTY:
            return Incoming(content=content, media_type="text/plain")
        raise InvalidInput(text=paste_error_message(error)) from error
    return _incoming(found, content, "text/plain")


def read_file(content: bytes, name: str) -> Incoming:
    """Return the article in a .txt, .html or .pdf file; raise InvalidInput at `file` otherwise."""
    media_type = media_type_of(name)
    if media_type is None:
        raise InvalidInput(file=file_type_error_message())
    if len(content) > extraction.LARGEST_FILE:
        raise InvalidInput(file=_("At most 10 MB."))
    try:
        found = extraction.extract_in_child(content, media_type)
    except extraction.ExtractionError as error:
        raise InvalidInput(file=file_error_message(error)) from error
    if len(found.text) > LONGEST_TEXT:
        raise InvalidInput(file=_("At most %(n)d characters of text.", n=LONGEST_TEXT))
    return _incoming(found, content, media_type)


def _incoming(found: extraction.ExtractedArticle, content: bytes, media_type: str) -> Incoming:
    published, is_assumed = found.day_published(clock.current_date())
    return Incoming(
        content=content,
        media_type=media_type,
        text=found.text,
        title=remove_invisible_characters(found.title),
        authors=remove_invisible_characters(", ".join(found.authors)),
        publisher=remove_invisible_characters(found.publisher),
        published=published,
        is_year_assumed=is_assumed,
        address=found.address,
        language=found.language,
    )


def with_publisher(incoming: Incoming, publisher: str) -> Incoming:
    """Return an article whose first line is its publisher: the next line is its title."""
    first, _end, rest = incoming.text.partition("\n")
    text = rest.strip()
    if not text or remove_invisible_characters(first) != incoming.title:
        return incoming
    line = remove_invisible_characters(text.partition("\n")[0])
    title = line if len(line) <= LONGEST_HEADLINE else ""
    return replace(incoming, title=title, text=text, publisher=incoming.publisher or publisher)


def media_type_of(name: str) -> str | None:
    """Return the media type for a file name, None if it is not supported."""
    ending = name.lower().rpartition(".")[2]
    return MEDIA_TYPES.get(ending)


def quote_error_message(error: QuoteError) -> str:
    """Return the message for words or numbers that are no quote of the article."""
    words = {
        QuoteReason.EMPTY: _(
            "Quote the article: sentence numbers such as 12-14 or 2, 5, or words."
        ),
        QuoteReason.TOO_LONG: _("A quote is a passage, not the whole article."),
        QuoteReason.NO_SUCH_SENTENCE: _("The article has no sentence with this number."),
        QuoteReason.NOT_IN_TEXT: _("The article does not contain these words."),
        QuoteReason.REVERSED: _("The last sentence comes before the first."),
    }
    return str(words[error.reason])


def file_error_message(error: extraction.ExtractionError) -> str:
    """Return the message for a file from which no article could be read."""
    words = {
        extraction.ExtractionReason.TOO_LARGE: _(
            "This is too large to be an article; paste the text instead."
        ),
        extraction.ExtractionReason.TIMEOUT: _(
            "Reading this took too long; paste the text instead."
        ),
        extraction.ExtractionReason.BINARY: _(
            "This is not a text, a saved page or a PDF, whatever its name says."
        ),
        extraction.ExtractionReason.UNREADABLE: _(
            "This cannot be read, it may be damaged: paste the text instead."
        ),
        extraction.ExtractionReason.EMPTY: _("This contains no text; it may be only images."),
        extraction.ExtractionReason.ENCRYPTED: _(
            "This PDF is locked with a password: paste the text instead."
        ),
        extraction.ExtractionReason.BUSY: _(
            "The server is busy reading other files. Try again in a minute."
        ),
    }
    return str(words[error.reason])


def paste_error_message(error: extraction.ExtractionError) -> str:
    """Return the message for a pasted text from which no article could be read."""
    if error.reason is extraction.ExtractionReason.BUSY:
        return file_error_message(error)
    return str(
        _("This text could not be read: it takes too much time or memory. Paste the article alone.")
    )


def file_type_error_message() -> str:
    """Return the message for a file type that cannot be read."""
    return str(_("Only .txt, .html and .pdf files can be read; paste anything else."))


def url_error_message() -> str:
    """Return the message for an invalid address."""
    return str(_("This is not the address of a web page (https://…)."))

"""Read an article from a pasted text or a file; messages for input that is rejected."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date

from tracker import clock
from tracker.articles import extraction
from tracker.articles.boilerplate import MAX_HEADLINE_LENGTH
from tracker.articles.codes import Language
from tracker.articles.language import detect_language
from tracker.articles.pasted import parse_pasted_article
from tracker.articles.sentences import QuoteError, QuoteReason
from tracker.articles.written_dates import resolve_publication_day
from tracker.errors import InvalidInput
from tracker.i18n import _, remove_invisible_characters

MEDIA_TYPE_BY_EXTENSION = {
    "txt": "text/plain",
    "html": "text/html",
    "htm": "text/html",
    "pdf": "application/pdf",
}
# Characters of an article's text; a book has fewer.
MAX_TEXT_LENGTH = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingArticle:
    """An article not yet stored: its bytes as received, text and metadata; "" if unknown."""

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
        """The SHA-256 of the bytes in hexadecimal, "" without any bytes."""
        return hashlib.sha256(self.content).hexdigest() if self.content else ""


# The article that an empty text gives: without bytes, text and metadata.
NO_CONTENT = IncomingArticle()


def read_pasted_text(text: str) -> IncomingArticle:
    """Return the article in a pasted text, parsed in this process without limits of time and
    memory: only for texts that no user submits. Its `content` is the whole pasted text.
    """
    if not text.strip():
        return NO_CONTENT
    found = parse_pasted_article(text)
    published, is_assumed = resolve_publication_day(
        found.published, found.text, today=clock.current_date()
    )
    return IncomingArticle(
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


def read_pasted_text_in_child(text: str) -> IncomingArticle:
    """Return the article in a pasted text, parsed in a child process; its `content` is the whole
    pasted text.

    Raises InvalidInput at `text` if parsing takes too long, or the server is too busy.
    """
    if not text.strip():
        return NO_CONTENT
    content = text.encode()
    try:
        found = extraction.extract_in_child(content, extraction.PASTED_MEDIA_TYPE)
    except extraction.ExtractionError as error:
        if error.reason is extraction.ExtractionReason.EMPTY:
            return IncomingArticle(content=content, media_type="text/plain")
        raise InvalidInput(text=paste_error_message(error)) from error
    return _build_incoming(found, content, "text/plain")


def read_file(content: bytes, name: str) -> IncomingArticle:
    """Return the article in a .txt, .html or .pdf file; raise InvalidInput at `file` on errors."""
    media_type = media_type_by_file_name(name)
    if media_type is None:
        raise InvalidInput(file=file_type_error_message())
    if len(content) > extraction.MAX_FILE_BYTES:
        raise InvalidInput(file=_("At most 10 MB."))
    try:
        found = extraction.extract_in_child(content, media_type)
    except extraction.ExtractionError as error:
        raise InvalidInput(file=file_error_message(error)) from error
    if len(found.text) > MAX_TEXT_LENGTH:
        raise InvalidInput(file=_("At most %(n)d characters of text.", n=MAX_TEXT_LENGTH))
    return _build_incoming(found, content, media_type)


def _build_incoming(
    found: extraction.ExtractedArticle, content: bytes, media_type: str
) -> IncomingArticle:
    """Return an extracted article with the bytes that it was extracted from."""
    published, is_assumed = found.resolve_publication_day(clock.current_date())
    return IncomingArticle(
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


def move_first_line_to_publisher(incoming: IncomingArticle, publisher: str) -> IncomingArticle:
    """Return an article without its first line, which is the name of its publisher, and with the
    next line as title; `publisher`: the name to set if the article gives none.

    Unchanged if its title is not its first line.
    """
    first, _end, rest = incoming.text.partition("\n")
    text = rest.strip()
    if not text or remove_invisible_characters(first) != incoming.title:
        return incoming
    line = remove_invisible_characters(text.partition("\n")[0])
    title = line if len(line) <= MAX_HEADLINE_LENGTH else ""
    return replace(incoming, title=title, text=text, publisher=incoming.publisher or publisher)


def media_type_by_file_name(name: str) -> str | None:
    """Return the media type for the extension of a file name, None if it is not supported."""
    ending = name.lower().rpartition(".")[2]
    return MEDIA_TYPE_BY_EXTENSION.get(ending)


def quote_error_message(error: QuoteError) -> str:
    """Return the message for an input that is no quote of the article, in the viewer's language."""
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
    """Return the message for a file without an extracted article, in the viewer's language."""
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
    """Return the message for a pasted text from which no article could be extracted."""
    if error.reason is extraction.ExtractionReason.BUSY:
        return file_error_message(error)
    return str(
        _("This text could not be read: it takes too much time or memory. Paste the article alone.")
    )


def file_type_error_message() -> str:
    """Return the message for a file type that cannot be read."""
    return str(_("Only .txt, .html and .pdf files can be read; paste anything else."))


def url_error_message() -> str:
    """Return the message for an invalid URL."""
    return str(_("This is not the address of a web page (https://…)."))

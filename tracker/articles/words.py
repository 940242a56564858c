"""Why a quote, an address or a file was refused, in the viewer's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.articles.extraction import ExtractionReason
from tracker.articles.quotes import QuoteReason
from tracker.i18n import _

if TYPE_CHECKING:
    from tracker.articles.extraction import ExtractionError
    from tracker.articles.quotes import QuoteError


def quote_refused(error: QuoteError) -> str:
    """Return why words or numbers are no quote of the article."""
    words = {
        QuoteReason.EMPTY: _(
            "Quote the article: sentence numbers such as 12-14 or 2, 5, or words."
        ),
        QuoteReason.TOO_LONG: _("A quote is a passage, not the whole article."),
        QuoteReason.NO_SUCH_SENTENCE: _("The article has no sentence with this number."),
        QuoteReason.NOT_IN_TEXT: _("These words do not stand in the article."),
        QuoteReason.REVERSED: _("The last sentence lies before the first."),
    }
    return str(words[error.reason])


def file_refused(error: ExtractionError) -> str:
    """Return why no article came out of a file."""
    words = {
        ExtractionReason.TOO_LARGE: _(
            "This is too large to be an article; paste the text instead."
        ),
        ExtractionReason.TIMEOUT: _("Reading this took too long; paste the text instead."),
        ExtractionReason.BINARY: _(
            "This is not a text, a saved page or a PDF, whatever its name says."
        ),
        ExtractionReason.UNREADABLE: _(
            "This cannot be read, it may be damaged: paste the text instead."
        ),
        ExtractionReason.EMPTY: _(
            "There is no article text in this; it may hold only pictures of it."
        ),
        ExtractionReason.ENCRYPTED: _(
            "This PDF is locked with a password: paste the text instead."
        ),
        ExtractionReason.BUSY: _("The server is busy reading other files. Try again in a minute."),
    }
    return str(words[error.reason])


def paste_refused(error: ExtractionError) -> str:
    """Return why no article came out of a pasted text."""
    if error.reason is ExtractionReason.BUSY:
        return file_refused(error)
    return str(
        _("This text could not be read: it takes too much time or memory. Paste the article alone.")
    )


def kind_refused() -> str:
    """Return why a file of this name cannot be read."""
    return str(_("Only .txt, .html and .pdf files can be read; paste anything else."))


def address_refused() -> str:
    """Return why something typed is no address."""
    return str(_("This is not the address of a web page (https://…)."))

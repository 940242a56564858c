"""Adding sources, and making citations of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.exc import IntegrityError

from tracker import clock
from tracker.articles.addresses import AddressError, canonical
from tracker.articles.codes import Bearing, Independence, SourceKind
from tracker.articles.incoming import Incoming, read_paste, under_publisher
from tracker.articles.known_queries import nearly_the_same
from tracker.articles.language import detect
from tracker.articles.likeness import marks_of
from tracker.articles.models import Article, ArticleOriginal, Citation
from tracker.articles.queries import held_at, outlet_at, outlet_called, with_same_text
from tracker.articles.quotes import (
    LONGEST,
    QuoteError,
    QuoteReason,
    locate,
)
from tracker.articles.rules import GAP, MOST_PASSAGES, runs_typed, text_digest
from tracker.articles.words import address_refused, quote_refused
from tracker.audit.service import audited
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.records import begin
from tracker.scoping import narrower
from tracker.when import OPEN_START, Precision, When

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.articles.codes import Language
    from tracker.people.models import Outlet
    from tracker.permissions import Actor, Visibility
    from tracker.scoping import Scoped

C = TypeVar("C", bound=Citation)
MOST_TITLE = MOST_AUTHORS = 300
MOST_PUBLISHER = 200


class AlreadyHere(InvalidInput):
    """What is being added stands on record already, as far as the viewer sees: said at its field.

    `may_keep`: it may be added all the same, as another source. `nearly`: not word for word.
    """

    def __init__(
        self, field: str, found: Sequence[Article], *, may_keep: bool, nearly: bool = False
    ) -> None:
        names = ", ".join(f"{article.title} ({article.ref})" for article in found)
        words = (
            _("Nearly the same text is already here: %(names)s", names=names)
            if nearly
            else _("It is already here: %(names)s", names=names)
        )
        super().__init__(**{field: words})
        self.found = found
        self.may_keep = may_keep
        self.nearly = nearly


def add_article(
    title: str,
    *,
    text: str = "",
    incoming: Incoming | None = None,
    kind: SourceKind = SourceKind.ARTICLE,
    url: str = "",
    authors: str = "",
    publisher: Outlet | None = None,
    publisher_words: str = "",
    published: When | None = None,
    language: Language | None = None,
    independence: Independence = Independence.INDEPENDENT,
    number: int | None = None,
    team_id: int,
    visibility: Visibility,
    by: Actor,
) -> Article:
    """Keep a source: as pasted (`text`), or as read from a file (`incoming`), under a free `number`
    where one was taken for it. What is typed wins; what is empty is filled from what came in.
    Whether it is already here is asked before, by `refuse_known`.
    """
    came = incoming or read_paste(text)
    title = title or came.title[:MOST_TITLE]
    _refuse_incomplete(kind, title, came)
    if publisher is None and not publisher_words:
        publisher = outlet_at(url) or outlet_named(came.publisher, visibility)
        publisher_words = "" if publisher else came.publisher[:MOST_PUBLISHER]
    refuse_too_wide(visibility, [publisher])
    article = Article(id=number, title=title, kind=kind, independence=independence)
    article.url, article.canonical_url = url, canonical_or_none(url)
    article.authors = authors or came.authors[:MOST_AUTHORS]
    article.publisher, article.publisher_words = publisher, publisher_words
    article.when = _published(published, came)
    article.language = language or (came.language if came.text else detect(title))
    article.team_id, article.visibility = team_id, visibility
    _hold(article, came)
    begin(article, by=by)
    _store(article, came, by=by)
    return article


def as_on_record(came: Incoming) -> Incoming:
    """Return what came in with its first line as its publisher, where an outlet on record is called
    so; the lists of mastheads know only some.
    """
    outlet = outlet_called(came.title) if came.title else None
    return under_publisher(came, outlet.name) if outlet else came


def outlet_named(name: str, visibility: Visibility) -> Outlet | None:
    """Return the outlet on record that a text calls its publisher, if all who see it may."""
    found = outlet_called(name) or outlet_at(f"https://{name}") if name else None
    return None if narrower(visibility, [found]) else found


def refuse_known(
    incoming: Incoming,
    *,
    url: str,
    team_id: int,
    keep: bool,
    field: str = "text",
    nearly: bool = True,
) -> None:
    """Raise AlreadyHere where the address or the text stands on record for the viewer, or `nearly`
    the same text does.

    One address is one article within a team; anything else may be kept (`keep`) as another source.
    """
    address = canonical_or_none(url)
    at_address = held_at(address) if address else []
    own = [article for article in at_address if article.team_id == team_id]
    if own:
        raise AlreadyHere("url", own, may_keep=False)
    if keep:
        return
    if at_address:
        raise AlreadyHere("url", at_address, may_keep=True)
    same = with_same_text(text_digest(incoming.text), incoming.sha256)
    if same:
        raise AlreadyHere(field, same, may_keep=True)
    like = nearly_the_same(marks_of(incoming.text)) if nearly else []
    if like:
        raise AlreadyHere(field, like, may_keep=True, nearly=True)


def address_of(incoming: Incoming, *, url: str, keep: bool, field: str) -> str:
    """Return the address that was typed, or else the one a saved page says is its own.

    A page may be wrong about itself: raises AlreadyHere where something is on record for the viewer
    at what it says, and with `keep` it has no address.
    """
    said = "" if url else incoming.address
    here = held_at(canonical_or_none(said) or "") if said else []
    if here and not keep:
        raise AlreadyHere(field, here, may_keep=True)
    return url or ("" if here else said)


def make_citation(
    kind: type[C],
    article: Article,
    typed: str,
    *,
    bearing: Bearing = Bearing.SUPPORTS,
    field: str = "",
    error_field: str = "quote",
) -> C:
    """Return a citation of an article: `typed` is sentence numbers (`12`, `12-14`) or its words; of
    a source without text, whatever was typed.

    Raises InvalidInput at `error_field`; the caller appends it to `record.citations`.
    """
    try:
        start, end, quote = _quoted(article, typed.strip())
    except QuoteError as error:
        raise InvalidInput(**{error_field: quote_refused(error)}) from error
    return new_citation(kind, article, (start, end, quote), bearing=bearing, field=field)


def make_citations(
    kind: type[C],
    article: Article,
    typed: str,
    *,
    bearing: Bearing = Bearing.SUPPORTS,
    error_field: str = "quote",
) -> list[C]:
    """Return a citation for each passage typed: `2, 5-6` are two; at least one.

    Raises InvalidInput at `error_field`.
    """
    passages = runs_typed(typed) if article.text else []
    if len(passages) > MOST_PASSAGES:
        few = _("One record cites at most %(most)d passages.", most=MOST_PASSAGES)
        raise InvalidInput(**{error_field: few})
    return [
        make_citation(kind, article, one, bearing=bearing, error_field=error_field)
        for one in passages or [typed]
    ]


def joined(citations: Iterable[Citation]) -> str:
    """Return the words of citations as one quote, with a mark where something is left out."""
    return GAP.join(one.quote for one in citations)


def new_citation(
    kind: type[C],
    article: Article,
    words: tuple[int | None, int | None, str],
    *,
    bearing: Bearing,
    field: str,
) -> C:
    """Return a citation of words that were found before: start, end and the words."""
    made: Any = kind
    start, end, quote = words
    citation: C = made(
        article=article, quote=quote, start=start, end=end, bearing=bearing, field=field
    )
    return citation


def refuse_too_wide(visibility: Visibility, shown: Sequence[Scoped | None]) -> None:
    """Raise InvalidInput where a source would show records to more people than may see them."""
    hidden: list[Any] = narrower(visibility, shown)
    if hidden:
        names = ", ".join(record.heading() for record in hidden)
        raise InvalidInput(
            visibility=_(
                "Only its team may see %(names)s: widen that first, or keep this to the team.",
                names=names,
            )
        )


def canonical_or_none(url: str, *, field: str = "url") -> str | None:
    """Return the address in its one form, None for an empty one; raise InvalidInput otherwise."""
    try:
        return canonical(url) if url else None
    except AddressError as error:
        raise InvalidInput(**{field: address_refused()}) from error


def _refuse_incomplete(kind: SourceKind, title: str, came: Incoming) -> None:
    missing = {}
    if kind is SourceKind.ARTICLE and not came.text:
        missing["text"] = _("Paste the text of the article, or choose a file.")
    if not title:
        missing["title"] = _("Give it a title.")
    if missing:
        raise InvalidInput(**missing)


def _quoted(article: Article, typed: str) -> tuple[int | None, int | None, str]:
    """Return where the words stand and the words; raise QuoteError for what is no quote."""
    if article.text:
        passage = locate(article.text, article.sentences, typed)
        start, end, quote = passage.start, passage.end, passage.quote
    else:
        start, end, quote = None, None, typed
    if not quote:
        raise QuoteError(QuoteReason.EMPTY)
    if len(quote) > LONGEST:
        raise QuoteError(QuoteReason.TOO_LONG)
    return start, end, quote


def _hold(article: Article, came: Incoming) -> None:
    """Give the article its text, and the bytes in which that came."""
    article.text, article.text_digest = came.text, text_digest(came.text)
    article.draw_marks()
    if came.content:
        article.original = ArticleOriginal(
            media_type=came.media_type, sha256=came.sha256, content=came.content
        )


def _published(typed: When | None, came: Incoming) -> When:
    """Return the date typed, else the one found, which cannot lie in the future; where its year is
    assumed it is approximate.
    """
    today, found = clock.today(), came.published
    published = typed or When(OPEN_START, today, Precision.UNKNOWN)
    if published.precision is Precision.UNKNOWN and found and found <= today:
        precision = Precision.APPROXIMATE if came.is_year_assumed else Precision.DAY
        return replace(published, earliest=found, latest=found, precision=precision)
    return published


def _store(article: Article, came: Incoming, *, by: Actor) -> None:
    """Store it; that nothing came in is told as well, so that no original is slipped in later."""
    told = {"original": came.sha256, "media_type": came.media_type}
    try:
        with audited(article, "article:create", told=told, by=by):
            pass
    except IntegrityError as error:
        # A colleague was faster, between our look and our write.
        if "canonical_url" not in str(error.orig):
            raise
        raise InvalidInput(url=_("An article with this address has just been added.")) from error

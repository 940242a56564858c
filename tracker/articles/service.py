"""Add and edit sources and build citations; the text of a source never changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError

from tracker import clock
from tracker.articles import incoming as article_incoming
from tracker.articles import queries, sentences
from tracker.articles.addresses import AddressError, canonicalize_url
from tracker.articles.codes import Bearing, CheckResult, Independence, Language, SourceKind
from tracker.articles.extraction import MAX_TITLE_LENGTH
from tracker.articles.language import detect_language
from tracker.articles.models import Article, ArticleOriginal, Citation
from tracker.articles.rules import MAX_CITED_PASSAGES, OMISSION_MARK, text_digest, text_fingerprints
from tracker.audit.queries import list_record_history
from tracker.audit.service import audited_change, record_event
from tracker.errors import Forbidden, InvalidInput
from tracker.i18n import _
from tracker.people.models import Outlet
from tracker.permissions import Actor, Visibility
from tracker.records import set_record_author, validate_linked_visibility
from tracker.scoping import more_restricted_records
from tracker.when import OPEN_START, Precision, When

# The model of the citations in one kind of record, such as `ResponseCitation`.
CitationType = TypeVar("CitationType", bound=Citation)
# Characters that are kept of the names of authors and of a publisher found in a text.
MAX_AUTHORS_LENGTH, MAX_PUBLISHER_LENGTH = 300, 200


class DuplicateArticle(InvalidInput):
    """The error that a source is already recorded, in the articles `found`, which the viewer may
    see. `may_keep`: the source may still be added; `by_similarity`: the text is similar, not equal.
    """

    def __init__(
        self, field: str, found: Sequence[Article], *, may_keep: bool, by_similarity: bool = False
    ) -> None:
        names = ", ".join(f"{article.title} ({article.ref})" for article in found)
        words = (
            _("Nearly the same text is already here: %(names)s", names=names)
            if by_similarity
            else _("It is already here: %(names)s", names=names)
        )
        super().__init__(**{field: words})
        self.found = found
        self.may_keep = may_keep
        self.by_similarity = by_similarity


def add_article(
    title: str,
    *,
    text: str = "",
    incoming: article_incoming.IncomingArticle | None = None,
    kind: SourceKind = SourceKind.ARTICLE,
    url: str = "",
    authors: str = "",
    publisher: Outlet | None = None,
    publisher_words: str = "",
    published: When | None = None,
    language: Language | None = None,
    independence: Independence | None = None,
    number: int | None = None,
    team_id: int,
    visibility: Visibility,
    by: Actor,
) -> Article:
    """Add a source from `incoming`, or else from `text`, which no user submits. Given values win
    over those found there. `publisher_words`: a publisher not on record; `independence`: None if no
    user states it; `number`: a reserved id. Raises InvalidInput; checks no duplicates.
    """
    content = incoming or article_incoming.read_pasted_text(text)
    title = title or content.title[:MAX_TITLE_LENGTH]
    _validate_complete(kind, title, content)
    if publisher is None and not publisher_words:
        publisher, publisher_words = _find_publisher(url, content, visibility)
    validate_linked_visibility(visibility, [publisher])
    article = Article(id=number, title=title, kind=kind, team_id=team_id, visibility=visibility)
    article.independence = independence or Independence.INDEPENDENT
    article.url, article.canonical_url = url, canonical_url_or_none(url)
    article.authors = authors or content.authors[:MAX_AUTHORS_LENGTH]
    article.publisher, article.publisher_words = publisher, publisher_words
    article.when = _choose_publication_date(published, content)
    article.language = language or (content.language if content.text else detect_language(title))
    _set_content(article, content)
    _store_article(article, content, by=by)
    if independence is Independence.INDEPENDENT:
        _log_stated_independence(article, by=by)
    return article


def _find_publisher(
    url: str, content: article_incoming.IncomingArticle, visibility: Visibility
) -> tuple[Outlet | None, str]:
    """Return the recorded outlet that published a text, and the text's own words for its publisher
    if there is no such outlet.
    """
    publisher = queries.outlet_by_url(url) or publisher_by_name(content.publisher, visibility)
    return publisher, "" if publisher else content.publisher[:MAX_PUBLISHER_LENGTH]


def recognize_publisher_line(
    incoming: article_incoming.IncomingArticle,
) -> article_incoming.IncomingArticle:
    """Return an incoming article with its first line as publisher if that is a recorded outlet."""
    outlet = queries.outlet_by_name(incoming.title) if incoming.title else None
    return (
        article_incoming.move_first_line_to_publisher(incoming, outlet.name) if outlet else incoming
    )


def publisher_by_name(name: str, visibility: Visibility) -> Outlet | None:
    """Return the recorded outlet with a name or domain, None if there is none, or if it is more
    restricted than an article of this visibility.
    """
    found = (
        queries.outlet_by_name(name) or queries.outlet_by_url(f"https://{name}") if name else None
    )
    return None if more_restricted_records(visibility, [found]) else found


def validate_not_duplicate(
    incoming: article_incoming.IncomingArticle,
    *,
    url: str,
    team_id: int,
    allow_duplicate: bool,
    field: str = "text",
    by_similarity: bool = True,
) -> None:
    """Raise DuplicateArticle if the viewer can see an article with this URL or text.
    `by_similarity`: a similar text counts too; `allow_duplicate`: the user wants to save a
    duplicate, so that only an article of the same team with this URL is an error; `field`: the form
    field for errors about the text.
    """
    address = canonical_url_or_none(url)
    at_address = queries.articles_at_url(address) if address else []
    own = [article for article in at_address if article.team_id == team_id]
    if own:
        raise DuplicateArticle("url", own, may_keep=False)
    if allow_duplicate:
        return
    if at_address:
        raise DuplicateArticle("url", at_address, may_keep=True)
    same = queries.articles_with_same_text(text_digest(incoming.text), incoming.sha256)
    if same:
        raise DuplicateArticle(field, same, may_keep=True)
    like = queries.similar_articles(text_fingerprints(incoming.text)) if by_similarity else []
    if like:
        raise DuplicateArticle(field, like, may_keep=True, by_similarity=True)


def choose_url(
    incoming: article_incoming.IncomingArticle, *, url: str, allow_duplicate: bool, field: str
) -> str:
    """Return the entered URL `url`, or else the URL that a saved page declares. If the viewer can
    see an article with the declared URL, raise DuplicateArticle at `field`; with `allow_duplicate`,
    return "" instead, since the declared URL may be wrong. `allow_duplicate`: the user wants to
    save a duplicate.
    """
    said = "" if url else incoming.address
    here = queries.articles_at_url(canonical_url_or_none(said) or "") if said else []
    if here and not allow_duplicate:
        raise DuplicateArticle(field, here, may_keep=True)
    return url or ("" if here else said)


def build_citation(
    kind: type[CitationType],
    article: Article,
    user_input: str,
    *,
    bearing: Bearing = Bearing.SUPPORTS,
    field: str = "",
    error_field: str = "quote",
) -> CitationType:
    """Return a new citation of an article, of the model `kind`, which the caller appends to
    `record.citations`. `user_input`: sentence numbers (`12`, `12-14`) or words of the article;
    `field`: the record's field that the quoted words support, "" for the whole record.

    For a source without text, any words. Raises InvalidInput at `error_field` if the article does
    not contain them.
    """
    try:
        start, end, quote = _locate_quoted_words(article, user_input.strip())
    except sentences.QuoteError as error:
        raise InvalidInput(**{error_field: article_incoming.quote_error_message(error)}) from error
    return build_located_citation(kind, article, (start, end, quote), bearing=bearing, field=field)


def build_citations(
    kind: type[CitationType],
    article: Article,
    user_input: str,
    *,
    bearing: Bearing = Bearing.SUPPORTS,
    error_field: str = "quote",
) -> list[CitationType]:
    """Return a new citation, of the model `kind`, for each passage in `user_input`, at least one:
    `2, 5-6` are two.

    Raises InvalidInput at `error_field` if the article does not contain a passage.
    """
    passages = sentences.parse_passages(user_input) if article.text else []
    if len(passages) > MAX_CITED_PASSAGES:
        few = _("One record cites at most %(most)d passages.", most=MAX_CITED_PASSAGES)
        raise InvalidInput(**{error_field: few})
    return [
        build_citation(kind, article, one, bearing=bearing, error_field=error_field)
        for one in passages or [user_input]
    ]


def join_quotes(citations: Iterable[Citation]) -> str:
    """Return the quotes of citations as one text, joined by an omission mark."""
    return OMISSION_MARK.join(one.quote for one in citations)


def build_located_citation(
    kind: type[CitationType],
    article: Article,
    words: tuple[int | None, int | None, str],
    *,
    bearing: Bearing,
    field: str,
) -> CitationType:
    """Return a new citation of the model `kind`; `words`: start, end and quote of its passage."""
    made: Any = kind
    start, end, quote = words
    citation: CitationType = made(
        article=article, quote=quote, start=start, end=end, bearing=bearing, field=field
    )
    return citation


def canonical_url_or_none(url: str, *, field: str = "url") -> str | None:
    """Return a URL in canonical form, None for ""; raise InvalidInput at `field` if invalid."""
    try:
        return canonicalize_url(url) if url else None
    except AddressError as error:
        raise InvalidInput(**{field: article_incoming.url_error_message()}) from error


def _validate_complete(
    kind: SourceKind, title: str, incoming: article_incoming.IncomingArticle
) -> None:
    """Raise InvalidInput for an article without text, or a source without title."""
    missing = {}
    if kind is SourceKind.ARTICLE and not incoming.text:
        missing["text"] = _("Paste the text of the article, or choose a file.")
    if not title:
        missing["title"] = _("Give it a title.")
    if missing:
        raise InvalidInput(**missing)


def _locate_quoted_words(article: Article, user_input: str) -> tuple[int | None, int | None, str]:
    """Return start, end and words of a quote, without offsets if the article has no text; raise
    QuoteError if it is not found.
    """
    if article.text:
        passage = sentences.locate_quote(article.text, article.sentences, user_input)
        start, end, quote = passage.start, passage.end, passage.quote
    else:
        start, end, quote = None, None, user_input
    if not quote:
        raise sentences.QuoteError(sentences.QuoteReason.EMPTY)
    if len(quote) > sentences.MAX_QUOTE_LENGTH:
        raise sentences.QuoteError(sentences.QuoteReason.TOO_LONG)
    return start, end, quote


def _set_content(article: Article, incoming: article_incoming.IncomingArticle) -> None:
    """Set the text and the original bytes of an article."""
    article.text, article.text_digest = incoming.text, text_digest(incoming.text)
    article.update_fingerprints()
    if incoming.content:
        article.original = ArticleOriginal(
            media_type=incoming.media_type, sha256=incoming.sha256, content=incoming.content
        )


def _choose_publication_date(
    entered: When | None, incoming: article_incoming.IncomingArticle
) -> When:
    """Return the entered date, else the date found; approximate if its year is assumed."""
    today, found = clock.current_date(), incoming.published
    published = entered or When(OPEN_START, today, Precision.UNKNOWN)
    if published.precision is Precision.UNKNOWN and found and found <= today:
        precision = Precision.APPROXIMATE if incoming.is_year_assumed else Precision.DAY
        return replace(published, earliest=found, latest=found, precision=precision)
    return published


def _store_article(
    article: Article, incoming: article_incoming.IncomingArticle, *, by: Actor
) -> None:
    """Store an article and its author, with the digest of its original in the audit log."""
    set_record_author(article, by=by)
    details = {"original": incoming.sha256, "media_type": incoming.media_type}
    try:
        with audited_change(article, "article:create", details=details, by=by):
            pass
    except IntegrityError as error:
        # Somebody else was faster, between our check and our write.
        if "canonical_url" not in str(error.orig):
            raise
        raise InvalidInput(url=_("An article with this address has just been added.")) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleDetails:
    """The editable details of a source, as entered."""

    title: str
    kind: SourceKind
    url: str
    archive_url: str
    captured_on: date | None
    checked_on: date | None
    check_result: CheckResult | None
    authors: str
    publisher: Outlet | None
    publisher_words: str
    published: When
    language: Language
    # None leaves it unchanged.
    independence: Independence | None
    repeats: Article | None
    visibility: Visibility


def edit_article(article: Article, details: ArticleDetails, *, by: Actor) -> None:
    """Edit the details of a source; its text never changes, since citations refer to it."""
    address = canonical_url_or_none(details.url)
    canonical_url_or_none(details.archive_url, field="archive_url")
    independence = details.independence or article.independence
    _validate_url_unused(article, address)
    _validate_link_check(details)
    # A publisher or article that the editor may not see stays, unless another one is chosen.
    names_publisher = bool(details.publisher or details.publisher_words)
    keeps_publisher = not names_publisher and is_publisher_hidden(article)
    keeps_repeats = (
        details.repeats is None
        and article.independence is independence
        and is_repeated_article_hidden(article)
    )
    if not keeps_repeats:
        validate_repeats(article, independence, details.repeats)
    validate_linked_visibility(details.visibility, [details.publisher, details.repeats])
    _validate_not_too_restricted(article, details.visibility)
    if details.independence is article.independence and not has_stated_independence(article):
        _log_stated_independence(article, by=by)
    with audited_change(article, "article:edit", by=by):
        article.title, article.kind, article.authors = details.title, details.kind, details.authors
        article.url, article.canonical_url = details.url, address
        article.archive_url, article.captured_on = details.archive_url, details.captured_on
        article.checked_on, article.check_result = details.checked_on, details.check_result
        article.when, article.language = details.published, details.language
        article.independence, article.visibility = independence, details.visibility
        # The keys as well: a hidden record is None already, so that None alone changes nothing.
        if not keeps_publisher:
            article.publisher, article.publisher_words = details.publisher, details.publisher_words
            article.publisher_id = details.publisher.id if details.publisher else None
        if not keeps_repeats:
            article.repeats = details.repeats
            article.repeats_id = details.repeats.id if details.repeats else None
        article.mark_revised(by=by)


def set_publication_date(article: Article, published: When, *, by: Actor) -> None:
    """Set the publication date of a source, but keep `as_stated`, the words in which the source
    gives the date.
    """
    with audited_change(article, "article:edit", by=by):
        article.when = replace(published, as_stated=article.as_stated)
        article.mark_revised(by=by)


def validate_sharing(article: Article) -> None:
    """Raise InvalidInput at `share` if a source cannot be shared, because its publisher or the
    article that it repeats is restricted.
    """
    validate_linked_visibility(
        Visibility.INTERNAL, [article.publisher, article.repeats], field="share"
    )


def share_article(article: Article, *, by: Actor) -> None:
    """Share a source with all users.

    Raises InvalidInput as `validate_sharing` does.
    """
    validate_sharing(article)
    with audited_change(article, "article:edit", by=by):
        article.visibility = Visibility.INTERNAL
        article.mark_revised(by=by)


def set_source_independence(
    article: Article,
    publisher: Outlet | None,
    independence: Independence,
    *,
    is_stated: bool,
    by: Actor,
) -> None:
    """Set the independence of a source, and its publisher unless that is None. `is_stated`: a user
    states it, which the audit log records even without a change.
    """
    was = article.independence
    with audited_change(article, "article:edit", by=by):
        if publisher is not None:
            article.publisher, article.publisher_words = publisher, ""
        article.independence = independence
        article.mark_revised(by=by)
    if is_stated and was is independence:
        _log_stated_independence(article, by=by)


def _log_stated_independence(article: Article, *, by: Actor) -> None:
    """Log that a user states the independence that a source has already."""
    now = article.independence
    record_event("article:edit", article.ref, by=by, changes={"independence": [now, now]})


def has_stated_independence(article: Article) -> bool:
    """Return whether a user has stated the independence of a source, rather than the default."""
    return article.independence is not Independence.INDEPENDENT or any(
        "independence" in entry.changes for entry in list_record_history(article.ref)
    )


def is_independence_known(article: Article) -> bool:
    """Return whether it is known if a source is independent. For an article without a known
    publisher, it is known only once a user has stated it.
    """
    return (
        article.kind is not SourceKind.ARTICLE
        or article.has_publisher
        or has_stated_independence(article)
    )


def is_publisher_hidden(article: Article) -> bool:
    """Return whether an article has a publisher that the viewer may not see."""
    return article.publisher_id is not None and article.publisher is None


def is_repeated_article_hidden(article: Article) -> bool:
    """Return whether an article repeats another article that the viewer may not see."""
    return article.repeats_id is not None and article.repeats is None


def validate_repeats(article: Article, independence: Independence, repeats: Article | None) -> None:
    """Raise InvalidInput if a repeat does not name the source that it repeats, if a source that is
    no repeat names one, or if the article would repeat itself, directly or through others.
    """
    if (independence is Independence.REPEATS_ANOTHER) != (repeats is not None):
        raise InvalidInput(repeats=_("Name the source that it repeats, or choose another value."))
    passed: set[int] = set()
    while repeats is not None and repeats.id not in passed:
        if repeats is article:
            raise InvalidInput(repeats=_("An article cannot repeat itself."))
        passed.add(repeats.id)
        repeats = repeats.repeats


def _validate_link_check(details: ArticleDetails) -> None:
    """Raise InvalidInput if the address of the source was checked on a day in the future, or if
    only the day or only the result of the check is given.
    """
    if details.checked_on is not None and details.checked_on > clock.current_date():
        raise InvalidInput(checked_on=_("This day is in the future."))
    if (details.checked_on is None) != (details.check_result is None):
        missing = "checked_on" if details.checked_on is None else "check_result"
        raise InvalidInput(**{missing: _("Enter the day of the check and its result.")})


def _validate_url_unused(article: Article, canonical_url: str | None) -> None:
    """Raise DuplicateArticle if another article of the team has this canonical URL."""
    if canonical_url and canonical_url != article.canonical_url:
        taken = [
            one for one in queries.articles_at_url(canonical_url) if one.team_id == article.team_id
        ]
        if taken:
            raise DuplicateArticle("url", taken, may_keep=False)


def _validate_not_too_restricted(article: Article, visibility: Visibility) -> None:
    """Raise InvalidInput if records shared with all users quote the source to be restricted."""
    if visibility is article.visibility or visibility is Visibility.INTERNAL:
        return
    quoting = [
        record.heading
        for record, _citations in queries.list_citing_records(article)
        if getattr(record, "visibility", None) is Visibility.INTERNAL
    ]
    if quoting:
        names = ", ".join(quoting)
        raise InvalidInput(
            visibility=_("Records seen by everybody cite it: %(names)s", names=names)
        )


def default_team_and_visibility(
    article: Article | None, *, by: Actor, chosen_visibility: Visibility = Visibility.RESTRICTED
) -> tuple[int, Visibility]:
    """Return the team id and visibility of a new record. Made from an article of one of the user's
    teams, it gets the team and visibility of the article; made from another team's article, the
    user's first team, and restricted; made without an article, the user's first team and
    `chosen_visibility`.

    Raises Forbidden for a user without a team.
    """
    if article is not None and article.team_id in by.team_ids:
        return article.team_id, article.visibility
    if not by.team_ids:
        raise Forbidden(_("You are in no team, so you cannot save this record."))
    return by.team_ids[0], Visibility.RESTRICTED if article is not None else chosen_visibility

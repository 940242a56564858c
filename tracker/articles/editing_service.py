"""Changing what is said about a source; its text stays as it came."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker import clock
from tracker.articles.codes import Independence
from tracker.articles.queries import held_at, records_citing
from tracker.articles.service import AlreadyHere, canonical_or_none, refuse_too_wide
from tracker.audit.queries import history_of
from tracker.audit.service import audited, record_event
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.permissions import Visibility

if TYPE_CHECKING:
    from datetime import date

    from tracker.articles.codes import CheckResult, Language, SourceKind
    from tracker.articles.models import Article
    from tracker.people.models import Outlet
    from tracker.permissions import Actor
    from tracker.when import When


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """All that may be said about a source, as an edit leaves it."""

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
    independence: Independence
    repeats: Article | None
    visibility: Visibility


def edit_article(article: Article, said: Description, *, by: Actor) -> None:
    """Change what is said about a source; its text never changes, citations point into it."""
    address = canonical_or_none(said.url)
    canonical_or_none(said.archive_url, field="archive_url")
    _refuse_taken(article, address)
    _refuse_half_a_check(said)
    # What the editor may not see stays, unless something else is named.
    names_publisher = bool(said.publisher or said.publisher_words)
    keeps_publisher = not names_publisher and is_publisher_hidden(article)
    keeps_repeats = (
        said.repeats is None
        and article.independence is said.independence
        and is_repeated_hidden(article)
    )
    if not keeps_repeats:
        refuse_repeats(article, said.independence, said.repeats)
    refuse_too_wide(said.visibility, [said.publisher, said.repeats])
    _refuse_too_narrow(article, said.visibility)
    with audited(article, "article:edit", by=by):
        article.title, article.kind, article.authors = said.title, said.kind, said.authors
        article.url, article.canonical_url = said.url, address
        article.archive_url, article.captured_on = said.archive_url, said.captured_on
        article.checked_on, article.check_result = said.checked_on, said.check_result
        article.when, article.language = said.published, said.language
        article.independence, article.visibility = said.independence, said.visibility
        # The keys as well: what is hidden is None already, so that None alone changes nothing.
        if not keeps_publisher:
            article.publisher, article.publisher_words = said.publisher, said.publisher_words
            article.publisher_id = said.publisher.id if said.publisher else None
        if not keeps_repeats:
            article.repeats = said.repeats
            article.repeats_id = said.repeats.id if said.repeats else None
        article.revised(by=by)


def date_article(article: Article, published: When, *, by: Actor) -> None:
    """Change when a source was published, and nothing else; its own words for that stay."""
    with audited(article, "article:edit", by=by):
        article.when = replace(published, as_stated=article.as_stated)
        article.revised(by=by)


def share_article(article: Article, *, by: Actor) -> None:
    """Let all users see a source; raise InvalidInput at `share` where it would show what they may
    not see.
    """
    try:
        refuse_too_wide(Visibility.INTERNAL, [article.publisher, article.repeats])
    except InvalidInput as error:
        raise InvalidInput(share=str(error)) from error
    with audited(article, "article:edit", by=by):
        article.visibility = Visibility.INTERNAL
        article.revised(by=by)


def describe_source(
    article: Article,
    publisher: Outlet | None,
    independence: Independence,
    *,
    is_stated: bool,
    by: Actor,
) -> None:
    """Set the outlet that published a source, unless that is None, and how independent it is.

    `is_stated`: a person says so, which the audit log keeps even where it was so before.
    """
    was = article.independence
    with audited(article, "article:edit", by=by):
        if publisher is not None:
            article.publisher, article.publisher_words = publisher, ""
        article.independence = independence
        article.revised(by=by)
    if is_stated and was is independence:
        record_event("article:edit", article.ref, by=by, changes={"independence": [was, was]})


def has_stated_independence(article: Article) -> bool:
    """Say whether a person has said how independent a source is; at first all are independent."""
    return article.independence is not Independence.INDEPENDENT or any(
        "independence" in entry.changes for entry in history_of(article.ref)
    )


def is_publisher_hidden(article: Article) -> bool:
    """Say whether the article has a publisher that the viewer may not see."""
    return article.publisher_id is not None and article.publisher is None


def is_repeated_hidden(article: Article) -> bool:
    """Say whether the article repeats one that the viewer may not see."""
    return article.repeats_id is not None and article.repeats is None


def refuse_repeats(article: Article, independence: Independence, repeats: Article | None) -> None:
    """Raise InvalidInput unless a source that repeats another names it, and not in a circle."""
    if (independence is Independence.REPEATS_ANOTHER) != (repeats is not None):
        raise InvalidInput(repeats=_("Name the source that it repeats, or choose another value."))
    passed: set[int] = set()
    while repeats is not None and repeats.id not in passed:
        if repeats is article:
            raise InvalidInput(repeats=_("An article does not repeat itself."))
        passed.add(repeats.id)
        repeats = repeats.repeats


def _refuse_half_a_check(said: Description) -> None:
    """Raise InvalidInput unless a check has a day, not one to come, and a result."""
    if said.checked_on is not None and said.checked_on > clock.today():
        raise InvalidInput(checked_on=_("This day is still to come."))
    if (said.checked_on is None) != (said.check_result is None):
        missing = "checked_on" if said.checked_on is None else "check_result"
        raise InvalidInput(**{missing: _("Give the day of the check and what was found.")})


def _refuse_taken(article: Article, address: str | None) -> None:
    if address and address != article.canonical_url:
        taken = [one for one in held_at(address) if one.team_id == article.team_id]
        if taken:
            raise AlreadyHere("url", taken, may_keep=False)


def _refuse_too_narrow(article: Article, visibility: Visibility) -> None:
    """Refuse to hide from the house what records seen by the whole house quote."""
    if visibility is article.visibility or visibility is Visibility.INTERNAL:
        return
    quoting = [
        record.heading()
        for record, _citations in records_citing(article)
        if getattr(record, "visibility", None) is Visibility.INTERNAL
    ]
    if quoting:
        names = ", ".join(quoting)
        raise InvalidInput(
            visibility=_("Records seen by everybody cite it: %(names)s", names=names)
        )

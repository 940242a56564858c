"""Reading what a dossier is made of, and what of it may leave: as the queries of packages say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from tracker.articles.models import Article
from tracker.articles.queries import content_of, originals_kept, whole
from tracker.cases.queries import SHELVES
from tracker.db import db
from tracker.fake_accounts.models import FakeAccount
from tracker.fake_accounts.rules import written
from tracker.incidents.codes import TargetKind
from tracker.incidents.models import Incident, IncidentTarget
from tracker.incidents.naming_rules import is_closed
from tracker.reports.closed_names import WITHHELD
from tracker.reports.dossiers.compose import Material
from tracker.reports.dossiers.leaving import Leaving
from tracker.reports.dossiers.names_queries import kept_back, refs_within
from tracker.reports.dossiers.originals import readings
from tracker.reports.extent_queries import Extent
from tracker.reports.free_queries import free
from tracker.reports.published_queries import published_rows
from tracker.timelines.queries import facts_of_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Row

    from tracker.cases.models import Case
    from tracker.reports.codes import Profile

# The tables of a package in which the records of a case stand.
TABLES: dict[type[Any], str] = {
    shelf.kind: table
    for shelf, table in zip(
        SHELVES,
        ("incidents", "fake_accounts", "responses", "appeals", "proceedings"),
        strict=True,
    )
}


def material_of(case: Case, *, language: str = "") -> Material:
    """Return what the viewer sees of a case; `language`: with what the world reads in it."""
    facts = facts_of_case(case).facts
    refs = {fact.ref for fact in facts}
    records: dict[str, Any] = {}
    for kind in TABLES:
        rows = select(kind).where(kind.ref.in_(refs)).options(*whole(kind))
        records |= {one.ref: one for one in db.session.scalars(rows).unique()}
    cited = {quote.source.ref for fact in facts for quote in fact.quotes if quote.source}
    sources = select(Article).where(Article.ref.in_(cited)).options(joinedload(Article.publisher))
    return Material(
        facts=facts,
        records=records,
        articles={one.ref: one for one in db.session.scalars(sources)},
        published=_published(refs, language) if language else {},
    )


def leaving_of(seen: Material, profile: Profile, *, drafts: bool) -> Leaving:
    """Return what of a case may leave, that the viewer sees; `drafts`: see `Extent`."""
    extent = Extent(profile, drafts=drafts)
    incidents = seen.of(Incident.PREFIX)
    targets = [one for incident in incidents for one in incident.targets]
    sources = refs_within(extent, Article, "articles", seen.articles.values())
    closed = kept_back(seen, targets, extent)
    if not extent.is_outside:
        shown = frozenset(one.id for one in targets if not is_closed(one))
        return Leaving(
            is_outside=False,
            closed=closed,
            records=_records(seen, extent),
            spoken=sources,
            named=shown,
            with_outlet=shown,
        )
    about_nobody_else = set(free().articles)
    spoken = {one.ref for one in seen.articles.values() if one.id in about_nobody_else}
    people = _targets_pointing(extent, targets, "journalist", "journalists")
    outlets = _targets_pointing(extent, targets, "outlet", "outlets")
    return Leaving(
        is_outside=True,
        closed=closed,
        records=_records(seen, extent),
        spoken=sources & spoken,
        named=people | {one.id for one in targets if one.kind is TargetKind.OUTLET} & outlets,
        with_outlet=outlets,
        handles=_handles(seen, extent),
    )


def originals_that_leave(
    articles: Iterable[Any], leaving: Leaving
) -> Iterator[tuple[Any, Row[Any] | None]]:
    """Yield each article with what is known of its original, None where that stays at home: kept by
    another team, masked somewhere, or naming whoever is not to be named.
    """
    by_id = {one.id: one for one in articles}
    kept = {row.article_id: row for row in originals_kept(by_id)}
    for number, article in by_id.items():
        row = kept.get(number)
        yield article, row if row is not None and _names_nobody(row, leaving) else None


def _records(seen: Material, extent: Extent) -> frozenset[str]:
    """Return the refs of the records that a package of this profile would hold."""
    found: frozenset[str] = frozenset()
    for kind, table in TABLES.items():
        mine = [one for one in seen.records.values() if isinstance(one, kind)]
        found |= refs_within(extent, kind, table, mine)
    return found


def _targets_pointing(
    extent: Extent, targets: list[Any], column: str, table: str
) -> frozenset[int]:
    """Return the ids of the targets whose row in a package would point to somebody."""
    ids = [one.id for one in targets]
    attribute = getattr(IncidentTarget, f"{column}_id")
    pointed = extent.value("targets", column, attribute)
    rows = select(IncidentTarget.id).where(
        IncidentTarget.id.in_(ids), pointed.in_(extent.members[table])
    )
    return frozenset(db.session.scalars(rows))


def _handles(seen: Material, extent: Extent) -> dict[str, str]:
    """Return the handles of accounts as a package would give them, but for those withheld."""
    mine = [one for one in seen.records.values() if isinstance(one, FakeAccount)]
    handle = extent.value("fake_accounts", "handle", FakeAccount.handle).label("handle")
    rows = select(FakeAccount.ref, FakeAccount.kind, handle).where(
        FakeAccount.id.in_([one.id for one in mine])
    )
    found = db.session.execute(rows)
    return {row.ref: written(row.handle, row.kind) for row in found if row.handle != WITHHELD}


def _names_nobody(row: Row[Any], leaving: Leaving) -> bool:
    """Say whether an original names nobody who is not to be named: the text that was read from it
    and, where that is one of letters, the bytes that came in.
    """
    texts = select(Article).where(Article.id == row.article_id)
    article = db.session.scalars(texts.options(undefer(Article.text))).one()
    if not all(map(leaving.names_nobody, (article.title, article.text))):
        return False
    if not row.media_type.startswith("text/"):
        return True
    return all(map(leaving.names_nobody, readings(content_of(row.article_id))))


def _published(refs: set[str], language: str) -> dict[str, str]:
    """Return what the world reads of some incidents, in a language, else in one that there is."""
    names = [f"summary_{code}" for code in dict.fromkeys([language, "en", "ru", "kk"])]
    return {
        row["ref"]: next((row[name] for name in names if row[name]), "")
        for row in published_rows()
        if row["ref"] in refs
    }

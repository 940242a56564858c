"""Load the material of a dossier, and decide what of it may be shared.

The scope of packages decides; readable text in an original counts as part of the record.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from sqlalchemy import Row, select
from sqlalchemy.orm import joinedload, undefer

from tracker.articles.models import Article
from tracker.articles.queries import full_record_options, original_content, originals_by_article
from tracker.cases.models import Case
from tracker.cases.queries import CASE_JOINS
from tracker.db import db
from tracker.fake_accounts.models import FakeAccount
from tracker.fake_accounts.rules import format_handle
from tracker.incidents.codes import TargetKind
from tracker.incidents.models import Incident, IncidentTarget
from tracker.incidents.naming_queries import redacted_names
from tracker.incidents.publication_rules import is_name_redacted, unnameable_actors
from tracker.people.models import Journalist, Outlet
from tracker.people.queries import names_of
from tracker.reports.cells import WITHHELD, ClosedNames
from tracker.reports.codes import Profile
from tracker.reports.dossiers.compose import Material
from tracker.reports.dossiers.parts import ShareableScope, name_placeholder, withheld_placeholder
from tracker.reports.flat_queries import published_rows
from tracker.reports.scope_queries import ExportScope, nameable_ids
from tracker.timelines.queries import facts_of_case

# Encodings of the region's newsrooms before UTF-8. No Cyrillic word in them is valid UTF-8.
EIGHT_BIT_ENCODINGS = ("cp1251", "koi8-r", "cp866")
UTF_16_ENCODINGS = ("utf-16-le", "utf-16-be")
# The tables of a package with the records of a case.
TABLE_OF_KIND: dict[type[Any], str] = {
    shelf.kind: table
    for shelf, table in zip(
        CASE_JOINS,
        ("incidents", "fake_accounts", "responses", "appeals", "proceedings"),
        strict=True,
    )
}


def load_material(case: Case, *, language: str = "") -> Material:
    """Load what the viewer sees of a case; `language`: that of the published texts."""
    facts = facts_of_case(case).facts
    refs = {fact.ref for fact in facts}
    records: dict[str, Any] = {}
    for kind in TABLE_OF_KIND:
        rows = select(kind).where(kind.ref.in_(refs)).options(*full_record_options(kind))
        records |= {one.ref: one for one in db.session.scalars(rows).unique()}
    cited = {quote.source.ref for fact in facts for quote in fact.quotes if quote.source}
    sources = select(Article).where(Article.ref.in_(cited)).options(joinedload(Article.publisher))
    return Material(
        facts=facts,
        records=records,
        articles={one.ref: one for one in db.session.scalars(sources)},
        published=_published(refs, language) if language else {},
    )


def shareable_scope(material: Material, profile: Profile, *, drafts: bool) -> ShareableScope:
    """Return what of the case may be shared, of what the viewer sees."""
    extent = ExportScope(profile, drafts=drafts)
    incidents = material.of(Incident.PREFIX)
    targets = [one for incident in incidents for one in incident.targets]
    sources = refs_within(extent, Article, "articles", material.articles.values())
    closed = withheld_names(material, targets, extent)
    if not extent.is_outside:
        shown = frozenset(one.id for one in targets if not is_name_redacted(one))
        return ShareableScope(
            is_outside=False,
            closed=closed,
            records=_shareable_refs(material, extent),
            spoken=sources,
            named=shown,
            with_outlet=shown,
        )
    about_nobody_else = set(nameable_ids().articles)
    spoken = {one.ref for one in material.articles.values() if one.id in about_nobody_else}
    people = _targets_with_shared_owner(extent, targets, "journalist", "journalists")
    outlets = _targets_with_shared_owner(extent, targets, "outlet", "outlets")
    return ShareableScope(
        is_outside=True,
        closed=closed,
        records=_shareable_refs(material, extent),
        spoken=sources & spoken,
        named=people | {one.id for one in targets if one.kind is TargetKind.OUTLET} & outlets,
        with_outlet=outlets,
        handles=_shareable_handles(material, extent),
    )


def shareable_originals(
    articles: Iterable[Any], scope: ShareableScope
) -> Iterator[tuple[Any, Row[Any] | None]]:
    """Yield each article with its original's data, None if that is left out.

    It is left out if another team owns it, it is masked somewhere, or it names somebody who must
    not be named.
    """
    by_id = {one.id: one for one in articles}
    kept = {row.article_id: row for row in originals_by_article(by_id)}
    for number, article in by_id.items():
        row = kept.get(number)
        yield article, row if row is not None and _names_nobody(row, scope) else None


def _shareable_refs(material: Material, export_scope: ExportScope) -> frozenset[str]:
    """Return the refs of the records that a package of this profile would contain."""
    found: frozenset[str] = frozenset()
    for kind, table in TABLE_OF_KIND.items():
        mine = [one for one in material.records.values() if isinstance(one, kind)]
        found |= refs_within(export_scope, kind, table, mine)
    return found


def _targets_with_shared_owner(
    export_scope: ExportScope, targets: list[Any], column: str, table: str
) -> frozenset[int]:
    """Return the ids of the targets whose row in a package would refer to a person or outlet."""
    ids = [one.id for one in targets]
    attribute = getattr(IncidentTarget, f"{column}_id")
    pointed = export_scope.value("targets", column, attribute)
    rows = select(IncidentTarget.id).where(
        IncidentTarget.id.in_(ids), pointed.in_(export_scope.members[table])
    )
    return frozenset(db.session.scalars(rows))


def _shareable_handles(material: Material, export_scope: ExportScope) -> dict[str, str]:
    """Return the handles of accounts as a package would have them, without withheld ones."""
    mine = [one for one in material.records.values() if isinstance(one, FakeAccount)]
    handle = export_scope.value("fake_accounts", "handle", FakeAccount.handle).label("handle")
    rows = select(FakeAccount.ref, FakeAccount.kind, handle).where(
        FakeAccount.id.in_([one.id for one in mine])
    )
    found = db.session.execute(rows)
    return {row.ref: format_handle(row.handle, row.kind) for row in found if row.handle != WITHHELD}


def _names_nobody(row: Row[Any], scope: ShareableScope) -> bool:
    """Return whether an original names nobody who must not be named.

    In the extracted text and, for text files, in the bytes.
    """
    texts = select(Article).where(Article.id == row.article_id)
    article = db.session.scalars(texts.options(undefer(Article.text))).one()
    if not all(map(scope.names_nobody, (article.title, article.text))):
        return False
    if not row.media_type.startswith("text/"):
        return True
    return all(map(scope.names_nobody, possible_decodings(original_content(row.article_id))))


def _published(refs: set[str], language: str) -> dict[str, str]:
    """Return the published texts of some incidents, in the language or else in another one."""
    names = [f"summary_{code}" for code in dict.fromkeys([language, "en", "ru", "kk"])]
    return {
        row["ref"]: next((row[name] for name in names if row[name]), "")
        for row in published_rows()
        if row["ref"] in refs
    }


def withheld_names(
    material: Material, targets: list[Any], export_scope: ExportScope
) -> ClosedNames:
    """Return the names that must be withheld: of people in the case, and of all others."""
    owners = set(_name_owners(material, targets))
    journalists = {one for one in owners if isinstance(one, Journalist)}
    others: list[str] = []
    if export_scope.is_outside:
        outlets = {one for one in owners if isinstance(one, Outlet)}
        here = _left_out(Journalist, "journalists", journalists, export_scope)
        others = [
            *(
                one.name
                for incident in material.of(Incident.PREFIX)
                for one in unnameable_actors(incident.actors)
            ),
            *(
                name
                for one in _left_out(Outlet, "outlets", outlets, export_scope)
                for name in names_of(one)
            ),
        ]
    else:
        closed = {one.journalist for one in targets if is_name_redacted(one)}
        here = {one for one in journalists if one in closed or one.is_withheld}
    called = {one.journalist_id: one.named_as for one in reversed(targets) if one.named_as}
    stands = name_placeholder(TargetKind.JOURNALIST)
    return ClosedNames(
        here=[
            (names_of(one), called.get(one.id) or stands)
            for one in sorted(here, key=lambda one: one.ref)
        ],
        everywhere=list(dict.fromkeys([*others, *redacted_names(db.session())])),
        instead=withheld_placeholder(),
    )


def refs_within(
    export_scope: ExportScope, model: type[Any], table: str, records: Iterable[Any]
) -> frozenset[str]:
    """Return the refs of the records that a table of a package would contain."""
    ids = [one.id for one in records]
    rows = select(model.ref).where(model.id.in_(ids), model.id.in_(export_scope.members[table]))
    return frozenset(db.session.scalars(rows))


def _left_out(
    model: type[Any], table: str, records: set[Any], export_scope: ExportScope
) -> set[Any]:
    refs = refs_within(export_scope, model, table, records)
    return {one for one in records if one.ref not in refs}


def _name_owners(material: Material, targets: Iterable[Any]) -> Iterator[Any]:
    """Yield the journalists and outlets in the case.

    Targets, those impersonated by accounts, and parties of proceedings.
    """
    rows = [*targets]
    for record in material.records.values():
        rows += [*getattr(record, "impersonates", ()), *getattr(record, "parties", ())]
    for row in rows:
        yield from (row.journalist, row.outlet)


def possible_decodings(content: bytes) -> Iterator[str]:
    """Yield the text of a file in every way in which a program may show it.

    As it is, with entities and escapes decoded, and without tags within words.
    """
    for text in _decoded(content):
        plain = html.unescape(text)
        yield from {text, plain, unquote(plain), _without_tags(plain)}


def _without_tags(text: str) -> str:
    kept, at = [], 0
    # A regular expression would search for the end of each unclosed tag.
    while (start := text.find("<", at)) >= 0 and (end := text.find(">", start)) >= 0:
        kept.append(text[at:start])
        at = end + 1
    return "".join(kept) + text[at:]


def _decoded(content: bytes) -> list[str]:
    if b"\0" in content:
        return [content.decode(encoding, "replace") for encoding in UTF_16_ENCODINGS]
    try:
        return [content.decode("utf-8")]
    except UnicodeDecodeError:
        return [content.decode(encoding, "replace") for encoding in EIGHT_BIT_ENCODINGS]

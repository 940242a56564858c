"""Load the material of a dossier, and decide by the scope of packages what may be shared.

The readable text of an original is checked for names too.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from sqlalchemy import Row, select
from sqlalchemy.orm import joinedload, undefer

from tracker.articles.models import Article
from tracker.articles.queries import (
    full_record_load_options,
    original_content,
    originals_by_article,
)
from tracker.cases.models import Case
from tracker.cases.queries import CASE_JOINS
from tracker.db import db
from tracker.fake_accounts.models import FakeAccount
from tracker.fake_accounts.rules import format_handle
from tracker.incidents.codes import TargetKind
from tracker.incidents.models import Incident, IncidentTarget
from tracker.incidents.publication_rules import is_name_redacted, unnameable_actors
from tracker.people.models import Journalist, Outlet
from tracker.people.queries import names_of
from tracker.reports.cells import WITHHELD, RedactedNames, name_placeholder
from tracker.reports.codes import Profile
from tracker.reports.dossiers.compose import CaseMaterial
from tracker.reports.dossiers.parts import ShareableScope, withheld_placeholder
from tracker.reports.flat_queries import published_rows
from tracker.reports.scope_queries import ExportScope, nameable_ids
from tracker.timelines.queries import facts_of_case

# Encodings that the region's newsrooms used before UTF-8. All are tried for a file that is not
# valid UTF-8. A Cyrillic word in any of them is not valid UTF-8.
EIGHT_BIT_ENCODINGS = ("cp1251", "koi8-r", "cp866")
# The encodings tried for a file with zero bytes.
UTF_16_ENCODINGS = ("utf-16-le", "utf-16-be")
# By model of the records that a case can have, the name of the package table with these records.
TABLE_OF_MODEL: dict[type[Any], str] = {
    join.kind: table
    for join, table in zip(
        CASE_JOINS,
        ("incidents", "fake_accounts", "responses", "appeals", "proceedings"),
        strict=True,
    )
}


def load_case_material(case: Case, *, language: str = "") -> CaseMaterial:
    """Load the facts, records and articles of a case that the session's viewer may see;
    with `language`, also the published texts in that language.
    """
    facts = facts_of_case(case).facts
    refs = {fact.ref for fact in facts}
    records: dict[str, Any] = {}
    for kind in TABLE_OF_MODEL:
        rows = select(kind).where(kind.ref.in_(refs)).options(*full_record_load_options(kind))
        records |= {one.ref: one for one in db.session.scalars(rows).unique()}
    cited = {quote.source.ref for fact in facts for quote in fact.quotes if quote.source}
    sources = select(Article).where(Article.ref.in_(cited)).options(joinedload(Article.publisher))
    return CaseMaterial(
        facts=facts,
        record_by_ref=records,
        article_by_ref={one.ref: one for one in db.session.scalars(sources)},
        published_text_by_ref=_published_texts(refs, language) if language else {},
    )


def shareable_scope(material: CaseMaterial, profile: Profile, *, drafts: bool) -> ShareableScope:
    """Return what a dossier may share of the material; `drafts`: whether a dossier for partners has
    records that are not approved.
    """
    export_scope = ExportScope(profile, drafts=drafts)
    incidents = material.records_of_kind(Incident.PREFIX)
    targets = [one for incident in incidents for one in incident.targets]
    sources = refs_in_scope(export_scope, Article, "articles", material.article_by_ref.values())
    redacted = names_to_redact(material, targets, export_scope)
    if not export_scope.is_outside:
        shown = frozenset(one.id for one in targets if not is_name_redacted(one))
        return ShareableScope(
            is_outside=False,
            redacted=redacted,
            shareable_refs=_shareable_refs(material, export_scope),
            quotable_sources=sources,
            nameable_targets=shown,
            targets_with_outlet=shown,
        )
    about_nobody_else = set(nameable_ids().articles)
    spoken = {one.ref for one in material.article_by_ref.values() if one.id in about_nobody_else}
    people = _targets_with_shared_owner(export_scope, targets, "journalist", "journalists")
    outlets = _targets_with_shared_owner(export_scope, targets, "outlet", "outlets")
    return ShareableScope(
        is_outside=True,
        redacted=redacted,
        shareable_refs=_shareable_refs(material, export_scope),
        quotable_sources=sources & spoken,
        nameable_targets=people
        | {one.id for one in targets if one.kind is TargetKind.OUTLET} & outlets,
        targets_with_outlet=outlets,
        handle_by_account_ref=_shareable_handles(material, export_scope),
    )


def shareable_originals(
    articles: Iterable[Any], scope: ShareableScope
) -> Iterator[tuple[Any, Row[Any] | None]]:
    """Yield each article with the data of its original, the stored file: a row with media type,
    SHA-256 and size, or None if the dossier leaves the original out.

    An original is left out if another team owns it, a passage is masked, or it contains a redacted
    name.
    """
    by_id = {one.id: one for one in articles}
    kept = {row.article_id: row for row in originals_by_article(by_id)}
    for number, article in by_id.items():
        row = kept.get(number)
        yield article, row if row is not None and _has_no_redacted_name(row, scope) else None


def _shareable_refs(material: CaseMaterial, export_scope: ExportScope) -> frozenset[str]:
    """Return the refs of the records of the case that are in the scope of a package."""
    found: frozenset[str] = frozenset()
    for kind, table in TABLE_OF_MODEL.items():
        mine = [one for one in material.record_by_ref.values() if isinstance(one, kind)]
        found |= refs_in_scope(export_scope, kind, table, mine)
    return found


def _targets_with_shared_owner(
    export_scope: ExportScope, targets: list[Any], column: str, table: str
) -> frozenset[int]:
    """Return the ids of the targets whose journalist or outlet a package would show. `column`: the
    column of the table `targets` that refers to the journalist or outlet, "journalist" or "outlet";
    `table`: the table that it refers to, "journalists" or "outlets".
    """
    ids = [one.id for one in targets]
    attribute = getattr(IncidentTarget, f"{column}_id")
    pointed = export_scope.exported_value("targets", column, attribute)
    rows = select(IncidentTarget.id).where(
        IncidentTarget.id.in_(ids), pointed.in_(export_scope.ids_by_table[table])
    )
    return frozenset(db.session.scalars(rows))


def _shareable_handles(material: CaseMaterial, export_scope: ExportScope) -> dict[str, str]:
    """Return, by ref, the handles of accounts that a package would contain."""
    mine = [one for one in material.record_by_ref.values() if isinstance(one, FakeAccount)]
    handle = export_scope.exported_value("fake_accounts", "handle", FakeAccount.handle).label(
        "handle"
    )
    rows = select(FakeAccount.ref, FakeAccount.kind, handle).where(
        FakeAccount.id.in_([one.id for one in mine])
    )
    found = db.session.execute(rows)
    return {row.ref: format_handle(row.handle, row.kind) for row in found if row.handle != WITHHELD}


def _has_no_redacted_name(row: Row[Any], scope: ShareableScope) -> bool:
    """Return whether an original contains no name that must not be shown; `row`: the data of the
    original, from `originals_by_article`.

    Neither in the extracted text nor, for text files, in the bytes.
    """
    texts = select(Article).where(Article.id == row.article_id)
    article = db.session.scalars(texts.options(undefer(Article.text))).one()
    if not all(map(scope.has_no_redacted_name, (article.title, article.text))):
        return False
    if not row.media_type.startswith("text/"):
        return True
    return all(
        map(scope.has_no_redacted_name, possible_decodings(original_content(row.article_id)))
    )


def _published_texts(refs: set[str], language: str) -> dict[str, str]:
    """Return, by ref, the published texts of incidents, in a language or else in another one."""
    names = [f"summary_{code}" for code in dict.fromkeys([language, "en", "ru", "kk"])]
    return {
        row["ref"]: next((row[name] for name in names if row[name]), "")
        for row in published_rows()
        if row["ref"] in refs
    }


def names_to_redact(
    material: CaseMaterial, targets: list[Any], export_scope: ExportScope
) -> RedactedNames:
    """Return the names to redact in a dossier: names of the journalists in the case who may not be
    named, and the names that every file redacts. For partners also the names of the outlets and
    perpetrators who may not be named. `targets`: all targets of the incidents of the case.
    """
    owners = set(_name_owners(material, targets))
    journalists = {one for one in owners if isinstance(one, Journalist)}
    others: list[str] = []
    if export_scope.is_outside:
        outlets = {one for one in owners if isinstance(one, Outlet)}
        here = _records_outside_scope(Journalist, "journalists", journalists, export_scope)
        others = [
            *(
                one.name
                for incident in material.records_of_kind(Incident.PREFIX)
                for one in unnameable_actors(incident.actors)
            ),
            *(
                name
                for one in _records_outside_scope(Outlet, "outlets", outlets, export_scope)
                for name in names_of(one)
            ),
        ]
    else:
        closed = {one.journalist for one in targets if is_name_redacted(one)}
        here = {one for one in journalists if one in closed or one.is_withheld}
    called = {one.journalist_id: one.named_as for one in reversed(targets) if one.named_as}
    stands = name_placeholder(TargetKind.JOURNALIST)
    return RedactedNames(
        target_names=[
            (names_of(one), called.get(one.id) or stands)
            for one in sorted(here, key=lambda one: one.ref)
        ],
        other_names=list(dict.fromkeys([*others, *export_scope.redacted_names(db.session())])),
        placeholder=withheld_placeholder(),
    )


def refs_in_scope(
    export_scope: ExportScope, model: type[Any], table: str, records: Iterable[Any]
) -> frozenset[str]:
    """Return the refs of the records among `records` that are in the scope. `model`: the model of
    all the records; `table`: the name of the package table with these records.
    """
    ids = [one.id for one in records]
    rows = select(model.ref).where(
        model.id.in_(ids), model.id.in_(export_scope.ids_by_table[table])
    )
    return frozenset(db.session.scalars(rows))


def _records_outside_scope(
    model: type[Any], table: str, records: set[Any], export_scope: ExportScope
) -> set[Any]:
    """Return the records among `records` that are not in the scope. `model`: the model of all the
    records; `table`: the name of the package table with these records.
    """
    refs = refs_in_scope(export_scope, model, table, records)
    return {one for one in records if one.ref not in refs}


def _name_owners(material: CaseMaterial, targets: Iterable[Any]) -> Iterator[Any]:
    """Yield the journalist and then the outlet of each target, of each impersonation by an account
    and of each party of a proceeding. A missing journalist or outlet is yielded as None.
    """
    rows = [*targets]
    for record in material.record_by_ref.values():
        rows += [*getattr(record, "impersonates", ()), *getattr(record, "parties", ())]
    for row in rows:
        yield from (row.journalist, row.outlet)


def possible_decodings(content: bytes) -> Iterator[str]:
    """Yield the text of a file in each encoding that it may be in: unchanged, with HTML entities
    decoded, also with URL escapes decoded, and without HTML tags.
    """
    for text in _decode_content(content):
        plain = html.unescape(text)
        yield from {text, plain, unquote(plain), _strip_tags(plain)}


def _strip_tags(text: str) -> str:
    """Return a text without its HTML tags."""
    kept, at = [], 0
    # A regular expression would search to the end of the text for each unclosed tag.
    while (start := text.find("<", at)) >= 0 and (end := text.find(">", start)) >= 0:
        kept.append(text[at:start])
        at = end + 1
    return "".join(kept) + text[at:]


def _decode_content(content: bytes) -> list[str]:
    """Return the text of a file, in each encoding that its bytes may be in."""
    if b"\0" in content:
        return [content.decode(encoding, "replace") for encoding in UTF_16_ENCODINGS]
    try:
        return [content.decode("utf-8")]
    except UnicodeDecodeError:
        return [content.decode(encoding, "replace") for encoding in EIGHT_BIT_ENCODINGS]

"""Build a case dossier and its ZIP, and log its download."""

from __future__ import annotations

import csv
import io
import json
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import IO, Any

from sqlalchemy import Row

from tracker import clock
from tracker.articles.evidence import ManifestSource, original_file_name, pack_originals
from tracker.articles.queries import original_content
from tracker.audit.chain import compute_mac, load_audit_keys
from tracker.audit.queries import NAME_REDACTION_ACTION_SUFFIXES, list_shareable_entries
from tracker.cases.models import Case
from tracker.db import current_settings
from tracker.i18n import _, localized_day, ngettext, use_language
from tracker.permissions import Actor, Visibility
from tracker.reports.cells import escape_formula
from tracker.reports.codes import ExportKind
from tracker.reports.dossiers.compose import compose
from tracker.reports.dossiers.parts import Dossier, SourcePart
from tracker.reports.dossiers.queries import (
    load_case_material,
    shareable_originals,
    shareable_scope,
)
from tracker.reports.export_log_service import ExportLogger, row_digest, start_export
from tracker.reports.filters import CaseDossierOptions, drafts_log_entry
from tracker.review.codes import EditorialState
from tracker.scoping import viewing_as_all_users
from tracker.timelines.build import Fact
from tracker.timelines.codes import EntryKind
from tracker.timelines.text import timeline_text
from tracker.web.filters import REF_PATTERN
from tracker.when import format_edtf

# The beginning of the refs of institutions, which are records that all users see.
INSTITUTION_PREFIX = "INS-"
# The columns of the audit extract.
AUDIT_HEADER = ("seq", "at", "by", "action", "ref", "hash")
PSEUDONYM_LENGTH = 12  # hexadecimal digits of a user in the audit extract
SALT_BYTES = 32  # of the random salt for pseudonyms in a dossier without a recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierResult:
    """A dossier, its articles by ref, and how much of what the user sees is left out.

    `records_left_out`, `sources_left_out`: how many the dossier says are not in it. In a dossier
    for partners, only what all users see is counted; what only a team sees is not mentioned.
    `empty_reason`: why a dossier for partners has no record, "" if it has one; `would_have_drafts`:
    whether it would have records if drafts were included.
    """

    dossier: Dossier
    articles: Mapping[str, Any]
    records_withheld: int
    sources_withheld: int
    originals_withheld: int
    records_left_out: int
    sources_left_out: int
    empty_reason: str
    would_have_drafts: bool


def may_share(case: Case, filters: CaseDossierOptions) -> bool:
    """Return whether a dossier of a case may be made: for partners, if all users see the case."""
    return not filters.is_outside or case.visibility is Visibility.INTERNAL


def build_dossier(case: Case, filters: CaseDossierOptions) -> DossierResult:
    """Return the dossier of a case, for the session's viewer, in the requested language.

    A dossier for partners is built from what all users see, so that it does not depend on the user.
    Names that only the user sees are redacted too, and originals are those of their teams.
    """
    with use_language(filters.language):
        seen = load_case_material(case)
        scope = shareable_scope(seen, filters.profile, drafts=filters.drafts)
        with viewing_as_all_users() if filters.is_outside else nullcontext():
            material = (
                load_case_material(case, language=filters.language) if filters.is_outside else seen
            )
            dossier = compose(case, material, scope, today=clock.current_date())
    cited = [seen.article_by_ref[one.ref] for one in dossier.sources]
    originals = {article.ref: row for article, row in shareable_originals(cited, scope)}
    sources = tuple(_add_original(one, originals[one.ref]) for one in dossier.sources)
    refs = {entry.fact.ref for entry in dossier.entries}
    is_empty = filters.is_outside and not seen.record_by_ref.keys() & refs
    drafts = is_empty and any(map(_is_shareable_draft, seen.record_by_ref.values()))
    return DossierResult(
        dossier=replace(dossier, sources=sources),
        articles=seen.article_by_ref,
        records_withheld=len(seen.record_by_ref.keys() - refs),
        sources_withheld=len(seen.article_by_ref) - len(sources),
        originals_withheld=sum(not one.file for one in sources),
        records_left_out=len(material.record_by_ref.keys() - refs),
        sources_left_out=len(material.article_by_ref) - len(sources),
        empty_reason=_empty_reason(len(seen.record_by_ref), drafts=drafts) if is_empty else "",
        would_have_drafts=drafts,
    )


def _is_shareable_draft(record: Any) -> bool:  # noqa: ANN401 (a record of a case)
    """Return whether a dossier for partners that includes drafts would have a record."""
    is_retracted = record.state is EditorialState.RETRACTED
    return record.visibility is Visibility.INTERNAL and not is_retracted


def _empty_reason(count: int, *, drafts: bool) -> str:
    """Return why a dossier of a case with this number of records has none of them. `drafts`:
    whether it would have some if drafts were included.
    """
    if not count:
        return str(_("You see no record in this case: add records to it."))
    if drafts:
        return str(_("Nothing in this case is approved: approve records first, or include drafts."))
    return str(
        _(
            "What is in this case is retracted, or only its team may see it: staff of the team "
            "share records with all users."
        )
    )


def log_dossier(
    built: DossierResult, filters: CaseDossierOptions, *, form: str, by: Actor
) -> ExportLogger:
    """Log who downloads a dossier with which records, before the first byte, and return the logger;
    `form`: "HTML" or "ZIP".
    """
    dossier = built.dossier
    # Logged as a package; the logged filter names the case.
    run = start_export(
        ExportKind.PACKAGE,
        {"case": dossier.ref, "form": form}
        | drafts_log_entry(filters.profile, drafts=filters.drafts),
        tables=[],
        profile=filters.profile,
        language=filters.language,
        recipient=filters.recipient,
        suffix=form.lower(),
        by=by,
    )
    run.add_rows([*_row_digests(dossier)])
    run.store_rows()
    return run


def build_dossier_zip(built: DossierResult, filters: CaseDossierOptions, page: str) -> IO[bytes]:
    """Return the file of the ZIP: the dossier as HTML (`page`) and as text, the extract of the
    audit log, the originals, and a list with the SHA-256 of each file.

    Originals are read one at a time.
    """
    dossier = built.dossier
    with use_language(filters.language):
        text = format_dossier_text(built, filters)
    refs = [ref for ref, _digest in _row_digests(dossier)]
    salt = _recipient_salt(filters.recipient) if filters.is_outside else None
    audit = build_audit_extract(list_shareable_entries(refs), set(refs), salt=salt)
    beside = {
        "dossier.html": page.encode(),
        "dossier.txt": text.encode(),
        "audit.csv": audit.encode(),
    }
    return pack_originals(
        dossier.ref, _manifest_sources(built, is_outside=filters.is_outside), beside
    )


def _recipient_salt(recipient: str) -> str:
    """Return the salt for the pseudonyms of users: the same in all dossiers for a recipient, a
    random one if `recipient` is "".
    """
    if not recipient:
        return secrets.token_hex(SALT_BYTES)
    # The oldest key, which stays the same when a new one is added.
    oldest = next(iter(load_audit_keys(current_settings()).values()))
    return compute_mac(oldest, f"recipient {recipient.casefold()}")


def _add_original(source_part: SourcePart, row: Row[Any] | None) -> SourcePart:
    """Return a source with the data and the file name of its original. `row`: the data of the
    original; None if there is none, so that the source is returned unchanged.
    """
    if row is None:
        return source_part
    file = original_file_name(source_part.ref, row.media_type)
    return replace(
        source_part, media_type=row.media_type, sha256=row.sha256, size=row.size, file=file
    )


def _manifest_sources(
    built: DossierResult, *, is_outside: bool
) -> Iterator[tuple[ManifestSource, bytes]]:
    """Yield, for each source of a dossier, its entry in the list of sources in the ZIP, and the
    bytes of its original, b"" if the dossier leaves the original out.
    """
    for one in built.dossier.sources:
        article = built.articles[one.ref]
        yield (
            ManifestSource(
                ref=one.ref,
                kind=article.kind.value,
                title=one.title,
                publisher=one.publisher,
                published=format_edtf(article.when),
                url=one.url,
                archive_url=one.archive_url,
                captured_on=one.captured_on,
                checked_on=article.checked_on,
                check_result=article.check_result.value if article.check_result else "",
                retrieved_at=None if is_outside else article.retrieved_at,
                sha256=one.sha256,
                media_type=one.media_type,
                quotes=list(one.quotes),
            ),
            original_content(article.id) if one.file else b"",
        )


def _row_digests(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """Yield the ref and digest of each record, source and named person in a dossier."""
    said: dict[str, list[str]] = {dossier.ref: [dossier.title, dossier.summary]}
    for entry in dossier.entries:
        if entry.fact.kind is not EntryKind.SILENCE:
            said.setdefault(entry.fact.ref, []).extend(_fact_texts(entry.fact))
    said |= {one.ref: [repr(one)] for one in dossier.sources}
    said |= {one.ref: [one.label] for one in dossier.people if one.ref}
    yield from ((ref, row_digest(of)) for ref, of in said.items())


def _fact_texts(fact: Fact) -> list[str]:
    """Return the texts of a fact that its digest covers."""
    of = (fact.types, fact.targets, fact.actors, fact.quotes)
    return [fact.title, repr(fact.when), fact.note, fact.reported_to, *map(repr, of)]


def format_left_out(built: DossierResult) -> str:
    """Return the sentence on how many records and sources are not in a dossier, "" if all are."""
    records, sources = built.records_left_out, built.sources_left_out
    parts = [
        ngettext("%(num)d record", "%(num)d records", records) if records else "",
        ngettext("%(num)d source", "%(num)d sources", sources) if sources else "",
    ]
    said = ", ".join(filter(None, parts))
    return str(_("Not in this file: %(what)s of this case.", what=said)) if said else ""


def format_dossier_text(built: DossierResult, filters: CaseDossierOptions) -> str:
    """Return a dossier as plain text, with sources as footnotes."""
    dossier = built.dossier
    people = [". ".join(filter(None, [one.label, ", ".join(one.roles)])) for one in dossier.people]
    heading = [
        f"{_('Case dossier')} {dossier.ref}, {dossier.country}",
        filters.audience,
        str(_("Prepared for %(name)s.", name=filters.recipient)) if filters.recipient else "",
        dossier.title,
        str(_("As of %(day)s.", day=localized_day(dossier.as_of))),
        format_left_out(built),
        f"{_('Accountability')}: {dossier.accountability}" if dossier.accountability else "",
        f"{_('Persons concerned')}:" if people else "",
        *(f"- {one}" for one in people),
    ]
    return timeline_text(
        heading,
        dossier.entries,
        lambda fact: fact.ref,
        descriptions=dossier.description_by_entry_number,
    )


def build_audit_extract(rows: Iterable[Any], refs: Collection[str], *, salt: str | None) -> str:
    """Return, as CSV, the audit log entries (`rows`) about the records with `refs`, without the
    changed values. `salt`: the secret from which pseudonyms of users and new hashes are computed;
    None to write the names of users and the original hashes.

    Entries that name a record which is not in `refs` are left out. With a salt, for others, entries
    are also numbered within the file, and times are reduced to days. Otherwise names could be
    guessed by their hash, and numbers and times be compared between files.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(AUDIT_HEADER)
    written = 0
    for row in rows:
        # Nobody outside may learn that somebody refused to be named, or withdrew the refusal.
        if salt is not None and row.action.endswith(
            (*NAME_REDACTION_ACTION_SUFFIXES, ":reopen-name")
        ):
            continue
        if any(ref not in refs for ref in _refs_in_changes(row.changes)):
            continue
        written += 1
        if salt is None:
            at = f"{row.at:%Y-%m-%dT%H:%M:%SZ}"
            cells = [row.sequence, at, escape_formula(row.actor), row.action, row.subject, row.hash]
        else:
            by = compute_mac(salt, f"user {row.actor}")[:PSEUDONYM_LENGTH]
            sealed = compute_mac(salt, f"entry {row.hash}")
            cells = [written, f"{row.at:%Y-%m-%d}", by, row.action, row.subject, sealed]
        writer.writerow(cells)
    return buffer.getvalue()


def _refs_in_changes(changes: Mapping[str, Any]) -> Iterator[str]:
    """Yield the refs in the changes of an audit log entry, except those of institutions."""
    for ref in REF_PATTERN.findall(json.dumps(changes)):
        if not ref.startswith(INSTITUTION_PREFIX):
            yield ref

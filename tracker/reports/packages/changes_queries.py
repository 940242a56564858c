"""Compare a package with the earlier packages of its recipient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import Session

from tracker.reports.codes import ExclusionReason, ExportKind, Profile, RowChange
from tracker.reports.models import NO_DIGEST, ExportedRow, ExportRun
from tracker.reports.packages.queries import SOURCES_OF_TABLE
from tracker.reports.queries import find_recipients
from tracker.reports.scope_queries import ExportScope
from tracker.review.codes import EditorialState
from tracker.review.models import Reviewable

REFS_PER_BATCH = 500  # refs of earlier packages read at once
# Reasons as texts, which the column `reason` of the table `changes` has.
OUTSIDE_FILTER_REASON, NOT_SHARED_REASON = (
    ExclusionReason.OUTSIDE_FILTER.value,
    ExclusionReason.NOT_SHARED.value,
)
# The reason why a package for partners without drafts lacks a record: it is not approved.
NOT_APPROVED_REASON = ExclusionReason.NOT_APPROVED.value


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a row, why, and the ref of the record that remains after a merge."""

    kind: RowChange
    reason: str = ""
    merged_into: str = ""


def last_packages(session: Session, recipient: str, profile: Profile) -> list[ExportRun]:
    """Return the last package with a profile that was sent completely to a recipient, and the last
    one before it with a different digest, if any; empty if there is none.
    """
    rows = _fully_sent_packages(session, recipient, profile).order_by(ExportRun.id.desc()).limit(1)
    last = session.scalars(rows).first()
    if last is None:
        return []
    return [last, *session.scalars(rows.where(ExportRun.sha256 != last.sha256))]


def compare_rows(compared: Sequence[Comparison], rows: Sequence[tuple[str, str, str]]) -> None:
    """Compare rows with the earlier packages one after the other, and stop at the first package in
    which a row is missing or differs. `rows`: for each row its ref, its digest and the retraction
    reason ("" if none).
    """
    for one in compared:
        one.compare(rows)
        if one.changes:
            break


def choose_comparison(compared: Sequence[Comparison]) -> Comparison:
    """Find what the new package lacks, and return the first comparison that shows changes; if none
    does, the first one.
    """
    for one in compared:
        one.compare_missing()
        if one.changes:
            return one
    return compared[0]


class Comparison:
    """The comparison of a package being made with the rows in earlier packages of its recipient.

    Of each ref, the row in the last package counts. Unchanged rows are not kept.
    """

    def __init__(
        self, session: Session, recipient: str, since: int, export_scope: ExportScope
    ) -> None:
        """Compare with the packages of a recipient up to the export run with the id `since`."""
        self.session, self.recipient, self.since, self.scope = (
            session,
            recipient,
            since,
            export_scope,
        )
        self.changes: dict[str, Change] = {}
        self.missing: list[str] = []

    def compare(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Compare rows in the package, each given by ref, digest and retraction reason."""
        had = self._last_digests([ref for ref, _digest, _reason in rows])
        for ref, digest, reason in rows:
            if ref not in had or had[ref].digest == NO_DIGEST:
                self.changes[ref] = Change(RowChange.ADDED)
            elif had[ref].digest != digest:
                what = RowChange.RETRACTED if reason else RowChange.CHANGED
                self.changes[ref] = Change(what, reason)

    def compare_missing(self) -> None:
        """Find the rows of earlier packages that are not in this one, and why."""
        if self.scope.profile is Profile.PUBLIC:
            # The row of a published record is never removed.
            return
        for refs in self._ref_batches():
            had = self._last_digests(refs)
            left = self._missing_refs([ref for ref in refs if had[ref].digest != NO_DIGEST])
            of = {ref: Change(RowChange.REDACTED, NOT_SHARED_REASON) for ref in left}
            for table, some in self._group_by_table(left):
                of |= self._explain_missing(table, some)
            for ref, one in of.items():
                if one.reason != OUTSIDE_FILTER_REASON:
                    self.missing.append(ref)
                elif had[ref].run_id != self.since:
                    # An earlier package already reported that a filter leaves the row out.
                    continue
                self.changes[ref] = one

    def format_rows(self) -> Iterator[list[str]]:
        """Yield the rows of the table `changes`."""
        for ref in sorted(self.changes):
            one = self.changes[ref]
            yield [ref, one.kind.value, one.reason, one.merged_into]

    @cached_property
    def _scope_without_filter(self) -> ExportScope:
        """The scope of the package without its filter of incidents."""
        return ExportScope(self.scope.profile, drafts=self.scope.drafts)

    @cached_property
    def _scope_with_drafts(self) -> ExportScope:
        """The scope of the package without its filter, with records that are not approved."""
        return ExportScope(self.scope.profile, drafts=True)

    @cached_property
    def _earlier_run_ids(self) -> Select[int]:
        """The select of the ids of the packages to compare with."""
        whole = _fully_sent_packages(self.session, self.recipient, self.scope.profile)
        return whole.with_only_columns(ExportRun.id).where(ExportRun.id <= self.since)

    def _last_digests(self, refs: list[str]) -> dict[str, Row[str, int, str]]:
        """Return, by ref, the last row that the recipient has, as `ref`, `run_id` (the id of the
        export run) and `digest`.
        """
        of = ExportedRow
        last = (
            select(of.ref, func.max(of.run_id).label("run_id"))
            .where(of.run_id.in_(self._earlier_run_ids), of.ref.in_(refs))
            .group_by(of.ref)
            .subquery()
        )
        rows = select(of.ref, of.run_id, of.digest).join(
            last, and_(of.ref == last.c.ref, of.run_id == last.c.run_id)
        )
        return {one.ref: one for one in self.session.execute(rows)}

    def _ref_batches(self) -> Iterator[list[str]]:
        """Yield the refs of all rows in the earlier packages, sorted, in batches."""
        rows = (
            select(ExportedRow.ref).where(ExportedRow.run_id.in_(self._earlier_run_ids)).distinct()
        )
        rows = rows.order_by(ExportedRow.ref).limit(REFS_PER_BATCH)
        found = list(self.session.scalars(rows))
        while found:
            yield found
            found = list(self.session.scalars(rows.where(ExportedRow.ref > found[-1])))

    def _missing_refs(self, refs: list[str]) -> list[str]:
        """Return the refs among `refs` that are not in the package being made."""
        there = {
            ref
            for table, of in self._group_by_table(refs)
            for ref in self.session.scalars(_select_refs_in_package(table, of, self.scope))
        }
        return [ref for ref in refs if ref not in there]

    def _group_by_table(self, refs: Sequence[str]) -> list[tuple[str, list[str]]]:
        """Return refs grouped by table, as pairs of the table and its refs."""
        found: dict[str, list[str]] = {}
        for ref in refs:
            found.setdefault(TABLE_OF_PREFIX[ref.partition("-")[0]], []).append(ref)
        return list(found.items())

    def _explain_missing(self, table: str, refs: list[str]) -> dict[str, Change]:
        """Return, by ref, why the package lacks rows of a table that the recipient has: retracted,
        merged, not approved, or outside the filter. Refs for which none of these is true are left
        out: their records may no longer be shared with this profile, or no longer exist.
        """
        found: dict[str, Change] = {}
        if self.scope.is_approved_only:
            with_drafts = self.session.scalars(
                _select_refs_in_package(table, refs, self._scope_with_drafts)
            )
            found |= {ref: Change(RowChange.REDACTED, NOT_APPROVED_REASON) for ref in with_drafts}
        anywhere = self.session.scalars(
            _select_refs_in_package(table, refs, self._scope_without_filter)
        )
        found |= {ref: Change(RowChange.CHANGED, OUTSIDE_FILTER_REASON) for ref in anywhere}
        model = SOURCES_OF_TABLE[table][0].model
        if issubclass(model, Reviewable):
            gone = select(model.ref, model.retract_reason).where(
                model.ref.in_(refs), model.state == EditorialState.RETRACTED
            )
            for row in self.session.execute(gone):
                found[row.ref] = Change(RowChange.RETRACTED, row.retract_reason.value)
        if hasattr(model, "merged_into_id"):
            found |= self._merge_changes(table, model, refs)
        return found

    def _merge_changes(self, table: str, model: Any, refs: list[str]) -> dict[str, Change]:  # noqa: ANN401 (a model)
        """Return, by ref, a `Change` for each record among `refs` that was merged into another.

        `table`, `model`: the package table and the model of these records.
        """
        rows = select(model.ref, model.merged_into_id).where(
            model.ref.in_(refs), model.merged_into_id.is_not(None)
        )
        into = {row.ref: row.merged_into_id for row in self.session.execute(rows)}
        # The remaining record is named if it is in the package.
        stays = select(model.id, model.ref).where(
            model.id.in_(into.values()), model.id.in_(self.scope.ids_by_table[table])
        )
        names = {row.id: row.ref for row in self.session.execute(stays)}
        return {
            ref: Change(RowChange.MERGED, "duplicate", names.get(number, ""))
            for ref, number in into.items()
        }


def _fully_sent_packages(session: Session, recipient: str, profile: Profile) -> Select[ExportRun]:
    """Select the packages with a profile that were sent completely to a recipient; the name of the
    recipient is compared ignoring case.
    """
    called = [one.id for one in find_recipients(session, recipient)]
    return select(ExportRun).where(
        ExportRun.kind == ExportKind.PACKAGE,
        # Dossiers are logged as packages of a case, but their rows have other digests.
        ExportRun.asked["case"].as_string().is_(None),
        ExportRun.profile == profile,
        ExportRun.recipient_id.in_(called),
        ExportRun.ended_at.is_not(None),
    )


def _select_refs_in_package(table: str, refs: list[str], export_scope: ExportScope) -> Any:  # noqa: ANN401 (a select)
    """Select the refs among `refs` whose records are in the scope of a package; `table`: the
    package table with these records.
    """
    model = SOURCES_OF_TABLE[table][0].model
    return select(model.ref).where(
        model.ref.in_(refs), model.id.in_(export_scope.ids_by_table[table])
    )


# By the prefix of a ref, such as INC, the table of the records.
TABLE_OF_PREFIX = {
    one[0].model.PREFIX: name
    for name, one in SOURCES_OF_TABLE.items()
    if hasattr(one[0].model, "PREFIX")
}

"""Upload, map, check and remove imported files."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete

from tracker.audit.service import audited, record_event
from tracker.bulk_insert import prepare_insert, table_of
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.people.models import Journalist, Outlet
from tracker.permissions import Actor, Visibility
from tracker.records import sign_new_record
from tracker.reports import export_log_service
from tracker.reports.codes import ExportKind
from tracker.reports.imports import queries
from tracker.reports.imports.codes import ImportField, ImportState, RowFate, Skipped
from tracker.reports.imports.mapping import ImportPlan, matching_plan
from tracker.reports.imports.models import ImportBatch, ImportMapping, ImportRow
from tracker.reports.imports.results import CheckResult, days_of
from tracker.reports.imports.rows import ColumnReader, RowChecker, RowDraft
from tracker.reports.imports.tables import Table, gc_paused
from tracker.reports.queries import reading_session
from tracker.scoping import Viewer, viewing_as_team

COLUMNS_BEFORE_CELLS = ("row", "fate", "incident")
LONGEST_FILE_NAME = 200  # characters
# Rows that are read to guess the content of a column.
SAMPLED_ROWS = 50
# Each is shown on the page of the file, and in the audit log.
MOST_LEFT_OUT = 1_000
# Its number and its cells.
NumberedRow = tuple[int, list[str]]


def file_digest(content: bytes) -> str:
    """Return the digest by which the same file is recognised."""
    return hashlib.sha256(content).hexdigest()


@gc_paused()
def receive_file(
    table: Table, *, sha256: str, file_name: str, mapping: str = "", team_id: int, by: Actor
) -> ImportBatch:
    """Store every row of a file, and read its columns by a mapping.

    The same file is stored once, and read by the mapping chosen last. Raises InvalidInput if the
    chosen mapping has columns that the file lacks.
    """
    same = existing_batch(table, sha256=sha256, team_id=team_id)
    if same is not None:
        if mapping and same.state is not ImportState.TAKEN:
            choose_mapping(same, mapping, by=by)
        return same
    plan = plan_by_name(mapping, table.header, team_id, table.rows[:SAMPLED_ROWS])
    batch = ImportBatch(
        file_name=file_name[-LONGEST_FILE_NAME:], sha256=sha256, encoding=table.encoding,
        separator=table.separator, header=table.header, row_count=len(table.rows),
        state=ImportState.RECEIVED, mapping=plan.to_json(), found={},
        team_id=team_id, visibility=Visibility.RESTRICTED,
    )  # fmt: skip
    sign_new_record(batch, by=by)
    with audited(batch, "import:receive", by=by):
        pass
    owned = {"batch_id": batch.id, "team_id": team_id, "visibility": Visibility.RESTRICTED}
    rows = [
        {**owned, "number": number, "cells": json.dumps(cells), "fate": RowFate.WAITING}
        for number, cells in table.numbered()
    ]
    session, kept = db.session(), table_of(ImportRow)
    prepare_insert(kept, rows, dialect=session.get_bind().dialect.name).run(session)
    return batch


def existing_batch(table: Table, *, sha256: str, team_id: int) -> ImportBatch | None:
    """Return the batch of the same bytes that was imported, or read in the same way."""
    same = queries.batches_of_file(sha256, team_id)
    if same and (
        same[0].state is ImportState.TAKEN
        or (same[0].encoding, same[0].separator) == (table.encoding, table.separator)
    ):
        return same[0]
    return None


def plan_by_name(
    name: str, header: Sequence[str], team_id: int, rows: Sequence[Sequence[str]]
) -> ImportPlan:
    """Return the mapping with a name, or without one the one that fits the file.

    It may also depend on the first rows. Raises InvalidInput if its columns are missing.
    """
    known = queries.plans(team_id)
    if not name:
        return matching_plan(header, known, rows)
    plan = known.get(name)
    if plan is None:
        raise InvalidInput(mapping=_("There is no mapping of this name: %(name)s", name=name))
    missing = plan.missing(header)
    if missing:
        raise InvalidInput(
            mapping=_(
                "The mapping “%(name)s” does not fit this file: it needs the columns %(columns)s",
                name=name,
                columns=", ".join(missing),
            )
        )
    return plan


def validate_plan(plan: ImportPlan) -> None:
    """Raise InvalidInput if a mapping cannot create an incident from any row."""
    taken = list(plan.columns.values())
    wrong = {}
    if ImportField.TYPES not in taken and not plan.type:
        wrong["type"] = _("Choose a column for the types, or one type for all rows.")
    if ImportField.COUNTRY not in taken and not plan.country:
        wrong["country"] = _("Choose a column for the country, or one country for all rows.")
    names = {ImportField.JOURNALISTS, ImportField.OUTLETS}
    if names.isdisjoint(taken) and not plan.unnamed_words():
        wrong["unnamed"] = _("Choose a column for the names, or say what is written instead.")
    if {ImportField.IDENTIFIER, ImportField.URL} & set(taken) and not plan.scheme:
        wrong["scheme"] = _(
            "Name the source list: its numbers and addresses are stored under that name."
        )
    if ImportField.ACTOR in taken and not plan.attributed_by:
        wrong["attributed_by"] = _("Choose who attributes it: the tracker itself accuses nobody.")
    if wrong:
        raise InvalidInput(**wrong)


def check_file(batch: ImportBatch, plan: ImportPlan) -> CheckResult:
    """Check every row of a stored file; the result is stored and shown to the whole team.

    Existing records are those that the team sees.
    """
    number = batch.id
    with viewing_as_team(batch.team_id):
        return check_rows(list(batch.header), lambda: queries.rows_of(number), plan)


def check_without(
    batch: ImportBatch, plan: ImportPlan, kinds: Collection[Skipped]
) -> tuple[ImportPlan, CheckResult]:
    """Check a file without rows of these kinds; return the mapping that skips them and the result.

    Raises InvalidInput if there are too many.
    """
    first = check_file(batch, plan)
    wrong = first.wrong_rows if Skipped.WRONG in kinds else []
    if len(wrong) > MOST_LEFT_OUT:
        raise InvalidInput(
            left_out=_(
                "More than %(n)d rows are wrong: say first what their columns and words mean.",
                n=MOST_LEFT_OUT,
            )
        )
    same = {
        *plan.the_same,
        *(first.alike if Skipped.ALIKE in kinds else ()),
        *(first.repeated if Skipped.REPEATED in kinds else ()),
    }
    if len(same) > MOST_LEFT_OUT:
        raise InvalidInput(
            left_out=_("At most %(n)d rows can be left out; take more out of the file.",
                       n=MOST_LEFT_OUT)
        )  # fmt: skip
    plan = replace(plan, left_out=tuple(wrong), the_same=tuple(sorted(same)))
    checked = check_file(batch, plan)
    if wrong:
        checked.problems = first.problems
    return plan, checked


@gc_paused()
def check_rows(
    header: list[str], rows: Callable[[], Iterable[Sequence[NumberedRow]]], plan: ImportPlan
) -> CheckResult:
    """Check rows by a mapping, in batches, without writing anything.

    `rows`: returns them from the first one on, each time it is called.
    """
    validate_plan(plan)
    columns = ColumnReader(header, plan, queries.known_words())
    checked = CheckResult(left_out=plan.left_out, the_same=plan.the_same)
    left_out = frozenset((*plan.left_out, *plan.the_same))
    if columns.needs_inspection():
        for some in rows():
            columns.inspect(cells for _row, cells in some)
    checker = RowChecker(columns)
    above: dict[str | tuple[str, str], RowDraft] = {}
    for some in rows():
        checked.row_count += len(some)
        for row, cells in some:
            if row not in left_out and any(cell and not cell.isspace() for cell in cells):
                checked.add(checker.check(row, cells), row, above)
    checked.unknown = checker.unknown
    _find_existing(checked, plan)
    return checked


def _find_existing(checked: CheckResult, plan: ImportPlan) -> None:
    """Find existing records: by identifier, by similarity, and people by exact name."""
    checked.keys = [one.identifier for one in checked.drafts if one.identifier]
    checked.by_key = by_key = queries.incidents_by_key(plan.scheme, checked.keys)
    days = queries.incident_days(number for number, _ref in by_key.values())
    for one in checked.drafts:
        if found := by_key.get(one.identifier):
            checked.known[one.row] = found
            if days_of(one) != days[found[0]]:
                checked.add_difference(one.row, [ImportField.OCCURRED])
    checked.drafts = [one for one in checked.drafts if one.row not in checked.known]
    on_record = queries.incidents_on((one.when.earliest, one.when.latest) for one in checked.drafts)
    for one in checked.drafts:
        ref = on_record.get((one.when.earliest, one.when.latest, one.country, one.place))
        if ref:
            checked.alike[one.row] = ref
    names = {name for one in checked.drafts for name in one.journalists}
    checked.journalists = queries.people_by_exact_name(Journalist, names)
    names = {name for one in checked.drafts for name in one.outlets}
    checked.outlets = queries.people_by_exact_name(Outlet, names)


def validate_not_imported(batch: ImportBatch) -> None:
    """Raise InvalidInput for a file that was imported, even if that was undone."""
    if batch.state not in {ImportState.RECEIVED, ImportState.CHECKED}:
        raise InvalidInput(version=_("This file was imported already."))


def choose_mapping(batch: ImportBatch, name: str, *, by: Actor) -> None:
    """Read the columns of a file by another mapping, "" for the one that fits; check it again."""
    validate_not_imported(batch)
    rows = [cells for _row, cells in queries.first_rows(batch.id, SAMPLED_ROWS)]
    plan = plan_by_name(name, list(batch.header), batch.team_id, rows)
    with audited(batch, "import:choose", by=by):
        batch.mapping, batch.found = plan.to_json(), {}
        batch.state = ImportState.RECEIVED
        batch.revised(by=by)


def keep_check(batch: ImportBatch, plan: ImportPlan, checked: CheckResult, *, by: Actor) -> None:
    """Store the mapping and result of a check.

    A named mapping is saved for other files of its kind too.
    """
    validate_not_imported(batch)
    with audited(batch, "import:check", by=by):
        batch.mapping, batch.found = plan.to_json(), checked.to_json()
        batch.state = ImportState.CHECKED
        batch.revised(by=by)
        if name := plan.kept_as:
            kept = queries.mapping_by_name(name, batch.team_id) or ImportMapping(
                name=name, team_id=batch.team_id, visibility=Visibility.RESTRICTED
            )
            kept.mapping = plan.reusable_parts().to_json()
            db.session.add(kept)


def remove_file(batch: ImportBatch, *, by: Actor) -> None:
    """Remove a file with every row; the audit log keeps that it existed, and who removed it."""
    validate_not_imported(batch)
    gone = {"removed": [batch.ref], "sha256": batch.sha256, "rows": batch.row_count}
    record_event("import:remove", batch.ref, by=by, changes=gone)
    db.session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id))
    db.session.delete(batch)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsAsked:
    """The rows of a file to download: all or those with one outcome, and for which viewer."""

    batch_id: int
    batch_ref: str
    viewer: Viewer
    fate: RowFate | None = None


def log_rows_file(
    selection: RowsAsked, *, suffix: str, by: Actor
) -> export_log_service.ExportLogger:
    """Log who downloads the rows of which file, before the first byte is sent."""
    said = {"import": selection.batch_ref} | (
        {"rows": selection.fate.value} if selection.fate else {}
    )
    return export_log_service.start_export(
        # A file of incidents: the filter says which import.
        ExportKind.INCIDENTS,
        said,
        # Its header came with the file, and may be read by its team alone.
        tables=[],
        # Nothing in it is translated.
        language="en",
        suffix=suffix,
        by=by,
    )


def stream_rows(selection: RowsAsked, run: export_log_service.ExportLogger) -> Iterator[bytes]:
    """Yield the rows of one moment exactly as uploaded, after number, outcome and ref.

    The run is closed after the last byte.
    """
    return export_log_service.log_completion(_log_records(selection, run), run)


def _log_records(selection: RowsAsked, run: export_log_service.ExportLogger) -> Iterator[bytes]:
    """Yield lines once their records are logged.

    The file itself, which has names even in rows without incident, and the incidents.
    """
    with reading_session(selection.viewer) as session:
        header = queries.header_of(session, selection.batch_id)
        run.note([(selection.batch_ref, export_log_service.row_digest(header))], count=0)
        # The header is sent with the first rows: an interrupted file has logged some.
        head: list[Sequence[Any]] = [(*COLUMNS_BEFORE_CELLS, *header)]
        for some in queries.rows_with_fates(session, selection.batch_id, selection.fate):
            lines = [(number, str(fate), ref or "", *cells) for number, fate, ref, cells in some]
            noted = [
                (one[2], export_log_service.row_digest(map(str, one))) for one in lines if one[2]
            ]
            run.note(noted, count=len(lines))
            yield _lines([*head, *lines])
            head = []
        if head:
            yield _lines(head)


def _lines(rows: Iterable[Sequence[Any]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode("utf-8", "surrogatepass")

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

from tracker.audit.service import audited_change, record_event
from tracker.bulk_insert import prepare_insert, table_of
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.people.models import Journalist, Outlet
from tracker.permissions import Actor, Visibility
from tracker.records import set_record_author
from tracker.reports import export_log_service
from tracker.reports.codes import ExportKind
from tracker.reports.imports import queries
from tracker.reports.imports.codes import ImportField, ImportState, RowFate, SkipReason
from tracker.reports.imports.mapping import ImportPlan, find_matching_plan
from tracker.reports.imports.models import ImportBatch, ImportMapping, ImportRow
from tracker.reports.imports.results import CheckResult, draft_day_bounds
from tracker.reports.imports.rows import ColumnReader, RowChecker, RowDraft
from tracker.reports.imports.tables import Table, pause_gc
from tracker.reports.queries import open_read_session
from tracker.scoping import Viewer, viewing_as_team

# The columns that stand before those of the uploaded file when its rows are downloaded.
COLUMNS_ADDED_TO_DOWNLOAD = ("row", "fate", "incident")
MAX_FILE_NAME_LENGTH = 200  # characters
# The number of rows that are read to guess the content of a column.
SAMPLED_ROWS = 50
# How many rows may be skipped: each is shown on the page of the file, and in the audit log.
MAX_SKIPPED_ROWS = 1_000
# The number of a row, and its cells.
NumberedRow = tuple[int, list[str]]


def file_digest(content: bytes) -> str:
    """Return the SHA-256 of a file, by which the same file is recognised."""
    return hashlib.sha256(content).hexdigest()


@pause_gc()
def receive_file(
    table: Table, *, sha256: str, file_name: str, mapping: str = "", team_id: int, by: Actor
) -> ImportBatch:
    """Store an uploaded file with all its rows, and set the mapping of its columns; `mapping`: its
    name, "" for the one that fits.

    The same file is stored once, with the mapping that was chosen last. Raises InvalidInput if the
    file lacks columns of the chosen mapping.
    """
    same = existing_batch(table, sha256=sha256, team_id=team_id)
    if same is not None:
        if mapping and same.state is not ImportState.TAKEN:
            choose_mapping(same, mapping, by=by)
        return same
    plan = plan_by_name(mapping, table.header, team_id, table.rows[:SAMPLED_ROWS])
    batch = ImportBatch(
        file_name=file_name[-MAX_FILE_NAME_LENGTH:], sha256=sha256, encoding=table.encoding,
        separator=table.separator, header=table.header, row_count=len(table.rows),
        state=ImportState.RECEIVED, mapping=plan.to_json(), found={},
        team_id=team_id, visibility=Visibility.RESTRICTED,
    )  # fmt: skip
    set_record_author(batch, by=by)
    with audited_change(batch, "import:receive", by=by):
        pass
    owned = {"batch_id": batch.id, "team_id": team_id, "visibility": Visibility.RESTRICTED}
    rows = [
        {**owned, "number": number, "cells": json.dumps(cells), "fate": RowFate.WAITING}
        for number, cells in table.numbered_rows()
    ]
    session, kept = db.session(), table_of(ImportRow)
    prepare_insert(kept, rows, dialect=session.get_bind().dialect.name).run(session)
    return batch


def existing_batch(table: Table, *, sha256: str, team_id: int) -> ImportBatch | None:
    """Return the team's import of the same bytes that was not undone, if its incidents were created
    or it was parsed with the same encoding and separator; else None.
    """
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
    """Return the mapping with a name; for "" the one that best fits header and first rows.

    Raises InvalidInput if there is none with this name, or if the file lacks its columns.
    """
    known = queries.list_plans(team_id)
    if not name:
        return find_matching_plan(header, known, rows)
    plan = known.get(name)
    if plan is None:
        raise InvalidInput(mapping=_("There is no mapping of this name: %(name)s", name=name))
    missing = plan.missing_columns(header)
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
    """Raise InvalidInput if no row could become an incident by a mapping."""
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
    """Check all rows of a stored file by a mapping, and return the result.

    Compares with the records that the whole team sees, since the team is shown the result.
    """
    number = batch.id
    with viewing_as_team(batch.team_id):
        return check_rows(list(batch.header), lambda: queries.row_batches(number), plan)


def check_file_without_skipped_rows(
    batch: ImportBatch, plan: ImportPlan, reasons: Collection[SkipReason]
) -> tuple[ImportPlan, CheckResult]:
    """Check a file without the rows that there are `reasons` to skip; return the mapping that skips
    them, and the result.

    Raises InvalidInput if there are too many.
    """
    first = check_file(batch, plan)
    wrong = first.wrong_row_numbers if SkipReason.WRONG in reasons else []
    if len(wrong) > MAX_SKIPPED_ROWS:
        raise InvalidInput(
            left_out=_(
                "More than %(n)d rows are wrong: say first what their columns and words mean.",
                n=MAX_SKIPPED_ROWS,
            )
        )
    same = {
        *plan.the_same,
        *(first.similar_ref_by_row if SkipReason.ALIKE in reasons else ()),
        *(first.earlier_row_by_repeated_row if SkipReason.REPEATED in reasons else ()),
    }
    if len(same) > MAX_SKIPPED_ROWS:
        raise InvalidInput(
            left_out=_("At most %(n)d rows can be left out; take more out of the file.",
                       n=MAX_SKIPPED_ROWS)
        )  # fmt: skip
    plan = replace(plan, left_out=tuple(wrong), the_same=tuple(sorted(same)))
    checked = check_file(batch, plan)
    if wrong:
        checked.problems = first.problems
    return plan, checked


@pause_gc()
def check_rows(
    header: list[str], rows: Callable[[], Iterable[Sequence[NumberedRow]]], plan: ImportPlan
) -> CheckResult:
    """Return the result of checking rows by a mapping, without writing anything; `rows`: returns
    the batches of rows from the first on, each time it is called.
    """
    validate_plan(plan)
    columns = ColumnReader(header, plan, queries.load_word_codes())
    checked = CheckResult(left_out=plan.left_out, the_same=plan.the_same)
    left_out = frozenset((*plan.left_out, *plan.the_same))
    if columns.needs_day_order():
        for some in rows():
            columns.detect_day_order(cells for _row, cells in some)
    checker = RowChecker(columns)
    above: dict[str | tuple[str, str], RowDraft] = {}
    for some in rows():
        checked.row_count += len(some)
        for row, cells in some:
            if row not in left_out and any(cell and not cell.isspace() for cell in cells):
                checked.add(checker.check(row, cells), row, above)
    checked.unknown_word_counts = checker.unknown
    _find_existing(checked, plan)
    return checked


def _find_existing(checked: CheckResult, plan: ImportPlan) -> None:
    """Add existing records to a result: incidents by identifier or similarity, people by name."""
    checked.identifiers = [one.identifier for one in checked.drafts if one.identifier]
    checked.incident_by_identifier = incident_by_identifier = queries.incidents_by_identifier(
        plan.scheme, checked.identifiers
    )
    days = queries.incident_days(number for number, _ref in incident_by_identifier.values())
    for one in checked.drafts:
        if found := incident_by_identifier.get(one.identifier):
            checked.existing_by_row[one.row] = found
            if draft_day_bounds(one) != days[found[0]]:
                checked.add_difference(one.row, [ImportField.OCCURRED])
    checked.drafts = [one for one in checked.drafts if one.row not in checked.existing_by_row]
    on_record = queries.incident_refs_by_days(
        (one.when.earliest, one.when.latest) for one in checked.drafts
    )
    for one in checked.drafts:
        ref = on_record.get((one.when.earliest, one.when.latest, one.country, one.place))
        if ref:
            checked.similar_ref_by_row[one.row] = ref
    names = {name for one in checked.drafts for name in one.journalists}
    checked.journalists = queries.people_by_exact_name(Journalist, names)
    names = {name for one in checked.drafts for name in one.outlets}
    checked.outlets = queries.people_by_exact_name(Outlet, names)


def validate_not_imported(batch: ImportBatch) -> None:
    """Raise InvalidInput if incidents were created from this file, even if that was undone."""
    if batch.state not in {ImportState.RECEIVED, ImportState.CHECKED}:
        raise InvalidInput(version=_("This file was imported already."))


def choose_mapping(batch: ImportBatch, name: str, *, by: Actor) -> None:
    """Set another mapping of a file, by its name, "" for the one that fits.

    The file must be checked again. Raises InvalidInput as `plan_by_name` does.
    """
    validate_not_imported(batch)
    rows = [cells for _row, cells in queries.first_rows(batch.id, SAMPLED_ROWS)]
    plan = plan_by_name(name, list(batch.header), batch.team_id, rows)
    with audited_change(batch, "import:choose", by=by):
        batch.mapping, batch.found = plan.to_json(), {}
        batch.state = ImportState.RECEIVED
        batch.mark_revised(by=by)


def save_check(batch: ImportBatch, plan: ImportPlan, checked: CheckResult, *, by: Actor) -> None:
    """Store the mapping and the result of a check.

    A mapping with a name is also saved for other files.
    """
    validate_not_imported(batch)
    with audited_change(batch, "import:check", by=by):
        batch.mapping, batch.found = plan.to_json(), checked.to_json()
        batch.state = ImportState.CHECKED
        batch.mark_revised(by=by)
        if name := plan.kept_as:
            kept = queries.mapping_by_name(name, batch.team_id) or ImportMapping(
                name=name, team_id=batch.team_id, visibility=Visibility.RESTRICTED
            )
            kept.mapping = plan.reusable_parts().to_json()
            db.session.add(kept)


def remove_file(batch: ImportBatch, *, by: Actor) -> None:
    """Remove a file with all its rows, and log who removed it.

    Raises InvalidInput if it was imported.
    """
    validate_not_imported(batch)
    gone = {"removed": [batch.ref], "sha256": batch.sha256, "rows": batch.row_count}
    record_event("import:remove", batch.ref, by=by, changes=gone)
    db.session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id))
    db.session.delete(batch)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsRequest:
    """A requested download of the rows of a file: all, or those with one outcome (`fate`)."""

    batch_id: int
    batch_ref: str
    viewer: Viewer
    fate: RowFate | None = None


def log_rows_download(
    selection: RowsRequest, *, suffix: str, by: Actor
) -> export_log_service.ExportLogger:
    """Log who downloads the rows of a file, before the first byte is sent; return the logger.

    `suffix`: the extension of the download.
    """
    said = {"import": selection.batch_ref} | (
        {"rows": selection.fate.value} if selection.fate else {}
    )
    return export_log_service.start_export(
        # Logged as a file of incidents; the logged filter names the import.
        ExportKind.INCIDENTS,
        said,
        # The header was uploaded, and only the team of the file may read it.
        tables=[],
        # Nothing in it is translated.
        language="en",
        suffix=suffix,
        by=by,
    )


def stream_rows(selection: RowsRequest, run: export_log_service.ExportLogger) -> Iterator[bytes]:
    """Yield the rows of a file as CSV: number, outcome, ref, and the cells as uploaded.

    Its entry in the export log is closed after the last byte.
    """
    return export_log_service.log_completion(_stream_logged_rows(selection, run), run)


def _stream_logged_rows(
    selection: RowsRequest, run: export_log_service.ExportLogger
) -> Iterator[bytes]:
    """Yield the rows of a file and the outcome of each row, as parts of a CSV. The incidents of a
    part are added to `run` before the part is yielded.

    The import itself is logged too: its rows have names even without an incident.
    """
    with open_read_session(selection.viewer) as session:
        header = queries.file_header(session, selection.batch_id)
        run.add_rows([(selection.batch_ref, export_log_service.row_digest(header))], count=0)
        # Sent with the first rows: a download that breaks off after the header has logged rows.
        head: list[Sequence[Any]] = [(*COLUMNS_ADDED_TO_DOWNLOAD, *header)]
        for some in queries.rows_with_fates(session, selection.batch_id, selection.fate):
            lines = [(number, str(fate), ref or "", *cells) for number, fate, ref, cells in some]
            noted = [
                (one[2], export_log_service.row_digest(map(str, one))) for one in lines if one[2]
            ]
            run.add_rows(noted, count=len(lines))
            yield _format_csv([*head, *lines])
            head = []
        if head:
            yield _format_csv(head)


def _format_csv(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return rows as CSV in UTF-8; lone surrogates, which UTF-8 does not allow, do not fail: their
    bytes are written all the same.
    """
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode("utf-8", "surrogatepass")

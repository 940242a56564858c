"""Writing the tables of a package as the sheets of one workbook, for those who read in Excel."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from tracker.db import db
from tracker.errors import BadQuery
from tracker.i18n import _
from tracker.reports.ledger_service import watched
from tracker.reports.packages.tidy_queries import closed_names, count_of
from tracker.reports.packages.tidy_service import rows_of, seen_in
from tracker.reports.queries import reading_for
from tracker.reports.sheets import MOST_ROWS, workbook
from tracker.reports.tables import CODES, PUBLISHED, Kind, tables_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from tracker.reports.columns import Value
    from tracker.reports.ledger_service import Run
    from tracker.reports.packages.tidy_service import Question
    from tracker.reports.sheets import Sheet
    from tracker.reports.tables import Column, Table


def refuse_too_many(asked: Question) -> None:
    """Raise BadQuery where a table has more rows than a sheet holds, for the session's viewer."""
    for table in tables_of(asked.extent.profile):
        if table not in {CODES, PUBLISHED}:
            _refuse(count_of(db.session(), table, asked.extent))


def package_workbook(asked: Question, run: Run) -> Iterator[bytes]:
    """Yield the workbook; the run is closed after the last byte."""
    with reading_for(asked.viewer) as session:
        yield from watched(workbook(_sheets(session, asked, run)), run)


def _sheets(session: Session, asked: Question, run: Run) -> Iterator[Sheet]:
    closed = closed_names(session)
    for table in tables_of(asked.extent.profile):
        rows = rows_of(session, table, asked.extent, closed)
        yield table.name, table.carried_by(asked.extent.profile), _noted(rows, table, asked, run)


def _noted(
    batches: Iterator[list[list[str]]], table: Table, asked: Question, run: Run
) -> Iterator[list[list[Value]]]:
    """Yield the rows of a table, each batch once it is written down which records are in it."""
    columns = table.carried_by(asked.extent.profile)
    for rows in batches:
        seen = seen_in(table, asked.extent, rows)
        run.note([(ref, digest) for ref, digest, _reason in seen])
        yield [[_value(one, cell) for one, cell in zip(columns, row, strict=True)] for row in rows]


def _value(column: Column, cell: str) -> Value:
    """Return what a cell says as what it is, so that Excel sorts and counts it."""
    if not cell:
        return None
    if column.kind in {Kind.NUMBER, Kind.ORDINAL}:
        return int(cell)
    if column.kind is Kind.DAY:
        return date.fromisoformat(cell)
    return datetime.fromisoformat(cell) if column.kind is Kind.MOMENT else cell


def _refuse(count: int) -> None:
    if count > MOST_ROWS:
        words = _("Excel holds %(most)d rows at most: take another format.", most=MOST_ROWS)
        raise BadQuery("format", words)

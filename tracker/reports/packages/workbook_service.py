"""Writing the tables of a package as the sheets of one workbook, for those who read in Excel; what
became of the rows that its recipient has is a sheet as well. It opens on what it says of itself.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from tracker.db import db
from tracker.errors import BadQuery
from tracker.i18n import _
from tracker.reports.ledger_service import stored
from tracker.reports.packages.tidy_service import Entry, Leaving, facts_of, moment, number_of
from tracker.reports.queries import reading_for
from tracker.reports.sheets import MOST_ROWS, workbook
from tracker.reports.tables import CHANGES, Column, Kind, tables_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.reports.columns import Value
    from tracker.reports.ledger_service import Run
    from tracker.reports.packages.tidy_service import Question
    from tracker.reports.sheets import Sheet

README = (
    Column(name="about", says="What is said, or the name of a sheet.", kind=Kind.TEXT),
    Column(name="says", says="What is said of it.", kind=Kind.TEXT),
)


def refuse_too_many(asked: Question) -> None:
    """Raise BadQuery where a table has more rows than a sheet holds, for the session's viewer.

    What stands in `changes` is known only when all was read: too much of it breaks off.
    """
    for table in tables_of(asked.extent.profile):
        _refuse(number_of(db.session(), table, asked.extent))


def package_workbook(asked: Question, run: Run) -> Iterator[bytes]:
    """Yield the workbook; the run is closed after the last byte."""
    with reading_for(asked.viewer) as session:
        leaving = Leaving(session, asked, run)
        yield from stored(workbook(_sheets(leaving, asked, run)), run)
        leaving.end()


def _sheets(leaving: Leaving, asked: Question, run: Run) -> Iterator[Sheet]:
    profile = asked.extent.profile
    of_tables = [(table.name, table.says) for table in tables_of(profile)]
    yield "README", README, [[*facts_of(asked, run, moment()), *of_tables]]
    for table in tables_of(profile):
        columns = table.carried_by(profile)
        yield table.name, columns, _values(columns, leaving.rows_of(table, Entry()))
    changes = leaving.changes()
    if changes is not None:
        yield CHANGES.name, CHANGES.columns, [changes]


def _values(
    columns: Sequence[Column], batches: Iterator[list[list[str]]]
) -> Iterator[list[list[Value]]]:
    for rows in batches:
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

"""Writing incidents, or what is published, as CSV, a batch at a time."""

from __future__ import annotations

import csv
import io
from itertools import islice
from typing import TYPE_CHECKING

from tracker.audit.service import record_event
from tracker.db import write_transaction
from tracker.reports.cells import guarded
from tracker.reports.columns import COLUMNS, Row, cells
from tracker.reports.ledger_service import row_digest, watched
from tracker.reports.packages.tidy_queries import plain
from tracker.reports.published_queries import COLUMNS as PUBLISHED
from tracker.reports.published_queries import published_rows
from tracker.reports.queries import BATCH, batches_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Select

    from tracker.incidents.models import Incident
    from tracker.permissions import Actor
    from tracker.reports.ledger_service import Run
    from tracker.scoping import Viewer

# Excel reads Cyrillic in a CSV only behind this mark.
BOM = "\ufeff"


def note_export(asked: dict[str, str | list[str]], *, file: str, by: Actor) -> None:
    """Write into the trail who takes a file of figures, before it leaves: no record has a row in
    it, so that the ledger has nothing to keep of it.
    """
    with write_transaction() as session:
        record_event(f"export:{file}", f"{file}.csv", by=by, changes=asked, session=session)


def incidents_as_csv(
    rows: Select[Incident],
    viewer: Viewer,
    *,
    address_of: Callable[[Incident], str],
    language: str,
    run: Run,
    size: int = BATCH,
) -> Iterator[bytes]:
    """Yield the file: UTF-8 with BOM, lines ended by CR LF (RFC 4180), header first."""
    batches = (
        [cells(Row(one, cases.get(one.id, ()), address_of(one), language, closed)) for one in found]
        for found, cases, closed in batches_of(rows, viewer, size=size)
    )
    return watched(_as_csv(list(COLUMNS), batches, run), run)


def published_as_csv(run: Run) -> Iterator[bytes]:
    """Yield the public file, a batch at a time, in the same form."""
    return watched(_as_csv(list(PUBLISHED), _published(), run), run)


def _published() -> Iterator[list[list[str]]]:
    rows = published_rows()
    while batch := list(islice(rows, BATCH)):
        yield [[guarded(plain(row[name])) for name in PUBLISHED] for row in batch]


def _as_csv(header: list[str], batches: Iterator[list[list[str]]], run: Run) -> Iterator[bytes]:
    yield _lines([header], begin=BOM)
    for rows in batches:
        run.note([(row[0], row_digest(row)) for row in rows])
        yield _lines(rows)


def _lines(rows: list[list[str]], *, begin: str = "") -> bytes:
    buffer = io.StringIO(begin)
    buffer.seek(0, io.SEEK_END)
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode()

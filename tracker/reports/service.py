"""Writing incidents as CSV, a batch at a time, and noting in the trail that somebody took them."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from tracker.audit.service import record_event
from tracker.db import write_transaction
from tracker.reports.cells import guarded
from tracker.reports.columns import COLUMNS, Row, cells
from tracker.reports.published_queries import COLUMNS as PUBLISHED
from tracker.reports.published_queries import published_rows
from tracker.reports.queries import BATCH, batches_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Select

    from tracker.incidents.models import Incident
    from tracker.permissions import Actor
    from tracker.scoping import Viewer

# Excel reads Cyrillic in a CSV only behind this mark.
BOM = "\ufeff"


def note_export(asked: dict[str, str | list[str]], *, file: str = "incidents", by: Actor) -> None:
    """Write into the trail who takes which file, of which incidents, before the first byte leaves.

    In a transaction of its own: the request that asks is a GET, which only reads.
    """
    with write_transaction() as session:
        record_event(f"export:{file}", f"{file}.csv", by=by, changes=asked, session=session)


def incidents_as_csv(
    rows: Select[Incident],
    viewer: Viewer,
    *,
    address_of: Callable[[Incident], str],
    language: str,
    size: int = BATCH,
) -> Iterator[bytes]:
    """Yield the file: UTF-8 with BOM, lines ended by CR LF (RFC 4180), header first."""
    yield _lines([list(COLUMNS)], begin=BOM)
    for found, cases, closed in batches_of(rows, viewer, size=size):
        yield _lines(
            cells(Row(one, cases.get(one.id, ()), address_of(one), language, closed))
            for one in found
        )


def published_as_csv() -> Iterator[bytes]:
    """Yield the public file, a batch at a time, in the same form."""
    yield _lines([list(PUBLISHED)], begin=BOM)
    rows = published_rows()
    while batch := list(islice(rows, BATCH)):
        yield _lines([guarded(_plain(row[name])) for name in PUBLISHED] for row in batch)


def _plain(value: object) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else str(value)


def _lines(rows: Iterator[list[str]] | list[list[str]], *, begin: str = "") -> bytes:
    buffer = io.StringIO(begin)
    buffer.seek(0, io.SEEK_END)
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode()

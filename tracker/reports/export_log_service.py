"""Write the export log before and after a file is sent."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from tracker import clock
from tracker.audit.service import record_event
from tracker.bulk_insert import prepare_insert, table_of
from tracker.db import write_transaction
from tracker.permissions import Actor
from tracker.reports.codes import ExportKind, Profile
from tracker.reports.models import ExportedRow, ExportRecipient, ExportRun
from tracker.reports.queries import find_recipients
from tracker.reports.tables import Table

# How many rows are stored in one transaction.
STORED_BATCH_SIZE = 5000


@dataclass(slots=True)
class ExportLogger:
    """Logs which records are in a file while it is exported.

    `id`, `ref`: of the entry in the export log; `row_count`: the number of rows of the file so far.
    The refs are collected in a temporary file, and stored at the end in the order of the refs:
    inserted in the order of the export, a million of them would change each page of the indexes
    many times, and the write-ahead log would grow by gigabytes.
    """

    id: int
    ref: str
    row_count: int = 0
    _temporary_rows: sqlite3.Connection | None = None

    def add_rows(self, rows: Sequence[tuple[str, str]], *, count: int | None = None) -> None:
        """Add records that are sent. `rows`: the ref of each record, and the digest of its row;
        `count`: how many rows of the file are about these records, None for one row per record.
        """
        self.row_count += len(rows) if count is None else count
        if self._temporary_rows is None:
            self._temporary_rows = sqlite3.connect(
                "", isolation_level=None, check_same_thread=False
            )
            self._temporary_rows.execute("PRAGMA temp_store = FILE")
            self._temporary_rows.execute("CREATE TABLE noted (ref TEXT, digest TEXT)")
            self._temporary_rows.execute("BEGIN")
        self._temporary_rows.executemany("INSERT INTO noted VALUES (?, ?)", rows)

    def store_rows(self) -> None:
        """Store the added records in the database, each batch in a separate transaction."""
        if self._temporary_rows is None:
            return
        with closing(self._temporary_rows) as noted:
            self._temporary_rows = None
            # Several rows of a file may refer to one record.
            rows = noted.execute("SELECT ref, max(digest) FROM noted GROUP BY ref ORDER BY ref")
            while batch := rows.fetchmany(STORED_BATCH_SIZE):
                values = [{"run_id": self.id, "ref": ref, "digest": one} for ref, one in batch]
                with write_transaction() as session:
                    dialect = session.get_bind().dialect.name
                    prepare_insert(table_of(ExportedRow), values, dialect=dialect).run(session)
        # Stored last: without it the list is incomplete.
        self._update_entry(rows=self.row_count)

    def close(self, sha256: str, *, rows: int | None = None) -> None:
        """Store the added records, and that the whole file was sent. `sha256`: the digest of the
        file; `rows`: the number of rows in the file, None for the sum of the counts of `add_rows`.
        """
        self.store_rows()
        number = self.row_count if rows is None else rows
        self._update_entry(ended_at=clock.utc_now(), sha256=sha256, rows=number)

    def _update_entry(self, **values: Any) -> None:  # noqa: ANN401 (columns of a run)
        """Set columns of the entry in the export log, in a separate transaction; `**values`: the
        new value of each column.
        """
        with write_transaction() as session:
            session.execute(update(ExportRun).where(ExportRun.id == self.id).values(**values))


def start_export(
    kind: ExportKind,
    options: Mapping[str, Any],
    *,
    tables: Iterable[Table],
    profile: Profile = Profile.INTERNAL,
    language: str,
    recipient: str = "",
    suffix: str = "csv",
    by: Actor,
) -> ExportLogger:
    """Log who exports which file, before the first byte is sent, and return the logger of rows.
    `options`: as the export log stores them; `tables`: the tables in the file.

    In a separate transaction, since the GET request only reads.
    """
    # The filter of a file with one table includes its format.
    form = {"form": suffix.upper()} if kind is ExportKind.PACKAGE else {}
    made = ExportRun(
        by_id=by.id,
        kind=kind,
        profile=profile,
        asked=dict(options) | form,
        columns={one.name: [of.name for of in one.columns_for(profile)] for one in tables},
        language=language,
        question=row_digest(
            [str(by.id), kind, profile, language, json.dumps(options, sort_keys=True)]
        ),
    )
    of_package = {"profile": profile.value, "recipient": recipient}
    changes = dict(options) | (of_package if kind is ExportKind.PACKAGE else {})
    with write_transaction() as session:
        if recipient:
            made.recipient_id = _get_or_create_recipient(session, recipient).id
        session.add(made)
        name = f"{kind.value}.{suffix}"
        record_event(f"export:{kind.value}", name, by=by, changes=changes, session=session)
        session.flush()
        return ExportLogger(made.id, made.ref)


def log_completion(file: Iterator[bytes], run: ExportLogger) -> Iterator[bytes]:
    """Yield the parts of a file, and log its digest after the last one."""
    digest = hashlib.sha256()
    for part in log_sent_rows(file, run):
        digest.update(part)
        yield part
    run.close(digest.hexdigest())


def log_sent_rows(file: Iterator[bytes], run: ExportLogger) -> Iterator[bytes]:
    """Yield the parts of a file, and store the sent records even if the download breaks off."""
    try:
        yield from file
    finally:
        run.store_rows()


def row_digest(cells: Iterable[str]) -> str:
    """Return the digest of the cells of a row: 32 hexadecimal digits."""
    return hashlib.sha256("\x1f".join(cells).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _get_or_create_recipient(session: Session, name: str) -> ExportRecipient:
    """Return the oldest recipient with a name, ignoring case, created if there is none."""
    if found := find_recipients(session, name):
        return found[0]
    made = ExportRecipient(name=name)
    session.add(made)
    session.flush()
    return made

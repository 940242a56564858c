"""Preview a data package, and write it as a ZIP of tables or as one workbook.

Both are written in batches, with the changes since earlier packages of the recipient.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy.orm import Session

from tracker import clock
from tracker.db import db
from tracker.errors import BadQuery
from tracker.i18n import _, use_language
from tracker.incidents.models import Incident
from tracker.incidents.queries import filter_labels_by_code, incidents_matching
from tracker.permissions import Actor
from tracker.reports.codes import Profile, RowChange
from tracker.reports.export_log_service import ExportLogger, log_sent_rows, row_digest
from tracker.reports.filters import FIELD_LABELS, PackageOptions
from tracker.reports.flat_queries import count_published, published_rows
from tracker.reports.flat_rows import Value
from tracker.reports.formats import MAX_SHEET_ROWS, WorkbookSheet, stream_workbook
from tracker.reports.models import NO_DIGEST, ExportRun
from tracker.reports.packages import changes_queries
from tracker.reports.packages.metadata import (
    PACKAGE_VERSION,
    audience_label,
    build_datapackage,
    build_readme,
)
from tracker.reports.packages.queries import (
    BATCH_SIZE,
    code_rows,
    count_exported_rows,
    exported_row_batches,
    format_value,
)
from tracker.reports.queries import open_read_session
from tracker.reports.scope_queries import ExportScope
from tracker.reports.tables import (
    CHANGES,
    CODES,
    PUBLISHED_INCIDENTS,
    TABLES,
    Column,
    ColumnKind,
    Table,
    tables_for_profile,
)
from tracker.scoping import Viewer

# The columns of the sheet README of the workbook.
README_COLUMNS = (
    Column(name="about", description="What is said, or the name of a sheet.", kind=ColumnKind.TEXT),
    Column(name="says", description="What is said of it.", kind=ColumnKind.TEXT),
)
MAX_SHOWN_CHANGES = 100  # changed rows in the preview
# The tables of records that a second person approves.
REVIEWED_TABLES = frozenset({"incidents", "fake_accounts", "responses", "appeals", "proceedings"})


@dataclass(frozen=True, slots=True)
class PackagePreview:
    """The preview of a package: rows by table, what is left out, and changes.

    `columns_withheld`: by table; `changes`: the first ones, by ref; `change_counts`: how many of
    each kind; `compared_run_id`: the export run that the changes refer to, None without an earlier
    one.
    """

    row_counts: dict[str, int]
    columns_withheld: dict[str, list[str]]
    incidents_withheld: int
    drafts_left_out: int
    changes: list[tuple[str, changes_queries.Change]]
    change_counts: Counter[RowChange]
    compared_run_id: int | None


def build_package_request(
    requested: PackageOptions, *, since: Sequence[ExportRun], by: Actor
) -> PackageRequest:
    """Return the request of a package; `since`: the earlier packages to compare with.

    Raises BadQuery for an invalid filter.
    """
    rows = incidents_matching(requested.incidents)
    with use_language("en"):
        filter_description = requested.describe(filter_labels_by_code(requested.incidents))
    return PackageRequest(
        scope=ExportScope(
            requested.profile,
            None if requested.is_unfiltered else rows.with_only_columns(Incident.id),
            drafts=requested.drafts,
        ),
        viewer=Viewer(tuple(by.team_ids)),
        filter_description=filter_description,
        recipient=requested.recipient,
        compared_run_ids=tuple(one.id for one in since),
    )


def find_last_packages(requested: PackageOptions) -> list[ExportRun]:
    """Return the last package of the requested profile that was sent completely to the recipient,
    and the last one before it with a different digest; none if there is no recipient or no earlier
    package.
    """
    if not requested.recipient:
        return []
    return changes_queries.last_packages(db.session(), requested.recipient, requested.profile)


def preview_package(requested: PackageRequest) -> PackagePreview:
    """Return the preview of a package, for the session's viewer."""
    session = db.session()
    scope = requested.scope
    rows = {
        table.name: count_table_rows(session, table, scope)
        for table in tables_for_profile(scope.profile)
    }
    exported_names = {
        table.name: {one.name for one in table.columns_for(scope.profile)} for table in TABLES
    }
    withheld = {
        table.name: [name for name in table.header if name not in exported_names[table.name]]
        for table in TABLES
        if table is not PUBLISHED_INCIDENTS and set(table.header) - exported_names[table.name]
    }
    with_drafts = ExportScope(scope.profile, scope.incidents, drafts=True)
    shared = {
        table.name: count_exported_rows(session, table, with_drafts)
        for table in TABLES
        if table.name in REVIEWED_TABLES & rows.keys()
    }
    compared = preview_comparison(session, requested)
    changes = compared.changes if compared else {}
    return PackagePreview(
        row_counts=rows,
        columns_withheld=withheld,
        incidents_withheld=_count_restricted(session, scope, shared),
        drafts_left_out=sum(count - rows[name] for name, count in shared.items()),
        changes=sorted(changes.items())[:MAX_SHOWN_CHANGES],
        change_counts=Counter(one.kind for one in changes.values()),
        compared_run_id=compared.since if compared else None,
    )


def _count_restricted(
    session: Session, export_scope: ExportScope, shared: Mapping[str, int]
) -> int:
    """Return how many of the requested incidents a file for others leaves out since they may not be
    shared. `shared`: by table, how many rows may be shared, drafts included.
    """
    if "incidents" not in shared:
        return 0
    table = next(one for one in TABLES if one.name == "incidents")
    every = count_exported_rows(
        session, table, ExportScope(Profile.INTERNAL, export_scope.incidents)
    )
    return every - shared["incidents"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRequest:
    """A requested package: what it may contain, for which viewer and recipient, and what it is
    compared with.

    `compared_run_ids`: the ids of the export runs up to which the package is compared: the last
    package of the recipient, and the last one with different content; `filter_description`: the
    filter as text.
    """

    scope: ExportScope
    viewer: Viewer
    filter_description: str
    recipient: str = ""
    compared_run_ids: tuple[int, ...] = ()


def stream_package_zip(requested: PackageRequest, run: ExportLogger) -> Iterator[bytes]:
    """Yield the bytes of a package as ZIP, and close its entry in the export log after the last."""
    return log_sent_rows(_zip_parts(requested, run), run)


def _zip_parts(requested: PackageRequest, run: ExportLogger) -> Iterator[bytes]:
    """Yield the bytes of a package as ZIP, in parts."""
    zipped = _ZipStream()
    with open_read_session(requested.viewer) as session:
        writer = PackageWriter(session, requested, run)
        tables = tables_for_profile(requested.scope.profile)
        for table in tables:
            with zipped.open_entry(f"{table.name}.csv") as entry:
                for _rows in writer.write_table(table, entry):
                    yield zipped.new_bytes()
        files = {
            f"{table.name}.csv": zipped.files[f"{table.name}.csv"].to_metadata() for table in tables
        }
        rows_in = {name: of.row_count for name, of in zipped.files.items()}
        changes = writer.change_rows()
        if changes is not None:
            with zipped.open_entry("changes.csv") as entry:
                entry.write_rows([CHANGES.header, *changes])
        now = current_time_text()
        with zipped.open_entry("datapackage.json") as entry:
            entry.write(
                build_datapackage(
                    tables, requested.scope.profile, files, now, drafts=requested.scope.drafts
                )
            )
    with zipped.open_entry("README.txt") as entry:
        about = {name: of.to_metadata() for name, of in zipped.files.items() if of is not entry}
        entry.write(
            build_readme(details=package_details(requested, run, now), rows=rows_in, files=about)
        )
    yield zipped.final_bytes()
    writer.close()


class PackageWriter:
    """A writer of the tables of a package, in any format.

    Logs the exported records, and compares them with those of earlier packages of the recipient.
    """

    def __init__(self, session: Session, requested: PackageRequest, run: ExportLogger) -> None:
        self.session, self.request, self.run = session, requested, run
        self.compared = build_comparisons(session, requested)
        self.redacted = requested.scope.redacted_names(session)
        self.tables: list[ZipEntry] = []

    def write_table(self, table: Table, entry: ZipEntry) -> Iterator[list[list[str]]]:
        """Write a table to a ZIP entry, batch by batch; yield the rows of each batch after they are
        written.
        """
        scope = self.request.scope
        self.tables.append(entry)
        entry.write_rows([[one.name for one in table.columns_for(scope.profile)]])
        for rows in row_batches(self.session, table, scope, self.redacted):
            entry.write_rows(rows)
            entry.row_count += len(rows)
            seen = row_digests(table, scope, rows)
            self.run.add_rows([(ref, digest) for ref, digest, _reason in seen])
            if seen:
                changes_queries.compare_rows(self.compared, seen)
            yield rows

    def change_rows(self) -> list[list[str]] | None:
        """Return the rows of the table `changes`; None without an earlier package.

        To be called after the last table was written.
        """
        if not self.compared:
            return None
        comparison = changes_queries.choose_comparison(self.compared)
        self.run.add_rows([(ref, NO_DIGEST) for ref in comparison.missing])
        return list(comparison.format_rows())

    def close(self) -> None:
        """Close the entry in the export log, after the last byte.

        The same tables give the same digest, as a ZIP and as a workbook.
        """
        hashes = "".join(one.to_metadata()["hash"] for one in self.tables)
        whole = hashlib.sha256(hashes.encode()).hexdigest()
        self.run.close(whole, rows=sum(one.row_count for one in self.tables))


def build_comparisons(
    session: Session, requested: PackageRequest
) -> list[changes_queries.Comparison]:
    """Return the comparisons of a package with each of the earlier packages in `since`."""
    return [
        changes_queries.Comparison(session, requested.recipient, one, requested.scope)
        for one in requested.compared_run_ids
    ]


def preview_comparison(
    session: Session, requested: PackageRequest
) -> changes_queries.Comparison | None:
    """Return the comparison for `changes.csv`, without writing; None without earlier package."""
    compared = build_comparisons(session, requested)
    if not compared:
        return None
    redacted = requested.scope.redacted_names(session)
    for table in tables_for_profile(requested.scope.profile):
        if table.is_record_table:
            for rows in row_batches(session, table, requested.scope, redacted):
                changes_queries.compare_rows(compared, row_digests(table, requested.scope, rows))
    return changes_queries.choose_comparison(compared)


def row_batches(
    session: Session, table: Table, export_scope: ExportScope, redacted: Sequence[str]
) -> Iterator[list[list[str]]]:
    """Yield the rows of a table of a package as text, in batches, also of `CODES` and
    `PUBLISHED_INCIDENTS`, which have no `RowSource`; `redacted`: names to redact.
    """
    if table is CODES:
        yield list(code_rows(session))
    elif table is PUBLISHED_INCIDENTS:
        names = PUBLISHED_INCIDENTS.header
        rows = published_rows()
        while batch := list(islice(rows, BATCH_SIZE)):
            yield [[format_value(row[name]) for name in names] for row in batch]
    else:
        yield from exported_row_batches(session, table, export_scope, redacted)


def count_table_rows(session: Session, table: Table, export_scope: ExportScope) -> int:
    """Return how many rows a table of a package has, also `CODES` and `PUBLISHED_INCIDENTS`."""
    if table is CODES:
        return sum(1 for _row in code_rows(session))
    return (
        count_published()
        if table is PUBLISHED_INCIDENTS
        else count_exported_rows(session, table, export_scope)
    )


def row_digests(
    table: Table, export_scope: ExportScope, rows: list[list[str]]
) -> list[tuple[str, str, str]]:
    """Return the ref, the digest and the retraction reason ("" if none) of each row. Return an
    empty list for a table whose rows are not records.
    """
    if not table.is_record_table:
        return []
    names = [one.name for one in table.columns_for(export_scope.profile)]
    reason = names.index("retract_reason") if "retract_reason" in names else None
    return [(row[0], row_digest(row), row[reason] if reason is not None else "") for row in rows]


def current_time_text() -> str:
    """Return the current time as it stands in a package: ISO 8601, in UTC."""
    return f"{clock.utc_now():%Y-%m-%dT%H:%M:%SZ}"


def package_details(
    requested: PackageRequest, run: ExportLogger, now: str
) -> list[tuple[str, str]]:
    """Return names and values that describe a package: time (`now`), audience, filter, version."""
    details = [
        ("Taken", f"{now} as {run.ref}"),
        ("Profile", audience_label(requested.scope.profile, drafts=requested.scope.drafts)),
        ("Incidents", requested.filter_description),
        ("Version of the tables", PACKAGE_VERSION),
    ]
    if requested.recipient:
        details.append(("For", requested.recipient))
    if requested.scope.profile is Profile.PARTNER:
        details.append(("Not in it", "incidents that their teams keep to themselves"))
    return details


@dataclass(slots=True)
class ZipEntry:
    """A file of the ZIP being written, with its size, digest and number of rows.

    Without a `target`, an open file to write to, it is only digested.
    """

    target: Any = None
    digest: Any = field(default_factory=hashlib.sha256)
    size: int = 0
    row_count: int = 0

    def write(self, text: str) -> None:
        """Write a text, and add it to size and digest."""
        content = text.encode()
        self.digest.update(content)
        self.size += len(content)
        if self.target is not None:
            self.target.write(content)

    def write_rows(self, rows: Iterable[Sequence[str]]) -> None:
        """Write rows as CSV."""
        buffer = io.StringIO()
        csv.writer(buffer).writerows(rows)
        self.write(buffer.getvalue())

    def to_metadata(self) -> dict[str, Any]:
        """Return size and hash of the file, for README and schema."""
        return {"bytes": self.size, "hash": f"sha256:{self.digest.hexdigest()}"}


class _ZipBuffer(io.RawIOBase):
    """A buffer for the bytes of a ZIP until they are sent; it cannot seek."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:  # noqa: ANN401 (bytes-like)
        self.parts.append(bytes(content))
        return len(content)


class _ZipStream:
    """A ZIP that is sent while it is written: after each write to an entry from `open_entry`, the
    result of `new_bytes` can be sent.
    """

    def __init__(self) -> None:
        self.buffer = _ZipBuffer()
        self.zip = zipfile.ZipFile(self.buffer, "w", zipfile.ZIP_DEFLATED)
        self.files: dict[str, ZipEntry] = {}

    @contextmanager
    def open_entry(self, name: str) -> Iterator[ZipEntry]:
        """Open a new file of the ZIP for writing."""
        about = zipfile.ZipInfo(name, clock.utc_now().timetuple()[:6])
        about.compress_type = zipfile.ZIP_DEFLATED
        with self.zip.open(about, "w", force_zip64=True) as target:
            self.files[name] = ZipEntry(target)
            yield self.files[name]

    def new_bytes(self) -> bytes:
        """Return the bytes that were written since the last call."""
        found = b"".join(self.buffer.parts)
        self.buffer.parts.clear()
        return found

    def final_bytes(self) -> bytes:
        """Close the ZIP, and return its last bytes."""
        self.zip.close()
        return self.new_bytes()


def validate_row_limit(requested: PackageRequest) -> None:
    """Raise BadQuery if a table has more rows than an Excel sheet, for the session's viewer.

    The size of `changes` is known only after all tables were read: too many rows interrupt the
    file.
    """
    for table in tables_for_profile(requested.scope.profile):
        _validate_row_count(count_table_rows(db.session(), table, requested.scope))


def stream_package_workbook(requested: PackageRequest, run: ExportLogger) -> Iterator[bytes]:
    """Yield the bytes of a package as workbook, and close its entry in the log after the last."""
    with open_read_session(requested.viewer) as session:
        writer = PackageWriter(session, requested, run)
        yield from log_sent_rows(stream_workbook(_workbook_sheets(writer, requested, run)), run)
        writer.close()


def _workbook_sheets(
    writer: PackageWriter, requested: PackageRequest, run: ExportLogger
) -> Iterator[WorkbookSheet]:
    """Yield the sheets of a package as workbook: README, tables and changes."""
    profile = requested.scope.profile
    of_tables = [(table.name, table.description) for table in tables_for_profile(profile)]
    yield (
        "README",
        README_COLUMNS,
        [[*package_details(requested, run, current_time_text()), *of_tables]],
    )
    for table in tables_for_profile(profile):
        columns = table.columns_for(profile)
        yield (
            table.name,
            columns,
            _typed_batches(columns, writer.write_table(table, ZipEntry())),
        )
    changes = writer.change_rows()
    if changes is not None:
        yield CHANGES.name, CHANGES.columns, [changes]


def _typed_batches(
    columns: Sequence[Column], batches: Iterator[list[list[str]]]
) -> Iterator[list[list[Value]]]:
    """Yield batches of rows whose cells are typed values instead of text."""
    for rows in batches:
        yield [
            [_typed_value(one, cell) for one, cell in zip(columns, row, strict=True)]
            for row in rows
        ]


def _typed_value(column: Column, cell: str) -> Value:
    """Return the text of a cell as a typed value, so that Excel sorts and counts it."""
    if not cell:
        return None
    if column.kind in {ColumnKind.NUMBER, ColumnKind.ORDINAL}:
        return int(cell)
    if column.kind is ColumnKind.DAY:
        return date.fromisoformat(cell)
    return datetime.fromisoformat(cell) if column.kind is ColumnKind.MOMENT else cell


def _validate_row_count(count: int) -> None:
    """Raise BadQuery if an Excel sheet cannot hold this number of rows."""
    if count > MAX_SHEET_ROWS:
        words = _("Excel holds %(most)d rows at most: take another format.", most=MAX_SHEET_ROWS)
        raise BadQuery("format", words, label=FIELD_LABELS["format"])

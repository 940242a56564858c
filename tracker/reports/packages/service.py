"""A package: its preview, and writing it as a ZIP of tables or as one workbook.

Both are written in batches, with the changes since the packages its recipient has.
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
from tracker.incidents.naming_queries import redacted_names
from tracker.incidents.queries import filter_labels, incidents_matching
from tracker.permissions import Actor
from tracker.reports.codes import Profile, RowChange
from tracker.reports.export_log_service import ExportLogger, log_partial, row_digest
from tracker.reports.filters import FIELD_LABELS, PackageFilter
from tracker.reports.flat_queries import count_of_published, published_rows
from tracker.reports.flat_rows import Value
from tracker.reports.formats import MOST_ROWS, Sheet, workbook
from tracker.reports.models import NO_DIGEST, ExportRun
from tracker.reports.packages import changes_queries
from tracker.reports.packages.metadata import PACKAGE_VERSION, audience_label, datapackage, readme
from tracker.reports.packages.queries import (
    BATCH_SIZE,
    batches_of,
    code_rows,
    count_of,
    to_plain_value,
)
from tracker.reports.queries import reading_session
from tracker.reports.scope_queries import ExportScope
from tracker.reports.tables import CHANGES, CODES, PUBLISHED, TABLES, Column, Kind, Table, tables_of
from tracker.scoping import Viewer

README_COLUMNS = (
    Column(name="about", says="What is said, or the name of a sheet.", kind=Kind.TEXT),
    Column(name="says", says="What is said of it.", kind=Kind.TEXT),
)
MOST_SHOWN = 100  # changed rows
# The tables of records that a second person approves.
REVIEWED_TABLES = frozenset({"incidents", "fake_accounts", "responses", "appeals", "proceedings"})


@dataclass(frozen=True, slots=True)
class Preview:
    """What a package would contain: rows by table, what is left out, and changes.

    Changes since one of the packages that its recipient has.
    """

    rows: dict[str, int]
    columns_withheld: dict[str, list[str]]
    incidents_withheld: int
    drafts_left_out: int
    changes: list[tuple[str, changes_queries.Change]]
    changed: Counter[RowChange]
    since: int | None


def package_request(
    requested: PackageFilter, *, since: Sequence[ExportRun], by: Actor
) -> PackageRequest:
    """Return the request of a package; raise BadQuery as `incidents_matching` does."""
    rows = incidents_matching(requested.incidents)
    with use_language("en"):
        said = requested.described(filter_labels(requested.incidents))
    return PackageRequest(
        extent=ExportScope(
            requested.profile,
            None if requested.is_whole else rows.with_only_columns(Incident.id),
            drafts=requested.drafts,
        ),
        viewer=Viewer(tuple(by.team_ids)),
        said=said,
        recipient=requested.recipient,
        since=tuple(one.id for one in since),
    )


def last_package(requested: PackageFilter) -> list[ExportRun]:
    """Return the last package that the recipient has, and the last one with other tables."""
    if not requested.recipient:
        return []
    return changes_queries.last_packages(db.session(), requested.recipient, requested.profile)


def preview_package(requested: PackageRequest) -> Preview:
    """Return what a package would contain, for the session's viewer."""
    session = db.session()
    extent = requested.extent
    rows = {table.name: number_of(session, table, extent) for table in tables_of(extent.profile)}
    carried = {
        table.name: {one.name for one in table.columns_for(extent.profile)} for table in TABLES
    }
    withheld = {
        table.name: [name for name in table.header if name not in carried[table.name]]
        for table in TABLES
        if table is not PUBLISHED and set(table.header) - carried[table.name]
    }
    with_drafts = ExportScope(extent.profile, extent.incidents, drafts=True)
    shared = {
        table.name: count_of(session, table, with_drafts)
        for table in TABLES
        if table.name in REVIEWED_TABLES & rows.keys()
    }
    compared = changes_before(session, requested)
    changes = compared.changes if compared else {}
    return Preview(
        rows=rows,
        columns_withheld=withheld,
        incidents_withheld=_count_restricted(session, extent, shared),
        drafts_left_out=sum(count - rows[name] for name, count in shared.items()),
        changes=sorted(changes.items())[:MOST_SHOWN],
        changed=Counter(one.what for one in changes.values()),
        since=compared.since if compared else None,
    )


def _count_restricted(
    session: Session, export_scope: ExportScope, shared: Mapping[str, int]
) -> int:
    """Return how many matching incidents are not shared with others."""
    if "incidents" not in shared:
        return 0
    table = next(one for one in TABLES if one.name == "incidents")
    every = count_of(session, table, ExportScope(Profile.INTERNAL, export_scope.incidents))
    return every - shared["incidents"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRequest:
    """The request of a package.

    `since`: the runs up to which it is compared: the last one that its recipient has, and the last
    one with other tables; `said`: the filter as text.
    """

    extent: ExportScope
    viewer: Viewer
    said: str
    recipient: str = ""
    since: tuple[int, ...] = ()


def write_package(requested: PackageRequest, run: ExportLogger) -> Iterator[bytes]:
    """Yield the ZIP; the run is closed after the last byte."""
    return log_partial(_write_zip(requested, run), run)


def _write_zip(requested: PackageRequest, run: ExportLogger) -> Iterator[bytes]:
    zipped = _Zip()
    with reading_session(requested.viewer) as session:
        leaving = PackageTables(session, requested, run)
        tables = tables_of(requested.extent.profile)
        for table in tables:
            with zipped.entry(f"{table.name}.csv") as entry:
                for _rows in leaving.rows_of(table, entry):
                    yield zipped.new_bytes()
        files = {f"{table.name}.csv": zipped.files[f"{table.name}.csv"].about() for table in tables}
        rows_in = {name: of.rows for name, of in zipped.files.items()}
        changes = leaving.changes()
        if changes is not None:
            with zipped.entry("changes.csv") as entry:
                entry.lines([CHANGES.header, *changes])
        now = package_time()
        with zipped.entry("datapackage.json") as entry:
            entry.write(
                datapackage(
                    tables, requested.extent.profile, files, now, drafts=requested.extent.drafts
                )
            )
    with zipped.entry("README.txt") as entry:
        about = {name: of.about() for name, of in zipped.files.items() if of is not entry}
        entry.write(readme(facts=package_facts(requested, run, now), rows=rows_in, files=about))
    yield zipped.final_bytes()
    leaving.close()


class PackageTables:
    """The exported tables of a package, in any format.

    Records in them are logged, and compared with those that the recipient has.
    """

    def __init__(self, session: Session, requested: PackageRequest, run: ExportLogger) -> None:
        self.session, self.asked, self.run = session, requested, run
        self.compared = comparisons(session, requested)
        self.closed = redacted_names(session)
        self.tables: list[ZipEntry] = []

    def rows_of(self, table: Table, entry: ZipEntry) -> Iterator[list[list[str]]]:
        """Yield the rows of a table in batches, once they are written to its entry."""
        extent = self.asked.extent
        self.tables.append(entry)
        entry.lines([[one.name for one in table.columns_for(extent.profile)]])
        for rows in rows_of(self.session, table, extent, self.closed):
            entry.lines(rows)
            entry.rows += len(rows)
            seen = row_digests(table, extent, rows)
            self.run.note([(ref, digest) for ref, digest, _reason in seen])
            if seen:
                changes_queries.compare_rows(self.compared, seen)
            yield rows

    def changes(self) -> list[list[str]] | None:
        """Return, after the last table, the rows of `changes`; None without an earlier package."""
        if not self.compared:
            return None
        comparison = changes_queries.choose_comparison(self.compared)
        self.run.note([(ref, NO_DIGEST) for ref in comparison.gone])
        return list(comparison.lines())

    def close(self) -> None:
        """Close the run, once the last byte was asked for.

        The same tables have the same digest, as a ZIP and as a workbook.
        """
        hashes = "".join(one.about()["hash"] for one in self.tables)
        whole = hashlib.sha256(hashes.encode()).hexdigest()
        self.run.close(whole, rows=sum(one.rows for one in self.tables))


def comparisons(session: Session, requested: PackageRequest) -> list[changes_queries.Comparison]:
    """Return the comparisons of a package with those that its recipient has."""
    return [
        changes_queries.Comparison(session, requested.recipient, one, requested.extent)
        for one in requested.since
    ]


def changes_before(
    session: Session, requested: PackageRequest
) -> changes_queries.Comparison | None:
    """Return what `changes.csv` would contain, without writing anything."""
    compared = comparisons(session, requested)
    if not compared:
        return None
    closed = redacted_names(session)
    for table in tables_of(requested.extent.profile):
        if table.is_of_records:
            for rows in rows_of(session, table, requested.extent, closed):
                changes_queries.compare_rows(compared, row_digests(table, requested.extent, rows))
    return changes_queries.choose_comparison(compared)


def rows_of(
    session: Session, table: Table, export_scope: ExportScope, closed: Sequence[str]
) -> Iterator[list[list[str]]]:
    """Yield the rows of any table of a package, in batches."""
    if table is CODES:
        yield list(code_rows(session))
    elif table is PUBLISHED:
        names = PUBLISHED.header
        rows = published_rows()
        while batch := list(islice(rows, BATCH_SIZE)):
            yield [[to_plain_value(row[name]) for name in names] for row in batch]
    else:
        yield from batches_of(session, table, export_scope, closed)


def number_of(session: Session, table: Table, export_scope: ExportScope) -> int:
    """Return how many rows any table of a package has."""
    if table is CODES:
        return sum(1 for _row in code_rows(session))
    return count_of_published() if table is PUBLISHED else count_of(session, table, export_scope)


def row_digests(
    table: Table, export_scope: ExportScope, rows: list[list[str]]
) -> list[tuple[str, str, str]]:
    """Return the ref, the digest, and the reason for retracting, if any, of each record."""
    if not table.is_of_records:
        return []
    names = [one.name for one in table.columns_for(export_scope.profile)]
    reason = names.index("retract_reason") if "retract_reason" in names else None
    return [(row[0], row_digest(row), row[reason] if reason is not None else "") for row in rows]


def package_time() -> str:
    """Return the creation time of a package."""
    return f"{clock.utc_now():%Y-%m-%dT%H:%M:%SZ}"


def package_facts(requested: PackageRequest, run: ExportLogger, now: str) -> list[tuple[str, str]]:
    """Return the description of a package: when, for whom, and of what."""
    facts = [
        ("Taken", f"{now} as {run.ref}"),
        ("Profile", audience_label(requested.extent.profile, drafts=requested.extent.drafts)),
        ("Incidents", requested.said),
        ("Version of the tables", PACKAGE_VERSION),
    ]
    if requested.recipient:
        facts.append(("For", requested.recipient))
    if requested.extent.profile is Profile.PARTNER:
        facts.append(("Not in it", "incidents that their teams keep to themselves"))
    return facts


@dataclass(slots=True)
class ZipEntry:
    """One file of the ZIP being written; without a target it is only digested."""

    target: Any = None
    digest: Any = field(default_factory=hashlib.sha256)
    size: int = 0
    rows: int = 0

    def write(self, text: str) -> None:
        """Write a text, and digest it."""
        content = text.encode()
        self.digest.update(content)
        self.size += len(content)
        if self.target is not None:
            self.target.write(content)

    def lines(self, rows: Iterable[Sequence[str]]) -> None:
        """Write rows as CSV."""
        buffer = io.StringIO()
        csv.writer(buffer).writerows(rows)
        self.write(buffer.getvalue())

    def about(self) -> dict[str, Any]:
        """Return the file's data for README and schema."""
        return {"bytes": self.size, "hash": f"sha256:{self.digest.hexdigest()}"}


class _Buffer(io.RawIOBase):
    """Takes what the ZIP writes until it is sent; it cannot seek."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:  # noqa: ANN401 (bytes-like)
        self.parts.append(bytes(content))
        return len(content)


class _Zip:
    """A ZIP that is sent while it is written."""

    def __init__(self) -> None:
        self.buffer = _Buffer()
        self.zip = zipfile.ZipFile(self.buffer, "w", zipfile.ZIP_DEFLATED)
        self.files: dict[str, ZipEntry] = {}

    @contextmanager
    def entry(self, name: str) -> Iterator[ZipEntry]:
        """Write one file."""
        about = zipfile.ZipInfo(name, clock.utc_now().timetuple()[:6])
        about.compress_type = zipfile.ZIP_DEFLATED
        with self.zip.open(about, "w", force_zip64=True) as target:
            self.files[name] = ZipEntry(target)
            yield self.files[name]

    def new_bytes(self) -> bytes:
        """Return what was written since the last call."""
        found = b"".join(self.buffer.parts)
        self.buffer.parts.clear()
        return found

    def final_bytes(self) -> bytes:
        """Return the end of the ZIP."""
        self.zip.close()
        return self.new_bytes()


def validate_row_limit(requested: PackageRequest) -> None:
    """Raise BadQuery if a table has more rows than a sheet holds, for the session's viewer.

    The size of `changes` is known only when all was read: too many rows interrupt the file.
    """
    for table in tables_of(requested.extent.profile):
        _raise_too_many(number_of(db.session(), table, requested.extent))


def write_workbook(requested: PackageRequest, run: ExportLogger) -> Iterator[bytes]:
    """Yield the workbook; the run is closed after the last byte."""
    with reading_session(requested.viewer) as session:
        leaving = PackageTables(session, requested, run)
        yield from log_partial(workbook(_sheets(leaving, requested, run)), run)
        leaving.close()


def _sheets(
    leaving: PackageTables, requested: PackageRequest, run: ExportLogger
) -> Iterator[Sheet]:
    profile = requested.extent.profile
    of_tables = [(table.name, table.says) for table in tables_of(profile)]
    yield "README", README_COLUMNS, [[*package_facts(requested, run, package_time()), *of_tables]]
    for table in tables_of(profile):
        columns = table.columns_for(profile)
        yield table.name, columns, _values(columns, leaving.rows_of(table, ZipEntry()))
    changes = leaving.changes()
    if changes is not None:
        yield CHANGES.name, CHANGES.columns, [changes]


def _values(
    columns: Sequence[Column], batches: Iterator[list[list[str]]]
) -> Iterator[list[list[Value]]]:
    for rows in batches:
        yield [[_value(one, cell) for one, cell in zip(columns, row, strict=True)] for row in rows]


def _value(column: Column, cell: str) -> Value:
    """Return a cell as a typed value, so that Excel sorts and counts it."""
    if not cell:
        return None
    if column.kind in {Kind.NUMBER, Kind.ORDINAL}:
        return int(cell)
    if column.kind is Kind.DAY:
        return date.fromisoformat(cell)
    return datetime.fromisoformat(cell) if column.kind is Kind.MOMENT else cell


def _raise_too_many(count: int) -> None:
    if count > MOST_ROWS:
        words = _("Excel holds %(most)d rows at most: take another format.", most=MOST_ROWS)
        raise BadQuery("format", words, label=FIELD_LABELS["format"])

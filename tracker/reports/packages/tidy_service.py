"""Writing a package: a ZIP of tables, a batch at a time, and what became of those before."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from tracker import clock
from tracker.incidents.naming_queries import closed_names
from tracker.reports.codes import Profile
from tracker.reports.ledger_models import GONE
from tracker.reports.ledger_service import row_digest, stored
from tracker.reports.packages.changes_queries import Comparison, see, telling
from tracker.reports.packages.code_queries import code_rows
from tracker.reports.packages.tidy_queries import (
    BATCH,
    batches_of,
    count_of,
    plain,
)
from tracker.reports.packages.words import VERSION, datapackage, for_whom, readme
from tracker.reports.published_queries import count_of_published, published_rows
from tracker.reports.queries import reading_for
from tracker.reports.tables import CHANGES, CODES, PUBLISHED, tables_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy.orm import Session

    from tracker.reports.extent_queries import Extent
    from tracker.reports.ledger_service import Run
    from tracker.reports.tables import Table
    from tracker.scoping import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a package is asked for. `since`: the runs with which, and those before, it is compared:
    the last one that its recipient has, and the last one with other tables; `said`: the filter in
    words.
    """

    extent: Extent
    viewer: Viewer
    said: str
    recipient: str = ""
    since: tuple[int, ...] = ()


def package(asked: Question, run: Run) -> Iterator[bytes]:
    """Yield the ZIP; the run is closed after the last byte."""
    return stored(_zipped(asked, run), run)


def _zipped(asked: Question, run: Run) -> Iterator[bytes]:
    zipped = _Zip()
    with reading_for(asked.viewer) as session:
        leaving = Leaving(session, asked, run)
        tables = tables_of(asked.extent.profile)
        for table in tables:
            with zipped.entry(f"{table.name}.csv") as entry:
                for _rows in leaving.rows_of(table, entry):
                    yield zipped.taken()
        files = {f"{table.name}.csv": zipped.files[f"{table.name}.csv"].about() for table in tables}
        rows_in = {name: of.rows for name, of in zipped.files.items()}
        changes = leaving.changes()
        if changes is not None:
            with zipped.entry("changes.csv") as entry:
                entry.lines([CHANGES.header, *changes])
        now = moment()
        with zipped.entry("datapackage.json") as entry:
            entry.write(
                datapackage(tables, asked.extent.profile, files, now, drafts=asked.extent.drafts)
            )
    with zipped.entry("README.txt") as entry:
        about = {name: of.about() for name, of in zipped.files.items() if of is not entry}
        entry.write(readme(facts=facts_of(asked, run, now), rows=rows_in, files=about))
    yield zipped.ended()
    leaving.end()


class Leaving:
    """The tables of a package as they leave, however they are written: which records are in them
    is noted, and held against those that the recipient has.
    """

    def __init__(self, session: Session, asked: Question, run: Run) -> None:
        self.session, self.asked, self.run = session, asked, run
        self.compared = comparisons(session, asked)
        self.closed = closed_names(session)
        self.tables: list[Entry] = []

    def rows_of(self, table: Table, entry: Entry) -> Iterator[list[list[str]]]:
        """Yield the rows of a table, a batch at a time, once they stand in its entry."""
        extent = self.asked.extent
        self.tables.append(entry)
        entry.lines([[one.name for one in table.carried_by(extent.profile)]])
        for rows in rows_of(self.session, table, extent, self.closed):
            entry.lines(rows)
            entry.rows += len(rows)
            seen = seen_in(table, extent, rows)
            self.run.note([(ref, digest) for ref, digest, _reason in seen])
            if seen:
                see(self.compared, seen)
            yield rows

    def changes(self) -> list[list[str]] | None:
        """Return, after the last table, the rows of `changes`; None where there is nothing with
        which to compare.
        """
        if not self.compared:
            return None
        told = telling(self.compared)
        self.run.note([(ref, GONE) for ref in told.gone])
        return list(told.lines())

    def end(self) -> None:
        """Close the run, once the last byte was asked for: the same tables have the same digest,
        as a ZIP and as a workbook.
        """
        hashes = "".join(one.about()["hash"] for one in self.tables)
        whole = hashlib.sha256(hashes.encode()).hexdigest()
        self.run.close(whole, rows=sum(one.rows for one in self.tables))


def comparisons(session: Session, asked: Question) -> list[Comparison]:
    """Return what holds a package against those that its recipient has, if there are any."""
    return [Comparison(session, asked.recipient, one, asked.extent) for one in asked.since]


def changes_before(session: Session, asked: Question) -> Comparison | None:
    """Return what `changes.csv` would say: the records are read, and nothing is written."""
    compared = comparisons(session, asked)
    if not compared:
        return None
    closed = closed_names(session)
    for table in tables_of(asked.extent.profile):
        if table.is_of_records:
            for rows in rows_of(session, table, asked.extent, closed):
                see(compared, seen_in(table, asked.extent, rows))
    return telling(compared)


def rows_of(
    session: Session, table: Table, extent: Extent, closed: Sequence[str]
) -> Iterator[list[list[str]]]:
    """Yield the rows of any table of a package, a batch at a time."""
    if table is CODES:
        yield list(code_rows(session))
    elif table is PUBLISHED:
        names = PUBLISHED.header
        rows = published_rows()
        while batch := list(islice(rows, BATCH)):
            yield [[plain(row[name]) for name in names] for row in batch]
    else:
        yield from batches_of(session, table, extent, closed)


def number_of(session: Session, table: Table, extent: Extent) -> int:
    """Return how many rows any table of a package has."""
    if table is CODES:
        return sum(1 for _row in code_rows(session))
    return count_of_published() if table is PUBLISHED else count_of(session, table, extent)


def seen_in(table: Table, extent: Extent, rows: list[list[str]]) -> list[tuple[str, str, str]]:
    """Return the ref and the digest of each record, and why it is retracted, where it is."""
    if not table.is_of_records:
        return []
    names = [one.name for one in table.carried_by(extent.profile)]
    reason = names.index("retract_reason") if "retract_reason" in names else None
    return [(row[0], row_digest(row), row[reason] if reason is not None else "") for row in rows]


def moment() -> str:
    """Return when a package is taken, as it says itself."""
    return f"{clock.now():%Y-%m-%dT%H:%M:%SZ}"


def facts_of(asked: Question, run: Run, now: str) -> list[tuple[str, str]]:
    """Return what a package says of itself: when, for whom, and what of."""
    facts = [
        ("Taken", f"{now} as {run.ref}"),
        ("Profile", for_whom(asked.extent.profile, drafts=asked.extent.drafts)),
        ("Incidents", asked.said),
        ("Version of the tables", VERSION),
    ]
    if asked.recipient:
        facts.append(("For", asked.recipient))
    if asked.extent.profile is Profile.PARTNER:
        facts.append(("Not in it", "incidents that their teams keep to themselves"))
    return facts


@dataclass(slots=True)
class Entry:
    """One file of the ZIP, as it is written; without a target it is digested alone."""

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
        """Return what README and schema say of it."""
        return {"bytes": self.size, "hash": f"sha256:{self.digest.hexdigest()}"}


class _Buffer(io.RawIOBase):
    """Takes what the ZIP writes until it is sent; nobody goes back in it."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:  # noqa: ANN401 (bytes-like)
        self.parts.append(bytes(content))
        return len(content)


class _Zip:
    """A ZIP that leaves while it is made."""

    def __init__(self) -> None:
        self.buffer = _Buffer()
        self.zip = zipfile.ZipFile(self.buffer, "w", zipfile.ZIP_DEFLATED)
        self.files: dict[str, Entry] = {}

    @contextmanager
    def entry(self, name: str) -> Iterator[Entry]:
        """Write one file."""
        about = zipfile.ZipInfo(name, clock.now().timetuple()[:6])
        about.compress_type = zipfile.ZIP_DEFLATED
        with self.zip.open(about, "w", force_zip64=True) as target:
            self.files[name] = Entry(target)
            yield self.files[name]

    def taken(self) -> bytes:
        """Return what was written since this was asked last."""
        found = b"".join(self.buffer.parts)
        self.buffer.parts.clear()
        return found

    def ended(self) -> bytes:
        """Return the end of the ZIP."""
        self.zip.close()
        return self.taken()

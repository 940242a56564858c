"""What a file becomes, as statements of many rows: made before the lock, run under it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, update

from tracker.articles.models import Article
from tracker.audit.service import created
from tracker.audit.snapshot import digest_of_values
from tracker.bulk_insert import Staged, inserted, table_of
from tracker.db import db, write_transaction
from tracker.incidents.models import (
    Incident,
    IncidentActor,
    IncidentCitation,
    IncidentReference,
    IncidentTarget,
    IncidentType,
)
from tracker.people.models import Journalist, JournalistName, Outlet, OutletName
from tracker.reports.imports.models import ImportRow
from tracker.scoping import seeing_all
from tracker.search.models import SearchEntry
from tracker.search.rules import words_to_keep
from tracker.search.service import new_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tracker.reports.imports.codes import RowFate
    from tracker.reports.imports.values import Bearer, Made

# What others may record of a kind between the preparing and the storing of a file.
SPARED = 1_000
NUMBERED: tuple[type[Any], ...] = (Article, Journalist, Outlet, Incident, SearchEntry)


@dataclass(slots=True)
class Work:
    """Statements in the order in which they run, and what the trail says of each new record."""

    dialect: str
    staged: list[Staged] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)

    def add(self, kind: type[Any], rows: list[dict[str, Any]]) -> None:
        """Insert rows, past the objects, which take far longer."""
        self.staged.append(inserted(table_of(kind), rows, dialect=self.dialect))

    def find_by(self, kind: type[Any], words: dict[int, list[str]], entries: Iterator[int]) -> None:
        """Put new records into the index."""
        self.staged += new_words(kind.__tablename__, words, entries, dialect=self.dialect)

    def say(self, act: str, kind: type[Any], values: dict[str, Any], **children: Any) -> None:  # noqa: ANN401 (rows by relationship)
        """Tell the trail of a new record."""
        ref, digest = values["ref"], digest_of_values(kind, values, children)
        self.entries.append(created(act, ref, digest))


def dialect_name() -> str:
    """Return which of the two databases it is."""
    return db.session().get_bind().dialect.name


def free_numbers(many: dict[type[Any], int]) -> dict[type[Any], Sequence[int]]:
    """Return as many free numbers of each kind as are needed, for rows that are stored later: on
    SQLite some that follow the last, on PostgreSQL the next of its sequences, nobody else's since.
    """
    if dialect_name() == "sqlite":
        firsts = {kind: last + SPARED for kind, last in _last_numbers().items()}
        return {kind: range(firsts[kind], firsts[kind] + count) for kind, count in many.items()}
    found: dict[type[Any], Sequence[int]] = {}
    # A request only reads as yet; whoever writes holds the lock that another one would wait for.
    reads = db.session.info.get("reading")
    with write_transaction() if reads else nullcontext(db.session()) as session:
        for kind, count in many.items():
            sequence = func.pg_get_serial_sequence(kind.__tablename__, "id")
            rows = func.generate_series(1, count).alias()
            found[kind] = list(session.scalars(select(func.nextval(sequence)).select_from(rows)))
    return found


def are_free(numbers: Mapping[type[Any], Sequence[int]]) -> bool:
    """Say whether nobody took any of these numbers meanwhile."""
    if dialect_name() != "sqlite":
        return True
    last = _last_numbers()
    return all(last[kind] < some[0] for kind, some in numbers.items() if some)


def _last_numbers() -> dict[type[Any], int]:
    with seeing_all("import: numbers of new rows are those after the last, of whichever team"):
        return {kind: db.session.scalar(select(func.max(kind.id))) or 0 for kind in NUMBERED}


def add_bearers(work: Work, kind: type[Any], new: Sequence[Bearer], entries: Iterator[int]) -> None:
    """Add the journalists or outlets that are new."""
    name_row = {Journalist: JournalistName, Outlet: OutletName}[kind]
    act = "journalist:create" if kind is Journalist else "outlet:create"
    work.add(kind, [{**one.values, "id": one.id, "version": 1} for one in new])
    work.add(name_row, [{**one.variant, "bearer_id": one.id} for one in new])
    for one in new:
        work.say(act, kind, {**one.values, "id": one.id}, names=[(name_row, one.variant)])
    work.find_by(kind, {one.id: words_to_keep(one.search_text()) for one in new}, entries)


def add_incidents(work: Work, made: Sequence[Made], entries: Iterator[int]) -> None:
    """Add incidents with types, targets, actors, citation and reference."""
    for one in made:
        work.say(
            "incident:create",
            Incident,
            one.values,
            types=[(IncidentType, row) for row in one.types],
            targets=[(IncidentTarget, row) for row in one.targets],
            actors=[(IncidentActor, row) for row in one.actors],
            citations=[(IncidentCitation, one.citation)],
            references=[(IncidentReference, row) for row in one.references],
        )
    work.add(Incident, [one.values | {"version": 1} for one in made])
    work.add(IncidentType, [row for one in made for row in one.types])
    work.add(IncidentTarget, [row for one in made for row in one.targets])
    work.add(IncidentActor, [row for one in made for row in one.actors])
    work.add(IncidentCitation, [one.citation for one in made])
    work.add(IncidentReference, [row for one in made for row in one.references])
    work.find_by(Incident, {one.values["id"]: one.words for one in made}, entries)


def tell_rows(batch_id: int, became: Mapping[int, tuple[RowFate, int]]) -> None:
    """Let each row of a file lead to its incident; rows in a row whose incidents are so as well
    take one statement.
    """
    rows = table_of(ImportRow)
    statement = (
        update(rows)
        .where(
            rows.c.batch_id == batch_id,
            rows.c.number.between(bindparam("first"), bindparam("last")),
        )
        .values(fate=bindparam("became"), incident_id=rows.c.number + bindparam("shift"))
    )
    db.session.execute(
        statement,
        [
            {"first": first, "last": last, "became": fate, "shift": shift}
            for first, last, fate, shift in runs_of(became)
        ],
    )


def runs_of(
    became: Mapping[int, tuple[RowFate, int]],
) -> Iterator[tuple[int, int, RowFate, int]]:
    """Yield runs of rows of one fate, each with how far its incidents' numbers are from its own."""
    run: tuple[int, int, RowFate, int] | None = None
    for number, (fate, incident) in sorted(became.items()):
        shift = incident - number
        if run is not None and run[1:] == (number - 1, fate, shift):
            run = (run[0], number, fate, shift)
            continue
        if run is not None:
            yield run
        run = (number, number, fate, shift)
    if run is not None:
        yield run

"""Importing the largest file that is taken: rows a second, how long others wait, beside SQLite.

    .venv/bin/python bench/importing.py [ROWS]

The file is read, kept, checked, prepared and stored as `flask reports import`
does it, on SQLite. Then the very rows that were stored go by bare `executemany` into a database as
it was before. Fails where storing, for which others wait, or all of it takes the processor too long
beside that. Seconds by the clock and rows a second are printed and decide nothing: they say more
about the machine, and about what else it does, than about the code.

All are the fastest of three rounds, since one alone was up to a quarter slower on the same code.
Measured were storing in .59 times bare `executemany` and all of it in 1.50 times; 15 % is left for
chance. Storing is the faster one because each statement brings some thousand rows at once.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from collections.abc import Iterator

from tests import databases
from tests.conftest import new_app
from tests.factories import as_user
from tracker.db import current_engines, db
from tracker.reports.imports import service
from tracker.reports.imports.mapping import ImportPlan
from tracker.reports.imports.run_service import prepare_import
from tracker.reports.imports.tables import MAX_ROWS, read_table
from tracker.users.models import User
from tracker.vocabulary.service import load_vocabulary

ROWS = MAX_ROWS
ROUNDS = 3
# Of the processor, in times of bare executemany.
MOST_STORING, MOST_IN_ALL = 0.68, 1.75
TYPES = ("Assault", "Doxxing", "physical.killing", "legal.detention", "Assault, Doxxing")
# On the clock, and of the processor.
Moment = tuple[float, float]
# What an import fills, in the order in which it does.
TABLES = (
    "articles", "journalists", "journalist_names", "outlets", "outlet_names", "incidents",
    "incident_types", "incident_targets", "incident_citations", "incident_references",
    "search_entries", "audit_events", "import_rows",
)  # fmt: skip
TOLD = "seized the camera of the reporter while she filmed at the gate and took her to the station"


def file_of(rows: int) -> bytes:
    """Return a list such as others keep: a name in five is new, each row has words of its own."""
    chance = random.Random(1)
    words = TOLD.split()
    lines = ["id,date,country,city,journalist,outlet,type,description,link"]
    for row in range(rows):
        day = f"{chance.randint(1, 28):02}.{chance.randint(1, 12):02}.{chance.randint(2000, 2024)}"
        told = " ".join(chance.choices(words, k=25))
        lines.append(
            f"{row},{day},Kazakhstan,Almaty,Ann{chance.randint(1, max(rows // 5, 1))} Lee,"
            f'Paper {chance.randint(1, 500)},"{chance.choice(TYPES)}",{told} {row},'
            f"https://list.example/{row}"
        )
    return "\n".join(lines).encode()


@dataclass
class Watch:
    """How long each step took, in seconds, and how much of that the processor worked for it."""

    took: dict[str, float] = field(default_factory=dict)
    worked: dict[str, float] = field(default_factory=dict)

    def step(self, name: str, began: Moment) -> Moment:
        """Note a step that ends now; return when the next begins."""
        now = moment()
        self.took[name], self.worked[name] = now[0] - began[0], now[1] - began[1]
        return now


def moment() -> Moment:
    """Return when it is, and how long the processor has worked for this process."""
    return time.perf_counter(), time.process_time()


def copy_to(other: sqlite3.Connection) -> None:
    """Copy the database as it is."""
    with closing(current_engines().reading.raw_connection()) as raw:
        raw.driver_connection.backup(other)


def import_rows(content: bytes, staff: User, watch: Watch, copy: Path) -> None:
    """Import a file; between preparing and storing a copy of the database is made, untimed."""
    began = moment()
    table = read_table(content, "list.csv")
    began = watch.step("read", began)
    batch = service.receive_file(
        table, sha256=service.file_digest(content), file_name="list.csv",
        team_id=staff.team_ids[0], by=staff,
    )  # fmt: skip
    db.session.commit()
    began = watch.step("keep", began)
    plan = ImportPlan.from_json(batch.mapping | {"scheme": "THEIRS", "unnamed": "a journalist"})
    rows = table.numbered_rows()
    checked = service.check_rows(table.header, lambda: [rows], plan)
    assert not checked.problem_count, checked.problems[:3]
    service.save_check(batch, plan, checked, by=staff)
    db.session.commit()
    began = watch.step("check", began)
    prepared = prepare_import(batch, checked=checked, by=staff)
    db.session.rollback()
    watch.step("prepare", began)
    with closing(sqlite3.connect(copy)) as other:
        copy_to(other)
    began = moment()
    prepared.store(batch, by=staff)
    db.session.commit()
    watch.step("store", began)


def bare(before: Path, after: Path) -> tuple[Watch, int]:
    """Return how long the rows that an import made take by `executemany` alone, row by row, in the
    database as it was before, under the same pragmas; and how many they are.
    """
    with closing(sqlite3.connect(after)) as done, closing(sqlite3.connect(before)) as connection:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL",
                       "secure_delete=ON", "recursive_triggers=ON"):  # fmt: skip
            connection.execute("PRAGMA " + pragma)
        work = [one for table in TABLES for one in _made_in(table, connection, done)]
        watch, began = Watch(), moment()
        connection.execute("BEGIN IMMEDIATE")
        for statement, rows in work:
            connection.executemany(statement, rows)
        connection.execute("COMMIT")
        watch.step("bare", began)
        return watch, sum(len(rows) for _, rows in work)


def _made_in(
    table: str, before: sqlite3.Connection, after: sqlite3.Connection
) -> Iterator[tuple[str, list[Any]]]:
    if table == "import_rows":
        found = after.execute("SELECT fate, incident_id, batch_id, number FROM import_rows")
        yield (
            "UPDATE import_rows SET fate = ?, incident_id = ? WHERE batch_id = ? AND number = ?",
            found.fetchall(),
        )
        return
    [last] = before.execute(f"SELECT max(rowid) FROM {table}").fetchone()
    found = after.execute(f"SELECT * FROM {table} WHERE rowid > ?", [last or 0])
    names = [one[0] for one in found.description]
    rows = found.fetchall()
    columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    yield f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows
    if table == "search_entries":
        at = (names.index("id"), names.index("words"))
        words = [(row[at[0]], row[at[1]]) for row in rows]
        yield "INSERT INTO search_words (rowid, words) VALUES (?, ?)", words


def measured(rows: int) -> tuple[Watch, Watch, int]:
    """Import into a new database; return how long that took, how long bare `executemany` took for
    the rows that were stored, and how many they are.
    """
    watch = Watch()
    folder = databases.make_folder()
    before, after = folder / "before.db", folder / "after.db"
    try:
        with databases.fresh("sqlite") as lent:
            app = new_app(lent)
            with as_user(app) as staff:
                load_vocabulary(by=staff)
                db.session.commit()

                import_rows(file_of(rows), staff, watch, before)
                db.session.remove()
                with closing(sqlite3.connect(after)) as other:
                    copy_to(other)
            return watch, *bare(before, after)
    finally:
        databases.remove_folder(folder)


def main() -> int:
    """Measure imports, and compare the fastest of them."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    rounds = [measured(rows) for _ in range(ROUNDS)]
    many = rounds[0][2]
    took = fastest([ours.took for ours, _floor, _many in rounds])
    worked = fastest([ours.worked for ours, _floor, _many in rounds])
    floor_took = min(floor.took["bare"] for _ours, floor, _many in rounds)
    floor_worked = min(floor.worked["bare"] for _ours, floor, _many in rounds)
    storing = worked["store"] / floor_worked
    in_all = sum(worked.values()) / floor_worked
    steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in worked.items())
    print(
        f"importing {rows} rows: of the processor, storing takes {storing:.2f} times bare "
        f"executemany of the {many} rows that were stored ({floor_worked:.1f} s), at most "
        f"{MOST_STORING}, and all of it {in_all:.2f} times, at most {MOST_IN_ALL} ({steps}), "
        f"{rows / sum(worked.values()):.0f} rows a second. By the clock: "
        f"{rows / sum(took.values()):.0f} rows a second; others wait {took['store']:.1f} s; bare "
        f"executemany takes {floor_took:.1f} s"
    )
    return 0 if storing <= MOST_STORING and in_all <= MOST_IN_ALL else 1


def fastest(rounds: list[dict[str, float]]) -> dict[str, float]:
    """Return the fastest time of each step."""
    return {step: min(one[step] for one in rounds) for step in rounds[0]}


if __name__ == "__main__":
    sys.exit(main())

"""A flat file of very many incidents: how fast, and in how much memory.

    .venv/bin/python bench/exports.py [ROWS] [--folder FOLDER]

Ratios of one run: against a bare sqlite3 loop that makes the same cells from the same batches with
the same guard, and against `sqlite3 -csv` with one statement, where that is installed. All are
seconds of one processor, the fastest of several rounds in turn, so that others at work on the
machine count little. Memory is that of the process, of few rows and of all. Fails where a ratio or
the memory is missed; rows a second are printed and decide nothing, since they differ more between
machines, and with their load, than between one version and the next.

At least .6 of the bare loop, which writes down which rows left, with their digests, as an export
must. It neither asks who may see what nor takes names out: .66, .68 and .71 were measured.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from calendar import month_name
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests import databases
from tests.conftest import AUDIT_KEY, new_app
from tests.reports.many_made import write_many
from tracker.reports.cells import escape_formula, join_list
from tracker.reports.formats import BOM
from tracker.reports.tables import FLAT_INCIDENTS
from tracker.when import OPEN_START

ROOT = Path(__file__).resolve().parents[1]
ROWS = 20_000
FEW = 10_000
BATCH = 1000
ROUNDS = 3
LEAST_OF_BARE = 0.6
LEAST_OF_SQLITE3 = 1 / 3
MOST_GROWTH = 1.2
MOST_MEGABYTES = 150
# What the shell of SQLite makes in one statement: the same flattened cells, but for titles that are
# proposed and dates that are no days.
FLATTENED = """
SELECT i.ref, i.version, i.title,
 (SELECT group_concat(t.code, ' | ') FROM incident_types y JOIN terms t ON t.id = y.term_id
   WHERE y.incident_id = i.id ORDER BY y.rank),
 (SELECT group_concat(t.label_en, ' | ') FROM incident_types y JOIN terms t ON t.id = y.term_id
   WHERE y.incident_id = i.id ORDER BY y.rank),
 (SELECT t.code FROM incident_types y JOIN terms t ON t.id = y.term_id
   WHERE y.incident_id = i.id ORDER BY y.rank LIMIT 1),
 i.extent, i.occurrences_at_least, i.latest, i.earliest, i.latest, i.precision, i.as_stated,
 (SELECT substr(min(a.latest), 1, 7) FROM incident_citations c
   JOIN articles a ON a.id = c.article_id WHERE c.record_id = i.id),
 i.country, (SELECT code FROM terms WHERE id = i.region_id), i.place, i.work_link, i.verification,
 i.state,
 (SELECT group_concat(coalesce(j.name, g.words), ' | ') FROM incident_targets g
   LEFT JOIN journalists j ON j.id = g.journalist_id WHERE g.incident_id = i.id ORDER BY g.id),
 (SELECT group_concat(g.role, ' | ') FROM incident_targets g WHERE g.incident_id = i.id),
 (SELECT count(DISTINCT g.journalist_id) FROM incident_targets g
   WHERE g.incident_id = i.id AND g.role IN ('direct', 'impersonated')),
 (SELECT group_concat(o.name, ' | ') FROM incident_targets g JOIN outlets o ON o.id = g.outlet_id
   WHERE g.incident_id = i.id),
 (SELECT group_concat(x.actor_type, ' | ') FROM incident_actors x WHERE x.incident_id = i.id),
 (SELECT group_concat(x.purported_as, ' | ') FROM incident_actors x WHERE x.incident_id = i.id),
 (SELECT group_concat(a.url, ' | ') FROM incident_citations c JOIN articles a ON a.id = c.article_id
   WHERE c.record_id = i.id),
 (SELECT group_concat(k.ref, ' | ') FROM case_incidents m JOIN cases k ON k.id = m.case_id
   WHERE m.incident_id = i.id),
 i.updated_at, 'http://127.0.0.1:8000/incidents/' || i.ref || '/', i.visibility,
 i.setting, i.is_gendered, i.is_coordinated, i.is_ai_made, i.detention_form, i.work_link_said_by
FROM incidents i WHERE i.state <> 'retracted' ORDER BY i.latest DESC, i.earliest DESC, i.ref DESC
"""
PAGE = """
SELECT id, ref, version, title, extent, occurrences_at_least, earliest, latest, precision,
 as_stated, country, (SELECT code FROM terms WHERE id = region_id), place, work_link, verification,
 state, visibility, updated_at, setting, is_gendered, is_coordinated, is_ai_made, detention_form,
 work_link_said_by
FROM incidents WHERE state <> 'retracted' AND (latest, earliest, ref) < (?, ?, ?)
ORDER BY latest DESC, earliest DESC, ref DESC LIMIT ?
"""
CHILDREN = {
    "types": "SELECT y.incident_id, t.code, t.label_en FROM incident_types y "
    "JOIN terms t ON t.id = y.term_id WHERE y.incident_id IN ({}) ORDER BY y.incident_id, y.rank",
    "targets": "SELECT g.incident_id, coalesce(j.name, g.words), g.role, g.journalist_id, o.name "
    "FROM incident_targets g LEFT JOIN journalists j ON j.id = g.journalist_id "
    "LEFT JOIN outlets o ON o.id = g.outlet_id WHERE g.incident_id IN ({}) "
    "ORDER BY g.incident_id, g.id",
    "actors": "SELECT incident_id, actor_type, purported_as FROM incident_actors "
    "WHERE incident_id IN ({}) ORDER BY incident_id, id",
    "citations": "SELECT c.record_id, a.url, a.latest FROM incident_citations c "
    "JOIN articles a ON a.id = c.article_id WHERE c.record_id IN ({}) ORDER BY c.record_id, c.id",
    "cases": "SELECT m.incident_id, k.ref FROM case_incidents m JOIN cases k ON k.id = m.case_id "
    "WHERE m.incident_id IN ({}) ORDER BY m.incident_id, m.is_home DESC, k.ref",
}  # fmt: skip
MEASURING = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
"""
ATTACKED = ("direct", "impersonated")


def bare(database: Path, file: Path) -> float:
    """Write the same file by hand, and which rows left with their digests into a table; return how
    long it took.
    """
    log = file.with_suffix(".log")
    log.unlink(missing_ok=True)
    began = time.process_time()
    digests: list[tuple[str, str]] = []
    place: tuple[str, ...] = ("9999-12-31", "9999-12-31", "~")
    with sqlite3.connect(database) as reading, file.open("w", encoding="utf-8", newline="") as out:
        out.write(BOM)
        writer = csv.writer(out)
        writer.writerow(FLAT_INCIDENTS.header)
        while page := reading.execute(PAGE, (*place, BATCH)).fetchall():
            asked = ",".join("?" * len(page))
            ids = [row[0] for row in page]
            of = {
                name: {
                    number: list(rows)
                    for number, rows in groupby(
                        reading.execute(sql.format(asked), ids), key=itemgetter(0)
                    )
                }
                for name, sql in CHILDREN.items()
            }
            cells = [[escape_formula(cell) for cell in bare_row(row, of)] for row in page]
            writer.writerows(cells)
            digests += [
                (one[0], hashlib.sha256("\x1f".join(one).encode()).hexdigest()) for one in cells
            ]
            place = (page[-1][7], page[-1][6], page[-1][1])
    with closing(sqlite3.connect(log)) as writing, writing:
        writing.execute("CREATE TABLE rows (ref TEXT PRIMARY KEY, digest TEXT) WITHOUT ROWID")
        writing.executemany("INSERT INTO rows VALUES (?, ?)", sorted(digests))
    hashlib.sha256(file.read_bytes())
    return time.process_time() - began


def bare_row(row: tuple, of: dict) -> list[str]:  # type: ignore[type-arg]  # of whatever SQLite gives
    """Return the cells of one incident, as far as these rows need it."""
    number, ref, version, title, extent, often, earliest, latest, precision, *rest = row
    as_stated, country, region, place, work_link, verification, state, seen_by, updated, *how = rest
    types, targets, actors, citations, cases = (of[name].get(number, ()) for name in CHILDREN)
    whom = ", ".join(dict.fromkeys(one[1] for one in targets if one[2] == "direct"))
    return [
        ref, str(version), title or f"{types[0][2]}: {whom}, {in_words(latest)}",
        join_list([one[1] for one in types]), join_list([one[2] for one in types]), types[0][1],
        extent,
        str(often or ""), latest, "" if earliest == OPEN_START.isoformat() else earliest, latest,
        precision, as_stated, min(one[2] for one in citations)[:7], country, region or "", place,
        work_link, verification, state, join_list([one[1] for one in targets]),
        join_list([one[2] for one in targets]),
        str(len({one[3] for one in targets if one[2] in ATTACKED} - {None})),
        join_list([one[4] for one in targets if one[4]]),
        join_list(list(dict.fromkeys(one[1] for one in actors if one[1]))),
        join_list(list(dict.fromkeys(one[2] for one in actors if one[2]))),
        join_list([one[1] for one in citations]), join_list([one[1] for one in cases]),
        f"{updated[:10]}T{updated[11:19]}Z", f"http://127.0.0.1:8000/incidents/{ref}/",
        seen_by, *how,
    ]  # fmt: skip


def in_words(day: str) -> str:
    """Return a day as people write it."""
    year, month, number = day.split("-")
    return f"{int(number)} {month_name[int(month)]} {year}"


def exported(database: Path, file: Path, *filters: str) -> tuple[float, float]:
    """Export with the command; return its processor time, and how many MB it held at most."""
    env = os.environ | {
        "TRACKER_DATABASE_URL": f"sqlite:///{database}",
        "TRACKER_SAMPLE": "no",
        "TRACKER_SECRET_KEY": "only for this measurement " * 2,
        "TRACKER_AUDIT_KEY": AUDIT_KEY,
        "PORT": "8000",
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "reports", "export"]
    asked = [*command, "--output", str(file), *filters]
    # Started by a small process: a child is charged with what its parent holds as it begins.
    by = [sys.executable, "-c", MEASURING, *asked]
    said = subprocess.run(by, cwd=ROOT, env=env, stdout=subprocess.PIPE, check=True).stdout
    took, held = map(float, said.split())
    return took, held / 1024


def shell(database: Path, file: Path) -> float | None:
    """Let the shell of SQLite write the file; None where there is none."""
    program = shutil.which("sqlite3")
    if program is None:
        return None
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with file.open("wb") as out:
        asked = ["-readonly", "-csv", str(database), FLATTENED]
        subprocess.run([program, *asked], stdout=out, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measured(folder: Path, rows: int) -> bool:
    """Measure, print, and say whether the numbers are kept."""
    database, ours, theirs = (folder / name for name in ("many.db", "ours.csv", "theirs.csv"))
    if not database.exists():
        with databases.fresh("sqlite") as lent:
            write_many(new_app(lent), rows, database)
    _took, few_held = exported(database, ours, *few_of(database))
    rounds = []
    for _ in range(ROUNDS):
        # What it takes to start and to write no row.
        start, _held = exported(database, ours, "country=KG")
        took, held = exported(database, ours)
        rounds.append((start, took, bare(database, theirs)))
    start, took, by_hand = map(min, zip(*rounds, strict=True))
    same = set(ours.open(encoding="utf-8")) & set(theirs.open(encoding="utf-8"))
    by_shell = shell(database, theirs)
    of_bare = by_hand / (took - start)
    found = {
        f"{of_bare:.2f} of bare sqlite3 in Python, at least {LEAST_OF_BARE} "
        f"({rows / (took - start):,.0f} rows a second, where that makes {rows / by_hand:,.0f})": (
            of_bare >= LEAST_OF_BARE
        ),
        f"{held:.0f} MB, {few_held:.0f} of {min(FEW, rows):,} rows, at most {MOST_MEGABYTES} and "
        f"{MOST_GROWTH} times": held <= min(MOST_MEGABYTES, few_held * MOST_GROWTH),
        # All but the one incident from which the others were copied.
        f"{len(same) - 1:,} of {rows:,} rows the same as those made by hand": len(same) >= rows,
    }  # fmt: skip
    if by_shell:
        of_shell = by_shell / (took - start)
        words = f"{of_shell:.2f} of sqlite3 -csv ({rows / by_shell:,.0f}), at least a third"
        found[words] = of_shell >= LEAST_OF_SQLITE3
    for words, is_kept in found.items():
        print(f"exports of {rows:,}: {words}{'' if is_kept else '  MISSED'}")
    return all(found.values())


def few_of(database: Path) -> list[str]:
    """Return the filter of the latest few incidents, by their day."""
    with sqlite3.connect(database) as reading:
        days = "SELECT latest FROM incidents ORDER BY latest DESC LIMIT 1 OFFSET ?"
        found = reading.execute(days, (FEW,)).fetchone()
    return [f"from={found[0]}"] if found else []


def main() -> int:
    """Measure in a folder of our own."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rows", nargs="?", type=int, default=ROWS)
    parser.add_argument(
        "--folder",
        type=Path,
        help="where there is room, 3 GB a million; what lies there is used again",
    )
    asked = parser.parse_args()
    made = databases.make_folder()
    try:
        if asked.folder:
            return 0 if measured(asked.folder, asked.rows) else 1
        with tempfile.TemporaryDirectory() as folder:
            return 0 if measured(Path(folder), asked.rows) else 1
    finally:
        databases.remove_folder(made)


if __name__ == "__main__":
    sys.exit(main())

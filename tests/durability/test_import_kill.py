"""kill -9 in the middle of an import: every row of the file is an incident, or none is."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.conftest import AUDIT_KEY, SECRET, let_go, new_app
from tests.databases import Database
from tests.durability.figures import figure
from tests.durability.running import ROOT, furnished_file, people
from tests.nightly import size

ROUNDS, ROWS = size(day=2, night=20), size(day=1_000, night=5_000)
# Where in an import a round ends it: in which phase, and between which parts of that. Half of them
# do so while others wait for the write lock.
MOMENTS = (("store", 0.0, 0.5), ("store", 0.5, 1.0), ("prepare", 0.0, 1.0), ("check", 0.0, 1.0))
# What an import makes besides the file itself, which is kept before.
MADE = (
    "incidents", "incident_types", "incident_targets", "incident_citations", "journalists",
    "journalist_names", "search_entries", "search_words", "import_rows WHERE fate <> 'waiting'",
    "audit_events WHERE action = 'incident:create'", "import_batches WHERE state = 'taken'",
)  # fmt: skip


def importing(file: Path, rows: Path) -> subprocess.Popen[str]:
    """Start the command that imports a file."""
    [staff, *_others] = people()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "reports", "import", "--by", staff]
    environment = {
        **os.environ, "TRACKER_DATABASE_URL": f"sqlite:///{file}", "TRACKER_SECRET_KEY": SECRET * 2,
        "TRACKER_AUDIT_KEY": AUDIT_KEY,
        "TRACKER_SAMPLE": "no",
    }  # fmt: skip
    return subprocess.Popen(
        [*command, str(rows)], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def counts(file: Path) -> dict[str, int]:
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        return {
            name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in MADE
        }


def said(process: subprocess.Popen[str], words: str) -> None:
    """Wait until the command says so."""
    assert process.stdout is not None
    while words not in (line := process.stdout.readline()):
        assert line, process.communicate()[1]


def locked(process: subprocess.Popen[str], file: Path) -> None:
    """Wait until the command holds the write lock."""
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as database:
        while process.poll() is None:
            try:
                database.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return
            database.execute("ROLLBACK")
            time.sleep(0.001)


def reached(process: subprocess.Popen[str], file: Path) -> Iterator[tuple[str, float]]:
    """Yield each phase of an import as it begins, and when that was."""
    said(process, "kept")
    yield "check", time.monotonic()
    said(process, "to import")
    yield "prepare", time.monotonic()
    locked(process, file)
    yield "store", time.monotonic()


def test_kill_9_leaves_nothing_half_imported(tmp_path: Path) -> None:
    empty, rows = tmp_path / "empty.db", tmp_path / "list.csv"
    furnished_file(empty)
    lines = [f"2020-01-01,KZ,Assault,Ann {number} Lee" for number in range(ROWS)]
    rows.write_text("\n".join(["date,country,type,name", *lines]), encoding="utf-8")
    file = Path(shutil.copyfile(empty, tmp_path / "whole.db"))
    process = importing(file, rows)
    began = list(reached(process, file))
    said(process, "imported")
    ends = [at for _phase, at in began[1:]] + [time.monotonic()]
    takes = {phase: end - at for (phase, at), end in zip(began, ends, strict=True)}
    process.communicate()
    nothing, everything = counts(empty), counts(file)
    assert everything["incidents"] == everything["journalists"] == ROWS

    seed = random.randrange(2**32)
    moments, halves, ended = random.Random(seed), [], 0
    for number in range(ROUNDS):
        wanted, earliest, latest = MOMENTS[number % len(MOMENTS)]
        file = Path(shutil.copyfile(empty, tmp_path / f"{number}.db"))
        process = importing(file, rows)
        next(phase for phase, _at in reached(process, file) if phase == wanted)
        time.sleep(takes[wanted] * moments.uniform(earliest, latest))
        process.kill()
        ended += "imported" not in process.communicate()[0]
        if (found := counts(file)) not in (nothing, everything):
            halves.append(found)
        app = new_app(Database("sqlite", f"sqlite:///{file}"))
        verified = app.test_cli_runner().invoke(args=["audit", "verify"])
        let_go(app)
        assert verified.exit_code == 0, f"seed {seed}: {verified.output}"

    figure(f"kill -9 in {ROUNDS} imports: imported by half", f"{len(halves)}, {ended} cut off", 0)
    assert ended, f"seed {seed}: no round was quick enough"
    assert halves == [], f"seed {seed}"

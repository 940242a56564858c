"""kill -9 in the middle of an import: every row of the file is an incident, or none is."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from tests.conftest import SECRET, let_go, new_app
from tests.databases import Database
from tests.durability.figures import figure
from tests.durability.running import ROOT, furnished_file, people
from tests.nightly import size

ROUNDS, ROWS = size(day=2, night=20), size(day=1_000, night=5_000)
# What an import fills besides the file itself.
MADE = ("incidents", "incident_targets", "incident_citations", "journalists", "search_words")


def importing(file: Path, rows: Path) -> subprocess.Popen[str]:
    """Start the command that imports a file."""
    [staff, *_others] = people()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "reports", "import", "--by", staff]
    environment = {
        **os.environ, "TRACKER_DATABASE_URL": f"sqlite:///{file}", "TRACKER_SECRET_KEY": SECRET * 2,
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


def checked(process: subprocess.Popen[str]) -> float:
    """Wait until the command says that every row is right: what comes then is all or nothing."""
    assert process.stdout is not None
    while "to import" not in (said := process.stdout.readline()):
        assert said, process.communicate()[1]
    return time.monotonic()


def test_kill_9_leaves_nothing_half_imported(tmp_path: Path) -> None:
    empty, rows = tmp_path / "empty.db", tmp_path / "list.csv"
    furnished_file(empty)
    lines = [f"2020-01-01,KZ,Assault,Ann {number} Lee" for number in range(ROWS)]
    rows.write_text("\n".join(["date,country,type,name", *lines]), encoding="utf-8")
    file = Path(shutil.copyfile(empty, tmp_path / "whole.db"))
    process = importing(file, rows)
    began = checked(process)
    process.communicate()
    takes, nothing, everything = time.monotonic() - began, counts(empty), counts(file)
    assert everything["incidents"] == everything["journalists"] == ROWS

    seed = random.randrange(2**32)
    moments, halves = random.Random(seed), []
    for number in range(ROUNDS):
        file = Path(shutil.copyfile(empty, tmp_path / f"{number}.db"))
        process = importing(file, rows)
        checked(process)
        time.sleep(moments.uniform(0, takes))
        process.kill()
        process.communicate()
        if (found := counts(file)) not in (nothing, everything):
            halves.append(found)
        app = new_app(Database("sqlite", f"sqlite:///{file}"))
        verified = app.test_cli_runner().invoke(args=["audit", "verify"])
        let_go(app)
        assert verified.exit_code == 0, f"seed {seed}: {verified.output}"

    figure(f"kill -9 in {ROUNDS} imports: imported by half", f"{len(halves)}", 0)
    assert halves == [], f"seed {seed}"

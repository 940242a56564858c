"""A first start that is killed at any moment is finished by the next one."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.request import build_opener

import pytest

from tests import databases
from tests.durability.running import ROOT, Server
from tests.factories import PASSWORD
from tests.nightly import size
from tracker.schema import list_revisions

REVISIONS = list_revisions()
# How many migrations are done when it is killed; beyond the last one it is being filled.
MOMENTS = sorted({*range(0, len(REVISIONS), size(day=len(REVISIONS), night=3)), len(REVISIONS)})


def asked(file: Path, statement: str) -> object:
    """Return what the database answers, None where it cannot yet."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=0)) as reading:
            found = reading.execute(statement).fetchone()
    except sqlite3.Error:
        return None
    return found[0] if found else None


def kill_after(server: Server, file: Path, migrations: int) -> None:
    """Start, and kill as soon as so many migrations are done."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
    with (
        server.log.open("ab") as log,
        subprocess.Popen(
            command, cwd=ROOT, env=server.environment, stdout=log, stderr=log
        ) as process,
    ):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            at = asked(file, "SELECT version_num FROM alembic_version")
            if (at is None and migrations == 0 and file.exists()) or (
                at in REVISIONS and REVISIONS.index(str(at)) + 1 >= migrations > 0
            ):
                break
            time.sleep(0.001)
        process.kill()


@pytest.mark.parametrize("migrations", MOMENTS)
def test_the_next_start_finishes_it(tmp_path: Path, migrations: int) -> None:
    with databases.fresh("sqlite", migrated=False) as lent:
        file = tmp_path / "tracker.db"
        server = Server(lent, tmp_path)
        server.environment |= {
            "TRACKER_DATABASE_URL": f"sqlite:///{file}",
            "TRACKER_SAMPLE": "yes",
            "TRACKER_SAMPLE_PASSWORD": PASSWORD,
        }
        kill_after(server, file, migrations)
        assert not asked(file, "SELECT count(*) FROM cases")
        server.start()
        try:
            with build_opener().open(f"http://127.0.0.1:{server.port}/ready") as answer:
                assert answer.read() == b"ready\n"
        finally:
            server.stop()

    assert asked(file, "SELECT count(*) FROM cases") == 9
    # The console is one of them.
    assert asked(file, "SELECT count(*) FROM users") == 5
    assert asked(file, "PRAGMA integrity_check") == "ok"

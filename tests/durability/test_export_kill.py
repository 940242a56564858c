"""kill -9 while a file leaves: whoever takes it is told, and the export log says what is not known."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from tests import databases
from tests.conftest import let_go, new_app
from tests.databases import Database
from tests.durability.running import Server, Writer
from tests.reports.many_made import write_many

# More than leave before the first of them arrive, and the server is killed.
INCIDENTS = 30_000
# How curl ends where the connection was closed, or reset, before the end of the file.
BROKEN_OFF = {18, 56}


def has_rows(file: Path) -> bool:
    return file.exists() and len(file.read_bytes().splitlines()) > 1


def test_a_file_that_the_end_of_the_program_cut_off_is_not_taken_for_whole(tmp_path: Path) -> None:
    file, taken = tmp_path / "tracker.db", tmp_path / "incidents.csv"
    with databases.fresh("sqlite") as lent:
        app = new_app(lent)
        write_many(app, INCIDENTS, file)
        let_go(app)
    server = Server(Database("sqlite", f"sqlite:///{file}"), tmp_path)
    try:
        server.start()
        staff = Writer(server, "staff", "")
        address = f"http://127.0.0.1:{server.port}/reports/incidents.csv"
        cookies = "; ".join(f"{name}={value}" for name, value in staff.cookies.items())
        asked = ["curl", "--silent", "--no-buffer", "--cookie", cookies, "--output", str(taken)]
        with subprocess.Popen([*asked, address]) as curl:
            until = time.monotonic() + 60
            while time.monotonic() < until and not has_rows(taken):
                time.sleep(0.01)
            server.kill()
            assert curl.wait(60) in BROKEN_OFF
        staff.connection.close()
        assert 1 < len(taken.read_bytes().splitlines()) < INCIDENTS

        server.start()
        staff = Writer(server, "staff", "")
        page, held = (
            staff.send(f"/reports/export-log{asked}")[1] for asked in ("", "?holds=INC-0000000000")
        )
        staff.connection.close()
        assert "no end was logged" in page
        assert "It is not known which records were sent before that" in page
        assert "1 unfinished file has no list of its rows, and may hold this one as well." in held
    finally:
        server.stop()

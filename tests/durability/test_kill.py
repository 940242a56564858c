"""kill -9 while eight people log: what was acknowledged is there, whole and in the trail."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import let_go, new_app
from tests.databases import Database
from tests.durability.figures import figure
from tests.durability.running import PEOPLE, Server, furnished_file, writing
from tests.nightly import size

ROUNDS = size(day=10, night=100)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tracker.db"


@pytest.fixture
def server(file: Path, tmp_path: Path) -> Iterator[Server]:
    one = Server(Database("sqlite", f"sqlite:///{file}"), tmp_path)
    yield one
    one.stop()


def what_is_wrong(file: Path, acknowledged: set[str]) -> list[str]:
    """Return what of the database does not agree with what the server promised."""
    wrong = []
    with closing(sqlite3.connect(file)) as database:
        found = {place for (place,) in database.execute("SELECT place FROM incidents")}
        made = database.execute(
            "SELECT count(*) FROM audit_events WHERE action = 'incident:create'"
        ).fetchone()[0]
        integrity = database.execute("PRAGMA integrity_check").fetchall()
        orphans = database.execute("PRAGMA foreign_key_check").fetchall()
    if lost := acknowledged - found:
        wrong.append(f"lost: {sorted(lost)}")
    if made != len(found):
        wrong.append(f"{made} entries for {len(found)} records")
    if integrity != [("ok",)] or orphans:
        wrong.append(f"damaged: {integrity} {orphans}")
    app = new_app(Database("sqlite", f"sqlite:///{file}"))
    verified = app.test_cli_runner().invoke(args=["audit", "verify"])
    let_go(app)
    if verified.exit_code:
        wrong.append(verified.output)
    return wrong


def test_kill_9_loses_nothing_that_was_acknowledged(server: Server, file: Path) -> None:
    article = furnished_file(file)
    seed = random.randrange(2**32)
    moments = random.Random(seed)
    acknowledged: set[str] = set()
    server.start()
    with ThreadPoolExecutor(PEOPLE) as pool, writing(server, article) as writers:
        for _round in range(ROUNDS):
            first = threading.Event()
            saved = [pool.submit(list, one.log_until_it_dies(first)) for one in writers]
            assert first.wait(30)
            time.sleep(moments.uniform(0, size(day=2, night=10) / 5))
            server.kill()
            for places in saved:
                acknowledged.update(places.result())
            server.start()
            assert what_is_wrong(file, acknowledged) == [], f"seed {seed}"

    figure(
        f"kill -9 under 8 writers, {ROUNDS} rounds: records lost", f"0 of {len(acknowledged)}", 0
    )

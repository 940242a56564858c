"""Whoever reads a page does not wait for somebody who saves for long."""

from __future__ import annotations

from time import monotonic

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.databases import Database
from tests.factories import as_user, sign_in_directly
from tracker import clock
from tracker.db import BUSY_TIMEOUT_MS, WRITE_LOCK_ID, current_engines, db
from tracker.users.gate import LAST_SEEN_INTERVAL
from tracker.users.models import UserSession

# Of a page on a machine with much else to do; whoever waits for the lock waits for longer.
SOON = 3


@pytest.fixture
def reader(app: Flask, client: FlaskClient) -> FlaskClient:
    """Return the browser of somebody who was seen a while ago."""
    with as_user(app):
        db.session.commit()
    sign_in_directly(client, "staff")
    assert client.get("/institutions/").status_code == 200
    with app.app_context(), current_engines().writing.begin() as connection:
        ago = clock.utc_now() - 2 * LAST_SEEN_INTERVAL
        connection.execute(sa.update(UserSession).values(seen_at=ago))
    return client


def seen(app: Flask) -> object:
    with app.app_context():
        return db.session.scalar(sa.select(UserSession.seen_at))


@pytest.mark.parametrize("row_too", [False, True])
def test_a_page_is_shown_at_once_while_another_saves(
    app: Flask, reader: FlaskClient, database: Database, *, row_too: bool
) -> None:
    assert SOON * 1000 < BUSY_TIMEOUT_MS
    before = seen(app)
    other = sa.create_engine(database.url)
    with other.connect() as connection:
        lock = f"SELECT pg_advisory_xact_lock({WRITE_LOCK_ID})"
        is_sqlite = database.kind == "sqlite"
        if not row_too or is_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if is_sqlite else lock)
        if row_too:
            connection.exec_driver_sql("UPDATE sessions SET device = 'x'")
        began = monotonic()
        answers = [reader.get("/institutions/").status_code for _time in range(2)]
        took = monotonic() - began
        connection.rollback()
    other.dispose()

    assert answers == [200, 200]
    assert took < SOON
    assert seen(app) == before


def test_when_nobody_saves_it_is_noted_who_was_seen(app: Flask, reader: FlaskClient) -> None:
    before = seen(app)
    reader.get("/institutions/")

    assert seen(app) != before
    with app.app_context(), current_engines().writing.connect() as connection:
        if connection.dialect.name == "sqlite":
            found = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
            assert found == BUSY_TIMEOUT_MS, "what somebody types waits for its turn as before"

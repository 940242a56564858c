"""`/ready` says in one word what keeps the tracker from working, and nothing more."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.conftest import let_go, new_app
from tests.databases import Database
from tests.factories import as_user, sign_in_directly
from tests.statements import counted
from tracker.db import current_engines, db
from tracker.users.service import get_or_create_console_user
from tracker.vocabulary.service import load_vocabulary
from tracker.web.guards import PanicState


@pytest.fixture
def filled(app: Flask) -> None:
    with app.app_context():
        load_vocabulary(by=get_or_create_console_user())
        db.session.commit()


@pytest.mark.usefixtures("filled")
def test_it_is_ready_with_its_database_migrations_and_vocabulary(client: FlaskClient) -> None:
    answer = client.get("/ready")
    assert (answer.status_code, answer.text) == (200, "ready\n")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.usefixtures("filled")
def test_it_asks_for_no_session(app: Flask, client: FlaskClient) -> None:
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    with app.app_context(), counted() as asked:
        client.get("/ready")
    assert not [one for one in asked if "user_sessions" in one]


def test_without_terms_it_lacks_the_vocabulary(client: FlaskClient) -> None:
    answer = client.get("/ready")
    assert (answer.status_code, answer.text) == (503, "vocabulary\n")


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("revision", ["0001", "9999"])
def test_at_another_revision_it_lacks_migrations(
    app: Flask, client: FlaskClient, revision: str
) -> None:
    with app.app_context(), current_engines().full_writing.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
    answer = client.get("/ready")
    assert (answer.status_code, answer.text) == (503, "migrations\n")


def test_an_empty_database_lacks_migrations(empty_database: Database) -> None:
    app = new_app(empty_database)
    answer = app.test_client().get("/ready")
    let_go(app)
    assert (answer.status_code, answer.text) == (503, "migrations\n")


def test_a_database_that_cannot_be_read_is_said_without_details(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object, **_named: object) -> None:
        raise db.exc.OperationalError("SELECT secret", {}, Exception("host of the database"))

    monkeypatch.setattr("tracker.operating.queries.newest_revision", fail)
    answer = client.get("/ready")
    assert (answer.status_code, answer.text) == (503, "database\n")


def test_who_closed_the_tracker_is_obeyed(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.extensions["tracker_panic"], "get_state", lambda: PanicState.CLOSED)
    assert client.get("/ready").status_code == 503
    assert client.get("/health").status_code == 200

"""Who was refused stands in the trail, once a minute, with nothing that was typed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import as_user, make_article, post, sign_in, token_in
from tests.users.conftest import Clock
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.permissions import Role, Visibility


@pytest.fixture
def monitor(app: Flask, client: FlaskClient, time: Clock) -> FlaskClient:
    """Return the browser of a monitor of another team."""
    del time
    with as_user(app, "monitor", Role.MONITOR, team="Abroad"):
        pass
    sign_in(client, "monitor")
    return client


def noted(app: Flask) -> list[tuple[str, str, object]]:
    with app.app_context():
        found = db.session.scalars(
            sa.select(AuditEvent)
            .where(AuditEvent.action == "access:refuse")
            .order_by(AuditEvent.sequence)
        )
        return [(event.actor, event.subject, event.changes) for event in found]


def test_a_refusal_by_role_is_noted_without_what_was_typed(app, monitor):
    assert monitor.get("/users/typed-secret/edit?q=also-typed").status_code == 403

    assert noted(app) == [("monitor", "users.edit", {})]


def test_a_refusal_by_team_names_the_record(app, monitor):
    with as_user(app) as staff:
        ref = make_article(by=staff).ref
        db.session.commit()
    with as_user(app, "other", Role.STAFF, team="Abroad"):
        pass
    other = app.test_client()
    sign_in(other, "other")

    token = token_in(other.get("/account/").text)
    data = {"csrf_token": token, "title": "typed-secret"}
    # A POST holds the lock on writing from its first statement, which the entry needs too.
    assert other.post(f"/articles/{ref}/edit", data=data).status_code == 403
    assert len(noted(app)) == 1
    assert other.get(f"/articles/{ref}/edit").status_code == 403

    assert noted(app) == [("other", "articles.edit", {"ref": ref})]
    assert "access:refuse" not in other.get(f"/articles/{ref}/history").text


def test_it_is_noted_once_a_minute_for_each_page_and_person(app, monitor, time):
    for _number in range(3):
        monitor.get("/users/")
        monitor.get("/teams/")
    time.move(seconds=61)
    monitor.get("/users/")

    assert [subject for _actor, subject, _changes in noted(app)] == [
        "users.index", "users.teams", "users.index",
    ]  # fmt: skip


def test_what_is_hidden_is_not_noted(app, monitor):
    with as_user(app) as staff:
        ref = make_article(by=staff, visibility=Visibility.RESTRICTED).ref
        db.session.commit()

    assert monitor.get(f"/articles/{ref}/").status_code == 404
    assert monitor.get("/articles/ART-0000000000/").status_code == 404
    assert noted(app) == []


def test_a_refusal_stays_a_refusal_when_it_cannot_be_written_down(app, monitor, database, caplog):
    engine = sa.create_engine(database.url)
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE audit_events RENAME TO elsewhere"))
    engine.dispose()

    assert monitor.get("/users/typed-secret/edit").status_code == 403
    assert "could not be written down" in caplog.text
    assert "typed-secret" not in caplog.text


def test_whoever_is_not_signed_in_is_not_noted(app, client):
    client.get("/users/")
    post(client, "/sign-in", username="x", password="y")

    assert noted(app) == []


def test_nothing_that_was_typed_as_a_ref_is_noted(app, monitor):
    assert monitor.get("/incidents/Anna%20Doe/edit").status_code == 403

    assert noted(app) == [("monitor", "incidents.edit", {})]

"""What only staff of a record's team reads, of journalists, articles and incidents alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import (  # fmt: skip
    as_user,
    make_article,
    make_incident,
    make_journalist,
    make_user,
    sign_in_directly,
    token_in,
)
from tracker import clock
from tracker.audit.models import AuditEvent, CommittedValue
from tracker.db import db, set_full_access
from tracker.incidents.guarded_models import IncidentConfidential
from tracker.permissions import Role
from tracker.records import record_models
from tracker.review.codes import EditorialState
from tracker.review.service import approve_record, submit_record

SECRET = "Bota, 12 Abai street"
FIELDS = {
    "incidents": "witness_names",
    "journalists": "home_address",
    "articles": "source_notes",
}
MAKE: dict[str, Callable[..., Any]] = {
    "incidents": make_incident,
    "journalists": make_journalist,
    "articles": make_article,
}


@pytest.fixture(params=list(FIELDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ref(app: Flask, kind: str) -> str:
    return made(app, kind)


def made(app: Flask, kind: str) -> str:
    with as_user(app) as staff:
        record = MAKE[kind](by=staff)
        make_user("monitor", Role.MONITOR)
        make_user("other", team="Elsewhere")
        db.session.commit()
        return str(record.ref)


def address(kind: str, ref: str) -> str:
    return f"/{kind}/{ref}/confidential"


def save(client: FlaskClient, at: str, **typed: str) -> TestResponse:
    page = client.get(at).text
    version = page.split('name="version"')[1].split('value="')[1].split('"')[0]
    return client.post(at, data={"csrf_token": token_in(page), "version": version, **typed})


def acts(app: Flask, ref: str) -> list[tuple[str, str]]:
    with app.app_context():
        rows = db.session.execute(
            sa.select(AuditEvent.action, AuditEvent.actor)
            .where(AuditEvent.subject == ref)
            .order_by(AuditEvent.sequence)
        )
        return [(row.action.split(":")[1], row.actor) for row in rows]


def test_staff_of_the_team_write_and_read_it(client, kind, ref):
    sign_in_directly(client, "staff")

    assert save(client, address(kind, ref), **{FIELDS[kind]: SECRET}).status_code == 303

    page = client.get(address(kind, ref)).text
    assert SECRET in page
    assert 'autocomplete="off"' in page
    assert address(kind, ref) in client.get(f"/{kind}/{ref}/").text


def test_the_trail_says_that_it_changed_and_who_read_it_never_what_it_is(app, client, kind, ref):
    sign_in_directly(client, "staff")
    save(client, address(kind, ref), **{FIELDS[kind]: SECRET})

    told = acts(app, ref)
    assert [act for act, _by in told[-2:]] == ["view-confidential", "confidential"]
    assert told[-1][1] == "staff"
    with app.app_context():
        set_full_access()
        trail = db.session.scalars(sa.select(AuditEvent)).all()
        assert SECRET not in str([event.changes for event in trail])
        kept = db.session.scalars(sa.select(CommittedValue.value)).all()
        assert SECRET in kept
    history = client.get(f"/{kind}/{ref}/history").text
    assert SECRET not in history
    assert "changed confidential data of this" in history


def test_reading_it_is_written_down_once_an_hour(app, client, kind, ref, monkeypatch):
    sign_in_directly(client, "staff")
    for _again in range(2):
        client.get(address(kind, ref))
    assert acts(app, ref).count(("view-confidential", "staff")) == 1

    later = datetime.now(UTC) + timedelta(hours=2)
    monkeypatch.setattr(clock, "utc_now", lambda: later)
    again = app.test_client()
    sign_in_directly(again, "staff")
    again.get(address(kind, ref))

    assert acts(app, ref).count(("view-confidential", "staff")) == 2


@pytest.mark.parametrize("who", ["monitor", "other"])
def test_nobody_else_opens_the_page(client, kind, ref, who):
    sign_in_directly(client, who)

    assert client.get(address(kind, ref)).status_code == 403
    assert "Confidential" not in client.get(f"/{kind}/{ref}/").text
    assert ("view-confidential", who) not in acts(client.application, ref)


def test_others_do_not_read_that_something_confidential_is_kept(client, kind, ref):
    sign_in_directly(client, "staff")
    save(client, address(kind, ref), **{FIELDS[kind]: SECRET})
    other = client.application.test_client()
    sign_in_directly(other, "other")

    assert "confidential" not in other.get(f"/{kind}/{ref}/history").text


def test_a_missing_record_has_no_such_page(client, kind, ref):
    sign_in_directly(client, "staff")

    assert client.get(address(kind, ref[:4] + "0000000000")).status_code == 404


def test_whoever_saves_an_older_text_sees_both(app, client, kind, ref):
    sign_in_directly(client, "staff")
    late = save(client, address(kind, ref), **{FIELDS[kind]: SECRET})
    assert late.status_code == 303
    page = client.get(address(kind, ref)).text

    answer = client.post(
        address(kind, ref),
        data={"csrf_token": token_in(page), "version": "0", FIELDS[kind]: "Mine"},
    )

    assert answer.status_code == 409
    assert SECRET in answer.text
    assert "Mine" in answer.text


def test_a_save_is_written_down_as_reading_too(app, client, kind, ref):
    sign_in_directly(client, "staff")
    token = token_in(client.get("/").text)

    answer = client.post(
        address(kind, ref), data={"csrf_token": token, "version": "7", FIELDS[kind]: "Mine"}
    )

    assert answer.status_code == 409
    assert ("view-confidential", "staff") in acts(app, ref)


def test_an_approved_incident_stays_approved(app, client):
    ref = made(app, "incidents")
    with as_user(app):
        model: Any = record_models()["INC"]
        incident = db.session.scalars(sa.select(model).where(model.ref == ref)).one()
        submit_record(incident, by=make_user("staff"))
        approve_record(incident, note="", by=make_user("monitor", Role.MONITOR))
        db.session.commit()
    sign_in_directly(client, "staff")

    save(client, address("incidents", ref), witness_names=SECRET)

    with as_user(app):
        db.session.commit()
        set_full_access()
        incident = db.session.scalars(sa.select(model).where(model.ref == ref)).one()
        assert incident.state is EditorialState.APPROVED
        assert db.session.scalars(sa.select(IncidentConfidential)).one().witness_names == SECRET

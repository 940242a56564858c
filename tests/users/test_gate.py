"""What the gate asks before any view; who gets which answer where: `tests/safety/matrix.csv`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from tests.factories import as_user, hidden_in, sign_in
from tracker.db import current_engines
from tracker.permissions import Role
from tracker.users import gate
from tracker.users.gate import find_live_session
from tracker.users.models import UserRole


def test_two_roles_add_up(app, client):
    with as_user(app, "both", Role.STAFF, Role.ADMIN):
        pass
    sign_in(client, "both")

    assert client.get("/users/").status_code == 200
    assert client.get("/account/").status_code == 200


def test_a_view_without_a_mark_is_refused_to_everybody(make_app):
    app = make_app()
    client = app.test_client()
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    with as_user(app, "someone", *Role):
        pass
    sign_in(client, "someone")

    assert client.get("/forgotten").status_code == 403


def test_an_unknown_address_looks_alike_signed_in_or_out(app, client):
    with as_user(app):
        pass
    out = client.get("/no-such-page/").status_code
    sign_in(client, "staff")

    assert (out, client.get("/no-such-page/").status_code) == (404, 404)


def test_who_only_reads_waits_for_no_save_of_somebody_else(
    app, client, monkeypatch, somebody_saves
):
    with as_user(app):
        pass
    sign_in(client, "staff")
    monkeypatch.setattr("tracker.users.gate.LAST_SEEN_INTERVAL", timedelta(0))
    with somebody_saves():
        assert client.get("/incidents/").status_code == 200


def test_who_loses_a_role_while_waiting_for_the_write_lock_saves_nothing(app, client, monkeypatch):
    with as_user(app):
        pass
    sign_in(client, "staff")
    sent = hidden_in(client.get("/institutions/new").text) | {"who-name": "Council"}
    looked_up: list[Any] = []

    def between(session, token_hash):
        found = find_live_session(session, token_hash)
        if not looked_up:
            with Session(current_engines().full_writing) as other, other.begin():
                other.execute(delete(UserRole))
        looked_up.append(found)
        return found

    monkeypatch.setattr(gate, "find_live_session", between)
    assert client.post("/institutions/new", data=sent).status_code == 403
    assert looked_up[0][0].user.roles, "the first look still found the role"


def test_whose_session_ends_while_waiting_for_the_write_lock_saves_nothing(
    app, client, monkeypatch
):
    with as_user(app):
        pass
    sign_in(client, "staff")
    sent = hidden_in(client.get("/institutions/new").text) | {"who-name": "Council"}
    looked_up: list[Any] = []

    def look(*asked):
        looked_up.append(find_live_session(*asked))
        return looked_up[0]

    monkeypatch.setattr(
        gate, "find_live_session", lambda *asked: None if looked_up else look(*asked)
    )

    assert client.post("/institutions/new", data=sent).status_code == 401

"""A database that does not answer: a page of ours all the same, and nothing typed is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from tests.factories import as_user, hidden_in, sign_in_directly
from tracker.db import is_lock_timeout
from tracker.users import gate
from tracker.users.idempotency import SubmissionKey
from tracker.web.guards import SECURITY_HEADERS

NEW = "/institutions/new"
TYPED = "Council of the press"


@pytest.fixture
def staff(app: Flask, client: FlaskClient) -> FlaskClient:
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    return client


@pytest.fixture
def sent(staff: FlaskClient) -> dict[str, object]:
    """Fill a form, the name alone, while the database still answers."""
    return {**hidden_in(staff.get(NEW).text), "who-name": TYPED}


def no_answer(*_asked: object) -> None:
    raise OperationalError("SELECT", {}, sqlite3.OperationalError("the connection is gone"))


def test_while_somebody_else_saves_for_long_what_was_typed_comes_back(
    staff: FlaskClient,
    sent: dict[str, object],
    somebody_saves: Callable[[], AbstractContextManager[None]],
) -> None:
    with somebody_saves():
        answer = staff.post(NEW, data=sent)
    assert answer.status_code == 503
    assert "Somebody else is saving" in answer.text
    assert "Reload this page to send it again." in answer.text
    assert f"{TYPED}</textarea>" in answer.text
    assert set(answer.headers) >= set(SECURITY_HEADERS.items())
    # It was not said who is looking, which only the database knows; leaving needs none.
    assert 'action="/leave"' in answer.text
    assert 'action="/sign-out"' not in answer.text


def test_where_the_database_is_gone_every_page_is_one_of_ours(
    app: Flask, staff: FlaskClient, sent: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(gate, "find_live_session", no_answer)
    for answer in (
        staff.post(NEW, data=sent),
        staff.post("/sign-out", data=sent),
        staff.get("/incidents/"),
        staff.get("/no-such-page/"),
    ):
        assert answer.status_code == 500
        assert 'action="/leave"' in answer.text
        assert set(answer.headers) >= set(SECURITY_HEADERS.items())
    assert f"{TYPED}</textarea>" in staff.post(NEW, data=sent).text


def test_whoever_is_signed_out_is_offered_no_way_to_leave(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.users.throttle_service.begin_attempt", no_answer)
    answer = client.post(
        "/sign-in",
        data={**hidden_in(client.get("/sign-in").text), "username": "a", "password": "b"},
    )
    assert answer.status_code == 500
    assert 'action="/leave"' not in answer.text


def test_what_was_saved_is_said_to_be_where_its_key_cannot_be_noted(
    staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = staff.get("/account/").text
    monkeypatch.setattr(SubmissionKey, "set_result_url", no_answer)
    answer = staff.post("/account/sessions/end-others", data=hidden_in(form) | {"submission": "a"})
    assert answer.status_code == 303
    assert set(answer.headers) >= set(SECURITY_HEADERS.items())


@pytest.mark.parametrize(("state", "held"), [("55P03", True), ("40P01", True), ("53100", False)])
def test_postgresql_says_by_its_own_code_that_somebody_else_saves(state: str, held: bool) -> None:
    from_driver = type("Error", (Exception,), {"sqlstate": state})()
    assert is_lock_timeout(OperationalError("UPDATE", {}, from_driver)) is held

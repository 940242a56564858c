"""The quick way out: one button on every page, and nothing is left in the browser."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import as_user, hidden_in, make_second_factor, post, sign_in
from tracker.db import db
from tracker.users.models import UserSession


@pytest.fixture
def staff(app: Flask, client: FlaskClient) -> FlaskClient:
    with as_user(app):
        pass
    sign_in(client, "staff")
    return client


def test_one_button_ends_the_session_and_empties_the_browser(
    app: Flask, staff: FlaskClient
) -> None:
    old = staff.get_cookie("tracker")
    assert old is not None
    answer = post(staff, "/leave", page="/institutions/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/leave")
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert staff.get_cookie("tracker") is None
    staff.set_cookie("tracker", old.value)
    assert staff.get("/institutions/").status_code == 303
    with app.app_context():
        assert db.session.scalar(select(UserSession.ended_at)) is not None


def test_the_page_it_leads_to_is_about_nothing_and_fetches_nothing(client: FlaskClient) -> None:
    answer = client.get("/leave")
    assert answer.status_code == 200
    assert "racker" not in answer.text
    assert "href" not in answer.text
    assert "src" not in answer.text
    assert "Set-Cookie" not in answer.headers


def test_looking_at_that_page_signs_nobody_out(staff: FlaskClient) -> None:
    answer = staff.get("/leave")
    assert "Clear-Site-Data" not in answer.headers
    assert staff.get("/institutions/").status_code == 200


def test_a_form_gone_stale_still_lets_go_of_the_browser(app: Flask, staff: FlaskClient) -> None:
    answer = staff.post("/leave", data={"csrf_token": "of-another-day"})
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert staff.get("/institutions/").status_code == 303
    with app.app_context():
        assert db.session.scalar(select(UserSession.ended_at)) is not None


def test_another_site_cannot_empty_the_browser(client: FlaskClient) -> None:
    # It cannot send the cookie along, and so it carries none.
    answer = client.post("/leave")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/leave")
    assert "Clear-Site-Data" not in answer.headers


def test_whoever_is_signed_out_sees_no_such_button(client: FlaskClient) -> None:
    assert 'action="/leave"' not in client.get("/sign-in").text


def test_who_has_not_given_the_code_yet_leaves_as_well(app: Flask, client: FlaskClient) -> None:
    with as_user(app) as user:
        make_second_factor(user)
        db.session.commit()
    assert sign_in(client, "staff").location == "/sign-in/code"
    post(client, "/leave", page="/sign-in/code")
    with app.app_context():
        assert db.session.scalar(select(UserSession.ended_at)) is not None


def test_who_leaves_is_let_go_while_somebody_else_saves(
    app: Flask,
    staff: FlaskClient,
    somebody_saves: Callable[[], AbstractContextManager[None]],
) -> None:
    sent = hidden_in(staff.get("/institutions/").text)
    with somebody_saves():
        answer = staff.post("/leave", data=sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/leave")
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert staff.get_cookie("tracker") is None
    with app.app_context():
        assert db.session.scalar(select(UserSession.ended_at)) is None

"""Whose password somebody else chose is asked for a new one before anything else."""

from __future__ import annotations

import re
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories import PASSWORD, as_user, make_second_factor, make_user, post, sign_in
from tracker.audit.models import AuditEvent
from tracker.db import current_engines, db
from tracker.people.service import add_shipped_institutions
from tracker.permissions import Role
from tracker.sample.commands import load_and_describe
from tracker.users.models import User
from tracker.users.queries import find_user_by_name
from tracker.users.service import get_or_create_console_user
from tracker.vocabulary.service import load_vocabulary

PAGE = "/account/new-password"
GIVEN, OWN = "given-by-somebody-31", "chosen-by-myself-17"
ELSEWHERE = (
    "/", "/account/", "/cases/", "/search?q=a", "/help/tour", "/account/second-factor",
    "/incidents/?sort=date",
)  # fmt: skip
# Data for programs, behind the same session.
DATA = ("/reports/incidents.csv", "/reports/incidents.jsonl", "/reports/monthly.csv")


def given_by_an_administrator(app: Flask, client: FlaskClient, role: Role) -> None:
    """Create a user on the page of administrators, and sign in with the password given there."""
    with as_user(app, "boss", Role.ADMIN):
        pass
    sign_in(client, "boss")
    made = post(
        client,
        "/users/new",
        name="newcomer",
        password=GIVEN,
        roles=[role.value],
        teams=team_ids(app),
    )
    assert made.status_code == 303
    post(client, "/sign-out", page="/account/")
    answer = sign_in(client, "newcomer", GIVEN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def team_ids(app: Flask) -> list[str]:
    with app.app_context():
        user = find_user_by_name(db.session(), "boss")
        assert user is not None
        return [str(number) for number in user.team_ids]


def user_named(name: str) -> User:
    found = find_user_by_name(db.session(), name)
    assert found is not None
    return found


def choose(client: FlaskClient, password: str) -> TestResponse:
    return post(client, PAGE, password=password)


@pytest.mark.parametrize("role", Role)
def test_a_newcomer_of_each_role_is_asked_before_anything_else(
    app: Flask, client: FlaskClient, role: Role
) -> None:
    given_by_an_administrator(app, client, role)

    for address in (*ELSEWHERE, *DATA):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Location"]) == (303, PAGE), address
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "Somebody else made your password" in page.text
    assert "<nav" not in page.text
    answer = post(client, "/cases/new", page=PAGE, title="A case", country="KZ")
    assert answer.headers["Location"] == PAGE

    answer = choose(client, OWN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/help")
    said = client.get("/help").text
    assert "Your new password is saved" in said
    assert 'href="/help/tour"' in said
    assert f'id="{role}-heading"' in said
    assert client.get("/cases/").status_code == 200
    assert client.get(PAGE).headers["Location"] == "/account/"
    with app.app_context():
        assert not user_named("newcomer").must_change_password
        rows = select(AuditEvent.action).where(AuditEvent.subject == "newcomer")
        assert "user:password" in db.session.scalars(rows).all()


def test_the_same_or_a_weak_password_is_refused_at_its_field(
    app: Flask, client: FlaskClient
) -> None:
    given_by_an_administrator(app, client, Role.STAFF)

    same, weak = choose(client, GIVEN), choose(client, "short")
    assert (same.status_code, weak.status_code) == (422, 422)
    assert "the password that you were given" in same.text
    assert "at least" in weak.text
    assert client.get("/cases/").headers["Location"] == PAGE


def test_a_reset_ends_every_session_and_asks_again(app: Flask, client: FlaskClient) -> None:
    with as_user(app, "boss", Role.ADMIN):
        make_user("staff")
        db.session.commit()
    own = app.test_client()
    sign_in(own, "staff")
    sign_in(client, "boss")
    post(client, "/users/staff/password", password=GIVEN)

    assert own.get("/cases/").headers["Location"] == "/sign-in"
    sign_in(own, "staff", GIVEN)
    assert own.get("/cases/").headers["Location"] == PAGE
    choose(own, OWN)
    assert own.get("/cases/").status_code == 200


def test_other_sessions_end_when_the_password_is_chosen(app: Flask, client: FlaskClient) -> None:
    given_by_an_administrator(app, client, Role.STAFF)
    other = app.test_client()
    sign_in(other, "newcomer", GIVEN)

    choose(client, OWN)

    assert client.get("/cases/").status_code == 200
    assert other.get("/cases/").headers["Location"] == "/sign-in"


@pytest.mark.parametrize("page", [PAGE, "/account/", "/users/staff/password", "/users/new"])
def test_others_save_while_a_new_password_is_hashed(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setattr("tracker.db.BUSY_TIMEOUT_MS", 100)
    with as_user(app, "staff", Role.STAFF, Role.ADMIN) as user:
        user.must_change_password = page == PAGE
        db.session.commit()
    sign_in(client, "staff")
    hashes = []

    def hash_while_others_save(hasher: PasswordHasher, password: str) -> str:
        with current_engines().writing.begin() as connection:
            connection.exec_driver_sql("UPDATE terms SET code = code")
        hashes.append(password)
        return hash_password(hasher, password)

    hash_password = PasswordHasher.hash
    monkeypatch.setattr(PasswordHasher, "hash", hash_while_others_save)
    others: dict[str, dict[str, Any]] = {
        "/account/": {"current": PASSWORD},
        "/users/new": {"name": "second", "roles": ["monitor"]},
    }
    answer = post(client, page, password=OWN, **others.get(page, {}))

    assert (answer.status_code, hashes) == (303, [OWN])
    monkeypatch.undo()
    name = "second" if page == "/users/new" else "staff"
    assert sign_in(client, name, OWN).status_code == 303


def test_whoever_chose_their_own_password_is_not_asked(app: Flask, client: FlaskClient) -> None:
    with as_user(app):
        pass
    sign_in(client, "staff")
    post(client, "/account/", current=PASSWORD, password=OWN)

    assert client.get("/cases/").status_code == 200
    assert client.get(PAGE).headers["Location"] == "/account/"


def test_the_second_factor_is_asked_first(app: Flask, client: FlaskClient) -> None:
    with as_user(app) as user:
        make_second_factor(user)
        user.must_change_password = True
        db.session.commit()
    sign_in(client, "staff")

    assert client.get("/cases/").headers["Location"] == "/sign-in/code"
    assert client.get(PAGE).headers["Location"] == "/sign-in/code"


def test_signing_out_and_leaving_stay_possible(app: Flask, client: FlaskClient) -> None:
    given_by_an_administrator(app, client, Role.STAFF)
    text = client.get(PAGE).text
    assert set(re.findall(r'action="([^"]+)"', text)) == {"/sign-out", "/leave"}
    assert post(client, "/sign-out", page=PAGE).headers["Location"] == "/sign-in"


@pytest.mark.parametrize(("password", "asked"), [(None, True), (PASSWORD, False)])
def test_sample_users_are_asked_where_their_password_is_random(
    app: Flask, password: str | None, asked: bool
) -> None:
    with app.app_context():
        load_vocabulary(by=get_or_create_console_user())
        add_shipped_institutions(by=get_or_create_console_user())
        db.session.commit()
        load_and_describe(password, case_only=True)
        db.session.commit()
        users = [user for user in db.session.scalars(select(User)) if user.roles]
        assert {user.must_change_password for user in users} == {asked}


def test_a_command_in_somebodys_name_makes_a_password_to_change(
    app: Flask, runner: FlaskCliRunner
) -> None:
    with as_user(app, "boss", Role.ADMIN):
        pass
    for name, more in (("mine", []), ("yours", ["--by", "boss"])):
        runner.invoke(args=["users", "create", name, "--role", "admin", *more], input=GIVEN)
    with app.app_context():
        assert not user_named("mine").must_change_password
        assert user_named("yours").must_change_password

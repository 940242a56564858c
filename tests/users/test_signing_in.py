"""Who signs in, who no longer may, and what a refusal gives away."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories import PASSWORD, as_user, make_user, post, sign_in, token_in
from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.db import current_engines, db
from tracker.permissions import Role
from tracker.users import service
from tracker.users.models import SESSION_LIFETIME, User, UserSession
from tracker.users.passwords import build_hasher, is_correct_password
from tracker.users.service import disable_user, get_or_create_console_user

NEW_PASSWORD = "entirely-other-words-9"


@pytest.fixture(autouse=True)
def people(app: Flask) -> None:
    """Make a member of staff and an administrator."""
    with as_user(app):
        make_user("boss", Role.ADMIN)
        db.session.commit()


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account/").status_code == 200


def test_staff_sign_in_and_out(client):
    assert sign_in(client, "staff").status_code == 303
    assert is_signed_in(client)

    answer = post(client, "/sign-out", page="/account/")

    assert answer.location == "/sign-in"
    assert not is_signed_in(client)


def test_the_name_is_taken_in_any_case(client):
    assert sign_in(client, "  STAFF ").status_code == 303


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("staff", "wrong-password-1"),
        ("nobody-here", PASSWORD),
        ("console", "!"),
        ("console", PASSWORD),
        ("staff", PASSWORD.upper()),
        ("staff\x00", PASSWORD),
        ("ｓｔａｆｆ", PASSWORD),
    ],
)
def test_a_refusal_does_not_say_which_half_was_wrong(client, name, password):
    answer = sign_in(client, name, password)

    assert answer.status_code == 422
    assert password not in answer.text.replace("!", "")
    if "\x00" not in name:
        assert "Name or password is wrong." in answer.text
    assert not is_signed_in(client)


def test_a_disabled_person_is_refused_in_the_same_words(app, client):
    with app.app_context():
        disable_user(make_user("staff"), by=get_or_create_console_user())
        db.session.commit()

    answer = sign_in(client, "staff")

    assert answer.status_code == 422
    assert "Name or password is wrong." in answer.text
    assert "could not be saved" not in answer.text


def test_signing_out_ends_the_token_itself(app, client):
    sign_in(client, "staff")
    stolen = client.get_cookie("tracker").value
    post(client, "/sign-out", page="/account/")

    thief = app.test_client()
    thief.set_cookie("tracker", stolen)

    assert not is_signed_in(thief)


def test_whoever_is_disabled_is_out_at_the_next_request(app, client):
    sign_in(client, "staff")
    boss = app.test_client()
    sign_in(boss, "boss")

    post(boss, "/users/staff/disable", page="/users/staff/edit")

    assert not is_signed_in(client)
    assert sign_in(client, "staff").status_code == 422
    post(boss, "/users/staff/enable", page="/users/staff/edit")
    assert sign_in(client, "staff").status_code == 303


def test_ones_own_new_password_ends_every_other_session(app, client):
    elsewhere = app.test_client()
    sign_in(elsewhere, "staff")
    sign_in(client, "staff")

    answer = post(client, "/account/", current=PASSWORD, password=NEW_PASSWORD)

    assert answer.status_code == 303
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)
    assert sign_in(elsewhere, "staff", PASSWORD).status_code == 422
    assert sign_in(elsewhere, "staff", NEW_PASSWORD).status_code == 303


def test_a_new_password_needs_the_present_one(client):
    sign_in(client, "staff")

    answer = post(client, "/account/", current="wrong-password-1", password=NEW_PASSWORD)

    assert answer.status_code == 422
    assert "This is not your password." in answer.text
    assert NEW_PASSWORD not in answer.text


def test_a_new_password_is_another_one(client):
    sign_in(client, "staff")

    answer = post(client, "/account/", current=PASSWORD, password=PASSWORD)

    assert answer.status_code == 422
    assert "This is the same as above." in answer.text


@pytest.mark.parametrize("password", ["", "short", "x" * 11, "my-name-is-staff", "x" * 501])
def test_a_weak_password_is_refused_with_the_reason(client, password):
    sign_in(client, "staff")

    answer = post(client, "/account/", current=PASSWORD, password=password)

    assert answer.status_code == 422
    assert 'id="password-error"' in answer.text


def test_a_password_set_by_an_administrator_ends_all_sessions(app, client):
    sign_in(client, "staff")
    boss = app.test_client()
    sign_in(boss, "boss")

    post(boss, "/users/staff/password", password=NEW_PASSWORD)

    assert not is_signed_in(client)
    assert sign_in(client, "staff", NEW_PASSWORD).status_code == 303


def test_a_session_ends_by_itself(app, client, monkeypatch):
    sign_in(client, "staff")
    late = clock.utc_now() + SESSION_LIFETIME
    monkeypatch.setattr(clock, "utc_now", lambda: late)

    assert not is_signed_in(client)


def test_the_database_holds_neither_passwords_nor_tokens(app, client):
    sign_in(client, "staff")
    with app.app_context():
        stored = db.session.scalars(sa.select(User.password_hash)).all()
        tokens = db.session.scalars(sa.select(UserSession.token_hash)).all()
        trail = db.session.scalars(sa.select(AuditEvent)).all()

    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    assert all(one == "!" or one.startswith("$argon2id$") for one in stored)
    assert token not in tokens
    written = repr([event.changes for event in trail])
    assert "argon2" not in written
    assert PASSWORD not in written


def test_signing_in_and_out_is_in_the_trail(app, client):
    sign_in(client, "staff")
    post(client, "/sign-out", page="/account/")

    with app.app_context():
        newest = sa.select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(2)
        ended, begun = db.session.scalars(newest)
    assert (begun.action, begun.actor) == ("session:begin", "staff")
    assert (ended.action, ended.actor) == ("session:end", "staff")


def test_one_returns_to_the_page_one_asked_for(client):
    assert client.get("/account/?x=1").location == "/sign-in"

    assert sign_in(client, "staff").location == "/account/?x=1"


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example/", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "evil", ""],
)
def test_nobody_is_sent_elsewhere_after_signing_in(client, elsewhere):
    with client.session_transaction() as cookie:
        cookie["next"] = elsewhere

    assert sign_in(client, "staff").location == "/"


@pytest.mark.parametrize(
    "address", ["//evil.example/x", "/%2F/evil.example", "/%5Cevil.example", "/%09/evil.example"]
)
def test_no_address_typed_in_sends_elsewhere(client, address):
    client.get(address)

    location = sign_in(client, "staff").location

    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


def test_a_missing_token_gives_the_form_again_with_what_was_typed(client):
    answer = client.post("/sign-in", data={"username": "staff", "password": PASSWORD})

    assert answer.status_code == 400
    assert 'value="staff"' in answer.text
    assert PASSWORD not in answer.text
    assert 'name="csrf_token"' in answer.text
    assert not is_signed_in(client)


def test_the_sign_in_page_has_one_form_and_no_other_text_input(client):
    text = client.get("/sign-in").text

    assert text.count("<form") == 1
    assert 'name="username"' in text
    assert text.count('type="text"') == 1
    assert token_in(text)


def test_signing_out_on_a_page_of_another_day_ends_the_token_itself(app, client):
    sign_in(client, "staff")
    stolen = client.get_cookie("tracker").value

    answer = client.post("/sign-out", data={"csrf_token": "of-another-day"})

    assert "You are signed out." in client.get(answer.location).text
    assert not is_signed_in(client)
    thief = app.test_client()
    thief.set_cookie("tracker", stolen)
    assert not is_signed_in(thief)


def test_a_wrong_name_costs_as_much_hashing_as_a_wrong_password(client, monkeypatch):
    from tracker.users import passwords, service

    checked: list[str | None] = []

    def is_right(hasher: PasswordHasher, stored: str | None, password: str) -> bool:
        checked.append(stored)
        return passwords.is_correct_password(hasher, stored, password)

    monkeypatch.setattr(service, "is_correct_password", is_right)
    sign_in(client, "nobody-here", "wrong-password-1")
    sign_in(client, "staff", "wrong-password-1")

    assert checked[0] is None
    assert str(checked[1]).startswith("$argon2id$")


def test_a_hash_that_is_none_matches_nothing():
    from tracker.users.passwords import is_correct_password

    hasher = build_hasher(time_cost=1, memory_kib=8, lanes=1)

    assert not is_correct_password(hasher, "not a hash", "password")
    assert not is_correct_password(hasher, "!", "!")
    assert not is_correct_password(hasher, None, "")


def test_a_password_that_was_changed_while_it_was_hashed_signs_nobody_in(app, client, monkeypatch):
    def slow(hasher, stored, password):
        with Session(current_engines().full_writing) as other, other.begin():
            other.execute(sa.update(User).values(password_hash="changed meanwhile"))
        return is_correct_password(hasher, stored, password)

    monkeypatch.setattr(service, "is_correct_password", slow)
    assert sign_in(client, "staff").status_code == 422

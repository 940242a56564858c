"""Passwords, accounts and sessions where no other test asks: lengths, alphabets, chance, defaults."""

from __future__ import annotations

import base64
import hmac
import math
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import extract_parameters
from argon2.low_level import Type
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from tests.factories import PASSWORD, as_user, make_user, post, sign_in, token_in
from tests.users.test_second_factor import give, set_up
from tracker import clock
from tracker.config import Settings
from tracker.db import db
from tracker.permissions import Role
from tracker.records import generate_ref
from tracker.serving import seed_database
from tracker.users.models import RecoveryCode, User, UserSession
from tracker.users.passwords import hasher_from_settings
from tracker.users.second_factor_service import generate_recovery_code, generate_secret

MANY = 400


@pytest.fixture
def staff(app: Flask, client: FlaskClient) -> FlaskClient:
    with as_user(app):
        make_user("boss", Role.ADMIN)
        db.session.commit()
    sign_in(client, "staff")
    return client


@pytest.mark.parametrize(
    "password",
    [
        "onlysmalllettershere", "ONLYLARGELETTERSHERE", "849201736452918374", "!?&%$#@!*+~^<>|;:",
        "four words with spaces", "только буквы кириллицы", "қазақша құпия сөз", "猫が窓の外を静かに見ている夜",
        "🦩🐢🦔🐙🦉🐝🦊🐌🦎🐳🦋🐞", "q" * 3 + "-x7-" * 3 + "Zz" + "k" * 60,
    ],
)  # fmt: skip
def test_a_password_is_of_any_letters_and_is_taken_exactly(
    app: Flask, staff: FlaskClient, password: str
) -> None:
    assert post(staff, "/account/", current=PASSWORD, password=password).status_code == 303
    assert sign_in(app.test_client(), "staff", password).status_code == 303
    for other in {password.upper(), password.lower(), password[:-1], password + "x"} - {password}:
        assert sign_in(app.test_client(), "staff", other).status_code in {422, 429}


def test_every_field_of_a_password_hides_it_and_may_be_pasted_into(staff: FlaskClient) -> None:
    boss = staff.application.test_client()
    pages = [boss.get("/sign-in").text]
    sign_in(boss, "boss")
    pages += [
        boss.get(at).text for at in ("/account/", "/users/new", "/users/staff/edit", "/confirm")
    ]
    fields = [
        one for page in pages for one in html.fromstring(page).xpath('//input[@type="password"]')
    ]

    assert len(fields) >= 5
    for page in pages:
        named = html.fromstring(page).xpath('//input[contains(@name, "password")]/@type')
        assert set(named) <= {"password", "hidden"}
    for one in fields:
        assert one.get("autocomplete") in {"current-password", "new-password"}
        assert not one.get("value")
        assert int(one.get("maxlength")) >= 64
        assert not {"pattern", "readonly", "onpaste", "oncopy"} & set(one.attrib)


def test_nobody_is_asked_for_a_question_or_a_hint(staff: FlaskClient) -> None:
    pages = staff.get("/account/").text + staff.application.test_client().get("/sign-in").text
    names = {one.lower() for one in html.fromstring(pages).xpath("//input/@name")}

    assert not [one for one in names if any(word in one for word in ("hint", "question", "answer"))]


def test_a_new_installation_has_no_account_that_anybody_could_enter(
    app: Flask, client: FlaskClient
) -> None:
    with app.app_context():
        seed_database(app.config["TRACKER"])
        held = {user.name: user.password_hash for user in db.session.scalars(sa.select(User))}

    assert held == {"console": "!"}
    for name in ("console", "admin", "root", "sa", "tracker"):
        for password in ("!", "", "admin", name, "password", "changeme", PASSWORD):
            assert sign_in(client, name, password).status_code in {422, 429}


def test_passwords_are_hashed_as_dearly_as_is_recommended(app: Flask, tmp_path) -> None:
    real = Settings(database_url="sqlite://", secret_key="5f1c9e0b7d2a48c6" * 4, instance=tmp_path)
    first, second = (hasher_from_settings(real).hash(PASSWORD) for _number in range(2))
    cost = extract_parameters(first)

    assert first != second, "each has a salt of its own"
    assert cost.type is Type.ID
    assert (cost.memory_cost, cost.time_cost) >= (19 * 1024, 2)
    assert cost.salt_len >= 16
    assert cost.hash_len >= 16


def test_a_password_does_not_grow_old(
    app: Flask, staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = clock.utc_now() + timedelta(days=3000)
    monkeypatch.setattr(clock, "utc_now", lambda: later)

    assert sign_in(app.test_client(), "staff").location == "/"


def bits(made: list[str]) -> float:
    """Return how many bits of chance a value has, were each place of it drawn by itself."""
    places = zip(*made, strict=True)
    return sum(
        -sum(n / len(made) * math.log2(n / len(made)) for n in Counter(place).values())
        for place in places
    )


@pytest.mark.parametrize(
    ("make", "least"),
    [(generate_recovery_code, 112), (generate_secret, 128), (lambda: generate_ref("INC"), 44)],
    ids=["recovery code", "secret of a phone", "ref"],
)
def test_what_must_not_be_guessed_is_drawn_by_chance(make: Callable[[], str], least: int) -> None:
    made = [make() for _number in range(MANY)]

    assert len(set(made)) == MANY
    assert bits(made) >= least


def test_the_token_of_a_session_is_drawn_by_chance(app: Flask, staff: FlaskClient) -> None:
    tokens = []
    for _number in range(12):
        client = app.test_client()
        sign_in(client, "staff")
        with client.session_transaction() as cookie:
            tokens.append(cookie["_user_id"])
    with app.app_context():
        hashes = set(db.session.scalars(sa.select(UserSession.token_hash)))

    assert len(set(tokens)) == 12
    assert len({len(one) for one in tokens}) == 1
    # 32 bytes in base64: 256 bits; twelve draws show that no place is always the same.
    assert len(tokens[0]) == 43
    assert all(len(set(place)) > 2 for place in zip(*tokens, strict=True))
    assert not hashes & set(tokens)


def test_recovery_codes_are_kept_as_hashes_alone(app: Flask, staff: FlaskClient) -> None:
    _secret, codes = set_up(staff)
    with app.app_context():
        kept = list(db.session.scalars(sa.select(RecoveryCode.code_hash)))

    assert len(kept) == len(codes) == 10
    assert all(len(one) == 64 for one in kept)
    assert not [one for one in codes if one.replace("-", "") in "".join(kept).upper()]


def test_a_session_begins_by_nothing_but_signing_in(app: Flask, staff: FlaskClient) -> None:
    stranger = app.test_client()
    token = token_in(stranger.get("/sign-in").text)
    with staff.session_transaction() as cookie:
        mine = cookie["_user_id"]
    for address in (f"/account/?token={mine}", f"/account/?_user_id={mine}"):
        assert stranger.get(address).location == "/sign-in"
    for headers in ({"Authorization": f"Bearer {mine}"}, {"X-Auth-Token": mine}):
        assert stranger.get("/account/", headers=headers).location == "/sign-in"
    stranger.set_cookie("_user_id", mine)
    stranger.set_cookie("remember_token", mine)
    assert stranger.get("/account/").location == "/sign-in"
    stranger.post("/account/", data={"csrf_token": token, "_user_id": mine})
    assert stranger.get("/account/").location == "/sign-in"


def test_a_cookie_made_up_or_changed_is_nobody_s(app: Flask, staff: FlaskClient) -> None:
    real = staff.get_cookie("tracker")
    assert real is not None
    body, stamp, signature = real.value.rsplit(".", 2)
    for made_up in (
        f"{body}.{stamp}.{signature[:-2]}AA", f"{body}.{stamp}.", f"{body}x.{stamp}.{signature}",
        f"{body}", "e30.e30.e30", "x" * 3000,
    ):  # fmt: skip
        thief = app.test_client()
        thief.set_cookie("tracker", made_up)
        assert thief.get("/account/").location == "/sign-in"


def test_the_cookie_is_signed_by_sha_256(app: Flask, staff: FlaskClient) -> None:
    cookie = staff.get_cookie("tracker")
    assert cookie is not None
    signed, signature = cookie.value.rsplit(".", 1)
    key = hmac.digest(app.config["SECRET_KEY"].encode(), b"cookie-session", "sha256")
    expected = hmac.digest(key, signed.encode(), "sha256")

    assert signature == base64.urlsafe_b64encode(expected).decode().rstrip("=")


def test_a_forgotten_password_leaves_the_second_factor_asked_for(
    app: Flask, staff: FlaskClient
) -> None:
    set_up(staff)
    boss = app.test_client()
    sign_in(boss, "boss")
    post(boss, "/users/staff/password", password="entirely-other-words-9")

    client = app.test_client()
    assert sign_in(client, "staff", "entirely-other-words-9").location == "/sign-in/code"
    assert give(client, "000000") == 422
    assert client.get("/incidents/").location == "/sign-in/code"


def test_every_page_has_the_way_out_in_sight(staff: FlaskClient) -> None:
    for at in ("/", "/incidents/", "/journalists/new", "/account/", "/users/"):
        forms = html.fromstring(staff.get(at).text).xpath("//form/@action")
        assert "/sign-out" in forms, at

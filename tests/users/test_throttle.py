"""Guessing is slowed down by account and network before hashing, and nobody is locked out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from threading import Event

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask

from tests.factories import (
    PASSWORD,
    as_user,
    make_second_factor,
    make_user,
    post,
    sign_in,
    token_in,
)
from tests.users.conftest import Clock
from tests.users.test_second_factor import code_of, give
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.permissions import Role
from tracker.users import passwords, service
from tracker.users.models import KnownDevice, SignInFailure
from tracker.users.service import disable_user, get_or_create_console_user
from tracker.users.throttle_service import (
    FAILURES_BEFORE_WAIT,
    network_of,
    seconds_to_wait,
    seconds_to_wait_in_network,
)

WRONG = "wrong-password-1"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def people(app: Flask, time: Clock) -> None:
    """Make a member of staff and an administrator."""
    del time
    with as_user(app):
        make_user("boss", Role.ADMIN)
        db.session.commit()


def guess(app: Flask, times: int, name: str = "staff") -> list[int]:
    """Try wrong passwords from somewhere else."""
    stranger = app.test_client()
    return [sign_in(stranger, name, WRONG).status_code for _number in range(times)]


def refusals(app: Flask) -> list[tuple[str, str, str]]:
    with app.app_context():
        found = db.session.scalars(
            sa.select(AuditEvent)
            .where(AuditEvent.action == "session:refuse")
            .order_by(AuditEvent.sequence)
        )
        return [(event.actor, event.subject, event.changes["asked"]) for event in found]


def words(text: str, name: str) -> str:
    """Return a page without the name typed and the tokens, which are new each time."""
    return re.sub(r'type="hidden" value="[^"]*"', "", text).replace(name, "")


def test_after_five_failures_one_waits(app, client):
    assert guess(app, 6) == [422] * FAILURES_BEFORE_WAIT + [429]

    answer = sign_in(client, "staff")

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
    assert "Wait 1 second" in answer.text
    assert client.get("/account/").status_code == 303


def test_whoever_waited_signs_in(app, client, time):
    guess(app, 6)
    time.move(seconds=1)

    assert sign_in(client, "staff").status_code == 303


def test_the_wait_doubles_up_to_a_minute_and_what_comes_too_soon_does_not_count(app, time):
    guess(app, FAILURES_BEFORE_WAIT)
    waits = []
    for _number in range(9):
        answers = [sign_in(app.test_client(), "staff", WRONG) for _again in range(2)]
        assert {one.status_code for one in answers} == {429}
        waits.append(int(answers[-1].headers["Retry-After"]))
        time.move(seconds=waits[-1])
        assert guess(app, 1) == [422]

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_ten_thousand_failures_keep_nobody_out_for_more_than_a_minute(app, client, time):
    guess(app, FAILURES_BEFORE_WAIT)
    with app.app_context():
        db.session.execute(sa.update(SignInFailure).values(failures=10_000))
        db.session.commit()
    assert sign_in(client, "staff").headers["Retry-After"] == "60"

    time.move(seconds=60)

    assert sign_in(client, "staff").status_code == 303


def test_a_right_try_starts_anew(app, client, time):
    guess(app, FAILURES_BEFORE_WAIT)
    time.move(seconds=1)
    sign_in(client, "staff")

    assert guess(app, FAILURES_BEFORE_WAIT) == [422] * FAILURES_BEFORE_WAIT


def test_old_failures_are_forgotten_and_their_rows_are_gone(app, time):
    guess(app, FAILURES_BEFORE_WAIT)
    guess(app, 1, "nobody-here")
    time.move(minutes=15, seconds=1)

    assert guess(app, FAILURES_BEFORE_WAIT) == [422] * FAILURES_BEFORE_WAIT
    time.move(hours=1, seconds=1)
    assert guess(app, 1) == [422]
    with app.app_context():
        # That of the account, and that of the network for it.
        assert len(db.session.scalars(sa.select(SignInFailure)).all()) == 2


def test_a_name_nobody_has_is_slowed_down_alike(app, client):
    guess(app, FAILURES_BEFORE_WAIT, "nobody-here")
    guess(app, FAILURES_BEFORE_WAIT)

    unknown, known = sign_in(client, "nobody-here"), sign_in(client, "staff")

    assert unknown.status_code == known.status_code == 429
    assert words(unknown.text, "nobody-here") == words(known.text, "staff")
    assert unknown.headers["Retry-After"] == known.headers["Retry-After"]


def test_one_account_does_not_slow_another_and_case_makes_no_other(app, client):
    guess(app, FAILURES_BEFORE_WAIT)

    assert sign_in(app.test_client(), " STAFF ").status_code == 429
    assert sign_in(client, "boss").status_code == 303


def guess_from(app: Flask, address: str, password: str = WRONG, **headers: str) -> int:
    """Try a password from an address."""
    client = app.test_client()
    data = {"username": "staff", "password": password}
    data["csrf_token"] = token_in(client.get("/sign-in").text)
    at = {"REMOTE_ADDR": address}
    return client.post("/sign-in", data=data, environ_base=at, headers=headers).status_code


def test_headers_and_addresses_nearby_make_no_other_network(app):
    assert guess_from(app, "10.0.2.200") == 422
    guess(app, FAILURES_BEFORE_WAIT)

    for number in range(20):
        spoofed = {"X-Forwarded-For": f"10.0.{number}.1", "X-Real-IP": f"10.1.{number}.1"}
        assert guess_from(app, f"10.0.2.{number}", **spoofed) == 429


def test_behind_a_proxy_the_network_is_that_of_the_visitor(make_app):
    behind = make_app(proxy_hops=1, trusted_hosts=("localhost",))
    with as_user(behind):
        db.session.commit()

    def through_proxy(address: str) -> int:
        forwarded = {"X-Forwarded-For": address, "X-Forwarded-Host": "localhost"}
        return guess_from(behind, "127.0.0.1", **forwarded)

    assert {through_proxy("10.0.5.1") for _number in range(FAILURES_BEFORE_WAIT)} == {422}
    assert through_proxy("10.0.5.1") == 429
    assert through_proxy("10.0.6.1") == 422
    assert through_proxy("10.0.6.1") == 429


def test_each_network_has_tries_of_its_own_that_no_other_uses_up(app, time):
    guess(app, FAILURES_BEFORE_WAIT)
    assert guess(app, 1) == [429]

    assert guess_from(app, "10.0.3.1") == 422
    assert guess_from(app, "10.0.3.2") == 429
    assert guess_from(app, "10.0.4.1", PASSWORD) == 303


def test_no_address_and_no_name_can_be_told_from_what_is_kept(app):
    guess_from(app, "10.0.3.1")
    with app.app_context():
        keys = set(db.session.scalars(sa.select(SignInFailure.key)))

    # Whoever has the database alone can hash every network there is.
    steps = ["password", "staff", "network", "10.0.3.0/24"]
    for number in range(1, 5):
        for text in ("\n".join(steps[:number]), "\n".join(["sign-in failures", *steps[:number]])):
            assert sha256(text.encode()).hexdigest() not in keys


def test_a_browser_known_from_before_is_not_slowed_by_others(app, client, time):
    sign_in(client, "staff")
    post(client, "/sign-out", page="/account/")
    guess(app, 20)

    assert sign_in(client, "staff").status_code == 303


def test_a_known_browser_is_slowed_by_its_own_failures(app, client, time):
    sign_in(client, "staff")
    post(client, "/sign-out", page="/account/")
    statuses = [sign_in(client, "staff", WRONG).status_code for _number in range(6)]

    assert statuses == [422] * FAILURES_BEFORE_WAIT + [429]
    assert guess(app, 1) == [422], "and slows nobody else down"


def test_a_browser_is_known_to_whoever_signed_in_with_it_alone(app, client, time):
    sign_in(client, "boss")
    post(client, "/sign-out", page="/account/")
    guess(app, FAILURES_BEFORE_WAIT)

    assert sign_in(client, "staff").status_code == 429
    client.set_cookie("tracker-device", "made-up")
    assert sign_in(client, "staff").status_code == 429


def test_a_browser_that_two_people_share_is_known_to_the_later_one(app, client):
    for name in ("boss", "staff"):
        sign_in(client, name)
        post(client, "/sign-out", page="/account/")
    guess(app, FAILURES_BEFORE_WAIT)

    assert sign_in(client, "staff").status_code == 303


def test_the_cookie_of_a_known_browser_is_closed_to_scripts_and_other_sites(app, client, make_app):
    held = [
        one for one in sign_in(client, "staff").headers.getlist("Set-Cookie") if "device" in one
    ]
    behind = make_app(proxy_hops=1, trusted_hosts=("tracker.example",)).test_client()
    https = {"base_url": "https://tracker.example"}
    token = token_in(behind.get("/sign-in", **https).text)
    data = {"username": "staff", "password": PASSWORD, "csrf_token": token}
    headers = {
        "X-Forwarded-For": "10.0.0.1", "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "tracker.example", "Referer": "https://tracker.example/sign-in",
    }  # fmt: skip
    answer = behind.post("/sign-in", data=data, headers=headers, **https)
    secure = [one for one in answer.headers.getlist("Set-Cookie") if "device" in one]

    assert held[0].startswith("tracker-device=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(held[0].split("; "))
    assert secure[0].startswith("__Host-tracker-device=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"} <= set(secure[0].split("; "))
    assert "Domain" not in secure[0]
    kept = held[0].split("=")[1].split(";")[0]
    with app.app_context():
        assert kept not in db.session.scalars(sa.select(KnownDevice.token_hash)).all()


def test_a_stolen_password_makes_no_browser_known(app, client):
    with app.app_context():
        make_second_factor(make_user("staff"))
        db.session.commit()

    sign_in(client, "staff")

    assert client.get_cookie("tracker-device") is None


def test_a_new_password_makes_every_browser_a_stranger(app, client):
    sign_in(client, "staff")
    other = "entirely-other-words-9"
    post(client, "/account/", current=PASSWORD, password=other)
    post(client, "/sign-out", page="/account/")
    guess(app, FAILURES_BEFORE_WAIT)

    assert sign_in(client, "staff", other).status_code == 429


def test_codes_of_a_phone_are_counted_for_themselves(app, client, time):
    with app.app_context():
        secret = make_second_factor(make_user("staff"))
        db.session.commit()
    sign_in(client, "staff")

    assert [give(client, "000000") for _number in range(6)] == [422] * FAILURES_BEFORE_WAIT + [429]
    assert give(client, code_of(secret)) == 429
    assert guess(app, 1) == [422]
    time.move(seconds=1)
    assert give(client, code_of(secret)) == 303
    assert ("(not signed in)", "staff", "second factor") in refusals(app)


def test_nothing_is_hashed_while_one_waits(app, client, monkeypatch):
    guess(app, FAILURES_BEFORE_WAIT)
    hashed: list[str | None] = []

    def is_right(_argon: PasswordHasher, stored: str | None, _password: str) -> bool:
        hashed.append(stored)
        return False

    monkeypatch.setattr(service, "is_correct_password", is_right)
    assert sign_in(client, "staff").status_code == 429
    assert hashed == []


def test_many_tries_at_once_are_not_looked_at_together(app, monkeypatch):
    # Room for all of them: what is asked here is whether one name is counted right.
    monkeypatch.setattr(passwords, "MAX_ANONYMOUS_SLOTS", 8)
    monkeypatch.setattr(passwords, "MAX_ANONYMOUS_SLOTS_PER_NETWORK", 8)

    def one_try(_number: int) -> int:
        return sign_in(app.test_client(), "staff", WRONG).status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = sorted(threads.map(one_try, range(16)))

    assert statuses == [422] * FAILURES_BEFORE_WAIT + [429] * (16 - FAILURES_BEFORE_WAIT)


@pytest.fixture
def no_room() -> Iterator[None]:
    """Let as many passwords of strangers be at hashing as may be."""
    with ExitStack() as rooms:
        for number in range(passwords.MAX_ANONYMOUS_SLOTS):
            room = passwords.reserve_anonymous_slot(f"10.0.{number}.0/24", is_known=False)
            assert rooms.enter_context(room)
        yield


def test_under_ever_new_names_few_passwords_are_hashed_at_once(app, monkeypatch):
    may_end, hashed = Event(), []

    def slow(_argon: PasswordHasher, stored: str | None, _password: str) -> bool:
        hashed.append(stored)
        assert may_end.wait(60)
        return False

    monkeypatch.setattr(service, "is_correct_password", slow)
    names = [f"nobody-{number}" for number in range(11)] + ["staff"]
    few = passwords.MAX_ANONYMOUS_SLOTS_PER_NETWORK
    with ThreadPoolExecutor(len(names)) as hands:
        trying = [hands.submit(sign_in, app.test_client(), name, WRONG) for name in names]
        turned_away = [one.result() for one in islice(as_completed(trying, 60), len(names) - few)]
        may_end.set()

    assert len(hashed) == few
    assert {one.status_code for one in turned_away} == {429}
    assert sorted(one.result().status_code for one in trying)[:few] == [422] * few
    with app.app_context():
        # Of each name one, and one of the network for it.
        assert len(db.session.scalars(sa.select(SignInFailure)).all()) == 2 * few


def test_one_network_leaves_room_to_hash_for_others(app):
    with ExitStack() as rooms:
        for _number in range(passwords.MAX_ANONYMOUS_SLOTS_PER_NETWORK):
            assert rooms.enter_context(
                passwords.reserve_anonymous_slot("10.0.7.0/24", is_known=False)
            )
        assert guess_from(app, "10.0.7.9", PASSWORD) == 429
        assert guess_from(app, "10.0.8.9", PASSWORD) == 303


@pytest.mark.usefixtures("no_room")
def test_where_there_is_no_room_known_and_unknown_names_are_refused_alike(app):
    unknown = sign_in(app.test_client(), "nobody-here")
    known = sign_in(app.test_client(), "staff")

    assert unknown.status_code == known.status_code == 429
    assert unknown.headers["Retry-After"] == known.headers["Retry-After"] == "1"
    assert words(unknown.text, "nobody-here") == words(known.text, "staff")


def test_strangers_keep_nobody_out_of_a_browser_that_is_known(app, client, request):
    sign_in(client, "staff")
    post(client, "/sign-out", page="/account/")
    request.getfixturevalue("no_room")

    assert sign_in(client, "boss").status_code == 429
    assert sign_in(client, "staff").status_code == 303


def test_a_clock_that_jumps_back_locks_nobody_out(app, client, time):
    guess(app, FAILURES_BEFORE_WAIT)
    time.move(hours=-1)

    assert sign_in(client, "staff").status_code == 303


def test_failures_are_in_the_trail_once_a_minute_and_names_that_nobody_has_are_not(app, time):
    guess(app, 2)
    guess(app, 2, PASSWORD)
    guess(app, 1, "another-secret-words")
    time.move(minutes=1)
    guess(app, 1)

    assert refusals(app) == [
        ("(not signed in)", "staff", "password"),
        ("(not signed in)", "unknown name", "password"),
        ("(not signed in)", "staff", "password"),
    ]
    with app.app_context():
        keys = db.session.scalars(sa.select(SignInFailure.key)).all()
    assert not [key for key in keys if PASSWORD in key]


@pytest.mark.parametrize("name", ["staff", "nobody-here", "leaver", "console"])
def test_each_refusal_costs_one_hash_and_says_the_same(app, client, name, monkeypatch):
    with app.app_context():
        disable_user(make_user("leaver"), by=get_or_create_console_user())
        db.session.commit()
    hashed: list[str | None] = []

    def is_right(hasher: PasswordHasher, stored: str | None, password: str) -> bool:
        hashed.append(stored)
        return passwords.is_correct_password(hasher, stored, password)

    monkeypatch.setattr(service, "is_correct_password", is_right)
    answer = sign_in(client, name, PASSWORD if name == "leaver" else WRONG)

    assert answer.status_code == 422
    assert "Name or password is wrong." in answer.text
    assert len(hashed) == 1


@pytest.mark.parametrize(
    ("failures", "ago", "wait"),
    [
        (4, 0, 0), (5, 0, 1), (5, 0.2, 1), (5, 1, 0), (6, 0, 2), (6, 1.5, 1), (10, 0, 32),
        (11, 0, 60), (500, 0, 60), (500, 59.5, 1), (500, 60, 0), (500, 15 * 60, 0),
        # set right by some seconds, and jumped back
        (5, -30, 31), (500, -59, 60), (500, -61, 0), (500, -86400, 0),
    ],
)  # fmt: skip
def test_how_long_one_waits(failures, ago, wait):
    assert seconds_to_wait(failures, NOW - timedelta(seconds=ago), NOW) == wait


@pytest.mark.parametrize(
    ("failures", "ago", "wait"),
    [
        (0, 0, 0), (1, 0, 60), (1, 59.5, 1), (1, 60, 0), (2, 0, 240), (3, 0, 960), (4, 0, 3600),
        (500, 0, 3600), (500, 3599, 1), (500, 3600, 0), (1, -30, 90), (500, -61, 0),
    ],
)  # fmt: skip
def test_how_long_a_network_waits_beside_the_account(failures, ago, wait):
    assert seconds_to_wait_in_network(failures, NOW - timedelta(seconds=ago), NOW) == wait


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("2001:db8:1:ffff::", "2001:db8:1::/48"),
        ("", ""), (None, ""), ("unix:", ""), ("203.0.113.77:8080", ""), ("a" * 5000, ""),
    ],
)  # fmt: skip
def test_which_addresses_count_as_one_network(address, network):
    assert network_of(address) == network

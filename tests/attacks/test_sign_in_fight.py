"""Strangers who guess the password of somebody for half an hour: the owner signs in all the same."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import PASSWORD, as_user, make_second_factor, token_in
from tests.nightly import size
from tests.users.conftest import Clock
from tests.users.test_second_factor import code_of
from tracker import clock
from tracker.db import db

WRONG = "wrong-password-1"
HALF_AN_HOUR = 1800
SOON = 120
# What `docs/decisions/0016` says: of an account within an hour, of each network beside it, and
# after each time the owner signs in from a new browser.
MOST_GUESSES, MOST_OF_A_NETWORK, MOST_ANEW = 75, 4, 11
OWNER = "203.0.113.9"


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Lend the clock, which the application then goes by."""
    own = Clock()
    monkeypatch.setattr(clock, "utc_now", lambda: own.at)
    return own


class Browser:
    """A browser at an address; it asks for the form once."""

    def __init__(self, app: Flask, address: str) -> None:
        self.client: FlaskClient = app.test_client()
        self.at = {"REMOTE_ADDR": address}
        self.token = token_in(self.client.get("/sign-in", environ_base=self.at).text)

    def send(self, page: str, **typed: str) -> tuple[int, int]:
        """Send a form; return the status, and how long to wait."""
        data = {"csrf_token": self.token, **typed}
        answer = self.client.post(page, data=data, environ_base=self.at)
        return answer.status_code, int(answer.headers.get("Retry-After", "0"))

    def sign_in(self, password: str) -> tuple[int, int]:
        return self.send("/sign-in", username="staff", password=password)


def seconds_until_in(
    owner: Browser, time: Clock, attackers: Attackers, passwords: list[str]
) -> int:
    """Let the owner try, and wait as told, until they are in; return the seconds it took."""
    took, wait = 0, 0
    while took <= HALF_AN_HOUR:
        if wait <= 0:
            status, wait = owner.sign_in(passwords[0])
            if status == 303:
                return took
            if status == 422:
                del passwords[0]
        # The strangers are first whenever there is room.
        time.move(seconds=1)
        attackers.act()
        took, wait = took + 1, wait - 1
    return took


class Attackers:
    """Strangers who guess as soon as they are told that they may."""

    def __init__(self, app: Flask, addresses: list[str]) -> None:
        self.browsers = [Browser(app, one) for one in addresses]
        self.waits = [0] * len(addresses)
        self.guesses = 0

    def act(self, seconds: int = 1) -> None:
        """Let each try whose wait is over; a guess is what was looked at."""
        self.waits = [wait - seconds for wait in self.waits]
        for number, one in enumerate(self.browsers):
            if self.waits[number] <= 0:
                status, wait = one.sign_in(WRONG)
                self.guesses += status == 422
                self.waits[number] = wait or 1

    def go_on(self, time: Clock, seconds: int, *, step: int) -> None:
        """Attack for so long."""
        for _second in range(0, seconds, step):
            time.move(seconds=step)
            self.act(step)


def networks(count: int) -> list[str]:
    return [f"10.{number // 250}.{number % 250}.7" for number in range(count)]


@pytest.fixture
def staff(app: Flask, time: Clock) -> None:
    """Make the owner of the account."""
    del time
    with as_user(app):
        db.session.commit()


@pytest.mark.usefixtures("staff")
def test_one_stranger_does_not_keep_the_owner_out(app: Flask, time: Clock) -> None:
    attackers = Attackers(app, networks(1))
    owner = Browser(app, OWNER)
    attackers.go_on(time, HALF_AN_HOUR, step=size(day=10, night=1))

    assert seconds_until_in(owner, time, attackers, [PASSWORD]) == 0
    assert attackers.guesses <= (MOST_GUESSES + MOST_OF_A_NETWORK) / 2


@pytest.mark.usefixtures("staff")
def test_the_owner_who_mistypes_once_is_in_within_two_minutes(app: Flask, time: Clock) -> None:
    attackers = Attackers(app, networks(1))
    owner = Browser(app, OWNER)
    attackers.go_on(time, HALF_AN_HOUR, step=size(day=20, night=1))

    assert seconds_until_in(owner, time, attackers, ["mistyped-password", PASSWORD]) <= SOON


@pytest.mark.usefixtures("staff")
def test_many_strangers_do_not_keep_the_owner_out(app: Flask, time: Clock) -> None:
    count = size(day=4, night=200)
    attackers = Attackers(app, networks(count))
    attackers.go_on(time, HALF_AN_HOUR, step=size(day=60, night=30))

    for passwords in ([PASSWORD], ["mistyped-password", PASSWORD]):
        address = f"198.51.{len(passwords)}.4"
        assert seconds_until_in(Browser(app, address), time, attackers, passwords) <= SOON
    attackers.go_on(time, HALF_AN_HOUR, step=size(day=60, night=30))
    # An hour and up to four minutes: that the owner was in twice gave the strangers some anew.
    most = MOST_GUESSES + 4 + 2 * MOST_ANEW + count * MOST_OF_A_NETWORK
    assert attackers.guesses <= most


def test_strangers_who_know_the_password_do_not_keep_the_second_factor_out(
    app: Flask, time: Clock
) -> None:
    with as_user(app) as user:
        secret = make_second_factor(user)
        db.session.commit()
    stranger, owner = Browser(app, networks(1)[0]), Browser(app, OWNER)
    assert stranger.sign_in(PASSWORD)[0] == owner.sign_in(PASSWORD)[0] == 303
    for _second in range(0, 600, 10):
        stranger.send("/sign-in/code", one_time_code="000000")
        time.move(seconds=10)

    assert owner.send("/sign-in/code", one_time_code=code_of(secret))[0] == 303

"""The code of a phone: asked for when it was shown to work, taken once, replaceable when lost."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterator

import pyotp
import pytest
import segno
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.factories import (
    PASSWORD,
    as_user,
    make_second_factor,
    make_user,
    post,
    sign_in,
    token_in,
)
from tests.users.conftest import TOO_OLD, Clock
from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.permissions import Role
from tracker.users.gate import VIEWS_WHILE_AWAITING_CODE
from tracker.users.models import RecoveryCode, SecondFactor
from tracker.users.second_factor_service import find_matching_time_step, otpauth_url
from tracker.web.guards import PUBLIC_ENDPOINTS


def guarded(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Yield every route that is not public, and each method that it takes."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in PUBLIC_ENDPOINTS:
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield rule, method


def address_of(rule: Rule) -> str:
    """Return an address of the route, where no such record is."""
    return re.sub(r"<[^>]+>", "INC-0000000000", re.sub(r"<int:[^>]+>", "4711", rule.rule))


@pytest.fixture
def secret(app: Flask, time: Clock) -> str:
    """Make somebody with a second factor, and return its secret."""
    del time
    with as_user(app) as staff:
        made = make_second_factor(staff)
        make_user("boss", Role.ADMIN)
        db.session.commit()
    return made


def code_of(secret: str, *, steps: int = 0) -> str:
    """Return what the phone shows, now or some steps of 30 seconds away."""
    return pyotp.TOTP(secret).at(clock.utc_now(), counter_offset=steps)


def enter(client: FlaskClient, secret: str, *, steps: int = 0) -> int:
    """Sign in with both factors, and return the status of the second answer."""
    sign_in(client, "staff")
    return give(client, code_of(secret, steps=steps))


def give(client: FlaskClient, code: str) -> int:
    return post(client, "/sign-in/code", one_time_code=code).status_code


def is_in(client: FlaskClient) -> bool:
    return client.get("/account/").status_code == 200


def acts(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.sequence)))


def recovery_codes(text: str) -> list[str]:
    return re.findall(r"<code>([A-Z2-7]{4}(?:-[A-Z2-7]{4}){5})</code>", text)


def set_up(client: FlaskClient) -> tuple[str, list[str]]:
    """Set a second factor up as a person would; return the secret and the recovery codes."""
    post(client, "/account/second-factor/begin", page="/account/")
    shown = re.search(r'id="secret">([A-Z2-7 ]+)<', client.get("/account/second-factor").text)
    assert shown
    secret = shown.group(1).replace(" ", "")
    answer = post(client, "/account/second-factor", one_time_code=code_of(secret))
    assert answer.status_code == 200
    return secret, recovery_codes(answer.text)


def test_it_is_asked_for_only_after_a_first_right_code(app, client, time):
    with as_user(app):
        pass
    sign_in(client, "staff")
    post(client, "/account/second-factor/begin", page="/account/")
    half = app.test_client()
    assert sign_in(half, "staff").location == "/"

    wrong = post(client, "/account/second-factor", one_time_code="000000")
    assert wrong.status_code == 422
    assert sign_in(app.test_client(), "staff").location == "/"

    secret, codes = set_up(client)
    assert len(set(codes)) == 10
    assert is_in(client)
    over = half.get("/account/").location
    assert over == "/sign-in", "every session that never showed the phone is over"
    time.move(seconds=30)
    elsewhere = app.test_client()
    assert sign_in(elsewhere, "staff").location == "/sign-in/code"
    assert not is_in(elsewhere)
    assert give(elsewhere, code_of(secret)) == 303
    assert is_in(elsewhere)


def test_the_picture_says_what_the_letters_say(app, client):
    with as_user(app):
        pass
    sign_in(client, "staff")
    post(client, "/account/second-factor/begin", page="/account/")
    text = client.get("/account/second-factor").text

    shown = re.search(r'id="secret">([A-Z2-7 ]+)<', text)
    assert shown
    assert all(len(group) == 4 for group in shown.group(1).split())
    address = otpauth_url(shown.group(1).replace(" ", ""), "staff", "Tracker")
    assert pyotp.parse_uri(address).secret == shown.group(1).replace(" ", "")
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", text)}
    rows = segno.make_qr(address, error="m").matrix_iter(border=4)
    assert dark == {(x, y) for y, row in enumerate(rows) for x, one in enumerate(row) if one}
    assert "style=" not in text


def test_between_the_two_factors_nothing_else_is_reached(app, client, secret):
    sign_in(client, "staff")
    answers = {
        f"{method} {rule.rule}": client.open(address_of(rule), method=method)
        for rule, method in guarded(app)
        if rule.endpoint not in VIEWS_WHILE_AWAITING_CODE
    }

    assert len(answers) > 50
    assert {one.location for one in answers.values()} == {"/sign-in/code"}
    assert client.get("/sign-in").location == "/sign-in/code"
    assert client.get("/health").status_code == 200
    assert client.get("/language/ru").status_code == 303
    page = client.get("/sign-in/code").text
    assert 'href="/account/"' not in page
    assert give(client, code_of(secret)) == 303


def test_between_the_two_factors_one_can_sign_out(app, client, secret):
    sign_in(client, "staff")
    stolen = client.get_cookie("tracker").value

    post(client, "/sign-out", page="/sign-in/code")

    thief = app.test_client()
    thief.set_cookie("tracker", stolen)
    assert thief.get("/sign-in/code").location == "/sign-in"


def test_the_token_from_before_the_code_is_worth_nothing(app, client, secret):
    sign_in(client, "staff")
    before = client.get_cookie("tracker").value
    assert give(client, code_of(secret)) == 303

    thief = app.test_client()
    thief.set_cookie("tracker", before)
    assert thief.get("/account/").location == "/sign-in"
    assert is_in(client)


def test_one_comes_back_to_the_page_asked_for_before_both_factors(client, secret):
    client.get("/account/?x=1")
    sign_in(client, "staff")

    answer = post(client, "/sign-in/code", one_time_code=code_of(secret))
    assert answer.location == "/account/?x=1"


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
def test_a_phone_may_be_half_a_minute_off(client, secret, steps, status):
    assert enter(client, secret, steps=steps) == status


def test_a_code_is_taken_once_and_no_older_one_after_it(app, client, secret):
    assert enter(client, secret) == 303

    other = app.test_client()
    sign_in(other, "staff")
    assert give(other, code_of(secret)) == 422
    assert give(other, code_of(secret, steps=-1)) == 422
    assert not is_in(other)
    assert give(other, code_of(secret, steps=1)) == 303


def test_a_code_stays_used_when_the_clock_jumps_back(app, client, secret, time):
    assert enter(client, secret) == 303
    time.move(hours=-1)

    assert enter(app.test_client(), secret) == 422


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "١٢٣٤٥٦", "0" * 41, "x\x00", "-" * 12])
def test_what_is_no_code_is_refused(client, secret, code):
    sign_in(client, "staff")

    assert give(client, code) == 422
    assert not is_in(client)


def test_spaces_in_a_code_do_not_matter(client, secret):
    sign_in(client, "staff")
    code = code_of(secret)

    assert give(client, f" {code[:3]} {code[3:]} ") == 303


def test_a_recovery_code_signs_in_once(app, client, time):
    with as_user(app):
        pass
    sign_in(client, "staff")
    _secret, codes = set_up(client)

    first, second = app.test_client(), app.test_client()
    sign_in(first, "staff")
    assert give(first, codes[3].lower().replace("-", " ")) == 303
    assert "9 are left" in first.get("/account/").text
    sign_in(second, "staff")
    assert give(second, codes[3]) == 422
    assert give(second, codes[4]) == 303


def test_new_recovery_codes_end_the_old_ones(app, client, time):
    with as_user(app):
        pass
    sign_in(client, "staff")
    _secret, old = set_up(client)
    answer = post(client, "/account/second-factor/codes", page="/account/")
    new = recovery_codes(answer.text)

    assert len(set(new) - set(old)) == 10
    other = app.test_client()
    sign_in(other, "staff")
    assert give(other, old[0]) == 422
    assert give(other, new[0]) == 303


@pytest.mark.parametrize("address", ["/account/second-factor", "/account/second-factor/codes"])
def test_codes_that_a_second_click_may_have_hidden_are_said_to_be_made(app, client, time, address):
    with as_user(app):
        pass
    sign_in(client, "staff")
    if address.endswith("codes"):
        set_up(client)
        first = post(client, address, page="/account/", submission="one-key")
    else:
        post(client, "/account/second-factor/begin", page="/account/")
        with app.app_context():
            secret = db.session.scalars(sa.select(SecondFactor.secret)).one()
        first = post(client, address, one_time_code=code_of(secret), submission="one-key")
    codes = recovery_codes(first.text)
    assert len(codes) == 10

    again = post(client, address, page="/account/", submission="one-key")

    assert (again.status_code, again.location) == (303, "/account/second-factor")
    assert "New recovery codes were created but may not" in client.get(again.location).text
    other = app.test_client()
    sign_in(other, "staff")
    assert give(other, codes[0]) == 303


def test_nobody_signs_in_with_the_code_of_somebody_else(app, client, secret):
    with as_user(app, "other") as other:
        make_second_factor(other)
        db.session.commit()
    sign_in(client, "other")

    assert give(client, code_of(secret)) == 422
    with app.app_context():
        used = db.session.scalars(sa.select(SecondFactor.last_step)).all()
    assert set(used) == {0}


def test_nobody_signs_in_with_the_recovery_code_of_somebody_else(app, client, time):
    with as_user(app):
        make_second_factor(make_user("other"))
        db.session.commit()
    sign_in(client, "staff")
    _secret, codes = set_up(client)
    stranger = app.test_client()
    sign_in(stranger, "other")

    assert give(stranger, codes[0]) == 422
    owner = app.test_client()
    sign_in(owner, "staff")
    assert give(owner, codes[0]) == 303


def test_removing_it_asks_for_the_password_alone_again(app, client, secret, time):
    elsewhere = app.test_client()
    assert enter(elsewhere, secret, steps=-1) == 303
    assert enter(client, secret) == 303

    post(client, "/account/second-factor/remove", page="/account/")

    assert is_in(client)
    assert not is_in(elsewhere)
    assert sign_in(app.test_client(), "staff").location == "/"
    with app.app_context():
        assert db.session.scalars(sa.select(SecondFactor)).all() == []


def test_a_second_factor_in_use_is_not_replaced_unasked(app, client, secret):
    assert enter(client, secret) == 303

    assert post(client, "/account/second-factor/begin", page="/account/").status_code == 422
    with app.app_context():
        assert db.session.scalars(sa.select(SecondFactor.secret)).one() == secret
    assert secret not in client.get("/account/second-factor").text.replace(" ", "")


@pytest.mark.parametrize(
    "act", ["/account/second-factor/codes", "/account/second-factor/remove", "/sign-in/code"]
)
def test_without_a_second_factor_there_is_nothing_to_change(app, client, act):
    with as_user(app):
        pass
    sign_in(client, "staff")
    client.get("/account/")

    answer = post(client, act, page="/account/")

    assert answer.status_code in {303, 422}
    assert "second_factor" not in " ".join(acts(app))


def test_an_administrator_takes_it_away_from_whoever_lost_the_phone(app, client, secret):
    assert enter(client, secret) == 303
    boss = app.test_client()
    sign_in(boss, "boss")
    assert "Reset second factor" in boss.get("/users/staff/edit").text

    post(boss, "/users/staff/second-factor/reset", page="/users/staff/edit")

    assert not is_in(client)
    assert sign_in(app.test_client(), "staff").location == "/"
    assert "Reset second factor" not in boss.get("/users/staff/edit").text
    assert acts(app)[-2:] == ["second_factor:reset", "session:begin"]


def test_the_command_takes_it_away_too(app, client, runner, secret):
    assert enter(client, secret) == 303

    done = runner.invoke(args=["users", "reset-second-factor", "staff", "--by", "boss"])

    assert (done.exit_code, done.output.strip()) == (0, "reset the second factor of staff")
    assert not is_in(client)
    with app.app_context():
        event = db.session.scalars(
            sa.select(AuditEvent).where(AuditEvent.action == "second_factor:reset")
        ).one()
    assert (event.actor, event.subject) == ("boss", "staff")


@pytest.mark.parametrize("name", ["nobody-here", "boss", "console"])
def test_the_command_says_when_there_is_nothing_to_take_away(runner, secret, name):
    done = runner.invoke(args=["users", "reset-second-factor", name])

    assert done.exit_code == 1
    assert len(done.output.strip().splitlines()) == 1


def test_where_it_is_required_nothing_else_is_reached_before_it_is_set_up(make_app, time):
    app = make_app(require_two_factor=True)
    with as_user(app, "someone", *Role):
        pass
    client = app.test_client()
    sign_in(client, "someone")
    reached = {"/account/", "/account/second-factor", "/confirm", "/sign-out"}
    answers = {
        rule.rule: client.get(address_of(rule))
        for rule, method in guarded(app)
        if method == "GET" and rule.rule not in reached | {"/sign-in/code"}
    }

    assert {one.location for one in answers.values()} == {"/account/second-factor"}
    assert client.get("/account/").status_code == 200
    set_up(client)
    assert client.get("/users/").status_code == 200


def test_the_secret_and_the_codes_stand_nowhere_else(app, client, time, caplog):
    with as_user(app):
        pass
    sign_in(client, "staff")
    secret, codes = set_up(client)
    time.move(seconds=30)
    other = app.test_client()
    sign_in(other, "staff")
    give(other, "secret-typed")
    give(other, codes[0])

    with app.app_context():
        trail = repr([(e.subject, e.changes) for e in db.session.scalars(sa.select(AuditEvent))])
        stored = db.session.scalars(sa.select(RecoveryCode.code_hash)).all()
    pages = client.get("/account/").text + client.get("/account/second-factor").text
    for text in (trail, pages, caplog.text, repr(stored)):
        for hidden in (secret, codes[0], codes[0].replace("-", ""), "secret-typed"):
            assert hidden not in text
    assert {"second_factor:set", "session:half", "session:begin"} <= set(acts(app))


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Count the codes that were compared."""
    seen: list[bytes] = []
    real = hmac.compare_digest

    def compare(wanted: bytes, given: bytes) -> bool:
        seen.append(wanted)
        return bool(real(wanted, given))

    monkeypatch.setattr(hmac, "compare_digest", compare)
    return lambda: len(seen)


def test_a_right_code_is_compared_as_often_as_a_wrong_one(compared):
    secret = pyotp.random_base32()
    now = clock.utc_now()

    assert (
        find_matching_time_step(secret, pyotp.TOTP(secret).at(now, counter_offset=-1), now)
        is not None
    )
    first = compared()
    assert find_matching_time_step(secret, "not a code", now) is None
    assert compared() == 2 * first == 6


def test_buttons_of_a_page_of_another_day_do_nothing_and_say_so(app, client, time):
    with as_user(app):
        pass
    sign_in(client, "staff")
    set_up(client)
    before = acts(app)

    for act in ("begin", "codes", "remove"):
        answer = client.post(f"/account/second-factor/{act}")
        assert TOO_OLD in client.get(answer.location).text

    assert acts(app) == before


def test_a_wrong_code_without_a_token_takes_nothing(client, secret):
    sign_in(client, "staff")

    answer = client.post("/sign-in/code", data={"one_time_code": code_of(secret)})

    assert answer.status_code == 400
    assert token_in(answer.text)
    assert not is_in(client)
    assert PASSWORD not in answer.text

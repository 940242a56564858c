"""Sessions end by themselves, one by one, all at once, and never live longer for a clock set back."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import PASSWORD, as_user, make_user, post, sign_in, token_in
from tests.safety.world import cookie_of
from tests.users.conftest import TOO_OLD, Clock
from tests.users.test_administration import version_in
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.permissions import Role
from tracker.users.gate import parse_device
from tracker.users.models import KnownDevice

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 "
    "Mobile Safari/537.36"
)


@pytest.fixture(autouse=True)
def people(app: Flask, time: Clock) -> None:
    """Make a member of staff and an administrator."""
    del time
    with as_user(app):
        make_user("boss", Role.ADMIN)
        db.session.commit()


def browser(app: Flask, words: str = FIREFOX, name: str = "staff") -> FlaskClient:
    """Return a signed-in browser that calls itself so."""
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = words
    sign_in(client, name)
    return client


def is_in(client: FlaskClient) -> bool:
    return client.get("/account/").status_code == 200


def handles(client: FlaskClient) -> list[str]:
    return re.findall(r'name="session" value="([^"]+)"', client.get("/account/").text)


def test_one_sees_where_one_is_signed_in(app):
    here = browser(app)
    browser(app, CHROME)
    browser(app, name="boss")
    text = here.get("/account/").text

    assert text.count("Firefox on Linux") == 1
    assert text.count("Chrome on Android") == 1
    assert re.search(r"Firefox on Linux</td>.*?this one", text, re.DOTALL)
    assert len(handles(here)) == 1
    assert "127.0.0.1" not in text


def test_one_session_is_ended_by_itself(app):
    here, lost, third = browser(app), browser(app, CHROME), browser(app, "something odd")
    page = here.get("/account/").text
    assert "a browser not recognised" in page
    after = page.split("Chrome on Android")[1]
    handle = re.findall(r'name="session" value="([^"]+)"', after)[0]

    assert "End session" in after
    post(here, "/account/sessions/end", page="/account/", session=handle)

    assert (is_in(here), is_in(lost), is_in(third)) == (True, False, True)


def test_nobody_ends_the_session_of_somebody_else(app):
    here, boss = browser(app), browser(app, name="boss")
    other = browser(app, CHROME)
    handle = handles(here)[0]

    post(boss, "/account/sessions/end", page="/account/", session=handle)

    assert is_in(other)


@pytest.mark.parametrize("handle", ["", "x", "0" * 16, "9" * 100, "\x00"])
def test_a_session_there_is_not_is_no_mishap(app, handle):
    here = browser(app)

    answer = post(here, "/account/sessions/end", page="/account/", session=handle)
    assert answer.location == "/account/"
    assert is_in(here)


def test_signing_out_everywhere_else(app):
    here, others = browser(app), [browser(app, CHROME) for _number in range(3)]
    stolen = cookie_of(others[0])

    post(here, "/account/sessions/end-others", page="/account/")

    assert is_in(here)
    assert not any(is_in(one) for one in others)
    thief = app.test_client()
    thief.set_cookie("tracker", stolen)
    assert not is_in(thief)


def test_without_a_token_no_session_is_ended(app):
    here, other = browser(app), browser(app, CHROME)

    for address in ("end-others", "end"):
        here.post(f"/account/sessions/{address}", data={"session": handles(here)[0]})
        assert TOO_OLD in here.get("/account/").text

    assert is_in(other)


def test_an_administrator_ends_all_sessions_of_somebody(app):
    here, boss = browser(app), browser(app, name="boss")

    post(boss, "/users/staff/sessions/end", page="/users/staff/edit")

    assert not is_in(here)
    assert is_in(boss)
    with app.app_context():
        event = db.session.scalars(
            sa.select(AuditEvent).where(AuditEvent.action == "session:end_all")
        ).one()
    assert (event.actor, event.subject) == ("boss", "staff")


def test_other_roles_end_the_sessions_and_other_teams_do_not(app):
    here, boss = browser(app), browser(app, name="boss")
    page = boss.get("/users/staff/edit").text
    with app.app_context():
        team = str(make_user("staff").team_ids[0])
    data: dict[str, Any] = {"version": version_in(page), "roles": ["staff"], "teams": [team]}
    post(boss, "/users/staff/edit", **data)
    assert is_in(here)

    data |= {"roles": ["monitor"], "version": version_in(boss.get("/users/staff/edit").text)}
    assert post(boss, "/users/staff/edit", **data).status_code == 303
    assert not is_in(here)


def test_a_new_token_at_every_signing_in_and_the_old_one_ends(app):
    here = browser(app)
    before = cookie_of(here)
    sign_in(here, "staff")

    thief = app.test_client()
    thief.set_cookie("tracker", before)
    assert not is_in(thief)
    assert is_in(here)


def test_an_hour_without_use_ends_a_session(app, time):
    here = browser(app)
    time.move(minutes=59)
    assert is_in(here)
    time.move(minutes=59)
    assert is_in(here)

    time.move(minutes=60)
    assert not is_in(here)


def test_twelve_hours_end_a_session_however_much_it_is_used(app, time):
    here = browser(app)
    for _number in range(23):
        time.move(minutes=30)
        assert is_in(here)

    time.move(minutes=30)
    assert not is_in(here)


@pytest.mark.parametrize("hours", [1, 24])
def test_a_clock_that_jumps_back_lengthens_no_session(app, time, hours):
    here = browser(app)
    time.move(hours=-hours)
    assert not is_in(here)


def test_a_clock_set_right_by_seconds_ends_nothing(app, time):
    here = browser(app)
    time.move(seconds=-20)
    assert is_in(here)


@pytest.mark.parametrize(
    ("words", "device"),
    [
        (FIREFOX, "Firefox/Linux"),
        (CHROME, "Chrome/Android"),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0"
            ),
            "Edge/Windows",
        ),
        (
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like "
                "Gecko) Version/18.0 Safari/605.1.15"
            ),
            "Safari/macOS",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
                "like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
            ),
            "Safari/iPhone",
        ),
        ("", "/"),
        ("x" * 100_000 + "Firefox/", "/"),
        ("<script>alert(1)</script>", "/"),
    ],
)
def test_what_a_browser_says_of_itself_is_read_for_known_names_alone(words, device):
    assert parse_device(words) == device


def test_a_browser_is_known_for_as_long_as_it_keeps_its_cookie(app, time):
    def known() -> set[str]:
        with app.app_context():
            return set(db.session.scalars(sa.select(KnownDevice.token_hash)))

    browser(app)
    first = known()
    used_again = browser(app, CHROME)
    both = known()
    time.move(days=399)
    sign_in(used_again, "staff")
    assert known() == both
    time.move(days=2)
    sign_in(used_again, "staff")

    assert known() == both - first


def test_what_was_typed_while_a_session_ended_is_shown_below_the_sign_in_form(app, time):
    here = browser(app)
    token = token_in(here.get("/journalists/new").text)
    time.move(hours=2)
    typed = {"csrf_token": token, "name": "Asem <Doe>", "notes": "line one\nline ████████ two"}

    answer = here.post("/journalists/new", data=typed)

    assert answer.status_code == 401
    assert 'name="username"' in answer.text
    assert "Asem &lt;Doe&gt;" in answer.text
    # Nothing is shown as wide as a mask here.
    assert "line one\nline ████████ two" in answer.text
    assert token not in answer.text.split("What you typed</h2>")[1]
    assert sign_in(here, "staff").status_code == 303


def test_what_was_typed_is_kept_too_when_one_signed_out_in_another_window(app):
    here = browser(app)
    token = token_in(here.get("/journalists/new").text)
    post(here, "/sign-out", page="/account/")

    answer = here.post("/journalists/new", data={"csrf_token": token, "name": "Asem Doe"})

    assert answer.status_code == 401
    assert "Asem Doe" in answer.text


def test_a_password_typed_while_a_session_ended_is_not_shown(app, time):
    here = browser(app)
    token = token_in(here.get("/account/").text)
    time.move(hours=2)
    data = {"csrf_token": token, "current": "x", "password": "secret-new-words-1"}

    answer = here.post("/account/", data=data)

    assert "secret-new-words-1" not in answer.text


def test_no_other_site_puts_words_into_our_sign_in_page(app):
    answer = app.test_client().post("/journalists/new", data={"name": "Call this number"})

    assert answer.location == "/sign-in"
    assert PASSWORD not in answer.text

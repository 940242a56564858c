"""A link of an administrator makes one browser known, once, and signs nobody in by itself."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import PASSWORD, as_user, make_second_factor, make_user, post, sign_in
from tests.users.conftest import Clock
from tests.users.test_second_factor import code_of, give
from tests.users.test_throttle import guess
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.permissions import Role
from tracker.users.models import SignInLink
from tracker.users.queries import find_user_by_name
from tracker.users.service import disable_user, get_or_create_console_user
from tracker.users.throttle_service import FAILURES_BEFORE_WAIT

ENDED = "This link was used or has expired."


@pytest.fixture
def boss(app: Flask, time: Clock) -> FlaskClient:
    """Return the browser of an administrator; a member of staff is about."""
    del time
    with as_user(app, "boss", Role.ADMIN):
        make_user("staff")
        db.session.commit()
    client = app.test_client()
    sign_in(client, "boss")
    return client


def link_for(boss: FlaskClient, name: str = "staff") -> str:
    answer = post(boss, f"/users/{name}/sign-in-link", page=f"/users/{name}/edit")
    [link] = re.findall(r"<code>http://localhost(/sign-in/link/[^<]+)</code>", answer.text)
    return str(link)


def acts(app: Flask) -> list[tuple[str, str, str]]:
    with app.app_context():
        found = sa.select(AuditEvent).where(AuditEvent.action.like("session:link%"))
        ordered = db.session.scalars(found.order_by(AuditEvent.sequence))
        return [(one.actor, one.action, one.subject) for one in ordered]


def test_a_browser_that_used_the_link_does_not_wait_for_strangers(app, client, boss):
    link = link_for(boss)
    guess(app, FAILURES_BEFORE_WAIT + 1)
    assert sign_in(client, "staff").status_code == 429

    assert post(client, link).headers["Location"] == "/sign-in"

    assert client.get("/account/").status_code == 303, "it signs nobody in"
    assert sign_in(client, "staff", "wrong-password-1").status_code == 422
    assert sign_in(client, "staff").status_code == 303
    assert acts(app) == [
        ("boss", "session:link", "staff"),
        ("(not signed in)", "session:link_used", "staff"),
    ]


def test_a_link_is_good_once_and_looking_at_it_uses_nothing(app, client, boss):
    link = link_for(boss)
    for _time in range(2):
        page = client.get(link)
        assert (page.status_code, ENDED in page.text) == (200, False)
        assert "staff" not in page.text
    assert post(client, link).status_code == 303

    assert client.get(link).status_code == 404
    assert ENDED in client.get(link).text
    assert post(client, link, page="/sign-in").status_code == 404


def test_a_link_ends_within_an_hour_and_a_new_one_ends_it(app, client, boss, time):
    first, second = link_for(boss), link_for(boss)
    assert [client.get(one).status_code for one in (first, second)] == [404, 200]
    time.move(hours=1, seconds=1)

    assert post(client, second, page="/sign-in").status_code == 404
    assert client.get("/sign-in/link/made-up").status_code == 404


def test_a_browser_that_signs_in_by_no_password_is_known_for_a_day(app, client, boss, time):
    post(client, link_for(boss))
    time.move(days=1, seconds=1)
    guess(app, FAILURES_BEFORE_WAIT + 1)

    assert sign_in(client, "staff").status_code == 429


def test_a_link_is_kept_as_a_digest_and_goes_with_a_new_password(app, client, boss):
    link = link_for(boss)
    token = link.rpartition("/")[2]
    with app.app_context():
        kept = db.session.scalars(sa.select(SignInLink.token_hash)).all()
    assert [token in one for one in kept] == [False]

    post(boss, "/users/staff/password", password="entirely-other-words-9")

    assert client.get(link).status_code == 404


def test_a_link_helps_whoever_is_asked_for_a_code(app, client, boss):
    with app.app_context():
        secret = make_second_factor(make_user("staff"))
        db.session.commit()
    other = app.test_client()
    sign_in(other, "staff")
    assert [give(other, "000000") for _number in range(6)][-1] == 429
    sign_in(client, "staff")
    assert give(client, code_of(secret)) == 429

    assert post(client, link_for(boss)).status_code == 303

    assert give(client, code_of(secret)) == 303


def test_nobody_who_is_disabled_gets_or_uses_a_link(app, client, boss):
    link = link_for(boss)
    with app.app_context():
        staff = find_user_by_name(db.session(), "staff")
        assert staff is not None
        disable_user(staff, by=get_or_create_console_user())
        db.session.commit()

    assert post(client, link, page="/sign-in").status_code == 404
    refused = post(boss, "/users/staff/sign-in-link", page="/users/boss/edit")
    assert refused.status_code == 422
    assert "This user is disabled." in refused.text


def test_the_command_makes_a_link_where_no_administrator_gets_in(app, client, boss):
    made = app.test_cli_runner().invoke(args=["users", "sign-in-link", "boss"])
    link = "/" + made.output.strip().partition("/")[2]
    unknown = app.test_cli_runner().invoke(args=["users", "sign-in-link", "nobody"])

    assert post(client, link).status_code == 303
    assert sign_in(client, "boss", PASSWORD).status_code == 303
    assert acts(app)[0] == ("console", "session:link", "boss")
    assert (unknown.exit_code, "no user of this name" in unknown.stderr) == (1, True)

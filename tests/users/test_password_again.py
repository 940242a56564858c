"""The Confirm your password before what is dangerous: not within 15 minutes, and nothing typed is lost."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import PASSWORD, as_user, make_user, post, sign_in, token_in
from tests.users.conftest import Clock
from tests.users.test_administration import FIRST_PASSWORD
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.permissions import Role
from tracker.reports.formats import FILE_SUFFIXES
from tracker.users.gate import is_recently_confirmed
from tracker.users.models import Team
from tracker.users.queries import find_user_by_name

WRONG = "wrong-password-1"
# Of the pages that ask for the Confirm your password, those about people, and the files that leave.
DANGEROUS = {
    *(f"reports.incidents_{suffix}" for suffix in FILE_SUFFIXES),
    "reports.package_xlsx", "reports.package_zip", "reports.published_csv", "reports.monthly_csv",
    "reports.monthly_xlsx", "reports.publish_month", "users.new", "users.edit", "users.set_password", "users.disable",
    "users.new_password",
    "users.enable", "users.teams", "users.end_sessions", "users.reset_second_factor",
    "users.make_sign_in_link", "following.make_calendar_link", "following.edit_mail", "users.second_factor",
    "users.begin_second_factor",
    "users.new_recovery_codes",
    "users.remove_second_factor", "fake_accounts.dossier",
    "reports.dossier_print", "reports.dossier_zip", "charts.svg", "charts.csv_file",
}  # fmt: skip


@pytest.fixture
def boss(app: Flask, client: FlaskClient, time: Clock) -> FlaskClient:
    """Return the browser of somebody of every role, who signed in an hour minus a bit ago."""
    with as_user(app, "boss", *Role):
        make_user("staff")
        db.session.commit()
    sign_in(client, "boss")
    time.move(minutes=15)
    return client


def hidden_in(text: str) -> list[tuple[str, str]]:
    """Return the hidden fields of the last form of a page."""
    form = text.split("<main")[1].split("<form")[1]
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    return [(html.unescape(name), html.unescape(value)) for name, value in found]


def send_again(
    client: FlaskClient, address: str, page: TestResponse, password: str
) -> TestResponse:
    """Give the password on a page that carries a form."""
    data: dict[str, list[str]] = {"confirm_password": [password]}
    for name, value in hidden_in(page.text):
        data.setdefault(name, []).append(value)
    return client.post(address, data=data)


def team_names(app: Flask) -> set[str]:
    with app.app_context():
        return set(db.session.scalars(sa.select(Team.name)))


def open_form(client: FlaskClient, address: str = "/account/") -> str:
    return token_in(client.get(address).text)


def test_what_is_dangerous_asks_for_it(app):
    views = app.view_functions.items()
    fresh = {name for name, view in views if getattr(view, "fresh", False)}

    assert fresh >= DANGEROUS
    assert {name for name in fresh if name.startswith("users.")} <= DANGEROUS
    confidential = {name for name, view in views if getattr(view, "confidential", False)}
    assert confidential <= fresh


def test_a_page_asks_for_the_password_and_comes_back(boss):
    wanted = "/reports/incidents.csv?country=KZ&q=a+b"
    asked = boss.get(wanted)
    assert asked.status_code == 303
    assert asked.location == "/confirm?next=" + quote(wanted, safe="/?")

    page = boss.get(asked.location)
    assert (
        page.text.split("<main")[1].count("<input")
        == page.text.split("<main")[1].count('type="hidden"') + 1
    )
    answer = post(boss, asked.location, confirm_password=PASSWORD)

    assert answer.location == wanted
    assert boss.get(wanted).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "is_file"),
    [("/users/new", False), ("/incidents/?q=a.b", False), ("/a.csv?q=a", True)],
)
def test_what_comes_after_it_is_said_of_a_file(boss, wanted, is_file):
    text = boss.get("/confirm?next=" + quote(wanted, safe="/?")).text
    assert ("The file downloads after you continue." in text) is is_file


@pytest.mark.parametrize(("minutes", "status"), [(0, 303), (14.9, 200), (15, 303), (-30, 303)])
def test_it_is_not_asked_for_within_fifteen_minutes(boss, time, minutes, status):
    if minutes >= 0 and status == 200:
        post(boss, "/confirm?next=/users/new", confirm_password=PASSWORD)
    time.move(minutes=minutes)
    if minutes < 0:
        # The session ends with a clock set back: nothing is fresher for it.
        assert boss.get("/users/new").location == "/sign-in"
    else:
        assert boss.get("/users/new").status_code == status


@pytest.mark.parametrize(
    ("minutes", "fresh"), [(0, True), (14.9, True), (15, False), (-0.5, True), (-60, False)]
)
def test_a_password_given_later_than_now_is_not_fresh(time, minutes, fresh):
    given = time.at
    time.move(minutes=minutes)

    assert is_recently_confirmed(given) is fresh
    assert not is_recently_confirmed(None)


def test_signing_in_gives_it(app, time):
    with as_user(app, "boss", Role.ADMIN):
        pass
    client = app.test_client()
    sign_in(client, "boss")

    assert client.get("/users/new").status_code == 200


def test_a_wrong_password_does_not_open_it(boss):
    answer = post(boss, "/confirm?next=/users/new", confirm_password=WRONG)

    assert answer.status_code == 422
    assert "This is not your password." in answer.text
    assert boss.get("/users/new").status_code == 303


@pytest.mark.parametrize("elsewhere", ["//evil.example/", "https://evil.example", "/\\evil", "x"])
def test_nobody_is_sent_elsewhere_by_it(boss, elsewhere):
    answer = post(boss, "/confirm?next=" + quote(elsewhere), confirm_password=PASSWORD)

    assert answer.location == "/"


def test_a_form_sent_too_late_is_carried_and_saved_with_the_password(app, boss):
    token = open_form(boss)
    typed = 'Night "desk" <b> & Söhne\u0301 ████████'
    page = boss.post("/teams/", data={"csrf_token": token, "name": typed, "extra": ["1", "2"]})

    assert page.status_code == 401
    carried = hidden_in(page.text)
    assert ("name", typed) in carried
    assert [value for name, value in carried if name == "extra"] == ["1", "2"]
    assert team_names(app) == {"Desk"}
    answer = send_again(boss, "/teams/", page, PASSWORD)

    assert answer.location == "/teams/"
    assert len(team_names(app)) == 2
    assert boss.get("/teams/").status_code == 200, "it counts as given from now on"


def test_lines_survive_being_carried(boss):
    token = open_form(boss)
    page = boss.post("/teams/", data={"csrf_token": token, "name": "a", "notes": "one\r\n\r\ntwo"})

    assert dict(hidden_in(page.text))["notes"].split() == ["one", "two"]


def test_a_wrong_password_carries_everything_once_more(app, boss):
    token = open_form(boss)
    page = boss.post("/teams/", data={"csrf_token": token, "name": "Night"})
    again = send_again(boss, "/teams/", page, WRONG)

    assert again.status_code == 422
    assert "This is not your password." in again.text
    assert ("name", "Night") in hidden_in(again.text)
    assert WRONG not in again.text
    assert team_names(app) == {"Desk"}
    assert send_again(boss, "/teams/", again, PASSWORD).status_code == 303


def test_a_password_is_not_written_into_the_page_and_the_form_asks_for_it_once_more(app, boss):
    token = open_form(boss)
    typed = {
        "csrf_token": token, "name": "madina", "password": FIRST_PASSWORD, "roles": ["monitor"]
    }  # fmt: skip
    page = boss.post("/users/new", data=typed)
    assert FIRST_PASSWORD not in page.text
    assert "Passwords in the form are not kept" in page.text

    answer = send_again(boss, "/users/new", page, PASSWORD)

    assert answer.status_code == 422
    assert 'value="madina"' in answer.text
    assert 'value="monitor" checked' in answer.text
    with app.app_context():
        assert find_user_by_name(db.session(), "madina") is None


def test_a_password_does_not_stand_in_for_the_token_of_the_form(app, boss):
    answer = boss.post("/teams/", data={"name": "Night", "confirm_password": PASSWORD})

    assert answer.status_code == 400
    assert team_names(app) == {"Desk"}


def test_a_button_sent_too_late_works_with_the_password(app, boss):
    token = open_form(boss)
    page = boss.post("/users/staff/disable", data={"csrf_token": token})
    assert sign_in(app.test_client(), "staff").status_code == 303

    send_again(boss, "/users/staff/disable", page, PASSWORD)

    assert sign_in(app.test_client(), "staff").status_code == 422


def test_whoever_may_not_is_refused_before_any_password(app, time):
    with as_user(app, "monitor", Role.MONITOR):
        pass
    client = app.test_client()
    sign_in(client, "monitor")
    time.move(minutes=20)

    assert client.get("/users/new").status_code == 403
    assert client.post("/users/new", data={"confirm_password": PASSWORD}).status_code == 403


def test_guessing_it_is_slowed_down_like_signing_in(app, boss, time):
    token = open_form(boss)
    data = {"csrf_token": token, "name": "Night", "confirm_password": WRONG}
    statuses = [boss.post("/teams/", data=data).status_code for _number in range(4)]
    statuses.append(post(boss, "/confirm", confirm_password=WRONG).status_code)
    assert statuses == [422] * 5

    slowed = boss.post("/teams/", data=data | {"confirm_password": PASSWORD})

    assert (slowed.status_code, slowed.headers["Retry-After"]) == (429, "1")
    assert ("name", "Night") in hidden_in(slowed.text)
    assert post(boss, "/confirm", confirm_password=PASSWORD).headers["Retry-After"] == "1"
    assert sign_in(app.test_client(), "boss").status_code == 303, "signing in is another matter"
    time.move(seconds=1)
    assert send_again(boss, "/teams/", slowed, PASSWORD).status_code == 303
    with app.app_context():
        found = db.session.scalars(
            sa.select(AuditEvent).where(AuditEvent.action == "session:refuse")
        ).all()
    assert [(one.subject, one.changes) for one in found] == [("boss", {"asked": "password again"})]


@pytest.mark.parametrize("password", ["", "x" * 501, "x" * 100_000, "\x00"])
def test_what_cannot_be_a_password_is_a_wrong_one(boss, password):
    token = open_form(boss)

    answer = boss.post("/teams/", data={"csrf_token": token, "confirm_password": password})
    assert answer.status_code == 422
    assert post(boss, "/confirm", confirm_password=password).status_code == 422


def test_the_present_password_is_not_guessed_on_the_account_page_either(app, boss, time):
    new = "entirely-other-words-9"
    statuses = [
        post(boss, "/account/", current=WRONG, password=new).status_code for _number in range(5)
    ]
    assert statuses == [422] * 5

    slowed = post(boss, "/account/", current=PASSWORD, password=new)

    assert (slowed.status_code, slowed.headers["Retry-After"]) == (429, "1")
    time.move(seconds=1)
    assert post(boss, "/account/", current=PASSWORD, password=new).status_code == 303

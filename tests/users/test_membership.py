"""Who is in a team is known to its members: since when, by whose doing, and who left it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import as_user, make_article, make_user, post, sign_in
from tests.users.conftest import Clock
from tests.users.test_administration import team_id, version_in
from tracker.clock import local_date
from tracker.db import db
from tracker.i18n import format_date
from tracker.permissions import Role, Visibility
from tracker.users.service import get_or_create_console_user, get_or_create_team


@pytest.fixture
def ref(app: Flask, time: Clock) -> str:
    """Make staff with a restricted article, and an administrator of no team."""
    del time
    with as_user(app) as staff:
        make_user("boss", Role.ADMIN, team=None)
        make_user("stranger", Role.MONITOR, team="Abroad")
        article = make_article("The hidden one", by=staff, visibility=Visibility.RESTRICTED)
        db.session.commit()
        return article.ref


def browser(app: Flask, name: str) -> FlaskClient:
    client = app.test_client()
    sign_in(client, name)
    return client


def put(boss: FlaskClient, name: str, *teams: str) -> None:
    """Let the administrator give somebody these teams."""
    page = f"/users/{name}/edit"
    text = boss.get(page).text
    roles = [code for code in Role if f'value="{code}" checked' in text]
    answer = post(boss, page, version=version_in(text), roles=roles, teams=list(teams))
    assert answer.status_code == 303


def main_of(client: FlaskClient) -> str:
    return client.get("/account/").text.split("<main")[1]


def test_an_administrator_sees_restricted_records_by_joining_the_team_alone(app, ref):
    boss, staff = browser(app, "boss"), browser(app, "staff")
    for address in (f"/articles/{ref}/", f"/articles/{ref}/history", f"/articles/{ref}/edit"):
        assert boss.get(address).status_code in {403, 404}
    assert "The hidden one" not in boss.get("/articles/").text
    assert "boss" not in main_of(staff)

    put(boss, "boss", team_id(app, "Desk"))

    assert boss.get(f"/articles/{ref}/").status_code == 200
    assert "boss joined Desk on " in main_of(staff)
    assert "by boss." in main_of(staff)


def test_members_see_who_is_in_their_teams_and_since_when(app, ref, time):
    with app.app_context():
        begun = format_date(time.at)
    time.move(days=40)
    boss = browser(app, "boss")
    put(boss, "stranger", team_id(app, "Abroad"), team_id(app, "Desk"))
    staff = browser(app, "staff")
    rows = main_of(staff).split("<tbody>")[1].split("</tbody>")[0].split("</tr>")
    with app.app_context():
        today = format_date(local_date(time.at))

    mine = next(row for row in rows if ">staff<" in row)
    assert begun in mine
    assert "console" in mine
    new = next(row for row in rows if ">stranger<" in row)
    assert today in new
    assert "boss" in new
    notice = main_of(staff).split("<dl>")[0]
    assert notice.count("<li>") == 1, "who was there before is no news"
    assert "stranger joined Desk" in notice


def test_who_left_is_told_for_a_month(app, ref, time):
    boss, staff = browser(app, "boss"), browser(app, "staff")
    put(boss, "stranger", team_id(app, "Abroad"), team_id(app, "Desk"))
    put(boss, "stranger", team_id(app, "Abroad"))

    assert "stranger left Desk on " in main_of(staff)
    assert ">stranger<" not in main_of(staff)
    time.move(days=31)
    assert "stranger" not in main_of(browser(app, "staff"))


def test_the_team_is_told_when_an_administrator_could_sign_in_as_one_of_them(app, ref):
    with as_user(app, "dana"):
        pass
    boss = browser(app, "boss")
    post(boss, "/users/dana/password", password="another-long-word-9931")

    told = main_of(browser(app, "staff"))
    assert "boss reset how dana signs in" in told

    # Nobody outside her teams, and nobody because of a password of their own.
    assert "dana" not in main_of(boss)


def test_nobody_hears_of_teams_that_are_not_theirs(app, ref):
    with app.app_context():
        get_or_create_team("Night desk", by=get_or_create_console_user())
        db.session.commit()
    boss = browser(app, "boss")
    put(boss, "boss", team_id(app, "Night desk"))

    for name in ("staff", "stranger"):
        assert "Night desk" not in main_of(browser(app, name))
    assert "stranger" not in main_of(browser(app, "staff"))
    put(boss, "boss")
    assert "You are in no team" in main_of(boss)


def test_a_team_is_the_same_however_its_name_is_written(app, ref):
    with app.app_context():
        found = {
            get_or_create_team(name, by=get_or_create_console_user()).id
            for name in ("Desk", "desk", " DESK ")
        }
    assert len(found) == 1

"""Users and teams as administrators keep them, on pages and from the command line."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from tests.factories import PASSWORD, as_user, make_user, post, sign_in, token_in
from tests.users.conftest import TOO_OLD
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.permissions import Role
from tracker.users.models import Team, User
from tracker.users.queries import find_user_by_name
from tracker.users.service import get_or_create_console_user, get_or_create_team

FIRST_PASSWORD = "a-first-long-password"


@pytest.fixture
def boss(app: Flask, client: FlaskClient) -> FlaskClient:
    """Return the browser of an administrator, with two teams and a member of staff about."""
    with as_user(app, "boss", Role.ADMIN):
        make_user("staff", Role.STAFF)
        get_or_create_team("Night desk", by=get_or_create_console_user())
        db.session.commit()
    sign_in(client, "boss")
    return client


def team_id(app: Flask, name: str) -> str:
    with app.app_context():
        return str(db.session.scalars(sa.select(Team.id).where(Team.name == name)).one())


def standing(app: Flask, name: str) -> tuple[list[str], list[str]]:
    with app.app_context():
        user = find_user_by_name(db.session(), name)
        assert user is not None
        return [role.value for role in user.roles], [team.name for team in user.teams]


def version_in(text: str) -> str:
    return text.split('name="version"')[1].split('value="')[1].split('"', maxsplit=1)[0]


def test_everybody_is_listed_but_the_console(boss):
    text = boss.get("/users/").text

    assert "/users/staff/edit" in text
    assert "/users/boss/edit" in text
    assert "console" not in text


def test_a_new_user_signs_in(app, boss):
    answer = post(
        boss,
        "/users/new",
        name="Madina",
        password=FIRST_PASSWORD,
        roles=["monitor", "exporter"],
        teams=[team_id(app, "Night desk")],
    )

    assert answer.location == "/users/"
    assert standing(app, "madina") == (["exporter", "monitor"], ["Night desk"])
    assert sign_in(app.test_client(), "madina", FIRST_PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"name": "staff"}, "name"),
        ({"name": "console"}, "name"),
        ({"name": "Мадина"}, "name"),
        ({"name": "-x"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 41}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "is-it-madina-01"}, "password"),
        ({"roles": []}, "roles"),
        ({"roles": ["king"]}, "roles"),
        ({"teams": ["4711"]}, "teams"),
        ({"teams": ["9" * 30]}, "teams"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_the_rest_is_kept(app, boss, wrong, where):
    typed = {
        "name": "madina",
        "password": FIRST_PASSWORD,
        "roles": ["monitor"],
        "teams": [],
    } | wrong

    answer = post(boss, "/users/new", **typed)

    assert answer.status_code == 422
    assert f'href="#{where}"' in answer.text
    assert FIRST_PASSWORD not in answer.text
    if where != "name":
        assert 'value="madina"' in answer.text
        assert user_count(app) == 3
    if where != "roles":
        assert 'value="monitor" checked' in answer.text


def user_count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(User)) or 0


def test_without_a_token_the_form_comes_back_with_what_was_typed(boss):
    answer = boss.post(
        "/users/new", data={"name": "madina", "password": FIRST_PASSWORD, "roles": ["monitor"]}
    )

    assert answer.status_code == 400
    assert 'value="madina"' in answer.text
    assert 'value="monitor" checked' in answer.text
    assert FIRST_PASSWORD not in answer.text


def test_other_roles_and_teams_hold_from_the_next_request(app, boss):
    staff = app.test_client()
    sign_in(staff, "staff")
    assert staff.get("/users/").status_code == 403
    page = boss.get("/users/staff/edit").text

    answer = boss.post(
        "/users/staff/edit",
        data={
            "csrf_token": token_in(page),
            "version": version_in(page),
            "roles": ["staff", "admin"],
            "teams": [team_id(app, "Desk"), team_id(app, "Night desk")],
        },
    )

    assert answer.status_code == 303
    assert standing(app, "staff") == (["admin", "staff"], ["Desk", "Night desk"])
    assert staff.get("/users/").location == "/sign-in", "other roles end the sessions"
    sign_in(staff, "staff")
    assert staff.get("/users/").status_code == 200
    with app.app_context():
        event = db.session.scalars(
            sa.select(AuditEvent).where(AuditEvent.action == "user:edit")
        ).one()
    assert event.changes["roles"] == [["staff"], ["admin", "staff"]]


def test_the_second_of_two_administrators_is_shown_both_texts(app, boss):
    page = boss.get("/users/staff/edit").text
    form = {"csrf_token": token_in(page), "version": version_in(page), "teams": []}
    boss.post("/users/staff/edit", data=form | {"roles": ["monitor"]})

    answer = boss.post("/users/staff/edit", data=form | {"roles": ["exporter"]})

    assert answer.status_code == 409
    assert "monitor" in answer.text
    assert "exporter" in answer.text
    assert standing(app, "staff") == (["monitor"], [])


def test_the_last_administrator_stays_one(app, boss):
    page = boss.get("/users/boss/edit").text
    form = {"csrf_token": token_in(page), "version": version_in(page), "teams": []}

    answer = boss.post("/users/boss/edit", data=form | {"roles": ["monitor"]})
    assert answer.status_code == 422
    assert "only administrator" in answer.text
    answer = post(boss, "/users/boss/disable", page="/users/boss/edit")
    assert answer.status_code == 422
    assert standing(app, "boss")[0] == ["admin"]

    post(boss, "/users/new", name="second", password=FIRST_PASSWORD, roles=["admin"])
    assert boss.post("/users/boss/edit", data=form | {"roles": ["monitor"]}).status_code == 303


def test_disabling_twice_is_one_entry_in_the_trail(app, boss):
    for _again in range(2):
        post(boss, "/users/staff/disable", page="/users/staff/edit")
    assert "disabled" in boss.get("/users/").text
    for _again in range(2):
        post(boss, "/users/staff/enable", page="/users/staff/edit")

    with app.app_context():
        actions = db.session.scalars(
            sa.select(AuditEvent.action).where(AuditEvent.action.like("user:%able"))
        ).all()
    assert actions == ["user:disable", "user:enable"]


def test_without_a_token_nobody_is_disabled(app, boss):
    for act in ("disable", "enable"):
        answer = boss.post(f"/users/staff/{act}")
        assert TOO_OLD in boss.get(answer.location).text

    assert sign_in(app.test_client(), "staff").status_code == 303


@pytest.mark.parametrize("name", ["console", "nobody", "STAFF", "staff "])
@pytest.mark.parametrize("page", ["edit", "password"])
def test_who_is_not_there_has_no_page(boss, name, page):
    assert boss.get(f"/users/{name}/{page}").status_code == 404


def test_a_weak_password_is_not_set_for_others_either(app, boss):
    answer = post(boss, "/users/staff/password", password="short")

    assert answer.status_code == 422
    assert sign_in(app.test_client(), "staff").status_code == 303


def test_teams_are_listed_with_their_members(boss):
    text = boss.get("/teams/").text

    assert "Night desk" in text
    assert "nobody yet" in text
    assert "/users/staff/edit" in text


@pytest.mark.parametrize("name", ["desk", " NIGHT DESK ", "", "x" * 81])
def test_a_team_of_a_name_that_is_taken_is_not_made(boss, name):
    assert post(boss, "/teams/", name=name).status_code == 422


def test_a_new_team_stands_in_the_list(boss):
    assert post(boss, "/teams/", name="Алматы").status_code == 303
    assert "Алматы" in boss.get("/teams/").text


def test_teams_stand_in_the_order_of_the_alphabet_also_where_databases_sort_otherwise(boss):
    for name in ("Ярославль", "astana", "Өскемен", "Орал", "Баку"):
        post(boss, "/teams/", name=name)

    found = html.fromstring(boss.get("/users/new").text).xpath("//input[@name='teams']/..")

    assert [one.text_content().strip() for one in found] == [
        "astana", "Desk", "Night desk", "Баку", "Орал", "Өскемен", "Ярославль"
    ]  # fmt: skip


def test_ones_own_account_shows_roles_and_teams(boss):
    text = boss.get("/account/").text

    assert "boss" in text
    assert "Desk" in text


class TestTheCommand:
    def create(self, runner, *args: str, password: str = FIRST_PASSWORD + "\n"):
        result = runner.invoke(args=["users", "create", *args], input=password)
        return result.exit_code, result.stdout, result.stderr

    def test_it_makes_the_first_administrator(self, app, client, runner):
        assert self.create(runner, "aida", "--role", "admin", "--role", "staff", "--team", "A") == (
            0, "created aida\n", "",
        )  # fmt: skip
        assert standing(app, "aida") == (["admin", "staff"], ["A"])
        assert sign_in(client, "aida", FIRST_PASSWORD).status_code == 303

    def test_it_acts_in_the_name_given(self, app, runner):
        with as_user(app, "boss", Role.ADMIN):
            pass
        self.create(runner, "aida", "--role", "staff", "--team", "A", "--by", "boss")

        with app.app_context():
            made = sa.select(AuditEvent).where(AuditEvent.subject == "aida")
            assert db.session.scalars(made).one().actor == "boss"

    @pytest.mark.parametrize(
        ("args", "password", "words"),
        [
            (["aida", "--role", "king", "--team", "A"], FIRST_PASSWORD, "no role king"),
            (["aida", "--team", "A"], FIRST_PASSWORD, "at least one role"),
            (["A B", "--role", "staff", "--team", "A"], FIRST_PASSWORD, "user name"),
            (["aida", "--role", "staff", "--team", "A"], "short", "at least 12"),
            (["aida", "--role", "staff", "--team", "A"], "", "at least 12"),
            (["aida", "--role", "staff", "--team", " "], FIRST_PASSWORD, "team"),
            (["aida", "--role", "admin", "--by", "nobody"], FIRST_PASSWORD, "no user"),
            (
                ["console", "--role", "admin"],
                FIRST_PASSWORD,
                "There is already a user with this name",
            ),
            (["aida", "--role", "staff"], FIRST_PASSWORD, "staff need a team"),
            (["aida", "--role", "admin"], FIRST_PASSWORD + "\n" + FIRST_PASSWORD, "one line"),
            ([], FIRST_PASSWORD, "NAME"),
            (["aida", "--colour", "red"], FIRST_PASSWORD, "--colour"),
        ],
    )
    def test_what_is_wrong_is_one_line_and_makes_nothing(self, app, runner, args, password, words):
        code, out, err = self.create(runner, *args, password=password)

        assert (code, out) == (1, "")
        assert len(err.splitlines()) == 1
        assert words in err
        with app.app_context():
            assert db.session.scalars(sa.select(User).where(User.name == "aida")).first() is None
            assert db.session.scalars(sa.select(Team)).first() is None

    def test_a_password_that_is_no_text_is_refused(self, runner):
        result = runner.invoke(
            args=["users", "create", "aida", "--role", "admin"], input=b"\xff\xfe" * 10
        )

        assert (result.exit_code, result.stderr) == (1, "the password must be UTF-8 text\n")

    def test_it_asks_twice_at_a_terminal(self, monkeypatch):
        from tracker.users import commands

        class Terminal:
            def isatty(self) -> bool:
                return True

        asked = []

        def prompt(*args: str, **how: bool) -> str:
            asked.append(how)
            return FIRST_PASSWORD

        monkeypatch.setattr("sys.stdin", Terminal())
        monkeypatch.setattr("click.prompt", prompt)

        assert commands._read_password() == FIRST_PASSWORD
        assert asked == [{"hide_input": True, "confirmation_prompt": True}]

    def test_a_name_taken_is_said(self, app, runner):
        with as_user(app):
            pass

        code, _out, err = self.create(runner, "staff", "--role", "admin", password=PASSWORD)

        assert (code, err) == (1, "There is already a user with this name.\n")

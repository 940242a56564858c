"""A role, a team or a way back in that was given past the trail is shown."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.audit.test_proof import edit
from tests.audit.test_trail import rebuild_hashes, tamper, verify
from tests.factories import as_user, make_user
from tracker.db import db
from tracker.permissions import Role
from tracker.users.queries import list_team_changes
from tracker.users.service import (
    change_user,
    create_team,
    disable_user,
    enable_user,
    get_or_create_console_user,
)


@pytest.fixture
def house(app: Flask) -> Flask:
    """Return an application with people who were changed, left, and came back."""
    with app.app_context():
        console = get_or_create_console_user()
        make_user("admin", Role.ADMIN)
        make_user("teamless", team=None)
        changed, back = make_user("changed"), make_user("back")
        abroad = create_team("Abroad", by=console)
        change_user(changed, roles=[Role.MONITOR, Role.STAFF], teams=[abroad], by=console)
        change_user(changed, roles=[Role.MONITOR], teams=[abroad], by=console)
        for person in (make_user("gone"), back):
            disable_user(person, by=console)
        enable_user(back, by=console)
        change_user(back, roles=[Role.EXPORTER], teams=[], by=console)
        db.session.commit()
    return app


def test_what_was_given_by_the_pages_holds(house: Flask) -> None:
    assert verify(house)[0] == 0


HER, TEAMLESS, CONSOLE = (
    f"(SELECT id FROM users WHERE name = '{name}')" for name in ("changed", "teamless", "console")
)
DESK = "(SELECT id FROM teams WHERE name = 'Desk')"


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        (f"INSERT INTO user_roles (user_id, role) VALUES ({HER}, 'admin')", "changed"),
        (f"UPDATE user_roles SET role = 'admin' WHERE user_id = {HER}", "changed"),
        (f"DELETE FROM user_roles WHERE user_id = {HER}", "changed"),
        (f"INSERT INTO team_members (user_id, team_id) VALUES ({HER}, {DESK})", "changed"),
        (f"DELETE FROM team_members WHERE user_id = {HER}", "changed"),
        ("UPDATE teams SET name = 'Elsewhere' WHERE name = 'Abroad'", "changed"),
        (f"INSERT INTO user_roles (user_id, role) VALUES ({TEAMLESS}, 'admin')", "teamless"),
        (f"INSERT INTO user_roles (user_id, role) VALUES ({CONSOLE}, 'admin')", "console"),
        ("UPDATE users SET disabled_at = NULL WHERE name = 'gone'", "gone"),
        (
            "UPDATE users SET disabled_at = '2026-01-01 00:00:00+00:00' WHERE name = 'back'",
            "back",
        ),
    ],
)
def test_what_was_given_or_taken_past_the_trail_is_shown(
    house: Flask, statement: str, name: str
) -> None:
    edit(house, statement)

    assert verify(house) == (1, f"user {name} differs from the audit log")


def test_who_was_made_before_entries_told_of_rights_is_believed_until_changed(house: Flask) -> None:
    tamper(house, "UPDATE audit_events SET changes = '{}' WHERE action = 'user:create'")
    rebuild_hashes(house)
    assert verify(house)[0] == 0
    edit(house, f"INSERT INTO user_roles (user_id, role) VALUES ({HER}, 'admin')")

    assert verify(house) == (1, "user changed differs from the audit log")


def test_who_is_in_a_team_from_the_first_is_told_to_have_joined_then(app: Flask) -> None:
    with as_user(app, "staff") as user:
        [joined] = list_team_changes(user)

        assert (joined.user_name, joined.team_name, joined.actor_name, joined.has_joined) == (
            "staff", "Desk", "console", True
        )  # fmt: skip

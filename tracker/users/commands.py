"""Commands that create users, reset their second factor, and create sign-in links."""

from __future__ import annotations

import sys

import click

from tracker.console import CommandGroup, fail
from tracker.db import current_settings, db
from tracker.permissions import Role
from tracker.users import second_factor_service, service
from tracker.users.passwords import hasher_from_settings
from tracker.users.queries import find_user_by_name
from tracker.users.throttle_service import create_sign_in_link

# The commands `flask users …`.
group = CommandGroup("users", help="People who sign in.")


@group.command("create")
@click.argument("name")
@click.option("--role", "roles", multiple=True, help="staff, monitor, exporter or admin.")
@click.option("--team", "teams", multiple=True, help="A team, made where there is none.")
@click.option("--by", metavar="NAME", help="In whose name; the console's where nobody is named.")
def create_user(name: str, roles: tuple[str, ...], teams: tuple[str, ...], by: str | None) -> None:
    """Create a user who can sign in; the password is read from stdin, or prompted for twice."""
    wanted = [_parse_role(role) for role in roles]
    if Role.STAFF in wanted and not teams:
        fail("staff need a team, which keeps what they log: --team TEAM")
    # The checks above come before the password is entered.
    password = _read_password()
    actor = service.find_command_actor(by)
    user = service.create_user(
        name,
        service.hash_password(password, name, hasher=hasher_from_settings(current_settings())),
        roles=wanted,
        teams=[service.get_or_create_team(team, by=actor) for team in teams],
        # Without `--by`, operators create their own accounts, with a password that they chose.
        must_change_password=by is not None,
        by=actor,
    )
    db.session.commit()
    click.echo(f"created {user.name}")


@group.command("reset-second-factor")
@click.argument("name")
@click.option("--by", metavar="NAME", help="In whose name; the console's where nobody is named.")
def reset_second_factor(name: str, by: str | None) -> None:
    """Remove the second factor of a user who lost their phone, and end their sessions."""
    user = find_user_by_name(db.session(), name)
    if user is None:
        fail(f"there is no user of this name: {name}")
    second_factor_service.reset_second_factor(user, by=service.find_command_actor(by))
    db.session.commit()
    click.echo(f"reset the second factor of {user.name}")


@group.command("sign-in-link")
@click.argument("name")
@click.option("--by", metavar="NAME", help="In whose name; the console's where nobody is named.")
def print_sign_in_link(name: str, by: str | None) -> None:
    """Create a link that lets a user's new browser sign in while the account is throttled."""
    user = find_user_by_name(db.session(), name)
    if user is None:
        fail(f"there is no user of this name: {name}")
    token = create_sign_in_link(user, by=service.find_command_actor(by), session=db.session())
    db.session.commit()
    click.echo(f"once, within an hour, at the tracker's own address: /sign-in/link/{token}")


def _parse_role(code: str) -> Role:
    """Return the role with a code; end the command with a message if there is none."""
    if code not in set(Role):
        fail(f"there is no role {code}; the roles are: {', '.join(Role)}")
    return Role(code)


def _read_password() -> str:
    """Return the password from stdin, or as typed twice; end the command if it is not one line."""
    if sys.stdin.isatty():
        asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return asked
    try:
        given = sys.stdin.buffer.read().decode().rstrip("\r\n")
    except UnicodeDecodeError:
        fail("the password must be UTF-8 text")
    if "\n" in given:
        fail("the password must be one line")
    return given

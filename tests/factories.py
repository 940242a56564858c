"""Plain functions that make what a test is not about; defaults are boring and valid.

All but `sign_in` run inside an application context, see `acting`; the test commits.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tracker.db import db
from tracker.permissions import Role
from tracker.scoping import Viewer, set_viewer
from tracker.users.passwords import hasher
from tracker.users.queries import user_named
from tracker.users.service import console_actor, create_user, team_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tracker.users.models import User

PASSWORD = "one-long-password-4711"


def make_user(name: str, *roles: Role, team: str | None = "Desk") -> User:
    """Return the user of that name, made with the roles (staff by default) where there is none."""
    found = user_named(db.session(), name)
    if found is not None:
        return found
    console = console_actor()
    teams = [team_named(team, by=console)] if team else []
    return create_user(
        name,
        PASSWORD,
        roles=list(roles or (Role.STAFF,)),
        teams=teams,
        argon=hasher(time_cost=1, memory_kib=8),
        by=console,
    )


@contextmanager
def acting(app: Flask, name: str = "staff", *roles: Role, team: str | None = "Desk") -> Iterator[User]:
    """Work in the application as a person: the session reads with that person's eyes."""
    with app.app_context():
        user = make_user(name, *roles, team=team)
        db.session.commit()
        set_viewer(Viewer(tuple(user.team_ids)))
        yield user


def token_in(text: str) -> str:
    """Return the CSRF token of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
    assert found, "the page holds no form"
    return found.group(1)


def sign_in(client: FlaskClient, name: str, password: str = PASSWORD) -> TestResponse:
    """Sign in as a browser would, and return the answer."""
    token = token_in(client.get("/sign-in").text)
    return client.post(
        "/sign-in", data={"username": name, "password": password, "csrf_token": token}
    )


def post(client: FlaskClient, address: str, *, page: str | None = None, **data: object) -> TestResponse:
    """Send a form: the token comes from the page it stands on (the same address by default)."""
    token = token_in(client.get(page or address).text)
    return client.post(address, data={"csrf_token": token, **data})

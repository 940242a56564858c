"""Whoever asks for an address in the proofs, each in a browser of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import token_in
from tests.safety.world import World, cookie_name, cookie_of, enter, enter_disabled, enter_guarded

ROLES = ("staff", "monitor", "exporter", "admin")
VIEWERS = ("anonymous", *ROLES, "disabled", "pending")


@dataclass
class Viewer:
    """Somebody with a browser, and the token that their forms carry."""

    name: str
    client: FlaskClient
    token: str
    cookie: str

    def send(self, method: str, address: str, /, **fields: object) -> TestResponse:
        """Ask for an address; whatever changes something is a form with nothing but its token.

        Each time as if for the first time: the answer before chose no language, signed nobody out.
        """
        self.forget()
        data = {"csrf_token": self.token, **fields} if method == "POST" else None
        answer: Any = self.client.open(address, method=method, data=data)
        return cast("TestResponse", answer)

    def forget(self) -> None:
        """Bring the session back to where it began."""
        self.client.set_cookie(cookie_name(self.client.application), self.cookie)


def viewers(app: Flask, world: World) -> list[Viewer]:
    """Return everybody of `VIEWERS` with a session as theirs is."""
    return [viewer(app, world, name) for name in VIEWERS]


def viewer(app: Flask, world: World, name: str) -> Viewer:
    """Return somebody with a session as theirs is."""
    if name == "anonymous":
        client = app.test_client()
    elif name == "disabled":
        client = enter_disabled(app, world)
    elif name == "guarded":
        client = enter_guarded(app)
    else:
        client = enter(app, name)
    page = {"anonymous": "/sign-in", "disabled": "/sign-in", "pending": "/sign-in/code"}
    token = token_in(client.get(page.get(name, "/account/")).text)
    return Viewer(name, client, token, cookie_of(client))

"""Whoever asks for an address in the proofs, each in a browser of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.factories import token_in
from tests.safety.world import World, cookie_name, cookie_of, enter, enter_disabled

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.wrappers import Response

ROLES = ("staff", "monitor", "exporter", "admin")
VIEWERS = ("anonymous", *ROLES, "disabled")


@dataclass
class Viewer:
    """Somebody with a browser, and the token that their forms carry."""

    name: str
    client: FlaskClient
    token: str
    cookie: str

    def send(self, method: str, address: str, **fields: object) -> Response:
        """Ask for an address; whatever changes something is a form with nothing but its token.

        Each time as if for the first time: the answer before chose no language, signed nobody out.
        """
        self.client.set_cookie(cookie_name(self.client.application), self.cookie)
        data = {"csrf_token": self.token, **fields} if method == "POST" else None
        return self.client.open(address, method=method, data=data)


def viewers(app: Flask, world: World) -> list[Viewer]:
    """Return everybody of `VIEWERS` with a session as theirs is."""
    return [_viewer(app, world, name) for name in VIEWERS]


def _viewer(app: Flask, world: World, name: str) -> Viewer:
    if name == "anonymous":
        client = app.test_client()
    elif name == "disabled":
        client = enter_disabled(app, world)
    else:
        client = enter(app, name)
    page = "/account/" if name in ROLES else "/sign-in"
    token = token_in(client.get(page).text)
    return Viewer(name, client, token, cookie_of(client))

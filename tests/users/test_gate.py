"""Every route, every role: what is not granted is refused, whoever asks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories import acting, sign_in
from tracker.permissions import GRANTS, Permission, Role
from tracker.web.guards import PUBLIC_ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from werkzeug.routing import Rule

# What stands for each part of an address; no such record is there.
MISSING = "INC-0000000000"


def marked(app: Flask) -> Iterator[tuple[Rule, str, Permission]]:
    """Yield every route that is not public, each method it takes, and what it asks for."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC_ENDPOINTS:
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            view: Any = app.view_functions[rule.endpoint]
            yield rule, method, view.requires


def address_of(rule: Rule) -> str:
    return re.sub(r"<[^>]+>", MISSING, re.sub(r"<int:[^>]+>", "4711", rule.rule))


@pytest.mark.parametrize("role", Role)
def test_a_role_reaches_what_it_is_granted_and_nothing_else(app, client, role):
    with acting(app, "someone", role):
        pass
    sign_in(client, "someone")
    wrong = []
    for rule, method, needed in marked(app):
        if rule.endpoint == "users.sign_out":
            continue
        status = client.open(address_of(rule), method=method).status_code
        is_refused = status == 403
        if is_refused != (needed not in GRANTS[role]) or status >= 500:
            wrong.append(f"{method} {rule.rule} asks for {needed}: {status}")

    assert wrong == []


def test_signed_out_nothing_is_reached(app, client):
    answers = {
        f"{method} {rule.rule}": client.open(address_of(rule), method=method)
        for rule, method, _needed in marked(app)
    }

    assert {
        name: answer.status
        for name, answer in answers.items()
        if (answer.status_code, answer.location) != (303, "/sign-in")
    } == {}


def test_two_roles_add_up(app, client):
    with acting(app, "both", Role.STAFF, Role.ADMIN):
        pass
    sign_in(client, "both")

    assert client.get("/users/").status_code == 200
    assert client.get("/account/").status_code == 200


def test_a_view_without_a_mark_is_refused_to_everybody(make_app):
    app = make_app()
    client = app.test_client()
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    with acting(app, "someone", *Role):
        pass
    sign_in(client, "someone")

    assert client.get("/forgotten").status_code == 403


def test_an_unknown_address_looks_alike_signed_in_or_out(app, client):
    with acting(app):
        pass
    out = client.get("/no-such-page/").status_code
    sign_in(client, "staff")

    assert (out, client.get("/no-such-page/").status_code) == (404, 404)

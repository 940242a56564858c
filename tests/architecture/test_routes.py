"""Nothing is reachable without a mark or a place on the short public list, and GET changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask

from tests.conftest import SECRET
from tracker import create_app
from tracker.config import Settings
from tracker.permissions import Permission
from tracker.web.guards import PUBLIC_ENDPOINTS, requires

if TYPE_CHECKING:
    from pathlib import Path

# Written out, so that the list grows only by a change to this test.
PUBLIC = {"static", "users.sign_in", "pages.health", "pages.choose_language"}


@pytest.fixture
def unplugged(tmp_path: Path) -> Flask:
    """Make the application without opening a database."""
    return create_app(
        Settings(
            database_url=f"sqlite:///{tmp_path / 'unused.db'}",
            secret_key=SECRET * 2,
            instance=tmp_path,
            testing=True,
        )
    )


def unmarked(app: Flask) -> list[str]:
    """Return the endpoints that neither ask for a permission nor are public."""
    return [
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint not in PUBLIC and not isinstance(getattr(view, "requires", None), Permission)
    ]


def without_view(app: Flask) -> list[str]:
    return [
        rule.rule for rule in app.url_map.iter_rules() if rule.endpoint not in app.view_functions
    ]


def test_the_public_list_is_short_and_stands_here():
    assert set(PUBLIC_ENDPOINTS) == PUBLIC


def test_every_route_has_its_mark(unplugged):
    assert unmarked(unplugged) == []
    assert without_view(unplugged) == []


def test_the_public_list_names_only_what_exists(unplugged):
    assert set(unplugged.view_functions) >= PUBLIC


def test_a_route_without_its_mark_is_found():
    app = Flask("bad", static_folder=None)
    app.add_url_rule("/open", "notes.show", lambda: "")
    app.add_url_rule("/shut", "notes.edit", requires(next(iter(Permission)))(lambda: ""))

    assert unmarked(app) == ["notes.show"]


def test_whoever_is_not_signed_in_reaches_nothing_that_is_not_public(client, app):
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC:
            continue
        address = app.url_map.bind("localhost").build(
            rule.endpoint, dict.fromkeys(rule.arguments, "1"), force_external=False
        )
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = client.open(address, method=method)
            # Without a token a POST may be refused before it is asked who sends it.
            assert answer.status_code in ({303} if method == "GET" else {303, 400}), rule.rule
            if answer.status_code == 303:
                assert answer.headers["Location"].startswith("/sign-in"), rule.rule

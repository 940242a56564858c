"""Shared by the tests of incidents: the vocabulary, an article, and a user who records from it."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import prepared
from tests.factories import as_user, make_article, make_outlet, sign_in_directly
from tests.journeys.browser import Browser
from tracker.db import db
from tracker.permissions import Role
from tracker.users.service import get_or_create_console_user
from tracker.vocabulary.service import load_vocabulary
from tracker.when import parse_when

TEXT = (
    "Since winter the editor Gulnara Bazhkenova has received messages that promise her death. "
    "Men who said they were police came to the flat of a reporter. "
    "They asked the neighbours when he comes home.\n"
    "The ministry said that it knew of this."
)


@pytest.fixture
def article(app: Flask) -> str:
    """Return the ref of an article of the Desk, of 4 June 2025, by an outlet of Kazakhstan."""
    return prepared(app, "article", lambda: _article(app))


def _article(app: Flask) -> str:
    with as_user(app) as user:
        load_vocabulary(get_or_create_console_user())
        published = parse_when("2025-06-04", latest_possible_date=date(2025, 6, 4))
        outlet = make_outlet("Dala News", country="KZ", by=user)
        made = make_article(
            "A winter of threats", text=TEXT, published=published, publisher=outlet, by=user
        )
        db.session.commit()
        return made.ref


@pytest.fixture
def browser(client: FlaskClient, article: str) -> Browser:
    """Return the browser of a staff member, on the form that records from the article."""
    sign_in_directly(client, "staff")
    browser = Browser(client)
    browser.open(f"/incidents/new?article={article}")
    browser.loads = browser.typed = 0
    return browser


@pytest.fixture
def monitor(app: Flask, article: str) -> Browser:
    """Return the browser of a monitor of the Desk."""
    with as_user(app, "monitor", Role.MONITOR):
        pass
    client = app.test_client()
    sign_in_directly(client, "monitor")
    return Browser(client)

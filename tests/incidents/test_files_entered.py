"""How many files of the tracker a request enters: what somebody reads to follow it."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.architecture.source import PACKAGE
from tests.incidents.test_logging import FIVE
from tests.intake.inbox_made import put
from tests.journeys.browser import Browser

# To be made smaller, never larger.
MOST = {"POST incident": 38, "incident page": 40, "confirm page": 53}


def count_files(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that gets, for each request, in how many files a function was called."""
    counts: list[int] = []
    send = client.open

    def counted(*args: Any, **kwargs: Any) -> Any:
        entered: set[str] = set()
        sys.setprofile(lambda frame, *_event: entered.add(frame.f_code.co_filename))
        try:
            return send(*args, **kwargs)
        finally:
            sys.setprofile(None)
            counts.append(sum(name.startswith(f"{PACKAGE}/") for name in entered))

    monkeypatch.setattr(client, "open", counted)
    return counts


def test_a_request_enters_few_files(
    app: Flask, client: FlaskClient, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    _item, suggested_from = put(app)
    form = browser.address
    counts = count_files(client, monkeypatch)
    # Twice: what is made once by a process does not count.
    for name in ("Asem Doe", "Timur Roe"):
        counts.clear()
        browser.open(form)
        browser.press("Save", FIVE | {"targets-0-who-name": name})
        assert browser.status == 200, f"{browser.address} answers {browser.status}"
        browser.open(f"/intake/{suggested_from}/")
    _form, post, page, confirm = counts
    found = {"POST incident": post, "incident page": page, "confirm page": confirm}
    assert all(most / 2 <= found[of] <= most for of, most in MOST.items()), found

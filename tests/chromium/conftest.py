"""One Chromium for all journeys of a worker, and the tracker's own server on a database of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from tests.chromium.visitor import WIDE, Visitor, chromium_running, find_chromium, new_page
from tests.conftest import FIGURE, prepared
from tests.factories import PASSWORD, as_user
from tests.operating.running import listening
from tracker.db import db
from tracker.people.service import add_shipped_institutions
from tracker.permissions import Role
from tracker.sample.commands import load_and_describe
from tracker.scoping import Viewer, set_viewer
from tracker.users.service import get_or_create_console_user
from tracker.vocabulary.service import load_vocabulary

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    for package in ("playwright", "axe_playwright_python"):
        pytest.importorskip(package, reason=f"{package} is missing: make prove installs it")
    found = find_chromium()
    if found is None:
        pytest.skip("There is no Chromium here: apt install chromium")
    with chromium_running(found) as browser:
        yield browser


@pytest.fixture
def empty(app: Flask) -> Iterator[str]:
    """Serve a tracker with a member of the staff and a monitor, and nothing recorded."""
    prepared(app, "journeys without records", lambda: fill(app, with_sample=False))
    yield from _served(app)


@pytest.fixture
def sample(app: Flask) -> Iterator[str]:
    """Serve a tracker with the sample."""
    prepared(app, "journeys in the sample", lambda: fill(app, with_sample=True))
    yield from _served(app)


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Return a function that lets somebody come; in the end no page may have been wrong."""
    came: list[Visitor] = []

    def come(
        origin: str,
        *,
        kind: type[Visitor] = Visitor,
        language: str = "en",
        width: int = WIDE,
        scripts: bool = True,
    ) -> Visitor:
        page = new_page(chromium, language=language, width=width, scripts=scripts)
        came.append(kind(page, origin, language=language, width=width, scripts=scripts))
        return came[-1]

    yield come
    for one in came:
        one.page.context.close()
    assert [wrong for one in came for wrong in dict.fromkeys(one.wrong)] == []


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str, int, int], None]:
    """Return a function that puts a number into the table of the run, and holds it to its limit."""

    def note(what: str, number: int, most: int) -> None:
        record_property(FIGURE, (what, number, most))
        assert number <= most, what

    return note


def _served(app: Flask) -> Iterator[str]:
    with listening(app) as server:
        yield f"http://127.0.0.1:{server.effective_port}"


def fill(app: Flask, *, with_sample: bool) -> None:
    """Put into a fresh database what `flask serve` does, and who signs in."""
    with app.app_context():
        console = get_or_create_console_user()
        set_viewer(Viewer(()))
        load_vocabulary(by=console)
        add_shipped_institutions(by=console)
        if with_sample:
            load_and_describe(PASSWORD)
        db.session.commit()
    if not with_sample:
        for name, role in (("staff", Role.STAFF), ("monitor", Role.MONITOR)):
            with as_user(app, name, role):
                db.session.commit()

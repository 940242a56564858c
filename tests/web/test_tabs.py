"""The tabs of a record: who is shown which, and that its first page reads no timeline."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from tests.conftest import prepared
from tests.safety.world import Place, World, build, enter
from tracker.timelines.loading_queries import LoadedFacts, RecordScope, load_facts

TABS = {
    "incidents": ["Details", "Timeline", "Confidential", "History"],
    "journalists": ["Details", "Timeline", "Confidential", "History"],
    "articles": ["Details", "Confidential", "History"],
    "outlets": ["Details", "Timeline", "History"],
    "cases": ["Timeline", "Records", "Official response", "Discussion", "Dossier", "History"],
    "responses": ["Details", "History"],
    "institutions": ["Details", "History"],
}


def tabs_of(browser: FlaskClient, address: str) -> dict[str, str]:
    """Return the address of each tab by its name; the open one by its name in brackets."""
    page = html.fromstring(browser.get(address).text)
    return {
        f"[{one.text}]" if one.get("aria-current") == "page" else str(one.text): one.get("href")
        for one in page.xpath("//nav[@class='tabs']/a")
    }


@pytest.fixture
def world(app: Flask) -> World:
    """Return the world of which one of each kind of record is looked at."""
    return prepared(app, "world of pages", lambda: build(app))


@pytest.mark.parametrize("kind", TABS)
def test_whoever_sees_a_record_finds_its_pages_as_tabs(app: Flask, world: World, kind: str) -> None:
    address = f"/{kind}/{world.ref(kind, Place.OWN)}/"
    staff = tabs_of(enter(app, "staff"), address)

    assert [name.strip("[]") for name in staff] == TABS[kind]
    assert f"[{TABS[kind][0]}]" in staff
    browser = enter(app, "staff")
    for name, tab in staff.items():
        if "[" not in name and name != "Confidential":
            assert f"[{name}]" in tabs_of(browser, tab), name
    assert "Confidential" not in tabs_of(
        enter(app, "monitor"), f"/{kind}/{world.ref(kind, Place.PUBLISHED)}/"
    )


@pytest.mark.parametrize("kind", ["incidents", "journalists", "outlets"])
def test_the_page_of_a_record_reads_no_timeline(
    app: Flask, world: World, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[RecordScope] = []

    def noted(ids: RecordScope) -> LoadedFacts:
        read.append(ids)
        return load_facts(ids)

    monkeypatch.setattr("tracker.timelines.queries.load_facts", noted)
    browser, address = enter(app, "staff"), f"/{kind}/{world.ref(kind, Place.OWN)}/"

    assert 'class="picture"' not in browser.get(address).text
    assert read == []
    assert browser.get(f"{address}timeline").status_code == 200
    assert read

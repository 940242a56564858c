"""No page runs or loads anything that we did not put there, whatever stands in the records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from lxml import etree, html

from tests.nightly import KINDS_BY_DAY, size
from tests.safety.copies import copy_of_world
from tests.safety.forms_found import SHOWN_TO, forms_of
from tests.safety.looked import looked
from tests.safety.pages_found import Page, pages_of
from tests.safety.payloads import ADDRESSES, MARK, PAYLOADS
from tests.safety.viewers import viewer
from tracker.db import Base, db
from tracker.incidents.codes import NameReach
from tracker.incidents.models import IncidentTarget
from tracker.people.models import Journalist

# What no page of ours has: all of it runs, loads or changes something.
NEVER = {
    "script", "style", "iframe", "frame", "object", "embed", "applet", "base", "audio", "video",
    "source", "template", "noscript", "math", "marquee", "foreignobject", "animate", "set", "image",
}  # fmt: skip
NO_PAGES = {
    "application/json", "application/octet-stream", "application/zip", "text/calendar", "text/css",
    "text/csv", "text/plain",
    "application/x-ndjson", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
ADDRESS = {"href", "src", "action", "formaction", "data", "poster", "srcset", "background", "cite"}


@pytest.fixture(params=KINDS_BY_DAY)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def faults_of(page: Page) -> Iterator[str]:
    """Return what a page has that no page of ours may have."""
    if page.is_html:
        tree = html.document_fromstring(page.text)
    elif page.kind == "image/svg+xml":
        tree = etree.fromstring(page.text.encode())
    else:
        # No browser takes these for a page: nosniff stands on every answer.
        assert page.kind in NO_PAGES, page.at
        return
    for one in tree.iter():
        if not isinstance(one.tag, str):
            if MARK in (one.text or ""):
                yield f"{page.at}: a comment or instruction made by data"
            continue
        tag = etree.QName(one).localname.lower()
        if (tag in NEVER and not is_our_script(one)) or MARK in tag:
            yield f"{page.at}: <{tag}>"
        for name, value in one.attrib.items():
            yield from (
                f"{page.at}: <{tag}>: {wrong}" for wrong in wrong_with(tag, name, value, one)
            )


def is_our_script(one: etree._Element) -> bool:
    """Return whether an element is the one script of ours: its file, and nothing written in it."""
    file = urlsplit(one.get("src", ""))
    is_ours = (file.scheme, file.netloc, file.path) == ("", "", "/static/tracker.js")
    return one.tag == "script" and is_ours and not one.text


def wrong_with(tag: str, name: str, value: str, one: etree._Element) -> Iterator[str]:
    name = etree.QName(name).localname.lower()
    if name.startswith("on") or name in {"style", "srcdoc"} or MARK in name:
        yield f"attribute {name}"
    if name not in ADDRESS:
        return
    parts = urlsplit(value.strip())
    if parts.scheme not in {"", "http", "https"}:
        yield f"{name} with the scheme {parts.scheme}"
    is_elsewhere = bool(parts.netloc or parts.scheme)
    if is_elsewhere and tag != "a":
        yield f"{name} from elsewhere"
    if is_elsewhere and not parts.scheme:
        yield f"{name} to wherever the page is"
    if is_elsewhere and set((one.get("rel") or "").split()) != {"noreferrer", "noopener"}:
        yield "a link that tells where it was followed"


def test_no_page_runs_or_loads_anything_or_tells_where_one_came_from(database_kind: str) -> None:
    pages = [page for seen in looked(database_kind).pages.values() for page in seen]
    assert [fault for page in pages for fault in faults_of(page)] == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<p onclick=x>a", "<p>: attribute onclick"),
        ("<p style='color:red'>a", "<p>: attribute style"),
        ("<script src=/a.js></script>", "<script>"),
        ("<script src=/static/tracker.js>x()</script>", "<script>"),
        ("<script src=//a/static/tracker.js></script>", "<script>"),
        ("<a href='javascript:x'>a</a>", "<a>: href with the scheme javascript"),
        ("<a href=https://example.org>a</a>", "<a>: a link that tells where it was followed"),
        ("<a href=//example.org rel='noreferrer noopener'>a", "<a>: href to wherever the page is"),
        (
            "<img src=https://example.org/a.png rel='noreferrer noopener'>",
            "<img>: src from elsewhere",
        ),
        ("<xq7z>a", "<xq7z>"),
        ("<!-- xq7z -->", "a comment or instruction made by data"),
    ],
)
def test_each_fault_is_found(body: str, fault: str) -> None:
    assert f"/: {fault}" in [*faults_of(Page("/", "text/html", f"<html><body>{body}"))]


# Rows that we write ourselves, and whose words nobody typed.
OURS = {"audit_events", "search_entries", "submissions", "sessions", "sign_in_failures"}
# What is no text that somebody typed: it is checked, made by us, or part of an address.
NOT_TYPED = re.compile(
    r"ref$|hash$|digest$|secret$|commitment$|^(code|term_set|country|canonical_url|media_type|sha256"
    r"|url|archive_url|key|kind|version_num)$"
)


def test_nothing_that_was_typed_becomes_an_element_or_an_attribute() -> None:
    # SQLite holds a text of any length in any column; templates do not know the database.
    assert len(PAYLOADS) >= 60
    with copy_of_world("sqlite") as (app, world):
        people = [viewer(app, world, name) for name in SHOWN_TO]
        assert poison(app) > 50
        seen = 0
        for one in people[: size(day=1, night=3)]:
            for page in pages_of(app, world, one):
                assert [*faults_of(page)] == []
                if page.is_html or "svg" in page.kind:
                    assert [words for words in RAW if words in page.text] == [], page.at
                seen += page.text.count(MARK) > len(PAYLOADS)
        assert seen > 100


# Quotes may stand in a text as they are; in an attribute they would make another one.
RAW = [words for words in PAYLOADS if "<" in words]


def poison(app: Flask) -> int:
    """Write every payload into every column of text; return how many columns those are."""
    everything = " ".join(PAYLOADS)
    columns = 0
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        # A name that is closed is looked for in every text: one of a thousand words takes hours.
        connection.execute(sa.update(Journalist).values(name_closed_on=None))
        connection.execute(sa.update(IncidentTarget).values(name_reach=NameReach.HOUSE))
        for table in Base.metadata.sorted_tables:
            if table.name in OURS or table.info.get("view"):
                continue
            texts = [
                column
                for column in table.columns
                if type(column.type) in {sa.String, sa.Text} and not NOT_TYPED.search(column.name)
            ]
            for column in texts:
                number = sa.cast(next(iter(table.primary_key)), sa.String)
                words: Any = everything
                if table.name in {"users", "teams"}:
                    # No two of these bear one name; those of users have no capitals.
                    words = sa.literal(everything.lower() + " ") + number
                connection.execute(sa.update(table).values({column.name: words}))
                columns += 1
    return columns


def test_no_address_that_was_typed_leads_anywhere_but_to_the_web(database_kind: str) -> None:
    forms = forms_of(database_kind)
    with copy_of_world(database_kind) as (app, world):
        people = {name: viewer(app, world, name) for name in SHOWN_TO}
        sent = 0
        for form in forms:
            for field in form.fields:
                if not field.name.endswith("url"):
                    continue
                for value in ADDRESSES[:: size(day=2, night=1)]:
                    held = {name: one for name, one in form.held if name != field.name}
                    by = people[form.viewer]
                    answer = by.send("POST", form.action, **held, **{field.name: value})
                    assert answer.status_code < 500
                    sent += 1
        assert sent > 50
        for page in pages_of(app, world, people["staff"]):
            assert [*faults_of(page)] == []

"""What only looks changes nothing, what changes needs its token, and a form changes its fields."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import PASSWORD, token_in
from tests.nightly import KINDS_BY_DAY
from tests.safety.addresses import address, routes_of
from tests.safety.copies import copy_of_world, nothing_lasts
from tests.safety.forms_found import SHOWN_TO, forms_of, up_to_date
from tests.safety.kept import kept_writes
from tests.safety.looked import BY_LOOKING, digest, left_by, looked
from tests.safety.viewers import Viewer, viewer
from tests.safety.world import Place
from tracker.db import Base, db

LEFT_ALONE = {"id", "ref", "version", "team_id", "recorded_by_id", "recorded_at"}


@pytest.fixture(params=KINDS_BY_DAY)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_no_look_changes_anything(database_kind: str) -> None:
    found = looked(database_kind)
    assert all(found.pages.values())
    # What only looks does not even write the same values again.
    assert found.written == frozenset()
    assert found.is_as_before


def test_nothing_is_changed_without_the_token_of_a_page_of_ours(database_kind: str) -> None:
    forms = forms_of(database_kind)
    with copy_of_world(database_kind) as (app, world):
        people = {name: viewer(app, world, name) for name in SHOWN_TO}
        foreign = viewer(app, world, "exporter").token
        before = digest(app)
        with kept_writes() as kept:
            for form in forms:
                refused = {303, 400, 401, 403, 409}
                for token in ("", foreign):
                    by = people[form.viewer]
                    held: dict[str, object] = dict(form.held)
                    answer = by.send("POST", form.action, **held, csrf_token=token)
                    # Beside a button alone there is nothing to keep: its page comes back.
                    assert answer.status_code in refused, form.name
        assert left_by(kept) == frozenset()
        assert digest(app) == before


def test_a_form_changes_no_column_that_it_does_not_show(database_kind: str) -> None:
    columns = sorted({column.name for table in Base.metadata.tables.values() for column in table.c})
    forms = forms_of(database_kind)
    with copy_of_world(database_kind) as (app, world):
        people = {name: viewer(app, world, name) for name in SHOWN_TO}
        edited = 0
        for form in (one for one in forms if one.rule.endswith("/edit")):
            before = digest_of_owners(app)
            known = {field.name for field in form.fields}
            extra = {name: "1" for name in columns if name not in known}
            held: dict[str, object] = dict(up_to_date(app, form))
            answer = people[form.viewer].send("POST", form.action, **held, **extra)
            edited += answer.status_code == 303
            assert digest_of_owners(app) == before, form.name
        assert edited >= 8


def digest_of_owners(app: Flask) -> dict[str, Any]:
    """Return of every row what no form of ours may change: who it is, whose, and who wrote it."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: sorted(repr(tuple(row)) for row in connection.execute(sa.select(*kept)))
            for table in Base.metadata.sorted_tables
            if table.name not in BY_LOOKING
            and (kept := [column for column in table.c if column.name in LEFT_ALONE - {"version"}])
            and "ref" in table.c
        }


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "/%0d%0aX: y",
    ],
)
def test_signing_in_and_choosing_a_language_lead_to_no_other_site(
    database_kind: str, wanted: str
) -> None:
    with copy_of_world(database_kind) as (app, _world), nothing_lasts():
        for name in ("next", "back", "url", "return_to"):
            client = app.test_client()
            client.get("/incidents/", query_string={name: wanted})
            page = client.get("/sign-in", query_string={name: wanted})
            fields = {"username": "staff", "password": PASSWORD, name: wanted}
            signed_in = client.post(
                "/sign-in",
                query_string={name: wanted},
                data={**fields, "csrf_token": token_in(page.text)},
            )
            chosen = client.get("/language/ru", query_string={name: wanted})
            for answer in (signed_in, chosen):
                assert answer.status_code == 303
                assert "\r" not in answer.headers["Location"]
                assert not urlsplit(answer.headers["Location"]).netloc
                assert not answer.headers["Location"].startswith(("//", "/\\"))


def test_methods_that_a_page_does_not_take_are_refused(database_kind: str) -> None:
    with copy_of_world(database_kind) as (app, world), kept_writes() as kept:
        staff: Viewer = viewer(app, world, "staff")
        kept.clear()
        taken: dict[str, frozenset[str]] = {}
        for route in routes_of(app):
            at = address(app, world, route, Place.OWN)
            taken[at] = taken.get(at, frozenset()) | route.methods
        for at, methods in taken.items():
            for method in {"PUT", "PATCH", "DELETE", "GET", "POST"} - methods:
                with staff.send(method, at) as answer:
                    assert answer.status_code in {404, 405}, (method, at)
        assert kept == []

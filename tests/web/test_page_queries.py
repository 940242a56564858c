"""How often the page of a record asks the database: once for each kind of part."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import prepared
from tests.factories import (
    as_user,
    make_article,
    make_journalist,
    make_outlet,
    make_type,
    sign_in_directly,
)
from tests.safety.world import Place, World, enter
from tests.statements import counted
from tests.web.many_parts import PLACES, build_with_many_parts
from tracker import clock
from tracker.audit.queries import cache_slot
from tracker.cases.service import file_records, open_case
from tracker.db import db
from tracker.incidents.service import TargetFacts, record_incident
from tracker.users.service import get_or_create_console_user
from tracker.vocabulary.service import load_vocabulary
from tracker.when import parse_when

# Whatever the page, and whoever looks.
MOST = 15
# But an incident before its approval: a reviewer is shown what it would publish, what stops that,
# which addresses may leave, and who requested changes before.
MOST_BEFORE_APPROVAL = 23
PAGES = (
    "incidents",
    "incidents/timeline",
    "journalists",
    "journalists/timeline",
    "outlets",
    "outlets/timeline",
    "institutions",
    "fake_accounts",
    "responses",
    "appeals",
    "proceedings",
    "articles",
    "cases",
    "cases/records/",
    "cases/official-response/",
)


@pytest.mark.parametrize("who", ["staff", "monitor"])
def test_a_page_asks_once_for_each_kind_of_part(app: Flask, who: str) -> None:
    world: World = prepared(app, "world of many parts", lambda: build_with_many_parts(app))
    browser = enter(app, who)
    asked = {
        (kind, place): asked_for(app, browser, address_of(world, kind, place))
        for place in PLACES
        for kind in PAGES
    }
    if who == "monitor":
        assert asked.pop(("incidents", Place.INTERNAL)) <= MOST_BEFORE_APPROVAL
    assert {one: found for one, found in asked.items() if found > MOST} == {}


def test_the_page_of_a_record_as_most_are_asks_little(app: Flask, client: FlaskClient) -> None:
    with as_user(app) as user:
        load_vocabulary(get_or_create_console_user())
        when = parse_when("2025-06-04", latest_possible_date=clock.current_date())
        outlet = make_outlet(country="KZ", by=user)
        journalist = make_journalist(by=user)
        article = make_article(text="Two men came.", published=when, publisher=outlet, by=user)
        whose: dict[str, Any] = {
            "team_id": user.team_ids[0],
            "visibility": article.visibility,
            "by": user,
        }
        alone, filed = (
            record_incident(
                types=[make_type("threat.death")],
                occurred=when,
                country="KZ",
                targets=[TargetFacts(journalist=journalist, outlet=outlet)],
                article=article,
                quote="1",
                **whose,
            )
            for _ in range(2)
        )
        case = open_case("Two men", country="KZ", **whose)
        db.session.flush()
        file_records(case, [filed], by=user)
        records = (alone, filed, journalist, outlet, article, case)
        pages = [f"/{one.ENDPOINT}/{one.ref}/" for one in records]
        db.session.commit()
    sign_in_directly(client, "staff")
    asked = {path: asked_for(app, client, path) for path in pages}
    assert {path: found for path, found in asked.items() if found > MOST} == {}


def address_of(world: World, kind: str, place: Place) -> str:
    """Return the address of a record of that kind, or of a tab of it."""
    kind, _slash, tab = kind.partition("/")
    return f"/{kind.replace('_', '-')}/{world.ref(kind, place)}/{tab}"


def asked_for(app: Flask, browser: FlaskClient, path: str) -> int:
    browser.get(path)
    cache_slot.cache_clear()
    with app.app_context(), counted() as statements:
        assert browser.get(path).status_code == 200
    # Once a minute a visit also writes that somebody was seen.
    return sum(one.startswith(("SELECT", "WITH")) for one in statements)

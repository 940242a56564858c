"""Only staff of its team change a record: every address that changes one, asked by other staff."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.cases.records_made import make_case
from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_institution,
    make_journalist,
    make_outlet,
    sign_in,
    token_in,
)
from tests.fake_accounts.accounts_made import make_account
from tests.responses.appeals_made import make_appeal
from tests.responses.proceedings_made import make_proceeding
from tests.responses.responses_made import make_response
from tracker.db import db
from tracker.permissions import Permission
from tracker.users.models import User

# What the address of each set of pages is about: the prefixes of refs, most sets have one kind.
ABOUT = {
    "appeals": ("APP",),
    "articles": ("ART",),
    "cases": ("CAS",),
    "fake_accounts": ("ACC",),
    "incidents": ("INC",),
    "institutions": ("INS",),
    "journalists": ("JRN",),
    "outlets": ("OUT",),
    "proceedings": ("PRC",),
    "responses": ("RSP",),
    "review": ("INC", "ACC", "RSP", "APP", "PRC"),
}
# What a citation is added to or taken off; it is this record that changes, not the article.
CITING = ("INC", "ACC", "RSP", "APP", "PRC")
# The blueprints whose records any staff may change, and why.
OF_NO_TEAM = {"institutions": "a ministry is the same for everybody, no team keeps it"}
# The blueprints whose records nobody of another team can find at all, and what is asked of whom.
NOT_FOUND = {
    "intake": "an inbox is its team's; what an article suggests goes to one's own team",
    "imports": "a file of others is the team's that brought it",
}
REFUSED = "Only staff of the team that keeps this record may change it."


@pytest.fixture
def refs(app: Flask) -> dict[str, str]:
    """Return the refs of a record of each kind that the Desk keeps and everybody sees, by prefix."""
    with as_user(app) as by:
        made = [one.ref for one in records(by)]
        db.session.commit()
    return {ref[:3]: ref for ref in made}


def records(by: User) -> list[Any]:
    article = make_article(by=by)
    return [
        article,
        make_incident(article=article, by=by),
        make_account(by=by, cites=article),
        make_response(by=by, cites=article),
        make_appeal(by=by, cites=article),
        make_proceeding(by=by, cites=article),
        make_case(by=by),
        make_journalist(by=by),
        make_outlet(by=by),
        make_institution("Another council", by=by),
    ]


@pytest.fixture
def stranger(app: Flask, client: FlaskClient) -> FlaskClient:
    """Return a browser in which staff of another team is signed in."""
    with as_user(app, "stranger", team="Elsewhere"):
        pass
    sign_in(client, "stranger")
    return client


def edits(app: Flask, refs: dict[str, str], *, of_no_team: bool = False) -> Iterator[list[str]]:
    """Yield method and address of each way to change a record, for every route that logs."""
    for rule in app.url_map.iter_rules():
        view: Any = app.view_functions[rule.endpoint]
        named = [name for name in ("record_ref", "ref") if name in rule.arguments]
        blueprint = rule.endpoint.partition(".")[0]
        if (
            getattr(view, "requires", None) is not Permission.LOG
            or not named
            or blueprint in NOT_FOUND
            or (blueprint in OF_NO_TEAM) is not of_no_team
        ):
            continue
        for prefix in CITING if "record_ref" in named else ABOUT[blueprint]:
            address = re.sub(r"<int:\w+>", "1", rule.rule).replace(f"<{named[0]}>", refs[prefix])
            # Where there are two, the other one is the article that is cited.
            address = address.replace("<ref>", refs["ART"])
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield [method, address]


def let_through(client: FlaskClient, asked: list[list[str]]) -> list[list[str]]:
    """Return those of the requests that are not refused because of the team."""
    token = token_in(client.get("/cases/").text)
    through = []
    for method, address in asked:
        sent = {"csrf_token": token} if method == "POST" else None
        answer = client.open(address, method=method, data=sent)
        if answer.status_code != 403 or REFUSED not in answer.text:
            through.append([method, address])
    return through


def test_staff_of_another_team_change_nothing(app, stranger, refs):
    asked = list(edits(app, refs))

    assert let_through(stranger, asked) == []
    assert ["POST", f"/review/{refs['INC']}/submit"] in asked


def test_nothing_but_the_question_for_the_team_refuses_them(app, stranger, refs, monkeypatch):
    # Each view asks by itself: were it to stop asking, the test above would see it.
    monkeypatch.setattr("tracker.web.guards.can_edit", lambda _actor, _record: True)
    asked = list(edits(app, refs))

    assert let_through(stranger, asked) == asked


def test_what_no_team_keeps_is_changed_by_any_staff(app, stranger, refs):
    asked = list(edits(app, refs, of_no_team=True))

    assert asked != []
    assert let_through(stranger, asked) == asked


def test_an_article_of_another_team_is_cited_at_a_record_of_ones_own(app, stranger, refs):
    with as_user(app, "stranger") as by:
        own = make_incident(by=by).ref
        db.session.commit()

    assert stranger.get(f"/articles/{refs['ART']}/cite/{own}").status_code == 200

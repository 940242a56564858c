"""Quotes of death and sexual threats are closed until somebody opens them, wherever they stand."""

from __future__ import annotations

from itertools import pairwise

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import as_user, make_article, make_incident, sign_in_directly
from tracker.cases.service import file_records, open_case
from tracker.db import db
from tracker.permissions import Visibility

QUOTE = "We will bury you"
CLOSED = "<summary>A quote of a death threat; open it to read</summary>"
KINDS = {
    "threat.sexual": "A quote of a threat of sexual violence",
    "harassment.sexual": "A quote about a sexual act",
    "physical.sexual_violence": "A quote about a sexual act",
}


def made(app: Flask, kind: str) -> dict[str, str]:
    """Record an incident of a type, and return where its quote is shown."""
    with as_user(app) as staff:
        article = make_article(text=f"{QUOTE}, the letter says.", by=staff)
        incident = make_incident(kind, article=article, quote="1", by=staff)
        case = open_case(
            "Letters", country="KZ", team_id=staff.team_ids[0], visibility=Visibility.INTERNAL,
            by=staff,
        )  # fmt: skip
        file_records(case, [incident], by=staff)
        db.session.commit()
        return {
            "incident": f"/incidents/{incident.ref}/",
            "article": f"/articles/{article.ref}/",
            "case": f"/cases/{case.ref}/",
            "picture": f"/cases/{case.ref}/timeline.svg",
        }


def open_words(page: str) -> str:
    """Return the quotes that stand open on a page."""
    quotes = page.split('<blockquote class="quote">')
    before = pairwise(quotes)
    return "".join(
        quote.split("</blockquote>")[0]
        for words, quote in before
        if not words.rstrip().endswith("</summary>")
    )


@pytest.mark.parametrize("place", ["incident", "article", "case"])
def test_a_quote_of_a_death_threat_is_closed(app: Flask, client: FlaskClient, place: str) -> None:
    addresses = made(app, "threat.death")
    sign_in_directly(client, "staff")

    page = client.get(addresses[place]).text

    assert CLOSED in page
    assert QUOTE in page
    assert QUOTE not in open_words(page)


@pytest.mark.parametrize("place", ["incident", "article", "case"])
def test_other_quotes_are_open(app: Flask, client: FlaskClient, place: str) -> None:
    addresses = made(app, "legal.summons")
    sign_in_directly(client, "staff")

    page = client.get(addresses[place]).text

    assert "open it to read" not in page
    assert QUOTE in open_words(page)


def test_no_picture_quotes_anything(app: Flask, client: FlaskClient) -> None:
    addresses = made(app, "threat.death")
    sign_in_directly(client, "staff")

    assert QUOTE not in client.get(addresses["picture"]).text


@pytest.mark.parametrize("kind", KINDS)
def test_quotes_of_sexual_acts_are_closed_too(app: Flask, client: FlaskClient, kind: str) -> None:
    addresses = made(app, kind)
    sign_in_directly(client, "staff")

    assert f"<summary>{KINDS[kind]}; open it to read" in client.get(addresses["incident"]).text

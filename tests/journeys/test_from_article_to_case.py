"""The main job with scripts off: an article in, six records in one case, on one timeline, as CSV."""

from __future__ import annotations

import csv
import io

from flask import Flask
from flask.testing import FlaskClient

from tests.factories import PASSWORD, as_user
from tests.journeys.browser import Browser
from tracker.db import db
from tracker.people.service import add_shipped_institutions
from tracker.permissions import Role
from tracker.users.service import get_or_create_console_user
from tracker.vocabulary.service import load_vocabulary

TITLE = "Two editors of a city paper are under pressure"
TEXT = """The city paper Dala News reported on Monday that its editors Asem Tulegenova and Daniyar Omarov \
have received threats since the winter.
For the past five months strangers who called themselves police have rung at the doors of its staff, \
asked the neighbours about them and handed round a photofit, saying that the two were wanted.
Profiles under the names and with the pictures of both editors were opened on social networks.
One of these profiles wrote that Asem Tulegenova had been killed in an accident, which is not true.
The minister of information, Marat Abenov, called the threats a crime against society.
He said that his ministry has such pages blocked every day.
The police, he added, are looking for those who did it.
Latest news
- Rain expected in the south
"""
CASE = "Pressure on Dala News"


def sign_in(client: FlaskClient) -> Browser:
    browser = Browser(client)
    browser.open("/")
    browser.press("Sign in", {"username": "staff", "password": PASSWORD})
    assert browser.status == 200
    return browser


def add_article(browser: Browser) -> None:
    browser.follow("Import articles")
    browser.follow("Enter an article by hand")
    browser.press(
        "Save",
        {
            "text": TEXT,
            "title": TITLE,
            "publisher-name": "Dala News",
            "published-when": "2026-05-18",
            "visibility": "internal",
        },
    )
    assert browser.status == 200, browser.words
    assert TITLE in browser.words


def test_an_article_becomes_six_records_in_one_case(app: Flask, client: FlaskClient) -> None:
    with as_user(app, "staff", Role.STAFF):
        console = get_or_create_console_user()
        load_vocabulary(by=console)
        add_shipped_institutions(by=console)
        db.session.commit()
    browser = sign_in(client)
    add_article(browser)

    # Four incidents, one after the other; the second needs at most five fields.
    browser.follow("Log an incident")
    browser.press(
        "Save and log another",
        {
            "types": ["threat.other"],
            "quote": "1",
            "occurred-when": "2025-12/2026-05",
            "extent": "lasting",
            "country": "KZ",
            "targets-0-who-name": "Asem Tulegenova",
            "targets-1-who-name": "Daniyar Omarov",
        },
    )
    assert "Saved:" in browser.words, browser.words
    typed = browser.typed
    browser.press(
        "Save and log another",
        {
            "types": ["intimidation.visit", "intimidation.contacts", "disinformation.false_wanted"],
            "quote": "2",
            "occurred-as_stated": "for the past five months",
            "purported_as": "police",
        },
    )
    assert browser.typed - typed <= 5
    assert "Saved:" in browser.words, browser.words
    browser.press(
        "Save and log another",
        {"types": ["impersonation.journalist"], "quote": "3", "purported_as": ""},
    )
    assert "Saved:" in browser.words, browser.words
    browser.press(
        "Save and go back to the article",
        {"types": ["disinformation.death_hoax"], "quote": "4", "targets-1-who-name": ""},
    )
    assert "Saved:" in browser.words, browser.words

    browser.follow("Log a fake account")
    browser.press(
        "Save and go back to the article",
        {
            "kind": "profile",
            "identified": "no",
            "accounts_at_least": "2",
            "quote": "3",
            "first_seen-when": "2026-05~",
            "impersonates-0-who-name": "Asem Tulegenova",
        },
    )
    if "Who is this?" in browser.words:
        ref = browser.page.xpath('//input[@name="impersonates-0-who-chosen"]/@value')[0]
        browser.press("Save and go back to the article", {"impersonates-0-who-chosen": ref})
    assert "Saved" in browser.words, browser.words

    browser.follow("Log an official response")
    response: dict[str, object] = {
        "institution-name": "Ministry of Culture and Information of Kazakhstan",
        "official": "Marat Abenov",
        "office": "Minister of Information",
        "stance": "condemns",
        "answers_scope": "case",
        "made-when": "2026-05~",
        "acts-0-act": "condemnation",
        "acts-0-quote": "5",
        "acts-1-act": "blocking_ordered",
        "acts-1-quote": "6",
        "acts-2-act": "investigation_announced",
        "acts-2-quote": "7",
        "acts-2-unspecified": "y",
    }
    browser.press("Save and go back to the article", response)
    if "Who is this?" in browser.words:
        ref = browser.page.xpath('//input[@name="institution-chosen"]/@value')[0]
        browser.press("Save and go back to the article", {"institution-chosen": ref})
    assert "Saved" in browser.words, browser.words

    browser.press("File in this case", {"title": CASE, "country": "KZ"})
    assert CASE in browser.words, browser.words
    assert browser.loads <= 20, browser.loads

    for quote in (
        "have received threats since the winter",
        "handed round a photofit",
        "Profiles under the names",
        "killed in an accident",
        "called the threats a crime",
        "has such pages blocked every day",
        "are looking for those who did it",
    ):
        assert quote in browser.words, quote
    assert "people who said they were police" in browser.words
    assert "Rain expected" not in browser.words

    file = client.get("/reports/incidents.csv?country=KZ")
    assert file.status_code == 200
    rows = list(csv.DictReader(io.StringIO(file.get_data().decode("utf-8-sig"))))
    assert len(rows) == 4
    assert {row["targets"] for row in rows} == {
        "Asem Tulegenova | Daniyar Omarov",
        "Asem Tulegenova",
    }
    assert {row["cases"] for row in rows} == {rows[0]["cases"]}

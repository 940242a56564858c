"""The main job in one save: an article in, its suggestions confirmed, its case on one timeline."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import PASSWORD, as_user
from tests.journeys.browser import Browser
from tracker.cases.models import Case
from tracker.cases.queries import records_of
from tracker.db import db
from tracker.incidents.codes import PurportedAs
from tracker.people.models import Journalist
from tracker.people.service import add_shipped_institutions
from tracker.permissions import Role
from tracker.responses.codes import ActType
from tracker.users.service import get_or_create_console_user
from tracker.vocabulary.service import load_vocabulary

MOST_LOADS = 12
TEXT = """Minister asked about the threats to two editors of a city paper
The minister of culture and information, Marat Abenov, was asked on Monday about threats against the \
journalists Asem Tulegenova and Daniyar Omarov of the city paper Dala News.
"I condemn these threats: whoever sends them wants to harm not one or two journalists, but the \
whole state, and we must fight such people," Abenov said.
He said that orders to block such pages are prepared every day and that the ministry blocks them \
around the clock.
According to the minister, law enforcement agencies are investigating the threats.
Asem Tulegenova, the paper's editor-in-chief, and her deputy Daniyar Omarov have received threats \
for the past five months.
Men who said they were police officers came to the homes of the journalists, questioned their \
neighbours and handed out photofits, claiming that the journalists were wanted.
Fake accounts were created on social networks with the names and photographs of the journalists.
One of the accounts reported that Asem Tulegenova had died, which is not true.
By Saule Akhmetova
Latest news
- Rain expected in the south
- Court in Taraz sentences a former bank manager
"""
BOTH = {"Asem Tulegenova", "Daniyar Omarov"}


def test_an_article_is_confirmed_in_one_save_and_stands_on_the_timeline(
    app: Flask, client: FlaskClient
) -> None:
    with as_user(app, "staff", Role.STAFF):
        console = get_or_create_console_user()
        load_vocabulary(by=console)
        add_shipped_institutions(by=console)
        db.session.commit()

    # Given somebody of the staff who pastes an article with the headlines around it,
    browser = Browser(client)
    browser.open("/")
    browser.press("Sign in", {"username": "staff", "password": PASSWORD})
    browser.follow("Import articles")
    browser.follow("Enter an article by hand")
    browser.press(
        "Save and go on to suggestions",
        {
            "text": TEXT,
            "publisher-name": "Dala News",
            "published-when": "2026-05-18",
            "visibility": "internal",
        },
    )
    assert "Suggested records" in browser.words, browser.words
    assert "Rain expected" not in browser.words

    # when all that is suggested is found right, and confirmed in one save,
    browser.tick_suggested()
    browser.press("Save selected", {"title": "Pressure on Dala News", "country": "KZ"})

    # then the case shows all of it on its timeline.
    assert "Pressure on Dala News" in browser.words, browser.words
    assert browser.loads <= MOST_LOADS
    for quote in (
        "have received threats for the past five months",
        "handed out photofits",
        "with the names and photographs",
        "had died, which is not true",
        "whoever sends them wants to harm",
        "orders to block such pages",
        "agencies are investigating",
    ):
        assert quote in browser.words, quote
    with as_user(app):
        case = db.session.scalars(select(Case)).one()
        filed = records_of(case, with_all_parts=True)
        told = {
            frozenset(row.term.code for row in one.types): {
                target.journalist.name for target in one.targets if target.journalist
            }
            for one in filed.incidents
        }
        assert told == {
            frozenset({"threat.other"}): BOTH,
            frozenset(
                {
                    "intimidation.visit", "intimidation.contacts", "disinformation.false_wanted",
                    "impersonation.official",
                }
            ): BOTH,
            frozenset({"impersonation.journalist"}): BOTH,
            frozenset({"disinformation.death_hoax"}): {"Asem Tulegenova"},
        }  # fmt: skip
        posed = [actor.purported_as for one in filed.incidents for actor in one.actors]
        assert posed == [PurportedAs.POLICE]
        (account,) = filed.accounts
        assert {row.journalist.name for row in account.impersonates if row.journalist} == BOTH
        (response,) = filed.responses
        assert response.official == "Marat Abenov"
        assert {act.act for act in response.acts} == {
            ActType.CONDEMNATION, ActType.BLOCKING_ORDERED, ActType.INVESTIGATION_ANNOUNCED,
        }  # fmt: skip
        assert all(act.quote for act in response.acts)
        # Neither the minister nor the reporter is among those it was done to.
        assert {one.name for one in db.session.scalars(select(Journalist))} == BOTH

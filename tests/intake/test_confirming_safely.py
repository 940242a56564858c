"""What confirming must never do: name who is closed, show what is masked, break on bad input."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import as_user, make_article, make_journalist, sign_in_directly
from tests.intake.test_confirming import ASEM, DAY, SAVE, TEXT, Desk, desk, ref
from tests.journeys.browser import Browser
from tests.statements import counted
from tracker import clock
from tracker.articles.incoming import read_pasted_text
from tracker.articles.masking_service import mask_passages, resolve_passages
from tracker.articles.models import Article
from tracker.articles.queries import article_text_load_options
from tracker.db import db, set_full_access
from tracker.incidents.codes import NameReach
from tracker.incidents.models import Incident
from tracker.intake.codes import InboxState
from tracker.intake.inbox_service import receive_article
from tracker.intake.models import IntakeItem
from tracker.permissions import Visibility

__all__ = ["desk", "ref"]


def close_asem(app: Flask) -> None:
    with as_user(app) as user:
        made = make_journalist(ASEM, visibility=Visibility.RESTRICTED, by=user)
        made.name_closed_on = clock.current_date()
        db.session.commit()


def test_who_is_closed_is_a_target_whose_name_stays_in_the_team(app: Flask, desk: Desk):
    close_asem(app)
    desk.open()
    desk.browser.press("Save for my team only", {"title": "A case", "case": "new"})

    assert desk.wrong() == {}
    with as_user(app):
        targets = [
            target
            for one in db.session.scalars(select(Incident))
            for target in one.targets
            if target.journalist and target.journalist.name == ASEM
        ]
        assert {one.name_reach for one in targets} == {NameReach.TEAM}


def test_no_case_that_everybody_reads_is_titled_after_who_is_closed(app: Flask, desk: Desk):
    close_asem(app)
    desk.open()
    assert ASEM in desk.held("title")
    desk.browser.press(SAVE)

    assert desk.browser.status == 422
    assert "must not be named outside the team" in desk.browser.words
    assert desk.counts() == [0, 0, 0, 0, 1]


def test_what_is_masked_is_not_read_and_not_shown(app: Flask, client: FlaskClient, ref: str):
    with as_user(app) as user:
        db.session.commit()
        set_full_access()
        article = db.session.scalars(select(Article).options(*article_text_load_options())).one()
        mask_passages(
            article, resolve_passages(article, ASEM, all_occurrences=True), reason="asked", by=user
        )
        db.session.commit()
    sign_in_directly(client, "staff")
    browser = Browser(client)
    browser.open(f"/intake/{ref}/")

    assert browser.status == 200
    assert "Tulegenova" not in browser.text
    assert "█" in browser.text


def test_what_came_into_the_inbox_is_logged_by_the_save(app: Flask, client: FlaskClient, ref: str):
    with as_user(app) as user:
        item = receive_article(
            read_pasted_text(TEXT + "One line more."), team_id=user.team_ids[0], by=user
        )
        db.session.commit()
        assert item.article is not None
        article_ref = item.article.ref
    sign_in_directly(client, "staff")
    browser = Browser(client)
    browser.open(f"/intake/{article_ref}/")
    empty = [
        one.get("name")
        for one in browser.page.xpath('//input[@type="radio"][contains(@name, "-use")]')
    ]
    browser.press(SAVE, dict.fromkeys(empty, ""))
    assert state_of(app) is InboxState.RECEIVED

    browser.open(f"/intake/{article_ref}/")
    form, _button = browser._form_with("Add")
    data = browser._held(form) | {"do": "more", "more": "incidents", "more_quote": "2"}
    browser._take(client.post(f"/intake/{article_ref}/", data=data), f"/intake/{article_ref}/")
    rows = {
        one.get("name").split("-")[1]
        for one in browser.page.xpath('//textarea[starts-with(@name, "incidents-")]')
    }
    last = max(rows, key=int)
    off = [
        one.get("name")
        for one in browser.page.xpath('//input[@type="radio"][contains(@name, "-use")]')
    ]
    keep = {f"incidents-{last}-use"}
    browser.press(
        SAVE,
        dict.fromkeys((one for one in off if one not in keep), "")
        | {
            f"incidents-{last}-types": ["threat.other"],
            f"incidents-{last}-country": "KZ",
            f"incidents-{last}-targets-0-use": "y",
            f"incidents-{last}-targets-0-who-name": "somebody",
            f"incidents-{last}-targets-0-kind": "unnamed_person",
            "case": "none",
            "title": "",
        },
    )
    assert "Saved: 1 record." in browser.words
    assert state_of(app) is InboxState.LOGGED


def state_of(app: Flask) -> InboxState:
    with as_user(app):
        return db.session.scalars(select(IntakeItem)).one().state


@pytest.mark.parametrize(
    "sent",
    [
        {"incidents-0-types": "no.such"},
        {"incidents-0-country": "XX"},
        {"incidents-0-region": "KZ-00"},
        {"incidents-0-occurred-when": "yesterday"},
        {"incidents-0-occurred-when": "2030"},
        {"incidents-0-extent": "always"},
        {"incidents-0-place": "a\x00b"},
        {"incidents-0-quote": "words that stand nowhere"},
        {"incidents-0-quote": "5-2"},
        {"incidents-0-attributed_by": "", "incidents-0-actor_type": "police"},
        {"incidents-0-targets-0-number": "5"},
        {"incidents-0-targets-0-kind": "ghost"},
        {"incidents-0-targets-0-who-name": "x" * 201},
        {"incidents-0-targets-1-who-name": ASEM},
        {"accounts-0-identified": "yes"},
        {"accounts-0-accounts_at_least": "9" * 30},
        {"accounts-0-kind": ""},
        {"responses-0-institution-name": ""},
        {"responses-0-institution_kind": "", "responses-0-institution-name": "A body of no kind"},
        {"responses-0-acts-0-act": ""},
        {"responses-0-acts-0-substantive": "yes"},
        {"responses-0-made-when": "1"},
        {"case": "CAS-0000000000"},
        {"title": "x" * 301},
        {"country": "XX"},
    ],
    ids=lambda sent: next(iter(sent)),
)
def test_bad_input_is_an_error_at_its_field_and_stores_nothing(desk: Desk, sent: dict[str, str]):
    form, _button = desk.browser._form_with(SAVE)
    data = desk.browser._held(form) | {"title": "A case"} | sent
    desk.browser._take(desk.browser.client.post(desk.address, data=data), desk.address)

    assert desk.browser.status == 422
    name = next(iter(sent))
    said = desk.wrong()
    assert any(one == name or one.startswith(name) or name.startswith(one) for one in said), said
    assert desk.counts() == [0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    "sent",
    [
        {"incidents-9999-types": "threat.death"},
        {"incidents-99999-use": "y"},
        {"incidents-0-targets-77-who-name": "Somebody"},
        {"incidents-0-came": "j0 t0-x " + "z" * 5000},
        {"incidents-0-targets-0-came": "\x00"},
        {"incidents-0-targets-0-who-chosen": "' OR 1=1"},
        {"accounts--1-use": "y"},
        {"responses-٣-use": "y"},
        {f"incidents-{number}-use": "" for number in range(100, 400)},
    ],
    ids=lambda sent: next(iter(sent)),
)  # fmt: skip
def test_rows_that_no_page_has_break_nothing(desk: Desk, sent: dict[str, str]):
    form, _button = desk.browser._form_with(SAVE)
    data = desk.browser._held(form) | {"title": "A case"} | sent

    for extra in ({}, {"do": "join incidents 1"}):
        answer = desk.browser.client.post(desk.address, data=data | extra)
        assert answer.status_code in {200, 303, 422}


def test_a_very_long_text_has_its_page(app: Flask, client: FlaskClient, ref: str):
    with as_user(app) as user:
        text = "\n".join(f"Line {number} of a long report on rivers." for number in range(6000))
        made = make_article("Rivers", text=text, by=user)
        db.session.commit()
        long = made.ref
    sign_in_directly(client, "staff")
    answer = client.get(f"/intake/{long}/")

    assert answer.status_code == 200
    assert "its later sentences stand on the article’s page" in answer.text


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_looking_asks_no_more_of_the_database_for_more_incidents(app: Flask, desk: Desk):
    def asked() -> int:
        with app.app_context(), counted() as sent:
            desk.open()
        return len(sent)

    asked()
    before, rows = asked(), desk.browser.text.count('class="draft"')
    desk.made.act("legal.search", "have received threats")
    desk.made.act("physical.assault", "opened on social networks")
    desk.made.date("social networks", "2026-05-03", DAY)
    assert asked() == before
    assert before > 0
    assert desk.browser.text.count('class="draft"') == rows + 2

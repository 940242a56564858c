"""What an article tells of and is on record already is offered, and recorded only once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import as_user, make_article, make_journalist
from tests.intake.test_confirming import DAY, SAVE, TEXT, Desk, accept_all, desk
from tracker.db import db
from tracker.fake_accounts.models import FakeAccount
from tracker.intake.confirm_queries import (
    MatchCertainty,
    match_account,
    match_incident,
    match_response,
    party_matches_by_name,
)
from tracker.people.codes import NameKind
from tracker.people.service import add_name
from tracker.responses.models import OfficialResponse
from tracker.when import parse_when

__all__ = ["desk"]
CHOOSE = "Is this an existing record? Choose below."


def elsewhere(app: Flask) -> str:
    """Return the address where the suggestions of a second article with the same text stand."""
    with as_user(app) as user:
        published = parse_when(DAY.isoformat(), latest_possible_date=DAY)
        made = make_article("The same, elsewhere", text=TEXT, published=published, by=user)
        db.session.commit()
        return f"/intake/{made.ref}/"


def test_a_second_article_on_the_same_becomes_a_source_of_all_that_is_on_record(
    app: Flask, desk: Desk
):
    desk.browser.press(SAVE, {"title": "A case"})
    before = desk.counts()
    accept_all(desk.browser, elsewhere(app))
    rows = [*(f"incidents-{number}" for number in range(4)), "accounts-0", "responses-0"]
    chosen = [desk.ticked(f"{row}-same_as") for row in rows]
    assert all(one and one != ["new"] for one in chosen), chosen
    assert len({one[0] for one in chosen}) == len(rows)

    desk.browser.press(SAVE)
    assert "6 records that were there before have this article as a source now." in (
        desk.browser.words
    ), desk.wrong()
    assert desk.counts() == before
    with as_user(app):
        account = db.session.scalars(select(FakeAccount)).one()
        response = db.session.scalars(select(OfficialResponse)).one()
        for record in (account, response):
            assert len({one.article_id for one in record.citations}) == 2
        assert len(response.acts) == 3


def test_an_account_on_record_is_used_in_the_new_incidents_as_well(app: Flask, desk: Desk):
    desk.browser.press(SAVE, {"title": "A case"})
    accept_all(desk.browser, elsewhere(app))
    new: dict[str, object] = {f"incidents-{number}-same_as": "new" for number in range(4)}
    desk.browser.press(SAVE, new)

    assert "2 records that were there before" in desk.browser.words, desk.wrong()
    with as_user(app):
        account = db.session.scalars(select(FakeAccount)).one()
        assert len(account.incidents) == 4


def test_what_only_may_be_on_record_has_to_be_chosen(app: Flask, desk: Desk):
    desk.browser.press(SAVE, {"title": "A case"})
    with as_user(app):
        account = db.session.scalars(select(FakeAccount)).one()
        response = db.session.scalars(select(OfficialResponse)).one()
        account.citations = account.citations[:1]
        for act in response.acts:
            act.quote = ""
        db.session.commit()
    with as_user(app) as user:
        # Other words on the same: nothing of it was recorded from this text.
        made = make_article("Later", text=TEXT.replace("\n", " Again. "), by=user).ref
        db.session.commit()
    accept_all(desk.browser, f"/intake/{made}/")
    desk.browser.press(SAVE)

    wrong = desk.wrong()
    assert {wrong[name] for name in wrong if name.endswith("same_as")} <= {CHOOSE}
    assert desk.counts()[:3] == [4, 1, 1]


def account(handle: str = "", url: str = "", platform: str = "", identified: str = "yes") -> Any:
    term = SimpleNamespace(code=platform) if platform else None
    return SimpleNamespace(
        handle=handle, url=url, platform=term, identified=identified, impersonates=[]
    )


@pytest.mark.parametrize(
    ("known", "handle", "platform", "match"),
    [
        (
            account("Asem_news", platform="telegram"),
            "asem_news",
            "telegram",
            MatchCertainty.CERTAIN,
        ),
        (
            account("Asem_news", platform="telegram"),
            "@asem_news",
            "telegram",
            MatchCertainty.CERTAIN,
        ),
        (
            account("Asem_news", platform="telegram"),
            "https://t.me/asem_news",
            "",
            MatchCertainty.CERTAIN,
        ),
        (
            account("Asem_news", platform="telegram"),
            "asem_news",
            "instagram",
            MatchCertainty.POSSIBLE,
        ),
        (account("Asem_news", platform="telegram"), "asem_news", "", MatchCertainty.POSSIBLE),
        (account("Asem_news", platform="telegram"), "asem", "telegram", MatchCertainty.NONE),
        (account(url="https://dala-news.info/"), "dala-news.info", "", MatchCertainty.CERTAIN),
        (
            account(url="https://dala-news.info/"),
            "http://www.dala-news.info",
            "",
            MatchCertainty.CERTAIN,
        ),
        (account(url="https://dala-news.info/"), "dala.info", "", MatchCertainty.NONE),
        (account(identified="no"), "asem", "", MatchCertainty.NONE),
    ],
)
def test_an_account_is_known_by_its_platform_and_handle_or_its_address(
    known: Any, handle: str, platform: str, match: MatchCertainty
):
    assert match_account(known, handle, platform, identified="yes", refs={"JRN-1"}) is match


@pytest.mark.parametrize(
    ("body", "typed", "acts", "quote", "match"),
    [
        ("INS-1", "2026-05-11", ["denial"], "", MatchCertainty.CERTAIN),
        ("INS-1", "2026-05-11", ["pledge"], "", MatchCertainty.NONE),
        ("INS-1", "", ["pledge"], "We  know NOTHING of it", MatchCertainty.CERTAIN),
        ("INS-1", "", ["denial"], "", MatchCertainty.POSSIBLE),
        ("INS-1", "2026-04-11", ["denial"], "", MatchCertainty.NONE),
        # It may have been years before.
        ("INS-1", "before 2026-05-19", ["denial"], "", MatchCertainty.POSSIBLE),
        ("INS-1", "before 2026-05-11", ["denial"], "", MatchCertainty.NONE),
        ("INS-2", "2026-05-11", ["denial"], "We know nothing of it", MatchCertainty.NONE),
    ],
)
def test_a_response_is_known_by_its_body_with_the_words_or_the_act_and_day(
    body: str, typed: str, acts: list[str], quote: str, match: MatchCertainty
):
    act = SimpleNamespace(act=SimpleNamespace(value="denial"), quote="We know nothing of it")
    known: Any = SimpleNamespace(
        institution=SimpleNamespace(ref="INS-1"),
        acts=[act],
        when=parse_when("2026-05-11", latest_possible_date=DAY),
    )
    assert match_response(known, {body}, acts, date_input=typed, quotes=[quote]) is match


@pytest.mark.parametrize(
    ("known", "name", "is_exact"),
    [
        ("Daniyar Umarov", "Daniyar Umarov", True),
        ("Daniyar Umarov", "DANIYAR UMAROV", True),
        ("Gulnara Obraztsova", "Гульнара Образцова", True),
        ("Гульнара Образцова", "Gulnara Obraztsova", True),
        ("Daniyar Umarov", "Daniyar Omarov", False),
        ("Daniyar Umarov", "Данияр Омаров", False),
        ("Bolat Seitov", "Bulat Seitov", False),
        ("Виктор Цой", "Виктор Чой", False),
    ],
)
def test_only_the_very_name_in_its_own_or_another_script_is_taken_for_the_same(
    app: Flask, known: str, name: str, is_exact: bool
):
    with as_user(app) as user:
        made = make_journalist(known, by=user)
        db.session.commit()
        found = party_matches_by_name([("journalist", name)])["journalist", name]
        assert found.possible_parties == [made]
        assert found.exact_refs == ({made.ref} if is_exact else frozenset())


def test_a_name_in_the_same_script_goes_before_one_in_another(app: Flask):
    with as_user(app) as user:
        made = make_journalist("Виктор Цой", by=user)
        add_name(made, "Viktor Tsoi", kind=NameKind.PEN_NAME, by=user)
        db.session.commit()
        found = party_matches_by_name([("journalist", "Виктор Чой")])["journalist", "Виктор Чой"]
        assert (found.possible_parties, found.exact_refs) == ([made], frozenset())


@pytest.mark.parametrize(
    ("date_input", "suggested_date", "found"),
    [
        ("2025-03-03", "", MatchCertainty.CERTAIN),
        ("", "", MatchCertainty.CERTAIN),
        ("", "2025-03", MatchCertainty.CERTAIN),
        ("2024-01-10", "", MatchCertainty.POSSIBLE),
        ("", "2024-01-10", MatchCertainty.POSSIBLE),
    ],
)
def test_an_incident_of_another_date_has_to_be_chosen(
    date_input: str, suggested_date: str, found: MatchCertainty
):
    who = SimpleNamespace(ref="JRN-1")
    incident: Any = SimpleNamespace(
        targets=[SimpleNamespace(journalist=who, outlet=None)],
        types=[SimpleNamespace(term=SimpleNamespace(code="legal.detention"))],
        when=parse_when("2025-03-03", latest_possible_date=DAY),
    )
    given: dict[str, Any] = {
        "date_input": date_input, "suggested_date": suggested_date, "cites_coverage": True,
    }  # fmt: skip
    assert match_incident(incident, ["JRN-1"], ["legal.detention"], **given) is found

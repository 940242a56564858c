"""What the confirm page says and offers around its suggestions: who has the article and how it ends,
when it was published, what is on record already, and where an error stands.
"""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import as_user, make_article, make_incident, make_journalist, sign_in_directly
from tests.intake.inbox_made import ANOTHER, REPORT, put, put_unread, stored
from tests.intake.test_confirming import (
    ASEM,
    DAY,
    SAVE,
    TEXT,
    Desk,
    accept_all,
    desk,
    found_in,
    outcomes,
)
from tests.journeys.browser import Browser
from tracker.articles.citation_service import add_citations
from tracker.articles.models import Article
from tracker.audit.models import AuditEvent
from tracker.cases.service import file_records, open_case
from tracker.db import db
from tracker.fake_accounts.models import FakeAccount
from tracker.incidents.codes import Extent, TargetKind
from tracker.incidents.models import Incident
from tracker.incidents.service import TargetFacts
from tracker.intake import confirm_forms, confirm_queries, proposal_views
from tracker.intake.codes import InboxState
from tracker.intake.confirm_queries import incident_similarity
from tracker.people.codes import InstitutionKind
from tracker.people.models import Journalist, Outlet
from tracker.people.service import add_institution
from tracker.permissions import Role, Visibility
from tracker.reader.found import FoundDate
from tracker.reader.suggest import Suggestions
from tracker.reader.text import ArticleText
from tracker.responses.codes import ActType
from tracker.responses.models import OfficialResponse
from tracker.review.codes import EditorialState, RetractReason
from tracker.review.service import retract_record
from tracker.users.service import get_or_create_console_user
from tracker.vocabulary.service import load_vocabulary
from tracker.when import OPEN_START, Precision, When, format_when, parse_when

__all__ = ["desk"]
WHEN = "incidents-0-occurred-when"
END = "Close as out of scope"
SUBMIT = "Save and submit for review"
ARREST = (
    "Суд США выдал ордер на арест телеведущей новостного канала Press TV Марзие Хашеми. "
    "Тегеран осудил арест, потребовав её немедленного освобождения. "
    "Журналистку арестовало ФБР в международном аэропорту города Сент-Луис."
)


@pytest.fixture
def browser(app: Flask, client: FlaskClient) -> Browser:
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    return Browser(client)


def another(app: Flask, name: str, team: str = "Desk") -> Browser:
    """Return a browser in which somebody else is signed in."""
    with as_user(app, name, team=team):
        pass
    client = app.test_client()
    sign_in_directly(client, name)
    return Browser(client)


# Who has it, and how it ends.


def test_looking_takes_nothing_and_a_button_above_the_work_does(app: Flask, browser: Browser):
    _item, article = put(app)
    browser.open(f"/intake/{article}/")
    assert "Not assigned." in browser.words
    assert stored(app)[0].state is InboxState.RECEIVED

    browser.press("Assign to me")
    assert browser.address == f"/intake/{article}/"
    assert "assigned to staff" in browser.words
    assert stored(app)[0].state is InboxState.TAKEN


def test_to_start_to_work_is_to_take_it(app: Flask, browser: Browser):
    _item, article = put(app)
    browser.open("/intake/")
    browser.press("Review suggestions")

    assert browser.address == f"/intake/{article}/"
    (item,) = stored(app)
    assert item.taken_by is not None
    assert item.taken_by.name == "staff"
    browser.open("/intake/")
    browser.follow("Review suggestions")
    assert browser.address == f"/intake/{article}/"


def test_whoever_comes_second_is_told_and_may_take_it_over(app: Flask, browser: Browser):
    _item, article = put(app)
    browser.open(f"/intake/{article}/")
    browser.press("Assign to me")
    second = another(app, "second")
    second.open(f"/intake/{article}/")

    assert "assigned to staff" in second.words
    second.press("Assign to me")
    assert second.address == f"/intake/{article}/"
    assert "assigned to second" in second.words


def test_what_is_irrelevant_ends_where_it_is_read(app: Flask, browser: Browser):
    item, article = put(app)
    browser.open(f"/intake/{article}/")
    browser.press(END, {"reason": " "})
    assert browser.status == 422
    assert "Say why." in browser.words
    assert stored(app)[0].state is InboxState.RECEIVED

    browser.open(f"/intake/{article}/")
    browser.press(END, {"reason": "It is about sport."})
    assert browser.address == f"/intake/items/{item}/"
    assert browser.message == "Closed as out of scope."
    assert "It is about sport." in browser.words
    assert stored(app)[0].state is InboxState.OUT_OF_SCOPE
    assert stored(app)[0].reason == "It is about sport."
    browser.open(f"/intake/{article}/")
    assert "closed by staff" in browser.words
    assert END not in browser.words


@pytest.mark.parametrize("before", [InboxState.RECEIVED, InboxState.TAKEN])
def test_to_assign_an_item_keeps_what_was_typed(app: Flask, browser: Browser, before: InboxState):
    _item, article = put(app, text=TEXT)
    if before is InboxState.TAKEN:
        colleague = another(app, "second")
        colleague.open(f"/intake/{article}/")
        colleague.press("Assign to me")
    browser.open(f"/intake/{article}/")
    browser.press("Assign to me", {"title": "Pressure on reporters", "reason": "About sport."})

    assert browser.status == 200
    assert browser.address == f"/intake/{article}/"
    assert 'value="Pressure on reporters"' in browser.text
    assert stored(app)[0].state is InboxState.TAKEN
    assert "assigned to staff" in browser.words
    # What was typed is saved by the page that came back, and by no other.
    saved = browser.page.xpath('//form[.//*[@name="title"]]//input[@name="csrf_token"]')
    assert len(saved) == 1


def test_a_refused_button_of_the_inbox_keeps_what_was_typed(app: Flask, browser: Browser):
    _item, article = put(app, text=TEXT)
    browser.open(f"/intake/{article}/")
    browser.press(END, {"title": "Pressure on reporters", "reason": " "})
    assert browser.status == 422
    assert "Say why." in browser.words
    assert 'value="Pressure on reporters"' in browser.text

    # A colleague is faster: nothing is taken unseen, and the page says who has it.
    colleague = another(app, "second")
    colleague.open(f"/intake/{article}/")
    colleague.press("Assign to me")
    browser.press("Assign to me", {"reason": "It is about sport."})
    assert browser.status == 422
    assert "assigned to second" in browser.words
    assert 'value="Pressure on reporters"' in browser.text
    assert "It is about sport." in browser.text
    browser.press("Assign to me")
    assert (browser.status, stored(app)[0].state) == (200, InboxState.TAKEN)
    assert "assigned to staff" in browser.words


def test_a_button_of_the_inbox_needs_the_token_of_its_form(app: Flask, browser: Browser):
    _item, article = put(app, text=TEXT)
    browser.open(f"/intake/{article}/")
    browser.press("Assign to me", {"csrf_token": "", "title": "Pressure on reporters"})
    assert browser.status in {400, 422}
    assert stored(app)[0].state is InboxState.RECEIVED
    assert 'value="Pressure on reporters"' in browser.text


def test_an_inbox_is_not_shown_to_another_team(app: Flask, browser: Browser):
    item, article = put(app, visibility=Visibility.INTERNAL)
    theirs = another(app, "abroad", team="Abroad")
    theirs.open(f"/intake/{article}/")

    assert theirs.status == 200
    assert item not in theirs.text
    assert END not in theirs.words


def test_an_ending_offers_what_has_waited_longest(app: Flask, browser: Browser):
    first, second, third = (put(app, text=one)[1] for one in (REPORT, ANOTHER, TEXT))
    put_unread(app)
    put(app, "abroad", text="Elsewhere " * 20, visibility=Visibility.INTERNAL)
    colleague = another(app, "second")
    colleague.open(f"/intake/{first}/")
    colleague.press("Assign to me")
    browser.open(f"/intake/{third}/")
    browser.press(END, {"reason": "sport"})
    assert "Closed as out of scope. Next in the inbox" in browser.words
    browser.follow("Next in the inbox")

    # What a colleague has, what cannot be read and what others keep is not next.
    assert browser.address == f"/intake/{second}/"
    browser.press(END, {"reason": "sport"})
    assert "Closed as out of scope." in browser.words
    assert "Next in the inbox" not in browser.words


def test_a_card_is_called_strong_only_if_it_is_accepted(app: Flask, browser: Browser):
    with as_user(app):
        load_vocabulary(by=get_or_create_console_user())
        db.session.commit()
    _item, article = put(app, text=ARREST)
    browser.open(f"/intake/{article}/")
    cards = browser.page.xpath("//fieldset[starts-with(@id, 'incidents-')][@class='draft']")
    assert cards
    for card in cards:
        is_strong = bool(card.xpath("p[1]/span[. = 'strong']"))
        is_accepted = bool(card.xpath(f".//input[@name='{card.get('id')}-use'][@checked]"))
        assert is_strong is is_accepted, card.text_content()


def test_an_imported_article_is_said_to_be_saved_and_its_records_not_yet(browser: Browser):
    browser.open("/intake/new")
    browser.press("Import", {"text": ARREST})
    assert browser.message == "The article is saved."
    assert "No record is saved until you press Save selected." in browser.words


def test_what_is_said_after_saving_leads_on_and_carries_no_title(app: Flask, desk: Desk):
    _item, article = put(app, text=ANOTHER)
    answer = desk.browser.client.post(
        desk.address,
        data=desk.browser._held(desk.browser._form_with(SAVE)[0]) | {"title": "A case"},
    )
    assert answer.status_code == 303
    with desk.browser.client.session_transaction() as session:
        assert "Camera broken" not in str(dict(session))
    desk.browser.open(answer.location)
    assert "Saved: 6 records." in desk.browser.words
    desk.browser.follow("Next in the inbox")
    assert desk.browser.address == f"/intake/{article}/"


# When it was published.


@pytest.fixture
def undated(app: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return the desk before an article of which nobody knows when it was published."""
    with as_user(app):
        article = db.session.scalars(select(Article)).one()
        article.when = parse_when("", latest_possible_date=DAY)
        db.session.commit()

    def suggest(reading: ArticleText) -> Suggestions:
        made = found_in(TEXT)
        made.dates = []
        if reading.published:
            day = reading.published
            made.date("since the winter", f"{day.year - 1}-12/{day:%Y-%m}", day, is_period=True)
        return made.found

    monkeypatch.setattr(proposal_views, "compute_suggestions", suggest)
    desk.open()
    return desk


def date_of(app: Flask) -> str:
    with as_user(app):
        return format_when(db.session.scalars(select(Article)).one().when)


def test_a_date_that_is_typed_is_the_one_from_which_dates_are_counted(app: Flask, undated: Desk):
    assert "The publication date is unknown" in undated.browser.words
    assert undated.held(WHEN) == ""
    undated.do("date", {"published": "2026-05-18", "incidents-2-place": "Taraz"})

    # A date that is not surely the one of an accepted incident waits until it is taken.
    assert undated.held(WHEN) == ""
    assert "Use this: date: 2025-12-01/2026-05-18 weak" in undated.browser.words
    undated.browser.tick_suggested()
    undated.do("update")
    assert undated.browser.status == 200
    assert undated.held(WHEN) == "2025-12-01/2026-05-18"
    assert undated.held("incidents-0-occurred-as_stated") == "since the winter"
    assert "Date: weak · “since the winter”" in undated.browser.words
    assert undated.held("incidents-2-place") == "Taraz"
    assert undated.held("published") == "2026-05-18"
    # Nothing is stored until it is saved.
    assert date_of(app) == ""
    assert undated.counts() == [0, 0, 0, 0, 0]

    undated.browser.press(SAVE, {"title": "A case"})
    assert "Saved: 6 records." in undated.browser.words, undated.wrong()
    assert date_of(app) == "2026-05-18"
    with as_user(app):
        first = db.session.scalars(select(Incident).order_by(Incident.id)).first()
        assert first is not None
        assert str(first.earliest) == "2025-12-01"
        edits = select(AuditEvent).where(AuditEvent.action == "article:edit")
        assert [one.subject for one in db.session.scalars(edits)] == [undated.ref]


def test_a_period_read_from_the_typed_date_sets_frequency_and_quote_of_each_incident(
    app: Flask, undated: Desk
):
    extents = [f"incidents-{number}-extent" for number in range(4)]
    quotes = [f"incidents-{number}-quote" for number in range(4)]
    assert [undated.held(name) for name in extents] == ["once"] * 4
    assert [undated.held(name) for name in quotes] == ["2", "3", "4", "5"]

    undated.do("date", {"published": "2026-05-18", extents[3]: "repeated"})
    assert [undated.held(name) for name in extents] == ["lasting"] * 3 + ["repeated"]
    assert [undated.held(name) for name in quotes] == ["2", "2-3", "2, 4", "2, 5"]

    undated.browser.tick_suggested()
    undated.do("update")
    undated.browser.press(SAVE, {"title": "A case"})
    assert "Saved: 6 records." in undated.browser.words, undated.wrong()
    with as_user(app):
        saved = db.session.scalars(select(Incident).order_by(Incident.id)).all()
        assert [(str(one.earliest), one.extent.value) for one in saved] == [
            ("2025-12-01", "lasting"), ("2025-12-01", "lasting"), ("2025-12-01", "lasting"),
            ("2025-12-01", "repeated"),
        ]  # fmt: skip
        assert [row.sentence_numbers() for row in saved[2].citations] == [(2,), (4,)]


def test_a_period_that_nobody_saw_is_shown_before_it_is_saved(app: Flask, undated: Desk):
    undated.browser.press(SAVE, {"title": "A case", "published": "2026-05-18"})

    assert undated.browser.status == 422
    assert "Check them and save again" in undated.wrong()["published"]
    assert undated.held("incidents-1-extent") == "lasting"
    assert undated.counts() == [0, 0, 0, 0, 0]


def test_dates_that_were_not_counted_anew_are_shown_before_they_are_saved(
    app: Flask, undated: Desk
):
    undated.do("date", {"published": "2025-05-18"})
    undated.browser.tick_suggested()
    undated.do("update")
    undated.browser.press(SAVE, {"title": "A case", "published": "2026-05-18"})

    assert undated.browser.status == 422
    assert undated.wrong() == {"published": "Dates below changed. Check them and save again."}
    assert undated.held(WHEN) == "2025-12-01/2026-05-18"
    assert undated.held("title") == "A case"
    assert undated.counts() == [0, 0, 0, 0, 0]
    undated.browser.press(SAVE)
    assert undated.counts() == [4, 1, 1, 1, 2]
    assert date_of(app) == "2026-05-18"


def test_a_date_that_somebody_typed_is_not_counted_anew(undated: Desk):
    undated.do("date", {"published": "2026-05-18"})
    undated.browser.tick_suggested()
    undated.do("date", {"published": "2025-05-18", WHEN: "2026-01"})
    assert undated.held(WHEN) == "2026-01"

    undated.do("date", {"published": "2025-05-18", WHEN: "2025-12-01/2026-05-18"})
    assert undated.held(WHEN) == "2024-12-01/2025-05-18"


@pytest.mark.parametrize(
    ("said", "why"), [("yesterday", "Write a date like"), ("2031", "after the day by which")]
)
def test_what_is_no_date_is_said_at_its_field_and_stores_nothing(
    app: Flask, undated: Desk, said: str, why: str
):
    undated.do("date", {"published": said, "title": "A case"})
    assert why in undated.wrong()["published"]
    undated.browser.press(SAVE)

    assert undated.browser.status == 422
    assert why in undated.wrong()["published"]
    assert undated.held("published") == said
    assert undated.held("title") == "A case"
    assert undated.counts() == [0, 0, 0, 0, 0]
    assert date_of(app) == ""


def test_a_date_is_kept_where_nothing_else_is_recorded(app: Flask, desk: Desk):
    desk.browser.open(desk.address)
    desk.browser.press(SAVE, {"published": "2026-05-19"})

    assert "Nothing was accepted; no record was saved." in desk.browser.words
    assert "The publication date was saved." in desk.browser.words
    assert (date_of(app), desk.counts()) == ("2026-05-19", [0, 0, 0, 0, 0])


def test_a_date_that_others_typed_meanwhile_is_not_saved_over_unseen(app: Flask, desk: Desk):
    with as_user(app):
        latest_possible_date = date(2026, 6, 1)
        db.session.scalars(select(Article)).one().when = parse_when(
            "2026-05-20", latest_possible_date=latest_possible_date
        )
        db.session.commit()
    sent: dict[str, object] = {"title": "A case", "published": "2026-05-19"}
    desk.browser.press(SAVE, sent | {"incidents-1-quote": "99"})

    assert desk.browser.status == 422
    assert "Somebody changed this to “2026-05-20” in the meantime." in desk.wrong()["published"]
    assert set(desk.wrong()) == {"published", "incidents-1-quote"}
    assert (date_of(app), desk.counts()) == ("2026-05-20", [0, 0, 0, 0, 0])
    desk.browser.press(SAVE, {"incidents-1-quote": "3"})
    assert date_of(app) == "2026-05-19"


def test_the_date_of_another_teams_article_is_theirs(app: Flask, desk: Desk):
    theirs = another(app, "stranger", team="Elsewhere")
    accept_all(theirs, desk.address)
    assert theirs.page.xpath('//*[@name="published"]') == []
    form, _button = theirs._form_with(SAVE)
    data = theirs._held(form) | {"title": "Our case", "published": "2020-01-01"}
    theirs._take(theirs.client.post(desk.address, data=data), desk.address)

    assert "Saved: 6 records." in theirs.words
    assert date_of(app) == "2026-05-18"


def test_a_date_may_be_given_with_what_comes_in(app: Flask, browser: Browser):
    browser.open("/intake/new")
    browser.press("Import", {"text": REPORT, "published": "soon"})
    assert browser.status == 422
    assert "Write a date like" in browser.words
    assert "eleven letters" in browser.text

    browser.press("Import", {"published": "2026-04-07"})
    assert "Suggested records" in browser.words
    assert date_of(app) == "2026-04-07"


# What Enter does.


def test_enter_in_any_field_saves_nothing_and_keeps_what_was_typed(app: Flask, desk: Desk):
    for name in ("published", "title", "more_quote", "incidents-0-place", "accounts-0-handle"):
        desk.open()
        desk.browser.enter(name, "2025-05")

        assert desk.browser.status == 200, name
        assert desk.held(name) == "2025-05"
        assert desk.ticked("incidents-0-use") == ["y"]
        assert desk.browser.address.partition("#")[0] == desk.address
    assert desk.counts() == [0, 0, 0, 0, 0]
    assert date_of(app) == DAY.isoformat()


def test_enter_saves_nothing_in_any_field_of_the_page(app: Flask, browser: Browser):
    _item, article = put(app, text=TEXT)
    browser.open(f"/intake/{article}/")
    forms = browser.page.xpath('//main//form[@method="post"]')
    names = [form.xpath('.//input[not(@type) or @type="text"]/@name')[:1] for form in forms]
    # One form holds every field and button, so that no button drops what stands in the others.
    assert len(forms) == 1
    for (name,) in filter(None, names):
        browser.open(f"/intake/{article}/")
        browser.enter(name, "It is about sport.")
        assert browser.address.partition("#")[0] == f"/intake/{article}/", name
    assert stored(app)[0].state is InboxState.RECEIVED


def test_another_language_keeps_what_was_typed(app: Flask, desk: Desk):
    assert not desk.browser.page.xpath('//a[contains(@href, "/language/")]')
    others = desk.browser.page.xpath('//button[starts-with(@value, "language ")]')
    assert [(one.get("value"), one.get("lang")) for one in others] == [
        ("language ru", "ru"), ("language kk", "kk"),
    ]  # fmt: skip
    desk.do("language ru", {"incidents-2-place": "Taraz", "incidents-0-use": "", "title": "Дело"})

    assert desk.browser.page.get("lang") == "ru"
    assert "Место" in desk.browser.words
    assert (desk.held("incidents-2-place"), desk.held("title")) == ("Taraz", "Дело")
    assert desk.ticked("incidents-0-use") == []
    assert desk.counts() == [0, 0, 0, 0, 0]
    # It stays chosen.
    desk.browser.open("/cases/")
    assert desk.browser.page.get("lang") == "ru"
    desk.browser.open(desk.address)
    form = desk.browser.page.xpath('//form[.//*[@name="incidents-0-place"]]')[0]
    data = desk.browser._held(form) | {"do": "language xx"}
    desk.browser._take(desk.browser.client.post(desk.address, data=data), desk.address)
    assert (desk.browser.status, desk.browser.page.get("lang")) == (200, "ru")


# Where an error stands.


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"incidents-1-quote": "99"}, "Incident 2: Quote: The article has no sentence"),
        ({"incidents-2-targets-0-number": "few"}, "Incident 3: At least how many (of a group):"),
        ({"incidents-0-occurred-when": "soon"}, "Incident 1: When: Write a date"),
        ({"accounts-0-quote": "98"}, "Fake account 1: Quote: The article has no sentence"),
        ({"responses-0-acts-0-quote": "97"}, "Official response 1: Quote of the act: The article"),
    ],
)
def test_an_error_says_to_which_row_it_belongs_and_leads_to_its_field(
    desk: Desk, sent: dict[str, object], said: str
):
    desk.browser.press(SAVE, {"title": "A case"} | sent)
    (line,) = desk.browser.page.xpath('//*[@class="errors"]//li')

    assert " ".join(line.text_content().split()).startswith(said)
    (field,) = desk.browser.page.xpath(f'//*[@id="{line.xpath("./a/@href")[0][1:]}"]')
    assert field.get("name") in sent


def test_all_that_is_wrong_in_rows_within_rows_is_said_at_once_and_stays_typed(desk: Desk):
    (body,) = desk.ticked("responses-0-institution-chosen")
    # In which the region of the same row does not lie.
    elsewhere: dict[str, object] = {"incidents-1-country": "AZ"}
    sent: dict[str, object] = {
        "published": "soon",
        "incidents-0-occurred-when": "soon",
        "incidents-0-targets-1-number": "few",
        "incidents-1-quote": "99",
        "incidents-1-region": "KZ-75",
        "incidents-2-types": [],
        "accounts-0-quote": "98",
        "accounts-0-first_seen-when": "05/06/2025",
        # It may be the ministry on record, or another one.
        "responses-0-institution-name": "Ministry of Culture & Information",
        "responses-0-made-when": "yesterday",
        "responses-0-acts-1-quote": "97",
        "title": "",
    }
    desk.browser.press(SAVE, sent | elsewhere)
    assert set(desk.wrong()) == set(sent)
    for name, value in (sent | elsewhere).items():
        assert name == "incidents-2-types" or desk.held(name) == value, name

    # One after the other is put right; the rest is still said, and still there.
    right: dict[str, object] = {
        "published": "2026-05-18", "title": "A case", "incidents-0-occurred-when": "16 May 2025", "incidents-1-quote": "3",
        "incidents-2-types": ["impersonation.journalist"], "accounts-0-quote": "2, 4",
    }  # fmt: skip
    desk.browser.press(SAVE, right)
    assert set(desk.wrong()) == set(sent) - set(right)
    right = {
        "incidents-0-targets-1-number": "", "incidents-1-country": "KZ", "accounts-0-first_seen-when": "май 2025",
        "responses-0-institution-chosen": body, "responses-0-made-when": "16.05.2026",
        "responses-0-acts-1-quote": "6, 8",
    }  # fmt: skip
    desk.browser.press(SAVE, right)
    assert "Saved: 6 records." in desk.browser.words, desk.wrong()


def test_regions_follow_the_country(app: Flask, desk: Desk):
    def regions() -> set[str]:
        return set(desk.browser.page.xpath('//select[@name="incidents-0-region"]/option/@value'))

    assert regions()
    assert {one[:2] for one in regions() if one} == {"KZ"}
    desk.do("update", {"incidents-0-country": "KG"})
    assert {one[:2] for one in regions() if one} == {"KG"}
    desk.do("update", {"incidents-0-country": "TM"})
    assert regions() == {""}
    desk.do("update", {"incidents-0-country": "KZ"})
    (region, *_others) = sorted(regions() - {""})
    desk.browser.press(
        SAVE,
        {"title": "A case", "incidents-0-region": region, "incidents-0-country": "TM"},
    )
    assert desk.wrong() == {"incidents-0-region": "This region lies in another country."}
    assert desk.held("incidents-0-region") == region
    assert regions() == {"", region}
    assert desk.counts() == [0, 0, 0, 0, 0]


# What is changed in a record that is not ticked.


@pytest.mark.parametrize(
    ("row", "sent"),
    [
        ("incidents-1", {"incidents-1-place": "Taraz"}),
        ("incidents-1", {"incidents-1-types": ["intimidation.visit"]}),
        ("incidents-1", {"incidents-1-targets-1-use": ""}),
        ("incidents-0", {"incidents-0-occurred-when": ""}),
        ("incidents-2", {"incidents-2-occurred-when": "May 2025"}),
        ("incidents-2", {"incidents-2-quote": ""}),
        ("incidents-3", {"incidents-3-targets-0-who-name": "Asem T."}),
        ("accounts-0", {"accounts-0-handle": "@false"}),
        ("accounts-0", {"accounts-0-impersonates-0-who-name": "Asem T."}),
        ("responses-0", {"responses-0-official": "Another"}),
        ("responses-0", {"responses-0-acts-1-quote": "6"}),
    ],
)
def test_what_is_changed_in_a_record_that_is_not_ticked_is_not_dropped(
    desk: Desk, row: str, sent: dict[str, object]
):
    desk.browser.open(desk.address)
    ticked = "responses-0" if row == "incidents-0" else "incidents-0"
    desk.browser.press(SAVE, {f"{ticked}-use": "y", "title": "A case"} | sent)

    assert desk.browser.status == 422
    assert set(desk.wrong()) == {f"{row}-use"}
    assert "did not accept it" in desk.wrong()[f"{row}-use"]
    assert desk.counts() == [0, 0, 0, 0, 0]
    (name, value), *_others = sent.items()
    if isinstance(value, list) or name.endswith("-use"):
        assert desk.ticked(name) == (value or [])
    else:
        assert desk.held(name) == value
    # It stays refused until it is accepted, or skipped on purpose.
    desk.browser.press(SAVE)
    assert set(desk.wrong()) == {f"{row}-use"}
    desk.browser.press(SAVE, {f"{row}-use": "skip"})
    assert "Saved: 1 record." in desk.browser.words, desk.wrong()


def test_what_the_page_fills_in_or_shows_is_no_change_of_a_record_that_is_not_ticked(desk: Desk):
    with as_user(desk.app) as user:
        make_journalist(ASEM, by=user)
        db.session.commit()
    desk.browser.open(desk.address)
    for do in ("open incidents 1", "open responses 0", "update"):
        desk.do(do)
    # A country is carried on, and a name chosen at one row holds for the same name in others.
    first: dict[str, object] = {
        "incidents-0-use": "y", "incidents-0-quote": "99", "title": "A case"
    }  # fmt: skip
    desk.browser.press(SAVE, first)
    assert set(desk.wrong()) == {"incidents-0-quote"}
    desk.do("date", {"published": "2026-05-19"})
    desk.browser.press(SAVE, {"incidents-0-quote": "2"})

    assert "Saved: 1 record." in desk.browser.words, desk.wrong()


def test_a_record_that_is_ticked_after_all_is_saved_with_its_changes(app: Flask, desk: Desk):
    desk.browser.open(desk.address)
    desk.browser.press(SAVE, {"incidents-0-place": "Taraz", "title": "A case"})
    assert set(desk.wrong()) == {"incidents-0-use"}
    desk.browser.press(SAVE, {"incidents-0-use": "y"})

    assert "Saved: 1 record." in desk.browser.words, desk.wrong()
    with as_user(app):
        assert [one.place for one in db.session.scalars(select(Incident))] == ["Taraz"]


def test_a_record_on_record_that_is_chosen_in_one_that_is_not_ticked_is_asked_about(
    app: Flask, desk: Desk
):
    known = put_on_record(app)
    desk.browser.open(desk.address)
    desk.browser.press(SAVE, {"incidents-0-same_as": known})

    assert set(desk.wrong()) == {"incidents-0-use"}
    desk.browser.press(SAVE, {"incidents-0-use": "y"})
    assert "1 record that was there before has this article as a source now." in desk.browser.words


# What is on record already.


def put_on_record(app: Flask, kind: str = "threat.other", **given: Any) -> str:
    """File an incident with Asem as its target in a case, and return its ref."""
    with as_user(app) as user:
        known = make_journalist(ASEM, by=user)
        target = TargetFacts(kind=TargetKind.JOURNALIST, journalist=known)
        made = make_incident(kind, targets=[target], by=user, **given)
        case = open_case(
            "The paper", country="KZ", team_id=user.team_ids[0], visibility=made.visibility, by=user
        )
        file_records(case, [made], by=user)
        db.session.commit()
        return made.ref


def told_beside(desk: Desk) -> dict[str, list[str]]:
    """Return the refs of the incidents pointed out beside each incident that has any."""
    rows = desk.browser.page.xpath('//fieldset[@class="draft"][starts-with(@id, "incidents-")]')
    found = {}
    for row in rows:
        box = row.xpath('.//*[contains(@id, "same_as")]')
        if box:
            found[row.get("id")] = re.findall(r"INC-\w{10}", box[0].text_content())
    return found


def test_what_looks_the_same_is_pointed_out_with_its_date_and_types(app: Flask, desk: Desk):
    known = put_on_record(app)
    desk.open()

    # The same person and the same type; the others are of other types and other days.
    assert told_beside(desk) == {"incidents-0": [known]}
    assert f"{known} June 2025 · {ASEM} Other or unspecified threat" in desk.browser.words
    assert desk.held("incidents-0-same_as") == known
    assert desk.ticked("incidents-0-same_as") == []
    # Which it is has to be said before anything is saved.
    desk.browser.press(SAVE, {"title": "A case"})
    assert desk.wrong() == {"incidents-0-same_as": "Is this an existing record? Choose below."}
    assert desk.counts()[0] == 1
    desk.browser.press(SAVE, {"incidents-0-same_as": "new"})
    assert desk.counts()[0] == 5


def test_of_several_the_most_alike_stands_first_in_each_card(app: Flask, desk: Desk):
    when = parse_when("2026-04", latest_possible_date=DAY)
    threat = put_on_record(app, occurred=when, place="Taraz")
    with as_user(app) as user:
        asem = db.session.scalars(select(Journalist)).one()
        target = TargetFacts(kind=TargetKind.JOURNALIST, journalist=asem)
        visit = make_incident("intimidation.visit", targets=[target], occurred=when, by=user).ref
        db.session.commit()
    desk.browser.open(desk.address)
    told = told_beside(desk)
    assert told["incidents-0"] == [threat, visit]
    assert told["incidents-1"] == [visit, threat]
    assert f"{threat} April 2026 · {ASEM} · Taraz Other" in desk.browser.words


@pytest.mark.parametrize(
    ("told", "place", "better"),
    [
        ("2025-03-05", "", "2025-03-04"),
        ("2025-06", "", "2025-06-02"),
        ("", "Taraz", "2025-03-04"),
        ("2025-06-02", "Taraz", "2025-06-02"),
    ],
)
def test_a_nearer_date_and_the_same_place_make_incidents_more_alike(
    told: str, place: str, better: str
):
    def known(day: str, where: str) -> Any:
        when = parse_when(day, latest_possible_date=DAY)
        return SimpleNamespace(when=when, place=where, targets=[], types=[])

    both = [known("2025-03-04", "Taraz" if not told else ""), known("2025-06-02", "")]
    likeness = [incident_similarity(one, [], [], date_input=told, place=place) for one in both]
    assert str(max(zip(likeness, both, strict=True))[1].when.earliest) == better


def test_an_overlapping_date_is_enough_and_another_day_is_not(app: Flask, desk: Desk):
    known = put_on_record(
        app, "legal.search", occurred=parse_when("2026-03", latest_possible_date=DAY)
    )
    desk.open()
    # The period of the article is that of all its incidents.
    assert told_beside(desk) == {f"incidents-{number}": [known] for number in range(4)}

    typed = {0: "2025-11", 1: "2026-03-14", 2: "2025-11", 3: "2025-11"}
    desk.do("date", {f"incidents-{one}-occurred-when": when for one, when in typed.items()})
    assert told_beside(desk) == {"incidents-1": [known]}


def test_what_befell_somebody_else_is_not_pointed_out(app: Flask, desk: Desk):
    put_on_record(app)
    desk.open()
    desk.do("date", {"incidents-0-targets-0-who-chosen": "new"})

    assert told_beside(desk) == {}


def test_what_is_retracted_is_neither_pointed_out_nor_added_to(app: Flask, desk: Desk):
    known = put_on_record(app)
    with as_user(app, "monitor", Role.MONITOR) as user:
        incident = db.session.scalars(select(Incident)).one()
        retract_record(incident, reason=RetractReason.DID_NOT_HAPPEN, note="", by=user)
        db.session.commit()
    desk.open()
    assert told_beside(desk) == {}
    form, _button = desk.browser._form_with(SAVE)
    data = desk.browser._held(form) | {"incidents-0-same_as": known}
    desk.browser._take(desk.browser.client.post(desk.address, data=data), desk.address)
    assert desk.browser.status == 422
    assert desk.counts()[0] == 1


def test_the_article_may_become_a_source_of_what_is_on_record(app: Flask, desk: Desk):
    known = put_on_record(app)
    desk.open()
    # Said by hand, it answers all incidents of the article.
    all_of_them: dict[str, object] = {"responses-0-answers_scope": "incidents"}
    desk.browser.press(SAVE, all_of_them | {"incidents-0-same_as": known, "incidents-0-quote": "2"})

    assert (
        "Saved: 5 records. 1 record that was there before has this article as a source now."
        in desk.browser.words
    )
    with as_user(app):
        incidents = db.session.scalars(select(Incident).order_by(Incident.id)).all()
        assert len(incidents) == 4
        assert incidents[0].ref == known
        assert [one.article.ref for one in incidents[0].citations if one.article][1:] == [desk.ref]
        assert incidents[0].citations[1].sentence_numbers() == (2,)
        # Nothing else of the row was recorded.
        assert [one.journalist.name for one in incidents[0].targets if one.journalist] == [ASEM]
        response = db.session.scalars(select(OfficialResponse)).one()
        assert known in {one.incident.ref for one in response.answers if one.incident}


def test_an_article_that_only_adds_a_source_is_logged_and_opens_no_case(app: Flask, desk: Desk):
    known = put_on_record(app)
    desk.browser.open(desk.address)
    sent: dict[str, object] = {"incidents-0-use": "y", "incidents-0-same_as": known}
    desk.browser.press(SAVE, sent | {"case": "", "title": ""})

    assert "1 record that was there before has this article as a source now." in desk.browser.words
    assert "Saved:" not in desk.browser.words
    assert desk.counts()[0] == 1
    assert desk.counts()[3] == 1


@pytest.mark.parametrize(
    ("state", "is_said"),
    [
        (EditorialState.IN_REVIEW, True),
        (EditorialState.APPROVED, True),
        (EditorialState.RETURNED, False),
        (EditorialState.DRAFT, False),
    ],
)
def test_that_a_source_makes_a_draft_again_is_said_before_and_after(
    app: Flask, desk: Desk, state: EditorialState, is_said: bool
):
    known = put_on_record(app)
    with as_user(app):
        db.session.scalars(select(Incident)).one().state = state
        db.session.commit()
    desk.browser.open(desk.address)
    before = "Adding this article makes it a draft again"
    assert (before in desk.browser.words) is is_said
    sent: dict[str, object] = {"incidents-0-use": "y", "incidents-0-same_as": known}
    desk.browser.press(SAVE, sent | {"case": "", "title": ""})

    assert "1 record that was there before has this article as a source now." in desk.browser.words
    after = "1 record is a draft again"
    assert (after in desk.browser.words) is is_said
    with as_user(app):
        stands = db.session.scalars(select(Incident)).one().state
        assert stands is (EditorialState.DRAFT if is_said else state)


def test_records_that_are_cited_or_chosen_are_offered_however_many_others_there_are(
    app: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(confirm_queries, "MAX_CASES_TO_CHOOSE_FROM", 3)
    monkeypatch.setattr(confirm_forms, "MAX_MATCHES_OFFERED", 3)
    cited = put_on_record(app, occurred=parse_when("2019-03", latest_possible_date=DAY))
    chosen = put_on_record(app, occurred=parse_when("2018-03", latest_possible_date=DAY))
    with as_user(app) as user:
        asem = db.session.scalars(select(Journalist).order_by(Journalist.id)).first()
        assert asem is not None
        target = TargetFacts(kind=TargetKind.JOURNALIST, journalist=asem)
        for month in range(1, 6):
            when = parse_when(f"2026-0{month}", latest_possible_date=DAY)
            make_incident("threat.other", targets=[target], occurred=when, by=user)
        article = db.session.scalars(select(Article).where(Article.ref == desk.ref)).one()
        old = db.session.scalars(select(Incident).where(Incident.ref == cited)).one()
        add_citations(old, article, "2", by=user)
        db.session.commit()
    desk.browser.open(desk.address)
    assert cited in desk.browser.words
    sent: dict[str, object] = {"incidents-0-use": "y", "incidents-0-quote": "99"}
    form, _button = desk.browser._form_with(SAVE)
    data = desk.browser._held(form) | sent | {"incidents-0-same_as": chosen}
    desk.browser._take(desk.browser.client.post(desk.address, data=data), desk.address)

    assert set(desk.wrong()) == {"incidents-0-quote"}
    assert desk.ticked("incidents-0-same_as") == [chosen]
    assert cited in desk.browser.words


def restrict(app: Flask, desk: Desk) -> None:
    """Restrict the article of the desk to its team."""
    with as_user(app):
        article = db.session.scalars(select(Article).where(Article.ref == desk.ref)).one()
        article.visibility = Visibility.RESTRICTED
        db.session.commit()


def test_an_article_of_the_team_is_shared_where_records_of_all_are_to_cite_it(
    app: Flask, desk: Desk
):
    known = put_on_record(app)
    assert "Share this article with all users" not in desk.browser.words
    restrict(app, desk)
    desk.open(excluding=tuple(f"incidents-{number}" for number in range(1, 4)))
    sent: dict[str, object] = {"incidents-0-same_as": known, "accounts-0-quote": "98"}
    desk.browser.press(SAVE, sent | {"title": "A case"})

    # It is said with all the rest, and where it can be put right.
    assert set(desk.wrong()) == {"incidents-0-same_as", "accounts-0-quote"}
    assert "only your team sees this article" in desk.wrong()["incidents-0-same_as"]
    desk.browser.press(SAVE, {"accounts-0-quote": "4", "share": "y"})
    assert "1 record that was there before has this article as a source now." in desk.browser.words
    assert "This article is now shared with all users." in desk.browser.words
    with as_user(app):
        assert (
            db.session.scalars(select(Article).where(Article.ref == desk.ref)).one().visibility
            is Visibility.INTERNAL
        )
        # What is new follows the article.
        made = db.session.scalars(select(OfficialResponse)).one()
        assert made.visibility is Visibility.INTERNAL
        edits = select(AuditEvent.changes).where(AuditEvent.action == "article:edit")
        assert {"visibility": ["restricted", "internal"]} in list(db.session.scalars(edits))


def test_the_box_that_shares_stands_there_before_a_record_that_needs_it_is_chosen(
    app: Flask, desk: Desk
):
    known = put_on_record(app)
    restrict(app, desk)
    desk.open(excluding=tuple(f"incidents-{number}" for number in range(1, 4)))
    # The record says what its choice needs, and nothing is shared beforehand.
    (offered,) = desk.browser.page.xpath(f'//label[input/@value="{known}"]')
    assert "All users see it: tick “Share this article with all users”" in offered.text_content()
    assert desk.ticked("share") == []
    desk.browser.press(SAVE, {"incidents-0-same_as": known, "share": "y", "title": "A case"})
    assert "This article is now shared with all users." in desk.browser.words, desk.wrong()


def test_new_records_may_stay_with_the_team_where_the_article_is_shared(app: Flask, desk: Desk):
    known = put_on_record(app)
    restrict(app, desk)
    desk.open(excluding=tuple(f"incidents-{number}" for number in range(1, 4)))
    desk.do("update", {"incidents-0-same_as": known, "title": "A case"})
    desk.browser.press("Save for my team only", {"share": "y"})

    assert "This article is now shared with all users." in desk.browser.words, desk.wrong()
    with as_user(app):
        made = db.session.scalars(select(OfficialResponse)).one()
        assert made.visibility is Visibility.RESTRICTED


@pytest.mark.parametrize("is_ticked", [True, False])
def test_no_article_is_shared_where_no_ticked_row_needs_it(app: Flask, desk: Desk, is_ticked: bool):
    known = put_on_record(app)
    restrict(app, desk)
    desk.open()
    chosen: dict[str, object] = {"title": "A case", "incidents-0-same_as": known}
    desk.do("update", chosen)
    assert "Share this article with all users" in desk.browser.words
    # The row that needed it is unticked, or said to be another record.
    rows = desk.fields("incidents-") + desk.fields("accounts-") + desk.fields("responses-")
    kept: dict[str, object] = {"incidents-0-same_as": "new"}
    left = {one: "skip" for one in rows if re.fullmatch(r"\w+-\d+-use", one)}
    form, _button = desk.browser._form_with(SAVE)
    sent = desk.browser._held(form) | {"share": "y"} | (kept if is_ticked else left)
    desk.browser._take(desk.browser.client.post(desk.address, data=sent), desk.address)

    assert desk.browser.status == 200, desk.wrong()
    assert "This article is now shared with all users" not in desk.browser.words
    with as_user(app):
        article = db.session.scalars(select(Article).where(Article.ref == desk.ref)).one()
        assert article.visibility is Visibility.RESTRICTED


def test_another_teams_article_is_not_shared_by_a_forged_form(app: Flask, desk: Desk):
    with as_user(app):
        db.session.scalars(select(Article)).one().visibility = Visibility.RESTRICTED
        db.session.commit()
    theirs = another(app, "stranger", team="Elsewhere")
    theirs.client.post(desk.address, data={"share": "y"})
    with as_user(app):
        assert db.session.scalars(select(Article)).one().visibility is Visibility.RESTRICTED


def test_words_that_stand_nowhere_add_no_source(app: Flask, desk: Desk):
    known = put_on_record(app)
    desk.open()
    desk.browser.press(SAVE, {"incidents-0-same_as": known, "incidents-0-quote": "99"})

    assert desk.browser.status == 422
    assert list(desk.wrong()) == ["incidents-0-quote"]
    assert desk.ticked("incidents-0-same_as") == [known]
    assert desk.counts() == [1, 0, 0, 1, 1]


@pytest.mark.parametrize("is_hidden", [True, False])
def test_what_another_team_keeps_gets_no_source_by_a_forged_form(
    app: Flask, desk: Desk, is_hidden: bool
):
    with as_user(app, "stranger", team="Elsewhere") as user:
        visibility = Visibility.RESTRICTED if is_hidden else Visibility.INTERNAL
        theirs = make_incident(
            article=make_article("Theirs", by=user, text=ANOTHER), visibility=visibility, by=user
        ).ref
        db.session.commit()
    form, _button = desk.browser._form_with(SAVE)
    for sent in (theirs, "INC-0000000000", "' OR 1=1", "\x00"):
        data = desk.browser._held(form) | {"title": "A case", "incidents-0-same_as": sent}
        desk.browser._take(desk.browser.client.post(desk.address, data=data), desk.address)
        assert desk.browser.status == 422
        assert "There is no such record, or your team may not change it." in desk.browser.words
    with as_user(app, "stranger", team="Elsewhere"):
        assert len(db.session.scalars(select(Incident)).one().citations) == 1


# Which body answered, and when.


def test_the_state_named_beside_a_body_goes_before_that_of_the_article(app: Flask, desk: Desk):
    response = desk.made.responses[0]
    response.institution, response.country = "Ministry of Culture and Information", "KG"
    desk.open()

    # That of Kazakhstan, which is on record, is offered and not meant.
    assert "Ministry of Culture and Information of Kazakhstan" in desk.browser.words
    assert desk.ticked("responses-0-institution-chosen") == []
    assert desk.held("responses-0-country") == "KG"
    desk.browser.press(SAVE)
    assert desk.counts()[2] == 0
    desk.browser.press(SAVE, {"responses-0-institution-chosen": "new"})
    with as_user(app):
        body = db.session.scalars(select(OfficialResponse)).one().institution
        assert (body.name, body.country) == ("Ministry of Culture and Information", "KG")

    response.country = "KZ"
    desk.open()
    (chosen,) = desk.ticked("responses-0-institution-chosen")
    assert chosen != "new"


@pytest.mark.parametrize("chosen", ["preselected", "new"])
def test_a_name_typed_over_one_that_was_matched_is_asked_about(app: Flask, desk: Desk, chosen: str):
    desk.open()
    (known,) = desk.ticked("responses-0-institution-chosen")
    if chosen == "new":
        sent: dict[str, object] = {"responses-0-institution-chosen": "new"}
        desk.do("update", sent | {"responses-0-institution_kind": "ministry"})
        assert desk.ticked("responses-0-institution-chosen") == ["new"]
    typed_over = "Ministry of Culture & Information"
    for press in ("save", "update"):
        if press == "save":
            desk.browser.press(SAVE, {"responses-0-institution-name": typed_over, "title": "A"})
            asked = "Is this an existing record? Choose below."
            assert desk.wrong()["responses-0-institution-name"] == asked
        else:
            desk.do("update", {"responses-0-institution-name": typed_over})
        assert desk.held("responses-0-institution-name") == typed_over
        assert known in desk.browser.words
        assert desk.ticked("responses-0-institution-chosen") == []
        assert desk.counts()[2] == 0
    # What is chosen now is chosen for this name, and is kept.
    desk.browser.press(SAVE, {"responses-0-institution-chosen": known, "published": "soon"})
    assert desk.ticked("responses-0-institution-chosen") == [known]
    desk.browser.press(SAVE, {"published": "2026-05-18"})
    assert "Saved: 6 records." in desk.browser.words, desk.wrong()


def test_a_response_has_the_date_beside_the_words_that_say_so(app: Flask, desk: Desk):
    when = parse_when("2026-05-15", latest_possible_date=DAY, as_stated="on 15 May")
    passage = desk.made.passage("One of these profiles")
    desk.made.responses[0].when = FoundDate(passage, when)
    desk.open()

    assert "15 May 2026" in summary_of(desk, "responses-0")
    assert desk.held("responses-0-made-when") == "2026-05-15"
    assert desk.held("responses-0-made-as_stated") == "on 15 May"
    desk.browser.press(SAVE)
    with as_user(app):
        made = db.session.scalars(select(OfficialResponse)).one()
        assert made.when == when
    assert ("date", "", "accepted") in outcomes(app)


def test_a_response_without_a_date_has_the_day_of_the_article_as_its_last(app: Flask, desk: Desk):
    assert desk.held("responses-0-made-when") == "before 2026-05-19"
    assert "before 19 May 2026" in summary_of(desk, "responses-0")
    assert "it was made before the article was published" in desk.browser.words
    desk.browser.press(SAVE, {"title": "A case"})

    with as_user(app):
        made = db.session.scalars(select(OfficialResponse)).one()
        assert made.when == When(OPEN_START, DAY, Precision.BEFORE)
        # The first incident is told to last since the winter.
        threats = db.session.scalars(select(Incident).order_by(Incident.id)).first()
        assert threats
        threats.extent = Extent.REPEATED
        db.session.commit()
    # Nobody found a date of the response, and nobody added one.
    assert ("date", "", "added") not in outcomes(app)
    desk.browser.open(desk.browser.address)
    assert "No response for at most 168 days" in desk.browser.words
    rows = desk.browser.page.xpath("//table//tr")
    assert "condemns what was done, before 19 May 2026" in rows[-1].text_content()


def test_the_last_day_of_a_response_follows_the_publication_date_and_asks_nothing(
    app: Flask, undated: Desk, monkeypatch: pytest.MonkeyPatch
):
    made = found_in(TEXT)
    made.dates = []
    monkeypatch.setattr(proposal_views, "compute_suggestions", lambda _reading: made.found)
    undated.open()
    assert undated.held("responses-0-made-when") == ""
    undated.do("date", {"published": "2026-05-17"})
    assert undated.held("responses-0-made-when") == "before 2026-05-18"
    undated.browser.press(SAVE, {"title": "A case", "published": "2026-05-16"})

    assert "Saved: 6 records." in undated.browser.words, undated.wrong()
    with as_user(app):
        # What has no date was known on the day that was typed.
        for latest in (Incident.latest, OfficialResponse.latest):
            assert set(db.session.scalars(select(latest))) == {date(2026, 5, 16)}


def test_of_two_merged_responses_the_date_that_the_article_gives_stays(app: Flask, desk: Desk):
    passage = desk.made.passage("One of these profiles")
    desk.made.response("Police of Almaty", "", (ActType.STATEMENT, "called themselves police"))
    when = parse_when("2026-05-15", latest_possible_date=DAY)
    desk.made.responses[1].when = FoundDate(passage, when)
    desk.open()
    assert desk.held("responses-0-made-when") == "before 2026-05-19"
    assert desk.held("responses-1-made-when") == "2026-05-15"
    desk.do("join responses 1")
    assert desk.held("responses-0-made-when") == "2026-05-15"

    desk.made.responses.reverse()
    desk.open()
    desk.do("join responses 1")
    assert desk.held("responses-0-made-when") == "2026-05-15"


# What a card still needs.


def needed(desk: Desk) -> dict[str, str]:
    """Return what each card says that it still needs."""
    found = {}
    for card in desk.browser.page.xpath('//fieldset[@class="draft"]'):
        for one in card.xpath('./p[starts-with(normalize-space(.), "Still needed")]'):
            found[str(card.get("id"))] = " ".join(one.text_content().split())
    return found


def test_a_card_says_beforehand_what_it_needs_to_be_saved(app: Flask, desk: Desk):
    assert needed(desk) == {}
    desk.made.people = []
    desk.made.responses[0].institution = ""
    # Those of Almaty and Astana are on record.
    desk.made.response("Police", "", (ActType.STATEMENT, "called themselves police"))
    desk.open()
    said = needed(desk)
    assert said["incidents-1"] == "Still needed to save it: say who was meant."
    assert said["responses-0"] == "Still needed to save it: name the institution."
    assert said["responses-1"] == "Still needed to save it: choose who is meant."
    # What is to be filled in stands open; what is decided needs nothing.
    assert {"incidents-1", "responses-0", "responses-1"} <= set(open_cards(desk))
    desk.do("update", {"incidents-1-use": "skip", "responses-0-use": "skip"})
    assert not {"incidents-1", "responses-0"} & needed(desk).keys()
    assert not {"incidents-1", "responses-0"} & set(open_cards(desk))


def test_a_card_that_may_be_on_record_says_that_this_is_to_be_chosen(app: Flask, desk: Desk):
    known = put_on_record(app)
    desk.open()
    what = "Still needed to save it: choose whether it is an existing record."
    assert needed(desk)["incidents-0"] == what
    desk.do("update", {"incidents-0-same_as": known})
    assert "incidents-0" not in needed(desk)


def test_a_body_like_those_of_other_countries_alone_is_a_new_one(app: Flask, desk: Desk):
    with as_user(app) as user:
        for town in ("Osh", "Bishkek"):
            name, kind = f"Police Department of {town}", InstitutionKind.POLICE
            add_institution(name, kind=kind, country="KG", by=user)
        db.session.commit()
    desk.made.place("city paper", country="TJ")
    desk.made.responses[0].institution = "Police Department"
    desk.open()
    assert "Police Department of Osh" in desk.browser.words
    assert desk.ticked("responses-0-institution-chosen") == ["new"]

    # Where one of them is of the country it is asked which is meant.
    desk.made.place("staff", country="KG")
    desk.open()
    assert desk.ticked("responses-0-institution-chosen") == []
    assert needed(desk)["responses-0"].endswith("choose who is meant.")


def test_bodies_of_the_country_of_the_article_stand_first(app: Flask, desk: Desk):
    with as_user(app) as user:
        for town, country in (("Osh", "KG"), ("Bishkek", "KG"), ("Oral", "KZ")):
            name, kind = f"Militia Bureau of {town}", InstitutionKind.POLICE
            add_institution(name, kind=kind, country=country, by=user)
        db.session.commit()
    desk.made.responses[0].institution = "Militia Bureau"

    def offered(country: str) -> list[str]:
        desk.made.places.clear()
        desk.made.place("city paper", country=country)
        desk.open()
        labels = desk.browser.page.xpath(
            '//label[input[@name="responses-0-institution-chosen"]]/text()'
        )
        return [one.rpartition(" of ")[2].strip() for one in labels if " of " in one]

    assert offered("KZ") == ["Oral", "Bishkek", "Osh"]
    assert offered("KG") == ["Bishkek", "Osh", "Oral"]


def test_a_body_of_another_state_than_the_incidents_is_not_the_responsible_one(
    app: Flask, desk: Desk
):
    assert desk.held("responses-0-standing") == "responsible_state"
    response = desk.made.responses[0]
    response.institution, response.country = "Ministry of the Steppe", "UZ"
    desk.made.place("city paper", country="KZ")
    desk.open()
    assert desk.held("responses-0-standing") == "other_state"
    desk.browser.press(SAVE, {"title": "A case", "responses-0-answers_scope": "incidents"})
    assert "Saved: 6 records." in desk.browser.words, desk.wrong()


def test_where_no_country_is_known_it_is_asked_for_where_it_is_chosen(app: Flask, desk: Desk):
    asked = "The article names no country, and incidents need one"
    assert asked not in desk.browser.words
    with as_user(app):
        db.session.scalars(select(Outlet)).one().country = None
        db.session.commit()
    desk.open()
    assert asked in desk.browser.words
    desk.do("update", {"country": "KZ"})
    assert asked not in desk.browser.words


# The size of the page.


def countries(desk: Desk, name: str) -> int:
    return len(desk.browser.page.xpath(f'//select[@name="{name}"]/option'))


def types(desk: Desk, number: int) -> int:
    return len(desk.browser.page.xpath(f'//input[@name="incidents-{number}-types"]'))


def test_every_country_is_offered_and_types_stand_where_they_are_asked_for(app: Flask, desk: Desk):
    places = [*(f"incidents-{number}-country" for number in range(4)), "country"]
    assert min(countries(desk, one) for one in places) > 200
    assert types(desk, 0) == 1
    assert not desk.fields("responses-0-acts-0-acting")
    assert desk.fields("responses-0-acts-2-unspecified")
    desk.do("open incidents 1", {"title": "A case", "incidents-0-country": "KZ"})
    assert (types(desk, 0), types(desk, 1) > 50) == (1, True)
    both = ["property.damage", "intimidation.visit"]
    more: dict[str, object] = {"incidents-1-country": "NO", "incidents-1-types": both}
    desk.do("open responses 0", more)
    assert desk.held("incidents-1-country") == "NO"
    assert desk.ticked("incidents-1-types") == both
    desk.do("update", {"responses-0-acts-0-acting-name": "A court"})
    assert desk.held("responses-0-acts-0-acting-name") == "A court"
    back: dict[str, object] = {
        "country": "KZ",
        "incidents-2-country": "KZ",
        "responses-0-acts-0-acting-name": "",
    }
    desk.do("date", back)
    assert desk.held("country") == "KZ"

    desk.browser.press(SAVE)
    assert "Saved: 6 records." in desk.browser.words, desk.wrong()
    with as_user(app):
        rows = db.session.scalars(select(Incident).order_by(Incident.id))
        assert [one.country for one in rows] == ["KZ", "NO", "KZ", "KZ"]


NOTHING = {
    "en": ("The library opened a hall for readers. It has new windows and forty chairs.", "Nothing was recognised in this text. Please read it yourself"),
    "ru": ("Библиотека открыла зал для читателей. В нём новые окна и сорок стульев.", "В этом тексте ничего не распознано. Прочитайте его сами"),
    "kk": ("Кітапхана оқырмандарға жаңа зал ашты. Онда қырық орындық пен кең терезелер бар.", "Бұл мәтіннен ештеңе танылмады. Өзіңіз оқып шығып"),
}  # fmt: skip


@pytest.mark.parametrize("language", NOTHING)
def test_where_nothing_was_recognised_the_page_says_so_and_asks_to_read_it(
    app: Flask, browser: Browser, language: str
):
    text, said = NOTHING[language]
    with as_user(app) as user:
        number = make_article("A hall for readers", text=text, by=user).ref
        db.session.commit()

    page = browser.client.get(f"/intake/{number}/", headers={"Accept-Language": language}).text

    assert said in page


# Cards: what would be saved, the decision, and the fields behind Edit.


def summary_of(desk: Desk, row: str) -> str:
    words = desk.browser.page.xpath(f'//fieldset[@id="{row}"]/p')
    return " ".join(" ".join(one.text_content().split()) for one in words)


def open_cards(desk: Desk) -> list[str]:
    opened = '//fieldset[@class="draft"][./details[@class="edit"][@open]]/@id'
    return [str(one) for one in desk.browser.page.xpath(opened)]


def test_a_card_says_in_a_line_what_it_would_save(desk: Desk):
    desk.browser.open(desk.address)

    assert summary_of(desk, "incidents-0") == (
        "Other or unspecified threat weak check its sentence "
        "Asem Tulegenova, Daniyar Omarov · 1 December 2025 – 18 May 2026 · Kazakhstan · sentence 2"
    )
    assert "Condemnation; Blocking ordered" in summary_of(desk, "responses-0")
    assert "sentences 6, 7, 8" in summary_of(desk, "responses-0")
    assert open_cards(desk) == []
    assert desk.ticked("incidents-0-use") == []


def test_all_errors_stand_at_their_fields_and_their_cards_open(desk: Desk):
    sent: dict[str, object] = {
        "title": "A case",
        "incidents-1-occurred-when": "yesterday",
        "incidents-1-place": "Taraz",
        "incidents-3-quote": "99",
    }
    desk.browser.press(SAVE, sent)

    assert set(desk.wrong()) == {"incidents-1-occurred-when", "incidents-3-quote"}
    assert open_cards(desk) == ["incidents-1", "incidents-3"]
    assert {name: desk.held(name) for name in sent} == sent
    assert desk.ticked("incidents-1-use") == ["y"]
    desk.browser.press(SAVE, {"incidents-1-occurred-when": "2026-05-02", "incidents-3-quote": "5"})
    assert "Saved: 6 records." in desk.browser.words, desk.wrong()


def test_a_button_within_a_card_leads_back_to_it_and_leaves_it_open(desk: Desk):
    (button,) = desk.browser.page.xpath('//button[@value="part incidents 1"]')
    assert button.get("formaction") == "#incidents-1"

    desk.do("part incidents 1")
    assert open_cards(desk) == ["incidents-1"]
    desk.do("more", {"more": "accounts", "more_quote": "4"})
    assert open_cards(desk) == ["accounts-1"]


def test_the_page_is_updated_where_a_person_works(desk: Desk):
    (button,) = desk.browser.page.xpath('//button[@value="update incidents 1"]')
    assert button.get("formaction") == "#incidents-1"

    desk.do("update incidents 1", {"incidents-1-place": "Taraz"})
    assert open_cards(desk) == ["incidents-1"]
    assert "Taraz" in desk.browser.page.xpath('string(//fieldset[@id="incidents-1"]/p[2])')


def test_a_weak_card_is_called_weak_until_a_person_accepts_it(desk: Desk):
    desk.browser.open(desk.address)

    def badges(card: str) -> list[str]:
        path = f'//fieldset[@id="{card}"]/p[1]/span/text()'
        return [str(one) for one in desk.browser.page.xpath(path)]

    assert [badges("incidents-1"), badges("responses-0")] == [["weak"], ["weak"]]
    desk.do("update", {"incidents-1-use": "y"})
    assert [badges("incidents-1"), badges("responses-0")] == [[], ["weak"]]


def test_a_date_that_a_person_deleted_is_not_offered_again(desk: Desk):
    assert desk.held("incidents-0-occurred-when")
    desk.do("update", {"incidents-0-occurred-when": ""})
    assert desk.held("incidents-0-occurred-when") == ""
    assert "Use this: date" not in desk.browser.words

    # Of another publication date follows another date.
    desk.made.dates.clear()
    desk.made.date("since the winter", "2024-12/2025-05", DAY, is_period=True)
    desk.do("update", {"published": "18 May 2025", "incidents-0-use": "y"})
    assert "Use this: date" in desk.browser.page.xpath('string(//fieldset[@id="incidents-0"])')


def test_accounts_are_asked_about_only_where_there_are_some(desk: Desk):
    asked = "The fake accounts below were used in it"
    assert asked in desk.browser.words
    for one in list(desk.made.acts):
        if one.code.startswith("impersonation.journalist"):
            desk.made.acts.remove(one)
    desk.open()
    assert "accounts-0" not in desk.browser.text
    assert asked not in desk.browser.words
    # Nothing of what is not asked counts as a change.
    desk.browser.press(SAVE, {"title": "A case", "incidents-2-use": "skip"})
    assert desk.wrong() == {}
    assert desk.counts()[1] == 0


def test_what_is_skipped_is_not_saved_even_where_it_was_changed(desk: Desk):
    skipped: dict[str, object] = {"incidents-0-use": "skip", "incidents-0-place": "Taraz"}
    desk.do("update", skipped)
    assert desk.ticked("incidents-0-use") == ["skip"]
    desk.browser.press(SAVE, {"title": "A case"})

    assert "Saved: 5 records." in desk.browser.words, desk.wrong()
    assert desk.counts()[0] == 3


def states(app: Flask) -> set[EditorialState]:
    with as_user(app):
        kinds: tuple[Any, ...] = (Incident, FakeAccount, OfficialResponse)
        return {one.state for kind in kinds for one in db.session.scalars(select(kind))}


def test_new_records_are_submitted_for_review_in_the_same_step(app: Flask, desk: Desk):
    desk.browser.press(SUBMIT, {"title": ""})
    assert (desk.browser.status, states(app)) == (422, set())

    desk.browser.press(SUBMIT, {"title": "A case"})
    said = "Saved: 6 records. Submitted for review. Publication will also need: a public summary ("
    assert said in desk.browser.words
    assert states(app) == {EditorialState.IN_REVIEW}


def test_a_record_that_only_gets_a_source_is_not_submitted(app: Flask, desk: Desk):
    known = put_on_record(app)
    desk.browser.open(desk.address)
    desk.browser.press(SUBMIT, {"incidents-0-use": "y", "incidents-0-same_as": known})

    assert "Submitted for review" not in desk.browser.words
    assert states(app) == {EditorialState.DRAFT}


def test_period_place_and_country_are_typed_once_for_all_incidents(app: Flask, desk: Desk):
    facts: dict[str, object] = {
        "shared-when": "2025-05/2026-01",
        "shared-place": "Oral",
        "country": "KG",
    }
    desk.do("all", facts | {"incidents-3-place": "Taraz"})

    for number in range(4):
        assert desk.held(f"incidents-{number}-occurred-when") == "2025-05/2026-01"
        assert desk.held(f"incidents-{number}-place") == "Oral"
        assert desk.held(f"incidents-{number}-country") == "KG"
    assert desk.held("shared-when") == desk.held("shared-place") == ""
    # One that differs is changed after; what is typed and saved at once holds for all too.
    desk.browser.press(SAVE, {"title": "A case", "shared-place": "Osh", "country": "KZ"})
    with as_user(app):
        saved = db.session.scalars(select(Incident)).all()
        assert {(str(one.earliest), one.place, one.country) for one in saved} == {
            ("2025-05-01", "Osh", "KG")
        }


@pytest.mark.parametrize(
    ("when", "extent"),
    [
        ("3 – 9 May 2025", "lasting"),
        ("3-9 May 2025", "lasting"),
        ("early May 2025", "once"),
        ("mid-May 2025", "once"),
        ("2025-05", "once"),
    ],
)
def test_incidents_of_a_period_last_however_its_ends_are_typed(
    undated: Desk, when: str, extent: str
):
    undated.do("all", {"shared-when": when})

    assert undated.held("incidents-0-occurred-when") == when
    assert undated.held("incidents-0-extent") == extent


def test_what_is_no_period_is_said_where_it_was_typed(desk: Desk):
    desk.browser.press(SAVE, {"title": "A case", "shared-when": "yesterday"})

    assert list(desk.wrong()) == ["shared-when"]
    assert desk.held("shared-when") == "yesterday"
    assert desk.held(WHEN) == "2025-12-01/2026-05-18"
    assert desk.counts() == [0, 0, 0, 0, 0]

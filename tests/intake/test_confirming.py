"""The page that confirms what an article suggests, as staff use it with scripts off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import func, select

from tests.cases.records_made import cases_of
from tests.conftest import prepared
from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_journalist,
    make_outlet,
    sign_in_directly,
)
from tests.intake.suggestions_made import Made
from tests.journeys.browser import Browser
from tracker.articles.models import Article
from tracker.audit.models import AuditEvent
from tracker.cases.models import Case
from tracker.cases.service import file_records, open_case
from tracker.db import db
from tracker.fake_accounts.models import FakeAccount
from tracker.incidents.codes import Extent, PurportedAs, TargetKind
from tracker.incidents.models import Incident
from tracker.incidents.service import TargetFacts
from tracker.intake import proposal_views
from tracker.intake.codes import SuggestionKind, SuggestionVerdict
from tracker.intake.models import SuggestionOutcome
from tracker.people.models import Journalist
from tracker.people.service import add_shipped_institutions
from tracker.permissions import Role, Visibility
from tracker.responses.codes import ActType, AnswerScope
from tracker.responses.models import OfficialResponse
from tracker.users.service import get_or_create_console_user
from tracker.vocabulary.service import load_vocabulary
from tracker.when import parse_when

SAVE = "Save selected"
DAY = date(2026, 5, 18)
ASEM, DANIYAR = "Asem Tulegenova", "Daniyar Omarov"
TEXT = """Two editors of a city paper are under pressure, it says.
Its editors Asem Tulegenova and Daniyar Omarov have received threats since the winter.
Strangers who called themselves police have rung at the doors of its staff and asked the \
neighbours of the journalists about them.
Profiles under the names of the journalists were opened on social networks.
One of these profiles wrote that Asem Tulegenova had been killed, which is not true.
The minister, Marat Abenov, called the threats a crime against society. He said that his ministry \
has such pages blocked every day. Law enforcement is looking for those who did it.
"""
COUNTED: tuple[type[Any], ...] = (Incident, FakeAccount, OfficialResponse, Case, Journalist)


def found_in(text: str) -> Made:
    made = Made(text)
    made.person(ASEM)
    made.person(DANIYAR)
    made.act("threat.other", "have received threats")
    made.act("impersonation.official", "called themselves police", purported_as=PurportedAs.POLICE)
    made.act("intimidation.visit", "rung at the doors")
    made.act("intimidation.contacts", "asked the neighbours")
    made.act("impersonation.journalist", "Profiles under the names")
    made.act("disinformation.death_hoax", "had been killed")
    made.date("since the winter", "2025-12/2026-05", DAY, is_period=True)
    made.response(
        "Ministry of Culture and Information of Kazakhstan",
        "Marat Abenov",
        (ActType.CONDEMNATION, "called the threats a crime against society"),
        (ActType.BLOCKING_ORDERED, "has such pages blocked every day"),
        (ActType.INVESTIGATION_ANNOUNCED, "is looking for those who did it"),
    )
    return made


def accept_all(browser: Browser, address: str) -> None:
    """Open the page and tick every box of what is suggested."""
    browser.open(address)
    browser.tick_suggested()


@dataclass
class Desk:
    """Somebody of the staff before the suggestions of one article, and what is suggested."""

    app: Flask
    browser: Browser
    ref: str
    made: Made

    @property
    def address(self) -> str:
        return f"/intake/{self.ref}/"

    def counts(self) -> list[int]:
        with as_user(self.app):
            return [
                db.session.scalar(select(func.count()).select_from(one)) or 0 for one in COUNTED
            ]

    def fields(self, pattern: str) -> list[str]:
        """Return the names of the fields that begin so."""
        names = self.browser.page.xpath(
            f'//form[@method="post"]//*[starts-with(@name, "{pattern}")]'
        )
        return list(dict.fromkeys(one.get("name") for one in names))

    def held(self, name: str) -> str:
        one = self.browser.page.xpath(f'//*[@name="{name}"]')[0]
        if one.tag == "textarea":
            return str(one.text or "").strip()
        if one.tag == "select":
            return str(one.xpath("./option[@selected]/@value")[0])
        return str(one.get("value", ""))

    def ticked(self, name: str) -> list[str]:
        return [
            str(one) for one in self.browser.page.xpath(f'//input[@name="{name}"][@checked]/@value')
        ]

    def do(self, what: str, values: dict[str, object] | None = None) -> None:
        """Press one of the buttons that rearrange the form, by its value."""
        buttons = self.browser.page.xpath(f'//button[@name="do"][@value="{what}"]')
        assert buttons, f"no button {what}"
        form, _save = self.browser._form_with(SAVE)
        data = self.browser._held(form) | (values or {}) | {"do": what}
        self.browser._take(self.browser.client.post(self.address, data=data), self.address)

    def open(self, *, excluding: tuple[str, ...] = ()) -> None:
        """Open the page and tick all that is suggested, as somebody does who found it right; `but`:
        the records that are left as they are.
        """
        self.browser.open(self.address)
        self.browser.tick_suggested(excluding)

    def wrong(self) -> dict[str, str]:
        """Return the error that stands at each field."""
        found = {}
        for error in self.browser.page.xpath('//*[contains(@class, "wrong")]/*[@class="error"]'):
            names = error.xpath("../*[@name]/@name | ../@id")
            found[str(names[0])] = " ".join(error.text_content().split())
        return found


@pytest.fixture
def ref(app: Flask) -> str:
    return prepared(app, "pressure", lambda: _article(app))


def _article(app: Flask) -> str:
    with as_user(app) as user:
        console = get_or_create_console_user()
        load_vocabulary(by=console)
        add_shipped_institutions(by=console)
        outlet = make_outlet("Dala News", country="KZ", by=user)
        published = parse_when(DAY.isoformat(), latest_possible_date=DAY)
        made = make_article("Pressure", text=TEXT, published=published, publisher=outlet, by=user)
        db.session.commit()
        return made.ref


@pytest.fixture
def desk(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Desk:
    def opened() -> tuple[str, str, str]:
        desk = at_desk(_article(app))
        sign_in_directly(client, "staff")
        desk.open()
        cookie = client.get_cookie("tracker")
        assert cookie
        return desk.ref, cookie.value, desk.browser.text

    def at_desk(ref: str) -> Desk:
        with as_user(app):
            made = found_in(db.session.scalars(select(Article.text)).one())
        # What the rules find is tried elsewhere: here stands what was found.
        monkeypatch.setattr(proposal_views, "compute_suggestions", lambda _reading: made.found)
        return Desk(app, Browser(client), ref, made)

    # Every test begins with the same page, so it is opened once.
    ref, cookie, page = prepared(app, "desk", opened)
    desk = at_desk(ref)
    client.set_cookie("tracker", cookie)
    desk.browser.address, desk.browser.status, desk.browser.text = desk.address, 200, page
    return desk


def outcomes(app: Flask) -> list[tuple[str, str, str]]:
    with as_user(app):
        rows = db.session.scalars(select(SuggestionOutcome).order_by(SuggestionOutcome.id))
        return [(one.kind.value, one.code, one.verdict.value) for one in rows]


def test_one_page_and_one_save_record_all_that_the_article_reports(app: Flask, desk: Desk):
    desk.browser.press(SAVE, {"title": "Pressure on a city paper"})

    assert desk.browser.loads == 1, desk.wrong()
    assert desk.browser.status == 200
    assert "Saved: 6 records." in desk.browser.words
    with as_user(app):
        incidents = db.session.scalars(select(Incident).order_by(Incident.id)).all()
        told = [
            (
                {row.term.code for row in one.types},
                [target.journalist.name for target in one.targets if target.journalist],
                [number for row in one.citations for number in row.sentence_numbers()],
            )
            for one in incidents
        ]
        assert told == [
            ({"threat.other"}, [ASEM, DANIYAR], [2]),
            (
                {"intimidation.visit", "intimidation.contacts", "impersonation.official"},
                [ASEM, DANIYAR],
                [2, 3],
            ),
            ({"impersonation.journalist"}, [ASEM, DANIYAR], [2, 4]),
            ({"disinformation.death_hoax"}, [ASEM], [2, 5]),
        ]
        assert {one.country for one in incidents} == {"KZ"}
        for one in incidents:
            assert (str(one.earliest), one.extent) == ("2025-12-01", Extent.LASTING)
            assert one.as_stated == "since the winter"
        assert [one.purported_as for one in incidents[1].actors] == [PurportedAs.POLICE]
        account = db.session.scalars(select(FakeAccount)).one()
        assert account.accounts_at_least == 2
        assert {use.incident.ref for use in account.incidents if use.incident} == {
            incidents[2].ref, incidents[3].ref,
        }  # fmt: skip
        assert {row.journalist.name for row in account.impersonates if row.journalist} == {
            ASEM,
            DANIYAR,
        }
        response = db.session.scalars(select(OfficialResponse)).one()
        assert [act.act for act in response.acts] == [
            ActType.CONDEMNATION, ActType.BLOCKING_ORDERED, ActType.INVESTIGATION_ANNOUNCED,
        ]  # fmt: skip
        acting_body = response.acts[2].acting_institution
        assert acting_body is not None
        assert acting_body.name == "Law enforcement, unspecified"
        # Its sentences name none of the incidents: it answers the case.
        assert response.answers == []
        assert response.answers_scope is AnswerScope.CASE
        case = db.session.scalars(select(Case)).one()
        records: list[Any] = [*incidents, account, response]
        for record in records:
            assert cases_of(record) == [case]
        assert {one.visibility for one in incidents} == {Visibility.INTERNAL}
    assert desk.counts() == [4, 1, 1, 1, 2]


def test_a_record_is_accepted_as_it_is_suggested_with_one_tick(app: Flask, desk: Desk):
    desk.browser.open(desk.address)
    assert desk.ticked("incidents-0-use") == desk.ticked("responses-0-use") == []
    taken = {f"{row}-use": "y" for row in ("incidents-0", "incidents-1", "responses-0")}
    desk.browser.press(SAVE, {**taken, "title": "A case"})

    assert "Saved: 3 records." in desk.browser.words, desk.wrong()
    with as_user(app):
        first, second = db.session.scalars(select(Incident).order_by(Incident.id))
        assert [one.journalist.name for one in first.targets if one.journalist] == [ASEM, DANIYAR]
        assert {row.term.code for row in second.types} == {
            "intimidation.visit", "intimidation.contacts", "impersonation.official",
        }  # fmt: skip
        assert str(first.earliest) == "2025-12-01"
        assert len(db.session.scalars(select(OfficialResponse)).one().acts) == 3


def test_nothing_is_recorded_by_looking(app: Flask, desk: Desk):
    assert desk.counts() == [0, 0, 0, 0, 0]
    assert outcomes(app) == []


def test_the_passages_and_the_rows_lead_to_each_other(desk: Desk):
    page = desk.browser.page
    ids = list(page.xpath("//*[@id]/@id"))
    links = page.xpath('//a[starts-with(@href, "#m-")]/@href')

    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links} <= set(ids)
    assert {link[1:] for link in page.xpath("//mark//a/@href")} <= set(ids)
    marked = " ".join(one.text_content() for one in page.xpath("//mark"))
    assert "rung at the doors" in marked
    assert ASEM in marked
    words = "".join(page.xpath('//li[@id="s2"]/span[2]')[0].text_content().split())
    assert words == "".join(TEXT.splitlines()[1].split())


def test_each_suggestion_says_why_and_how_surely(desk: Desk):
    assert "weak · “rung at the doors”, sentence 3" in desk.browser.words
    assert "weak · as the article reports it, sentence 6" in desk.browser.words


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", "weak check its sentence"),
        ("ru", "ненадёжно сверьте с текстом"),
        ("kk", "сенімсіз мәтінмен салыстырыңыз"),
    ],
)
def test_what_weak_means_stands_beside_it(desk: Desk, code: str, said: str):
    desk.browser.open(desk.address)
    if code != "en":
        desk.do(f"language {code}")

    assert said in desk.browser.words
    (title,) = set(desk.browser.page.xpath('//*[@class="why"]/abbr/@title'))
    assert title.startswith("Often wrong:") is (code == "en")


def test_what_is_unticked_is_left_out_and_kept_as_refused(app: Flask, desk: Desk):
    desk.open(excluding=("incidents-1", "incidents-2", "accounts-0"))
    desk.browser.press(
        SAVE,
        {
            "responses-0-acts-1-use": "", "incidents-3-targets-0-use": "y", "case": "none",
            "title": "",
        },
    )  # fmt: skip

    assert "Saved: 3 records." in desk.browser.words, desk.wrong()
    assert desk.counts() == [2, 0, 1, 0, 2]
    told = outcomes(app)
    assert ("type", "threat.other", "accepted") in told
    assert ("type", "intimidation.visit", "refused") in told
    assert ("type", "impersonation.journalist", "refused") in told
    assert ("account", "", "refused") in told
    assert ("act", "blocking_ordered", "refused") in told
    assert ("act", "condemnation", "accepted") in told
    assert told.count(("journalist", "", "accepted")) == 2


def test_a_target_that_is_unticked_is_not_recorded(app: Flask, desk: Desk):
    left: dict[str, object] = {f"incidents-{n}-targets-1-use": "" for n in range(3)}
    desk.browser.press(SAVE, left | {"accounts-0-use": "", "title": "A case"})

    with as_user(app):
        assert [one.name for one in db.session.scalars(select(Journalist))] == [ASEM]
    assert outcomes(app).count(("journalist", "", "refused")) == 1


def test_everything_left_out_is_kept_as_refused_and_opens_no_case(app: Flask, desk: Desk):
    desk.browser.open(desk.address)
    desk.browser.press(SAVE)

    assert "Nothing was accepted; no record was saved." in desk.browser.words
    assert "count as skipped, and can still be accepted" in desk.browser.words
    assert desk.counts() == [0, 0, 0, 0, 0]
    assert {verdict for _kind, _code, verdict in outcomes(app)} == {"refused"}


def test_what_was_changed_and_added_is_kept_with_the_words_it_stands_on(app: Flask, desk: Desk):
    desk.browser.press(
        SAVE,
        {
            "title": "A case",
            "incidents-0-types": ["threat.death", "harassment.flooding"],
            "incidents-0-place": "Oral",
            # All four have the one date that the article tells.
            **{f"incidents-{number}-occurred-when": "2026-01/2026-05" for number in range(4)},
        },
    )

    told = outcomes(app)
    assert ("type", "threat.other", "changed") in told
    assert ("type", "harassment.flooding", "added") in told
    assert ("date", "", "changed") in told
    assert ("place", "", "added") in told
    with as_user(app):
        rows = db.session.scalars(
            select(SuggestionOutcome).where(SuggestionOutcome.verdict == SuggestionVerdict.ADDED)
        ).all()
        incident = db.session.scalars(select(Incident).order_by(Incident.id)).first()
        assert incident is not None
        assert {(one.start, one.end) for one in rows} == {
            (incident.citations[0].start, incident.citations[0].end)
        }
        assert {one.record_ref for one in rows} == {incident.ref}
        accepted = db.session.scalars(
            select(SuggestionOutcome).where(SuggestionOutcome.kind == SuggestionKind.JOURNALIST)
        ).first()
        assert accepted is not None
        assert TEXT[accepted.start : accepted.end] == ASEM
        assert accepted.score == 100


def test_the_trail_says_that_it_was_confirmed_and_holds_no_words(app: Flask, desk: Desk):
    desk.browser.press(SAVE, {"title": "A case"})

    with as_user(app):
        event = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "article:confirm")
        ).one()
        assert (event.subject, event.actor) == (desk.ref, "staff")
        assert set(event.changes) == {"digest"}
    desk.browser.open(f"/articles/{desk.ref}/history")
    assert "accepted or skipped suggestions from this source" in desk.browser.words


def test_a_row_that_is_wrong_stores_nothing_and_keeps_everything(app: Flask, desk: Desk):
    desk.browser.press(
        SAVE,
        {
            "title": "A case",
            "incidents-0-quote": "99",
            "incidents-1-region": "KZ-75",
            "incidents-1-country": "AZ",
            "incidents-2-place": "Taraz",
            "responses-0-acts-0-quote": "words that stand nowhere",
            "responses-0-official": "M. Abenov",
        },
    )

    assert desk.browser.status == 422
    assert desk.counts() == [0, 0, 0, 0, 0]
    assert outcomes(app) == []
    assert "responses-0-acts-0-quote" in desk.wrong()
    assert desk.held("incidents-2-place") == "Taraz"
    assert desk.held("responses-0-official") == "M. Abenov"
    assert desk.held("title") == "A case"

    desk.browser.press(SAVE, {"responses-0-acts-0-quote": "6"})
    assert desk.browser.status == 422
    assert desk.wrong() == {
        "incidents-0-quote": "The article has no sentence with this number.",
        "incidents-1-region": "This region lies in another country.",
    }
    assert desk.counts() == [0, 0, 0, 0, 0]

    desk.browser.press(SAVE, {"incidents-0-quote": "2", "incidents-1-country": "KZ"})
    assert desk.counts() == [4, 1, 1, 1, 2]


def test_a_country_is_chosen_once(app: Flask, desk: Desk):
    empty: dict[str, object] = {f"incidents-{number}-country": "" for number in range(4)}
    desk.browser.press(SAVE, {"title": "A case", "country": ""} | empty)
    assert set(desk.wrong().values()) == {"Choose a country."}

    desk.browser.press(SAVE, {"country": "KG", "incidents-2-country": "UZ"})
    with as_user(app):
        rows = db.session.scalars(select(Incident.country).order_by(Incident.id))
        assert list(rows) == ["KG", "KG", "UZ", "UZ"]


def test_a_body_of_another_state_is_not_chosen_beforehand(desk: Desk):
    def chosen() -> list[str]:
        names = [one for one in desk.fields("responses-0-") if one.endswith("chosen")]
        return [ref for name in names for ref in desk.ticked(name)]

    assert chosen() != []
    desk.made.place("city paper", country="KG")
    desk.open()
    assert chosen() == []


def test_a_response_to_incidents_of_which_none_is_recorded_is_refused(app: Flask, desk: Desk):
    sent: dict[str, object] = {
        "responses-0-answers": desk.held("incidents-0-key"),
        "responses-0-answers_scope": "incidents",
        "incidents-0-use": "skip",
        "title": "Pressure",
    }
    form, _save = desk.browser._form_with(SAVE)
    data = desk.browser._held(form) | sent
    desk.browser._take(desk.browser.client.post(desk.address, data=data), desk.address)

    assert desk.browser.status == 422
    assert desk.wrong()["responses-0-answers_scope"].startswith("None of the incidents")
    assert desk.held("title") == "Pressure"
    assert desk.counts() == [0, 0, 0, 0, 0]
    # Whoever says that it answers the case says so by hand.
    desk.browser.press(SAVE, {"responses-0-answers_scope": "case"})
    with as_user(app):
        response = db.session.scalars(select(OfficialResponse)).one()
        assert response.answers_scope is AnswerScope.CASE


@pytest.mark.parametrize(("answers", "wrong"), [([], "answers_scope"), (["99"], "answers")])
def test_a_response_is_not_widened_where_it_is_not_known_what_it_answers(
    desk: Desk, answers: list[str], wrong: str
):
    """Neither where nothing is recorded that it may answer, nor by a key that no incident has."""
    form, _save = desk.browser._form_with(SAVE)
    sent: dict[str, object] = {
        "responses-0-answers": answers, "responses-0-answers_scope": "incidents",
    }  # fmt: skip
    for name in desk.fields("incidents-"):
        if not answers and name.count("-") == 2 and name.endswith("-use"):
            sent |= {name: "skip"}
    data = desk.browser._held(form) | sent
    desk.browser._take(desk.browser.client.post(desk.address, data=data), desk.address)

    assert desk.browser.status == 422
    assert f"responses-0-{wrong}" in desk.wrong()
    assert desk.counts() == [0, 0, 0, 0, 0]


def answered(app: Flask) -> list[list[str]]:
    """Return the types of the incidents that each response answers."""
    with as_user(app):
        responses = db.session.scalars(select(OfficialResponse).order_by(OfficialResponse.id))
        return [
            sorted(
                kind.term.code for of in one.answers if of.incident for kind in of.incident.types
            )
            for one in responses
        ]


def test_the_incidents_that_a_response_answers_are_chosen(app: Flask, desk: Desk):
    keys = [desk.held(f"incidents-{n}-key") for n in range(4)]
    assert len(set(keys)) == 4
    labels = [
        " ".join(one.text_content().split())
        for one in desk.browser.page.xpath('//label[input[@name="responses-0-answers"]]')
    ]
    assert [one.partition(":")[0] for one in labels] == [f"Incident {n}" for n in range(1, 5)]
    assert ASEM in labels[3]

    sent: dict[str, object] = {
        "responses-0-answers": keys[3:],
        "responses-0-answers_scope": "incidents",
    }
    desk.do("update", sent)
    assert "It answers: Incident 4." in desk.browser.words
    desk.browser.press(SAVE, {"title": "A case"})
    assert answered(app) == [["disinformation.death_hoax"]]


def test_a_response_of_two_acts_is_split_into_responses_to_different_incidents(
    app: Flask, desk: Desk
):
    keys = [desk.held(f"incidents-{n}-key") for n in range(4)]
    sent: dict[str, object] = {
        "responses-0-answers": keys[:1],
        "responses-0-answers_scope": "incidents",
    }
    desk.do("split-part responses 0 1", sent)
    assert desk.ticked("responses-1-answers") == keys[:1]
    assert desk.fields("responses-0-acts-2") == []
    desk.browser.press(SAVE, {"title": "A case", "responses-1-answers": keys[3:]})

    assert answered(app) == [["threat.other"], ["disinformation.death_hoax"]]


def test_what_answers_an_incident_answers_both_halves_and_follows_a_merge(desk: Desk):
    desk.do("split-part incidents 0 1", {"responses-0-answers": [desk.held("incidents-0-key")]})
    halves = [desk.held(f"incidents-{n}-key") for n in (0, 1)]
    assert halves[0] != halves[1]
    assert desk.ticked("responses-0-answers") == halves

    desk.do("more", {"more": "incidents", "more_quote": "5"})
    keys = [desk.held(f"incidents-{n}-key") for n in range(6)]
    assert len(set(keys)) == 6
    desk.do("join incidents 5", {"responses-0-answers": keys[5:]})
    assert desk.ticked("responses-0-answers") == keys[4:5]


def test_whether_an_answered_incident_is_accepted_follows(desk: Desk):
    sent: dict[str, object] = {
        "responses-0-answers": ["1"],
        "responses-0-answers_scope": "incidents",
    }
    desk.do("update", sent | {"incidents-0-use": "skip"})
    assert "It answers: Incident 1. Accept one of them too." in desk.browser.words
    desk.do("update", {"incidents-0-use": "y"})
    assert "Accept one of them too." not in desk.browser.words


def test_a_case_without_a_title_stores_nothing(desk: Desk):
    desk.browser.press(SAVE, {"title": ""})

    assert desk.wrong() == {"title": "Give the case a title."}
    assert desk.counts() == [0, 0, 0, 0, 0]


def test_sending_the_same_form_twice_saves_it_once(desk: Desk):
    form, _button = desk.browser._form_with(SAVE)
    data = desk.browser._held(form) | {"title": "A case"}
    for _time in range(2):
        assert desk.browser.client.post(desk.address, data=data).status_code == 303

    assert desk.counts() == [4, 1, 1, 1, 2]


def test_without_its_token_nothing_is_saved(desk: Desk):
    form, _button = desk.browser._form_with(SAVE)
    data = desk.browser._held(form) | {"title": "A case", "csrf_token": "x"}

    assert desk.browser.client.post(desk.address, data=data).status_code == 400
    assert desk.counts() == [0, 0, 0, 0, 0]


def test_a_target_becomes_an_incident_of_its_own(desk: Desk):
    desk.do("split-part incidents 0 1", {"incidents-0-place": "Oral"})

    assert desk.browser.status == 200
    assert desk.held("incidents-0-targets-0-who-name") == ASEM
    assert desk.fields("incidents-0-targets-1") == []
    assert desk.held("incidents-1-targets-0-who-name") == DANIYAR
    assert desk.ticked("incidents-1-types") == ["threat.other"]
    assert desk.held("incidents-1-place") == "Oral"
    assert desk.held("incidents-1-quote") == "2"
    assert desk.ticked("incidents-2-types") == ["intimidation.visit", "intimidation.contacts"]
    desk.browser.press(SAVE, {"title": "A case"})
    assert desk.counts()[0] == 5


def test_a_type_becomes_an_incident_of_its_own(app: Flask, desk: Desk):
    desk.do("split-type 1 intimidation.contacts")

    assert desk.ticked("incidents-1-types") == ["intimidation.visit"]
    assert desk.ticked("incidents-2-types") == ["intimidation.contacts"]
    assert desk.held("incidents-2-targets-1-who-name") == DANIYAR
    desk.browser.press(SAVE, {"title": "A case"})
    assert desk.counts()[0] == 5
    assert ("type", "intimidation.contacts", "accepted") in outcomes(app)
    assert "added" not in {verdict for _kind, _code, verdict in outcomes(app)}


def test_two_incidents_are_joined_and_stand_on_all_their_sentences(app: Flask, desk: Desk):
    desk.do("join incidents 1")

    assert set(desk.ticked("incidents-0-types")) == {
        "threat.other", "intimidation.visit", "intimidation.contacts",
    }  # fmt: skip
    assert desk.held("incidents-0-quote") == "2-3"
    assert desk.fields("incidents-0-targets-2") == []
    assert desk.held("incidents-0-purported_as") == "police"
    desk.do("join incidents 2")
    assert desk.held("incidents-1-quote") == "2, 4-5"
    desk.browser.press(SAVE, {"title": "A case", "incidents-1-quote": "2, 4-5"})
    with as_user(app):
        second = db.session.scalars(select(Incident).order_by(Incident.id.desc())).first()
        assert second is not None
        assert [one.sentence_numbers() for one in second.citations] == [(2,), (4, 5)]


def test_what_was_missed_is_added_by_its_sentence_numbers(app: Flask, desk: Desk):
    desk.do("more", {"more": "incidents", "more_quote": "5"})
    assert desk.held("incidents-4-quote") == "5"
    assert desk.ticked("incidents-4-types") == ["disinformation.death_hoax"]
    assert desk.held("incidents-4-targets-0-who-name") == ASEM
    desk.do("more", {"more": "accounts", "more_quote": "4"})
    assert desk.held("accounts-1-quote") == "4"
    desk.do("more", {"more": "responses", "more_quote": "7"})
    assert desk.held("responses-1-acts-0-quote") == "7"
    desk.do("part responses 0")
    assert desk.ticked("responses-0-acts-3-use") == ["y"]
    desk.do("part incidents 3")
    desk.browser.press(
        SAVE,
        {
            "title": "A case",
            "incidents-3-targets-1-who-name": "staff",
            "incidents-3-targets-1-kind": "unnamed_group",
            "incidents-3-targets-1-number": "3",
            "incidents-4-types": ["disinformation.fabricated"],
            "accounts-1-handle": "@dala_fake",
            "responses-1-institution-name": "Town Police",
            "responses-1-institution_kind": "police",
            "responses-1-acts-0-act": "no_comment",
        },
    )

    assert desk.wrong() == {}
    assert desk.counts() == [5, 2, 2, 1, 2]
    assert ("response", "responsible_state", "added") in outcomes(app)


def test_a_number_that_the_article_has_not_is_refused_at_its_field(desk: Desk):
    desk.do("more", {"more": "incidents", "more_quote": "99", "incidents-0-place": "Oral"})

    assert desk.browser.status == 422
    assert desk.wrong() == {"more_quote": "The article has no sentence with this number."}
    assert desk.held("incidents-0-place") == "Oral"


@pytest.mark.parametrize(
    "what",
    [
        "", "split-part incidents 9 9", "split-part incidents 0 x", "split-type 0 no.such",
        "join incidents 0", "join nothing 1", "part incidents 99", "split-part a b c d e",
        "join incidents ٣", "split-part incidents 0 0 0", f"join incidents {'9' * 5000}",
    ],
)  # fmt: skip
def test_a_button_that_is_not_there_changes_nothing(desk: Desk, what: str):
    form, _button = desk.browser._form_with(SAVE)
    data = desk.browser._held(form) | {"do": what}
    answer = desk.browser.client.post(desk.address, data=data)

    assert answer.status_code in {200, 422}
    assert answer.text.count('class="draft"') == 6


def test_rearranging_keeps_even_what_no_field_takes(desk: Desk):
    desk.do(
        "split-part incidents 0 1",
        {"accounts-0-accounts_at_least": "many", "incidents-3-targets-0-number": "some"},
    )

    assert desk.held("accounts-0-accounts_at_least") == "many"
    assert desk.held("incidents-4-targets-0-number") == "some"


def test_who_is_on_record_in_another_script_is_offered_and_nobody_is_made_twice(
    app: Flask, desk: Desk
):
    with as_user(app) as user:
        known = make_journalist("Асем Тулегенова", by=user).ref
        db.session.commit()
    desk.open()
    assert desk.browser.words.count("Асем Тулегенова") == 1
    assert desk.ticked("incidents-0-targets-0-who-chosen") == [known]
    desk.browser.press(SAVE, {"title": "A case"})

    assert desk.wrong() == {}
    with as_user(app):
        names = {one.name for one in db.session.scalars(select(Journalist))}
        assert names == {"Асем Тулегенова", DANIYAR}


def test_a_name_that_is_only_like_one_on_record_is_asked_about_once(app: Flask, desk: Desk):
    with as_user(app) as user:
        known = make_journalist("Asem Tulegenov", by=user).ref
        db.session.commit()
    desk.open()
    assert desk.ticked("incidents-0-targets-0-who-chosen") == []
    desk.browser.press(SAVE, {"title": "A case"})
    assert desk.wrong() == {
        "incidents-0-targets-0-who-name": "Is this an existing record? Choose below."
    }
    assert desk.counts() == [0, 0, 0, 0, 1]

    desk.browser.press(SAVE, {"incidents-0-targets-0-who-chosen": "new"})
    assert desk.counts() == [4, 1, 1, 1, 3]
    with as_user(app):
        assert not [one for one in db.session.scalars(select(Incident)) if _aims_at(one, known)]


def _aims_at(incident: Incident, ref: str) -> bool:
    return ref in {one.journalist.ref for one in incident.targets if one.journalist}


def test_the_same_name_may_still_be_somebody_new(app: Flask, desk: Desk):
    with as_user(app) as user:
        make_journalist(ASEM, by=user)
        db.session.commit()
    desk.open()
    desk.browser.press(SAVE, {"title": "A case", "incidents-0-targets-0-who-chosen": "new"})

    with as_user(app):
        names = [one.name for one in db.session.scalars(select(Journalist))]
        assert names.count(ASEM) == 2


def test_an_article_about_the_people_of_a_case_proposes_that_case(app: Flask, desk: Desk):
    with as_user(app) as user:
        known = make_journalist(ASEM, by=user)
        target = TargetFacts(kind=TargetKind.JOURNALIST, journalist=known)
        earlier = make_incident(targets=[target], by=user)
        case = open_case(
            "The paper", country="UZ", team_id=user.team_ids[0], visibility=earlier.visibility,
            by=user,
        )  # fmt: skip
        file_records(case, [earlier], by=user)
        db.session.commit()
        ref = case.ref
    desk.open()
    assert desk.held("case") == ref
    assert "about the same people" in desk.browser.words
    desk.browser.press(SAVE, {f"incidents-{number}-country": "" for number in range(4)})

    assert desk.counts()[3] == 1
    with as_user(app):
        incidents = db.session.scalars(select(Incident).order_by(Incident.id)).all()
        assert all(cases_of(one) for one in incidents)
        # Where nothing is said the country is that of the case.
        assert {one.country for one in incidents[1:]} == {"UZ"}


def test_an_article_that_repeats_another_proposes_its_case(app: Flask, desk: Desk):
    with as_user(app) as user:
        earlier = make_article("The same, earlier", text=TEXT, by=user)
        incident = make_incident(article=earlier, by=user)
        case = open_case(
            "The paper", country="KZ", team_id=user.team_ids[0], visibility=incident.visibility,
            by=user,
        )  # fmt: skip
        file_records(case, [incident], by=user)
        db.session.commit()
        ref = case.ref
    desk.open()

    assert desk.held("case") == ref
    assert "which is the same story" in desk.browser.words


def test_once_recorded_nothing_is_ticked_any_more(desk: Desk):
    desk.browser.press(SAVE, {"title": "A case"})
    desk.browser.open(desk.address)

    assert "Some records already cite this article" in desk.browser.words
    assert desk.ticked("incidents-0-use") == []
    assert desk.ticked("responses-0-use") == []


def test_kept_to_the_team_whatever_the_article_is(app: Flask, desk: Desk):
    desk.browser.press("Save for my team only", {"title": "A case"})

    with as_user(app):
        incidents = db.session.scalars(select(Incident)).all()
        assert {one.visibility for one in incidents} == {Visibility.RESTRICTED}
        # Whoever sees the article is not told which records of the team there are.
        rows = db.session.scalars(select(SuggestionOutcome)).all()
        assert {one.record_ref for one in rows} == {""}


def test_another_team_records_for_itself_and_leaves_nothing_on_the_article(app: Flask, desk: Desk):
    with as_user(app, "stranger", team="Elsewhere"):
        pass
    other = app.test_client()
    sign_in_directly(other, "stranger")
    browser = Browser(other)
    accept_all(browser, desk.address)
    browser.press(SAVE, {"title": "Our case"})

    assert "Saved: 6 records." in browser.words
    with as_user(app, "stranger", team="Elsewhere") as user:
        incidents = db.session.scalars(select(Incident)).all()
        assert {one.team_id for one in incidents} == {user.team_ids[0]}
        assert {one.visibility for one in incidents} == {Visibility.RESTRICTED}
    assert outcomes(app) == []
    desk.browser.open(f"/articles/{desk.ref}/history")
    assert "stranger" not in desk.browser.words


def test_a_hidden_article_answers_like_one_that_is_not_there(app: Flask, desk: Desk):
    with as_user(app, "stranger", team="Elsewhere") as user:
        hidden = make_article("Ours", text="Elsewhere.", visibility=Visibility.RESTRICTED, by=user)
        db.session.commit()
        ref = hidden.ref
    refs = (ref, "ART-0000000000", "ART-x1")
    answers = [desk.browser.client.get(f"/intake/{one}/") for one in refs]

    assert [one.status_code for one in answers] == [404, 404, 404]
    assert len({html.fromstring(one.text).text_content() for one in answers}) == 1
    data = {"csrf_token": "x"}
    assert desk.browser.client.post(f"/intake/{ref}/", data=data).status_code in {400, 404}


def test_only_staff_confirm(app: Flask, desk: Desk):
    for name, role in (("monitor", Role.MONITOR), ("exporter", Role.EXPORTER)):
        with as_user(app, name, role):
            pass
        other = app.test_client()
        sign_in_directly(other, name)
        assert other.get(desk.address).status_code == 403
        assert "Suggestions from this article" not in other.get(f"/articles/{desk.ref}/").text


def test_an_article_in_a_language_that_is_not_read_is_confirmed_by_numbers(
    app: Flask, client: FlaskClient, ref: str
):
    with as_user(app) as user:
        made = make_article(
            "Tetsuya", text="Dziennikarka została pobita przez nieznanych sprawców w Warszawie.",
            by=user,
        )  # fmt: skip
        db.session.commit()
        other = made.ref
    sign_in_directly(client, "staff")
    browser = Browser(client)
    browser.open(f"/intake/{other}/")

    assert browser.status == 200
    assert "Add a missing record" in browser.words


def test_a_source_without_text_has_its_page_too(app: Flask, client: FlaskClient, ref: str):
    with as_user(app) as user:
        call = make_article("A call", text="", kind="phone_call", by=user)
        db.session.commit()
        other = call.ref
    sign_in_directly(client, "staff")
    answer = client.get(f"/intake/{other}/")

    assert answer.status_code == 200
    assert "This source has no text here" in answer.text


def test_the_articles_page_leads_to_its_suggestions(desk: Desk):
    desk.browser.open(f"/articles/{desk.ref}/")
    desk.browser.follow("Suggestions from this article")

    assert desk.browser.address == desk.address

"""What the confirm page does when there is too much of something, when others were at it meanwhile,
and when the rules break.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories import as_user, make_article, make_incident, make_journalist, sign_in_directly
from tests.intake.suggestions_made import Made
from tests.intake.test_confirming import (
    ASEM,
    DANIYAR,
    SAVE,
    TEXT,
    Desk,
    desk,
    outcomes,
    ref,
)
from tests.journeys.browser import Browser
from tracker.articles.codes import Language
from tracker.articles.incoming import read_pasted_text
from tracker.articles.models import Article
from tracker.articles.rules import MAX_CITED_PASSAGES
from tracker.audit.models import AuditEvent
from tracker.cases.models import Case
from tracker.cases.service import file_records, open_case
from tracker.db import current_engines, db
from tracker.incidents.codes import TargetKind
from tracker.incidents.models import Incident
from tracker.incidents.service import TargetFacts
from tracker.intake import confirm_queries, inbox_service, proposal_views
from tracker.intake.confirm_queries import proposed_cases, related_coverage
from tracker.intake.inbox_service import receive_article
from tracker.intake.models import SuggestionOutcome
from tracker.intake.sheet import MAX_ROWS_PER_KIND, MAX_SUBROWS
from tracker.parsing import Job, ParsingError, ParsingReason, parse
from tracker.people.models import Journalist
from tracker.permissions import Visibility
from tracker.reader.suggest import SuggestionsError
from tracker.reader.text import ArticleText

__all__ = ["desk", "ref"]

KEEP = "Save for my team only"
MANY = 36


def desk_of(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, text: str) -> Desk:
    """Return the desk before another article, of which nothing is suggested yet."""
    with as_user(app) as user:
        article = make_article("Many", text=text, by=user)
        db.session.commit()
        made, article_ref = Made(article.text), article.ref
    monkeypatch.setattr(proposal_views, "compute_suggestions", lambda _reading: made.found)
    sign_in_directly(client, "staff")
    return Desk(app, Browser(client), article_ref, made)


def data_of(desk: Desk) -> dict[str, object]:
    form, _button = desk.browser._form_with(SAVE)
    return desk.browser._held(form)


def send(desk: Desk, data: dict[str, object]) -> None:
    desk.browser._take(desk.browser.client.post(desk.address, data=data), desk.address)


def none_ticked(desk: Desk) -> dict[str, object]:
    names = desk.browser.page.xpath('//input[@type="radio"][contains(@name, "-use")]/@name')
    return dict.fromkeys((str(one) for one in names), "")


@pytest.fixture
def crowded(app: Flask, client: FlaskClient, ref: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return the desk before an article that tells of more incidents than a form has room for."""
    told = [f"Reporter{n:02} Alan{n:02} was threatened in town {n:02}." for n in range(MANY)]
    desk = desk_of(app, client, monkeypatch, "\n".join(told))
    for n in range(MANY):
        desk.made.person(f"Reporter{n:02} Alan{n:02}")
        desk.made.act("threat.other", f"threatened in town {n:02}", score=0.6 if n < 6 else 0.9)
    return desk


def test_of_more_than_a_form_has_room_for_the_surest_is_shown(app: Flask, crowded: Desk):
    crowded.browser.open(crowded.address)

    assert crowded.browser.status == 200
    assert crowded.browser.text.count('class="draft"') == MAX_ROWS_PER_KIND
    assert crowded.held("incidents-0-targets-0-who-name") == "Reporter06 Alan06"
    assert crowded.held("incidents-29-targets-0-who-name") == "Reporter35 Alan35"
    assert "There are too many suggestions for one form" in crowded.browser.words
    crowded.browser.press(SAVE, none_ticked(crowded))
    assert outcomes(app).count(("type", "threat.other", "refused")) == MAX_ROWS_PER_KIND


def test_of_more_targets_than_one_row_has_room_for_the_surest_are_shown(
    app: Flask, client: FlaskClient, ref: str, monkeypatch: pytest.MonkeyPatch
):
    names = [f"Reporter{n:02} Alan{n:02}" for n in range(MAX_SUBROWS + 5)]
    desk = desk_of(
        app,
        client,
        monkeypatch,
        f"The journalists were told of it by readers. Profiles were opened under the names of {', '.join(names)}.",
    )
    for n, name in enumerate(names):
        desk.made.person(name, score=0.6 if n < 5 else 0.9)
    desk.made.act("impersonation.journalist", "Profiles were opened")
    desk.open()

    assert desk.browser.status == 200
    assert desk.held("incidents-0-targets-0-who-name") == names[5]
    assert desk.held(f"accounts-0-impersonates-{MAX_SUBROWS - 1}-who-name") == names[-1]
    assert "There are too many suggestions for one form" in desk.browser.words


def test_what_all_fits_is_not_said_to_be_more(desk: Desk):
    assert "too many suggestions" not in desk.browser.words


def test_a_later_save_refuses_nothing_that_was_decided_before(app: Flask, desk: Desk):
    desk.open(excluding=("incidents-1",))
    desk.browser.press(SAVE, {"title": "A case"})
    before = outcomes(app)
    assert ("type", "intimidation.visit", "refused") in before

    desk.open()
    desk.browser.press(
        SAVE,
        {
            "incidents-1-use": "y", "incidents-1-same_as": "new", "case": "none",
            "title": "",
        },
    )  # fmt: skip
    assert "Saved: 1 record." in desk.browser.words, desk.wrong()
    later = outcomes(app)[len(before) :]
    assert ("type", "intimidation.visit", "accepted") in later
    assert {verdict for _kind, _code, verdict in later} <= {"accepted", "changed", "added"}

    desk.browser.open(desk.address)
    desk.browser.press(SAVE)
    assert "Nothing was accepted; no record was saved." in desk.browser.words
    assert "count as skipped" not in desk.browser.words
    assert outcomes(app) == [*before, *later]


def test_who_recorded_meanwhile_is_told_of_before_it_stands_there_twice(app: Flask, desk: Desk):
    mine = data_of(desk) | {"title": "Mine", "incidents-0-place": "Oral"}
    desk.open()
    desk.browser.press(SAVE, {"title": "Theirs"})
    assert desk.counts()[0] == 4

    send(desk, mine)
    assert desk.browser.status == 422
    assert "Somebody saved records from this article in the meantime" in desk.browser.words
    assert desk.held("incidents-0-place") == "Oral"
    assert desk.counts()[0] == 4

    # Who is on record since then is asked about, as ever.
    asked = {
        name: desk.browser.page.xpath(f'//input[@type="radio"][@name="{name}"]/@value')[0]
        for name in (f"incidents-0-targets-{n}-who-chosen" for n in range(2))
    }
    desk.browser.press(SAVE, dict(asked))
    # So is which incidents are those that were recorded meanwhile.
    rows = [f"incidents-{number}-same_as" for number in range(4)]
    assert set(desk.wrong()) >= set(rows)
    assert desk.counts()[0] == 4
    chosen = dict.fromkeys((one for one in desk.wrong() if one.endswith("same_as")), "new")
    desk.browser.press(SAVE, dict(chosen))
    assert desk.counts()[0] == 8, desk.wrong()


def test_a_form_that_is_rearranged_does_not_forget_what_was_there(desk: Desk):
    mine = data_of(desk)
    desk.open()
    desk.browser.press(SAVE, {"title": "Theirs"})
    send(desk, mine | {"do": "join incidents 1"})
    desk.browser.press(SAVE, {"title": "Mine"})

    assert "Somebody saved records from this article in the meantime" in desk.browser.words


def test_records_that_one_does_not_see_are_not_told_of(app: Flask, desk: Desk):
    mine = data_of(desk) | {"title": "Mine"}
    with as_user(app, "stranger", team="Elsewhere") as user:
        article = db.session.scalars(select(Article)).one()
        make_incident(article=article, visibility=Visibility.RESTRICTED, by=user)
        db.session.commit()
    send(desk, mine)

    assert "Somebody saved records" not in desk.browser.words
    assert "Saved: 6 records." in desk.browser.words


def test_a_quote_without_end_is_refused_at_once(desk: Desk):
    data = data_of(desk) | {"do": "more", "more": "incidents"}
    for quote in (", ".join(f"1-{n}" for n in range(1, 200_000)), "word " * 200_000):
        began = time.monotonic()
        send(desk, data | {"more_quote": quote})
        assert "more_quote" in desk.wrong()
        assert time.monotonic() - began < 10

    send(desk, data | {"more_quote": "1-999999"})
    assert desk.wrong() == {"more_quote": "The article has no sentence with this number."}


def test_quotes_without_end_are_not_joined(desk: Desk):
    long = ", ".join(f"{n}-999999" for n in range(50_000))
    send(desk, data_of(desk) | {"incidents-0-quote": long, "do": "join incidents 1"})

    assert desk.browser.status == 422
    assert "Nothing was merged." in desk.browser.words
    assert desk.held("incidents-0-quote") == long


def test_no_passage_is_lost_without_a_word(app: Flask, desk: Desk):
    odd = ", ".join(str(2 * n + 1) for n in range(MAX_CITED_PASSAGES + 1))
    desk.do("join incidents 1", {"incidents-0-quote": odd, "incidents-1-quote": "30"})
    assert desk.held("incidents-0-quote") == f"{odd}, 30"
    desk.browser.press(SAVE, {"title": "A case", "accounts-0-quote": odd})

    few = "One record cites at most 12 passages."
    assert desk.wrong() == {"incidents-0-quote": few, "accounts-0-quote": few}
    assert desk.counts() == [0, 0, 0, 0, 0]


def test_a_suggestion_of_many_passages_can_be_saved_as_it_is(
    app: Flask, client: FlaskClient, ref: str, monkeypatch: pytest.MonkeyPatch
):
    lines = [
        f"{ASEM} was threatened in town {n:02}." if n % 2 else f"Town {n:02} lies on a river."
        for n in range(40)
    ]
    desk = desk_of(app, client, monkeypatch, "\n".join(lines))
    desk.made.person(ASEM)
    for n in range(1, 40, 2):
        desk.made.act("threat.other", f"threatened in town {n:02}")
    desk.open()
    desk.browser.press(SAVE, {"title": "A case", "incidents-0-country": "KZ"})

    assert desk.wrong() == {}
    with as_user(app):
        assert len(db.session.scalars(select(Incident)).one().citations) == MAX_CITED_PASSAGES


def test_two_rows_that_are_too_much_for_one_are_not_joined(desk: Desk):
    sent: dict[str, object] = {
        f"incidents-{row}-targets-{n}-who-name": f"Somebody {row} {n}"
        for row in range(2)
        for n in range(15)
    }
    send(desk, data_of(desk) | sent | {"do": "join incidents 1"})

    assert "at most 20 rows" in desk.browser.words
    assert desk.browser.status == 422
    assert desk.held("incidents-0-targets-14-who-name") == "Somebody 0 14"
    assert desk.held("incidents-1-targets-14-who-name") == "Somebody 1 14"


@pytest.mark.parametrize(
    ("do", "said"),
    [
        ("split-part incidents 3 0", "There is nothing to split here."),
        ("split-type 0 threat.other", "There is nothing to split here."),
        ("join incidents 0", "There is no previous record to merge it with."),
    ],
)
def test_what_cannot_be_done_says_so(desk: Desk, do: str, said: str):
    send(desk, data_of(desk) | {"do": do})

    assert said in desk.browser.words
    assert desk.browser.text.count('class="draft"') == 6


def test_a_split_for_which_there_is_no_room_loses_nobody(crowded: Desk):
    crowded.browser.open(crowded.address)
    sent = {
        "incidents-0-targets-1-who-name": "Somebody Else",
        "incidents-0-types": ["threat.other", "threat.death"],
    }
    for do in ("split-part incidents 0 1", "split-type 0 threat.death"):
        send(crowded, data_of(crowded) | sent | {"do": do})
        assert "There is no room for more in one form" in crowded.browser.words
        assert crowded.held("incidents-0-targets-1-who-name") == "Somebody Else"
        assert set(crowded.ticked("incidents-0-types")) == {"threat.other", "threat.death"}


def test_too_many_names_are_refused_before_any_is_looked_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    def look_up(*_args: object) -> NoReturn:
        raise AssertionError("a name was looked up")

    data = data_of(desk) | {"title": "A case"}
    sent: dict[str, object] = {}
    for n in range(61):
        at = f"incidents-{n // 16}-targets-{n % 16}-"
        sent |= {f"{at}who-name": f"Somebody Number{n}", f"{at}kind": "journalist", f"{at}use": "y"}
    monkeypatch.setattr(confirm_queries, "party_matches_by_name", look_up)
    monkeypatch.setattr("tracker.people.queries.likely_journalists", look_up)
    send(desk, data | sent)

    assert desk.browser.status == 422
    assert "These are more than 60 names." in desk.browser.words
    assert desk.held("incidents-3-targets-12-who-name") == "Somebody Number60"
    assert desk.counts() == [0, 0, 0, 0, 0]


def test_names_at_acts_are_counted_too(desk: Desk):
    data = data_of(desk) | {"title": "A case"}
    sent: dict[str, object] = {}
    for n in range(70):
        at = f"responses-{n // 16}-"
        act = f"{at}acts-{n % 16}-"
        sent |= {f"{at}use": "y", f"{act}use": "y", f"{act}act": "condemnation"}
        sent |= {f"{act}acting-name": f"Body {n}"}
    send(desk, data | sent)

    assert "These are more than 60 names." in desk.browser.words


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_buttons_within_the_form_hold_nobody_up(
    app: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    data = data_of(desk)
    held = []

    def begin(_reading: object) -> object:
        # Another may write while the rules read, and while names are looked up.
        held.append(db.session.get_bind() is current_engines().reading)
        return desk.made.found

    looked_up = confirm_queries.party_matches_by_name

    def look_up(names: object) -> object:
        held.append(db.session.get_bind() is current_engines().reading)
        with app.app_context(), current_engines().writing.begin() as connection:
            connection.exec_driver_sql("UPDATE terms SET code = code")
        return looked_up(names)  # type: ignore[arg-type]

    monkeypatch.setattr(proposal_views, "compute_suggestions", begin)
    monkeypatch.setattr(confirm_queries, "party_matches_by_name", look_up)
    answer = desk.browser.client.post(desk.address, data=data | {"do": "join incidents 1"})

    assert answer.status_code == 200
    assert held == [True, True]
    # The form's key is still there to be used.
    desk.browser._take(answer, desk.address)
    monkeypatch.undo()
    monkeypatch.setattr(proposal_views, "compute_suggestions", lambda _reading: desk.made.found)
    desk.browser.press(SAVE, {"title": "A case"})
    assert desk.counts()[0] == 3


def test_a_rule_that_breaks_does_not_shut_the_page(
    app: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken(_reading: object) -> NoReturn:
        raise ValueError(ASEM)

    monkeypatch.setattr(proposal_views, "compute_suggestions", broken)
    with caplog.at_level(logging.ERROR):
        desk.open()
    assert desk.browser.status == 200
    assert "Something went wrong when this text was read" in desk.browser.words
    assert "the rules broke on a text" in caplog.text
    assert "ValueError" in caplog.text
    assert ASEM not in caplog.text

    desk.do("more", {"more": "incidents", "more_quote": "2"})
    desk.browser.press(
        SAVE,
        {
            "incidents-0-types": ["threat.other"], "incidents-0-targets-0-who-name": ASEM,
            "title": "A case", "country": "KZ",
        },
    )  # fmt: skip
    assert desk.counts()[0] == 1, desk.wrong()
    assert ("type", "threat.other", "added") in outcomes(app)


def test_a_server_too_busy_to_read_keeps_what_is_typed(
    app: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    def busy(*_args: object, **_kw: object) -> NoReturn:
        raise ParsingError(ParsingReason.BUSY)

    def press(**typed: object) -> TestResponse:
        data = data_of(desk) | {"title": "A case of mine"} | typed
        return desk.browser.client.post(desk.address, data=data)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(proposal_views, "compute_suggestions", busy)
        saving = press()
        moving = press(do="join incidents 1")
        shown = desk.browser.client.get(desk.address)
    assert saving.status_code == moving.status_code == 422
    for answer in (saving, moving):
        assert "The server is busy reading other texts. Press the button again." in answer.text
        assert "A case of mine" in answer.text
    assert desk.counts() == [0, 0, 0, 0, 0]
    assert shown.status_code == 200
    assert "so nothing is suggested yet: load the page again." in shown.text

    desk.browser._take(saving, desk.address)
    desk.browser.press(SAVE)
    assert desk.counts()[0] == 4, desk.wrong()
    assert "accepted" in {verdict for _kind, _code, verdict in outcomes(app)}


def test_a_text_is_read_once_and_again_when_it_or_its_date_changed(
    monkeypatch: pytest.MonkeyPatch,
):
    asked = []

    def count(job: Job, content: bytes, **options: Any) -> Iterator[Any]:
        asked.append(content)
        return parse(job, content, **options)

    monkeypatch.setattr(inbox_service, "parse", count)
    monkeypatch.setattr(inbox_service, "_suggestion_cache", inbox_service._SuggestionCache())
    reading = ArticleText(text=f"{ASEM} was beaten on 3 March. It was cold.", language=Language.EN)
    first = inbox_service.compute_suggestions(reading)
    # What a page does with its suggestions changes nothing of those that are kept.
    first.people.clear()
    assert [one.name for one in inbox_service.compute_suggestions(reading).people] == [ASEM]
    assert len(asked) == 1
    for other in (
        replace(reading, text=reading.text.replace(ASEM, "█" * len(ASEM))),
        replace(reading, published=date(2026, 5, 18)),
    ):
        inbox_service.compute_suggestions(other)
    assert len(asked) == 3


def test_of_readings_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(inbox_service, "MAX_CACHE_BYTES", 100)
    kept = inbox_service._SuggestionCache()
    kept.store(b"1", "a" * 40, 60)
    kept.store(b"2", "b" * 40, 60)
    kept.get(b"1")
    kept.store(b"3", "c" * 40, 60)
    assert [kept.get(one) is None for one in (b"1", b"2", b"3")] == [False, True, False]
    kept.store(b"4", "d" * 400, 60)
    assert (kept.size, len(kept.kept)) == (0, 0)


def test_what_kept_a_text_from_being_read_may_be_over_later(
    monkeypatch: pytest.MonkeyPatch,
):
    def crash(*_args: object, **_options: object) -> NoReturn:
        raise ParsingError(ParsingReason.CRASHED)

    monkeypatch.setattr(inbox_service, "_suggestion_cache", inbox_service._SuggestionCache())
    monkeypatch.setattr(inbox_service, "FAILURE_CACHE_SECONDS", 0.0)
    reading = ArticleText(text=f"{ASEM} was beaten on 3 March. It was cold.", language=Language.EN)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(inbox_service, "parse", crash)
        with pytest.raises(SuggestionsError):
            inbox_service.compute_suggestions(reading)
    assert [one.name for one in inbox_service.compute_suggestions(reading).people] == [ASEM]


def test_a_text_that_takes_too_long_is_not_read_again(monkeypatch: pytest.MonkeyPatch):
    asked = []

    def late(*_args: object, **_options: object) -> NoReturn:
        asked.append(1)
        raise ParsingError(ParsingReason.TIMEOUT)

    monkeypatch.setattr(inbox_service, "parse", late)
    monkeypatch.setattr(inbox_service, "_suggestion_cache", inbox_service._SuggestionCache())
    for _time in range(2):
        with pytest.raises(SuggestionsError):
            inbox_service.compute_suggestions(ArticleText(text="She left.", language=Language.EN))
    assert asked == [1]


def test_a_draft_that_breaks_does_not_shut_the_page(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    def broken(*_args: object) -> NoReturn:
        raise ValueError

    monkeypatch.setattr(proposal_views, "build_drafts", broken)
    desk.open()
    assert desk.browser.status == 200


@pytest.mark.parametrize(("button", "events"), [(SAVE, 1), (KEEP, 0)])
def test_other_teams_are_not_told_of_what_is_kept_to_the_team(
    app: Flask, desk: Desk, button: str, events: int
):
    desk.browser.press(button, {"title": "A case"})

    with as_user(app):
        told = select(AuditEvent).where(AuditEvent.action == "article:confirm")
        assert len(db.session.scalars(told).all()) == events
        assert {one.by_id for one in db.session.scalars(select(SuggestionOutcome))}


def case_of(app: Flask, incident_of: str, *, name: str = "staff", team: str = "Desk") -> str:
    """File an incident in a case of a team: about a journalist, or told by an article."""
    with as_user(app, name, team=team) as user:
        article = db.session.scalars(select(Article).where(Article.ref == incident_of)).first()
        if article is not None:
            incident = make_incident(article=article, by=user)
        else:
            known = db.session.scalars(select(Journalist)).one()
            target = TargetFacts(kind=TargetKind.JOURNALIST, journalist=known)
            incident = make_incident(targets=[target], by=user)
        case: Case = open_case(
            f"Case of {team}", country="KZ", team_id=user.team_ids[0],
            visibility=Visibility.INTERNAL, by=user,
        )  # fmt: skip
        file_records(case, [incident], by=user)
        db.session.commit()
        return case.ref


def test_only_cases_of_ones_own_teams_are_proposed(app: Flask, desk: Desk):
    with as_user(app) as user:
        make_journalist(ASEM, by=user)
        earlier = make_article("The same, earlier", text=TEXT, by=user).ref
        db.session.commit()
    # About the same people, and told by an article that says the same.
    for incident_of in (ASEM, earlier, desk.ref):
        case_of(app, incident_of, name="stranger", team="Elsewhere")
    desk.open()

    assert "Case of Elsewhere" not in desk.browser.words
    assert desk.held("case") == "new"


def test_an_article_that_is_said_to_repeat_another_proposes_its_case(app: Flask, desk: Desk):
    with as_user(app) as user:
        earlier = make_article("Quite other words", text="Somebody was here first.", by=user)
        later = db.session.scalars(select(Article).where(Article.ref == desk.ref)).one()
        later.repeats = earlier
        db.session.commit()
        earlier_ref = earlier.ref
    case = case_of(app, earlier_ref)
    desk.open()

    assert desk.held("case") == case
    assert f"holds what {earlier_ref} reports" in desk.browser.words


def test_no_more_cases_are_looked_up_than_are_offered(
    app: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(confirm_queries, "MAX_CASES_TO_CHOOSE_FROM", 1)
    with as_user(app) as user:
        make_journalist(DANIYAR, by=user)
        db.session.commit()
    for _time in range(2):
        case_of(app, DANIYAR)
    with as_user(app) as user:
        person = db.session.scalars(select(Journalist)).one()
        article = db.session.scalars(select(Article).where(Article.ref == desk.ref)).one()
        offered, _carried_on = proposed_cases(related_coverage(article), [person], by=user)
        assert [bool(why) for _case, why in offered].count(True) == 1


def test_what_came_in_and_reports_nothing_is_ended_where_one_is_led(
    app: Flask, client: FlaskClient, ref: str, monkeypatch: pytest.MonkeyPatch
):
    with as_user(app) as user:
        item = receive_article(
            read_pasted_text("A river, and no more."), team_id=user.team_ids[0], by=user
        )
        db.session.commit()
        assert item.article is not None
        address, item_ref = f"/intake/{item.article.ref}/", item.ref
    sign_in_directly(client, "staff")
    browser = Browser(client)
    browser.open(address)
    browser.press(SAVE)

    assert "Nothing was accepted; no record was saved." in browser.words
    # The message stands at the top of the page, where nobody is led past it.
    assert browser.address == f"/intake/items/{item_ref}/"
    assert "Why it is out of scope" in browser.words


def test_a_body_is_not_called_somebody(app: Flask, desk: Desk):
    with as_user(app) as user:
        make_journalist("Asem Tulegenov", by=user)
        db.session.commit()
    desk.open()

    assert "Create new" in desk.browser.words
    bodies = desk.browser.page.xpath('//input[@name="responses-0-institution-chosen"]/..')
    assert "somebody" not in " ".join(one.text_content() for one in bodies)

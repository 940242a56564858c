"""Clocks, ladder and response record on pages, as the database has them."""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from tests.cases.records_made import (
    found,
    make_account,
    make_case,
    make_incident,
    make_response,
)
from tests.conftest import prepared
from tests.factories import (
    as_user,
    make_article,
    make_institution,
    make_journalist,
    post,
    sign_in_directly,
)
from tests.responses.appeals_made import make_appeal
from tests.responses.proceedings_made import make_proceeding
from tests.statements import counted
from tests.timelines.overview_read import section
from tracker import clock
from tracker.cases.codes import Accountability
from tracker.cases.service import file_records
from tracker.clock import current_date
from tracker.db import db
from tracker.fake_accounts.codes import AccountEvent
from tracker.fake_accounts.models import FakeAccountEvent, IncidentAccount
from tracker.i18n import DayCount
from tracker.incidents.codes import Extent
from tracker.people.codes import InstitutionKind
from tracker.permissions import Role, Visibility
from tracker.records import record_models
from tracker.responses.codes import ActType, AnswerScope, AppealOutcome, Stance
from tracker.responses.models import OfficialResponse, ResponseAct, ResponseAnswer
from tracker.review.codes import EditorialState, RetractReason
from tracker.timelines import queries, views
from tracker.timelines.clocks import response_record_of
from tracker.timelines.codes import ClockKind, ClockStart
from tracker.timelines.loading_queries import RecordScope
from tracker.timelines.open_case_queries import load_open_cases
from tracker.timelines.queries import (
    count_stances,
    facts_of_case,
    facts_of_institution,
    facts_of_journalist,
    facts_of_one_incident,
    open_cases_with_texts,
)
from tracker.timelines.situation import situation_of_case, situation_of_incident
from tracker.vocabulary.codes import Answer
from tracker.when import OPEN_START, Precision, When, parse_when

ANY = (ClockKind.NO_RESPONSE, ClockStart.PUBLIC)
REAL = (ClockKind.NOT_SUBSTANTIVE, ClockStart.PUBLIC)
ANY_NOTIFIED = (ClockKind.NO_RESPONSE, ClockStart.NOTIFIED)


def at(typed):
    return parse_when(typed, latest_possible_date=current_date())


def act(kind, substantive=Answer.NO):
    return ResponseAct(act=kind, is_substantive=substantive)


def record(ref: str) -> Any:
    """Return the record of a ref, of whatever kind."""
    kind = record_models()[ref[:3]]
    return db.session.scalars(select(kind).where(kind.ref == ref)).one()


def words(text: str) -> str:
    """Return the words of a page, without marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@pytest.fixture
def told(app, client):
    """Return the refs of a case that was answered in part, and sign staff in."""
    refs = prepared(app, "answered", lambda: _told(app))
    sign_in_directly(client, "staff")
    return refs


def _told(app):
    with as_user(app) as by:
        ministry = make_institution("Ministry of Culture", by=by)
        police = make_institution("Police of Almaty", kind=InstitutionKind.POLICE, by=by)
        first = make_article("Men at the door", published=at("2025-03-06"), by=by)
        later = make_article("She is called dead", published=at("2025-05-02"), by=by)
        asem = make_journalist("Asem Doe", by=by)
        visit = make_incident("A visit", by=by, when="2025-03-04", cites=first, journalist=asem)
        hoax = make_incident("A hoax", by=by, when="2025-05-01", cites=later, journalist=asem)
        answer = make_response(
            act(ActType.CONDEMNATION), act(ActType.INVESTIGATION_ANNOUNCED),
            by=by, when="2025-03-20", institution=ministry,
        )  # fmt: skip
        answer.answers_scope = AnswerScope.INCIDENTS
        answer.answers = [ResponseAnswer(incident=visit)]
        letter = make_appeal(
            visit, hoax,
            by=by, when="2025-03-10", institution=police, due_on=at("2025-04-10").latest,
        )  # fmt: skip
        docket = make_proceeding(
            "against_perpetrators", ("filed", "2025-04-01"), ("opened", "2025-04-15"),
            by=by, incidents=(visit,), institution=police,
        )  # fmt: skip
        twin = make_account(
            "Asem the second", by=by, cites=later,
            events=(FakeAccountEvent(event=AccountEvent.FIRST_SEEN, when=at("2025-05-01")),),
        )  # fmt: skip
        twin.incidents = [IncidentAccount(incident=hoax)]
        case = make_case(by=by)
        file_records(case, [visit, hoax], by=by)
        db.session.commit()
        return {
            "case": case.ref, "visit": visit.ref, "hoax": hoax.ref, "answer": answer.ref,
            "letter": letter.ref, "docket": docket.ref, "ministry": ministry.ref,
            "police": police.ref, "asem": asem.ref, "twin": twin.ref,
        }  # fmt: skip


def read(clocks):
    return {
        (one.kind, one.start): (one.days, one.stop_event and one.stop_event.fact.ref)
        for one in clocks
    }


def situation(told, **given):
    case = record(told["case"])
    return situation_of_case(facts_of_case(case).facts, "KZ", today=current_date(), **given)


def test_a_case_is_told_with_what_is_about_its_incidents_though_nobody_filed_it(app, told):
    with as_user(app):
        facts = facts_of_case(record(told["case"])).facts

    assert {fact.ref for fact in facts} == {
        told[name] for name in ("visit", "hoax", "answer", "letter", "docket", "twin")
    }


def test_clocks_and_ladder_follow_from_the_records(app, told):
    with as_user(app):
        found = situation(told)

    clocks = read(found.clocks)
    assert clocks[ANY] == (DayCount(14, 14), told["answer"])
    # 6 March to 15 April; 1 April tells the authority, and so does the letter of 10 March.
    assert clocks[REAL] == (DayCount(40, 40), told["docket"])
    assert clocks[ANY_NOTIFIED] == (DayCount(10, 10), told["answer"])
    assert read(found.incident_clocks[told["hoax"]])[ANY][1] is None
    assert found.derived_step.step == "investigation_registered"
    assert found.derived_step.reached_by.ref == told["docket"]


def test_a_response_to_the_case_answers_what_had_begun_by_then_and_nothing_later(app, told):
    with as_user(app) as by:
        case = record(told["case"])
        general = make_response(act(ActType.STATEMENT), by=by, when="2025-04-20")
        file_records(case, [general], by=by)
        db.session.commit()
        waiting = situation(told).incident_clocks
        hoax = record(told["hoax"])
        alone = situation_of_incident(
            hoax.ref, facts_of_one_incident(hoax).facts, "KZ", today=current_date()
        ).clocks
        visit = facts_of_one_incident(record(told["visit"])).facts

        assert read(waiting[told["hoax"]]) == read(alone)
        assert read(alone)[ANY][1] is None
        assert general.ref in {fact.ref for fact in visit}
        general.when = at("2025-05-03")
        db.session.commit()

        assert read(situation(told).incident_clocks[told["hoax"]])[ANY] == (
            DayCount(1, 1),
            general.ref,
        )


def test_a_minister_of_another_case_ends_no_silence_here(app, client, told):
    with as_user(app) as by:
        here = make_case("Another affair", by=by)
        beaten = make_incident("A beating", by=by, when="2025-02-01")
        source = record(told["visit"]).citations[0].article
        silent = make_incident("Calls", by=by, when="2025-03-04", cites=source)
        ministry = record(told["ministry"])
        of_other = make_response(
            act(ActType.PLEDGE), by=by, when="2025-03-10", institution=ministry
        )
        of_other.answers_scope = AnswerScope.INCIDENTS
        of_other.answers = [ResponseAnswer(incident=beaten)]
        whole = make_response(act(ActType.STATEMENT), by=by, when="2025-03-12")
        whole.answers_scope = AnswerScope.CASE
        file_records(here, [silent, of_other], by=by)
        # The other case is answered as a whole, and shares the calls.
        file_records(record(told["case"]), [silent, whole], by=by)
        db.session.commit()
        ref = here.ref

        found = situation(told | {"case": ref})
        [shown] = [one for one in load_open_cases() if one.ref == ref]

        assert {of_other.ref, whole.ref} <= {entry.fact.ref for entry in found.entries}
        for clocks in (found.clocks, shown.clocks):
            assert read(clocks)[ANY][1] is None
        assert list(found.promises) == []
        assert found.derived_step.step == shown.step == "no_response"
        of_other.answers.append(ResponseAnswer(incident=silent))
        db.session.commit()
        assert read(situation(told | {"case": ref}).clocks)[ANY] == (DayCount(4, 4), of_other.ref)

    assert "Without any response 4 days , ended by:" in words(
        client.get(f"/cases/{ref}/official-response/").text
    )


def test_an_answer_without_a_date_says_that_the_days_are_not_known(app, client, told):
    with as_user(app) as by:
        visit = record(told["visit"])
        reply = make_response(
            act(ActType.INVESTIGATION_OPENED, Answer.YES),
            by=by, when="", institution=record(told["police"]),
        )  # fmt: skip
        reply.when = When(OPEN_START, at("2025-03-06").latest, Precision.UNKNOWN)
        reply.answers = [ResponseAnswer(incident=visit)]
        gone = record(told["answer"])
        gone.state, gone.retract_reason = EditorialState.RETRACTED, RetractReason.CODING_ERROR
        db.session.commit()

    for address in (
        f"/incidents/{told['visit']}/timeline",
        f"/cases/{told['case']}/official-response/",
    ):
        text = words(client.get(address).text)
        assert "Without any response not known , ended by:" in text
        assert "Without a substantive response not known , ended by:" in text
        assert not re.search(r"\b0 days", text)


def test_an_answer_of_which_the_last_day_alone_is_known_has_bounds(app, client, told):
    with as_user(app) as by:
        visit = record(told["visit"])
        reply = make_response(
            act(ActType.INVESTIGATION_OPENED, Answer.YES),
            by=by, when="before 2025-03-07", institution=record(told["police"]),
        )  # fmt: skip
        reply.answers = [ResponseAnswer(incident=visit)]
        gone = record(told["answer"])
        gone.state, gone.retract_reason = EditorialState.RETRACTED, RetractReason.CODING_ERROR
        db.session.commit()
        known = reply.ref

    def said(address: str) -> str:
        return words(client.get(address).text)

    clocks = f"/cases/{told['case']}/official-response/"
    # The article that made it public tells of the answer.
    assert "Without any response 0 days , ended by:" in said(clocks)
    assert "unclear, before 7 March 2025" in said(clocks)
    assert ", by 6 March 2025" not in said(clocks)
    assert "0 days answered by the day it was public" in said(f"/cases/{told['case']}/")

    with as_user(app):
        record(known).when = at("before 2025-03-20")
        db.session.commit()
    assert "Without any response at most 13 days , ended by:" in said(clocks)
    assert "at most 13 days until it was answered" in said(f"/cases/{told['case']}/")


def test_the_days_since_the_first_incident_are_no_fewer_than_those_without_a_response(
    app, client, told
):
    with as_user(app):
        visit = record(told["visit"])
        visit.when, visit.extent = at("2024-12/2025-06"), Extent.REPEATED
        today = current_date()
        db.session.commit()

    # Both begin with some day of December, and not with any of the half year.
    least, most = (f"{(today - day).days}" for day in (date(2024, 12, 31), date(2024, 12, 1)))
    page = words(client.get(f"/cases/{told['case']}/").text)
    assert f"Since the first incident {least} to {most} days" in page


def test_the_heading_of_clocks_says_from_what_they_count(app, client, told):
    addresses = [
        f"/incidents/{told['visit']}/timeline",
        f"/cases/{told['case']}/official-response/",
    ]
    for address in addresses:
        assert "Since publication A visit" in words(client.get(address).text)
    with as_user(app):
        visit = record(told["visit"])
        visit.when, visit.extent = at("2024-12/2025-06"), Extent.REPEATED
        db.session.commit()

    for address in addresses:
        text = words(client.get(address).text)
        assert "Since the first occurrence A visit Draft , its first occurrence" in text
        assert "Since publication" not in text


def test_whatever_answers_an_appeal_answers_what_it_was_about(app, told):
    with as_user(app) as by:
        reply = make_response(act(ActType.FORMAL_REPLY), by=by, when="2025-05-12")
        reply.answers_scope = AnswerScope.SITUATION
        asked = make_appeal(
            record(told["hoax"]),
            by=by, when="2025-05-04", institution=record(told["police"]),
        )  # fmt: skip
        asked.outcome, asked.response = AppealOutcome.ANSWERED, reply
        db.session.commit()

        clocks = read(situation(told).incident_clocks[told["hoax"]])

    assert clocks[ANY] == (DayCount(10, 10), reply.ref)


def test_the_page_of_a_case_says_how_long_nobody_answered_and_what_ended_it(client, told):
    page = client.get(f"/cases/{told['case']}/official-response/").text
    text = words(page)

    assert "Accountability Pre-trial investigation registered reached by: Opened: Criminal" in text
    assert (
        "Without any response 14 days , ended by: Ministry of Culture: unclear, 20 March 2025"
        in text
    )
    assert "Without a substantive response 40 days , ended by: Opened: Criminal case" in text
    assert "Police of Almaty Draft , 15 April 2025" in text
    assert "Since publication A visit Draft , Men at the door , 6 March 2025" in text
    assert "Promised, not done 26 days" in text
    assert "1 incident without any response, for " in text
    assert 'href="/indicators"' in page
    assert f'href="/responses/{told["answer"]}/"' in page
    assert not re.search(r"<script(?! src=\"/static/)|<style|\sstyle=", page)


def test_a_case_that_was_answered_in_substance_is_not_said_to_have_statements_only(
    app, client, told
):
    with as_user(app) as by:
        case = make_case(by=by)
        visit = make_incident(
            "Seized", by=by, when="2025-03-04",
            cites=make_article("Taken away", published=at("2025-03-06"), by=by),
        )  # fmt: skip
        reply = make_response(
            act(ActType.MEASURE_REVERSED, Answer.YES),
            by=by, when="2025-09-26", institution=record(told["police"]),
        )  # fmt: skip
        file_records(case, [visit, reply], by=by)
        db.session.commit()
        ref = case.ref

    text = words(client.get(f"/cases/{ref}/official-response/").text)
    assert "Accountability Answered, no investigation reached by: Police of Almaty" in text
    assert "Without a substantive response 204 days , ended by: Police of Almaty" in text
    assert "Statements only" not in text


def test_the_timeline_of_an_incident_has_its_clocks_and_no_ladder(client, told):
    text = words(client.get(f"/incidents/{told['hoax']}/timeline").text)

    assert "Since publication A hoax Draft , She is called dead , 2 May 2025" in text
    assert "and counting" in text
    assert "Accountability" not in text


def test_an_accountability_set_by_hand_stands_beside_what_follows_from_the_record(client, told):
    address = f"/cases/{told['case']}/edit"
    answer = post(
        client, address, title="An affair", country="KZ", summary="", lead="", lifecycle="open",
        accountability="complete_impunity", accountability_reason="The file is lost.",
    )  # fmt: skip
    assert answer.status_code == 303

    page = client.get(f"/cases/{told['case']}/official-response/").text
    text = words(page)

    assert 'registered <span class="meta">reached by:' in page
    assert "Accountability Complete impunity set by hand: The file is lost." in text
    assert "From what is recorded Pre-trial investigation registered" in text


def test_step_and_clocks_say_where_a_draft_put_them(app, client, told):
    address = f"/cases/{told['case']}/official-response/"
    draft = r'/proceedings/[^/]*/">[^<]*</a> <span class="badge draft"><svg.*?</svg>Draft</span>'
    before = client.get(address).text.partition("answers-heading")[2].partition("</section>")[0]
    with as_user(app):
        record(told["docket"]).state = EditorialState.APPROVED
        db.session.commit()
    after = client.get(address).text.partition("answers-heading")[2].partition("</section>")[0]

    assert re.search(f"reached by: <a href=.{draft}", before)
    # The step, and the clock that the opened file ended.
    assert len(re.findall(draft, before)) > 1
    assert not re.search(draft, after)


def test_what_is_hidden_stops_no_clock_of_whoever_may_not_see_it(app, told):
    with as_user(app):
        for answer in db.session.query(OfficialResponse):
            answer.visibility = Visibility.RESTRICTED
        db.session.commit()
    with as_user(app, "monitor", Role.MONITOR, team=None):
        clocks = read(situation(told).clocks)

    assert clocks[ANY] == (DayCount(40, 40), told["docket"])


def test_as_known_on_a_day_reads_what_had_been_recorded_by_then(app, told):
    with as_user(app):
        yesterday = clock.local_date(clock.utc_now()).replace(year=2025)

        assert situation(told, known_on=yesterday).entries == []
        assert situation(told, known_on=current_date()).entries == situation(told).entries


def test_what_is_named_of_many_cases_is_told_as_each_tells_it_by_itself(app, told):
    with as_user(app) as by:
        other = make_case("Another affair", by=by)
        call = make_incident("A call", by=by, when="2025-05-05")
        file_records(other, [call, record(told["visit"])], by=by)
        make_case("Nothing in it", by=by)
        # Either may have been public first, and both are named.
        files = [
            make_incident(
                title, by=by, when="2025-01-05",
                cites=make_article(day, by=by, published=at(day), text=f"In {day}."),
            )
            for title, day in (("A visit", "2025"), ("A search", "2025-03"))
        ]  # fmt: skip
        file_records(make_case("Either of two", by=by), files, by=by)
        db.session.commit()
        found = load_open_cases()

        shown = open_cases_with_texts(found)

        assert len(shown) == 4
        assert 2 in {
            len(clock.start_event.parts) for _case, one in shown for clock in one.running_clocks
        }
        for case, one in shown:
            alone = situation_of_case(facts_of_case(case).facts, "KZ", today=current_date())
            assert [in_short(clock) for clock in one.clocks if clock in one.running_clocks] == [
                in_short(clock)
                for clock in alone.clocks
                if clock.is_running and clock.start is ClockStart.PUBLIC
            ]
            assert alone.derived_step is not None
            assert words_of(one.derived_step.reached_by) == words_of(alone.derived_step.reached_by)
            assert [*map(words_of, one.claimed_answers)] == [*map(words_of, alone.claimed_answers)]


def test_more_cases_take_no_more_queries_and_only_kinds_that_they_have_are_read(app, told):
    with as_user(app) as by:
        visit = record(told["visit"])
        source = make_article("News", by=by, published=at("2025-03"), text="In March.")
        search = make_incident("A search", by=by, when="2025-01-05", cites=source)
        file_records(make_case("A search", by=by), [search], by=by)
        db.session.commit()
        cases = load_open_cases()
        (alone,) = (one for one in cases if {fact.ref for fact in one.facts} == {search.ref})
        with counted() as of_one:
            open_cases_with_texts([alone])
        with counted() as of_these:
            open_cases_with_texts(cases)
        file_records(make_case("Both", by=by), [visit, search], by=by)
        db.session.commit()
        more = load_open_cases()
        with counted() as of_more:
            open_cases_with_texts(more)

    assert len(more) == len(cases) + 1
    assert len(of_more) == len(of_these) > len(of_one)
    assert not any(table in one for one in of_one for table in ("appeals", "proceedings"))


def in_short(clock):
    """Return what a page says of a clock."""
    parts = [(one.earliest, one.latest, words_of(one.fact)) for one in clock.start_event.parts]
    return clock.kind, clock.days, parts


def words_of(fact):
    """Return what a page says of a fact, None of none."""
    return fact and (fact.ref, fact.endpoint, fact.title, fact.note, fact.quotes)


def test_the_response_record_of_a_body_tells_what_it_answered_and_what_it_owes(app, client, told):
    page = client.get(f"/institutions/{told['police']}/response-record")
    text = words(page.text)

    assert page.status_code == 200
    assert "Opened" in text or "opened" in text
    assert "After it was public 40 days" in text
    assert "After it was asked 36 days" in text
    assert "Overdue (1)" in text
    assert "due on 10 April 2025" in text
    assert "Asked about and not answered 1 incident" in text
    assert "median 40 days (of 1 incident)" in text
    of_ministry = words(client.get(f"/institutions/{told['ministry']}/response-record").text)
    assert "After it was public 14 days" in of_ministry
    assert "After it was asked" not in of_ministry


def test_a_long_response_record_is_bounded_and_says_so(app, client, told, monkeypatch):
    monkeypatch.setattr(views, "MAX_ROWS_SHOWN", 0)
    page = client.get(f"/institutions/{told['police']}/response-record").text

    assert 'class="badge overdue"' not in page
    assert "Overdue (1)" in page
    waiting = section(page, "waiting")
    assert "Only the 0 that have waited longest are shown." in waiting
    assert told["hoax"] not in waiting
    overdue = unescape(found(r'href="(/appeals/\?[^"]+)"', page))
    assert overdue == f"/appeals/?institution={told['police']}&overdue=yes"
    assert "1 appeal" in words(client.get(overdue).text)
    assert "Only the latest 0 are shown." in page
    assert f'href="/proceedings/?institution={told["police"]}"' in page


def test_the_page_of_a_body_leads_to_its_response_record(client, told):
    page = client.get(f"/institutions/{told['police']}/").text

    assert f'href="/institutions/{told["police"]}/response-record"' in page


@pytest.mark.parametrize("body", ["police", "ministry"])
def test_the_page_of_a_body_has_the_figures_of_its_response_record(client, told, body):
    figures = r"<dt>Answers and acts</dt>.*?</dl>"
    page, record = (
        client.get(f"/institutions/{told[body]}/{tab}").text for tab in ("", "response-record")
    )

    assert re.findall(figures, page, re.DOTALL) == re.findall(figures, record, re.DOTALL) != []


def test_a_body_that_never_answered_and_was_never_asked_has_an_empty_response_record(
    app, client, told
):
    with as_user(app) as by:
        ref = make_institution("Court of Almaty", kind=InstitutionKind.COURT, by=by).ref
        db.session.commit()

    assert (
        "You see no answer or act of this institution"
        in client.get(f"/institutions/{ref}/response-record").text
    )
    assert f"/institutions/{ref}/response-record" not in client.get(f"/institutions/{ref}/").text


def test_a_response_to_the_case_stands_in_the_response_record_with_the_incidents_of_the_case(
    app, told
):
    with as_user(app) as by:
        ministry = record(told["ministry"])
        general = make_response(
            act(ActType.STATEMENT), by=by, when="2025-05-12", institution=ministry
        )
        file_records(record(told["case"]), [general], by=by)
        db.session.commit()

        rows = response_record_of(
            ministry.ref, facts_of_institution(ministry).facts, today=current_date()
        ).acts

    assert [one.ref for one in rows[0].incidents] == [told["visit"], told["hoax"]]


@pytest.mark.parametrize("address", ["/indicators", "/institutions/{police}/response-record"])
def test_these_pages_take_no_parameters_and_nobody_who_is_not_signed_in(app, client, told, address):
    address = address.format(**told)

    assert client.get(address).status_code == 200
    assert client.get(address + "?x=1").status_code == 400
    assert app.test_client().get(address).headers["Location"].startswith("/sign-in")


def test_a_missing_body_has_no_response_record(client, told):
    assert client.get("/institutions/INS-0000000000/response-record").status_code == 404


def test_the_page_of_how_it_is_counted_names_every_step_and_every_clock(client, told):
    text = words(client.get("/indicators").text)

    for said in ("Complete impunity", "Justice disputed", "Without any response"):
        assert said in text


def test_the_facts_of_somebody_with_everything_take_fifteen_queries(app, told):
    with as_user(app):
        asem = record(told["asem"])
        case = record(told["case"])
        for read_facts in (lambda: facts_of_journalist(asem), lambda: facts_of_case(case)):
            with counted() as seen:
                assert {fact.kind for fact in read_facts().facts} == {
                    "incident", "response", "appeal", "proceeding_step", "account_event",
                }  # fmt: skip
            assert len(seen) <= 15


def test_more_records_take_no_more_queries(app, told):
    with as_user(app) as by:
        asem = record(told["asem"])
        article = make_article("Again", by=by)
        with counted() as seen:
            facts_of_journalist(asem)
        before = len(seen)
        for number in range(30):
            make_incident(f"Again {number}", by=by, cites=article, journalist=asem)
        db.session.commit()
        asem = record(told["asem"])
        with counted() as seen:
            facts = facts_of_journalist(asem).facts

    assert len([fact for fact in facts if fact.kind == "incident"]) == 32
    assert len(seen) == before


def test_a_retracted_incident_has_no_clocks(app, client, told):
    with as_user(app):
        incident = record(told["hoax"])
        incident.state = EditorialState.RETRACTED
        incident.retract_reason = RetractReason.DID_NOT_HAPPEN
        db.session.commit()

    timeline = client.get(f"/incidents/{told['hoax']}/timeline").text
    assert ">Official response</h2>" not in timeline
    response = client.get(f"/cases/{told['case']}/official-response/").text
    assert "1 incident without" not in words(response)


def test_hidden_records_change_nothing_on_the_pages_of_whoever_may_not_see_them(app, told):
    with as_user(app, "monitor", Role.MONITOR, team=None):
        pass
    monitor = app.test_client()
    sign_in_directly(monitor, "monitor")
    addresses = [
        f"/cases/{told['case']}/", f"/incidents/{told['hoax']}/", f"/journalists/{told['asem']}/",
        f"/cases/{told['case']}/records/", f"/cases/{told['case']}/official-response/",
        f"/incidents/{told['hoax']}/timeline", f"/journalists/{told['asem']}/timeline",
        f"/cases/{told['case']}/timeline.json", f"/institutions/{told['police']}/response-record",
        f"/institutions/{told['police']}/",
    ]  # fmt: skip

    def shown():
        pages = [monitor.get(address).text for address in addresses]
        return [re.sub(r'As of [^<]*|"as_of": "[^"]*"|value="[^"]*"', "", page) for page in pages]

    before = shown()
    with as_user(app) as by:
        hoax, case = record(told["hoax"]), record(told["case"])
        police = record(told["police"])
        hidden: dict[str, Any] = {"by": by, "visibility": Visibility.RESTRICTED}
        named = make_response(
            act(ActType.STATEMENT), when="2025-05-12", institution=police, **hidden
        )
        named.answers = [ResponseAnswer(incident=hoax)]
        to_case = make_response(act(ActType.PLEDGE), when="2025-05-13", **hidden)
        make_appeal(hoax, when="2025-05-04", institution=police, **hidden)
        make_proceeding(
            "against_perpetrators", ("charged", "2025-05-20"), incidents=(hoax,),
            institution=police, **hidden,
        )  # fmt: skip
        twin = make_account(
            "Asem the third",
            events=(
                FakeAccountEvent(
                    event=AccountEvent.BLOCKED, when=at("2025-05-21"), institution=police
                ),
            ),
            **hidden,
        )
        twin.incidents = [IncidentAccount(incident=hoax)]
        leaked = make_article("A leaked letter", published=at("2025-04-30"), **hidden)
        call = make_incident("A call", when="2025-01-04", cites=leaked, **hidden)
        file_records(case, [to_case, call, named], by=by)
        case.updated_at = case.recorded_at
        db.session.commit()

    assert shown() == before
    staff = app.test_client()
    sign_in_directly(staff, "staff")
    assert "A call" in staff.get(addresses[0]).text


def test_an_appeal_that_is_retracted_makes_its_answer_answer_nothing(app, told):
    with as_user(app) as by:
        reply = make_response(act(ActType.FORMAL_REPLY), by=by, when="2025-05-12")
        reply.answers_scope = AnswerScope.SITUATION
        asked = make_appeal(record(told["hoax"]), by=by, when="2025-05-04")
        asked.outcome, asked.response = AppealOutcome.ANSWERED, reply
        asked.state, asked.retract_reason = EditorialState.RETRACTED, RetractReason.CODING_ERROR
        db.session.commit()

        found = situation(told)

        assert read(found.incident_clocks[told["hoax"]])[ANY][1] is None
        assert reply.ref not in {entry.fact.ref for entry in found.entries}


def test_what_another_state_blocks_or_tries_stops_no_clock_here(app, told):
    with as_user(app) as by:
        hoax = record(told["hoax"])
        abroad = make_institution("Police of Warsaw", country="PL", by=by)
        make_proceeding(
            "against_perpetrators", ("opened", "2025-05-10"), by=by, incidents=(hoax,), country="PL"
        )
        twin = make_account(
            "Asem the third", by=by,
            events=(
                FakeAccountEvent(
                    event=AccountEvent.BLOCKED, when=at("2025-05-11"), institution=abroad
                ),
            ),
        )  # fmt: skip
        twin.incidents = [IncidentAccount(incident=hoax)]
        db.session.commit()

        assert read(situation(told).incident_clocks[told["hoax"]])[ANY][1] is None


def test_what_is_said_to_another_case_before_a_shared_incident_is_told_in_no_other(app, told):
    with as_user(app) as by:
        hoax = record(told["hoax"])
        other = make_case("Another affair", by=by)
        early = make_response(act(ActType.STATEMENT), by=by, when="2025-03-10")
        file_records(other, [hoax, early], by=by)
        db.session.commit()

        # The hoax is of 1 May: nothing of 10 March answers it, nor the visit of 4 March, of which
        # the other case holds nothing.
        assert early.ref not in {fact.ref for fact in facts_of_case(record(told["case"])).facts}
        assert read(situation(told).clocks)[ANY] == (DayCount(14, 14), told["answer"])
        # In its own case it is told all the same.
        assert early.ref in {fact.ref for fact in facts_of_case(other).facts}
        early.when = at("2025-05-03")
        db.session.commit()
        assert early.ref in {fact.ref for fact in facts_of_case(record(told["case"])).facts}


def test_a_response_to_the_situation_that_is_filed_in_another_case_is_told_in_no_other(app, told):
    with as_user(app) as by:
        other = make_case("Another affair", by=by)
        general = make_response(act(ActType.STATEMENT), by=by, when="2025-05-12")
        general.answers_scope = AnswerScope.SITUATION
        file_records(other, [record(told["hoax"]), general], by=by)
        db.session.commit()

        assert general.ref not in {fact.ref for fact in facts_of_case(record(told["case"])).facts}


def test_words_of_another_state_stop_no_clock_whatever_standing_they_were_given(app, told):
    with as_user(app) as by:
        abroad = make_institution("Police of Warsaw", country="PL", by=by)
        hoax = record(told["hoax"])
        for body in (abroad, record(told["police"])):
            words_of = make_response(
                act(ActType.STATEMENT), by=by, when="2025-05-12", institution=body
            )
            words_of.answers = [ResponseAnswer(incident=hoax)]
            db.session.commit()
            stopped = read(situation(told).incident_clocks[told["hoax"]])[ANY][1]
            assert stopped == (None if body is abroad else words_of.ref)


@pytest.mark.parametrize(
    ("kind", "is_told"),
    [
        (None, True),
        (InstitutionKind.POLICE, True),
        (InstitutionKind.PLATFORM, False),
        (InstitutionKind.INTERGOVERNMENTAL, False),
    ],
)
def test_a_platform_or_observers_who_were_told_are_no_authority(app, told, kind, is_told):
    with as_user(app) as by:
        body = make_institution("Somebody", kind=kind, country=None, by=by) if kind else None
        reported = FakeAccountEvent(
            event=AccountEvent.REPORTED_TO_AUTHORITY, when=at("2025-05-02"), institution=body
        )
        twin = make_account("Asem the third", by=by, events=(reported,))
        twin.incidents = [IncidentAccount(incident=record(told["hoax"]))]
        record(told["letter"]).incidents = []
        db.session.commit()

        clocks = situation(told).incident_clocks[told["hoax"]]

    assert (ANY_NOTIFIED in read(clocks)) is is_told


@pytest.mark.parametrize(
    ("known", "says"),
    [
        (date(2025, 4, 10), "due on 10 April 2025"),
        (date(2025, 4, 11), "overdue since 10 April 2025"),
    ],
)
def test_as_known_on_a_day_an_answer_is_overdue_if_it_was_so_on_that_day(app, told, known, says):
    with as_user(app):
        letter = record(told["letter"])
        letter.recorded_at = letter.recorded_at.replace(year=2025, month=3, day=11)
        db.session.commit()
        notes = {one.fact.ref: one.fact.note for one in situation(told, known_on=known).entries}
        now = {one.fact.ref: one.fact.note for one in situation(told).entries}

    assert notes[told["letter"]].endswith(f", {says}")
    assert now[told["letter"]].endswith(", overdue since 10 April 2025")
    assert notes[told["letter"]].count("10 April") == 1


def test_a_response_record_says_where_not_all_is_read(client, told, monkeypatch):
    address = f"/institutions/{told['police']}/response-record"
    cut = "Only its newest records of each kind are counted here"

    assert cut not in client.get(address).text
    monkeypatch.setattr(queries, "RecordScope", partial(RecordScope, max_records_of_kind=1))
    assert cut in client.get(address).text


def test_the_stances_of_a_body_leave_out_what_is_retracted(app, told):
    with as_user(app) as by:
        ministry = record(told["ministry"])
        assert count_stances(ministry) == [(Stance.UNCLEAR, 1)]
        gone = make_response(act(ActType.STATEMENT), by=by, institution=ministry)
        gone.state, gone.retract_reason = EditorialState.RETRACTED, RetractReason.CODING_ERROR
        db.session.commit()

        assert count_stances(ministry) == [(Stance.UNCLEAR, 1)]


def test_a_response_record_holds_what_is_by_the_body_alone_and_the_case_only_if_it_was_answered(
    app, told
):
    with as_user(app) as by:
        ministry = record(told["ministry"])
        general = make_response(
            act(ActType.STATEMENT), by=by, when="2025-05-12", institution=ministry
        )
        general.answers_scope = AnswerScope.SITUATION
        file_records(record(told["case"]), [general], by=by)
        db.session.commit()

        found = {fact.ref for fact in facts_of_institution(ministry).facts}

    # Neither the letter to the police about the same visit, nor the hoax, of which it said nothing.
    assert found == {told["answer"], told["visit"], general.ref}


def test_what_a_body_answered_for_another_one_that_was_asked_it_is_not_said_to_owe(app, told):
    with as_user(app) as by:
        police = record(told["police"])
        other = make_institution("Ministry of the Interior", by=by)
        reply = make_response(act(ActType.STATEMENT), by=by, when="2025-05-12", institution=police)
        letter = make_appeal(record(told["hoax"]), by=by, when="2025-05-03", institution=other)
        letter.outcome, letter.response = AppealOutcome.ANSWERED, reply
        db.session.commit()

        found = response_record_of(
            police.ref, facts_of_institution(police).facts, today=current_date()
        )

    # The police were asked about the visit and the hoax, and opened a file about the visit alone.
    assert found.unanswered_incidents == []
    # Of the hoax they had been asked on 10 March themselves.
    said = next(one for one in found.acts if one.fact.ref == reply.ref)
    assert [one.ref for one in said.incidents] == [told["hoax"]]
    assert [one.ref for one in found.overdue_appeals] == [told["letter"]]


def test_an_incident_answered_by_a_response_to_its_case_is_not_told_as_unanswered(
    app, client, told
):
    nothing, elsewhere = "No response to it that you may see", "No response to this incident alone."
    hoax = f"/incidents/{told['hoax']}/"
    assert nothing in client.get(hoax).text

    with as_user(app) as by:
        said = make_response(act(ActType.CONDEMNATION), by=by, when="2025-06-01")
        file_records(record(told["case"]), [said], by=by)
        db.session.commit()

    page = client.get(hoax).text
    assert elsewhere in page
    assert nothing not in page
    assert elsewhere not in client.get(f"/incidents/{told['visit']}/").text


def test_a_case_of_which_not_all_is_read_states_nothing_of_its_answers(
    app: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with as_user(app) as by:
        incident = make_incident("Calls", by=by, cites=make_article("News", by=by))
        case = make_case(by=by)
        file_records(case, [incident, *(make_appeal(incident, by=by) for _ in range(2))], by=by)
        case.accountability = Accountability.COMPLETE_IMPUNITY
        case.accountability_reason = "Time has run out."
        db.session.commit()
        address = f"/cases/{case.ref}/official-response/"
    sign_in_directly(client, "staff")
    assert "No silences are drawn here" not in client.get(address).text
    monkeypatch.setattr(queries, "MAX_RECORDS_OF_KIND_IN_CASE", 1)

    text = client.get(address).text

    assert "No silences are drawn here: an answer may be among the records not read." in text
    assert "not known since when it is public" not in text
    assert "No appeal, complaint or report to an authority is recorded" not in text
    assert "Time has run out." in text
    assert "Set it by hand" in text

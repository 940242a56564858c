"""An appeal that is reported as answered, by nothing on record, counts as unanswered where anything
waits for an answer; beside every figure that it keeps up it is said so.
"""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.cases.records_made import make_case, make_incident, make_response
from tests.factories import as_user, make_article, make_institution, sign_in_directly
from tests.responses.appeals_made import make_appeal
from tests.responses.proceedings_made import make_proceeding
from tests.timelines.conftest import act, at
from tests.timelines.overview_read import NOW, section
from tests.timelines.overview_read import words as words_of
from tracker import clock
from tracker.cases.service import file_records
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.people.codes import InstitutionKind
from tracker.permissions import Role
from tracker.responses.codes import ActType, AppealOutcome
from tracker.responses.models import Appeal

SAID = "Letter to Police of Almaty, 10 February 2026 : reported as answered, but you see no"


@pytest.fixture
def told(app, client, monkeypatch):
    """Return the addresses of a case whose letter is reported as answered, and sign staff in."""
    monkeypatch.setattr(clock, "utc_now", lambda: NOW)
    with as_user(app) as by:
        news = make_article("News", by=by, published=at("2026-02-06"))
        police = make_institution("Police of Almaty", by=by)
        incident = make_incident("A call", by=by, when="2026-02-04", cites=news)
        letter = make_appeal(
            incident, by=by, when="2026-02-10", institution=police, outcome=AppealOutcome.ANSWERED
        )
        case = make_case("An affair", by=by)
        file_records(case, [incident], by=by)
        db.session.commit()
        found = {
            "case": f"/cases/{case.ref}/official-response/", "timeline": f"/cases/{case.ref}/timeline",
            "incident": f"/incidents/{incident.ref}/timeline",
            "police": f"/institutions/{police.ref}/", "letter": f"/appeals/{letter.ref}/",
        }  # fmt: skip
    sign_in_directly(client, "staff")
    return found


def test_it_stops_no_clock_and_is_told_beside_each(client, told):
    there_too = f'href="{told["letter"]}#outcome-heading">See the appeal</a>'
    for address, heading in (
        ("/", "silence"), (told["case"], "answers"), (told["incident"], "answers"),
    ):  # fmt: skip
        there = section(client.get(address).text, heading)
        assert SAID in words_of(there), address
        assert "So it counts as unanswered here" in words_of(there), address
        # 6 February to 10 March.
        assert "32 days" in words_of(there), address
        assert there_too in there, address
    listed = client.get("/cases-by-status?silent=yes").text
    assert SAID in words_of(listed)
    assert "So it counts as unanswered here" in words_of(listed)
    # The number of the overview leads to that list, and what is beside it to the appeals.
    overview = section(client.get("/").text, "silence")
    assert "In 1 of them an appeal is reported as answered" in words_of(overview)
    assert 'href="/appeals/?unrecorded=yes"' in overview
    story = client.get(told["timeline"]).text
    assert "reported as answered, but you see no recorded answer" in story
    assert there_too in story


def test_a_response_record_counts_it_as_unanswered_and_leads_to_what_it_counts(client, told):
    address = told["police"].removesuffix("/")
    ref = address.rpartition("/")[2]
    for page in (client.get(f"{address}/").text, client.get(f"{address}/response-record").text):
        assert f'<a href="{address}/response-record#waiting-heading">1 incident</a>' in page
        figure = f'<a href="/appeals/?institution={ref}&unrecorded=yes">1 appeal</a>'
        assert figure in unescape(page)
        assert "1 appeal (1 counted as unanswered)" in words_of(page)
    waiting = section(page, "waiting")
    assert "Asked about and not answered (1)" in words_of(waiting)
    assert "reported as answered, but you see no recorded answer" in words_of(waiting)
    listed = client.get(f"/appeals/?institution={ref}&unrecorded=yes").text
    assert told["letter"] in listed


def test_once_its_answer_is_on_record_nothing_of_it_is_left(app, client, told):
    with as_user(app) as by:
        letter = db.session.query(Appeal).one()
        letter.response = make_response(
            act(ActType.STATEMENT), by=by, when="2026-02-20", institution=letter.institution
        )
        db.session.commit()

    for address in ("/", told["case"], told["incident"], told["police"]):
        assert "reported as answered" not in client.get(address).text.casefold(), address
    assert "14 days" in words_of(section(client.get(told["case"]).text, "answers"))


def test_whoever_cannot_log_the_answer_is_not_asked_to(app, client, told):
    with as_user(app, "monitor", Role.MONITOR):
        db.session.commit()
    monitor = app.test_client()
    sign_in_directly(monitor, "monitor")

    there = section(monitor.get(told["case"]).text, "answers")
    assert SAID in words_of(there)
    assert "See the appeal" in there
    assert "Log " not in there


def test_an_appeal_that_is_passed_on_is_said_to_be_and_not_to_be_answered(app, client, told):
    with as_user(app):
        db.session.query(Appeal).one().outcome = AppealOutcome.REFERRED
        db.session.commit()

    there = words_of(section(client.get(told["case"]).text, "answers"))
    assert "32 days" in there
    assert "reported as passed on, but you see no recorded answer" in there
    assert "reported as answered" not in there


def test_where_all_is_answered_by_something_else_it_does_not_count_as_unanswered(app, client, told):
    with as_user(app) as by:
        letter = db.session.query(Appeal).one()
        incident, police = db.session.query(Incident).one(), letter.institution
        make_proceeding(
            "against_perpetrators", ("opened", "2026-02-12"),
            by=by, incidents=(incident,), institution=police,
        )  # fmt: skip
        db.session.commit()

    for address in (told["case"], told["incident"]):
        there = words_of(section(client.get(address).text, "answers"))
        assert SAID in there
        assert "counts as unanswered" not in there
    assert "counts as unanswered" not in client.get("/cases-by-status").text
    record = words_of(client.get(f"{told['police']}response-record").text)
    assert "but you see no recorded answer 1 appeal" in record
    assert "counted as unanswered" not in record


def test_whoever_is_no_authority_is_not_said_to_owe_an_answer(app, client, told):
    with as_user(app):
        body = db.session.query(Appeal).one().institution
        body.kind, body.country = InstitutionKind.PLATFORM, None
        db.session.commit()

    # The overview counts by an outline of the same.
    assert "reported as answered" not in client.get("/").text
    page = client.get(told["case"]).text
    assert "reported as answered" not in section(page, "answers")
    assert "See the appeal" not in page


def test_of_many_such_appeals_a_few_are_named_and_the_rest_is_counted(app, client, told):
    with as_user(app) as by:
        incident = db.session.query(Incident).one()
        for day in (11, 12):
            make_appeal(incident, by=by, when=f"2026-02-{day}", outcome=AppealOutcome.ANSWERED)
        db.session.commit()

    listed = words_of(client.get("/cases-by-status").text)
    assert listed.count("reported as answered, but you see no recorded answer") == 2
    assert (
        "1 more appeal is reported as answered or passed on, but you see no recorded answer"
        in listed
    )


def test_of_two_acts_either_of_which_may_have_been_first_both_are_named(app, client, told):
    with as_user(app) as by:
        incident = db.session.query(Incident).one()
        letter = db.session.query(Appeal).one()
        for code, day in (("refused", "2026-02-12"), ("opened", "2026-02")):
            make_proceeding(
                "against_perpetrators", (code, day),
                by=by, incidents=(incident,), institution=letter.institution,
            )  # fmt: skip
        make_appeal(incident, by=by, when="2026-02", institution=letter.institution)
        db.session.commit()

    there = words_of(section(client.get(told["case"]).text, "answers"))
    assert re.search(
        r"Refused[^,]*, [^,]*, 12 February 2026, if not earlier by: [^,]*, [^,]*,"
        r" February 2026",
        there,
    ), there
    assert "Letter to Police of Almaty, 10 February 2026 Draft , if not earlier by:" in there

"""The start page: each of its numbers, and the list behind each."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from tests.cases.records_made import (
    found,
    make_account,
    make_case,
    make_incident,
    make_response,
)
from tests.factories import as_user, make_article, sign_in_directly
from tests.responses.proceedings_made import make_proceeding
from tests.statements import counted
from tests.timelines.conftest import act, at
from tests.timelines.overview_read import NOW, links, section, words
from tracker.cases.codes import Accountability, Lifecycle
from tracker.cases.models import Case
from tracker.cases.service import file_records
from tracker.db import db
from tracker.fake_accounts.codes import AccountEvent
from tracker.fake_accounts.models import FakeAccountEvent
from tracker.incidents.models import Incident
from tracker.permissions import Role, Visibility
from tracker.responses.codes import ActType
from tracker.review import queries as review_queries
from tracker.review.codes import EditorialState
from tracker.timelines import views
from tracker.timelines.charts import Cell, Chart, ChartKind, Row, Series
from tracker.when import Precision, When


def test_who_is_silent_longest_stands_first_with_the_days(client, three_cases):
    shown = words(section(client.get("/").text, "silence"))

    assert shown.index("Affair silent 60 days") < shown.index("Affair newer 20 days")
    assert "Affair answered" not in shown
    assert "2 cases without any response" in shown


def test_cases_stand_by_their_step_and_each_number_leads_to_its_cases(client, three_cases):
    html = section(client.get("/").text, "steps")

    assert links(html) == {
        "/cases-by-status?step=no_response": 2,
        "/cases-by-status?step=statements_only": 1,
    }
    behind = client.get("/cases-by-status?step=no_response").text
    assert re.findall(r'<li class="entry"><a href="/cases/(CAS-\w+)/"', behind) == [
        three_cases["silent"], three_cases["newer"],
    ]  # fmt: skip


def test_a_step_set_by_hand_counts_instead_of_what_follows_from_the_record(
    app, client, three_cases
):
    with as_user(app):
        case = db.session.query(Case).filter_by(ref=three_cases["silent"]).one()
        case.accountability = Accountability.COMPLETE_IMPUNITY
        case.accountability_reason = "Time has run out."
        db.session.commit()

    html = section(client.get("/").text, "steps")

    assert links(html)["/cases-by-status?step=complete_impunity"] == 1
    assert links(html)["/cases-by-status?step=no_response"] == 1
    assert "Time has run out." in client.get("/cases-by-status?step=complete_impunity").text


def test_a_closed_case_is_left_out(app, client, three_cases):
    with as_user(app):
        db.session.query(Case).filter_by(
            ref=three_cases["silent"]
        ).one().lifecycle = Lifecycle.CLOSED
        db.session.commit()

    text = client.get("/").text

    assert "Affair silent" not in section(text, "silence")
    assert links(section(text, "steps"))["/cases-by-status?step=no_response"] == 1


def test_it_is_said_that_all_open_cases_are_counted_and_their_list_has_pages(
    client, three_cases, monkeypatch
):
    assert "Over all 3 cases that are not closed" in section(client.get("/").text, "steps")
    monkeypatch.setattr(views, "OPEN_CASES_PER_PAGE", 2)

    first = client.get("/cases-by-status?step=no_response").text
    assert 'rel="next"' not in first
    first = client.get("/cases-by-status").text
    assert "3 cases that you may see" in words(first)
    then = unescape(found(r'rel="next" href="([^"]+)"', first))
    assert then == f"/cases-by-status?after={three_cases['newer']}"
    last = client.get(then).text
    assert three_cases["answered"] in last
    assert three_cases["silent"] not in last
    back = unescape(found(r'rel="prev" href="([^"]+)"', last))
    assert three_cases["silent"] in client.get(back).text
    assert client.get("/cases-by-status?after=CAS-0000000000").status_code == 400


def test_cases_stand_in_groups_by_status_with_the_number_in_each(
    app, client, three_cases, monkeypatch
):
    with as_user(app) as by:
        proceeding = make_proceeding("against_perpetrators", ("trial", "2026-02-05"), by=by)
        file_records(make_case("Affair in court", by=by), [proceeding], by=by)
        db.session.commit()

    def groups(address):
        page = client.get(address).text
        found = re.findall(r"<h2 id=.*?</section>", page, re.DOTALL)
        return [
            (words(one.partition("</h2>")[0]), re.findall(r'<li class="entry"><a[^>]*>(.*?)<', one))
            for one in found
        ]

    assert groups("/cases-by-status") == [
        ("No response 2", ["Affair silent", "Affair newer"]),
        ("Answered, no investigation 1", ["Affair answered"]),
        ("Trial 1", ["Affair in court"]),
    ]
    assert groups("/cases-by-status?step=trial") == [("Trial 1", ["Affair in court"])]
    # The number is that of the group, whatever part of it is on the page.
    monkeypatch.setattr(views, "OPEN_CASES_PER_PAGE", 1)
    assert groups("/cases-by-status") == [("No response 2", ["Affair silent"])]
    after = f"/cases-by-status?after={three_cases['silent']}"
    assert groups(after) == [("No response 2", ["Affair newer"])]


def test_each_status_with_cases_leads_to_them_and_keeps_the_rest_of_the_filter(client, three_cases):
    def chips(address):
        found = re.findall(
            r'<a class="chip" href="([^"]+)"( aria-current="true")?>([^<]+)</a>',
            client.get(address).text,
        )
        return [(unescape(to), bool(current), said) for to, current, said in found]

    assert chips("/cases-by-status?step=no_response") == [
        ("/cases-by-status", False, "All 3"),
        ("/cases-by-status?step=no_response", True, "No response 2"),
        ("/cases-by-status?step=statements_only", False, "Answered, no investigation 1"),
    ]
    # One status alone needs no choice.
    assert chips("/cases-by-status?silent=yes") == []


def test_the_list_of_the_silent_shows_as_many_as_were_counted(client, three_cases):
    behind = client.get("/cases-by-status?silent=yes").text

    assert "2 cases that you may see" in words(behind)
    assert behind.index(three_cases["silent"]) < behind.index(three_cases["newer"])
    assert three_cases["answered"] not in behind
    assert "3 cases that you may see" in words(client.get("/cases-by-status").text)


def test_a_silent_case_tells_its_days_once(client, three_cases):
    shown = words(client.get("/cases-by-status?silent=yes").text)

    assert shown.count("60 days since") == 1


@pytest.mark.parametrize("asked", ["step=x", "silent=no", "x=1"])
def test_an_unknown_value_is_refused(client, three_cases, asked):
    answer = client.get(f"/cases-by-status?{asked}")

    assert answer.status_code == 400
    assert asked.partition("=")[0] in answer.text


def test_what_happened_last_stands_once_with_its_cases(app, client, three_cases):
    with as_user(app) as by:
        other = make_case("Another affair", by=by)
        incident = db.session.query(Incident).filter_by(ref=three_cases["in newer"]).one()
        # Named beside the clock and the step of their cases, and told in words: no developments.
        told = make_article("News of some day", by=by, published=at("2025-06-06"), text="Some day.")
        undated = make_incident("Some day", by=by, when="", cites=told)
        file_records(other, [incident, undated], by=by)
        steps = ("opened", "2025-01-10"), ("trial", "2025-02-05")
        coming = make_proceeding("against_perpetrators", *steps, by=by)
        coming.steps[1].when = When(date(2026, 5, 5), date(2026, 5, 5), Precision.DAY)
        file_records(make_case("Affair in court", by=by), [coming], by=by)
        db.session.commit()

    page = client.get("/").text
    shown = section(page, "developments")

    assert "Some day" in section(page, "silence")
    refs = re.findall(r'<br>\s*<a href="/[a-z-]+/(\w{3}-\w+)/"', shown)
    assert refs[:4] == [
        three_cases[one] for one in ("answer", "in newer", "in silent", "in answered")
    ]
    assert "Affair newer" in shown
    assert "Another affair" in shown
    assert "Some day" not in shown
    assert "5 May 2026" not in shown


def test_what_was_logged_last_is_folded_and_ends_with_the_whole_lists(client, three_cases):
    logged = section(client.get("/").text, "logged")

    folded = re.findall(r"<details><summary>(.*?)</summary>(.*?)</details>", logged, re.DOTALL)
    assert [name for name, _list in folded] == ["Incidents", "Official responses"]
    assert three_cases["in newer"] in folded[0][1]
    assert three_cases["answer"] in folded[1][1]
    assert '<a href="/incidents/">All incidents</a>' in folded[0][1]
    assert '<a href="/responses/">All official responses</a>' in folded[1][1]


def test_monitors_read_how_many_records_they_may_decide_on(app, three_cases, monkeypatch):
    with as_user(app) as by:
        make_incident("To be reviewed", by=by).state = EditorialState.IN_REVIEW
        make_incident(
            "Of the team", by=by, visibility=Visibility.RESTRICTED
        ).state = EditorialState.IN_REVIEW
        db.session.commit()
    monitor, staff = app.test_client(), app.test_client()
    with as_user(app, "monitor", Role.MONITOR, team=None):
        pass
    sign_in_directly(monitor, "monitor")
    sign_in_directly(staff, "staff")

    said = '<a href="/review/">1 record to review</a>'
    assert said in monitor.get("/").text
    assert "to review</a>" not in staff.get("/").text
    monkeypatch.setattr(review_queries, "MAX_IN_REVIEW_COUNTED", 1)
    assert "1 records or more to review" in monitor.get("/").text


def test_what_is_hidden_changes_nothing_on_the_overview(app, three_cases):
    with as_user(app, "monitor", Role.MONITOR, team=None):
        pass
    other = app.test_client()
    sign_in_directly(other, "monitor")
    addresses = ("/", "/cases-by-status", "/incidents/?reported=2026-01")

    def pages():
        return [re.sub(r'value="[^"]*"', "", other.get(one).text) for one in addresses]

    before = pages()
    with as_user(app) as by:
        restricted: dict[str, Any] = {"by": by, "visibility": Visibility.RESTRICTED}
        source = make_article("Kept back", published=at("2026-01-02"), text="Secret.", **restricted)
        incident = make_incident(
            "Secret", when="2026-01-01", cites=source, state=EditorialState.APPROVED, **restricted
        )
        case = make_case("Secret affair", **restricted)
        file_records(case, [incident, make_account("Secret twin", **restricted)], by=by)
        db.session.commit()

    assert pages() == before
    assert "Secret affair" not in "".join(before)


def add_cases(app, numbers):
    with as_user(app) as by:
        for number in numbers:
            day = (NOW - timedelta(days=40 * number)).date().isoformat()
            source = make_article(f"News {number}", by=by, published=at(day), text=f"No {number}.")
            case = make_case(f"More {number}", by=by)
            seen = FakeAccountEvent(event=AccountEvent.FIRST_SEEN, when=at(day))
            records: list[Any] = [
                make_incident("A call", by=by, when=day, cites=source),
                make_account(f"Twin {number}", by=by, events=(seen,)),
                make_response(act(ActType.PLEDGE), by=by, when=day),
            ]
            file_records(case, records, by=by)
        db.session.commit()


def test_more_records_take_no_more_queries(app, client, three_cases):
    def queries():
        with app.app_context(), counted() as seen:
            assert client.get("/").status_code == 200
        return len(seen)

    # More are there before than the lists show: what is read once for a kind is read.
    add_cases(app, range(8))
    before = queries()
    add_cases(app, range(8, 16))

    assert queries() == before
    assert before <= 70


def test_a_new_installation_has_none_of_these_sections(app, client):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")

    text = client.get("/").text

    for name in ("silence", "steps", "developments", "months", "cases", "logged"):
        assert f'"{name}-heading"' not in text
    assert "No case is open." in client.get("/cases-by-status").text


def test_a_column_is_as_high_as_its_number_to_the_scale_of_all():
    numbers = (("May", 0, 0), ("June", 2, 0), ("July", 2, 2))
    rows = [Row(name, name, [Cell(first), Cell(second)]) for name, first, second in numbers]
    chart = Chart(
        name="x", kind=ChartKind.COLUMNS, title="Threats & more", note="Once.", label_heading="Month",
        series=[Series("a", "One"), Series("b", "Two")], rows=rows,
    )  # fmt: skip

    marks = next(one for one in fromstring(chart.render_svg()) if one.get("aria-hidden"))
    bars = [(one.findtext("{*}title"), one.find("{*}rect")) for one in marks]
    assert [(title, float(bar.get("height", 0))) for title, bar in bars if bar is not None] == [
        ("June, One: 2", 84), ("July, One: 2", 84), ("July, Two: 2", 84),
    ]  # fmt: skip
    assert "Threats &amp; more" in chart.render_svg()
    # A file has the legend too, and a size of its own.
    assert "Two</text>" in chart.render_svg(standalone=True)
    assert 'width="720"' in chart.render_svg(standalone=True)


def test_of_many_types_the_overview_draws_the_first_and_its_table_has_all(app, client, monkeypatch):
    monkeypatch.setattr(views, "MAX_BARS_ON_OVERVIEW", 1)
    with as_user(app) as by:
        for code in ("threat.death", "threat.death", "threat.rape"):
            make_incident("Some day", by=by, code=code, state=EditorialState.APPROVED)
        db.session.commit()
    sign_in_directly(client, "staff")

    picture, _svg, table = section(client.get("/").text, "types").partition("</svg>")

    assert "Threat.death" in picture
    assert "Threat.rape" not in picture
    assert "All 2 in a table" in table
    assert links(table) == {
        "/incidents/?primary=threat.death&figure=all:all": 2,
        "/incidents/?primary=threat.rape&figure=all:all": 1,
    }

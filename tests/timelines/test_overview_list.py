"""The months of the overview, and the lists of incidents behind them; on both databases by day."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, date, datetime

import pytest

from tests.cases.records_made import make_case, make_incident
from tests.factories import as_user, make_article, sign_in_directly
from tests.timelines.conftest import at
from tests.timelines.overview_read import NOW, links, section, words
from tracker.cases.service import file_records
from tracker.db import db
from tracker.i18n import MonthRange, months_up_to
from tracker.incidents.codes import Verification, WorkLink
from tracker.incidents.figure_queries import count_incidents_by_month
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.models import Incident, IncidentType
from tracker.incidents.publication_rules import reported_month
from tracker.incidents.queries import incidents_matching
from tracker.permissions import Role, Visibility
from tracker.review.codes import EditorialState, RetractReason

APPROVED = EditorialState.APPROVED


def test_incidents_by_month_each_lead_to_exactly_those(app, client, three_cases):
    with as_user(app) as by:
        early = make_article("First", by=by, published=at("2025-04"), text="Yet another one.")
        both = make_incident(
            "Two types", by=by, when="2025-03-30", cites=early, code="legal.search", state=APPROVED
        )
        unreported = make_incident("Unreported", by=by, when="2020", state=APPROVED)
        unreported.recorded_at = NOW
        both.types.append(IncidentType(term=unreported.types[0].term, rank=9))
        gone = make_incident("Gone", by=by, when="2025-03-30", cites=early)
        gone.state, gone.retract_reason = EditorialState.RETRACTED, RetractReason.CODING_ERROR
        db.session.commit()

    html = section(client.get("/").text, "months")
    found = links(html)

    assert found == {
        "/incidents/?reported=2026-03&figure=all:all": 1,
        "/incidents/?primary=threat.&reported=2026-03&figure=all:all": 1,
        "/incidents/?reported=2026-02&figure=all:all": 1,
        "/incidents/?primary=threat.&reported=2026-02&figure=all:all": 1,
        "/incidents/?reported=2026-01&figure=all:all": 2,
        "/incidents/?primary=threat.&reported=2026-01&figure=all:all": 2,
        "/incidents/?reported=2025-04&figure=all:all": 1,
        "/incidents/?primary=legal.&reported=2025-04&figure=all:all": 1,
    }
    for address, number in found.items():
        page = words(client.get(address).text)
        assert f"{number} incident{'s' if number > 1 else ''} that you may see." in page
        assert "month reported: " in page
    # Of each month the picture has what the table has.
    assert html.count('<a href="/incidents/?primary=') == 2 * 4


def test_the_figures_of_the_year_and_of_cases_lead_to_their_lists(app, client, three_cases):
    with as_user(app) as by:
        early = make_article("Last year", by=by, published=at("2025-04"), text="Yet another one.")
        make_incident("Of last year", by=by, when="2025-03-30", cites=early, state=APPROVED)
        late = make_article("Long ago", by=by, published=at("2025-11-01"), text="A year ago.")
        waiting = make_case("Affair waiting", by=by)
        then = make_incident("Then", by=by, when="2025-10", cites=late, state=APPROVED)
        file_records(waiting, [then], by=by)
        db.session.commit()

    figures = re.findall(r'<li class="number-card">.*?</li>', client.get("/").text, re.DOTALL)
    said = [words(one) for one in figures]
    found = {address: number for one in figures for address, number in links(one).items()}

    assert said == [
        "3 incidents this year 2025: 2", "4 open cases",
        "1 case without a substantive response for 90 days", "0 records or tasks waiting for you in Review",
    ]  # fmt: skip
    assert found == {
        "/incidents/?reported=2026-01/2026-03&figure=all:all": 3,
        "/incidents/?reported=2025-01/2025-12&figure=all:all": 2,
        "/cases-by-status": 4,
        "/cases-by-status?waiting=yes": 1,
    }
    for address, number in found.items():
        noun = "incident" if "incidents" in address else "case"
        said_there = words(client.get(address).text)
        assert f"{number} {noun}{'s' if number > 1 else ''} that you may see" in said_there


def test_types_and_countries_lead_to_their_incidents(client, three_cases):
    page = client.get("/").text

    assert links(section(page, "countries")) == {"/incidents/?country=KZ&figure=all:all": 3}
    assert links(section(page, "types")) == {"/incidents/?primary=threat.death&figure=all:all": 3}
    assert '<a href="/charts?figure=all:all">All charts</a>' in page


@pytest.fixture
def some_count(app, three_cases):
    """Record, beside three incidents that count, one of each kind that does not."""
    with as_user(app) as by:
        source = make_article("More", by=by, published=at("2026-02-20"), text="One more text.")
        for state in (EditorialState.DRAFT, EditorialState.DRAFT, EditorialState.RETURNED):
            make_incident("Not approved", by=by, cites=source, state=state)
        make_incident(
            "Retracted", by=by, cites=source, state=EditorialState.RETRACTED,
            retract_reason=RetractReason.DUPLICATE,
        )  # fmt: skip
        make_incident(
            "Unlikely", by=by, cites=source, verification=Verification.UNLIKELY, state=APPROVED
        )
        make_incident("Not of work", by=by, cites=source, work_link=WorkLink.NONE, state=APPROVED)
        db.session.commit()


def test_the_overview_charts_and_the_monthly_report_count_the_same(client, some_count):
    page = client.get("/").text
    menu = re.search(r'<a href="([^"]+)"[^>]*>Charts</a>', page)

    assert "3 incidents this year" in words(page)
    assert menu
    assert menu[1] == "/charts?figure=all:all"
    for address in ("/", menu[1]):
        of_month = links(section(client.get(address).text, "months"))
        assert of_month["/incidents/?reported=2026-02&figure=all:all"] == 1
        assert of_month["/incidents/?reported=2026-01&figure=all:all"] == 2
    for month, number in (("2026-01", 2), ("2026-02", 1)):
        report = client.get(f"/reports/monthly?month={month}").text
        assert f"Total {number}" in words(section(report, "type"))


def test_what_does_not_count_yet_stands_beside_the_figures_and_leads_to_its_list(
    app, client, some_count
):
    page = client.get("/").text
    line = re.search(
        r'<p class="meta">Incidents not counted until approved:.*?</p>', page, re.DOTALL
    )

    assert line
    assert words(line[0]).startswith(
        "Incidents not counted until approved: Draft 2 · Changes requested 1"
    )
    assert links(line[0]) == {"/incidents/?state=draft": 2, "/incidents/?state=returned": 1}
    for address, number in links(line[0]).items():
        said = f"{number} incident{'s' if number > 1 else ''} that you may see."
        assert said in words(client.get(address).text)
    with as_user(app) as by:
        make_incident("Of the team", by=by, visibility=Visibility.RESTRICTED)
        db.session.commit()
    with as_user(app, "monitor", Role.MONITOR, team=None):
        pass
    other = app.test_client()
    sign_in_directly(other, "monitor")
    assert "Draft 2 ·" in words(other.get("/").text)
    assert "Draft 3 ·" in words(client.get("/").text)


def test_a_tracker_with_drafts_only_says_that_they_are_not_counted_yet(app, client):
    with as_user(app) as by:
        make_incident("A call", by=by)
        db.session.commit()
    sign_in_directly(client, "staff")

    page = client.get("/").text

    said = "No incident is counted yet. Incidents not counted until approved: Draft 1"
    assert said in words(page)
    assert '<p class="notice">No incident is counted yet.' in page
    assert "0 incidents this year" in words(page)
    charts = client.get("/charts?figure=all:all").text
    assert "No incident that you may see fits this filter." in charts
    assert '<a href="/charts">Count drafts too</a>' in charts
    assert "Incidents by month" in client.get("/charts").text


def test_the_overview_is_light(client, three_cases):
    assert len(gzip.compress(client.get("/").data)) <= 60_000


def test_the_month_of_the_list_is_that_of_every_export(app, three_cases):
    with as_user(app) as by:
        # A year's last day is when it was published by; a source without a date says nothing.
        vague = make_article("Some time", by=by, published=at("2025"), text="One more.")
        undated = make_article("No date", by=by, text="And one more.")
        make_incident("In some year", by=by, cites=vague)
        make_incident("Undated", by=by, cites=undated).recorded_at = NOW
        # In Almaty this is March already.
        late = datetime(2026, 2, 28, 20, tzinfo=UTC)
        make_incident("Late at night", by=by).recorded_at = late
        hidden = make_article(
            "Hidden", by=by, published=at("2025-05-01"), text="Kept.",
            visibility=Visibility.RESTRICTED,
        )  # fmt: skip
        make_incident("Told in secret", by=by, cites=hidden).recorded_at = NOW
        # Recorded in these months, and counted before them.
        old = make_article("Long ago", by=by, published=at("2023-05-01"), text="An old one.")
        make_incident("Told long ago", by=by, cites=old).recorded_at = NOW
        db.session.commit()
    months = months_up_to(date(2026, 3, 10), 24)
    for name, role, team in (("staff", Role.STAFF, "Desk"), ("monitor", Role.MONITOR, None)):
        with as_user(app, name, role, team=team):
            every = list(db.session.query(Incident))
            by_month = count_incidents_by_month(months)
            for month in months:
                text = month.isoformat()[:7]
                asked = incidents_matching(IncidentFilter(reported=MonthRange(month, month)))
                meant = {one.title for one in every if reported_month(one) == text}
                assert {one.title for one in db.session.scalars(asked)} == meant
                assert by_month.get(month, 0) == len(meant)
            assert sum(by_month.values()) == len(every) - 1 == 7


@pytest.mark.parametrize("asked", ["20256", "2025-13", "0001-01", "9999-12", "2025-06-01", "x"])
def test_a_month_that_is_none_is_refused_at_its_field(client, three_cases, asked):
    answer = client.get(f"/incidents/?reported={asked}")

    assert answer.status_code == 400
    assert "reported" in answer.text

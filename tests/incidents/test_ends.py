"""Deadlines on the review queue: which are near or past, and over what."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from lxml import html

from tests.factories import as_user, make_incident, make_journalist, sign_in_directly
from tests.statements import counted
from tracker import clock
from tracker.db import db
from tracker.incidents.codes import StatusOfTarget, TargetKind
from tracker.incidents.models import TargetStatus
from tracker.permissions import Visibility
from tracker.review.codes import EditorialState, RetractReason
from tracker.when import parse_when

HELD, OUT = StatusOfTarget.HOUSE_ARREST, StatusOfTarget.RELEASED


@pytest.fixture
def staff(app, client):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    return client


def hold(title, days, *, by, since="2025-06-03", **given):
    """Make an incident whose target is held until so many days from today; None: until nobody says."""
    incident = make_incident(title=title, by=by, **given)
    add(incident, HELD, since, days)
    return incident


def add(incident, status, since, days=None):
    end = None if days is None else clock.current_date() + timedelta(days)
    when = parse_when(since, latest_possible_date=clock.current_date())
    incident.targets[0].statuses.append(TargetStatus(status=status, when=when, expected_end=end))
    db.session.flush()


def shown(client):
    """Return the titles under each of the two headings."""
    text = client.get("/review/").text.partition('id="ends-heading"')[2]
    past, _, near = text.partition("Within 30 days</h3>")
    return [re.findall(r'<a href="/incidents/[^"]+">([^<]+)</a>', one) for one in (past, near)]


def test_what_is_near_or_past_is_listed_in_order_with_its_days(app, staff):
    with as_user(app) as by:
        for title, days in {
            "In a month": 30, "Too far": 31, "Today": 0, "Long ago": -40, "Yesterday": -1,
            "Open": None,
        }.items():  # fmt: skip
            hold(title, days, by=by)
        db.session.commit()

    assert shown(staff) == [["Yesterday", "Long ago"], ["Today", "In a month"]]
    text = staff.get("/review/").text
    assert "1 day ago" in text
    assert "in 30 days" in text
    assert "an editor: Under house arrest (3 June 2025)" in text


def test_what_was_settled_or_retracted_is_not(app, staff):
    with as_user(app) as by:
        add(hold("Released", -5, by=by), OUT, "2025-06-05")
        add(hold("Released the same day", -5, by=by), OUT, "2025-06-03")
        add(hold("Held for longer", -5, by=by), HELD, "2025-06-20", 10)
        add(hold("Questioned before", -5, by=by), StatusOfTarget.QUESTIONED, "2025-06-01")
        gone = hold("Retracted", -5, by=by)
        gone.state, gone.retract_reason = EditorialState.RETRACTED, RetractReason.WITHDRAWN
        db.session.commit()

    assert shown(staff) == [["Questioned before"], ["Held for longer"]]


def test_only_what_the_viewer_may_see_is_listed(app, staff):
    with as_user(app, "other", team="Elsewhere") as them:
        vera = make_journalist("Vera Roe", by=them, visibility=Visibility.RESTRICTED)
        hold("Hidden", -1, by=them, visibility=Visibility.RESTRICTED)
        hold("Hers", -1, by=them)
        hidden = hold("Of somebody hidden", 1, by=them)
        hidden.targets[0].kind, hidden.targets[0].journalist = TargetKind.JOURNALIST, vera
        db.session.commit()
    theirs = app.test_client()
    sign_in_directly(theirs, "other")

    assert shown(theirs) == [["Hidden", "Hers"], ["Of somebody hidden"]]
    assert shown(staff) == [["Hers"], ["Of somebody hidden"]]
    assert "Vera Roe" in theirs.get("/review/").text
    assert "Vera Roe" not in staff.get("/review/").text


def test_nothing_expected_is_said(staff):
    page = html.fromstring(staff.get("/review/").text)
    [section] = page.xpath("//section[@aria-labelledby='ends-heading']")
    said = " ".join(section.text_content().split())
    assert "None that you see is expected to end within 30 days, and none is past its date." in said
    # Replies to appeals have deadlines as well, and are listed elsewhere.
    assert "When detention and other consequences for targets are expected to end." in said
    assert section.xpath(".//a[.='All overdue appeals']/@href") == ["/appeals/?overdue=yes"]


def test_the_queries_do_not_grow_with_what_is_listed(app, staff):
    def queries():
        with app.app_context(), counted() as sent:
            assert staff.get("/review/").status_code == 200
        return len(sent)

    def fill(count):
        with as_user(app) as by:
            for number in range(count):
                hold(f"Past {number}", -1, by=by)
                hold(f"Near {number}", 1, by=by)
            db.session.commit()

    fill(1)
    few = queries()
    fill(3)

    assert queries() == few
    assert few > 0

"""Incidents in no case that share a target within 90 days are proposed as one affair."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.cases.records_made import make_case, make_incident
from tests.factories import as_user, hidden_in, make_journalist, make_outlet, sign_in_directly
from tests.statements import counted
from tracker.cases.models import Case
from tracker.cases.rules import TargetedIncident, group_related_incidents
from tracker.cases.service import file_records
from tracker.db import db
from tracker.incidents.codes import TargetKind
from tracker.incidents.models import IncidentTarget
from tracker.permissions import Role, Visibility
from tracker.review.codes import EditorialState, RetractReason
from tracker.when import OPEN_START

ANNA, BELLA = ("person", 1), ("person", 2)


def touch(incident, target, earliest, latest=None):
    first = date.fromisoformat(earliest)
    return TargetedIncident(
        incident, target, first, date.fromisoformat(latest) if latest else first
    )


@pytest.mark.parametrize(
    ("touches", "groups"),
    [
        # 90 days from the 1st of January are the 1st of April; the 2nd lies beyond them.
        ([touch(1, ANNA, "2025-01-01"), touch(2, ANNA, "2025-04-01")], [{1, 2}]),
        ([touch(1, ANNA, "2025-01-01"), touch(2, ANNA, "2025-04-02")], []),
        ([touch(1, ANNA, "2025-01-01"), touch(2, BELLA, "2025-01-01")], []),
        # The last day of the one and the first of the other count.
        ([touch(1, ANNA, "2024-01-01", "2025-01-01"), touch(2, ANNA, "2025-04-01")], [{1, 2}]),
        # A long one reaches past a short one that began later.
        (
            [
                touch(1, ANNA, "2024-01-01", "2025-01-01"),
                touch(2, ANNA, "2024-02-01"),
                touch(3, ANNA, "2025-03-01"),
            ],
            [{1, 2, 3}],
        ),
        # Tied through a third one that has both targets.
        (
            [
                touch(1, ANNA, "2025-01-01"),
                touch(2, ANNA, "2025-02-01"),
                touch(2, BELLA, "2025-02-01"),
                touch(3, BELLA, "2025-03-01"),
            ],
            [{1, 2, 3}],
        ),
        # An unknown beginning ties nothing that lies before.
        (
            [
                touch(1, ANNA, "2023-01-01"),
                TargetedIncident(2, ANNA, OPEN_START, date(2025, 1, 1)),
                touch(3, ANNA, "2025-02-01"),
            ],
            [{2, 3}],
        ),
    ],
)
def test_affairs_worked_by_hand(touches, groups):
    assert group_related_incidents(touches) == groups


@given(
    st.lists(
        st.tuples(
            st.integers(1, 8), st.integers(1, 3), st.dates(date(2024, 1, 1), date(2025, 12, 31))
        ),
        max_size=12,
    )
)
def test_no_incident_stands_in_two_affairs_and_order_means_nothing(rows):
    touches = [TargetedIncident(number, ("person", who), day, day) for number, who, day in rows]

    found = group_related_incidents(touches)

    assert sum(map(len, found)) == len(frozenset().union(*found))
    assert group_related_incidents(touches[::-1]) == found


@pytest.fixture
def staff(app, client):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    return client


def proposed(text):
    """Return the headings and addresses of the groups proposed."""
    part = re.search(r'<details class="proposals">.*?</details>', text, re.DOTALL)
    found = re.findall(
        r'<h3>(.*?)</h3>.*?href="(/cases/file[^"]+)"', part[0] if part else "", re.DOTALL
    )
    return [(name, address.replace("&amp;", "&")) for name, address in found]


def test_one_click_opens_a_form_filled_in_and_the_case_is_opened(app, staff):
    with as_user(app) as by:
        asem = make_journalist("Asem Doe", by=by)
        make_incident("A call", by=by, journalist=asem, when="2025-03-01")
        make_incident("A visit", by=by, journalist=asem, when="2025-05-01")
        make_incident("Long before", by=by, journalist=asem, when="2023-05-01")
        db.session.commit()

    [(name, address)] = proposed(staff.get("/cases/").text)
    form = staff.get(address).text

    assert name == "Asem Doe"
    assert 'value="Asem Doe"' in form
    assert re.search(r'selected value="KZ"', form)
    assert "Long before" not in form
    ticked = re.findall(r'name="records" value="(INC-\w+)" checked', form)
    assert len(ticked) == 2
    answer = staff.post(
        address,
        data=hidden_in(form)
        | {"records": ticked, "case": "", "title": "Asem Doe", "country": "KZ"},
    )
    case = staff.get(answer.headers["Location"]).text
    assert "A call" in case
    assert "A visit" in case
    assert proposed(staff.get("/cases/").text) == []
    with as_user(app):
        assert db.session.scalars(select(Case)).one().visibility is Visibility.INTERNAL


def test_a_case_opened_with_something_restricted_is_restricted(app, staff):
    with as_user(app) as by:
        asem = make_journalist("Asem Doe", by=by)
        make_incident("A call", by=by, journalist=asem, visibility=Visibility.RESTRICTED)
        make_incident("A visit", by=by, journalist=asem)
        db.session.commit()
    [(_name, address)] = proposed(staff.get("/cases/").text)
    form = staff.get(address).text
    ticked = re.findall(r'name="records" value="(INC-\w+)" checked', form)

    staff.post(
        address,
        data=hidden_in(form) | {"records": ticked, "case": "", "title": "One", "country": "KZ"},
    )

    with as_user(app):
        assert db.session.scalars(select(Case)).one().visibility is Visibility.RESTRICTED


def test_what_is_filed_retracted_or_of_one_outlet_only_is_not_proposed(app, staff):
    with as_user(app) as by:
        asem, dana, vera = (make_journalist(name, by=by) for name in ("Asem", "Dana", "Vera"))
        outlet = make_outlet(by=by)
        make_incident("A call", by=by, journalist=asem)
        filed = make_incident("A visit", by=by, journalist=asem)
        file_records(make_case(by=by), [filed], by=by)
        make_incident("A letter", by=by, journalist=dana)
        retracted = make_incident("Taken back", by=by, journalist=dana)
        retracted.state = EditorialState.RETRACTED
        retracted.retract_reason = RetractReason.WITHDRAWN
        for who in (vera, make_journalist("Zoe", by=by)):
            incident = make_incident("Her outlet is no target", by=by, journalist=who)
            incident.targets[0].outlet = outlet
        db.session.commit()

    assert proposed(staff.get("/cases/").text) == []


def test_an_outlet_that_is_the_target_ties_incidents(app, staff):
    with as_user(app) as by:
        outlet = make_outlet("Dala News", by=by)
        for title in ("A search", "A block"):
            incident = make_incident(title, by=by)
            incident.targets = [IncidentTarget(kind=TargetKind.OUTLET, outlet=outlet)]
        db.session.commit()

    assert [name for name, _address in proposed(staff.get("/cases/").text)] == ["Dala News"]


def test_whoever_opens_no_case_and_whoever_filters_is_shown_no_proposal(app, staff):
    with as_user(app) as by:
        asem = make_journalist("Asem Doe", by=by)
        for title in ("A call", "A visit"):
            make_incident(title, by=by, journalist=asem)
        db.session.commit()
    with as_user(app, "monitor", Role.MONITOR):
        pass
    monitor = app.test_client()
    sign_in_directly(monitor, "monitor")

    assert len(proposed(staff.get("/cases/").text)) == 1
    assert proposed(staff.get("/cases/?country=KZ").text) == []
    assert proposed(monitor.get("/cases/").text) == []


def test_somebody_hidden_ties_nothing(app, staff):
    with as_user(app, "other", team="Elsewhere") as them:
        hidden = make_journalist("Vera Roe", by=them, visibility=Visibility.RESTRICTED)
        outlet = make_outlet(by=them)
        for title in ("A call", "A visit"):
            incident = make_incident(title, by=them, journalist=hidden)
            incident.targets[0].outlet = outlet
        db.session.commit()
    theirs = app.test_client()
    sign_in_directly(theirs, "other")

    assert len(proposed(theirs.get("/cases/").text)) == 1
    assert "Vera Roe" not in staff.get("/cases/").text
    assert proposed(staff.get("/cases/").text) == []


def test_the_queries_do_not_grow_with_what_is_proposed(app, staff):
    def queries():
        with app.app_context(), counted() as sent:
            assert staff.get("/cases/").status_code == 200
        return len(sent)

    def add(count):
        with as_user(app) as by:
            for number in range(count):
                asem = make_journalist(f"Asem {number} of {count}", by=by)
                for title in ("A call", "A visit"):
                    make_incident(title, by=by, journalist=asem)
            db.session.commit()

    add(1)
    few = queries()
    add(4)

    assert queries() == few
    assert few > 0


def test_records_that_cannot_be_filed_together_are_refused(app, staff):
    with as_user(app) as by:
        ref = make_incident("A call", by=by).ref
        db.session.commit()

    assert staff.get(f"/cases/file?record={ref}&record=INC-0000000000").status_code == 404
    assert staff.get(f"/cases/file?record={ref}&record=JRN-0000000000").status_code == 400
    assert staff.get(f"/cases/file?record={ref}&record=INC-%00").status_code == 404
    many = "&".join(f"record=INC-{number:010}" for number in range(51))
    assert staff.get(f"/cases/file?{many}").status_code == 400
    assert staff.get(f"/cases/file?record={ref}&record={ref}").status_code == 200

"""What changed in a case since somebody looked, and when one is set to dormant or reopened."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.cases.records_made import (
    found,
    make_account,
    make_case,
    make_incident,
    make_response,
)
from tests.factories import as_user, hidden_in, post, sign_in_directly
from tests.statements import counted
from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.audit.service import audited_change, record_event
from tracker.cases.codes import Lifecycle
from tracker.cases.models import Case
from tracker.cases.rules import DORMANT_AFTER_DAYS, inactivity_of
from tracker.cases.service import add_reference, file_records, remove_from_case
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.permissions import Role, Visibility
from tracker.review.service import submit_record
from tracker.users.models import Follow

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def case(app):
    """Return the ref of a case that everybody may see, with one incident and one account."""
    with as_user(app) as by:
        made = make_case(by=by)
        file_records(made, [make_incident("A call", by=by), make_account("Asem 2", by=by)], by=by)
        db.session.commit()
        return made.ref


@pytest.fixture
def monitor(app, client, case):
    """Return the browser of a monitor of the team."""
    with as_user(app, "monitor", Role.MONITOR):
        pass
    sign_in_directly(client, "monitor")
    return client


def see(client, case):
    """Follow the case, or mark its news as read."""
    page = f"/cases/{case}/records/"
    if f'action="/follow/{case}"' in client.get(page).text:
        return post(client, f"/follow/{case}", page=page)
    return post(client, f"/cases/{case}/seen", page=page, until=until_in(client, case))


def until_in(client, case):
    return found(r'name="until"[^>]*value="([^"]+)"', client.get(f"/cases/{case}/records/").text)


def marked(client, case):
    """Return what is marked among the records in the case: headings by their mark."""
    text = client.get(f"/cases/{case}/records/").text.partition('id="records-heading"')[2]
    pattern = (
        r'<td class="title"><a id="[^"]+" href="[^"]+">([^<]+)</a>(?:(?!</td>).)*?'
        r'<span class="badge changed">(\w+)</span>'
    )
    return dict(re.findall(pattern, text, re.DOTALL))


def counted_in_list(client):
    return re.findall(r'class="news number"[^>]*>(\d+)</td>', client.get("/cases/").text)


def edit(incident, *, by, **changed):
    with audited_change(incident, "incident:edit", by=by):
        for name, value in changed.items():
            setattr(incident, name, value)
        incident.mark_revised(by=by)


def one(title):
    return db.session.scalars(select(Incident).where(Incident.title == title)).one()


def test_what_others_add_change_and_file_is_marked_and_counted(app, monitor, case):
    with as_user(app) as by:
        make_incident("On record before", by=by)
        edit(one("A call"), by=by, place="Almaty")
        db.session.commit()
    assert "You do not follow this case" in monitor.get(f"/cases/{case}/records/").text
    assert counted_in_list(monitor) == []

    see(monitor, case)

    assert "Nothing new or changed by others since" in monitor.get(f"/cases/{case}/records/").text
    assert marked(monitor, case) == {}
    assert counted_in_list(monitor) == []
    with as_user(app) as by:
        inside = db.session.scalars(select(Case)).one()
        edit(one("A call"), by=by, narrative="It rang at night.")
        response = make_response(by=by)
        file_records(inside, [one("On record before"), response], by=by)
        db.session.commit()
        answer = response.heading

    assert marked(monitor, case) == {
        "A call": "changed", "On record before": "new", answer: "new",
    }  # fmt: skip
    assert counted_in_list(monitor) == ["3"]

    see(monitor, case)

    assert marked(monitor, case) == {}
    assert counted_in_list(monitor) == []


def test_what_one_does_oneself_is_no_news_and_what_a_monitor_decides_is(app, case):
    with as_user(app):
        pass
    staff = app.test_client()
    sign_in_directly(staff, "staff")
    see(staff, case)
    with as_user(app) as by:
        edit(one("A call"), by=by, narrative="It rang at night.")
        db.session.commit()
    assert marked(staff, case) == {}
    assert counted_in_list(staff) == []

    with as_user(app, "another") as by:
        submit_record(one("A call"), by=by)
        db.session.commit()

    assert marked(staff, case) == {"A call": "changed"}
    assert counted_in_list(staff) == ["1"]


def test_what_only_its_team_may_know_of_is_no_news(app, case):
    with as_user(app):
        pass
    staff = app.test_client()
    sign_in_directly(staff, "staff")
    see(staff, case)
    with as_user(app) as by:
        incident = one("A call")
        edit(incident, by=by, narrative="It rang at night.")
        ref = incident.ref
        db.session.commit()
    with as_user(app, "another") as by:
        record_event("incident:view-confidential", ref, by=by)
        db.session.commit()

    assert marked(staff, case) == {}
    assert counted_in_list(staff) == []


def test_what_is_hidden_or_taken_out_again_is_no_news(app, case):
    with as_user(app, "stranger", team="Elsewhere"):
        pass
    stranger = app.test_client()
    sign_in_directly(stranger, "stranger")
    see(stranger, case)
    with as_user(app) as by:
        inside = db.session.scalars(select(Case)).one()
        hidden = make_incident("For the team", by=by, visibility=Visibility.RESTRICTED)
        gone = make_account("Gone again", by=by)
        file_records(inside, [hidden, gone], by=by)
        remove_from_case(inside, gone, by=by)
        db.session.commit()

    assert "Nothing new or changed by others since" in stranger.get(f"/cases/{case}/records/").text
    assert counted_in_list(stranger) == []


def test_what_is_said_about_the_case_itself_is_told(app, monitor, case):
    see(monitor, case)
    with as_user(app) as by:
        add_reference(
            db.session.scalars(select(Case)).one(), scheme="CPJ", identifier="1", url="", by=by
        )
        db.session.commit()

    assert "What is said about the case itself:" in monitor.get(f"/cases/{case}/records/").text


def test_what_came_while_the_page_was_open_stays_new(app, monitor, case):
    see(monitor, case)
    with as_user(app) as by:
        edit(one("A call"), by=by, narrative="It rang at night.")
        db.session.commit()
    until = until_in(monitor, case)
    with as_user(app) as by:
        edit(one("A call"), by=by, narrative="It rang twice.")
        db.session.commit()

    post(monitor, f"/cases/{case}/seen", page=f"/cases/{case}/records/", until=until)

    assert marked(monitor, case) == {"A call": "changed"}


def test_looking_writes_nothing_and_seen_is_kept_for_its_person_alone(app, monitor, case):
    with as_user(app):
        pass
    staff = app.test_client()
    sign_in_directly(staff, "staff")
    monitor.get(f"/cases/{case}/records/")
    monitor.get("/cases/")
    with as_user(app):
        assert db.session.scalars(select(Follow)).all() == []
        before = len(db.session.scalars(select(AuditEvent)).all())

    see(monitor, case)

    with as_user(app):
        assert len(db.session.scalars(select(Follow)).all()) == 1
        # A mark of one's own is no fact about the case.
        assert len(db.session.scalars(select(AuditEvent)).all()) == before
    assert "You do not follow this case" in staff.get(f"/cases/{case}/records/").text


@pytest.mark.parametrize("until", ["", "yesterday", "0001-01-01T00:00:00+14:00", "2025-06-01\x00"])
def test_a_moment_that_is_none_is_refused(monitor, case, until):
    answer = post(monitor, f"/cases/{case}/seen", page=f"/cases/{case}/records/", until=until)

    assert answer.status_code == 422
    assert "Open the page again" in answer.text


def test_seen_is_never_later_than_now_nor_earlier_than_before(app, monitor, case):
    see(monitor, case)
    with as_user(app):
        kept = db.session.scalars(select(Follow)).one().read_at

    post(
        monitor,
        f"/cases/{case}/seen",
        page=f"/cases/{case}/records/",
        until="2020-01-01T00:00:00+00:00",
    )
    with as_user(app):
        assert db.session.scalars(select(Follow)).one().read_at == kept

    post(
        monitor,
        f"/cases/{case}/seen",
        page=f"/cases/{case}/records/",
        until="2999-01-01T00:00:00+00:00",
    )
    with as_user(app):
        assert kept < db.session.scalars(select(Follow)).one().read_at <= clock.utc_now()


def test_a_hidden_case_is_not_seen(app, monitor):
    with as_user(app, "other", team="Elsewhere") as them:
        ref = make_case("Hidden", visibility=Visibility.RESTRICTED, by=them).ref
        db.session.commit()

    page = monitor.get("/cases/").text
    answer = monitor.post(f"/cases/{ref}/seen", data=hidden_in(page) | {"until": NOON.isoformat()})

    assert answer.status_code == 404


def test_the_queries_do_not_grow_with_cases_nor_with_what_is_new(app, monitor, case):
    def queries(address):
        with app.app_context(), counted() as sent:
            assert monitor.get(address).status_code == 200
        return len(sent)

    def add(count):
        with as_user(app) as by:
            inside = db.session.scalars(select(Case).where(Case.ref == case)).one()
            for number in range(count):
                incident = make_incident(f"Call {number} of {count}", by=by)
                file_records(inside, [incident], by=by)
                edit(incident, by=by, narrative="Changed.")
                other = make_case(f"Case {number} of {count}", by=by)
                db.session.flush()
                refs.append(other.ref)
            db.session.commit()
        for ref in refs[-count:]:
            see(monitor, ref)

    refs: list[str] = []
    see(monitor, case)
    add(1)
    few = queries("/cases/"), queries(f"/cases/{case}/records/")
    add(3)

    assert (queries("/cases/"), queries(f"/cases/{case}/records/")) == few
    assert min(few) > 0


LONG = timedelta(DORMANT_AFTER_DAYS)


@pytest.mark.parametrize(
    ("lifecycle", "newest", "status_set_at", "offered"),
    [
        (Lifecycle.OPEN, NOON - LONG, None, Lifecycle.DORMANT),
        (Lifecycle.OPEN, NOON - LONG + timedelta(seconds=1), None, None),
        (Lifecycle.REOPENED, NOON - LONG * 2, NOON - LONG, Lifecycle.DORMANT),
        # Whoever opened it again yesterday is not told to let it rest today.
        (Lifecycle.REOPENED, NOON - LONG * 2, NOON - timedelta(1), None),
        (Lifecycle.DORMANT, NOON - timedelta(2), NOON - timedelta(1), None),
        (Lifecycle.DORMANT, NOON - timedelta(1), NOON - timedelta(2), Lifecycle.REOPENED),
        (Lifecycle.CLOSED, NOON - timedelta(1), NOON - timedelta(2), Lifecycle.REOPENED),
        (Lifecycle.CLOSED, NOON - LONG, NOON - timedelta(2), None),
    ],
)
def test_the_stage_offered_worked_by_hand(lifecycle, newest, status_set_at, offered):
    assert (
        inactivity_of(
            lifecycle, newest_change_at=newest, status_set_at=status_set_at, now=NOON
        ).proposed_status
        is offered
    )


def test_a_quiet_case_is_left_to_rest_and_reopened_when_something_is_filed(
    app, client, case, monkeypatch
):
    with as_user(app):
        pass
    sign_in_directly(client, "staff")
    case_address = f"/cases/{case}/"
    address = f"{case_address}records/"
    assert "set to dormant" not in client.get(address).text
    later = clock.utc_now() + timedelta(DORMANT_AFTER_DAYS + 1)
    monkeypatch.setattr(clock, "utc_now", lambda: later)
    sign_in_directly(client, "staff")

    offer = client.get(address).text
    assert "Nothing was recorded, changed or filed here for 181 days." in offer
    assert "After 180 days a case can be set to dormant." in offer
    post(client, case_address + "lifecycle", page=address, lifecycle="dormant")

    rests = client.get(address).text
    assert ">Dormant<" in rests
    assert 'action="' + case_address + 'lifecycle"' not in rests

    monkeypatch.setattr(clock, "utc_now", lambda: later + timedelta(1))
    sign_in_directly(client, "staff")
    with as_user(app) as by:
        inside = db.session.scalars(select(Case)).one()
        file_records(inside, [make_incident("A visit", by=by)], by=by)
        db.session.commit()
    stirs = client.get(address).text
    assert "after the case was set to “Dormant”" in stirs
    post(client, case_address + "lifecycle", page=address, lifecycle="reopened")

    assert ">Reopened<" in client.get(address).text
    assert "Reopened" in client.get(case_address + "history").text
    assert 'action="' + case_address + 'lifecycle"' not in client.get(address).text


def test_only_staff_of_the_team_are_offered_a_button(app, monitor, case, monkeypatch):
    later = clock.utc_now() + timedelta(DORMANT_AFTER_DAYS + 1)
    monkeypatch.setattr(clock, "utc_now", lambda: later)
    sign_in_directly(monitor, "monitor")

    page = monitor.get(f"/cases/{case}/records/").text

    assert "set to dormant" in page
    assert "/lifecycle" not in page
    answer = monitor.post(
        f"/cases/{case}/lifecycle", data=hidden_in(page) | {"lifecycle": "closed"}
    )
    assert answer.status_code == 403

"""The secret calendar of deadlines: what stands in the file, and who can read it for how long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.records_made import make_case, make_incident
from tests.cases.test_following import follow, user_named
from tests.factories import (
    as_user,
    make_journalist,
    make_second_factor,
    post,
    sign_in_directly,
)
from tests.responses.appeals_made import make_appeal
from tests.responses.proceedings_made import make_proceeding
from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.cases.following_views import MAX_OCTETS_IN_LINE, CalendarEvent, calendar_file
from tracker.cases.models import Case
from tracker.cases.service import file_records
from tracker.db import db
from tracker.incidents.codes import StatusOfTarget
from tracker.incidents.models import Incident
from tracker.incidents.section_service import add_status
from tracker.permissions import Role, Visibility
from tracker.records import Record
from tracker.responses.codes import AppealOutcome
from tracker.responses.models import Proceeding
from tracker.users import passwords
from tracker.users.models import CalendarLink, UserRole, hash_token
from tracker.users.service import change_password, change_user, disable_user
from tracker.when import parse_when

TODAY = clock.current_date()
SOON = TODAY + timedelta(days=10)
LINE = re.compile(r"([A-Z-]+)((?:;[A-Z-]+=[A-Za-z0-9-]+)*):(.*)", re.DOTALL)
ONCE = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "CLASS", "TRANSP"}


def unfolded(file: bytes) -> list[str]:
    """Return the lines of a file, held against RFC 5545, section 3.1."""
    assert file.endswith(b"\r\n")
    rows = file.removesuffix(b"\r\n").split(b"\r\n")
    for row in rows:
        assert row, "an empty line"
        assert b"\r" not in row
        assert b"\n" not in row
        assert len(row) <= MAX_OCTETS_IN_LINE
        # Nothing is folded within a character.
        row.decode()
    assert not rows[0].startswith(b" ")
    return file.removesuffix(b"\r\n").replace(b"\r\n ", b"").decode().split("\r\n")


def components(lines: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the components of a calendar with their properties, held against sections 3.4 to 3.6."""
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    open_ones: list[tuple[str, dict[str, str]]] = []
    for line in lines:
        found = LINE.fullmatch(line)
        assert found, line
        name, parameters, value = found.groups()
        if name == "BEGIN":
            open_ones.append((value, {}))
        elif name == "END":
            assert open_ones[-1][0] == value
            yield open_ones.pop()
        else:
            # None of ours may stand twice.
            assert name not in open_ones[-1][1], line
            open_ones[-1][1][name] = parameters + ":" + value
    assert open_ones == []


def events(file: bytes) -> list[dict[str, str]]:
    """Return the events of a strictly valid file."""
    found = list(components(unfolded(file)))
    name, head = found[-1]
    assert (name, head["VERSION"]) == ("VCALENDAR", ":2.0")
    assert head["PRODID"].strip(":")
    inner = [(name, properties) for name, properties in found if name != "VCALENDAR"]
    assert inner, "a calendar has at least one component"
    made = [properties for name, properties in inner if name == "VEVENT"]
    for one in made:
        assert set(one) == ONCE
        assert re.fullmatch(r":\d{8}T\d{6}Z", one["DTSTAMP"])
        first, after = (one[name].removeprefix(";VALUE=DATE:") for name in ("DTSTART", "DTEND"))
        day = datetime.strptime(first, "%Y%m%d").replace(tzinfo=UTC)
        assert datetime.strptime(after, "%Y%m%d").replace(tzinfo=UTC) == day + timedelta(days=1)
        assert not re.search(r"(?<!\\)(?:\\\\)*[,;]", one["SUMMARY"])
    assert len({one["UID"] for one in made}) == len(made)
    return made


def test_a_file_without_events_is_valid_as_well():
    assert events(calendar_file([], made_at=datetime(2025, 6, 1, 12, tzinfo=UTC))) == []


def test_a_file_to_the_letter():
    made_at = datetime(2025, 6, 1, 12, 30, 5, tzinfo=UTC)
    event = CalendarEvent("APP-1-x", date(2025, 12, 31), "Answer; due, soon: \\ " + "ж" * 40)

    file = calendar_file([event], made_at=made_at)

    [read] = events(file)
    assert read == {
        "UID": ":APP-1-x",
        "DTSTAMP": ":20250601T123005Z",
        "DTSTART": ";VALUE=DATE:20251231",
        "DTEND": ";VALUE=DATE:20260101",
        "SUMMARY": ":Answer\\; due\\, soon: \\\\ " + "ж" * 40,
        "CLASS": ":PRIVATE",
        "TRANSP": ":TRANSPARENT",
    }
    assert b"\r\n \xd0" in file


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_whatever_stands_in_a_summary_comes_back(words):
    event = CalendarEvent("uid", date(2025, 6, 1), words)

    [read] = events(calendar_file([event], made_at=datetime(2025, 6, 1, tzinfo=UTC)))

    plain = re.sub(r"\\(.)", lambda one: "\n" if one[1] == "n" else one[1], read["SUMMARY"][1:])
    kept = re.sub(r"[\x00-\x09\x0b-\x1f\x7f]", "", re.sub(r"\r\n|\r", "\n", words))
    assert plain == kept


@pytest.fixture
def owner(app: Flask, client: FlaskClient) -> FlaskClient:
    """Return the browser of a monitor who follows a case with every kind of deadline."""
    with as_user(app) as by:
        incident = make_incident("A call to Asem Doe", by=by)
        appeal = make_appeal(incident, by=by, due_on=SOON, summary="We asked why.")
        answered = make_appeal(incident, by=by, due_on=SOON, outcome=AppealOutcome.NO_REPLY)
        proceeding = make_proceeding(
            "against_target", ("trial", f"{TODAY:%Y-%m-%d}"), ("filed", f"{TODAY:%Y}~"),
            ("opened", "2020-01-05"), by=by, number="2575",
        )  # fmt: skip
        db.session.flush()
        add_status(
            incident, incident.targets[0].id, status=StatusOfTarget.HOUSE_ARREST,
            when=parse_when("2025-06-10", latest_possible_date=TODAY), expected_end=SOON, by=by,
        )  # fmt: skip
        # In no case that is followed.
        make_appeal(by=by, due_on=SOON)
        case = make_case("The affair of Asem Doe", by=by)
        file_records(case, [incident, appeal, answered, proceeding], by=by)
        db.session.commit()
        ref = case.ref
    with as_user(app, "monitor", Role.MONITOR):
        pass
    sign_in_directly(client, "monitor")
    follow(client, ref)
    return client


def make_address(client: FlaskClient) -> str:
    answer = post(client, "/account/calendar", page="/account/")
    [link] = re.findall(r"<code>http://localhost(/cases/calendar/[\w-]+\.ics)</code>", answer.text)
    return str(link)


def days(app: Flask, address: str) -> list[tuple[str, str]]:
    """Return day and summary of each event, as a calendar program without a session reads them."""
    answer = app.test_client().get(address)
    assert answer.status_code == 200
    return [(one["DTSTART"].rpartition(":")[2], one["SUMMARY"][1:]) for one in events(answer.data)]


def ref_of(app: Flask, model: type[Record]) -> str:
    with as_user(app):
        return str(db.session.scalars(sa.select(model.ref)).one())


def test_the_file_has_the_deadlines_in_what_is_followed_and_no_names(app, owner):
    address = make_address(owner)
    answer = app.test_client().get(address)

    soon, today = f"{SOON:%Y%m%d}", f"{TODAY:%Y%m%d}"
    with as_user(app):
        case = db.session.scalars(sa.select(Case)).one()
        appeal = case.appeals[0].appeal
        assert appeal is not None
        due = appeal.ref
    assert days(app, address) == [
        (today, f"Step of a proceeding: {ref_of(app, Proceeding)}"),
        (soon, f"Answer due: {due}"),
        (soon, f"Expected end: {ref_of(app, Incident)}"),
    ]
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    for word in ("Asem", "affair", "arrest", "2575", "monitor", "asked", "localhost", "trial"):
        assert word not in answer.text


def test_a_calendar_is_read_by_its_address_alone_and_as_its_owner(app, owner):
    address = make_address(owner)
    with as_user(app, "stranger", team="Elsewhere"):
        pass
    stranger = app.test_client()
    sign_in_directly(stranger, "stranger")

    assert stranger.get(address).data.count(b"BEGIN:VEVENT") == 3
    for made_up in (
        "/cases/calendar/made-up.ics",
        "/cases/calendar/.ics",
        address.removesuffix(".ics"),
    ):
        assert app.test_client().get(made_up).status_code == 404
    assert app.test_client().post(address).status_code == 405


def test_an_address_is_kept_as_a_digest_and_ends_when_a_new_one_is_made_or_it_is_revoked(
    app, owner
):
    first = make_address(owner)
    with app.app_context():
        [kept] = db.session.scalars(sa.select(CalendarLink.token_hash))
    assert first.removeprefix("/cases/calendar/").removesuffix(".ics") not in kept
    assert first not in owner.get("/account/").text

    second = make_address(owner)

    assert [app.test_client().get(one).status_code for one in (first, second)] == [404, 200]
    post(owner, "/account/calendar/revoke", page="/account/")
    assert app.test_client().get(second).status_code == 404
    assert "Revoke address" not in owner.get("/account/").text
    # There is nothing left to revoke, and nothing to log.
    post(owner, "/account/calendar/revoke", page="/account/")
    with app.app_context():
        logged = sa.select(AuditEvent).where(AuditEvent.action.like("calendar:%"))
        acts = [
            (one.actor, one.action, one.subject, one.changes)
            for one in db.session.scalars(logged.order_by(AuditEvent.sequence))
        ]
    assert acts == [
        ("monitor", f"calendar:{act}", "monitor", {}) for act in ("make", "make", "revoke")
    ]


def test_making_an_address_asks_for_the_password_unless_it_was_just_given(app, owner, monkeypatch):
    later = clock.utc_now() + timedelta(minutes=20)
    monkeypatch.setattr(clock, "utc_now", lambda: later)

    answer = post(owner, "/account/calendar", page="/account/")

    assert answer.status_code in {303, 401}
    assert "/calendar/" not in answer.text
    with app.app_context():
        assert db.session.scalars(sa.select(CalendarLink)).all() == []


def test_a_disabled_user_has_no_calendar(app, owner):
    address = make_address(owner)
    with as_user(app, "boss", Role.ADMIN) as boss:
        disable_user(user_named("monitor"), by=boss)
        db.session.commit()

    assert app.test_client().get(address).status_code == 404
    with app.app_context():
        # Also where the row was left behind, or put back.
        user = user_named("monitor")
        assert db.session.scalars(sa.select(CalendarLink)).all() == []
        token = address.removeprefix("/cases/calendar/").removesuffix(".ics")
        db.session.add(CalendarLink(token_hash=hash_token(token), user_id=user.id))
        db.session.commit()
    assert app.test_client().get(address).status_code == 404


def test_whoever_needs_a_second_factor_and_has_none_has_no_calendar(app, owner, monkeypatch):
    address = make_address(owner)
    needed = replace(app.config["TRACKER"], require_two_factor=True)
    monkeypatch.setitem(app.config, "TRACKER", needed)
    assert app.test_client().get(address).status_code == 404

    with app.app_context():
        make_second_factor(user_named("monitor"))
        db.session.commit()

    assert app.test_client().get(address).status_code == 200


def test_whoever_may_read_nothing_has_no_calendar(app, owner):
    address = make_address(owner)
    with app.app_context():
        user = user_named("monitor")
        db.session.execute(sa.delete(UserRole).where(UserRole.user_id == user.id))
        db.session.commit()

    assert app.test_client().get(address).status_code == 404


def test_a_new_password_ends_the_address(app, owner):
    address = make_address(owner)
    with as_user(app, "boss", Role.ADMIN) as boss:
        user = user_named("monitor")
        hasher = passwords.build_hasher(time_cost=1, memory_kib=8, lanes=1)
        change_password(user, hasher.hash("entirely-other-words-9"), by=boss)
        db.session.commit()

    assert app.test_client().get(address).status_code == 404


def test_only_what_the_owner_may_see_when_it_is_read(app, owner):
    with as_user(app) as by:
        hidden = make_journalist("Hidden Doe", by=by, visibility=Visibility.RESTRICTED)
        shown = make_journalist("Asem Doe", by=by)
        make_appeal(
            make_incident("A call", journalist=hidden, by=by, visibility=Visibility.RESTRICTED),
            by=by, due_on=SOON, visibility=Visibility.RESTRICTED,
        )  # fmt: skip
        make_appeal(make_incident("A visit", journalist=shown, by=by), by=by, due_on=SOON)
        db.session.commit()
        refs = hidden.ref, shown.ref
    for ref in refs:
        follow(owner, ref)
    address = make_address(owner)
    assert len(days(app, address)) == 5
    with as_user(app, "boss", Role.ADMIN, team="Elsewhere") as boss:
        user = user_named("monitor")
        change_user(user, roles=user.roles, teams=list(boss.teams), by=boss)
        db.session.commit()

    # Without the team neither the restricted journalist nor the appeal is there.
    assert len(days(app, address)) == 4
    with as_user(app):
        for case in db.session.scalars(sa.select(Case)):
            case.visibility = Visibility.RESTRICTED
        db.session.commit()
    assert len(days(app, address)) == 1


def test_strangers_at_work_leave_no_room_for_more(app, owner):
    address = make_address(owner)
    with ExitStack() as rooms:
        for number in range(passwords.MAX_ANONYMOUS_SLOTS):
            room = passwords.reserve_anonymous_slot(f"10.0.{number}.0/24", is_known=False)
            assert rooms.enter_context(room)
        answer = app.test_client().get(address)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert len(days(app, address)) == 3

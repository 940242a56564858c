"""Following a case, journalist, outlet or institution, and what the overview shows of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.cases.records_made import found, make_account, make_case, make_incident, make_response
from tests.cases.test_news import edit
from tests.factories import (
    as_user,
    hidden_in,
    make_institution,
    make_journalist,
    make_outlet,
    post,
    sign_in_directly,
)
from tests.responses.appeals_made import make_appeal
from tests.responses.proceedings_made import make_proceeding
from tests.statements import counted
from tracker.audit.models import AuditEvent
from tracker.audit.service import audited_change, record_event
from tracker.cases.models import Case
from tracker.cases.service import file_records, remove_from_case
from tracker.db import db
from tracker.fake_accounts.models import AccountImpersonation
from tracker.incidents.codes import TargetKind
from tracker.incidents.models import Incident, IncidentTarget
from tracker.people.codes import NameKind
from tracker.people.models import Journalist
from tracker.people.service import add_name
from tracker.permissions import Role, Visibility
from tracker.records import Record
from tracker.review.queries import get_comment
from tracker.review.service import add_comment, finish_assignment
from tracker.users.models import Follow, User
from tracker.users.queries import find_user_by_name
from tracker.users.service import change_user

HEADING = "What changed in what you follow"
UNTIL = r'name="until"[^>]*value="([^"]+)"'


@pytest.fixture
def monitor(app: Flask, client: FlaskClient) -> FlaskClient:
    """Return the browser of a monitor of the team."""
    with as_user(app, "monitor", Role.MONITOR):
        pass
    sign_in_directly(client, "monitor")
    return client


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """Return the browser of staff of another team."""
    with as_user(app, "stranger", team="Elsewhere"):
        pass
    client = app.test_client()
    sign_in_directly(client, "stranger")
    return client


def user_named(name: str) -> User:
    user = find_user_by_name(db.session(), name)
    assert user is not None
    return user


def page_of(ref: str) -> str:
    kinds = {"CAS": "cases", "JRN": "journalists", "OUT": "outlets", "INS": "institutions"}
    return f"/{kinds[ref[:3]]}/{ref}/"


def follow(client: FlaskClient, ref: str) -> None:
    answer = post(client, f"/follow/{ref}", page=page_of(ref))
    assert answer.headers["Location"] == page_of(ref)


def section(client: FlaskClient) -> str:
    text = client.get("/").text
    return text.partition('id="followed-heading"')[2].partition("</section>")[0]


def news(client: FlaskClient) -> dict[str, tuple[str, list[str]]]:
    """Return what the overview shows: its mark and where it belongs, by heading."""
    pattern = r'<a href="[^"]+">([^<]+)</a> <span class="badge changed">(\w+)</span>(.*?)</li>'
    return {
        heading: (mark, re.findall(r'<a href="[^"]+">([^<]+)</a>', rest))
        for heading, mark, rest in re.findall(pattern, section(client), re.DOTALL)
    }


def mark_read(client: FlaskClient) -> None:
    until = found(UNTIL, section(client))
    assert post(client, "/following/read", page="/", until=until).status_code == 303


def account_as(name: str, whom: Journalist, *, by: Any) -> None:
    account = make_account(name, by=by)
    with audited_change(account, "fake_account:edit", by=by):
        account.impersonates.append(AccountImpersonation(journalist=whom))


def one(title: str) -> Incident:
    return db.session.scalars(select(Incident).where(Incident.title == title)).one()


def test_what_others_do_about_a_journalist_is_on_the_overview_until_it_is_read(app, monitor):
    with as_user(app) as by:
        journalist = make_journalist("Asem Doe", by=by)
        make_incident("An earlier call", journalist=journalist, by=by)
        db.session.commit()
        ref = journalist.ref
    assert HEADING not in monitor.get("/").text

    follow(monitor, ref)

    assert "Nothing new since" in section(monitor)
    with as_user(app) as by:
        journalist = db.session.scalars(select(Journalist)).one()
        call = make_incident("A call", journalist=journalist, by=by)
        make_incident("About somebody else", by=by)
        account_as("Asem 2", journalist, by=by)
        proceeding = make_proceeding("against_target", parties=(journalist,), by=by)
        appeal = make_appeal(call, by=by)
        edit(one("An earlier call"), by=by, narrative="It rang at night.")
        db.session.commit()
        asked, judged = appeal.heading, proceeding.heading

    of = ["Asem Doe"]
    assert news(monitor) == {
        "A call": ("new", of),
        "An earlier call": ("changed", of),
        "Profile Asem 2": ("new", of),
        asked: ("new", of),
        judged: ("new", of),
    }
    mark_read(monitor)
    assert news(monitor) == {}
    assert "What you follow (1)<" in section(monitor)


def test_what_others_do_about_an_outlet_and_an_institution(app, monitor):
    with as_user(app) as by:
        outlet, institution = make_outlet("Dala News", by=by), make_institution("Council", by=by)
        db.session.commit()
        refs = outlet.ref, institution.ref
    for ref in refs:
        follow(monitor, ref)
    with as_user(app) as by:
        incident = make_incident("A search", by=by)
        with audited_change(incident, "incident:edit", by=by):
            target = IncidentTarget(kind=TargetKind.OUTLET, outlet=db.session.merge(outlet))
            incident.targets.append(target)
        there = db.session.merge(institution)
        appeal = make_appeal(incident, institution=there, by=by)
        response = make_response(institution=there, by=by)
        elsewhere = make_response(by=by)
        db.session.commit()
        asked, said, other = appeal.heading, response.heading, elsewhere.heading

    found = news(monitor)

    assert found["A search"] == ("new", ["Dala News"])
    assert sorted(found[asked][1]) == ["Council", "Dala News"]
    assert found[said] == ("new", ["Council"])
    assert other not in found


def test_the_news_of_a_case_are_read_there_as_well(app, monitor):
    with as_user(app) as by:
        case = make_case("An affair", by=by)
        make_incident("On record before", by=by)
        db.session.commit()
        ref = case.ref
    follow(monitor, ref)
    with as_user(app) as by:
        case = db.session.scalars(select(Case)).one()
        gone = make_account("Gone again", by=by)
        file_records(case, [one("On record before"), gone], by=by)
        remove_from_case(case, gone, by=by)
        with audited_change(case, "case:edit", by=by):
            case.summary = "In short."
            case.mark_revised(by=by)
        db.session.commit()

    assert news(monitor) == {
        "On record before": ("new", ["An affair"]),
        "An affair": ("changed", []),
    }
    records = f"/cases/{ref}/records/"
    until = found(UNTIL, monitor.get(records).text)
    post(monitor, f"/cases/{ref}/seen", page=records, until=until)
    assert news(monitor) == {}


def test_comments_and_tasks_that_are_done_are_news(app, monitor):
    with as_user(app) as by:
        case = make_case("An affair", by=by)
        call = make_incident("A call", by=by)
        file_records(case, [call], by=by)
        task = add_comment(call, "Which day?", assigned_to="monitor", by=by)
        db.session.commit()
        ref, number = case.ref, task.id
    follow(monitor, ref)
    assert news(monitor) == {}
    with as_user(app) as by:
        finish_assignment(get_comment(one("A call"), number), by=by)
        db.session.commit()

    assert news(monitor) == {"A call": ("comment", ["An affair"])}
    records = f"/cases/{ref}/records/"
    assert '<span class="badge changed">comment</span>' in monitor.get(records).text
    assert ">1</td>" in monitor.get("/cases/").text
    mark_read(monitor)
    assert news(monitor) == {}

    with as_user(app) as by:
        add_comment(db.session.scalars(select(Case)).one(), "Call her lawyer.", by=by)
        db.session.commit()
    assert news(monitor) == {"An affair": ("comment", [])}
    assert f'href="/review/{ref}/comments"' in section(monitor)
    page = monitor.get(records).text
    assert "Comments on the case:" in page
    post(monitor, f"/cases/{ref}/seen", page=records, until=found(UNTIL, page))
    assert news(monitor) == {}

    with as_user(app) as by:
        case = db.session.scalars(select(Case)).one()
        with audited_change(case, "case:edit", by=by):
            case.summary = "Three calls."
            case.mark_revised(by=by)
        add_comment(case, "I called.", by=by)
        db.session.commit()
    assert news(monitor) == {"An affair": ("changed", [])}
    mark_read(monitor)

    # What one says oneself is no news.
    with as_user(app, "monitor") as user:
        add_comment(db.session.scalars(select(Case)).one(), "I did.", by=user)
        add_comment(one("A call"), "It is the same day.", by=user)
        db.session.commit()
    assert news(monitor) == {}


def test_what_the_record_itself_says_is_news_and_what_its_team_alone_knows_is_not(app, monitor):
    with as_user(app) as by:
        ref = make_journalist("Asem Doe", by=by).ref
        db.session.commit()
    follow(monitor, ref)
    with as_user(app) as by:
        record_event("journalist:view-confidential", ref, by=by)
        db.session.commit()
    assert news(monitor) == {}
    with as_user(app) as by:
        journalist = db.session.scalars(select(Journalist)).one()
        add_name(journalist, "Asem A. Doe", kind=NameKind.OTHER, by=by)
        db.session.commit()

    assert news(monitor) == {"Asem Doe": ("changed", [])}


def test_what_one_does_oneself_is_no_news_and_following_is_for_oneself_alone(app, monitor):
    with as_user(app) as by:
        ref = make_journalist("Asem Doe", by=by).ref
        db.session.commit()
        before = len(db.session.scalars(select(AuditEvent)).all())
    staff = app.test_client()
    sign_in_directly(staff, "staff")
    for client in (staff, monitor):
        follow(client, ref)
    with as_user(app):
        assert len(db.session.scalars(select(Follow)).all()) == 2
        acts = [event.action for event in db.session.scalars(select(AuditEvent))]
        # Whom somebody follows is no fact about the record.
        assert not [act for act in acts[before:] if not act.startswith("session:")]
    with as_user(app) as by:
        make_incident("A call", journalist=db.session.scalars(select(Journalist)).one(), by=by)
        db.session.commit()

    assert news(staff) == {}
    assert list(news(monitor)) == ["A call"]
    post(monitor, f"/unfollow/{ref}", page=page_of(ref))
    assert HEADING not in monitor.get("/").text
    assert "What you follow (1)<" in section(staff)


def test_what_is_hidden_is_no_news_of_what_is_followed(app, stranger):
    with as_user(app) as by:
        journalist = make_journalist("Asem Doe", by=by)
        case = make_case("An affair", by=by)
        db.session.commit()
        refs = journalist.ref, case.ref
    for ref in refs:
        follow(stranger, ref)
    with as_user(app) as by:
        hidden = make_incident(
            "For the team", by=by, visibility=Visibility.RESTRICTED,
            journalist=db.session.scalars(select(Journalist)).one(),
        )  # fmt: skip
        file_records(db.session.scalars(select(Case)).one(), [hidden], by=by)
        # It is shown, and answers what is hidden alone.
        make_appeal(hidden, by=by)
        db.session.commit()

    assert news(stranger) == {}
    assert "Nothing new since" in section(stranger)
    assert "For the team" not in stranger.get("/").text


def test_whoever_loses_sight_of_a_record_sees_nothing_of_it(app, stranger):
    with as_user(app) as by:
        journalist = make_journalist("Asem Doe", by=by)
        case = make_case("An affair", by=by)
        db.session.commit()
        refs = journalist.ref, case.ref
    for ref in refs:
        follow(stranger, ref)
    with as_user(app) as by:
        journalist = db.session.scalars(select(Journalist)).one()
        case = db.session.scalars(select(Case)).one()
        shown = make_incident("A call", journalist=journalist, by=by)
        file_records(case, [shown], by=by)
        journalist.visibility = case.visibility = Visibility.RESTRICTED
        db.session.commit()

    assert HEADING not in stranger.get("/").text
    for ref in refs:
        for act in ("follow", "unfollow"):
            answer = post(stranger, f"/{act}/{ref}", page="/account/")
            missing = post(stranger, f"/{act}/{ref[:3]}-0000000000", page="/account/")
            assert (answer.status_code, missing.status_code) == (404, 404)
    # Seen again, it is followed as before.
    with as_user(app) as by:
        them = user_named("stranger")
        change_user(them, roles=[Role.STAFF], teams=list(by.teams), by=by)
        db.session.commit()
    sign_in_directly(stranger, "stranger")
    assert list(news(stranger)) == ["A call"]


@pytest.mark.parametrize("ref", ["INC-0000000000", "XXX-0000000000", "CAS-'--", "nothing"])
def test_nothing_else_can_be_followed(app, monitor, ref):
    with as_user(app) as by:
        incident = make_incident("A call", by=by).ref
        db.session.commit()
    for wanted in (ref, incident):
        assert post(monitor, f"/follow/{wanted}", page="/account/").status_code == 404
    with as_user(app):
        assert db.session.scalars(select(Follow)).all() == []


@pytest.mark.parametrize("until", ["", "yesterday", "0001-01-01T00:00:00+14:00", "2025-06-01\x00"])
def test_a_moment_that_is_none_is_refused(monitor, until):
    answer = post(monitor, "/following/read", page="/account/", until=until)

    assert answer.status_code == 422
    assert "Open the page again" in answer.text


def test_what_came_while_the_overview_was_open_stays_new(app, monitor):
    with as_user(app) as by:
        ref = make_journalist("Asem Doe", by=by).ref
        db.session.commit()
    follow(monitor, ref)

    def call(title: str) -> None:
        with as_user(app) as by:
            make_incident(title, journalist=db.session.scalars(select(Journalist)).one(), by=by)
            db.session.commit()

    call("First")
    page = monitor.get("/").text
    until = found(UNTIL, page)
    call("Second")
    monitor.post("/following/read", data=hidden_in(page) | {"until": until})

    assert list(news(monitor)) == ["Second"]


def test_the_queries_do_not_grow_with_what_is_followed(app, monitor):
    def add(count: int) -> None:
        with as_user(app) as by:
            made: list[Record] = []
            for number in range(count):
                journalist = make_journalist(f"Asem {number} of {count}", by=by)
                institution = make_institution(f"Council {number} of {count}", by=by)
                made += [journalist, institution, make_case(f"Case {number} of {count}", by=by)]
            db.session.commit()
            refs = [one.ref for one in made]
        for ref in refs:
            follow(monitor, ref)
        with as_user(app) as by:
            for journalist in db.session.scalars(select(Journalist)).all():
                incident = make_incident("A call", journalist=journalist, by=by)
                for case in db.session.scalars(select(Case)).all():
                    file_records(case, [incident], by=by)
            db.session.commit()

    def queries() -> int:
        monitor.get("/")
        with app.app_context(), counted() as sent:
            assert monitor.get("/").status_code == 200
        # Once a minute a visit also writes that somebody was seen.
        return sum(one.startswith(("SELECT", "WITH")) for one in sent)

    add(1)
    few = queries()
    add(2)

    assert queries() <= few

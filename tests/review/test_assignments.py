"""What people ask each other to do about a record: whom, by when, where they find it, when done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.cases.records_made import make_case
from tests.factories import as_user, make_incident, make_user, post
from tests.journeys.browser import browse
from tests.responses.responses_made import make_response
from tests.statements import counted
from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.incidents.models import Incident, IncidentComment
from tracker.permissions import Role, Visibility
from tracker.review.queries import count_tasks
from tracker.review.service import add_comment
from tracker.scoping import Viewer, set_viewer
from tracker.users.models import User

WORDS = "Call the lawyer."


@pytest.fixture
def ref(app: Flask) -> str:
    """Return the ref of an incident of the Desk that everybody sees; there is one more of staff."""
    with as_user(app) as user:
        made = make_incident(title="Winter letters", by=user)
        make_user("colleague")
        db.session.commit()
        return made.ref


def incident(ref: str) -> Incident:
    return db.session.scalars(select(Incident).where(Incident.ref == ref)).one()


def stored() -> IncidentComment:
    return db.session.scalars(select(IncidentComment)).one()


def ask(app: Flask, ref: str, of: str = "colleague", *, late: bool = False) -> int:
    """Let staff ask somebody to call the lawyer; return the number of that."""
    with as_user(app) as user:
        made = add_comment(incident(ref), WORDS, assigned_to=of, by=user)
        db.session.flush()
        if late:
            made.due_on = clock.current_date() - timedelta(1)
        db.session.commit()
        return made.id


def keep_to_team(app: Flask, ref: str) -> None:
    with as_user(app):
        incident(ref).visibility = Visibility.RESTRICTED
        db.session.commit()


def test_who_is_asked_finds_it_first_and_says_that_it_is_done(app: Flask, ref: str):
    staff = browse(app, "staff")
    due = clock.current_date() + timedelta(3)
    staff.open(f"/incidents/{ref}/")
    staff.press(
        "Comment", {"comment": WORDS, "assigned_to": "colleague", "due_on": due.isoformat()}
    )
    assert "assigned to colleague" in staff.words
    staff.open("/review/")
    assert "Assigned to others, open" in staff.words
    assert "Assigned to you" not in staff.words

    colleague = browse(app, "colleague")
    colleague.open("/")
    assert "1 thing to do" in colleague.words
    colleague.open("/review/")
    assert colleague.page.xpath("//h2")[0].text_content() == "Assigned to you"
    for words in (WORDS, "Winter letters", ref, "asked by staff"):
        assert words in colleague.words
    assert not colleague.page.xpath("//*[contains(@class,'overdue')]")
    colleague.press("Done")
    assert colleague.address == "/review/"
    assert WORDS not in colleague.words
    colleague.open("/")
    assert "Assigned to you" not in colleague.words
    staff.open(f"/incidents/{ref}/")
    assert "done colleague ·" in staff.words
    with as_user(app):
        done = stored()
        assert done.done_at is not None
        told = select(AuditEvent.action).where(AuditEvent.subject == ref)
        assert list(db.session.scalars(told))[-2:] == ["review:assign", "review:done"]


def test_who_asked_says_so_as_well_and_nobody_else_does(app: Flask, ref: str):
    address = f"/review/{ref}/comments/{ask(app, ref)}/done"
    monitor = browse(app, "monitor", Role.MONITOR)
    monitor.open(f"/incidents/{ref}/")
    assert not monitor.page.xpath("//form[contains(@action, '/done')]")
    assert post(monitor.client, address, page="/cases/").status_code == 403
    staff = browse(app, "staff")
    staff.open(f"/incidents/{ref}/")
    staff.press("Done")
    assert "Marked as done." in staff.words
    assert staff.address == f"/incidents/{ref}/"
    again = post(staff.client, address, page="/cases/")
    assert again.status_code == 422
    assert "It is already done, or was retracted." in again.text


def test_what_is_late_is_marked_and_comes_first(app: Flask, ref: str):
    with as_user(app) as user:
        case = make_case("A long affair", by=user)
        add_comment(case, "Some day.", assigned_to="colleague", by=user)
        soon = clock.current_date() + timedelta(1)
        add_comment(case, "Soon.", assigned_to="colleague", due_on=soon, by=user)
        db.session.commit()
    ask(app, ref, late=True)
    colleague = browse(app, "colleague")
    colleague.open("/review/")
    lines = [one.text_content() for one in colleague.page.xpath("//section[1]//li")]
    said = [line.split("\n")[0].strip() for line in lines]
    assert [words.removesuffix(".") for words in said] == ["Call the lawyer", "Soon", "Some day"]
    assert ["overdue" in line for line in lines] == [True, False, False]


def test_only_who_can_sign_in_and_sees_the_record_is_asked(app: Flask, ref: str):
    with as_user(app):
        make_user("outsider", Role.MONITOR, team="Elsewhere")
        make_user("gone").disabled_at = clock.utc_now()
        db.session.commit()
    staff, offered = browse(app, "staff"), "//select[@name='assigned_to']/option/@value"
    staff.open(f"/incidents/{ref}/")
    assert staff.page.xpath(offered) == ["", "colleague", "outsider", "staff"]
    keep_to_team(app, ref)
    staff.open(f"/incidents/{ref}/")
    assert staff.page.xpath(offered) == ["", "colleague", "staff"]
    for name in ("outsider", "gone", "console", "nobody"):
        staff.press("Comment", {"comment": WORDS, "assigned_to": name, "due_on": "2020-01-01"})
        assert staff.status == 422
        wrong = [one.text_content() for one in staff.page.xpath("//p[@class='error']")]
        assert wrong == [
            "Choose somebody who can sign in and sees this record.",
            "This day has passed.",
        ]
        assert WORDS in staff.text
    with as_user(app) as user, pytest.raises(InvalidInput):
        add_comment(incident(ref), WORDS, assigned_to="outsider", by=user)
    with as_user(app):
        assert db.session.scalars(select(IncidentComment)).all() == []


def test_who_no_longer_sees_the_record_is_asked_nothing_and_the_asker_is_told(app: Flask, ref: str):
    with as_user(app):
        make_user("outsider", Role.MONITOR, team="Elsewhere")
        db.session.commit()
    number = ask(app, ref, of="outsider")
    outsider = browse(app, "outsider", Role.MONITOR, team="Elsewhere")
    outsider.open("/review/")
    assert WORDS in outsider.words
    keep_to_team(app, ref)
    outsider.open("/review/")
    assert "Assigned to you" not in outsider.words
    assert ref not in outsider.text
    address = f"/review/{ref}/comments/{number}/done"
    assert post(outsider.client, address, page="/cases/").status_code == 404
    with as_user(app, "outsider") as user:
        assert count_tasks(user).assigned == 0
        set_viewer(Viewer(tuple(make_user("staff").team_ids)))
        assert count_tasks(user).assigned == 1
    staff = browse(app, "staff")
    staff.open("/review/")
    assert WORDS in staff.words
    assert "does not see it any more" in staff.words


def test_what_is_taken_back_is_to_be_done_no_more(app: Flask, ref: str):
    ask(app, ref)
    staff = browse(app, "staff")
    staff.open(f"/incidents/{ref}/")
    staff.press("Erase the text")
    assert "assigned to colleague" in staff.words
    assert not staff.page.xpath("//form[contains(@action, '/done')]")
    colleague = browse(app, "colleague")
    colleague.open("/review/")
    assert "Assigned to you" not in colleague.words


def test_more_assignments_ask_no_more_of_the_database(app: Flask, ref: str):
    colleague = browse(app, "colleague")

    def asked() -> int:
        with app.app_context(), counted() as statements:
            assert colleague.client.get("/review/").status_code == 200
        return len(statements)

    def more(user: User) -> None:
        for record in (make_incident(by=user), make_response(by=user), make_case(by=user)):
            add_comment(record, WORDS, assigned_to="colleague", by=user)

    with as_user(app) as user:
        more(user)
        db.session.commit()
    asked()
    before = asked()
    with as_user(app) as user:
        for _number in range(3):
            more(user)
        db.session.commit()
    assert asked() == before

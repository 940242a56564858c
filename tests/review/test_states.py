"""What becomes of a record under review: which state follows which, and who may say so."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests.factories import as_user, make_incident
from tests.journeys.browser import Browser, browse
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.errors import Forbidden, InvalidInput
from tracker.incidents.models import Incident, IncidentComment
from tracker.permissions import Role
from tracker.review import service
from tracker.review.codes import EditorialState, RetractReason

STATES = list(EditorialState)


@pytest.fixture
def ref(app: Flask) -> str:
    """Return the ref of a draft that staff logged."""
    with as_user(app) as user:
        made = make_incident(title="Winter letters", by=user)
        db.session.commit()
        return made.ref


def stored(ref: str) -> Incident:
    return db.session.scalars(select(Incident).where(Incident.ref == ref)).one()


def put(app: Flask, ref: str, state: EditorialState) -> None:
    """Bring the record into a state behind everybody's back."""
    with as_user(app):
        incident = stored(ref)
        incident.state = state
        incident.retract_reason = (
            RetractReason.DUPLICATE if state is EditorialState.RETRACTED else None
        )
        db.session.commit()


@pytest.fixture
def monitor(app: Flask, ref: str) -> Browser:
    """Return the browser of a monitor on the record's page."""
    browser = browse(app, "monitor", Role.MONITOR)
    browser.open(f"/incidents/{ref}/")
    return browser


def test_a_monitor_retracts_with_a_reason_and_brings_back_with_a_note(
    app: Flask, monitor: Browser, ref: str
):
    monitor.press("Retract", {"reason": "", "note": "The paper took it back."})
    assert monitor.status == 422
    assert "Say why it does not count." in monitor.words
    assert "The paper took it back." in monitor.words
    monitor.press("Retract", {"reason": "did_not_happen", "note": "The paper took it back."})
    assert "Retracted: it is no longer counted." in monitor.words
    assert "The paper took it back." in monitor.words

    monitor.press("Restore as draft", {"note": ""})
    assert monitor.status == 422
    assert "Say why it is brought back." in monitor.words
    monitor.press("Restore as draft", {"note": "It stands by it again."})
    assert "Restored: it is a draft again" in monitor.words
    with as_user(app):
        incident = stored(ref)
        assert (incident.state, incident.retract_reason) == (EditorialState.DRAFT, None)
        acts = db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject == ref)).all()
        assert acts[-2:] == ["review:retracted", "review:brought_back"]
    monitor.open(f"/incidents/{ref}/history")
    assert "retracted this" in monitor.words
    assert "restored this as a draft" in monitor.words


def test_each_decision_says_what_was_done(app: Flask, monitor: Browser, ref: str):
    staff = browse(app, "staff")
    for button, said in (("Request changes", "Changes requested: "), ("Approve", "Approved.")):
        staff.open(f"/incidents/{ref}/")
        staff.press("Submit for review")
        assert "Submitted for review: somebody else decides on it." in staff.words
        monitor.open(f"/incidents/{ref}/")
        monitor.press(button, {"note": "Looked at."})
        assert said in " ".join(monitor.page.xpath("//*[@role='status']//text()"))


def test_an_approved_record_that_is_saved_unchanged_stays_approved_with_its_note(
    app: Flask, monitor: Browser, ref: str
):
    staff = browse(app, "staff")
    staff.open(f"/incidents/{ref}/")
    staff.press("Submit for review")
    monitor.open(f"/incidents/{ref}/")
    monitor.press("Approve", {"note": "Well sourced."})
    staff.open(f"/incidents/{ref}/edit")
    staff.press("Save")
    with as_user(app):
        incident = stored(ref)
        assert (incident.state, incident.review_note) == (EditorialState.APPROVED, "Well sourced.")

    staff.open(f"/incidents/{ref}/edit")
    staff.press("Save", {"title": "Letters"})
    with as_user(app):
        incident = stored(ref)
        assert (incident.state, incident.review_note) == (EditorialState.DRAFT, "")


def test_the_reason_of_a_restoration_is_not_shown_as_that_of_an_earlier_return(
    app: Flask, monitor: Browser, ref: str
):
    staff = browse(app, "staff")
    staff.open(f"/incidents/{ref}/")
    staff.press("Submit for review")
    decisions: tuple[tuple[str, dict[str, object]], ...] = (
        ("Request changes", {"note": "Which day?"}),
        ("Retract", {"reason": "did_not_happen", "note": "Taken back."}),
        ("Restore as draft", {"note": "It stands by it again."}),
    )
    for button, values in decisions:
        monitor.open(f"/incidents/{ref}/")
        monitor.press(button, values)
    staff.open(f"/incidents/{ref}/")
    staff.press("Submit for review")
    monitor.open(f"/incidents/{ref}/")
    assert "Note: It stands by it again." in monitor.words
    assert "Changes requested by" not in monitor.words


def test_before_submission_it_is_said_what_publication_will_need(app: Flask, ref: str):
    staff = browse(app, "staff")
    staff.open(f"/incidents/{ref}/")
    assert "Publication will also need: a public summary." in staff.words
    staff.press("Submit for review")
    assert "Submitted for review" in staff.words

    with as_user(app):
        incident = stored(ref)
        incident.state, incident.public_summary_en = EditorialState.DRAFT, "Letters came."
        db.session.commit()
    staff.open(f"/incidents/{ref}/")
    assert "Publication will also need" not in staff.words


def test_a_record_is_submitted_and_decided_on_without_a_comment(
    app: Flask, monitor: Browser, ref: str
):
    """A browser keeps back a form with an empty required field, unless it is not to check it."""
    staff = browse(app, "staff")
    staff.open(f"/incidents/{ref}/")
    for browser, button in ((staff, "Submit for review"), (monitor, "Retract")):
        form = browser.page.xpath("//button[normalize-space()=$words]/ancestor::form", words=button)
        assert form[0].get("novalidate") is not None, button


@pytest.mark.parametrize("state", [one for one in STATES if one is not EditorialState.RETRACTED])
def test_from_every_state_a_record_can_be_retracted(app: Flask, ref: str, state: EditorialState):
    put(app, ref, state)
    with as_user(app, "monitor", Role.MONITOR) as user:
        service.retract_record(stored(ref), reason=RetractReason.LEGAL, note="", by=user)
        db.session.commit()
        assert stored(ref).state is EditorialState.RETRACTED


def test_who_logged_a_record_neither_retracts_nor_approves_it(app: Flask, ref: str):
    put(app, ref, EditorialState.IN_REVIEW)
    with as_user(app) as author:
        for decide in (
            lambda: service.retract_record(
                stored(ref), reason=RetractReason.LEGAL, note="", by=author
            ),
            lambda: service.approve_record(stored(ref), note="", by=author),
        ):
            with pytest.raises(Forbidden):
                decide()


def test_the_page_offers_no_decision_to_who_changed_the_record_last(app: Flask, ref: str):
    put(app, ref, EditorialState.IN_REVIEW)
    browser = browse(app, "both", Role.STAFF, Role.MONITOR)
    with as_user(app, "both") as user:
        stored(ref).revised_by_id = user.id
        db.session.commit()
    browser.open(f"/incidents/{ref}/")
    assert "somebody else must review it" in browser.words
    assert not browser.page.xpath("//form[contains(@action, '/retract')]")
    form = {
        "version": "1",
        "csrf_token": browser.page.xpath("//input[@name='csrf_token']")[0].value,
    }
    answer = browser.client.post(f"/review/{ref}/retract", data=form | {"reason": "legal"})
    assert answer.status_code in {403, 409}
    with as_user(app):
        form["version"] = str(stored(ref).version)
    answer = browser.client.post(f"/review/{ref}/retract", data=form | {"reason": "legal"})
    assert answer.status_code == 403


def test_staff_cannot_retract_or_bring_back(app: Flask, ref: str):
    staff = browse(app, "colleague", Role.STAFF)
    staff.open(f"/incidents/{ref}/")
    token = staff.page.xpath("//input[@name='csrf_token']")[0].value
    for act in ("retract", "restore"):
        answer = staff.client.post(f"/review/{ref}/{act}", data={"csrf_token": token})
        assert answer.status_code == 403, act


def test_a_retracted_record_cannot_be_edited(app: Flask, ref: str):
    put(app, ref, EditorialState.RETRACTED)
    staff = browse(app, "staff")
    staff.open(f"/incidents/{ref}/")
    assert "Edit" not in staff.words
    for page in ("edit", "summary", "targets/new", "circumstances", "share"):
        answer = staff.client.get(f"/incidents/{ref}/{page}")
        assert answer.status_code == 403, page
        assert "a monitor must bring it back first" in answer.text, page


def test_a_retracted_record_is_not_signed_anew_by_any_way(app: Flask, ref: str):
    put(app, ref, EditorialState.RETRACTED)
    with as_user(app) as user, pytest.raises(Forbidden):
        stored(ref).mark_revised(by=user)


@pytest.mark.parametrize("state", [EditorialState.APPROVED, EditorialState.PUBLISHED])
def test_a_changed_record_is_a_draft_again(app: Flask, ref: str, state: EditorialState):
    put(app, ref, state)
    with as_user(app) as user:
        stored(ref).mark_revised(by=user)
        assert stored(ref).state is EditorialState.DRAFT


def test_only_a_retracted_record_comes_back(app: Flask, ref: str):
    with as_user(app, "monitor", Role.MONITOR) as user, pytest.raises(InvalidInput):
        service.restore_record(stored(ref), note="why", by=user)


def test_the_database_wants_a_reason_of_what_is_retracted_and_of_nothing_else(app: Flask, ref: str):
    for values in ("state = 'retracted'", "retract_reason = 'legal'"):
        with as_user(app), pytest.raises(IntegrityError):
            db.session.execute(text(f"UPDATE incidents SET {values} WHERE ref = '{ref}'"))


def test_the_database_wants_two_people_for_an_approval(app: Flask, ref: str):
    with as_user(app), pytest.raises(IntegrityError):
        db.session.execute(
            text(f"UPDATE incidents SET approved_by_id = revised_by_id WHERE ref = '{ref}'")
        )


def test_who_logged_a_record_does_not_return_it(app: Flask, ref: str, monitor: Browser):
    """It would undo what somebody else approved."""
    put(app, ref, EditorialState.APPROVED)
    with as_user(app, "staff", Role.STAFF, Role.MONITOR) as user, pytest.raises(Forbidden):
        service.request_changes(stored(ref), note="I would rather not.", by=user)


def test_whoever_logged_it_is_told_on_the_overview_what_came_back(app: Flask, ref: str):
    for state, name, told in (
        (EditorialState.IN_REVIEW, "staff", False),
        (EditorialState.RETURNED, "staff", True),
        (EditorialState.RETURNED, "colleague", False),
    ):
        put(app, ref, state)
        browser = browse(app, name, Role.STAFF)
        browser.open("/")
        assert ("1 record to revise" in browser.words) is told


COMMENT = "Her lawyer agreed to every word."


@pytest.mark.parametrize(
    ("button", "values", "action"),
    [
        ("Approve", {"note": "Well sourced."}, "review:approved"),
        ("Request changes", {"note": "Cite the letter."}, "review:returned"),
        ("Retract", {"note": "Twice.", "reason": "coding_error"}, "review:retracted"),
    ],
)
def test_a_comment_that_was_typed_is_saved_with_the_decision(
    app: Flask, monitor: Browser, ref: str, *, button, values, action
):
    put(app, ref, EditorialState.IN_REVIEW)
    monitor.open(f"/incidents/{ref}/")
    monitor.press(button, {"comment": COMMENT} | values)
    assert monitor.status == 200
    assert COMMENT in monitor.page.xpath("string(//section[@id='comments']//li)")
    assert values["note"] in monitor.words
    with as_user(app):
        entries = select(AuditEvent.action).where(AuditEvent.subject == ref)
        found = list(db.session.scalars(entries.order_by(AuditEvent.sequence)))
    assert found[-2:] == ["review:comment", action]


def test_a_decision_that_is_refused_keeps_all_that_was_typed(
    app: Flask, monitor: Browser, ref: str
):
    put(app, ref, EditorialState.IN_REVIEW)

    def refused(button: str, **values: object) -> None:
        monitor.open(f"/incidents/{ref}/")
        monitor.press(button, {"comment": COMMENT, "note": "A note.", **values})
        assert monitor.status == 422
        for name, words in (("comment", COMMENT), ("note", "A note.")):
            value = values.get(name, words)
            assert monitor.page.xpath(f"//textarea[@name='{name}']")[0].text.strip() == value

    refused("Retract")
    refused("Approve", due_on="2020-01-01")
    assert "Choose who should do it by that day." in monitor.words
    refused("Approve", comment="x" * 4001)
    refused("Comment", due_on="2020-01-01")
    with as_user(app):
        assert stored(ref).state is EditorialState.IN_REVIEW
        assert not db.session.scalars(select(IncidentComment)).all()
    monitor.press("Approve", {"due_on": ""})
    with as_user(app):
        assert stored(ref).state is EditorialState.APPROVED
        assert [one.words for one in db.session.scalars(select(IncidentComment))] == [COMMENT]


@pytest.mark.parametrize("state", [EditorialState.DRAFT, EditorialState.IN_REVIEW])
def test_the_decision_stands_before_what_is_long_and_before_the_comments(
    app: Flask, ref: str, state: EditorialState
):
    put(app, ref, state)
    name, button = ("staff", "Submit for review")
    if state is EditorialState.IN_REVIEW:
        name, button = ("monitor", "Approve")
    browser = browse(app, name, *([Role.MONITOR] if name == "monitor" else []))
    browser.open(f"/incidents/{ref}/")
    main = browser.page.xpath("//main")[0]
    order = [
        one.text_content().strip() for one in main.iter("h2", "button", "label")
        if not one.get("aria-hidden")
    ]  # fmt: skip
    assert order.index("Review") < order.index(button) < order.index("What happened")
    assert order.index(button) < order.index("Comments") < order.index("Comment")
    if state is EditorialState.IN_REVIEW:
        assert order.index("Note on the decision") < order.index(button)
        assert "Everyone who sees the record can read this note." in browser.words


def test_enter_in_the_form_of_a_record_decides_nothing(app: Flask, monitor: Browser, ref: str):
    put(app, ref, EditorialState.IN_REVIEW)
    monitor.open(f"/incidents/{ref}/")
    # Not a day, which a decision would refuse without somebody who should do it.
    monitor.enter("due_on", "")
    with as_user(app):
        assert stored(ref).state is EditorialState.IN_REVIEW

"""The review queue: records by article, all of them approved at once, and what is left."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import as_user, make_article, make_incident, post
from tests.journeys.browser import Browser, browse
from tests.statements import counted
from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.cases.service import file_records, open_case
from tracker.db import db
from tracker.incidents.codes import Verification
from tracker.incidents.models import Incident
from tracker.incidents.section_service import add_reference
from tracker.permissions import Role, Visibility
from tracker.review import service
from tracker.review.codes import EditorialState
from tracker.review.queries import records_by_refs


def put(app: Flask, title: str, *records: str, by: str = "staff", **given: Any) -> list[str]:
    """Store an article with an incident in review for each title; return the incidents' refs."""
    with as_user(app, by, Role.STAFF, Role.MONITOR) as user:
        article = make_article(title, by=user)
        made = [make_incident(title=one, article=article, by=user, **given) for one in records]
        for one in made:
            one.state = EditorialState.IN_REVIEW
        db.session.commit()
        return [one.ref for one in made]


def states(app: Flask) -> dict[str, str]:
    with as_user(app):
        return {one.title: str(one.state) for one in db.session.scalars(select(Incident)).unique()}


def edit(app: Flask, ref: str, **values: object) -> None:
    with as_user(app):
        record = db.session.scalars(select(Incident).where(Incident.ref == ref)).one()
        for name, value in values.items():
            setattr(record, name, value)
        db.session.commit()


def acts(app: Flask, ref: str) -> list[tuple[str, str]]:
    with as_user(app):
        rows = select(AuditEvent.action, AuditEvent.actor).where(AuditEvent.subject == ref)
        return [(one.action, one.actor) for one in db.session.execute(rows)]


@pytest.fixture
def refs(app: Flask) -> list[str]:
    return put(app, "Two visits", "First visit", "Second visit", "Third visit")


@pytest.fixture
def monitor(app: Flask, refs: list[str]) -> Browser:
    browser = browse(app, "monitor", Role.MONITOR)
    browser.open("/review/")
    return browser


def test_one_click_in_the_queue_approves_all_of_an_article(
    app: Flask, monitor: Browser, refs: list[str]
) -> None:
    assert "Two visits" in monitor.words
    assert "staff · submitted" in monitor.words
    monitor.press("Approve all")
    assert monitor.loads == 2
    assert monitor.address == "/review/"
    assert "3 records approved." in monitor.message
    assert "Nothing to review." in monitor.words
    assert set(states(app).values()) == {"approved"}
    for ref in refs:
        assert acts(app, ref)[-1] == ("review:approved", "monitor")
        assert [act for act, _by in acts(app, ref)].count("review:approved") == 1


def test_from_the_queue_by_the_article_three_loads_approve_its_records(
    app: Flask, monitor: Browser
) -> None:
    monitor.follow("Two visits")
    monitor.press("Approve all")
    assert monitor.loads == 3
    assert "3 records approved." in monitor.message
    assert set(states(app).values()) == {"approved"}


def test_what_was_chosen_for_one_record_holds_when_the_others_are_approved(
    app: Flask, monitor: Browser
) -> None:
    monitor.follow("Two visits")
    monitor.press("Approve all", {"rows-1-choice": "return", "rows-2-note": "Well sourced."})
    assert monitor.status == 422
    assert "Say what is missing." in monitor.words
    assert set(states(app).values()) == {"in_review"}
    monitor.press("Approve all", {"rows-1-note": "Which day?"})
    assert "2 records approved. Changes requested in 1 record." in monitor.message
    assert states(app) == {
        "First visit": "approved", "Second visit": "returned", "Third visit": "approved"
    }  # fmt: skip
    assert "Well sourced." in monitor.words


def test_a_note_that_is_too_long_is_said_at_its_field_and_stays_typed(
    app: Flask, monitor: Browser, refs: list[str]
) -> None:
    # The queue's own buttons carry no note.
    form, _button = monitor._form_with("Approve all")
    held = {name: value for name, value in monitor._held(form).items() if name[:5] != "rows-"}
    with as_user(app):
        version = str(records_by_refs(refs)[0].version)
    row = {"rows-0-ref": refs[0], "rows-0-version": version, "rows-0-note": "x" * 2001}
    monitor._take(monitor.client.post("/review/", data=held | row), "/review/")
    assert monitor.message == "1 record approved."
    monitor.follow("Two visits")
    note = "y" * 2001
    for button in ("Approve all", "Save all decisions"):
        monitor.press(button, {"rows-1-choice": "approve", "rows-1-note": note})
        assert monitor.status == 422
        [field] = monitor.page.xpath("//*[@name='rows-1-note']")
        assert field.text_content().strip() == note
        assert "2000" in field.getparent().xpath("string(*[@class='error'])")
    assert sorted(states(app).values()) == ["approved", "in_review", "in_review"]


def test_what_stops_the_publication_is_not_said_to_stop_the_approval(monitor: Browser) -> None:
    said = (
        "Records marked not publishable yet can be approved all the same: The public summary is"
        " missing"
    )
    assert monitor.words.count(said) == 1
    badges = "//section[@class='card']//li//span[contains(@class,'badge')]/text()"
    assert monitor.page.xpath(badges).count("not publishable yet") == 3


def test_the_queue_says_what_each_record_is_and_for_how_long_it_waits(
    app: Flask, refs: list[str]
) -> None:
    edit(app, refs[0], updated_at=clock.utc_now() - timedelta(days=12))
    edit(app, refs[1], verification=Verification.LIKELY)
    browser = browse(app, "monitor", Role.MONITOR)
    browser.open("/review/")
    lines = [" ".join(li.text_content().split()) for li in browser.page.xpath("//li[a]")]
    assert "waiting for 12 days" in lines[0]
    assert "not assessed" in lines[0]
    assert "likely" in lines[1]
    assert all("Death threat" in line for line in lines)
    assert "waiting for" not in lines[1]


def test_after_a_decision_the_notice_leads_to_the_next_record(
    app: Flask, monitor: Browser, refs: list[str]
) -> None:
    put(app, "By the monitor", "Mine", by="both")
    monitor.open(f"/incidents/{refs[0]}/")
    for ref in refs[1:]:
        monitor.press("Approve")
        assert "Approved." in monitor.message
        monitor.follow("Next in review")
        assert monitor.address == f"/incidents/{ref}/"
    monitor.press("Request changes", {"note": "Which day?"})
    monitor.follow("Next in review")
    assert "Mine" in monitor.page.xpath("string(//h1)")
    monitor.press("Approve")
    assert "Next in review" not in monitor.words
    monitor.follow("Back to the review queue")
    assert monitor.address == "/review/"

    both = browse(app, "both", Role.STAFF, Role.MONITOR)
    own = put(app, "Mine too", "Also mine", by="both")
    of_staff = put(app, "Of staff", "Theirs")
    both.open(f"/incidents/{of_staff[0]}/")
    both.press("Approve")
    # Own work is not next.
    assert "Next in review" not in both.words
    assert own[0] not in both.message


def test_own_work_is_last_and_grey_and_left_with_the_reason(app: Flask) -> None:
    own = put(app, "By both", "Mine", by="both")
    put(app, "By staff", "Of staff", "Mine too")
    with as_user(app, "both") as user:
        mine = db.session.scalars(select(Incident).where(Incident.title == "Mine too")).one()
        mine.revised_by_id, left = user.id, mine.ref
        db.session.commit()
    both = browse(app, "both", Role.STAFF, Role.MONITOR)
    both.open("/review/")
    titles = both.page.xpath("//section[.//li]//h3/a/text()")
    assert titles == ["By staff", "By both"]
    assert [one.text_content() for one in both.page.xpath("//li[contains(@class,'own')]/a")] == [
        "Mine too", "Mine"
    ]  # fmt: skip
    assert len(both.page.xpath("//button[text()='Approve all']")) == 1
    both.press("Approve all")
    assert f"1 record approved. Left, your own work: {left}." in both.message
    assert states(app) == {"Mine": "in_review", "Of staff": "approved", "Mine too": "in_review"}
    # What a person sends besides is judged alike.
    values = {"rows-0-ref": own[0], "rows-0-version": "1"}
    answer = post(both.client, "/review/", page="/review/", **values)
    assert answer.status_code == 303
    assert states(app)["Mine"] == "in_review"


def test_a_record_changed_since_is_left_and_the_others_are_approved(
    app: Flask, monitor: Browser, refs: list[str]
) -> None:
    edit(app, refs[1], place="Almaty")
    monitor.press("Approve all")
    assert "2 records approved." in monitor.message
    assert f"Left, changed since you opened the page: {refs[1]}." in monitor.message
    assert states(app)["Second visit"] == "in_review"


def test_of_two_monitors_the_second_is_told_that_it_was_decided(
    app: Flask, monitor: Browser, refs: list[str]
) -> None:
    other = browse(app, "other", Role.MONITOR)
    other.open("/review/")
    monitor.press("Approve all")
    other.press("Approve all")
    assert "Nothing was changed." in other.message
    assert "Left, somebody else decided or changed it: " in other.message
    for ref in refs:
        assert [one for one in acts(app, ref) if one[0] == "review:approved"] == [
            ("review:approved", "monitor")
        ]


def test_a_record_of_another_team_is_neither_seen_nor_approved(app: Flask, refs: list[str]) -> None:
    edit(app, refs[0], visibility=Visibility.RESTRICTED)
    other = browse(app, "other", Role.MONITOR, team="Elsewhere")
    other.open("/review/")
    assert "First visit" not in other.words
    assert "2 records waiting" in other.words
    assert refs[0] not in other.text
    page = other.text
    values = dict(re.findall(r'name="(rows-\d-\w+)" value="([^"]+)"', page))
    values |= {"rows-5-ref": refs[0], "rows-5-version": "2", "rows-6-ref": "INC-0000000000"}
    post(other.client, "/review/", **values)
    other.open("/review/")
    assert "2 records approved." in other.message
    assert refs[0] not in other.message
    assert states(app) == {
        "First visit": "in_review", "Second visit": "approved", "Third visit": "approved"
    }  # fmt: skip


def test_an_error_at_one_record_approves_none(
    app: Flask, monitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve, calls = service.approve_record, []

    def fail_at_the_last(record: Incident, **values: object) -> None:
        calls.append(record)
        if len(calls) == 3:
            raise OSError
        approve(record, **values)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(service, "approve_record", fail_at_the_last)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monitor.press("Approve all")
    assert monitor.status == 500
    assert set(states(app).values()) == {"in_review"}


def test_next_leads_through_the_queue_and_round(app: Flask, monitor: Browser) -> None:
    put(app, "Letters", "A letter")
    put(app, "Calls", "A call")
    monitor.open("/review/")
    monitor.follow("Two visits")
    titles = []
    for _number in range(3):
        monitor.follow("Next")
        titles.append(monitor.page.xpath("string(//h1)"))
    assert titles == ["Review: Letters", "Review: Calls", "Review: Two visits"]


def test_a_record_that_came_back_says_who_returned_it_when_and_with_which_note(
    app: Flask, monitor: Browser, refs: list[str]
) -> None:
    monitor.follow("Two visits")
    article = monitor.address
    monitor.press(
        "Save all decisions",
        {"rows-0-choice": "return", "rows-0-note": "Which day?", "rows-1-choice": "approve",
         "rows-1-note": "Well sourced."},
    )  # fmt: skip
    staff = browse(app, "staff", Role.STAFF)
    for ref in refs[:2]:
        with as_user(app) as user:
            record = db.session.scalars(select(Incident).where(Incident.ref == ref)).one()
            add_reference(record, scheme="CPJ", identifier=ref, by=user)
            db.session.commit()
        staff.open(f"/incidents/{ref}/")
        staff.press("Submit for review")
    # An edit takes a record out of review; the note is still for its reviewer.
    with as_user(app) as user:
        record = db.session.scalars(select(Incident).where(Incident.ref == refs[0])).one()
        add_reference(record, scheme="RSF", identifier="9", by=user)
        db.session.commit()
    staff.open(f"/incidents/{refs[0]}/")
    staff.press("Submit for review")

    second = browse(app, "second", Role.MONITOR)
    for address in ("/review/", article, f"/incidents/{refs[0]}/"):
        second.open(address)
        said = r"Changes requested by monitor on [^:]+ 20\d\d: Which day\?"
        assert re.search(said, second.words), address
        assert second.words.count("Changes requested by") == 1
        assert "Well sourced." not in second.words
        [what] = second.page.xpath("//a[.='What changed']/@href")
        assert what == f"/incidents/{refs[0]}/history"
    second.press("Approve")
    assert "Changes requested by" not in second.words


def test_own_articles_are_not_next(app: Flask) -> None:
    put(app, "By both", "Mine", by="both")
    put(app, "By staff", "Of staff")
    both = browse(app, "both", Role.STAFF, Role.MONITOR)
    both.open("/review/")
    both.follow("By staff")
    assert "Next" not in both.page.xpath("string(//main)")


def test_records_without_an_article_that_is_shown_stand_by_case_or_alone(app: Flask) -> None:
    with as_user(app) as user:
        article = make_article("Kept", by=user, visibility=Visibility.RESTRICTED)
        made = [
            make_incident(title=one, article=article, by=user, visibility=Visibility.RESTRICTED)
            for one in ("In the case", "In it too", "Alone")
        ]
        case = open_case("The Doe affair", country="KZ", team_id=user.team_ids[0],
                         visibility=Visibility.INTERNAL, by=user)  # fmt: skip
        file_records(case, made[:2], by=user)
        for one in made:
            one.state, one.visibility = EditorialState.IN_REVIEW, Visibility.INTERNAL
        db.session.commit()
    other = browse(app, "other", Role.MONITOR, team="Elsewhere")
    other.open("/review/")
    groups = {
        one.xpath("string(.//h3)").strip(): one.xpath("ul/li/a/text()")
        for one in other.page.xpath("//section[.//h3]")
    }
    assert groups == {
        "The Doe affair": ["In the case", "In it too"],
        "Without a source that is shown to you": ["Alone"],
    }
    other.press("Approve all")
    assert states(app) == {
        "In the case": "approved", "In it too": "approved", "Alone": "in_review"
    }  # fmt: skip


def test_staff_see_the_queue_without_buttons_and_cannot_approve(
    app: Flask, monitor: Browser
) -> None:
    staff = browse(app, "colleague", Role.STAFF)
    staff.open("/review/")
    assert "First visit" in staff.words
    assert "Approve all" not in staff.words
    assert staff.client.post("/review/").status_code == 403


def test_the_queue_asks_alike_for_more_cases_and_records(app: Flask, monitor: Browser) -> None:
    def asked() -> int:
        with app.app_context(), counted() as statements:
            assert monitor.client.get("/review/").status_code == 200
        return len(statements)

    asked()
    before = asked()
    for number in range(4):
        put(app, f"More {number}", f"One {number}", f"Two {number}", who=f"editor {number}")
    assert asked() == before


@pytest.mark.parametrize("ref", ["INC-\x00", "INC-\ufffd", "INC-", ""])
def test_a_forged_ref_changes_nothing(app: Flask, refs: list[str], ref: str) -> None:
    browser = browse(app, "both", Role.STAFF, Role.MONITOR)
    for address in ("/review/", "/review/submit"):
        answer = post(
            browser.client,
            address,
            page="/intake/new",
            **{"rows-0-ref": ref, "rows-0-version": "1"},
        )
        assert answer.status_code == 303
        browser.open("/review/")
        assert browser.message == "Nothing was changed."
    assert set(states(app).values()) == {"in_review"}

"""Publishing with one click: from the record, its article and the review queue; and what stops it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests.factories import (
    as_user,
    hidden_in,
    make_article,
    make_incident,
    make_journalist,
    make_type,
)
from tests.journeys.browser import Browser, browse
from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.incidents import service
from tracker.incidents.models import Incident
from tracker.incidents.service import TargetFacts, write_public_summary
from tracker.permissions import Role, Visibility
from tracker.review.codes import EditorialState

WORDS = "Two men came to an editor."
SUMMARY: dict[str, object] = {"public_summary_en": WORDS}
NO_SUMMARY = "The public summary is missing"


def stored(title: str) -> Incident:
    return db.session.scalars(select(Incident).where(Incident.title == title)).one()


def put(app: Flask, *titles: str, by: str = "staff", of_journalist: bool = False) -> str:
    """Store an article with an incident in review for each title, with a summary; return its ref."""
    with as_user(app, by, Role.STAFF, Role.MONITOR) as user:
        article = make_article("Two visits", by=user)
        given: dict[str, Any] = {}
        if of_journalist:
            given["targets"] = [TargetFacts(journalist=make_journalist(by=user))]
        for title in titles:
            made = make_incident(title=title, article=article, by=user, **given)
            write_public_summary(made, {"public_summary_en": WORDS}, by=user)
            made.state = EditorialState.IN_REVIEW
        db.session.commit()
        return article.ref


def edit(app: Flask, title: str, **values: object) -> str:
    with as_user(app):
        record = stored(title)
        for name, value in values.items():
            setattr(record, name, value)
        db.session.commit()
        return record.ref


def state(app: Flask, title: str) -> str:
    with as_user(app):
        return str(stored(title).state)


def acts(app: Flask, title: str) -> list[str]:
    with as_user(app):
        rows = select(AuditEvent.action).where(AuditEvent.subject == stored(title).ref)
        return list(db.session.scalars(rows.order_by(AuditEvent.sequence)))


def published(app: Flask) -> list[str]:
    with as_user(app):
        rows = db.session.execute(text("SELECT title FROM public_export ORDER BY title"))
        return [row.title for row in rows]


@pytest.fixture
def monitor(app: Flask) -> Browser:
    return browse(app, "monitor", Role.MONITOR)


def test_one_click_on_the_record_publishes_what_is_approved(app: Flask, monitor: Browser) -> None:
    put(app, "First")
    ref = edit(app, "First", state=EditorialState.APPROVED)
    monitor.open(f"/incidents/{ref}/")
    assert "Two men came to an editor." in monitor.page.xpath("string(//details[.//dl])")
    monitor.press("Publish")
    assert monitor.loads == 2
    assert monitor.message == "Added to the public file. Back to the review queue"
    assert state(app, "First") == "published"
    assert published(app) == ["First"]


def test_one_click_approves_and_publishes_with_an_entry_for_each(
    app: Flask, monitor: Browser
) -> None:
    put(app, "First")
    monitor.open(f"/incidents/{edit(app, 'First')}/")
    monitor.press("Approve and publish", {"note": "Well sourced."})
    assert state(app, "First") == "published"
    assert [one for one in acts(app, "First") if "publi" in one or "approved" in one] == [
        "review:approved", "publication:copy", "incident:publish"
    ]  # fmt: skip


def test_before_and_after_retracting_it_is_said_what_stays_in_the_public_file(
    app: Flask, monitor: Browser
) -> None:
    put(app, "First")
    ref = edit(app, "First", state=EditorialState.APPROVED)
    monitor.open(f"/incidents/{ref}/")
    monitor.press("Publish")
    assert "the public file keeps type, date, country and this reason" in monitor.words
    monitor.press("Retract", {"reason": "coding_error"})
    with as_user(app):
        query = "SELECT title, summary_en, country, primary_type, retract_reason FROM public_export"
        [row] = db.session.execute(text(query))
    assert tuple(row) == ("", "", "KZ", "threat.death", "coding_error")
    assert "Text removed from the public file on" in monitor.words


BLOCKED: list[tuple[dict[str, object], str]] = [
    ({"visibility": Visibility.RESTRICTED}, "Only its team may see it"),
    ({"public_summary_en": ""}, NO_SUMMARY),
    ({"public_summary_en": "Asem Doe was visited."}, "whose name may not be published"),
]


@pytest.mark.parametrize(("values", "reason"), BLOCKED)
@pytest.mark.parametrize("before", [EditorialState.IN_REVIEW, EditorialState.APPROVED])
def test_what_is_stopped_is_not_published_and_nothing_is_saved_by_half(
    app: Flask, monitor: Browser, *, before: EditorialState, values: dict[str, object], reason: str
) -> None:
    article = put(app, "First", of_journalist=True)
    ref = edit(app, "First", state=before, **values)
    for address in (f"/incidents/{ref}/", f"/review/articles/{article}", "/review/"):
        monitor.open(address)
        assert reason in monitor.words
        assert not monitor.page.xpath("//button[starts-with(., 'Publish')]"), address
        assert not monitor.page.xpath("//button[. = 'Approve and publish']"), address
    form = hidden_in(monitor.client.get(f"/incidents/{ref}/").text)
    with as_user(app):
        form["version"] = str(stored("First").version)
    answer = monitor.client.post(f"/review/{ref}/publish", data=form)
    assert answer.status_code == 422
    assert reason in answer.text
    assert state(app, "First") == before
    assert published(app) == []


def test_own_work_is_neither_offered_nor_taken_for_publication(app: Flask) -> None:
    put(app, "Mine", by="both")
    ref = edit(app, "Mine", state=EditorialState.APPROVED)
    both = browse(app, "both", Role.STAFF, Role.MONITOR)
    for address in (f"/incidents/{ref}/", "/review/"):
        both.open(address)
        assert not both.page.xpath("//button[. = 'Publish']"), address
    form = hidden_in(both.client.get(f"/incidents/{ref}/").text)
    assert both.client.post(f"/review/{ref}/publish", data=form).status_code == 403
    values = {"rows-0-ref": ref, "rows-0-version": form["version"], "rest": "publish"}
    both.client.post("/review/", data=form | values)
    both.open("/review/")
    assert f"Left, your own work: {ref}." in both.message
    assert published(app) == []


@pytest.mark.parametrize("page", ["queue", "article"])
def test_all_of_an_article_are_published_but_what_is_stopped_is_left_with_the_reason(
    app: Flask, monitor: Browser, page: str
) -> None:
    article = put(app, "First", "Second")
    ref = edit(app, "Second", public_summary_en="")
    monitor.open("/review/" if page == "queue" else f"/review/articles/{article}")
    monitor.press("Approve and publish")
    assert monitor.loads == 2
    assert "2 records approved. 1 record added to the public file." in monitor.message
    assert f"Not published, for the reasons shown there: {ref}." in monitor.message
    assert NO_SUMMARY in monitor.words
    assert (state(app, "First"), state(app, "Second")) == ("published", "approved")
    assert published(app) == ["First"]


def test_a_name_that_another_team_closed_stops_it_and_is_told_nowhere(
    app: Flask, monitor: Browser
) -> None:
    put(app, "First", "Second")
    with as_user(app, "closer", team="Elsewhere") as closer:
        hidden = make_journalist("Dana Serik", visibility=Visibility.RESTRICTED, by=closer)
        hidden.name_closed_on = clock.current_date()
        db.session.commit()
    edit(app, "First", public_summary_en="Dana Serik helped.")
    monitor.open("/review/")
    monitor.press("Approve and publish")
    assert "1 record added to the public file. Not published" in monitor.message
    assert "may not be published" not in monitor.words
    assert published(app) == ["Second"]


def test_the_queue_publishes_what_was_approved_before(app: Flask, monitor: Browser) -> None:
    put(app, "First", "Second")
    edit(app, "First", state=EditorialState.APPROVED)
    edit(app, "Second", state=EditorialState.APPROVED, public_summary_en="")
    monitor.open("/review/")
    assert NO_SUMMARY in monitor.words
    monitor.press("Publish")
    assert (monitor.loads, monitor.address) == (2, "/review/")
    assert monitor.message == "1 record added to the public file."
    assert (state(app, "First"), state(app, "Second")) == ("published", "approved")


def test_requesting_changes_is_said_to_need_a_note(app: Flask, monitor: Browser) -> None:
    put(app, "First")
    ref = edit(app, "First")
    monitor.open(f"/incidents/{ref}/")
    assert "A note is needed to request changes." in monitor.words
    monitor.press("Request changes")
    assert "Say what is missing." in monitor.words


def test_restricted_incidents_stay_in_the_queue_of_their_team_after_the_approval(
    app: Flask, monitor: Browser
) -> None:
    put(app, "First", "Second")
    edit(app, "First", state=EditorialState.APPROVED, visibility=Visibility.RESTRICTED)
    edit(app, "Second", state=EditorialState.APPROVED)
    monitor.open("/review/")
    [section] = monitor.page.xpath("//section[@aria-labelledby='approved-heading']")
    [folded] = section.xpath("details[.//li/a]")
    assert folded.xpath("string(summary)").startswith("Only its team may see it")
    assert folded.xpath("string(summary)").endswith("(1)")
    assert folded.xpath("string(.//li/a)").startswith("First")
    other = browse(app, "other", Role.MONITOR, team="Elsewhere")
    other.open("/review/")
    assert "First" not in other.words
    other.press("Publish")
    assert published(app) == ["Second"]


def test_what_stops_many_approved_incidents_is_said_once(app: Flask, monitor: Browser) -> None:
    put(app, "First", "Second", "Third")
    for title in ("First", "Second", "Third"):
        edit(app, title, state=EditorialState.APPROVED, public_summary_en="")
    edit(app, "Third", visibility=Visibility.RESTRICTED)
    monitor.open("/review/")
    [section] = monitor.page.xpath("//section[@aria-labelledby='approved-heading']")
    assert "3 cannot be published yet" in " ".join(section.text_content().split())
    lists = section.xpath("details")
    assert [len(one.xpath(".//li")) for one in lists] == [2, 1]
    assert lists[0].text_content().count(NO_SUMMARY) == 1
    assert not section.xpath(".//*[@class='warning']")


def test_a_monitor_is_not_sent_to_write_a_summary_that_nobody_could_publish(
    app: Flask, monitor: Browser
) -> None:
    article = put(app, "First")
    ref = edit(app, "First", state=EditorialState.APPROVED, public_summary_en="")
    addresses = (f"/incidents/{ref}/", f"/review/articles/{article}")
    for address in addresses:
        monitor.open(address)
        assert "Write public summary" not in monitor.words
        assert "No other monitor could publish your summary. Ask staff to write it" in monitor.words
    browse(app, "other", Role.MONITOR)
    for address in addresses:
        monitor.open(address)
        assert "Write public summary" in monitor.words
        assert "nobody else could publish" not in monitor.words


def test_review_by_article_publishes_what_was_approved_before(app: Flask, monitor: Browser) -> None:
    article = put(app, "First", "Second", "Third")
    first = edit(app, "First", state=EditorialState.APPROVED)
    edit(app, "Second", state=EditorialState.APPROVED, public_summary_en="")
    monitor.open(f"/review/articles/{article}")
    choices = monitor.page.xpath("//input[@value='publish']/@name")
    # Not what something stops, and not what is in review: that is approved first.
    assert len(choices) == 1
    assert monitor.page.xpath(f"//section[@id='{first}']//input[@name='{choices[0]}']")
    monitor.press("Save all decisions", {choices[0]: "publish"})
    assert monitor.message == "1 record added to the public file."
    assert published(app) == ["First"]
    assert (state(app, "Second"), state(app, "Third")) == ("approved", "in_review")
    # By a forged form the reason is said at its record.
    monitor.press("Save all decisions", {choices[0].replace("0", "1"): "publish"})
    assert monitor.status == 422
    assert "The public summary is missing" in monitor.words
    assert published(app) == ["First"]


def test_the_button_for_all_says_what_it_does(app: Flask, monitor: Browser) -> None:
    article = put(app, "First", "Second")
    for title in ("First", "Second"):
        edit(app, title, state=EditorialState.APPROVED)
    monitor.open(f"/review/articles/{article}")
    assert not monitor.page.xpath("//button[contains(., 'Approve')]")
    monitor.press("Publish")
    assert monitor.message == "2 records added to the public file."
    assert published(app) == ["First", "Second"]


def test_of_two_who_publish_at_once_the_second_changes_nothing(
    app: Flask, monitor: Browser
) -> None:
    put(app, "First")
    ref = edit(app, "First", state=EditorialState.APPROVED)
    other = browse(app, "other", Role.MONITOR)
    for one in (monitor, other):
        one.open("/review/")
    monitor.press("Publish")
    other.press("Publish")
    assert f"Left, somebody else decided or changed it: {ref}." in other.message
    assert acts(app, "First").count("incident:publish") == 1


def test_a_monitor_mends_a_missing_summary_from_the_review_page_and_another_publishes(
    app: Flask, monitor: Browser
) -> None:
    article = put(app, "First")
    edit(app, "First", public_summary_en="", summarised_by_id=None)
    other = browse(app, "other", Role.MONITOR)
    monitor.open(f"/review/articles/{article}")
    monitor.follow("Write public summary")
    assert "Saving approves the record." in monitor.words
    monitor.press("Save and approve", SUMMARY)
    assert monitor.address == f"/review/articles/{article}"
    assert "Approved, with the public summary." in monitor.message
    assert state(app, "First") == "approved"
    assert acts(app, "First")[-2:] == ["review:approved", "incident:edit"]
    # Whoever wrote it does not publish it.
    assert not monitor.page.xpath("//button[contains(., 'publish')]")
    other.open("/review/")
    other.press("Publish")
    assert published(app) == ["First"]


def test_a_monitor_is_told_before_writing_who_may_publish_what_they_write(
    app: Flask, monitor: Browser
) -> None:
    put(app, "First")
    address = f"/incidents/{edit(app, 'First', public_summary_en='')}/publish/summary"
    monitor.open(address)
    assert "Nobody can publish a summary that they wrote a part of" in monitor.words
    assert "Nobody else may publish this one" in monitor.words
    browse(app, "other", Role.MONITOR)
    monitor.open(address)
    assert "These may publish it: other." in monitor.words
    assert "Nobody else" not in monitor.words
    colleague = browse(app, "colleague", Role.STAFF)
    colleague.open(address.replace("/publish", ""))
    assert colleague.status == 200
    assert "cannot publish it" not in colleague.words


def test_who_must_not_be_named_is_said_before_the_summary_is_written(app: Flask) -> None:
    put(app, "First", of_journalist=True)
    put(app, "Second")
    staff = browse(app, "staff", Role.STAFF)
    for title, warned in (("First", True), ("Second", False)):
        staff.open(f"/incidents/{edit(app, title)}/summary")
        assert ("1 target is published without a name: no naming consent." in staff.words) is warned
        assert ("The summary must not name them either." in staff.words) is warned


def test_own_work_is_not_approved_with_a_summary(app: Flask) -> None:
    put(app, "Mine", by="both")
    ref = edit(app, "Mine", public_summary_en="")
    both = browse(app, "both", Role.STAFF, Role.MONITOR)
    assert both.client.get(f"/incidents/{ref}/publish/summary").status_code == 403
    staff = browse(app, "colleague", Role.STAFF)
    assert staff.client.get(f"/incidents/{ref}/publish/summary").status_code == 403


def test_a_summary_by_staff_leaves_it_approved_and_a_monitor_publishes_it(
    app: Flask, monitor: Browser
) -> None:
    put(app, "First")
    ref = edit(app, "First", state=EditorialState.APPROVED, public_summary_en="")
    staff = browse(app, "colleague", Role.STAFF)
    staff.open(f"/incidents/{ref}/summary")
    assert "stays approved" in staff.words
    staff.press("Save", SUMMARY)
    assert staff.message == "Public summary saved. A monitor who did not write it publishes it."
    assert state(app, "First") == "approved"
    monitor.open(f"/incidents/{ref}/")
    monitor.press("Publish")
    assert published(app) == ["First"]
    # What is published stays in its words until a second person has read the others.
    staff.open(f"/incidents/{ref}/summary")
    staff.press("Save", {"public_summary_en": "Other words."})
    assert state(app, "First") == "approved"
    with as_user(app):
        row = db.session.execute(text("SELECT status, summary_en FROM public_export")).one()
    assert tuple(row) == ("under_revision", WORDS)


@pytest.mark.parametrize("before", [EditorialState.IN_REVIEW, EditorialState.APPROVED])
def test_an_assessment_leaves_it_in_review_for_another_monitor(
    app: Flask, monitor: Browser, before: EditorialState
) -> None:
    with as_user(app):
        make_type("legal.civil")
        make_type("legal.slapp")
        db.session.commit()
    put(app, "First")
    with as_user(app):
        service.set_types(stored("First"), [make_type("legal.civil")])
        db.session.commit()
    ref = edit(app, "First", state=before)
    monitor.open(f"/incidents/{ref}/")
    assert "A monitor assesses whether the lawsuit is abusive" in monitor.words
    monitor.follow("Assess the lawsuit")
    monitor.press("Save", {"is_abusive": "y"})
    assert state(app, "First") == "in_review"
    assert not monitor.page.xpath("//button[. = 'Approve']")
    other = browse(app, "other", Role.MONITOR)
    other.open(f"/incidents/{ref}/")
    other.press("Approve and publish")
    assert published(app) == ["First"]


def test_what_is_to_be_known_before_is_said_and_stops_nothing(app: Flask, monitor: Browser) -> None:
    article = put(app, "First", of_journalist=True)
    monitor.open(f"/review/articles/{article}")
    assert "1 target is published without a name: no naming consent." in monitor.words
    assert "How well it is supported is not assessed." in monitor.words
    assert not monitor.page.xpath("//a[. = 'Naming consent']")
    staff_too = browse(app, "desk", Role.STAFF, Role.MONITOR)
    staff_too.open(f"/review/articles/{article}")
    assert staff_too.page.xpath("//a[. = 'Naming consent']")
    monitor.press("Approve and publish")
    assert published(app) == ["First"]

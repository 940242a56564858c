"""What those who work on a record say of it: who reads, writes and takes back, and what stays."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.cases.records_made import make_case
from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_journalist,
    post,
)
from tests.fake_accounts.accounts_made import make_account
from tests.incidents.namings_made import NAME, close, deciding, her, stored, visit
from tests.journeys.browser import browse
from tests.responses.appeals_made import make_appeal
from tests.responses.proceedings_made import make_proceeding
from tests.responses.responses_made import make_response
from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.errors import Forbidden, InvalidInput
from tracker.incidents.merging_service import merge_incidents
from tracker.incidents.models import IncidentComment
from tracker.incidents.naming_queries import plan_name_redaction
from tracker.permissions import Role, Visibility
from tracker.review import service
from tracker.review.codes import EditorialState

WORDS = "Ask her lawyer before this goes out."


@pytest.fixture
def ref(app: Flask) -> str:
    """Return the ref of an approved incident of the Desk that everybody sees."""
    with as_user(app) as user:
        made = make_incident(title="Winter letters", by=user)
        made.state = EditorialState.APPROVED
        db.session.commit()
        return made.ref


def keep_to_team(app: Flask, ref: str) -> None:
    with as_user(app):
        stored(ref).visibility = Visibility.RESTRICTED
        db.session.commit()


def said(app: Flask) -> list[IncidentComment]:
    with as_user(app):
        return list(db.session.scalars(select(IncidentComment).order_by(IncidentComment.id)))


def without_keys(text: str) -> str:
    """Return a page without the tokens and keys that differ each time."""
    return re.sub(r'value="[^"]*"', "", text)


def acts(ref: str) -> list[AuditEvent]:
    entries = select(AuditEvent).where(AuditEvent.subject == ref).order_by(AuditEvent.sequence)
    return list(db.session.scalars(entries))


def test_comments_stand_in_their_order_and_revise_nothing(app: Flask, ref: str):
    with as_user(app):
        before = stored(ref)
        kept = before.version, before.updated_at, before.revised_by_id
    staff = browse(app, "staff")
    staff.open(f"/incidents/{ref}/")
    assert "No comments yet." in staff.words
    staff.press("Comment", {"comment": f"  {WORDS}\nAnd <b>call</b> him. "})
    monitor = browse(app, "monitor", Role.MONITOR, team="Elsewhere")
    monitor.open(f"/incidents/{ref}/")
    monitor.press("Comment", {"comment": "I did."})

    reader = browse(app, "reader", Role.EXPORTER, team=None)
    reader.open(f"/incidents/{ref}/")
    comments = reader.page.xpath("//section[@id='comments']//li")
    texts = [one.text_content() for one in comments]
    assert f"{WORDS}\nAnd <b>call</b> him." in texts[0]
    assert "staff" in texts[0]
    assert "I did." in texts[1]
    assert "monitor" in texts[1]
    assert not reader.page.xpath("//section[@id='comments']//form")
    with as_user(app):
        incident = stored(ref)
        assert incident.state is EditorialState.APPROVED
        assert (incident.version, incident.updated_at, incident.revised_by_id) == kept
        told = acts(ref)
        assert [one.action for one in told[-2:]] == ["review:comment"] * 2
        assert not any(one.changes for one in told[-2:])
    reader.open(f"/incidents/{ref}/history")
    assert "commented on this" in reader.words


def test_no_file_and_no_timeline_holds_a_comment(app: Flask, ref: str):
    with as_user(app) as user:
        case = make_case(by=user)
        for record in (stored(ref), case):
            service.add_comment(record, WORDS, by=user)
        db.session.commit()
        at = case.ref
    staff = browse(app, "staff")
    staff.open(f"/review/{at}/comments")
    assert WORDS in staff.words
    staff.press("Comment", {"comment": "Seen."})
    assert staff.address == f"/review/{at}/comments"
    assert "Seen." in staff.words
    staff.press("Comment", {"comment": "Ask him.", "assigned_to": "staff"})
    staff.open("/review/")
    assert f"/review/{at}/comments#comment-" in staff.text
    for address in (
        "/reports/incidents.csv",
        f"/incidents/?q={WORDS.split()[2].strip('.')}",
        f"/cases/{at}/timeline",
        f"/cases/{at}/timeline.json",
        f"/cases/{at}/timeline.txt",
        f"/cases/{at}/timeline.svg",
    ):
        answer = staff.client.get(address)
        assert answer.status_code == 200, address
        assert "lawyer before" not in answer.text, address
        assert "Winter letters" not in answer.text or "q=" not in address


def test_on_every_kind_of_record_that_is_reviewed_and_on_cases(app: Flask):
    with as_user(app) as by:
        article = make_article(by=by)
        records: list[Any] = [
            make_incident(article=article, by=by),
            make_account(by=by, cites=article),
            make_response(by=by, cites=article),
            make_appeal(by=by, cites=article),
            make_proceeding(by=by, cites=article),
            make_case(by=by),
        ]
        db.session.commit()
        pages = {one.ref: f"/{one.ENDPOINT.replace('_', '-')}/{one.ref}/" for one in records}
        pages[records[-1].ref] = f"/review/{records[-1].ref}/comments"
        other = article.ref
    staff = browse(app, "staff")
    for ref, page in pages.items():
        answer = post(staff.client, f"/review/{ref}/comments", page=page, comment=f"Of {ref}.")
        assert answer.location == page
        assert f"Of {ref}." in staff.client.get(page).text
        staff.open(f"/review/{ref}/comments")
        assert staff.page.xpath("//nav[@class='tabs']/a[@aria-current]/text()") == ["Discussion"]
    answer = post(staff.client, f"/review/{other}/comments", page="/cases/new", comment=WORDS)
    assert answer.status_code == 404


def test_only_who_works_on_a_record_says_something_of_it(app: Flask, ref: str):
    address = f"/review/{ref}/comments"
    for name, role, team in (
        ("stranger", Role.STAFF, "Elsewhere"),
        ("reader", Role.EXPORTER, "Desk"),
        ("boss", Role.ADMIN, "Desk"),
    ):
        browser = browse(app, name, role, team=team)
        browser.open(f"/incidents/{ref}/")
        assert not browser.page.xpath("//*[@name='comment']")
        assert post(browser.client, address, page="/cases/", comment=WORDS).status_code == 403
    assert said(app) == []
    keep_to_team(app, ref)
    monitor = browse(app, "monitor", Role.MONITOR, team="Elsewhere")
    hidden = post(monitor.client, address, page="/cases/", comment=WORDS)
    missing = post(monitor.client, "/review/INC-0000000000/comments", page="/cases/", comment=WORDS)
    assert hidden.status_code == missing.status_code == 404
    assert without_keys(hidden.text) == without_keys(missing.text)
    assert said(app) == []


def test_its_author_takes_a_comment_back_and_its_words_are_gone(app: Flask, ref: str):
    staff = browse(app, "staff")
    staff.open(f"/incidents/{ref}/")
    staff.press("Comment", {"comment": WORDS})
    [number] = [one.id for one in said(app)]
    address = f"/review/{ref}/comments/{number}/retract"
    monitor = browse(app, "monitor", Role.MONITOR)
    monitor.open(f"/incidents/{ref}/")
    assert "Erase the text" not in monitor.words
    assert post(monitor.client, address, page="/cases/").status_code == 403
    elsewhere = f"/review/{ref}/comments/{number + 1}/retract"
    assert post(staff.client, elsewhere, page="/cases/").status_code == 404

    staff.press("Erase the text")
    assert "Comment retracted." in staff.words
    assert "Retracted on" in staff.words
    assert WORDS not in staff.text
    [left] = said(app)
    assert left.words == ""
    assert left.taken_back_at is not None
    assert post(staff.client, address, page="/cases/").status_code == 422
    with as_user(app):
        assert acts(ref)[-1].action == "review:take-back"
        assert stored(ref).state is EditorialState.APPROVED


def test_a_monitor_takes_back_what_somebody_said_who_has_left(app: Flask, ref: str):
    with as_user(app) as user:
        comment = service.add_comment(stored(ref), WORDS, by=user)
        user.disabled_at = clock.utc_now()
        db.session.commit()
        number = comment.id
    with as_user(app, "colleague") as colleague, pytest.raises(Forbidden):
        service.retract_comment(db.session.get(IncidentComment, number), by=colleague)
    monitor = browse(app, "monitor", Role.MONITOR)
    monitor.open(f"/incidents/{ref}/")
    monitor.press("Erase the text")
    assert WORDS not in monitor.text


def test_what_cannot_be_kept_is_told_at_its_field_and_stays_typed(app: Flask, ref: str):
    staff = browse(app, "staff")
    staff.open(f"/incidents/{ref}/")
    staff.press("Comment", {"comment": " ", "due_on": "2020-01-01"})
    assert staff.status == 422
    for words in ("Choose who should do it by that day.", "Write a comment."):
        assert words in staff.words
    staff.press("Comment", {"comment": "x" * 4001})
    assert staff.status == 422
    assert "x" * 4001 in staff.text
    staff.press("Comment", {"comment": "a\x00b"})
    assert staff.status == 422
    assert said(app) == []
    staff.press("Comment", {"comment": "x" * 4000, "due_on": ""})
    assert len(said(app)) == 1


def test_a_merged_incident_keeps_what_was_said_of_it(app: Flask, ref: str):
    with deciding(app) as user:
        other = make_incident(title="The same letters", by=user)
        service.add_comment(other, WORDS, by=user)
        db.session.flush()
        merge_incidents(stored(ref), other, by=user)
        db.session.commit()
        at = other.ref
    staff = browse(app, "staff")
    staff.open(f"/incidents/{at}/")
    assert WORDS in staff.words
    staff.press("Comment", {"comment": "They are one."})
    assert "They are one." in staff.words
    staff.open(f"/incidents/{ref}/")
    assert WORDS not in staff.words


def test_no_comment_that_others_read_names_somebody_whose_name_is_closed(app: Flask):
    with as_user(app) as user:
        hers = make_journalist(NAME, visibility=Visibility.RESTRICTED, by=user)
        hers.name_closed_on = clock.current_date()
        ref = make_incident(by=user).ref
        db.session.commit()
    staff = browse(app, "staff")
    staff.open(f"/incidents/{ref}/")
    staff.press("Comment", {"comment": f"{NAME} called."})
    assert staff.status == 422
    assert "This names somebody who must not be named outside the team." in staff.words
    assert f"{NAME} called." in staff.text
    keep_to_team(app, ref)
    staff.press("Comment")
    assert f"{NAME} called." in staff.words

    with (
        as_user(app) as user,
        pytest.raises(InvalidInput, match="This names somebody who must not be named"),
    ):
        service.share_record(stored(ref), listed_refs=(), by=user)


@pytest.mark.parametrize("words", [f"{NAME} called.", "Bazhkenova called."])
def test_closing_a_name_finds_it_in_what_was_said(app: Flask, words: str):
    """No index holds comments. One word of a name may be somebody else's: a person looks."""
    with deciding(app) as staff:
        journalist = her(staff)
        incident, beside = visit(journalist, by=staff), visit(by=staff)
        service.add_comment(beside, words, by=staff)
        db.session.commit()
        plan = plan_name_redaction(journalist)
        assert beside in (
            plan.records_to_edit if words.startswith(NAME) else plan.records_with_one_word_of_name
        )
        close(incident, by=staff)
    with as_user(app, "reader", Role.EXPORTER, team=None):
        seen = [one.words for one in db.session.scalars(select(IncidentComment))]
        assert seen == ([] if words.startswith(NAME) else [words])


def test_a_comment_follows_its_record(app: Flask, ref: str):
    with as_user(app) as user:
        service.add_comment(stored(ref), WORDS, by=user)
        db.session.commit()
    with as_user(app, "reader", Role.EXPORTER, team=None):
        assert len(db.session.scalars(select(IncidentComment)).all()) == 1
    keep_to_team(app, ref)
    with as_user(app, "reader", Role.EXPORTER, team=None):
        assert db.session.scalars(select(IncidentComment)).all() == []
    staff = browse(app, "staff")
    staff.open(f"/incidents/{ref}/share")
    assert "All users will also be able to read the comments on these." in staff.words

"""Submitting all own drafts of an article or a case with one click, and what is left."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import as_user, hidden_in, make_article, make_incident, make_user
from tests.journeys.browser import Browser, browse
from tests.statements import counted
from tracker.articles.citation_service import add_citations
from tracker.audit.models import AuditEvent
from tracker.cases.service import file_records, open_case
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.permissions import Role, Visibility
from tracker.review import queries
from tracker.review.codes import EditorialState

SIX = [f"Visit {number}" for number in range(6)]


@pytest.fixture
def refs(app: Flask) -> tuple[str, str]:
    """Return the refs of an article and a case, with six drafts of staff and one of a colleague."""
    with as_user(app) as user:
        article = make_article("Six visits", by=user)
        made = [make_incident(title=one, article=article, by=user) for one in SIX]
        case = open_case("The Doe affair", country="KZ", team_id=user.team_ids[0],
                         visibility=Visibility.INTERNAL, by=user)  # fmt: skip
        file_records(case, made, by=user)
        db.session.commit()
        found = article.ref, case.ref
    with as_user(app, "colleague") as other:
        article = make_article("Another", by=other)
        make_incident(title="Of a colleague", article=article, by=other)
        db.session.commit()
    return found


@pytest.fixture
def staff(app: Flask, refs: tuple[str, str]) -> Browser:
    return browse(app, "staff")


def states(app: Flask) -> dict[str, str]:
    with as_user(app):
        rows = select(Incident.title, Incident.state)
        return {row.title: str(row.state) for row in db.session.execute(rows)}


def edit(app: Flask, title: str, **values: object) -> str:
    with as_user(app):
        record = db.session.scalars(select(Incident).where(Incident.title == title)).one()
        for name, value in values.items():
            setattr(record, name, value)
        db.session.commit()
        return record.ref


@pytest.mark.parametrize("page", ["article", "case"])
def test_what_publication_will_need_is_said_beside_the_button(
    app: Flask, staff: Browser, refs: tuple[str, str], page: str
) -> None:
    edit(app, "Visit 0", public_summary_ru="К ней приходили.")
    edit(app, "Visit 1", public_summary_kk="Үйіне келді.", visibility=Visibility.RESTRICTED)
    staff.open({"article": f"/articles/{refs[0]}/", "case": f"/cases/{refs[1]}/records/"}[page])
    said = staff.page.xpath("//form[contains(@action, '/review/submit')]/*[@class='meta']/text()")
    assert said == ["Publication will also need: a public summary (4), access for all users (1)."]


@pytest.mark.parametrize("page", ["article", "case", "inbox"])
def test_one_click_submits_the_six_drafts_of_an_article(
    app: Flask, staff: Browser, refs: tuple[str, str], page: str
) -> None:
    address = {"article": f"/articles/{refs[0]}/", "case": f"/cases/{refs[1]}/records/"}.get(
        page, "/intake/"
    )
    staff.open(address)
    staff.press("Submit for review (6)")
    assert staff.loads == 2
    assert staff.address.rstrip("?") == address
    needed = "Publication will also need: a public summary (6)."
    assert staff.message == f"6 drafts submitted. {needed}"
    assert "Submit for review (" not in staff.words
    found = states(app)
    assert found.pop("Of a colleague") == "draft"
    assert set(found.values()) == {"in_review"}
    with as_user(app):
        acts = select(AuditEvent.subject).where(AuditEvent.action == "review:in_review")
        subjects = list(db.session.scalars(acts))
    assert len(subjects) == len(set(subjects)) == 6


def test_what_changed_or_was_submitted_since_is_left_with_the_reason(
    app: Flask, staff: Browser, refs: tuple[str, str]
) -> None:
    staff.open(f"/articles/{refs[0]}/")
    changed = edit(app, "Visit 1", place="Almaty")
    gone = edit(app, "Visit 2", state=EditorialState.APPROVED)
    staff.press("Submit for review (6)")
    assert "4 drafts submitted." in staff.message
    assert f"Left, changed since you opened the page: {changed}." in staff.message
    assert f"Left, no longer a draft: {gone}." in staff.message
    assert (states(app)["Visit 1"], states(app)["Visit 2"]) == ("draft", "approved")


def test_drafts_of_others_are_not_offered_and_of_another_team_not_submitted(
    app: Flask, refs: tuple[str, str]
) -> None:
    other = browse(app, "other", team="Elsewhere")
    hidden = edit(app, "Visit 0", visibility=Visibility.RESTRICTED)
    shown = edit(app, "Visit 1")
    other.open(f"/articles/{refs[0]}/")
    assert "Submit for review (" not in other.words
    values = hidden_in(other.client.get("/intake/new").text) | {
        "rows-0-ref": hidden, "rows-0-version": "2", "rows-1-ref": shown, "rows-1-version": "1",
        "back": "//elsewhere.example/",
    }  # fmt: skip
    answer = other.client.post("/review/submit", data=values)
    assert answer.headers["Location"] == "/review/"
    other.open("/review/")
    assert other.message == (
        f"Nothing was changed. Left, only staff of its team submit it: {shown}."
    )
    assert set(states(app).values()) == {"draft"}


def test_monitors_are_offered_none_and_submit_none(app: Flask, refs: tuple[str, str]) -> None:
    monitor = browse(app, "monitor", Role.MONITOR)
    for address in (f"/articles/{refs[0]}/", f"/cases/{refs[1]}/records/", "/intake/"):
        monitor.open(address)
        assert "Submit for review" not in monitor.words
    assert monitor.client.post("/review/submit").status_code == 403


def test_the_overview_says_how_many_own_drafts_wait(
    app: Flask, staff: Browser, refs: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    staff.open("/")
    assert "Your drafts 6 records to submit for review" in staff.words
    staff.follow("6 records to submit for review")
    assert "Submit for review (6)" in staff.words
    edit(app, "Visit 1", state=EditorialState.IN_REVIEW)
    monkeypatch.setattr(queries, "MAX_DRAFTS_OFFERED", 5)
    staff.open("/")
    assert "Your drafts 5 records to submit for review" in staff.words
    monkeypatch.setattr(queries, "MAX_DRAFTS_OFFERED", 4)
    staff.open("/")
    assert "Your drafts More than 4 records to submit for review" in staff.words
    reader = browse(app, "monitor", Role.MONITOR)
    reader.open("/")
    assert "Your drafts" not in reader.words


def test_drafts_are_counted_as_they_are_offered_beside_the_inbox(
    app: Flask, refs: tuple[str, str]
) -> None:
    with as_user(app) as user:
        first, second = db.session.scalars(select(Incident).order_by(Incident.id).limit(2))
        # Each counts once, also where two articles report it.
        add_citations(second, make_article("Again", by=user), "1", by=user)
        hidden = make_article("Elsewhere", by=make_user("other", team="Elsewhere"))
        first.citations[0].article = hidden
        db.session.flush()
        hidden.visibility = Visibility.RESTRICTED
        db.session.commit()
    with as_user(app) as user:
        offered = queries.own_drafts_by_article_id(user).values()
        titles = {one.ref for drafts in offered for one in drafts}
        assert len(titles) == queries.count_tasks(user).drafts == 5


def test_what_waits_for_a_user_is_counted_once(app: Flask, staff: Browser) -> None:
    with app.app_context(), counted() as sent:
        staff.open("/")
    assert sum("assigned_to_id" in one for one in sent) == 1

"""Restricting an incident to its team, and the people and sources that it shows."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import select

from tests.cases.records_made import make_case
from tests.factories import as_user, make_article, make_incident, make_journalist, make_outlet
from tests.journeys.browser import Browser, browse
from tracker.articles.models import Article
from tracker.audit.models import AuditEvent
from tracker.cases.service import file_records
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.incidents.service import TargetFacts
from tracker.people.models import Journalist
from tracker.people.service import add_affiliation
from tracker.when import parse_when


class Refs(NamedTuple):
    """The refs of a shared incident, of the article that it cites, and of its target."""

    incident: str
    article: str
    journalist: str


@pytest.fixture
def refs(app: Flask) -> Refs:
    with as_user(app) as by:
        article = make_article("A tip from a neighbour", by=by)
        asem = make_journalist("Asem Roe", by=by)
        incident = make_incident(article=article, targets=[TargetFacts(journalist=asem)], by=by)
        db.session.commit()
        return Refs(incident.ref, article.ref, asem.ref)


@pytest.fixture
def staff(app: Flask, refs: Refs) -> Browser:
    """Return the browser of staff of the Desk, on the page that restricts the incident."""
    browser = browse(app, "staff")
    browser.open(f"/incidents/{refs.incident}/")
    browser.follow("Restrict to team")
    return browser


def statuses(app: Flask, refs: Refs) -> list[int]:
    """Return the statuses of the pages of the incident, its article and its target for others."""
    other = browse(app, "other", team="Elsewhere").client
    addresses = (
        f"/incidents/{refs.incident}/", f"/articles/{refs.article}/", f"/journalists/{refs.journalist}/",
    )  # fmt: skip
    return [other.get(one).status_code for one in addresses]


def offered(browser: Browser) -> list[str]:
    """Return the refs of the people and sources that can be restricted with the incident."""
    return [str(one) for one in browser.page.xpath('//input[@name="also"]/@value')]


def test_what_stays_open_is_listed_and_nothing_is_restricted_before(
    app: Flask, staff: Browser, refs: Refs
) -> None:
    assert sorted(offered(staff)) == sorted([refs.article, refs.journalist])
    assert "A tip from a neighbour" in staff.words
    assert "Asem Roe" in staff.words
    assert statuses(app, refs) == [200, 200, 200]


def test_the_message_names_what_stays_open(app: Flask, staff: Browser, refs: Refs) -> None:
    staff.press("Restrict to team", {"also": [refs.article]})
    assert "Only the team sees it now. All users still see: Asem Roe." in staff.message
    assert statuses(app, refs) == [404, 404, 200]


def test_the_only_users_sources_and_people_are_restricted_with_it(
    app: Flask, staff: Browser, refs: Refs
) -> None:
    staff.press("Restrict to team", {"also": [refs.article, refs.journalist]})
    assert staff.message == "Only the team sees it now."
    assert statuses(app, refs) == [404, 404, 404]
    other = browse(app, "other", team="Elsewhere")
    other.open("/search?q=neighbour")
    assert refs.article not in other.text
    with as_user(app):
        rows = select(AuditEvent.subject).where(AuditEvent.action.endswith(":narrow"))
        assert sorted(db.session.scalars(rows)) == sorted(refs)


def test_what_other_shared_records_use_stays_with_the_reason(
    app: Flask, staff: Browser, refs: Refs
) -> None:
    with as_user(app) as by:
        dala = make_outlet("Dala", by=by)
        asem = db.session.scalars(select(Journalist)).one()
        add_affiliation(
            asem, dala, when=parse_when("2024", latest_possible_date=date(2025, 6, 1)), by=by
        )
        make_incident(
            title="Another night", article=make_article("B", by=by),
            targets=[TargetFacts(journalist=asem)], by=by,
        )  # fmt: skip
        db.session.commit()
    staff.open(f"/incidents/{refs.incident}/restrict")
    assert offered(staff) == [refs.article]
    assert "Asem Roe" in staff.words
    assert "Another night" in staff.words
    staff.press("Restrict to team", {"also": [refs.article, refs.journalist]})
    assert staff.status == 422
    assert "Asem Roe" in staff.words
    assert statuses(app, refs) == [200, 200, 200]


def test_the_publisher_can_be_restricted_only_with_its_article(app: Flask, staff: Browser) -> None:
    with as_user(app) as by:
        dala = make_outlet("Dala", by=by)
        ref = make_incident(article=make_article("C", publisher=dala, by=by), by=by).ref
        db.session.commit()
        dala_ref = dala.ref
    staff.open(f"/incidents/{ref}/restrict")
    assert dala_ref in offered(staff)
    staff.press("Restrict to team", {"also": [dala_ref]})
    assert staff.status == 422
    assert "Something that all users see refers to one of these" in staff.words
    staff.press("Restrict to team", {"also": offered(staff)})
    assert staff.message == "Only the team sees it now."


def test_what_another_team_owns_stays(app: Flask, refs: Refs, staff: Browser) -> None:
    with as_user(app, "other", team="Elsewhere") as other:
        theirs = make_article("Their article", by=other)
        db.session.commit()
        theirs_ref = theirs.ref
    with as_user(app) as by:
        article = db.session.scalars(select(Article).where(Article.ref == theirs_ref)).one()
        ref = make_incident(article=article, by=by).ref
        db.session.commit()
    staff.open(f"/incidents/{ref}/restrict")
    assert offered(staff) == []
    assert "Their article" in staff.words
    assert "Another team owns it." in staff.words


def test_people_and_sources_are_restricted_after_the_incident(
    app: Flask, staff: Browser, refs: Refs
) -> None:
    staff.press("Restrict to team")
    assert statuses(app, refs) == [404, 200, 200]
    staff.follow("Restrict people and sources")
    staff.press("Restrict people and sources", {"also": offered(staff)})
    assert statuses(app, refs) == [404, 404, 404]


def test_a_shared_case_that_holds_the_incident_is_named(
    app: Flask, staff: Browser, refs: Refs
) -> None:
    with as_user(app) as by:
        case = make_case("The neighbours", by=by)
        file_records(case, [db.session.scalars(select(Incident)).one()], by=by)
        db.session.commit()
    staff.open(f"/incidents/{refs.incident}/restrict")
    assert "The neighbours" in staff.words
    assert "They stay visible to all users, without this incident." in staff.words

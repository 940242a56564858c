"""What is retracted stays on record, is shown with its mark, and is counted nowhere."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import as_user, make_article, make_incident, make_journalist, sign_in_directly
from tests.journeys.browser import Browser
from tracker.cases.models import Case
from tracker.cases.service import file_records, open_case
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.incidents.service import TargetFacts
from tracker.people.models import Journalist
from tracker.permissions import Role, Visibility
from tracker.review.codes import EditorialState, RetractReason


@pytest.fixture
def two(app: Flask) -> Browser:
    """Return the browser of somebody of the staff; of two incidents in one case, one is retracted."""
    with as_user(app) as user:
        article = make_article(by=user)
        asem = TargetFacts(journalist=make_journalist("Asem Doe", by=user))
        kept = make_incident(title="Kept one", article=article, targets=[asem], by=user)
        gone = make_incident(title="Gone one", article=article, targets=[asem], by=user)
        case = open_case(
            "Letters", country="KZ", team_id=user.team_ids[0],
            visibility=Visibility.INTERNAL, by=user,
        )  # fmt: skip
        file_records(case, [kept, gone], by=user)
        gone.state, gone.retract_reason = EditorialState.RETRACTED, RetractReason.CODING_ERROR
        db.session.commit()
    client = app.test_client()
    sign_in_directly(client, "staff")
    return Browser(client)


def titles(browser: Browser, query: str = "") -> list[str]:
    text = browser.client.get(f"/reports/incidents.csv{query}").get_data().decode("utf-8-sig")
    return [row["title"] for row in csv.DictReader(io.StringIO(text))]


def test_list_and_file_agree_that_what_is_retracted_is_not_among_the_rest(two: Browser):
    two.open("/incidents/")
    assert "retracted excluded" in two.words
    assert "1 incident that you may see." in two.words
    assert "Gone one" not in two.words
    assert titles(two) == ["Kept one"]


def test_asked_for_it_is_found_in_list_and_file(two: Browser):
    two.open("/incidents/?state=retracted")
    assert "Gone one" in two.words
    assert "retracted excluded" not in two.words
    assert titles(two, "?state=retracted") == ["Gone one"]
    two.open("/incidents/?state=draft")
    assert "Gone one" not in two.words


def test_other_pages_show_it_with_its_mark_and_do_not_count_it(app: Flask, two: Browser):
    with as_user(app):
        case = db.session.scalars(select(Case.ref)).one()
        asem = db.session.scalars(select(Journalist.ref)).one()
        gone = db.session.scalars(select(Incident.ref).where(Incident.title == "Gone one")).one()
    two.open(f"/cases/{case}/records/")
    assert "Incidents (1, 1 retracted)" in two.words
    assert "Gone one" in two.words
    two.open(f"/cases/{case}/")
    assert two.page.xpath("string(//dl[@class='headline']//dd)") == "1"
    assert "1 entry on what was done." in two.text
    assert "1 retracted entry is left out." in two.words
    two.open(f"/cases/{case}/timeline?retracted=yes")
    assert "(Retracted)" in two.text
    assert "retracted entry is left out" not in two.words
    two.open("/cases/")
    assert "1 incident" in two.words
    two.open(f"/journalists/{asem}/")
    assert "Gone one" in two.words
    assert two.page.xpath("//span[@class='badge retracted']")
    assert "1 incident that you may see" in two.words
    two.open(f"/incidents/{gone}/")
    assert "This is retracted and counted nowhere." in two.words


def test_a_monitor_finds_the_way_to_them(app: Flask, two: Browser):
    with as_user(app, "monitor", Role.MONITOR):
        pass
    client = app.test_client()
    sign_in_directly(client, "monitor")
    browser = Browser(client)
    browser.open("/incidents/?state=retracted")
    browser.follow("Gone one")
    assert "Restore as draft" in browser.words

"""A day of a monitor: the records of an article are approved at once, and one is published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.chromium.visitor import HEIGHT, NARROW, Visitor
from tests.factories import as_user
from tracker.articles.models import Article
from tracker.articles.queries import list_citing_records
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.incidents.queries import approved_incidents
from tracker.incidents.service import write_public_summary
from tracker.review.codes import EditorialState
from tracker.review.models import Reviewable

WAYS = [
    pytest.param({"language": "ru"}, id="russian"),
    pytest.param({"width": NARROW, "scripts": False}, id="at 360 px without scripts"),
]
SUMMARY = "An anonymous caller threatened a reporter. The newsroom told the police."


def states_of(app: Flask, ref: str) -> list[EditorialState]:
    """Return the states of the records that cite an article."""
    with as_user(app, "staff"):
        article = db.session.scalars(select(Article).where(Article.ref == ref)).one()
        records = [record for record, _citations in list_citing_records(article)]
        return [one.state for one in records if isinstance(one, Reviewable)]


def make_publishable(app: Flask) -> str:
    """Write the public summary of an approved incident, as staff do; return its ref."""
    with as_user(app, "staff") as staff:
        incident = approved_incidents(1)[0]
        write_public_summary(incident, {"public_summary_en": SUMMARY}, by=staff)
        db.session.commit()
        return incident.ref


@pytest.mark.parametrize("way", WAYS)
def test_the_records_of_an_article_are_approved_and_one_is_published(
    app: Flask,
    sample: str,
    visit: Callable[..., Visitor],
    figure: Callable[[str, int, int], None],
    way: dict[str, Any],
) -> None:
    ref = make_publishable(app)
    monitor = visit(sample, **way)
    monitor.sign_in("monitor")
    monitor.choose("Review")
    article = monitor.page.locator("section.card:not(.own) h3 a[href*='ART-']").first
    monitor.load_by(article)
    source = monitor.page.url.rstrip("/").rpartition("/")[2]
    assert EditorialState.IN_REVIEW in states_of(app, source)
    monitor.press("Approve all")
    figure(f"approve records of an article ({monitor.manner}): loads", monitor.loads, 3)
    # On a narrow screen one more opens the menu.
    most = 4 if monitor.width == NARROW else 3
    figure(f"approve records of an article ({monitor.manner}): clicks", monitor.clicks, most)
    assert EditorialState.IN_REVIEW not in states_of(app, source)

    monitor.open("/")
    monitor.reset_counts()
    monitor.choose("Review")
    entry = f"li.entry:has(a[href*='{ref}'])"
    monitor.press("Publish", entry)
    figure(f"publish an approved incident ({monitor.manner}): loads", monitor.loads, 3)
    # In sight, though the page is shown where the button was.
    said = monitor.page.locator("main > .notice").bounding_box()
    assert said is not None
    assert 0 <= said["y"] < HEIGHT
    with as_user(app, "staff"):
        found = db.session.scalars(select(Incident).where(Incident.ref == ref)).one()
        assert found.state is EditorialState.PUBLISHED
    monitor.open(f"/incidents/{ref}/")

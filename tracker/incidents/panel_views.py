"""What the pages of lower features show of incidents: those of a person, the way to log one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template
from sqlalchemy import select

from tracker import clock
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.incidents.publication_service import missing_for_publication
from tracker.incidents.queries import MOST_SHOWN as MOST_ENDS
from tracker.incidents.queries import (
    NEAR_DAYS,
    count_of,
    ends_near,
    ends_past,
    for_a_few,
    for_publication,
    incidents_of_journalist,
    incidents_of_outlet,
    latest_first,
)
from tracker.review.codes import EditorialState
from tracker.review.queries import counts
from tracker.review.rules import may_move
from tracker.web.panels import panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select

    from tracker.articles.models import Article
    from tracker.people.models import Journalist, Outlet
    from tracker.review.models import Reviewable

MOST_SHOWN = 10


@panel("journalist")
def of_journalist(journalist: Journalist) -> str:
    """Render the latest incidents in which she is a target."""
    return _latest(incidents_of_journalist(journalist), {"journalist": journalist.ref})


@panel("outlet")
def of_outlet(outlet: Outlet) -> str:
    """Render the latest incidents in which it, or somebody of it, is a target."""
    return _latest(incidents_of_outlet(outlet), {"outlet": outlet.ref})


@panel("article")
def of_article(article: Article) -> str:
    """Render the way to log an incident from the article; what cites it the page shows itself."""
    return render_template("incidents/article_panel.html", article=article)


@panel("review")
def in_review(record: Reviewable) -> str:
    """Render an incident beside its article on the review page."""
    if not isinstance(record, Incident):
        return ""
    return render_template("incidents/in_review.html", incident=record)


@panel("before_approval")
def before_approval(records: Sequence[Reviewable]) -> str:
    """Render what the incidents in review among some records still need to be published."""
    ids = [
        one.id
        for one in records
        if isinstance(one, Incident) and may_move(one.state, EditorialState.APPROVED)
    ]
    if not ids:
        return ""
    rows = select(Incident).where(Incident.id.in_(ids)).order_by(Incident.id)
    loaded = rows.options(*for_publication()).execution_options(populate_existing=True)
    incidents = db.session.scalars(loaded).unique().all()
    missing = missing_for_publication(incidents, once_approved=True)
    return render_template(
        "incidents/before_approval.html",
        missing=[pair for pair in zip(incidents, missing, strict=True) if pair[1]],
        is_alone=len(records) == 1,
    )


@panel("review_queue")
def expected_ends(_page: None) -> str:
    """Render the statuses that end within a month or are overdue."""
    today = clock.today()
    return render_template(
        "incidents/ends_panel.html",
        past=ends_past(today),
        near=ends_near(today),
        near_days=NEAR_DAYS,
        most=MOST_ENDS,
        today=today,
    )


def _latest(rows: Select[Incident], args: dict[str, str]) -> str:
    shown = latest_first(rows).limit(MOST_SHOWN).options(*for_a_few())
    return render_template(
        "incidents/people_panel.html",
        incidents=db.session.scalars(shown).unique().all(),
        count=count_of(rows.where(counts(Incident))),
        args=args,
    )

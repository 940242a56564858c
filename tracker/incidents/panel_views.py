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
    count_incidents,
    deadlines_passed,
    deadlines_soon,
    for_a_few,
    incidents_of_journalist,
    incidents_of_outlet,
    latest_first,
    publication_options,
)
from tracker.review.codes import EditorialState
from tracker.review.queries import counts_condition
from tracker.review.rules import is_allowed_transition
from tracker.web.panels import panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select

    from tracker.articles.models import Article
    from tracker.people.models import Journalist, Outlet
    from tracker.review.models import Reviewable

MOST_SHOWN = 10


@panel("journalist")
def journalist_panel(journalist: Journalist) -> str:
    """Render the latest incidents in which she is a target."""
    return _latest(incidents_of_journalist(journalist), {"journalist": journalist.ref})


@panel("outlet")
def outlet_panel(outlet: Outlet) -> str:
    """Render the latest incidents in which it, or somebody of it, is a target."""
    return _latest(incidents_of_outlet(outlet), {"outlet": outlet.ref})


@panel("article")
def article_panel(article: Article) -> str:
    """Render the way to log an incident from the article; what cites it the page shows itself."""
    return render_template("incidents/article_panel.html", article=article)


@panel("review")
def review_panel(record: Reviewable) -> str:
    """Render an incident beside its article on the review page."""
    if not isinstance(record, Incident):
        return ""
    return render_template("incidents/review_panel.html", incident=record)


@panel("before_approval")
def approval_panel(records: Sequence[Reviewable]) -> str:
    """Render what the incidents in review among some records still need to be published."""
    ids = [
        one.id
        for one in records
        if isinstance(one, Incident) and is_allowed_transition(one.state, EditorialState.APPROVED)
    ]
    if not ids:
        return ""
    rows = select(Incident).where(Incident.id.in_(ids)).order_by(Incident.id)
    loaded = rows.options(*publication_options()).execution_options(populate_existing=True)
    incidents = db.session.scalars(loaded).unique().all()
    missing = missing_for_publication(incidents, once_approved=True)
    return render_template(
        "incidents/approval_panel.html",
        missing=[pair for pair in zip(incidents, missing, strict=True) if pair[1]],
        is_alone=len(records) == 1,
    )


@panel("review_queue")
def deadlines_panel(_page: None) -> str:
    """Render the statuses that end within a month or are overdue."""
    today = clock.today()
    return render_template(
        "incidents/ends_panel.html",
        past=deadlines_passed(today),
        near=deadlines_soon(today),
        near_days=NEAR_DAYS,
        most=MOST_ENDS,
        today=today,
    )


def _latest(rows: Select[Incident], args: dict[str, str]) -> str:
    shown = latest_first(rows).limit(MOST_SHOWN).options(*for_a_few())
    return render_template(
        "incidents/people_panel.html",
        incidents=db.session.scalars(shown).unique().all(),
        count=count_incidents(rows.where(counts_condition(Incident))),
        args=args,
    )

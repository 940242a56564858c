"""Reading official responses: the list, its count, a history, and panels on other pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from tracker.i18n import country_names
from tracker.permissions import Permission
from tracker.responses.codes import Stance, Standing
from tracker.responses.filters import ResponseFilter
from tracker.responses.models import OfficialResponse
from tracker.responses.queries import (
    PLACE,
    count_of,
    named_by,
    responses_answering,
    responses_matching,
    responses_of,
)
from tracker.web.guards import requires
from tracker.web.paging import page_of
from tracker.web.panels import panel
from tracker.web.records import load

if TYPE_CHECKING:
    from tracker.articles.models import Article
    from tracker.incidents.models import Incident
    from tracker.people.models import Institution
    from tracker.review.models import Reviewable

bp = Blueprint("responses", __name__, url_prefix="/responses")
MOST_ON_A_PANEL = 20


@bp.get("/")
@requires(Permission.READ)
def index() -> str:
    """List the responses, the latest first; counted by occasions, their types by acts."""
    filters = ResponseFilter.from_args(request.args)
    institution = named_by(filters)
    return render_template(
        "responses/index.html",
        page=page_of(responses_matching(filters), PLACE, request.args),
        filters=filters,
        said=filters.describe(institution=institution.heading() if institution else ""),
        count=count_of(filters),
        standings=list(Standing),
        stances=list(Stance),
        countries=country_names(),
    )


@bp.get("/<ref>/history")
@requires(Permission.READ)
def history(ref: str) -> str:
    """Say who did what to this record."""
    return render_template("layout/history.html", record=load(OfficialResponse, ref))


@panel("review")
def in_review(record: Reviewable) -> str:
    """Render what is said of an official response, beside the article from which it was drawn."""
    if not isinstance(record, OfficialResponse):
        return ""
    return render_template("responses/in_review.html", response=record)


@panel("article")
def of_article(article: Article) -> str:
    """Offer to log a response that an article tells of."""
    return render_template("responses/of_article.html", article=article)


@panel("incident")
def of_incident(incident: Incident) -> str:
    """List the responses that answer an incident by name."""
    responses = responses_answering(incident)
    return render_template("responses/of_incident.html", responses=responses, incident=incident)


@panel("institution")
def of_institution(institution: Institution) -> str:
    """List the latest responses in which an institution spoke, or is said to act."""
    return render_template(
        "responses/of_institution.html",
        responses=responses_of(institution, most=MOST_ON_A_PANEL + 1),
        institution=institution,
        most=MOST_ON_A_PANEL,
        count=count_of(ResponseFilter(institution=institution.ref)),
    )

"""Reading appeals: the list, its count, a history, and panels on other pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from tracker import clock
from tracker.i18n import country_names
from tracker.permissions import Permission
from tracker.responses.appeal_filters import AppealFilter
from tracker.responses.appeal_models import Appeal
from tracker.responses.appeal_queries import (
    PLACE,
    appeals_about,
    appeals_answered_by,
    appeals_matching,
    appeals_to,
    count_of,
    institution_asked,
)
from tracker.responses.appeal_rules import days_late, days_overdue
from tracker.responses.codes import AppealKind, AppealOutcome, AppealSender
from tracker.web.guards import requires
from tracker.web.paging import page_of
from tracker.web.panels import panel
from tracker.web.records import load

if TYPE_CHECKING:
    from flask.blueprints import BlueprintSetupState

    from tracker.articles.models import Article
    from tracker.incidents.models import Incident
    from tracker.people.models import Institution
    from tracker.responses.models import OfficialResponse
    from tracker.review.models import Reviewable

bp = Blueprint("appeals", __name__, url_prefix="/appeals")
MOST_ON_A_PANEL = 20


@bp.record
def _offer(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals["days_late"] = days_late
    state.app.jinja_env.globals["days_overdue"] = lambda one: days_overdue(one, clock.today())


@bp.get("/")
@requires(Permission.READ)
def index() -> str:
    """List the appeals, the latest sent first; counted by what came of them."""
    filters = AppealFilter.from_args(request.args)
    institution = institution_asked(filters)
    return render_template(
        "appeals/index.html",
        page=page_of(appeals_matching(filters), PLACE, request.args),
        filters=filters,
        said=filters.describe(institution=institution.heading() if institution else ""),
        count=count_of(filters),
        senders=list(AppealSender),
        kinds=list(AppealKind),
        outcomes=list(AppealOutcome),
        countries=country_names(),
    )


@bp.get("/<ref>/history")
@requires(Permission.READ)
def history(ref: str) -> str:
    """Say who did what to this record."""
    return render_template("layout/history.html", record=load(Appeal, ref))


@panel("review")
def in_review(record: Reviewable) -> str:
    """Render what is said of an appeal, beside the article from which it was drawn."""
    if not isinstance(record, Appeal):
        return ""
    return render_template("appeals/in_review.html", appeal=record)


@panel("article")
def of_article(article: Article) -> str:
    """Offer to log an appeal that an article tells of."""
    return render_template("appeals/of_article.html", article=article)


@panel("incident")
def of_incident(incident: Incident) -> str:
    """List the appeals about an incident, and offer to log one."""
    return render_template(
        "appeals/of_incident.html", appeals=appeals_about(incident), incident=incident
    )


@panel("response")
def of_response(response: OfficialResponse) -> str:
    """List the appeals that a response answers."""
    return render_template("appeals/of_response.html", appeals=appeals_answered_by(response))


@panel("institution")
def of_institution(institution: Institution) -> str:
    """List the latest appeals to an institution, and how many are overdue."""
    return render_template(
        "appeals/of_institution.html",
        appeals=appeals_to(institution, most=MOST_ON_A_PANEL + 1),
        institution=institution,
        most=MOST_ON_A_PANEL,
        count=count_of(AppealFilter(institution=institution.ref)),
    )

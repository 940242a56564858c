"""Reading proceedings: the list, a history, and panels on other pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from tracker.i18n import country_names
from tracker.permissions import Permission
from tracker.responses.codes import ProceedingDirection, ProceedingKind, StepOfProceeding
from tracker.responses.proceeding_filters import ProceedingFilter
from tracker.responses.proceeding_models import Proceeding
from tracker.responses.proceeding_queries import (
    PLACE,
    named_by,
    proceedings_about,
    proceedings_before,
    proceedings_concerning,
    proceedings_matching,
)
from tracker.web.guards import requires
from tracker.web.paging import page_of
from tracker.web.panels import panel
from tracker.web.records import load

if TYPE_CHECKING:
    from tracker.articles.models import Article
    from tracker.incidents.models import Incident
    from tracker.people.models import Institution, Journalist, Outlet
    from tracker.review.models import Reviewable

bp = Blueprint("proceedings", __name__, url_prefix="/proceedings")
MOST_ON_A_PANEL = 20


@bp.get("/")
@requires(Permission.READ)
def index() -> str:
    """List the proceedings, the last recorded first."""
    filters = ProceedingFilter.from_args(request.args)
    named = named_by(filters)
    return render_template(
        "proceedings/index.html",
        page=page_of(proceedings_matching(filters), PLACE, request.args),
        filters=filters,
        said=filters.describe(named.in_words()),
        directions=list(ProceedingDirection),
        kinds=list(ProceedingKind),
        steps=list(StepOfProceeding),
        countries=country_names(),
    )


@bp.get("/<ref>/history")
@requires(Permission.READ)
def history(ref: str) -> str:
    """Say who did what to this record."""
    return render_template("layout/history.html", record=load(Proceeding, ref))


@panel("review")
def in_review(record: Reviewable) -> str:
    """Render what is said of a proceeding, beside the article from which it was drawn."""
    if not isinstance(record, Proceeding):
        return ""
    return render_template("proceedings/in_review.html", proceeding=record)


@panel("article")
def of_article(article: Article) -> str:
    """Offer to log a proceeding that an article tells of."""
    return render_template("proceedings/of_article.html", article=article)


@panel("incident")
def of_incident(incident: Incident) -> str:
    """List the proceedings about an incident, those of each direction under their own heading."""
    found = proceedings_about(incident)
    return render_template("proceedings/of_incident.html", incident=incident, proceedings=found)


@panel("journalist")
@panel("outlet")
def of_bearer(bearer: Journalist | Outlet) -> str:
    """List the proceedings that concern a journalist or an outlet, each direction by itself."""
    return render_template(
        "proceedings/of_bearer.html",
        bearer=bearer,
        proceedings=proceedings_concerning(bearer, most=MOST_ON_A_PANEL + 1),
        most=MOST_ON_A_PANEL,
    )


@panel("institution")
def of_institution(institution: Institution) -> str:
    """List the proceedings that a body runs or took a step of, each direction by itself."""
    return render_template(
        "proceedings/of_institution.html",
        institution=institution,
        proceedings=proceedings_before(institution, most=MOST_ON_A_PANEL + 1),
        most=MOST_ON_A_PANEL,
    )

"""Reading incidents: the list under its filter, one incident, its history, and who may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request, url_for

from tracker.dates import day_words
from tracker.i18n import _, country_names, language
from tracker.incidents import service
from tracker.incidents.codes import Verification
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.models import Incident
from tracker.incidents.queries import (
    PLACE,
    count_of,
    for_a_line,
    for_its_page,
    incidents_matching,
    links_to,
    names_in,
    publication_of,
)
from tracker.incidents.rules import SUITS, UNTOLD, may_assess
from tracker.incidents.words import class_words, figure_words, inverse_words
from tracker.permissions import Permission
from tracker.review.codes import EditorialState
from tracker.review.service import to_open
from tracker.review.service import widen as open_to_all
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.queries import terms_of
from tracker.web.forms import PartForm, WidenForm, page
from tracker.web.guards import current_actor, requires
from tracker.web.paging import page_of
from tracker.web.records import load, load_to_edit
from tracker.web.saving import saved

if TYPE_CHECKING:
    from flask.blueprints import BlueprintSetupState
    from werkzeug.wrappers import Response

    from tracker.vocabulary.models import Term

bp = Blueprint("incidents", __name__, url_prefix="/incidents")


@bp.record
def _offer(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals["day_words"] = day_words


@bp.get("/")
@requires(Permission.READ)
def index() -> str:
    """List the incidents that a filter lets through, the latest first."""
    filters = IncidentFilter.from_args(request.args)
    rows = incidents_matching(filters)
    names = names_in(filters)
    return render_template(
        "incidents/index.html",
        page=page_of(rows.options(*for_a_line()), PLACE, request.args),
        count=count_of(rows),
        filters=filters,
        names=names,
        said=filters.describe(names),
        counted_as=figure_words(*filters.figure, names) if filters.figure else "",
        classes=_classes(terms_of(TermSet.INCIDENT_TYPE)),
        regions=terms_of(TermSet.REGION),
        countries=country_names(),
        verifications=list(Verification),
        states=list(EditorialState),
    )


@bp.get("/<ref>/")
@requires(Permission.READ)
def show(ref: str) -> str:
    """Show everything that is recorded of an incident, in sections."""
    incident = load(Incident, ref, *for_its_page())
    codes = {row.term.code for row in incident.types}
    return render_template(
        "incidents/show.html",
        incident=incident,
        inverses=[(inverse_words(link.kind), link) for link in links_to(incident)],
        is_untold=not UNTOLD.isdisjoint(codes) and not incident.narrative,
        may_assess=may_assess(current_actor(), incident.recorded_by_id)
        and not SUITS.isdisjoint(codes),
        published=publication_of(incident),
    )


@bp.get("/<ref>/history")
@requires(Permission.READ)
def history(ref: str) -> str:
    """Show who did what to the incident."""
    return render_template("layout/history.html", record=load(Incident, ref, *for_a_line()))


@bp.route("/<ref>/widen", methods=["GET", "POST"])
@requires(Permission.LOG)
def widen(ref: str) -> Response | tuple[str, int]:
    """Open an incident, and by name the restricted people and sources that it shows."""
    incident = load_to_edit(Incident, ref, *for_its_page())
    opened, form = to_open(incident), WidenForm()
    answer = saved(
        form,
        lambda: open_to_all(incident, named=form.named(), by=current_actor()),
        to=url_for(".show", ref=ref),
        said=_("Everybody who signs in sees it now."),
    )
    if answer is not None:
        return answer
    # Whatever was named before, what is listed now is what the button opens.
    form.show(opened)
    return page("incidents/widen.html", form=form, incident=incident, shown=opened)


@bp.post("/<ref>/narrow")
@requires(Permission.LOG)
def narrow(ref: str) -> Response | tuple[str, int]:
    """Keep an incident to its team again."""
    incident = load_to_edit(Incident, ref, *for_its_page())
    form = PartForm()
    answer = saved(
        form,
        lambda: service.narrow(incident, by=current_actor()),
        to=url_for(".show", ref=ref),
        said=_("Only the team sees it now."),
        record=incident,
    )
    return answer or page("incidents/refused.html", form=form, incident=incident)


def _classes(types: list[Term]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return the classes of types for the filter's list: code, words, and the types of each."""
    classes: dict[str, list[tuple[str, str]]] = {}
    for term in types:
        name = term.code.partition(".")[0] if "." in term.code else ""
        classes.setdefault(name, []).append((term.code, term.label(language())))
    return [(f"{name}." if name else "", class_words(name), of) for name, of in classes.items()]

"""One appeal whole: what came of it, which incidents it is about, and who sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from tracker.errors import InvalidInput, NotFound
from tracker.fake_accounts.queries import incidents_of_sources
from tracker.i18n import _
from tracker.incidents.queries import incident_meant
from tracker.permissions import Permission, may_edit
from tracker.responses import appeal_service as service
from tracker.responses.appeal_forms import OutcomeForm
from tracker.responses.appeal_models import Appeal
from tracker.responses.appeal_queries import possible_answers, with_everything
from tracker.responses.appeal_views import bp
from tracker.responses.models import OfficialResponse
from tracker.review.widening_service import to_open
from tracker.review.widening_service import widen as open_to_all
from tracker.web.forms import page
from tracker.web.guards import current_actor, requires
from tracker.web.parts import IncidentForm, RemoveForm, WidenForm
from tracker.web.records import load, load_to_edit
from tracker.web.saving import saved

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from tracker.web.versioned_forms import PartForm

    Answer = Response | tuple[str, int]


@bp.get("/<ref>/")
@requires(Permission.READ)
def show(ref: str) -> tuple[str, int]:
    """Show all that is recorded about an appeal."""
    return _page(_load(ref))


@bp.post("/<ref>/outcome")
@requires(Permission.LOG)
def settle(ref: str) -> Answer:
    """Say what came of the appeal."""
    appeal, form = _load_to_edit(ref), OutcomeForm()
    form.offer(appeal, possible_answers(appeal))

    def act() -> None:
        response = _response(form)
        service.settle(appeal, form.outcome.code(), response, by=current_actor())

    answer = saved(form, act, to=url_for(".show", ref=ref), record=appeal)
    return answer or _page(appeal, outcome=form)


@bp.post("/<ref>/incidents")
@requires(Permission.LOG)
def add_incident(ref: str) -> Answer:
    """Say that the appeal is about an incident."""
    appeal, form = _load_to_edit(ref), IncidentForm()
    _offer_incidents(form, appeal)

    def act() -> None:
        service.add_incident(appeal, incident_meant(form.wanted()), by=current_actor())

    answer = saved(form, act, to=url_for(".show", ref=ref), record=appeal)
    return answer or _page(appeal, incident=form)


@bp.post("/<ref>/incidents/remove")
@requires(Permission.LOG)
def remove_incident(ref: str) -> Answer:
    """Take out that the appeal is about an incident."""
    appeal, form = _load_to_edit(ref), RemoveForm()

    def act() -> None:
        service.remove_incident(appeal, form.number.data or 0, by=current_actor())

    answer = saved(form, act, to=url_for(".show", ref=ref), record=appeal)
    return answer or _page(appeal, removing=form)


@bp.route("/<ref>/widen", methods=["GET", "POST"])
@requires(Permission.LOG)
def widen(ref: str) -> Answer:
    """Open the appeal to everybody who signs in, with the sources it shows."""
    appeal, form = _load_to_edit(ref), WidenForm()
    answer = saved(
        form,
        lambda: open_to_all(appeal, named=form.named(), by=current_actor()),
        to=url_for(".show", ref=ref),
        said=_("Everybody who signs in sees it now."),
    )
    if answer is not None:
        return answer
    shown = to_open(appeal)
    form.show(shown)
    return page("appeals/widen.html", form=form, appeal=appeal, shown=shown)


def _page(
    appeal: Appeal,
    *,
    outcome: OutcomeForm | None = None,
    incident: IncidentForm | None = None,
    removing: RemoveForm | None = None,
) -> tuple[str, int]:
    """Render the page with the form that was sent, and fresh ones beside it."""
    sent: PartForm | None = outcome or incident or removing
    if may_edit(current_actor(), appeal):
        if outcome is None:
            outcome = OutcomeForm.on(appeal)
            outcome.offer(appeal, possible_answers(appeal))
        if incident is None:
            incident = IncidentForm.on(appeal)
            _offer_incidents(incident, appeal)
    return page(
        "appeals/show.html",
        form=sent or RemoveForm.on(appeal),
        appeal=appeal,
        outcome_form=outcome,
        incident_form=incident,
    )


def _response(form: OutcomeForm) -> OfficialResponse | None:
    ref = form.wanted()
    if not ref:
        return None
    try:
        return load(OfficialResponse, ref)
    except NotFound:
        raise InvalidInput(other=_("There is no such response, or it is not for you.")) from None


def _offer_incidents(form: IncidentForm, appeal: Appeal) -> None:
    about = [one.incident_id for one in appeal.incidents]
    form.offer(incidents_of_sources(appeal.citations, but=about))


def _load(ref: str) -> Appeal:
    return load(Appeal, ref, *with_everything())


def _load_to_edit(ref: str) -> Appeal:
    return load_to_edit(Appeal, ref, *with_everything())

"""One official response whole, which incidents it answers, and who sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from tracker.fake_accounts.queries import incidents_of_sources
from tracker.i18n import _
from tracker.incidents.queries import incident_meant
from tracker.permissions import Permission, may_edit
from tracker.responses import service
from tracker.responses.models import OfficialResponse
from tracker.responses.queries import with_everything
from tracker.responses.views import bp
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
    """Show all that is recorded about a response."""
    return _page(_load(ref))


@bp.post("/<ref>/answers")
@requires(Permission.LOG)
def add_answer(ref: str) -> Answer:
    """Say which incident the response answers."""
    response, form = _load_to_edit(ref), IncidentForm()
    _offer_incidents(form, response)

    def act() -> None:
        service.add_answer(response, incident_meant(form.wanted()), by=current_actor())

    answer = saved(form, act, to=url_for(".show", ref=ref), record=response)
    return answer or _page(response, answer=form)


@bp.post("/<ref>/answers/remove")
@requires(Permission.LOG)
def remove_answer(ref: str) -> Answer:
    """Take out that the response answers an incident."""
    response, form = _load_to_edit(ref), RemoveForm()

    def act() -> None:
        service.remove_answer(response, form.number.data or 0, by=current_actor())

    answer = saved(form, act, to=url_for(".show", ref=ref), record=response)
    return answer or _page(response, removing=form)


@bp.route("/<ref>/widen", methods=["GET", "POST"])
@requires(Permission.LOG)
def widen(ref: str) -> Answer:
    """Open the response to everybody who signs in, with the sources it shows."""
    response, form = _load_to_edit(ref), WidenForm()
    answer = saved(
        form,
        lambda: open_to_all(response, named=form.named(), by=current_actor()),
        to=url_for(".show", ref=ref),
        said=_("Everybody who signs in sees it now."),
    )
    if answer is not None:
        return answer
    shown = to_open(response)
    form.show(shown)
    return page("responses/widen.html", form=form, response=response, shown=shown)


def _page(
    response: OfficialResponse,
    *,
    answer: IncidentForm | None = None,
    removing: RemoveForm | None = None,
) -> tuple[str, int]:
    """Render the page with the form that was sent, or a fresh one."""
    sent: PartForm | None = answer or removing
    if answer is None and may_edit(current_actor(), response):
        answer = IncidentForm.on(response)
        _offer_incidents(answer, response)
    return page(
        "responses/show.html",
        form=sent or RemoveForm.on(response),
        response=response,
        answer_form=answer,
    )


def _offer_incidents(form: IncidentForm, response: OfficialResponse) -> None:
    answered = [one.incident_id for one in response.answers]
    form.offer(incidents_of_sources(response.citations, but=answered))


def _load(ref: str) -> OfficialResponse:
    return load(OfficialResponse, ref, *with_everything())


def _load_to_edit(ref: str) -> OfficialResponse:
    return load_to_edit(OfficialResponse, ref, *with_everything())

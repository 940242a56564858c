"""Pages on which the public summary is written, and what the world would read is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from tracker.errors import Refused
from tracker.i18n import _
from tracker.incidents import publication_service, service
from tracker.incidents.forms import SummaryForm
from tracker.incidents.models import Incident
from tracker.incidents.queries import for_its_page, for_publication, publication_of
from tracker.incidents.rules import may_summarise
from tracker.incidents.views import bp
from tracker.permissions import Permission
from tracker.review.queries import who_may_be_asked
from tracker.web.forms import AsReadForm, page
from tracker.web.guards import current_actor, requires
from tracker.web.records import load, load_to_edit
from tracker.web.saving import saved

if TYPE_CHECKING:
    from werkzeug.wrappers import Response


@bp.route("/<ref>/publish/summary", methods=["GET", "POST"])
@requires(Permission.REVIEW)
def write_summary(ref: str) -> Response | tuple[str, int]:
    """Write the public summary of an approved incident, which stays approved."""
    incident = load(Incident, ref, *for_its_page())
    if not may_summarise(current_actor(), incident.state):
        raise Refused(_("Monitors write the public summary once the incident is approved."))
    said = _("Public summary saved. Another monitor publishes it.")
    return _save_summary(incident, to=url_for(".publish", ref=ref), said=said)


@bp.route("/<ref>/summary", methods=["GET", "POST"])
@requires(Permission.LOG)
def summary(ref: str) -> Response | tuple[str, int]:
    """Write the public summary of an incident of one's own team."""
    incident = load_to_edit(Incident, ref, *for_its_page())
    return _save_summary(incident, to=url_for(".show", ref=ref))


def _save_summary(
    incident: Incident, *, to: str, said: str | None = None
) -> Response | tuple[str, int]:
    form = SummaryForm()
    done = saved(
        form,
        lambda: service.summarise(incident, form.read(), by=current_actor()),
        to=to,
        said=said,
        record=incident,
    )
    return done or page(
        "incidents/section.html",
        form=form,
        incident=incident,
        heading=_("Public summary"),
        stays_approved=may_summarise(current_actor(), incident.state),
    )


@bp.route("/<ref>/publish", methods=["GET", "POST"])
@requires(Permission.REVIEW)
def publish(ref: str) -> Response | tuple[str, int]:
    """Show exactly what the world would read, and publish it."""
    incident, form = load(Incident, ref, *for_publication()), AsReadForm()
    done = saved(
        form,
        lambda: publication_service.publish(incident, by=current_actor()),
        to=url_for(".show", ref=ref),
        said=_("Added to the public file."),
        record=incident,
    )
    if done:
        return done
    text = publication_service.would_read(incident)
    return page(
        "incidents/publish.html",
        form=form,
        incident=incident,
        text=text,
        reasons=publication_service.missing_for_publication([incident])[0],
        published=publication_of(incident),
        others=_others_who_decide(incident),
    )


def _others_who_decide(incident: Incident) -> list[str]:
    """Return the names of the monitors who see an incident and worked on nothing of it."""
    worked = incident.worked_on_by
    people = (one for one in who_may_be_asked(incident) if one.id not in worked)
    return [one.name for one in people if one.may(Permission.REVIEW)]

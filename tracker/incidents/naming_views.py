"""Deciding how far a target's name may go; closing it lists beforehand what that does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, url_for

from tracker.audit.confidential_service import confidential_of, note_viewing
from tracker.db import db
from tracker.errors import InvalidInput, NotFound
from tracker.i18n import _
from tracker.incidents import naming_service
from tracker.incidents.closing_queries import closing_of
from tracker.incidents.guarded_models import TargetNaming
from tracker.incidents.models import Incident
from tracker.incidents.naming_forms import NamingForm
from tracker.incidents.queries import for_its_page
from tracker.incidents.views import bp
from tracker.permissions import Permission
from tracker.web.forms import page
from tracker.web.guards import current_actor, refuse_unless_editor, requires
from tracker.web.records import load

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from tracker.incidents.models import IncidentTarget


@bp.route("/<ref>/targets/<int:number>/naming", methods=["GET", "POST"])
@requires(Permission.LOG, confidential=True)
def naming(ref: str, number: int) -> Response | tuple[str, int]:
    """Show and change what was decided about naming a target."""
    incident, form = load(Incident, ref, *for_its_page()), NamingForm()
    refuse_unless_editor(incident)
    target = next((one for one in incident.targets if one.id == number), None)
    if target is None:
        raise NotFound
    if not form.is_submitted():
        note_viewing(incident, by=current_actor())
        form.show(incident)
        form.show_decision(confidential_of(target, TargetNaming), target)
    elif form.validate():
        form.refuse_stale(incident)
        return _decide(incident, target, form)
    return page("incidents/naming.html", form=form, incident=incident, target=target)


def _decide(
    incident: Incident, target: IncidentTarget, form: NamingForm
) -> Response | tuple[str, int]:
    """Save a decision; one that closes a name is first told what that does."""
    ref, decided, named_as = incident.ref, form.read(), form.named_as.data or ""
    try:
        naming_service.refuse_decision(incident, target, decided, named_as=named_as)
    except InvalidInput as error:
        form.reject(error)
        return page("incidents/naming.html", form=form, incident=incident, target=target)
    is_closing = naming_service.closes(target, decided)
    if is_closing and not form.told.raw_data:
        return _closing(incident, target, form)
    try:
        naming_service.decide_naming(
            incident, target, decided, named_as=named_as, agreed=form.agreed(), by=current_actor()
        )
    except InvalidInput as error:
        form.reject(error)
        return _closing(incident, target, form)
    db.session.commit()
    flash(_("The name is closed to everybody outside the team.") if is_closing else _("Saved."))
    return redirect(url_for(".show", ref=ref), code=303)


def _closing(incident: Incident, target: IncidentTarget, form: NamingForm) -> tuple[str, int]:
    """Show what closing the name does; whatever was listed before, this is what the button does."""
    if target.journalist is None:
        raise NotFound
    plan = closing_of(target.journalist)
    form.show_closing(plan)
    return page("incidents/closing.html", form=form, incident=incident, target=target, plan=plan)

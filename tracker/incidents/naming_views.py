"""Deciding how far a target's name may go; closing it lists beforehand what that does."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flask import url_for

from tracker.audit.confidential_service import confidential_of, note_viewing
from tracker.errors import InvalidInput, NotFound
from tracker.i18n import _
from tracker.incidents.closing_queries import becoming_drafts, closing_of
from tracker.incidents.guarded_models import TargetNaming
from tracker.incidents.models import Incident
from tracker.incidents.naming_forms import AboutName, NamingForm
from tracker.incidents.naming_queries import holding_back
from tracker.incidents.naming_service import closes, decide_naming, refuse_decision
from tracker.incidents.queries import for_its_page
from tracker.incidents.views import bp
from tracker.permissions import Permission
from tracker.web.confidential_views import note_first
from tracker.web.forms import page
from tracker.web.guards import current_actor, refuse_unless_editor, requires
from tracker.web.records import load
from tracker.web.saving import saved

if TYPE_CHECKING:
    from werkzeug.wrappers import Response


@bp.route("/<ref>/targets/<int:number>/naming", methods=["GET", "POST"])
@requires(Permission.LOG, confidential=True)
def naming(ref: str, number: int) -> Response | tuple[str, int]:
    """Show and change what was decided about naming a target; closing a name first shows what that
    does.
    """
    incident, form = load(Incident, ref, *for_its_page()), NamingForm()
    # Also of one that no longer counts: its decision goes on holding her name back.
    refuse_unless_editor(incident, retracted=incident.can_come_back)
    target = next((one for one in incident.targets if one.id == number), None)
    if target is None:
        raise NotFound
    note_first(form, partial(note_viewing, incident, by=current_actor()))
    about = AboutName(incident, target, confidential_of(target, TargetNaming))
    if _is_first_told(about, form):
        return _closing(about, form)
    answer = saved(
        form,
        lambda: _decide(about, form),
        to=url_for(".show", ref=ref),
        said=_said,
        record=about,
    )
    if answer is not None:
        return answer
    if form.told.raw_data and target.journalist is not None:
        return _closing(about, form)
    return page(
        "incidents/naming.html",
        form=form,
        incident=incident,
        target=target,
        held=holding_back(target),
    )


def _is_first_told(about: AboutName, form: NamingForm) -> bool:
    """Say whether a decision that can be carried out closes a name, and nobody was told of that."""
    if not form.is_submitted() or form.told.raw_data or not form.validate():
        return False
    decided = form.read()
    try:
        refuse_decision(about.incident, about.target, decided, named_as=form.named_as.data or "")
    except InvalidInput:
        # Said at its field when it is saved.
        return False
    return closes(about.target, decided)


def _decide(about: AboutName, form: NamingForm) -> bool:
    """Save a decision, and say whether it closed a name."""
    decided = form.read()
    is_closing = closes(about.target, decided)
    decide_naming(
        about.incident,
        about.target,
        decided,
        named_as=form.named_as.data or "",
        agreed=form.agreed(),
        by=current_actor(),
    )
    return is_closing


def _said(is_closed: bool) -> str:  # noqa: FBT001 (what the act gave back)
    closed = _("The name is closed to everybody outside the team.")
    return str(closed if is_closed else _("Saved."))


def _closing(about: AboutName, form: NamingForm) -> tuple[str, int]:
    """Show what closing the name does; whatever was listed before, this is what the button does."""
    form.refuse_stale(about)
    journalist = about.target.journalist
    assert journalist is not None  # noqa: S101 (only hers is closed)
    plan = closing_of(journalist)
    form.show_closing(plan)
    return page(
        "incidents/closing.html",
        form=form,
        incident=about.incident,
        target=about.target,
        plan=plan,
        drafts=becoming_drafts(journalist),
    )

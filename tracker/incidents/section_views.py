"""The sections of an incident's page: each row has a small form, on the version that was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from tracker.errors import NotFound
from tracker.i18n import _
from tracker.incidents import section_service
from tracker.incidents.models import Incident
from tracker.incidents.naming_service import delete_naming
from tracker.incidents.queries import incident_by_ref, page_options
from tracker.incidents.section_forms import (
    ActorForm,
    AssessForm,
    DegreeForm,
    LinkForm,
    RecordPart,
    ReferenceForm,
    StatusForm,
    TargetForm,
)
from tracker.incidents.service import latest_possible_date
from tracker.incidents.views import bp
from tracker.permissions import Permission
from tracker.web.filters import REF
from tracker.web.forms import PartForm, page
from tracker.web.guards import current_actor, requires
from tracker.web.records import load, load_to_edit
from tracker.web.saving import handle_form

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from tracker.incidents.models import IncidentTarget
    from tracker.incidents.section_forms import SectionForm


@bp.route("/<ref>/targets/new", methods=["GET", "POST"])
@requires(Permission.LOG)
def add_target(ref: str) -> Response | tuple[str, int]:
    """Add a target."""
    incident, form = _load_own_incident(ref), TargetForm()

    def act() -> None:
        section_service.add_target(incident, form.cleaned_data(), by=current_actor())

    return _handle_section(RecordPart(incident), form, act, _("Add a target"))


@bp.route("/<ref>/targets/<int:number>/edit", methods=["GET", "POST"])
@requires(Permission.LOG)
def edit_target(ref: str, number: int) -> Response | tuple[str, int]:
    """Edit a target."""
    incident, form = _load_own_incident(ref), TargetForm()
    target = _target(incident, number)

    def act() -> None:
        section_service.change_target(incident, number, form.cleaned_data(), by=current_actor())

    heading = _("Edit: %(name)s", name=target.in_words())
    return _handle_section(RecordPart(incident, target), form, act, heading)


@bp.post("/<ref>/targets/<int:number>/remove")
@requires(Permission.LOG, confidential=True)
def remove_target(ref: str, number: int) -> Response | tuple[str, int]:
    """Remove a target and its naming decision."""
    incident = _load_own_incident(ref)
    target = _target(incident, number)

    def act() -> None:
        delete_naming(target)
        section_service.remove_target(incident, number, by=current_actor())

    return _handle_button(incident, act)


@bp.route("/<ref>/targets/<int:number>/statuses/new", methods=["GET", "POST"])
@requires(Permission.LOG)
def add_status(ref: str, number: int) -> Response | tuple[str, int]:
    """Add a status of a target."""
    incident, form = _load_own_incident(ref), StatusForm()
    target = _target(incident, number)

    def act() -> None:
        section_service.add_status(
            incident,
            number,
            status=form.status.code(),
            when=form.when.read_when(latest_possible_date(incident)),
            expected_end=form.expected_end.data,
            by=current_actor(),
        )

    heading = _("What became of %(name)s", name=target.in_words())
    return _handle_section(RecordPart(incident), form, act, heading)


@bp.post("/<ref>/targets/<int:number>/statuses/<int:status>/remove")
@requires(Permission.LOG)
def remove_status(ref: str, number: int, status: int) -> Response | tuple[str, int]:
    """Remove a status of a target."""
    incident = _load_own_incident(ref)
    return _handle_button(
        incident,
        lambda: section_service.remove_status(incident, number, status, by=current_actor()),
    )


@bp.route("/<ref>/actors/new", methods=["GET", "POST"])
@requires(Permission.LOG)
def add_actor(ref: str) -> Response | tuple[str, int]:
    """Add an actor."""
    incident, form = _load_own_incident(ref), ActorForm()

    def act() -> None:
        section_service.add_actor(incident, form.cleaned_data(), by=current_actor())

    return _handle_section(RecordPart(incident), form, act, _("Add a perpetrator"))


@bp.route("/<ref>/actors/<int:number>/edit", methods=["GET", "POST"])
@requires(Permission.LOG)
def edit_actor(ref: str, number: int) -> Response | tuple[str, int]:
    """Edit an actor."""
    incident, form = _load_own_incident(ref), ActorForm()
    actor = section_service.actor_of(incident, number)

    def act() -> None:
        section_service.change_actor(incident, number, form.cleaned_data(), by=current_actor())

    heading = _("Edit: %(name)s", name=actor.in_words())
    return _handle_section(RecordPart(incident, actor), form, act, heading)


@bp.post("/<ref>/actors/<int:number>/remove")
@requires(Permission.LOG)
def remove_actor(ref: str, number: int) -> Response | tuple[str, int]:
    """Remove an actor."""
    incident = _load_own_incident(ref)
    return _handle_button(
        incident, lambda: section_service.remove_actor(incident, number, by=current_actor())
    )


@bp.route("/<ref>/actors/<int:number>/degree", methods=["GET", "POST"])
@requires(Permission.REVIEW)
def set_degree(ref: str, number: int) -> Response | tuple[str, int]:
    """Set, as a monitor, the degree of an actor's involvement."""
    incident, form = load(Incident, ref, *page_options()), DegreeForm()
    actor = section_service.actor_of(incident, number)

    def act() -> None:
        section_service.set_degree(incident, number, form.degree.code(), by=current_actor())

    heading = _("What part they had: %(name)s", name=actor.in_words())
    return _handle_section(RecordPart(incident, actor), form, act, heading)


@bp.route("/<ref>/assess", methods=["GET", "POST"])
@requires(Permission.REVIEW)
def assess(ref: str) -> Response | tuple[str, int]:
    """Set, as a monitor, whether a lawsuit is abusive."""
    incident, form = load(Incident, ref, *page_options()), AssessForm()

    def act() -> None:
        is_abusive = bool(form.is_abusive.data)
        section_service.assess_lawsuit(incident, is_abusive=is_abusive, by=current_actor())

    return _handle_section(RecordPart(incident), form, act, _("Assess the lawsuit"))


@bp.route("/<ref>/links/new", methods=["GET", "POST"])
@requires(Permission.LOG)
def add_link(ref: str) -> Response | tuple[str, int]:
    """Link the incident to another one."""
    incident, form = _load_own_incident(ref), LinkForm()

    def act() -> None:
        typed = (form.other.data or "").upper()
        other = incident_by_ref(typed) if REF.fullmatch(typed) else None
        section_service.add_link(incident, other, kind=form.kind.code(), by=current_actor())

    return _handle_section(RecordPart(incident), form, act, _("Link to another incident"))


@bp.post("/<ref>/links/<int:number>/remove")
@requires(Permission.LOG)
def remove_link(ref: str, number: int) -> Response | tuple[str, int]:
    """Remove a link."""
    incident = _load_own_incident(ref)
    return _handle_button(
        incident, lambda: section_service.remove_link(incident, number, by=current_actor())
    )


@bp.route("/<ref>/references/new", methods=["GET", "POST"])
@requires(Permission.LOG)
def add_reference(ref: str) -> Response | tuple[str, int]:
    """Add an external identifier."""
    incident, form = _load_own_incident(ref), ReferenceForm()

    def act() -> None:
        section_service.add_reference(
            incident,
            scheme=form.scheme.data or "",
            identifier=form.identifier.data or "",
            url=form.url.data or "",
            by=current_actor(),
        )

    return _handle_section(RecordPart(incident), form, act, _("Add an entry of another list"))


@bp.post("/<ref>/references/<int:number>/remove")
@requires(Permission.LOG)
def remove_reference(ref: str, number: int) -> Response | tuple[str, int]:
    """Remove an entry of another list."""
    incident = _load_own_incident(ref)
    return _handle_button(
        incident, lambda: section_service.remove_reference(incident, number, by=current_actor())
    )


def _load_own_incident(ref: str) -> Incident:
    return load_to_edit(Incident, ref, *page_options())


def _target(incident: Incident, number: int) -> IncidentTarget:
    target = next((one for one in incident.targets if one.id == number), None)
    if target is None:
        raise NotFound
    return target


def _handle_section(
    part: RecordPart, form: SectionForm, act: Callable[[], None], heading: str
) -> Response | tuple[str, int]:
    """Show a small form, or save it and go back to the page."""
    answer = handle_form(form, act, to=url_for(".show", ref=part.ref), record=part)
    return answer or page(
        "incidents/section.html", form=form, incident=part.incident, heading=heading
    )


def _handle_button(incident: Incident, act: Callable[[], None]) -> Response | tuple[str, int]:
    """Do what a button of the page asks for, on the version that was read."""
    form = PartForm()
    answer = handle_form(form, act, to=url_for(".show", ref=incident.ref), record=incident)
    return answer or page("incidents/refused.html", form=form, incident=incident)

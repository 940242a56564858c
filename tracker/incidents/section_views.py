"""The sections of an incident's page, and panels for the pages of people and articles."""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template, url_for
from sqlalchemy import Select
from werkzeug.wrappers import Response

from tracker import clock
from tracker.db import db
from tracker.i18n import _
from tracker.incidents import forms, queries, section_service
from tracker.incidents.models import Incident, IncidentTarget
from tracker.incidents.publication_service import delete_naming_decision
from tracker.incidents.service import latest_date_in_sources
from tracker.incidents.views import INCIDENT_LIST, bp, load_editable_incident
from tracker.people.models import Journalist, Outlet
from tracker.permissions import Permission
from tracker.records import row_by_id
from tracker.review.queries import is_not_retracted
from tracker.web.filters import REF_PATTERN
from tracker.web.forms import PartForm, render_form
from tracker.web.guards import current_actor, require_permission
from tracker.web.layout import register_panel
from tracker.web.saving import handle_form, load

MAX_PANEL_INCIDENTS = 10  # the latest, on the page of a person or outlet


@bp.route("/<ref>/targets/new", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def add_target(ref: str) -> Response | tuple[str, int]:
    """Add a target to an incident."""
    incident, form = load_editable_incident(ref), forms.TargetForm()

    def apply_change() -> None:
        section_service.add_target(incident, form.cleaned_data(), by=current_actor())

    return _handle_section(forms.IncidentPart(incident), form, apply_change, _("Add a target"))


@bp.route("/<ref>/targets/<int:number>/edit", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def edit_target(ref: str, number: int) -> Response | tuple[str, int]:
    """Edit the target of an incident with the id `number`."""
    incident, form = load_editable_incident(ref), forms.TargetForm()
    target = _get_target(incident, number)

    def apply_change() -> None:
        section_service.edit_target(incident, number, form.cleaned_data(), by=current_actor())

    heading = _("Edit: %(name)s", name=target.describe())
    return _handle_section(forms.IncidentPart(incident, target), form, apply_change, heading)


@bp.post("/<ref>/targets/<int:number>/remove")
@require_permission(Permission.LOG, confidential=True)
def remove_target(ref: str, number: int) -> Response | tuple[str, int]:
    """Remove the target with the id `number` and its naming decision."""
    incident = load_editable_incident(ref)
    target = _get_target(incident, number)

    def apply_change() -> None:
        delete_naming_decision(target)
        section_service.remove_target(incident, number, by=current_actor())

    return _handle_button(incident, apply_change)


@bp.route("/<ref>/targets/<int:number>/statuses/new", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def add_status(ref: str, number: int) -> Response | tuple[str, int]:
    """Add a status of the target with the id `number`."""
    incident, form = load_editable_incident(ref), forms.TargetStatusForm()
    target = _get_target(incident, number)

    def apply_change() -> None:
        section_service.add_status(
            incident,
            number,
            status=form.status.chosen_code(),
            when=form.when.read_when(latest_date_in_sources(incident)),
            expected_end=form.expected_end.data,
            by=current_actor(),
        )

    heading = _("Consequences for %(name)s", name=target.describe())
    return _handle_section(forms.IncidentPart(incident), form, apply_change, heading)


@bp.post("/<ref>/targets/<int:number>/statuses/<int:status>/remove")
@require_permission(Permission.LOG)
def remove_status(ref: str, number: int, status: int) -> Response | tuple[str, int]:
    """Remove the status with the id `status` of the target with the id `number`."""
    incident = load_editable_incident(ref)
    return _handle_button(
        incident,
        lambda: section_service.remove_status(incident, number, status, by=current_actor()),
    )


@bp.route("/<ref>/actors/new", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def add_actor(ref: str) -> Response | tuple[str, int]:
    """Add an actor to an incident."""
    incident, form = load_editable_incident(ref), forms.ActorForm()

    def apply_change() -> None:
        section_service.add_actor(incident, form.cleaned_data(), by=current_actor())

    return _handle_section(forms.IncidentPart(incident), form, apply_change, _("Add a perpetrator"))


@bp.route("/<ref>/actors/<int:number>/edit", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def edit_actor(ref: str, number: int) -> Response | tuple[str, int]:
    """Edit the actor of an incident with the id `number`."""
    incident, form = load_editable_incident(ref), forms.ActorForm()
    actor = section_service.get_actor(incident, number)

    def apply_change() -> None:
        section_service.edit_actor(incident, number, form.cleaned_data(), by=current_actor())

    heading = _("Edit: %(name)s", name=actor.describe())
    return _handle_section(forms.IncidentPart(incident, actor), form, apply_change, heading)


@bp.post("/<ref>/actors/<int:number>/remove")
@require_permission(Permission.LOG)
def remove_actor(ref: str, number: int) -> Response | tuple[str, int]:
    """Remove the actor with the id `number` from an incident."""
    incident = load_editable_incident(ref)
    return _handle_button(
        incident, lambda: section_service.remove_actor(incident, number, by=current_actor())
    )


@bp.route("/<ref>/actors/<int:number>/degree", methods=["GET", "POST"])
@require_permission(Permission.REVIEW)
def set_degree(ref: str, number: int) -> Response | tuple[str, int]:
    """Set, as a monitor, the degree of involvement of the actor with the id `number`."""
    incident, form = load(Incident, ref, *queries.page_load_options()), forms.ActorDegreeForm()
    actor = section_service.get_actor(incident, number)

    def apply_change() -> None:
        section_service.set_degree(incident, number, form.degree.chosen_code(), by=current_actor())

    heading = _("Degree of involvement: %(name)s", name=actor.describe())
    return _handle_section(forms.IncidentPart(incident, actor), form, apply_change, heading)


@bp.route("/<ref>/assess", methods=["GET", "POST"])
@require_permission(Permission.REVIEW)
def assess(ref: str) -> Response | tuple[str, int]:
    """Set, as a monitor, whether a lawsuit is abusive."""
    incident, form = load(Incident, ref, *queries.page_load_options()), forms.AssessLawsuitForm()

    def apply_change() -> None:
        is_abusive = bool(form.is_abusive.data)
        section_service.assess_lawsuit(incident, is_abusive=is_abusive, by=current_actor())

    return _handle_section(
        forms.IncidentPart(incident), form, apply_change, _("Assess the lawsuit")
    )


@bp.route("/<ref>/links/new", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def add_link(ref: str) -> Response | tuple[str, int]:
    """Link an incident to another one."""
    incident, form = load_editable_incident(ref), forms.IncidentLinkForm()

    def apply_change() -> None:
        typed = (form.other.data or "").upper()
        other = queries.incident_by_ref(typed) if REF_PATTERN.fullmatch(typed) else None
        section_service.add_link(incident, other, kind=form.kind.chosen_code(), by=current_actor())

    return _handle_section(
        forms.IncidentPart(incident), form, apply_change, _("Link to another incident")
    )


@bp.post("/<ref>/links/<int:number>/remove")
@require_permission(Permission.LOG)
def remove_link(ref: str, number: int) -> Response | tuple[str, int]:
    """Remove the link between two incidents with the id `number`."""
    incident = load_editable_incident(ref)
    return _handle_button(
        incident, lambda: section_service.remove_link(incident, number, by=current_actor())
    )


@bp.route("/<ref>/references/new", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def add_reference(ref: str) -> Response | tuple[str, int]:
    """Add the identifier of an incident in an external list."""
    incident, form = load_editable_incident(ref), forms.IncidentReferenceForm()

    def apply_change() -> None:
        section_service.add_reference(
            incident,
            scheme=form.scheme.data or "",
            identifier=form.identifier.data or "",
            url=form.url.data or "",
            by=current_actor(),
        )

    return _handle_section(
        forms.IncidentPart(incident), form, apply_change, _("Add an external ID")
    )


@bp.post("/<ref>/references/<int:number>/remove")
@require_permission(Permission.LOG)
def remove_reference(ref: str, number: int) -> Response | tuple[str, int]:
    """Remove the identifier of an incident in an external list, by its id `number`."""
    incident = load_editable_incident(ref)
    return _handle_button(
        incident, lambda: section_service.remove_reference(incident, number, by=current_actor())
    )


def _get_target(incident: Incident, target_id: int) -> IncidentTarget:
    """Return a target of an incident by its id; raise NotFound if there is none."""
    return row_by_id(incident.targets, target_id)


def _handle_section(
    part: forms.IncidentPart,
    form: forms.IncidentPartForm,
    apply_change: Callable[[], None],
    heading: str,
) -> Response | tuple[str, int]:
    """Show a form for one part of an incident, under `heading`. If the form was sent, save it by
    calling `apply_change` and go back to the page of the incident.
    """
    answer = handle_form(form, apply_change, to=url_for(".show", ref=part.ref), record=part)
    return answer or render_form(
        "incidents/section.html", form=form, incident=part.incident, heading=heading
    )


def _handle_button(
    incident: Incident, apply_change: Callable[[], None]
) -> Response | tuple[str, int]:
    """Do what a button on the page of an incident asks for, by calling `apply_change`. If another
    user saved the incident since the page was shown, show that instead.
    """
    form = PartForm()
    answer = handle_form(form, apply_change, to=url_for(".show", ref=incident.ref), record=incident)
    return answer or render_form("incidents/refused.html", form=form, incident=incident)


@register_panel("journalist")
def journalist_panel(journalist: Journalist) -> str:
    """Render the latest incidents in which a journalist is a target."""
    return _render_latest_incidents(
        queries.incidents_of_journalist(journalist), {"journalist": journalist.ref}
    )


@register_panel("outlet")
def outlet_panel(outlet: Outlet) -> str:
    """Render the latest incidents in which an outlet, or somebody working for it, is a target."""
    return _render_latest_incidents(queries.incidents_of_outlet(outlet), {"outlet": outlet.ref})


@register_panel("review_queue")
def deadlines_panel(_page: None) -> str:
    """Render the statuses of targets that end within a month or are overdue."""
    today = clock.current_date()
    return render_template(
        "incidents/ends_panel.html",
        past=queries.overdue_statuses(today),
        near=queries.statuses_ending_soon(today),
        near_days=queries.DEADLINE_WINDOW_DAYS,
        most=queries.MAX_STATUSES_SHOWN,
        today=today,
    )


def _render_latest_incidents(rows: Select[Incident], args: dict[str, str]) -> str:
    """Render the latest of these incidents, with a link to the list of all of them. `args`: the
    query parameters of that link.
    """
    shown = (
        queries.sort_latest_first(rows)
        .limit(MAX_PANEL_INCIDENTS)
        .options(*queries.joined_row_load_options())
    )
    return render_template(
        "incidents/people_panel.html",
        listed=INCIDENT_LIST,
        incidents=db.session.scalars(shown).unique().all(),
        count=queries.count_incidents(rows.where(is_not_retracted(Incident))),
        args=args,
    )

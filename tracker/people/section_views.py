"""Routes that the pages of journalists, outlets and institutions share.

Recording a new record unless it exists, editing, and the sections of names and external
identifiers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from flask import Blueprint

from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.kit.sections import ViewResponse, handle_row_removal, handle_section_form
from tracker.people import forms, service
from tracker.people.models import Institution, Journalist, Outlet
from tracker.permissions import Permission
from tracker.web.forms import PartForm, render_form
from tracker.web.guards import current_actor, require_permission
from tracker.web.saving import handle_form, record_url

NamedRecordType = TypeVar("NamedRecordType", Journalist, Outlet, Institution)  # a record with names
ReferencedType = TypeVar("ReferencedType", Journalist, Outlet)  # a record with external identifiers


def new_record_page(
    heading: str,
    form: forms.NewNamedRecordForm,
    add: Callable[[str], NamedRecordType],
    *,
    likely_matches: Callable[[str], Sequence[NamedRecordType]],
    find_by_ref: Callable[[str], NamedRecordType | None],
    existing_message: str,
) -> ViewResponse:
    """Show the form for a new record, or save it. Likely matches are shown first, and the user may
    choose one of them. `add`: records the entered name; `likely_matches`: finds records that a name
    may match; `find_by_ref`: finds the chosen record; `existing_message`: the message if an
    existing record is chosen.
    """

    def choose_or_add() -> tuple[NamedRecordType, str]:
        wanted = form.who.resolve(likely_matches, find_by_ref)
        if wanted is None:
            raise InvalidInput(name=_("Give a name."))
        if wanted.record is not None:
            return wanted.record, existing_message
        return add(wanted.name), _("Saved.")

    answer = handle_form(
        form,
        lambda: forms.run_with_errors_at_name_input(choose_or_add),
        to=lambda wanted: record_url(wanted[0]),
        message=lambda wanted: wanted[1],
    )
    return answer or render_form("people/new.html", form=form, heading=heading)


def edit_record_page(
    record: NamedRecordType, form: forms.EditNamedRecordForm, edit: Callable[..., None]
) -> ViewResponse:
    """Show the form to edit a record, or save it. `edit`: the function that saves, such as
    `service.edit_outlet`, called with the record and the submitted values.
    """

    def apply_change() -> None:
        edit(
            record,
            name=form.name.data or "",
            is_correction=form.is_correction.data,
            by=current_actor(),
            **form.submitted_values(),
        )

    answer = handle_form(form, apply_change, to=record_url(record), record=record)
    return answer or render_form("people/edit.html", form=form, record=record)


def add_names_section(
    bp: Blueprint,
    load_record: Callable[[str], NamedRecordType],
    render_page: Callable[[NamedRecordType, PartForm], tuple[str, int]],
) -> None:
    """Add routes to a blueprint: to add a name to a record, and to remove a name. `load_record`:
    returns the record with a ref if the viewer may edit it; `render_page`: renders the page of the
    record with the submitted form.
    """

    @bp.post("/<ref>/names/add")
    @require_permission(Permission.LOG)
    def add_name(ref: str) -> ViewResponse:
        """Add another name."""
        record, form = load_record(ref), forms.NameVariantForm()
        return handle_section_form(
            record,
            form,
            lambda: service.add_name(
                record, form.name.data or "", kind=form.kind.chosen_code(), by=current_actor()
            ),
            render_page,
        )

    @bp.post("/<ref>/names/remove")
    @require_permission(Permission.LOG)
    def remove_name(ref: str) -> ViewResponse:
        """Remove a name entered by mistake."""
        return handle_row_removal(load_record(ref), service.remove_name, render_page)


def add_references_section(
    bp: Blueprint,
    load_record: Callable[[str], ReferencedType],
    render_page: Callable[[ReferencedType, PartForm], tuple[str, int]],
) -> None:
    """Add routes to a blueprint: to add an external identifier to a record, and to remove one.
    `load_record`: returns the record with a ref if the viewer may edit it; `render_page`: renders
    the page of the record with the submitted form.
    """

    @bp.post("/<ref>/references/add")
    @require_permission(Permission.LOG)
    def add_reference(ref: str) -> ViewResponse:
        """Add an external identifier."""
        record, form = load_record(ref), forms.ReferenceForm()
        return handle_section_form(
            record,
            form,
            lambda: service.add_reference(
                record,
                scheme=form.scheme.data or "",
                identifier=form.identifier.data or "",
                url=form.url.data or "",
                by=current_actor(),
            ),
            render_page,
        )

    @bp.post("/<ref>/references/remove")
    @require_permission(Permission.LOG)
    def remove_reference(ref: str) -> ViewResponse:
        """Remove an external identifier."""
        return handle_row_removal(load_record(ref), service.remove_reference, render_page)

"""Forms in sections of a record's page; pages for history, sharing and confidential data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField

from tracker.i18n import _
from tracker.permissions import Permission
from tracker.records import Record
from tracker.web.forms import (
    ChooseIncidentForm,
    PartForm,
    RemoveForm,
    ShareForm,
    VersionedForm,
    render_form,
)
from tracker.web.guards import current_actor, require_permission
from tracker.web.saving import handle_form, record_url, without_write_lock

# A model of records.
RecordType = TypeVar("RecordType", bound=Record)
# A class of forms for a part of a record.
PartFormType = TypeVar("PartFormType", bound=PartForm)
# A response, or a page and its status.
ViewResponse = Response | tuple[str, int]


def handle_section_form(
    record: RecordType,
    form: PartForm,
    apply_change: Callable[[], object],
    render_page: Callable[[RecordType, PartForm], tuple[str, int]],
    *,
    check: Callable[[], object] | None = None,
) -> ViewResponse:
    """Save the form of a section and redirect to the page of the record, or render its errors.
    `apply_change`: saves; `render_page`: renders the page of the record with a form; `check`: the
    part of `apply_change` that only validates. It is called even if a field is invalid by itself,
    to show all errors.
    """
    answer = handle_form(form, apply_change, to=record_url(record), record=record, check=check)
    return answer or render_page(record, form)


def handle_row_removal(
    record: RecordType,
    remove: Callable[..., None],
    render_page: Callable[[RecordType, PartForm], tuple[str, int]],
) -> ViewResponse:
    """Remove the row whose id was submitted, and redirect to the record, or render the errors.
    `remove`: removes the row, given the record, the id and, as `by`, the user; `render_page`:
    renders the page of the record with a form.
    """
    form = RemoveForm()

    def apply_change() -> None:
        remove(record, form.number.data or 0, by=current_actor())

    return handle_section_form(record, form, apply_change, render_page)


def submitted_form_or_new(
    kind: type[PartFormType], submitted: PartForm | None, record: Record
) -> PartFormType:
    """Return the submitted form if it is of the class `kind`, else a new form of this class for the
    record.
    """
    return submitted if isinstance(submitted, kind) else kind.for_record(record)


def add_history_page(bp: Blueprint, load_record: Callable[[str], Record]) -> None:
    """Add the route of the history page; `load_record` returns the record with a ref."""

    @bp.get("/<ref>/history")
    @require_permission(Permission.READ)
    def history(ref: str) -> str:
        """Show the history of a record."""
        return render_template("layout/history.html", record=load_record(ref))


def add_share_page(
    bp: Blueprint,
    load_record: Callable[[str], RecordType],
    *,
    list_shared_records: Callable[[RecordType], Sequence[Any]],
    share_record: Callable[..., None],
) -> None:
    """Add the route of the page that shares a record with all users. `load_record`: returns the
    record with a ref if the viewer may edit it; `list_shared_records`: returns the records that are
    shared together with a record; `share_record`: shares them all, given the record, as
    `listed_refs` the refs that the page listed, and as `by` the user.
    """

    @bp.route("/<ref>/share", methods=["GET", "POST"])
    @require_permission(Permission.LOG)
    def share(ref: str) -> ViewResponse:
        """List the records that are shared with this one, and share it with all users."""
        record, form = load_record(ref), ShareForm()
        answer = handle_form(
            form,
            lambda: share_record(record, listed_refs=form.listed_refs(), by=current_actor()),
            to=record_url(record),
            message=_("Everybody who signs in sees it now."),
        )
        if answer is not None:
            return answer
        # The button shares what this list shows, whatever was named before.
        listed = list_shared_records(record)
        form.populate(listed)
        return render_form("layout/share.html", form=form, record=record, shown=listed)


def add_incident_routes(
    bp: Blueprint,
    load_record: Callable[[str], RecordType],
    render_page: Callable[[RecordType, PartForm], tuple[str, int]],
    *,
    set_choices: Callable[[ChooseIncidentForm, RecordType], None],
    find_incident: Callable[[str], Any],
    link: Callable[..., None],
    unlink: Callable[..., None],
) -> None:
    """Add the routes that link a record to an incident and unlink it. `load_record`: returns the
    record with a ref if the viewer may edit it; `render_page`: renders its page with a form;
    `set_choices`: sets the incidents to choose from; `find_incident`: returns the incident with a
    ref; `link`: saves, given the record, the incident, and as `by` the user; `unlink`: the same,
    with the id of the link instead of the incident.
    """

    @bp.post("/<ref>/incidents")
    @require_permission(Permission.LOG)
    def add_incident(ref: str) -> ViewResponse:
        """Link the record to an incident."""
        record, form = load_record(ref), ChooseIncidentForm()
        set_choices(form, record)

        def apply_change() -> None:
            link(record, find_incident(form.chosen_ref()), by=current_actor())

        return handle_section_form(record, form, apply_change, render_page)

    @bp.post("/<ref>/incidents/remove")
    @require_permission(Permission.LOG)
    def remove_incident(ref: str) -> ViewResponse:
        """Unlink the record from an incident."""
        return handle_row_removal(load_record(ref), unlink, render_page)


class ConfidentialForm(VersionedForm):
    """A form for confidential columns, for staff of the record's team.
    Each field has the name of its column.
    """

    IS_KEPT_IN_HISTORY = False

    def populate(self, record: Any) -> None:  # noqa: ANN401 (a confidential row)
        """Fill the form with the values and the version of a confidential row."""
        self.version.data = str(record.version)
        for field in self._value_fields():
            field.data = getattr(record, field.name) or ""

    def form_values(self) -> dict[str, str]:
        """Return the submitted values by column name."""
        return {field.name: field.data or "" for field in self._value_fields()}

    def _value_fields(self) -> list[Any]:
        """Return the fields of the confidential columns."""
        # The form's own hidden fields: its CSRF token and version.
        return [field for field in self if not isinstance(field, HiddenField)]


def handle_confidential_form(
    record: Record,
    form: ConfidentialForm,
    *,
    log_view: Callable[[], None],
    load_row: Callable[[], Any],
    save_values: Callable[[Any, dict[str, str]], None],
) -> Response | tuple[str, int]:
    """Render or save a form of confidential values; the caller checks permissions.
    `log_view`: logs that the user views them; `load_row`: returns the row with them; `save_values`:
    stores the submitted values, given the row, and the values by column name.
    """
    log_before_reading(form, log_view)
    row = load_row()
    return handle_form(
        form,
        lambda: save_values(row, form.form_values()),
        to=url_for(f"{record.ENDPOINT}.show", ref=record.ref),
        record=row,
    ) or render_form("layout/confidential.html", form=form, record=record)


def log_before_reading(form: VersionedForm, log_view: Callable[[], None]) -> None:
    """Call `log_view`, which logs that the user views confidential data, before the data are read.
    If `form` is submitted, the request holds the write lock of the database, and releases it first.
    """
    if form.is_submitted():
        without_write_lock(log_view)
    else:
        log_view()

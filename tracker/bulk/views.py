"""Pages and forms of bulk actions, which change several records of a list at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from flask import Blueprint, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import DateField, HiddenField
from wtforms.validators import InputRequired, Optional

from tracker.bulk import queries
from tracker.bulk.queries import BULK_LISTS, MAX_RECORDS_PER_SAVE, BulkList
from tracker.cases.models import Case
from tracker.cases.queries import cases_for_filing, placements_by_record
from tracker.cases.service import file_records, get_or_open_case
from tracker.errors import InvalidInput, NotFound
from tracker.i18n import _, country_names, lazy, ngettext
from tracker.permissions import Permission
from tracker.records import Record
from tracker.review.queries import possible_assignees
from tracker.review.rules import reason_not_submitted
from tracker.review.service import add_comment, restrict_records, submit_record
from tracker.users.models import User
from tracker.web import forms
from tracker.web.forms import render_form
from tracker.web.guards import current_actor, require_permission
from tracker.web.saving import SEE_OTHER, handle_form, record_url

bp = Blueprint("bulk", __name__, url_prefix="/bulk")
# The query parameter for all records of a list's filter instead of the selected rows.
ALL_PARAMETER = "all"
NO_ROWS_MESSAGE = lazy("Select rows first, or all records of the list.")
# A response, or a page and its status.
ViewResponse = Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class BulkAction:
    """A bulk action on rows of a list, for users with any of the permissions. `name`: the name of
    its view function in this module; `label`: the text of its button; `list_names`: the keys in
    `BULK_LISTS` of the lists that offer it.
    """

    name: str
    label: object
    permissions: tuple[Permission, ...]
    list_names: tuple[str, ...] = tuple(BULK_LISTS)

    def is_available_in(self, list_name: str) -> bool:
        """Return whether a list, given by its key in `BULK_LISTS`, offers the viewer the action."""
        return list_name in self.list_names and any(
            map(current_actor().has_permission, self.permissions)
        )


# All bulk actions, in the order in which a list offers them.
BULK_ACTIONS = (
    BulkAction("submit", lazy("Submit for review"), (Permission.LOG,)),
    BulkAction("assign", lazy("Assign"), (Permission.LOG, Permission.REVIEW)),
    BulkAction("file", lazy("File in a case"), (Permission.LOG,)),
    BulkAction("restrict", lazy("Restrict to team"), (Permission.LOG,), ("incidents",)),
    BulkAction("export", lazy("Export"), (Permission.EXPORT,), ("incidents",)),
)


class BulkResult(NamedTuple):
    """The message after a bulk save, and the record to redirect to, None for the list."""

    message: str
    record: Any = None


class BulkForm(forms.TrackerForm):
    """A form of a bulk action: the previewed records, each with its version."""

    records = HiddenField()

    def set_records(self, records: Iterable[Record]) -> None:
        """Set the previewed records and their versions."""
        self.records.data = " ".join(f"{one.ref}:{one.version}" for one in records)

    def versions_by_ref(self) -> dict[str, str]:
        """Return the versions of the previewed records by ref; {} if there are more records than
        one save may change.
        """
        pairs = (one.partition(":") for one in (self.records.data or "").split())
        found = {ref: version for ref, _colon, version in pairs}
        # No preview has more records.
        return found if len(found) <= MAX_RECORDS_PER_SAVE else {}


class AssignForm(BulkForm):
    """A form to assign the records: to whom, until when, and what to do."""

    assigned_to = forms.ChoiceField(
        lazy("Assign to"), choices=[], default="", validators=[InputRequired()]
    )
    due_on = DateField(lazy("Due date"), validators=[Optional()])
    comment = forms.LongTextField(lazy("Comment"), max_length=4000, required=True)

    def set_choices(self, people: Iterable[User]) -> None:
        """Set the users who can see all of the records as choices."""
        self.assigned_to.choices = [("", "—"), *((one.name, one.name) for one in people)]


class CaseForm(BulkForm):
    """A form to file the records in a case: an existing one, or a new one titled here."""

    case = forms.ChoiceField(lazy("Case"), default="")
    title = forms.TextField(lazy("Title of the new case"), max_length=300)
    country = forms.ChoiceField(
        lazy("Country of the new case"),
        choices=lambda: [("", "—"), *country_names()],
        default="",
    )

    def set_choices(self, cases: Iterable[Case]) -> None:
        """Set these cases, and a new case, as choices."""
        named = [(one.ref, f"{one.title} ({one.ref})") for one in cases]
        self.case.choices = [("", str(lazy("A new case, titled below"))), *named]


@bp.record
def _register_globals(state: BlueprintSetupState) -> None:
    """Make the actions of a list available to templates, and the number of records that one action
    may change at most.
    """
    state.app.jinja_env.globals["bulk_actions"] = lambda kind: [
        one for one in BULK_ACTIONS if one.is_available_in(kind)
    ]
    state.app.jinja_env.globals["most_changed"] = MAX_RECORDS_PER_SAVE


@bp.route("/<kind>/submit", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def submit(kind: str) -> ViewResponse:
    """Submit the drafts among several records for review; `kind`: a key of `BULK_LISTS`."""
    by = current_actor()

    def apply_change(records: Sequence[Any]) -> BulkResult:
        for one in records:
            submit_record(one, by=by)
        count = len(records)
        return BulkResult(ngettext("%(num)d draft submitted.", "%(num)d drafts submitted.", count))

    return _handle_action(kind, BulkForm(), reason_not_submitted, apply_change)


@bp.route("/<kind>/assign", methods=["GET", "POST"])
@require_permission(Permission.READ)
def assign(kind: str) -> ViewResponse:
    """Assign several records to a user; `kind`: a key of `BULK_LISTS`."""
    form, by = AssignForm(), current_actor()

    def apply_change(records: Sequence[Any]) -> BulkResult:
        for one in records:
            add_comment(
                one,
                form.comment.data or "",
                assigned_to=form.assigned_to.data,
                due_on=form.due_on.data,
                by=by,
            )
        count = len(records)
        return BulkResult(ngettext("%(num)d record assigned.", "%(num)d records assigned.", count))

    def prepare(records: Sequence[Any]) -> None:
        form.set_choices(possible_assignees(records))

    return _handle_action(kind, form, queries.assign_refusal_reason, apply_change, prepare)


@bp.route("/<kind>/file", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def file(kind: str) -> ViewResponse:
    """File several records in an existing or a new case; `kind`: a key of `BULK_LISTS`."""
    form, by = CaseForm(), current_actor()

    def apply_change(records: Sequence[Any]) -> BulkResult:
        case = get_or_open_case(
            form.case.data,
            title=form.title.data or "",
            country=form.country.data,
            origins=records,
            by=by,
        )
        count = len(file_records(case, records, by=by))
        words = ngettext("%(num)d record filed.", "%(num)d records filed.", count)
        return BulkResult(words if count else _("All of them were in this case already."), case)

    def prepare(records: Sequence[Any]) -> None:
        form.set_choices(cases_for_filing(records, by=by))

    return _handle_action(kind, form, queries.file_refusal_reason, apply_change, prepare)


@bp.route("/<kind>/restrict", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def restrict(kind: str) -> ViewResponse:
    """Restrict several records to their teams; `kind`: a key of `BULK_LISTS`."""
    by = current_actor()

    def apply_change(records: Sequence[Any]) -> BulkResult:
        restrict_records(records, by=by)
        count = len(records)
        return BulkResult(
            ngettext("%(num)d record restricted.", "%(num)d records restricted.", count)
        )

    return _handle_action(kind, BulkForm(), queries.restrict_refusal_reason, apply_change)


@bp.get("/<kind>/export")
@require_permission(Permission.EXPORT)
def export(kind: str) -> ViewResponse:
    """Redirect to the export page with the selected rows; `kind`: a key of `BULK_LISTS`."""
    action, bulk_list = _requested_action(kind)
    filters = _selected_filter(bulk_list)
    if filters is None:
        return _render_refusal(action, bulk_list, BulkForm(), str(NO_ROWS_MESSAGE))
    return redirect(url_for("reports.index", **filters.to_args()), code=SEE_OTHER)


def _handle_action(
    list_name: str,
    form: BulkForm,
    get_refusal_reason: queries.RefusalReasonGetter,
    apply_change: Callable[[Sequence[Any]], BulkResult],
    set_form_choices: Callable[[Sequence[Any]], None] = lambda _records: None,
) -> ViewResponse:
    """Render the preview of an action, or save it if all previewed records are unchanged.
    `list_name`: a key of `BULK_LISTS`; `get_refusal_reason`: returns why a record cannot be
    changed; `apply_change`: changes records; `set_form_choices`: sets the form's choices for them.
    """
    action, bulk_list = _requested_action(list_name)
    if not form.is_submitted():
        return _render_preview(action, bulk_list, form, get_refusal_reason, set_form_choices)
    versions, by = form.versions_by_ref(), current_actor()

    def announced() -> queries.RecordSplit:
        records = queries.visible_records(bulk_list, versions)
        split = queries.split_records(records, get_refusal_reason, by, versions)
        set_form_choices(split.changed)
        return split

    split = announced()
    if len(split.changed) < len(versions):
        form.set_records(split.changed)
        hidden = len(versions) - len(split.changed) - sum(map(len, split.unchanged.values()))
        return _render_page(action, bulk_list, form, split, hidden_count=hidden)[0], 409

    def save() -> BulkResult:
        if not split.changed:
            raise InvalidInput(nothing=_("Nothing here can be changed."))
        return apply_change(split.changed)

    answer = handle_form(
        form,
        save,
        to=lambda result: record_url(result.record) if result.record else _list_url(bulk_list),
        message=lambda result: result.message,
    )
    return answer or _render_page(action, bulk_list, form, announced())  # read after a rollback


def _render_preview(
    action: BulkAction,
    bulk_list: BulkList,
    form: BulkForm,
    get_refusal_reason: queries.RefusalReasonGetter,
    set_form_choices: Callable[[Sequence[Any]], None],
) -> ViewResponse:
    """Render the page that says which records an action will change, and which it will not.
    `get_refusal_reason`: returns why a record cannot be changed; `set_form_choices`: sets the
    choices of the form, given the records to change.
    """
    filters = _selected_filter(bulk_list)
    if filters is None:
        return _render_refusal(action, bulk_list, form, str(NO_ROWS_MESSAGE))
    records = queries.filtered_records(bulk_list, filters)
    if len(records) > MAX_RECORDS_PER_SAVE:
        note = _(
            "These are more than %(most)d records: filter the list first.",
            most=MAX_RECORDS_PER_SAVE,
        )
        return _render_refusal(action, bulk_list, form, note)
    split = queries.split_records(records, get_refusal_reason, current_actor())
    set_form_choices(split.changed)
    form.set_records(split.changed)
    return _render_page(action, bulk_list, form, split)


def _requested_action(list_name: str) -> tuple[BulkAction, BulkList]:
    """Return the requested action, and the list with this name in `BULK_LISTS`.
    Raise NotFound if the list has no such action.
    """
    action = next(one for one in BULK_ACTIONS if request.endpoint == f"bulk.{one.name}")
    if list_name not in action.list_names:
        raise NotFound
    return action, BULK_LISTS[list_name]


def _selected_filter(bulk_list: BulkList) -> Any:  # noqa: ANN401 (a filter of the list, or None)
    """Return the filter that selects the requested rows, None if no row is selected."""
    args = MultiDict(request.args)
    is_all = args.pop(ALL_PARAMETER, "") == "yes"
    filters = bulk_list.filter_class.from_args(args)
    if is_all:
        return replace(filters, record=())
    return filters if filters.record else None


def _list_url(bulk_list: BulkList) -> str:
    """Return the URL of the list with the filter of the request."""
    args = MultiDict(request.args)
    args.pop(ALL_PARAMETER, None)
    filters = replace(bulk_list.filter_class.from_args(args), record=())
    return url_for(f"{bulk_list.model.ENDPOINT}.index", **filters.to_args())


def _render_refusal(
    action: BulkAction, bulk_list: BulkList, form: BulkForm, refusal: str
) -> tuple[str, int]:
    """Render the page of an action without any record; `refusal`: the reason, for the user."""
    return _render_page(action, bulk_list, form, queries.RecordSplit(), refusal=refusal)


def _render_page(
    action: BulkAction,
    bulk_list: BulkList,
    form: BulkForm,
    split: queries.RecordSplit,
    *,
    hidden_count: int | None = None,
    refusal: str = "",
) -> tuple[str, int]:
    """Render the page of an action; return it and its status. `hidden_count`: the number of
    previewed records that the viewer can no longer see, None if records were not compared with a
    preview; `refusal`: why no record can be changed, "" if some can.
    """
    return render_form(
        "bulk/page.html",
        form=form,
        action=action,
        parts=split,
        hidden=hidden_count,
        note=refusal,
        list_url=_list_url(bulk_list),
        places=placements_by_record(split.changed) if action.name == "file" else {},
    )

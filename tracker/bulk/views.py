"""Pages of bulk actions, which change several records of a list at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from flask import Blueprint, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from tracker.bulk import queries
from tracker.bulk.forms import AssignForm, BulkForm, CaseForm
from tracker.bulk.queries import BULK_LISTS, MAX_RECORDS_PER_SAVE, BulkList
from tracker.cases.queries import cases_for_filing, placements_of
from tracker.cases.service import file_records, get_or_open_case
from tracker.errors import InvalidInput, NotFound
from tracker.i18n import _, lazy, ngettext
from tracker.incidents.service import restrict_incident
from tracker.permissions import Permission
from tracker.review.rules import reason_not_submitted
from tracker.review.service import add_comment, submit_record
from tracker.web.forms import render_form
from tracker.web.guards import current_actor, require_permission
from tracker.web.saving import SEE_OTHER, handle_form, record_url

bp = Blueprint("bulk", __name__, url_prefix="/bulk")
# The query parameter for all records of a list's filter instead of the selected rows.
ALL_PARAMETER = "all"
NO_ROWS_MESSAGE = lazy("Select rows first, or all records of the list.")
ViewResponse = Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class BulkAction:
    """A bulk action on rows of a list, for users with any of the permissions.

    `kinds`: the keys in `BULK_LISTS` of the lists that offer the action.
    """

    name: str
    label: object
    permissions: tuple[Permission, ...]
    kinds: tuple[str, ...] = tuple(BULK_LISTS)

    def is_available_in(self, kind: str) -> bool:
        """Return whether a list offers the action to the viewer."""
        return kind in self.kinds and any(map(current_actor().has_permission, self.permissions))


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


@bp.record
def _register_globals(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals["bulk_actions"] = lambda kind: [
        one for one in BULK_ACTIONS if one.is_available_in(kind)
    ]
    state.app.jinja_env.globals["most_changed"] = MAX_RECORDS_PER_SAVE


@bp.route("/<kind>/submit", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def submit(kind: str) -> ViewResponse:
    """Submit the drafts among several records for review."""
    by = current_actor()

    def act(records: Sequence[Any]) -> BulkResult:
        for one in records:
            submit_record(one, by=by)
        count = len(records)
        return BulkResult(ngettext("%(num)d draft submitted.", "%(num)d drafts submitted.", count))

    return _handle_action(kind, BulkForm(), reason_not_submitted, act)


@bp.route("/<kind>/assign", methods=["GET", "POST"])
@require_permission(Permission.READ)
def assign(kind: str) -> ViewResponse:
    """Assign several records to a user."""
    form, by = AssignForm(), current_actor()

    def act(records: Sequence[Any]) -> BulkResult:
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
        form.set_choices(queries.common_assignees(records))

    return _handle_action(kind, form, queries.reason_not_assigned, act, prepare)


@bp.route("/<kind>/file", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def file(kind: str) -> ViewResponse:
    """File several records in an existing or a new case."""
    form, by = CaseForm(), current_actor()

    def act(records: Sequence[Any]) -> BulkResult:
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

    return _handle_action(kind, form, queries.reason_not_filed, act, prepare)


@bp.route("/<kind>/restrict", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def restrict(kind: str) -> ViewResponse:
    """Restrict several records to their teams."""
    by = current_actor()

    def act(records: Sequence[Any]) -> BulkResult:
        for one in records:
            restrict_incident(one, by=by)
        count = len(records)
        return BulkResult(
            ngettext("%(num)d record restricted.", "%(num)d records restricted.", count)
        )

    return _handle_action(kind, BulkForm(), queries.reason_not_restricted, act)


@bp.get("/<kind>/export")
@require_permission(Permission.EXPORT)
def export(kind: str) -> ViewResponse:
    """Redirect to the export page with the selected rows."""
    action, found = _requested_action(kind)
    filters = _selected_filter(found)
    if filters is None:
        return _render_refusal(action, found, BulkForm(), str(NO_ROWS_MESSAGE))
    return redirect(url_for("reports.index", **filters.to_args()), code=SEE_OTHER)


def _handle_action(
    name: str,
    form: BulkForm,
    reason: queries.ReasonCheck,
    act: Callable[[Sequence[Any]], BulkResult],
    prepare: Callable[[Sequence[Any]], None] = lambda _records: None,
) -> ViewResponse:
    """Render the preview of an action, or save it if all previewed records are unchanged."""
    action, kind = _requested_action(name)
    if not form.is_submitted():
        return _render_preview(action, kind, form, reason, prepare)
    versions, by = form.versions_by_ref(), current_actor()

    def announced() -> queries.RecordSplit:
        records = queries.submitted_records(kind, versions)
        parts = queries.split_records(records, reason, by, versions)
        prepare(parts.changed)
        return parts

    parts = announced()
    if len(parts.changed) < len(versions):
        form.set_records(parts.changed)
        hidden = len(versions) - len(parts.changed) - sum(map(len, parts.left.values()))
        return _render_page(action, kind, form, parts, hidden=hidden)[0], 409

    def save() -> BulkResult:
        if not parts.changed:
            raise InvalidInput(nothing=_("Nothing here can be changed."))
        return act(parts.changed)

    answer = handle_form(
        form,
        save,
        to=lambda result: record_url(result.record) if result.record else _list_url(kind),
        message=lambda result: result.message,
    )
    # A refused save was rolled back: the records are read again.
    return answer or _render_page(action, kind, form, announced())


def _render_preview(
    action: BulkAction,
    kind: BulkList,
    form: BulkForm,
    reason: queries.ReasonCheck,
    prepare: Callable[[Sequence[Any]], None],
) -> ViewResponse:
    """Render which records an action will change, and which it will not."""
    filters = _selected_filter(kind)
    if filters is None:
        return _render_refusal(action, kind, form, str(NO_ROWS_MESSAGE))
    records = queries.filtered_records(kind, filters)
    if len(records) > MAX_RECORDS_PER_SAVE:
        note = _(
            "These are more than %(most)d records: filter the list first.",
            most=MAX_RECORDS_PER_SAVE,
        )
        return _render_refusal(action, kind, form, note)
    parts = queries.split_records(records, reason, current_actor())
    prepare(parts.changed)
    form.set_records(parts.changed)
    return _render_page(action, kind, form, parts)


def _requested_action(name: str) -> tuple[BulkAction, BulkList]:
    """Return the requested action and list; raise NotFound if the list has no such action."""
    action = next(one for one in BULK_ACTIONS if request.endpoint == f"bulk.{one.name}")
    if name not in action.kinds:
        raise NotFound
    return action, BULK_LISTS[name]


def _selected_filter(kind: BulkList) -> Any:  # noqa: ANN401 (a filter of the list, or None)
    """Return the filter that selects the requested rows, None if no row is selected."""
    args = MultiDict(request.args)
    is_all = args.pop(ALL_PARAMETER, "") == "yes"
    filters = kind.filter.from_args(args)
    if is_all:
        return replace(filters, record=())
    return filters if filters.record else None


def _list_url(kind: BulkList) -> str:
    """Return the URL of the list with its filter."""
    args = MultiDict(request.args)
    args.pop(ALL_PARAMETER, None)
    filters = replace(kind.filter.from_args(args), record=())
    return url_for(f"{kind.model.ENDPOINT}.index", **filters.to_args())


def _render_refusal(
    action: BulkAction, kind: BulkList, form: BulkForm, note: str
) -> tuple[str, int]:
    """Render the page without any record, with the reason."""
    return _render_page(action, kind, form, queries.RecordSplit(), note=note)


def _render_page(
    action: BulkAction,
    kind: BulkList,
    form: BulkForm,
    parts: queries.RecordSplit,
    *,
    hidden: int | None = None,
    note: str = "",
) -> tuple[str, int]:
    """Render the page of an action.

    `hidden`: the number of previewed records that the viewer can no longer see.
    """
    return render_form(
        "bulk/page.html",
        form=form,
        action=action,
        parts=parts,
        hidden=hidden,
        note=note,
        list_url=_list_url(kind),
        places=placements_of(parts.changed) if action.name == "file" else {},
    )

"""Pages that change several records of a list at once, and the buttons that lead to them."""

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
from tracker.bulk.queries import KINDS, MOST_CHANGED, Kind
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
# What the form of a list sends beside its filter: all that it finds, and not only the rows ticked.
ALL_PARAMETER = "all"
NO_ROWS = lazy("Select rows first, or all records of the list.")
Answer = Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Action:
    """What can be done with the rows of a list, by whoever has one of the permissions."""

    name: str
    label: object
    permissions: tuple[Permission, ...]
    kinds: tuple[str, ...] = tuple(KINDS)

    def is_for(self, kind: str) -> bool:
        """Return whether the viewer may do it in a list of this kind."""
        return kind in self.kinds and any(map(current_actor().has_permission, self.permissions))


ACTIONS = (
    Action("submit", lazy("Submit for review"), (Permission.LOG,)),
    Action("assign", lazy("Assign"), (Permission.LOG, Permission.REVIEW)),
    Action("file", lazy("File in a case"), (Permission.LOG,)),
    Action("restrict", lazy("Restrict to team"), (Permission.LOG,), ("incidents",)),
    Action("export", lazy("Export"), (Permission.EXPORT,), ("incidents",)),
)


class Result(NamedTuple):
    """What a save says, and the record that it leads to, if not back to the list."""

    message: str
    record: Any = None


@bp.record
def _register_globals(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals["bulk_actions"] = lambda kind: [
        one for one in ACTIONS if one.is_for(kind)
    ]
    state.app.jinja_env.globals["most_changed"] = MOST_CHANGED


@bp.route("/<kind>/submit", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def submit(kind: str) -> Answer:
    """Submit the drafts among several records for review."""
    by = current_actor()

    def act(records: Sequence[Any]) -> Result:
        for one in records:
            submit_record(one, by=by)
        count = len(records)
        return Result(ngettext("%(num)d draft submitted.", "%(num)d drafts submitted.", count))

    return _handle(kind, BulkForm(), reason_not_submitted, act)


@bp.route("/<kind>/assign", methods=["GET", "POST"])
@require_permission(Permission.READ)
def assign(kind: str) -> Answer:
    """Ask somebody to do something about several records."""
    form, by = AssignForm(), current_actor()

    def act(records: Sequence[Any]) -> Result:
        for one in records:
            add_comment(
                one,
                form.comment.data or "",
                assigned_to=form.assigned_to.data,
                due_on=form.due_on.data,
                by=by,
            )
        count = len(records)
        return Result(ngettext("%(num)d record assigned.", "%(num)d records assigned.", count))

    def prepare(records: Sequence[Any]) -> None:
        form.set_choices(queries.assignees_of_all(records))

    return _handle(kind, form, queries.reason_not_assigned, act, prepare)


@bp.route("/<kind>/file", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def file(kind: str) -> Answer:
    """File several records in a case, which may be opened in the same step."""
    form, by = CaseForm(), current_actor()

    def act(records: Sequence[Any]) -> Result:
        case = get_or_open_case(
            form.case.data,
            title=form.title.data or "",
            country=form.country.data,
            origins=records,
            by=by,
        )
        count = len(file_records(case, records, by=by))
        words = ngettext("%(num)d record filed.", "%(num)d records filed.", count)
        return Result(words if count else _("All of them were in this case already."), case)

    def prepare(records: Sequence[Any]) -> None:
        form.set_choices(cases_for_filing(records, by=by))

    return _handle(kind, form, queries.reason_not_filed, act, prepare)


@bp.route("/<kind>/restrict", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def restrict(kind: str) -> Answer:
    """Restrict several records to their teams."""
    by = current_actor()

    def act(records: Sequence[Any]) -> Result:
        for one in records:
            restrict_incident(one, by=by)
        count = len(records)
        return Result(ngettext("%(num)d record restricted.", "%(num)d records restricted.", count))

    return _handle(kind, BulkForm(), queries.reason_not_restricted, act)


@bp.get("/<kind>/export")
@require_permission(Permission.EXPORT)
def export(kind: str) -> Answer:
    """Lead to the export page with the rows selected."""
    action, found = _asked(kind)
    filters = _filters(found)
    if filters is None:
        return _nothing(action, found, BulkForm(), str(NO_ROWS))
    return redirect(url_for("reports.index", **filters.to_args()), code=SEE_OTHER)


def _handle(
    name: str,
    form: BulkForm,
    reason: queries.Reason,
    act: Callable[[Sequence[Any]], Result],
    prepare: Callable[[Sequence[Any]], None] = lambda _records: None,
) -> Answer:
    """Show what an action will change, or change all of what was announced, or nothing."""
    action, kind = _asked(name)
    if not form.is_submitted():
        return _announce(action, kind, form, reason, prepare)
    versions, by = form.versions(), current_actor()

    def announced() -> queries.Split:
        records = queries.announced_records(kind, versions)
        parts = queries.split_records(records, reason, by, versions)
        prepare(parts.changed)
        return parts

    parts = announced()
    if len(parts.changed) < len(versions):
        form.announce(parts.changed)
        hidden = len(versions) - len(parts.changed) - sum(map(len, parts.left.values()))
        return _page(action, kind, form, parts, hidden=hidden)[0], 409

    def save() -> Result:
        if not parts.changed:
            raise InvalidInput(nothing=_("Nothing here can be changed."))
        return act(parts.changed)

    answer = handle_form(
        form,
        save,
        to=lambda result: record_url(result.record) if result.record else _list(kind),
        message=lambda result: result.message,
    )
    # A refused save was rolled back: the records are read again.
    return answer or _page(action, kind, form, announced())


def _announce(
    action: Action,
    kind: Kind,
    form: BulkForm,
    reason: queries.Reason,
    prepare: Callable[[Sequence[Any]], None],
) -> Answer:
    """Show what an action will change and what it leaves."""
    filters = _filters(kind)
    if filters is None:
        return _nothing(action, kind, form, str(NO_ROWS))
    records = queries.records_of_filter(kind, filters)
    if len(records) > MOST_CHANGED:
        note = _("These are more than %(most)d records: filter the list first.", most=MOST_CHANGED)
        return _nothing(action, kind, form, note)
    parts = queries.split_records(records, reason, current_actor())
    prepare(parts.changed)
    form.announce(parts.changed)
    return _page(action, kind, form, parts)


def _asked(name: str) -> tuple[Action, Kind]:
    """Return the action and the list that the address names."""
    action = next(one for one in ACTIONS if request.endpoint == f"bulk.{one.name}")
    if name not in action.kinds:
        raise NotFound
    return action, KINDS[name]


def _filters(kind: Kind) -> Any:  # noqa: ANN401 (a filter of the list, or None)
    """Return the filter of the rows selected, None if there are none."""
    args = MultiDict(request.args)
    is_all = args.pop(ALL_PARAMETER, "") == "yes"
    filters = kind.filter.from_args(args)
    if is_all:
        return replace(filters, record=())
    return filters if filters.record else None


def _list(kind: Kind) -> str:
    """Return the address of the list with its filter."""
    args = MultiDict(request.args)
    args.pop(ALL_PARAMETER, None)
    filters = replace(kind.filter.from_args(args), record=())
    return url_for(f"{kind.model.ENDPOINT}.index", **filters.to_args())


def _nothing(action: Action, kind: Kind, form: BulkForm, note: str) -> tuple[str, int]:
    """Render that nothing can be changed, and why."""
    return _page(action, kind, form, queries.Split(), note=note)


def _page(
    action: Action,
    kind: Kind,
    form: BulkForm,
    parts: queries.Split,
    *,
    hidden: int | None = None,
    note: str = "",
) -> tuple[str, int]:
    """Render what will be changed; `hidden`: after a change in between, how many are not shown."""
    return render_form(
        "bulk/page.html",
        form=form,
        action=action,
        parts=parts,
        hidden=hidden,
        note=note,
        list_url=_list(kind),
        places=placements_of(parts.changed) if action.name == "file" else {},
    )

"""Views of cases: the list, the page of a case, its records, and the forms that edit it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, cast

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from tracker import clock
from tracker.cases import forms as case_forms
from tracker.cases import news_queries, queries, service
from tracker.cases.models import Case
from tracker.cases.queries import CaseFilter
from tracker.cases.rules import (
    DORMANT_AFTER_DAYS,
    MAX_RELATED_GAP_DAYS,
    inverse_link_label,
    link_label,
)
from tracker.errors import InvalidInput, NotFound
from tracker.i18n import _, country_name, lazy, localized_date
from tracker.incidents.models import Incident
from tracker.kit.lists import COUNTRY_COLUMN, REF_COLUMN, Column, RecordList, add_column
from tracker.kit.sections import add_history_page
from tracker.people.queries import journalist_by_ref
from tracker.permissions import Permission, Visibility
from tracker.records import Record
from tracker.review.service import restrict_records
from tracker.users.queries import list_actor_teams
from tracker.web.filters import reject_unknown_parameters
from tracker.web.forms import PartForm, TrackerForm, render_form
from tracker.web.guards import (
    current_actor,
    require_editor,
    require_permission,
    shows_filter_errors,
)
from tracker.web.saving import handle_form, load

bp = Blueprint("cases", __name__, url_prefix="/cases")
add_history_page(bp, lambda ref: load(Case, ref))


def _load_case_cells(incidents: Sequence[Incident]) -> Callable[[Incident], list[Case]]:
    """Load the cases of the incidents in a list. Return a function from one of these incidents to
    its cases, for the column *Case*.
    """
    places = queries.placements_by_record(incidents)
    return lambda incident: [place.case for place in places[incident]]


add_column(
    "incidents.index",
    Column(name="cases", label=lazy("Case"), kind="records", load=_load_case_cells),
    after="country",
)


def _column_loader(
    read: Callable[[Sequence[Case]], Mapping[int, Any]], format_value: Callable[[Any], Any]
) -> Callable[[Sequence[Case]], Callable[[Case], Any]]:
    """Return a function for `Column.load`: it loads a column of the list of cases, and returns the
    function from a case to the content of its cell. `read`: returns, by case id, the values of
    several cases; `format_value`: returns the cell of a value. Without a value the cell is "".
    """

    def load(cases: Sequence[Case]) -> Callable[[Case], Any]:
        found = read(cases)
        return lambda case: format_value(found[case.id]) if case.id in found else ""

    return load


# The columns by which the list of cases is sorted, in descending order.
SORT_ORDER: Any = (Case.recorded_at, Case.ref)
# The columns of the list of cases, and the fields whose values are counted beside it.
CASE_LIST = RecordList(
    endpoint="cases.index",
    id_column=Case.id,
    order=SORT_ORDER,
    columns=(
        Column(name="case", label=lazy("Case"), kind="title", cell=attrgetter("heading")),
        Column(
            name="news",
            label=lazy("Unread"),
            kind="number",
            load=_column_loader(
                lambda cases: news_queries.count_unread_records(cases, by=current_actor()),
                lambda number: number or "",
            ),
        ),
        Column(
            name="lifecycle", label=lazy("Status"), kind="codes", cell=lambda one: [one.lifecycle]
        ),
        COUNTRY_COLUMN,
        Column(
            name="journalists",
            label=lazy("Journalists"),
            load=_column_loader(queries.journalist_names_of_cases, ", ".join),
        ),
        Column(
            name="first",
            label=lazy("First incident"),
            load=_column_loader(
                queries.first_or_last_incidents, lambda one: localized_date(one.when)
            ),
        ),
        Column(
            name="last",
            label=lazy("Last incident"),
            load=_column_loader(
                partial(queries.first_or_last_incidents, last=True),
                lambda one: localized_date(one.when),
            ),
        ),
        Column(
            name="records",
            label=lazy("Records"),
            kind="own",
            load=_column_loader(queries.record_counts_of_cases, dict),
        ),
        REF_COLUMN,
    ),
)


@bp.get("/")
@require_permission(Permission.READ)
@shows_filter_errors
def index() -> str:
    """List the cases, the latest opened first."""
    filters = CaseFilter.from_args(request.args)
    journalist = filters.get_named_record("journalist", journalist_by_ref)
    names = {journalist.ref: journalist.name} if journalist else {}
    return render_template(
        "cases/index.html",
        table=CASE_LIST.build_table(queries.cases_matching(filters), filters, names),
        countries=[(code, country_name(code)) for code in queries.countries_of_cases()],
        # Beside the unfiltered list, for users who may open a case.
        affairs=[]
        if request.args or not current_actor().has_permission(Permission.LOG)
        else queries.case_proposals(),
        window_days=MAX_RELATED_GAP_DAYS,
        most_looked_at=queries.MAX_INCIDENTS_EXAMINED,
    )


@bp.get("/<ref>/")
@require_permission(Permission.READ)
def show(ref: str) -> str:
    """Show a case with its figures and its timeline."""
    reject_unknown_parameters(request.args, ())
    return render_template("cases/show.html", case=load(Case, ref, joinedload(Case.lead)))


@bp.get("/<ref>/records/")
@require_permission(Permission.READ)
def records(ref: str) -> str:
    """Show the records of a case, its links and its news."""
    reject_unknown_parameters(request.args, ())
    return render_records_page(load(Case, ref, *queries.records_page_load_options()))[0]


@bp.route("/new", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def new() -> Response | tuple[str, int]:
    """Open a case without records."""
    form = case_forms.NewCaseForm()
    form.team.set_choices(list_actor_teams(current_actor()))

    def apply_change() -> Case:
        return service.open_case(
            form.title.data or "",
            country=form.country.data,
            summary=form.summary.data or "",
            team_id=int(form.team.data),
            visibility=form.visibility.chosen_code() or Visibility.RESTRICTED,
            by=current_actor(),
        )

    answer = handle_form(form, apply_change, to=lambda case: url_for(".show", ref=case.ref))
    return answer or render_form("cases/new.html", form=form)


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def edit(ref: str) -> Response | tuple[str, int]:
    """Edit the details of a case."""
    case = load_case(ref)
    require_editor(case)
    form = case_forms.EditCaseForm()
    form.set_choices(case, queries.possible_leads(case.team_id))
    to = url_for(".show", ref=ref)
    answer = handle_form(form, lambda: _save_details(form, case), to=to, record=case)
    return answer or render_form("cases/edit.html", form=form, case=case)


def load_case(ref: str) -> Case:
    """Return the case with a ref, with all parts that the audit log compares; raise NotFound if the
    viewer may see none.
    """
    return load(Case, ref, *queries.full_case_load_options())


def render_records_page(case: Case, **forms: TrackerForm) -> tuple[str, int]:
    """Return the page with the records of a case, and its HTTP status. `forms`: submitted forms
    with errors, by name in the template.
    """
    sent = next(iter(forms.values()), case_forms.AddRecordForm.for_record(case))
    shown: dict[str, TrackerForm] = {
        "adding": case_forms.AddRecordForm.for_record(case),
        "linking": case_forms.CaseLinkForm.for_record(case),
        "referring": case_forms.CaseReferenceForm.for_record(case),
        **forms,
    }
    filed = queries.records_of(case)
    news, rest = news_queries.case_news_and_inactivity(
        case, filed.list_all(), by=current_actor(), now=clock.utc_now()
    )
    shown.setdefault("read", case_forms.MarkReadForm(formdata=None, until=news.until.isoformat()))
    return render_form(
        "cases/records.html",
        form=sent,
        forms=shown,
        case=case,
        records=filed,
        restricted=[one for one in filed.list_all() if one.visibility is Visibility.RESTRICTED],
        links=list(_labelled_links(case)),
        news=news,
        rest=rest,
        dormant_after=DORMANT_AFTER_DAYS,
    )


@bp.post("/<ref>/add")
@require_permission(Permission.LOG)
def add(ref: str) -> Response | tuple[str, int]:
    """File in the case a record, whose ref is in the form."""
    form = case_forms.AddRecordForm()
    return _handle_section_form(
        ref,
        "adding",
        form,
        lambda case: service.file_records(
            case, [_record_by_ref(form.record.data or "", "record")], by=current_actor()
        ),
    )


@bp.post("/<ref>/remove")
@require_permission(Permission.LOG)
def remove(ref: str) -> Response | tuple[str, int]:
    """Remove a record from the case."""
    form = case_forms.RecordButtonForm()
    return _handle_section_form(
        ref,
        "chosen",
        form,
        lambda case: service.remove_from_case(
            case, _record_by_ref(form.what.data or ""), by=current_actor()
        ),
    )


@bp.post("/<ref>/main-case")
@require_permission(Permission.LOG)
def set_main_case(ref: str) -> Response | tuple[str, int]:
    """Make the case the main case of an incident."""
    form = case_forms.RecordButtonForm()

    def apply_change(case: Case) -> None:
        incident = _record_by_ref(form.what.data or "")
        if not isinstance(incident, Incident):
            raise InvalidInput(what=_("Only incidents have a main case."))
        service.set_main_case(case, incident, by=current_actor())

    return _handle_section_form(ref, "chosen", form, apply_change)


@bp.post("/<ref>/link")
@require_permission(Permission.LOG)
def link(ref: str) -> Response | tuple[str, int]:
    """Link the case to another case."""
    form = case_forms.CaseLinkForm()

    def apply_change(case: Case) -> None:
        other = queries.case_by_ref(form.other.data or "")
        if other is None:
            raise InvalidInput(other=_("There is no such case, or it is not for you."))
        service.link_cases(case, other, form.kind.chosen_code(), by=current_actor())

    return _handle_section_form(ref, "linking", form, apply_change)


@bp.post("/<ref>/links/<int:link_id>/remove")
@require_permission(Permission.LOG)
def unlink(ref: str, link_id: int) -> Response | tuple[str, int]:
    """Remove a link from the case to another case."""
    return _handle_section_form(
        ref,
        "chosen",
        PartForm(),
        lambda case: service.unlink_cases(case, link_id, by=current_actor()),
    )


@bp.post("/<ref>/reference")
@require_permission(Permission.LOG)
def add_reference(ref: str) -> Response | tuple[str, int]:
    """Add the identifier of the case in an external list."""
    form = case_forms.CaseReferenceForm()
    return _handle_section_form(
        ref,
        "referring",
        form,
        lambda case: service.add_reference(
            case,
            scheme=form.scheme.data or "",
            identifier=form.identifier.data or "",
            url=form.url.data or "",
            by=current_actor(),
        ),
    )


@bp.post("/<ref>/references/<int:reference_id>/remove")
@require_permission(Permission.LOG)
def remove_reference(ref: str, reference_id: int) -> Response | tuple[str, int]:
    """Remove the identifier of the case in an external list."""
    return _handle_section_form(
        ref,
        "chosen",
        PartForm(),
        lambda case: service.remove_reference(case, reference_id, by=current_actor()),
    )


@bp.post("/<ref>/lifecycle")
@require_permission(Permission.LOG)
def lifecycle(ref: str) -> Response | tuple[str, int]:
    """Set the status of the case, such as dormant or reopened."""
    form = case_forms.LifecycleForm()
    return _handle_section_form(
        ref,
        "chosen",
        form,
        lambda case: service.set_lifecycle(case, form.lifecycle.chosen_code(), by=current_actor()),
    )


@bp.post("/<ref>/seen")
@require_permission(Permission.READ)
def seen(ref: str) -> Response | tuple[str, int]:
    """Mark the changes in the case as read, up to the newest one shown."""
    case = load_case(ref)
    form = case_forms.MarkReadForm()
    answer = handle_form(
        form,
        lambda: service.mark_read(form.parse_until(), case, by=current_actor()),
        to=url_for(".records", ref=ref),
        message=_("Marked as read."),
    )
    return answer or render_records_page(case, read=form)


@bp.route("/<ref>/share", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def share(ref: str) -> Response | tuple[str, int]:
    """List the records that sharing the case would share, and share them with all users."""
    case = load_case(ref)
    require_editor(case)
    opened = service.records_to_share(case)
    form = case_forms.ShareCaseForm()
    answer = handle_form(
        form,
        lambda: service.share_case(case, listed_refs=form.refs.data or [], by=current_actor()),
        to=url_for(".records", ref=ref),
        message=_("Saved. Everybody who signs in here may see this case now."),
        record=case,
    )
    return answer or render_form("cases/share.html", form=form, case=case, opened=opened)


@bp.post("/<ref>/restrict")
@require_permission(Permission.LOG)
def restrict(ref: str) -> Response | tuple[str, int]:
    """Restrict the case to its team."""
    return _handle_section_form(
        ref, "chosen", PartForm(), lambda case: restrict_records([case], by=current_actor())
    )


def _labelled_links(case: Case) -> Iterator[tuple[str, Case, int | None]]:
    """Yield, for each link of a case: the label of the link, the other case, and the id of the
    link if it leads from this case, otherwise None.
    """
    for link in queries.links_of(case):
        if link.case_id == case.id:
            yield link_label(link.kind), cast("Case", link.other), link.id
        else:
            yield inverse_link_label(link.kind), link.case, None


def _save_details(form: case_forms.EditCaseForm, case: Case) -> None:
    """Save the submitted details of a case."""
    service.edit_case(
        case,
        title=form.title.data or "",
        summary=form.summary.data or "",
        country=form.country.data,
        lead=form.chosen_lead(),
        lifecycle=form.lifecycle.chosen_code(),
        accountability=form.accountability.chosen_code(),
        accountability_reason=form.accountability_reason.data or "",
        by=current_actor(),
    )


def _handle_section_form(
    ref: str, name: str, form: PartForm, apply_change: Callable[[Case], object]
) -> Response | tuple[str, int]:
    """Save a form of the page of records, or show the page with its errors. `name`: the name of the
    form in the template; `apply_change`: saves the form to the case.
    """
    case = load_case(ref)
    require_editor(case)
    answer = handle_form(
        form, lambda: apply_change(case), to=url_for(".records", ref=ref), record=case
    )
    return answer or render_records_page(case, **{name: form})


def _record_by_ref(ref: str, field: str = "what") -> Record:
    """Return the visible record with a ref, of a kind that cases hold; raise InvalidInput at
    `field` if there is none.
    """
    for case_join in queries.CASE_JOINS:
        if ref.startswith(case_join.kind.PREFIX + "-"):
            try:
                found: Record = load(case_join.kind, ref)
            except NotFound:
                break
            return found
    raise InvalidInput(**{field: _("There is no such record, or it is not for you.")})

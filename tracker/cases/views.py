"""The pages of cases: the list, one case, opening and revising it, its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request, url_for

from tracker import clock
from tracker.cases import service
from tracker.cases.affair_queries import MOST_LOOKED_AT, affairs_in_no_case
from tracker.cases.affair_rules import WINDOW_DAYS
from tracker.cases.codes import Lifecycle
from tracker.cases.filters import CaseFilter
from tracker.cases.forms import (
    AddForm,
    EditCaseForm,
    LinkForm,
    NewCaseForm,
    ReferenceForm,
    SeenForm,
)
from tracker.cases.models import Case
from tracker.cases.news_queries import count_news, news_of
from tracker.cases.news_rules import DORMANT_AFTER_DAYS
from tracker.cases.queries import (
    cases_matching,
    countries_of_cases,
    counts_in,
    links_to,
    possible_leads,
    records_of,
    with_everything,
)
from tracker.cases.rules import inverse_words, link_words
from tracker.db import db
from tracker.people.queries import journalist_by_ref
from tracker.permissions import Permission, Visibility
from tracker.users.models import Team
from tracker.users.queries import teams_by_name
from tracker.web.filters import known, refuse_unknown
from tracker.web.forms import page
from tracker.web.guards import current_actor, refuse_unless_editor, requires
from tracker.web.paging import page_of
from tracker.web.records import load
from tracker.web.saving import saved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.wrappers import Response

    from tracker.web.forms import TrackerForm

bp = Blueprint("cases", __name__, url_prefix="/cases")


@bp.get("/")
@requires(Permission.READ)
def index() -> str:
    """List the cases, the latest opened first."""
    filters = CaseFilter.from_args(request.args)
    journalist = known("journalist", filters.journalist, journalist_by_ref)
    order: Any = (Case.recorded_at, Case.ref)
    found = page_of(cases_matching(filters), order, request.args)
    return render_template(
        "cases/index.html",
        page=found,
        counts=counts_in(found.items),
        news=count_news(found.items, by=current_actor()),
        filters=filters,
        said=filters.describe(journalist.name if journalist else ""),
        countries=countries_of_cases(),
        lifecycles=list(Lifecycle),
        # Beside the whole list, for whoever may open a case.
        affairs=[]
        if request.args or not current_actor().may(Permission.LOG)
        else affairs_in_no_case(),
        window_days=WINDOW_DAYS,
        most_looked_at=MOST_LOOKED_AT,
    )


@bp.get("/<ref>/")
@requires(Permission.READ)
def show(ref: str) -> str:
    """Show a case whole: its timeline, its records, its links."""
    refuse_unknown(request.args, ())
    return case_page(load_case(ref))[0]


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.LOG)
def new() -> Response | tuple[str, int]:
    """Open a case before anything is filed in it."""
    form = NewCaseForm()
    form.offer(db.session.scalars(teams_by_name().where(Team.id.in_(current_actor().team_ids))))

    def act() -> Case:
        return service.open_case(
            form.title.data or "",
            country=form.country.data,
            summary=form.summary.data or "",
            team_id=int(form.team.data),
            visibility=form.visibility.code() or Visibility.RESTRICTED,
            by=current_actor(),
        )

    answer = saved(form, act, to=lambda case: url_for(".show", ref=case.ref))
    return answer or page("cases/new.html", form=form)


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@requires(Permission.LOG)
def edit(ref: str) -> Response | tuple[str, int]:
    """Change what is said about a case."""
    case = load_case(ref)
    refuse_unless_editor(case)
    form = EditCaseForm()
    form.offer(case, possible_leads(case.team_id))
    to = url_for(".show", ref=ref)
    answer = saved(form, lambda: _save(form, case), to=to, record=case)
    return answer or page("cases/edit.html", form=form, case=case)


@bp.get("/<ref>/history")
@requires(Permission.READ)
def history(ref: str) -> str:
    """Show who did what to the case."""
    return render_template("layout/history.html", record=load(Case, ref))


def load_case(ref: str) -> Case:
    """Return a case with all that its page and its trail read."""
    return load(Case, ref, *with_everything())


def case_page(case: Case, **forms: TrackerForm) -> tuple[str, int]:
    """Render a case's page; `forms`: those of its sections that came back with errors."""
    sent = next(iter(forms.values()), AddForm.on(case))
    shown: dict[str, TrackerForm] = {
        "adding": AddForm.on(case),
        "linking": LinkForm.on(case),
        "referring": ReferenceForm.on(case),
        **forms,
    }
    records = records_of(case)
    news, rest = news_of(case, records.all(), by=current_actor(), now=clock.now())
    shown.setdefault("seen", SeenForm(formdata=None, until=news.until.isoformat()))
    return page(
        "cases/show.html",
        form=sent,
        forms=shown,
        case=case,
        records=records,
        restricted=[one for one in records.all() if one.visibility is Visibility.RESTRICTED],
        links=list(_links(case)),
        news=news,
        rest=rest,
        dormant_after=DORMANT_AFTER_DAYS,
    )


def _links(case: Case) -> Iterator[tuple[str, Case, int | None]]:
    """Yield what stands to this case in which way; the number is that of a link kept here."""
    for link in case.links:
        if link.other is not None:
            yield link_words(link.kind), link.other, link.id
    for link in links_to(case):
        yield inverse_words(link.kind), link.case, None


def _save(form: EditCaseForm, case: Case) -> None:
    service.revise_case(
        case,
        title=form.title.data or "",
        summary=form.summary.data or "",
        country=form.country.data,
        lead=form.lead_chosen(),
        lifecycle=form.lifecycle.code(),
        accountability=form.accountability.code(),
        accountability_reason=form.accountability_reason.data or "",
        by=current_actor(),
    )

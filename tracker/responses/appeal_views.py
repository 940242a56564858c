"""The pages of appeals."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.blueprints import BlueprintSetupState

from tracker import clock
from tracker.articles.models import Article
from tracker.articles.queries import latest_possible_event_date
from tracker.articles.rules import SENTENCES_PER_PART
from tracker.articles.service import build_citations
from tracker.errors import InvalidInput, NotFound, collect_errors
from tracker.fake_accounts.queries import incidents_citing_same_articles
from tracker.i18n import _, country_names, lazy, localized_date
from tracker.incidents.models import Incident
from tracker.incidents.queries import models_with_rows_about, resolve_incident
from tracker.kit import sections
from tracker.kit.lists import REF_COLUMN, STATE_COLUMN, Column, Facet, RecordList
from tracker.people.models import Institution
from tracker.permissions import Permission, Visibility, can_edit
from tracker.responses import appeal_queries, fields
from tracker.responses import appeal_service as service
from tracker.responses.appeal_service import AppealFacts
from tracker.responses.codes import AppealSender
from tracker.responses.filters import AppealFilter
from tracker.responses.forms import AppealFields, EditAppealForm, NewAppealForm, OutcomeForm
from tracker.responses.models import Appeal, AppealCitation, AppealIncident, OfficialResponse
from tracker.review.service import records_to_share, share_record
from tracker.web.forms import ChooseIncidentForm, PartForm, RemoveForm, render_form
from tracker.web.guards import current_actor, require_permission, shows_filter_errors
from tracker.web.layout import register_panel
from tracker.web.saving import handle_form, load, load_to_edit
from tracker.when import When

bp = Blueprint("appeals", __name__, url_prefix="/appeals")
MAX_PANEL_ROWS = 20  # appeals shown on the page of an institution


def _load_appeal(ref: str) -> Appeal:
    """Return the appeal with a ref, with all that its page shows; raise NotFound if none."""
    return load(Appeal, ref, *appeal_queries.page_load_options())


def _load_editable_appeal(ref: str) -> Appeal:
    """Return an appeal as `_load_appeal` does; raise Forbidden if the user may not edit it."""
    return load_to_edit(Appeal, ref, *appeal_queries.page_load_options())


sections.add_history_page(bp, lambda ref: load(Appeal, ref))
sections.add_share_page(
    bp, _load_editable_appeal, list_shared_records=records_to_share, share_record=share_record
)


@bp.record
def _register_globals(state: BlueprintSetupState) -> None:
    """Add the function `days_overdue` to the templates."""
    state.app.jinja_env.globals["days_overdue"] = lambda one: one.days_overdue(clock.current_date())


# The list of appeals: its columns, and the fields for whose values it shows numbers of appeals.
APPEAL_LIST = RecordList(
    endpoint="appeals.index",
    id_column=Appeal.id,
    order=appeal_queries.SORT_ORDER,
    columns=(
        Column(
            name="date", label=lazy("Date"), cell=lambda one: localized_date(one.when),
            order=appeal_queries.SORT_ORDER,
        ),
        Column(name="appeal", label=lazy("Appeal"), kind="title", cell=attrgetter("heading")),
        Column(name="sender", label=lazy("Who asked"), kind="own"),
        Column(name="outcome", label=lazy("Outcome"), kind="own"),
        STATE_COLUMN,
        REF_COLUMN,
    ),
    facets=(
        Facet(
            name="country", value_column=Institution.country, id_column=Appeal.id,
            relationship=Appeal.institution
        ),
        Facet(
            name="institution", value_column=Institution.ref, id_column=Appeal.id,
            relationship=Appeal.institution,
            label_column=lambda: Institution.name,
        ),
    ),
)  # fmt: skip


@bp.get("/")
@require_permission(Permission.READ)
@shows_filter_errors
def index() -> str:
    """List the appeals, the latest first, with their number by outcome."""
    filters = AppealFilter.from_args(request.args)
    institution = appeal_queries.find_filter_institution(filters)
    names = {institution.ref: institution.heading} if institution else {}
    return render_template(
        "appeals/index.html",
        table=APPEAL_LIST.build_table(appeal_queries.appeals_matching(filters), filters, names),
        count=appeal_queries.count_appeals(filters),
        countries=country_names(),
    )


@register_panel("incident")
def incident_panel(incident: Incident) -> str:
    """Render the appeals about an incident, and the link that adds one."""
    appeals = (
        appeal_queries.appeals_about(incident)
        if AppealIncident in models_with_rows_about(incident)
        else []
    )
    return render_template("appeals/incident_panel.html", appeals=appeals, incident=incident)


@register_panel("response")
def response_panel(response: OfficialResponse) -> str:
    """Render the appeals that a response answers."""
    return render_template(
        "appeals/response_panel.html", appeals=appeal_queries.appeals_answered_by(response)
    )


@register_panel("institution")
def institution_panel(institution: Institution) -> str:
    """Render the latest appeals to an institution, and how many are overdue."""
    return render_template(
        "appeals/institution_panel.html",
        appeals=appeal_queries.appeals_to(institution, limit=MAX_PANEL_ROWS + 1),
        institution=institution,
        most=MAX_PANEL_ROWS,
        count=appeal_queries.count_institution_records(institution)[1],
    )


@bp.get("/<ref>/")
@require_permission(Permission.READ)
def show(ref: str) -> tuple[str, int]:
    """Show the page of an appeal."""
    return _render_page(_load_appeal(ref))


@bp.post("/<ref>/outcome")
@require_permission(Permission.LOG)
def edit_outcome(ref: str) -> sections.ViewResponse:
    """Set the outcome of the appeal, and the response that answers it."""
    appeal, form = _load_editable_appeal(ref), OutcomeForm()
    form.set_choices(appeal, appeal_queries.possible_answers(appeal))

    def apply_change() -> None:
        response = _read_response(form)
        service.set_outcome(appeal, form.outcome.chosen_code(), response, by=current_actor())

    return sections.handle_section_form(appeal, form, apply_change, _render_page)


@bp.route("/new", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def new() -> sections.ViewResponse:
    """Record an appeal. If the URL parameter `article` names an article, it is the source."""
    origin, form = fields.origin_from_query(), NewAppealForm()
    form.set_choices(origin)
    if not form.is_submitted():
        form.prefill_from_origin(origin)
        if origin.article and request.args.get("like"):
            form.prefill_from(
                load(Appeal, request.args["like"], *appeal_queries.page_load_options())
            )
    answer = handle_form(
        form,
        lambda: _record_appeal(form, origin),
        to=origin.next_url,
        message=lambda appeal: _("Saved: %(name)s", name=appeal.heading),
        check=lambda: _read_new_appeal(form, origin),
    )
    lines = origin.article.sentences[:SENTENCES_PER_PART] if origin.article else []
    return answer or render_form("appeals/new.html", form=form, origin=origin, lines=lines)


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def edit(ref: str) -> sections.ViewResponse:
    """Edit an appeal."""
    appeal = load_to_edit(Appeal, ref, *appeal_queries.page_load_options())
    form = EditAppealForm()
    to = url_for(".show", ref=ref)
    answer = handle_form(
        form,
        lambda: _save(form, appeal),
        to=to,
        record=appeal,
        check=lambda: _read_edited_appeal(form, appeal),
    )
    return answer or render_form("appeals/edit.html", form=form, appeal=appeal)


def _render_page(appeal: Appeal, submitted: PartForm | None = None) -> tuple[str, int]:
    """Return the page of an appeal and its HTTP status; `submitted`: a form to show with errors."""
    outcome = incident = None
    if can_edit(current_actor(), appeal):
        outcome = sections.submitted_form_or_new(OutcomeForm, submitted, appeal)
        outcome.set_choices(appeal, appeal_queries.possible_answers(appeal))
        incident = sections.submitted_form_or_new(ChooseIncidentForm, submitted, appeal)
        _set_incident_choices(incident, appeal)
    return render_form(
        "appeals/show.html",
        form=submitted or RemoveForm.for_record(appeal),
        appeal=appeal,
        outcome_form=outcome,
        incident_form=incident,
    )


def _read_response(form: OutcomeForm) -> OfficialResponse | None:
    """Return the response that the form names, None if none.

    Raises InvalidInput at `other` if the user cannot see it.
    """
    ref = form.chosen_ref()
    if not ref:
        return None
    try:
        return load(OfficialResponse, ref)
    except NotFound:
        raise InvalidInput(other=_("There is no such response, or it is not for you.")) from None


def _set_incident_choices(form: ChooseIncidentForm, appeal: Appeal) -> None:
    """Offer the incidents that cite the same articles and are not linked to the appeal yet."""
    about = [one.incident_id for one in appeal.incidents]
    form.set_choices(incidents_citing_same_articles(appeal.citations, excluding=about))


sections.add_incident_routes(
    bp,
    _load_editable_appeal,
    _render_page,
    set_choices=_set_incident_choices,
    find_incident=resolve_incident,
    link=service.add_incident,
    unlink=service.remove_incident,
)


def _record_appeal(form: NewAppealForm, origin: fields.Origin) -> Appeal:
    by = current_actor()
    chosen = Visibility.RESTRICTED if origin.article else form.visibility.chosen_code()
    team_id, visibility = origin.default_team_and_visibility(by=by, chosen_visibility=chosen)
    make, citations = _read_new_appeal(form, origin)
    return service.record_appeal(
        make(),
        outcome=form.outcome.chosen_code(),
        incidents=form.incidents.chosen_records(),
        citations=citations,
        team_id=team_id,
        visibility=visibility,
        by=by,
    )


def _save(form: EditAppealForm, appeal: Appeal) -> None:
    make = _read_edited_appeal(form, appeal)
    service.edit_appeal(
        appeal, make(), visibility=form.visibility.chosen_code(), by=current_actor()
    )


def _read_new_appeal(form: NewAppealForm, origin: fields.Origin) -> list[Any]:
    """Read the form of a new appeal; return two results: a function that returns the submitted
    `AppealFacts`, and creates the institution if it is new; and the list of citations.

    Raises InvalidInput with all errors; stores nothing.
    """
    latest = latest_possible_event_date(origin.article) if origin.article else clock.current_date()
    return collect_errors(
        lambda: _read_facts(form, origin.country, lambda: form.sent.read_when(latest)),
        lambda: _read_citations(form, origin.article),
    )


def _read_edited_appeal(form: EditAppealForm, appeal: Appeal) -> Callable[[], AppealFacts]:
    """Read the form of an edited appeal; return a function that returns the submitted
    `AppealFacts`, and creates the institution if it is new.

    Raises InvalidInput with all errors; an unchanged date keeps its stored interval.
    """
    sources = [one.article for one in appeal.citations if one.article]
    latest = max((latest_possible_event_date(one) for one in sources), default=clock.current_date())

    def read_sent_date() -> When:
        when = fields.read_changed_date(form.sent, appeal.when, latest)
        service.validate_sent_before_answer(appeal, when)
        return when

    return _read_facts(form, appeal.institution.country, read_sent_date)


def _read_facts(
    form: AppealFields, new_institution_country: str | None, read_sent_date: Callable[[], When]
) -> Callable[[], AppealFacts]:
    """Read the form of an appeal; return a function that returns the submitted `AppealFacts`, and
    creates the institution if it is new. `new_institution_country`: the country of a new
    institution; `read_sent_date`: a function that reads from the form when the appeal was sent.

    Raises InvalidInput with all errors.
    """
    sender_kind, kind, body, when, _due = collect_errors(
        lambda: fields.require_code(form.sender_kind, _("Choose who asked.")),
        lambda: fields.require_code(form.kind, _("Choose what was sent or said.")),
        lambda: _read_institution(form),
        read_sent_date,
        lambda: service.validate_due_date(form.due_on.data, read_sent_date()),
    )
    return lambda: service.AppealFacts(
        sender_kind=sender_kind,
        sender=form.sender.data or "",
        institution=fields.InstitutionResolver(
            new_institution_country, by=current_actor()
        ).find_or_create(body),
        kind=kind,
        sent=when,
        due_on=form.due_on.data,
        reference=form.reference.data or "",
        summary=form.summary.data or "",
    )


def _read_institution(form: AppealFields) -> fields.InstitutionChoice:
    """Return the institution that the form names; raise InvalidInput if it names none."""
    meant = fields.read_institution(form.institution, form.institution_kind)
    if meant is None:
        name = form.institution.form.name.name
        raise InvalidInput(**{name: _("Name the institution that was asked.")})
    return meant


def _read_citations(form: NewAppealForm, article: Article | None) -> list[AppealCitation]:
    """Return the submitted quotes of the article, none without an article.

    Raises InvalidInput for an article without a quote, unless the appeal is our own.
    """
    if article is None:
        return []
    words = form.quote.data or ""
    if words:
        return build_citations(AppealCitation, article, words)
    if form.sender_kind.chosen_code() is not AppealSender.WE:
        raise InvalidInput(quote=_("Quote the article."))
    return []

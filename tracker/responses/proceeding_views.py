"""The pages of proceedings."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from flask import Blueprint, render_template, request, url_for

from tracker import clock
from tracker.articles.models import Article
from tracker.articles.queries import latest_possible_event_date
from tracker.articles.rules import SENTENCES_PER_PART
from tracker.articles.service import build_citations
from tracker.errors import InvalidInput, collect_errors
from tracker.fake_accounts.fields import (
    ImpersonatedPartyChoice,
    create_impersonated_parties,
    read_impersonated_parties,
)
from tracker.fake_accounts.queries import incidents_citing_same_articles
from tracker.i18n import _, country_names, lazy
from tracker.incidents.models import Incident
from tracker.incidents.queries import models_with_rows_about, resolve_incident
from tracker.kit import sections
from tracker.kit.lists import COUNTRY_COLUMN, REF_COLUMN, STATE_COLUMN, Column, RecordList
from tracker.people.models import Institution, Journalist, Outlet
from tracker.permissions import Permission, Visibility, can_edit
from tracker.responses import fields, forms, proceeding_queries
from tracker.responses import proceeding_service as service
from tracker.responses.filters import ProceedingFilter
from tracker.responses.models import Proceeding, ProceedingCitation, ProceedingIncident
from tracker.responses.proceeding_service import ConcernedParty, ProceedingFacts, StepFacts
from tracker.review.service import records_to_share, share_record
from tracker.web.forms import ChooseIncidentForm, PartForm, RemoveForm, render_form
from tracker.web.guards import current_actor, require_permission, shows_filter_errors
from tracker.web.layout import register_panel
from tracker.web.saving import handle_form, load, load_to_edit
from tracker.when import When

bp = Blueprint("proceedings", __name__, url_prefix="/proceedings")
MAX_PANEL_ROWS = 20  # proceedings shown on the page of another record


def _load_proceeding(ref: str) -> Proceeding:
    """Return the proceeding with a ref, with all that its page shows; raise NotFound if none."""
    return load(Proceeding, ref, *proceeding_queries.page_load_options())


def _load_editable_proceeding(ref: str) -> Proceeding:
    """Return a proceeding to edit, loaded for its page; raise Forbidden if the user may not."""
    return load_to_edit(Proceeding, ref, *proceeding_queries.page_load_options())


sections.add_history_page(bp, lambda ref: load(Proceeding, ref))
sections.add_share_page(
    bp, _load_editable_proceeding, list_shared_records=records_to_share, share_record=share_record
)


# The list of proceedings: its columns, and the fields for whose values it shows numbers of
# proceedings.
PROCEEDING_LIST = RecordList(
    endpoint="proceedings.index",
    id_column=Proceeding.id,
    order=proceeding_queries.SORT_ORDER,
    columns=(
        Column(
            name="proceeding", label=lazy("Proceeding"), kind="title", cell=attrgetter("heading")
        ),
        Column(name="step", label=lazy("Last step"), kind="own"),
        Column(name="basis", label=lazy("Legal basis"), cell=lambda one: one.legal_basis),
        COUNTRY_COLUMN,
        STATE_COLUMN,
        REF_COLUMN,
    ),
)  # fmt: skip


@bp.get("/")
@require_permission(Permission.READ)
@shows_filter_errors
def index() -> str:
    """List the proceedings, the last recorded first."""
    filters = ProceedingFilter.from_args(request.args)
    names = proceeding_queries.find_filter_records(filters).labels_by_ref()
    table = PROCEEDING_LIST.build_table(
        proceeding_queries.proceedings_matching(filters), filters, names
    )
    return render_template("proceedings/index.html", table=table, countries=country_names())


@register_panel("incident")
def incident_panel(incident: Incident) -> str:
    """Render the proceedings about an incident, by direction."""
    found = (
        proceeding_queries.proceedings_about(incident)
        if ProceedingIncident in models_with_rows_about(incident)
        else []
    )
    return render_template("proceedings/incident_panel.html", incident=incident, proceedings=found)


@register_panel("journalist")
@register_panel("outlet")
def party_panel(party: Journalist | Outlet) -> str:
    """Render the proceedings that concern a journalist or outlet, by direction."""
    return render_template(
        "proceedings/owner_panel.html",
        owner=party,
        proceedings=proceeding_queries.proceedings_concerning(party, limit=MAX_PANEL_ROWS + 1),
        most=MAX_PANEL_ROWS,
    )


@register_panel("institution")
def institution_panel(institution: Institution) -> str:
    """Render, by direction, the proceedings that an institution runs or that name it in a step."""
    return render_template(
        "proceedings/institution_panel.html",
        institution=institution,
        proceedings=proceeding_queries.proceedings_involving(institution, limit=MAX_PANEL_ROWS + 1),
        most=MAX_PANEL_ROWS,
    )


@bp.get("/<ref>/")
@require_permission(Permission.READ)
def show(ref: str) -> tuple[str, int]:
    """Show the page of a proceeding."""
    return _render_page(_load_proceeding(ref))


@bp.post("/<ref>/steps")
@require_permission(Permission.LOG)
def add_step(ref: str) -> sections.ViewResponse:
    """Add a step of the proceeding."""
    proceeding, form = _load_editable_proceeding(ref), forms.StepForm()
    form.article.set_choices(proceeding.citations)

    def apply_change() -> None:
        service.add_step(proceeding, _read_step_facts(form, proceeding), by=current_actor())

    return sections.handle_section_form(
        proceeding, form, apply_change, _render_page, check=lambda: _read_step(form, proceeding)
    )


@bp.post("/<ref>/steps/remove")
@require_permission(Permission.LOG)
def remove_step(ref: str) -> sections.ViewResponse:
    """Remove a step recorded by mistake."""
    return sections.handle_row_removal(
        _load_editable_proceeding(ref), service.remove_step, _render_page
    )


@bp.route("/new", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def new() -> sections.ViewResponse:
    """Record a proceeding. If the URL parameter `article` names an article, it is the source."""
    origin, form = fields.origin_from_query(), forms.NewProceedingForm()
    form.set_choices(origin)
    answer = None
    if "another" in request.form:
        form.add_line()
    elif form.is_submitted():
        answer = handle_form(
            form,
            lambda: _record_proceeding(form, origin),
            to=origin.next_url,
            message=lambda proceeding: _("Saved: %(name)s", name=proceeding.heading),
            check=lambda: _read_new_proceeding(form, origin),
        )
    else:
        form.prefill_from_origin(origin)
        if origin.article and request.args.get("like"):
            form.prefill_from(
                load(Proceeding, request.args["like"], *proceeding_queries.page_load_options())
            )
    lines = origin.article.sentences[:SENTENCES_PER_PART] if origin.article else []
    return answer or render_form("proceedings/new.html", form=form, origin=origin, lines=lines)


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def edit(ref: str) -> sections.ViewResponse:
    """Edit the details of the proceeding."""
    proceeding = load_to_edit(Proceeding, ref, *proceeding_queries.page_load_options())
    form, answer = forms.EditProceedingForm(), None
    if "another" in request.form:
        form.add_line()
    else:
        answer = handle_form(
            form,
            lambda: _save(form, proceeding),
            to=url_for(".show", ref=ref),
            record=proceeding,
            check=lambda: _read_facts(form, proceeding.team_id, excluding=proceeding),
        )
    return answer or render_form("proceedings/edit.html", form=form, proceeding=proceeding)


def _read_step_facts(form: forms.StepForm, proceeding: Proceeding) -> StepFacts:
    """Return the submitted step; its institution is created if new."""
    step, when, body, quotes = _read_step(form, proceeding)
    return service.StepFacts(
        step=step,
        when=when,
        institution=fields.InstitutionResolver(
            proceeding.country, by=current_actor()
        ).find_or_create(body)
        if body
        else None,
        article=form.article.chosen_article(),
        quotes=quotes,
        note=form.note.data or "",
    )


def _read_step(form: forms.StepForm, proceeding: Proceeding) -> list[Any]:
    """Return four results: type, date, institution (`InstitutionChoice` or None) and quotes of the
    submitted step.

    Raises InvalidInput with all errors; stores nothing.
    """
    return collect_errors(
        lambda: fields.require_code(form.step, _("Choose the step.")),
        lambda: _read_step_date(form, proceeding),
        lambda: fields.read_institution(form.institution, form.institution_kind),
        lambda: _read_quotes(form),
    )


def _read_step_date(form: forms.StepForm, proceeding: Proceeding) -> When:
    """Return the date of the submitted step.

    Raises InvalidInput if it is before all incidents of the proceeding, unless confirmed.
    """
    source = form.article.chosen_article()
    when = form.taken.read_when(
        latest_possible_event_date(source) if source else clock.current_date()
    )
    forms.confirm_early_step(
        form, when, [one.incident for one in proceeding.incidents if one.incident]
    )
    return when


def _read_quotes(form: forms.StepForm) -> list[ProceedingCitation]:
    """Return the quotes of the chosen source, none without source and quote; raise InvalidInput for
    a source without a quote, or a quote without a source.
    """
    source, typed = form.article.chosen_article(), form.quote.data or ""
    if source is not None:
        return build_citations(ProceedingCitation, source, typed)
    if typed:
        raise InvalidInput(article=_("Choose in which source these words stand."))
    return []


def _render_page(proceeding: Proceeding, submitted: PartForm | None = None) -> tuple[str, int]:
    """Return the page of a proceeding and its HTTP status; `submitted`: a form with errors."""
    step = joining = None
    if can_edit(current_actor(), proceeding):
        step = sections.submitted_form_or_new(forms.StepForm, submitted, proceeding)
        step.article.set_choices(proceeding.citations)
        joining = sections.submitted_form_or_new(ChooseIncidentForm, submitted, proceeding)
        _set_incident_choices(joining, proceeding)
    return render_form(
        "proceedings/show.html",
        form=submitted or RemoveForm.for_record(proceeding),
        proceeding=proceeding,
        step_form=step,
        joining_form=joining,
    )


def _set_incident_choices(form: ChooseIncidentForm, proceeding: Proceeding) -> None:
    """Offer the incidents that cite the same articles and are not linked to the proceeding yet."""
    joined = [one.incident_id for one in proceeding.incidents]
    form.set_choices(incidents_citing_same_articles(proceeding.citations, excluding=joined))


sections.add_incident_routes(
    bp,
    _load_editable_proceeding,
    _render_page,
    set_choices=_set_incident_choices,
    find_incident=resolve_incident,
    link=service.add_incident,
    unlink=service.remove_incident,
)


def _record_proceeding(form: forms.NewProceedingForm, origin: fields.Origin) -> Proceeding:
    by = current_actor()
    team_id, visibility = _new_record_owner(form, origin)
    (make, meant), steps, citations = _read_new_proceeding(form, origin)
    return service.record_proceeding(
        make(),
        parties=_create_parties(meant, team_id, visibility, form.country.data),
        steps=steps,
        incidents=form.incidents.chosen_records(),
        citations=citations,
        team_id=team_id,
        visibility=visibility,
        by=by,
    )


def _save(form: forms.EditProceedingForm, proceeding: Proceeding) -> None:
    make, meant = _read_facts(form, proceeding.team_id, excluding=proceeding)
    visibility = form.visibility.chosen_code()
    service.edit_proceeding(
        proceeding,
        make(),
        parties=_create_parties(meant, proceeding.team_id, visibility, form.country.data),
        visibility=visibility,
        by=current_actor(),
    )


def _new_record_owner(
    form: forms.NewProceedingForm, origin: fields.Origin
) -> tuple[int, Visibility]:
    """Return the team id and visibility of the new proceeding."""
    chosen = form.visibility.chosen_code() if origin.article is None else None
    return origin.default_team_and_visibility(
        by=current_actor(), chosen_visibility=chosen or Visibility.RESTRICTED
    )


def _read_new_proceeding(form: forms.NewProceedingForm, origin: fields.Origin) -> list[Any]:
    """Read the form of a new proceeding; return three results: a pair as `_read_facts` returns it
    (a function and the parties), the list of steps, and the list of citations.

    Raises InvalidInput with all errors; stores nothing.
    """
    team_id, _visibility = _new_record_owner(form, origin)
    return collect_errors(
        lambda: _read_facts(form, team_id),
        lambda: _read_steps(form, origin.article),
        lambda: _read_citations(form, origin.article),
    )


def _read_facts(
    form: forms.ProceedingFields, team_id: int, *, excluding: Proceeding | None = None
) -> tuple[Callable[[], ProceedingFacts], list[ImpersonatedPartyChoice]]:
    """Read the form of a proceeding; return a function that returns the submitted
    `ProceedingFacts`, and creates the institution if it is new; and the submitted parties, which
    are not created yet. `team_id`: of the team in which no other proceeding may have this number;
    `excluding`: the proceeding that is edited.

    Raises InvalidInput with all errors.
    """
    direction, kind, country, body, meant = collect_errors(
        lambda: fields.require_code(form.direction, _("Choose the direction.")),
        lambda: fields.require_code(form.kind, _("Choose what it is.")),
        lambda: _read_country(form),
        lambda: fields.read_institution(form.institution, form.institution_kind),
        lambda: read_impersonated_parties(form.party_lines()),
    )

    def facts(institution: Institution | None) -> ProceedingFacts:
        return service.ProceedingFacts(
            direction=direction,
            kind=kind,
            country=country,
            institution=institution,
            number=form.number.data or "",
            legal_basis=form.legal_basis.data or "",
            summary=form.summary.data or "",
        )

    if body is None or body.chosen.record:
        service.validate_not_duplicate(
            facts(body and body.chosen.record), team_id=team_id, excluding=excluding
        )
    return lambda: facts(
        fields.InstitutionResolver(country, by=current_actor()).find_or_create(body)
        if body
        else None
    ), meant


def _create_parties(
    choices: list[ImpersonatedPartyChoice],
    team_id: int,
    visibility: Visibility,
    country: str | None,
) -> list[ConcernedParty]:
    """Return the chosen parties; new ones are created with this team, visibility and country."""
    owner: dict[str, Any] = {"team_id": team_id, "visibility": visibility, "country": country}
    found = create_impersonated_parties(choices, **owner, by=current_actor())
    return [one for one in found if isinstance(one, Journalist | Outlet)]


def _read_country(form: forms.ProceedingFields) -> str:
    """Return the code of the chosen country; raise InvalidInput if none is chosen."""
    if not form.country.data:
        raise InvalidInput(country=_("Choose the country."))
    return str(form.country.data)


def _read_steps(form: forms.NewProceedingForm, article: Article | None) -> list[StepFacts]:
    """Return the submitted step as a list, empty if there is none."""
    step = form.step.chosen_code()
    if step is not None:
        when = form.taken.read_when(
            latest_possible_event_date(article) if article else clock.current_date()
        )
        forms.confirm_early_step(form, when, form.incidents.chosen_records())
        return [service.StepFacts(step=step, when=when, article=article)]
    if form.taken.form.when.data or form.taken.form.as_stated.data:
        raise InvalidInput(step=_("Choose the step taken then."))
    return []


def _read_citations(
    form: forms.NewProceedingForm, article: Article | None
) -> list[ProceedingCitation]:
    """Return the submitted quotes of the article, none without an article."""
    if article is None:
        return []
    return build_citations(ProceedingCitation, article, form.quote.data or "")

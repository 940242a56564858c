"""The pages of official responses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from flask import Blueprint, render_template, request, url_for

from tracker import clock
from tracker.articles.models import Article
from tracker.articles.queries import article_text_load_options, latest_possible_event_date
from tracker.articles.rules import SENTENCES_PER_PART, shorten_masks
from tracker.articles.service import build_citations, join_quotes
from tracker.errors import InvalidInput, collect_errors
from tracker.fake_accounts.queries import incidents_citing_same_articles
from tracker.i18n import _, country_names, lazy, localized_date
from tracker.incidents.models import Incident
from tracker.incidents.queries import incidents_citing, models_with_rows_about, resolve_incident
from tracker.kit import sections
from tracker.kit.fields import code_label
from tracker.kit.lists import REF_COLUMN, STATE_COLUMN, Column, Facet, RecordList
from tracker.people.models import Institution
from tracker.permissions import Permission, Visibility, can_edit
from tracker.responses import fields, queries, service
from tracker.responses.appeal_queries import count_institution_records
from tracker.responses.appeal_queries import page_load_options as appeal_page_load_options
from tracker.responses.appeal_service import already_answered_message, set_outcome
from tracker.responses.codes import OUTCOMES_WITH_RESPONSE, AnswerScope, AppealOutcome, Stance
from tracker.responses.filters import ResponseFilter
from tracker.responses.forms import EditResponseForm, NewResponseForm, ResponseFields
from tracker.responses.models import Appeal, OfficialResponse, ResponseAnswer, ResponseCitation
from tracker.responses.service import ActFacts, ResponseFacts
from tracker.review.service import records_to_share, share_record
from tracker.web import saving
from tracker.web.filters import reject_unknown_parameters
from tracker.web.forms import ChooseIncidentForm, PartForm, RemoveForm, render_form
from tracker.web.guards import (
    current_actor,
    require_editor,
    require_permission,
    shows_filter_errors,
)
from tracker.web.layout import register_panel
from tracker.when import When

bp = Blueprint("responses", __name__, url_prefix="/responses")
MAX_PANEL_ROWS = 20  # responses shown on the page of an institution


def _load_response(ref: str) -> OfficialResponse:
    """Return the response with a ref, with all that its page shows; raise NotFound if none."""
    return saving.load(OfficialResponse, ref, *queries.page_load_options())


def _load_editable_response(ref: str) -> OfficialResponse:
    """Return a response as `_load_response` does; raise Forbidden if the user may not edit it."""
    return saving.load_to_edit(OfficialResponse, ref, *queries.page_load_options())


sections.add_history_page(bp, lambda ref: saving.load(OfficialResponse, ref))
sections.add_share_page(
    bp, _load_editable_response, list_shared_records=records_to_share, share_record=share_record
)


def _act_labels(response: OfficialResponse) -> str:
    """Return the localized labels of the acts of a response, separated by commas."""
    return ", ".join(code_label(one.act) for one in response.acts)


# The list of responses: its columns, and the fields for whose values it shows numbers of responses.
RESPONSE_LIST = RecordList(
    endpoint="responses.index",
    id_column=OfficialResponse.id,
    order=queries.SORT_ORDER,
    columns=(
        Column(
            name="date", label=lazy("Date"), cell=lambda one: localized_date(one.when),
            order=queries.SORT_ORDER,
        ),
        Column(
            name="response", label=lazy("Response"), kind="title", cell=attrgetter("heading")
        ),
        Column(name="official", label=lazy("Official"), cell=lambda one: one.official),
        Column(name="standing", label=lazy("Standing"), cell=lambda one: code_label(one.standing)),
        Column(name="acts", label=lazy("Acts"), cell=_act_labels),
        STATE_COLUMN,
        REF_COLUMN,
    ),
    facets=(
        Facet(
            name="country", value_column=Institution.country, id_column=OfficialResponse.id,
            relationship=OfficialResponse.institution,
        ),
        Facet(
            name="institution", value_column=Institution.ref, id_column=OfficialResponse.id,
            relationship=OfficialResponse.institution, label_column=lambda: Institution.name,
        ),
    ),
)  # fmt: skip


@bp.get("/")
@require_permission(Permission.READ)
@shows_filter_errors
def index() -> str:
    """List the responses, the latest first, with the number of responses and of acts."""
    filters = ResponseFilter.from_args(request.args)
    institution = queries.find_filter_institution(filters)
    names = {institution.ref: institution.heading} if institution else {}
    return render_template(
        "responses/index.html",
        table=RESPONSE_LIST.build_table(queries.responses_matching(filters), filters, names),
        count=queries.count_responses(filters),
        countries=country_names(),
    )


@register_panel("incident")
def incident_panel(incident: Incident) -> str:
    """Render the responses that are linked to an incident."""
    is_answered = ResponseAnswer in models_with_rows_about(incident)
    responses = queries.responses_answering(incident) if is_answered else []
    return render_template("responses/incident_panel.html", responses=responses, incident=incident)


@register_panel("institution")
def institution_panel(institution: Institution) -> str:
    """Render the latest responses in which an institution spoke or acted."""
    return render_template(
        "responses/institution_panel.html",
        responses=queries.responses_involving(institution, limit=MAX_PANEL_ROWS + 1),
        institution=institution,
        most=MAX_PANEL_ROWS,
        count=count_institution_records(institution)[0],
    )


@bp.get("/<ref>/")
@require_permission(Permission.READ)
def show(ref: str) -> tuple[str, int]:
    """Show the page of a response."""
    return _render_page(_load_response(ref))


@bp.route("/new", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def new() -> sections.ViewResponse:
    """Record a response. If the URL parameter `article` names an article, it is the source."""
    origin, form = _read_origin(), NewResponseForm()
    article, appeal = origin.article, origin.record if isinstance(origin.record, Appeal) else None
    form.set_choices(article, origin.incidents)
    answer = None
    if "another" in request.form:
        form.add_line()
    elif form.is_submitted():
        answer = saving.handle_form(
            form,
            lambda: _record_response(form, origin),
            to=lambda response: (
                saving.record_url(appeal)
                if appeal
                else saving.next_url_after_recording(response, article)
            ),
            message=lambda response: _("Saved: %(name)s", name=response.heading),
            check=lambda: _read_new_response(form, origin),
        )
    elif appeal:
        form.prefill_from_appeal(appeal)
    elif article and request.args.get("like"):
        form.prefill_from(
            saving.load(OfficialResponse, request.args["like"], *queries.page_load_options())
        )
    lines = article.sentences[:SENTENCES_PER_PART] if article else []
    return answer or render_form("responses/new.html", form=form, origin=origin, lines=lines)


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def edit(ref: str) -> sections.ViewResponse:
    """Edit a response, including its acts."""
    response = saving.load_to_edit(OfficialResponse, ref, *queries.page_load_options())
    form = EditResponseForm()
    answer = None
    if "another" in request.form:
        form.add_line()
    else:
        to = url_for(".show", ref=ref)
        answer = saving.handle_form(
            form,
            lambda: _save(form, response),
            to=to,
            record=response,
            check=lambda: _read_edited_response(form, response),
        )
    return answer or render_form("responses/edit.html", form=form, response=response)


def _render_page(response: OfficialResponse, submitted: PartForm | None = None) -> tuple[str, int]:
    """Return the page of a response and its HTTP status; `submitted`: a form with errors."""
    answer = None
    if can_edit(current_actor(), response):
        answer = sections.submitted_form_or_new(ChooseIncidentForm, submitted, response)
        _set_incident_choices(answer, response)
    return render_form(
        "responses/show.html",
        form=submitted or RemoveForm.for_record(response),
        response=response,
        answer_form=answer,
    )


def _set_incident_choices(form: ChooseIncidentForm, response: OfficialResponse) -> None:
    """Offer the incidents that cite the same articles and are not linked to the response yet."""
    answered = [one.incident_id for one in response.answers]
    form.set_choices(incidents_citing_same_articles(response.citations, excluding=answered))


sections.add_incident_routes(
    bp,
    _load_editable_response,
    _render_page,
    set_choices=_set_incident_choices,
    find_incident=resolve_incident,
    link=service.add_answer,
    unlink=service.remove_answer,
)


def _read_origin() -> fields.Origin:
    """Return the origin named by the URL parameters: an article, or the appeal to be answered."""
    reject_unknown_parameters(request.args, {"article", "appeal", "like"})
    if article := saving.record_from_query(Article, "article", *article_text_load_options()):
        return fields.Origin(article, incidents_citing(article))
    if appeal := saving.record_from_query(Appeal, "appeal", *appeal_page_load_options()):
        require_editor(appeal)
        return fields.Origin(appeal, [one.incident for one in appeal.incidents if one.incident])
    return fields.Origin()


def _record_response(form: NewResponseForm, origin: fields.Origin) -> OfficialResponse:
    by, article = current_actor(), origin.article
    chosen = form.visibility.chosen_code() if article is None else Visibility.RESTRICTED
    team_id, visibility = origin.default_team_and_visibility(by=by, chosen_visibility=chosen)
    body, when, acts, answered, citations = _read_new_response(form, origin)
    country = _origin_country(origin)
    resolver = fields.InstitutionResolver(country, by=by)
    institution = resolver.find_or_create(body)
    response = service.record_response(
        _build_facts(form, institution, when),
        acts=_build_act_facts(resolver, acts, institution.country or country),
        incidents=answered,
        citations=citations,
        team_id=team_id,
        visibility=visibility,
        by=by,
    )
    if isinstance(origin.record, Appeal):
        _link_appeal(origin.record, response)
    return response


def _link_appeal(appeal: Appeal, response: OfficialResponse) -> None:
    """Link an appeal to the response that answers it; raise InvalidInput if it has one."""
    if appeal.response_id is not None:
        # A response that the actor cannot see, or that another user linked meanwhile.
        raise InvalidInput(**{"made-when": already_answered_message()})
    outcome = appeal.outcome if appeal.outcome in OUTCOMES_WITH_RESPONSE else AppealOutcome.ANSWERED
    try:
        set_outcome(appeal, outcome, response, by=current_actor())
    except InvalidInput as error:
        raise InvalidInput(**{"made-when": " ".join(error.fields.values())}) from error


def _read_new_response(form: NewResponseForm, origin: fields.Origin) -> list[Any]:
    """Return what was submitted of a new response: `InstitutionChoice`, date, list of `ActChoice`,
    list of incidents and list of citations.

    Raises InvalidInput with all errors; stores nothing.
    """
    article = origin.article
    act_citations: list[ResponseCitation] = []

    def resolve_quote(words: str, field: str) -> str:
        """Return the quote of an act, and collect its citations."""
        if article is None or not words:
            return words
        found = build_citations(ResponseCitation, article, words, error_field=field)
        act_citations.extend(found)
        return join_quotes(found)

    body, when, acts, answered, cited = collect_errors(
        lambda: _read_institution(form),
        lambda: form.made.read_when(
            latest_possible_event_date(article) if article else clock.current_date()
        ),
        lambda: fields.read_acts(form.act_lines(), resolve_quote),
        lambda: _chosen_incidents(form, origin.incidents),
        lambda: _read_citations(form, article),
    )
    # A response without a quote of its own has the quotes of its acts, each once.
    citations = cited or list({(one.start, one.quote): one for one in act_citations}.values())
    return [body, when, acts, answered, citations]


def _save(form: EditResponseForm, response: OfficialResponse) -> None:
    by = current_actor()
    body, when, acts = _read_edited_response(form, response)
    resolver = fields.InstitutionResolver(response.institution.country, by=by)
    institution = resolver.find_or_create(body)
    country = institution.country or next(
        (one.incident.country for one in response.answers if one.incident), None
    )
    service.edit_response(
        response,
        replace(_build_facts(form, institution, when), summary=form.summary.data or ""),
        acts=_build_act_facts(resolver, acts, country),
        visibility=form.visibility.chosen_code(),
        by=by,
    )


def _read_edited_response(form: EditResponseForm, response: OfficialResponse) -> list[Any]:
    """Return what was submitted of an edited response: `InstitutionChoice`, date and list of
    `ActChoice`.

    Raises InvalidInput with all errors; stores nothing.
    """
    sources = [one.article for one in response.citations if one.article]
    stored_quotes = {act.quote for act in response.acts}
    # Masked quotes may look alike: each is kept for its position.
    shown = [(shorten_masks(act.quote), act.quote) for act in response.acts]
    latest = max((latest_possible_event_date(one) for one in sources), default=clock.current_date())

    def resolve_quote(words: str, field: str) -> str:
        """Return the quote of an act; the field's name contains its position."""
        place = int(field.split("-")[1])
        stored = dict([*shown, *shown[place : place + 1]]).get(words, words)
        return service.resolve_quote(stored, sources, stored_quotes=stored_quotes, field=field)

    *found, _fewer = collect_errors(
        lambda: _read_institution(form),
        lambda: fields.read_changed_date(form.made, response.when, latest),
        lambda: fields.read_acts(form.act_lines(), resolve_quote),
        lambda: form.confirm_removed_acts(response),
    )
    return found


def _build_facts(form: ResponseFields, institution: Institution, made: When) -> ResponseFacts:
    """Return the `ResponseFacts` of the submitted form, without the summary. `made`: when the
    response was made.
    """
    return service.ResponseFacts(
        institution=institution,
        official=form.official.data or "",
        office=form.office.data or "",
        made=made,
        standing=form.standing.chosen_code(),
        stance=form.stance.chosen_code(),
        other_stances=[Stance(code) for code in form.other_stances.data or []],
        answers_scope=form.answers_scope.chosen_code(),
    )


def _read_institution(form: ResponseFields) -> fields.InstitutionChoice:
    """Return the institution that the form names; raise InvalidInput if it names none."""
    meant = fields.read_institution(form.institution, form.institution_kind)
    if meant is None:
        name = form.institution.form.name.name
        raise InvalidInput(**{name: _("Name the body that spoke or acted.")})
    return meant


def _read_citations(form: NewResponseForm, article: Article | None) -> list[ResponseCitation]:
    """Return the submitted quotes of the article, none without an article.

    Raises InvalidInput for an article if neither the form nor an act has a quote.
    """
    if article is None:
        return []
    words = form.quote.data or ""
    if not words and not any(line.quote.data for line in form.act_lines()):
        raise InvalidInput(quote=_("Quote the article here, or at one of the acts."))
    return build_citations(ResponseCitation, article, words) if words else []


def _chosen_incidents(form: NewResponseForm, offered: Sequence[Incident]) -> list[Incident]:
    """Return the ticked incidents. Raise InvalidInput if incidents are `offered` and none is
    ticked, although the response is said to answer incidents.
    """
    chosen = form.chosen_incidents()
    if offered and not chosen and form.answers_scope.chosen_code() is AnswerScope.INCIDENTS:
        raise InvalidInput(
            incidents=_("Tick what it answers, or say that it answers a case or the situation.")
        )
    return chosen


def _build_act_facts(
    resolver: fields.InstitutionResolver, choices: list[fields.ActChoice], country: str | None
) -> list[ActFacts]:
    """Return the `ActFacts` of the acts. `country`: the country of unspecified law enforcement, if
    that is the acting institution.
    """
    return [resolver.build_act_facts(one, country) for one in choices]


def _origin_country(origin: fields.Origin) -> str | None:
    """Return the country of the origin; if that is an appeal without incidents, the country of the
    institution to which the appeal was made.
    """
    if isinstance(origin.record, Appeal) and not origin.incidents:
        return origin.record.institution.country
    return origin.country

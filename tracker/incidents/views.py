"""Pages of incidents: list, record, history, sharing, recording, editing, merging duplicates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response
from wtforms import HiddenField
from wtforms.validators import InputRequired

from tracker.articles.models import Article
from tracker.articles.queries import article_text_load_options, latest_possible_event_date
from tracker.articles.rules import SENTENCES_PER_PART
from tracker.articles.service import default_team_and_visibility
from tracker.audit.service import (
    get_confidential_row,
    log_confidential_view,
    save_confidential_values,
)
from tracker.db import db
from tracker.errors import InvalidInput, StaleRecord, collect_errors
from tracker.i18n import _, country_names, current_language, lazy, localized_date, localized_day
from tracker.incidents import merging_service, queries, rules, service
from tracker.incidents.codes import TargetRole, Verification
from tracker.incidents.fields import validate_row_limit
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.forms import (
    CircumstancesForm,
    EditIncidentForm,
    NewIncidentForm,
    RestrictForm,
)
from tracker.incidents.guarded_models import IncidentConfidential
from tracker.incidents.models import Incident, IncidentTarget, IncidentType
from tracker.incidents.queries import incident_by_ref
from tracker.kit.fields import code_label
from tracker.kit.lists import COUNTRY_COLUMN, REF_COLUMN, Column, Facet, RecordList, add_column
from tracker.kit.sections import (
    ConfidentialForm,
    ViewResponse,
    add_history_page,
    add_share_page,
    handle_confidential_form,
)
from tracker.people.models import Journalist, Outlet
from tracker.people.queries import search_spellings
from tracker.permissions import Permission, Visibility
from tracker.review.queries import shared_records_referring_to
from tracker.review.service import (
    StillShared,
    find_still_shared,
    records_to_share,
    restrict_with_shown,
    share_record,
)
from tracker.search.index import MAX_SEARCH_CANDIDATES, select_for_filtered_list
from tracker.vocabulary.models import Term
from tracker.vocabulary.queries import region_choices
from tracker.web.filters import REF_PATTERN, reject_unknown_parameters
from tracker.web.forms import (
    LongTextField,
    PartForm,
    TextField,
    TrackerForm,
    VersionedForm,
    render_form,
)
from tracker.web.guards import (
    current_actor,
    require_editor,
    require_permission,
    shows_filter_errors,
)
from tracker.web.paging import MAX_COUNTED_RECORDS, MAX_FACET_RECORDS
from tracker.web.saving import handle_form, load, load_to_edit, next_url_after_recording

bp = Blueprint("incidents", __name__, url_prefix="/incidents")


add_history_page(bp, lambda ref: load(Incident, ref, *queries.row_load_options()))


add_share_page(
    bp,
    lambda ref: load_to_edit(Incident, ref, *queries.page_load_options()),
    list_shared_records=records_to_share,
    share_record=share_record,
)


# The key of the session for the country of the last new incident.
LAST_COUNTRY_SESSION_KEY = "last_country"
MAX_SOURCES_OFFERED = 20  # the latest articles, one of which a new incident cites


@bp.record
def _register_globals(state: BlueprintSetupState) -> None:
    """Make functions and limits of incidents available in all templates."""
    state.app.jinja_env.globals.update(
        localized_day=localized_day,
        most_counted=MAX_COUNTED_RECORDS,
        most_in_facets=MAX_FACET_RECORDS,
        may_assess_lawsuit=lambda one: rules.may_assess_lawsuit(
            current_actor(), one.recorded_by_id
        ),
    )


def _list_title(incident: Incident) -> str:
    """Return the title of an incident for a row of the list. For an incident without a title of its
    own, it is only the label of the primary type, since date and targets have columns.
    """
    if incident.title or not incident.types:
        return incident.heading
    return incident.types[0].term.label_in(current_language())


def _list_note(incident: Incident) -> str:
    """Return the labels of the types that the title in the list does not show, joined."""
    shown = incident.types if incident.title else incident.types[1:]
    return " · ".join(row.term.label_in(current_language()) for row in shown)


def _target_labels(incident: Incident) -> str:
    """Return the names of the targets in one text; the role is added for each target that was not
    attacked directly.
    """
    return ", ".join(
        one.describe()
        if one.role is TargetRole.DIRECT
        else f"{one.describe()} ({code_label(one.role)})"
        for one in incident.targets
    )


def _status_codes(incident: Incident) -> list[StrEnum]:
    """Return the editorial state, and the verification if somebody assessed it."""
    is_assessed = incident.verification is not Verification.UNKNOWN
    return [incident.state, *([incident.verification] if is_assessed else [])]


# The list of incidents: its columns, its order, and the counts by field that it can show.
INCIDENT_LIST = RecordList(
    endpoint="incidents.index",
    id_column=Incident.id,
    order=queries.SORT_ORDER,
    columns=(
        Column(
            name="date", label=lazy("Date"), cell=lambda one: localized_date(one.when),
            order=queries.SORT_ORDER
        ),
        Column(
            name="heading", label=lazy("Incident"), kind="title", cell=_list_title, note=_list_note
        ),
        Column(name="targets", label=lazy("Targets"), cell=_target_labels),
        COUNTRY_COLUMN,
        Column(name="state", label=lazy("Status"), kind="codes", cell=_status_codes),
        REF_COLUMN,
    ),
    facets=(
        Facet(
            name="type", value_column=Term.code, id_column=IncidentType.incident_id,
            relationship=IncidentType.term,
            label_column=lambda: getattr(Term, f"label_{current_language()}"),
        ),
        Facet(
            name="journalist", value_column=Journalist.ref, id_column=IncidentTarget.incident_id,
            relationship=IncidentTarget.journalist, label_column=lambda: Journalist.name,
        ),
        Facet(
            name="outlet", value_column=Outlet.ref, id_column=IncidentTarget.incident_id,
            relationship=IncidentTarget.outlet, label_column=lambda: Outlet.name,
        ),
    ),
)  # fmt: skip


def _incident_count_lookup(journalists: Sequence[Journalist]) -> Callable[[Journalist], int | str]:
    """Return a function that returns the number of incidents against one of these journalists, ""
    for none.
    """
    counts = queries.count_incidents_by_journalist_id(journalists)
    return lambda journalist: counts.get(journalist.id, "")


add_column(
    "journalists.index",
    Column(name="incidents", label=lazy("Incidents"), kind="number", load=_incident_count_lookup),
    after="country",
)


@bp.get("/")
@require_permission(Permission.READ)
@shows_filter_errors
def index() -> str:
    """List the incidents that match a filter, the latest first."""
    filters = IncidentFilter.from_args(request.args)
    rows, is_truncated = select_for_filtered_list(
        Incident, filters, queries.incidents_matching, search_spellings
    )
    names = queries.filter_labels_by_code(filters)
    table = INCIDENT_LIST.build_table(rows, filters, names, queries.row_load_options())
    return render_template(
        "incidents/index.html",
        table=table,
        count=queries.count_incidents(rows),
        is_truncated=is_truncated,
        most_candidates=MAX_SEARCH_CANDIDATES,
        classes=queries.type_groups_for_filter(filters, names),
        type_numbers=table.count_with_groups("type", lambda code: f"{rules.type_group(code)}."),
        choices={
            "country": country_names(),
            "region": region_choices(),
        },
    )


@bp.get("/<ref>/")
@require_permission(Permission.READ)
def show(ref: str) -> str:
    """Show an incident, in sections."""
    incident = load(Incident, ref, *queries.page_load_options(), joinedload(Incident.publication))
    codes = {row.term.code for row in incident.types}
    links = queries.links_of(incident)
    return render_template(
        "incidents/show.html",
        incident=incident,
        links=[link for link in links if link.incident_id == incident.id],
        inverses=[
            (rules.inverse_link_label(link.kind), link)
            for link in links
            if link.other_id == incident.id
        ],
        is_untold=not rules.TYPES_NEEDING_NARRATIVE.isdisjoint(codes) and not incident.narrative,
        may_assess=rules.may_assess_lawsuit(current_actor(), incident.recorded_by_id)
        and not rules.LAWSUIT_TYPES.isdisjoint(codes),
        published=incident.publication,
    )


@bp.route("/<ref>/restrict", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def restrict(ref: str) -> Response | tuple[str, int]:
    """List the people and sources of an incident that all users see, and restrict it to its team,
    with those that are chosen.
    """
    incident, by = load_editable_incident(ref), current_actor()
    form = RestrictForm()
    answer = handle_form(
        form,
        lambda: restrict_with_shown(incident, chosen_refs=form.also.data or (), by=by),
        to=url_for(".show", ref=ref),
        message=_restricted_message,
        record=incident,
    )
    if answer is not None:
        return answer
    return render_form(
        "incidents/restrict.html",
        form=form,
        incident=incident,
        shared=find_still_shared(incident, by=by),
        referring=shared_records_referring_to(incident, excluding=()),
    )


def _restricted_message(shared: StillShared) -> str:
    """Return the message after a restriction. `shared`: what all users still see."""
    names = ", ".join(
        one.heading for one in (*shared.can_be_restricted, *shared.cannot_be_restricted)
    )
    message = str(_("Only the team sees it now."))
    if names:
        message += f" {_('All users still see: %(names)s.', names=names)}"
    return message


@bp.route("/new", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def new() -> Response | str | tuple[str, int]:
    """Record an incident from an article; the query parameter "like" names an incident whose
    values are copied.
    """
    reject_unknown_parameters(request.args, {"article", "like"})
    if "article" not in request.args:
        return _source_choice_page()
    article = load(Article, request.args["article"], *article_text_load_options())
    copied_incident = None
    if request.args.get("like"):
        copied_incident = load(Incident, request.args["like"], *queries.page_load_options())
    form = NewIncidentForm()
    form.set_choices()
    answer = None
    if request.method == "GET":
        _prefill_form(form, article, copied_incident)
    elif "add" in request.form:
        _add_target_row(form)
    else:
        answer = handle_form(
            form,
            lambda: _record_incident(form, article),
            to=lambda incident: next_url_after_recording(incident, article),
            message=lambda incident: _("Saved: %(title)s", title=incident.heading),
            check=lambda: _parse_form(form, article, _owner_of_incident(article)[1]),
        )
    if answer is not None:
        session[LAST_COUNTRY_SESSION_KEY] = form.country.data
        return answer
    lines = article.sentences[:SENTENCES_PER_PART]
    return render_form(
        "incidents/new.html",
        form=form,
        article=article,
        copied_incident=copied_incident,
        lines=lines,
    )


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def edit(ref: str) -> Response | tuple[str, int]:
    """Edit what happened in an incident, when and where."""
    incident = load_editable_incident(ref)
    form = EditIncidentForm()
    form.set_choices(incident)

    def apply_change() -> None:
        facts = form.cleaned_data(incident, service.latest_date_in_sources(incident))
        service.edit_incident(incident, **facts, by=current_actor())

    return _handle_edit_form(incident, form, apply_change, "incidents/edit.html")


@bp.route("/<ref>/circumstances", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def circumstances(ref: str) -> Response | tuple[str, int]:
    """Edit the circumstances and the verification of an incident."""
    incident, form = load_editable_incident(ref), CircumstancesForm()

    def apply_change() -> None:
        service.set_circumstances(incident, form.submitted_values(), by=current_actor())

    return _handle_edit_form(
        incident,
        form,
        apply_change,
        "incidents/section.html",
        heading=_("Circumstances and verification"),
        uncounted=service.sources_of_unknown_independence(incident),
    )


def load_editable_incident(ref: str) -> Incident:
    """Return an incident that the user may edit, with all that the incident's page shows."""
    return load_to_edit(Incident, ref, *queries.page_load_options())


def _handle_edit_form(
    incident: Incident,
    form: VersionedForm,
    apply_change: Callable[[], None],
    template: str,
    **shown: Any,  # noqa: ANN401 (template values)
) -> Response | tuple[str, int]:
    """Show a form with the stored values. If the form was sent, save it by calling `apply_change`
    and go back to the page of the incident. `template`: the template that shows the form; `shown`:
    its further values.
    """
    answer = handle_form(form, apply_change, to=url_for(".show", ref=incident.ref), record=incident)
    return answer or render_form(template, form=form, incident=incident, **shown)


def _source_choice_page() -> str:
    """List the latest sources to choose from: an incident is recorded from an article."""
    rows = select(Article).options(joinedload(Article.publisher)).limit(MAX_SOURCES_OFFERED)
    ordered = rows.order_by(Article.recorded_at.desc(), Article.ref.desc())
    return render_template("incidents/choose.html", articles=db.session.scalars(ordered).all())


def _prefill_form(
    form: NewIncidentForm, article: Article, copied_incident: Incident | None
) -> None:
    """Fill a new form with the values of another incident, `copied_incident`; without one, only
    with the country of the article's publisher or of the user's last new incident.
    """
    if copied_incident is not None:
        form.prefill_from(copied_incident)
        return
    publisher = article.publisher.country if article.publisher else None
    form.country.data = publisher or session.get(LAST_COUNTRY_SESSION_KEY, "")


def _add_target_row(form: NewIncidentForm) -> None:
    """Add an empty target row to a form; if the form has too many rows already, show an error
    instead.
    """
    try:
        validate_row_limit(form.targets)
    except InvalidInput as error:
        form.reject(error)
    else:
        form.targets.append_entry()


def _parse_form(form: NewIncidentForm, article: Article, visibility: Visibility) -> dict[str, Any]:
    """Return the submitted values for `record_incident`; raise InvalidInput with all errors at
    once. `visibility`: that of the new incident.
    """
    facts: dict[str, Any]
    facts, *_rest = collect_errors(
        lambda: form.cleaned_data(latest_possible_event_date(article), visibility),
        lambda: service.validate_new_incident(
            article=article, by=current_actor(), **form.data_read_without_queries()
        ),
    )
    return facts


def _record_incident(form: NewIncidentForm, article: Article) -> Incident:
    """Save a new incident."""
    team_id, visibility = _owner_of_incident(article)
    facts = _parse_form(form, article, visibility)
    return service.record_incident(
        **facts, article=article, team_id=team_id, visibility=visibility, by=current_actor()
    )


def _owner_of_incident(article: Article) -> tuple[int, Visibility]:
    """Return the team id and visibility of the new incident: those of
    `default_team_and_visibility`, or restricted to that team if the form says so.
    """
    team_id, visibility = default_team_and_visibility(article, by=current_actor())
    if request.form.get("visibility") == Visibility.RESTRICTED:
        visibility = Visibility.RESTRICTED
    return team_id, visibility


class IncidentConfidentialForm(ConfidentialForm):
    """A form for the witnesses and contacts of an incident."""

    witness_names = LongTextField(lazy("Names of witnesses"), max_length=10_000)
    addresses = LongTextField(lazy("Addresses"), max_length=10_000)
    contacts = LongTextField(lazy("Contacts"), max_length=10_000)
    source_notes = LongTextField(lazy("Notes on the source"), max_length=10_000)


@bp.route("/<ref>/confidential", methods=["GET", "POST"])
@require_permission(Permission.LOG, confidential=True)
def confidential(ref: str) -> Response | tuple[str, int]:
    """Show and edit the witnesses and contacts of an incident."""
    incident, actor = load(Incident, ref, *queries.row_load_options()), current_actor()
    require_editor(incident)
    return handle_confidential_form(
        incident,
        IncidentConfidentialForm(),
        log_view=partial(log_confidential_view, incident, by=actor),
        load_row=partial(get_confidential_row, incident, IncidentConfidential),
        save_values=partial(save_confidential_values, incident, by=actor),
    )


class ChooseDuplicateForm(TrackerForm):
    """A form for the ref of a duplicate incident, which will be merged into the incident on the
    page.
    """

    other = TextField(
        lazy("The other incident"), max_length=14, required=True, description=lazy("Its ref: INC-…")
    )


class MergeIncidentsForm(PartForm):
    """The merge button below the comparison of two incidents, for the versions shown."""

    CAN_OVERWRITE = False

    other_version = HiddenField(validators=[InputRequired()])


@bp.route("/<ref>/merge", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def merge(ref: str) -> ViewResponse:
    """Ask for the ref of a duplicate incident, to be merged into the incident with the ref `ref`;
    then go on to the page that compares both.
    """
    reject_unknown_parameters(request.args, ())
    incident, form = load_editable_incident(ref), ChooseDuplicateForm()
    if form.validate_on_submit():
        other = (form.other.data or "").upper()
        try:
            found = _find_other_incident(other)
            merging_service.validate_merge(incident, found)
        except InvalidInput as error:
            form.reject(error)
        else:
            return redirect(url_for(".merge_with", ref=ref, other=found.ref), code=303)
    offered = queries.possible_duplicates(incident)
    return render_form("incidents/merge.html", form=form, incident=incident, offered=offered)


@bp.route("/<ref>/merge/<other>", methods=["GET", "POST"])
@require_permission(Permission.LOG, confidential=True)
def merge_with(ref: str, other: str) -> ViewResponse:
    """Compare two incidents, and merge the second, with the ref `other`, into the first."""
    incident, gone, form = (
        load_editable_incident(ref),
        load_editable_incident(other),
        MergeIncidentsForm(),
    )
    merging_service.validate_merge(incident, gone)

    def apply_change() -> None:
        if form.other_version.data != str(gone.version):
            raise StaleRecord([], record=gone)
        merging_service.merge_incidents(incident, gone, by=current_actor())

    done = handle_form(
        form,
        apply_change,
        to=url_for(".show", ref=ref),
        message=_("Merged. The incident is a draft again; submit it for review."),
        record=incident,
    )
    if done is None and not form.is_submitted():
        form.other_version.data = str(gone.version)
    return done or render_form("incidents/merge.html", form=form, incident=incident, other=gone)


def _find_other_incident(ref: str) -> Incident:
    """Return the incident with an entered ref; raise InvalidInput at `other` if there is none."""
    found = incident_by_ref(ref) if REF_PATTERN.fullmatch(ref) else None
    if found is None:
        raise InvalidInput(other=_("There is no such incident, or it is not for you."))
    return found

"""The pages of journalists, their confidential values, and the erasure of those by two people."""

from __future__ import annotations

from functools import partial
from operator import attrgetter

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import selectinload

from tracker import clock
from tracker.audit.service import (
    get_confidential_row,
    log_confidential_view,
    save_confidential_values,
)
from tracker.db import db, purge_deleted_pages
from tracker.errors import InvalidInput
from tracker.i18n import LazyString, _, country_names, lazy, pgettext
from tracker.kit import sections
from tracker.kit.fields import code_label
from tracker.kit.lists import COUNTRY_COLUMN, REF_COLUMN, Column, RecordList
from tracker.people import forms, queries, section_views, service
from tracker.people.models import Affiliation, Journalist, JournalistConfidential, Outlet
from tracker.people.queries import JournalistOrOutletFilter
from tracker.permissions import Actor, Permission
from tracker.web.forms import (
    ButtonForm,
    LongTextField,
    PartForm,
    TextField,
    TrackerForm,
    render_form,
)
from tracker.web.guards import (
    current_actor,
    require_permission,
    shows_filter_errors,
)
from tracker.web.layout import register_panel
from tracker.web.saving import handle_form, load, load_to_edit

bp = Blueprint("journalists", __name__, url_prefix="/journalists")
# The columns by which the list of journalists is sorted.
NAME_ORDER = (Journalist.sort_key, Journalist.ref)


def _outlet_names(journalist: Journalist) -> str:
    """Return the names of the outlets for which a journalist works or worked, as one text."""
    return "; ".join(one.outlet.name for one in journalist.affiliations if one.outlet)


# The columns, order and counts of the list of journalists.
JOURNALIST_LIST = RecordList(
    endpoint="journalists.index",
    id_column=Journalist.id,
    order=NAME_ORDER,
    is_descending=False,
    columns=(
        Column(
            name="name",
            label=LazyString(lambda: pgettext("of a person", "Name")),
            kind="title",
            cell=attrgetter("heading"),
            order=NAME_ORDER,
        ),
        Column(name="kind", label=lazy("Works as"), cell=lambda one: code_label(one.kind)),
        Column(name="outlets", label=lazy("Outlets"), cell=_outlet_names),
        COUNTRY_COLUMN,
        REF_COLUMN,
    ),
)


# All that the page of one shows.
PAGE_OPTIONS = (
    selectinload(Journalist.names),
    selectinload(Journalist.references),
    selectinload(Journalist.affiliations).joinedload(Affiliation.outlet),
)


def _load_to_edit(ref: str) -> Journalist:
    """Return a journalist to edit, with all that its page shows."""
    return load_to_edit(Journalist, ref, *PAGE_OPTIONS)


def _journalist_page(journalist: Journalist, submitted: PartForm | None = None) -> tuple[str, int]:
    """Return a journalist's page and its HTTP status. `submitted`: the form of a section that was
    rejected, shown with its errors; None for empty forms.
    """
    naming = sections.submitted_form_or_new(forms.NameVariantForm, submitted, journalist)
    return render_form(
        "journalists/show.html",
        form=submitted or naming,
        journalist=journalist,
        naming=naming,
        referring=sections.submitted_form_or_new(forms.ReferenceForm, submitted, journalist),
        affiliating=sections.submitted_form_or_new(forms.AffiliationForm, submitted, journalist),
    )


sections.add_history_page(bp, lambda ref: load(Journalist, ref))
section_views.add_names_section(bp, _load_to_edit, _journalist_page)
section_views.add_references_section(bp, _load_to_edit, _journalist_page)


@bp.get("/")
@require_permission(Permission.READ)
@shows_filter_errors
def index() -> str:
    """List the journalists that the viewer may see, by name."""
    filters = JournalistOrOutletFilter.from_args(request.args)
    table = JOURNALIST_LIST.build_table(queries.journalists_matching(filters), filters)
    return render_template("journalists/index.html", table=table, countries=country_names())


@bp.route("/new", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def new() -> sections.ViewResponse:
    """Record a journalist, showing likely matches first."""
    form, actor = forms.NewJournalistForm(), current_actor()
    return section_views.new_record_page(
        _("New journalist"),
        form,
        lambda name: service.add_journalist(
            name, team_id=service.default_team_id(actor), by=actor, **form.submitted_values()
        ),
        likely_matches=queries.likely_journalists,
        find_by_ref=queries.journalist_by_ref,
        existing_message=_("This journalist already existed; nobody new was created."),
    )


@bp.get("/<ref>/")
@require_permission(Permission.READ)
def show(ref: str) -> tuple[str, int]:
    """Show a journalist: names, affiliations, and the sections of other features."""
    return _journalist_page(load(Journalist, ref, *PAGE_OPTIONS))


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def edit(ref: str) -> sections.ViewResponse:
    """Edit a journalist."""
    return section_views.edit_record_page(
        _load_to_edit(ref), forms.JournalistForm(), service.edit_journalist
    )


@bp.post("/<ref>/affiliations/add")
@require_permission(Permission.LOG)
def add_affiliation(ref: str) -> sections.ViewResponse:
    """Add an outlet, which may be new, for which the journalist works or worked."""
    journalist, form, actor = _load_to_edit(ref), forms.AffiliationForm(), current_actor()

    def apply_change() -> None:
        when = form.period.read_when(clock.current_date())
        outlet = _resolve_outlet(form, journalist, actor)
        service.add_affiliation(
            journalist, outlet, when=when, position=form.position.data or "", by=actor
        )

    return sections.handle_section_form(journalist, form, apply_change, _journalist_page)


@bp.post("/<ref>/affiliations/remove")
@require_permission(Permission.LOG)
def remove_affiliation(ref: str) -> sections.ViewResponse:
    """Remove an affiliation entered by mistake."""
    return sections.handle_row_removal(
        _load_to_edit(ref), service.remove_affiliation, _journalist_page
    )


class JournalistConfidentialForm(sections.ConfidentialForm):
    """A form for a journalist's legal name, address and contacts."""

    legal_name = TextField(lazy("Legal name"), max_length=200)
    home_address = LongTextField(lazy("Home address"), max_length=10_000)
    contacts = LongTextField(lazy("Contacts"), max_length=10_000)
    notes = LongTextField(lazy("Notes"), max_length=10_000)


@bp.route("/<ref>/confidential", methods=["GET", "POST"])
@require_permission(Permission.LOG, confidential=True)
def confidential(ref: str) -> sections.ViewResponse:
    """Show and edit the legal name, address and contacts of a journalist."""
    journalist, actor = load_to_edit(Journalist, ref), current_actor()
    return sections.handle_confidential_form(
        journalist,
        JournalistConfidentialForm(),
        log_view=partial(log_confidential_view, journalist, by=actor),
        load_row=partial(get_confidential_row, journalist, JournalistConfidential),
        save_values=partial(save_confidential_values, journalist, by=actor),
    )


class RequestErasureForm(TrackerForm):
    """A form to request an erasure, with the reason."""

    reason = TextField(
        lazy("Reason for erasure"), max_length=500, required=True,
        description=lazy(
            "The reason is kept: do not repeat confidential data in it."
        ),
    )  # fmt: skip


@bp.route("/<ref>/erase", methods=["GET", "POST"])
@require_permission(Permission.LOG, confidential=True)
def erase(ref: str) -> sections.ViewResponse:
    """Show the erasures of a journalist's confidential data; request one."""
    journalist, form = load_to_edit(Journalist, ref), RequestErasureForm()

    def apply_change() -> None:
        service.request_erasure(journalist, reason=form.reason.data or "", by=current_actor())

    answer = handle_form(
        form,
        apply_change,
        to=url_for(".erase", ref=ref),
        message=_("Erasure requested. Another member of the team must approve it on this page."),
    )
    return answer or _erasure_page(journalist, form)


@bp.post("/<ref>/erase/agree")
@require_permission(Permission.LOG, confidential=True)
def agree_to_erase(ref: str) -> sections.ViewResponse:
    """Approve an erasure as the second person, and erase the data."""
    journalist, form = load_to_edit(Journalist, ref), ButtonForm()
    if form.validate_on_submit():
        try:
            tables = service.approve_erasure(journalist, by=current_actor())
        except InvalidInput as error:
            form.reject(error)
        else:
            db.session.commit()
            flash(
                _("Confidential data erased.")
                if purge_deleted_pages(tables)
                else _(
                    "Confidential data erased; copies in free disk space are removed when the "
                    "database is less busy."
                )
            )
            return redirect(url_for(".erase", ref=ref), code=303)
    return _erasure_page(journalist, form)


@bp.post("/<ref>/erase/end")
@require_permission(Permission.LOG, confidential=True)
def end_erasure(ref: str) -> sections.ViewResponse:
    """Cancel a request for erasure."""
    journalist, form = load_to_edit(Journalist, ref), ButtonForm()
    answer = handle_form(
        form,
        lambda: service.cancel_erasure(journalist, by=current_actor()),
        to=url_for(".erase", ref=ref),
        message=_("Request cancelled; nothing was erased."),
    )
    return answer or _erasure_page(journalist, form)


@register_panel("overview-tasks")
def erasures_overview_panel(_nothing: None) -> str:
    """Render on the overview the erasures that wait for a second person of the team."""
    actor = current_actor()
    asked = queries.erasures_to_approve(actor) if actor.has_permission(Permission.LOG) else []
    return render_template("journalists/erase_on_overview.html", asked=asked) if asked else ""


def _resolve_outlet(form: forms.AffiliationForm, journalist: Journalist, actor: Actor) -> Outlet:
    """Return the outlet named in a form, or record it with the journalist's team and visibility;
    raise InvalidInput at the name if the user must choose from likely matches.
    """
    wanted = form.outlet.resolve(queries.likely_outlets, queries.outlet_by_ref)
    if wanted is None:
        raise InvalidInput(**{"outlet-name": _("Give the name of an outlet.")})
    if wanted.record is not None:
        return wanted.record
    try:
        return service.add_outlet(
            wanted.name,
            team_id=journalist.team_id,
            visibility=journalist.visibility,
            country=journalist.country,
            by=actor,
        )
    except InvalidInput as error:
        raise InvalidInput(**{"outlet-name": " ".join(error.fields.values())}) from error


def _erasure_page(journalist: Journalist, form: TrackerForm) -> tuple[str, int]:
    """Return the page of a journalist's erasures with a submitted form, and its HTTP status."""
    asked = queries.pending_erasure(journalist)
    return render_form(
        "journalists/erase.html",
        form=form,
        asking=form if isinstance(form, RequestErasureForm) else RequestErasureForm(formdata=None),
        journalist=journalist,
        asked=asked,
        is_mine=asked is not None and asked.asked_by_id == current_actor().id,
        erasures=queries.completed_erasures(journalist),
    )

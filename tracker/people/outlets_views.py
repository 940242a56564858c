"""The pages of outlets, with small forms for names and external identifiers."""

from __future__ import annotations

from operator import attrgetter

from flask import Blueprint, render_template, request
from sqlalchemy.orm import selectinload

from tracker.i18n import _, country_names, lazy
from tracker.kit.fields import code_label
from tracker.kit.lists import COUNTRY_COLUMN, REF_COLUMN, Column, RecordList
from tracker.kit.sections import ViewResponse, add_history_page, submitted_form_or_new
from tracker.people import forms, section_views, service
from tracker.people.models import Affiliation, Outlet
from tracker.people.queries import (
    JournalistOrOutletFilter,
    likely_outlets,
    outlet_by_ref,
    outlets_matching,
)
from tracker.permissions import Permission
from tracker.web.forms import PartForm, render_form
from tracker.web.guards import (
    current_actor,
    require_permission,
    shows_filter_errors,
)
from tracker.web.saving import load, load_to_edit

bp = Blueprint("outlets", __name__, url_prefix="/outlets")
# The columns by which the list of outlets is sorted.
NAME_ORDER = (Outlet.sort_key, Outlet.ref)

# The columns, order and counts of the list of outlets.
OUTLET_LIST = RecordList(
    endpoint="outlets.index",
    id_column=Outlet.id,
    order=NAME_ORDER,
    is_descending=False,
    columns=(
        Column(
            name="name",
            label=lazy("Outlet"),
            kind="title",
            cell=attrgetter("heading"),
            order=NAME_ORDER,
        ),
        Column(name="domains", label=lazy("Domains"), cell=lambda one: one.domains),
        Column(
            name="reliability",
            label=lazy("Reliability"),
            cell=lambda one: code_label(one.reliability),
        ),
        COUNTRY_COLUMN,
        REF_COLUMN,
    ),
)


# All that the page of one shows.
PAGE_OPTIONS = (
    selectinload(Outlet.names),
    selectinload(Outlet.references),
    selectinload(Outlet.affiliations).joinedload(Affiliation.journalist),
)


def _load_to_edit(ref: str) -> Outlet:
    """Return an outlet to edit, with all that its page shows."""
    return load_to_edit(Outlet, ref, *PAGE_OPTIONS)


def _outlet_page(outlet: Outlet, submitted: PartForm | None = None) -> tuple[str, int]:
    """Return an outlet's page and its HTTP status. `submitted`: the form of a section that was
    rejected, shown with its errors; None for empty forms.
    """
    naming = submitted_form_or_new(forms.NameVariantForm, submitted, outlet)
    referring = submitted_form_or_new(forms.ReferenceForm, submitted, outlet)
    return render_form(
        "outlets/show.html",
        form=submitted or naming,
        outlet=outlet,
        naming=naming,
        referring=referring,
    )


add_history_page(bp, lambda ref: load(Outlet, ref))
section_views.add_names_section(bp, _load_to_edit, _outlet_page)
section_views.add_references_section(bp, _load_to_edit, _outlet_page)


@bp.get("/")
@require_permission(Permission.READ)
@shows_filter_errors
def index() -> str:
    """List the outlets that the viewer may see, by name."""
    filters = JournalistOrOutletFilter.from_args(request.args)
    table = OUTLET_LIST.build_table(outlets_matching(filters), filters)
    return render_template("outlets/index.html", table=table, countries=country_names())


@bp.route("/new", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def new() -> ViewResponse:
    """Record an outlet, showing likely matches first."""
    form, actor = forms.NewOutletForm(), current_actor()
    return section_views.new_record_page(
        _("New outlet"),
        form,
        lambda name: service.add_outlet(
            name, team_id=service.default_team_id(actor), by=actor, **form.submitted_values()
        ),
        likely_matches=likely_outlets,
        find_by_ref=outlet_by_ref,
        existing_message=_("This outlet already existed; nothing new was created."),
    )


@bp.get("/<ref>/")
@require_permission(Permission.READ)
def show(ref: str) -> tuple[str, int]:
    """Show an outlet: names, staff, and the sections of other features."""
    return _outlet_page(load(Outlet, ref, *PAGE_OPTIONS))


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def edit(ref: str) -> ViewResponse:
    """Edit an outlet."""
    return section_views.edit_record_page(
        _load_to_edit(ref), forms.OutletForm(), service.edit_outlet
    )

"""The pages of institutions, which all teams share: everyone who records may edit them."""

from __future__ import annotations

from operator import attrgetter

from flask import Blueprint, render_template, request
from sqlalchemy.orm import joinedload

from tracker.i18n import _, alphabet_sort_key, country_names, lazy
from tracker.kit.fields import code_label
from tracker.kit.lists import COUNTRY_COLUMN, REF_COLUMN, Column, RecordList
from tracker.kit.sections import ViewResponse, add_history_page, submitted_form_or_new
from tracker.people import forms, queries, section_views, service
from tracker.people.models import Institution
from tracker.permissions import Permission
from tracker.web.forms import PartForm, render_form
from tracker.web.guards import current_actor, require_permission, shows_filter_errors
from tracker.web.saving import load

bp = Blueprint("institutions", __name__, url_prefix="/institutions")
# The columns that have the main names; the list is sorted by the names in the viewer's language.
NAME_ORDER = (Institution.sort_key, Institution.ref)

# The columns, order and counts of the list of institutions.
INSTITUTION_LIST = RecordList(
    endpoint="institutions.index",
    id_column=Institution.id,
    order=NAME_ORDER,
    is_descending=False,
    sort_in_memory_by=lambda one: alphabet_sort_key(one.heading),
    columns=(
        Column(
            name="name",
            label=lazy("Institution"),
            kind="title",
            cell=attrgetter("heading"),
            order=NAME_ORDER,
        ),
        Column(name="kind", label=lazy("Kind"), cell=lambda one: code_label(one.kind)),
        Column(name="level", label=lazy("Level"), cell=lambda one: code_label(one.level)),
        COUNTRY_COLUMN,
        REF_COLUMN,
    ),
)


def _load_institution(ref: str) -> Institution:
    """Return an institution by ref, with all its names; raise NotFound if there is none."""
    return load(Institution, ref, joinedload(Institution.names))


def _institution_page(
    institution: Institution, submitted: PartForm | None = None
) -> tuple[str, int]:
    """Return an institution's page and its HTTP status. `submitted`: the form of a section that was
    rejected, shown with its errors; None for empty forms.
    """
    naming = submitted_form_or_new(forms.NameVariantForm, submitted, institution)
    return render_form(
        "institutions/show.html", form=submitted or naming, naming=naming, institution=institution
    )


add_history_page(bp, _load_institution)
section_views.add_names_section(bp, _load_institution, _institution_page)


@bp.get("/")
@require_permission(Permission.READ)
@shows_filter_errors
def index() -> str:
    """List institutions by name."""
    filters = queries.InstitutionFilter.from_args(request.args)
    table = INSTITUTION_LIST.build_table(queries.institutions_matching(filters), filters)
    return render_template("institutions/index.html", table=table, countries=country_names())


@bp.route("/new", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def new() -> ViewResponse:
    """Record an institution, showing likely matches first."""
    form = forms.NewInstitutionForm()
    return section_views.new_record_page(
        _("New institution"),
        form,
        lambda name: service.add_institution(name, by=current_actor(), **form.submitted_values()),
        likely_matches=queries.likely_institutions,
        find_by_ref=queries.institution_by_ref,
        existing_message=_("This institution already existed; nothing new was created."),
    )


@bp.get("/<ref>/")
@require_permission(Permission.READ)
def show(ref: str) -> tuple[str, int]:
    """Show an institution, its names, and the sections of other features."""
    return _institution_page(_load_institution(ref))


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def edit(ref: str) -> ViewResponse:
    """Edit an institution."""
    return section_views.edit_record_page(
        _load_institution(ref), forms.InstitutionForm(), service.edit_institution
    )

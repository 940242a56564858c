"""The pages of institutions, which all teams share: everyone who records may edit them."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from tracker.errors import InvalidInput
from tracker.i18n import _, country_names
from tracker.people import forms, service
from tracker.people.filters import InstitutionFilter
from tracker.people.models import Institution
from tracker.people.queries import institution_by_ref, institutions_matching, likely_institutions
from tracker.permissions import Permission
from tracker.web.forms import RemoveForm, page
from tracker.web.guards import current_actor, keeps_filter, requires
from tracker.web.paging import paginate
from tracker.web.saving import handle_form, load

bp = Blueprint("institutions", __name__, url_prefix="/institutions")


@bp.get("/")
@requires(Permission.READ)
@keeps_filter
def index() -> str:
    """List institutions by name."""
    filters = InstitutionFilter.from_args(request.args)
    order = (Institution.sort_key, Institution.ref)
    listed = paginate(institutions_matching(filters), order, request.args, descending=False)
    return render_template(
        "institutions/index.html",
        page=listed,
        filters=filters,
        countries=country_names(),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.LOG)
def new() -> tuple[str, int] | Response:
    """Record an institution, showing likely matches first."""
    form = forms.NewInstitutionForm()
    answer = handle_form(
        form,
        lambda: forms.errors_at_name(lambda: _chosen_or_new(form)),
        to=lambda wanted: url_for(".show", ref=wanted[0].ref),
        message=lambda wanted: wanted[1],
    )
    return answer or page("institutions/new.html", form=form)


def _chosen_or_new(form: forms.NewInstitutionForm) -> tuple[Institution, str]:
    """Return the institution, chosen or new, and the message to show."""
    wanted = form.who.resolve(likely_institutions, institution_by_ref)
    if wanted is None:
        raise InvalidInput(name=_("Give a name."))
    if wanted.record is not None:
        return wanted.record, _("This is the institution on record; nothing new was made.")
    institution = service.add_institution(
        wanted.name,
        country=form.country.data or None,
        by=current_actor(),
        **form.values(),
    )
    return institution, _("Saved.")


@bp.get("/<ref>/")
@requires(Permission.READ)
def show(ref: str) -> tuple[str, int]:
    """Show an institution, its names, and the records of higher features about it."""
    return _page(_load(ref))


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@requires(Permission.LOG)
def edit(ref: str) -> tuple[str, int] | Response:
    """Edit an institution."""
    institution, form = _load(ref), forms.InstitutionForm()

    def act() -> None:
        service.edit_institution(
            institution,
            name=form.name.data or "",
            is_correction=form.is_correction.data,
            country=form.country.data or None,
            by=current_actor(),
            **form.values(),
        )

    answer = handle_form(form, act, to=url_for(".show", ref=ref), record=institution)
    return answer or page("institutions/edit.html", form=form, institution=institution)


@bp.get("/<ref>/history")
@requires(Permission.READ)
def history(ref: str) -> str:
    """Show the record's history."""
    return render_template("layout/history.html", record=_load(ref))


@bp.post("/<ref>/names/add")
@requires(Permission.LOG)
def add_name(ref: str) -> tuple[str, int] | Response:
    """Add another name of the institution."""
    institution, form = _load(ref), forms.NameVariantForm()

    def act() -> None:
        service.add_name(
            institution, form.name.data or "", kind=form.kind.code(), by=current_actor()
        )

    answer = handle_form(form, act, to=url_for(".show", ref=ref), record=institution)
    return answer or _page(institution, form)


@bp.post("/<ref>/names/remove")
@requires(Permission.LOG)
def remove_name(ref: str) -> tuple[str, int] | Response:
    """Remove a name entered by mistake."""
    institution, form = _load(ref), RemoveForm()

    def act() -> None:
        service.remove_name(institution, form.number.data or 0, by=current_actor())

    answer = handle_form(form, act, to=url_for(".show", ref=ref), record=institution)
    return answer or _page(institution, removing=form)


def _page(
    institution: Institution,
    naming: forms.NameVariantForm | None = None,
    removing: RemoveForm | None = None,
) -> tuple[str, int]:
    """Render the page with the submitted form, or with fresh ones."""
    naming = naming or forms.NameVariantForm.on(institution)
    return page(
        "institutions/show.html",
        form=removing or naming,
        naming=naming,
        institution=institution,
    )


def _load(ref: str) -> Institution:
    return load(Institution, ref, selectinload(Institution.names))

"""The pages of outlets, with small forms for names and external identifiers."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from tracker.errors import InvalidInput
from tracker.i18n import _, country_names
from tracker.people import forms as people_forms
from tracker.people import service
from tracker.people.filters import PeopleFilter
from tracker.people.models import Affiliation, Outlet
from tracker.people.queries import likely_outlets, outlet_by_ref, outlets_matching
from tracker.permissions import Actor, Permission
from tracker.web.forms import RemoveForm, TrackerForm, page
from tracker.web.guards import current_actor, keeps_filter, require_editor, requires
from tracker.web.paging import paginate
from tracker.web.saving import handle_form, load

bp = Blueprint("outlets", __name__, url_prefix="/outlets")


@bp.get("/")
@requires(Permission.READ)
@keeps_filter
def index() -> str:
    """List the outlets that the viewer may see, by name."""
    filters = PeopleFilter.from_args(request.args)
    order = (Outlet.sort_key, Outlet.ref)
    listed = paginate(outlets_matching(filters), order, request.args, descending=False)
    return render_template(
        "outlets/index.html", page=listed, filters=filters, countries=country_names()
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.LOG)
def new() -> tuple[str, int] | Response:
    """Record an outlet, showing likely matches first."""
    form = people_forms.NewOutletForm()
    answer = handle_form(
        form,
        lambda: people_forms.errors_at_name(lambda: _chosen_or_new(form)),
        to=lambda wanted: url_for(".show", ref=wanted[0].ref),
        message=lambda wanted: wanted[1],
    )
    return answer or page("outlets/new.html", form=form)


def _chosen_or_new(form: people_forms.NewOutletForm) -> tuple[Outlet, str]:
    """Return the outlet, chosen or new, and the message to show."""
    wanted = form.who.resolve(likely_outlets, outlet_by_ref)
    if wanted is None:
        raise InvalidInput(name=_("Give a name."))
    if wanted.record is not None:
        return wanted.record, _("This is the outlet on record; nothing new was made.")
    actor = current_actor()
    outlet = service.add_outlet(
        wanted.name,
        country=form.country.data or None,
        domains=form.domains.data or "",
        channels=form.channels.data or "",
        notes=form.notes.data or "",
        team_id=service.default_team_id(actor),
        visibility=form.visibility.code(),
        by=actor,
        **form.values(),
    )
    return outlet, _("Saved.")


@bp.get("/<ref>/")
@requires(Permission.READ)
def show(ref: str) -> tuple[str, int]:
    """Show an outlet: names, staff, and the records of higher features about it."""
    return _page(_load(ref))


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@requires(Permission.LOG)
def edit(ref: str) -> tuple[str, int] | Response:
    """Edit an outlet."""
    outlet, form = _load(ref), people_forms.OutletForm()
    require_editor(outlet)

    def act() -> None:
        service.edit_outlet(
            outlet,
            name=form.name.data or "",
            is_correction=form.is_correction.data,
            country=form.country.data or None,
            domains=form.domains.data or "",
            channels=form.channels.data or "",
            notes=form.notes.data or "",
            visibility=form.visibility.code(),
            by=current_actor(),
            **form.values(),
        )

    answer = handle_form(form, act, to=url_for(".show", ref=ref), record=outlet)
    return answer or page("outlets/edit.html", form=form, outlet=outlet)


@bp.get("/<ref>/history")
@requires(Permission.READ)
def history(ref: str) -> str:
    """Show the record's history."""
    return render_template("layout/history.html", record=_load(ref))


@bp.post("/<ref>/names/add")
@requires(Permission.LOG)
def add_name(ref: str) -> tuple[str, int] | Response:
    """Add another name of the outlet."""
    form = people_forms.NameVariantForm()
    return _handle_section(
        ref,
        form,
        lambda outlet, actor: service.add_name(
            outlet, form.name.data or "", kind=form.kind.code(), by=actor
        ),
    )


@bp.post("/<ref>/names/remove")
@requires(Permission.LOG)
def remove_name(ref: str) -> tuple[str, int] | Response:
    """Remove a name entered by mistake."""
    form = RemoveForm()
    return _handle_section(
        ref,
        form,
        lambda outlet, actor: service.remove_name(outlet, form.number.data or 0, by=actor),
    )


@bp.post("/<ref>/references/add")
@requires(Permission.LOG)
def add_reference(ref: str) -> tuple[str, int] | Response:
    """Add an external identifier of the outlet."""
    form = people_forms.ReferenceForm()
    return _handle_section(
        ref,
        form,
        lambda outlet, actor: service.add_reference(
            outlet,
            scheme=form.scheme.data or "",
            identifier=form.identifier.data or "",
            url=form.url.data or "",
            by=actor,
        ),
    )


@bp.post("/<ref>/references/remove")
@requires(Permission.LOG)
def remove_reference(ref: str) -> tuple[str, int] | Response:
    """Remove an external identifier."""
    form = RemoveForm()
    return _handle_section(
        ref,
        form,
        lambda outlet, actor: service.remove_reference(outlet, form.number.data or 0, by=actor),
    )


def _handle_section(
    ref: str, form: TrackerForm, act: Callable[[Outlet, Actor], object]
) -> tuple[str, int] | Response:
    """Handle a small form of the page, and show the outlet again."""
    outlet = _load(ref)
    require_editor(outlet)
    to = url_for(".show", ref=ref)
    answer = handle_form(form, lambda: act(outlet, current_actor()), to=to, record=outlet)
    return answer or _page(outlet, form)


def _page(outlet: Outlet, sent: TrackerForm | None = None) -> tuple[str, int]:
    """Render the page with the submitted small form, or with fresh ones."""
    forms = {
        "naming": sent
        if isinstance(sent, people_forms.NameVariantForm)
        else people_forms.NameVariantForm.on(outlet),
        "referring": sent
        if isinstance(sent, people_forms.ReferenceForm)
        else people_forms.ReferenceForm.on(outlet),
    }
    return page("outlets/show.html", form=sent or forms["naming"], outlet=outlet, **forms)


def _load(ref: str) -> Outlet:
    return load(
        Outlet,
        ref,
        selectinload(Outlet.names),
        selectinload(Outlet.references),
        selectinload(Outlet.affiliations).joinedload(Affiliation.journalist),
    )

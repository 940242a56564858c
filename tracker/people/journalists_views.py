"""The pages of journalists, their confidential values, and erasure by two people of the team."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from tracker import clock
from tracker.audit.service import confidential_row, log_viewing, save_confidential
from tracker.db import db, purge_deleted_pages
from tracker.errors import InvalidInput
from tracker.i18n import _, country_names, lazy
from tracker.people import forms as people_forms
from tracker.people import service
from tracker.people.filters import PeopleFilter
from tracker.people.models import Affiliation, Journalist, JournalistConfidential, Outlet
from tracker.people.queries import (
    erasures_of,
    erasures_to_agree_to,
    journalist_by_ref,
    journalists_matching,
    likely_journalists,
    likely_outlets,
    open_erasure,
    outlet_by_ref,
)
from tracker.permissions import Actor, Permission
from tracker.web.confidential_views import ConfidentialForm, confidential_page
from tracker.web.forms import ButtonForm, LongTextField, RemoveForm, TextField, TrackerForm, page
from tracker.web.guards import current_actor, keeps_filter, require_editor, requires
from tracker.web.paging import paginate
from tracker.web.panels import panel
from tracker.web.saving import handle_form, load, load_to_edit

bp = Blueprint("journalists", __name__, url_prefix="/journalists")


@bp.get("/")
@requires(Permission.READ)
@keeps_filter
def index() -> str:
    """List the journalists that the viewer may see, by name."""
    filters = PeopleFilter.from_args(request.args)
    order = (Journalist.sort_key, Journalist.ref)
    listed = paginate(journalists_matching(filters), order, request.args, descending=False)
    return render_template(
        "journalists/index.html", page=listed, filters=filters, countries=country_names()
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.LOG)
def new() -> tuple[str, int] | Response:
    """Record a journalist, showing likely matches first."""
    form = people_forms.NewJournalistForm()
    answer = handle_form(
        form,
        lambda: people_forms.errors_at_name(lambda: _chosen_or_new(form)),
        to=lambda wanted: url_for(".show", ref=wanted[0].ref),
        message=lambda wanted: wanted[1],
    )
    return answer or page("journalists/new.html", form=form)


@bp.get("/<ref>/")
@requires(Permission.READ)
def show(ref: str) -> tuple[str, int]:
    """Show a journalist: names, affiliations, and the records of higher features about her."""
    return journalist_page(load_journalist(ref))


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@requires(Permission.LOG)
def edit(ref: str) -> tuple[str, int] | Response:
    """Edit a journalist."""
    journalist, form = load_journalist(ref), people_forms.JournalistForm()
    require_editor(journalist)

    def act() -> None:
        service.edit_journalist(
            journalist,
            name=form.name.data or "",
            is_correction=form.is_correction.data,
            country=form.country.data or None,
            notes=form.notes.data or "",
            visibility=form.visibility.code(),
            by=current_actor(),
            **form.values(),
        )

    answer = handle_form(form, act, to=url_for(".show", ref=ref), record=journalist)
    return answer or page("journalists/edit.html", form=form, journalist=journalist)


@bp.get("/<ref>/history")
@requires(Permission.READ)
def history(ref: str) -> str:
    """Show the record's history."""
    return render_template("layout/history.html", record=load_journalist(ref))


def load_journalist(ref: str) -> Journalist:
    """Return the viewer's journalist with all that her page shows."""
    return load(
        Journalist,
        ref,
        selectinload(Journalist.names),
        selectinload(Journalist.references),
        selectinload(Journalist.affiliations).joinedload(Affiliation.outlet),
    )


def journalist_page(journalist: Journalist, sent: TrackerForm | None = None) -> tuple[str, int]:
    """Render the page with the submitted small form, or with fresh ones."""
    forms = {
        "naming": sent
        if isinstance(sent, people_forms.NameVariantForm)
        else people_forms.NameVariantForm.on(journalist),
        "referring": sent
        if isinstance(sent, people_forms.ReferenceForm)
        else people_forms.ReferenceForm.on(journalist),
        "affiliating": sent
        if isinstance(sent, people_forms.AffiliationForm)
        else people_forms.AffiliationForm.on(journalist),
    }
    return page(
        "journalists/show.html", form=sent or forms["naming"], journalist=journalist, **forms
    )


@bp.post("/<ref>/names/add")
@requires(Permission.LOG)
def add_name(ref: str) -> tuple[str, int] | Response:
    """Add another name of the journalist."""
    form = people_forms.NameVariantForm()
    return _handle_section(
        ref,
        form,
        lambda journalist, actor: service.add_name(
            journalist, form.name.data or "", kind=form.kind.code(), by=actor
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
        lambda journalist, actor: service.remove_name(journalist, form.number.data or 0, by=actor),
    )


@bp.post("/<ref>/affiliations/add")
@requires(Permission.LOG)
def add_affiliation(ref: str) -> tuple[str, int] | Response:
    """Add an outlet that the journalist works or worked for; it may be new."""
    form = people_forms.AffiliationForm()

    def act(journalist: Journalist, actor: Actor) -> None:
        when = form.period.read_when(clock.today())
        outlet = _outlet(form, journalist, actor)
        service.affiliate(
            journalist, outlet, when=when, position=form.position.data or "", by=actor
        )

    return _handle_section(ref, form, act)


@bp.post("/<ref>/affiliations/remove")
@requires(Permission.LOG)
def remove_affiliation(ref: str) -> tuple[str, int] | Response:
    """Remove an affiliation entered by mistake."""
    form = RemoveForm()
    return _handle_section(
        ref,
        form,
        lambda journalist, actor: service.remove_affiliation(
            journalist, form.number.data or 0, by=actor
        ),
    )


@bp.post("/<ref>/references/add")
@requires(Permission.LOG)
def add_reference(ref: str) -> tuple[str, int] | Response:
    """Add an external identifier of the journalist."""
    form = people_forms.ReferenceForm()
    return _handle_section(
        ref,
        form,
        lambda journalist, actor: service.add_reference(
            journalist,
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
        lambda journalist, actor: service.remove_reference(
            journalist, form.number.data or 0, by=actor
        ),
    )


class JournalistConfidentialForm(ConfidentialForm):
    """A journalist's legal name, location and contacts."""

    legal_name = TextField(lazy("Legal name"), most=200)
    home_address = LongTextField(lazy("Home address"), most=10_000)
    contacts = LongTextField(lazy("Contacts"), most=10_000)
    notes = LongTextField(lazy("Notes"), most=10_000)


@bp.route("/<ref>/confidential", methods=["GET", "POST"])
@requires(Permission.LOG, confidential=True)
def confidential(ref: str) -> Response | tuple[str, int]:
    """Show and edit the legal name, location and contacts."""
    journalist, actor = load(Journalist, ref), current_actor()
    require_editor(journalist)
    return confidential_page(
        journalist,
        JournalistConfidentialForm(),
        note=partial(log_viewing, journalist, by=actor),
        find=partial(confidential_row, journalist, JournalistConfidential),
        keep=partial(save_confidential, journalist, by=actor),
    )


class RequestErasureForm(TrackerForm):
    """The reason for an erasure."""

    reason = TextField(
        lazy("Why it is to be erased"), most=500, needed=True,
        description=lazy(
            "Once it is erased, this reason stays: write nothing in it that is to be erased."
        ),
    )  # fmt: skip


@bp.route("/<ref>/erase", methods=["GET", "POST"])
@requires(Permission.LOG, confidential=True)
def erase(ref: str) -> Response | tuple[str, int]:
    """Show open and completed erasures; request one."""
    journalist, form = _load_own(ref), RequestErasureForm()

    def act() -> None:
        service.request_erasure(journalist, reason=form.reason.data or "", by=current_actor())

    answer = handle_form(
        form,
        act,
        to=url_for(".erase", ref=ref),
        message=_("Asked. Somebody else of the team has to agree on this page."),
    )
    return answer or _page(journalist, form)


@bp.post("/<ref>/erase/agree")
@requires(Permission.LOG, confidential=True)
def agree_to_erase(ref: str) -> Response | tuple[str, int]:
    """Erase the data, as the second person."""
    journalist, form = _load_own(ref), ButtonForm()
    if form.validate_on_submit():
        try:
            tables = service.approve_erasure(journalist, by=current_actor())
        except InvalidInput as error:
            form.reject(error)
        else:
            db.session.commit()
            flash(
                _("It is erased.")
                if purge_deleted_pages(tables)
                else _("It is erased; copies in free space go when the database is less busy.")
            )
            return redirect(url_for(".erase", ref=ref), code=303)
    return _page(journalist, form)


@bp.post("/<ref>/erase/end")
@requires(Permission.LOG, confidential=True)
def end_erasure(ref: str) -> Response | tuple[str, int]:
    """Cancel a request for erasure."""
    journalist, form = _load_own(ref), ButtonForm()
    answer = handle_form(
        form,
        lambda: service.cancel_erasure(journalist, by=current_actor()),
        to=url_for(".erase", ref=ref),
        message=_("The request is ended; nothing was erased."),
    )
    return answer or _page(journalist, form)


@panel("overview")
def erasures_overview_panel(_nothing: None) -> str:
    """Render on the overview the erasures that wait for a second person of the team."""
    actor = current_actor()
    asked = erasures_to_agree_to(actor) if actor.may(Permission.LOG) else []
    return render_template("journalists/erase_on_overview.html", asked=asked) if asked else ""


def _chosen_or_new(form: people_forms.NewJournalistForm) -> tuple[Journalist, str]:
    """Return the journalist, chosen or new, and the message to show."""
    wanted = form.who.resolve(likely_journalists, journalist_by_ref)
    if wanted is None:
        raise InvalidInput(name=_("Give a name."))
    if wanted.record is not None:
        return wanted.record, _("This is the journalist on record; nobody new was made.")
    actor = current_actor()
    journalist = service.add_journalist(
        wanted.name,
        country=form.country.data or None,
        notes=form.notes.data or "",
        team_id=service.default_team_id(actor),
        visibility=form.visibility.code(),
        by=actor,
        **form.values(),
    )
    return journalist, _("Saved.")


def _handle_section(
    ref: str, form: TrackerForm, act: Callable[[Journalist, Actor], object]
) -> tuple[str, int] | Response:
    """Handle a small form of the page, and show the journalist again."""
    journalist = load_journalist(ref)
    require_editor(journalist)
    to = url_for(".show", ref=ref)
    answer = handle_form(form, lambda: act(journalist, current_actor()), to=to, record=journalist)
    return answer or journalist_page(journalist, form)


def _outlet(form: people_forms.AffiliationForm, journalist: Journalist, actor: Actor) -> Outlet:
    """Return the named outlet; a new one gets the journalist's team and visibility."""
    wanted = form.outlet.resolve(likely_outlets, outlet_by_ref)
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


def _page(journalist: Journalist, form: TrackerForm) -> tuple[str, int]:
    asked = open_erasure(journalist)
    return page(
        "journalists/erase.html",
        form=form,
        asking=form if isinstance(form, RequestErasureForm) else RequestErasureForm(formdata=None),
        journalist=journalist,
        asked=asked,
        is_mine=asked is not None and asked.asked_by_id == current_actor().id,
        erasures=erasures_of(journalist),
    )


def _load_own(ref: str) -> Journalist:
    return load_to_edit(Journalist, ref)

"""The pages of journalists; the small forms on them stand in `journalist_sections_views`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import selectinload

from tracker.errors import InvalidInput
from tracker.i18n import _, country_names
from tracker.people import service
from tracker.people.filters import PeopleFilter
from tracker.people.forms import (
    AffiliationForm,
    JournalistForm,
    NameVariantForm,
    NewJournalistForm,
    ReferenceForm,
)
from tracker.people.models import Affiliation, Journalist
from tracker.people.queries import journalist_by_ref, journalists_matching, likely_journalists
from tracker.people.sections_views import at_the_name, own_team
from tracker.permissions import Permission
from tracker.web.forms import page
from tracker.web.guards import current_actor, refuse_unless_editor, requires
from tracker.web.paging import page_of
from tracker.web.records import load
from tracker.web.saving import saved

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from tracker.web.forms import TrackerForm

bp = Blueprint("journalists", __name__, url_prefix="/journalists")


@bp.get("/")
@requires(Permission.READ)
def index() -> str:
    """List the journalists that the viewer may see by name."""
    filters = PeopleFilter.from_args(request.args)
    order = (Journalist.sort_key, Journalist.ref)
    listed = page_of(journalists_matching(filters), order, request.args, descending=False)
    return render_template(
        "journalists/index.html", page=listed, filters=filters, countries=country_names()
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.LOG)
def new() -> tuple[str, int] | Response:
    """Record a journalist, likely ones on record shown first."""
    form = NewJournalistForm()
    answer = saved(
        form,
        lambda: at_the_name(lambda: _wanted(form)),
        to=lambda wanted: url_for(".show", ref=wanted[0].ref),
        said=lambda wanted: wanted[1],
    )
    return answer or page("journalists/new.html", form=form)


def _wanted(form: NewJournalistForm) -> tuple[Journalist, str]:
    """Return the journalist chosen among those on record, or a new one, and what to say of it."""
    wanted = form.who.want(likely_journalists, journalist_by_ref)
    if wanted is None:
        raise InvalidInput(name=_("Give a name."))
    if wanted.record is not None:
        return wanted.record, _("This is the journalist on record; nobody new was made.")
    actor = current_actor()
    journalist = service.add_journalist(
        wanted.name,
        kind=form.kind.code(),
        gender=form.gender.code(),
        country=form.country.data or None,
        notes=form.notes.data or "",
        team_id=own_team(actor),
        visibility=form.visibility.code(),
        by=actor,
    )
    return journalist, _("Saved.")


@bp.get("/<ref>/")
@requires(Permission.READ)
def show(ref: str) -> tuple[str, int]:
    """Show a journalist: names, affiliations, and what higher features know of her."""
    return journalist_page(load_journalist(ref))


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@requires(Permission.LOG)
def edit(ref: str) -> tuple[str, int] | Response:
    """Change what is recorded about a journalist."""
    journalist, form = load_journalist(ref), JournalistForm()
    refuse_unless_editor(journalist)

    def act() -> None:
        service.edit_journalist(
            journalist,
            name=form.name.data or "",
            is_correction=form.is_correction.data,
            kind=form.kind.code(),
            gender=form.gender.code(),
            country=form.country.data or None,
            notes=form.notes.data or "",
            visibility=form.visibility.code(),
            by=current_actor(),
        )

    answer = saved(form, act, to=url_for(".show", ref=ref), record=journalist)
    return answer or page("journalists/edit.html", form=form, journalist=journalist)


@bp.get("/<ref>/history")
@requires(Permission.READ)
def history(ref: str) -> str:
    """Say who did what to this record."""
    return render_template("layout/history.html", record=load_journalist(ref))


def load_journalist(ref: str) -> Journalist:
    """Return the viewer's journalist with all that her page shows."""
    return load(
        Journalist,
        ref,
        selectinload(Journalist.names),
        selectinload(Journalist.references),
        selectinload(Journalist.affiliations).selectinload(Affiliation.outlet),
    )


def journalist_page(journalist: Journalist, sent: TrackerForm | None = None) -> tuple[str, int]:
    """Render the page with the small form that was sent, or with fresh ones."""
    forms = {
        "naming": sent if isinstance(sent, NameVariantForm) else NameVariantForm.on(journalist),
        "referring": sent if isinstance(sent, ReferenceForm) else ReferenceForm.on(journalist),
        "affiliating": sent
        if isinstance(sent, AffiliationForm)
        else AffiliationForm.on(journalist),
    }
    return page(
        "journalists/show.html", form=sent or forms["naming"], journalist=journalist, **forms
    )

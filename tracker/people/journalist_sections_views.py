"""The small forms on the page of a journalist: names, affiliations, entries in other lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from tracker import clock
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.people import affiliations_service, names_service, service
from tracker.people.forms import AffiliationForm, NameVariantForm, ReferenceForm
from tracker.people.journalists_views import bp, journalist_page, load_journalist
from tracker.people.queries import likely_outlets, outlet_by_ref
from tracker.permissions import Permission
from tracker.web.guards import current_actor, refuse_unless_editor, requires
from tracker.web.parts import RemoveForm
from tracker.web.saving import saved

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from tracker.people.models import Journalist, Outlet
    from tracker.permissions import Actor
    from tracker.web.forms import TrackerForm

# The blueprint with all its pages: whoever imports it from here has these too.
__all__ = ["bp"]


@bp.post("/<ref>/names/add")
@requires(Permission.LOG)
def add_name(ref: str) -> tuple[str, int] | Response:
    """Add a name by which sources call the journalist."""
    form = NameVariantForm()
    return _changed(
        ref,
        form,
        lambda journalist, actor: names_service.add_name(
            journalist, form.name.data or "", kind=form.kind.code(), by=actor
        ),
    )


@bp.post("/<ref>/names/remove")
@requires(Permission.LOG)
def remove_name(ref: str) -> tuple[str, int] | Response:
    """Remove a name that was entered by mistake."""
    form = RemoveForm()
    return _changed(
        ref,
        form,
        lambda journalist, actor: names_service.remove_name(
            journalist, form.number.data or 0, by=actor
        ),
    )


@bp.post("/<ref>/affiliations/add")
@requires(Permission.LOG)
def add_affiliation(ref: str) -> tuple[str, int] | Response:
    """Say for which outlet the journalist works or worked; the outlet may be a new one."""
    form = AffiliationForm()

    def act(journalist: Journalist, actor: Actor) -> None:
        when = form.period.read_when(clock.today())
        outlet = _outlet(form, journalist, actor)
        affiliations_service.affiliate(
            journalist, outlet, when=when, position=form.position.data or "", by=actor
        )

    return _changed(ref, form, act)


@bp.post("/<ref>/affiliations/remove")
@requires(Permission.LOG)
def remove_affiliation(ref: str) -> tuple[str, int] | Response:
    """Remove an affiliation that was entered by mistake."""
    form = RemoveForm()
    return _changed(
        ref,
        form,
        lambda journalist, actor: affiliations_service.remove_affiliation(
            journalist, form.number.data or 0, by=actor
        ),
    )


@bp.post("/<ref>/references/add")
@requires(Permission.LOG)
def add_reference(ref: str) -> tuple[str, int] | Response:
    """Say which entry of another list is the same journalist."""
    form = ReferenceForm()
    return _changed(
        ref,
        form,
        lambda journalist, actor: affiliations_service.add_reference(
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
    """Remove an entry of another list that was made by mistake."""
    form = RemoveForm()
    return _changed(
        ref,
        form,
        lambda journalist, actor: affiliations_service.remove_reference(
            journalist, form.number.data or 0, by=actor
        ),
    )


def _changed(
    ref: str, form: TrackerForm, act: Callable[[Journalist, Actor], object]
) -> tuple[str, int] | Response:
    """Do what a small form asks for, and show the journalist again."""
    journalist = load_journalist(ref)
    refuse_unless_editor(journalist)
    to = url_for(".show", ref=ref)
    answer = saved(form, lambda: act(journalist, current_actor()), to=to, record=journalist)
    return answer or journalist_page(journalist, form)


def _outlet(form: AffiliationForm, journalist: Journalist, actor: Actor) -> Outlet:
    """Return the outlet named, made with the journalist's team and visibility where it is new."""
    wanted = form.outlet.want(likely_outlets, outlet_by_ref)
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

"""The sections of a case's page: what is filed in it, its links, its references, who sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from tracker.cases import looks_service, service, widening_service
from tracker.cases.forms import (
    AddForm,
    ChosenForm,
    LifecycleForm,
    LinkForm,
    ReferenceForm,
    SeenForm,
    WidenForm,
)
from tracker.cases.queries import SHELVES, case_by_ref
from tracker.cases.views import bp, case_page, load_case
from tracker.errors import InvalidInput, NotFound
from tracker.i18n import _
from tracker.incidents.models import Incident
from tracker.permissions import Permission
from tracker.web.forms import page
from tracker.web.guards import current_actor, refuse_unless_editor, requires
from tracker.web.records import load
from tracker.web.saving import saved
from tracker.web.versioned_forms import PartForm

# One module adds to the blueprint after another.
__all__ = ["bp"]

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from tracker.cases.models import Case
    from tracker.records import Record


@bp.post("/<ref>/add")
@requires(Permission.LOG)
def add(ref: str) -> Response | tuple[str, int]:
    """File one record, named by its ref."""
    form = AddForm()
    return _change(
        ref,
        "adding",
        form,
        lambda case: service.file_records(
            case, [_named(form.record.data or "", "record")], by=current_actor()
        ),
    )


@bp.post("/<ref>/remove")
@requires(Permission.LOG)
def remove(ref: str) -> Response | tuple[str, int]:
    """Take one record out of the case."""
    form = ChosenForm()
    return _change(
        ref,
        "chosen",
        form,
        lambda case: service.unfile(case, _named(form.what.data or ""), by=current_actor()),
    )


@bp.post("/<ref>/home")
@requires(Permission.LOG)
def home(ref: str) -> Response | tuple[str, int]:
    """Count an incident at this case."""
    form = ChosenForm()

    def act(case: Case) -> None:
        incident = _named(form.what.data or "")
        if not isinstance(incident, Incident):
            raise InvalidInput(what=_("Only an incident is counted at a case."))
        service.set_home(case, incident, by=current_actor())

    return _change(ref, "chosen", form, act)


@bp.post("/<ref>/link")
@requires(Permission.LOG)
def link(ref: str) -> Response | tuple[str, int]:
    """Link the case to another one."""
    form = LinkForm()

    def act(case: Case) -> None:
        other = case_by_ref(form.other.data or "")
        if other is None:
            raise InvalidInput(other=_("There is no such case, or it is not for you."))
        service.link_cases(case, other, form.kind.code(), by=current_actor())

    return _change(ref, "linking", form, act)


@bp.post("/<ref>/unlink/<int:link_id>")
@requires(Permission.LOG)
def unlink(ref: str, link_id: int) -> Response | tuple[str, int]:
    """Take a link off."""
    return _change(
        ref,
        "chosen",
        PartForm(),
        lambda case: service.unlink_cases(case, link_id, by=current_actor()),
    )


@bp.post("/<ref>/reference")
@requires(Permission.LOG)
def refer(ref: str) -> Response | tuple[str, int]:
    """Say under which number somebody else lists the case."""
    form = ReferenceForm()
    return _change(
        ref,
        "referring",
        form,
        lambda case: service.add_reference(
            case,
            scheme=form.scheme.data or "",
            identifier=form.identifier.data or "",
            url=form.url.data or "",
            by=current_actor(),
        ),
    )


@bp.post("/<ref>/unreference/<int:reference_id>")
@requires(Permission.LOG)
def unrefer(ref: str, reference_id: int) -> Response | tuple[str, int]:
    """Take a reference off."""
    return _change(
        ref,
        "chosen",
        PartForm(),
        lambda case: service.remove_reference(case, reference_id, by=current_actor()),
    )


@bp.post("/<ref>/lifecycle")
@requires(Permission.LOG)
def lifecycle(ref: str) -> Response | tuple[str, int]:
    """Let the case rest, or open it again."""
    form = LifecycleForm()
    return _change(
        ref,
        "chosen",
        form,
        lambda case: service.set_lifecycle(case, form.lifecycle.code(), by=current_actor()),
    )


@bp.post("/<ref>/seen")
@requires(Permission.READ)
def seen(ref: str) -> Response | tuple[str, int]:
    """Note up to when the person has seen the case."""
    case = load_case(ref)
    form = SeenForm()
    answer = saved(
        form,
        lambda: looks_service.mark_seen(case, form.moment(), by=current_actor()),
        to=url_for(".show", ref=ref),
        said=_("Marked as seen."),
    )
    return answer or case_page(case, seen=form)


@bp.route("/<ref>/widen", methods=["GET", "POST"])
@requires(Permission.LOG)
def widen(ref: str) -> Response | tuple[str, int]:
    """Name what opening the case to everybody would open with it, and open it."""
    case = load_case(ref)
    refuse_unless_editor(case)
    opened = widening_service.to_open(case)
    form = WidenForm()
    answer = saved(
        form,
        lambda: widening_service.widen(case, named=form.refs.data or [], by=current_actor()),
        to=url_for(".show", ref=ref),
        said=_("Saved. Everybody who signs in here may see this case now."),
        record=case,
    )
    return answer or page("cases/widen.html", form=form, case=case, opened=opened)


@bp.post("/<ref>/narrow")
@requires(Permission.LOG)
def narrow(ref: str) -> Response | tuple[str, int]:
    """Keep the case to its team."""
    return _change(
        ref, "chosen", PartForm(), lambda case: widening_service.narrow(case, by=current_actor())
    )


def _change(
    ref: str, name: str, form: PartForm, act: Callable[[Case], object]
) -> Response | tuple[str, int]:
    """Do one change to a case, or show its page with what is wrong at the form."""
    case = load_case(ref)
    refuse_unless_editor(case)
    answer = saved(form, lambda: act(case), to=url_for(".show", ref=ref), record=case)
    return answer or case_page(case, **{name: form})


def _named(ref: str, field: str = "what") -> Record:
    """Return the viewer's record of that ref, of a kind that a case holds."""
    for shelf in SHELVES:
        if ref.startswith(shelf.kind.PREFIX + "-"):
            try:
                found: Record = load(shelf.kind, ref)
            except NotFound:
                break
            return found
    raise InvalidInput(**{field: _("There is no such record, or it is not for you.")})

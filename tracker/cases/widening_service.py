"""Who sees a case: opening it, and what it shows, to everybody here; keeping it to its team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.audit.service import audited
from tracker.cases.queries import records_of
from tracker.errors import InvalidInput, Refused
from tracker.i18n import _
from tracker.permissions import Visibility, may_edit
from tracker.review.widening_service import shown_by
from tracker.scoping import narrower

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.cases.models import Case
    from tracker.permissions import Actor


def to_open(case: Case) -> list[Any]:
    """Return what only a team sees of all that the case shows: what is filed in it, and the people
    and sources of that. What the viewer may not see is not among it.
    """
    shown: dict[str, Any] = {}
    for record in records_of(case, entire=True).all():
        for one in (record, *shown_by(record)):
            shown.setdefault(one.ref, one)
    return narrower(Visibility.INTERNAL, shown.values())


def widen(case: Case, *, named: Iterable[str], by: Actor) -> None:
    """Let everybody who signs in see a case and all that it shows.

    `named`: the refs that the actor was told would be opened; one more than these is refused. Who
    sees a record is no part of its text: an approved one stays approved.
    """
    opened = [case, *to_open(case)]
    told = {case.ref, *named}
    if any(one.ref not in told for one in opened):
        raise InvalidInput(refs=_("The case shows more than was listed. Read the list again."))
    for one in opened:
        if not may_edit(by, one):
            raise Refused(_("Only staff of the team that keeps a record may open it to others."))
        with audited(one, f"{type(one).__name__.lower()}:widen", by=by):
            one.visibility = Visibility.INTERNAL


def narrow(case: Case, *, by: Actor) -> None:
    """Keep a case to its team; what is filed in it keeps its own visibility."""
    with audited(case, "case:narrow", by=by):
        case.visibility = Visibility.RESTRICTED

"""Who sees a case: opening it, and what it shows, to everybody here; keeping it to its team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.audit.service import audited
from tracker.cases.queries import records_of
from tracker.permissions import Visibility
from tracker.review.widening_service import open_together, shown_by
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

    `named`: the refs that the actor was told would be opened.
    """
    open_together(case, to_open(case), named=named, by=by)


def narrow(case: Case, *, by: Actor) -> None:
    """Keep a case to its team; what is filed in it keeps its own visibility."""
    with audited(case, "case:narrow", by=by):
        case.visibility = Visibility.RESTRICTED

"""What of several cases is shown, in a number of queries that does not grow with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from tracker import clock
from tracker.cases.models import Case
from tracker.cases.queries import SHELVES
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.timelines.clocks import clocks_of_incidents
from tracker.timelines.loading_queries import Ids, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Select

    from tracker.timelines.build import Fact
    from tracker.timelines.clocks import Clock
    from tracker.timelines.open_cases import OpenCase


def in_words(cases: Sequence[OpenCase], others: Iterable[str] = ()) -> list[tuple[Case, OpenCase]]:
    """Return these cases, with words for what is named beside the step and the clocks of each, and
    for some `others` by their refs; the rest stays in outline.
    """
    refs = set(others).union(*(one.named for one in cases))
    read = _told(refs)
    rows = select(Case).where(Case.id.in_([one.id for one in cases]))
    by_id = {case.id: case for case in db.session.scalars(rows)}
    return [(by_id[one.id], one.in_words(read)) for one in cases]


def clocks_of(incidents: Select[int], *, most: int) -> dict[str, list[Clock]]:
    """Return the clocks of each of some incidents (given by their ids), at most so many of them."""
    read = told(Ids(incidents=incidents, filed={}, most=most))
    return clocks_of_incidents(read.facts, today=clock.today())


def _told(refs: set[str]) -> dict[str, list[Fact]]:
    """Return what is told of each of these records, by its ref."""
    ids = {shelf.kind: select(shelf.kind.id).where(shelf.kind.ref.in_(refs)) for shelf in SHELVES}
    read = told(Ids(incidents=ids.pop(Incident), filed=ids, only_filed=True, most=len(refs)))
    found: dict[str, list[Fact]] = {}
    for fact in read.facts:
        found.setdefault(fact.ref, []).append(fact)
    return found

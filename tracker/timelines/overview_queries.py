"""What several cases tell, read whole, in a number of queries that does not grow with them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from tracker import clock
from tracker.cases.models import Case, CaseIncident
from tracker.cases.queries import SHELVES
from tracker.db import db
from tracker.timelines.clocks import clocks_of_incidents
from tracker.timelines.loading_queries import Ids, told
from tracker.timelines.open_cases import CaseSituation
from tracker.timelines.queries import MOST_OF_A_CASE
from tracker.timelines.situation import situation_of_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Select

    from tracker.timelines.build import Fact
    from tracker.timelines.clocks import Clock


def situations_of(ids: Iterable[int]) -> dict[int, CaseSituation]:
    """Return some cases and how each of them stands today, by its id."""
    cases = list(db.session.scalars(select(Case).where(Case.id.in_(list(ids)))))
    facts, today = facts_of_cases(cases), clock.today()
    return {
        case.id: CaseSituation(case, situation_of_case(facts[case.id], case.country, today=today))
        for case in cases
    }


def clocks_of(incidents: Select[int], *, most: int) -> dict[str, list[Clock]]:
    """Return the clocks of each of some incidents (given by their ids), at most so many of them."""
    read = told(Ids(incidents=incidents, filed={}, most=most))
    return clocks_of_incidents(read.facts, today=clock.today())


def facts_of_cases(cases: Sequence[Case]) -> dict[int, list[Fact]]:
    """Return for each case the facts of what is filed in it, and of what is about its incidents."""
    ids = [case.id for case in cases]
    filed_in = _filed_in(ids)
    read = told(
        Ids(
            incidents=select(CaseIncident.incident_id).where(CaseIncident.case_id.in_(ids)),
            filed={
                shelf.kind: select(shelf.key).where(shelf.join.case_id.in_(ids))
                for shelf in SHELVES
            },
            most=MOST_OF_A_CASE,
        )
    )
    found: dict[int, list[Fact]] = {number: [] for number in ids}
    for fact in read.facts:
        places = filed_in.get(fact.ref, set()).union(
            *(filed_in.get(ref, set()) for ref in fact.about)
        )
        for number in places:
            here = frozenset(ref for ref in fact.about if number in filed_in.get(ref, ()))
            found[number].append(replace(fact, about=here))
    return found


def _filed_in(ids: Sequence[int]) -> dict[str, set[int]]:
    """Return in which of these cases each record is filed, by its ref."""
    found: dict[str, set[int]] = {}
    for shelf in SHELVES:
        rows = (
            select(shelf.kind.ref, shelf.join.case_id)
            .join(getattr(shelf.join, shelf.name))
            .where(shelf.join.case_id.in_(ids))
        )
        for ref, number in db.session.execute(rows):
            found.setdefault(ref, set()).add(number)
    return found

"""Where many cases stand, in a number of queries that does not grow with them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from tracker import clock
from tracker.cases.codes import Lifecycle
from tracker.cases.models import Case, CaseIncident
from tracker.cases.queries import SHELVES
from tracker.db import db
from tracker.timelines.loading_queries import Ids, told
from tracker.timelines.queries import MOST_OF_A_CASE
from tracker.timelines.situation import Situation, situation_of_case
from tracker.timelines.standing import CaseStanding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.timelines.build import Fact


# So many cases are read whole for the overview; the page says when there are more.
MOST_CASES = 100


def standings() -> list[CaseStanding]:
    """Return how the cases stand that are not closed, those that changed last."""
    rows = select(Case).where(Case.lifecycle != Lifecycle.CLOSED)
    ordered = rows.order_by(Case.updated_at.desc(), Case.ref).limit(MOST_CASES)
    cases = list(db.session.scalars(ordered))
    situations = situations_of(cases)
    return [CaseStanding(case, situations[case.id]) for case in cases]


def situations_of(cases: Sequence[Case]) -> dict[int, Situation]:
    """Return how each of some cases stands today, by its id."""
    facts = facts_of_cases(cases)
    return {
        case.id: situation_of_case(facts[case.id], case.country, today=clock.today())
        for case in cases
    }


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

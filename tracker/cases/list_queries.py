"""Queries for the columns of the list of cases, each for a whole page of cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import func, literal, select, union_all

from tracker.cases.models import Case, CaseIncident
from tracker.cases.queries import CASE_JOINS
from tracker.db import db
from tracker.incidents.models import Incident, IncidentTarget
from tracker.people.models import Journalist
from tracker.review.queries import is_not_retracted
from tracker.when import Precision


def countries_of_cases() -> list[str]:
    """Return the codes of the countries of the cases that the viewer may see."""
    return list(db.session.scalars(select(Case.country).distinct().order_by(Case.country)))


def record_counts_of_cases(cases: Iterable[Case]) -> dict[int, dict[str, int]]:
    """Return the number of records in each case that are visible and not retracted, by case id and
    by the name of the collection of `Case`, such as `incidents`.
    """
    ids = [case.id for case in cases]
    found = {number: {case_join.names: 0 for case_join in CASE_JOINS} for number in ids}
    # The joins limit the counts to records that the viewer may see.
    counted = (
        select(literal(case_join.names), case_join.join.case_id, func.count())
        .join(getattr(case_join.join, case_join.name))
        .where(case_join.join.case_id.in_(ids), is_not_retracted(case_join.kind))
        .group_by(case_join.join.case_id)
        for case_join in CASE_JOINS
    )
    for name, number, count in db.session.execute(union_all(*counted)):
        found[number][name] = count
    return found


def journalist_names_of_cases(cases: Iterable[Case]) -> dict[int, list[str]]:
    """Return the names of the journalists targeted in each case, by case id."""
    rows = (
        select(CaseIncident.case_id, Journalist.name, Journalist.sort_key)
        .join(CaseIncident.incident)
        .join(Incident.targets)
        .join(IncidentTarget.journalist)
        .where(CaseIncident.case_id.in_([case.id for case in cases]), is_not_retracted(Incident))
        .distinct()
        .order_by(Journalist.sort_key)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for number, name, _key in db.session.execute(rows):
        found[number].append(name)
    return found


def first_or_last_incidents(cases: Iterable[Case], *, last: bool = False) -> dict[int, Incident]:
    """Return, by case id, the first dated incident of each case or, with `last`, the last one;
    retracted incidents are left out.
    """
    order = Incident.latest.desc() if last else Incident.earliest
    place = func.row_number().over(partition_by=CaseIncident.case_id, order_by=(order, Incident.id))
    ordered = (
        select(CaseIncident.case_id, Incident.id, place.label("place"))
        .join(CaseIncident.incident)
        .where(
            CaseIncident.case_id.in_([case.id for case in cases]),
            is_not_retracted(Incident),
            Incident.precision != Precision.UNKNOWN,
        )
        .subquery()
    )
    rows = select(ordered.c.case_id, Incident).join(Incident, Incident.id == ordered.c.id)
    return {row[0]: row[1] for row in db.session.execute(rows.where(ordered.c.place == 1))}

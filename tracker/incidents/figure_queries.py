"""What figures count: one select a table, read by the report that sums it and by the list behind
each of its numbers, so that the two cannot disagree. docs/indicators.md says the rules in words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import String, and_, case, func, literal, or_, select, type_coerce, union_all
from sqlalchemy.orm import aliased

from tracker.incidents.codes import (
    FigureTable,
    IncidentLinkKind,
    PeopleCounted,
    TargetKind,
    Verification,
    WorkLink,
)
from tracker.incidents.models import (
    Incident,
    IncidentActor,
    IncidentLink,
    IncidentTarget,
    IncidentType,
)
from tracker.incidents.naming_rules import AIMED_AT
from tracker.incidents.words import CROSSWALKS, NONE, WITHHELD
from tracker.people.models import Journalist
from tracker.review.codes import EditorialState
from tracker.vocabulary.models import Term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Select


def is_counted() -> Any:  # noqa: ANN401 (a condition)
    """Return the condition that an incident counts in figures that leave the house: looked at, not
    unlikely, its link to the work not *none*, and not told in episodes that count in its place.
    """
    episode = aliased(Incident)
    told_in_parts = (
        select(IncidentLink.other_id)
        .join(episode, IncidentLink.incident_id == episode.id)
        .where(IncidentLink.kind == IncidentLinkKind.PART_OF, *_fit(episode))
    )
    return and_(*_fit(Incident), Incident.id.not_in(told_in_parts))


def _fit(incident: Any) -> Iterable[Any]:  # noqa: ANN401 (Incident or an alias of it)
    return (
        incident.state.in_((EditorialState.APPROVED, EditorialState.PUBLISHED)),
        incident.verification != Verification.UNLIKELY,
        incident.work_link != WorkLink.NONE,
    )


def members(tables: Iterable[FigureTable], asked: Iterable[Any]) -> Select[Any]:
    """Return what tables count of the incidents that fulfil some conditions: which `figures` they
    are, `incident_id` and `ref`, the `code` of the row, `who` is counted (each once a row), and as
    how many. The incidents are looked for once.
    """
    counted = select(Incident.id).where(*asked).cte("counted")
    of_each = (
        TABLES[table]()
        .add_columns(literal(table.value).label("figures"))
        .where(Incident.id.in_(select(counted.c.id)))
        for table in tables
    )
    return select(union_all(*of_each).subquery())


def behind(
    table: FigureTable, code: str, asked: Iterable[Any], terms: Iterable[Term]
) -> Select[Any]:
    """Return the ids of the incidents behind one number of a table; `terms`: every type."""
    codes = [code]
    if table in CROSSWALKS:
        codes = [term.code for term in terms if heading_of(term, table) == code]
        codes += [NONE] if code == NONE else []
    found = TABLES[table]().where(*asked).subquery()
    return select(found.c.incident_id).where(found.c.code.in_(codes))


def heading_of(term: Term, table: FigureTable) -> str:
    """Return under which heading of somebody else's list a type stands, by our assignment."""
    return str(term.crosswalk.get(table.value) or NONE)


def _of_each(code: Any, who: Any = None, number: Any = None) -> Select[Any]:  # noqa: ANN401 (columns)
    return select(
        Incident.id.label("incident_id"),
        Incident.ref,
        type_coerce(code, String).label("code"),
        (Incident.id if who is None else who).label("who"),
        (literal(1) if number is None else number).label("number"),
    )


def _all() -> Select[Any]:
    return _of_each(literal("all"))


def _occurrences() -> Select[Any]:
    return _of_each(literal("all"), number=func.coalesce(Incident.occurrences_at_least, 1))


def _types() -> Select[Any]:
    primary = (
        select(IncidentType.term_id)
        .where(IncidentType.incident_id == Incident.id)
        .order_by(IncidentType.rank, IncidentType.term_id)
        .limit(1)
        .correlate(Incident)
        .scalar_subquery()
    )
    return _of_each(func.coalesce(Term.code, NONE)).outerjoin(Term, Term.id == primary)


def _regions() -> Select[Any]:
    return _of_each(func.coalesce(Term.code, NONE)).outerjoin(Term, Term.id == Incident.region_id)


def _verifications() -> Select[Any]:
    return _of_each(Incident.verification)


def _actors() -> Select[Any]:
    actual = func.coalesce(type_coerce(IncidentActor.actor_type, String), NONE)
    return _of_each(actual).outerjoin(IncidentActor, IncidentActor.incident_id == Incident.id)


def _purported() -> Select[Any]:
    rows = _of_each(IncidentActor.purported_as)
    rows = rows.join(IncidentActor, IncidentActor.incident_id == Incident.id)
    return rows.where(IncidentActor.purported_as.is_not(None))


def _people() -> Select[Any]:
    aimed = IncidentTarget.role.in_(AIMED_AT)
    named = and_(aimed, IncidentTarget.kind == TargetKind.JOURNALIST)
    outlet = and_(aimed, IncidentTarget.kind == TargetKind.OUTLET)
    code = case(
        (named, PeopleCounted.NAMED.value),
        (outlet, PeopleCounted.OUTLETS.value),
        (aimed, PeopleCounted.UNNAMED.value),
        else_=PeopleCounted.COLLATERAL.value,
    )
    who = case(
        (named, IncidentTarget.journalist_id),
        (outlet, IncidentTarget.outlet_id),
        else_=IncidentTarget.id,
    )
    number = case((or_(named, outlet), 1), else_=func.coalesce(IncidentTarget.number_at_least, 1))
    rows = _of_each(code, who, number)
    return rows.join(IncidentTarget, IncidentTarget.incident_id == Incident.id)


def _genders() -> Select[Any]:
    # Of somebody hidden from the viewer nothing is told but that there is somebody.
    gender = func.coalesce(type_coerce(Journalist.gender, String), WITHHELD)
    return (
        _of_each(gender, IncidentTarget.journalist_id)
        .join(IncidentTarget, IncidentTarget.incident_id == Incident.id)
        .outerjoin(Journalist, Journalist.id == IncidentTarget.journalist_id)
        .where(IncidentTarget.role.in_(AIMED_AT), IncidentTarget.kind == TargetKind.JOURNALIST)
    )


TABLES: dict[FigureTable, Callable[[], Select[Any]]] = {
    FigureTable.ALL: _all,
    FigureTable.OCCURRENCES: _occurrences,
    FigureTable.TYPE: _types,
    FigureTable.REGION: _regions,
    FigureTable.VERIFICATION: _verifications,
    FigureTable.ACTOR: _actors,
    FigureTable.PURPORTED: _purported,
    FigureTable.PEOPLE: _people,
    FigureTable.GENDER: _genders,
    **dict.fromkeys(CROSSWALKS, _types),
}

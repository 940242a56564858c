"""Journalists, outlets and institutions that may be duplicates, as their names suggest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, func, inspect, select, tuple_
from sqlalchemy.orm import MANYTOONE, aliased, selectinload

from tracker.articles.queries import whole
from tracker.db import Base, db
from tracker.intake.namesakes_queries import pairs_told_apart
from tracker.people.models import Institution, Journalist, Outlet
from tracker.people.queries import NAME_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import RelationshipProperty

    from tracker.people.service import Bearing

KINDS: tuple[type[Journalist | Outlet | Institution], ...] = (Journalist, Outlet, Institution)
MOST_PAIRS = 100


class Pair(NamedTuple):
    """Two records whose names have one key; `is_exact`: also where o is not read as u."""

    one: Bearing
    other: Bearing
    is_exact: bool


def pairs_of(kind: Any) -> list[Pair]:  # noqa: ANN401 (a kind that can be merged)
    """Return pairs of records that the viewer sees and nobody found to be two, surest first: names
    of equal keys.
    """
    row = NAME_ROWS[kind]
    mine, theirs = aliased(row), aliased(row)
    here, there = aliased(kind), aliased(kind)
    exact = func.max(case((mine.matching_key == theirs.matching_key, 1), else_=0))
    found = db.session.execute(
        select(mine.bearer_id, theirs.bearer_id, exact)
        .join(theirs, (mine.loose_key == theirs.loose_key) & (mine.bearer_id < theirs.bearer_id))
        .join(here, here.id == mine.bearer_id)
        .join(there, there.id == theirs.bearer_id)
        .where(
            here.merged_into_id.is_(None),
            there.merged_into_id.is_(None),
            tuple_(mine.bearer_id, theirs.bearer_id).not_in(pairs_told_apart(kind)),
            # Each country has a ministry of that name.
            *([here.country.is_not_distinct_from(there.country)] if kind is Institution else []),
        )
        .group_by(mine.bearer_id, theirs.bearer_id)
        .order_by(exact.desc(), mine.bearer_id, theirs.bearer_id)
        .limit(MOST_PAIRS)
    ).all()
    ids = {one for pair in found for one in pair[:2]}
    rows = select(kind).where(kind.id.in_(ids)).options(selectinload(kind.names))
    bearers: dict[int, Any] = {one.id: one for one in db.session.scalars(rows)}
    return [Pair(bearers[one], bearers[other], bool(same)) for one, other, same in found]


def pointing_to(kind: type[Any]) -> Iterator[RelationshipProperty[Any]]:
    """Yield every relationship, of whichever feature, by which a row says who somebody is; not
    those by which the rows of a record's own page hang on it.
    """
    for mapper in sorted(Base.registry.mappers, key=lambda one: one.class_.__name__):
        for relation in mapper.relationships:
            if (
                relation.mapper.class_ is kind
                and relation.direction is MANYTOONE
                and mapper.class_ not in {kind, NAME_ROWS[kind]}
                and len(relation.local_columns) == 1
            ):
                yield relation


def rows_saying(relation: RelationshipProperty[Any], who: Bearing) -> list[Any]:
    """Return the rows that mean somebody by a relationship, with the records on which they hang."""
    model: Any = relation.parent.class_
    column = inspect(model).get_property_by_column(next(iter(relation.local_columns)))
    rows = select(model).where(getattr(model, column.key) == who.id)
    return list(db.session.scalars(rows.options(*whole(model))))

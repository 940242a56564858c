"""Possible duplicates by name, and pairs marked as not duplicates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, inspect, or_, select, tuple_
from sqlalchemy.orm import MANYTOONE, RelationshipProperty, aliased, joinedload, selectinload

from tracker.articles.queries import full_record_options
from tracker.db import Base, db
from tracker.intake.models import NOT_DUPLICATES, NotDuplicates
from tracker.people.models import Institution, Journalist, Outlet
from tracker.people.queries import NAME_ROWS
from tracker.people.service import NamedRow

# The longest list; earlier decisions are shown with the pair itself.
MOST_SHOWN = 100
KINDS: tuple[type[Journalist | Outlet | Institution], ...] = (Journalist, Outlet, Institution)
MOST_PAIRS = 100


class Pair(NamedTuple):
    """Two records with an equal name key; `is_exact`: also if o is not read as u."""

    one: NamedRow
    other: NamedRow
    is_exact: bool


def duplicate_pairs(kind: Any) -> list[Pair]:  # noqa: ANN401 (a kind that can be merged)
    """Return pairs of visible records with equal name keys, not marked as different.

    Most certain first.
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
            tuple_(mine.bearer_id, theirs.bearer_id).not_in(not_duplicate_pairs(kind)),
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


def relations_to(kind: type[Any]) -> Iterator[RelationshipProperty[Any]]:
    """Yield every relationship of any feature by which rows refer to a party."""
    for mapper in sorted(Base.registry.mappers, key=lambda one: one.class_.__name__):
        for relation in mapper.relationships:
            if (
                relation.mapper.class_ is kind
                and relation.direction is MANYTOONE
                and mapper.class_ not in {kind, NAME_ROWS[kind]}
                and len(relation.local_columns) == 1
            ):
                yield relation


def rows_pointing_to(relation: RelationshipProperty[Any], who: NamedRow) -> list[Any]:
    """Return the rows that refer to a party by a relationship, with their records."""
    model: Any = relation.parent.class_
    column = inspect(model).get_property_by_column(next(iter(relation.local_columns)))
    rows = select(model).where(getattr(model, column.key) == who.id)
    return list(db.session.scalars(rows.options(*full_record_options(model))))


class NotDuplicatesDecision(NamedTuple):
    """A not-duplicates decision with its two records, the older first."""

    row: NotDuplicates
    one: NamedRow
    other: NamedRow


def not_duplicates(kind: Any) -> list[NotDuplicatesDecision]:  # noqa: ANN401 (a kind that can be merged)
    """Return the decisions on records that the viewer sees, the latest first."""
    rows = _decisions(kind).order_by(
        NOT_DUPLICATES[kind].told_at.desc(), NOT_DUPLICATES[kind].id.desc()
    )
    return [
        NotDuplicatesDecision(*found) for found in db.session.execute(rows.limit(MOST_SHOWN)).all()
    ]


def not_duplicates_decision(one: NamedRow, other: NamedRow) -> NotDuplicates | None:
    """Return the not-duplicates decision on exactly these two, None if there is none."""
    row: Any = NOT_DUPLICATES[type(one)]
    first, second = sorted((one.id, other.id))
    rows = select(row).where(row.one_id == first, row.other_id == second)
    found: NotDuplicates | None = db.session.scalars(rows.options(joinedload(row.told_by))).first()
    return found


def are_not_duplicates(one: NamedRow, other: NamedRow) -> bool:
    """Return whether two records, or any merged into them, are marked as not duplicates."""
    first, second = sorted((one.id, other.id))
    pairs = not_duplicate_pairs(type(one)).subquery()
    rows = select(pairs.c.one).where(pairs.c.one == first, pairs.c.other == second)
    return db.session.scalar(rows.limit(1)) is not None


def not_duplicate_pairs(kind: Any) -> Select[Any]:  # noqa: ANN401 (a kind that can be merged)
    """Return the ids of all pairs that are not duplicates, the lower first.

    Those marked, and the records that one of them was merged into, directly or indirectly.
    """
    row = NOT_DUPLICATES[kind]
    is_one = kind.id == row.one_id
    found = (
        select(row.id.label("decision"), is_one.label("is_one"), kind.id, kind.merged_into_id)
        .join(kind, or_(is_one, kind.id == row.other_id))
        .cte(recursive=True)
    )
    led = select(found.c.decision, found.c.is_one, kind.id, kind.merged_into_id)
    found = found.union_all(led.join(kind, kind.id == found.c.merged_into_id))
    here, there = aliased(found), aliased(found)
    same = (here.c.decision == there.c.decision) & (here.c.is_one != there.c.is_one)
    return (
        select(here.c.id.label("one"), there.c.id.label("other"))
        .join(there, same)
        .where(here.c.id < there.c.id)
    )


def _decisions(kind: Any) -> Select[Any]:  # noqa: ANN401 (a kind that can be merged)
    row = NOT_DUPLICATES[kind]
    one, other = aliased(kind), aliased(kind)
    return (
        select(row, one, other)
        .join(one, one.id == row.one_id)
        .join(other, other.id == row.other_id)
        .options(joinedload(row.told_by))
    )

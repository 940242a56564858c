"""Which records that bear one name were found to be two, whoever they were made one with since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased, joinedload

from tracker.db import db
from tracker.intake.namesake_models import NAMESAKES

if TYPE_CHECKING:
    from sqlalchemy import Select

    from tracker.intake.namesake_models import Namesakes
    from tracker.people.service import Bearing

# No list is longer; what was decided before is found at the pair itself.
MOST_SHOWN = 100


class ToldApart(NamedTuple):
    """A decision with the two records, the one that was recorded first before the other."""

    row: Namesakes
    one: Bearing
    other: Bearing


def told_apart(kind: Any) -> list[ToldApart]:  # noqa: ANN401 (a kind that can be merged)
    """Return the decisions on records that the viewer sees, the latest first."""
    rows = _decisions(kind).order_by(NAMESAKES[kind].told_at.desc(), NAMESAKES[kind].id.desc())
    return [ToldApart(*found) for found in db.session.execute(rows.limit(MOST_SHOWN)).all()]


def decision_on(one: Bearing, other: Bearing) -> Namesakes | None:
    """Return the decision on the very two, None where nobody told them apart."""
    row: Any = NAMESAKES[type(one)]
    first, second = sorted((one.id, other.id))
    rows = select(row).where(row.one_id == first, row.other_id == second)
    found: Namesakes | None = db.session.scalars(rows.options(joinedload(row.told_by))).first()
    return found


def are_told_apart(one: Bearing, other: Bearing) -> bool:
    """Say whether two records, or any that lead to them, were found to be two."""
    first, second = sorted((one.id, other.id))
    pairs = pairs_told_apart(type(one)).subquery()
    rows = select(pairs.c.one).where(pairs.c.one == first, pairs.c.other == second)
    return db.session.scalar(rows.limit(1)) is not None


def pairs_told_apart(kind: Any) -> Select[Any]:  # noqa: ANN401 (a kind that can be merged)
    """Return the ids of all pairs that are two, the lower first: those decided on, and whomever one
    of them leads to, however far.
    """
    row = NAMESAKES[kind]
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
    row = NAMESAKES[kind]
    one, other = aliased(kind), aliased(kind)
    return (
        select(row, one, other)
        .join(one, one.id == row.one_id)
        .join(other, other.id == row.other_id)
        .options(joinedload(row.told_by))
    )

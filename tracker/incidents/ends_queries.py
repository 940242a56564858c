"""What is expected to end: house arrest until a day, a remand until another."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import aliased, joinedload

from tracker.db import db
from tracker.incidents.models import Incident, IncidentTarget, TargetStatus
from tracker.incidents.queries import for_a_line
from tracker.review.queries import counts

if TYPE_CHECKING:
    from datetime import date

NEAR_DAYS = 30
MOST_SHOWN = 50


def ends_near(today: date) -> list[TargetStatus]:
    """Return what is expected to end today or within 30 days, the next first.

    Fifty, and one more where there are more; so does the other one.
    """
    until = today + timedelta(NEAR_DAYS)
    rows = _unsettled().where(TargetStatus.expected_end.between(today, until))
    return _first(rows.order_by(TargetStatus.expected_end, TargetStatus.id))


def ends_past(today: date) -> list[TargetStatus]:
    """Return what should have ended before today, the latest first."""
    rows = _unsettled().where(TargetStatus.expected_end < today)
    return _first(rows.order_by(TargetStatus.expected_end.desc(), TargetStatus.id))


def _unsettled() -> Select[TargetStatus]:
    """Return what became of targets that nothing recorded of them follows: whoever was released, or
    held for longer, has another status since.
    """
    since = aliased(TargetStatus)
    follows = and_(
        since.target_id == TargetStatus.target_id,
        or_(
            since.earliest > TargetStatus.earliest,
            and_(since.earliest == TargetStatus.earliest, since.id > TargetStatus.id),
        ),
    )
    return (
        select(TargetStatus)
        .join(TargetStatus.target)
        .join(IncidentTarget.incident)
        .where(counts(Incident), ~select(since.id).where(follows).exists())
    )


def _first(rows: Select[TargetStatus]) -> list[TargetStatus]:
    target = joinedload(TargetStatus.target)
    loaded = rows.limit(MOST_SHOWN + 1).options(
        target.joinedload(IncidentTarget.journalist),
        target.joinedload(IncidentTarget.outlet),
        target.joinedload(IncidentTarget.incident).options(*for_a_line()),
    )
    return list(db.session.scalars(loaded))

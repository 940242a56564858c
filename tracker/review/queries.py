"""What waits for a second person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from tracker.db import db
from tracker.review.codes import EditorialState
from tracker.review.models import Reviewable

if TYPE_CHECKING:
    from collections.abc import Iterable


def reviewable_models() -> list[type[Reviewable]]:
    """Return every kind of record that is reviewed."""
    return list(Reviewable.__subclasses__())


def waiting(limit: int = 50) -> list[Reviewable]:
    """Return the records in review that the viewer may see, the longest waiting first; at most
    `limit` of each kind.
    """
    found: list[Reviewable] = []
    for model in reviewable_models():
        rows = (
            select(model)
            .where(model.state == EditorialState.IN_REVIEW)
            .order_by(model.updated_at)
            .limit(limit)
        )
        found.extend(db.session.scalars(rows))
    return sorted(found, key=lambda record: record.updated_at)


def count_waiting() -> int:
    """Return how many records wait, of those the viewer may see."""
    counts: Iterable[int] = (
        db.session.scalar(
            select(func.count()).select_from(model).where(model.state == EditorialState.IN_REVIEW)
        )
        or 0
        for model in reviewable_models()
    )
    return sum(counts)

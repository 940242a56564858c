"""What waits for a second person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, inspect, or_, select, union_all

from tracker.articles.queries import whole
from tracker.db import db
from tracker.review.codes import EditorialState
from tracker.review.models import Reviewable, Told

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement

    from tracker.permissions import Actor


def reviewable_models() -> list[type[Reviewable]]:
    """Return every kind of record that is reviewed."""
    return list(Reviewable.__subclasses__())


def counts(model: type[Reviewable]) -> ColumnElement[bool]:
    """Return the condition that a record counts: whatever is retracted does not."""
    return model.state != EditorialState.RETRACTED


def told_of(record: Reviewable) -> list[Told]:
    """Return what the world reads, or read, of a record."""
    found: list[Told] = []
    for model in Told.__subclasses__():
        if isinstance(record, inspect(model).relationships[model.OF].mapper.class_):
            key: Any = getattr(model, model.OF + "_id")
            found.extend(db.session.scalars(select(model).where(key == record.id)))
    return found


def waiting(limit: int = 50) -> list[Reviewable]:
    """Return the records in review that the viewer may see, the longest waiting first."""
    found: list[Reviewable] = []
    for model in reviewable_models():
        rows = (
            select(model)
            .where(model.state == EditorialState.IN_REVIEW)
            .order_by(model.updated_at)
            .limit(limit)
            .options(*whole(model))
        )
        found.extend(db.session.scalars(rows))
    return sorted(found, key=lambda record: record.updated_at)[:limit]


def returned_to(actor: Actor, limit: int = 50) -> list[Reviewable]:
    """Return what came back to the person who logged or last changed it, the latest first."""
    found: list[Reviewable] = []
    for model in reviewable_models():
        rows = (
            select(model)
            .where(*_came_back(model, actor))
            .order_by(model.updated_at.desc())
            .limit(limit)
            .options(*whole(model))
        )
        found.extend(db.session.scalars(rows))
    return sorted(found, key=lambda record: record.updated_at, reverse=True)


def count_returned_to(actor: Actor) -> int:
    """Return how many records came back to that person, of those the viewer may see."""
    mine = union_all(
        *(select(model.id).where(*_came_back(model, actor)) for model in reviewable_models())
    )
    return db.session.scalar(select(func.count()).select_from(mine.subquery())) or 0


def _came_back(model: type[Reviewable], actor: Actor) -> list[ColumnElement[bool]]:
    """Return the conditions that a record was returned to who logged or last changed it."""
    return [
        model.state == EditorialState.RETURNED,
        or_(model.recorded_by_id == actor.id, model.revised_by_id == actor.id),
    ]


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

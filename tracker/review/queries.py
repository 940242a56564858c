"""What waits for a second person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, inspect, or_, select, union_all

from tracker.articles.queries import whole
from tracker.audit.queries import entries_of
from tracker.db import db
from tracker.review.codes import EditorialState
from tracker.review.models import Reviewable, Told
from tracker.users.models import User

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement

    from tracker.permissions import Actor

# Acts that write of a public summary, and those by which a second person has read it.
WRITES, READS = ("incident:edit", "incident:merge"), ("review:approved", "incident:publish")


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


def summary_authors(record: Any) -> frozenset[int]:  # noqa: ANN401 (an Incident)
    """Return who wrote of the public summary, or of that of a record that was merged into this one,
    since somebody else last approved or published it, by the audit log.
    """
    model = type(record)
    refs, added = {record.ref}, {record.id: record.ref}
    while added:
        merged = select(model.id, model.ref).where(model.merged_into_id.in_([*added]))
        found = db.session.execute(merged)
        added = {key: ref for key, ref in found if ref not in refs}
        refs.update(added.values())
    wrote: dict[str, set[str]] = {ref: set() for ref in refs}
    for entry in entries_of(refs, [*WRITES, *READS]):
        if entry.action in READS:
            wrote[entry.subject].clear()
        elif any(field.startswith("public_summary_") for field in entry.changes):
            wrote[entry.subject].add(entry.actor)
        # Where this one leads itself, nobody asks here of the other.
        if (into := entry.changes.get("merged_into", (None, None))[1]) in wrote:
            wrote[into] |= wrote[entry.subject]
    return frozenset(db.session.scalars(select(User.id).where(User.name.in_(wrote[record.ref]))))

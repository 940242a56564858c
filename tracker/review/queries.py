"""Find records in review, comments, and assignments."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, inspect, or_, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from tracker.articles.queries import full_record_options
from tracker.audit.queries import entries_of
from tracker.db import db
from tracker.permissions import CONSOLE, Actor
from tracker.records import record_models
from tracker.review.codes import EditorialState
from tracker.review.models import Comment, Commentable, PublishedText, Reviewable
from tracker.review.rules import can_be_assigned
from tracker.users.models import User
from tracker.users.queries import users_by_name

# At most this many of each kind of record; nobody works on more.
MOST_OPEN = 100
# Audit actions that change a public summary, and those by which a second person has read it.
WRITES, READS = ("incident:edit", "incident:merge"), ("review:approved", "incident:publish")


def reviewable_models() -> list[type[Reviewable]]:
    """Return every kind of record that is reviewed."""
    return list(Reviewable.__subclasses__())


def is_not_retracted(model: type[Reviewable]) -> ColumnElement[bool]:
    """Return the condition that a record is not retracted."""
    return model.state != EditorialState.RETRACTED


def published_text_of(record: Reviewable) -> list[PublishedText]:
    """Return the published text of a record, even if withdrawn."""
    found: list[PublishedText] = []
    for model in PublishedText.__subclasses__():
        if isinstance(record, inspect(model).relationships[model.OF].mapper.class_):
            key: Any = getattr(model, model.OF + "_id")
            found.extend(db.session.scalars(select(model).where(key == record.id)))
    return found


def records_in_review(limit: int = 50) -> list[Reviewable]:
    """Return the records in review that the viewer may see, oldest first."""
    found: list[Reviewable] = []
    for model in reviewable_models():
        rows = (
            select(model)
            .where(model.state == EditorialState.IN_REVIEW)
            .order_by(model.updated_at)
            .limit(limit)
            .options(*full_record_options(model))
        )
        found.extend(db.session.scalars(rows))
    return sorted(found, key=lambda record: record.updated_at)[:limit]


def records_returned_to(actor: Actor, limit: int = 50) -> list[Reviewable]:
    """Return the records returned to the actor, latest first."""
    found: list[Reviewable] = []
    for model in reviewable_models():
        rows = (
            select(model)
            .where(*_returned_conditions(model, actor))
            .order_by(model.updated_at.desc())
            .limit(limit)
            .options(*full_record_options(model))
        )
        found.extend(db.session.scalars(rows))
    return sorted(found, key=lambda record: record.updated_at, reverse=True)


def count_returned_to(actor: Actor) -> int:
    """Return how many records, of those the viewer may see, were returned to the actor."""
    mine = union_all(
        *(
            select(model.id).where(*_returned_conditions(model, actor))
            for model in reviewable_models()
        )
    )
    return db.session.scalar(select(func.count()).select_from(mine.subquery())) or 0


def _returned_conditions(model: type[Reviewable], actor: Actor) -> list[ColumnElement[bool]]:
    """Return the conditions that a record was returned to the actor, its author or last editor."""
    return [
        model.state == EditorialState.RETURNED,
        or_(model.recorded_by_id == actor.id, model.revised_by_id == actor.id),
    ]


def count_in_review() -> int:
    """Return how many records are in review, of those the viewer may see."""
    waiting = union_all(
        *(
            select(model.id).where(model.state == EditorialState.IN_REVIEW)
            for model in reviewable_models()
        )
    )
    return db.session.scalar(select(func.count()).select_from(waiting.subquery())) or 0


def summary_authors(record: Any) -> frozenset[int]:  # noqa: ANN401 (an Incident)
    """Return who changed the public summary since somebody else last approved or published it.

    By the audit log, including records that were merged into this one.
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
        # A record that was merged itself is not searched for others.
        if (into := entry.changes.get("merged_into", (None, None))[1]) in wrote:
            wrote[into] |= wrote[entry.subject]
    return frozenset(db.session.scalars(select(User.id).where(User.name.in_(wrote[record.ref]))))


def comment_models() -> list[type[Comment]]:
    """Return the comment models of all kinds of records that have one."""
    return list(Comment.__subclasses__())


def comment_model_of(kind: type[Commentable]) -> type[Any]:
    """Return the comment model of one kind of record."""
    model: type[Any] = inspect(kind).relationships["comments"].mapper.class_
    return model


def commentable_kind(ref: str) -> type[Any] | None:
    """Return the kind of record of a ref, None if such records have no comments."""
    kind = record_models().get(ref.partition("-")[0])
    return kind if kind is not None and issubclass(kind, Commentable) else None


def comments_of(record: Commentable) -> list[Comment]:
    """Return the comments on a record, oldest first."""
    model = comment_model_of(type(record))
    rows = select(model).where(model.record_id == record.id)  # type: ignore[attr-defined]  # a Record
    people = [joinedload(one) for one in (model.written_by, model.assigned_to, model.done_by)]
    return list(db.session.scalars(rows.options(*people).order_by(model.id)))


def comment_on(record: Commentable, number: int) -> Comment | None:
    """Return one of the comments on a record."""
    return next((one for one in comments_of(record) if one.id == number), None)


def possible_assignees(record: Any) -> list[User]:  # noqa: ANN401 (a record that is discussed)
    """Return the people who can be assigned something about a record, by name."""
    rows = users_by_name().where(User.name != CONSOLE)
    people = db.session.scalars(rows).unique()
    return [person for person in people if can_be_assigned(record, person)]


def open_assignments(actor: Actor) -> list[Any]:
    """Return open assignments to and from the actor on records that they see."""
    found: list[Any] = []
    for model in comment_models():
        record: Any = model.record  # type: ignore[attr-defined]  # each table has it
        is_mine = model.assigned_to_id == actor.id
        rows = (
            select(model)
            .where(or_(is_mine, model.written_by_id == actor.id), *_open_conditions(model))
            .order_by(is_mine.desc(), model.due_on.is_(None), model.due_on, model.id)
            .limit(MOST_OPEN)
            .options(
                selectinload(record).options(*full_record_options(record.property.mapper.class_)),
                joinedload(model.assigned_to).selectinload(User.teams),
                joinedload(model.written_by),
            )
        )
        found.extend(db.session.scalars(rows).unique())
    return sorted(found, key=lambda one: (one.due_on or date.max, one.written_at))


def count_assigned(actor: Actor) -> int:
    """Return the number of the actor's open assignments, on records that the actor sees."""
    mine = union_all(
        *(
            select(model.id).where(model.assigned_to_id == actor.id, *_open_conditions(model))
            for model in comment_models()
        )
    )
    return db.session.scalar(select(func.count()).select_from(mine.subquery())) or 0


def _open_conditions(model: type[Comment]) -> list[ColumnElement[bool]]:
    """Return the conditions that an assignment is not done, see `Comment.is_open`."""
    return [
        model.assigned_to_id.is_not(None),
        model.done_at.is_(None),
        model.taken_back_at.is_(None),
    ]

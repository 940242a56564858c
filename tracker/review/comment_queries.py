"""Finding what was said of a record, and what people are asked to do."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, inspect, or_, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from tracker.articles.queries import whole
from tracker.db import db
from tracker.permissions import CONSOLE
from tracker.records import kinds_of_record
from tracker.review.comment_models import Comment, Discussed
from tracker.review.rules import may_be_asked
from tracker.users.models import User
from tracker.users.queries import users_by_name

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from tracker.permissions import Actor

# Of each kind of record; nobody works on more.
MOST_OPEN = 100


def comment_models() -> list[type[Comment]]:
    """Return the table of comments of every kind of record that has one."""
    return list(Comment.__subclasses__())


def comment_model_of(kind: type[Discussed]) -> type[Any]:
    """Return the table of comments of one kind of record."""
    model: type[Any] = inspect(kind).relationships["comments"].mapper.class_
    return model


def discussed_kind(ref: str) -> type[Any] | None:
    """Return the kind of record that a ref names, None where such records are not discussed."""
    kind = kinds_of_record().get(ref.partition("-")[0])
    return kind if kind is not None and issubclass(kind, Discussed) else None


def comments_of(record: Discussed) -> list[Comment]:
    """Return what was said of a record, in the order in which it was."""
    model = comment_model_of(type(record))
    rows = select(model).where(model.record_id == record.id)  # type: ignore[attr-defined]  # a Record
    people = [joinedload(one) for one in (model.written_by, model.assigned_to, model.done_by)]
    return list(db.session.scalars(rows.options(*people).order_by(model.id)))


def comment_on(record: Discussed, number: int) -> Comment | None:
    """Return one of the comments on a record."""
    return next((one for one in comments_of(record) if one.id == number), None)


def who_may_be_asked(record: Any) -> list[User]:  # noqa: ANN401 (a record that is discussed)
    """Return the people who can sign in and see a record, by name."""
    rows = users_by_name().where(User.name != CONSOLE)
    return [person for person in db.session.scalars(rows) if may_be_asked(record, person)]


def open_assignments(actor: Actor) -> list[Any]:
    """Return what the actor is to do, and asked others to do, on records that the actor sees; what
    is due first comes first.
    """
    found: list[Any] = []
    for model in comment_models():
        record: Any = model.record  # type: ignore[attr-defined]  # each table has it
        is_mine = model.assigned_to_id == actor.id
        rows = (
            select(model)
            .where(or_(is_mine, model.written_by_id == actor.id), *_open(model))
            .order_by(is_mine.desc(), model.due_on.is_(None), model.due_on, model.id)
            .limit(MOST_OPEN)
            .options(
                selectinload(record).options(*whole(record.property.mapper.class_)),
                joinedload(model.assigned_to).selectinload(User.teams),
                joinedload(model.written_by),
            )
        )
        found.extend(db.session.scalars(rows).unique())
    return sorted(found, key=lambda one: (one.due_on or date.max, one.written_at))


def count_assigned(actor: Actor) -> int:
    """Return how much the actor is to do, on records that the actor sees."""
    mine = union_all(
        *(
            select(model.id).where(model.assigned_to_id == actor.id, *_open(model))
            for model in comment_models()
        )
    )
    return db.session.scalar(select(func.count()).select_from(mine.subquery())) or 0


def _open(model: type[Comment]) -> list[ColumnElement[bool]]:
    """Return the conditions that somebody still has to do it, see `Comment.is_open`."""
    return [
        model.assigned_to_id.is_not(None),
        model.done_at.is_(None),
        model.taken_back_at.is_(None),
    ]

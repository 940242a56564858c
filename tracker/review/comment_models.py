"""What those who work on a record say of it, and what they ask each other to do about it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from tracker import clock
from tracker.db import INTERNAL, UTCDateTime
from tracker.scoping import Follows
from tracker.users.models import User

if TYPE_CHECKING:
    from sqlalchemy.schema import SchemaItem

# Words about a record and none of its own: they revise nothing, and no trail holds them.
SAID = {"said": True}


class Comment(Follows):
    """One thing said of a record; where it asks somebody to do something, an assignment.

    A mixin: a table for each kind of record, named `…Comment` after it. Each names its record
    `record`, and has the key `follows(…, "record_id")` and what `said()` gives.
    """

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    record_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    # "" once it was taken back; that something was said, by whom and when, stays.
    words: Mapped[str] = mapped_column(Text, info=INTERNAL)
    written_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now, info=INTERNAL)
    written_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True, info=INTERNAL)
    taken_back_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=INTERNAL)
    assigned_to_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id"), index=True, info=INTERNAL
    )
    due_on: Mapped[date | None] = mapped_column(Date, info=INTERNAL)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=INTERNAL)
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), info=INTERNAL)

    @declared_attr
    def written_by(cls) -> Mapped[User]:
        """Return who said it."""
        return relationship(User, foreign_keys=[cls.written_by_id])  # type: ignore[list-item]  # a column

    @declared_attr
    def assigned_to(cls) -> Mapped[User | None]:
        """Return who is to do it, None where it only says something."""
        return relationship(User, foreign_keys=[cls.assigned_to_id])  # type: ignore[list-item]  # a column

    @declared_attr
    def done_by(cls) -> Mapped[User | None]:
        """Return who said that it is done."""
        return relationship(User, foreign_keys=[cls.done_by_id])  # type: ignore[list-item]  # a column

    @property
    def is_open(self) -> bool:
        """Say whether somebody still has to do it."""
        is_assigned = self.assigned_to_id is not None
        return is_assigned and self.done_at is None and self.taken_back_at is None

    def is_overdue(self, today: date) -> bool:
        """Say whether the day by which it was to be done has passed."""
        return self.is_open and self.due_on is not None and self.due_on < today


class Discussed:
    """A record of which those who work on it talk. A mixin beside `Record`."""

    @declared_attr
    def comments(cls) -> Mapped[list[Any]]:
        """Return what was said of it, in the order in which it was."""
        kind = f"{cls.__name__}Comment"  # type: ignore[attr-defined]  # the class that is mapped
        return relationship(
            kind,
            back_populates="record",
            cascade="all, delete-orphan",
            order_by=f"{kind}.id",
            info=SAID,
        )


def said() -> tuple[SchemaItem, ...]:
    """Return the CHECKs of a table of comments: words unless taken back, and only what somebody is
    asked to do is due, or done by somebody.
    """
    return (
        CheckConstraint("(words = '') = (taken_back_at IS NOT NULL)", name="words_or_taken_back"),
        CheckConstraint(
            "assigned_to_id IS NOT NULL OR (due_on IS NULL AND done_at IS NULL)",
            name="asked_of_somebody",
        ),
        CheckConstraint("(done_at IS NULL) = (done_by_id IS NULL)", name="done_by_somebody"),
    )

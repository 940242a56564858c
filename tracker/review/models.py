"""Models of review: editorial state, two-person rule, comments and assignments."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from tracker import clock
from tracker.db import INTERNAL, PUBLIC, UTCDateTime, text_enum
from tracker.errors import Forbidden
from tracker.i18n import _
from tracker.permissions import Actor
from tracker.records import Record
from tracker.review.codes import EditorialState, RetractReason
from tracker.scoping import ChildRow, owner_foreign_key
from tracker.users.models import User

# The `info` of a relationship from a record to its comments. A comment is no part of the record: a
# new comment does not count as a change of the record, and its text is not in the audit log.
COMMENTS_INFO = {"said": True}
# States of a record that is or was reviewed: a change makes the record a draft again.
SUBMITTED_STATES = frozenset(
    {EditorialState.IN_REVIEW, EditorialState.APPROVED, EditorialState.PUBLISHED}
)


class Comment(ChildRow):
    """A mixin of comments on a record; with an assignee, a comment assigns the record to a user.

    One table per kind of record: the models are named `…Comment` after it. Each names its record
    `record`, and has the constraints of `comment_constraints()`.
    """

    id: Mapped[int] = mapped_column(Integer, primary_key=True, info=INTERNAL)
    record_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    # "" after the comment was retracted; its author and date stay.
    words: Mapped[str] = mapped_column(Text, info=INTERNAL)
    written_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=INTERNAL)
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
        """Return the author of the comment."""
        return relationship(User, foreign_keys=[cls.written_by_id])  # type: ignore[list-item]  # a column

    @declared_attr
    def assigned_to(cls) -> Mapped[User | None]:
        """Return the assignee, None for a comment without assignment."""
        return relationship(User, foreign_keys=[cls.assigned_to_id])  # type: ignore[list-item]  # a column

    @declared_attr
    def done_by(cls) -> Mapped[User | None]:
        """Return the user who marked the assignment as done."""
        return relationship(User, foreign_keys=[cls.done_by_id])  # type: ignore[list-item]  # a column

    @property
    def is_open(self) -> bool:
        """Whether the comment is an assignment that is neither done nor retracted."""
        is_assigned = self.assigned_to_id is not None
        return is_assigned and self.done_at is None and self.taken_back_at is None

    def is_overdue(self, today: date) -> bool:
        """Return whether the due date of an open assignment has passed."""
        return self.is_open and self.due_on is not None and self.due_on < today


class Commentable:
    """A mixin of records that can have comments, beside `Record`."""

    @declared_attr
    def comments(cls) -> Mapped[list[Any]]:
        """Return the comments on the record, oldest first."""
        kind = f"{cls.__name__}Comment"  # type: ignore[attr-defined]  # the class that is mapped
        return relationship(
            kind,
            back_populates="record",
            cascade="all, delete-orphan",
            order_by=f"{kind}.id",
            info=COMMENTS_INFO,
        )


def comment_constraints(records: str) -> tuple[SchemaItem, ...]:
    """Return the constraints of a table of comments; `records`: the table of the records."""
    return (
        owner_foreign_key(records, "record_id"),
        CheckConstraint("(words = '') = (taken_back_at IS NOT NULL)", name="words_or_taken_back"),
        CheckConstraint(
            "assigned_to_id IS NOT NULL OR (due_on IS NULL AND done_at IS NULL)",
            name="asked_of_somebody",
        ),
        CheckConstraint("(done_at IS NULL) = (done_by_id IS NULL)", name="done_by_somebody"),
    )


class Reviewable(Commentable, Record):
    """A record that a second person approves: draft → in review → approved, or returned.

    The table's arguments must include `two_person_check()` and `retract_reason_check()`.
    """

    state: Mapped[EditorialState] = mapped_column(
        text_enum(EditorialState), default=EditorialState.DRAFT, index=True, info=PUBLIC
    )
    review_note: Mapped[str] = mapped_column(String(2000), default="", info=INTERNAL)
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=INTERNAL)
    retract_reason: Mapped[RetractReason | None] = mapped_column(
        text_enum(RetractReason), info=PUBLIC
    )

    REVISION_FIELDS: ClassVar[frozenset[str]] = Record.REVISION_FIELDS | {
        "state",
        "approved_by_id",
        "approved_at",
        "review_note",
    }
    was_submitted_before = False
    # True if the change is an assessment by a monitor: a submitted record is then in review.
    is_assessed = False

    @property
    def publication_needs(self) -> list[str]:
        """What publication still requires besides approval, in words."""
        return []

    def mark_revised(self, *, by: Actor) -> None:
        """Set the last editor and the time of the last change. A record in review, approved or
        published becomes a draft again; after a mere assessment by a monitor (`is_assessed`) it is
        in review instead. Raise Forbidden for a retracted record.
        """
        if self.is_retracted:
            raise Forbidden(_("This record is retracted: a monitor must bring it back first."))
        super().mark_revised(by=by)
        if self.was_submitted:
            waits = self.is_assessed
            self.state = EditorialState.IN_REVIEW if waits else EditorialState.DRAFT
            self.was_submitted_before = True
        self.end_approval()

    def end_approval(self) -> None:
        """Remove the approval, if any, with its note; another note of a reviewer stays."""
        if self.approved_by_id:
            self.review_note = ""
        self.approved_by_id = self.approved_at = None

    @property
    def contributor_ids(self) -> frozenset[int]:
        """The ids of the users who must not review the record: its author and last editor."""
        return frozenset({self.recorded_by_id, self.revised_by_id})

    @property
    def is_retracted(self) -> bool:  # type: ignore[override]  # the plain False of other records
        """Whether the record is retracted."""
        return self.state is EditorialState.RETRACTED

    @property
    def was_submitted(self) -> bool:
        """Whether the record is in review, approved or published."""
        return self.state in SUBMITTED_STATES

    @property
    def was_returned_to_draft(self) -> bool:
        """Whether the current change made a reviewed record a draft again."""
        return self.was_submitted_before and self.state is EditorialState.DRAFT

    @property
    def can_be_restored(self) -> bool:
        """Whether the record can be restored after it was retracted; a merged record cannot."""
        return getattr(self, "merged_into_id", None) is None

    @declared_attr
    def approved_by_id(cls) -> Mapped[int | None]:
        """Return the id of the user who approved the record."""
        return mapped_column(ForeignKey("users.id"), info=INTERNAL)


class PublishedText(ChildRow):
    """A mixin of published texts of a record. `RECORD_ATTRIBUTE`: the name of the attribute of the
    text that holds the record.
    """

    RECORD_ATTRIBUTE: ClassVar[str]

    def withdraw(self) -> None:
        """Delete the text; the row stays, with the fact of publication."""
        raise NotImplementedError


class CaseFilingMixin(ChildRow):
    """A mixin of rows that put a record into a case (`case`), with one table per kind of record."""


def two_person_check() -> CheckConstraint:
    """Return the CHECK that authors and last editors do not approve their own records."""
    return CheckConstraint(
        "approved_by_id IS NULL OR "
        "(approved_by_id <> recorded_by_id AND approved_by_id <> revised_by_id)",
        name="second_person",
    )


def retract_reason_check() -> CheckConstraint:
    """Return the CHECK that retracted records, and only those, have a reason."""
    return CheckConstraint(
        "(state = 'retracted') = (retract_reason IS NOT NULL)", name="retracted_for_a_reason"
    )

"""The editorial state of a record, and the two people it needs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from tracker.db import INTERNAL, PUBLIC, UTCDateTime, choice
from tracker.errors import Refused
from tracker.i18n import _
from tracker.records import Record
from tracker.review.codes import EditorialState, RetractReason
from tracker.review.comment_models import Discussed
from tracker.scoping import Follows

if TYPE_CHECKING:
    from tracker.permissions import Actor


# Where a second person reads a text, or has read it: once it changes, it is another one.
LOOKED_AT = frozenset({EditorialState.IN_REVIEW, EditorialState.APPROVED, EditorialState.PUBLISHED})


class Reviewable(Discussed, Record):
    """A record that a second person approves: draft → in review → approved, or returned.

    `second_person()` and `retracted_for_a_reason()` belong into each table's arguments.
    """

    state: Mapped[EditorialState] = mapped_column(
        choice(EditorialState), default=EditorialState.DRAFT, index=True, info=PUBLIC
    )
    review_note: Mapped[str] = mapped_column(String(2000), default="", info=INTERNAL)
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=INTERNAL)
    retract_reason: Mapped[RetractReason | None] = mapped_column(choice(RetractReason), info=PUBLIC)

    SIGNED: ClassVar[frozenset[str]] = Record.SIGNED | {"state", "approved_by_id", "approved_at"}
    was_looked_at = False

    def revised(self, *, by: Actor) -> None:
        """Sign a change: what was approved was another text, so it is a draft again."""
        if self.is_retracted:
            raise Refused(_("This record is retracted: a monitor must bring it back first."))
        super().revised(by=by)
        if self.is_looked_at:
            self.state, self.was_looked_at = EditorialState.DRAFT, True
        self.approved_by_id = self.approved_at = None

    @property
    def worked_on_by(self) -> frozenset[int]:
        """Return who must not decide on it: who reported it and who last revised it."""
        return frozenset({self.recorded_by_id, self.revised_by_id})

    @property
    def is_retracted(self) -> bool:  # type: ignore[override]  # the plain False of other records
        """Say whether the record no longer counts."""
        return self.state is EditorialState.RETRACTED

    @property
    def is_looked_at(self) -> bool:
        """Say whether a second person reads it, or has read it, so that a change makes a draft."""
        return self.state in LOOKED_AT

    @property
    def is_draft_again(self) -> bool:
        """Say whether a change of just now took it back from whoever reads or has read it."""
        return self.was_looked_at and self.state is EditorialState.DRAFT

    @property
    def can_come_back(self) -> bool:
        """Say no of a record whose content stands at another one: kinds that are merged say so."""
        return getattr(self, "merged_into_id", None) is None

    @declared_attr
    def approved_by_id(cls) -> Mapped[int | None]:
        """Return who approved it."""
        return mapped_column(ForeignKey("users.id"), info=INTERNAL)


class Told(Follows):
    """What the world reads of a record, until it is taken back. A mixin: `OF` names the record."""

    OF: ClassVar[str]

    def withdraw(self) -> None:
        """Say nothing any more; that something was said, and when, stays."""
        raise NotImplementedError


def second_person() -> CheckConstraint:
    """Return the CHECK that nobody approves what they reported or last revised."""
    return CheckConstraint(
        "approved_by_id IS NULL OR "
        "(approved_by_id <> recorded_by_id AND approved_by_id <> revised_by_id)",
        name="second_person",
    )


def retracted_for_a_reason() -> CheckConstraint:
    """Return the CHECK that whatever is retracted says why, and nothing else does."""
    return CheckConstraint(
        "(state = 'retracted') = (retract_reason IS NOT NULL)", name="retracted_for_a_reason"
    )

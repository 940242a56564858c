"""Handing a record in, approving it, sending it back, retracting it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tracker import clock
from tracker.audit.service import audited
from tracker.errors import InvalidInput, Refused, gathered
from tracker.i18n import _
from tracker.review.codes import LET_THROUGH, EditorialState
from tracker.review.queries import told_of
from tracker.review.rules import is_own_work, may_move

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tracker.permissions import Actor
    from tracker.review.codes import RetractReason
    from tracker.review.models import Reviewable


def submit(record: Reviewable, *, by: Actor) -> None:
    """Hand a draft in for review."""
    with audited(record, "review:in_review", by=by):
        move(record, EditorialState.IN_REVIEW, by=by)


def approve(record: Reviewable, *, note: str, by: Actor) -> None:
    """Approve what somebody else reported and revised."""
    refuse_own_work(record, by=by)
    with audited(record, "review:approved", by=by):
        move(record, EditorialState.APPROVED, note=note, by=by)


def send_back(record: Reviewable, *, note: str, by: Actor) -> None:
    """Return a record to its author, with a word on what is missing."""
    refuse_own_work(record, by=by)
    if not note.strip():
        raise InvalidInput(note=_("Say what is missing."))
    with audited(record, "review:returned", by=by):
        move(record, EditorialState.RETURNED, note=note, by=by)


def decide_together(
    approved: Mapping[Reviewable, str], returned: Mapping[Reviewable, str], *, by: Actor
) -> None:
    """Approve some records and return others, each with its note, in one transaction.

    Raises InvalidInput with the messages of every record that refuses, at `<ref>`.
    """
    gathered(
        *(partial(_at, record, approve, note, by) for record, note in approved.items()),
        *(partial(_at, record, send_back, note, by) for record, note in returned.items()),
    )


def _at(record: Reviewable, act: Callable[..., None], note: str, by: Actor) -> None:
    try:
        act(record, note=note, by=by)
    except InvalidInput as error:
        raise InvalidInput(**{record.ref: str(error)}) from error


def retract(record: Reviewable, *, reason: RetractReason | None, note: str, by: Actor) -> None:
    """Let a record count no longer; what the world was told of it is taken back. Whoever has the
    record in a file is told the reason, so that none is taken for granted.
    """
    refuse_own_work(record, by=by)
    if reason is None:
        raise InvalidInput(reason=_("Say why it does not count."))
    with audited(record, "review:retracted", by=by):
        move(record, EditorialState.RETRACTED, note=note, by=by)
        record.retract_reason = reason
        for told in told_of(record):
            told.withdraw()


def bring_back(record: Reviewable, *, note: str, by: Actor) -> None:
    """Make a retracted record a draft again, with a word on why."""
    if not note.strip():
        raise InvalidInput(note=_("Say why it is brought back."))
    if not record.can_come_back:
        raise InvalidInput(note=_("It stays retracted: what it told stands at another record."))
    with audited(record, "review:brought_back", by=by):
        move(record, EditorialState.DRAFT, note=note, by=by)
        record.retract_reason = None


def refuse_own_work(record: Reviewable, *, by: Actor) -> None:
    """Raise Refused where the actor reported or last revised the record."""
    if is_own_work(record, by):
        raise Refused(
            _("Whoever logged or last changed a record does not decide on it: somebody else does.")
        )


def move(record: Reviewable, to: EditorialState, *, note: str = "", by: Actor) -> None:
    """Bring a record into a state, inside the `audited` block of the caller.

    Not `revised`: a decision about the text is no revision of it. The approval stands for as long
    as the record is approved or published.
    """
    if not may_move(record.state, to):
        raise InvalidInput(note=_("The record is not in a state from which this is possible."))
    record.state = to
    record.updated_at = clock.now()
    record.review_note = note.strip()
    if to is EditorialState.APPROVED:
        record.approved_by_id, record.approved_at = by.id, clock.now()
    elif to not in LET_THROUGH:
        record.approved_by_id = record.approved_at = None

"""Handing a record in, approving it, sending it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker import clock
from tracker.audit.service import audited
from tracker.errors import InvalidInput, Refused
from tracker.i18n import _
from tracker.review.codes import EditorialState
from tracker.review.rules import is_own_work, may_move

if TYPE_CHECKING:
    from tracker.permissions import Actor
    from tracker.review.models import Reviewable


def submit(record: Reviewable, *, by: Actor) -> None:
    """Hand a draft in for review."""
    _move(record, EditorialState.IN_REVIEW, note="", by=by)


def approve(record: Reviewable, *, note: str, by: Actor) -> None:
    """Approve what somebody else reported and revised."""
    if is_own_work(record, by):
        raise Refused(_("What you logged or last changed is approved by somebody else."))
    _move(record, EditorialState.APPROVED, note=note, by=by)


def send_back(record: Reviewable, *, note: str, by: Actor) -> None:
    """Return a record to its author, with a word on what is missing."""
    if not note.strip():
        raise InvalidInput(note=_("Say what is missing."))
    _move(record, EditorialState.RETURNED, note=note, by=by)


def _move(record: Reviewable, to: EditorialState, *, note: str, by: Actor) -> None:
    if not may_move(record.state, to):
        raise InvalidInput(note=_("The record is not in a state from which this is possible."))
    # Not `revised`: a decision about the text is no revision of it.
    with audited(record, f"review:{to.value}", by=by):
        record.state = to
        record.updated_at = clock.now()
        record.review_note = note.strip()
        record.approved_by_id = by.id if to is EditorialState.APPROVED else None
        record.approved_at = clock.now() if to is EditorialState.APPROVED else None

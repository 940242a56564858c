"""Which editorial state may follow which, and who may bring it about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.review.codes import EditorialState

if TYPE_CHECKING:
    from tracker.permissions import Actor
    from tracker.review.models import Reviewable

MOVES: dict[EditorialState, frozenset[EditorialState]] = {
    EditorialState.DRAFT: frozenset({EditorialState.IN_REVIEW}),
    EditorialState.RETURNED: frozenset({EditorialState.IN_REVIEW}),
    EditorialState.IN_REVIEW: frozenset({EditorialState.APPROVED, EditorialState.RETURNED}),
    EditorialState.APPROVED: frozenset({EditorialState.RETURNED}),
}


def may_move(state: EditorialState, to: EditorialState) -> bool:
    """Say whether a record in one state may be brought into another by hand."""
    return to in MOVES.get(state, frozenset())


def is_own_work(record: Reviewable, actor: Actor) -> bool:
    """Say whether the actor reported or last revised the record, and so must not approve it."""
    return actor.id in {record.recorded_by_id, record.revised_by_id}

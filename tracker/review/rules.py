"""Which editorial state may follow which, and who may bring it about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.review.codes import EditorialState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.permissions import Actor
    from tracker.review.models import Reviewable

DRAFT, IN_REVIEW, RETURNED, APPROVED, PUBLISHED, RETRACTED = EditorialState

# Whatever counts can be retracted; what is retracted can only be brought back.
MOVES: dict[EditorialState, frozenset[EditorialState]] = {
    DRAFT: frozenset({IN_REVIEW, RETRACTED}),
    RETURNED: frozenset({IN_REVIEW, RETRACTED}),
    IN_REVIEW: frozenset({APPROVED, RETURNED, RETRACTED}),
    APPROVED: frozenset({PUBLISHED, RETURNED, RETRACTED}),
    PUBLISHED: frozenset({RETURNED, RETRACTED}),
    RETRACTED: frozenset({DRAFT}),
}


def may_move(state: EditorialState, to: EditorialState) -> bool:
    """Say whether a record in one state may be brought into another by hand."""
    return to in MOVES.get(state, frozenset())


def is_own_work(record: Reviewable, actor: Actor) -> bool:
    """Say whether the actor reported or last revised the record, and so must not decide on it."""
    return actor.id in {record.recorded_by_id, record.revised_by_id}


def by_source(records: Iterable[Reviewable]) -> list[tuple[Any, list[Reviewable]]]:
    """Return records under the article that each cites first, in the order in which they come; what
    cites none that is shown to the viewer stands last, under None.
    """
    found: dict[Any, list[Reviewable]] = {}
    for record in records:
        cited = [one.article for one in getattr(record, "citations", ()) if one.article]
        found.setdefault(cited[0] if cited else None, []).append(record)
    return sorted(found.items(), key=lambda one: one[0] is None)

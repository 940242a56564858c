"""Rules on review: state transitions, who may make them, and who may comment; pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tracker.permissions import Actor, Permission, Visibility, may_edit
from tracker.review.codes import EditorialState

if TYPE_CHECKING:
    from tracker.review.models import Comment, Reviewable
    from tracker.users.models import User

DRAFT, IN_REVIEW, RETURNED, APPROVED, PUBLISHED, RETRACTED = EditorialState

# Any record can be retracted unless it is already; a retracted one can only be restored.
TRANSITIONS: dict[EditorialState, frozenset[EditorialState]] = {
    DRAFT: frozenset({IN_REVIEW, RETRACTED}),
    RETURNED: frozenset({IN_REVIEW, RETRACTED}),
    IN_REVIEW: frozenset({APPROVED, RETURNED, RETRACTED}),
    APPROVED: frozenset({PUBLISHED, RETURNED, RETRACTED}),
    PUBLISHED: frozenset({RETURNED, RETRACTED}),
    RETRACTED: frozenset({DRAFT}),
}


def is_allowed_transition(state: EditorialState, to: EditorialState) -> bool:
    """Return whether a user may change one state to another."""
    return to in TRANSITIONS.get(state, frozenset())


def is_own_work(record: Reviewable, actor: Actor) -> bool:
    """Return whether the actor reported or last revised the record, and so must not review it."""
    return actor.id in record.contributor_ids


def group_by_source(records: Iterable[Reviewable]) -> list[tuple[Any, list[Reviewable]]]:
    """Return records grouped by the article that each cites first, in the given order.

    Records without an article that the viewer may see come last, under None.
    """
    found: dict[Any, list[Reviewable]] = {}
    for record in records:
        cited = [one.article for one in getattr(record, "citations", ()) if one.article]
        found.setdefault(cited[0] if cited else None, []).append(record)
    return sorted(found.items(), key=lambda one: one[0] is None)


def can_comment(record: Any, actor: Actor) -> bool:  # noqa: ANN401 (a record that is discussed)
    """Return whether the actor may comment: staff of the team, and reviewers."""
    return may_edit(actor, record) or actor.may(Permission.REVIEW)


def can_be_assigned(record: Any, person: User) -> bool:  # noqa: ANN401 (the same, or a comment on it)
    """Return whether somebody can sign in and sees the record."""
    is_seen = record.visibility is Visibility.INTERNAL or record.team_id in person.team_ids
    return is_seen and person.disabled_at is None


def can_finish(comment: Comment, actor: Actor) -> bool:
    """Return whether the actor may mark an assignment as done."""
    return actor.id in {comment.assigned_to_id, comment.written_by_id}


def can_delete_comment(comment: Comment, actor: Actor) -> bool:
    """Return whether the actor may delete a comment: its author, or a monitor."""
    is_left = comment.written_by.disabled_at is not None and actor.may(Permission.REVIEW)
    return is_left or actor.id == comment.written_by_id

"""Rules on review: state transitions, and who may review, comment and be assigned; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracker.i18n import _
from tracker.permissions import Actor, Permission, Visibility, can_edit
from tracker.review.codes import EditorialState

if TYPE_CHECKING:
    from tracker.review.models import Comment, Reviewable
    from tracker.users.models import User

DRAFT, IN_REVIEW, RETURNED, APPROVED, PUBLISHED, RETRACTED = EditorialState

# The states to which a record may move from each state. Every record can be retracted; a retracted
# one can only be restored.
TRANSITIONS: dict[EditorialState, frozenset[EditorialState]] = {
    DRAFT: frozenset({IN_REVIEW, RETRACTED}),
    RETURNED: frozenset({IN_REVIEW, RETRACTED}),
    IN_REVIEW: frozenset({APPROVED, RETURNED, RETRACTED}),
    APPROVED: frozenset({PUBLISHED, RETURNED, RETRACTED}),
    PUBLISHED: frozenset({RETURNED, RETRACTED}),
    RETRACTED: frozenset({DRAFT}),
}


def is_allowed_transition(state: EditorialState, new_state: EditorialState) -> bool:
    """Return whether a record may move from one editorial state to another."""
    return new_state in TRANSITIONS.get(state, frozenset())


def is_own_work(record: Reviewable, actor: Actor) -> bool:
    """Return whether the actor contributed to a record, and so must not review it: recorded or last
    revised it, or wrote the public summary of an incident.
    """
    return actor.id in record.contributor_ids


def is_author_or_last_editor(record: Reviewable, actor: Actor) -> bool:
    """Return whether the actor recorded a record, last revised it, or last wrote its public
    summary. For lists: unlike `is_own_work`, without reading the audit log.
    """
    last = (record.recorded_by_id, record.revised_by_id, getattr(record, "summarised_by_id", None))
    return actor.id in last


def reason_not_approved(record: Reviewable, version: str, actor: Actor) -> str:
    """Return why a record is left out when several are approved. Return "" if it can be approved,
    or if it was not in review when it was shown and is unchanged. `version`: the version shown.
    """
    is_unchanged = version == str(record.version)
    if record.state is not IN_REVIEW:
        return "" if is_unchanged else str(_("somebody else decided or changed it"))
    if is_own_work(record, actor):
        return str(_("your own work"))
    return "" if is_unchanged else str(_("changed since you opened the page"))


def reason_not_submitted(record: Reviewable, version: str, actor: Actor) -> str:
    """Return why a draft is left out when several are submitted, "" if it can be submitted.
    `version`: the version that was shown.
    """
    if not can_edit(actor, record):  # type: ignore[arg-type]  # every reviewed record has a team
        return str(_("only staff of its team submit it"))
    if not is_allowed_transition(record.state, IN_REVIEW):
        return str(_("no longer a draft"))
    return "" if version == str(record.version) else str(_("changed since you opened the page"))


@dataclass(frozen=True, slots=True)
class DraftVersion:
    """The ref of a draft with the version that is shown, for the button that submits it.
    `publication_needs`: always empty, since the draft itself is not loaded.
    """

    ref: str
    version: int
    publication_needs: tuple[str, ...] = ()


def publication_needs(records: Iterable[Reviewable]) -> str:
    """Return a sentence on what the publication of these records still requires besides approval,
    "" for nothing. If there are several records, it says how many of them need each thing.
    """
    asked = list(records)
    needs = Counter(need for one in asked for need in one.publication_needs)
    numbered = [f"{need} ({number})" for need, number in needs.most_common()]
    what = ", ".join(needs if len(asked) == 1 else numbered)
    return str(_("Publication will also need: %(what)s.", what=what)) if what else ""


def own_drafts(records: Iterable[Any], actor: Actor) -> list[Any]:
    """Return the drafts among these records that are the actor's own and may be submitted."""
    return [
        one
        for one in records
        if getattr(one, "state", None) is DRAFT
        and actor.id in {one.recorded_by_id, one.revised_by_id}
        and can_edit(actor, one)
    ]


@dataclass(frozen=True, slots=True)
class QueueGroup:
    """A group of the review queue: records that cite one article, or are filed in one case.
    `article_or_case`: the article or case, None for a record alone; `is_own`: all are the viewer's
    own work.
    """

    article_or_case: Any
    records: list[Reviewable]
    is_own: bool


def group_by_origin(
    records: Iterable[Reviewable], cases: Mapping[Reviewable, Any], actor: Actor
) -> list[QueueGroup]:
    """Return records grouped by the first article that they cite; records without an article are
    grouped by case. `cases`: the case of each record in one. The order is kept, but the actor's own
    work comes last in each group, and groups of only own work come last.
    """
    found: dict[Any, tuple[Any, list[Reviewable]]] = {}
    for record in records:
        origin = first_cited_article(record) or cases.get(record)
        found.setdefault(origin or record, (origin, []))[1].append(record)
    groups = []
    for origin, members in found.values():
        members.sort(key=lambda one: is_author_or_last_editor(one, actor))
        groups.append(QueueGroup(origin, members, is_author_or_last_editor(members[0], actor)))
    return sorted(groups, key=lambda one: one.is_own)


def first_cited_article(record: Reviewable) -> Any:  # noqa: ANN401 (an Article, which lies beside review)
    """Return the first article that a record cites and the viewer may see, None without one."""
    cited = (one.article for one in getattr(record, "citations", ()))
    return next((article for article in cited if article), None)


def can_comment(record: Any, actor: Actor) -> bool:  # noqa: ANN401 (a record that is discussed)
    """Return whether the actor may comment on a record: staff of its team, and reviewers."""
    return can_edit(actor, record) or actor.has_permission(Permission.REVIEW)


def can_be_assigned(record: Any, person: User) -> bool:  # noqa: ANN401 (the same, or a comment on it)
    """Return whether a user can be assigned tasks about a record: they can sign in and see it."""
    is_seen = record.visibility is Visibility.INTERNAL or record.team_id in person.team_ids
    return is_seen and person.disabled_at is None


def can_finish_assignment(comment: Comment, actor: Actor) -> bool:
    """Return whether the actor may mark an assignment as done. The assignee may, and so may the
    author of the comment.
    """
    return actor.id in {comment.assigned_to_id, comment.written_by_id}


def can_retract_comment(comment: Comment, actor: Actor) -> bool:
    """Return whether the actor may retract a comment: its author, or a reviewer once the author
    cannot sign in any more.
    """
    is_left = comment.written_by.disabled_at is not None and actor.has_permission(Permission.REVIEW)
    return is_left or actor.id == comment.written_by_id

"""Services for review decisions, comments, assignments, and sharing records."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import MANYTOONE

from tracker import clock
from tracker.audit.service import audited_change, record_event
from tracker.errors import Forbidden, InvalidInput, collect_errors
from tracker.i18n import _
from tracker.people.queries import (
    journalists_with_redacted_name,
    linked_journalist_ids,
    names_of,
    record_texts,
)
from tracker.people.rules import find_mentions
from tracker.permissions import Actor, Visibility, can_edit
from tracker.review import rules
from tracker.review.codes import APPROVED_STATES, EditorialState, RetractReason
from tracker.review.models import Comment, Reviewable
from tracker.review.queries import (
    comment_model_of,
    possible_assignees,
    published_texts_of,
    shared_records_referring_to,
)
from tracker.scoping import ScopedRecord, more_restricted_records
from tracker.users.models import User


@dataclass(slots=True)
class DecisionOutcome:
    """The outcome of a decision on several records. `submitted`, `approved`, `published`,
    `returned`: records for which it succeeded; `not_publishable`: records that something keeps from
    being published; `skip_reasons`: by record that was left out, the reason.
    """

    submitted: list[Reviewable] = field(default_factory=list)
    approved: list[Reviewable] = field(default_factory=list)
    published: list[Reviewable] = field(default_factory=list)
    returned: list[Reviewable] = field(default_factory=list)
    not_publishable: list[Reviewable] = field(default_factory=list)
    skip_reasons: dict[Reviewable, str] = field(default_factory=dict)


def submit_record(record: Reviewable, *, by: Actor) -> None:
    """Submit a draft for review; it keeps the note with which it was returned or restored."""
    with audited_change(record, "review:in_review", by=by):
        change_state(record, EditorialState.IN_REVIEW, note=record.review_note, by=by)


def submit_records(versions: Mapping[Reviewable, str], *, by: Actor) -> DecisionOutcome:
    """Submit the drafts that may be submitted in the version shown; leave the others. `versions`:
    the version shown of each record.
    """
    outcome = DecisionOutcome()
    for record, version in versions.items():
        reason = rules.reason_not_submitted(record, version, by)
        if reason:
            outcome.skip_reasons[record] = reason
        else:
            submit_record(record, by=by)
            outcome.submitted.append(record)
    return outcome


def approve_record(record: Reviewable, *, note: str, by: Actor) -> None:
    """Approve a record as a second person, with a note to its author; raise Forbidden for the
    actor's own work.
    """
    require_not_own_work(record, by=by)
    with audited_change(record, "review:approved", by=by):
        change_state(record, EditorialState.APPROVED, note=note, by=by)


def request_changes(record: Reviewable, *, note: str, by: Actor) -> None:
    """Return a record to its author with a note; raise InvalidInput without a note, and Forbidden
    for the actor's own work.
    """
    require_not_own_work(record, by=by)
    if not note.strip():
        raise InvalidInput(note=_("Say what is missing."))
    with audited_change(record, "review:returned", by=by):
        change_state(record, EditorialState.RETURNED, note=note, by=by)


@dataclass(frozen=True, slots=True)
class PublicationHandlers:
    """The functions that publish records of one kind, registered by the feature of this kind.
    `check`: returns, by record, an object with the attribute `obstacles` (what keeps it from being
    published); other records than approved or in review are left out; `publish`: publishes one.
    """

    check: Callable[[Sequence[Any]], Mapping[Reviewable, Any]]
    publish: Callable[..., object]


# By the model of the records; records of other models cannot be published.
PUBLICATION_HANDLERS: dict[type[Reviewable], PublicationHandlers] = {}


def publication_checks(records: Iterable[Reviewable]) -> dict[Reviewable, Any]:
    """Return, by record, an object whose attribute `obstacles` says what keeps the record from
    being published. Only records that are approved or in review are included.
    """
    asked = list(records)
    found: dict[Reviewable, Any] = {}
    for kind, publishing in PUBLICATION_HANDLERS.items():
        found.update(publishing.check([one for one in asked if isinstance(one, kind)]))
    return found


def publish_record(record: Reviewable, *, note: str, by: Actor) -> None:
    """Publish a record, which is approved first with a note if it is in review; raise InvalidInput
    for obstacles.
    """
    publishing = PUBLICATION_HANDLERS.get(type(record))
    if publishing is None:
        raise InvalidInput(note=_("Such records are not published."))
    if record.state is EditorialState.IN_REVIEW:
        approve_record(record, note=note, by=by)
    publishing.publish(record, by=by)


def approve_records(
    versions: Mapping[Reviewable, str], notes: Mapping[Reviewable, str], *, by: Actor
) -> DecisionOutcome:
    """Approve the records that may be approved in the version shown; leave the others. `versions`
    and `notes`: the version shown of each record, and the reviewer's note on it.
    """
    outcome = DecisionOutcome()
    for record, version in versions.items():
        reason = rules.reason_not_approved(record, version, by)
        if reason:
            outcome.skip_reasons[record] = reason
        elif record.state is EditorialState.IN_REVIEW:
            approve_record(record, note=notes.get(record, ""), by=by)
            outcome.approved.append(record)
    return outcome


def approve_and_publish_records(
    versions: Mapping[Reviewable, str], notes: Mapping[Reviewable, str], *, by: Actor
) -> DecisionOutcome:
    """Approve the records that may be approved in the version shown, and publish them, and records
    that were approved before. A record that something keeps from being published stays approved.
    `versions`: the version shown of each record; `notes`: the reviewer's note on it.
    """
    before = {
        record
        for record, version in versions.items()
        if record.state is EditorialState.APPROVED and version == str(record.version)
    }
    outcome = approve_records(versions, notes, by=by)
    for record in versions:
        publishing = PUBLICATION_HANDLERS.get(type(record))
        if publishing is None or record not in before.union(outcome.approved):
            continue
        try:
            publishing.publish(record, by=by)
        except InvalidInput:
            outcome.not_publishable.append(record)
        except Forbidden:
            outcome.skip_reasons[record] = str(_("your own work"))
        else:
            outcome.published.append(record)
    return outcome


def save_decisions(
    approved: Mapping[Reviewable, str],
    returned: Mapping[Reviewable, str],
    published: Mapping[Reviewable, str],
    *,
    by: Actor,
) -> None:
    """Approve, return and publish some records, each with its note, in one transaction; raise
    InvalidInput with a message at the ref of every record for which this is not possible.
    """
    collect_errors(
        *(
            partial(_apply_decision, record, decide, note, by)
            for decide, notes in (
                (approve_record, approved),
                (request_changes, returned),
                (publish_record, published),
            )
            for record, note in notes.items()
        )
    )


def _apply_decision(record: Reviewable, decide: Callable[..., None], note: str, by: Actor) -> None:
    """Decide on a record by calling `decide`, such as `approve_record`. If it raises InvalidInput,
    raise InvalidInput with the same message at the ref of the record.
    """
    try:
        decide(record, note=note, by=by)
    except InvalidInput as error:
        raise InvalidInput(**{record.ref: str(error)}) from error


def retract_record(
    record: Reviewable, *, reason: RetractReason | None, note: str, by: Actor
) -> None:
    """Retract a record and withdraw its published text; raise InvalidInput without a reason, and
    Forbidden for the actor's own work.
    """
    require_not_own_work(record, by=by)
    if reason is None:
        raise InvalidInput(reason=_("Say why it does not count."))
    with audited_change(record, "review:retracted", by=by):
        change_state(record, EditorialState.RETRACTED, note=note, by=by)
        record.retract_reason = reason
        for text in published_texts_of(record):
            text.withdraw()


def restore_record(record: Reviewable, *, note: str, by: Actor) -> None:
    """Make a retracted record a draft again; raise InvalidInput without a note with the reason."""
    if not note.strip():
        raise InvalidInput(note=_("Say why it is brought back."))
    if not record.can_be_restored:
        raise InvalidInput(note=_("It stays retracted: its contents are in another record."))
    with audited_change(record, "review:brought_back", by=by):
        change_state(record, EditorialState.DRAFT, note=note, by=by)
        record.retract_reason = None


def require_not_own_work(record: Reviewable, *, by: Actor) -> None:
    """Raise Forbidden if the record is the actor's own work: recorded or last revised by the actor,
    or an incident whose public summary the actor wrote.
    """
    if rules.is_own_work(record, by):
        raise Forbidden(
            _("Whoever logged or last changed a record does not decide on it: somebody else does.")
        )


def change_state(
    record: Reviewable, new_state: EditorialState, *, note: str = "", by: Actor
) -> None:
    """Set the editorial state and the reviewer's note of a record, inside the `audited_change`
    block of the caller; raise InvalidInput for a transition that is not allowed.

    A decision is no revision of the text. The approval is kept while the record is approved or
    published.
    """
    if not rules.is_allowed_transition(record.state, new_state):
        raise InvalidInput(note=_("This is not possible in the current status of the record."))
    record.state = new_state
    record.updated_at = clock.utc_now()
    record.review_note = note.strip()
    if new_state is EditorialState.APPROVED:
        record.approved_by_id, record.approved_at = by.id, clock.utc_now()
    elif new_state not in APPROVED_STATES:
        record.approved_by_id = record.approved_at = None


def add_comment(
    record: Any,  # noqa: ANN401 (a record that is discussed)
    words: str,
    *,
    assigned_to: str = "",
    due_on: date | None = None,
    by: Actor,
) -> Comment:
    """Add a comment to a record; `assigned_to`: the name of an assignee, "" for none.

    The audit log records the comment without its text, which can be deleted.
    """
    require_can_comment(record, by=by)
    words, person, _day = collect_errors(
        lambda: _validate_comment_text(words),
        lambda: _find_assignee(record, assigned_to),
        lambda: _validate_due_date(due_on, has_assignee=bool(assigned_to)),
    )
    made: Comment = comment_model_of(type(record))(
        words=words, written_by_id=by.id, assigned_to=person, due_on=due_on
    )
    # Not `record=record`: queries during the flush would load the record once more.
    record.comments.append(made)
    record_event("review:assign" if person else "review:comment", record.ref, by=by)
    return made


def finish_assignment(comment: Any, *, by: Actor) -> None:  # noqa: ANN401 (a comment on a record of any kind)
    """Mark an assignment as done. Raise Forbidden unless the actor is the assignee, or the author
    of the comment.
    """
    if not comment.is_open:
        raise InvalidInput(done=_("It is already done, or was retracted."))
    if not rules.can_finish_assignment(comment, by):
        raise Forbidden(
            _("Only the person to whom it is assigned, or who assigned it, can mark it as done.")
        )
    comment.done_at, comment.done_by_id = clock.utc_now(), by.id
    record_event("review:done", comment.record.ref, by=by)


def retract_comment(comment: Any, *, by: Actor) -> None:  # noqa: ANN401 (as above)
    """Delete the text of a comment; the row stays, with its author and date. Raise InvalidInput if
    it is retracted already, Forbidden if the actor may not retract it.
    """
    if comment.taken_back_at is not None:
        raise InvalidInput(comment=_("It is already retracted."))
    if not rules.can_retract_comment(comment, by):
        raise Forbidden(_("Only its author can retract a comment."))
    comment.words, comment.taken_back_at = "", clock.utc_now()
    record_event("review:take-back", comment.record.ref, by=by)


def require_can_comment(record: Any, *, by: Actor) -> None:  # noqa: ANN401 (as above)
    """Raise Forbidden unless the actor may comment on the record."""
    if not rules.can_comment(record, by):
        raise Forbidden(_("Only staff of the record’s team, and monitors, can comment on it."))


def _validate_comment_text(words: str) -> str:
    """Return the text of a comment without white space at its ends; raise InvalidInput if empty."""
    if not words.strip():
        raise InvalidInput(comment=_("Write a comment."))
    return words.strip()


def _find_assignee(record: Any, name: str) -> User | None:  # noqa: ANN401 (as above)
    """Return the user with a name, None for ""; raise InvalidInput if they cannot be assigned."""
    if not name:
        return None
    for person in possible_assignees([record]):
        if person.name == name:
            return person
    raise InvalidInput(assigned_to=_("Choose somebody who can sign in and sees this record."))


def _validate_due_date(day: date | None, *, has_assignee: bool) -> None:
    """Raise InvalidInput for a due date that has passed, or of a comment without an assignee."""
    if day is not None and not has_assignee:
        raise InvalidInput(assigned_to=_("Choose who should do it by that day."))
    if day is not None and day < clock.current_date():
        raise InvalidInput(due_on=_("This day has passed."))


def shown_people_and_sources(record: Any) -> list[Any]:  # noqa: ANN401 (a reviewed record of any feature)
    """Return the people, outlets and articles that a record shows, and the further ones to which
    these refer, such as the publisher of an article.

    Reviewable records are left out: a link to a hidden one is shown empty, whereas the name of a
    person or the quote of a source would be shown.
    """
    found: dict[str, Any] = {}
    waiting = [record]
    while waiting:
        for one in _referenced_records(waiting.pop()):
            if one is not None and one.ref not in found:
                found[one.ref] = one
                waiting.append(one)
    return list(found.values())


def validate_nothing_hidden(visibility: Visibility, record: Any) -> None:  # noqa: ANN401 (as above)
    """Raise InvalidInput if a new `visibility` would share a record with all users that shows a
    person or source hidden from the current user.
    """
    widens = visibility is Visibility.INTERNAL and record.visibility is not visibility
    if widens and _refers_to_hidden_record(record):
        raise InvalidInput(
            visibility=_("It shows a person or source that you may not see: keep it restricted.")
        )


def records_to_share(record: Any) -> list[Any]:  # noqa: ANN401 (as above)
    """Return the restricted people and sources that a record shows, and that would be shared
    together with it.
    """
    return more_restricted_records(Visibility.INTERNAL, shown_people_and_sources(record))


def share_record(record: Any, *, listed_refs: Iterable[str], by: Actor) -> None:  # noqa: ANN401 (as above)
    """Share a record, and the people and sources that it shows, with all users. `listed_refs`: the
    refs that were listed for the user; raise InvalidInput if another record would be shared.
    """
    share_records_together(record, records_to_share(record), listed_refs=listed_refs, by=by)


def share_records_together(
    record: Any,  # noqa: ANN401 (as above)
    shown_records: Iterable[Any],
    *,
    listed_refs: Iterable[str],
    by: Actor,
) -> None:
    """Share a record and the other records that it shows with all users. `listed_refs`: the refs
    that were listed for the user; raise InvalidInput if another record would be shared.

    An approved record stays approved, since visibility is not part of its text.
    """
    opened = [*shown_records, record]
    confirmed = {record.ref, *listed_refs}
    for one in opened:
        # Other records show nothing hidden, or are checked with the record that shows them.
        if isinstance(one, Reviewable):
            validate_nothing_hidden(Visibility.INTERNAL, one)
    if any(one.ref not in confirmed for one in opened):
        raise InvalidInput(opening=_("It shows more than was listed. Check the list again."))
    _validate_no_redacted_names(opened)
    for one in opened:
        if not can_edit(by, one):
            raise Forbidden(_("Only staff of a record’s team can share it with all users."))
        with audited_change(one, f"{one.ENDPOINT.removesuffix('s')}:widen", by=by):
            one.visibility = Visibility.INTERNAL


@dataclass(slots=True)
class StillShared:
    """The people and sources of a record that all users see. `can_be_restricted`: those of the
    actor's teams to which nothing else refers that all users see; `cannot_be_restricted`: the
    others, each with records that refer to it, none for a record of another team.
    """

    can_be_restricted: list[Any] = field(default_factory=list)
    cannot_be_restricted: dict[Any, list[Any]] = field(default_factory=dict)


def find_still_shared(
    record: Any,  # noqa: ANN401 (as above)
    *,
    chosen_refs: Collection[str] | None = None,
    by: Actor,
) -> StillShared:
    """Return the people and sources of a record that all users see, and which of them could be
    restricted with it. `chosen_refs`: the refs of those that are restricted, None for all of them.
    """
    waiting = [
        one for one in shown_people_and_sources(record) if one.visibility is Visibility.INTERNAL
    ]
    found, closed = StillShared(), [record.ref]
    while True:
        found.cannot_be_restricted = {
            one: shared_records_referring_to(one, excluding=closed) for one in waiting
        }
        freed = [
            one for one in waiting if can_edit(by, one) and not found.cannot_be_restricted[one]
        ]
        if not freed:
            return found
        found.can_be_restricted += freed
        closed += [one.ref for one in freed if chosen_refs is None or one.ref in chosen_refs]
        waiting = [one for one in waiting if one not in freed]


def restrict_with_shown(record: Any, *, chosen_refs: Collection[str], by: Actor) -> StillShared:  # noqa: ANN401 (as above)
    """Restrict a record to its team, and with it the people and sources whose refs are
    `chosen_refs`; return the people and sources that all users still see. Raise InvalidInput if
    another record that all users see refers to one of those.
    """
    found = find_still_shared(record, chosen_refs=chosen_refs, by=by)
    restricted = [one for one in found.can_be_restricted if one.ref in chosen_refs]
    if len(restricted) < len(set(chosen_refs)):
        raise InvalidInput(
            also=_("Something that all users see refers to one of these. Check the list again.")
        )
    restrict_records([record, *restricted], by=by)
    found.can_be_restricted = [one for one in found.can_be_restricted if one not in restricted]
    return found


def restrict_records(records: Iterable[Any], *, by: Actor) -> None:
    """Restrict records to their teams; what they show keeps its own visibility."""
    for one in records:
        if one.visibility is Visibility.INTERNAL:
            with audited_change(one, f"{one.ENDPOINT.removesuffix('s')}:narrow", by=by):
                one.visibility = Visibility.RESTRICTED


def _validate_no_redacted_names(records: Iterable[Any]) -> None:
    """Raise InvalidInput if one of these records, which are to be shared with all users, has the
    redacted name of a journalist in its texts.
    """
    closed = [(one, names_of(one)) for one in journalists_with_redacted_name()]
    named: dict[str, list[str]] = {}
    for one in records:
        about, texts = set(linked_journalist_ids(one)), list(record_texts(one))
        for journalist, names in closed:
            if any(
                find_mentions(text, names, allow_single_words=journalist.id in about)
                for text in texts
            ):
                named.setdefault(journalist.name, []).append(one.ref)
    if named:
        raise InvalidInput(
            opening=_(
                "This names somebody who must not be named outside the team: %(names)s. Change "
                "or mask these words first.",
                names="; ".join(f"{name} ({', '.join(refs)})" for name, refs in named.items()),
            )
        )


def _refers_to_hidden_record(record: Any) -> bool:  # noqa: ANN401 (as above)
    """Return whether a record, or a person or source that it shows, refers to a person or source
    that the viewer may not see.
    """
    return any(
        one is None
        for shown in (record, *shown_people_and_sources(record))
        for one in _referenced_records(shown)
    )


def _referenced_records(row: Any) -> Iterator[Any]:  # noqa: ANN401 (a record, or a row that hangs on one)
    """Yield the people and sources to which a record or its parts refer, None for hidden ones."""
    for relation in inspect(type(row)).relationships:
        kind = relation.mapper.class_
        if relation.info.get("audited"):
            for child in getattr(row, relation.key):
                yield from _referenced_records(child)
        elif (
            relation.direction is MANYTOONE
            and issubclass(kind, ScopedRecord)
            and not issubclass(kind, Reviewable)
        ):
            one = getattr(row, relation.key)
            key = next(iter(relation.local_columns))
            if one is not None or getattr(row, key.key) is not None:
                yield one

"""Find what others did in what a user follows, and the deadlines there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select, union_all

from tracker.audit.models import AuditEvent
from tracker.audit.queries import list_entries, load_visible_records, shared_events_condition
from tracker.cases import rules
from tracker.cases.codes import DeadlineKind
from tracker.cases.models import Case
from tracker.cases.queries import CASE_JOINS, FILED_KINDS, records_by_refs
from tracker.db import db
from tracker.fake_accounts.models import (
    AccountImpersonation,
    FakeAccount,
    FakeAccountEvent,
    IncidentAccount,
)
from tracker.incidents.models import Incident, IncidentTarget, TargetStatus
from tracker.incidents.queries import current_statuses
from tracker.people.models import Institution, Journalist, Outlet
from tracker.permissions import Actor
from tracker.records import Record
from tracker.responses.codes import AppealOutcome
from tracker.responses.models import (
    Appeal,
    AppealIncident,
    OfficialResponse,
    Proceeding,
    ProceedingIncident,
    ProceedingParty,
    ProceedingStep,
    ResponseAnswer,
)
from tracker.review.queries import is_not_retracted
from tracker.users.models import Follow
from tracker.when import Precision

FOLLOWABLE: tuple[type[Record], ...] = (Case, Journalist, Outlet, Institution)
# Of a followed record itself only edits are news: entries on links, filings and merges may name
# what is hidden.
EDITS = frozenset({rules.EDIT_ACTION, "journalist:edit", "outlet:edit", "institution:edit"})
# The most deadlines of a kind in one calendar, the next ones first.
MOST_DEADLINES = 500


@dataclass(frozen=True, slots=True)
class Belonging:
    """A way in which records of a kind belong to what is followed: a table with the ids of both."""

    kind: type[Any]
    owner: type[Any]
    record_id: Any
    owner_id: Any


BELONGINGS = (
    *(Belonging(one.kind, Case, one.key, one.join.case_id) for one in CASE_JOINS),
    Belonging(Incident, Journalist, IncidentTarget.incident_id, IncidentTarget.journalist_id),
    Belonging(Incident, Outlet, IncidentTarget.incident_id, IncidentTarget.outlet_id),
    *(
        Belonging(FakeAccount, owner, AccountImpersonation.account_id, key)
        for owner, key in (
            (Journalist, AccountImpersonation.journalist_id),
            (Outlet, AccountImpersonation.outlet_id),
            (Institution, AccountImpersonation.institution_id),
        )
    ),
    Belonging(
        FakeAccount, Institution, FakeAccountEvent.account_id, FakeAccountEvent.institution_id
    ),
    Belonging(Proceeding, Journalist, ProceedingParty.proceeding_id, ProceedingParty.journalist_id),
    Belonging(Proceeding, Outlet, ProceedingParty.proceeding_id, ProceedingParty.outlet_id),
    Belonging(Proceeding, Institution, ProceedingStep.proceeding_id, ProceedingStep.institution_id),
    *(
        Belonging(kind, Institution, kind.id, kind.institution_id)
        for kind in (OfficialResponse, Appeal, Proceeding)
    ),
)
# What is about the incidents of a journalist or an outlet belongs to them, too.
ABOUT_INCIDENTS: dict[type[Any], Any] = {
    FakeAccount: IncidentAccount.account_id,
    OfficialResponse: ResponseAnswer.response_id,
    Appeal: AppealIncident.appeal_id,
    Proceeding: ProceedingIncident.proceeding_id,
}
TARGETS: tuple[tuple[type[Any], Any], ...] = (
    (Journalist, IncidentTarget.journalist_id),
    (Outlet, IncidentTarget.outlet_id),
)


@dataclass(frozen=True, slots=True)
class Change:
    """Something new to a user: when, and whether the record is new there or only changed."""

    at: datetime
    is_added: bool


@dataclass(frozen=True, slots=True)
class FollowedNews:
    """What others did in the records that a user follows, the newest first.

    Each with the followed records that it belongs to. `count` includes those that are not shown,
    `until` is the newest moment of all.
    """

    followed: list[Any]
    shown: list[tuple[Any, Change, list[Any]]]
    count: int
    until: datetime | None


def follow_of(record: Record, *, by: Actor) -> Follow | None:
    """Return that the actor follows a record, None if they do not."""
    return db.session.get(Follow, (by.id, record.ref))


def read_until(refs: Iterable[str] | None = None, *, by: Actor) -> dict[str, datetime]:
    """Return up to when the actor has read what they follow, by ref; `refs`: only of these."""
    rows = select(Follow.ref, Follow.read_at).where(Follow.user_id == by.id)
    if refs is not None:
        rows = rows.where(Follow.ref.in_([*refs]))
    return {row.ref: row.read_at for row in db.session.execute(rows)}


def news_of(
    case: Case, records: Sequence[Any], *, by: Actor, now: datetime
) -> tuple[rules.News, rules.Inactivity]:
    """Return what is new to the actor in a case, and whether it may become dormant."""
    shown = {record.ref: record for record in records}
    filings: list[tuple[Any, str]] = []
    stages, edits = [], []
    for entry in list_entries([case.ref], {rules.FILE_ACTION, rules.EDIT_ACTION}):
        if entry.action == rules.EDIT_ACTION:
            edits.append(entry)
            stages += [entry.at] if "lifecycle" in entry.changes else []
        else:
            filings += [
                (entry, ref)
                for ref in rules.refs_filed_by(entry.changes, FILED_KINDS)
                if ref in shown
            ]
    moments = [
        case.recorded_at,
        *(record.updated_at for record in records),
        *(entry.at for entry, _ref in filings),
    ]
    rest = rules.inactivity_of(
        case.lifecycle, newest=max(moments), set_at=max(stages, default=None), now=now
    )
    until = max(*moments, case.updated_at, *(entry.at for entry in edits))
    follow = follow_of(case, by=by)
    if follow is None:
        return rules.News(None, until), rest
    since = follow.read_at
    touched = _changed_by_others(
        [one.ref for one in records if one.updated_at > since], since, by=by
    )
    added = {ref for ref in touched if shown[ref].recorded_at > since}
    added |= {ref for entry, ref in filings if entry.at > since and entry.actor != by.name}
    is_case_changed = any(entry.at > since and entry.actor != by.name for entry in edits)
    news = rules.News(since, until, frozenset(added), frozenset(touched - added), is_case_changed)
    return news, rest


def _changed_by_others(refs: Sequence[str], since: datetime, *, by: Actor) -> set[str]:
    """Return those of the refs that somebody else changed."""
    if not refs:
        return set()
    rows = select(AuditEvent.subject).where(
        AuditEvent.subject.in_(refs),
        AuditEvent.at > since,
        AuditEvent.actor != by.name,
        shared_events_condition(),
    )
    return set(db.session.scalars(rows.distinct()))


def count_news(cases: Sequence[Case], *, by: Actor) -> dict[int, int]:
    """Return, for each case that the actor follows, how many records are new or changed."""
    since = read_until((case.ref for case in cases), by=by)
    found = _changes_in(since, by=by)
    return {case.id: len(found[case.ref]) for case in cases if case.ref in since}


def news_followed(*, by: Actor, most: int) -> FollowedNews:
    """Return what others did in what the actor follows, with that many records at most."""
    since = read_until(by=by)
    followed = load_visible_records(since)
    since = {ref: since[ref] for ref in followed}
    changes: defaultdict[str, dict[str, Change]] = defaultdict(dict)
    for of, found in _changes_in(since, by=by).items():
        for ref, change in found.items():
            changes[ref][of] = change
    for entry in _entries_of_others(since, EDITS, by=by):
        changes[entry.subject][entry.subject] = Change(entry.at, is_added=False)
    newest = sorted(changes, key=lambda ref: (_last(changes[ref]).at, ref), reverse=True)
    records = {one.ref: one for one in records_by_refs(newest[:most])} | followed
    return FollowedNews(
        sorted(followed.values(), key=lambda one: one.heading.casefold()),
        [
            (records[ref], _last(changes[ref]), [followed[of] for of in changes[ref] if of != ref])
            for ref in newest[:most]
        ],
        len(changes),
        _last(changes[newest[0]]).at if newest else None,
    )


def _last(changes: Mapping[str, Change]) -> Change:
    return max(changes.values(), key=lambda one: one.at)


def _changes_in(since: Mapping[str, datetime], *, by: Actor) -> defaultdict[str, dict[str, Change]]:
    """Return what is new or changed to the actor in each of these followed records, by ref.

    Ask only for records that the viewer may see.
    """
    found: defaultdict[str, dict[str, Change]] = defaultdict(dict)
    if not since:
        return found
    filed = {
        (entry.subject, ref): entry.at
        for entry in _entries_of_others(since, {rules.FILE_ACTION}, by=by)
        for ref in rules.refs_filed_by(entry.changes, FILED_KINDS)
    }
    for kind in (shelf.kind for shelf in CASE_JOINS):
        inside = _belonging(kind, since, user_id=by.id)
        if inside is None:
            continue
        rows = inside.subquery()
        changed = _is_changed(kind, rows.c.read_at, by=by)
        news = (
            select(rows.c.followed, kind.ref, kind.updated_at, kind.recorded_at, changed)
            .join(rows, rows.c.record_id == kind.id)
            .where(or_(changed, kind.ref.in_({ref for _of, ref in filed})))
        )
        for of, ref, updated_at, recorded_at, is_changed in db.session.execute(news):
            filed_at = filed.get((of, ref))
            moments = [filed_at] if filed_at else []
            moments += [updated_at] if is_changed else []
            if moments:
                is_added = filed_at is not None or recorded_at > since[of]
                found[of][ref] = Change(max(moments), is_added)
    return found


def _entries_of_others(
    since: Mapping[str, datetime], actions: Iterable[str], *, by: Actor
) -> Iterator[Any]:
    """Yield the log entries of others on these records since the actor read them."""
    if not since:
        return
    for entry in list_entries(since, actions, since=min(since.values())):
        if entry.at > since[entry.subject] and entry.actor != by.name:
            yield entry


def _is_changed(kind: Any, since: Any, *, by: Actor) -> Any:  # noqa: ANN401 (a model, a column, a condition)
    events = select(AuditEvent.sequence).where(
        AuditEvent.subject == kind.ref,
        AuditEvent.at > since,
        AuditEvent.actor != by.name,
        shared_events_condition(),
    )
    return and_(kind.updated_at > since, events.exists())


def _belonging(kind: type[Any], refs: Collection[str], *, user_id: int) -> Any:  # noqa: ANN401 (a union, or None)
    """Select `followed`, `read_at` and `record_id` of the records of a kind in what is followed."""
    owners = {one for one in FOLLOWABLE if any(ref.startswith(one.PREFIX + "-") for ref in refs)}

    def of(owner: type[Any], owner_id: Any) -> Select[str, datetime]:  # noqa: ANN401 (a column)
        follows = select(Follow.ref.label("followed"), Follow.read_at.label("read_at"))
        mine = follows.where(Follow.user_id == user_id, Follow.ref.in_([*refs]))
        return mine.join(owner, owner.ref == Follow.ref).join(owner_id.class_, owner_id == owner.id)

    rows = [
        of(one.owner, one.owner_id).add_columns(one.record_id.label("record_id"))
        for one in BELONGINGS
        if one.kind is kind and one.owner in owners
    ]
    about = ABOUT_INCIDENTS.get(kind)
    if about is not None:
        join = about.class_
        rows += [
            of(owner, key)
            .join(join, join.incident_id == IncidentTarget.incident_id)
            .add_columns(about.label("record_id"))
            for owner, key in TARGETS
            if owner in owners
        ]
    return union_all(*rows) if rows else None


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """A day that matters, the ref of the record, and what kind of day it is; no names."""

    day: date
    ref: str
    kind: DeadlineKind


def deadlines_followed(since: date, *, by: Actor) -> list[Deadline]:
    """Return the deadlines in what the actor follows from a day on, by day.

    Answers due to appeals, days of steps of proceedings, and expected ends of what became of
    targets.
    """
    refs = [*load_visible_records(read_until(by=by))]
    found: list[Deadline] = []
    for kind, model, rows, day in _deadline_selects(since):
        inside = _belonging(model, refs, user_id=by.id)
        if inside is not None:
            mine = rows.where(model.id.in_(select(inside.subquery().c.record_id)))
            next_first = mine.with_only_columns(model.ref, day, maintain_column_froms=True)
            ordered = next_first.order_by(day, model.ref).limit(MOST_DEADLINES)
            found += [Deadline(on, ref, kind) for ref, on in db.session.execute(ordered)]
    return sorted(set(found))


def _deadline_selects(since: date) -> Iterator[tuple[DeadlineKind, type[Any], Any, Any]]:
    """Yield, for each kind of deadline, its record, the rows from a day on, and their day."""
    due = select(Appeal).where(
        Appeal.due_on >= since, Appeal.outcome == AppealOutcome.PENDING, is_not_retracted(Appeal)
    )
    yield DeadlineKind.ANSWER_DUE, Appeal, due, Appeal.due_on
    steps = (
        select(ProceedingStep)
        .join(ProceedingStep.proceeding)
        .where(
            ProceedingStep.earliest >= since,
            ProceedingStep.precision == Precision.DAY,
            is_not_retracted(Proceeding),
        )
    )
    yield DeadlineKind.PROCEEDING_STEP, Proceeding, steps, ProceedingStep.earliest
    ends = current_statuses().where(TargetStatus.expected_end >= since)
    yield DeadlineKind.EXPECTED_END, Incident, ends, TargetStatus.expected_end

"""Queries for changes by others in the records that a user follows, and for deadlines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Select, and_, func, or_, select, union_all
from werkzeug.datastructures import MultiDict

from tracker.audit.models import AuditEvent
from tracker.audit.queries import list_entries, load_visible_records, shareable_entries_condition
from tracker.cases import rules
from tracker.cases.codes import DeadlineKind
from tracker.cases.models import Case
from tracker.cases.queries import CASE_COLLECTIONS, CASE_JOINS, records_by_refs
from tracker.db import db
from tracker.errors import BadQuery
from tracker.fake_accounts.models import (
    AccountImpersonation,
    FakeAccount,
    FakeAccountEvent,
    IncidentAccount,
)
from tracker.i18n import alphabet_sort_key
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.models import Incident, IncidentTarget, TargetStatus
from tracker.incidents.queries import current_statuses, filter_labels_by_code, incidents_matching
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
from tracker.users.models import MAX_FOLLOWED_QUERY_LENGTH, Follow, FollowedFilter
from tracker.when import Precision

# The kinds of records that users can follow.
FOLLOWABLE_MODELS: tuple[type[Record], ...] = (Case, Journalist, Outlet, Institution)
# Audit actions by which a followed record itself changed: only edits, since log entries on links,
# filings and merges may name hidden records.
EDIT_ACTIONS = frozenset({rules.EDIT_ACTION, "journalist:edit", "outlet:edit", "institution:edit"})
# Audit actions on the comments of a record that are news: a comment, a task, and that it is done.
COMMENT_ACTIONS = frozenset({"review:comment", "review:assign", "review:done"})
# The most deadlines of one kind in a calendar; if there are more, the latest are left out.
MAX_DEADLINES_PER_KIND = 500


@dataclass(frozen=True, slots=True)
class FollowedJoin:
    """A table that joins records to records that users can follow, such as incidents to cases.
    `kind`: the model of the records that belong to a followed record; `owner`: the model of the
    followed records; `record_id`, `owner_id`: the columns of the table with the ids of both.
    """

    kind: type[Any]
    owner: type[Any]
    record_id: Any
    owner_id: Any


# All ways in which records belong to followed records, except through incidents.
FOLLOWED_JOINS = (
    *(
        FollowedJoin(one.kind, Case, one.record_id_column, one.join_model.case_id)
        for one in CASE_JOINS
    ),
    FollowedJoin(Incident, Journalist, IncidentTarget.incident_id, IncidentTarget.journalist_id),
    FollowedJoin(Incident, Outlet, IncidentTarget.incident_id, IncidentTarget.outlet_id),
    *(
        FollowedJoin(FakeAccount, owner, AccountImpersonation.account_id, key)
        for owner, key in (
            (Journalist, AccountImpersonation.journalist_id),
            (Outlet, AccountImpersonation.outlet_id),
            (Institution, AccountImpersonation.institution_id),
        )
    ),
    FollowedJoin(
        FakeAccount, Institution, FakeAccountEvent.account_id, FakeAccountEvent.institution_id
    ),
    FollowedJoin(
        Proceeding, Journalist, ProceedingParty.proceeding_id, ProceedingParty.journalist_id
    ),
    FollowedJoin(Proceeding, Outlet, ProceedingParty.proceeding_id, ProceedingParty.outlet_id),
    FollowedJoin(
        Proceeding, Institution, ProceedingStep.proceeding_id, ProceedingStep.institution_id
    ),
    *(
        FollowedJoin(kind, Institution, kind.id, kind.institution_id)
        for kind in (OfficialResponse, Appeal, Proceeding)
    ),
)
# The column with the id of the record in each table that joins records to incidents, by the model
# of these records. Such a record also belongs to the journalists and outlets that are targets of
# its incidents.
INCIDENT_JOIN_COLUMN_BY_MODEL: dict[type[Any], Any] = {
    FakeAccount: IncidentAccount.account_id,
    OfficialResponse: ResponseAnswer.response_id,
    Appeal: AppealIncident.appeal_id,
    Proceeding: ProceedingIncident.proceeding_id,
}
# The kinds of targets that users can follow, each with its column in the table of targets.
FOLLOWABLE_TARGET_COLUMNS: tuple[tuple[type[Any], Any], ...] = (
    (Journalist, IncidentTarget.journalist_id),
    (Outlet, IncidentTarget.outlet_id),
)


@dataclass(frozen=True, slots=True)
class RecordChange:
    """A change of a record that a user has not read; `is_added`: new or newly filed in a case;
    `is_comment`: nothing but its comments or tasks changed.
    """

    at: datetime
    is_added: bool = False
    is_comment: bool = False


class SavedView(NamedTuple):
    """A list of incidents that a user follows: its query string, filter in words, and filter.
    `read_at`: as in `FollowedFilter`.
    """

    query: str
    heading: str
    filters: IncidentFilter
    read_at: datetime


@dataclass(frozen=True, slots=True)
class FollowedNews:
    """The records that others changed in what a user follows, the latest change first. `followed`:
    all followed records and lists; `shown`: tuples of a changed record, its latest change and the
    followed records and lists that it belongs to; `count`: the number of changed records, shown or
    not; `until`: the moment of the latest change.
    """

    followed: list[Any]
    shown: list[tuple[Any, RecordChange, list[Any]]]
    count: int
    until: datetime | None


def get_follow(record: Record, *, by: Actor) -> Follow | None:
    """Return the row by which the actor follows a record, None if they do not follow it."""
    return db.session.get(Follow, (by.id, record.ref))


def last_read_by_ref(refs: Iterable[str] | None = None, *, by: Actor) -> dict[str, datetime]:
    """Return when the actor last read each followed record, by ref; `refs`: None for all."""
    rows = select(Follow.ref, Follow.read_at).where(Follow.user_id == by.id)
    if refs is not None:
        rows = rows.where(Follow.ref.in_([*refs]))
    return {row.ref: row.read_at for row in db.session.execute(rows)}


def case_news_and_inactivity(
    case: Case, records: Sequence[Any], *, by: Actor, now: datetime
) -> tuple[rules.CaseNews, rules.Inactivity]:
    """Return the changes in a case that the actor has not read, and how long the case is inactive.
    `records`: all records of the case that the actor sees.
    """
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
                for ref in rules.filed_refs_in_changes(entry.changes, CASE_COLLECTIONS)
                if ref in shown
            ]
    moments = [
        case.recorded_at,
        *(record.updated_at for record in records),
        *(entry.at for entry, _ref in filings),
    ]
    rest = rules.inactivity_of(
        case.lifecycle,
        newest_change_at=max(moments),
        status_set_at=max(stages, default=None),
        now=now,
    )
    until = max(*moments, case.updated_at, *(entry.at for entry in edits))
    follow = get_follow(case, by=by)
    if follow is None:
        return rules.CaseNews(None, until), rest
    since = follow.read_at
    filed = {ref for entry, ref in filings if entry.at > since and entry.actor != by.name}
    is_case_changed = any(entry.at > since and entry.actor != by.name for entry in edits)
    news = rules.CaseNews(since, until, frozenset(filed), is_case_changed=is_case_changed)
    return _with_changes_of_records(news, case, shown, by=by), rest


def _with_changes_of_records(
    news: rules.CaseNews, case: Case, shown: Mapping[str, Any], *, by: Actor
) -> rules.CaseNews:
    """Return the news of a case with the changes of its records by others, and their comments on
    these and on the case. `news`: with the filed records; `shown`: the records by ref.
    """
    assert news.since is not None  # noqa: S101 (the case is followed)
    since = news.since
    later = [one.ref for one in shown.values() if one.updated_at > since]
    touched = _refs_changed_by_others(later, since, by=by)
    added = news.added_refs | {ref for ref in touched if shown[ref].recorded_at > since}
    comments = list_entries([case.ref, *shown], COMMENT_ACTIONS, since=since)
    commented = {entry.subject for entry in comments if entry.actor != by.name}
    return replace(
        news,
        until=max([news.until, *(entry.at for entry in comments)]),
        added_refs=added,
        changed_refs=frozenset(touched - added),
        commented_refs=frozenset(commented - added - touched),
    )


def _refs_changed_by_others(refs: Sequence[str], since: datetime, *, by: Actor) -> set[str]:
    """Return the refs of the records that somebody else changed since a moment."""
    if not refs:
        return set()
    rows = select(AuditEvent.subject).where(
        AuditEvent.subject.in_(refs),
        AuditEvent.at > since,
        AuditEvent.actor != by.name,
        shareable_entries_condition(),
    )
    return set(db.session.scalars(rows.distinct()))


def count_unread_records(cases: Sequence[Case], *, by: Actor) -> dict[int, int]:
    """Return, by case id, the number of records that others added, changed or commented on since
    the actor last read the case. Cases that the actor does not follow are left out.
    """
    since = last_read_by_ref((case.ref for case in cases), by=by)
    found = _changes_by_followed_ref(since, by=by)
    return {case.id: len(found[case.ref]) for case in cases if case.ref in since}


def followed_news(*, by: Actor, limit: int) -> FollowedNews:
    """Return the changes by others in what the actor follows; `limit`: records shown at most."""
    since = last_read_by_ref(by=by)
    followed = load_visible_records(since)
    since = {ref: since[ref] for ref in followed}
    changes: defaultdict[str, dict[str, RecordChange]] = defaultdict(dict)
    for of, found in _changes_by_followed_ref(since, by=by).items():
        for ref, change in found.items():
            changes[ref][of] = change
    for entry in _log_entries_of_others(since, EDIT_ACTIONS | COMMENT_ACTIONS, by=by):
        before = changes[entry.subject].get(entry.subject)
        is_comment = entry.action in COMMENT_ACTIONS and (before is None or before.is_comment)
        changes[entry.subject][entry.subject] = RecordChange(entry.at, is_comment=is_comment)
    for view in list_saved_views(by=by):
        followed[view.query] = view
        for ref, at in _recorded_at_by_unread_ref(view, by=by).items():
            changes[ref][view.query] = RecordChange(at, is_added=True)
    newest = sorted(changes, key=lambda ref: (_newest_change(changes[ref]).at, ref), reverse=True)
    records = {one.ref: one for one in records_by_refs(newest[:limit])} | followed
    return FollowedNews(
        sorted(followed.values(), key=lambda one: alphabet_sort_key(one.heading)),
        [
            (
                records[ref],
                _newest_change(changes[ref]),
                [followed[of] for of in changes[ref] if of != ref],
            )
            for ref in newest[:limit]
        ],
        len(changes),
        _newest_change(changes[newest[0]]).at if newest else None,
    )


def followed_query_string(filters: IncidentFilter) -> str:
    """Return the query string by which the list of a filter is followed, "" if it cannot be: a list
    of all incidents, of selected ones or of a search, whose words may be a name.
    """
    query = urlencode(sorted(filters.to_args().items()), doseq=True)
    can_be_followed = not filters.q and not filters.record
    return query if can_be_followed and len(query) <= MAX_FOLLOWED_QUERY_LENGTH else ""


def is_list_followed(query: str, *, by: Actor) -> bool:
    """Return whether the actor follows the list with a query string."""
    return db.session.get(FollowedFilter, (by.id, query)) is not None


def list_saved_views(*, by: Actor) -> list[SavedView]:
    """Return the lists that the actor follows, by name. Left out are those of a journalist, outlet
    or term that the viewer does not see any more.
    """
    rows = select(FollowedFilter).where(FollowedFilter.user_id == by.id)
    found = []
    for one in db.session.scalars(rows).all():
        with suppress(BadQuery):
            filters = IncidentFilter.from_args(MultiDict(parse_qsl(one.query)))
            heading = filters.describe(filter_labels_by_code(filters), only_set=True)
            found.append(SavedView(one.query, heading, filters, one.read_at))
    return sorted(found, key=lambda view: alphabet_sort_key(view.heading))


def _recorded_at_by_unread_ref(view: SavedView, *, by: Actor) -> dict[str, datetime]:
    """Return by ref when others recorded the incidents of a followed list that the actor has not
    read.
    """
    others = incidents_matching(view.filters).where(
        Incident.recorded_at > view.read_at, Incident.recorded_by_id != by.id
    )
    new = db.session.execute(others.with_only_columns(Incident.ref, Incident.recorded_at))
    return {row.ref: row.recorded_at for row in new}


def _newest_change(changes: Mapping[str, RecordChange]) -> RecordChange:
    """Return the latest of some changes. The keys of `changes` are refs of followed records."""
    return max(changes.values(), key=lambda one: one.at)


def _changes_by_followed_ref(
    since: Mapping[str, datetime], *, by: Actor
) -> defaultdict[str, dict[str, RecordChange]]:
    """Return the changes that the actor has not read: by the ref of the followed record, and then
    by the ref of the changed record. `since`: by the ref of each followed record, when the actor
    last read it; the viewer must be allowed to see all these records.
    """
    found: defaultdict[str, dict[str, RecordChange]] = defaultdict(dict)
    if not since:
        return found
    filed = {
        (entry.subject, ref): entry.at
        for entry in _log_entries_of_others(since, {rules.FILE_ACTION}, by=by)
        for ref in rules.filed_refs_in_changes(entry.changes, CASE_COLLECTIONS)
    }
    for kind in (case_join.kind for case_join in CASE_JOINS):
        inside = _records_of_followed(kind, since, user_id=by.id)
        if inside is None:
            continue
        rows = inside.subquery()
        changed = _is_changed_by_others(kind, rows.c.read_at, by=by)
        commented = _last_comment_time_of_others(kind, rows.c.read_at, by=by)
        news = (
            select(rows.c.followed, kind.ref, kind.updated_at, kind.recorded_at, changed, commented)
            .join(rows, rows.c.record_id == kind.id)
            .where(or_(changed, commented.is_not(None), kind.ref.in_({ref for _of, ref in filed})))
        )
        for of, ref, updated_at, recorded_at, is_changed, commented_at in db.session.execute(news):
            moments = [filed.get((of, ref)), updated_at if is_changed else None]
            known = [one for one in (*moments, commented_at) if one]
            if known:
                is_added = moments[0] is not None or (is_changed and recorded_at > since[of])
                is_comment = not any(moments)
                found[of][ref] = RecordChange(max(known), is_added, is_comment)
    return found


def _log_entries_of_others(
    since: Mapping[str, datetime], actions: Iterable[str], *, by: Actor
) -> Iterator[Any]:
    """Yield the audit log entries with these actions that others made after the actor last read the
    record. `since`: by the ref of each record, when the actor last read it.
    """
    if not since:
        return
    for entry in list_entries(since, actions, since=min(since.values())):
        if entry.at > since[entry.subject] and entry.actor != by.name:
            yield entry


def _is_changed_by_others(kind: Any, since: Any, *, by: Actor) -> Any:  # noqa: ANN401 (a model, a column, a condition)
    """Return the SQL condition that somebody else changed a record of the model `kind` since the
    moment in the column `since`.
    """
    events = select(AuditEvent.sequence).where(
        AuditEvent.subject == kind.ref,
        AuditEvent.at > since,
        AuditEvent.actor != by.name,
        shareable_entries_condition(),
    )
    return and_(kind.updated_at > since, events.exists())


def _last_comment_time_of_others(kind: Any, since: Any, *, by: Actor) -> Any:  # noqa: ANN401 (as above)
    """Return the SQL expression of when somebody else last commented on a record of the model
    `kind`, or finished a task about it, since the moment in the column `since`; NULL for never.
    """
    events = select(func.max(AuditEvent.at)).where(
        AuditEvent.subject == kind.ref,
        AuditEvent.at > since,
        AuditEvent.actor != by.name,
        AuditEvent.action.in_(COMMENT_ACTIONS),
    )
    return events.scalar_subquery()


def _records_of_followed(kind: type[Any], refs: Collection[str], *, user_id: int) -> Any:  # noqa: ANN401 (a union, or None)
    """Return a query of the records of the model `kind` that belong to records which a user
    follows; None if there can be none. `refs`: the refs of the followed records. Columns:
    `followed`, the ref of the followed record; `read_at`, when the user last read that record;
    `record_id`, the id of the record that belongs to it.
    """
    owners = {
        one for one in FOLLOWABLE_MODELS if any(ref.startswith(one.PREFIX + "-") for ref in refs)
    }

    def of(owner: type[Any], owner_id: Any) -> Select[str, datetime]:  # noqa: ANN401 (a column)
        """Return a select of the followed records of a model, joined to the table of a column."""
        follows = select(Follow.ref.label("followed"), Follow.read_at.label("read_at"))
        mine = follows.where(Follow.user_id == user_id, Follow.ref.in_([*refs]))
        return mine.join(owner, owner.ref == Follow.ref).join(owner_id.class_, owner_id == owner.id)

    rows = [
        of(one.owner, one.owner_id).add_columns(one.record_id.label("record_id"))
        for one in FOLLOWED_JOINS
        if one.kind is kind and one.owner in owners
    ]
    about = INCIDENT_JOIN_COLUMN_BY_MODEL.get(kind)
    if about is not None:
        join = about.class_
        rows += [
            of(owner, key)
            .join(join, join.incident_id == IncidentTarget.incident_id)
            .add_columns(about.label("record_id"))
            for owner, key in FOLLOWABLE_TARGET_COLUMNS
            if owner in owners
        ]
    return union_all(*rows) if rows else None


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """A deadline of a record: the day, the ref and the kind, without names."""

    day: date
    ref: str
    kind: DeadlineKind


def followed_deadlines(since: date, *, by: Actor) -> list[Deadline]:
    """Return the deadlines since a day in the records that the actor follows, the first one first.

    Deadlines are due dates of appeals, dates of steps of proceedings, and expected ends of the
    statuses of targets.
    """
    refs = [*load_visible_records(last_read_by_ref(by=by))]
    found: list[Deadline] = []
    for kind, model, rows, day in _deadline_queries(since):
        inside = _records_of_followed(model, refs, user_id=by.id)
        if inside is not None:
            mine = rows.where(model.id.in_(select(inside.subquery().c.record_id)))
            next_first = mine.with_only_columns(model.ref, day, maintain_column_froms=True)
            ordered = next_first.order_by(day, model.ref).limit(MAX_DEADLINES_PER_KIND)
            found += [Deadline(on, ref, kind) for ref, on in db.session.execute(ordered)]
    return sorted(set(found))


def _deadline_queries(since: date) -> Iterator[tuple[DeadlineKind, type[Any], Any, Any]]:
    """Yield each kind of deadline with its model, a query of the rows, and the date column."""
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

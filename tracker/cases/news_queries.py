"""What others added to cases and changed in them since somebody looked, as the trail has it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select

from tracker.audit.models import AuditEvent
from tracker.audit.queries import entries_of, told_to_everybody
from tracker.cases.models import CaseLook
from tracker.cases.news_rules import FILES, SAYS, News, Rest, filed_by, rest_of
from tracker.cases.queries import SHELVES
from tracker.db import db

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tracker.cases.models import Case
    from tracker.permissions import Actor

KINDS = [(shelf.names, shelf.name) for shelf in SHELVES]


def look_of(case: Case, *, by: Actor) -> CaseLook | None:
    """Return up to when the actor has seen a case."""
    rows = select(CaseLook).where(CaseLook.user_id == by.id, CaseLook.case_id == case.id)
    return db.session.scalars(rows).first()


def news_of(case: Case, records: Sequence[Any], *, by: Actor, now: datetime) -> tuple[News, Rest]:
    """Return what is new to the actor among the records of a case that they see, and whether the
    case may rest.
    """
    shown = {record.ref: record for record in records}
    filings: list[tuple[Any, str]] = []
    stages, edits = [], []
    for entry in entries_of([case.ref], {FILES, SAYS}):
        if entry.action == SAYS:
            edits.append(entry)
            stages += [entry.at] if "lifecycle" in entry.changes else []
        else:
            filings += [(entry, ref) for ref in filed_by(entry.changes, KINDS) if ref in shown]
    moments = [
        case.recorded_at,
        *(record.updated_at for record in records),
        *(entry.at for entry, _ref in filings),
    ]
    rest = rest_of(case.lifecycle, newest=max(moments), set_at=max(stages, default=None), now=now)
    until = max(*moments, case.updated_at, *(entry.at for entry in edits))
    look = look_of(case, by=by)
    if look is None:
        return News(None, until), rest
    since = look.looked_at
    touched = _touched([one.ref for one in records if one.updated_at > since], since, by=by)
    added = {ref for ref in touched if shown[ref].recorded_at > since}
    added |= {ref for entry, ref in filings if entry.at > since and entry.actor != by.name}
    is_case_changed = any(entry.at > since and entry.actor != by.name for entry in edits)
    news = News(since, until, frozenset(added), frozenset(touched - added), is_case_changed)
    return news, rest


def _touched(refs: Sequence[str], since: datetime, *, by: Actor) -> set[str]:
    """Return those of the refs that somebody else did something to."""
    if not refs:
        return set()
    rows = select(AuditEvent.subject).where(
        AuditEvent.subject.in_(refs),
        AuditEvent.at > since,
        AuditEvent.actor != by.name,
        told_to_everybody(),
    )
    return set(db.session.scalars(rows.distinct()))


def count_news(cases: Sequence[Case], *, by: Actor) -> dict[int, int]:
    """Return how many records of each case are new or changed to the actor; cases that they never
    said to have seen are left out.
    """
    rows = select(CaseLook.case_id, CaseLook.looked_at).where(
        CaseLook.user_id == by.id, CaseLook.case_id.in_([case.id for case in cases])
    )
    looks: dict[int, datetime] = {row.case_id: row.looked_at for row in db.session.execute(rows)}
    if not looks:
        return {}
    ids = {case.ref: case.id for case in cases if case.id in looks}
    filed: set[tuple[int, str]] = set()
    for entry in entries_of(ids, {FILES}, since=min(looks.values())):
        number = ids[entry.subject]
        if entry.at > looks[number] and entry.actor != by.name:
            filed |= {(number, ref) for ref in filed_by(entry.changes, KINDS)}
    found: defaultdict[int, set[str]] = defaultdict(set)
    for shelf in SHELVES:
        changed = _is_changed(shelf.kind, by=by)
        inside = (
            select(shelf.join.case_id, shelf.kind.ref, changed)
            .join(getattr(shelf.join, shelf.name))
            .join(CaseLook, CaseLook.case_id == shelf.join.case_id)
            .where(
                CaseLook.user_id == by.id,
                shelf.join.case_id.in_(looks),
                or_(changed, shelf.kind.ref.in_({ref for _number, ref in filed})),
            )
        )
        for number, ref, is_changed in db.session.execute(inside):
            if is_changed or (number, ref) in filed:
                found[number].add(ref)
    return {number: len(found[number]) for number in looks}


def _is_changed(kind: Any, *, by: Actor) -> Any:  # noqa: ANN401 (a model, a condition)
    told = select(AuditEvent.sequence).where(
        AuditEvent.subject == kind.ref,
        AuditEvent.at > CaseLook.looked_at,
        AuditEvent.actor != by.name,
        told_to_everybody(),
    )
    return and_(kind.updated_at > CaseLook.looked_at, told.exists())

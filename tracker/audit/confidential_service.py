"""Reading, saving and erasing confidential values of a record, with commitments in the audit
log.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import delete, inspect, select

from tracker import clock
from tracker.audit.chain import PART, commitment_to, committed_text, part_name
from tracker.audit.models import AuditEvent, CommittedValue
from tracker.audit.proof_queries import fields_of
from tracker.audit.service import record_event
from tracker.db import db, write_transaction

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tracker.permissions import Actor
    from tracker.records import Record
    from tracker.scoping import TeamOnly

LOG_INTERVAL = timedelta(hours=1)
SALT_BYTES = 16
T = TypeVar("T", bound="TeamOnly")


def confidential_row(record: Any, model: type[T]) -> T:  # noqa: ANN401 (a record, or a row that hangs on one)
    """Return the confidential row of a record, a new one of version 0 if there is none."""
    key = inspect(model).primary_key[0]
    kept = db.session.scalars(select(model).where(key == record.id)).first()
    if kept is not None:
        return kept
    made = model()
    for name, value in ((key.key, record.id), ("team_id", record.team_id), ("version", 0)):
        setattr(made, str(name), value)
    return made


def save_confidential(
    record: Any,  # noqa: ANN401 (as above)
    row: TeamOnly,
    values: Mapping[str, Any],
    *,
    act: str = "",
    subject: str = "",
    by: Actor,
) -> None:
    """Save the confidential values of a record; its public text and approval stay as they are.

    `act` and `subject`: what the audit log calls the change, where the row belongs to a part of a
    record.
    """
    before = _committed_values(row)
    for name, value in values.items():
        setattr(row, name, value)
    # Not flushed before the head of the audit log is locked: everybody takes the two in this order.
    db.session.add(row)
    record_commitments(
        subject or record.ref,
        act or f"{_kind(record)}:confidential",
        before,
        _committed_values(row),
        part=part_name(record.__tablename__, record.id) if subject else "",
        by=by,
    )


def log_viewing(record: Record, *, by: Actor) -> None:
    """Log who reads the confidential values of a record, before they are shown.

    In a transaction of its own, so that it stays whatever becomes of the request: where that writes
    itself, it must wait `meanwhile` (see `web/saving.py`).
    """
    act, ref, name = f"{_kind(record)}:view-confidential", record.ref, by.name
    lately = select(AuditEvent.sequence).where(
        AuditEvent.subject == ref,
        AuditEvent.action == act,
        AuditEvent.actor == name,
        AuditEvent.at > clock.now() - LOG_INTERVAL,
    )
    with write_transaction() as session:
        if session.scalars(lately.limit(1)).first() is None:
            record_event(act, ref, by=by, session=session)


def record_commitments(
    subject: str,
    action: str,
    before: Mapping[str, str],
    after: Mapping[str, str],
    *,
    part: str = "",
    by: Actor,
) -> None:
    """Log which confidential values of a record changed: {field: commitment}.

    The values lie in a confidential table, by their commitments, until somebody erases them: the
    session must be on a full connection. Nothing is written where nothing changed; "" is a value.
    `part`: on which part of the record they hang.
    """
    changed = {field: value for field, value in after.items() if before.get(field, "") != value}
    if not changed:
        return
    changes: dict[str, str] = {}
    for field, value in sorted(changed.items()):
        salt = secrets.token_hex(SALT_BYTES)
        changes[field] = commitment_to(value, salt)
        db.session.add(
            CommittedValue(commitment=changes[field], subject=subject, salt=salt, value=value)
        )
    on_part = {PART: part} if part else {}
    record_event(action, subject, by=by, changes={"committed": changes, **on_part})


def delete_committed_values(subject: str) -> int:
    """Delete the values behind a record's commitments, and return how many; the audit log stays."""
    gone = db.session.execute(delete(CommittedValue).where(CommittedValue.subject == subject))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # what a DELETE returns


def delete_committed_fields(
    subjects: Collection[str], act: str, fields: Collection[str], *, parts: Collection[str]
) -> None:
    """Delete the values of some fields that one kind of change committed to, for some parts of some
    records; where older entries do not say which part, for all of them.
    """
    changes = db.session.scalars(
        select(AuditEvent.changes).where(AuditEvent.subject.in_(subjects), AuditEvent.action == act)
    )
    gone = [
        commitment
        for change in changes
        if change.get(PART) is None or change[PART] in parts
        for field, commitment in change.get("committed", {}).items()
        if field in fields
    ]
    db.session.execute(delete(CommittedValue).where(CommittedValue.commitment.in_(gone)))


def _committed_values(row: TeamOnly) -> dict[str, str]:
    """Return the confidential values of a row as text, "" for none."""
    return {field: committed_text(getattr(row, field)) for field in fields_of(type(row))}


def _kind(record: Record) -> str:
    return record.ENDPOINT.removesuffix("s")

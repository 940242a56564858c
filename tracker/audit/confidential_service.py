"""Confidential values of a record: who read them, and what of them changed, without the values."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import inspect, select

from tracker import clock
from tracker.audit.commitment_queries import fields_of
from tracker.audit.commitment_service import record_commitments
from tracker.audit.commitments import as_committed, part_named
from tracker.audit.models import AuditEvent
from tracker.audit.service import record_event
from tracker.db import db, write_transaction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.permissions import Actor
    from tracker.records import Record
    from tracker.scoping import TeamOnly

T = TypeVar("T", bound="TeamOnly")

NOTED_EVERY = timedelta(hours=1)


def confidential_of(record: Any, model: type[T]) -> T:  # noqa: ANN401 (a record, or a row that hangs on one)
    """Return the confidential row of a record; a new one, of version 0, where there is none yet."""
    key = inspect(model).primary_key[0]
    kept = db.session.scalars(select(model).where(key == record.id)).first()
    if kept is not None:
        return kept
    made = model()
    for name, value in ((key.key, record.id), ("team_id", record.team_id), ("version", 0)):
        setattr(made, str(name), value)
    return made


def keep_confidential(
    record: Any,  # noqa: ANN401 (as above)
    row: TeamOnly,
    values: Mapping[str, Any],
    *,
    act: str = "",
    subject: str = "",
    by: Actor,
) -> None:
    """Write the confidential values of a record. Its own text stays as it was, and so approved.

    `act` and `subject`: what the trail calls the change, where the row hangs on a part of a record.
    """
    before = _in_the_trail(row)
    for name, value in values.items():
        setattr(row, name, value)
    # Not flushed before the head of the trail is locked: everybody takes the two in this order.
    db.session.add(row)
    record_commitments(
        subject or record.ref,
        act or f"{_kind(record)}:confidential",
        before,
        _in_the_trail(row),
        part=part_named(record.__tablename__, record.id) if subject else "",
        by=by,
    )


def note_viewing(record: Record, *, by: Actor) -> None:
    """Write into the trail who reads the confidential values of a record, before they are read; at
    most once an hour for each of both.

    In a transaction of its own, so that it stays whatever becomes of the request: where that writes
    itself, it must wait `meanwhile` (see `web/saving.py`).
    """
    act, ref, name = f"{_kind(record)}:view-confidential", record.ref, by.name
    lately = select(AuditEvent.sequence).where(
        AuditEvent.subject == ref,
        AuditEvent.action == act,
        AuditEvent.actor == name,
        AuditEvent.at > clock.now() - NOTED_EVERY,
    )
    with write_transaction() as session:
        if session.scalars(lately.limit(1)).first() is None:
            record_event(act, ref, by=by, session=session)


def _in_the_trail(row: TeamOnly) -> dict[str, str]:
    """Return the confidential values of a row as text; "" for what is not given."""
    return {field: as_committed(getattr(row, field)) for field in fields_of(type(row))}


def _kind(record: Record) -> str:
    return record.ENDPOINT.removesuffix("s")

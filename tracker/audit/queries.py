"""Reading the trail: the history of one record, the trail page by page, and all of it in a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.exc import DBAPIError

from tracker.audit.models import AuditEvent
from tracker.audit.rules import OF_THE_TEAM
from tracker.db import db
from tracker.records import kinds_of_record

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.orm import Session

STREAMED = 1000
# What reading a row ends with whose values are none of their columns'.
UNREADABLE = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, DBAPIError)


def history_of(ref: str) -> list[AuditEvent]:
    """Return what was done to one record, the newest first.

    The trail has no team: ask only for a record that the viewer was shown.
    """
    return list(
        db.session.scalars(
            select(AuditEvent).where(AuditEvent.subject == ref).order_by(AuditEvent.sequence.desc())
        )
    )


def entries_of(
    subjects: Iterable[str], actions: Iterable[str], *, since: datetime | None = None
) -> list[Row[Any]]:
    """Return what was done to some records by some acts, in order; with the values of each.

    The trail has no team: ask only for records that the viewer was shown, and tell nothing of
    others that an entry names.
    """
    rows = select(
        AuditEvent.at, AuditEvent.actor, AuditEvent.action, AuditEvent.subject, AuditEvent.changes
    ).where(AuditEvent.subject.in_([*subjects]), AuditEvent.action.in_([*actions]))
    if since is not None:
        rows = rows.where(AuditEvent.at > since)
    return [*db.session.execute(rows.order_by(AuditEvent.sequence))]


def extract_of(subjects: Iterable[str]) -> list[Row[Any]]:
    """Return what was done to some records, in order, each entry with its hash: acts of which
    whoever sees the record may know.

    The trail has no team: ask only for records that the viewer was shown, and tell nothing of an
    entry that names others.
    """
    rows = select(
        AuditEvent.sequence, AuditEvent.at, AuditEvent.actor, AuditEvent.action, AuditEvent.subject,
        AuditEvent.changes, AuditEvent.hash,
    ).where(AuditEvent.subject.in_([*subjects]), told_to_everybody())  # fmt: skip
    return [*db.session.execute(rows.order_by(AuditEvent.sequence))]


def refs_seen(refs: Iterable[str]) -> dict[str, Any]:
    """Return those of some refs that the viewer may see, with the records."""
    wanted = set(refs)
    found: dict[str, Any] = {}
    for prefix, model in kinds_of_record().items():
        mine = [ref for ref in wanted if ref.startswith(f"{prefix}-")]
        if mine:
            rows = db.session.scalars(select(model).where(model.ref.in_(mine)))
            found |= {one.ref: one for one in rows}
    return found


def told_to_everybody() -> ColumnElement[bool]:
    """Return the condition that whoever sees a record may know of an act."""
    return ~or_(*(AuditEvent.action.endswith(act, autoescape=True) for act in OF_THE_TEAM))


def trail(
    *, actor: str, subject: str, limit: int, before: int | None, after: int | None
) -> list[Row[Any]]:
    """Return entries without their values, the newest first; `before` and `after` are sequences."""
    sequence = AuditEvent.sequence
    rows = select(sequence, AuditEvent.at, AuditEvent.actor, AuditEvent.action, AuditEvent.subject)
    if actor:
        rows = rows.where(AuditEvent.actor == actor)
    if subject:
        rows = rows.where(AuditEvent.subject == subject)
    if before is not None:
        # The page before a place holds newer entries: read upwards from it, shown downwards.
        nearest = rows.where(sequence > before).order_by(sequence).limit(limit)
        return [*db.session.execute(nearest)][::-1]
    if after is not None:
        rows = rows.where(sequence < after)
    return [*db.session.execute(rows.order_by(sequence.desc()).limit(limit))]


def whole_trail(session: Session) -> Generator[Row[Any] | Unreadable]:
    """Yield every entry in order, a thousand at a time, so that a long trail fits into memory."""
    columns = [getattr(AuditEvent, column.key) for column in AuditEvent.__mapper__.column_attrs]
    yield from readable_rows(session, select(*columns).order_by(AuditEvent.sequence))


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that holds a value which is none of its column's: it has its name, and nothing else."""

    name: object

    def __getitem__(self, _at: int) -> object:
        """Return the name, which is the first value of a row."""
        return self.name


def readable_rows(
    session: Session, statement: Select[*tuple[Any, ...]], at_once: int | None = None
) -> Generator[Row[Any] | Unreadable]:
    """Yield the rows of a statement, some in memory at a time. Its first column is their name: what
    cannot be read comes as that.
    """
    at_once = at_once or STREAMED
    done = 0
    try:
        # Whoever reads may stop early: the cursor is closed all the same.
        with session.execute(statement, execution_options={"yield_per": at_once}) as rows:
            for row in rows:
                yield row
                done += 1
    except UNREADABLE:
        yield from _one_by_one(session, statement, done)


def _one_by_one(
    session: Session, statement: Select[*tuple[Any, ...]], done: int
) -> Generator[Row[Any] | Unreadable]:
    name = cast(statement.selected_columns[0], Text)
    while names := session.execute(
        statement.with_only_columns(name, maintain_column_froms=True).offset(done).limit(STREAMED)
    ).all():
        for (known,) in names:
            try:
                yield session.execute(statement.offset(done).limit(1)).one()
            except UNREADABLE:
                yield Unreadable(known)
            done += 1


def head_of_trail(session: Session) -> tuple[int, str] | None:
    """Return sequence and hash of the newest entry, None for an empty trail."""
    row = session.execute(
        select(AuditEvent.sequence, AuditEvent.hash).order_by(AuditEvent.sequence.desc()).limit(1)
    ).first()
    return (row[0], row[1]) if row else None

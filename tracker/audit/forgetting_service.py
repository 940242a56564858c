"""Erasing what the trail only committed to: the values go, the chain stays whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from tracker.audit.commitments import PART
from tracker.audit.models import AuditEvent, CommittedValue
from tracker.db import db

if TYPE_CHECKING:
    from collections.abc import Collection


def forget_fields(
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

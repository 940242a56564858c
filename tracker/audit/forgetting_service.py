"""Erasing what the trail only committed to: the values go, the chain stays whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from tracker.audit.models import AuditEvent, CommittedValue
from tracker.db import db

if TYPE_CHECKING:
    from collections.abc import Collection


def forget_fields(subjects: Collection[str], act: str, fields: Collection[str]) -> None:
    """Delete the values of some fields that one kind of change committed to, for some records."""
    changes = db.session.scalars(
        select(AuditEvent.changes).where(AuditEvent.subject.in_(subjects), AuditEvent.action == act)
    )
    gone = [
        commitment
        for change in changes
        for field, commitment in change.get("committed", {}).items()
        if field in fields
    ]
    db.session.execute(delete(CommittedValue).where(CommittedValue.commitment.in_(gone)))

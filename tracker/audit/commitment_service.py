"""Confidential values in the trail: that they changed is said, what they are only committed to."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import delete

from tracker.audit.commitments import PART, commitment_to
from tracker.audit.models import CommittedValue
from tracker.audit.service import record_event
from tracker.db import db

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.permissions import Actor

SALT_BYTES = 16


def record_commitments(
    subject: str,
    action: str,
    before: Mapping[str, str],
    after: Mapping[str, str],
    *,
    part: str = "",
    by: Actor,
) -> None:
    """Write into the trail which confidential values of a record changed: {field: commitment}.

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


def forget_values(subject: str) -> int:
    """Delete the values behind a record's commitments, and return how many; the trail stays."""
    gone = db.session.execute(delete(CommittedValue).where(CommittedValue.subject == subject))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # what a DELETE returns

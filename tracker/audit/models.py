"""One row for each thing done, chained by hash; it names people and records by words, not keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import CONFIDENTIAL, INTERNAL, Base, UTCDateTime


class AuditEvent(Base):
    """Who did what to which record, and what changed: {field: [before, after]}."""

    __tablename__ = "audit_events"

    sequence: Mapped[int] = mapped_column(
        Integer, primary_key=True, autoincrement=False, info=INTERNAL
    )
    at: Mapped[datetime] = mapped_column(UTCDateTime, info=INTERNAL)
    actor: Mapped[str] = mapped_column(String(80), index=True, info=INTERNAL)
    action: Mapped[str] = mapped_column(String(60), info=INTERNAL)
    subject: Mapped[str] = mapped_column(String(80), index=True, info=INTERNAL)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, info=INTERNAL)
    # The digest of all values of the record as this change left them: whoever edits its row behind
    # the trail's back is found out. NULL where an entry is about no record.
    row_digest: Mapped[str | None] = mapped_column(String(64), info=INTERNAL)
    previous_hash: Mapped[str] = mapped_column(String(64), info=INTERNAL)
    hash: Mapped[str] = mapped_column(String(64), unique=True, info=INTERNAL)
    # HMAC-SHA256 over the hash, with a key that is not in the database, and which key that is; NULL
    # in entries that are older than this.
    mac: Mapped[str | None] = mapped_column(String(64), info=INTERNAL)
    key_id: Mapped[str | None] = mapped_column(String(16), info=INTERNAL)


class CommittedValue(Base):
    """A confidential value of which the trail holds the commitment only: SHA-256 of salt and value.

    The trail stays whole when the value is erased here.
    """

    __tablename__ = "audit_values_confidential"

    commitment: Mapped[str] = mapped_column(String(64), primary_key=True, info=INTERNAL)
    subject: Mapped[str] = mapped_column(String(80), index=True, info=INTERNAL)
    salt: Mapped[str] = mapped_column(String(32), info=CONFIDENTIAL)
    value: Mapped[str] = mapped_column(Text, info=CONFIDENTIAL)

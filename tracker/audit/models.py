"""Entries of the audit log, the confidential values they commit to, and what a model declares to be
verified against them.

Entries are chained by hash; they name people and records by words, not keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import JSON, Integer, Row, Select, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import CONFIDENTIAL, INTERNAL, Base, UTCDateTime

# Between what a save writes and its entry, at most.
ONE_SAVE = timedelta(minutes=1)


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
    # the audit log's back is found out. NULL where an entry is about no record.
    row_digest: Mapped[str | None] = mapped_column(String(64), info=INTERNAL)
    previous_hash: Mapped[str] = mapped_column(String(64), info=INTERNAL)
    hash: Mapped[str] = mapped_column(String(64), unique=True, info=INTERNAL)
    # HMAC-SHA256 over the hash, with a key that is not in the database, and which key that is; NULL
    # in entries that are older than this.
    mac: Mapped[str | None] = mapped_column(String(64), info=INTERNAL)
    key_id: Mapped[str | None] = mapped_column(String(16), info=INTERNAL)


class CommittedValue(Base):
    """A confidential value of which the audit log holds only the commitment: SHA-256 of salt and
    value.

    The audit log stays whole when the value is erased here.
    """

    __tablename__ = "audit_values_confidential"

    commitment: Mapped[str] = mapped_column(String(64), primary_key=True, info=INTERNAL)
    subject: Mapped[str] = mapped_column(String(80), index=True, info=INTERNAL)
    salt: Mapped[str] = mapped_column(String(32), info=CONFIDENTIAL)
    value: Mapped[str] = mapped_column(Text, info=CONFIDENTIAL)


class Verifiable:
    """Something that `flask audit verify` compares with the audit log; one subclass for each kind.

    `CALLED`: what its findings call them; `ACTS`: the entries that say something of them, by the
    name that `select_rows` gives them; `AT_ONCE`: rows in memory at a time; `SEALED`: under which
    name the seal of older entries says the number of each.
    """

    CALLED: ClassVar[str]
    ACTS: ClassVar[tuple[str, ...]] = ()
    AT_ONCE: ClassVar[int] = 200
    SEALED: ClassVar[str] = ""

    @classmethod
    def select_rows(cls) -> Select[*tuple[Any, ...]]:
        """Select the name first, then the values to compare, ordered by name."""
        raise NotImplementedError

    @classmethod
    def select_for_seal(cls) -> Select[str, int]:
        """Select the name and number that the seal of older entries lists."""
        raise NotImplementedError

    @classmethod
    def matches_log(cls, rows: Sequence[Row[Any]], logged: Mapping[str, Any]) -> bool:
        """Return whether the rows of one name match the log entries.

        `logged`: the newest of each value in the entries of `ACTS`, and of each act the sequence;
        under the name of the act and ` signed`, by whom it was and when.
        """
        raise NotImplementedError


def is_signed(logged: Mapping[str, Any], act: str, *, by: str | None, at: datetime) -> bool:
    """Return whether a row was made by whom and when the newest entry of an act says; entries
    that are older than this say when by their own time alone.
    """
    actor, moment = logged[f"{act} signed"]
    exact = logged.get("at")
    is_then = at.isoformat() == exact if exact else abs(at - moment) < ONE_SAVE
    return bool(by == actor and is_then)

"""Entries of the audit log, committed values, and the base class of proofs by the log.

Entries are chained by hash; they refer to people and records by text, not by keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import JSON, Integer, Row, Select, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import CONFIDENTIAL, INTERNAL, Base, UTCDateTime

# The longest time between the time that a save writes into a row and that of its log entry.
MAX_SAVE_DURATION = timedelta(minutes=1)


class AuditEvent(Base):
    """An entry of the audit log: who did what to which record, and {field: [before, after]}."""

    __tablename__ = "audit_events"

    sequence: Mapped[int] = mapped_column(
        Integer, primary_key=True, autoincrement=False, info=INTERNAL
    )
    at: Mapped[datetime] = mapped_column(UTCDateTime, info=INTERNAL)
    actor: Mapped[str] = mapped_column(String(80), index=True, info=INTERNAL)
    action: Mapped[str] = mapped_column(String(60), info=INTERNAL)
    subject: Mapped[str] = mapped_column(String(80), index=True, info=INTERNAL)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, info=INTERNAL)
    # The digest of all values of the record after this change: editing its row without the audit
    # log is detected. NULL if an entry is about no record.
    row_digest: Mapped[str | None] = mapped_column(String(64), info=INTERNAL)
    previous_hash: Mapped[str] = mapped_column(String(64), info=INTERNAL)
    hash: Mapped[str] = mapped_column(String(64), unique=True, info=INTERNAL)
    # HMAC-SHA256 over the hash, with a key that is not in the database, and the key's id; NULL in
    # older entries.
    mac: Mapped[str | None] = mapped_column(String(64), info=INTERNAL)
    key_id: Mapped[str | None] = mapped_column(String(16), info=INTERNAL)


class CommittedValue(Base):
    """A confidential value whose commitment (SHA-256 of salt and value) is in the audit log.

    The audit log stays complete when the value is erased here.
    """

    __tablename__ = "audit_values_confidential"

    commitment: Mapped[str] = mapped_column(String(64), primary_key=True, info=INTERNAL)
    subject: Mapped[str] = mapped_column(String(80), index=True, info=INTERNAL)
    salt: Mapped[str] = mapped_column(String(32), info=CONFIDENTIAL)
    value: Mapped[str] = mapped_column(Text, info=CONFIDENTIAL)


class LogProof:
    """A kind of data that `flask audit verify` compares with the audit log, such as the published
    versions of incidents; each kind is a subclass. `LABEL`: its name in findings; `ACTIONS`: the
    actions of its entries; `BATCH_SIZE`: rows in memory at a time; `SEAL_KEY`: the key in the entry
    that seals older ones, under which it has what `select_for_seal` selects, "" for nothing.

    The subject of its entries is the name that `select_rows` selects.
    """

    LABEL: ClassVar[str]
    ACTIONS: ClassVar[tuple[str, ...]] = ()
    BATCH_SIZE: ClassVar[int] = 200
    SEAL_KEY: ClassVar[str] = ""

    @classmethod
    def select_rows(cls) -> Select[*tuple[Any, ...]]:
        """Select the name of each row first (the subject of its log entries, such as a ref), then
        the values to compare, with all rows of a name together.
        """
        raise NotImplementedError

    @classmethod
    def select_for_seal(cls) -> Select[str, int]:
        """Select the name and primary key of each row, for the seal: the log entry that lists the
        entries older than MACs, and these keys, since those entries do not record them.
        """
        raise NotImplementedError

    @classmethod
    def matches_log(cls, rows: Sequence[Row[Any]], logged: Mapping[str, Any]) -> bool:
        """Return whether the rows of one name match its log entries. `logged`: for each field the
        newest value in the entries of `ACTIONS` (for `id` also in the seal); for each action the
        sequence number of its newest entry; for `ACTION signed` the actor and time of that entry.
        It is empty if the name has no entry.
        """
        raise NotImplementedError


def is_signed_by(logged: Mapping[str, Any], action: str, *, by: str | None, at: datetime) -> bool:
    """Return whether a row's author (`by`, a name) and time are those of the newest entry of an
    action. `logged`: as in `LogProof.matches_log`. The exact time is under `at` in the changes of
    the entry; without it, row and entry may differ by up to `MAX_SAVE_DURATION`.
    """
    actor, moment = logged[f"{action} signed"]
    exact = logged.get("at")
    is_then = at.isoformat() == exact if exact else abs(at - moment) < MAX_SAVE_DURATION
    return bool(by == actor and is_then)

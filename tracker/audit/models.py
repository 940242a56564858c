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

# The largest difference between the time that a save writes into a row and the time of the log
# entry on this save.
MAX_SAVE_DURATION = timedelta(minutes=1)


class AuditEvent(Base):
    """An entry of the audit log: who (`actor`) did what (`action`) to which record (`subject`).
    `changes`: {field: [value before, value after]}, or other details by name.
    """

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


class LogCheck:
    """A check by `flask audit verify` that one kind of data matches the log; one subclass each.
    `LABEL`: the name of the data in messages; `ACTIONS`: the actions of the log entries on the
    data; `BATCH_SIZE`: rows in memory at a time; `SEAL_FIELD`: the name under which the seal (the
    entry about all entries older than MACs) stores the result of `select_for_seal`, "" if the seal
    has nothing on this data.

    The subject of its entries is the name that `select_rows` selects.
    """

    LABEL: ClassVar[str]
    ACTIONS: ClassVar[tuple[str, ...]] = ()
    BATCH_SIZE: ClassVar[int] = 200
    SEAL_FIELD: ClassVar[str] = ""

    @classmethod
    def select_rows(cls) -> Select[*tuple[Any, ...]]:
        """Select the rows to compare with the log. The first column is the name of a row: the
        subject of its log entries, such as the ref of a record. The other columns are the values.
        Rows with the same name must follow each other.
        """
        raise NotImplementedError

    @classmethod
    def select_for_seal(cls) -> Select[str, int]:
        """Select the name and primary key of each row, for the seal (the log entry about all
        entries older than MACs). The seal records these keys, since the older entries do not.
        """
        raise NotImplementedError

    @classmethod
    def matches_log(cls, rows: Sequence[Row[Any]], logged: Mapping[str, Any]) -> bool:
        """Return whether `rows`, which have one name, match the log entries on this name. `logged`:
        each field in `changes` with its newest value (`id` also from the seal), each action with
        the number of its newest entry, and "ACTION signed" with actor and time of that entry; empty
        if the name has no entry.
        """
        raise NotImplementedError


def has_logged_actor_and_time(
    logged: Mapping[str, Any], action: str, *, by: str | None, at: datetime
) -> bool:
    """Return whether the newest log entry of an action has the actor `by` and the time `at`, which
    are the author and the time in a row. `logged`: what the log says about the row, in the form
    that `LogCheck.matches_log` takes.

    The exact time of the entry is under `at` in its changes. Without it, the time in the row may
    differ by up to `MAX_SAVE_DURATION`.
    """
    actor, moment = logged[f"{action} signed"]
    exact = logged.get("at")
    is_then = at.isoformat() == exact if exact else abs(at - moment) < MAX_SAVE_DURATION
    return bool(by == actor and is_then)

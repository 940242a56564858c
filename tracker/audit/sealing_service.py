"""Rotate the keys that sign the audit log, seal its unsigned entries (write one signed entry that
lists them), and log upgrades.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, inspect, select
from sqlalchemy.orm import Session

from tracker import schema
from tracker.audit import chain
from tracker.audit.models import AuditEvent, LogCheck
from tracker.audit.queries import find_log_head
from tracker.audit.service import newest_entry, record_event
from tracker.config import ACCEPTED_HEADS_FILE, Settings
from tracker.db import Base
from tracker.errors import AuditKeyMissing, TrackerError
from tracker.permissions import ConsoleActor

# The subject of entries about the whole tracker: seals, new keys and upgrades.
TRACKER_SUBJECT = "tracker"
# The column of the MACs of entries, as `_list_tables_and_columns` names it.
MAC_COLUMN = f"{AuditEvent.__tablename__}.mac"


class InvalidAuditKey(TrackerError):
    """The audit log cannot be sealed, or its key not changed, as requested."""


def upgrade_database(
    engine: Engine, settings: Settings, revision: str = "head", *, restored_head: str | None = None
) -> None:
    """Apply the migrations up to a revision, and log the new tables and columns. `engine`:
    connects as the owner of the tables. `restored_head`: for a database restored from a backup,
    SEQ:HASH (number and hash) of the last unsigned log entry to accept; None for any other
    database.

    The first time, a seal lists the entries older than MACs. A restored log is signed with the
    newest key of this installation. Raises AuditKeyMissing or
    InvalidAuditKey, before anything is changed, if the key of the newest entry is missing, or
    unsigned entries are not those that this installation accepted.
    """
    before, known = schema.current_revision(engine), _list_tables_and_columns(engine)
    if MAC_COLUMN not in known:
        _require_accepted_head(unsigned_head(engine), settings, restored_head)
    elif restored_head is None:
        require_audit_key(engine, settings)
    schema.upgrade_and_grant_privileges(engine, settings, revision)
    after, now = schema.current_revision(engine), _list_tables_and_columns(engine)
    # A restored log is accepted once all of it is verified.
    has_begun = restored_head is not None or chain.load_accepted_heads(settings) is not None
    if MAC_COLUMN not in now or (before == after and has_begun):
        return
    with Session(engine) as session, session.begin():
        if before != after and newest_entry(session) is not None:
            if MAC_COLUMN not in known:
                seal_unsigned_entries(session, settings, restored_head)
            elif restored_head is not None:
                switch_to_newest_key(session, settings)
            new = {"revision": [before, after], "new": sorted(now - known)}
            record_event(
                chain.UPGRADE_ACTION,
                TRACKER_SUBJECT,
                by=ConsoleActor(),
                changes=new,
                session=session,
            )
    if not has_begun:
        chain.accept_head(settings, unsigned_head(engine))


def seal_unsigned_entries(
    session: Session, settings: Settings, restored_head: str | None = None
) -> None:
    """Log the seal: a signed entry that says up to where entries have no MAC, with the primary keys
    of rows that those entries do not record. `restored_head`: SEQ:HASH (number and hash) of a last
    unsigned entry that is accepted besides those that the installation accepted before. Raise
    InvalidAuditKey if the log is empty or has a MAC, or its last entry is not accepted.
    """
    newest = newest_entry(session)
    signed = select(AuditEvent.sequence).where(AuditEvent.mac.is_not(None)).limit(1)
    if newest is None or session.scalar(signed) is not None:
        raise InvalidAuditKey("Nothing is to be sealed: no entry, or some have a MAC already.")
    details: dict[str, Any] = {"until": _newest_head(session)}
    _require_accepted_head(details["until"], settings, restored_head)
    for kind in LogCheck.__subclasses__():
        if kind.SEAL_FIELD:
            details[kind.SEAL_FIELD] = {
                row[0]: row[1] for row in session.execute(kind.select_for_seal())
            }
    record_event(
        chain.SEAL_ACTION, TRACKER_SUBJECT, by=ConsoleActor(), changes=details, session=session
    )


def unsigned_head(engine: Engine) -> str:
    """Return SEQ:HASH (sequence number and hash) of the last log entry without a MAC, in a database
    at any migration revision; `EMPTY_LOG_HEAD` if there is no such entry.
    """
    known = _list_tables_and_columns(engine)
    if AuditEvent.__tablename__ not in known:
        return chain.EMPTY_LOG_HEAD
    entry = select(AuditEvent.sequence, AuditEvent.previous_hash).order_by(AuditEvent.sequence)
    with Session(engine) as session:
        first = None
        if MAC_COLUMN in known:
            first = session.execute(entry.where(AuditEvent.mac.is_not(None)).limit(1)).first()
        return f"{first.sequence - 1}:{first.previous_hash}" if first else _newest_head(session)


def _newest_head(session: Session) -> str:
    """Return SEQ:HASH (sequence number and hash) of the newest log entry."""
    sequence, last = find_log_head(session) or (0, chain.HASH_BEFORE_FIRST_ENTRY)
    return f"{sequence}:{last}"


def _require_accepted_head(head: str, settings: Settings, restored_head: str | None) -> None:
    """Raise InvalidAuditKey unless the last unsigned entry is accepted. `head`: its SEQ:HASH
    (sequence number and hash); `restored_head`: a SEQ:HASH accepted besides those of the
    installation. An installation that has stored no SEQ:HASH yet accepts any.
    """
    accepted = chain.load_accepted_heads(settings)
    if accepted is not None and head not in {*accepted, restored_head}:
        raise InvalidAuditKey(
            f"The audit log has unsigned entries up to {head}, which this installation has not "
            "accepted: they may be forged, and are not sealed. Restore a backup from before that "
            "(flask restore), and compare it with an anchor (flask audit verify --anchor). If you "
            f"know that they are genuine, add the line {head} to "
            f"{settings.instance / ACCEPTED_HEADS_FILE}, and do this again."
        )


def switch_to_newest_key(session: Session, settings: Settings) -> None:
    """Sign with the newest key of this installation from now on, if another key signed before."""
    if _newest_entry_key_id(session) not in {None, next(reversed(chain.load_audit_keys(settings)))}:
        rotate_key(session, settings, is_old_key_lost=True)


def rotate_key(
    session: Session, settings: Settings, *, is_old_key_lost: bool = False
) -> tuple[str, str]:
    """Sign with a new key from now on; return the ids of the old key, which stays to verify older
    entries, and the new one. `is_old_key_lost`: do so although the key of the newest entry is
    missing, or is not the newest key; entries whose key is missing stay unchecked. Raise
    InvalidAuditKey if no entry has a MAC, the setting has no new key, or `is_old_key_lost` is wrong
    for the newest key.
    """
    keys, old = chain.load_audit_keys(settings), _newest_entry_key_id(session)
    new, is_file = next(reversed(keys)), settings.audit_key is None
    if old is None:
        raise InvalidAuditKey("There is no entry with a MAC: flask audit verify says why.")
    newest = f"The newest entry is signed with the key {old}, "
    if is_old_key_lost and old == new:
        raise InvalidAuditKey(f"{newest}which is here: it is not lost.")
    if not is_old_key_lost and old not in keys:
        raise InvalidAuditKey(f"{newest}which is not here: put it back, or --old-key-lost.")
    if not is_old_key_lost and is_file and old != new:
        raise InvalidAuditKey(
            f"{newest}though {new} is newer: the log was cut, or a change of the key did not "
            "finish. "
            "If you know that the log is genuine: --old-key-lost."
        )
    if old == new and not is_file:
        raise InvalidAuditKey(
            "Put a new key before the old one in TRACKER_AUDIT_KEY, with a space between, start "
            "the tracker anew, and then say this again."
        )
    if old == new:
        new = chain.add_audit_key(settings)
    record_event(
        chain.ROTATE_ACTION,
        TRACKER_SUBJECT,
        by=ConsoleActor(),
        changes={"key": [old, new]},
        session=session,
        key_id=new,
    )
    return old, new


def has_current_key(session: Session, settings: Settings) -> bool:
    """Return whether this installation has the key that signed the newest log entry; True if the
    log is empty or that entry is unsigned.
    """
    return _newest_entry_key_id(session) in {None, *chain.load_audit_keys(settings)}


def require_audit_key(engine: Engine, settings: Settings) -> None:
    """Raise AuditKeyMissing if this installation lacks the key that signed the newest log entry."""
    with Session(engine) as session:
        key_id = _newest_entry_key_id(session)
    if key_id not in {None, *chain.load_audit_keys(settings)}:
        raise AuditKeyMissing(str(key_id))


def _newest_entry_key_id(session: Session) -> str | None:
    """Return the id of the key that signed the newest entry; None if the log is empty or the entry
    has no MAC.
    """
    newest = select(AuditEvent.key_id).order_by(AuditEvent.sequence.desc()).limit(1)
    return session.scalar(newest)


def _list_tables_and_columns(engine: Engine) -> set[str]:
    """Return the names of a database's tables with models, and `table.column` of each column."""
    found: set[str] = set()
    for (_schema, table), columns in inspect(engine).get_multi_columns().items():
        if table in Base.metadata.tables:
            found |= {table, *(f"{table}.{column['name']}" for column in columns)}
    return found

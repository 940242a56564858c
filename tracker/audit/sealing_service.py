"""Where keys of the audit log begin: the seal of entries older than MACs, a new key, an upgrade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from tracker import schema
from tracker.audit.chain import ROTATE, SEAL, UPGRADE
from tracker.audit.keys import add_key, keys_of
from tracker.audit.models import AuditEvent
from tracker.audit.proof_models import Proved
from tracker.audit.service import newest_entry, record_event
from tracker.db import Base
from tracker.errors import KeyMissing, TrackerError
from tracker.permissions import Console

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tracker.config import Settings

SUBJECT = "tracker"


class KeyRefused(TrackerError):
    """The key of the audit log cannot begin or change as it was asked for."""


def bring_up(
    owner: Engine, settings: Settings, to: str = "head", *, is_restored: bool = False
) -> None:
    """Apply the migrations; an entry says which columns are new, and the first time a seal says up
    to where entries are older than MACs. KeyMissing, before anything is changed, where the key of
    the newest entry is not here.

    `is_restored`: a key of this installation begins where that of the backup is not here.
    """
    before, known = schema.current_revision(owner), _columns(owner)
    mac = f"{AuditEvent.__tablename__}.mac"
    if mac in known and not is_restored:
        require_audit_key(owner, settings)
    schema.bring_up(owner, settings, to)
    after = schema.current_revision(owner)
    if before == after or mac not in (now := _columns(owner)):
        return
    with Session(owner) as session, session.begin():
        if newest_entry(session) is None:
            return
        if mac not in known:
            seal(session)
        elif not is_key_here(session, settings):
            rotate_key(session, settings, is_lost=True)
        new = {"revision": [before, after], "new": sorted(now - known)}
        record_event(UPGRADE, SUBJECT, by=Console(), changes=new, session=session)


def seal(session: Session) -> None:
    """Say up to which entry there are none with a MAC, and what those do not say of names."""
    newest = newest_entry(session)
    signed = select(AuditEvent.sequence).where(AuditEvent.mac.is_not(None)).limit(1)
    if newest is None or session.scalar(signed) is not None:
        raise KeyRefused("Nothing is to be sealed: no entry, or some have a MAC already.")
    told: dict[str, Any] = {"until": f"{newest.sequence}:{newest.hash}"}
    for kind in Proved.__subclasses__():
        if kind.SEALED:
            told[kind.SEALED] = {row[0]: row[1] for row in session.execute(kind.to_seal())}
    record_event(SEAL, SUBJECT, by=Console(), changes=told, session=session)


def rotate_key(session: Session, settings: Settings, *, is_lost: bool = False) -> tuple[str, str]:
    """Let a new key begin, and return the ids of the old one and of the new one. The old one stays
    where it is, to check older entries by.

    `is_lost`: the key of the newest entry is not here, and entries up to it stay unchecked.
    """
    newest, keys = newest_entry(session), keys_of(settings)
    old = newest.key_id if newest else None
    if old is None:
        raise KeyRefused("There is no entry with a MAC: flask audit verify says why.")
    if (old not in keys) is not is_lost:
        raise KeyRefused(
            f"The newest entry is signed with the key {old}, which is "
            + ("here: it is not lost." if is_lost else "not here: put it back, or --old-key-lost.")
        )
    is_file = settings.audit_key is None
    new = add_key(settings) if is_file and not is_lost else next(reversed(keys))
    if new == old:
        raise KeyRefused(
            "Put a new key before the old one in TRACKER_AUDIT_KEY, with a space between, start "
            "the tracker anew, and then say this again."
        )
    record_event(
        ROTATE, SUBJECT, by=Console(), changes={"key": [old, new]}, session=session, key_id=new
    )
    return old, new


def is_key_here(session: Session, settings: Settings) -> bool:
    """Say whether the key of the newest entry is here; yes where there is none."""
    return _key_of_newest(session) in {None, *keys_of(settings)}


def require_audit_key(engine: Engine, settings: Settings) -> None:
    """Refuse to start where nothing could be saved: the key of the newest entry is not here."""
    with Session(engine) as session:
        key_id = _key_of_newest(session)
    if key_id not in {None, *keys_of(settings)}:
        raise KeyMissing(str(key_id))


def _key_of_newest(session: Session) -> str | None:
    newest = select(AuditEvent.key_id).order_by(AuditEvent.sequence.desc()).limit(1)
    return session.scalar(newest)


def _columns(engine: Engine) -> set[str]:
    """Return the tables of the models that a database has, and their columns as `table.column`."""
    found: set[str] = set()
    for (_schema, table), columns in inspect(engine).get_multi_columns().items():
        if table in Base.metadata.tables:
            found |= {table, *(f"{table}.{column['name']}" for column in columns)}
    return found

"""The sessions of one person: renewed, confirmed by the password again, ended one by one."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from tracker import clock
from tracker.audit.service import record_event
from tracker.db import db
from tracker.users.models import KnownDevice, UserSession
from tracker.users.queries import handle_of, live_sessions_of
from tracker.users.service import end_sessions, hash_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tracker.permissions import Actor
    from tracker.users.models import User

# As long as browsers keep a cookie at most.
DEVICE_KEPT = timedelta(days=400)


def renewed(token: str) -> str:
    """Note the second factor and give the session a new token, which alone counts from now on."""
    new = secrets.token_urlsafe(32)
    mine = UserSession.token_hash == hash_of(token)
    shown = {"token_hash": hash_of(new), "second_factor_at": clock.now()}
    db.session.execute(update(UserSession).where(mine).values(**shown))
    return new


def with_second_factor(user: User, token: str, *, gave: str) -> str:
    """Let a session begin in full, by what was given; return its new token."""
    record_event("session:begin", user.name, by=user, changes={"second_factor": gave})
    return renewed(token)


def note_password(token: str, *, session: Session) -> None:
    """Note that the password was given again in this session."""
    mine = UserSession.token_hash == hash_of(token)
    session.execute(update(UserSession).where(mine).values(verified_at=clock.now()))


def end_one(user: User, handle: str, *, by: Actor) -> bool:
    """End one session of a person; say whether there was such a one."""
    for found in live_sessions_of(user):
        if handle_of(found) == handle:
            found.ended_at = clock.now()
            record_event("session:end", user.name, by=by)
            return True
    return False


def end_others(user: User, *, keep: str) -> None:
    """End every session of a person but the one from which they ask for it."""
    end_sessions(user, keep=keep)
    record_event("session:end_others", user.name, by=user)


def end_all(user: User, *, by: Actor) -> None:
    """End every session of somebody, as an administrator does."""
    end_sessions(user)
    record_event("session:end_all", user.name, by=by)


def end_quietly(token: str) -> None:
    """End what a browser held before somebody signs in anew in it."""
    mine = UserSession.token_hash == hash_of(token)
    db.session.execute(
        update(UserSession).where(mine, UserSession.ended_at.is_(None)).values(ended_at=clock.now())
    )


def know_device(user: User, device: str) -> str:
    """Note that somebody signed in with this browser; return what its cookie holds from now on.

    A cookie that is not known for this person is replaced: somebody else may have put it there.
    """
    now = clock.now()
    db.session.execute(delete(KnownDevice).where(KnownDevice.seen_at < now - DEVICE_KEPT))
    mine = select(KnownDevice).where(
        KnownDevice.token_hash == hash_of(device), KnownDevice.user_id == user.id
    )
    known: KnownDevice | None = db.session.scalars(mine).first()
    if known is not None:
        known.seen_at = now
        return device
    fresh = secrets.token_urlsafe(32)
    db.session.add(KnownDevice(token_hash=hash_of(fresh), user_id=user.id))
    db.session.flush()
    return fresh

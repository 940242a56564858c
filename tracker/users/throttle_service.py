"""Slowing down whoever guesses: by account, before anything is hashed, and never for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.audit.service import record_event
from tracker.users.models import KnownDevice, SignInFailure, User
from tracker.users.queries import user_named
from tracker.users.service import hash_of
from tracker.users.throttle_rules import WINDOW, is_recent, seconds_to_wait

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tracker.permissions import Permission

REFUSED = "session:refuse"
UNKNOWN_NAME = "unknown name"
NOTED_EVERY = timedelta(minutes=1)


class Asked(StrEnum):
    """What was to be given; each is counted for itself."""

    PASSWORD = "password"  # noqa: S105 (the name of a step)
    CODE = "second factor"
    PASSWORD_AGAIN = "password again"  # noqa: S105 (the name of a step)


@dataclass(frozen=True, slots=True)
class Try:
    """Somebody about to give something in a name, from a browser with that device cookie."""

    asked: Asked
    name: str
    device: str = ""


@dataclass(frozen=True, slots=True)
class Stranger:
    """Whoever has not shown who they are, as the trail names them: no user can be called this."""

    id: int = 0
    name: str = "(not signed in)"

    @property
    def team_ids(self) -> list[int]:
        """Return no team."""
        return []

    def may(self, _permission: Permission) -> bool:
        """Say that a stranger may do nothing."""
        return False


def is_known_browser(attempt: Try, *, session: Session) -> bool:
    """Say whether somebody of that name signed in from this browser before."""
    if not attempt.device:
        return False
    known = (
        select(KnownDevice.token_hash)
        .join(User, User.id == KnownDevice.user_id)
        .where(
            KnownDevice.token_hash == hash_of(attempt.device),
            User.name == attempt.name.strip().lower(),
        )
    )
    return session.scalars(known).first() is not None


def begin_try(attempt: Try, *, session: Session) -> int:
    """Return 0 when the try may be looked at, else the seconds to wait.

    A try that is looked at counts as failed from now on, until `forget_failures` says otherwise:
    many at the same moment are not looked at together. Commit before anything is hashed.
    """
    now = clock.now()
    session.execute(delete(SignInFailure).where(SignInFailure.last_at < now - WINDOW))
    row = _row_of(_key_of(attempt, session), session)
    wait = seconds_to_wait(row.failures, row.last_at, now)
    if not wait:
        row.failures = row.failures + 1 if is_recent(row.last_at, now) else 1
        row.last_at = now
        session.flush()
    return wait


def forget_failures(attempt: Try, *, session: Session) -> None:
    """Start anew: what was given was right."""
    key = _key_of(attempt, session)
    session.execute(delete(SignInFailure).where(SignInFailure.key == key))


def note_failure(attempt: Try, *, session: Session) -> None:
    """Write into the trail that a try failed, once a minute for each name.

    A name that nobody has is not written down: it may be a password in the wrong field.
    """
    user = user_named(session, attempt.name)
    subject = user.name if user is not None else UNKNOWN_NAME
    noted = select(AuditEvent.sequence).where(
        AuditEvent.subject == subject,
        AuditEvent.action == REFUSED,
        AuditEvent.at > clock.now() - NOTED_EVERY,
    )
    is_noted = session.scalars(noted.limit(1)).first() is not None
    # The same is done each time, and taken back where it was noted: how long a refusal takes must
    # not say whether there is such a name.
    row = update(SignInFailure).where(SignInFailure.key == _key_of(attempt, session))
    session.execute(row.values(last_at=clock.now()))
    with session.begin_nested() as entry:
        asked = {"asked": attempt.asked.value}
        record_event(REFUSED, subject, by=Stranger(), changes=asked, session=session)
        if is_noted:
            entry.rollback()


def _row_of(key: str, session: Session) -> SignInFailure:
    """Return the row of a key, locked until the transaction ends."""
    found = select(SignInFailure).where(SignInFailure.key == key).with_for_update()
    row: SignInFailure | None = session.scalars(found).first()
    if row is not None:
        return row
    try:
        with session.begin_nested():
            row = SignInFailure(key=key, failures=0, last_at=clock.now())
            session.add(row)
    except IntegrityError:
        # Somebody tried the same name at the same moment.
        row = session.scalars(found).one()
    return row


def _key_of(attempt: Try, session: Session) -> str:
    """Return the key under which a try counts: its name, or the name in a browser of its own."""
    parts = [attempt.asked.value, attempt.name.strip().lower()]
    if is_known_browser(attempt, session=session):
        parts.append(hash_of(attempt.device))
    return hash_of("\n".join(parts))

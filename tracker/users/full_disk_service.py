"""Signing in while the disk is full.

Attempts are counted in memory, and a signed token, valid for an hour, replaces a stored session. As
soon as there is disk space, the token is exchanged for a stored session; until then its user can
only read.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.audit.service import record_event
from tracker.db import write_transaction
from tracker.users.models import CLOCK_TOLERANCE, SignInFailure, User, UserSession, hash_token
from tracker.users.queries import has_second_factor
from tracker.users.second_factor_service import find_matching_time_step, find_second_factor
from tracker.users.throttle_service import (
    NETWORK_FAILURE_WINDOW,
    SignInAttempt,
    count_attempt_in_rows,
    failure_keys,
)

# Tokens of unstored sessions begin with this, tokens of stored ones never do.
UNSTORED_SESSION_PREFIX = "full-disk."
# How long the token of an unstored session is valid.
UNSTORED_TOKEN_LIFETIME = timedelta(hours=1)
# Names and networks whose failures are counted; the oldest are dropped.
MAX_FAILURE_ROWS_IN_MEMORY = 50_000
# Audit actions that end the sessions of the user who is their subject.
ACTIONS_ENDING_SESSIONS = (
    "session:end_all", "session:end_others", "user:password", "user:edit", "user:disable",
    "second_factor:set", "second_factor:remove", "second_factor:reset",
)  # fmt: skip
# Audit actions that end the sessions of all users.
ACTIONS_ENDING_ALL_SESSIONS = ("panic:closed", "panic:off")
# Audit actions of replacing an unstored session by a stored one, as `store_session` does: the
# second one if the user must still give the second factor.
ACTIONS_STARTING_SESSIONS = ("session:begin", "session:half")

# Guards the three dictionaries below, which are in the memory of this process.
_lock = Lock()
# The rows that count failed attempts, by key as `failure_keys` returns it. They are never stored.
_failure_row_by_key: dict[str, SignInFailure] = {}
# By user id, the number of the half minute of the last code from the phone that was accepted.
_last_time_step_by_user_id: dict[int, int] = {}
# By token id, each unstored session that was ended, with the time at which it had begun.
_start_by_ended_token_id: dict[str, datetime] = {}


@dataclass(frozen=True, slots=True)
class UnstoredSession:
    """A session that is not stored: the content of its signed token. `is_second_factor_given`:
    whether the second factor was given; `device`: browser and system.
    """

    user_id: int
    # A digest of the password's hash, so that a new password ends the session.
    password_digest: str
    begun: datetime
    is_second_factor_given: bool
    device: str
    token_id: str


def begin_attempt_in_memory(attempt: SignInAttempt, *, session: Session) -> int:
    """Count an attempt in memory; return 0 if it may be made now, else the seconds to wait."""
    now = clock.utc_now()
    with _lock:
        for key in [
            key
            for key, row in _failure_row_by_key.items()
            if row.last_at < now - NETWORK_FAILURE_WINDOW
        ]:
            del _failure_row_by_key[key]
        while len(_failure_row_by_key) > MAX_FAILURE_ROWS_IN_MEMORY:
            del _failure_row_by_key[next(iter(_failure_row_by_key))]
        shared, own = (
            _failure_row_by_key.setdefault(key, SignInFailure(key=key, failures=0, last_at=now))
            for key in failure_keys(attempt, session)
        )
        return count_attempt_in_rows(shared, own, now)


def reset_failures_in_memory(attempt: SignInAttempt, *, session: Session) -> None:
    """Reset the failures that are counted in memory for an attempt's account and network."""
    with _lock:
        for key in failure_keys(attempt, session):
            _failure_row_by_key.pop(key, None)


def use_authenticator_code_in_memory(user: User, code: str) -> bool:
    """Return whether a code of the phone is right and new; this process does not accept it again.

    Recovery codes are not accepted: their use could not be stored.
    """
    found = find_second_factor(user)
    if found is None or found.confirmed_at is None:
        return False
    step = find_matching_time_step(found.secret, code, clock.utc_now())
    with _lock:
        if step is None or step <= max(found.last_step, _last_time_step_by_user_id.get(user.id, 0)):
            return False
        _last_time_step_by_user_id[user.id] = step
    return True


def create_unstored_token(
    user: User, *, device: str, is_second_factor_given: bool = False, secret_key: str
) -> str:
    """Return a new token that replaces a stored session, signed with the installation's key.
    `device`: browser and system; `is_second_factor_given`: whether the second factor was given.
    """
    begun = clock.utc_now().timestamp()
    said = [
        user.id,
        _password_digest(user),
        begun,
        is_second_factor_given,
        device,
        secrets.token_urlsafe(12),
    ]
    return UNSTORED_SESSION_PREFIX + _token_serializer(secret_key).dumps(said)


def parse_unstored_token(token: str, *, secret_key: str) -> UnstoredSession | None:
    """Return the session of a token; None if the token is forged, too old, or was ended."""
    try:
        user_id, password, begun, *rest = _token_serializer(secret_key).loads(
            token.removeprefix(UNSTORED_SESSION_PREFIX)
        )
    except BadData:
        return None
    held = UnstoredSession(user_id, password, datetime.fromtimestamp(begun, UTC), *rest)
    now = clock.utc_now()
    is_of_now = now - UNSTORED_TOKEN_LIFETIME < held.begun <= now + CLOCK_TOLERANCE
    return held if is_of_now and held.token_id not in _start_by_ended_token_id else None


def find_unstored_session_user(
    unstored_session: UnstoredSession, *, session: Session
) -> tuple[User, bool] | None:
    """Return the user of an unstored session, and whether they have a second factor; None if the
    session was ended, or replaced by a stored one.
    """
    found = select(User).where(User.id == unstored_session.user_id, User.disabled_at.is_(None))
    people = found.options(joinedload(User.roles_held), joinedload(User.teams))
    user: User | None = session.scalars(people).unique().one_or_none()
    if user is None or _password_digest(user) != unstored_session.password_digest:
        return None
    of_theirs = (AuditEvent.subject == user.name) & AuditEvent.action.in_(ACTIONS_ENDING_SESSIONS)
    is_ended = (AuditEvent.at >= unstored_session.begun) & (
        of_theirs | AuditEvent.action.in_(ACTIONS_ENDING_ALL_SESSIONS)
    )
    is_exchanged = (
        (AuditEvent.subject == user.name)
        & AuditEvent.action.in_(ACTIONS_STARTING_SESSIONS)
        & (AuditEvent.at >= unstored_session.begun - CLOCK_TOLERANCE)
        & (AuditEvent.changes["token"].as_string() == hash_token(unstored_session.token_id))
    )
    ended = select(AuditEvent.sequence).where(is_ended | is_exchanged)
    if session.scalars(ended.limit(1)).first() is not None:
        return None
    return user, has_second_factor(session, user.id)


def store_session(unstored_session: UnstoredSession, *, wait: bool) -> str | None:
    """Store an unstored session and return its new token; None if it was ended, or stored before.
    `wait`: whether to wait while another transaction is writing, up to the lock timeout.

    Raises OperationalError if there is no disk space, or another transaction is writing.
    """
    token = secrets.token_urlsafe(32)
    with write_transaction(wait=wait) as writing:
        # After taking the write lock: of two requests with the same token, one finds it exchanged.
        found = find_unstored_session_user(unstored_session, session=writing)
        if found is None:
            return None
        user, has_factor = found
        given = unstored_session.begun if unstored_session.is_second_factor_given else None
        begun = UserSession(
            token_hash=hash_token(token), user_id=user.id, created_at=unstored_session.begun,
            seen_at=clock.utc_now(), verified_at=unstored_session.begun, second_factor_at=given,
            device=unstored_session.device,
        )  # fmt: skip
        writing.add(begun)
        is_half = has_factor and not unstored_session.is_second_factor_given
        changes = {
            "on_full_disk": unstored_session.begun.isoformat(),
            "token": hash_token(unstored_session.token_id),
        }
        act = "session:half" if is_half else "session:begin"
        record_event(act, user.name, by=user, changes=changes, session=writing)
    end_unstored_session(unstored_session)
    return token


def end_unstored_session(unstored_session: UnstoredSession) -> None:
    """Make the token of an unstored session invalid in this process."""
    now = clock.utc_now()
    with _lock:
        for token_id in [
            token_id
            for token_id, begun in _start_by_ended_token_id.items()
            if begun < now - UNSTORED_TOKEN_LIFETIME
        ]:
            del _start_by_ended_token_id[token_id]
        _start_by_ended_token_id[unstored_session.token_id] = unstored_session.begun


def end_unstored_token(token: str, *, secret_key: str) -> bool:
    """End the unstored session of a token; return False if the token is that of a stored one."""
    if not token.startswith(UNSTORED_SESSION_PREFIX):
        return False
    held = parse_unstored_token(token, secret_key=secret_key)
    if held is not None:
        end_unstored_session(held)
    return True


def _password_digest(user: User) -> str:
    """Return a digest of the hash of a user's password, which changes with the password."""
    return hashlib.sha256(f"full disk {user.password_hash}".encode()).hexdigest()[:32]


def _token_serializer(secret_key: str) -> URLSafeSerializer:
    """Return the serializer that signs and reads the tokens of unstored sessions."""
    how = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeSerializer(secret_key, salt="session on a full disk", signer_kwargs=how)

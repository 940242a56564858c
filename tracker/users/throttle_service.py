"""Throttling of guesses by account and network, before anything is hashed.

Unknown browsers share the attempts of an account; each network also has attempts of its own, which
others cannot use up.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.audit.service import record_event
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.permissions import Actor, Permission
from tracker.users.models import (
    CLOCK_TOLERANCE,
    KnownDevice,
    SignInFailure,
    SignInLink,
    User,
    hash_token,
)
from tracker.users.queries import find_user_by_name
from tracker.users.service import DEVICE_COOKIE_LIFETIME

# The audit action of a failed attempt.
SIGN_IN_REFUSAL_ACTION = "session:refuse"
# The subject of the log entry of a failed attempt if no user has the name.
UNKNOWN_NAME_SUBJECT = "unknown name"
# Failed attempts for one name are logged at most this often.
FAILURE_LOG_INTERVAL = timedelta(minutes=1)
# How long a sign-in link can be used.
SIGN_IN_LINK_LIFETIME = timedelta(hours=1)
# How long a browser in which a sign-in link was used is known. If its user signs in there
# meanwhile, it is known for `DEVICE_COOKIE_LIFETIME` from then on.
LINKED_BROWSER_LIFETIME = timedelta(days=1)
# Failures of an account are forgotten after this time.
FAILURE_WINDOW = timedelta(minutes=15)
# Failures of one network at an account are forgotten after this time.
NETWORK_FAILURE_WINDOW = timedelta(hours=1)
FAILURES_BEFORE_WAIT = 5  # failures of an account before the next attempt must wait
# The longest wait between two attempts at an account, from whatever networks they come.
MAX_WAIT_SECONDS = 60
# A network waits a minute after its first failure, and four times as long after each further one.
NETWORK_WAIT_SECONDS, NETWORK_WAIT_FACTOR = 60, 4  # seconds, times
# The networks of one person or office: addresses within them count as one.
IPV4_PREFIX, IPV6_PREFIX = 24, 48


def seconds_to_wait(failures: int, last_at: datetime, now: datetime) -> int:
    """Return the seconds until the next attempt at an account is allowed, from whatever network; 0
    if it is allowed now. `failures`: the number of recent failures at this account; `last_at`: the
    time of the last failure.
    """
    if failures < FAILURES_BEFORE_WAIT or not is_recent_failure(last_at, now):
        return 0
    wait = min(2 ** min(failures - FAILURES_BEFORE_WAIT, 10), MAX_WAIT_SECONDS)
    return min(_seconds_left(wait, last_at, now), MAX_WAIT_SECONDS)


def seconds_to_wait_in_network(failures: int, last_at: datetime, now: datetime) -> int:
    """Return the seconds until one network's next attempt at an account is allowed; 0 if it is
    allowed now. `failures`: the number of recent failures from this network at this account;
    `last_at`: the time of the last failure.
    """
    if not failures or not is_recent_failure(last_at, now, NETWORK_FAILURE_WINDOW):
        return 0
    longest = int(NETWORK_FAILURE_WINDOW.total_seconds())
    wait = min(NETWORK_WAIT_SECONDS * NETWORK_WAIT_FACTOR ** min(failures - 1, 10), longest)
    return _seconds_left(wait, last_at, now)


def is_recent_failure(last_at: datetime, now: datetime, window: timedelta = FAILURE_WINDOW) -> bool:
    """Return whether a failure at `last_at` was less than `window` ago. Return False if `last_at`
    is more than `CLOCK_TOLERANCE` in the future.
    """
    return now - window < last_at <= now + CLOCK_TOLERANCE


def network_of(address: str | None) -> str:
    """Return the network of an IP address: /24 of IPv4, /48 of IPv6; "" if None or invalid."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    length = IPV6_PREFIX if isinstance(found, IPv6Address) else IPV4_PREFIX
    return str(ip_network((found, length), strict=False))


def _seconds_left(wait: int, last_at: datetime, now: datetime) -> int:
    """Return the seconds from now until `wait` seconds after the last failure, at least 0."""
    left = (last_at + timedelta(seconds=wait) - now).total_seconds()
    # Rounded up, so that a client that waits that long is not told to wait again.
    return -int(-left // 1) if left > 0 else 0


class SecretKind(StrEnum):
    """The kind of secret that a user has to give; failures of each are counted separately."""

    PASSWORD = "password"  # noqa: S105 (the name of a step)
    CODE = "second factor"
    PASSWORD_AGAIN = "password again"  # noqa: S105 (the name of a step)


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """An attempt to give a secret. `kind`: which secret; `user_name`: of the user; `device_token`:
    the token in the browser's device cookie; `network`: of the client, as `network_of` returns it;
    `secret_key`: the secret key of the installation.
    """

    kind: SecretKind
    user_name: str
    device_token: str = ""
    network: str = ""
    secret_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class AnonymousActor:
    """A client that is not signed in, as an actor in the audit log; no user can have its name."""

    id: int = 0
    name: str = "(not signed in)"

    @property
    def team_ids(self) -> list[int]:
        """The ids of the client's teams: none."""
        return []

    def has_permission(self, _permission: Permission) -> bool:
        """Return False: a client that is not signed in may do nothing."""
        return False


def is_known_browser(attempt: SignInAttempt, *, session: Session) -> bool:
    """Return whether the browser of an attempt is known for its user, who signed in from it within
    `DEVICE_COOKIE_LIFETIME`, or used a sign-in link in it within `LINKED_BROWSER_LIFETIME`.
    """
    if not attempt.device_token:
        return False
    known = (
        select(KnownDevice.token_hash)
        .join(User, User.id == KnownDevice.user_id)
        .where(
            KnownDevice.token_hash == hash_token(attempt.device_token),
            KnownDevice.seen_at > clock.utc_now() - DEVICE_COOKIE_LIFETIME,
            User.name == attempt.user_name.strip().lower(),
        )
    )
    return session.scalars(known).first() is not None


def begin_attempt(attempt: SignInAttempt, *, session: Session) -> int:
    """Count an attempt; return 0 if it may be made now, else the seconds to wait.

    An attempt counts as failed until `reset_failures`, so that many at the same moment are not all
    tried. Commit before anything is hashed.
    """
    now = clock.utc_now()
    session.execute(
        delete(SignInFailure).where(SignInFailure.last_at < now - NETWORK_FAILURE_WINDOW)
    )
    shared, own = (_lock_failure_row(key, session) for key in failure_keys(attempt, session))
    wait = count_attempt_in_rows(shared, own, now)
    session.flush()
    return wait


def count_attempt_in_rows(
    account_row: SignInFailure, network_row: SignInFailure, now: datetime
) -> int:
    """Count an attempt at an account; return 0 if either row allows it now, else the seconds until
    the first of them does. `account_row`: counts the failures at the account from all networks;
    `network_row`: counts those from the network of the attempt.
    """
    wait = seconds_to_wait(account_row.failures, account_row.last_at, now)
    wait_in_network = seconds_to_wait_in_network(network_row.failures, network_row.last_at, now)
    if not wait:
        _count_failure(account_row, FAILURE_WINDOW, now)
    if not (wait and wait_in_network):
        _count_failure(network_row, NETWORK_FAILURE_WINDOW, now)
    return min(wait, wait_in_network)


def reset_failures(attempt: SignInAttempt, *, session: Session) -> None:
    """Delete the counted failures of an attempt's account and network, after a success."""
    keys = failure_keys(attempt, session)
    session.execute(delete(SignInFailure).where(SignInFailure.key.in_(keys)))


def _count_failure(row: SignInFailure, window: timedelta, now: datetime) -> None:
    """Count one more failure in a row. If the last failure is older than `window`, start again at
    1.
    """
    row.failures = row.failures + 1 if is_recent_failure(row.last_at, now, window) else 1
    row.last_at = now


def log_failure(attempt: SignInAttempt, *, session: Session) -> None:
    """Log a failed attempt, once a minute for each name.

    An unknown name is not stored: it may be a password in the wrong field.
    """
    user = find_user_by_name(session, attempt.user_name)
    subject = user.name if user is not None else UNKNOWN_NAME_SUBJECT
    noted = select(AuditEvent.sequence).where(
        AuditEvent.subject == subject,
        AuditEvent.action == SIGN_IN_REFUSAL_ACTION,
        AuditEvent.at > clock.utc_now() - FAILURE_LOG_INTERVAL,
    )
    is_noted = session.scalars(noted.limit(1)).first() is not None
    # The same is done each time, and undone if it was logged: the time of a refusal must not reveal
    # whether the name exists.
    _shared, own = failure_keys(attempt, session)
    row = update(SignInFailure).where(SignInFailure.key == own)
    session.execute(row.values(last_at=clock.utc_now()))
    with session.begin_nested() as entry:
        asked = {"asked": attempt.kind.value}
        record_event(
            SIGN_IN_REFUSAL_ACTION, subject, by=AnonymousActor(), changes=asked, session=session
        )
        if is_noted:
            entry.rollback()


def create_sign_in_link(user: User, *, by: Actor, session: Session) -> str:
    """Create a link that makes one browser known for a user, and return its token; raise
    InvalidInput if the user is disabled.

    Earlier links become invalid. The link does not sign anybody in.
    """
    if user.disabled_at is not None:
        raise InvalidInput(link=_("This user is disabled."))
    session.execute(delete(SignInLink).where(SignInLink.user_id == user.id))
    token = secrets.token_urlsafe(32)
    session.add(SignInLink(token_hash=hash_token(token), user_id=user.id, made_at=clock.utc_now()))
    record_event("session:link", user.name, by=by, session=session)
    return token


def is_sign_in_link_valid(token: str, *, session: Session) -> bool:
    """Return whether the sign-in link with a token exists and is recent enough to be used."""
    return (
        session.scalars(select(SignInLink.user_id).where(*_valid_link_conditions(token))).first()
        is not None
    )


def use_sign_in_link(token: str, *, session: Session) -> str | None:
    """Use a sign-in link, once; return a token for a device cookie, None if it is invalid."""
    # In one statement: of two simultaneous requests, only one is accepted.
    used = delete(SignInLink).where(*_valid_link_conditions(token)).returning(SignInLink.user_id)
    user_id = session.scalars(used).first()
    if user_id is None:
        return None
    # Disabled users have no links: they were deleted with their sessions.
    user = session.get_one(User, user_id)
    device = secrets.token_urlsafe(32)
    seen_at = clock.utc_now() - DEVICE_COOKIE_LIFETIME + LINKED_BROWSER_LIFETIME
    session.add(KnownDevice(token_hash=hash_token(device), user_id=user.id, seen_at=seen_at))
    record_event("session:link_used", user.name, by=AnonymousActor(), session=session)
    return device


def _valid_link_conditions(token: str) -> list[ColumnElement[bool]]:
    """Return the SQL conditions of the sign-in link with a token, if it is recent enough."""
    now = clock.utc_now()
    is_recent_link = SignInLink.made_at.between(now - SIGN_IN_LINK_LIFETIME, now + CLOCK_TOLERANCE)
    return [SignInLink.token_hash == hash_token(token), is_recent_link]


def _lock_failure_row(key: str, session: Session) -> SignInFailure:
    """Return the row that counts failures under a key, locked until the transaction ends; add the
    row if there is none. `key`: one of the two keys that `failure_keys` returns.
    """
    found = select(SignInFailure).where(SignInFailure.key == key).with_for_update()
    row: SignInFailure | None = session.scalars(found).first()
    if row is not None:
        return row
    try:
        with session.begin_nested():
            row = SignInFailure(key=key, failures=0, last_at=clock.utc_now())
            session.add(row)
    except IntegrityError:
        # A simultaneous request added the row for the same key.
        row = session.scalars(found).one()
    return row


def failure_keys(attempt: SignInAttempt, session: Session) -> tuple[str, str]:
    """Return the two keys under which failures are counted: one for the account, one for the
    account and the network. In a browser that is known for the user, failures have two other keys,
    for this browser only.

    Without the secret key, neither name nor network can be derived from the keys.
    """
    shared = [attempt.kind.value, attempt.user_name.strip().lower()]
    if is_known_browser(attempt, session=session):
        shared.append(hash_token(attempt.device_token))
        own = [*shared, "device"]
    else:
        own = [*shared, "network", attempt.network]
    return _failure_key_digest(shared, attempt.secret_key), _failure_key_digest(
        own, attempt.secret_key
    )


def _failure_key_digest(parts: list[str], secret_key: str) -> str:
    """Return a digest of the `parts` of a key, such as user name and network. Without `secret_key`,
    the parts cannot be derived from the digest.
    """
    text = "\n".join(["sign-in failures", *parts])
    return hmac.new(secret_key.encode(), text.encode(), "sha256").hexdigest()

"""Passwords as argon2id hashes; a check costs the same whether or not the name exists."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.config import Settings

SHORTEST = 12
# No password gives this "hash", so that an account which holds it cannot sign in.
NO_PASSWORD = "!"  # noqa: S105 (the mark of having none)
# Each hash takes 64 MiB and, while it lasts, one of the server's sixteen threads.
STRANGERS_AT_ONCE = 4
# Of one network, so that there is room for somebody from elsewhere.
STRANGERS_OF_A_NETWORK = 3
_at_hashing: Counter[str] = Counter()
_lock = Lock()


def hasher(*, time_cost: int, memory_kib: int, lanes: int = 4) -> PasswordHasher:
    """Return a hasher of the given cost (argon2id, RFC 9106)."""
    return PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=lanes)


def hasher_of(settings: Settings) -> PasswordHasher:
    """Return the hasher of this installation."""
    return hasher(
        time_cost=settings.password_time_cost,
        memory_kib=settings.password_memory_kib,
        lanes=settings.password_lanes,
    )


def is_right(argon: PasswordHasher, stored: str | None, password: str) -> bool:
    """Say whether the password gives the stored hash; None and NO_PASSWORD cost one hash too."""
    if stored is None or stored == NO_PASSWORD:
        argon.hash(password)
        return False
    try:
        return argon.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@contextmanager
def room_to_hash(network: str, *, is_known: bool) -> Iterator[bool]:
    """Say whether a password may be hashed, and keep the room for it meanwhile. Of strangers a few
    are let in at once, fewer of one network, and nobody waits: waiting takes a thread as well. A
    browser that is known for the name always has room, or strangers could keep everybody out.
    """
    if is_known:
        yield True
        return
    with _lock:
        has_room = (
            _at_hashing.total() < STRANGERS_AT_ONCE
            and _at_hashing[network] < STRANGERS_OF_A_NETWORK
        )
        _at_hashing[network] += has_room
    try:
        yield has_room
    finally:
        with _lock:
            _at_hashing[network] -= has_room
            if not _at_hashing[network]:
                del _at_hashing[network]

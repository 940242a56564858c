"""Passwords as argon2id hashes; a check costs the same whether or not the name exists."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
# No password gives this "hash", so that an account which holds it cannot sign in.
NO_PASSWORD = "!"  # noqa: S105 (the mark of having none)


def hasher(*, time_cost: int, memory_kib: int) -> PasswordHasher:
    """Return the hasher of this installation (RFC 9106; costs from its settings)."""
    return PasswordHasher(time_cost=time_cost, memory_cost=memory_kib)


def is_right(argon: PasswordHasher, stored: str | None, password: str) -> bool:
    """Say whether the password gives the stored hash; None and NO_PASSWORD cost one hash too."""
    if stored is None or stored == NO_PASSWORD:
        argon.hash(password)
        return False
    try:
        return argon.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False

"""A confidential value as the trail has it: shown later to be that value, and told to nobody."""

from __future__ import annotations

import hashlib

# Under which name an entry says on which part of its record the values hang.
PART = "part"


def commitment_to(value: str, salt: str) -> str:
    """Return SHA-256 of salt and value in hex: shows later that it was this value, and tells
    nobody what it is who cannot guess the salt.
    """
    return hashlib.sha256(f"{salt}\0{value}".encode()).hexdigest()


def as_committed(value: object) -> str:
    """Return the value of a confidential column as text; "" for what is not given."""
    return "" if value is None else str(value)


def part_named(table: str, number: object) -> str:
    """Return what entries call a part of a record, such as one target of an incident."""
    return f"{table} {number}"

"""The hash chain of the trail as arithmetic: what one entry's hash is, and where it breaks."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

FIRST = "0" * 64


# What is written was made of rows, and holds nothing that holds itself.
ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
)


def canonical(value: Any) -> str:  # noqa: ANN401 (any JSON value)
    """Return a JSON value in one spelling only (sorted keys, no spaces, no escapes)."""
    return ENCODER.encode(value)


def digest(value: Any) -> str:  # noqa: ANN401 (any JSON value)
    """Return the SHA-256 of a JSON value, in hex."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def entry_hash(
    *,
    previous_hash: str,
    sequence: int,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    changes: dict[str, Any],
    row_digest: str | None = None,
) -> str:
    """Return the hash that binds an entry to all before it."""
    said = tail(action, subject, changes, row_digest)
    return following_hash(previous_hash, sequence, head(at, actor), said)


def head(at: datetime, actor: str) -> str:
    """Return who did it and when, as `following_hash` takes it."""
    return canonical([at.isoformat(), actor])[1:-1]


def tail(action: str, subject: str, changes: dict[str, Any], row_digest: str | None) -> str:
    """Return what an entry says, as `following_hash` takes it."""
    said = [action, subject, changes]
    return canonical(said if row_digest is None else [*said, row_digest])[1:]


def following_hash(previous_hash: str, sequence: int, head: str, tail: str) -> str:
    """Return the hash of an entry of which all but its place was known before."""
    return hashlib.sha256(f'["{previous_hash}",{sequence},{head},{tail}'.encode()).hexdigest()


def first_break(entries: Iterable[Any]) -> tuple[int, str] | None:
    """Return the sequence at which a chain is broken and why, None where it holds."""
    previous, expected = FIRST, 1
    for entry in entries:
        if entry.sequence != expected:
            return expected, "an entry is missing"
        if entry.previous_hash != previous:
            return entry.sequence, "it does not follow the entry before"
        computed = entry_hash(
            previous_hash=entry.previous_hash,
            sequence=entry.sequence,
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            changes=entry.changes,
            row_digest=entry.row_digest,
        )
        if computed != entry.hash:
            return entry.sequence, "its content was changed"
        previous, expected = entry.hash, expected + 1
    return None

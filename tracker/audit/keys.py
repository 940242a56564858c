"""The keys under which entries of the audit log get their MACs; they are not in the database."""

from __future__ import annotations

import hashlib
import os
import secrets
from typing import TYPE_CHECKING

from tracker.config import AUDIT_KEYS
from tracker.errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tracker.config import Settings

KEY_BYTES = 32
ID_LETTERS = 16


def keys_of(settings: Settings) -> dict[str, str]:
    """Return the keys of an installation by their ids, the newest last.

    The file is read each time: a key that was added is used by a running server at once.
    """
    if settings.audit_key is not None:
        # The newest stands first in the setting, so that old ones are left behind it.
        return _by_id(reversed(settings.audit_key.replace(",", " ").split()))
    try:
        return _by_id(path_of(settings).read_text(encoding="ascii").split())
    except (OSError, ValueError):
        raise BadSettings(
            f"The keys of the audit log cannot be read: {path_of(settings)}"
        ) from None


def id_of(key: str) -> str:
    """Return the id of a key, which stands beside each MAC and tells nothing of the key."""
    return hashlib.sha256(f"audit key {key}".encode()).hexdigest()[:ID_LETTERS]


def path_of(settings: Settings) -> Path:
    """Return the file of the keys, where they are not given by the setting."""
    return settings.instance / AUDIT_KEYS


def add_key(settings: Settings) -> str:
    """Add a new key to the file, whole or not at all, and return its id."""
    path, key = path_of(settings), secrets.token_hex(KEY_BYTES)
    unfinished = path.with_name(f"{path.name}.new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("".join(f"{one}\n" for one in [*keys_of(settings).values(), key]))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    return id_of(key)


def _by_id(keys: Iterable[str]) -> dict[str, str]:
    found = {id_of(one): one for one in keys}
    if not found:
        raise BadSettings("There is no key of the audit log: TRACKER_AUDIT_KEY, or its file.")
    return found

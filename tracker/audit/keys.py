"""What is kept outside the database: keys of the audit log, and which unsigned entries it has."""

from __future__ import annotations

import hashlib
import os
import secrets
from typing import TYPE_CHECKING

from tracker.audit.chain import FIRST
from tracker.config import AUDIT_KEYS, AUDIT_SEALED
from tracker.errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tracker.config import Settings

KEY_BYTES = 32
ID_LETTERS = 16
# The head of the unsigned entries of a log in which there are none.
NO_HEAD = f"0:{FIRST}"


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
    key = secrets.token_hex(KEY_BYTES)
    _write(path_of(settings), [*keys_of(settings).values(), key])
    return id_of(key)


def accepted_heads(settings: Settings) -> frozenset[str] | None:
    """Return SEQ:HASH of the last unsigned entry of each log that this installation accepts, None
    where it has not begun to keep them. A log that is signed from its first entry needs none.
    """
    path = settings.instance / AUDIT_SEALED
    try:
        return frozenset([NO_HEAD, *path.read_text(encoding="ascii").split()])
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise BadSettings(f"{path} cannot be read: each line must be SEQ:HASH.") from None


def accept_head(settings: Settings, head: str) -> None:
    """Accept a log whose unsigned entries end with `head`, beside those accepted before."""
    known = accepted_heads(settings)
    if known is None or head not in known:
        _write(settings.instance / AUDIT_SEALED, sorted({*(known or ()), head}))


def _write(path: Path, lines: Iterable[str]) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    unfinished = path.with_name(f"{path.name}.new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("".join(f"{one}\n" for one in lines))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _by_id(keys: Iterable[str]) -> dict[str, str]:
    found = {id_of(one): one for one in keys}
    if not found:
        raise BadSettings("There is no key of the audit log: TRACKER_AUDIT_KEY, or its file.")
    return found

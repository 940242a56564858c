"""Locks between processes: on files, which the system releases with the process."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def try_lock_file(path: Path) -> int | None:
    """Return the descriptor of a file, locked until it is closed, or None if it is locked already;
    the file is created if needed.
    """
    found = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(found)
        return None
    return found

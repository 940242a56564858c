"""The switch that closes the tracker: a small file, since the database may be what is wrong."""

from __future__ import annotations

import os
import stat
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILE = "panic"


class Panic(StrEnum):
    """How far the tracker is closed."""

    OFF = "off"
    READ_ONLY = "read-only"
    CLOSED = "closed"


class Switch:
    """The state of one installation, asked at every request and read only when its file changed."""

    def __init__(self, instance: Path) -> None:
        self._file = instance / FILE
        self._seen: tuple[int, int, int] | None = None
        self._state = Panic.OFF

    def state(self) -> Panic:
        """Return how far the tracker is closed; a file that cannot be read closes it."""
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return Panic.OFF
        except OSError:
            return Panic.CLOSED
        seen = (found.st_mtime_ns, found.st_ino, found.st_size)
        if seen != self._seen:
            self._state = self._read()
            self._seen = seen
        return self._state

    def turn(self, state: Panic) -> None:
        """Close the tracker that far, or open it, at once and beyond a restart."""
        if state is Panic.OFF:
            self._file.unlink(missing_ok=True)
        else:
            # A file of its own each time: whoever looks sees the old one whole, or the new one.
            unfinished = self._file.with_suffix(".part")
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with os.fdopen(os.open(unfinished, flags, stat.S_IRUSR | stat.S_IWUSR), "w") as file:
                file.write(state.value + "\n")
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self._file)
        folder = os.open(self._file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _read(self) -> Panic:
        try:
            return Panic(self._file.read_text(encoding="ascii").strip())
        except FileNotFoundError:
            return Panic.OFF
        except (OSError, ValueError):
            # Somebody wanted it closed and misspelt how.
            return Panic.CLOSED

"""Why a database could not store something, where nothing that was typed is to blame."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError

# Of SQLite's codes the last byte is the kind; the rest says where it happened.
KIND = 0xFF
SQLITE_REFUSED = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY})
# PostgreSQL's own codes, so that its driver need not be installed: disk_full, io_error.
POSTGRESQL_REFUSED = frozenset({"53100", "58030"})
SQLITE_HELD = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
# lock_not_available, and deadlock_detected: of two that wait for each other one is sent away.
POSTGRESQL_HELD = frozenset({"55P03", "40P01"})
SYSTEM_REFUSED = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})


def refused_by_disk(error: Exception, *, reading: bool = False) -> bool:
    """Say whether an error comes from the disk, and so from nothing that a person typed.

    `reading`: the connection itself refuses to write, which then says nothing of the disk.
    """
    if isinstance(error, DBAPIError):
        kind, state = _codes_of(error)
        if reading and kind == sqlite3.SQLITE_READONLY:
            return False
        return kind in SQLITE_REFUSED or state in POSTGRESQL_REFUSED
    # Not the database's: what is too large to be read from the network at once goes to a file.
    return isinstance(error, OSError) and error.errno in SYSTEM_REFUSED


def held_by_another(error: Exception) -> bool:
    """Say whether somebody else was saving for longer than a request waits."""
    if not isinstance(error, DBAPIError):
        return False
    kind, state = _codes_of(error)
    return kind in SQLITE_HELD or state in POSTGRESQL_HELD


def _codes_of(error: DBAPIError) -> tuple[int, str]:
    """Return the kind by SQLite's code, and PostgreSQL's own; 0 and nothing where it has none."""
    kind = getattr(error.orig, "sqlite_errorcode", 0) & KIND
    return kind, getattr(error.orig, "sqlstate", None) or ""

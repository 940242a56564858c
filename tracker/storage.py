"""Why the database failed, where the input is not to blame."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError

# Of SQLite's codes the last byte is the kind; the rest says where it happened.
KIND = 0xFF
SQLITE_REFUSED = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY})
# PostgreSQL's own codes, so that its driver need not be installed: disk_full, io_error.
POSTGRESQL_REFUSED = frozenset({"53100", "58030"})
SQLITE_HELD = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
# lock_not_available, and deadlock_detected: of two that wait for each other one is sent away.
POSTGRESQL_HELD = frozenset({"55P03", "40P01"})
# What PostgreSQL answers to who connects, where a driver says it in English alone.
NOT_CONNECTED = {
    "password authentication failed": "The database refuses the name or password of its address.",
    "no password supplied": "The database asks for a password, and its address has none.",
    "FATAL:  role ": "The database knows no such user as its address names.",
    "FATAL:  database ": "There is no such database as TRACKER_DATABASE_URL names.",
}
SQLITE_WORDS = {
    sqlite3.SQLITE_CANTOPEN: "The file of the database cannot be opened: see TRACKER_DATABASE_URL.",
    sqlite3.SQLITE_NOTADB: "The file of TRACKER_DATABASE_URL is not a database.",
    sqlite3.SQLITE_CORRUPT: "The file of the database is damaged: restore a backup.",
    sqlite3.SQLITE_READONLY: "The file of the database, or its folder, cannot be written to.",
    sqlite3.SQLITE_PERM: "The file of the database, or its folder, cannot be written to.",
    sqlite3.SQLITE_FULL: "The disk of the database is full.",
    sqlite3.SQLITE_IOERR: "The disk of the database cannot be read or written.",
    sqlite3.SQLITE_BUSY: "Somebody else was writing to the database for too long.",
    sqlite3.SQLITE_LOCKED: "Somebody else was writing to the database for too long.",
}
# undefined_table, undefined_column.
POSTGRESQL_LACKS = frozenset({"42P01", "42703"})
SYSTEM_REFUSED = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})


def is_disk_error(error: Exception, *, reading: bool = False) -> bool:
    """Return whether an error comes from the disk, and so from nothing that a person typed.

    `reading`: the connection itself refuses to write, which then says nothing of the disk.
    """
    if isinstance(error, DBAPIError):
        kind, state = _codes_of(error)
        if reading and kind == sqlite3.SQLITE_READONLY:
            return False
        return kind in SQLITE_REFUSED or state in POSTGRESQL_REFUSED
    # Not the database's: what is too large to be read from the network at once goes to a file.
    return isinstance(error, OSError) and error.errno in SYSTEM_REFUSED


def is_lock_timeout(error: Exception) -> bool:
    """Return whether somebody else was saving for longer than a request waits."""
    if not isinstance(error, DBAPIError):
        return False
    kind, state = _codes_of(error)
    return kind in SQLITE_HELD or state in POSTGRESQL_HELD


def failure_reason(error: DBAPIError | sqlite3.Error) -> str:
    """Return in words, for anyone who runs the tracker, why the database did not do what was asked.

    What it says itself may quote what was typed, or a password; its codes do not.
    """
    if is_missing_table(error):
        return (
            "The database is not at the newest migration: flask db upgrade. If that says it is, "
            "a migration has to be written: flask db revision MESSAGE"
        )
    refused = getattr(error, "orig", error)
    code = getattr(refused, "sqlite_errorname", None) or getattr(refused, "sqlstate", None)
    if code is None and isinstance(error, OperationalError):
        # PostgreSQL's driver gives no code where it did not get as far as a connection.
        said = str(refused)
        found = (words for part, words in NOT_CONNECTED.items() if part in said)
        return next(found, "The database of TRACKER_DATABASE_URL cannot be reached: is it running?")
    kind, _state = _codes_of(error)
    return SQLITE_WORDS.get(kind, f"the database refused: {type(error).__name__} {code or ''}")


def is_missing_table(error: DBAPIError | sqlite3.Error) -> bool:
    """Return whether a table or column is missing: the database is not at the newest migration."""
    kind, state = _codes_of(error)
    return kind == sqlite3.SQLITE_ERROR or state in POSTGRESQL_LACKS


def _codes_of(error: DBAPIError | sqlite3.Error) -> tuple[int, str]:
    """Return the kind by SQLite's code, and PostgreSQL's own; 0 and nothing if it has none."""
    refused = getattr(error, "orig", error)
    kind = getattr(refused, "sqlite_errorcode", 0) & KIND
    return kind, getattr(refused, "sqlstate", None) or ""

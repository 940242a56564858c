"""The checks of `flask doctor`, as functions of plain values."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from tracker.config import Settings, is_weak_secret
from tracker.operating.container import WORKSPACE_PREFIX
from tracker.parsing import MEGABYTE

# Free disk space below which a check fails.
LEAST_FREE_BYTES = 200 * MEGABYTE
# During a backup, the disk holds a copy of the database, and the archive of the copy.
DATABASE_COPIES_PER_BACKUP = 2
# The ages of the last backup above which a check warns, and fails.
BACKUP_WARNING_AGE, BACKUP_FAILURE_AGE = timedelta(days=2), timedelta(days=7)
# The permission bits of all users but the owner of a file.
OTHERS_PERMISSIONS = stat.S_IRWXG | stat.S_IRWXO
# The expected settings of an SQLite connection: for each, the right value, and what happens with
# another one.
WANTED_PRAGMAS: dict[str, tuple[str, str]] = {
    "journal_mode": ("wal", "people wait for each other"),
    "synchronous": ("2", "a power cut takes what was acknowledged"),
    "foreign_keys": ("1", "rows lose their parents"),
    "secure_delete": ("1", "what was erased stays in the file"),
    "trusted_schema": ("0", "a forged file runs functions"),
    "recursive_triggers": ("1", "the audit log can be replaced past its trigger"),
}
# A shorter wait for locks fails a check.
LEAST_BUSY_TIMEOUT_MS = 5000
# The expected settings of PostgreSQL: for each, the values with which no committed transaction is
# lost.
WANTED_DURABILITY = {
    "fsync": ("on",),
    "synchronous_commit": ("on", "remote_apply"),
    "full_page_writes": ("on",),
}


class Verdict(StrEnum):
    """The result of a check; only FAIL makes the command exit with 1."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check, a line of the output of `flask doctor`."""

    verdict: Verdict
    check: str
    message: str

    def __str__(self) -> str:
        return f"{self.verdict:<4} {self.check}: {self.message}"


def check_pragmas(pragma_values: Mapping[str, Any], privilege: str) -> Finding:
    """Check the pragmas of an SQLite connection. `pragma_values`: the value of each pragma;
    `privilege`: the name of the engine that opened the connection (full, low, reading or export),
    for the message.
    """
    wrong = [
        f"{name} is {pragma_values.get(name)}, {lost}"
        for name, (wanted, lost) in WANTED_PRAGMAS.items()
        if str(pragma_values.get(name)).lower() != wanted
    ]
    if int(pragma_values.get("busy_timeout") or 0) < LEAST_BUSY_TIMEOUT_MS:
        wrong.append(f"busy_timeout is {pragma_values.get('busy_timeout')}, saves fail under load")
    return _failure_or_ok(f"pragmas ({privilege})", wrong, "as they must be")


def check_durability(setting_values: Mapping[str, str]) -> Finding:
    """Check that PostgreSQL's settings keep acknowledged transactions through a power cut.
    `setting_values`: the value of each setting.
    """
    wrong = [
        f"{name} is {setting_values.get(name)}"
        for name, wanted in WANTED_DURABILITY.items()
        if setting_values.get(name) not in wanted
    ]
    return _failure_or_ok("durability", wrong, "what is acknowledged survives a power cut")


def check_file_mode(path: Path, expected: int) -> Finding:
    """Check that only the owner of a file or folder can access it; `expected`: the right mode."""
    check = f"mode of {path.name}"
    try:
        found = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return Finding(Verdict.OK, check, "it is not there")
    if found & OTHERS_PERMISSIONS:
        return Finding(
            Verdict.FAIL, check, f"{found:04o} lets others in: chmod {expected:o} {path}"
        )
    return Finding(Verdict.OK, check, f"{found:04o}")


def check_backup_leftovers(instance: Path) -> Finding:
    """Check that no interrupted backup left unencrypted copies in the instance folder."""
    left = sorted(str(one) for one in instance.glob(WORKSPACE_PREFIX + "*"))
    if left:
        words = f"remove {', '.join(left)} unless a backup is being taken"
        return Finding(Verdict.WARN, "leftovers", words)
    return Finding(Verdict.OK, "leftovers", "none")


def check_disk_space(free_bytes: int, database_bytes: int) -> Finding:
    """Check that there is enough free disk space for the database and a backup."""
    words = f"{free_bytes // MEGABYTE} MB free"
    if free_bytes < LEAST_FREE_BYTES:
        return Finding(Verdict.FAIL, "disk", f"only {words}")
    if free_bytes < LEAST_FREE_BYTES + DATABASE_COPIES_PER_BACKUP * database_bytes:
        return Finding(Verdict.WARN, "disk", f"{words}, too little for a backup")
    return Finding(Verdict.OK, "disk", words)


def check_last_backup(taken_at: datetime | None, now: datetime) -> Finding:
    """Check the age of the last backup; `taken_at`: when it was taken, None if there was none."""
    if taken_at is None:
        return Finding(Verdict.WARN, "backup", "none was ever taken: flask backup FILE")
    age = now - taken_at
    words = f"the last one was taken {age.days} days ago" if age.days else "taken within a day"
    if age > BACKUP_FAILURE_AGE:
        return Finding(Verdict.FAIL, "backup", words)
    return Finding(Verdict.WARN if age > BACKUP_WARNING_AGE else Verdict.OK, "backup", words)


def check_access_limits(privilege: str, allowed_statements: list[str]) -> Finding:
    """Check that a connection with a database privilege (low or export) is refused every statement
    that is forbidden to it. `allowed_statements`: the forbidden statements that it could run.
    """
    more = f", and {len(allowed_statements) - 1} more" if len(allowed_statements) > 1 else ""
    wrong = (
        [f"it may {allowed_statements[0]}{more}: see docs/deploying.md"]
        if allowed_statements
        else []
    )
    return _failure_or_ok(
        f"connection ({privilege})", wrong, "it is refused what it must not see or stop"
    )


def check_migrations(current: str | None, newest: str) -> Finding:
    """Check that the database is at the newest migration revision. `current`: the revision of the
    database, None if the database is empty.
    """
    wrong = [] if current == newest else [f"the database is at {current}, the newest is {newest}"]
    return _failure_or_ok("migrations", wrong, newest)


def check_audit_key(*, is_available: bool) -> Finding:
    """Check that the key of the newest entry of the audit log is available."""
    lost = (
        "the newest entry is signed with a key that is not here: put it back (TRACKER_AUDIT_KEY, "
        "instance/audit_key), or flask audit rotate-key --old-key-lost"
    )
    return _failure_or_ok(
        "audit key", [] if is_available else [lost], "that of the newest entry is here"
    )


def check_catalogs(folder: Path) -> Finding:
    """Check that the translation catalogs in a folder were compiled since they changed."""
    found = sorted(folder.glob("*/LC_MESSAGES/*.po"))
    wrong = [f"{one.parts[-3]} is not compiled" for one in found if not _is_compiled(one)]
    return _failure_or_ok("catalogs", [*wrong, "make catalogs"] if wrong else [], "compiled")


def _is_compiled(catalog: Path) -> bool:
    """Return whether a catalog, a .po file, was compiled since it changed."""
    compiled = catalog.with_suffix(".mo")
    return compiled.exists() and compiled.stat().st_mtime >= catalog.stat().st_mtime


def check_debug_mode(*, is_on: bool) -> Finding:
    """Check that debug mode is off."""
    return _failure_or_ok("debug", ["it is on: take FLASK_DEBUG away"] if is_on else [], "off")


def check_panic(panic_state: str) -> Finding:
    """Check that the panic switch is off. `panic_state`: "" if it is off, else its state (read-only
    or closed).
    """
    if not panic_state:
        return Finding(Verdict.OK, "panic", "off")
    return Finding(Verdict.WARN, "panic", f"{panic_state}: flask panic off opens it")


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Check the secret key, trusted hosts, second factor and backup recipient of the settings."""
    weak = ["too short, or a known default"] if is_weak_secret(settings.secret_key) else []
    yield _failure_or_ok("secret key", weak, "random")
    open_to_any = settings.proxy_hops > 0 and not settings.trusted_hosts
    missing = ["TRACKER_TRUSTED_HOSTS is not set, behind a proxy"] if open_to_any else []
    yield _failure_or_ok(
        "hosts", missing, ", ".join(settings.trusted_hosts) or "any, without a proxy"
    )
    yield _warning_or_ok(
        "second factor",
        "everybody needs one" if settings.require_two_factor else None,
        "not required: TRACKER_REQUIRE_TWO_FACTOR=yes",
    )
    yield _warning_or_ok(
        "recipient",
        "backups are encrypted" if settings.backup_recipient else None,
        "backups are not encrypted: TRACKER_BACKUP_RECIPIENT=age1…",
    )


def _failure_or_ok(check: str, failures: list[str], ok_message: str) -> Finding:
    """Return that a check failed if there are `failures` (messages), otherwise that it passed.
    `check`: the name of the check; `ok_message`: the message if it passed.
    """
    if failures:
        return Finding(Verdict.FAIL, check, "; ".join(failures))
    return Finding(Verdict.OK, check, ok_message)


def _warning_or_ok(check: str, ok_message: str | None, advice: str) -> Finding:
    """Return that a check passed, with `ok_message`; if that is None, return a warning with
    `advice`. `check`: the name of the check.
    """
    if ok_message is None:
        return Finding(Verdict.WARN, check, advice)
    return Finding(Verdict.OK, check, ok_message)

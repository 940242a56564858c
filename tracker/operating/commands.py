"""The commands `flask backup`, `flask restore`, `flask panic` and `flask doctor`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from tracker import clock, db_privileges, schema
from tracker.audit.chain import report_accepted_heads
from tracker.audit.sealing_service import has_current_key
from tracker.audit.service import record_event
from tracker.config import AUDIT_KEYS_FILE
from tracker.console import Command, CommandGroup, fail
from tracker.db import current_engines, current_settings, db, renew_statistics
from tracker.errors import AuditKeyMissing
from tracker.operating import backup_service, checks, queries
from tracker.operating.backup_service import take_backup
from tracker.operating.checks import Finding, Verdict
from tracker.users.queries import select_users_by_name
from tracker.users.service import end_sessions, get_or_create_console_user
from tracker.web.guards import PanicState, panic_switch

panic = CommandGroup("panic", help="Close the tracker in a hurry, and open it again.")
# The type of arguments and options that are paths.
FILE_PATH = click.Path(path_type=Path)


@click.command("backup", cls=Command)
@with_appcontext
@click.argument("file", type=FILE_PATH)
def backup(file: Path) -> None:
    """Write a backup of the whole database to FILE; the tracker stays in use."""
    settings = current_settings()
    recipient = settings.backup_recipient
    try:
        # On PostgreSQL the backup waits for no writer.
        engine = current_engines().full_reading
        manifest = take_backup(engine, file, workspace=settings.instance, recipient=recipient)
    except SQLAlchemyError as error:
        fail(f"The database does not answer: {type(error).__name__}")
    try:
        details = {"head": manifest.head, "encrypted": recipient is not None}
        record_event("backup:take", "tracker", by=get_or_create_console_user(), changes=details)
        db.session.commit()
    except AuditKeyMissing as error:
        fail(f"{file} is whole, but the audit log does not say so. {error}")
    except SQLAlchemyError:
        fail(f"{file} is whole, but the audit log does not say so: the database stores nothing.")
    # A backup is taken every day, which is a good interval for renewing statistics.
    renew_statistics()
    secrecy = "encrypted" if recipient else "NOT encrypted: TRACKER_BACKUP_RECIPIENT is not set"
    click.echo(f"ok {sum(manifest.counts.values())} rows, audit log {manifest.head} ({secrecy})")


@click.command("restore", cls=Command)
@with_appcontext
@click.argument("file", type=FILE_PATH)
@click.argument("folder", type=FILE_PATH, metavar="DIR")
@click.option("--identity", type=FILE_PATH, metavar="KEYFILE", help="The age key of the backup.")
@click.option(
    "--accept-unsigned",
    "accept",
    metavar="SEQ:HASH",
    help="Accept that the entries of its audit log up to this one are not signed.",
)
def restore(file: Path, folder: Path, identity: Path | None, accept: str | None) -> None:
    """Restore the backup FILE into the new folder DIR (PostgreSQL: into an empty database)."""
    settings = current_settings()
    with report_accepted_heads(settings, click.echo):
        manifest, made = backup_service.restore_backup(
            file,
            folder,
            identity=identity,
            accepted_head=accept,
            server=db.engine,
            settings=settings,
        )
    rows = sum(manifest.counts.values())
    click.echo(f"ok {rows} rows of {manifest.taken_at}, audit log {manifest.head}")
    setting = f"TRACKER_DATABASE_URL=sqlite:///{made} " if made else ""
    click.echo(f"Start on it: {setting}make run (everybody signs in anew)")


@panic.command("read-only")
def make_read_only() -> None:
    """Make the tracker read-only."""
    _set_panic_state(PanicState.READ_ONLY)


@panic.command("closed")
def close_tracker() -> None:
    """Close the tracker and end every session."""
    _set_panic_state(PanicState.CLOSED)


@panic.command("off")
def open_tracker() -> None:
    """Open the tracker again; after `closed` everybody must sign in again."""
    was = panic_switch().get_state()
    try:
        _log_panic_state(PanicState.OFF, ends_sessions=was is PanicState.CLOSED)
    except SQLAlchemyError:
        if was is PanicState.CLOSED:
            # Old cookies would be valid again.
            fail("It stays closed: the database does not answer, so that no session can be ended.")
    panic_switch().set_state(PanicState.OFF)
    click.echo("off")


def _set_panic_state(state: PanicState) -> None:
    """Make the tracker read-only or close it, log that if the database allows it, and print the
    new state.
    """
    # The file first: it takes effect at once, whatever the database does.
    try:
        panic_switch().set_state(state)
    except OSError as error:
        fail(f"The switch cannot be written: {error.strerror}. Stop the server instead.")
    try:
        _log_panic_state(state, ends_sessions=state is PanicState.CLOSED)
    except AuditKeyMissing as error:
        click.echo(f"{state} (not in the audit log: {error})")
    except SQLAlchemyError:
        click.echo(f"{state} (not in the audit log: the database does not answer, or is full)")
    else:
        click.echo(state)


def _log_panic_state(state: PanicState, *, ends_sessions: bool) -> None:
    """Log the new state of the panic switch; end the sessions of all users if `ends_sessions`."""
    console = get_or_create_console_user()
    if ends_sessions:
        for user in db.session.scalars(select_users_by_name()).unique():
            end_sessions(user)
    record_event(f"panic:{state}", "tracker", by=console)
    db.session.commit()


@click.command("doctor", cls=Command)
@with_appcontext
def doctor() -> None:
    """Check the installation, one line per check; exit with 1 if one FAILs."""
    failed = 0
    for check in CHECKS:
        try:
            findings = list(check())
        except SQLAlchemyError as error:
            name = check.__name__.removeprefix("_check_")
            said = f"the database does not answer ({type(error).__name__})"
            findings = [Finding(Verdict.FAIL, name, said)]
        for finding in findings:
            click.echo(str(finding))
            failed += finding.verdict is Verdict.FAIL
    if failed:
        fail(f"{failed} of the checks failed")


def _check_settings() -> Iterator[Finding]:
    """Check the settings, debug mode and the panic switch."""
    yield from checks.check_settings(current_settings())
    yield checks.check_debug_mode(is_on=current_app.debug)
    state = panic_switch().get_state()
    yield checks.check_panic("" if state is PanicState.OFF else state)


def _check_files() -> Iterator[Finding]:
    """Check the modes of secret files, leftovers of backups, and the free disk space."""
    instance = current_settings().instance
    yield checks.check_file_mode(instance, 0o700)
    yield checks.check_file_mode(instance / "secret_key", 0o600)
    yield checks.check_file_mode(instance / AUDIT_KEYS_FILE, 0o600)
    yield checks.check_backup_leftovers(instance)
    database = _database_file()
    if database is not None:
        for suffix in ("", "-wal", "-shm"):
            yield checks.check_file_mode(database.with_name(database.name + suffix), 0o600)
    there = database is not None and database.exists()
    place, size = (
        (database.parent, database.stat().st_size) if database and there else (instance, 0)
    )
    yield checks.check_disk_space(shutil.disk_usage(place).free, size)


def _check_connections() -> Iterator[Finding]:
    """Check the pragmas of a connection of each engine (one per database privilege) on SQLite, or
    the durability settings of PostgreSQL.
    """
    for power, engine in db.engines.items():
        if engine.dialect.name == "sqlite":
            yield checks.check_pragmas(queries.read_pragmas(engine), power or "full")
    if db.engine.dialect.name == "postgresql":
        yield checks.check_durability(queries.read_durability_settings(db.engine))


def _check_access_limits() -> Iterator[Finding]:
    """Check that restricted connections are refused the forbidden statements."""
    for power, engine in (("low", current_engines().writing), ("export", current_engines().export)):
        yield checks.check_access_limits(
            power, db_privileges.find_runnable_forbidden_statements(engine, power)
        )


def _check_migrations() -> Iterator[Finding]:
    """Check that the database is at the newest migration revision."""
    yield checks.check_migrations(schema.current_revision(db.engine), schema.list_revisions()[-1])


def _check_catalogs() -> Iterator[Finding]:
    """Check that the translation catalogs are compiled."""
    folder = str(current_app.config["BABEL_TRANSLATION_DIRECTORIES"])
    yield checks.check_catalogs(Path(current_app.root_path, folder))


def _check_audit_key() -> Iterator[Finding]:
    """Check that this installation has the key that signed the newest log entry."""
    yield checks.check_audit_key(is_available=has_current_key(db.session(), current_settings()))


def _check_backup() -> Iterator[Finding]:
    """Check the age of the last backup."""
    yield checks.check_last_backup(queries.find_last_backup_time(db.session()), clock.utc_now())


# The checks of `flask doctor`, in their order. Each is run even if another one failed.
CHECKS = (
    _check_settings,
    _check_files,
    _check_connections,
    _check_access_limits,
    _check_migrations,
    _check_audit_key,
    _check_catalogs,
    _check_backup,
)


def _database_file() -> Path | None:
    """Return the path of the SQLite database, None on PostgreSQL."""
    url = db.engine.url
    return Path(url.database) if db.engine.dialect.name == "sqlite" and url.database else None

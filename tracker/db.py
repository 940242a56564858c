"""The database: base class, column types, engines, transactions by HTTP method, and errors."""

from __future__ import annotations

import errno
import logging
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from threading import Thread
from typing import Any

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import DateTime, Dialect, Engine, Enum, MetaData, String, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session
from sqlalchemy.types import TypeDecorator

from tracker.config import Settings
from tracker.db_privileges import AUTHORIZERS, reject_ctes

# The last byte of SQLite's code is the kind of error; the rest says where it happened.
SQLITE_ERROR_KIND_MASK = 0xFF
# Kinds of error in SQLite that the disk causes.
SQLITE_DISK_ERRORS = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY})
# Errors in PostgreSQL that the disk causes, as codes, so that its driver need not be installed:
# disk_full and io_error.
POSTGRESQL_DISK_ERRORS = frozenset({"53100", "58030"})
# Kinds of error in SQLite for a lock that another transaction holds.
SQLITE_LOCK_ERRORS = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
# Errors in PostgreSQL for a lock that another transaction holds: lock_not_available, and
# deadlock_detected (of two transactions that wait for each other, one fails).
POSTGRESQL_LOCK_ERRORS = frozenset({"55P03", "40P01"})
# Messages for the operator, by a part of PostgreSQL's own message about a failed connection, for
# which its driver gives no code.
CONNECTION_ERROR_TEXTS = {
    "password authentication failed": "The database refuses the name or password of its address.",
    "no password supplied": "The database asks for a password, and its address has none.",
    "FATAL:  role ": "The database knows no such user as its address names.",
    "FATAL:  database ": "There is no such database as TRACKER_DATABASE_URL names.",
}
# Messages for the operator, by SQLite's kind of error.
SQLITE_ERROR_TEXTS = {
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
# PostgreSQL's codes undefined_table and undefined_column.
POSTGRESQL_MISSING_ERRORS = frozenset({"42P01", "42703"})
# Error numbers of the operating system that the disk causes.
SYSTEM_DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
log = logging.getLogger(__name__)
# The class of a column, given as its `info`, limits who may ever see its values. A column without a
# class fails a test.
PUBLIC = {"class": "public"}  # values that anybody who gets an exported file may see
INTERNAL = {"class": "internal"}  # values that only users of the installation may see
CONFIDENTIAL = {"class": "confidential"}  # values that only staff of the owning team may see
# How long a statement waits for another transaction's lock.
BUSY_TIMEOUT_MS = 15_000
# For statements that do not wait: on PostgreSQL 0 would mean for ever.
SHORTEST_LOCK_TIMEOUT_MS = 10
# PostgreSQL's advisory lock that allows one writing transaction at a time, as in SQLite.
WRITE_LOCK_ID = 7_401
# How long purging waits for readers, and how often it is retried, in seconds.
PURGE_LOCK_TIMEOUT_MS, PURGE_RETRY_SECONDS = 1_000, 60.0
# The name of the thread that retries purging deleted content.
PURGE_RETRY_THREAD_NAME = "forgetting"
# SQLite's page cache in KiB: its default, and that of a transaction with many rows.
PAGE_CACHE_KIB, LARGE_PAGE_CACHE_KIB = 2_000, 64 * 1024
# Index entries that SQLite samples for its statistics.
ANALYZED_ENTRIES_PER_INDEX = 1_000
MAX_CODE_COLUMN_LENGTH = 40  # characters of the value of an enum, such as a status


class Base(DeclarativeBase):
    """The base class of every model; constraints have names, so that migrations can drop them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UTCDateTime(TypeDecorator[datetime]):
    """A moment, aware and in UTC on both databases (SQLite alone would return it naive)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return a moment in UTC, as stored; raise ValueError for one without a time zone."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return a stored moment in UTC, with its time zone, which SQLite does not store."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class TextEnum(Enum):
    """A column type for a closed set, stored as text and read back as its enum member."""

    cache_ok = True

    def result_processor(self, _dialect: Dialect, _coltype: object) -> Any:  # noqa: ANN401 (SQLAlchemy's own signature)
        """Return a function from stored text to its enum member; unknown text raises KeyError."""
        known: dict[str | None, Any] = {one.value: one for one in self.enum_class or ()}
        return (known | {None: None}).__getitem__


def text_enum(codes: type[StrEnum], *, name: str | None = None, check: bool = True) -> Enum:
    """Return the column type of an enum stored as text, by default with a CHECK of its values.
    `name`: the name of the CHECK constraint, if not that of the enum in snake case.
    """
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", codes.__name__).lower()
    return TextEnum(
        codes,
        name=name or snake,
        native_enum=False,
        create_constraint=check,
        length=MAX_CODE_COLUMN_LENGTH,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


def code_point_string(length: int) -> String:
    """Return a string type that SQLite and PostgreSQL both sort by code point."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


@dataclass(frozen=True, slots=True)
class Engines:
    """The database engines of an application. `reading` and `writing` see no confidential tables,
    `full_reading` and `full_writing` see all; `writing_without_wait` is `writing` without waiting
    for a lock; `export` reads only the view of published data (see `db_privileges.py`).

    They are created once, since engines with options that are created again
    would block each other on SQLite.
    """

    reading: Engine
    writing: Engine
    writing_without_wait: Engine
    full_reading: Engine
    full_writing: Engine
    export: Engine


class TrackerSession(FlaskSession):
    """The database session of a request. It only reads during a GET; during other requests it may
    write, and its first statement takes the write lock.
    """

    def get_bind(self, *_args: Any, **kwargs: Any) -> Engine:  # noqa: ANN401 (SQLAlchemy's own signature)
        """Return the engine that has this session's privilege, for reading or for writing."""
        bind = kwargs.get("bind")
        if isinstance(bind, Engine):
            return bind
        reading, found = self.info.get("reading"), current_engines()
        if self.info.get("full"):
            return found.full_reading if reading else found.full_writing
        return found.reading if reading else found.writing


db = SQLAlchemy(model_class=Base, session_options={"class_": TrackerSession})


def init_app(app: Flask) -> None:
    """Create the engines of this application, each with its privilege, and configure them."""
    settings = app.config["TRACKER"]
    url = settings.database_url
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options = _engine_options(url)
    low_options = {"url": settings.low_database_url or url, **options}
    # Each bind has its own options and inherits none.
    app.config["SQLALCHEMY_BINDS"] = {
        "low": low_options,
        "reading": low_options,
        "export": {"url": settings.export_database_url or url, **options},
    }
    db.init_app(app)
    with app.app_context():
        full, low, reading, export = (db.engines[key] for key in (None, "low", "reading", "export"))
    if full.dialect.name == "sqlite":
        for engine, privilege in ((full, None), (low, "low"), (reading, "low"), (export, "export")):
            event.listen(engine, "connect", partial(_set_up_sqlite, privilege=privilege))
            event.listen(engine, "begin", _begin_sqlite)
        event.listen(export, "before_cursor_execute", reject_ctes)
    else:
        for engine in (full, low, reading, export):
            event.listen(engine, "connect", _set_up_postgresql)
            event.listen(engine, "begin", _begin_postgresql)
    app.extensions["tracker_engines"] = Engines(
        # `reading` has its own pool: a connection that changes from reading to writing would plan
        # each statement again.
        reading=_read_only_engine(reading),
        writing=low,
        writing_without_wait=low.execution_options(tracker_waits=False),
        full_reading=_read_only_engine(full),
        full_writing=full,
        export=_read_only_engine(export),
    )


def _engine_options(url: str) -> dict[str, Any]:
    """Return the engine options that all privileges share."""
    of_driver = (
        # By default the driver keeps the plans of 128 statements; a few pages need 300.
        {"connect_args": {"cached_statements": 400}}
        if url.startswith("sqlite")
        else {"pool_pre_ping": True, "connect_args": {"connect_timeout": 10}}
    )
    return {
        # Each thread of the server may hold two: one for the request, and one for a short write.
        "pool_size": 20,
        "max_overflow": 20,
        # A connection reads the statistics of its database when it is opened.
        "pool_recycle": 3600,
        # Errors must not repeat anything that people typed.
        "hide_parameters": True,
        # The tracker has far more than the 500 different statements that are cached by default.
        "query_cache_size": 3000,
        **of_driver,
    }


def _read_only_engine(engine: Engine) -> Engine:
    """Return a read-only version of an engine."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(tracker_reads=True)
    return engine.execution_options(postgresql_readonly=True)


def current_engines() -> Engines:
    """Return the engines of the current application."""
    found: Engines = current_app.extensions["tracker_engines"]
    return found


def current_settings() -> Settings:
    """Return the settings of the current application."""
    found: Settings = current_app.config["TRACKER"]
    return found


def set_read_only(*, read_only: bool = True) -> None:
    """Set whether the current session only reads; call it before the session's first statement."""
    db.session.info["reading"] = read_only or "refused" in db.session.info


def disable_writes(error: OperationalError) -> None:
    """Make the current session read-only: later writes raise the given error again."""
    db.session.info["refused"] = error
    set_read_only()


@event.listens_for(TrackerSession, "before_flush")
def _reject_flush(session: TrackerSession, *_rest: object) -> None:
    """Raise the error given to `disable_writes` if a session flushes changes."""
    if "refused" in session.info and (session.new or session.deleted or session.dirty):
        raise session.info["refused"]


@event.listens_for(TrackerSession, "do_orm_execute")
def _reject_write_statement(state: ORMExecuteState) -> None:
    """Raise the error given to `disable_writes` if a statement is no SELECT."""
    if "refused" in state.session.info and not state.is_select:
        raise state.session.info["refused"]


def set_full_access(*, full_access: bool = True) -> None:
    """Set whether the current session may read confidential tables, before its first statement."""
    if full_access and db.session().in_transaction():
        # A second connection of the same session would wait for the first one's lock for ever.
        raise RuntimeError("the session has begun on a lesser connection")
    db.session.info["full"] = full_access


@contextmanager
def write_transaction(*, wait: bool = True) -> Iterator[Session]:
    """Open a separate, short transaction that writes during a GET, before the GET's first read.
    `wait=False`: raise OperationalError at once if somebody else is writing.

    A read transaction that starts to write fails on SQLite whatever the timeout.
    """
    if "refused" in db.session.info:
        raise db.session.info["refused"]
    with (
        Session(
            current_engines().writing if wait else current_engines().writing_without_wait
        ) as session,
        session.begin(),
    ):
        yield session


@contextmanager
def large_page_cache() -> Iterator[None]:
    """Use a larger page cache of SQLite while the current session writes many rows."""
    connection = db.session.connection()
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql(f"PRAGMA cache_size=-{LARGE_PAGE_CACHE_KIB}")
    renew_statistics_after_commit()
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size=-{PAGE_CACHE_KIB}")


def renew_statistics_after_commit() -> None:
    """Renew the statistics of indexes once the current transaction is committed."""
    db.session.info["wrote_many"] = True


@event.listens_for(TrackerSession, "after_commit")
def _renew_statistics(session: TrackerSession) -> None:
    """Renew the statistics if `renew_statistics_after_commit` was called."""
    if session.info.pop("wrote_many", False):
        renew_statistics()


@event.listens_for(TrackerSession, "after_rollback")
def _skip_statistics_renewal(session: TrackerSession) -> None:
    """Cancel what `renew_statistics_after_commit` asked for."""
    session.info.pop("wrote_many", None)


def renew_statistics() -> None:
    """Renew the index statistics of SQLite's query planner; PostgreSQL renews its own.

    SQLite samples a limited number of entries of each index, which takes a moment however large the
    index is, and stores none of their values. `PRAGMA optimize` would depend on earlier queries of
    the same connection, and this connection is new.
    """
    engine = current_engines().full_writing
    if engine.dialect.name != "sqlite":
        return
    raw = engine.raw_connection()
    try:
        raw.cursor().execute(f"PRAGMA analysis_limit={ANALYZED_ENTRIES_PER_INDEX}")
        raw.cursor().execute("PRAGMA query_only=OFF")
        raw.cursor().execute("ANALYZE")
    except sqlite3.OperationalError as error:
        log.warning("the statistics could not be renewed (%s); plans stay as they are", error)
    finally:
        # The next user of the connection reads the statistics from the file.
        raw.invalidate()
        raw.close()


def purge_deleted_pages(tables: Iterable[str] = ()) -> bool:
    """Remove deleted content of some tables from the database files, after the commit.
    Return False if somebody still reads it or the disk is full: then a thread retries every minute.

    SQLite overwrote it in place (`secure_delete`) and now writes back and empties its log;
    PostgreSQL rewrites the tables.
    """
    db.session.close()
    engine, names = current_engines().full_writing, tuple(tables)
    is_done = _try_purge(engine, names)
    if not is_done:
        log.warning("copies of what was erased are still read, or the disk is full; they go later")
        Thread(
            target=_purge_in_background,
            args=(engine, names),
            name=PURGE_RETRY_THREAD_NAME,
            daemon=True,
        ).start()
    return is_done


def _purge_in_background(engine: Engine, tables: tuple[str, ...]) -> None:
    """Retry removing deleted content every `PURGE_RETRY_SECONDS`, until it succeeds."""
    is_done = False
    while not is_done:
        time.sleep(PURGE_RETRY_SECONDS)
        try:
            is_done = _try_purge(engine, tables)
        except DBAPIError as error:
            log.warning("what was erased cannot be forgotten yet (%s)", type(error).__name__)
    log.warning("the copies of what was erased are gone")


def _try_purge(engine: Engine, tables: tuple[str, ...]) -> bool:
    """Try to remove deleted content from the database files; return whether it was removed.
    `tables`: the tables that PostgreSQL rewrites for this; SQLite needs none.
    """
    if engine.dialect.name == "sqlite":
        raw = engine.raw_connection()
        try:
            # Nobody can save while it waits for readers, so it does not wait long.
            raw.cursor().execute(f"PRAGMA busy_timeout={PURGE_LOCK_TIMEOUT_MS}")
            return bool(raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
        except sqlite3.OperationalError:
            # The disk is full: reading works without it.
            return False
        finally:
            raw.cursor().execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
            raw.close()
    if not tables:
        return True
    names = ", ".join(engine.dialect.identifier_preparer.quote(name) for name in tables)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            connection.exec_driver_sql(f"VACUUM (FULL) {names}")
        except OperationalError:
            return False
    return True


def _set_up_sqlite(connection: Any, _record: object, *, privilege: str | None) -> None:  # noqa: ANN401 (the driver's connection)
    """Set the pragmas of a new connection, and limit what it may access.
    `privilege`: "low" or "export", a key of `AUTHORIZERS`; None for no limit.
    """
    # The driver's own BEGIN is deferred and loses races; ours is in `_begin_sqlite`.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=FULL",
        "secure_delete=ON",
        "trusted_schema=OFF",
        # Otherwise INSERT OR REPLACE deletes a row of the audit log without its trigger.
        "recursive_triggers=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        connection.execute("PRAGMA " + pragma)
    if privilege is not None:
        connection.set_authorizer(AUTHORIZERS[privilege])


def _begin_sqlite(connection: Any) -> None:  # noqa: ANN401 (SQLAlchemy's Connection, which mypy sees as Any here)
    """Begin a transaction. It only reads if the option `tracker_reads` of the connection is set;
    otherwise it takes the write lock.
    """
    reading = connection.get_execution_options().get("tracker_reads", False)
    # A read-only transaction refuses to write, as with PostgreSQL's READ ONLY. Set only on change,
    # since SQLite plans every statement again after a pragma.
    if connection.info.get("reads") is not reading:
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reading else 'OFF'}")
        connection.info["reads"] = reading
    waits = connection.get_execution_options().get("tracker_waits", True)
    if connection.info.get("waits", True) is not waits:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS if waits else 0}")
        connection.info["waits"] = waits
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _set_up_postgresql(connection: Any, _record: object) -> None:  # noqa: ANN401 (the driver's connection)
    """Limit how long a new connection waits for locks."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {BUSY_TIMEOUT_MS}")
    connection.commit()


def _begin_postgresql(connection: Any) -> None:  # noqa: ANN401 (SQLAlchemy's Connection, which mypy sees as Any here)
    """Make a writing transaction wait for other writers, so that what it checks stays true."""
    options = connection.get_execution_options()
    reads = options.get("postgresql_readonly", False)
    if not options.get("tracker_waits", True):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {SHORTEST_LOCK_TIMEOUT_MS}")
    if not reads and options.get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK_ID})")


def is_disk_error(error: Exception, *, reading: bool = False) -> bool:
    """Return whether the disk caused an error: it is full, read-only or failing.
    `reading`: the connection only reads, so the error "read-only" does not come from the disk.
    """
    if isinstance(error, DBAPIError):
        kind, state = _database_error_codes(error)
        if reading and kind == sqlite3.SQLITE_READONLY:
            return False
        return kind in SQLITE_DISK_ERRORS or state in POSTGRESQL_DISK_ERRORS
    # Not the database's: large request bodies go to a temporary file.
    return isinstance(error, OSError) and error.errno in SYSTEM_DISK_ERRORS


def is_lock_timeout(error: Exception) -> bool:
    """Return whether an error of the database is that another transaction held a lock for longer
    than a request waits, or a deadlock.
    """
    if not isinstance(error, DBAPIError):
        return False
    kind, state = _database_error_codes(error)
    return kind in SQLITE_LOCK_ERRORS or state in POSTGRESQL_LOCK_ERRORS


def failure_reason(error: DBAPIError | sqlite3.Error) -> str:
    """Return a message for the operator with the reason why the database failed.

    The database's own message may quote what was typed, or a password; its codes do not.
    """
    if is_missing_table(error):
        return (
            "The database is not at the newest migration: flask db upgrade. If that says it is, "
            "a migration has to be written: flask db revision MESSAGE"
        )
    refused = getattr(error, "orig", error)
    code = getattr(refused, "sqlite_errorname", None) or getattr(refused, "sqlstate", None)
    if code is None and isinstance(error, OperationalError):
        # PostgreSQL's driver gives no code if it could not connect.
        said = str(refused)
        found = (words for part, words in CONNECTION_ERROR_TEXTS.items() if part in said)
        return next(found, "The database of TRACKER_DATABASE_URL cannot be reached: is it running?")
    kind, _state = _database_error_codes(error)
    return SQLITE_ERROR_TEXTS.get(
        kind, f"the database refused: {type(error).__name__} {code or ''}"
    )


def is_missing_table(error: DBAPIError | sqlite3.Error) -> bool:
    """Return whether an error is one that a missing table or column causes, since the database is
    not at the newest migration. On SQLite any other error in a statement has the same code.
    """
    kind, state = _database_error_codes(error)
    return kind == sqlite3.SQLITE_ERROR or state in POSTGRESQL_MISSING_ERRORS


def _database_error_codes(error: DBAPIError | sqlite3.Error) -> tuple[int, str]:
    """Return SQLite's kind of error, 0 if there is none, and PostgreSQL's error code, or ""."""
    refused = getattr(error, "orig", error)
    kind = getattr(refused, "sqlite_errorcode", 0) & SQLITE_ERROR_KIND_MASK
    return kind, getattr(refused, "sqlstate", None) or ""

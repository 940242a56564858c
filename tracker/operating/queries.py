"""Queries about the database itself: settings, row counts, integrity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import URL, Connection, Engine, column, func, inspect, select, table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tracker.audit.chain import HASH_BEFORE_FIRST_ENTRY
from tracker.audit.models import AuditEvent
from tracker.db import is_missing_table
from tracker.schema import newest_revision

# The environment variables of PostgreSQL's tools, by the names of connection parameters.
ENVIRONMENT_VARIABLE_BY_PARAMETER = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
    "dbname": "PGDATABASE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "passfile": "PGPASSFILE",
    "service": "PGSERVICE", "options": "PGOPTIONS",
}  # fmt: skip
# Pragmas of a connection that `flask doctor` checks.
PRAGMAS = (
    "journal_mode", "synchronous", "foreign_keys", "secure_delete", "trusted_schema",
    "recursive_triggers", "busy_timeout",
)  # fmt: skip
# Settings of PostgreSQL that `flask doctor` checks.
DURABILITY_SETTINGS = ("fsync", "synchronous_commit", "full_page_writes")
# Ends the sessions that hold or wait for an exclusive lock of a table, except those of this role.
TERMINATE_LOCKERS_QUERY = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity JOIN pg_roles ON rolname = usename
    WHERE NOT rolsuper AND datname = current_database() AND usename <> current_user AND pid IN (
        SELECT pid FROM pg_locks WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock'
    )
"""
# Tables as they are at any migration revision, unlike those of the models.
VERSION_TABLE, TERMS_TABLE = (
    table("alembic_version", column("version_num")),
    table("terms", column("id")),
)
# The table of the audit log, with those of its columns that are read here.
AUDIT_TABLE = table("audit_events", column("sequence"), column("hash"))


def count_rows_by_table(connection: Connection) -> dict[str, int]:
    """Return the number of rows of each table, at any migration revision."""
    names = sorted(inspect(connection).get_table_names())
    return {
        name: connection.scalar(select(func.count()).select_from(table(name))) or 0
        for name in names
    }


def find_log_head(connection: Connection) -> str:
    """Return SEQ:HASH of the newest entry of the audit log, as `flask audit anchor` prints it."""
    newest = (
        select(AUDIT_TABLE.c.sequence, AUDIT_TABLE.c.hash)
        .order_by(AUDIT_TABLE.c.sequence.desc())
        .limit(1)
    )
    row = connection.execute(newest).first()
    return f"{row[0]}:{row[1]}" if row else f"0:{HASH_BEFORE_FIRST_ENTRY}"


def is_database_empty(engine: Engine) -> bool:
    """Return whether a database has no tables at all."""
    with engine.connect() as connection:
        return not inspect(connection).get_table_names()


def find_integrity_error(engine: Engine) -> str | None:
    """Return the error that SQLite finds in its file; None if there is none, or on PostgreSQL."""
    if engine.dialect.name != "sqlite":
        # Loading a dump checks every row and every key again.
        return None
    with engine.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
        if found != "ok":
            return f"integrity_check finds: {found}"
        orphan = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    return f"a row of {orphan[0]} has lost its parent" if orphan else None


def read_pragmas(engine: Engine) -> dict[str, Any]:
    """Return the values of the checked pragmas of a pooled SQLite connection, by name."""
    with engine.connect() as connection:
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}


def read_durability_settings(engine: Engine) -> dict[str, str]:
    """Return the settings by which PostgreSQL keeps acknowledged transactions, by name."""
    with engine.connect() as connection:
        return {
            name: str(connection.scalar(select(func.current_setting(name))))
            for name in DURABILITY_SETTINGS
        }


def find_last_backup_time(session: Session) -> datetime | None:
    """Return when the last backup was taken; None if none was."""
    taken: datetime | None = session.scalars(
        select(AuditEvent.at)
        .where(AuditEvent.action == "backup:take")
        .order_by(AuditEvent.sequence.desc())
        .limit(1)
    ).first()
    return taken


def get_postgresql_version(engine: Engine) -> int:
    """Return the major version of a PostgreSQL server."""
    with engine.connect() as connection:
        number = connection.scalar(select(func.current_setting("server_version_num")))
    return int(number or 0) // 10_000


def end_exclusive_locks(engine: Engine) -> None:
    """End the PostgreSQL sessions that hold or wait for an exclusive lock of a table.

    The tracker's own sessions never do, and a backup would wait for the others for ever.
    """
    with engine.connect() as connection:
        connection.exec_driver_sql(TERMINATE_LOCKERS_QUERY)


@contextmanager
def snapshot_transaction(engine: Engine) -> Iterator[tuple[Connection, str]]:
    """Open a transaction on a PostgreSQL snapshot; yield connection and name of the snapshot."""
    still = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with still.connect() as connection, connection.begin():
        yield connection, str(connection.scalar(select(func.pg_export_snapshot())))


def connection_environment(url: URL) -> Mapping[str, str]:
    """Return the environment variables with which PostgreSQL's tools connect to a database."""
    given = {
        "host": url.host, "port": url.port, "user": url.username, "password": url.password,
        "dbname": url.database, **url.query,
    }  # fmt: skip
    named = {
        ENVIRONMENT_VARIABLE_BY_PARAMETER[key]: value
        for key, value in given.items()
        if key in ENVIRONMENT_VARIABLE_BY_PARAMETER and value
    }
    return {name: str(value) for name, value in named.items()}


def drop_public_schema(engine: Engine) -> None:
    """Delete everything in the schema `public` of a PostgreSQL database."""
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")


def find_readiness_problem(engine: Engine) -> str:
    """Return what prevents the tracker from answering requests: `database` if it does not answer,
    `migrations` if some are not applied, `vocabulary` if it is not loaded; "" if nothing does.
    """
    try:
        with engine.connect() as connection:
            if connection.scalar(select(VERSION_TABLE.c.version_num)) != newest_revision():
                return "migrations"
            return "" if connection.scalar(select(TERMS_TABLE.c.id).limit(1)) else "vocabulary"
    except DBAPIError as error:
        return "migrations" if is_missing_table(error) else "database"

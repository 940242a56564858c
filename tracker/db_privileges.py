"""The privileges of each kind of connection, enforced by the database itself.

*full* sees everything, *low* no confidential table, *export* only the view `public_export`.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, inspect, make_url
from sqlalchemy.exc import DatabaseError, DBAPIError

# The names of all confidential tables end with it.
CONFIDENTIAL_ACTION_SUFFIX = "_confidential"
# The view of published data.
PUBLIC_VIEW = "public_export"
# The table of the audit log.
AUDIT_TABLE = "audit_events"
# The word before the named subqueries of a statement.
CTE_KEYWORD_PATTERN = re.compile(r"\bWITH\b", re.IGNORECASE)
# Pragmas that SQLAlchemy, our BEGIN, the page cache and FTS5 use; none of them allows seeing more.
ALLOWED_PRAGMAS = frozenset({
    "query_only", "read_uncommitted", "data_version", "cache_size", "busy_timeout",
})  # fmt: skip
# Pragmas that may be read, so that `flask doctor` can check them, and never set.
READABLE_PRAGMAS = frozenset({
    "journal_mode", "foreign_keys", "synchronous", "secure_delete", "trusted_schema",
    "recursive_triggers",
})  # fmt: skip
# SQLite's codes for all that a statement may do with the rows of a table.
TABLE_ACTIONS = frozenset({
    sqlite3.SQLITE_READ, sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE,
})  # fmt: skip
# SQLite's codes for changing and deleting rows: the audit log is only appended to.
UPDATE_AND_DELETE_ACTIONS = frozenset({sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE})
# What a request never needs: access to another file, or changing the tables.
FORBIDDEN_ACTIONS = frozenset({
    sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_ALTER_TABLE,
    sqlite3.SQLITE_CREATE_TABLE, sqlite3.SQLITE_DROP_TABLE,
    sqlite3.SQLITE_CREATE_TEMP_TABLE, sqlite3.SQLITE_CREATE_VIEW, sqlite3.SQLITE_DROP_VIEW,
    sqlite3.SQLITE_CREATE_TEMP_VIEW, sqlite3.SQLITE_CREATE_TRIGGER, sqlite3.SQLITE_DROP_TRIGGER,
    sqlite3.SQLITE_CREATE_TEMP_TRIGGER, sqlite3.SQLITE_CREATE_INDEX, sqlite3.SQLITE_DROP_INDEX,
    sqlite3.SQLITE_CREATE_VTABLE, sqlite3.SQLITE_DROP_VTABLE,
})  # fmt: skip
# Columns of confidential tables that a *low* connection may read all the same: SQLite itself looks
# them up, for foreign keys, whenever their record is written. They reveal that a confidential row
# exists, and nothing of its content.
FOREIGN_KEY_COLUMNS = frozenset(
    {"incident_id", "journalist_id", "article_id", "mask_id", "target_id", "team_id"}
)
# By table, the columns that an *export* connection may read, through the view only.
COLUMNS_BEHIND_PUBLIC_VIEW = {
    "incidents": frozenset({"id", "ref", "state", "retract_reason"}),
    "publications": frozenset({
        "incident_id", "revision", "title", "summary_en", "summary_ru", "summary_kk", "sources",
        "targets", "n_journalists", "primary_type", "types", "occurred_edtf", "reported_month",
        "country", "region", "verification", "published_at", "withdrawn_at",
    }),
}  # fmt: skip


def authorize_low_privilege(
    action: int,
    target: str | None,
    detail: str | None,
    _schema: str | None,
    _view: Any,  # noqa: ANN401 (SQLite's signature)
) -> int:
    """Return SQLITE_OK or SQLITE_DENY for an action of a *low* connection, which may not access
    confidential tables. `action`: SQLite's code of the action; `target`, `detail`: the names of the
    table and the column, or the name and the new value of a pragma.
    """
    if action in TABLE_ACTIONS and (target or "").endswith(CONFIDENTIAL_ACTION_SUFFIX):
        is_key = action == sqlite3.SQLITE_READ and detail in FOREIGN_KEY_COLUMNS
        return sqlite3.SQLITE_OK if is_key else sqlite3.SQLITE_DENY
    if action in UPDATE_AND_DELETE_ACTIONS and target == AUDIT_TABLE:
        return sqlite3.SQLITE_DENY
    if action in FORBIDDEN_ACTIONS or (
        action == sqlite3.SQLITE_PRAGMA and not _is_pragma_allowed(target, detail)
    ):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and detail == "load_extension":
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def authorize_export_privilege(
    action: int,
    target: str | None,
    detail: str | None,
    _schema: str | None,
    view: Any,  # noqa: ANN401 (SQLite's signature)
) -> int:
    """Return SQLITE_OK or SQLITE_DENY for an action of an *export* connection, which may only read
    the public view. `action`: SQLite's code of the action; `target`, `detail`: the names of the
    table and the column, or of a pragma and its new value; `view`: the view that reads the table.
    """
    if action == sqlite3.SQLITE_READ:
        behind = view == PUBLIC_VIEW and detail in COLUMNS_BEHIND_PUBLIC_VIEW.get(target or "", ())
        return sqlite3.SQLITE_OK if behind or target == PUBLIC_VIEW else sqlite3.SQLITE_DENY
    if action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_TRANSACTION}:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if _is_pragma_allowed(target, detail) else sqlite3.SQLITE_DENY
    harmless = action == sqlite3.SQLITE_FUNCTION and detail in {"count", "coalesce"}
    return sqlite3.SQLITE_OK if harmless else sqlite3.SQLITE_DENY


def _is_pragma_allowed(pragma: str | None, value: str | None) -> bool:
    """Return whether a request may set a pragma to a value, or read it if the value is None."""
    return pragma in ALLOWED_PRAGMAS or (value is None and pragma in READABLE_PRAGMAS)


def reject_ctes(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:  # noqa: ANN401 (SQLAlchemy's signature)
    """Raise DatabaseError for a statement with named subqueries, one of which could have the name
    of the public view.
    """
    if CTE_KEYWORD_PATTERN.search(statement):
        raise DatabaseError(statement, None, sqlite3.DatabaseError("not authorized"))


# The functions that give SQLite's verdict on an action, by the privilege of the connection.
AUTHORIZERS: dict[str, Callable[..., int]] = {
    "low": authorize_low_privilege,
    "export": authorize_export_privilege,
}


def grant_role_privileges(owner: Engine, *, low_url: str | None, export_url: str | None) -> None:
    """Grant PostgreSQL's two restricted roles only what they need; run after each migration.
    `owner`: an engine of the role that owns the tables; `low_url`, `export_url`: database URLs with
    the names of the restricted roles, None for a role that is not used.

    An administrator creates the roles before, see docs/deploying.md.
    """
    if owner.dialect.name != "postgresql":
        return
    quoted = owner.dialect.identifier_preparer.quote
    tables = [one for one in inspect(owner).get_table_names() if one != "alembic_version"]
    with owner.begin() as connection:

        def run(statement: str) -> None:
            connection.exec_driver_sql(statement)

        for url in (low_url, export_url):
            if url:
                role = quoted(make_url(url).username or "")
                run(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
                run(f"GRANT USAGE ON SCHEMA public TO {role}")
        if low_url:
            role = quoted(make_url(low_url).username or "")
            run(f"GRANT SELECT ON alembic_version, {PUBLIC_VIEW} TO {role}")
            run(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
            for table in tables:
                if not table.endswith(CONFIDENTIAL_ACTION_SUFFIX):
                    rights = "SELECT, INSERT" + ("" if table == AUDIT_TABLE else ", UPDATE, DELETE")
                    run(f"GRANT {rights} ON {quoted(table)} TO {role}")
        if export_url:
            role = quoted(make_url(export_url).username or "")
            run(f"GRANT SELECT ON {PUBLIC_VIEW} TO {role}")


# What each kind of connection must be refused; `flask doctor` and the tests try each.
FORBIDDEN_STATEMENTS = {
    "low": (
        "SELECT count(*) FROM incidents_confidential",
        "SELECT legal_name FROM journalists_confidential",
        "DELETE FROM target_namings_confidential",
        "UPDATE audit_events SET actor = 'nobody'",
    ),
    "export": (
        "SELECT count(*) FROM incidents",
        "SELECT name FROM users",
        "SELECT title FROM publications",
        "SELECT witness_names FROM incidents_confidential",
        "DELETE FROM publications",
    ),
}


# What both restricted roles of PostgreSQL must be refused, too: statements that would keep a backup
# from ending, or all users from saving. Of the rights that docs/deploying.md revokes, one of each
# kind is tried.
FORBIDDEN_STATEMENTS_ON_POSTGRESQL = (
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT pg_try_advisory_lock(0)",
    "SELECT pg_try_advisory_xact_lock(0)",
    "CREATE TEMPORARY TABLE doctor (x int)",
    "CREATE TABLE public.doctor (x int)",
    "CREATE SCHEMA doctor",
    "LOCK TABLE incidents_confidential IN ACCESS SHARE MODE NOWAIT",
    "LOCK TABLE audit_events IN SHARE MODE NOWAIT",
    "LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE NOWAIT",
    "LOCK TABLE public_export IN ACCESS EXCLUSIVE MODE NOWAIT",
)
# Selects whether the role may open any number of connections.
CONNECTION_LIMIT_QUERY = "SELECT rolconnlimit < 0 FROM pg_roles WHERE rolname = current_user"

# Parts of the messages with which a database refuses a statement for lack of privileges.
REFUSAL_MESSAGE_PARTS = (
    "prohibited", "not authorized", "denied", "must be owner", "vtable constructor failed"
)  # fmt: skip


def find_runnable_forbidden_statements(engine: Engine, privilege: str) -> list[str]:
    """Return the forbidden statements that a connection can run; `privilege`: "low" or "export"."""
    if engine.dialect.name != "postgresql":
        return [
            statement
            for statement in FORBIDDEN_STATEMENTS[privilege]
            if not is_statement_refused(engine, statement)
        ]
    tried = (*FORBIDDEN_STATEMENTS[privilege], *FORBIDDEN_STATEMENTS_ON_POSTGRESQL)
    wrong = [statement for statement in tried if not is_statement_refused(engine, statement)]
    with engine.connect() as connection:
        if connection.exec_driver_sql(CONNECTION_LIMIT_QUERY).scalar():
            wrong.append("open connections without limit")
    return wrong


def is_statement_refused(engine: Engine, statement: str) -> bool:
    """Return whether the database refuses a statement for lack of privileges."""
    # In a writing transaction: what a read-only one refuses says nothing about the role's
    # privileges.
    with engine.execution_options(tracker_reads=False).connect() as connection:
        try:
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql("SET TRANSACTION READ WRITE")
            connection.exec_driver_sql(statement)
        except DBAPIError as error:
            words = str(error.orig).lower()
            return any(part in words for part in REFUSAL_MESSAGE_PARTS)
        finally:
            connection.rollback()
    return False

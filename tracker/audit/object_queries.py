"""Check that triggers, views and policies in the database are as the migrations make them.

What they make is in `objects.json`; `python -m tests.migrations.database_objects` writes it again
after a migration that makes or drops one, and a test says so where that was forgotten.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from sqlalchemy import Connection, Engine

MADE = Path(__file__).with_name("objects.json")
VIEW = "view "
ON_SQLITE = """
SELECT type || ' ' || name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')
"""
# Each by its name, and what it is and does; text of functions as it was given.
ON_POSTGRESQL = """
SELECT 'trigger ' || t.tgname || ' on ' || c.relname,
       concat_ws(' ', t.tgtype, t.tgenabled, t.tgqual, p.proname, p.prosrc)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal
UNION ALL
SELECT 'keys of ' || c.relname, 'not enforced'
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgisinternal AND t.tgenabled <> 'O' GROUP BY c.relname
UNION ALL
SELECT 'rule ' || rulename || ' on ' || tablename, definition FROM pg_rules
WHERE schemaname = current_schema()
UNION ALL
SELECT 'policy ' || policyname || ' on ' || tablename, concat_ws(' ', cmd, qual, with_check)
FROM pg_policies
UNION ALL
SELECT 'view ' || c.relname, pg_get_viewdef(c.oid)
FROM pg_class c WHERE c.relkind IN ('v', 'm') AND c.relnamespace = current_schema()::regnamespace
"""


def differing_objects(engine: Engine) -> Generator[str]:
    """Return messages on triggers, views, rules and policies that differ from the migrations."""
    wanted = json.loads(MADE.read_text(encoding="utf-8"))[engine.dialect.name]
    found = found_objects(engine)
    for name in sorted({*wanted, *found}):
        if wanted.get(name) != found.get(name) and not _is_same_view(engine, name, wanted, found):
            yield f"{name} is not as the migrations make it"


def found_objects(engine: Engine) -> dict[str, str]:
    """Return the triggers, views and policies of a database by name."""
    statement = ON_SQLITE if engine.dialect.name == "sqlite" else ON_POSTGRESQL
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(statement)
        return {name: " ".join((sql or "").split()) for name, sql in rows}


def _is_same_view(
    engine: Engine, name: str, wanted: Mapping[str, str], found: Mapping[str, str]
) -> bool:
    """Return whether a view of PostgreSQL is the one wanted in the words of another version:
    made of its text, it reads as the one that is there. Nothing of it stays.
    """
    if engine.dialect.name == "sqlite" or not (name.startswith(VIEW) and name in wanted):
        return False
    with engine.execution_options(postgresql_readonly=False).connect() as connection:
        try:
            return _view_definition(connection, wanted[name]) == found.get(name)
        except DBAPIError:
            return False
        finally:
            connection.rollback()


def _view_definition(connection: Connection, sql: str) -> str:
    connection.execute(text("CREATE TEMPORARY VIEW wanted_view AS " + sql.replace(":", r"\:")))
    words = connection.execute(text("SELECT pg_get_viewdef('wanted_view'::regclass)")).scalar_one()
    return " ".join(str(words).split())

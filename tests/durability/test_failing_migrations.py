"""A migration that fails after any of its statements leaves schema and rows exactly as before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from tests.conftest import let_go, new_app
from tests.databases import Database
from tests.durability.figures import figure
from tests.migrations.test_every_migration import fill
from tests.nightly import IS_NIGHT
from tracker import schema
from tracker.db import current_engines

REVISIONS = schema.list_revisions()
AT_COMMIT = 0
# Everything that a migration of PostgreSQL can make, in the words of the server itself.
CATALOGUE = """
SELECT 'column', table_name, column_name, concat_ws(' ', data_type, character_maximum_length,
       is_nullable, column_default, collation_name, ordinal_position)
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)
FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', '', proname, pg_get_functiondef(oid)
FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'view', '', viewname, definition FROM pg_views WHERE schemaname = 'public'
UNION ALL SELECT 'sequence', '', sequencename, '' FROM pg_sequences WHERE schemaname = 'public'
"""
SCHEMA = {"sqlite": "SELECT type, tbl_name, name, sql FROM sqlite_master", "postgresql": CATALOGUE}


class Injected(Exception):
    """What is raised in the middle of a migration."""


@pytest.fixture
def engine(empty_database: Database) -> Iterator[Engine]:
    """Lend the engine as the tracker sets it up: how its transactions begin is what this proves."""
    app = new_app(empty_database)
    with app.app_context():
        yield current_engines().full_writing
    let_go(app)


def everything(engine: Engine) -> dict[str, list[Any]]:
    """Return the schema and every row."""
    with engine.connect() as connection:

        def all_of(statement: str) -> list[Any]:
            return sorted(map(tuple, connection.exec_driver_sql(statement)), key=repr)

        found = {"": all_of(SCHEMA[engine.dialect.name])}
        for name in sa.inspect(connection).get_table_names():
            # The tables inside of SQLite's full-text search have no rows that can be compared.
            if not name.startswith("search_words_"):
                found[name] = all_of(f'SELECT * FROM "{name}"')
    return found


def lost(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> list[str]:
    """Return which triggers and rows of the tables that are still there went away."""

    def triggers(of: dict[str, list[Any]]) -> set[tuple[str, str]]:
        return {(table, name) for kind, table, name, _words in of[""] if kind == "trigger"}

    gone = [f"{table}.{name}" for table, name in triggers(before) - triggers(after)]
    return gone + [
        name for name, rows in before.items() if name and len(rows) > len(after.get(name, rows))
    ]


@contextmanager
def failing(engine: Engine, at: int) -> Iterator[list[str]]:
    """Fail after the statement of that number, or when all is to be kept; collect what ran."""
    seen: list[str] = []

    def after(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        # What only looks changes nothing that could be left.
        if not statement.lstrip().startswith(("BEGIN", "PRAGMA", "SELECT")):
            seen.append(statement)
            if len(seen) == at:
                raise Injected

    def commit(_connection: Connection) -> None:
        # A transaction that only looked at the version has nothing to lose.
        if at == AT_COMMIT and any(
            "alembic_version" in one and "SELECT" not in one for one in seen
        ):
            raise Injected

    sa.event.listen(engine, "after_cursor_execute", after)
    sa.event.listen(engine, "commit", commit)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "after_cursor_execute", after)
        sa.event.remove(engine, "commit", commit)


def try_to_break(engine: Engine, migrate: Callable[[], None]) -> int:
    """Fail at each place (by day: in the beginning, the middle and the end); return how often."""
    before = everything(engine)

    def fail(at: int) -> int:
        with failing(engine, at) as seen, pytest.raises(Injected):
            migrate()
        assert everything(engine) == before, f"after {seen[-1]}"
        if engine.dialect.name == "sqlite":
            with engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        return len(seen)

    most = fail(AT_COMMIT)
    places = range(1, most + 1) if IS_NIGHT else sorted({1, most // 2})
    for place in places:
        fail(place)
    return len(places) + 1


def test_a_migration_that_fails_leaves_all_as_before(engine: Engine) -> None:
    failures = 0
    below = "base"
    for revision in REVISIONS:
        failures += try_to_break(engine, partial(schema.upgrade, engine, revision))
        before = everything(engine)
        schema.upgrade(engine, revision)
        assert lost(before, everything(engine)) == [], revision
        with engine.begin() as connection:
            fill(connection, revision)
        if IS_NIGHT:
            failures += try_to_break(engine, partial(schema.downgrade, engine, below))
        below = revision

    name = engine.dialect.name
    figure(f"migrations that fail on {name}: left by half", f"0 of {failures}", 0)


def test_without_its_own_begin_sqlite_would_keep_half_a_migration(tmp_path) -> None:
    """The control: on the driver's transactions the same failure is seen."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'half.db'}", poolclass=sa.NullPool)
    with failing(engine, 8), pytest.raises(Injected):
        schema.upgrade(engine, REVISIONS[0])
    assert len(everything(engine)) > 1
    engine.dispose()

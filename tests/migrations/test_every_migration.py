"""Every migration, up and down on both databases, with a row in each table it makes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from json import loads
from typing import Any

import pytest
from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    Table,
    column,
    create_engine,
    delete,
    event,
    func,
    insert,
    inspect,
    select,
    table,
    types,
    update,
)
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from tests.databases import Database
from tests.migrations.rows import GIVEN_UP, PAIRS, REFUSED, RENAMED, ROWS, SEEN
from tracker import schema
from tracker.db import Base

REVISIONS = schema.list_revisions()
GONE = {name for tables in GIVEN_UP.values() for name in tables}


@pytest.fixture
def engine(empty_database: Database) -> Iterator[Engine]:
    engine = create_engine(empty_database.url)
    yield engine
    engine.dispose()


def table_of(connection: Connection, name: str) -> Table:
    return Table(name, MetaData(), autoload_with=connection, resolve_fks=False)


def put(connection: Connection, name: str, row: dict[str, Any]) -> None:
    """Insert a row written in words: dates, moments and JSON become what the column takes."""
    into = table_of(connection, name)
    now = {key if key in into.c else RENAMED[name, key]: value for key, value in row.items()}
    given = {column: stored(into.c[column].type, value) for column, value in now.items()}
    connection.execute(insert(into).values(given))


def stored(kind: types.TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, types.DateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, types.Date):
        return date.fromisoformat(value)
    return loads(value) if isinstance(kind, types.JSON) else value


def fill(connection: Connection, revision: str, *, at_head: bool = False) -> None:
    """Put a row into each table that a migration makes; `at_head`: but those since given up."""
    for name, row in ROWS.get(revision, {}).items():
        if at_head and name in GONE:
            continue
        if name in PAIRS:
            other, ref, _pair = PAIRS[name]
            put(connection, other, {**ROWS[revision][other], "id": 2, "ref": ref})
            put(connection, name, pair_row(connection, name))
        else:
            put(connection, name, row)


def pair_row(connection: Connection, name: str) -> dict[str, Any]:
    """Return the row of a table that needs two rows of another one."""
    return PAIRS[name][2] | (SEEN if "team_id" in table_of(connection, name).c else {})


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        names = [
            name
            for name in inspect(connection).get_table_names()
            if name != "alembic_version" and not name.startswith("search_words")
        ]
        return {
            name: connection.scalar(select(func.count()).select_from(table(name))) or 0
            for name in names
        }


def closed_sets() -> list[tuple[str, str]]:
    """Return table and column of each closed set that the database checks."""
    return [
        (of.name, one.name)
        for of in Base.metadata.sorted_tables
        for one in of.columns
        if isinstance(one.type, types.Enum) and one.type.create_constraint
    ]


def test_rows_are_listed_by_migration_in_order() -> None:
    for listed in (ROWS, REFUSED):
        assert list(listed) == [one for one in REVISIONS if one in listed]


def test_each_migration_goes_up_and_down_with_rows_in_and_loses_none_of_the_others(
    engine: Engine,
) -> None:
    below = "base"
    before: dict[str, int] = {}
    for revision in REVISIONS:
        made, given_up = set(ROWS.get(revision, {})), GIVEN_UP.get(revision, {})
        # What a table that is given up held, by the one that takes it in.
        taken_in = {into: before[name] for name, into in given_up.items()}
        schema.upgrade(engine, revision)
        with engine.begin() as connection:
            fill(connection, revision)
        full = counts(engine)
        assert set(full) - set(before) == made, f"rows.py has other tables than {revision} makes"
        assert set(before) - set(full) == set(given_up), revision
        assert all(full[name] > taken_in.get(name, 0) for name in made), (revision, full)

        schema.downgrade(engine, below)
        left = counts(engine)
        assert not set(left) & made, revision
        kept = full | {name: before[name] for name in given_up}
        assert left == {name: kept[name] for name in left}, revision

        schema.upgrade(engine, revision)
        again = counts(engine)
        stays = {name: number for name, number in left.items() if name not in given_up}
        assert {name: again[name] for name in stays} == stays, revision
        assert {name: again[name] for name in made} == {
            name: taken_in.get(name, 0) for name in made
        }, revision
        with engine.begin() as connection:
            fill(connection, revision)
        below, before = revision, full
    schema.downgrade(engine, "base")
    assert counts(engine) == {}


def test_the_database_itself_refuses_what_no_form_should_send(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda c, _r: c.execute("PRAGMA foreign_keys=ON"))
    schema.upgrade(engine)
    valid: dict[str, dict[str, Any]] = {}
    for revision in REVISIONS:
        with engine.begin() as connection:
            fill(connection, revision, at_head=True)
        valid |= ROWS.get(revision, {})
        for name, change in REFUSED.get(revision, []):
            if name in GONE:
                continue
            row = {**valid[name], **change}
            with pytest.raises((IntegrityError, DataError)), engine.begin() as connection:
                put(connection, name, row)
    with engine.connect() as connection:
        valid |= {name: pair_row(connection, name) for name in PAIRS}
    for name, coded in closed_sets():
        row = {**valid[name], coded: "no_such_code"}
        with pytest.raises(IntegrityError, match=f"ck_{name}_"), engine.begin() as connection:
            put(connection, name, row)


def test_words_speak_of_no_part_of_another_record(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda c, _r: c.execute("PRAGMA foreign_keys=ON"))
    for revision in (one for one in REVISIONS if one < "0026"):
        schema.upgrade(engine, revision)
        with engine.begin() as connection:
            fill(connection, revision)
    rows, citation = ROWS["0017"], {"id": 2, "record_id": 2, "part_id": 1}
    with engine.begin() as connection:
        put(connection, "proceedings", {**rows["proceedings"], "id": 2, "ref": "PRC-0000000002"})
        put(connection, "proceeding_citations", {**rows["proceeding_citations"], **citation})
    schema.upgrade(engine, "0026")

    with engine.connect() as connection:
        citing = table_of(connection, "proceeding_citations")
        assert connection.execute(select(citing.c.part_id).where(citing.c.id == 2)).all() == [
            (None,)
        ]
    own = {**rows["proceeding_citations"], **citation, "id": 3, "record_id": 1}
    with engine.begin() as connection:
        put(connection, "proceeding_citations", own)
    with pytest.raises(IntegrityError), engine.begin() as connection:
        put(connection, "proceeding_citations", {**own, "id": 4, "record_id": 2})


def test_the_trail_is_never_changed(engine: Engine) -> None:
    schema.upgrade(engine, "0001")
    with engine.begin() as connection:
        fill(connection, "0001")
    with engine.connect() as connection:
        trail = table_of(connection, "audit_events")
    with pytest.raises(DBAPIError, match="never changed"), engine.begin() as connection:
        connection.execute(update(trail).values(actor="nobody"))
    with pytest.raises(DBAPIError, match="never changed"), engine.begin() as connection:
        connection.execute(delete(trail))
    assert counts(engine)["audit_events"] == 1


def test_a_published_month_is_never_changed(engine: Engine) -> None:
    schema.upgrade(engine)
    with engine.begin() as connection:
        for revision in REVISIONS:
            fill(connection, revision, at_head=True)
    with engine.connect() as connection:
        months = table_of(connection, "published_months")
    with pytest.raises(DBAPIError, match="never changed"), engine.begin() as connection:
        connection.execute(update(months).values(figures={"all": {"all": 41}}))
    with pytest.raises(DBAPIError, match="never changed"), engine.begin() as connection:
        connection.execute(delete(months))
    assert counts(engine)["published_months"] == 1


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_migration_after_which_a_row_has_no_parent_is_not_kept(engine: Engine) -> None:
    schema.upgrade(engine, REVISIONS[-2])
    # A new connection of SQLite's does not look at foreign keys where nobody asks it to.
    engine.dispose()
    with engine.begin() as connection:
        row = {**ROWS["0001"]["sessions"], "user_id": 4711}
        put(connection, "sessions", row)
    with pytest.raises(RuntimeError, match="without their parent"):
        schema.upgrade(engine)
    with engine.connect() as connection:
        revision = select(table("alembic_version", column("version_num")))
        assert connection.scalar(revision) == REVISIONS[-2]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_migration_that_loses_a_trigger_is_not_kept(engine: Engine) -> None:
    schema.upgrade(engine, REVISIONS[-2])
    # A table that a batch makes anew under its own name comes back without its triggers.
    event.listen(engine, "before_cursor_execute", _lose_a_trigger)
    with pytest.raises(RuntimeError, match="dropped triggers"):
        schema.upgrade(engine)
    with engine.connect() as connection:
        revision = select(table("alembic_version", column("version_num")))
        assert connection.scalar(revision) == REVISIONS[-2]
        assert _triggers_of_the_trail(connection)


def _lose_a_trigger(connection: Connection, cursor: Any, statement: str, *_rest: Any) -> None:
    if statement.startswith("UPDATE alembic_version"):
        for name in _triggers_of_the_trail(connection)[:1]:
            cursor.execute(f"DROP TRIGGER {name}")


def _triggers_of_the_trail(connection: Connection) -> list[str]:
    driver: Any = connection.connection.driver_connection
    found = driver.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_events'"
    )
    return [name for (name,) in found]

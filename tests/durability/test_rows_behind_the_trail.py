"""The eighth way to tamper: a record's rows are edited where no entry tells of it; that is shown."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import Connection

from tests.durability.figures import figure
from tests.safety.copies import copy_of_world
from tracker.audit.proof_queries import LoggedState, find_differences
from tracker.audit.queries import stream_entries
from tracker.db import current_engines
from tracker.records import record_models
from tracker.scoping import system_session

EDITS = 200
AT_ONCE = 20
# What each save writes, or what leads a row to its owner; a child says nothing by the others.
NOT_SAID = frozenset({"ref", "version", "updated_at"})
NOT_SAID_BY_CHILDREN = NOT_SAID | {"recorded_at", "cited_at", "visibility"}


@dataclass(frozen=True)
class Place:
    """One value of one row that belongs to a record."""

    ref: str
    table: sa.Table
    column: sa.Column[Any]
    key: tuple[Any, ...]
    value: Any

    def write(self, connection: Connection, value: Any) -> None:
        own = zip(self.table.primary_key.columns, self.key, strict=True)
        here = [column == part for column, part in own]
        connection.execute(sa.update(self.table).where(*here).values({self.column: value}))


@pytest.fixture
def app(database_kind: str) -> Iterator[Flask]:
    """Lend a world in which there is a record of every kind, with children of every kind."""
    with copy_of_world(database_kind) as (app, _world), app.app_context():
        yield app


def shown() -> list[str]:
    with system_session("a test", reading=True, full=True) as session:
        left = LoggedState()
        with closing(stream_entries(session)) as entries:
            for _entry in left.observe(entries):
                pass
        return list(find_differences(session, left))


def places() -> list[Place]:
    """Return every value that somebody might want to edit unseen."""
    with system_session("a test", reading=True) as session:
        return [
            place
            for kind in record_models().values()
            for record in session.scalars(sa.select(kind))
            for place in _places(record.ref, record, NOT_SAID)
        ]


def _places(ref: str, row: Any, left_out: frozenset[str]) -> Iterator[Place]:
    mapper = sa.inspect(type(row))
    key = mapper.primary_key_from_instance(row)
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        told = column.info.get("class") != "confidential" and not attribute.deferred
        if told and not (column.primary_key or column.foreign_keys or attribute.key in left_out):
            value = getattr(row, attribute.key)
            yield Place(ref, column.table, column, tuple(key), value)
    for relation in mapper.relationships:
        if relation.info.get("audited"):
            for child in getattr(row, relation.key):
                yield from _places(ref, child, NOT_SAID_BY_CHILDREN)


def another(chance: random.Random, place: Place) -> Any:
    """Return another value that the column takes, None where there is none."""
    value, kind = place.value, place.column.type
    if isinstance(kind, sa.Enum):
        return chance.choice([one for one in kind.enums if one != str(value)] or [None])
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        return value[:-1] + ("x" if value[-1:] != "x" else "y")
    if isinstance(value, date):
        # An open start is the first day that there is.
        return value + timedelta(days=1) if value.year == 1 else value - timedelta(days=1)
    return value + 1 if isinstance(value, int) else None


def edit_one(chance: random.Random, connection: Connection, of_record: list[Place]) -> Place:
    """Change one value of a record that the database itself lets through."""
    for place in chance.sample(of_record, len(of_record)):
        value = another(chance, place)
        if value is None:
            continue
        try:
            with connection.begin_nested():
                place.write(connection, value)
        except sa.exc.DBAPIError:
            continue
        return place
    raise AssertionError(f"nothing of {of_record[0].ref} can be edited")


def test_an_edit_of_any_row_behind_the_trail_is_shown(app: Flask, database_kind: str) -> None:
    assert shown() == []
    chance = random.Random(8)
    by_record: dict[str, list[Place]] = {}
    for place in places():
        by_record.setdefault(place.ref, []).append(place)

    seen = 0
    edited: set[str] = set()
    for _round in range(EDITS // AT_ONCE):
        with current_engines().full_writing.begin() as connection:
            refs = chance.sample(sorted(by_record), AT_ONCE)
            done = [edit_one(chance, connection, by_record[ref]) for ref in refs]
        records = [one for one in shown() if one.startswith("record ")]
        assert sorted(records) == sorted(
            f"record {ref} differs from its last entry" for ref in refs
        ), [f"{one.column}" for one in done]
        seen += len(done)
        edited |= {str(one.column) for one in done}
        with current_engines().full_writing.begin() as connection:
            for one in done:
                one.write(connection, one.value)

    assert shown() == []
    assert len(edited) > 50
    figure(
        f"tampering: edit a row behind the audit log, {database_kind}",
        f"{seen} of {EDITS} shown",
        EDITS,
    )


def test_rows_that_were_deleted_are_shown_by_the_command(app: Flask) -> None:
    child = next(one for one in places() if one.table.name == "incident_actors")
    gone = next(one for one in places() if one.table.name == "institutions")
    with current_engines().full_writing.begin() as connection:
        connection.execute(sa.delete(child.table).where(child.table.c.id == child.key[0]))
    answer = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert answer.exit_code == 1
    assert answer.output == f"record {child.ref} differs from its last entry\n"

    without_foreign_keys(f"DELETE FROM institutions WHERE id = {gone.key[0]}")
    assert f"record {gone.ref} is missing" in shown()


def without_foreign_keys(statement: str) -> None:
    """Do what only somebody with the database file or password can do."""
    engine = current_engines().full_writing
    if engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(str(engine.url.database))) as file, file:
            file.execute(statement)
        return
    with engine.begin() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql(statement)
        connection.exec_driver_sql("SET session_replication_role = origin")


def test_a_record_that_was_slipped_in_is_shown(app: Flask) -> None:
    one = next(place for place in places() if place.table.name == "incidents")
    copied = [column for column in one.table.columns if column.name not in {"id", "ref"}]
    forged = sa.select(sa.literal(99_999), sa.literal("INC-FFFFFFFFFF"), *copied)
    with current_engines().full_writing.begin() as connection:
        names = ["id", "ref", *(column.name for column in copied)]
        connection.execute(
            sa.insert(one.table).from_select(names, forged.where(one.table.c.id == one.key[0]))
        )
    assert shown() == ["record INC-FFFFFFFFFF has no entry"]

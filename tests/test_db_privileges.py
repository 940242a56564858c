"""What each kind of connection is refused by the database itself, on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import as_user, make_incident
from tracker import db_privileges
from tracker.db import WRITE_LOCK_ID, Base, current_engines, db, set_full_access
from tracker.incidents.guarded_models import IncidentConfidential
from tracker.permissions import Visibility

CONFIDENTIAL = [
    (table.name, column.name)
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if column.info.get("class") == "confidential" and table.name.endswith("_confidential")
]
WAYS = [
    "SELECT {column} FROM {table}",
    "SELECT 1 FROM {table} WHERE {column} IS NOT NULL",
    "SELECT 1 FROM {table} ORDER BY {column}",
    "SELECT max({column}) FROM {table}",
    "SELECT count(*) FROM {table}",
    "SELECT u.name FROM users u JOIN {table} t ON CAST(t.{column} AS text) = u.name",
    "SELECT (SELECT {column} FROM {table} LIMIT 1) FROM users",
    "WITH public_export AS (SELECT {column} FROM {table}) SELECT * FROM public_export",
    "SELECT name FROM users UNION SELECT CAST({column} AS text) FROM {table}",
    "SELECT * FROM {table}",
    "DELETE FROM {table}",
    "UPDATE {table} SET {column} = NULL",
    "INSERT INTO {table} SELECT * FROM {table}",
    "CREATE TEMP VIEW public_export AS SELECT {column} FROM {table}",
]
OTHER_TRICKS = {
    "sqlite": [
        "ATTACH DATABASE ':memory:' AS other",
        "PRAGMA writable_schema = ON",
        "PRAGMA foreign_keys = OFF",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "DROP TABLE incidents",
        "ALTER TABLE incidents ADD COLUMN x TEXT",
        "CREATE VIEW v AS SELECT 1",
        "DROP TRIGGER audit_events__no_UPDATE",
        "DELETE FROM audit_events",
        "UPDATE audit_events SET actor = 'x'",
    ],
    "postgresql": [
        "SET ROLE postgres",
        "DROP TABLE incidents",
        "ALTER TABLE incidents ADD COLUMN x TEXT",
        "CREATE TABLE public.v (x int)",
        "ALTER TABLE audit_events DISABLE TRIGGER ALL",
        "DELETE FROM audit_events",
        "UPDATE audit_events SET actor = 'x'",
        "TRUNCATE audit_events",
        # What pg_dump could not read, or would have to wait for.
        "SELECT lo_create(0)",
        "SELECT lo_creat(-1)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT lo_import('/etc/hostname')",
        "CREATE TEMP TABLE t (x int)",
        "CREATE SCHEMA s",
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SELECT pg_advisory_lock(7401)",
        "SELECT pg_try_advisory_lock(7401)",
        "SELECT pg_advisory_lock_shared(7401)",
        "SELECT pg_advisory_xact_lock(7401, 0)",
        "LOCK TABLE audit_events IN SHARE MODE NOWAIT",
        "LOCK TABLE incidents_confidential IN ACCESS SHARE MODE NOWAIT",
        "LOCK TABLE alembic_version IN ROW SHARE MODE NOWAIT",
        "LOCK TABLE public_export IN ROW SHARE MODE NOWAIT",
    ],
}


refused = db_privileges.is_statement_refused


def test_confidential_columns_are_known():
    assert len(CONFIDENTIAL) >= 18


@pytest.mark.parametrize("power", ["writing", "export"])
def test_a_lesser_connection_reads_no_confidential_column_in_any_way(
    app: Flask, power: str
) -> None:
    with app.app_context():
        engine = getattr(current_engines(), power)
        let_through = [
            statement
            for table, column in CONFIDENTIAL
            for way in WAYS
            if not refused(engine, statement := way.format(table=table, column=column))
        ]
        assert let_through == []


@pytest.mark.parametrize("power", ["writing", "export"])
def test_a_lesser_connection_changes_neither_tables_nor_trail(app: Flask, power: str) -> None:
    with app.app_context():
        engine = getattr(current_engines(), power)
        tricks = OTHER_TRICKS[engine.dialect.name]
        assert [one for one in tricks if not refused(engine, one)] == []


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_the_export_connection_keeps_nobody_from_writing(app: Flask) -> None:
    with app.app_context():
        export = current_engines().export
        tables = sa.inspect(current_engines().full_reading).get_table_names()
        locks = [f'LOCK TABLE "{table}" IN ACCESS SHARE MODE NOWAIT' for table in tables]
        locks += [f"SELECT pg_advisory_xact_lock({WRITE_LOCK_ID})"]
        assert [one for one in locks if not refused(export, one)] == []


def test_the_export_connection_reads_the_public_view_and_nothing_else(app: Flask) -> None:
    with app.app_context():
        export = current_engines().export
        with export.connect() as connection:
            assert connection.exec_driver_sql("SELECT * FROM public_export").fetchall() == []
            assert connection.exec_driver_sql("SELECT count(ref) FROM public_export").scalar() == 0
        tables = sa.inspect(current_engines().full_reading).get_table_names()
        assert len(tables) > 50
        let_through = [
            table for table in tables if not refused(export, f'SELECT count(*) FROM "{table}"')
        ]
        assert let_through == []
        behind = [
            "SELECT narrative FROM incidents",
            "SELECT ref FROM incidents",
            "SELECT title FROM publications",
            "WITH public_export AS (SELECT narrative FROM incidents) SELECT * FROM public_export",
            "WITH public_export AS (SELECT name FROM users) SELECT * FROM public_export",
            "with public_export AS (SELECT ref, state FROM incidents) SELECT * FROM public_export",
            "SELECT (WITH public_export AS (SELECT id FROM incidents) SELECT id FROM public_export)",
        ]
        assert [one for one in behind if not refused(export, one)] == []


def test_the_full_connection_reads_what_the_others_may_not(app: Flask) -> None:
    with as_user(app) as user:
        incident = make_incident(by=user)
        number, team = incident.id, incident.team_id
        db.session.commit()
        db.session.remove()
        set_full_access()
        db.session.add(IncidentConfidential(incident_id=number, team_id=team, witness_names="Bota"))
        db.session.commit()
        with current_engines().full_reading.connect() as connection:
            rows = connection.execute(sa.select(sa.func.count()).select_from(IncidentConfidential))
            assert rows.scalar() == 1


def test_a_record_with_confidential_rows_is_edited_on_a_lesser_connection(app: Flask) -> None:
    with as_user(app) as user:
        incident = make_incident(by=user)
        number, team = incident.id, incident.team_id
        db.session.commit()
        with current_engines().full_writing.begin() as connection:
            connection.execute(
                sa.insert(IncidentConfidential).values(
                    incident_id=number, team_id=team, version=1, witness_names="Bota"
                )
            )
        incident.visibility = Visibility.RESTRICTED
        incident.place = "Almaty"
        db.session.commit()
        assert incident.place == "Almaty"


@pytest.mark.parametrize("kind", sorted(db_privileges.FORBIDDEN_STATEMENTS))
def test_the_doctors_probe_tells_a_lesser_connection_from_a_full_one(app: Flask, kind: str) -> None:
    with app.app_context():
        lesser = {"low": current_engines().writing, "export": current_engines().export}[kind]

        assert db_privileges.find_runnable_forbidden_statements(lesser, kind) == []
        assert (
            len(
                db_privileges.find_runnable_forbidden_statements(
                    current_engines().full_writing, kind
                )
            )
            >= 2
        )

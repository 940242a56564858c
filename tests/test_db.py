"""What every connection to the database is set to, and what it refuses by itself."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection

from tests.factories import as_user, make_journalist
from tracker.db import current_engines, db, large_page_cache
from tracker.serving import SERVER_THREADS

PRAGMAS = {
    "journal_mode": "wal",
    "foreign_keys": 1,
    "synchronous": 2,  # FULL
    "secure_delete": 1,
    "trusted_schema": 0,
    "recursive_triggers": 1,
    "busy_timeout": 15_000,
}


FACES = ["reading", "writing", "full_reading", "full_writing", "export"]


@pytest.mark.parametrize("face", FACES)
def test_every_pooled_connection_has_its_pragmas(app: Flask, face: str) -> None:
    with app.app_context():
        engine = getattr(current_engines(), face)
        if engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL has no pragmas")
        held = [engine.raw_connection() for _ in range(3)]
        try:
            for connection in held:
                found = {name: _pragma(connection, name) for name in PRAGMAS}
                assert found == PRAGMAS
        finally:
            for connection in held:
                connection.close()


@pytest.mark.parametrize("face", FACES)
def test_no_thread_of_the_server_waits_for_a_connection(app: Flask, face: str) -> None:
    with app.app_context():
        pool = getattr(current_engines(), face).pool
    # That of a request, and that of a short write beside it.
    assert pool.size() + pool._max_overflow >= 2 * SERVER_THREADS


@pytest.mark.parametrize("face", FACES)
def test_an_error_of_the_database_repeats_nothing_that_was_typed(app: Flask, face: str) -> None:
    with (
        app.app_context(),
        getattr(current_engines(), face).connect() as connection,
        pytest.raises(DBAPIError) as refused,
    ):
        connection.execute(text("SELECT :typed FROM nowhere"), {"typed": "Anna-Canary"})
    assert "nowhere" in str(refused.value)
    assert "Canary" not in str(refused.value)


def test_more_pages_are_kept_for_many_rows_and_no_longer(app: Flask) -> None:
    def kept() -> Any:
        return db.session.connection().exec_driver_sql("PRAGMA cache_size").scalar_one()

    with app.app_context():
        if current_engines().writing.dialect.name != "sqlite":
            pytest.skip("PostgreSQL has no pragmas")
        usual = kept()
        # In KiB, where it is below nought.
        with large_page_cache():
            assert kept() < usual < 0
        assert kept() == usual


def test_who_only_reads_cannot_write_whoever_had_the_connection_before(app: Flask) -> None:
    change = text("UPDATE incidents SET version = version")
    with app.app_context():
        for _turn in range(2):
            with (
                current_engines().reading.connect() as connection,
                pytest.raises(DBAPIError, match=r"readonly|read-only"),
            ):
                connection.execute(change)
            with current_engines().writing.begin() as connection:
                connection.execute(change)


def test_what_was_read_before_is_not_planned_again(app: Flask) -> None:
    planned = 0

    def count(action: int, *_what: object) -> int:
        nonlocal planned
        planned += action == sqlite3.SQLITE_SELECT
        return sqlite3.SQLITE_OK

    with app.app_context():
        reading = current_engines().full_reading
        if reading.dialect.name != "sqlite":
            pytest.skip("PostgreSQL forgets no plan when a transaction begins")
        raw: Any = reading.raw_connection()
        raw.driver_connection.set_authorizer(count)
        raw.close()
        for turn in ("first", "second"):
            with reading.connect() as connection:
                planned = 0
                # About as many different ones as the pages ask that somebody is on all day.
                for n in range(300):
                    connection.exec_driver_sql(f"SELECT ref FROM incidents LIMIT {n}")
            assert (planned == 0) is (turn == "second")


def test_a_save_after_reading_plans_no_statement_again(app: Flask) -> None:
    planned = 0

    def count(action: int, *_what: object) -> int:
        nonlocal planned
        planned += action == sqlite3.SQLITE_SELECT
        return sqlite3.SQLITE_OK

    with app.app_context():
        writing = current_engines().writing
        if writing.dialect.name != "sqlite":
            pytest.skip("PostgreSQL forgets no plan when a transaction begins")
        raw: Any = writing.raw_connection()
        raw.driver_connection.set_authorizer(count)
        raw.close()
        for turn in ("first", "second"):
            with current_engines().reading.connect() as connection:
                connection.exec_driver_sql("SELECT ref FROM journalists")
            with writing.begin() as connection:
                planned = 0
                connection.exec_driver_sql("SELECT ref FROM incidents")
            assert (planned == 0) is (turn == "second")


def _pragma(connection: PoolProxiedConnection, name: str) -> Any:
    cursor = connection.cursor()
    try:
        return cursor.execute(f"PRAGMA {name}").fetchone()[0]
    finally:
        cursor.close()


def test_nothing_gets_past_the_triggers_of_the_trail(app: Flask) -> None:
    with as_user(app):
        pass
    with app.app_context(), current_engines().full_writing.connect() as connection:
        if connection.dialect.name == "sqlite":
            evasion = "INSERT OR REPLACE INTO audit_events SELECT * FROM audit_events"
        else:
            evasion = "TRUNCATE audit_events"
        with pytest.raises(DBAPIError, match="never changed"):
            connection.execute(text(evasion))


def test_after_many_rows_sqlite_plans_by_statistics_that_hold_no_value(app: Flask) -> None:
    if app.config["TRACKER"].database_url.startswith("postgresql"):
        return
    with as_user(app) as user:
        make_journalist("Anna Roe", by=user)
        db.session.commit()
        assert statistics() == {}
        with large_page_cache():
            make_journalist("Bela Roe", by=user)
        db.session.rollback()
        assert statistics() == {}
        with large_page_cache():
            make_journalist("Bela Roe", by=user)
        db.session.commit()
        found = statistics()
    assert found["ix_journalists_country"].startswith("2 ")
    with app.app_context(), current_engines().reading.connect() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master")).scalars().all()
        assert "sqlite_stat1" in names
        if "sqlite_stat4" in names:
            assert connection.execute(text("SELECT count(*) FROM sqlite_stat4")).scalar() == 0


def statistics() -> dict[str, str]:
    with current_engines().full_reading.connect() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master")).scalars().all()
        if "sqlite_stat1" not in names:
            return {}
        rows = connection.execute(text("SELECT idx, stat FROM sqlite_stat1"))
        return {str(idx): str(stat) for idx, stat in rows}

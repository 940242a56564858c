"""What every connection to the database is set to, and what it refuses by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.factories import acting
from tracker.db import db, engines, roomy

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.pool import PoolProxiedConnection

PRAGMAS = {
    "journal_mode": "wal",
    "foreign_keys": 1,
    "synchronous": 2,  # FULL
    "secure_delete": 1,
    "trusted_schema": 0,
    "recursive_triggers": 1,
    "busy_timeout": 15_000,
}


@pytest.mark.parametrize("face", ["reading", "writing", "full_reading", "full_writing", "export"])
def test_every_pooled_connection_has_its_pragmas(app: Flask, face: str) -> None:
    with app.app_context():
        engine = getattr(engines(), face)
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


def test_more_pages_are_kept_for_many_rows_and_no_longer(app: Flask) -> None:
    def kept() -> Any:
        return db.session.connection().exec_driver_sql("PRAGMA cache_size").scalar_one()

    with app.app_context():
        if engines().writing.dialect.name != "sqlite":
            pytest.skip("PostgreSQL has no pragmas")
        usual = kept()
        # In KiB, where it is below nought.
        with roomy():
            assert kept() < usual < 0
        assert kept() == usual


def _pragma(connection: PoolProxiedConnection, name: str) -> Any:
    cursor = connection.cursor()
    try:
        return cursor.execute(f"PRAGMA {name}").fetchone()[0]
    finally:
        cursor.close()


def test_nothing_gets_past_the_triggers_of_the_trail(app: Flask) -> None:
    with acting(app):
        pass
    with app.app_context(), engines().full_writing.connect() as connection:
        if connection.dialect.name == "sqlite":
            evasion = "INSERT OR REPLACE INTO audit_events SELECT * FROM audit_events"
        else:
            evasion = "TRUNCATE audit_events"
        with pytest.raises(DBAPIError, match="never changed"):
            connection.execute(text(evasion))

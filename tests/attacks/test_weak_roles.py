"""Whoever holds one of PostgreSQL's lesser roles does not keep the tracker from being backed up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError

from tests.factories import as_user, make_incident
from tests.operating.drills import take
from tracker.db import current_engines, db
from tracker.operating import backup_service, queries
from tracker.operating.container import BackupError

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"])
OWNER = "tracker_owner_for_backups"


@pytest.fixture
def kept(make_app: Callable[..., Flask], tmp_path: Path) -> Flask:
    """Make an application with an instance folder of its own and one incident."""
    (tmp_path / "instance").mkdir()
    app = make_app(instance=tmp_path / "instance")
    with as_user(app) as user:
        make_incident(by=user)
        db.session.commit()
    return app


@pytest.fixture
def owner(kept: Flask) -> Iterator[sa.URL]:
    """Lend a role that reads every table and is no superuser, as the owner of tables is none."""
    with kept.app_context():
        admin = current_engines().full_writing.execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {OWNER} LOGIN IN ROLE pg_read_all_data")
    yield admin.url.set(username=OWNER)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP ROLE {OWNER}")


def test_a_large_object_that_was_left_stops_no_backup(
    kept: Flask, owner: sa.URL, tmp_path: Path
) -> None:
    with kept.app_context():
        full, low = current_engines().full_writing, current_engines().writing
    with full.begin() as connection:
        connection.exec_driver_sql("GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC")
    with low.begin() as connection:
        connection.exec_driver_sql("SELECT lo_create(0)")

    with queries.snapshot_transaction(full) as (_connection, name):
        backup_service.dump_postgresql(
            tmp_path / "dump",
            access=queries.connection_environment(owner),
            server=queries.get_postgresql_version(full),
            snapshot=name,
        )
    assert (tmp_path / "dump").stat().st_size > 0


@pytest.mark.parametrize("role", ["writing", "export"])
def test_a_table_that_a_lesser_role_locks_stops_no_backup(
    kept: Flask, tmp_path: Path, role: str
) -> None:
    with kept.app_context():
        full, lesser = current_engines().full_writing, getattr(current_engines(), role)
    with full.begin() as connection:
        # Even where it was given a right by mistake.
        connection.exec_driver_sql("GRANT UPDATE ON incidents TO tracker_export")
    with sa.create_engine(lesser.url, poolclass=sa.NullPool).connect() as connection:
        connection.exec_driver_sql("LOCK TABLE incidents IN ACCESS EXCLUSIVE MODE")
        ended = take(kept, tmp_path / "monday.backup")
        assert ended.exit_code == 0, ended.output
        with pytest.raises(OperationalError):
            connection.exec_driver_sql("SELECT 1")
        connection.invalidate()


def test_a_table_that_stays_locked_is_told_in_one_line(
    kept: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_service, "LOCK_TIMEOUT_SECONDS", 0.2)
    with kept.app_context():
        full, low = current_engines().full_reading, current_engines().writing
    with queries.snapshot_transaction(full) as (_connection, name), low.connect() as other:
        other.exec_driver_sql("LOCK TABLE incidents IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(BackupError, match="pg_dump failed: somebody keeps a table locked"):
            backup_service.dump_postgresql(
                tmp_path / "dump",
                access=queries.connection_environment(full.url),
                server=queries.get_postgresql_version(full),
                snapshot=name,
            )

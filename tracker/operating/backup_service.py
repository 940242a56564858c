"""Taking a backup of the database in use: people go on working meanwhile."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import ProgrammingError

from tracker import clock, schema
from tracker.operating import copying, queries
from tracker.operating.container import (
    DATABASE,
    WORKSPACE,
    BackupError,
    Manifest,
    pack,
    publish,
    refuse_existing,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine


def take_backup(
    engine: Engine, target: Path, *, workspace: Path, recipient: str | None
) -> Manifest:
    """Write a backup of the engine's database, whole or not at all.

    What lies there meanwhile is not encrypted: the workspace is where the database is, not where
    the backup goes, which may be a disk that somebody carries.
    """
    refuse_existing(target)
    try:
        with tempfile.TemporaryDirectory(prefix=WORKSPACE, dir=workspace) as name:
            copy = Path(name) / DATABASE
            copied = _copied_sqlite if engine.dialect.name == "sqlite" else _copied_postgresql
            manifest = copied(engine, copy)
            archive = Path(name) / "archive"
            pack(copy, manifest, archive)
            publish(archive, target, recipient)
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {error.strerror or error}") from error
    return manifest


def _copied_sqlite(engine: Engine, copy: Path) -> Manifest:
    copying.copy_sqlite(Path(engine.url.database or ""), copy)
    # Counted in the copy: the live database has gone on.
    copied = create_engine(f"sqlite:///{copy}", poolclass=NullPool)
    wrong = queries.damage(copied)
    if wrong is not None:
        raise BackupError(f"The database itself is damaged: {wrong}")
    with copied.connect() as connection:
        counts, head = queries.counts(connection), queries.head(connection)
    return Manifest(
        kind="sqlite",
        revision=_revision(copied),
        counts=counts,
        head=head,
        taken_at=clock.now().isoformat(),
    )


def _copied_postgresql(engine: Engine, copy: Path) -> Manifest:
    try:
        queries.end_exclusive_locks(engine)
    except ProgrammingError as error:
        raise BackupError(
            "Somebody has locked a table, and this role may not end their session: "
            "GRANT pg_signal_backend, see docs/deploying.md."
        ) from error
    server, revision = queries.server_version(engine), _revision(engine)
    with queries.snapshot(engine) as (connection, name):
        counts, head = queries.counts(connection), queries.head(connection)
        copying.dump_postgresql(
            copy, access=queries.access(engine.url), server=server, snapshot=name
        )
    return Manifest(
        kind="postgresql",
        revision=revision,
        counts=counts,
        head=head,
        taken_at=clock.now().isoformat(),
        server=server,
    )


def _revision(engine: Engine) -> str:
    found = schema.current_revision(engine)
    if found is None:
        raise BackupError("There is nothing to back up: the database is empty.")
    return found

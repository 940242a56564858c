"""Restoring a backup into a new place, and proving that all of it is there."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import NullPool, create_engine, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tracker import clock, schema
from tracker.audit.chain import first_break
from tracker.audit.queries import whole_trail
from tracker.audit.sealing_service import accept_unsigned, begin_newest_key, bring_up
from tracker.audit.service import record_event
from tracker.operating import container, copying, queries
from tracker.operating.container import BackupError
from tracker.permissions import Console
from tracker.users.models import UserSession

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from tracker.config import Settings
    from tracker.operating.container import Manifest

FILE = "tracker.db"


def restore(
    source: Path, folder: Path, *, identity: Path | None, server: Engine, settings: Settings
) -> tuple[Manifest, Path | None]:
    """Restore a backup and return what it held, and the file of SQLite that was made of it.

    An SQLite database becomes a file in the folder; one of PostgreSQL goes into the empty database
    of `server`. What cannot be proved whole leaves nothing behind.
    """
    with _new_folder(folder) as workspace:
        try:
            archive = container.opened(source, workspace, identity)
            manifest, database = container.unpack(archive, workspace)
        except OSError as error:
            raise BackupError(f"{source} cannot be read: {error.strerror or error}") from error
        _refuse_newer(manifest)
        if manifest.kind == "sqlite":
            _prove_sqlite(database, manifest, settings)
            database.replace(folder / FILE)
            return manifest, (folder / FILE).resolve()
        _load(database, manifest, server, settings)
    return manifest, None


def _prove_sqlite(database: Path, manifest: Manifest, settings: Settings) -> None:
    engine = create_engine(f"sqlite:///{database}", poolclass=NullPool)
    try:
        prove(engine, manifest)
        take_over(engine, manifest, settings)
    except SQLAlchemyError as error:
        raise BackupError(f"The restored database does not answer: {_cause(error)}") from error


def _load(dump: Path, manifest: Manifest, server: Engine, settings: Settings) -> None:
    if server.dialect.name != "postgresql":
        raise BackupError(
            "This is a backup of PostgreSQL: let TRACKER_DATABASE_URL name an empty database."
        )
    try:
        if not queries.is_empty(server):
            raise BackupError("The database that TRACKER_DATABASE_URL names is not empty.")
        version = max(manifest.server, queries.server_version(server))
        copying.load_postgresql(dump, access=queries.access(server.url), server=version)
    except SQLAlchemyError as error:
        raise BackupError(f"The database does not answer: {_cause(error)}") from error
    try:
        prove(server, manifest)
        take_over(server, manifest, settings)
    except SQLAlchemyError as error:
        queries.empty_again(server)
        raise BackupError(f"The restored database does not answer: {_cause(error)}") from error
    except BackupError:
        queries.empty_again(server)
        raise


def prove(engine: Engine, manifest: Manifest) -> None:
    """Raise BackupError unless a restored database is whole and holds what its backup held."""
    wrong = queries.damage(engine)
    if wrong is not None:
        raise BackupError(f"The restored database is damaged: {wrong}")
    revision = schema.current_revision(engine)
    if revision != manifest.revision:
        raise BackupError(f"The restored database is at {revision}, not at {manifest.revision}.")
    with engine.connect() as connection:
        counts, head = queries.counts(connection), queries.head(connection)
    for name in sorted({*counts, *manifest.counts}):
        if counts.get(name) != manifest.counts.get(name):
            raise BackupError(
                f"The restored table {name} has {counts.get(name, 'no')} rows, the backup had "
                f"{manifest.counts.get(name, 'none')}."
            )
    if head != manifest.head:
        raise BackupError(f"The restored trail ends with {head}, that of the backup with another.")


def take_over(engine: Engine, manifest: Manifest, settings: Settings) -> None:
    """Bring a restored database up to this tracker, prove its trail, and let no old cookie in.

    Sessions that ended after the backup would be alive again, and so would those of people who were
    disabled since. Whoever restores a backup trusts the entries in it that are older than MACs.
    """
    if manifest.revision != schema.revisions()[-1]:
        bring_up(engine, settings, is_restored=True)
    with Session(engine) as session:
        with closing(whole_trail(session)) as entries:
            broken = first_break(entries)
        if broken is not None:
            raise BackupError(f"The restored trail is {broken}")
        session.rollback()
        with session.begin():
            running = update(UserSession).where(UserSession.ended_at.is_(None))
            session.execute(running.values(ended_at=clock.now()))
            told = {"taken_at": manifest.taken_at, "head": manifest.head}
            # Whoever restores may have no key of what was before, or changed it since.
            begin_newest_key(session, settings)
            accept_unsigned(session, settings)
            # The console may not have been made by then.
            record_event("backup:restore", "tracker", by=Console(), changes=told, session=session)


def _refuse_newer(manifest: Manifest) -> None:
    if manifest.revision not in schema.revisions():
        raise BackupError(
            f"This backup is of a newer tracker: its revision {manifest.revision} is unknown here."
        )


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Make the folder, refuse one with anything in it, and leave none behind where all fails."""
    is_new = not folder.exists()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BackupError(f"{folder} is not empty; a backup is restored into a new place only.")
        workspace = Path(tempfile.mkdtemp(prefix="restoring-", dir=folder))
    except OSError as error:
        raise BackupError(f"{folder} cannot be made: {error.strerror or error}") from error
    done = False
    try:
        yield workspace
        done = True
    finally:
        shutil.rmtree(workspace, ignore_errors=True)
        if is_new and not done:
            shutil.rmtree(folder, ignore_errors=True)


def _cause(error: SQLAlchemyError) -> str:
    """Return what the driver says, in one line; statement and values stay out of it."""
    return str(getattr(error, "orig", None) or type(error).__name__).partition("\n")[0]

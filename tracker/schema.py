"""Migrations by Alembic: migrate a database up or down, and return its revision."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine

from tracker import db_privileges
from tracker.config import Settings
from tracker.errors import TrackerError

# The folder of the migrations.
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def alembic_config(engine: Engine) -> Config:
    """Return the Alembic configuration for an engine."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Apply the migrations up to a revision, each completely or not at all."""
    require_known_revision(engine)
    command.upgrade(alembic_config(engine), revision)


def require_known_revision(engine: Engine) -> None:
    """Raise TrackerError for a database that a newer version of the tracker has migrated."""
    at = current_revision(engine)
    if at is not None and at not in list_revisions():
        raise TrackerError(
            f"The database is at migration {at}, which this version of the tracker does not know: "
            "install the newer version, or restore a backup made before."
        )


def upgrade_and_grant_privileges(owner: Engine, settings: Settings, revision: str = "head") -> None:
    """Apply the migrations, and grant PostgreSQL's restricted roles access to the new tables.
    `owner`: an engine of the role that owns the tables.
    """
    upgrade(owner, revision)
    if current_revision(owner) == newest_revision():
        db_privileges.grant_role_privileges(
            owner, low_url=settings.low_database_url, export_url=settings.export_database_url
        )


def downgrade(engine: Engine, revision: str) -> None:
    """Revert migrations down to a revision, or to "base"."""
    command.downgrade(alembic_config(engine), revision)


def write_migration(message: str) -> None:
    """Write a migration file with the difference between the models and the newest migration."""
    with TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/migrated.db")
        upgrade(engine)
        number = f"{len(list_revisions()) + 1:04d}"
        command.revision(alembic_config(engine), message, autogenerate=True, rev_id=number)
        engine.dispose()


def current_revision(engine: Engine) -> str | None:
    """Return the migration revision of a database; None if it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache
def newest_revision() -> str:
    """Return the newest migration revision of this version of the tracker."""
    return list_revisions()[-1]


def list_revisions() -> list[str]:
    """Return all migration revisions, the oldest first."""
    script = ScriptDirectory(str(MIGRATIONS))
    return [one.revision for one in reversed(list(script.walk_revisions()))]

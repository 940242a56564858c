"""`flask backup` and `flask restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from tracker.audit.service import record_event
from tracker.console import Command, fail
from tracker.db import db, engines
from tracker.errors import KeyMissing
from tracker.operating import restore_service
from tracker.operating.backup_service import take_backup
from tracker.users.service import console_actor

if TYPE_CHECKING:
    from tracker.config import Settings

FILE = click.Path(path_type=Path)


@click.command("backup", cls=Command)
@with_appcontext
@click.argument("file", type=FILE)
def backup(file: Path) -> None:
    """Write a backup of the whole database to FILE; people go on working."""
    settings: Settings = current_app.config["TRACKER"]
    recipient = settings.backup_recipient
    try:
        # On PostgreSQL nobody who saves is waited for.
        engine = engines().full_reading
        manifest = take_backup(engine, file, workspace=settings.instance, recipient=recipient)
    except SQLAlchemyError as error:
        fail(f"The database does not answer: {type(error).__name__}")
    try:
        told = {"head": manifest.head, "encrypted": recipient is not None}
        record_event("backup:take", "tracker", by=console_actor(), changes=told)
        db.session.commit()
    except KeyMissing as error:
        fail(f"{file} is whole, but the audit log does not say so. {error}")
    except SQLAlchemyError:
        fail(f"{file} is whole, but the trail does not say so: the database takes nothing in.")
    secrecy = "encrypted" if recipient else "NOT encrypted: TRACKER_BACKUP_RECIPIENT is not set"
    click.echo(f"ok {sum(manifest.counts.values())} rows, trail {manifest.head} ({secrecy})")


@click.command("restore", cls=Command)
@with_appcontext
@click.argument("file", type=FILE)
@click.argument("folder", type=FILE, metavar="DIR")
@click.option("--identity", type=FILE, metavar="KEYFILE", help="The age key of the backup.")
def restore(file: Path, folder: Path, identity: Path | None) -> None:
    """Restore the backup FILE into the new folder DIR (PostgreSQL: into an empty database)."""
    manifest, made = restore_service.restore(
        file, folder, identity=identity, server=db.engine, settings=current_app.config["TRACKER"]
    )
    rows = sum(manifest.counts.values())
    click.echo(f"ok {rows} rows of {manifest.taken_at}, trail {manifest.head}")
    setting = f"TRACKER_DATABASE_URL=sqlite:///{made} " if made else ""
    click.echo(f"Start on it: {setting}make run (everybody signs in anew)")

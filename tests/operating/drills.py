"""What the tests of backups do by hand: take one, restore it somewhere new, look into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyrage
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from tests import databases
from tests.conftest import let_go, new_app
from tests.databases import Database
from tests.factories import as_user, make_incident
from tracker.db import db
from tracker.incidents.models import Incident


def log_some(app: Flask, number: int = 3) -> list[str]:
    """Log incidents and return their refs."""
    with as_user(app) as staff:
        refs = [make_incident(who=f"an editor, {one}", by=staff).ref for one in range(number)]
        db.session.commit()
    return refs


def take(app: Flask, file: Path) -> Result:
    return app.test_cli_runner().invoke(args=["backup", str(file)])


def taken(app: Flask, file: Path) -> Path:
    """Take a backup that must succeed."""
    ended = take(app, file)
    assert ended.exit_code == 0, ended.output
    return file


def new_key(folder: Path, name: str = "key.txt") -> tuple[str, Path]:
    """Return the public key of a new identity, and the file as age-keygen writes it."""
    identity = pyrage.x25519.Identity.generate()
    file = folder / name
    file.write_text(f"# created: 2026-01-01\n# public key: {identity.to_public()}\n{identity}\n")
    return str(identity.to_public()), file


@contextmanager
def elsewhere(kind: str, folder: Path, **given: str) -> Iterator[Flask]:
    """Lend a tracker of another machine: nothing in it, but an empty database if one is needed."""
    with databases.fresh(kind, migrated=False) as empty:
        folder.mkdir()
        app = new_app(empty, instance=folder, **given)
        try:
            yield app
        finally:
            let_go(app)


def restore(app: Flask, file: Path, folder: Path, *more: str) -> Result:
    return app.test_cli_runner().invoke(args=["restore", str(file), str(folder), *more])


@contextmanager
def started_on(app: Flask, folder: Path) -> Iterator[Flask]:
    """Start a tracker on what was restored, as the command says."""
    settings = app.config["TRACKER"]
    url, lesser = settings.database_url, (settings.low_database_url, settings.export_database_url)
    if url.startswith("sqlite"):
        url = f"sqlite:///{folder / 'tracker.db'}"
    kept = {"instance": settings.instance, "audit_key": settings.audit_key}
    started = new_app(Database("", url, *lesser), **kept)
    try:
        # As the server does when it starts: the lesser roles are let at what was restored.
        assert started.test_cli_runner().invoke(args=["db", "upgrade"]).exit_code == 0
        yield started
    finally:
        let_go(started)


def refs_in(app: Flask) -> list[str]:
    with as_user(app):
        return list(db.session.scalars(select(Incident.ref).order_by(Incident.id)))

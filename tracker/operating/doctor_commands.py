"""`flask doctor`: says of the set-up, line by line, whether it is what it promises to be."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from tracker import clock, powers, schema
from tracker.audit.sealing_service import is_key_here
from tracker.config import AUDIT_KEYS
from tracker.console import Command, fail
from tracker.db import db, engines
from tracker.operating import checks, queries
from tracker.operating.checks import Finding, Verdict
from tracker.operating.gate import switch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.config import Settings


@click.command("doctor", cls=Command)
@with_appcontext
def doctor() -> None:
    """Check the set-up, a line a check; end with 1 where something FAILs."""
    failed = 0
    for check in CHECKS:
        try:
            findings = list(check())
        except SQLAlchemyError as error:
            name = check.__name__.strip("_")
            said = f"the database does not answer ({type(error).__name__})"
            findings = [Finding(Verdict.FAIL, name, said)]
        for finding in findings:
            click.echo(str(finding))
            failed += finding.verdict is Verdict.FAIL
    if failed:
        fail(f"{failed} of the checks failed")


def _settings() -> Iterator[Finding]:
    yield from checks.settings(_given())
    yield checks.debug(on=current_app.debug)
    yield checks.panic(switch().state())


def _files() -> Iterator[Finding]:
    instance = _given().instance
    yield checks.mode(instance, 0o700)
    yield checks.mode(instance / "secret_key", 0o600)
    yield checks.mode(instance / AUDIT_KEYS, 0o600)
    yield checks.leftovers(instance)
    database = _database_file()
    if database is not None:
        for suffix in ("", "-wal", "-shm"):
            yield checks.mode(database.with_name(database.name + suffix), 0o600)
    there = database is not None and database.exists()
    place, size = (
        (database.parent, database.stat().st_size) if database and there else (instance, 0)
    )
    yield checks.disk(shutil.disk_usage(place).free, size)


def _connections() -> Iterator[Finding]:
    """Look at connections as the pools give them to requests, of each power that there is."""
    for power, engine in db.engines.items():
        if engine.dialect.name == "sqlite":
            yield checks.pragmas(queries.pragmas(engine), power or "full")
    if db.engine.dialect.name == "postgresql":
        yield checks.durability(queries.durability(db.engine))


def _powers() -> Iterator[Finding]:
    """Try on each lesser connection what it must be refused."""
    for power, engine in (("low", engines().writing), ("export", engines().export)):
        yield checks.power(power, powers.not_refused(engine, power))


def _migrations() -> Iterator[Finding]:
    yield checks.migrations(schema.current_revision(db.engine), schema.revisions()[-1])


def _catalogs() -> Iterator[Finding]:
    folder = str(current_app.config["BABEL_TRANSLATION_DIRECTORIES"])
    yield checks.catalogs(Path(current_app.root_path, folder))


def _audit_key() -> Iterator[Finding]:
    yield checks.audit_key(is_here=is_key_here(db.session(), _given()))


def _backup() -> Iterator[Finding]:
    yield checks.last_backup(queries.last_backup(db.session()), clock.now())


# Each is run whatever the others find.
CHECKS = (_settings, _files, _connections, _powers, _migrations, _audit_key, _catalogs, _backup)


def _given() -> Settings:
    settings: Settings = current_app.config["TRACKER"]
    return settings


def _database_file() -> Path | None:
    url = db.engine.url
    return Path(url.database) if db.engine.dialect.name == "sqlite" and url.database else None

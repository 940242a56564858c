"""`flask reports load-package`: what a package holds, into a tracker that holds nothing."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from tracker.console import fail
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.permissions import Permission
from tracker.reports.packages.loading_files import open_package
from tracker.reports.packages.loading_service import load
from tracker.scoping import Viewer, set_viewer
from tracker.users.service import actor_named

# What the trail can call it.
LONGEST_SUBJECT = 80


@click.command("load-package")
@click.option("--by", metavar="NAME", help="In whose name; the console without it.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def load_package(by: str | None, file: Path) -> None:
    """Load a whole internal package into an empty tracker, or nothing of it."""
    with open_package(file) as package:
        actor = actor_named(by)
        if by is not None and not actor.may(Permission.LOG):
            fail(f"{by} may not log.")
        set_viewer(Viewer(tuple(actor.team_ids)))
        try:
            name = file.name.encode(errors="replace").decode()[:LONGEST_SUBJECT]
            stored = load(package, name, by=actor)
        except InvalidInput:
            db.session.rollback()
            raise
    db.session.commit()
    told = ", ".join(f"{count} {name}" for name, count in stored.items() if count)
    click.echo(f"loaded {told or 'nothing'}")
    click.echo(
        "Originals of sources, what is confidential and decisions about names are in no package."
    )

"""Loading the vocabulary from the command line."""

from __future__ import annotations

import click

from tracker.console import Commands, fail
from tracker.db import db
from tracker.users.queries import user_by_name
from tracker.users.service import console_actor
from tracker.vocabulary.service import load_vocabulary

group = Commands("vocabulary", help="Bring the terms that ship into the database.")


@group.command("load")
@click.option("--by", "name", metavar="NAME", help="In whose name; the console without it.")
def load(name: str | None) -> None:
    """Add new terms and update known ones; nothing is deleted."""
    actor = user_by_name(db.session(), name) if name else console_actor()
    if actor is None:
        fail(f"there is no user {name}")
    loaded = load_vocabulary(actor)
    db.session.commit()
    click.echo(f"{loaded.added} terms added, {loaded.changed} changed")

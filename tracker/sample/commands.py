"""`flask sample load` and `flask sample remove`."""

from __future__ import annotations

import secrets

import click
from flask import current_app

from tracker.console import Commands
from tracker.db import db, use_full_access
from tracker.sample.service import USERS, load_sample, remove_sample
from tracker.scoping import Viewer, set_viewer
from tracker.users.passwords import hasher_of

group = Commands("sample", help="One case to look at, in or out of the database.")


@group.command("load")
def load() -> None:
    """Load the sample case and create its four users."""
    settings = current_app.config["TRACKER"]
    words = load_and_describe(settings.sample_password)
    db.session.commit()
    click.echo(words)


@group.command("remove")
def remove() -> None:
    """Remove the sample from a database that contains nothing else."""
    use_full_access()
    set_viewer(Viewer(()))
    remove_sample()
    db.session.commit()
    click.echo("removed the sample case, its users and its team")


def load_and_describe(password: str | None) -> str:
    """Load the sample and return the message for the person who started it; the caller commits."""
    password = password or secrets.token_urlsafe(12)
    load_sample(password, argon=hasher_of(current_app.config["TRACKER"]))
    return f"A sample case is loaded. Sign in as {', '.join(USERS)} with the password: {password}"

"""`flask panic`: close the tracker in a hurry, and open it again."""

from __future__ import annotations

import click
from sqlalchemy.exc import SQLAlchemyError

from tracker.audit.service import record_event
from tracker.console import Commands, fail
from tracker.db import db
from tracker.errors import KeyMissing
from tracker.operating.gate import switch
from tracker.operating.panic import Panic
from tracker.users.queries import users_by_name
from tracker.users.service import console_actor, end_sessions

group = Commands("panic", help="Close the tracker in a hurry, and open it again.")


@group.command("read-only")
def read_only() -> None:
    """Take nothing in; everything can still be read."""
    _close(Panic.READ_ONLY)


@group.command("closed")
def closed() -> None:
    """Answer nobody, and end every session."""
    _close(Panic.CLOSED)


@group.command("off")
def off() -> None:
    """Open the tracker again; after `closed` everybody signs in anew."""
    was = switch().state()
    try:
        _note(Panic.OFF, ends_sessions=was is Panic.CLOSED)
    except SQLAlchemyError:
        if was is Panic.CLOSED:
            # Old cookies would let everybody in again.
            fail("It stays closed: the database does not answer, so that no session can be ended.")
    switch().turn(Panic.OFF)
    click.echo("off")


def _close(state: Panic) -> None:
    # The file first: it works at once, whatever the database does.
    try:
        switch().turn(state)
    except OSError as error:
        fail(f"The switch cannot be written: {error.strerror}. Stop the server instead.")
    try:
        _note(state, ends_sessions=state is Panic.CLOSED)
    except KeyMissing as error:
        click.echo(f"{state} (not in the audit log: {error})")
    except SQLAlchemyError:
        click.echo(f"{state} (not in the audit log: the database does not answer, or is full)")
    else:
        click.echo(state)


def _note(state: Panic, *, ends_sessions: bool) -> None:
    """Write into the trail what the switch was turned to, and end everybody's session if asked."""
    console = console_actor()
    if ends_sessions:
        for user in db.session.scalars(users_by_name()):
            end_sessions(user)
    record_event(f"panic:{state}", "tracker", by=console)
    db.session.commit()

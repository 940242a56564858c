"""`flask sample load` and `flask sample remove`."""

from __future__ import annotations

import secrets

import click

from tracker.console import CommandGroup
from tracker.db import current_settings, db, set_full_access
from tracker.sample.records_service import load_invented_records
from tracker.sample.service import (
    REMOVE_COMMAND,
    SAMPLE_USERS,
    RemovalResult,
    load_sample,
    remove_sample,
)
from tracker.scoping import Viewer, set_viewer
from tracker.users.passwords import hasher_from_settings
from tracker.users.service import find_command_actor

# The most refs that `flask sample remove` prints of records which it did not remove.
MAX_LISTED_REFS = 20

group = CommandGroup("sample", help="A case and invented records to look at, in or out.")


@group.command("load")
@click.option("--case-only", is_flag=True, help="The one case, without the invented records.")
def load(*, case_only: bool) -> None:
    """Load the sample case, its four users, and invented records of thirty months."""
    settings = current_settings()
    words = load_and_describe(settings.sample_password, case_only=case_only)
    db.session.commit()
    click.echo(words)


@group.command("remove")
def remove() -> None:
    """Remove the sample; what other records refer to stays, and is named."""
    set_full_access()
    set_viewer(Viewer(()))
    removal = remove_sample()
    db.session.commit()
    for line in describe_removal(removal):
        click.echo(line)


def load_and_describe(password: str | None, *, case_only: bool = False) -> str:
    """Load the sample and return the message for the person who started it; the caller commits.
    `password`: of the sample's users, None for a random one, which each of them must change;
    `case_only`: without the invented records.
    """
    # A random password must be changed: it is in the log of the start.
    is_random = not password
    password = password or secrets.token_urlsafe(12)
    hasher = hasher_from_settings(current_settings())
    load_sample(password, hasher=hasher, must_change_password=is_random)
    loaded = "A sample case is loaded. "
    if not case_only:
        number = load_invented_records(
            staff=find_command_actor("staff"), monitor=find_command_actor("monitor")
        )
        loaded = (
            f"A sample case and {number} invented records are loaded. "
            f"To remove them: {REMOVE_COMMAND}\n"
        )
    return f"{loaded}Sign in as {', '.join(SAMPLE_USERS)} with the password: {password}"


def describe_removal(removal: RemovalResult) -> list[str]:
    """Return lines of text about what was removed and what stays."""
    lines = [f"removed {removal.removed_count} records of the sample"]
    if removal.referrer_by_kept_ref:
        kept = [
            f"{ref} (in {source})" for ref, source in sorted(removal.referrer_by_kept_ref.items())
        ]
        more = [f"{len(kept) - MAX_LISTED_REFS} more"] if len(kept) > MAX_LISTED_REFS else []
        stay = ", ".join([*kept[:MAX_LISTED_REFS], *more])
        lines.append(f"These stay, since other records refer to them: {stay}")
    if removal.kept_users:
        names = ", ".join(removal.kept_users)
        lines.append(
            f"These users stay, since other records or files name them, or since nobody else "
            f"administers the tracker: {names}. They still sign in with their password: give them "
            "another one, or disable them."
        )
    else:
        lines[0] += ", its users and its team"
    return lines

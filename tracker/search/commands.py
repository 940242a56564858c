"""Making the search index again."""

from __future__ import annotations

import click

from tracker.console import Commands
from tracker.scoping import system_session
from tracker.search.service import rebuild as rebuild_index

group = Commands("search", help="The index by whose words records are found.")


@group.command("rebuild")
def rebuild() -> None:
    """Index every record again; people may go on working meanwhile."""
    count = 0
    with system_session("rebuild the search index") as session:
        for done in rebuild_index(session):
            session.commit()
            count = done
    click.echo(f"ok {count}")

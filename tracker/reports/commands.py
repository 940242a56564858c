"""`flask reports export`: the same file as the page gives, from the command line."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from werkzeug.datastructures import MultiDict

from tracker.console import Commands, fail
from tracker.db import db, read_only
from tracker.i18n import language
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.queries import incidents_matching
from tracker.permissions import Permission
from tracker.reports import service
from tracker.scoping import Viewer, set_viewer
from tracker.users.service import actor_named

group = Commands("reports", help="What leaves the building.")


@group.command("export")
@click.option("--by", metavar="NAME", help="For whose eyes; without it, what everybody sees.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Else stdout.")
@click.argument("filters", nargs=-1, metavar="[KEY=VALUE]…")
def export(by: str | None, output: Path | None, filters: tuple[str, ...]) -> None:
    """Write incidents as CSV; filters are those of the list, such as type=threat. country=KZ."""
    asked = IncidentFilter.from_args(MultiDict([_pair(one) for one in filters]))
    actor = actor_named(by)
    if by is not None and not actor.may(Permission.EXPORT):
        fail(f"{by} may not export.")
    viewer = Viewer(tuple(actor.team_ids))
    # The console is made on first use; from here on this only reads, and locks nobody out.
    db.session.commit()
    read_only()
    set_viewer(viewer)
    rows = incidents_matching(asked)
    service.note_export(asked.to_args(), by=actor)
    root = f"http://127.0.0.1:{current_app.config['TRACKER'].port}"
    file = service.incidents_as_csv(
        rows,
        viewer,
        address_of=lambda incident: f"{root}/incidents/{incident.ref}/",
        language=language(),
    )
    with click.open_file(str(output or "-"), "wb") as target:
        for part in file:
            target.write(part)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        fail(f"write a filter as KEY=VALUE, not {text!r}")
    return name, value

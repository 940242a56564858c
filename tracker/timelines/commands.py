"""The command of kept figures: compare them with the records they are counted from."""

from __future__ import annotations

import click

from tracker.console import Commands, fail
from tracker.db import db, read_only
from tracker.timelines.figures_service import check_figures

group = Commands("figures", help="The figures of open cases, which are kept.")
MOST_NAMED = 10


@group.command("check")
@click.option("--repair", is_flag=True, help="Store what was counted where it differs.")
def check(*, repair: bool) -> None:
    """Count all cases again; exit with an error if other figures are kept of one."""
    if not repair:
        read_only()
    count, differing = 0, list[str]()
    for number, refs in check_figures(repair=repair):
        db.session.commit()
        count, differing = count + number, differing + refs
    named = ", ".join([*differing[:MOST_NAMED], *(["…"] if differing[MOST_NAMED:] else [])])
    if differing and not repair:
        fail(f"other figures are kept of {len(differing)} of {count} cases: {named}")
    click.echo(f"ok {count}" + (f", repaired {len(differing)}: {named}" if differing else ""))

"""`flask reports export`: the same file as the page gives, from the command line."""

from __future__ import annotations

import gc
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from werkzeug.datastructures import MultiDict

from tracker.console import Commands, fail
from tracker.db import db, read_only
from tracker.i18n import language
from tracker.incidents.queries import incidents_matching
from tracker.permissions import Permission
from tracker.reports import service
from tracker.reports.codes import ExportKind, Profile
from tracker.reports.filters import FileFilter
from tracker.reports.imports.commands import import_
from tracker.reports.ledger_service import begin_run
from tracker.reports.outside_rules import refuse_unless_shared
from tracker.reports.packages.filters import PackageFilter
from tracker.reports.packages.loading_commands import load_package
from tracker.reports.packages.service import last_of, question
from tracker.reports.packages.tidy_service import package as tidy_package
from tracker.reports.packages.words import dictionary as data_dictionary
from tracker.reports.queries import beside_place, place_in
from tracker.reports.tables import tables_of
from tracker.scoping import Viewer, set_viewer
from tracker.users.service import actor_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.permissions import Actor


GARBAGE = 100_000
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL
group = Commands("reports", help="What leaves the building.")
group.add_command(import_)
group.add_command(load_package)


@group.command("export")
@click.option("--by", metavar="NAME", help="For whose eyes; without it, what everybody sees.")
@click.option(
    "--profile",
    type=click.Choice([one.value for one in Profile]),
    help="For whom: the house, partners, or anybody; the same as profile=.",
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Else stdout.")
@click.argument("filters", nargs=-1, metavar="[KEY=VALUE]…")
def export(
    by: str | None, profile: str | None, output: Path | None, filters: tuple[str, ...]
) -> None:
    """Write incidents as a file of one table; filters are those of the list, such as type=threat.
    country=KZ. Also columns=ref,title, profile=internal|partner|public, drafts=yes (partners
    get only what is approved without it), labels=en|ru|kk, and
    format=csv|csv_semicolons|xlsx|jsonl.
    """
    given = [*map(_pair, filters), *([("profile", profile)] if profile else [])]
    args = MultiDict(given)
    asked = FileFilter.from_args(args)
    actor = actor_named(by)
    if by is not None:
        if not actor.may(Permission.EXPORT):
            fail(f"{by} may not export.")
        if asked.profile is Profile.PARTNER:
            refuse_unless_shared(asked.profile, actor)
    file = _file_of(asked, args, actor)
    # What was loaded until here stays, and a file leaves next to no garbage in circles: looking
    # for it took a fifth of the time.
    gc.freeze()
    gc.set_threshold(GARBAGE)
    if output is None:
        for part in file:
            click.echo(part, nl=False)
    else:
        _write(output, file)


@group.command("package")
@click.option("--by", metavar="NAME", help="For whose eyes; without it, what everybody sees.")
@click.option(
    "--profile",
    type=click.Choice([one.value for one in Profile]),
    default=Profile.INTERNAL.value,
    show_default=True,
    help="For whom: the house, partners, or anybody.",
)
@click.option("--recipient", default="", metavar="NAME", help="Who receives it.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The ZIP, which only its owner reads.",
)
@click.argument("filters", nargs=-1, metavar="[KEY=VALUE]…")
def package(
    by: str | None, profile: str, recipient: str, output: Path, filters: tuple[str, ...]
) -> None:
    """Write a data package; filters are those of the list of incidents. One for partners holds
    what is not approved with drafts=yes alone.
    """
    given = [*map(_pair, filters), ("profile", profile), ("recipient", recipient)]
    asked = PackageFilter.from_args(MultiDict(given))
    actor = actor_named(by)
    if by is not None:
        if not actor.may(Permission.EXPORT):
            fail(f"{by} may not export.")
        refuse_unless_shared(asked.profile, actor)
    # The console is made on first use; from here on this only reads.
    db.session.commit()
    read_only()
    set_viewer(Viewer(tuple(actor.team_ids)))
    of_it = question(asked, since=last_of(asked), by=actor)
    run = begin_run(
        ExportKind.PACKAGE,
        asked.logged(),
        tables=tables_of(asked.profile),
        profile=asked.profile,
        language=language(),
        recipient=asked.recipient,
        suffix="zip",
        by=actor,
    )
    _write(output, tidy_package(of_it, run))


@group.command("dictionary")
def dictionary() -> None:
    """Print the data dictionary: every table and column that leaves, and for whom."""
    click.echo(data_dictionary(), nl=False)


def _file_of(asked: FileFilter, args: MultiDict[str, str], actor: Actor) -> Iterator[bytes]:
    viewer = Viewer(tuple(actor.team_ids))
    # The console is made on first use; from here on this only reads, and locks nobody out.
    db.session.commit()
    read_only()
    set_viewer(viewer)
    root = f"http://127.0.0.1:{current_app.config['TRACKER'].port}/incidents/"
    rows = beside_place(incidents_matching(asked.incidents), args)
    question = service.Question(asked=asked, rows=rows, viewer=viewer, root=root)
    service.refuse_too_many(question)
    run = begin_run(
        asked.kind,
        asked.logged() | place_in(args),
        tables=[asked.taken],
        profile=asked.profile,
        language=asked.language,
        suffix=asked.format.suffix,
        by=actor,
    )
    return service.file_of(question, run)


def _write(output: Path, file: Iterator[bytes]) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    unfinished = output.with_name(output.name + ".part")
    try:
        # One that was left behind, or laid there, would keep its own rights.
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, NEW_FILE, stat.S_IRUSR | stat.S_IWUSR), "wb") as target:
            target.writelines(file)
        unfinished.replace(output)
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}")
    finally:
        unfinished.unlink(missing_ok=True)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        fail(f"write a filter as KEY=VALUE, not {text!r}")
    return name, value

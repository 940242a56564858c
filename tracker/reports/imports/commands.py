"""`flask reports import`: a file of somebody else, checked and imported as the page does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from tracker.console import fail
from tracker.db import db, read_only
from tracker.errors import InvalidInput
from tracker.permissions import Permission
from tracker.reports.imports import service
from tracker.reports.imports.codes import ImportState
from tracker.reports.imports.mapping import ImportPlan
from tracker.reports.imports.models import ImportBatch
from tracker.reports.imports.tables import OF_A_COMMAND, TableError, read_in_child
from tracker.reports.imports.taking_service import prepare
from tracker.reports.imports.words import table_refused
from tracker.scoping import Viewer, set_viewer
from tracker.users.service import actor_named
from tracker.vocabulary.labels import label

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.permissions import Actor
    from tracker.reports.imports.checked import Checked
    from tracker.reports.imports.tables import Table
    from tracker.users.models import User

Done = TypeVar("Done")
LARGEST = 200 * 1024 * 1024


@click.command("import")
@click.option("--by", metavar="NAME", required=True, help="In whose name.")
@click.option("--team", metavar="TEAM", help="Whose; needed unless NAME is in one team alone.")
@click.option("--mapping", default="", metavar="NAME", help="Else the one that fits the columns.")
@click.option("--encoding", default="", metavar="NAME", help="Else the one that gives words.")
@click.option("--dry-run", is_flag=True, help="Check every row, and store nothing.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def import_(
    *, by: str, team: str | None, mapping: str, encoding: str, file: Path, dry_run: bool
) -> None:
    """Make a draft of every row of a file of somebody else, or of none."""
    actor = actor_named(by)
    if not actor.may(Permission.LOG):
        fail(f"{by} may not log.")
    team_id = _team_id(team, actor)
    # What is found is shown to the whole team, see `check_file`.
    set_viewer(Viewer((team_id,)))
    try:
        content, table = _read(file, encoding)
        click.echo(f"read {len(table.rows)} rows, {len(table.header)} columns, {table.encoding}")
        if dry_run:
            first = table.rows[: service.LOOKED_AT]
            plan = service.plan_called(mapping, table.header, team_id, first)
            _reading(lambda: _said(_checked(table, plan)))
            return
        batch = service.receive_file(
            table,
            sha256=service.digest_of(content),
            file_name=file.name,
            mapping=mapping,
            team_id=team_id,
            by=actor,
        )
        _import(_keep(batch), table, actor)
    except InvalidInput as error:
        db.session.rollback()
        fail(str(error))


def _read(file: Path, encoding: str) -> tuple[bytes, Table]:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
        if len(content) > LARGEST:
            fail(f"{file} is larger than 200 MB")
        table = read_in_child(content, file.name, encoding=encoding, limits=OF_A_COMMAND)
        return content, table  # noqa: TRY300 (failing does not return)
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}")
    except TableError as error:
        fail(table_refused(error))


def _checked(table: Table, plan: ImportPlan) -> Checked:
    numbered = table.numbered()
    return service.check_rows(table.header, lambda: [numbered], plan)


def _keep(batch: ImportBatch) -> int:
    if batch.state is ImportState.TAKEN:
        raise InvalidInput(file=f"the same file was imported already: {batch.ref}")
    db.session.commit()
    click.echo(f"kept {batch.ref}")
    return batch.id


def _import(number: int, table: Table, by: Actor) -> None:
    """Check, prepare and store; only the last holds others up."""
    plan = ImportPlan.from_json(_batch(number).mapping)
    checked = _reading(lambda: _checked(table, plan))
    service.keep_check(_batch(number), plan, checked, by=by)
    db.session.commit()
    _said(checked)
    prepared = _reading(lambda: prepare(_batch(number), checked=checked, by=by))
    prepared.store(_batch(number), by=by)
    db.session.commit()
    click.echo(f"imported {len(checked.drafts)} incidents: {_batch(number).ref}")


def _said(checked: Checked) -> None:
    """Print what a check found; end where a row is wrong."""
    for one in checked.problems:
        click.echo(f"row {one.row}, {one.column or '-'}: {label(one.kind)} {one.value!r}")
    found = f"{len(checked.drafts)} to import, {len(checked.known)} on record already"
    left_out = len(checked.left_out) + len(checked.the_same)
    found += f", {left_out} left out" if left_out else ""
    click.echo(f"{found}, {len(checked.alike)} like one on record")
    if checked.problem_count:
        fail(f"{checked.problem_count} cells are wrong: nothing was imported")


def _reading(read: Callable[[], Done]) -> Done:
    """Return what takes long to read, while everybody else may write."""
    db.session.rollback()
    read_only()
    try:
        return read()
    finally:
        db.session.rollback()
        read_only(yes=False)


def _batch(number: int) -> ImportBatch:
    return db.session.scalars(select(ImportBatch).where(ImportBatch.id == number)).one()


def _team_id(name: str | None, actor: User) -> int:
    found = [
        one.id for one in actor.teams if name is None or one.name.casefold() == name.casefold()
    ]
    if len(found) != 1:
        fail(f"say for which team of {actor.name}: --team TEAM")
    return found[0]

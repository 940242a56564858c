"""The commands of `flask reports`: export, package, dictionary, import and load-package."""

from __future__ import annotations

import gc
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import click
from flask import current_app
from werkzeug.datastructures import MultiDict

from tracker.console import CommandGroup, fail
from tracker.db import db, set_read_only
from tracker.errors import InvalidInput
from tracker.i18n import current_language
from tracker.incidents.queries import incidents_matching
from tracker.permissions import Actor, Permission
from tracker.reports import service
from tracker.reports.codes import ExportKind, Profile
from tracker.reports.export_log_service import start_export
from tracker.reports.filters import FileOptions, PackageOptions, require_share_permission
from tracker.reports.formats import FileFormat
from tracker.reports.imports import service as import_service
from tracker.reports.imports.codes import ImportState
from tracker.reports.imports.mapping import ImportPlan
from tracker.reports.imports.models import ImportBatch
from tracker.reports.imports.queries import batch_by_id
from tracker.reports.imports.results import CheckResult, table_error_message
from tracker.reports.imports.run_service import prepare_import
from tracker.reports.imports.tables import (
    IMPORT_COMMAND_LIMITS,
    Table,
    TableError,
    read_table_in_child,
)
from tracker.reports.packages.loading_files import open_package
from tracker.reports.packages.loading_service import load_records
from tracker.reports.packages.metadata import build_dictionary
from tracker.reports.packages.service import (
    build_package_request,
    find_last_packages,
    stream_package_zip,
)
from tracker.reports.queries import filter_by_page_position, page_position_args
from tracker.reports.tables import tables_for_profile
from tracker.scoping import Viewer, set_viewer
from tracker.users.models import User
from tracker.users.service import find_command_actor
from tracker.vocabulary.labels import LABEL_LANGUAGES, get_label

# The type of what the function passed to `_run_in_read_session` returns.
ReadResultType = TypeVar("ReadResultType")
# The size of the largest file that `import` reads.
LARGEST_IMPORT_FILE_BYTES = 200 * 1024 * 1024
# How many characters of the file name of a loaded package the audit log has, where the name is the
# subject of an entry; longer names are cut.
MAX_LOGGED_FILE_NAME_LENGTH = 80
# How many objects an export creates between two garbage collections.
GC_THRESHOLD = 100_000
# Create a file to write to, and fail if there is one of this name.
NEW_FILE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL
# What `export --help` says.
EXPORT_HELP = f"""Write incidents as a file of one table.

Filters are those of the list of incidents, such as type=threat. country=KZ; and columns=ref,title,
profile={"|".join(Profile)}, drafts=yes (for partners, otherwise only approved records),
labels={"|".join(LABEL_LANGUAGES)}, and format={"|".join(FileFormat)}.
"""
group = CommandGroup("reports", help="Export, package and import incidents.")


@group.command("export", help=EXPORT_HELP)
@click.option("--by", metavar="NAME", help="The user who exports; else what all users see.")
@click.option(
    "--profile",
    type=click.Choice([one.value for one in Profile]),
    help="For whom: this organisation, partners, or the public; the same as profile=.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; else stdout.",
)
@click.argument("filters", nargs=-1, metavar="[KEY=VALUE]…")
def export_incidents(
    by: str | None, profile: str | None, output: Path | None, filters: tuple[str, ...]
) -> None:
    """Write incidents as a file of one table."""
    given = [*map(_parse_filter_argument, filters), *([("profile", profile)] if profile else [])]
    args = MultiDict(given)
    asked = FileOptions.from_args(args)
    actor = find_command_actor(by)
    if by is not None:
        if not actor.has_permission(Permission.EXPORT):
            fail(f"{by} may not export.")
        if asked.profile is Profile.PARTNER:
            require_share_permission(asked.profile, actor)
    file = _stream_file(asked, args, actor)
    # Loaded objects are never garbage, and an export creates almost no cycles: collecting garbage
    # took a fifth of the time.
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    if output is None:
        for part in file:
            click.echo(part, nl=False)
    else:
        _write_output(output, file)


@group.command("package")
@click.option("--by", metavar="NAME", help="The user who exports; else what all users see.")
@click.option(
    "--profile",
    type=click.Choice([one.value for one in Profile]),
    default=Profile.INTERNAL.value,
    show_default=True,
    help="For whom: this organisation, partners, or the public.",
)
@click.option("--recipient", default="", metavar="NAME", help="Who receives it.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The ZIP to write, readable only by its owner.",
)
@click.argument("filters", nargs=-1, metavar="[KEY=VALUE]…")
def export_package(
    by: str | None, profile: str, recipient: str, output: Path, filters: tuple[str, ...]
) -> None:
    """Write a data package; filters are those of the list of incidents.

    For partners, records that are not approved are included only with drafts=yes.
    """
    given = [*map(_parse_filter_argument, filters), ("profile", profile), ("recipient", recipient)]
    asked = PackageOptions.from_args(MultiDict(given))
    actor = find_command_actor(by)
    if by is not None:
        if not actor.has_permission(Permission.EXPORT):
            fail(f"{by} may not export.")
        require_share_permission(asked.profile, actor)
    # The console's account is created on first use; from here on this only reads.
    db.session.commit()
    set_read_only()
    set_viewer(Viewer(tuple(actor.team_ids)))
    request = build_package_request(asked, since=find_last_packages(asked), by=actor)
    run = start_export(
        ExportKind.PACKAGE,
        asked.to_log(),
        tables=tables_for_profile(asked.profile),
        profile=asked.profile,
        language=current_language(),
        recipient=asked.recipient,
        suffix="zip",
        by=actor,
    )
    _write_output(output, stream_package_zip(request, run))


@group.command("dictionary")
def print_dictionary() -> None:
    """Print the data dictionary: every exported table and column, and for whom."""
    click.echo(build_dictionary(), nl=False)


def _stream_file(filters: FileOptions, args: MultiDict[str, str], actor: Actor) -> Iterator[bytes]:
    """Log the start of an export, and return the parts of its file. `args`: the KEY=VALUE arguments
    of the command; with the key `after` or `before`, the file has only the incidents after or
    before the incident with this ref, in the order of the list of incidents.
    """
    viewer = Viewer(tuple(actor.team_ids))
    # The console's account is created on first use; from here on this only reads, and blocks
    # nobody.
    db.session.commit()
    set_read_only()
    set_viewer(viewer)
    base_url = f"http://127.0.0.1:{current_app.config['TRACKER'].port}/incidents/"
    rows = filter_by_page_position(incidents_matching(filters.incidents), args)
    export_request = service.ExportRequest(
        options=filters, rows=rows, viewer=viewer, base_url=base_url
    )
    service.validate_row_limit(export_request)
    run = start_export(
        filters.kind,
        filters.to_log() | page_position_args(args),
        tables=[filters.chosen_table],
        profile=filters.profile,
        language=filters.language,
        suffix=filters.format.suffix,
        by=actor,
    )
    return service.stream_export(export_request, run)


def _write_output(output: Path, parts: Iterator[bytes]) -> None:
    """Write the parts of a file that only its owner can read, completely or not at all."""
    unfinished = output.with_name(output.name + ".part")
    try:
        # A file that exists already would keep its own permissions.
        unfinished.unlink(missing_ok=True)
        with os.fdopen(
            os.open(unfinished, NEW_FILE_FLAGS, stat.S_IRUSR | stat.S_IWUSR), "wb"
        ) as target:
            target.writelines(parts)
        unfinished.replace(output)
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}")
    finally:
        unfinished.unlink(missing_ok=True)


def _parse_filter_argument(text: str) -> tuple[str, str]:
    """Return key and value of an argument KEY=VALUE; exit with an error for another text."""
    name, sign, value = text.partition("=")
    if not sign:
        fail(f"write a filter as KEY=VALUE, not {text!r}")
    return name, value


@group.command("import")
@click.option("--by", metavar="NAME", required=True, help="The user who imports.")
@click.option(
    "--team", metavar="TEAM", help="The team to import for; needed unless NAME is in a single team."
)
@click.option(
    "--mapping", default="", metavar="NAME", help="The mapping to use; else the one that fits."
)
@click.option(
    "--encoding", default="", metavar="NAME", help="The encoding of the file; else detected."
)
@click.option("--dry-run", is_flag=True, help="Check every row, and store nothing.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def import_file(
    *, by: str, team: str | None, mapping: str, encoding: str, file: Path, dry_run: bool
) -> None:
    """Import a file: create a draft incident for every row, or for none."""
    actor = find_command_actor(by)
    if not actor.has_permission(Permission.LOG):
        fail(f"{by} may not log.")
    team_id = _find_team_id(team, actor)
    # The results are shown to the whole team, see `check_file`.
    set_viewer(Viewer((team_id,)))
    try:
        content, table = _read_table(file, encoding)
        click.echo(f"read {len(table.rows)} rows, {len(table.header)} columns, {table.encoding}")
        if dry_run:
            first = table.rows[: import_service.SAMPLED_ROWS]
            plan = import_service.plan_by_name(mapping, table.header, team_id, first)
            _run_in_read_session(lambda: _print_result(_check_table(table, plan)))
            return
        batch = import_service.receive_file(
            table,
            sha256=import_service.file_digest(content),
            file_name=file.name,
            mapping=mapping,
            team_id=team_id,
            by=actor,
        )
        _import_table(_commit_batch(batch), table, actor)
    except InvalidInput as error:
        db.session.rollback()
        fail(str(error))


def _read_table(file: Path, encoding: str) -> tuple[bytes, Table]:
    """Return the bytes of a file and its table; exit with an error if there is none. `encoding`: ""
    to detect it.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_IMPORT_FILE_BYTES + 1)
        if len(content) > LARGEST_IMPORT_FILE_BYTES:
            fail(f"{file} is larger than 200 MB")
        table = read_table_in_child(
            content, file.name, encoding=encoding, limits=IMPORT_COMMAND_LIMITS
        )
        return content, table  # noqa: TRY300 (failing does not return)
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}")
    except TableError as error:
        fail(table_error_message(error))


def _check_table(table: Table, plan: ImportPlan) -> CheckResult:
    """Return the result of checking the rows of a file by the mapping of its columns."""
    numbered = table.numbered_rows()
    return import_service.check_rows(table.header, lambda: [numbered], plan)


def _commit_batch(batch: ImportBatch) -> int:
    """Commit the transaction that stores an uploaded file, and return the id of the import. Raise
    InvalidInput if the file was imported before.
    """
    if batch.state is ImportState.TAKEN:
        raise InvalidInput(file=f"the same file was imported already: {batch.ref}")
    db.session.commit()
    click.echo(f"kept {batch.ref}")
    return batch.id


def _import_table(batch_id: int, table: Table, by: Actor) -> None:
    """Check, prepare and store a file; only storing takes the write lock."""
    plan = ImportPlan.from_json(batch_by_id(batch_id).mapping)
    checked = _run_in_read_session(lambda: _check_table(table, plan))
    import_service.save_check(batch_by_id(batch_id), plan, checked, by=by)
    db.session.commit()
    _print_result(checked)
    prepared = _run_in_read_session(
        lambda: prepare_import(batch_by_id(batch_id), checked=checked, by=by)
    )
    prepared.store(batch_by_id(batch_id), by=by)
    db.session.commit()
    click.echo(f"imported {len(checked.drafts)} incidents: {batch_by_id(batch_id).ref}")


def _print_result(checked: CheckResult) -> None:
    """Print the result of a check; exit with an error if a row is wrong."""
    for one in checked.problems:
        click.echo(f"row {one.row}, {one.column or '-'}: {get_label(one.kind)} {one.value!r}")
    found = f"{len(checked.drafts)} to import, {len(checked.existing_by_row)} on record already"
    left_out = len(checked.left_out) + len(checked.the_same)
    found += f", {left_out} left out" if left_out else ""
    click.echo(f"{found}, {len(checked.similar_ref_by_row)} like one on record")
    if checked.problem_count:
        fail(f"{checked.problem_count} cells are wrong: nothing was imported")


def _run_in_read_session(read: Callable[[], ReadResultType]) -> ReadResultType:
    """Return the result of a function that reads, without holding the write lock."""
    db.session.rollback()
    set_read_only()
    try:
        return read()
    finally:
        db.session.rollback()
        set_read_only(read_only=False)


def _find_team_id(name: str | None, actor: User) -> int:
    """Return the id of the user's team with a name, or of the only team; else exit."""
    found = [
        one.id for one in actor.teams if name is None or one.name.casefold() == name.casefold()
    ]
    if len(found) != 1:
        fail(f"say for which team of {actor.name}: --team TEAM")
    return found[0]


@group.command("load-package")
@click.option("--by", metavar="NAME", help="The user who loads it; else the console.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def load_package(by: str | None, file: Path) -> None:
    """Load an internal package into an empty tracker, completely or not at all."""
    with open_package(file) as package:
        actor = find_command_actor(by)
        if by is not None and not actor.has_permission(Permission.LOG):
            fail(f"{by} may not log.")
        set_viewer(Viewer(tuple(actor.team_ids)))
        try:
            name = file.name.encode(errors="replace").decode()[:MAX_LOGGED_FILE_NAME_LENGTH]
            stored = load_records(package, name, by=actor)
        except InvalidInput:
            db.session.rollback()
            raise
    db.session.commit()
    summary = ", ".join(f"{count} {name}" for name, count in stored.items() if count)
    click.echo(f"loaded {summary or 'nothing'}")
    click.echo(
        "Originals of sources, what is confidential and decisions about names are in no package."
    )

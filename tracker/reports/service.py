"""Write the file of one table, and save exports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from time import monotonic, sleep
from typing import Any

from sqlalchemy import RowMapping, Select

from tracker.audit.service import log_download
from tracker.db import db
from tracker.errors import BadQuery, InvalidInput
from tracker.i18n import _, use_language
from tracker.incidents.models import Incident
from tracker.incidents.queries import filter_labels
from tracker.permissions import Actor
from tracker.reports import flat_queries
from tracker.reports.cells import split_list
from tracker.reports.codes import Profile
from tracker.reports.export_log_service import ExportLogger, log_completion, row_digest
from tracker.reports.filters import FIELD_LABELS, FileFilter
from tracker.reports.flat_rows import Value, values_of
from tracker.reports.formats import MOST_ROWS, FileFormat, cells_of, preview_rows, write_file
from tracker.reports.models import SavedExport
from tracker.reports.queries import find_saved_export, scope_words
from tracker.reports.scope_queries import ExportScope
from tracker.reports.tables import Column
from tracker.scoping import Viewer
from tracker.vocabulary.labels import label

Rows = Iterable[Sequence[Value]]
# The refs of some records, and the values of their columns.
Records = tuple[list[str], Rows]


MOST_SHOWN = 10  # rows
# However many files are downloaded, one batch is read at a time, so that pages get the processor
# too.
ONE_AT_A_TIME = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """The request of a file: its incidents and viewer.

    `root`: the base of the address of every incident; `rest`: how long to wait after each batch, as
    a multiple of its time.
    """

    asked: FileFilter
    rows: Select[Incident]
    viewer: Viewer
    root: str
    rest: float = 0

    @property
    def extent(self) -> ExportScope:
        """Return the scope of the file."""
        return ExportScope(self.asked.profile, drafts=self.asked.drafts)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would contain: number of rows, the first ones, and how many are left out.

    How many incidents are withheld by their teams, and how many because they are not approved.
    """

    count: int
    first: list[Sequence[str]]
    kept_back: int
    drafts_left_out: int


def log_monthly_download(parameters: dict[str, str | list[str]], *, suffix: str, by: Actor) -> None:
    """Log who downloads the figures of a month, before they are sent.

    No record has a row in them, so that the export log has nothing to store.
    """
    log_download("export:monthly", f"monthly.{suffix}", by=by, changes=dict(parameters))


def validate_row_limit(export_request: ExportRequest) -> None:
    """Raise BadQuery if a format cannot hold all rows: no file is truncated."""
    if export_request.asked.format is FileFormat.XLSX and count_rows(export_request) > MOST_ROWS:
        words = _("Excel holds %(most)d rows at most: take another format.", most=MOST_ROWS)
        raise BadQuery("format", words, label=FIELD_LABELS["format"])


def stream_export(
    export_request: ExportRequest, run: ExportLogger, *, size: int = flat_queries.BATCH_SIZE
) -> Iterator[bytes]:
    """Yield a file; its run is closed after the last byte."""
    asked = export_request.asked
    about = _readme(asked) if asked.format is FileFormat.XLSX else ()
    batches = _log_batches(export_request, run, size)
    return log_completion(write_file(asked.format, asked.carried, batches, about), run)


def _readme(asked: FileFilter) -> list[tuple[str, str, str]]:
    """Return what a workbook says of itself, in its language: scope, audience, columns, codes."""
    with use_language(asked.language):
        scope = scope_words(asked.incidents)
        if asked.profile is Profile.PUBLIC:
            scope = _("Only what monitors published is in it, in the words that were approved.")
        elif asked.profile is Profile.PARTNER:
            # Whoever reads it is nobody who signs in; its filter names nobody.
            scope = asked.incidents.describe(filter_labels(asked.incidents))
        facts = {
            _("Incidents"): scope,
            _("For whom"): label(asked.profile, asked.language),
            _("How to read the file"): reading_words(),
        }
    rows = [(name, words, "") for name, words in facts.items()]
    for one in asked.carried:
        codes = [f"{code}: {label(code, asked.language)}" for code in one.codes or ()]
        rows.append((one.name, one.says, "\n".join(codes)))
    return rows


def reading_words() -> str:
    """Return how to read a file of incidents."""
    return str(
        _(
            "One row an incident; the header is the same in every language. CSV opens in Excel and "
            "LibreOffice (UTF-8 with a mark). Lists stand in one cell, separated by “ | ”, in JSON "
            "as lists. An empty cell, in JSON null, was not recorded. In a CSV what a spreadsheet "
            "might run has an apostrophe before it. A cell of Excel holds 32,767 letters: one that "
            "is longer says that it was cut."
        )
    )


def count_rows(export_request: ExportRequest) -> int:
    """Return how many rows a file has, for the session's viewer."""
    if export_request.asked.profile is Profile.PUBLIC:
        return flat_queries.count_of_published()
    return flat_queries.count_rows_in_scope(export_request.rows, export_request.extent)


def preview_export(export_request: ExportRequest) -> Preview:
    """Return what a file would contain, for the session's viewer."""
    asked, count = export_request.asked, count_rows(export_request)
    kept_back = drafts_left_out = 0
    if asked.profile is Profile.PARTNER:
        shared = flat_queries.count_rows_in_scope(
            export_request.rows, ExportScope(Profile.PARTNER, drafts=True)
        )
        kept_back = (
            flat_queries.count_rows_in_scope(export_request.rows, ExportScope(Profile.INTERNAL))
            - shared
        )
        drafts_left_out = shared - count
    _refs, first = next(_records(export_request, MOST_SHOWN), ([], []))
    return Preview(
        count, preview_rows(asked.format, asked.carried, first), kept_back, drafts_left_out
    )


def _log_batches(export_request: ExportRequest, run: ExportLogger, size: int) -> Iterator[Rows]:
    """Yield the cells of a file, each batch once its records are logged."""
    asked, records = export_request.asked, _records(export_request, size)
    while True:
        with ONE_AT_A_TIME:
            began = monotonic()
            batch = next(records, None)
            if batch is None:
                return
            refs, values = batch
            rows = list(cells_of(asked.format, asked.carried, values))
            digests = (row_digest(map(str, row)) for row in rows)
            run.note(list(zip(refs, digests, strict=True)))
            sleep((monotonic() - began) * export_request.rest)
        yield rows


def _records(export_request: ExportRequest, size: int) -> Iterator[Records]:
    if export_request.asked.profile is Profile.PUBLIC:
        return _published(export_request.asked, size)
    return _incidents(export_request, size)


def _incidents(export_request: ExportRequest, size: int) -> Iterator[Records]:
    asked = export_request.asked
    batches = flat_queries.batches_of(
        export_request.rows,
        export_request.viewer,
        export_request.extent,
        language=asked.language,
        root=export_request.root,
        size=size,
    )
    for rows in batches:
        with use_language(asked.language):
            values = list(values_of(rows, asked.carried))
        yield [row.ref for row in rows], values


def _published(filters: FileFilter, size: int) -> Iterator[Records]:
    columns, rows = filters.carried, flat_queries.published_rows()
    while batch := list(islice(rows, size)):
        values = [[_published_value(row, one) for one in columns] for row in batch]
        yield [row["ref"] for row in batch], values


def _published_value(row: RowMapping, column: Column) -> Value:
    return split_list(row[column.name]) if column.is_list else row[column.name]


def save_export(name: str, parameters: Mapping[str, Any], *, by: Actor) -> None:
    """Save the options under a name; raise InvalidInput if the actor has another one with it."""
    kept = find_saved_export(name, owner=by)
    if kept is None:
        db.session.add(SavedExport(user_id=by.id, name=name, asked=dict(parameters)))
    elif kept.asked != dict(parameters):
        words = _(
            "You already have a saved export with this name: choose another name, or remove "
            "that one first."
        )
        raise InvalidInput(name=words)


def remove_saved_export(name: str, *, by: Actor) -> None:
    """Delete a saved export, if there is one of that name."""
    kept = find_saved_export(name, owner=by)
    if kept is not None:
        db.session.delete(kept)

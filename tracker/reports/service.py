"""Write the export of incidents as a file of one table, and save the options of exports."""

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
from tracker.errors import BadQuery
from tracker.i18n import _, lazy, use_language
from tracker.incidents.figure_queries import UNAPPROVED_STATES
from tracker.incidents.models import Incident
from tracker.incidents.queries import filter_labels_by_code
from tracker.permissions import Actor
from tracker.reports import flat_queries
from tracker.reports.cells import WITHHELD, split_list
from tracker.reports.codes import Profile
from tracker.reports.export_log_service import ExportLogger, log_completion, row_digest
from tracker.reports.filters import FIELD_LABELS, FileOptions
from tracker.reports.flat_rows import Value, column_values, readable_rows
from tracker.reports.formats import (
    MAX_SHEET_ROWS,
    WorkbookSheet,
    format_cells,
    format_preview_rows,
    stream_text_table,
    stream_workbook,
)
from tracker.reports.models import SavedExport
from tracker.reports.queries import describe_filter, find_saved_export
from tracker.reports.scope_queries import ExportScope
from tracker.reports.tables import Column, ColumnKind, columns_named_by_heading
from tracker.scoping import Viewer
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import get_label
from tracker.vocabulary.queries import list_all_terms

# Rows of a file, each with the values of its columns.
Rows = Iterable[Sequence[Value]]
# The refs of some records, and for each record a row with the values of its columns.
RefsAndRows = tuple[list[str], Rows]
PREVIEW_ROWS = 10  # rows in the preview of an export
# The columns of the sheet README of a workbook.
README_COLUMNS = (
    Column(name="heading", label=lazy("Heading"), description="", kind=ColumnKind.HANDLE),
    Column(name="column", label=lazy("Column in a CSV"), description="", kind=ColumnKind.HANDLE),
    Column(name="meaning", label=lazy("Meaning"), description="", kind=ColumnKind.TEXT),
    Column(name="codes", label=lazy("Codes"), description="", kind=ColumnKind.TEXT),
)
# All downloads read one batch at a time, so that pages get the processor too.
BATCH_READING_LOCK = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """A requested export: its options, its incidents and its viewer.

    `base_url`: the base of the address of every incident; `pause_factor`: how long to wait after
    each batch, as a multiple of the time that the batch took.
    """

    options: FileOptions
    rows: Select[Incident]
    viewer: Viewer
    base_url: str
    pause_factor: float = 0

    @property
    def scope(self) -> ExportScope:
        """The scope of the export: its profile, and whether drafts are included."""
        return ExportScope(self.options.profile, drafts=self.options.drafts)


@dataclass(frozen=True, slots=True)
class ExportPreview:
    """The preview of an export: the number of rows, the first rows, and how many incidents are left
    out of a file for partners.

    `withheld_count`: how many incidents are withheld by their teams; `drafts_left_out`: how many
    because they are not approved.
    """

    count: int
    first: list[Sequence[str]]
    withheld_count: int
    drafts_left_out: int


def log_monthly_download(parameters: dict[str, str | list[str]], *, suffix: str, by: Actor) -> None:
    """Log who downloads the figures of a month, before the file is sent; `suffix`: its extension.

    The audit log alone: the figures have no rows of records for the export log.
    """
    log_download("export:monthly", f"monthly.{suffix}", by=by, changes=dict(parameters))


def validate_row_limit(export_request: ExportRequest) -> None:
    """Raise BadQuery if the requested format cannot hold all rows of the export."""
    if export_request.options.format.is_workbook and count_rows(export_request) > MAX_SHEET_ROWS:
        words = _("Excel holds %(most)d rows at most: take another format.", most=MAX_SHEET_ROWS)
        raise BadQuery("format", words, label=FIELD_LABELS["format"])


def stream_export(
    export_request: ExportRequest, run: ExportLogger, *, size: int = flat_queries.BATCH_SIZE
) -> Iterator[bytes]:
    """Yield the bytes of an export, whose incidents are read in batches of `size`, and close its
    entry in the export log after the last byte.
    """
    asked = export_request.options
    batches = _log_batches(export_request, run, _record_batches(export_request, size))
    if asked.format.is_workbook:
        with use_language(asked.language if asked.has_labels else "en"):
            name = str(_("Incidents"))
        sheets = [(name, asked.columns_with_headings, batches), _readme_sheet(asked)]
        file = stream_workbook(sheets, title=f"{name}. {_describe_scope(asked)}".strip())
    else:
        file = stream_text_table(asked.format, asked.exported_columns, batches)
    return log_completion(file, run)


def _describe_scope(asked: FileOptions) -> str:
    """Return which incidents a file has, in its language; "" if the filter may name somebody."""
    with use_language(asked.language):
        if asked.profile is Profile.PUBLIC:
            return str(_("Only what monitors published is in it, in the words that were approved."))
        if asked.profile is Profile.PARTNER:
            # Its readers do not sign in, and its filter names nobody.
            return asked.incidents.describe(filter_labels_by_code(asked.incidents))
        return describe_filter(asked.incidents)


def _readme_sheet(asked: FileOptions) -> WorkbookSheet:
    """Return the sheet README of a workbook: scope, audience, and for each column its heading, its
    name in a CSV, its meaning, and the labels of its codes, one per line.
    """
    with use_language(asked.language):
        facts = {
            _("Incidents"): _describe_scope(asked),
            _("For whom"): get_label(asked.profile, asked.language),
            _("Left out"): "\n".join(left_out_sentences(asked)),
            _("How to read the file"): reading_instructions(asked),
        }
        rows = [(name, "", words, "") for name, words in facts.items()]
        for headed, one in zip(asked.columns_with_headings, asked.exported_columns, strict=True):
            codes = [f"{code}: {get_label(code, asked.language)}" for code in one.codes or ()]
            readable = one.readable_description if asked.has_labels else ""
            rows.append((headed.name, one.name, _(readable or one.description), "\n".join(codes)))
        return "README", columns_named_by_heading(README_COLUMNS), [rows]


def left_out_sentences(asked: FileOptions) -> list[str]:
    """Return what a file of incidents leaves out or withholds, and whether it has drafts, as
    sentences.
    """
    withheld = _("withheld") if asked.has_labels else WITHHELD
    said = [
        _(
            "People who must not be named are named in no file, but are counted. “%(withheld)s” "
            "means that somebody or something is there and is not disclosed.",
            withheld=withheld,
        )
    ]
    if asked.profile is Profile.PUBLIC:
        said.append(
            _("Sources that tell of somebody who may not be named publicly have no address here.")
        )
    if asked.profile is Profile.PARTNER:
        said += [
            _(
                "Names are included only where every naming consent allows it. Addresses of "
                "accounts and sources that may contain another name are “%(withheld)s”.",
                withheld=withheld,
            ),
            _(
                "Your own words are left out: titles, descriptions, quotes, notes. So are sources "
                "other than articles and screenshots."
            ),
        ]
    if asked.profile is not Profile.PUBLIC and (drafts := _drafts_sentence(asked)):
        said.append(drafts)
    return [str(one) for one in said]


def _drafts_sentence(asked: FileOptions) -> str:
    """Return the sentence on whether a file has drafts, and which column says so; "" if its filter
    takes no drafts.
    """
    if asked.profile is Profile.PARTNER and not asked.drafts:
        return str(_("Only approved and published records are included."))
    if asked.incidents.figure or asked.incidents.state not in {None, *UNAPPROVED_STATES}:
        return ""
    columns = zip(asked.columns_with_headings, asked.exported_columns, strict=True)
    for headed, one in columns:
        if one.name == "state":
            return str(
                _(
                    "Drafts are included: the column “%(column)s” says which rows are approved.",
                    column=headed.name,
                )
            )
    return str(_("Drafts are included."))


def reading_instructions(asked: FileOptions) -> str:
    """Return the instructions for reading a file of incidents, as text."""
    if asked.has_labels:
        return str(
            _(
                "One row an incident. Lists stand in one cell, separated by “ | ”. An empty cell "
                "was not recorded. The sheet README has the name that each column has in a CSV, "
                "and its codes. A cell of Excel holds 32,767 letters: one that is longer says that "
                "it was cut."
            )
        )
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
    """Return how many rows an export has, for the session's viewer."""
    if export_request.options.profile is Profile.PUBLIC:
        return flat_queries.count_published()
    return flat_queries.count_rows_in_scope(export_request.rows, export_request.scope)


def preview_export(export_request: ExportRequest) -> ExportPreview:
    """Return the preview of an export, for the session's viewer."""
    asked, count = export_request.options, count_rows(export_request)
    withheld_count = drafts_left_out = 0
    if asked.profile is Profile.PARTNER:
        shared = flat_queries.count_rows_in_scope(
            export_request.rows, ExportScope(Profile.PARTNER, drafts=True)
        )
        withheld_count = (
            flat_queries.count_rows_in_scope(export_request.rows, ExportScope(Profile.INTERNAL))
            - shared
        )
        drafts_left_out = shared - count
    _refs, first = next(_record_batches(export_request, PREVIEW_ROWS), ([], []))
    return ExportPreview(
        count,
        format_preview_rows(asked.format, asked.exported_columns, first),
        withheld_count,
        drafts_left_out,
    )


def _log_batches(
    export_request: ExportRequest, run: ExportLogger, records: Iterator[RefsAndRows]
) -> Iterator[Rows]:
    """Yield the rows of an export in batches, from its `records`; the records of a batch are added
    to `run` before the batch is yielded.
    """
    asked = export_request.options
    while True:
        with BATCH_READING_LOCK:
            began = monotonic()
            batch = next(records, None)
            if batch is None:
                return
            refs, values = batch
            rows = list(format_cells(asked.format, asked.exported_columns, values))
            digests = (row_digest(map(str, row)) for row in rows)
            run.add_rows(list(zip(refs, digests, strict=True)))
            sleep((monotonic() - began) * export_request.pause_factor)
        yield rows


def _record_batches(export_request: ExportRequest, size: int) -> Iterator[RefsAndRows]:
    """Yield the records of an export in batches of `size`, before their values are formatted."""
    asked = export_request.options
    found = (
        _published_batches(asked, size)
        if asked.profile is Profile.PUBLIC
        else _incident_batches(export_request, size)
    )
    return _readable_batches(found, asked) if asked.has_labels else found


def _readable_batches(found: Iterator[RefsAndRows], asked: FileOptions) -> Iterator[RefsAndRows]:
    """Return records with labels instead of codes, in the language of an export."""
    terms = [*list_all_terms(TermSet.INCIDENT_TYPE), *list_all_terms(TermSet.REGION)]
    labels = {one.code: one.label_in(asked.language) for one in terms}

    def read(rows: Rows) -> Rows:
        with use_language(asked.language):
            return list(readable_rows(asked.exported_columns, rows, labels))

    return ((refs, read(rows)) for refs, rows in found)


def _incident_batches(export_request: ExportRequest, size: int) -> Iterator[RefsAndRows]:
    """Yield the incidents of an export in batches of `size`."""
    asked = export_request.options
    batches = flat_queries.incident_batches(
        export_request.rows,
        export_request.viewer,
        export_request.scope,
        language=asked.language,
        base_url=export_request.base_url,
        size=size,
    )
    for rows in batches:
        with use_language(asked.language):
            values = list(column_values(rows, asked.exported_columns))
        yield [row.ref for row in rows], values


def _published_batches(filters: FileOptions, size: int) -> Iterator[RefsAndRows]:
    """Yield the published incidents in batches of `size`."""
    columns, rows = filters.exported_columns, flat_queries.published_rows()
    while batch := list(islice(rows, size)):
        values = [[_published_value(row, one) for one in columns] for row in batch]
        yield [row["ref"] for row in batch], values


def _published_value(row: RowMapping, column: Column) -> Value:
    """Return the value of a column of the public file; the items of a list as a list."""
    return split_list(row[column.name]) if column.is_list else row[column.name]


def save_export(name: str, parameters: Mapping[str, Any], *, by: Actor) -> bool:
    """Save the options of an export under a name, and return whether they replace those that the
    actor had saved under this name; `parameters`: the query parameters of the page.
    """
    kept = find_saved_export(name, owner=by)
    if kept is None:
        db.session.add(SavedExport(user_id=by.id, name=name, asked=dict(parameters)))
    else:
        kept.asked = dict(parameters)
    return kept is not None


def remove_saved_export(name: str, *, by: Actor) -> None:
    """Delete the actor's saved export with a name, if there is one."""
    kept = find_saved_export(name, owner=by)
    if kept is not None:
        db.session.delete(kept)

"""The charts of the incidents that match a filter, as a page and as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from flask import Blueprint, Response, render_template, request, url_for

from tracker import clock
from tracker.audit.queries import cached_until_change
from tracker.audit.service import log_download
from tracker.db import db
from tracker.errors import NotFound
from tracker.i18n import _, country_names, current_language, format_date
from tracker.incidents.codes import TargetKind
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.models import Incident
from tracker.incidents.naming_queries import redacted_journalists
from tracker.incidents.queries import (
    SORT_ORDER,
    count_incidents,
    filter_labels_by_code,
    incidents_matching,
    type_groups_for_filter,
)
from tracker.kit.lists import RecordList, Table
from tracker.people.queries import names_of
from tracker.permissions import Permission
from tracker.records import record_models
from tracker.reports.cells import (
    WITHHELD,
    RedactedNames,
    escape_formula,
    name_placeholder,
    redact_handle,
    redact_names,
)
from tracker.reports.codes import ExportKind
from tracker.reports.export_log_service import (
    ExportLogger,
    log_completion,
    row_digest,
    start_export,
)
from tracker.reports.formats import BOM, CONTENT_TYPES
from tracker.reports.queries import describe_filter
from tracker.reports.scope_queries import select_redacted_outlets
from tracker.reports.views import stream_file
from tracker.timelines.chart_queries import ChartScope, build_charts, get_chart
from tracker.timelines.charts import Chart, ChartKind, Row
from tracker.vocabulary.queries import region_choices
from tracker.web.guards import current_actor, file_response, require_permission, shows_filter_errors
from tracker.web.paging import MAX_COUNTED_RECORDS, MAX_FACET_RECORDS, Page

bp = Blueprint("charts", __name__, url_prefix="/charts")
# The columns of the CSV of a chart; `list` has the address of the list of the records that the
# number counts.
CSV_HEADER = ("chart", "row", "row_label", "column", "column_label", "number", "text", "list")
# The list of incidents without rows: the page of charts shows only the search, the filters and
# the links that remove a filter.
CHARTS_RECORD_LIST = RecordList(
    endpoint="charts.index", id_column=Incident.id, order=SORT_ORDER, columns=()
)


@bp.get("")
@require_permission(Permission.READ)
@shows_filter_errors
def index() -> str:
    """Show the charts of the incidents that match a filter."""
    filters = IncidentFilter.from_args(request.args)
    rows = incidents_matching(filters)
    names = filter_labels_by_code(filters)
    table = Table(
        record_list=CHARTS_RECORD_LIST, select=rows, filters=filters, names=names,
        page=Page([], None, None), order=SORT_ORDER, is_descending=True, other_parameters={},
    )  # fmt: skip
    return render_template(
        "charts/index.html",
        table=table,
        charts=cached_until_change(
            ("charts", filters, current_language(), request.script_root),
            lambda: build_charts(_build_chart_scope(filters)),
        ),
        count=count_incidents(rows),
        most_counted=MAX_COUNTED_RECORDS,
        as_of=clock.utc_now(),
        day=clock.current_date(),
        classes=type_groups_for_filter(filters, names),
        choices={
            "country": country_names(),
            "region": region_choices(),
        },
    )


@bp.get("/<name>.svg")
@require_permission(Permission.EXPORT, fresh=True)
def svg(name: str) -> Response:
    """Download the chart with a name as SVG, for the filter in the query parameters."""
    return _chart_file(name, "svg")


@bp.get("/<name>.csv")
@require_permission(Permission.EXPORT, fresh=True)
def csv_file(name: str) -> Response:
    """Download the figures of the chart with a name as CSV, for the filter in the query."""
    return _chart_file(name, "csv")


def _chart_file(name: str, suffix: str) -> Response:
    """Log the download of the chart with a name, and return its file; `suffix`: "svg" or "csv".

    A chart whose rows are records is in the export log, figures alone only in the audit log.
    """
    filters = IncidentFilter.from_args(request.args)
    scope = _build_chart_scope(filters, external=True)
    chart = get_chart(scope, name)
    if chart is None:
        raise NotFound
    rows = _redact_rows(chart, scope)
    chart = replace(chart, rows=[row for _code, row in rows])
    if suffix == "svg":
        content = chart.render_svg(standalone=True, scope=_scope_description(filters)).encode()
        if chart.kind is ChartKind.BARS:
            rows = rows[: chart.max_bars]
    else:
        content = _format_chart_csv(chart)
    asked = filters.to_args()
    if records := _logged_records(rows):
        start_log = partial(
            start_export,
            # Logged as a file about incidents; the logged filter names the chart.
            ExportKind.INCIDENTS,
            asked | {"chart": name, "form": suffix.upper()},
            tables=[],
            language=current_language(),
        )
        return stream_file(name, suffix, start_log, partial(_stream_logged, content, records))
    if request.method == "GET":
        log_download("export:chart", f"{name}.{suffix}", by=current_actor(), changes=asked)
    return file_response(
        content,
        f"{name}-{clock.current_date():%Y-%m-%d}.{suffix}",
        content_type=CONTENT_TYPES[suffix],
    )


def _redact_rows(chart: Chart, scope: ChartScope) -> list[tuple[str, Row]]:
    """Return the rows of a chart as a file has them, each with its code on the page. `scope`: what
    the chart counts.

    People whose name is redacted, and the outlets of nobody else, have a placeholder and no list;
    if the filter names one of them, no row has a list.
    """
    redacted = redacted_journalists(db.session())
    names = RedactedNames(
        other_names=[name for one in redacted for name in names_of(one)],
        placeholder=str(_("withheld")),
    )
    placeholders = {one.ref: name_placeholder(TargetKind.JOURNALIST) for one in redacted}
    for (ref,) in scope.execute(select_redacted_outlets(scope.counted_ids())):
        placeholders[ref] = name_placeholder(TargetKind.OUTLET)
    filters = scope.filters
    is_filter_redacted = (
        filters.journalist in placeholders
        or filters.outlet in placeholders
        or redact_handle(filters.q, names) != filters.q
    )
    found = []
    for row in chart.rows:
        is_redacted = row.code in placeholders
        label = placeholders.get(row.code) or redact_names(row.label, names)
        shown = row._replace(code=WITHHELD if is_redacted else row.code, label=label)
        if is_redacted or is_filter_redacted:
            shown = shown._replace(cells=[one._replace(address="") for one in row.cells])
        found.append((row.code, shown))
    if placeholders.keys() & {row.code for row in chart.rows}:
        # Rows with the same number are sorted by name, which would reveal how the name begins.
        found.sort(key=lambda one: (-one[1].cells[0].number, one[1].label))
    return found


def _logged_records(rows: Iterable[tuple[str, Row]]) -> list[tuple[str, str]]:
    """Return the ref and the digest of each row that is a record; `rows`: the rows of a file, each
    with its code on the page.
    """
    prefixes = record_models()
    return [
        (code, row_digest([row.label, *map(str, row.cells)]))
        for code, row in rows
        if code.partition("-")[0] in prefixes
    ]


def _stream_logged(
    content: bytes, records: list[tuple[str, str]], run: ExportLogger
) -> Iterator[bytes]:
    """Log the records of a file in `run`, and return its `content` as parts that log its end."""
    run.add_rows(records)
    return log_completion(iter([content]), run)


def _scope_description(filters: IncidentFilter) -> str:
    """Return the filter of a chart as text, with the date of the figures."""
    as_of = _("As of %(day)s.", day=format_date(clock.current_date()))
    drafts = "" if filters.state or filters.figure else _("Drafts are counted.")
    return " ".join(part for part in (describe_filter(filters), str(as_of), str(drafts)) if part)


def _format_chart_csv(chart: Chart) -> bytes:
    """Return the figures of a chart as CSV, one line per figure, in UTF-8 with BOM."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(CSV_HEADER)
    for row in chart.rows:
        for series, cell in zip(chart.series, row.cells, strict=True):
            cells = (
                chart.name, row.code, row.label, series.code, series.label, str(cell.number),
                cell.display_text, cell.address,
            )  # fmt: skip
            writer.writerow([escape_formula(one) for one in cells])
    return (BOM + buffer.getvalue()).encode()


def _build_chart_scope(filters: IncidentFilter, *, external: bool = False) -> ChartScope:
    """Return what the charts count: the incidents that match a filter, with the links to the lists
    of counted records. `external`: whether the links are full URLs with the host.
    """
    return ChartScope(
        filters=filters,
        address=lambda one: url_for("incidents.index", _external=external, **one.to_args()),
        record_address=lambda ref: url_for(
            "timelines.response_record", ref=ref, _external=external
        ),
        max_incidents=MAX_FACET_RECORDS,
    )

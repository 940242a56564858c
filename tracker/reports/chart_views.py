"""The charts of the incidents that match a filter, as a page and as files."""

from __future__ import annotations

import csv
import io

from flask import Blueprint, Response, render_template, request, url_for

from tracker import clock
from tracker.audit.queries import cached_until_change
from tracker.audit.service import log_download
from tracker.errors import NotFound
from tracker.i18n import _, country_names, current_language, format_date
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.models import Incident
from tracker.incidents.queries import (
    SORT_ORDER,
    count_incidents,
    filter_labels,
    incidents_matching,
    types_to_filter_by,
)
from tracker.kit.lists import RecordList, Table
from tracker.permissions import Permission
from tracker.reports.cells import escape_formula
from tracker.reports.formats import BOM, CONTENT_TYPES
from tracker.reports.queries import describe_filter
from tracker.timelines.chart_queries import ChartScope, build_charts, get_chart
from tracker.timelines.charts import Chart
from tracker.vocabulary.queries import region_choices
from tracker.web.guards import current_actor, file_response, require_permission, shows_filter_errors
from tracker.web.paging import MAX_COUNTED, MAX_FACET_RECORDS, Page

bp = Blueprint("charts", __name__, url_prefix="/charts")
# The columns of the CSV of a chart; `list` has the address of the list of the records that the
# number counts.
CSV_HEADER = ("chart", "row", "row_label", "column", "column_label", "number", "text", "list")
# The list of incidents without rows: the page of charts shows only the search, the filters and
# the links that remove a filter.
CHARTS_SEARCH = RecordList(endpoint="charts.index", key=Incident.id, order=SORT_ORDER, columns=())


@bp.get("")
@require_permission(Permission.READ)
@shows_filter_errors
def index() -> str:
    """Show the charts of the incidents that match a filter."""
    filters = IncidentFilter.from_args(request.args)
    rows = incidents_matching(filters)
    names = filter_labels(filters)
    table = Table(
        listed=CHARTS_SEARCH, select=rows, filters=filters, names=names,
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
        most_counted=MAX_COUNTED,
        as_of=clock.utc_now(),
        classes=types_to_filter_by(filters, names),
        choices={
            "country": country_names(),
            "region": region_choices(),
        },
    )


@bp.get("/<name>.svg")
@require_permission(Permission.EXPORT, fresh=True)
def svg(name: str) -> Response:
    """Download the chart with a name as SVG, for the filter in the query parameters."""
    return _chart_file(name, "svg", "image/svg+xml; charset=utf-8")


@bp.get("/<name>.csv")
@require_permission(Permission.EXPORT, fresh=True)
def csv_file(name: str) -> Response:
    """Download the figures of the chart with a name as CSV, for the filter in the query."""
    return _chart_file(name, "csv", CONTENT_TYPES["csv"])


def _chart_file(name: str, suffix: str, content_type: str) -> Response:
    """Log the download of the chart with a name, and return its file; `suffix`: "svg" or "csv".

    As with the monthly report, in the audit log alone: figures have no rows for the export log.
    """
    filters = IncidentFilter.from_args(request.args)
    chart = get_chart(_build_chart_scope(filters, external=True), name)
    if chart is None:
        raise NotFound
    if request.method == "GET":
        asked = filters.to_args()
        log_download("export:chart", f"{name}.{suffix}", by=current_actor(), changes=asked)
    if suffix == "svg":
        content = chart.render_svg(saved=True, scope=_scope_description(filters)).encode()
    else:
        content = _format_chart_csv(chart)
    return file_response(
        content, f"{name}-{clock.current_date():%Y-%m-%d}.{suffix}", content_type=content_type
    )


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
                cell.words, cell.address,
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
        most=MAX_FACET_RECORDS,
    )

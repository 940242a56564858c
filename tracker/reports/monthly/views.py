"""The pages of the monthly report: figures with the list behind each number, and commentary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Response, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField

from tracker import clock, i18n
from tracker.audit.queries import cached_until_change, load_visible_records
from tracker.fake_accounts.queries import load_counted_accounts
from tracker.fake_accounts.rules import compute_figures
from tracker.i18n import _, lazy
from tracker.incidents.codes import FigureTable
from tracker.permissions import Permission
from tracker.reports.filters import MonthlyFilter
from tracker.reports.formats import CONTENT_TYPES, stream_workbook
from tracker.reports.monthly import queries
from tracker.reports.monthly import service as monthly_service
from tracker.reports.monthly import sheet as monthly_sheet
from tracker.reports.monthly import workbook as monthly_workbook
from tracker.reports.monthly.models import MonthlyText, PublishedMonth
from tracker.reports.monthly.service import COMMENTARY_FIELDS, visible_commentary
from tracker.reports.service import log_monthly_download
from tracker.reports.views import bp
from tracker.scoping import viewing_as_all_users
from tracker.timelines.charts import Cell, Chart, ChartKind, Row, Series, month_tick_lines
from tracker.timelines.codes import ClockKind, ClockStart
from tracker.timelines.queries import clocks_of_incident_ids
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.queries import list_all_terms
from tracker.web.forms import LongTextField, TrackerForm, VersionedForm, render_form
from tracker.web.guards import current_actor, file_response, require_permission, shows_filter_errors
from tracker.web.saving import handle_form

MONTHS_IN_CHART = 12
# For more incidents the days without an answer are not counted.
MAX_INCIDENTS_WITH_CLOCKS = 300
MAX_LISTED_MONTHS = 24  # published months
# The kinds of response clocks in the report: days without any answer, and without one of
# substance.
CLOCK_KINDS = (ClockKind.NO_RESPONSE, ClockKind.NOT_SUBSTANTIVE)


class PublishMonthForm(TrackerForm):
    """The form that publishes the figures on the page, with the digest of the figures."""

    # The digest of the figures on the page.
    read = HiddenField()


class MonthlyTextForm(VersionedForm):
    """The form for the commentary on a month, in three parts."""

    # The audit log has only digests.
    IS_KEPT_IN_HISTORY = False

    summary = LongTextField(lazy("The month in short"), max_length=4000)
    on_incidents = LongTextField(lazy("On the incidents"), max_length=8000)
    on_responses = LongTextField(lazy("On what the authorities answered"), max_length=8000)

    def populate(self, record: MonthlyText) -> None:
        """Fill the form with the visible commentary and its version."""
        self.version.data = str(record.version)
        shown = visible_commentary(record)
        for part in COMMENTARY_FIELDS:
            self[part].data = shown.get(part, "")

    def submitted_texts(self) -> dict[str, str]:
        """Return the submitted text, by part."""
        return {
            "summary": self.summary.data or "",
            "on_incidents": self.on_incidents.data or "",
            "on_responses": self.on_responses.data or "",
        }


@bp.get("/monthly")
@require_permission(Permission.READ)
@shows_filter_errors
def monthly() -> str:
    """Show the monthly report, over the records that the viewer or all users may see."""
    filters = MonthlyFilter.from_args(request.args)
    of, text = queries.published_month(filters), queries.monthly_text(filters)
    with _viewer_context(filters):
        sheet = _build_report(filters, of)
        months = i18n.months_up_to(filters.months.last, MONTHS_IN_CHART)
        by_month = cached_until_change(
            ("monthly report by month", filters), lambda: queries.count_by_month(filters, months)
        )
        clocks = _clocks_by_kind(filters, sheet.total)
    return render_template(
        "reports/monthly.html",
        filters=filters,
        sheet=sheet,
        published=of,
        text=text,
        written=visible_commentary(text) if filters.is_one_month else {},
        revised=_revision_lines(sheet),
        by_month=by_month,
        drawn=_month_chart(by_month, filters).svg,
        clocks=clocks,
        notes=monthly_sheet.table_notes(),
        too_many=monthly_sheet.too_many_incidents_message(MAX_INCIDENTS_WITH_CLOCKS),
        everybody=replace(filters, shared=True),
        recent=queries.latest_published_months(MAX_LISTED_MONTHS),
        countries=i18n.country_names(),
        tables=FigureTable,
        whose=monthly_sheet.scope_label(
            i18n.format_datetime(clock.utc_now(), "medium"), shared=filters.shared
        ),
    )


def _month_chart(by_month: Mapping[date, int], filters: MonthlyFilter) -> Chart:
    """Return the chart of counted incidents by month; each number links to the list of these
    incidents.
    """
    months, asked = list(by_month), filters.incident_filter().to_args()
    return Chart(
        name="months",
        kind=ChartKind.COLUMNS,
        title=str(_("Incidents by month")),
        note=str(_("Counted in each of the last twelve months")),
        label_heading=str(_("Month")),
        series=[Series("incidents", str(_("Incidents")))],
        rows=[
            Row(
                f"{month:%Y-%m}",
                i18n.localized_month(month),
                [Cell(number, _month_list_address(month, asked))],
                tick_lines=month_tick_lines(month, months),
            )
            for month, number in by_month.items()
        ],
    )


def _month_list_address(month: date, parameters: Mapping[str, Any]) -> str:
    """Return the address of the list of incidents counted in a month; `parameters`: the query
    parameters of the filter of the report.
    """
    of_month = dict(parameters, reported=f"{month:%Y-%m}", figure="all:all")
    return url_for("incidents.index", **of_month)


@bp.get("/monthly.csv")
@require_permission(Permission.EXPORT, fresh=True)
def monthly_csv() -> Response:
    """Download the figures of a monthly report as CSV."""
    filters = MonthlyFilter.from_args(request.args)
    _log_download(filters, "csv")
    with _viewer_context(filters):
        sheet = _build_report(filters, queries.published_month(filters))
    return _figures_file(monthly_service.format_figures_csv(sheet.csv_rows()), filters, "csv")


@bp.get("/monthly.xlsx")
@require_permission(Permission.EXPORT, fresh=True)
def monthly_xlsx() -> Response:
    """Download the figures of a monthly report as a workbook, with answers and takedowns."""
    filters = MonthlyFilter.from_args(request.args)
    _log_download(filters, "xlsx")
    with _viewer_context(filters):
        of = queries.published_month(filters)
        sheet = _build_report(filters, of)
        content = monthly_workbook.WorkbookContent(
            months=filters.months,
            country=filters.country,
            shared=filters.shared,
            filter_description=filters.describe(),
            sheet=sheet,
            clocks=_clocks_by_kind(filters, sheet.total),
            max_incidents_with_clocks=MAX_INCIDENTS_WITH_CLOCKS,
            accounts=compute_figures(load_counted_accounts(filters.account_filter())),
            figures_read_at=clock.utc_now(),
            published_at=of.published_at if of and filters.shared else None,
            address=_list_address,
        )
    title = f"{_('Monthly report')}: {content.filter_description}"
    book = stream_workbook(monthly_workbook.workbook_sheets(content), title=title)
    return _figures_file(b"".join(book), filters, "xlsx")


@bp.route("/monthly/publish", methods=["GET", "POST"])
@require_permission(Permission.REVIEW, fresh=True)
def publish_month() -> BaseResponse | tuple[str, int]:
    """Show the figures of a month before they are published, and publish them."""
    filters = replace(MonthlyFilter.from_args(request.args), shared=True)
    form = PublishMonthForm()
    answer = handle_form(
        form,
        lambda: monthly_service.publish_month(
            filters, read=form.read.data or "", by=current_actor()
        ),
        to=url_for(".monthly", **filters.to_args()),
        message=_("These figures are published: later changes are shown as revised."),
    )
    if answer is not None:
        return answer
    with viewing_as_all_users():
        sheet = _build_report(filters, None)
    # The button publishes what this page shows, whatever was read before.
    form.read.data = monthly_service.figures_digest(sheet.tables)
    mine = replace(filters, shared=False)
    return render_form(
        "reports/publish_month.html",
        form=form,
        filters=filters,
        sheet=sheet,
        mine=mine,
        left_out=len(
            monthly_sheet.counted_refs(queries.monthly_tables(mine))
            - monthly_sheet.counted_refs(sheet.tables)
        ),
        published=queries.published_month(filters),
        tables=FigureTable,
    )


def _log_download(filters: MonthlyFilter, suffix: str) -> None:
    """Log the download of a report, except for HEAD requests; `suffix`: the extension."""
    # HEAD asks for the headers only: nothing is downloaded.
    if request.method == "GET":
        log_monthly_download(filters.to_args(), suffix=suffix, by=current_actor())


def _figures_file(content: bytes, filters: MonthlyFilter, suffix: str) -> Response:
    """Return a report as a file; `suffix`: the extension."""
    name = f"monthly-{str(filters.months).replace('/', '-to-')}.{suffix}"
    return file_response(content, name, content_type=CONTENT_TYPES[suffix])


def _list_address(endpoint: str, parameters: Mapping[str, Any]) -> str:
    """Return the full address of a list; `parameters`: the query parameters of its filter."""
    return url_for(endpoint, _external=True, **parameters)


def _viewer_context(filters: MonthlyFilter) -> Any:  # noqa: ANN401 (a context)
    """Return a context manager for reading a report: with `filters.shared`, only what all users see
    is read within it, else what the viewer sees.
    """
    return viewing_as_all_users() if filters.shared else nullcontext()


def _build_report(
    filters: MonthlyFilter, published: PublishedMonth | None
) -> monthly_sheet.MonthlyReport:
    """Return the report, compared with the period before and with the published figures, if any."""
    tables = queries.monthly_tables(filters)
    terms = [*list_all_terms(TermSet.INCIDENT_TYPE), *list_all_terms(TermSet.REGION)]
    return monthly_sheet.MonthlyReport(
        monthly_sheet.ListFilters(
            filters.incident_filter(), filters.response_filter(), filters.account_filter()
        ),
        tables,
        {term.code: term.label_in(i18n.current_language()) for term in terms},
        before=queries.monthly_comparison_tables(filters.previous_period()),
        # Published figures are those that all users see: they reveal nothing that only some see.
        was=monthly_sheet.comparable_tables(
            monthly_sheet.tables_from_json(published.figures),
            tables,
            monthly_sheet.WITHHELD_ROW_OF_TABLE,
        )
        if published and filters.shared
        else None,
    )


def _revision_lines(sheet: monthly_sheet.MonthlyReport) -> dict[str, Any]:
    """Return two template values. `figures`: the numbers that differ from the published ones, as
    pairs of a title and a `Revision`; `records`: the records that changed these numbers.

    Each record once, if the viewer may see it, with the labels of the lines where it is counted
    now, no longer, or differently.
    """
    found = [] if sheet.was is None else monthly_sheet.find_revisions(sheet.was, sheet.tables)
    rows = [(_row_title(one.table, one.code, sheet), one) for one in found]
    seen = load_visible_records(ref for one in found for ref in one.refs)
    return {
        "figures": rows,
        "records": [
            {
                "record": seen[ref],
                "added": [words for words, one in rows if ref in one.added],
                "gone": [words for words, one in rows if ref in one.removed],
                "changed": [words for words, one in rows if ref in one.changed],
            }
            for ref in sorted(seen)
        ],
    }


def _row_title(table: str, code: str, sheet: monthly_sheet.MonthlyReport) -> str:
    """Return the title of a table and the label of its row `code`, as one text."""
    return " – ".join(
        dict.fromkeys(
            [
                monthly_sheet.table_title(table),
                monthly_sheet.row_label(table, code, sheet.term_labels),
            ]
        )
    )


def _clocks_by_kind(
    filters: MonthlyFilter, counted: int
) -> list[tuple[ClockKind, list[Any], list[Any]]]:
    """Return, for each kind of response clock (a count of days without an answer), the refs and
    clocks of incidents: those still running, the longest first, and those stopped. Empty unless
    `counted`, the number of incidents, is from 1 to `MAX_INCIDENTS_WITH_CLOCKS`.
    """
    if not 0 < counted <= MAX_INCIDENTS_WITH_CLOCKS:
        return []
    found = clocks_of_incident_ids(
        queries.counted_incident_ids(filters), most=MAX_INCIDENTS_WITH_CLOCKS
    )
    return [(kind, *_split_running_and_stopped(found, kind)) for kind in CLOCK_KINDS]


def _split_running_and_stopped(
    found: Mapping[str, Sequence[Any]], kind: ClockKind
) -> tuple[list[Any], list[Any]]:
    """Return pairs of ref and clock of one kind: first the running ones, then the stopped ones.
    Only clocks that began when the incident became public; `found`: all clocks, by ref of incident.
    """
    of_kind = [
        (ref, one)
        for ref, clocks in sorted(found.items())
        for one in clocks
        if one.kind is kind and one.start is ClockStart.PUBLIC
    ]
    running = [(ref, one) for ref, one in of_kind if one.is_running]
    running.sort(key=lambda pair: -pair[1].days.at_least)
    return running, [(ref, one) for ref, one in of_kind if not one.is_running]


@bp.route("/monthly/write", methods=["GET", "POST"])
@require_permission(Permission.REVIEW)
def write_month() -> BaseResponse | tuple[str, int]:
    """Show and save the commentary on a month, which all users can read."""
    filters = MonthlyFilter.from_args(request.args)
    text, form = queries.monthly_text(filters), MonthlyTextForm()
    answer = handle_form(
        form,
        lambda: monthly_service.save_commentary(
            text, replace(filters, shared=False), words=form.submitted_texts(), by=current_actor()
        ),
        to=url_for(".monthly", **filters.to_args()),
        record=text,
    )
    return answer or render_form("reports/write_month.html", form=form, filters=filters)

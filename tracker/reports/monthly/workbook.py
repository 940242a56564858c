"""The workbook of a monthly report, to be read: everything in the current language.

The CSV file has the names and codes that programs read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tracker.fake_accounts.codes import AccountFate
from tracker.fake_accounts.rules import AccountFigures
from tracker.i18n import (
    MonthRange,
    _,
    country_name,
    current_language,
    format_datetime,
    lazy,
    mark,
)
from tracker.incidents.rules import HEADINGS_BY_CROSSWALK_TABLE
from tracker.reports.flat_rows import Value
from tracker.reports.formats import WorkbookSheet
from tracker.reports.monthly import sheet as monthly_sheet
from tracker.reports.tables import Column, ColumnKind, columns_named_by_heading
from tracker.vocabulary.labels import get_label


def _text_column(name: str, label: object, description: str = "") -> Column:
    """Return a column of texts for a sheet of the workbook."""
    return Column(name=name, label=label, description=description, kind=ColumnKind.TEXT)


def _number_column(name: str, label: object, description: str) -> Column:
    """Return a column of numbers for a sheet of the workbook."""
    return Column(name=name, label=label, description=description, kind=ColumnKind.NUMBER)


# The columns of the first sheet: what the report is about.
PERIOD_COLUMNS = (
    _text_column("about", lazy("Monthly report")),
    _text_column("says", lazy("Value")),
)
# The columns of a sheet with a table of the report; the heading of the first one is its title.
LABEL_COLUMN = _text_column("label", "")
FIGURE_COLUMNS = (
    _number_column("number", lazy("How many"), mark("How many there are in the period.")),
    _number_column(
        "period_before", lazy("Period before"),
        mark("How many there were in as many months, those before."),
    ),
    _number_column(
        "published", lazy("As published"),
        mark("How many there were when the month was published and frozen."),
    ),
    _text_column("address", lazy("List"), mark("The list of what the number counts.")),
    _text_column("code", lazy("Code in the CSV"), mark("The code of the row in the CSV.")),
)  # fmt: skip
# The columns that are left out of a sheet in which they are empty.
OPTIONAL_COLUMNS = frozenset({"period_before", "published"})
# The columns of the sheet of response clocks: how many incidents have no answer, and how many have.
CLOCK_COLUMNS = (
    _text_column("label", lazy("Incidents")),
    _number_column("still_waiting", lazy("Still waiting"), mark("How many incidents still wait.")),
    _number_column("answered", lazy("Answered"), mark("How many do not.")),
    _number_column(
        "longest_days", lazy("Longest wait in days, at least"),
        mark("For how many days at least the first of those still waiting waits."),
    ),
)  # fmt: skip
# The columns of the sheet on what became of the fake accounts.
TAKEDOWN_COLUMNS = (
    _text_column("label", lazy("Fake accounts")),
    _number_column(
        "number", lazy("How many"), mark("How many accounts, or at least how many days.")
    ),
    _number_column("at_most", lazy("At most"), mark("The upper bound, where there is one.")),
)
# The columns of the sheet README.
NOTE_COLUMNS = (
    _text_column("about", lazy("Sheet or column")),
    _text_column("says", lazy("Meaning")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookContent:
    """The content of the workbook of a monthly report: the report itself, how long incidents are
    without an answer (`clocks`), what became of fake accounts, and when all that was read.

    `filter_description`: the filter as text; `max_incidents_with_clocks`: the number of incidents
    above which `clocks` is empty; `address`: returns the address of a list from its endpoint and
    filter.
    """

    months: MonthRange
    country: str
    shared: bool
    filter_description: str
    sheet: monthly_sheet.MonthlyReport
    clocks: monthly_sheet.ClocksByKind
    max_incidents_with_clocks: int
    accounts: AccountFigures
    figures_read_at: datetime
    published_at: datetime | None
    address: Callable[[str, Mapping[str, Any]], str]


def workbook_sheets(content: WorkbookContent) -> list[WorkbookSheet]:
    """Return the sheets of a workbook: period, tables of the report, clocks, takedowns, README."""
    names = sheet_names()
    return [
        (names["period"], columns_named_by_heading(PERIOD_COLUMNS), [list(_period_rows(content))]),
        *(_figure_sheet(content, name) for name in content.sheet.tables),
        (
            names["clocks"],
            columns_named_by_heading(CLOCK_COLUMNS),
            [list(_clock_rows(content.clocks))],
        ),
        (
            names["takedowns"],
            columns_named_by_heading(TAKEDOWN_COLUMNS),
            [list(_takedown_rows(content.accounts))],
        ),
        ("README", columns_named_by_heading(NOTE_COLUMNS), [list(_note_rows(content))]),
    ]


def sheet_names() -> dict[str, str]:
    """Return the names of the sheets that differ from the titles of their tables, by what they
    hold; Excel allows 31 characters.
    """
    return {
        "period": str(_("Period")),
        monthly_sheet.RESPONSES_TABLE: str(_("Official responses")),
        monthly_sheet.ACCOUNTS_TABLE: str(_("Fake accounts")),
        "clocks": str(_("Waiting for a response")),
        "takedowns": str(_("Takedowns")),
    }


def _sheet_name(table: str) -> str:
    """Return the name of the sheet of a table of the report."""
    return sheet_names().get(table) or monthly_sheet.table_title(table)


def _period_rows(content: WorkbookContent) -> Iterator[list[Value]]:
    """Yield the rows of the first sheet."""
    yield [str(_("Month or period")), content.months.localized_text()]
    yield [str(_("Period before")), content.months.preceding_range().localized_text()]
    country = country_name(content.country) if content.country else str(_("all countries"))
    yield [str(_("Country")), country]
    moment = format_datetime(content.figures_read_at, "medium")
    yield [str(_("Figures")), monthly_sheet.scope_label(moment, shared=content.shared)]
    if content.published_at:
        yield [str(_("Published")), format_datetime(content.published_at, "medium")]


def _figure_sheet(content: WorkbookContent, name: str) -> WorkbookSheet:
    """Return the sheet of the table `name`, with its total if that has a meaning."""
    table = content.sheet.build_table(name)
    rows = [
        [
            one.label, one.number, one.previous_number, one.published_number,
            content.address(table.endpoint, one.list_args), one.code,
        ]
        for one in [*table.lines, *_total_line(table)]
    ]  # fmt: skip
    columns = [replace(LABEL_COLUMN, label=table.title), *FIGURE_COLUMNS]
    kept = [
        place
        for place, one in enumerate(columns)
        if one.name not in OPTIONAL_COLUMNS or any(row[place] is not None for row in rows)
    ]
    return (
        _sheet_name(name),
        columns_named_by_heading(columns[place] for place in kept),
        [[[row[place] for place in kept] for row in rows]],
    )


def _total_line(table: monthly_sheet.ReportTable) -> Iterator[monthly_sheet.FigureLine]:
    """Yield the line with the sums of a table, if they have a meaning."""

    def add(numbers: Sequence[int | None]) -> int | None:
        # The columns of earlier numbers are filled in every line or in none.
        return None if None in numbers else sum(one or 0 for one in numbers)

    if table.lines and table.total is not None:
        yield monthly_sheet.FigureLine(
            code="",
            label=str(_("Total")),
            number=table.total,
            list_args=table.list_args or {},
            previous_number=add([one.previous_number for one in table.lines]),
            published_number=add([one.published_number for one in table.lines]),
        )


def _clock_rows(clocks: monthly_sheet.ClocksByKind) -> Iterator[list[Value]]:
    """Yield the rows of the sheet of response clocks, one for each kind, which counts the days of
    an incident without an answer. Columns: the label of the kind, the number of running and of
    stopped clocks, and the days of the clock that has run longest.
    """
    for kind, running, stopped in clocks:
        days = running[0][1].days if running else None
        longest = days.at_least if days and days.is_informative else None
        yield [get_label(kind, current_language()), len(running), len(stopped), longest]


def _takedown_rows(found: AccountFigures) -> Iterator[list[Value]]:
    """Yield the rows of the sheet on what became of the fake accounts."""
    for fate in AccountFate:
        yield [get_label(fate, current_language()), found.count_by_fate[fate], None]
    back = found.reappeared, found.reappeared + found.possibly_reappeared
    yield [str(_("Came back as another one")), *back]
    days = (found.median.at_least, found.median.at_most) if found.median else (None, None)
    yield [str(_("Median time to takedown")), *days]


def _note_rows(content: WorkbookContent) -> Iterator[list[Value]]:
    """Yield the rows of the sheet README: on the period, on each table, and on all columns."""
    names, said = sheet_names(), monthly_sheet.table_notes()
    yield [names["period"], content.filter_description]
    for name in content.sheet.tables:
        table = content.sheet.build_table(name)
        note = table.note if name not in monthly_sheet.ROW_CODES_OF_TABLE else said[name]
        yield [_sheet_name(name), f"{table.title}: {note}" if note else table.title]
        if name in HEADINGS_BY_CROSSWALK_TABLE:
            yield [_sheet_name(name), said["ours"]]
    yield [names["clocks"], f"{said['clocks']} {said['unapproved']}"]
    if not content.clocks and content.sheet.total:
        yield [
            names["clocks"],
            monthly_sheet.too_many_incidents_message(content.max_incidents_with_clocks),
        ]
    yield [
        names["takedowns"],
        str(_("What became of these accounts, as of today; not frozen when a month is published.")),
    ]
    of_sheet = {"": FIGURE_COLUMNS, "clocks": CLOCK_COLUMNS, "takedowns": TAKEDOWN_COLUMNS}
    for name, columns in of_sheet.items():
        for one in columns:
            if one.description:
                heading = f"{names[name]}: {one.label}" if name else str(one.label)
                yield [heading, str(_(one.description))]

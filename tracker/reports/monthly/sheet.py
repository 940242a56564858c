"""The figures of a monthly report: counts, lines with labels, revisions, and a workbook; pure.

Page, CSV and workbook have the same lines, each with the filter of the list behind its number.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from tracker.fake_accounts.codes import AccountEvent
from tracker.fake_accounts.filters import AccountFilter
from tracker.i18n import _, current_language, ngettext
from tracker.incidents.codes import FigureTable
from tracker.incidents.filters import Figure, IncidentFilter
from tracker.incidents.rules import (
    CODE_ENUM_BY_TABLE,
    HEADINGS_BY_CROSSWALK_TABLE,
    NOT_RECORDED_CODE,
    WITHHELD_CODE,
    figure_row_label,
)
from tracker.responses.codes import Standing
from tracker.responses.filters import ResponseFilter
from tracker.timelines.codes import ClockKind
from tracker.vocabulary.labels import get_definition, get_label

# For each kind of response clock: the kind, the clocks that still run (the longest first), and the
# clocks that stopped. A response clock counts the days of an incident without an answer; it comes
# as a pair of the ref of the incident and the clock.
ClocksByKind = Sequence[tuple[ClockKind, Sequence[Any], Sequence[Any]]]
# The names of the tables about responses and accounts; all others are about incidents.
RESPONSES_TABLE, ACCOUNTS_TABLE = "responses", "accounts"
# By name of the tables about responses and accounts, the codes of their rows.
ROW_CODES_OF_TABLE = {RESPONSES_TABLE: Standing, ACCOUNTS_TABLE: AccountEvent}
# Tables in which each incident is counted once, so that their rows sum to the total.
TABLES_WITH_TOTAL = (
    FigureTable.TYPE,
    FigureTable.REGION,
    FigureTable.VERIFICATION,
    *HEADINGS_BY_CROSSWALK_TABLE,
)
# By table about people, the code of the row that counts the people who are not shown to the viewer.
WITHHELD_ROW_OF_TABLE = {FigureTable.GENDER.value: WITHHELD_CODE}
# The columns of the CSV file of a report.
CSV_HEADER = (
    "period", "country", "table", "code", "label", "number", "period_before", "published", "shared",
)  # fmt: skip


class FigureCell(NamedTuple):
    """The number in a row of a table, and by ref how much each counted record adds to it."""

    number: int
    refs: dict[str, int]


EMPTY_CELL = FigureCell(0, {})


# The tables of the report, by name: cells by the codes of their rows.
Tables = dict[str, dict[str, FigureCell]]


class CountedMember(NamedTuple):
    """A person or record (`counted_id`) that is counted as `number` in the row `code` of a table.
    `ref`: the ref of the record or, for a person, the ref of the incident that targeted the person.
    """

    ref: str
    code: str
    counted_id: int | str
    number: int = 1


@dataclass(frozen=True, slots=True)
class Revision:
    """A number that changed since it was published, with the refs of the records that changed it.

    `added`, `removed`, `changed`: refs that are counted now, no longer, or with another number.
    """

    table: str
    code: str
    published_number: int
    current_number: int
    added: list[str]
    removed: list[str]
    changed: list[str]

    @property
    def refs(self) -> list[str]:
        """The refs of all records that changed the number."""
        return [*self.added, *self.removed, *self.changed]


def cells_by_code(rows: Iterable[CountedMember]) -> dict[str, FigureCell]:
    """Return the cells of a table, by code of the row. A person or record that occurs several times
    in `rows` with the same code is counted once.
    """
    counted: dict[str, dict[int | str, int]] = defaultdict(dict)
    refs: dict[str, dict[str, set[tuple[int | str, int]]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        counted[row.code][row.counted_id] = row.number
        refs[row.code][row.ref].add((row.counted_id, row.number))
    return {
        code: FigureCell(
            sum(numbers.values()),
            {ref: sum(number for _who, number in of) for ref, of in sorted(refs[code].items())},
        )
        for code, numbers in counted.items()
    }


def join_rows_by_heading(
    cells: Mapping[str, FigureCell], headings: Mapping[str, str]
) -> dict[str, FigureCell]:
    """Return a table with one row for each heading, from a table with one row for each code: rows
    whose codes have the same heading are joined, and a record in several of them is counted once.
    `headings`: the heading of each code.
    """
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for code, cell in cells.items():
        found[headings[code]] |= cell.refs
    return {heading: FigureCell(len(refs), refs) for heading, refs in found.items()}


def counted_refs(tables: Tables) -> set[str]:
    """Return the refs of all records that tables count."""
    return {ref for cells in tables.values() for cell in cells.values() for ref in cell.refs}


def tables_to_json(tables: Tables) -> dict[str, Any]:
    """Return tables as the JSON data that is stored."""
    return {
        table: {code: list(cell) for code, cell in sorted(cells.items())}
        for table, cells in tables.items()
    }


def json_digest(figures: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the JSON data of tables."""
    return hashlib.sha256(json.dumps(figures, sort_keys=True).encode()).hexdigest()


def tables_from_json(figures: Mapping[str, Any]) -> Tables:
    """Return tables from their JSON data."""
    return {
        table: {code: FigureCell(number, refs) for code, (number, refs) in cells.items()}
        for table, cells in figures.items()
    }


def comparable_tables(
    published: Tables, current: Tables, withheld_rows: Mapping[str, str]
) -> Tables:
    """Return the published tables that may be compared with the current ones. A table is left out
    if a record hides more people now than in the published table: the difference would reveal who
    they are. `withheld_rows`: by table, the code of the row that counts people who are not shown.
    """
    return {
        table: cells
        for table, cells in published.items()
        if table not in withheld_rows
        or not _withholds_more_people(cells, current.get(table, {}), withheld_rows[table])
    }


def _withholds_more_people(
    was: Mapping[str, FigureCell], now: Mapping[str, FigureCell], code: str
) -> bool:
    """Return whether any record adds more people to the row `code` of a table now than it did when
    the month was published; `was`, `now`: the cells of the table.
    """
    before = was.get(code, EMPTY_CELL).refs
    return any(
        number > before.get(ref, 0) for ref, number in now.get(code, EMPTY_CELL).refs.items()
    )


def find_revisions(published: Tables, current: Tables) -> list[Revision]:
    """Return the published numbers that are different now, or come from other records."""
    found = []
    for table, cells in published.items():
        today = current.get(table, {})
        for code in dict.fromkeys([*cells, *today]):
            before, after = cells.get(code, EMPTY_CELL), today.get(code, EMPTY_CELL)
            if before != after:
                both = before.refs.keys() & after.refs.keys()
                found.append(
                    Revision(
                        table,
                        code,
                        before.number,
                        after.number,
                        added=sorted(after.refs.keys() - both),
                        removed=sorted(before.refs.keys() - both),
                        changed=sorted(ref for ref in both if before.refs[ref] != after.refs[ref]),
                    )
                )
    return found


class ListFilters(NamedTuple):
    """The filters of the lists of records that a report counts."""

    incidents: IncidentFilter
    responses: ResponseFilter
    accounts: AccountFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureLine:
    """A line of a table: a number with its label; `list_args`: the query parameters of the list of
    records that the number counts.

    `previous_number`: the number of the period before; `published_number`: the published number;
    None if there is none.
    """

    code: str
    label: str
    number: int
    list_args: Mapping[str, Any]
    previous_number: int | None = None
    published_number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable:
    """A table of the report: its lines, and the endpoint of the list that shows what they count.

    `total`: the sum of the lines, None if it has no meaning; `list_args`: the query parameters of
    the list for the total.
    """

    name: str
    title: str
    endpoint: str
    lines: list[FigureLine]
    note: str = ""
    total: int | None = None
    list_args: Mapping[str, Any] | None = None


class MonthlyReport:
    """A monthly report, which builds its tables with labels."""

    def __init__(
        self,
        lists: ListFilters,
        tables: Tables,
        term_labels: Mapping[str, str],
        *,
        before: Tables | None = None,
        was: Tables | None = None,
    ) -> None:
        """Prepare a report; `term_labels`: of types and regions by code, in their order; `before`:
        the tables of the period before; `was`: the published tables.
        """
        # Filter values of the list behind a number of the period before.
        months = lists.incidents.reported
        self.earlier = {"reported": str(months.preceding_range())} if months else {}
        self.lists = lists
        self.tables = tables
        self.term_labels = term_labels
        self.before = before or {}
        self.was = was
        # A table that sums to all incidents has their number below it.
        self.total = tables[FigureTable.ALL].get("all", EMPTY_CELL).number

    def build_table(self, name: str) -> ReportTable:
        """Return the table with a name, with the lines that have a number now or had one before."""
        of_incidents = name not in ROW_CODES_OF_TABLE
        sums = name in TABLES_WITH_TOTAL or name == RESPONSES_TABLE
        lines = [self._build_line(name, code) for code in self._row_codes(name)]
        return ReportTable(
            name=name,
            title=table_title(name),
            endpoint="incidents.index" if of_incidents else f"{self._list_blueprint(name)}.index",
            lines=lines,
            note=get_definition(FigureTable(name), current_language()) if of_incidents else "",
            total=sum(line.number for line in lines) if sums else None,
            list_args=self._list_args(FigureTable.ALL, "all")
            if of_incidents
            else self.lists.responses.to_args(),
        )

    def csv_rows(self) -> Iterator[list[str]]:
        """Yield the rows of the CSV file, below `CSV_HEADER`."""
        for name in self.tables:
            for line in self.build_table(name).lines:
                yield [
                    str(self.lists.incidents.reported),
                    self.lists.incidents.country,
                    name,
                    line.code,
                    line.label,
                    str(line.number),
                    "" if line.previous_number is None else str(line.previous_number),
                    "" if line.published_number is None else str(line.published_number),
                    "yes" if self.lists.incidents.shared else "",
                ]

    def _list_blueprint(self, name: str) -> str:
        """Return the blueprint with the list of the records that a table counts; `name`: a table
        that is not about incidents.
        """
        return {RESPONSES_TABLE: "responses", ACCOUNTS_TABLE: "fake_accounts"}[name]

    def _row_codes(self, name: str) -> list[str]:
        """Return the codes of the lines of a table, in the order of their enumeration or terms."""
        found = {
            *self.tables[name],
            *self.before.get(name, ()),
            *(self.was or {}).get(name, ()),
        }
        if name in (FigureTable.ALL, FigureTable.OCCURRENCES):
            return ["all"]
        codes: Iterable[str] = ROW_CODES_OF_TABLE.get(name) or (
            (CODE_ENUM_BY_TABLE | HEADINGS_BY_CROSSWALK_TABLE).get(FigureTable(name))
            or self.term_labels
        )
        order = {str(code): place for place, code in enumerate(codes)}
        last = (NOT_RECORDED_CODE, WITHHELD_CODE)
        return sorted(found, key=lambda code: (code in last, order.get(code, len(order)), code))

    def _build_line(self, name: str, code: str) -> FigureLine:
        """Return the line of the table `name` for a code, with its number then and now."""
        was, before = self.was, self.before.get(name)
        return FigureLine(
            code=code,
            label=row_label(name, code, self.term_labels),
            number=self.tables[name].get(code, EMPTY_CELL).number,
            list_args=self._list_args(name, code),
            previous_number=None if before is None else before.get(code, EMPTY_CELL).number,
            published_number=None
            if was is None or name not in was
            else was[name].get(code, EMPTY_CELL).number,
        )

    def _list_args(self, name: str, code: str) -> Mapping[str, Any]:
        """Return the query parameters of the list of records that are counted in the row `code` of
        the table `name`.
        """
        if name == RESPONSES_TABLE:
            return replace(self.lists.responses, standing=Standing(code)).to_args()
        if name == ACCOUNTS_TABLE:
            return replace(self.lists.accounts, event=AccountEvent(code)).to_args()
        figure = Figure(FigureTable(name), code)
        return replace(self.lists.incidents, figure=figure).to_args()


def table_title(name: str) -> str:
    """Return the title of the table with a name."""
    titles = {
        RESPONSES_TABLE: _("Official responses by standing"),
        ACCOUNTS_TABLE: _("Fake accounts by what happened to them"),
    }
    return str(titles.get(name) or get_label(FigureTable(name), current_language()))


def row_label(name: str, code: str, term_labels: Mapping[str, str]) -> str:
    """Return the label of the row `code` of the table `name`; `term_labels`: of types and regions
    by code.
    """
    if name in ROW_CODES_OF_TABLE:
        return get_label(ROW_CODES_OF_TABLE[name](code), current_language())
    return figure_row_label(FigureTable(name), code, term_labels)


def table_notes() -> dict[str, str]:
    """Return the notes under the tables, by name: `responses`, `clocks` (days without a response)
    and `accounts` say what these tables count, `unapproved` which responses they leave out, `ours`
    how types are assigned to the headings of external lists.
    """
    said = {
        "responses": _(
            "By occasions that are approved or published, in the month of the last day on which "
            "they may have been; the country is that of the institution."
        ),
        "clocks": _(
            "Days since it was public, as of today; what is not public has no clock. These are "
            "read anew each time and are not frozen when a month is published."
        ),
        "unapproved": _(
            "Responses that are not approved yet stop a clock too, and are not counted among the "
            "official responses above."
        ),
        "accounts": _(
            "Accounts that are approved or published, by events whose last possible day lies in "
            "the period; an account may stand in several rows. The country is where they were "
            "used."
        ),
        "ours": _(
            "These assignments are ours, by primary type. The organisations named have not made "
            "or checked them, and their own figures follow rules of their own."
        ),
    }
    return {name: str(label) for name, label in said.items()}


def too_many_incidents_message(most: int) -> str:
    """Return the message that more than `most` incidents are counted, too many to count their days
    without an answer.
    """
    said = ngettext(
        "Clocks are read for at most %(num)d incident: choose a shorter period or one country.",
        "Clocks are read for at most %(num)d incidents: choose a shorter period or one country.",
        most,
    )
    return str(said)


def scope_label(moment: str, *, shared: bool) -> str:
    """Return as text when (`moment`) and over which records figures are counted: those that all
    users may see if they are `shared`, else those that the viewer may see.
    """
    said = (
        _("As of %(moment)s, over the records that all users may see.", moment=moment)
        if shared
        else _("As of %(moment)s, over the records that you may see.", moment=moment)
    )
    return str(said)

"""The figures of a monthly report: sums, rows with labels, and revisions; pure.

The page and its CSV write the same rows, with the list behind each number.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from tracker.fake_accounts.codes import AccountEvent
from tracker.fake_accounts.filters import AccountFilter
from tracker.i18n import _, language
from tracker.incidents.codes import FigureTable
from tracker.incidents.filters import Figure, IncidentFilter
from tracker.incidents.words import CROSSWALKS, FIGURE_SETS, NONE, WITHHELD, row_words
from tracker.responses.codes import Standing
from tracker.responses.filters import ResponseFilter
from tracker.vocabulary.labels import definition, label

RESPONSES, ACCOUNTS = "responses", "accounts"
OTHERS = {RESPONSES: Standing, ACCOUNTS: AccountEvent}
# Tables in which each incident is counted once, so that they sum to the total.
SUMMED = (FigureTable.TYPE, FigureTable.REGION, FigureTable.VERIFICATION, *CROSSWALKS)
# By table about people, the row of those who are not shown to the viewer.
HIDING = {FigureTable.GENDER.value: WITHHELD}
HEADER = (
    "period", "country", "table", "code", "label", "number", "period_before", "published", "shared",
)  # fmt: skip


class Cell(NamedTuple):
    """One number, and the refs of the records behind it with what each of them adds."""

    number: int
    refs: dict[str, int]


NOTHING = Cell(0, {})
# The tables of the report, by name: cells by the codes of their rows.
Tables = dict[str, dict[str, Cell]]


class Member(NamedTuple):
    """What one record adds to a row: who is counted there, and as how many."""

    ref: str
    code: str
    who: int | str
    number: int = 1


@dataclass(frozen=True, slots=True)
class Revision:
    """A number when it was published and now, and the refs that changed it."""

    table: str
    code: str
    was: int
    now: int
    added: list[str]
    gone: list[str]
    changed: list[str]

    @property
    def refs(self) -> list[str]:
        """Return all refs that changed it."""
        return [*self.added, *self.gone, *self.changed]


def tally(rows: Iterable[Member]) -> dict[str, Cell]:
    """Return the cells of a table, counting each person once in each row."""
    counted: dict[str, dict[int | str, int]] = defaultdict(dict)
    refs: dict[str, dict[str, set[tuple[int | str, int]]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        counted[row.code][row.who] = row.number
        refs[row.code][row.ref].add((row.who, row.number))
    return {
        code: Cell(
            sum(numbers.values()),
            {ref: sum(number for _who, number in of) for ref, of in sorted(refs[code].items())},
        )
        for code, numbers in counted.items()
    }


def regroup(cells: Mapping[str, Cell], headings: Mapping[str, str]) -> dict[str, Cell]:
    """Return a table of codes by the headings that they belong to, each record once."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for code, cell in cells.items():
        found[headings[code]] |= cell.refs
    return {heading: Cell(len(refs), refs) for heading, refs in found.items()}


def refs_behind(tables: Tables) -> set[str]:
    """Return the refs of all records that some tables count."""
    return {ref for cells in tables.values() for cell in cells.values() for ref in cell.refs}


def to_stored(tables: Tables) -> dict[str, Any]:
    """Return tables as they are stored."""
    return {
        table: {code: list(cell) for code, cell in sorted(cells.items())}
        for table, cells in tables.items()
    }


def stored_digest(figures: Mapping[str, Any]) -> str:
    """Return the SHA-256 of tables as they are stored."""
    return hashlib.sha256(json.dumps(figures, sort_keys=True).encode()).hexdigest()


def from_stored(figures: Mapping[str, Any]) -> Tables:
    """Return tables from their stored form."""
    return {
        table: {code: Cell(number, refs) for code, (number, refs) in cells.items()}
        for table, cells in figures.items()
    }


def comparable_tables(was: Tables, now: Tables, hiding: Mapping[str, str]) -> Tables:
    """Return the parts of today's tables that can be compared with published ones.

    `hiding`: by table about people, the row of those who are not shown to the viewer. If somebody
    is counted there now who was not when the tables were published, comparing both would reveal it:
    such a table is left out.
    """
    return {
        table: cells
        for table, cells in was.items()
        if table not in hiding or not _hides_more(cells, now.get(table, {}), hiding[table])
    }


def _hides_more(was: Mapping[str, Cell], now: Mapping[str, Cell], code: str) -> bool:
    before = was.get(code, NOTHING).refs
    return any(number > before.get(ref, 0) for ref, number in now.get(code, NOTHING).refs.items())


def revisions(was: Tables, now: Tables) -> list[Revision]:
    """Return every number that changed, or comes from other records."""
    found = []
    for table, cells in was.items():
        today = now.get(table, {})
        for code in dict.fromkeys([*cells, *today]):
            before, after = cells.get(code, NOTHING), today.get(code, NOTHING)
            if before != after:
                both = before.refs.keys() & after.refs.keys()
                found.append(
                    Revision(
                        table,
                        code,
                        before.number,
                        after.number,
                        added=sorted(after.refs.keys() - both),
                        gone=sorted(before.refs.keys() - both),
                        changed=sorted(ref for ref in both if before.refs[ref] != after.refs[ref]),
                    )
                )
    return found


class Lists(NamedTuple):
    """The filters of the lists behind a report."""

    incidents: IncidentFilter
    responses: ResponseFilter
    accounts: AccountFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One number with its label; `asked` is the filter of the list behind it.

    `before`: the number of the period before; `was`: the published one; None if there is none.
    """

    code: str
    words: str
    number: int
    asked: Mapping[str, Any]
    before: int | None = None
    was: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: its lines, the endpoint of the list behind them, and a total if they sum to one.

    The total has the filter of the list behind it.
    """

    name: str
    title: str
    endpoint: str
    lines: list[Line]
    note: str = ""
    total: int | None = None
    asked: Mapping[str, Any] | None = None


class Sheet:
    """A report: `known` has the labels of types and regions, in their order.

    `before` and `was` are empty if there is nothing to compare with.
    """

    def __init__(
        self,
        lists: Lists,
        tables: Tables,
        known: Mapping[str, str],
        *,
        before: Tables | None = None,
        was: Tables | None = None,
    ) -> None:
        # Filter values of the list behind a number of the period before.
        months = lists.incidents.reported
        self.earlier = {"reported": str(months.before())} if months else {}
        self.lists = lists
        self.tables = tables
        self.known = known
        self.before = before or {}
        self.was = was
        # A table that sums to all incidents has their number below it.
        self.total = tables[FigureTable.ALL].get("all", NOTHING).number

    def table(self, name: str) -> Table:
        """Return one table with the rows that have a number."""
        of_incidents = name not in OTHERS
        sums = name in SUMMED or name == RESPONSES
        lines = [self._line(name, code) for code in self._codes(name)]
        return Table(
            name=name,
            title=title_of(name),
            endpoint="incidents.index" if of_incidents else f"{self._feature(name)}.index",
            lines=lines,
            note=definition(FigureTable(name), language()) if of_incidents else "",
            total=sum(line.number for line in lines) if sums else None,
            asked=self._asked(FigureTable.ALL, "all")
            if of_incidents
            else self.lists.responses.to_args(),
        )

    def rows(self) -> Iterator[list[str]]:
        """Yield the rows of the file, below `HEADER`."""
        for name in self.tables:
            for line in self.table(name).lines:
                yield [
                    str(self.lists.incidents.reported),
                    self.lists.incidents.country,
                    name,
                    line.code,
                    line.words,
                    str(line.number),
                    "" if line.before is None else str(line.before),
                    "" if line.was is None else str(line.was),
                    "yes" if self.lists.incidents.shared else "",
                ]

    def _feature(self, name: str) -> str:
        return {RESPONSES: "responses", ACCOUNTS: "fake_accounts"}[name]

    def _codes(self, name: str) -> list[str]:
        """Return the codes of a table's rows in order: of its closed set, or by rank of terms."""
        found = {
            *self.tables[name],
            *self.before.get(name, ()),
            *(self.was or {}).get(name, ()),
        }
        if name in (FigureTable.ALL, FigureTable.OCCURRENCES):
            return ["all"]
        codes: Iterable[str] = OTHERS.get(name) or (
            (FIGURE_SETS | CROSSWALKS).get(FigureTable(name)) or self.known
        )
        order = {str(code): place for place, code in enumerate(codes)}
        last = (NONE, WITHHELD)
        return sorted(found, key=lambda code: (code in last, order.get(code, len(order)), code))

    def _line(self, name: str, code: str) -> Line:
        was, before = self.was, self.before.get(name)
        return Line(
            code=code,
            words=self._words(name, code),
            number=self.tables[name].get(code, NOTHING).number,
            asked=self._asked(name, code),
            before=None if before is None else before.get(code, NOTHING).number,
            was=None if was is None or name not in was else was[name].get(code, NOTHING).number,
        )

    def _words(self, name: str, code: str) -> str:
        return words_of(name, code, self.known)

    def _asked(self, name: str, code: str) -> Mapping[str, Any]:
        if name == RESPONSES:
            return replace(self.lists.responses, standing=Standing(code)).to_args()
        if name == ACCOUNTS:
            return replace(self.lists.accounts, event=AccountEvent(code)).to_args()
        figure = Figure(FigureTable(name), code)
        return replace(self.lists.incidents, figure=figure).to_args()


def title_of(name: str) -> str:
    """Return the title of a table."""
    titles = {
        RESPONSES: _("Official responses by standing"),
        ACCOUNTS: _("Fake accounts by what happened to them"),
    }
    return str(titles.get(name) or label(FigureTable(name), language()))


def words_of(name: str, code: str, known: Mapping[str, str]) -> str:
    """Return the label of a row of a table."""
    if name in OTHERS:
        return label(OTHERS[name](code), language())
    return row_words(FigureTable(name), code, known)

"""The tables of a monthly report as rows with their words, the list behind each number, and what it
was before; pure. The page and its CSV write the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from tracker.fake_accounts.codes import AccountEvent
from tracker.i18n import _, language
from tracker.incidents.codes import FigureTable
from tracker.incidents.filters import Figure
from tracker.incidents.words import CROSSWALKS, FIGURE_SETS, NONE, WITHHELD, row_words
from tracker.reports.monthly.tally import NOTHING
from tracker.responses.codes import Standing
from tracker.vocabulary.labels import definition, label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tracker.fake_accounts.filters import AccountFilter
    from tracker.incidents.filters import IncidentFilter
    from tracker.reports.monthly.tally import Tables
    from tracker.responses.filters import ResponseFilter

RESPONSES, ACCOUNTS = "responses", "accounts"
OTHERS = {RESPONSES: Standing, ACCOUNTS: AccountEvent}
# Tables in which each incident stands once, so that they sum to all that are counted.
SUMMED = (FigureTable.TYPE, FigureTable.REGION, FigureTable.VERIFICATION, *CROSSWALKS)
# In which row of a table about people those stand of whom it is not told.
HIDING = {FigureTable.GENDER.value: WITHHELD}
HEADER = (
    "period", "country", "table", "code", "label", "number", "period_before", "published", "shared",
)  # fmt: skip


class Lists(NamedTuple):
    """What the lists behind a report are asked for."""

    incidents: IncidentFilter
    responses: ResponseFilter
    accounts: AccountFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One number with its words; `asked` is what the list behind it is asked for.

    `before`: that of the period before; `was`: that which was published; None where there is none.
    """

    code: str
    words: str
    number: int
    asked: Mapping[str, Any]
    before: int | None = None
    was: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: its lines, the endpoint of the list behind them, and where they sum to something
    their total, with what the list behind that is asked for.
    """

    name: str
    title: str
    endpoint: str
    lines: list[Line]
    note: str = ""
    total: int | None = None
    asked: Mapping[str, Any] | None = None


class Sheet:
    """A report: `known` gives the words of types and regions, in their order; `before` and `was`
    are empty where there is nothing to compare with.
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
        # What the list behind a number of the period before is asked for besides.
        months = lists.incidents.reported
        self.earlier = {"reported": str(months.before())} if months else {}
        self.lists = lists
        self.tables = tables
        self.known = known
        self.before = before or {}
        self.was = was
        # One that sums to all incidents has their number below it.
        self.total = tables[FigureTable.ALL].get("all", NOTHING).number

    def table(self, name: str) -> Table:
        """Return one table with the rows that say something."""
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
        """Return the rows of a table in order: of its set of codes, or as terms are ranked."""
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
    """Return what a table is called."""
    titles = {
        RESPONSES: _("Official responses by standing"),
        ACCOUNTS: _("Fake accounts by what happened to them"),
    }
    return str(titles.get(name) or label(FigureTable(name), language()))


def words_of(name: str, code: str, known: Mapping[str, str]) -> str:
    """Return what a row of a table is called."""
    if name in OTHERS:
        return label(OTHERS[name](code), language())
    return row_words(FigureTable(name), code, known)

"""One row of somebody else's file as what is to be recorded, or all that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from tracker.reports.imports.codes import ImportField, ProblemKind
from tracker.reports.imports.columns import LONGEST_TITLE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tracker.reports.imports.columns import Columns, Refusal
    from tracker.when import When

Said = TypeVar("Said")
# Says nothing by itself: its narrative does.
UNTOLD = "other"
# What a word may mean here that is not known yet.
UNKNOWN = {
    ProblemKind.UNKNOWN_TYPE: "types", ProblemKind.UNKNOWN_COUNTRY: "country",
    ProblemKind.UNKNOWN_ACTOR: "actor",
}  # fmt: skip
# Of cells that may come again in some columns: how many are kept, and how long they may be.
MOST_KEPT, LONGEST_KEPT = 20_000, 1_000


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where: the row as a spreadsheet counts, and the column by its name."""

    row: int
    column: str
    kind: ProblemKind
    value: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a row says, as it is to be recorded; types by rank, names as they are stored."""

    row: int
    when: When
    types: tuple[str, ...]
    country: str
    region: str
    place: str
    journalists: tuple[str, ...]
    outlets: tuple[str, ...]
    title: str
    narrative: str
    identifier: str
    url: str
    quote: str
    # A kind of perpetrator, "" where the row says nothing of one.
    actor: str = ""


@dataclass(slots=True)
class Reader(Generic[Said]):
    """Reads what stands in some columns of a file: cells that come again are read once."""

    at: Sequence[int]
    read: Callable[[Sequence[str], list[Refusal]], Said]
    kept: dict[tuple[str, ...], tuple[Said, list[Refusal]]] = field(default_factory=dict)

    def of(self, cells: Sequence[str], refused: list[Refusal]) -> Said:
        """Return what the cells of a row say there, and add what is wrong with them."""
        key = tuple([cells[one] for one in self.at])
        found = self.kept.get(key)
        if found is None:
            wrong: list[Refusal] = []
            found = self.read(cells, wrong), wrong
            if len(self.kept) == MOST_KEPT:
                self.kept.clear()
            if sum(map(len, key)) <= LONGEST_KEPT:
                self.kept[key] = found
        refused += found[1]
        return found[0]


class Checker:
    """Reads rows of one file by one mapping; `unknown` holds words that mean nothing here yet."""

    def __init__(self, columns: Columns) -> None:
        """Find what stands in which columns, once for all rows."""
        self.columns = columns
        self.unknown: dict[str, dict[str, int]] = {what: {} for what in UNKNOWN.values()}
        self.spelled: dict[tuple[str, str], str] = {}
        self.when = Reader(columns.at(ImportField.OCCURRED, ImportField.UNTIL), columns.when)
        self.types = Reader(columns.at(ImportField.TYPES), columns.types)
        self.where = Reader(
            columns.at(ImportField.COUNTRY, ImportField.REGION, ImportField.PLACE), columns.where
        )
        self.journalists, self.outlets = (
            Reader(columns.at(wanted), partial(columns.names, wanted))
            for wanted in (ImportField.JOURNALISTS, ImportField.OUTLETS)
        )
        self.actor = Reader(columns.at(ImportField.ACTOR), columns.actor)

    def check(self, row: int, cells: Sequence[str]) -> Draft | list[Problem]:
        """Return what a row says, or everything that is wrong with it."""
        columns = self.columns
        refused: list[Refusal] = []
        when = self.when.of(cells, refused)
        types = self.types.of(cells, refused)
        country, region, place = self.where.of(cells, refused)
        journalists = self.journalists.of(cells, refused)
        outlets = self.outlets.of(cells, refused)
        columns.require_name(journalists, outlets, refused)
        identifier, url = columns.key(cells, refused)
        actor = self.actor.of(cells, refused)
        if refused or when is None:
            return [self._problem(row, *one) for one in refused]
        narrative = columns.words(cells, ImportField.NARRATIVE)
        if UNTOLD in types and not narrative:
            narrative = columns.words(cells, ImportField.TYPES) or columns.plan.type
        return Draft(
            row=row, when=when, types=types, country=country, region=region, place=place,
            journalists=journalists, outlets=outlets,
            title=columns.words(cells, ImportField.TITLE)[:LONGEST_TITLE],
            narrative=narrative, identifier=identifier, url=url, quote=columns.quote(cells),
            actor=actor,
        )  # fmt: skip

    def _problem(self, row: int, wanted: ImportField, kind: ProblemKind, value: str) -> Problem:
        if what := UNKNOWN.get(kind):
            # As it is written first, in capitals or small letters.
            word = self.spelled.setdefault((what, value.casefold()), value)
            self.unknown[what][word] = self.unknown[what].get(word, 0) + 1
        at = self.columns.places[wanted]
        return Problem(row, self.columns.header[at[0]] if at else "", kind, value[:80])

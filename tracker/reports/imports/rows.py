"""Read rows of an imported file: a draft, or all problems; pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Generic, TypeVar

from tracker.articles.addresses import is_web_address
from tracker.incidents.codes import ActorType
from tracker.reports.imports import cells as import_cells
from tracker.reports.imports.codes import DayOrder, ImportField, ListSeparator, ProblemKind
from tracker.reports.imports.mapping import ImportPlan
from tracker.when import OPEN_START, Precision, When

CellValue = TypeVar("CellValue")
# Types that mean nothing without a narrative.
OTHER_TYPE = "other"
# Kinds of values that an unknown word may have.
UNKNOWN_WORDS_OF_PROBLEM = {
    ProblemKind.UNKNOWN_TYPE: "types", ProblemKind.UNKNOWN_COUNTRY: "country",
    ProblemKind.UNKNOWN_ACTOR: "actor",
}  # fmt: skip
# Cached cells that may be repeated in some columns: how many, and how long.
MOST_KEPT, LONGEST_KEPT = 20_000, 1_000
# The field, the kind of problem, and the words concerned.
Refusal = tuple[ImportField, ProblemKind, str]
LONGEST_NAME = 200  # characters
LONGEST_TITLE, LONGEST_PLACE, LONGEST_IDENTIFIER, LONGEST_QUOTE = 300, 200, 200, 2000
# Set by a monitor who did not record the incident.
ASSESSED_TYPE = "legal.slapp"


@dataclass(frozen=True, slots=True)
class KnownWords:
    """The meanings of words in files: codes and labels, in lower case, and ranks of types."""

    types: Mapping[str, str]
    ranks: Mapping[str, int]
    countries: Mapping[str, str]
    actors: Mapping[str, str]
    # By country and word: "KZ" and "акмолинская область".
    regions: Mapping[tuple[str, str], str]
    today: date


@dataclass(slots=True)
class ColumnReader:
    """Finds the columns of each field by a mapping, and reads the cells of a row in them."""

    header: Sequence[str]
    plan: ImportPlan
    known: KnownWords
    day_order: DayOrder = DayOrder.AS_SHOWN
    places: dict[ImportField, list[int]] = field(default_factory=dict)
    meant: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the columns once."""
        self.places = {one: self.plan.of(one, self.header) for one in ImportField}
        self.day_order = self.plan.day_order

    def at(self, *wanted: ImportField) -> list[int]:
        """Return the positions of the columns of some fields."""
        return [at for one in wanted for at in self.places[one]]

    def needs_inspection(self) -> bool:
        """Return whether rows must be inspected before they are read."""
        return self.plan.day_order is DayOrder.AS_SHOWN and bool(self._days_at())

    def _days_at(self) -> list[int]:
        return self.at(ImportField.OCCURRED, ImportField.UNTIL)

    def inspect(self, rows: Iterable[Sequence[str]]) -> None:
        """Detect the day order of a date column from its rows; one unambiguous row suffices."""
        if self.day_order is DayOrder.AS_SHOWN:
            at = self._days_at()
            self.day_order = import_cells.detect_day_order(row[one] for row in rows for one in at)

    def values_of(self, cells: Sequence[str], import_field: ImportField) -> list[str]:
        """Return the cells of a field that are not empty."""
        return [
            cells[at] for at in self.places[import_field] if cells[at] and not cells[at].isspace()
        ]

    def first(self, cells: Sequence[str], import_field: ImportField) -> str:
        """Return the first of them, "" if there is none."""
        return next(iter(self.values_of(cells, import_field)), "")

    def words(self, cells: Sequence[str], import_field: ImportField) -> str:
        """Return the text of all of them."""
        return " · ".join(
            [import_cells.plain_text(cell) for cell in self.values_of(cells, import_field)]
        )

    def when(self, cells: Sequence[str], problems: list[Refusal]) -> When | None:
        """Return the date, None if it is invalid, adding the problem."""
        days = [
            self._days(cells, wanted, problems)
            for wanted in (ImportField.OCCURRED, ImportField.UNTIL)
        ]
        first, last = days
        stated = " – ".join(
            import_cells.plain_text(cell)
            for wanted in (ImportField.OCCURRED, ImportField.UNTIL)
            for cell in self.values_of(cells, wanted)
        )
        if first is None:
            said, today = stated[:LONGEST_TITLE], self.known.today
            if last is None:
                return When(OPEN_START, today, Precision.UNKNOWN, said)
            return When(OPEN_START, min(last[1], today), Precision.BEFORE, said)
        earliest, latest, precision = first
        if last is not None and last[1] > latest:
            latest, precision = last[1], Precision.RANGE
        elif last is not None and last[1] < earliest:
            problems.append((ImportField.UNTIL, ProblemKind.REVERSED, stated))
            return None
        if earliest > self.known.today:
            problems.append((ImportField.OCCURRED, ProblemKind.IN_THE_FUTURE, stated))
            return None
        stated = "" if stated == earliest.isoformat() else stated[:LONGEST_TITLE]
        return When(earliest, min(latest, self.known.today), precision, stated)

    def _days(
        self, cells: Sequence[str], import_field: ImportField, problems: list[Refusal]
    ) -> tuple[date, date, Precision] | None:
        cell = self.first(cells, import_field)
        if not import_cells.is_filled(cell):
            return None
        try:
            return import_cells.read_date(cell, self.day_order)
        except import_cells.DateError as error:
            kind = ProblemKind.AMBIGUOUS_DATE if error.is_ambiguous else ProblemKind.NOT_A_DATE
            problems.append((import_field, kind, cell))
            return None

    def types(self, cells: Sequence[str], problems: list[Refusal]) -> tuple[str, ...]:
        """Return the codes of the types by rank."""
        codes: list[str] = []
        cut = self._cut(ImportField.TYPES)
        # A comma, an empty paragraph or "N/A" counts as an empty cell.
        words = [
            (word, code)
            for cell in self.values_of(cells, ImportField.TYPES)
            for word in import_cells.split_cell(cell, cut)
            if (code := self._type(word)) or import_cells.is_filled(word)
        ]
        for word, code in words:
            if code not in self.known.ranks:
                problems.append((ImportField.TYPES, ProblemKind.UNKNOWN_TYPE, word))
            elif code == ASSESSED_TYPE:
                problems.append((ImportField.TYPES, ProblemKind.ASSESSED_TYPE, word))
            else:
                codes.append(code)
        if not words:
            if self.plan.type in self.known.ranks:
                return (self.plan.type,)
            problems.append((ImportField.TYPES, ProblemKind.NO_TYPE, ""))
        return tuple(sorted(set(codes), key=lambda code: (self.known.ranks[code], code)))

    def _type(self, word: str) -> str:
        return self._meaning("types", word) or self.known.types.get(word.casefold(), "")

    def _meaning(self, what: str, word: str) -> str:
        """Return the configured meaning of a word, ignoring case."""
        if what not in self.meant:
            said = self.plan.values.get(what, {})
            self.meant[what] = {one.casefold(): code for one, code in said.items()}
        return self.meant[what].get(word.casefold(), "")

    def _country(self, cells: Sequence[str], problems: list[Refusal]) -> str:
        word = import_cells.plain_text(self.first(cells, ImportField.COUNTRY))
        plain = word.casefold().replace("_", " ")
        code = self._meaning("country", word) or self.known.countries.get(plain, "")
        if code:
            return code
        if import_cells.is_filled(word):
            problems.append((ImportField.COUNTRY, ProblemKind.UNKNOWN_COUNTRY, word))
        elif not self.plan.country:
            problems.append((ImportField.COUNTRY, ProblemKind.NO_COUNTRY, ""))
        return self.plan.country

    def actor(self, cells: Sequence[str], problems: list[Refusal]) -> str:
        """Return the type of actor; an unknown actor is not recorded."""
        word = import_cells.plain_text(self.first(cells, ImportField.ACTOR))
        if not import_cells.is_filled(word):
            return ""
        code = self._meaning("actor", word) or self.known.actors.get(word.casefold(), "")
        if not code:
            problems.append((ImportField.ACTOR, ProblemKind.UNKNOWN_ACTOR, word))
        return "" if code == ActorType.UNKNOWN else code

    def location(self, cells: Sequence[str], problems: list[Refusal]) -> tuple[str, str, str]:
        """Return the country, the known region, and the place with any unknown region."""
        country = self._country(cells, problems)
        region, parts = (
            "",
            [import_cells.plain_text(cell) for cell in self.values_of(cells, ImportField.PLACE)],
        )
        for cell in self.values_of(cells, ImportField.REGION):
            word = import_cells.plain_text(cell)
            region = self.known.regions.get((country, word.casefold()), "")
            parts += [] if region else [word]
        return country, region, ", ".join(dict.fromkeys(parts))[:LONGEST_PLACE]

    def names(
        self, import_field: ImportField, cells: Sequence[str], problems: list[Refusal]
    ) -> tuple[str, ...]:
        """Return the names in the cells of a field, without repetition."""
        found: list[str] = []
        meant = self.plan.values.get(import_field, {})
        for cell in self.values_of(cells, import_field):
            for part in import_cells.split_cell(cell, self._cut(import_field)):
                if not import_cells.is_filled(meant.get(part, part)):
                    continue
                name = import_cells.valid_name_or_empty(meant.get(part, part))
                if not name:
                    problems.append((import_field, ProblemKind.BAD_NAME, part))
                elif len(name) > LONGEST_NAME:
                    problems.append((import_field, ProblemKind.TOO_LONG, part))
                found.append(name)
        return tuple(dict.fromkeys(found))

    def require_name(
        self, journalists: Sequence[str], outlets: Sequence[str], problems: list[Refusal]
    ) -> None:
        """Add a problem if a row names nobody and there is no text for such rows."""
        if not journalists and not outlets and not self.plan.unnamed_words():
            has_journalists = bool(self.places[ImportField.JOURNALISTS])
            at = ImportField.JOURNALISTS if has_journalists else ImportField.OUTLETS
            problems.append((at, ProblemKind.NO_NAME, ""))

    def key(self, cells: Sequence[str], problems: list[Refusal]) -> tuple[str, str]:
        """Return the identifier of the row in its list, and its page there."""
        address = self.first(cells, ImportField.URL)
        url = address.split() if import_cells.is_filled(address) else []
        if url and not is_web_address(url[0]):
            problems.append((ImportField.URL, ProblemKind.BAD_ADDRESS, " ".join(url)))
        identifier = self.words(cells, ImportField.IDENTIFIER)
        if len(identifier) > LONGEST_IDENTIFIER:
            problems.append((ImportField.IDENTIFIER, ProblemKind.TOO_LONG, identifier))
        if not any(
            import_cells.is_filled(cell) for cell in self.values_of(cells, ImportField.IDENTIFIER)
        ):
            identifier = ""
        # Only its number, or its own page in that list, identifies a row: one article may report
        # several incidents.
        own_page = identifier if is_web_address(identifier) else ""
        return identifier, url[0] if url else own_page

    def _cut(self, import_field: ImportField) -> ListSeparator:
        return self.plan.split.get(import_field, ListSeparator.NOTHING)

    def quote(self, cells: Sequence[str]) -> str:
        """Return the row as a quote: each non-empty cell with its column name."""
        named = [
            f"{name}: {words}"
            for name, cell in zip(self.header, cells, strict=True)
            if (words := " ".join(cell.split()))
        ]
        text = unicodedata.normalize("NFC", " · ".join(named))
        return import_cells.without_controls(text, "\ufffd")[:LONGEST_QUOTE]


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem and its place: the row as in a spreadsheet, and the column's name."""

    row: int
    column: str
    kind: ProblemKind
    value: str = ""


@dataclass(frozen=True, slots=True)
class RowDraft:
    """The values of a row to record; types by rank, names normalised."""

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
    # The type of actor, "" if the row has none.
    actor: str = ""


@dataclass(slots=True)
class CachedReader(Generic[CellValue]):
    """Reads some columns of a file; repeated cells are read once."""

    columns: Sequence[int]
    read: Callable[[Sequence[str], list[Refusal]], CellValue]
    cache: dict[tuple[str, ...], tuple[CellValue, list[Refusal]]] = field(default_factory=dict)

    def of(self, cells: Sequence[str], problems: list[Refusal]) -> CellValue:
        """Return the values of a row's cells, and add their problems."""
        key = tuple([cells[one] for one in self.columns])
        found = self.cache.get(key)
        if found is None:
            wrong: list[Refusal] = []
            found = self.read(cells, wrong), wrong
            if len(self.cache) == MOST_KEPT:
                self.cache.clear()
            if sum(map(len, key)) <= LONGEST_KEPT:
                self.cache[key] = found
        problems += found[1]
        return found[0]


class RowChecker:
    """Reads the rows of one file by one mapping; `unknown` collects words without a meaning."""

    def __init__(self, columns: ColumnReader) -> None:
        """Find the columns of each field, once for all rows."""
        self.columns = columns
        self.unknown: dict[str, dict[str, int]] = {
            what: {} for what in UNKNOWN_WORDS_OF_PROBLEM.values()
        }
        self.spelled: dict[tuple[str, str], str] = {}
        self.when = CachedReader(columns.at(ImportField.OCCURRED, ImportField.UNTIL), columns.when)
        self.types = CachedReader(columns.at(ImportField.TYPES), columns.types)
        self.location = CachedReader(
            columns.at(ImportField.COUNTRY, ImportField.REGION, ImportField.PLACE), columns.location
        )
        self.journalists, self.outlets = (
            CachedReader(columns.at(wanted), partial(columns.names, wanted))
            for wanted in (ImportField.JOURNALISTS, ImportField.OUTLETS)
        )
        self.actor = CachedReader(columns.at(ImportField.ACTOR), columns.actor)

    def check(self, row: int, cells: Sequence[str]) -> RowDraft | list[Problem]:
        """Return the draft of a row, or all its problems."""
        columns = self.columns
        refused: list[Refusal] = []
        when = self.when.of(cells, refused)
        types = self.types.of(cells, refused)
        country, region, place = self.location.of(cells, refused)
        journalists = self.journalists.of(cells, refused)
        outlets = self.outlets.of(cells, refused)
        columns.require_name(journalists, outlets, refused)
        identifier, url = columns.key(cells, refused)
        actor = self.actor.of(cells, refused)
        if refused or when is None:
            return [self._problem(row, *one) for one in refused]
        narrative = columns.words(cells, ImportField.NARRATIVE)
        if OTHER_TYPE in types and not narrative:
            narrative = columns.words(cells, ImportField.TYPES) or columns.plan.type
        return RowDraft(
            row=row, when=when, types=types, country=country, region=region, place=place,
            journalists=journalists, outlets=outlets,
            title=columns.words(cells, ImportField.TITLE)[:LONGEST_TITLE],
            narrative=narrative, identifier=identifier, url=url, quote=columns.quote(cells),
            actor=actor,
        )  # fmt: skip

    def _problem(
        self, row: int, import_field: ImportField, kind: ProblemKind, value: str
    ) -> Problem:
        if what := UNKNOWN_WORDS_OF_PROBLEM.get(kind):
            # As written first, in capitals or small letters.
            word = self.spelled.setdefault((what, value.casefold()), value)
            self.unknown[what][word] = self.unknown[what].get(word, 0) + 1
        at = self.columns.places[import_field]
        return Problem(row, self.columns.header[at[0]] if at else "", kind, value[:80])

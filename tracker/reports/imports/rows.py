"""Read rows of an imported file as drafts of incidents, or as lists of problems; pure."""

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

# The type of the value that a `CachedReader` reads from the cells of a row.
ReadValueType = TypeVar("ReadValueType")
# The type of incident that requires a narrative.
NARRATIVE_REQUIRED_TYPE = "other"
# By kind of problem, what the unknown word should mean: "types", "country" or "actor", the keys of
# `ImportPlan.values`.
WORD_KIND_OF_PROBLEM = {
    ProblemKind.UNKNOWN_TYPE: "types", ProblemKind.UNKNOWN_COUNTRY: "country",
    ProblemKind.UNKNOWN_ACTOR: "actor",
}  # fmt: skip
# How many combinations of cells are cached for a reader, and up to how many characters.
MAX_CACHED_CELLS, MAX_CACHED_CELLS_LENGTH = 20_000, 1_000
# The field, the kind of problem, and the words concerned.
CellProblem = tuple[ImportField, ProblemKind, str]
MAX_NAME_LENGTH = 200  # characters of a name of a journalist or outlet
# In characters; longer texts are cut, and a longer identifier is a problem.
MAX_TITLE_LENGTH, MAX_PLACE_LENGTH, MAX_IDENTIFIER_LENGTH, MAX_QUOTE_LENGTH = 300, 200, 200, 2000
# A type that an import cannot set: it needs an assessment by a monitor who did not log the
# incident.
ASSESSED_TYPE = "legal.slapp"


@dataclass(frozen=True, slots=True)
class WordCodes:
    """The codes of words that mean the same in every file, without a mapping: for types, countries,
    actors and regions, by the word in lower case; also the rank of each type, and today's date.
    """

    types: Mapping[str, str]
    rank_of_type: Mapping[str, int]
    countries: Mapping[str, str]
    actors: Mapping[str, str]
    # By country and word: "KZ" and "акмолинская область".
    regions: Mapping[tuple[str, str], str]
    today: date


@dataclass(slots=True)
class ColumnReader:
    """A reader of the fields of a row, from the columns that a mapping assigns to the fields.

    `positions`: the positions of these columns; `mapped_codes`: the codes in the mapping, by kind
    of word and word.
    """

    header: Sequence[str]
    plan: ImportPlan
    word_codes: WordCodes
    day_order: DayOrder = DayOrder.AS_SHOWN
    positions: dict[ImportField, list[int]] = field(default_factory=dict)
    mapped_codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the columns of all fields."""
        self.positions = {one: self.plan.column_positions(one, self.header) for one in ImportField}
        self.day_order = self.plan.day_order

    def column_positions(self, *wanted: ImportField) -> list[int]:
        """Return the positions of the columns that are mapped to the fields `*wanted`."""
        return [at for one in wanted for at in self.positions[one]]

    def needs_day_order(self) -> bool:
        """Return whether the day order must be detected before rows are read: the mapping does not
        set it, and there are columns with dates.
        """
        return self.plan.day_order is DayOrder.AS_SHOWN and bool(self._date_positions())

    def _date_positions(self) -> list[int]:
        """Return the positions of the columns with dates."""
        return self.column_positions(ImportField.OCCURRED, ImportField.UNTIL)

    def detect_day_order(self, rows: Iterable[Sequence[str]]) -> None:
        """Set `day_order` to the order of day and month in the date columns of some rows, unless
        the mapping or earlier rows determined it.
        """
        if self.day_order is DayOrder.AS_SHOWN:
            at = self._date_positions()
            self.day_order = import_cells.detect_day_order(row[one] for row in rows for one in at)

    def filled_cells(self, cells: Sequence[str], import_field: ImportField) -> list[str]:
        """Return the cells of a field that are not empty."""
        return [
            cells[at]
            for at in self.positions[import_field]
            if cells[at] and not cells[at].isspace()
        ]

    def first_filled_cell(self, cells: Sequence[str], import_field: ImportField) -> str:
        """Return the first non-empty cell of a field, "" if there is none."""
        return next(iter(self.filled_cells(cells, import_field)), "")

    def join_cells(self, cells: Sequence[str], import_field: ImportField) -> str:
        """Return the text of all non-empty cells of a field, joined by " · "."""
        return " · ".join(
            [import_cells.plain_text(cell) for cell in self.filled_cells(cells, import_field)]
        )

    def read_when(self, cells: Sequence[str], problems: list[CellProblem]) -> When | None:
        """Return the date of a row, None if it is in the future or ends before it begins. If the
        cell for the first day has no valid date, the beginning of the result is open. Adds every
        invalid date to `problems`.
        """
        days = [
            self._read_days(cells, wanted, problems)
            for wanted in (ImportField.OCCURRED, ImportField.UNTIL)
        ]
        first, last = days
        stated = " – ".join(
            import_cells.plain_text(cell)
            for wanted in (ImportField.OCCURRED, ImportField.UNTIL)
            for cell in self.filled_cells(cells, wanted)
        )
        if first is None:
            said, today = stated[:MAX_TITLE_LENGTH], self.word_codes.today
            if last is None:
                return When(OPEN_START, today, Precision.UNKNOWN, said)
            return When(OPEN_START, min(last[1], today), Precision.BEFORE, said)
        earliest, latest, precision = first
        if last is not None and last[1] > latest:
            latest, precision = last[1], Precision.RANGE
        elif last is not None and last[1] < earliest:
            problems.append((ImportField.UNTIL, ProblemKind.REVERSED, stated))
            return None
        if earliest > self.word_codes.today:
            problems.append((ImportField.OCCURRED, ProblemKind.IN_THE_FUTURE, stated))
            return None
        stated = "" if stated == earliest.isoformat() else stated[:MAX_TITLE_LENGTH]
        return When(earliest, min(latest, self.word_codes.today), precision, stated)

    def _read_days(
        self, cells: Sequence[str], import_field: ImportField, problems: list[CellProblem]
    ) -> tuple[date, date, Precision] | None:
        """Return the days and precision in the first filled cell of a field, None without a date.

        Adds the problem of an invalid date.
        """
        cell = self.first_filled_cell(cells, import_field)
        if not import_cells.is_filled(cell):
            return None
        try:
            return import_cells.parse_date(cell, self.day_order)
        except import_cells.DateError as error:
            kind = ProblemKind.AMBIGUOUS_DATE if error.is_ambiguous else ProblemKind.NOT_A_DATE
            problems.append((import_field, kind, cell))
            return None

    def read_types(self, cells: Sequence[str], problems: list[CellProblem]) -> tuple[str, ...]:
        """Return the codes of the incident types of a row, sorted by rank; add problems."""
        codes: list[str] = []
        cut = self._list_separator(ImportField.TYPES)
        # A comma, an empty paragraph or "N/A" counts as an empty cell.
        words = [
            (word, code)
            for cell in self.filled_cells(cells, ImportField.TYPES)
            for word in import_cells.split_cell(cell, cut)
            if (code := self._type_code(word)) or import_cells.is_filled(word)
        ]
        for word, code in words:
            if code not in self.word_codes.rank_of_type:
                problems.append((ImportField.TYPES, ProblemKind.UNKNOWN_TYPE, word))
            elif code == ASSESSED_TYPE:
                problems.append((ImportField.TYPES, ProblemKind.ASSESSED_TYPE, word))
            else:
                codes.append(code)
        if not words:
            if self.plan.type in self.word_codes.rank_of_type:
                return (self.plan.type,)
            problems.append((ImportField.TYPES, ProblemKind.NO_TYPE, ""))
        return tuple(
            sorted(set(codes), key=lambda code: (self.word_codes.rank_of_type[code], code))
        )

    def _type_code(self, word: str) -> str:
        """Return the code of the incident type that a word means, "" if unknown."""
        return self._mapped_code("types", word) or self.word_codes.types.get(word.casefold(), "")

    def _mapped_code(self, kind: str, word: str) -> str:
        """Return the code that the mapping assigns to a word, ignoring case, "" if none. `kind`:
        what the word should mean, a key of `ImportPlan.values` such as "types" or "country".
        """
        if kind not in self.mapped_codes:
            said = self.plan.values.get(kind, {})
            self.mapped_codes[kind] = {one.casefold(): code for one, code in said.items()}
        return self.mapped_codes[kind].get(word.casefold(), "")

    def _read_country(self, cells: Sequence[str], problems: list[CellProblem]) -> str:
        """Return the code of the country of a row, or if the row has none, the country that the
        mapping sets for such rows. Adds what is wrong to `problems`.
        """
        word = import_cells.plain_text(self.first_filled_cell(cells, ImportField.COUNTRY))
        plain = word.casefold().replace("_", " ")
        code = self._mapped_code("country", word) or self.word_codes.countries.get(plain, "")
        if code:
            return code
        if import_cells.is_filled(word):
            problems.append((ImportField.COUNTRY, ProblemKind.UNKNOWN_COUNTRY, word))
        elif not self.plan.country:
            problems.append((ImportField.COUNTRY, ProblemKind.NO_COUNTRY, ""))
        return self.plan.country

    def read_actor(self, cells: Sequence[str], problems: list[CellProblem]) -> str:
        """Return the code of the actor type, "" if it is unknown or not given; add problems."""
        word = import_cells.plain_text(self.first_filled_cell(cells, ImportField.ACTOR))
        if not import_cells.is_filled(word):
            return ""
        code = self._mapped_code("actor", word) or self.word_codes.actors.get(word.casefold(), "")
        if not code:
            problems.append((ImportField.ACTOR, ProblemKind.UNKNOWN_ACTOR, word))
        return "" if code == ActorType.UNKNOWN else code

    def read_location(
        self, cells: Sequence[str], problems: list[CellProblem]
    ) -> tuple[str, str, str]:
        """Return three texts: the code of the country, the code of the region ("" if unknown), and
        the place. If the words for the region have no code, they are added to the place. Adds what
        is wrong to `problems`.
        """
        country = self._read_country(cells, problems)
        region, parts = (
            "",
            [import_cells.plain_text(cell) for cell in self.filled_cells(cells, ImportField.PLACE)],
        )
        for cell in self.filled_cells(cells, ImportField.REGION):
            word = import_cells.plain_text(cell)
            region = self.word_codes.regions.get((country, word.casefold()), "")
            parts += [] if region else [word]
        return country, region, ", ".join(dict.fromkeys(parts))[:MAX_PLACE_LENGTH]

    def read_names(
        self, import_field: ImportField, cells: Sequence[str], problems: list[CellProblem]
    ) -> tuple[str, ...]:
        """Return the distinct names in the cells of a field; add problems."""
        found: list[str] = []
        meanings = self.plan.values.get(import_field, {})
        for cell in self.filled_cells(cells, import_field):
            for part in import_cells.split_cell(cell, self._list_separator(import_field)):
                if not import_cells.is_filled(meanings.get(part, part)):
                    continue
                name = import_cells.normalize_name_or_empty(meanings.get(part, part))
                if not name:
                    problems.append((import_field, ProblemKind.BAD_NAME, part))
                elif len(name) > MAX_NAME_LENGTH:
                    problems.append((import_field, ProblemKind.TOO_LONG, part))
                found.append(name)
        return tuple(dict.fromkeys(found))

    def require_name(
        self, journalists: Sequence[str], outlets: Sequence[str], problems: list[CellProblem]
    ) -> None:
        """Add a problem if a row names nobody and the mapping has no text for such rows."""
        if not journalists and not outlets and not self.plan.unnamed_words():
            has_journalists = bool(self.positions[ImportField.JOURNALISTS])
            at = ImportField.JOURNALISTS if has_journalists else ImportField.OUTLETS
            problems.append((at, ProblemKind.NO_NAME, ""))

    def read_identifier(self, cells: Sequence[str], problems: list[CellProblem]) -> tuple[str, str]:
        """Return the identifier and the web address of a row, each "" if missing. The address is
        in the column for addresses; without it, an identifier that is an address counts as both.
        Adds what is wrong to `problems`.
        """
        address = self.first_filled_cell(cells, ImportField.URL)
        url = address.split() if import_cells.is_filled(address) else []
        if url and not is_web_address(url[0]):
            problems.append((ImportField.URL, ProblemKind.BAD_ADDRESS, " ".join(url)))
        identifier = self.join_cells(cells, ImportField.IDENTIFIER)
        if len(identifier) > MAX_IDENTIFIER_LENGTH:
            problems.append((ImportField.IDENTIFIER, ProblemKind.TOO_LONG, identifier))
        if not any(
            import_cells.is_filled(cell)
            for cell in self.filled_cells(cells, ImportField.IDENTIFIER)
        ):
            identifier = ""
        # Only its number, or its own page in that list, identifies a row: one article may report
        # several incidents.
        own_page = identifier if is_web_address(identifier) else ""
        return identifier, url[0] if url else own_page

    def _list_separator(self, import_field: ImportField) -> ListSeparator:
        """Return the separator of the items of a field in one cell, as the mapping sets it."""
        return self.plan.split.get(import_field, ListSeparator.NOTHING)

    def format_quote(self, cells: Sequence[str]) -> str:
        """Return a row as the quote of a citation: each non-empty cell with its column name."""
        named = [
            f"{name}: {words}"
            for name, cell in zip(self.header, cells, strict=True)
            if (words := " ".join(cell.split()))
        ]
        text = unicodedata.normalize("NFC", " · ".join(named))
        return import_cells.replace_control_characters(text, "\ufffd")[:MAX_QUOTE_LENGTH]


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem with a cell: the number of its row, the name of its column, and its value."""

    row: int
    column: str
    kind: ProblemKind
    value: str = ""


@dataclass(frozen=True, slots=True)
class RowDraft:
    """The values of a row from which an incident is created; types are sorted by rank."""

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
class CachedReader(Generic[ReadValueType]):
    """A reader of one value from each row, with a cache. `read_cells`: the function that reads the
    value from the cells of a row; `columns`: the positions of the cells that it reads. Rows with
    the same text in these cells have the same value, which is cached.
    """

    columns: Sequence[int]
    read_cells: Callable[[Sequence[str], list[CellProblem]], ReadValueType]
    cache: dict[tuple[str, ...], tuple[ReadValueType, list[CellProblem]]] = field(
        default_factory=dict
    )

    def read_row(self, cells: Sequence[str], problems: list[CellProblem]) -> ReadValueType:
        """Return the value that `read_cells` reads from a row, and add what is wrong with the cells
        to `problems`.
        """
        key = tuple([cells[one] for one in self.columns])
        found = self.cache.get(key)
        if found is None:
            wrong: list[CellProblem] = []
            found = self.read_cells(cells, wrong), wrong
            if len(self.cache) == MAX_CACHED_CELLS:
                self.cache.clear()
            if sum(map(len, key)) <= MAX_CACHED_CELLS_LENGTH:
                self.cache[key] = found
        problems += found[1]
        return found[0]


class RowChecker:
    """A reader of the rows of a file by a mapping, which checks them and counts unknown words.

    `unknown`: by kind of word, how often words without a code occur.
    """

    def __init__(self, columns: ColumnReader) -> None:
        """Prepare a cached reader for each field."""
        self.columns = columns
        self.unknown: dict[str, dict[str, int]] = {
            what: {} for what in WORD_KIND_OF_PROBLEM.values()
        }
        self.spelled: dict[tuple[str, str], str] = {}
        self.when = CachedReader(
            columns.column_positions(ImportField.OCCURRED, ImportField.UNTIL), columns.read_when
        )
        self.types = CachedReader(columns.column_positions(ImportField.TYPES), columns.read_types)
        self.location = CachedReader(
            columns.column_positions(ImportField.COUNTRY, ImportField.REGION, ImportField.PLACE),
            columns.read_location,
        )
        self.journalists, self.outlets = (
            CachedReader(columns.column_positions(wanted), partial(columns.read_names, wanted))
            for wanted in (ImportField.JOURNALISTS, ImportField.OUTLETS)
        )
        self.actor = CachedReader(columns.column_positions(ImportField.ACTOR), columns.read_actor)

    def check(self, row: int, cells: Sequence[str]) -> RowDraft | list[Problem]:
        """Return the draft of the incident of a row, or all problems of the row."""
        columns = self.columns
        refused: list[CellProblem] = []
        when = self.when.read_row(cells, refused)
        types = self.types.read_row(cells, refused)
        country, region, place = self.location.read_row(cells, refused)
        journalists = self.journalists.read_row(cells, refused)
        outlets = self.outlets.read_row(cells, refused)
        columns.require_name(journalists, outlets, refused)
        identifier, url = columns.read_identifier(cells, refused)
        actor = self.actor.read_row(cells, refused)
        if refused or when is None:
            return [self._build_problem(row, *one) for one in refused]
        narrative = columns.join_cells(cells, ImportField.NARRATIVE)
        if NARRATIVE_REQUIRED_TYPE in types and not narrative:
            narrative = columns.join_cells(cells, ImportField.TYPES) or columns.plan.type
        return RowDraft(
            row=row, when=when, types=types, country=country, region=region, place=place,
            journalists=journalists, outlets=outlets,
            title=columns.join_cells(cells, ImportField.TITLE)[:MAX_TITLE_LENGTH],
            narrative=narrative, identifier=identifier, url=url, quote=columns.format_quote(cells),
            actor=actor,
        )  # fmt: skip

    def _build_problem(
        self, row: int, import_field: ImportField, kind: ProblemKind, value: str
    ) -> Problem:
        """Return a problem of a row, and count its value if it is a word without a code."""
        if what := WORD_KIND_OF_PROBLEM.get(kind):
            # In the spelling that occurred first.
            word = self.spelled.setdefault((what, value.casefold()), value)
            self.unknown[what][word] = self.unknown[what].get(word, 0) + 1
        at = self.columns.positions[import_field]
        return Problem(row, self.columns.header[at[0]] if at else "", kind, value[:80])

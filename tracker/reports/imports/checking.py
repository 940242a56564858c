"""One row of somebody else's file as what is to be recorded, or all that is wrong with it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.articles.addresses import is_web_address
from tracker.incidents.codes import ActorType
from tracker.reports.imports.cells import CONTROL, checked_name, is_said, parts_of, plain_text
from tracker.reports.imports.codes import DayOrder, ImportField, ListSeparator, ProblemKind
from tracker.reports.imports.dates import DateError, order_shown, read_date
from tracker.when import OPEN_START, Precision, When

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from tracker.reports.imports.mapping import ImportPlan

    Refuse = Callable[[ImportField, ProblemKind, str], None]

LONGEST_NAME = 200
LONGEST_TITLE, LONGEST_PLACE, LONGEST_IDENTIFIER, LONGEST_QUOTE = 300, 200, 200, 2000
# A monitor says so who did not log the incident.
ASSESSED = "legal.slapp"
# Says nothing by itself: its narrative does.
UNTOLD = "other"


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


@dataclass(frozen=True, slots=True)
class KnownWords:
    """What words of files mean here: codes and labels, small, and the rank of each type."""

    types: Mapping[str, str]
    ranks: Mapping[str, int]
    countries: Mapping[str, str]
    actors: Mapping[str, str]
    # By country and word: "KZ" and "акмолинская область".
    regions: Mapping[tuple[str, str], str]
    today: date


@dataclass(slots=True)
class Checker:
    """Reads rows of one file by one mapping; `unknown` holds words that mean nothing here yet."""

    header: Sequence[str]
    plan: ImportPlan
    known: KnownWords
    day_order: DayOrder = DayOrder.AS_SHOWN
    unknown: dict[str, dict[str, int]] = field(
        default_factory=lambda: {"types": {}, "country": {}, "actor": {}}
    )
    places: dict[ImportField, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the columns once."""
        self.places = {one: self.plan.of(one, self.header) for one in ImportField}
        self.day_order = self.plan.day_order

    def looks_first(self) -> bool:
        """Say whether the rows are to be looked at before they are read."""
        return self.plan.day_order is DayOrder.AS_SHOWN and bool(self._days_at())

    def _days_at(self) -> list[int]:
        return [*self.places[ImportField.OCCURRED], *self.places[ImportField.UNTIL]]

    def look_at(self, rows: Iterable[Sequence[str]]) -> None:
        """Let a column of dates say by its rows whether the day stands first; one row is enough."""
        if self.day_order is DayOrder.AS_SHOWN:
            at = self._days_at()
            self.day_order = order_shown(row[one] for row in rows for one in at)

    def check(self, row: int, cells: Sequence[str]) -> Draft | list[Problem]:
        """Return what a row says, or everything that is wrong with it."""
        wrong: list[Problem] = []

        def refuse(wanted: ImportField, kind: ProblemKind, value: str) -> None:
            at = self.places[wanted]
            wrong.append(Problem(row, self.header[at[0]] if at else "", kind, value[:80]))

        when = self._when(cells, refuse)
        types = self._types(cells, refuse)
        country = self._country(cells, refuse)
        names = self._names(cells, ImportField.JOURNALISTS, refuse)
        outlets = self._names(cells, ImportField.OUTLETS, refuse)
        identifier, url = self._key(cells, refuse)
        actor = self._actor(cells, refuse)
        if wrong or when is None:
            return wrong
        region, place = self._place(cells, country)
        narrative = self._words(cells, ImportField.NARRATIVE)
        if UNTOLD in types and not narrative:
            narrative = self._words(cells, ImportField.TYPES) or self.plan.type
        return Draft(
            row=row, when=when, types=types, country=country, region=region, place=place,
            journalists=names, outlets=outlets,
            title=self._words(cells, ImportField.TITLE)[:LONGEST_TITLE],
            narrative=narrative, identifier=identifier, url=url, quote=self._quote(cells),
            actor=actor,
        )  # fmt: skip

    def _cells(self, cells: Sequence[str], wanted: ImportField) -> Iterator[str]:
        return (cells[at] for at in self.places[wanted] if cells[at] and not cells[at].isspace())

    def _words(self, cells: Sequence[str], wanted: ImportField) -> str:
        return " · ".join(plain_text(cell) for cell in self._cells(cells, wanted))

    def _when(self, cells: Sequence[str], refuse: Refuse) -> When | None:
        days = [
            self._days(cells, wanted, refuse)
            for wanted in (ImportField.OCCURRED, ImportField.UNTIL)
        ]
        first, last = days
        stated = " – ".join(
            plain_text(cell)
            for wanted in (ImportField.OCCURRED, ImportField.UNTIL)
            for cell in self._cells(cells, wanted)
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
            refuse(ImportField.UNTIL, ProblemKind.REVERSED, stated)
            return None
        if earliest > self.known.today:
            refuse(ImportField.OCCURRED, ProblemKind.IN_THE_FUTURE, stated)
            return None
        stated = "" if stated == earliest.isoformat() else stated[:LONGEST_TITLE]
        return When(earliest, min(latest, self.known.today), precision, stated)

    def _days(
        self, cells: Sequence[str], wanted: ImportField, refuse: Refuse
    ) -> tuple[date, date, Precision] | None:
        cell = next(self._cells(cells, wanted), "")
        if not is_said(cell):
            return None
        try:
            return read_date(cell, self.day_order)
        except DateError as error:
            kind = ProblemKind.AMBIGUOUS_DATE if error.is_ambiguous else ProblemKind.NOT_A_DATE
            refuse(wanted, kind, cell)
            return None

    def _types(self, cells: Sequence[str], refuse: Refuse) -> tuple[str, ...]:
        codes: list[str] = []
        meant, cut = self.plan.values.get("types", {}), self._cut(ImportField.TYPES)
        # A comma or an empty paragraph says as little as an empty cell.
        words = [
            word for cell in self._cells(cells, ImportField.TYPES) for word in parts_of(cell, cut)
        ]
        for word in words:
            code = meant.get(word) or self.known.types.get(word.casefold(), "")
            if code not in self.known.ranks:
                self.unknown["types"][word] = self.unknown["types"].get(word, 0) + 1
                refuse(ImportField.TYPES, ProblemKind.UNKNOWN_TYPE, word)
            elif code == ASSESSED:
                refuse(ImportField.TYPES, ProblemKind.ASSESSED_TYPE, word)
            else:
                codes.append(code)
        if not words:
            if self.plan.type in self.known.ranks:
                return (self.plan.type,)
            refuse(ImportField.TYPES, ProblemKind.NO_TYPE, "")
        return tuple(sorted(set(codes), key=lambda code: (self.known.ranks[code], code)))

    def _country(self, cells: Sequence[str], refuse: Refuse) -> str:
        cell = next(self._cells(cells, ImportField.COUNTRY), "")
        if not cell:
            if not self.plan.country:
                refuse(ImportField.COUNTRY, ProblemKind.NO_COUNTRY, "")
            return self.plan.country
        word = plain_text(cell)
        meant = self.plan.values.get("country", {})
        code = meant.get(word) or self.known.countries.get(word.casefold(), "")
        if not code:
            self.unknown["country"][word] = self.unknown["country"].get(word, 0) + 1
            refuse(ImportField.COUNTRY, ProblemKind.UNKNOWN_COUNTRY, word)
        return code

    def _actor(self, cells: Sequence[str], refuse: Refuse) -> str:
        """Return the kind of perpetrator; who is unknown is not recorded."""
        word = plain_text(next(self._cells(cells, ImportField.ACTOR), ""))
        if not is_said(word):
            return ""
        meant = self.plan.values.get("actor", {})
        code = meant.get(word) or self.known.actors.get(word.casefold(), "")
        if not code:
            self.unknown["actor"][word] = self.unknown["actor"].get(word, 0) + 1
            refuse(ImportField.ACTOR, ProblemKind.UNKNOWN_ACTOR, word)
        return "" if code == ActorType.UNKNOWN else code

    def _place(self, cells: Sequence[str], country: str) -> tuple[str, str]:
        """Return the region on record, and the place with whatever region is not on record."""
        region, parts = "", [plain_text(cell) for cell in self._cells(cells, ImportField.PLACE)]
        for cell in self._cells(cells, ImportField.REGION):
            word = plain_text(cell)
            region = self.known.regions.get((country, word.casefold()), "")
            parts += [] if region else [word]
        return region, ", ".join(dict.fromkeys(parts))[:LONGEST_PLACE]

    def _names(self, cells: Sequence[str], wanted: ImportField, refuse: Refuse) -> tuple[str, ...]:
        found: list[str] = []
        meant = self.plan.values.get(wanted, {})
        for cell in self._cells(cells, wanted):
            for part in parts_of(cell, self._cut(wanted)):
                if not is_said(meant.get(part, part)):
                    continue
                name = checked_name(meant.get(part, part))
                if not name:
                    refuse(wanted, ProblemKind.BAD_NAME, part)
                elif len(name) > LONGEST_NAME:
                    refuse(wanted, ProblemKind.TOO_LONG, part)
                found.append(name)
        return tuple(dict.fromkeys(found))

    def _key(self, cells: Sequence[str], refuse: Refuse) -> tuple[str, str]:
        """Return by what the row is known in its list, and a page that tells of it."""
        url = next(self._cells(cells, ImportField.URL), "").split()
        if url and not is_web_address(url[0]):
            refuse(ImportField.URL, ProblemKind.BAD_ADDRESS, " ".join(url))
        identifier = self._words(cells, ImportField.IDENTIFIER)
        if len(identifier) > LONGEST_IDENTIFIER:
            refuse(ImportField.IDENTIFIER, ProblemKind.TOO_LONG, identifier)
        if not any(is_said(cell) for cell in self._cells(cells, ImportField.IDENTIFIER)):
            identifier = ""
        # Only its number, or its own page in that list, tells a row from others: one article may
        # tell of several incidents.
        own_page = identifier if is_web_address(identifier) else ""
        return identifier, url[0] if url else own_page

    def _cut(self, wanted: ImportField) -> ListSeparator:
        return self.plan.split.get(wanted, ListSeparator.NOTHING)

    def _quote(self, cells: Sequence[str]) -> str:
        named = [
            f"{name}: {' '.join(cell.split())}"
            for name, cell in zip(self.header, cells, strict=True)
            if cell and not cell.isspace()
        ]
        return CONTROL.sub("\ufffd", unicodedata.normalize("NFC", " · ".join(named)))[
            :LONGEST_QUOTE
        ]

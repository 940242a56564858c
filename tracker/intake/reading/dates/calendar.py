"""The days that a date of the calendar names, its year told or meant."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tracker.when import DECEMBER, ONE_DAY, SEASON_MONTHS, SEASON_WORDS, Precision

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.intake.reading.dates.phrases import DateWords

# A date without a year that lies so few days after the publication is still to come; one further
# ahead is rather of the year before.
TO_COME = 75
HALF_YEAR = 6
QUARTER = 3
# Beginning, middle and end of a month by days, of a year by months.
MONTH_PARTS = {"early": (1, 10), "mid": (11, 20), "late": (21, 31)}
YEAR_PARTS = {"early": (1, 3), "mid": (5, 8), "late": (10, 12)}


@dataclass(frozen=True)
class Span:
    """Days between which something happened, both included."""

    earliest: date
    latest: date
    precision: Precision


@dataclass
class Anchors:
    """What a date without a year, or one said by its distance, is counted from."""

    published: date | None
    # A year that holds for the whole text ("2019 Country Reports"), and one told just before.
    text_year: int | None = None
    told_year: int | None = None
    # The last single day that the text told, from which "the next day" is counted.
    told_day: date | None = None


@dataclass(frozen=True)
class Said:
    """The slots of a phrase by their meaning."""

    slots: dict[str, str]
    words: DateWords
    anchors: Anchors

    def number(self, slot: str) -> int:
        """Return a slot as a number, 0 where the phrase does not have it."""
        word = self.slots.get(slot)
        if not word:
            return 0
        if word[:1].isdigit() and slot.rstrip("23") in ("day", "year", "n", "figures"):
            return int("".join(sign for sign in word if sign.isdigit()))
        return int(self.words.value(slot.rstrip("23"), word))

    def key(self, slot: str) -> str:
        """Return the key of a slot's word in the file."""
        return self.words.value(slot.rstrip("23"), self.slots[slot])

    def has(self, slot: str) -> bool:
        """Say whether the phrase had this slot."""
        return bool(self.slots.get(slot))

    def month(self, slot: str = "month") -> int:
        """Return the month, whether it stands in letters or in figures."""
        return self.number(slot) or self.number("figures")

    def year(self, month: int, day: int) -> int | None:
        """Return the year said, or the one meant; None where nothing tells."""
        if self.has("year") or self.has("year2"):
            return self.number("year") or self.number("year2")
        published = self.anchors.published
        if self.has("yearsago"):
            base = published.year if published else self.anchors.text_year or self.anchors.told_year
            return base - self.number("yearsago") if base else None
        if self.anchors.told_year or self.anchors.text_year:
            return self.anchors.told_year or self.anchors.text_year
        if published is None:
            return None
        ahead = (_day(published.year, month, day) - published).days
        return published.year - 1 if ahead > TO_COME else published.year


def shifted(day: date, months: int) -> date:
    """Return the day so many months later or, below zero, before."""
    month = day.year * DECEMBER + day.month - 1 + months
    return _day(month // DECEMBER, month % DECEMBER + 1, day.day)


def _day(year: int, month: int, day: int) -> date:
    """Return a day, or the last of its month where it has fewer."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def month_days(year: int, month: int) -> tuple[date, date]:
    """Return the first and the last day of a month."""
    return date(year, month, 1), _day(year, month, 31)


def _single(said: Said) -> list[Span]:
    day, month = said.number("day"), said.month()
    year = said.year(month, day)
    return [one_day(date(year, month, day))] if year else []


def one_day(day: date) -> Span:
    """Return a single day."""
    return Span(day, day, Precision.DAY)


def between(first: date, last: date) -> list[Span]:
    """Return the period between two days, nothing where the second comes first."""
    return [Span(first, last, Precision.RANGE)] if first <= last else []


def _days(said: Said) -> list[Span]:
    last_month = said.number("month2") or said.month()
    year = said.year(last_month, said.number("day2"))
    if not year:
        return []
    first_year = said.number("year") if said.has("year2") and said.has("year") else year
    if said.has("year2"):
        year = said.number("year2")
    first = date(first_year, said.month(), said.number("day"))
    last = date(year, last_month, said.number("day2"))
    return between(first if first <= last else shifted(first, -DECEMBER), last)


def _listed(said: Said) -> list[Span]:
    month = said.month()
    year = said.year(month, said.number("day"))
    days = [said.number(slot) for slot in ("day", "day2", "day3") if said.has(slot)]
    return [one_day(date(year, month, day)) for day in days] if year else []


def _night(said: Said) -> list[Span]:
    return [part for one in _single(said) for part in between(one.earliest - ONE_DAY, one.latest)]


def _night_of(said: Said) -> list[Span]:
    return [part for one in _single(said) for part in between(one.earliest, one.latest + ONE_DAY)]


def _whole_month(said: Said) -> list[Span]:
    month = said.month()
    year = said.year(month, 1)
    return [Span(*month_days(year, month), Precision.MONTH)] if year else []


def _months(said: Said) -> list[Span]:
    first, last = said.month(), said.number("month2")
    year = said.year(last, 1)
    if not year:
        return []
    last_year = said.number("year2") or year
    first_year = said.number("year") if said.has("year2") and said.has("year") else last_year
    start = month_days(first_year, first)[0]
    end = month_days(last_year, last)[1]
    return between(start if start <= end else shifted(start, -DECEMBER), end)


def _part_of_month(said: Said) -> list[Span]:
    month = said.month()
    first, last = MONTH_PARTS[said.key("part")]
    year = said.year(month, first)
    return between(date(year, month, first), _day(year, month, last)) if year else []


def _months_of_year(said: Said, first: int, last: int) -> list[Span]:
    year = said.year(first, 1)
    return between(date(year, first, 1), month_days(year, last)[1]) if year else []


def _part_of_year(said: Said) -> list[Span]:
    return _months_of_year(said, *YEAR_PARTS[said.key("part")])


def _quarter(said: Said) -> list[Span]:
    last = said.number("quarter") * QUARTER
    return _months_of_year(said, last - QUARTER + 1, last)


def _half(said: Said) -> list[Span]:
    last = said.number("half") * HALF_YEAR
    return _months_of_year(said, last - HALF_YEAR + 1, last)


def _season(said: Said) -> list[Span]:
    month = SEASON_MONTHS[SEASON_WORDS[said.key("season")]]
    year = said.year(month, 1)
    if not year:
        return []
    # "In winter 2025", said before December, is the one that began the year before.
    published = said.anchors.published
    if month == DECEMBER and published and date(year, month, 1) > published:
        year -= 1
    start = date(year, month, 1)
    return [Span(start, shifted(start, QUARTER) - ONE_DAY, Precision.SEASON)]


def _year(said: Said) -> list[Span]:
    year = said.year(1, 1)
    return [Span(date(year, 1, 1), date(year, DECEMBER, 31), Precision.YEAR)] if year else []


def _years(said: Said) -> list[Span]:
    return between(date(said.number("year"), 1, 1), date(said.number("year2"), DECEMBER, 31))


ABSOLUTE: dict[str, Callable[[Said], list[Span]]] = {
    "day": _single, "days": _days, "listed": _listed, "night": _night, "night_of": _night_of,
    "month": _whole_month, "months": _months, "part_of_month": _part_of_month, "year": _year,
    "part_of_year": _part_of_year, "quarter": _quarter, "half": _half, "season": _season,
    "years": _years,
}  # fmt: skip

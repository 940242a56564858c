"""The time axis of a timeline: where a day stands, in percent of the width, and what is marked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tracker.when import OPEN_START

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.when import When

MONTHS = 12
# More marks would run into each other at 360 px.
MOST_TICKS = 5
# Months between two marks; from twelve on a mark says the year alone.
STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000, 24_000)
MARGIN = 4.0
# What a year takes of the width at 360 px.
ROOM = 0.16
# What is shorter would not be seen.
NARROWEST = 1.6
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis; months after the first one and a January name no year, to stay short."""

    day: date
    has_month: bool
    has_year: bool


@dataclass(frozen=True, slots=True)
class Axis:
    """Days from `first` up to and without `end`, drawn between two margins."""

    first: date
    end: date
    ticks: tuple[Tick, ...]

    def at(self, day: date) -> float:
        """Return where a day begins, in percent of the width."""
        share = (day - self.first).days / (self.end - self.first).days
        return MARGIN + share * (100 - 2 * MARGIN)

    def middle(self, day: date) -> float:
        """Return where the middle of a day stands."""
        return (self.at(day) + self.at(day + ONE_DAY)) / 2

    def stretch(self, when: When) -> tuple[float, float]:
        """Return start and width of an interval, both days included; an open start begins at the
        edge.
        """
        start = 0.0 if when.earliest == OPEN_START else self.at(when.earliest)
        width = self.at(when.latest + ONE_DAY) - start
        if width >= NARROWEST:
            return start, width
        return start - (NARROWEST - width) / 2, NARROWEST


def axis_for(whens: Iterable[When]) -> Axis | None:
    """Return an axis of whole months on which every interval has its place; None for none."""
    days = [day for when in whens for day in (when.earliest, when.latest) if day != OPEN_START]
    if not days:
        return None
    first, last = _month_number(min(days)), _month_number(max(days)) + 1
    return Axis(_day_of(first), _day_of(last), _ticks(first, last))


def _ticks(first: int, last: int) -> tuple[Tick, ...]:
    for step in STEPS:
        marked = [month for month in range(first, last + 1) if month % step == 0]
        if len(marked) <= MOST_TICKS:
            break
    marks = [
        Tick(
            _day_of(month),
            has_month=step < MONTHS,
            has_year=month == marked[0] or month % MONTHS == 0,
        )
        for month in marked
    ]
    # A first year without its January is named where it begins, given the room.
    has_room = (marked[0] - first) / (last - first) >= ROOM
    if step >= MONTHS and has_room and len(marks) < MOST_TICKS:
        marks.insert(0, Tick(_day_of(first), has_month=False, has_year=True))
    return tuple(marks)


def _month_number(day: date) -> int:
    return day.year * MONTHS + day.month - 1


def _day_of(month: int) -> date:
    return date(month // MONTHS, month % MONTHS + 1, 1)

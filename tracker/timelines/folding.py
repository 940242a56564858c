"""Folding: many entries by their months, so that a page of them stays readable; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from tracker.dates import following

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.timelines.build import Entry
    from tracker.timelines.codes import Lane

# A picture with more rows, or a list with more entries, is told by months.
MOST_UNFOLDED = 100
# So many entries stand on one page in full; months that would hold more lead to pages of their own.
MOST_TOLD = 500


@dataclass(frozen=True, slots=True)
class Month:
    """What stands under one month, that of each entry's last day; `is_told`: with all its words."""

    first: date
    entries: Sequence[Entry]
    is_told: bool

    @property
    def last(self) -> date:
        """Return its last day."""
        return following(self.first) - timedelta(days=1)

    @property
    def told(self) -> list[Entry]:
        """Return the entries that have their words."""
        return [entry for entry in self.entries if not entry.fact.is_outline]

    def count(self, lane: Lane) -> int:
        """Return how many entries stand in a lane."""
        return sum(entry.lane is lane for entry in self.entries)


def is_many(entries: Sequence[Entry]) -> bool:
    """Say whether so many entries are told by months."""
    return len(entries) > MOST_UNFOLDED


def months_of(entries: Iterable[Entry], *, unfolded: bool = False) -> list[Month]:
    """Return the months in which entries end, in order, each entry once.

    Told are the newest months that hold at most `MOST_TOLD` entries together; `unfolded`: all. A
    month of which something is only counted is told where it is asked for alone.
    """
    found = [(first, list(of)) for first, of in groupby(entries, key=_month)]
    room, told = MOST_TOLD, []
    for first, of in reversed(found):
        room -= len(of)
        is_whole = not any(entry.fact.is_outline for entry in of)
        is_told = (is_whole and (unfolded or room >= 0)) or len(found) == 1
        told.append(Month(first, of, is_told))
    return told[::-1]


def _month(entry: Entry) -> date:
    return entry.fact.when.latest.replace(day=1)

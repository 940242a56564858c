"""Chains of fake accounts, and their chart; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tracker.fake_accounts.codes import AccountEvent, SuccessionBasis, SuccessionCertainty
from tracker.fake_accounts.rules import Life, generation_depths
from tracker.when import OPEN_START

# Vertical lengths in pixels, horizontal ones in percent.
ROW_HEIGHT, BAR_TOP, HEAD_HEIGHT = 44, 22, 24
MARGIN_PERCENT, NARROWEST_BAR = 4.0, 1.2
MOST_TICKS = 5
# The width of a year's label at 360 px.
YEAR_LABEL_WIDTH = 12.0
# A longer chart would not be read; the page says how many accounts are left out.
MOST_DRAWN = 60
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Link:
    """A succession of two accounts (ids), with its certainty and basis."""

    account: int
    successor: int
    certainty: SuccessionCertainty
    basis: SuccessionBasis

    @property
    def pair(self) -> tuple[int, int]:
        """Return both ids, the earlier account first."""
        return self.account, self.successor


@dataclass(frozen=True, slots=True)
class Chain:
    """Accounts that succeed each other, predecessors first, and their number of generations.

    At least by confirmed or likely links, at most with possible ones.
    """

    members: tuple[int, ...]
    at_least: int
    at_most: int

    def visible_members(self, around: int | None = None) -> tuple[int, ...]:
        """Return the members in its chart: all or, of very many, the earliest or those around
        one.
        """
        place = 0 if around is None else self.members.index(around) - MOST_DRAWN // 2
        start = max(0, min(place, len(self.members) - MOST_DRAWN))
        return self.members[start : start + MOST_DRAWN]


def chains_in(links: Sequence[Link]) -> list[Chain]:
    """Return every chain, the longest first."""
    found = [_chain(members, of) for members, of in _connected_groups(links)]
    return sorted(found, key=lambda one: (-one.at_most, -len(one.members), one.members))


def _connected_groups(links: Sequence[Link]) -> Iterable[tuple[set[int], list[Link]]]:
    """Yield the accounts that are connected, with the links between them."""
    beside: dict[int, list[Link]] = defaultdict(list)
    for link in links:
        for end in link.pair:
            beside[end].append(link)
    seen: set[int] = set()
    for start in beside:
        if start in seen:
            continue
        members, todo = {start}, [start]
        while todo:
            others = {end for link in beside[todo.pop()] for end in link.pair} - members
            members |= others
            todo += others
        seen |= members
        yield members, list(dict.fromkeys(link for one in members for link in beside[one]))


def _chain(members: set[int], links: Sequence[Link]) -> Chain:
    everything = generation_depths([link.pair for link in links], members)
    sure = [link.pair for link in links if link.certainty is not SuccessionCertainty.POSSIBLE]
    ordered = sorted(members, key=lambda one: (everything[one], one))
    least, most = max(generation_depths(sure, members).values()), max(everything.values())
    # Hidden accounts can make a chain circular: it is no longer than its number of accounts.
    return Chain(tuple(ordered), min(least + 1, len(members)), min(most + 1, len(members)))


@dataclass(frozen=True, slots=True)
class Bar:
    """The period in which an account may have been up, as positions in the chart.

    `sure`: start and width of the certain part, None if no day is certain; `is_open`: nobody took
    it down.
    """

    x: float
    width: float
    sure: tuple[float, float] | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Row:
    """An account in a chart.

    Its vertical position, its bar (None if no day is known), and the rows of its successors, from
    1.
    """

    account: Any
    life: Life
    y: int
    bar: Bar | None
    reappeared: tuple[tuple[int, Link], ...]


@dataclass(frozen=True, slots=True)
class SuccessionLine:
    """The line from an account down to its successor, at the beginning of that one."""

    x: float
    y1: int
    y2: int
    certainty: SuccessionCertainty


@dataclass(frozen=True, slots=True)
class LineageChart:
    """The chart of a chain; `ticks`: where years begin; `in_all`: accounts of the chain."""

    rows: tuple[Row, ...]
    turns: tuple[SuccessionLine, ...]
    ticks: tuple[tuple[float, int], ...]
    height: int
    in_all: int


def lineage_chart(
    accounts: Sequence[Any], links: Iterable[Link], *, today: date, in_all: int = 0
) -> LineageChart:
    """Return the chart of a chain.

    `accounts` have an id and a life, predecessors first; `in_all`: how many the chain has, if these
    are not all.
    """
    lives = {one.id: one.life for one in accounts}
    numbers = {one.id: number for number, one in enumerate(accounts, 1)}
    known = [link for link in links if numbers.keys() >= set(link.pair)]
    days = [day for life in lives.values() if (of := _possible_period(life, today)) for day in of]
    scale = _Scale(min(days), max(days)) if days else None
    rows = {
        one.id: Row(
            account=one,
            life=lives[one.id],
            y=HEAD_HEIGHT + ROW_HEIGHT * (numbers[one.id] - 1),
            bar=scale.bar(lives[one.id], today) if scale else None,
            reappeared=tuple(
                (numbers[link.successor], link) for link in known if link.account == one.id
            ),
        )
        for one in accounts
    }
    turns = [_succession_line(rows[link.account], rows[link.successor], link) for link in known]
    ticks = scale.ticks() if scale else ()
    height = HEAD_HEIGHT + ROW_HEIGHT * len(rows)
    return LineageChart(tuple(rows.values()), tuple(turns), ticks, height, in_all or len(rows))


def _succession_line(before: Row, after: Row, link: Link) -> SuccessionLine:
    x = max(after.bar.x, 1.0) if after.bar else 1.0
    return SuccessionLine(x, before.y + BAR_TOP, after.y + BAR_TOP, link.certainty)


def _possible_period(life: Life, today: date) -> tuple[date, date] | None:
    """Return the first and last day on which an account may have been up, as far as known."""
    last = life.ended.latest if life.ended else today
    if life.begun and life.begun.earliest != OPEN_START:
        return life.begun.earliest, last
    known = life.begun or life.ended
    return (min(known.latest, last), last) if known else None


def _last_day_known_active(life: Life) -> date:
    """Return the last day on which an account that is up is known to have been up.

    That of its last sighting, or the first on which somebody may have taken it down.
    """
    assert life.seen is not None  # noqa: S101 (one that is known to have been up was seen)
    if life.ended is None:
        return life.seen.earliest
    if life.ended.event is AccountEvent.CHECKED_GONE:
        # It went at an unknown time between the last sighting and the check.
        return min(life.seen.earliest, life.ended.earliest)
    return life.ended.earliest


@dataclass(frozen=True, slots=True)
class _Scale:
    """Days from `first` to `last`, both included, between two margins."""

    first: date
    last: date

    def at(self, day: date) -> float:
        share = (day - self.first).days / ((self.last - self.first).days + 1)
        return MARGIN_PERCENT + share * (100 - 2 * MARGIN_PERCENT)

    def bar(self, life: Life, today: date) -> Bar | None:
        stretch = _possible_period(life, today)
        if stretch is None:
            return None
        start, end = stretch
        sure = None
        if life.begun:
            known = _last_day_known_active(life)
            if life.begun.latest <= known:
                sure = self._between(life.begun.latest, known)
        x, width = self._between(start, end)
        return Bar(x, width, sure, is_open=life.ended is None)

    def _between(self, first: date, last: date) -> tuple[float, float]:
        x = self.at(first)
        return x, max(self.at(last + ONE_DAY) - x, NARROWEST_BAR)

    def ticks(self) -> tuple[tuple[float, int], ...]:
        """Return the positions of years, and of the year of the first day if it has room."""
        years = range(self.first.year + 1, self.last.year + 1)
        step = len(years) // MOST_TICKS + 1
        found = tuple((self.at(date(year, 1, 1)), year) for year in years[::step])
        if not found or found[0][0] - MARGIN_PERCENT >= YEAR_LABEL_WIDTH:
            return ((MARGIN_PERCENT, self.first.year), *found)
        return found

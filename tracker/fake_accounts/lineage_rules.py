"""Chains of fake accounts that reappeared as each other, and their chart; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.fake_accounts.codes import AccountEvent, SuccessionBasis, SuccessionCertainty
from tracker.fake_accounts.rules import AccountLife, generation_depths
from tracker.when import ONE_DAY, OPEN_START

# Vertical lengths in the chart, in pixels; `BAR_TOP` is measured from the top of its row.
ROW_HEIGHT, BAR_TOP, HEAD_HEIGHT = 44, 22, 24
# Horizontal lengths, in percent of the chart's width: each side margin, and the shortest bar.
MARGIN_PERCENT, MIN_BAR_PERCENT = 4.0, 1.2
MAX_YEAR_TICKS = 5  # labelled years besides the first
# The width of the label of a year in a chart of 360 pixels.
YEAR_LABEL_PERCENT = 12.0
# Longer charts are hard to read; the page says how many accounts are left out.
MAX_CHART_ROWS = 60


@dataclass(frozen=True, slots=True)
class SuccessionLink:
    """A succession of two accounts, given by their ids, with its certainty and basis."""

    account_id: int
    successor_id: int
    certainty: SuccessionCertainty
    basis: SuccessionBasis

    @property
    def pair(self) -> tuple[int, int]:
        """The ids of both accounts, the earlier account first."""
        return self.account_id, self.successor_id


@dataclass(frozen=True, slots=True)
class AccountChain:
    """A chain: accounts that reappeared as each other. `member_ids`: their ids, the earliest
    account first; `certain_length`, `possible_length`: how many accounts in a row succeed each
    other at most, counting only confirmed and likely successions (`certain_length`), or also
    possible ones (`possible_length`).
    """

    member_ids: tuple[int, ...]
    certain_length: int
    possible_length: int

    def charted_member_ids(self, account_id: int | None = None) -> tuple[int, ...]:
        """Return the ids of the accounts in the chart, at most 60. If the chain has more, they are
        the first 60, or with `account_id` the 60 around the account with this id.
        """
        place = 0 if account_id is None else self.member_ids.index(account_id) - MAX_CHART_ROWS // 2
        start = max(0, min(place, len(self.member_ids) - MAX_CHART_ROWS))
        return self.member_ids[start : start + MAX_CHART_ROWS]


def find_chains(links: Sequence[SuccessionLink]) -> list[AccountChain]:
    """Return the chains of accounts that the links form, the longest first."""
    found = [_build_chain(members, between) for members, between in _connected_groups(links)]
    return sorted(
        found, key=lambda one: (-one.possible_length, -len(one.member_ids), one.member_ids)
    )


def _connected_groups(
    links: Sequence[SuccessionLink],
) -> Iterable[tuple[set[int], list[SuccessionLink]]]:
    """Yield each group of connected accounts, with the links between them."""
    beside: dict[int, list[SuccessionLink]] = defaultdict(list)
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


def _build_chain(members: set[int], links: Sequence[SuccessionLink]) -> AccountChain:
    """Return the chain of these accounts, given by ids; `links`: all links between them."""
    everything = generation_depths([link.pair for link in links], members)
    certain = [link.pair for link in links if link.certainty is not SuccessionCertainty.POSSIBLE]
    ordered = sorted(members, key=lambda one: (everything[one], one))
    least, most = max(generation_depths(certain, members).values()), max(everything.values())
    # Hidden accounts can make a chain circular: it is no longer than its number of accounts.
    return AccountChain(tuple(ordered), min(least + 1, len(members)), min(most + 1, len(members)))


@dataclass(frozen=True, slots=True)
class ChartBar:
    """The bar of an account in a chart: the period in which it may have been up. `x`, `width`:
    start and width of the bar, in percent of the chart's width; `certain_part`: start and width of
    the part in which it was certainly up, None if there is none; `lacks_takedown`: no takedown is
    known.
    """

    x: float
    width: float
    certain_part: tuple[float, float] | None
    lacks_takedown: bool


@dataclass(frozen=True, slots=True)
class ChartRow:
    """The row of an account in a chart. `y`: the vertical position of the row in pixels; `bar`:
    None if no day of the account is known; `reappeared`: for each successor, the number of the
    successor's row (from 1) and the succession.
    """

    account: Any
    life: AccountLife
    y: int
    bar: ChartBar | None
    reappeared: tuple[tuple[int, SuccessionLink], ...]


@dataclass(frozen=True, slots=True)
class SuccessionLine:
    """A vertical line in a chart, from the row of an account to the row of its successor. `x`: in
    percent of the width; `y1`, `y2`: in pixels from the top.
    """

    x: float
    y1: int
    y2: int
    certainty: SuccessionCertainty


@dataclass(frozen=True, slots=True)
class LineageChart:
    """The chart of a chain of accounts. `rows`: one for each account, at most 60; `year_ticks`: the
    position in percent and the number of each labelled year; `height`: in pixels;
    `total_accounts`: the number of accounts in the chain.
    """

    rows: tuple[ChartRow, ...]
    lines: tuple[SuccessionLine, ...]
    year_ticks: tuple[tuple[float, int], ...]
    height: int
    total_accounts: int


def build_lineage_chart(
    accounts: Sequence[Any],
    links: Iterable[SuccessionLink],
    *,
    today: date,
    total_accounts: int = 0,
) -> LineageChart:
    """Return the chart of some accounts of a chain, the earliest account first. `accounts`: objects
    with the attributes `id` and `life`; `links`: their successions, which may include others;
    `total_accounts`: the number of accounts in the chain, 0 if `accounts` are all.
    """
    lives = {one.id: one.life for one in accounts}
    numbers = {one.id: number for number, one in enumerate(accounts, 1)}
    known = [link for link in links if numbers.keys() >= set(link.pair)]
    periods = [_possible_period(life, today) for life in lives.values()]
    days = [day for period in periods if period for day in period]
    scale = _TimeScale(min(days), max(days)) if days else None
    rows = {
        one.id: ChartRow(
            account=one,
            life=lives[one.id],
            y=HEAD_HEIGHT + ROW_HEIGHT * (numbers[one.id] - 1),
            bar=scale.build_bar(lives[one.id], today) if scale else None,
            reappeared=tuple(
                (numbers[link.successor_id], link) for link in known if link.account_id == one.id
            ),
        )
        for one in accounts
    }
    lines = [_build_line(rows[link.account_id], rows[link.successor_id], link) for link in known]
    year_ticks = scale.year_ticks() if scale else ()
    height = HEAD_HEIGHT + ROW_HEIGHT * len(rows)
    return LineageChart(
        tuple(rows.values()), tuple(lines), year_ticks, height, total_accounts or len(rows)
    )


def _build_line(before: ChartRow, after: ChartRow, link: SuccessionLink) -> SuccessionLine:
    """Return the line of a link between the rows of an account and its successor."""
    x = max(after.bar.x, 1.0) if after.bar else 1.0
    return SuccessionLine(x, before.y + BAR_TOP, after.y + BAR_TOP, link.certainty)


def _possible_period(life: AccountLife, today: date) -> tuple[date, date] | None:
    """Return the first and last day on which an account may have been up, None if unknown."""
    last = life.takedown.latest if life.takedown else today
    if life.first_up and life.first_up.earliest != OPEN_START:
        return life.first_up.earliest, last
    known = life.first_up or life.takedown
    return (min(known.latest, last), last) if known else None


def _last_day_known_active(life: AccountLife) -> date:
    """Return the last day on which an account is known to have been up. If it was never taken down:
    the day when it was last seen. If it was taken down: the first possible day of that. If a check
    only found it gone: the earlier one of these two days.
    """
    assert life.last_seen is not None  # noqa: S101 (one that is known to have been up was seen)
    if life.takedown is None:
        return life.last_seen.earliest
    if life.takedown.event is AccountEvent.CHECKED_GONE:
        # It went at an unknown time between the last sighting and the check.
        return min(life.last_seen.earliest, life.takedown.earliest)
    return life.takedown.earliest


@dataclass(frozen=True, slots=True)
class _TimeScale:
    """A horizontal scale of the days from `first` to `last`, both included, in percent."""

    first: date
    last: date

    def position_of(self, day: date) -> float:
        """Return the horizontal position at which a day begins."""
        share = (day - self.first).days / ((self.last - self.first).days + 1)
        return MARGIN_PERCENT + share * (100 - 2 * MARGIN_PERCENT)

    def build_bar(self, life: AccountLife, today: date) -> ChartBar | None:
        """Return the bar of an account, None if it is unknown when the account was up."""
        period = _possible_period(life, today)
        if period is None:
            return None
        start, end = period
        certain = None
        if life.first_up:
            known = _last_day_known_active(life)
            if life.first_up.latest <= known:
                certain = self._position_and_width(life.first_up.latest, known)
        x, width = self._position_and_width(start, end)
        return ChartBar(x, width, certain, lacks_takedown=life.takedown is None)

    def _position_and_width(self, first: date, last: date) -> tuple[float, float]:
        """Return the horizontal position and width of the days from first to last."""
        x = self.position_of(first)
        return x, max(self.position_of(last + ONE_DAY) - x, MIN_BAR_PERCENT)

    def year_ticks(self) -> tuple[tuple[float, int], ...]:
        """Return position and number of each labelled year; the first year is labelled if there is
        room.
        """
        years = range(self.first.year + 1, self.last.year + 1)
        step = len(years) // MAX_YEAR_TICKS + 1
        found = tuple((self.position_of(date(year, 1, 1)), year) for year in years[::step])
        if not found or found[0][0] - MARGIN_PERCENT >= YEAR_LABEL_PERCENT:
            return ((MARGIN_PERCENT, self.first.year), *found)
        return found

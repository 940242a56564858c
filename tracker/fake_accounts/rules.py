"""Status, lifetime and counting of fake accounts, derived from their events; pure.

Of one account, and of the many in the register. docs/indicators.md explains the figures.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Any, Protocol

from tracker.dates import DayCount, DayRange, days_between
from tracker.fake_accounts import codes
from tracker.when import OPEN_START

HALF_SHARE = 0.5
# Shares are products of fractions: rounding may put a half slightly above one half.
ROUNDING_TOLERANCE = 1e-9
# The events that decide the status; a report or an order alone changes nothing.
STATUS_OF_EVENT: Mapping[codes.AccountEvent, codes.AccountStatus] = {
    codes.AccountEvent.BLOCKED: codes.AccountStatus.BLOCKED,
    codes.AccountEvent.SUSPENDED: codes.AccountStatus.SUSPENDED,
    codes.AccountEvent.REMOVED_BY_PLATFORM: codes.AccountStatus.REMOVED,
    codes.AccountEvent.REMOVED_BY_OWNER: codes.AccountStatus.REMOVED,
}
OPENING_EVENTS = frozenset(
    {
        codes.AccountEvent.FIRST_SEEN,
        codes.AccountEvent.RESTORED,
        codes.AccountEvent.SEEN_AGAIN,
        codes.AccountEvent.CHECKED_ACTIVE,
    }
)
STATUS_EVENTS = frozenset({*STATUS_OF_EVENT, *OPENING_EVENTS, codes.AccountEvent.CHECKED_GONE})
# These only show it up: if uncertain, they may have been before a block.
SIGHTING_EVENTS = frozenset({codes.AccountEvent.FIRST_SEEN, codes.AccountEvent.CHECKED_ACTIVE})
# A person who reports an account, or orders it to be blocked, has seen it.
ONLINE_EVENTS = OPENING_EVENTS | {
    codes.AccountEvent.REPORTED_TO_PLATFORM,
    codes.AccountEvent.REPORTED_TO_AUTHORITY,
    codes.AccountEvent.BLOCK_ORDERED,
}
TAKEDOWN_EVENTS = frozenset({*STATUS_OF_EVENT, codes.AccountEvent.CHECKED_GONE})
# The usual order of events within the same days: that of the set.
EVENT_ORDER: Mapping[codes.AccountEvent, int] = {
    event: place for place, event in enumerate(codes.AccountEvent)
}
# Taken down, even if it is unknown since when it was up.
TAKEN_DOWN_FATES = frozenset({codes.AccountFate.TAKEN_DOWN, codes.AccountFate.UNDATED})
WRITTEN_WITH_AT = frozenset(
    {codes.AccountKind.PROFILE, codes.AccountKind.CHANNEL, codes.AccountKind.GROUP}
)


class EventLike(Protocol):
    """One event of an account, with what its status requires."""

    @property
    def event(self) -> codes.AccountEvent:
        """Return what happened."""

    @property
    def earliest(self) -> date:
        """Return the first possible day."""

    @property
    def latest(self) -> date:
        """Return the last possible day."""


def status_of(events: Iterable[EventLike]) -> codes.AccountStatus:
    """Return the status of an account after its events in order.

    An account that is restored or seen again is active again. *Gone* is one that nobody is known to
    have taken down: found gone after a block or a removal, it stays blocked or removed.
    """
    status = codes.AccountStatus.UNKNOWN
    for one in sorted(events, key=_sort_key):
        if one.event in STATUS_OF_EVENT:
            status = STATUS_OF_EVENT[one.event]
        elif one.event in OPENING_EVENTS:
            status = codes.AccountStatus.ACTIVE
        elif (
            one.event is codes.AccountEvent.CHECKED_GONE and status not in STATUS_OF_EVENT.values()
        ):
            status = codes.AccountStatus.GONE
    return status


def _sort_key(event_like: EventLike) -> tuple[date, date, int]:
    """Return the sort key by which events decide the status."""
    day = event_like.earliest if event_like.event in SIGHTING_EVENTS else event_like.latest
    return day, event_like.earliest, EVENT_ORDER[event_like.event]


def format_handle(handle: str, kind: codes.AccountKind) -> str:
    """Return a handle as people write it: with @ for a profile."""
    return f"@{handle}" if handle and kind in WRITTEN_WITH_AT else handle


def generation_depths(pairs: Iterable[tuple[int, int]], members: Iterable[int]) -> dict[int, int]:
    """Return, for each account, the length of the longest line of predecessors.

    Both ends of every pair are members. It terminates even if hidden accounts make a chain
    circular.
    """
    depth = dict.fromkeys(members, 0)
    known = list(pairs)
    for _round in depth:
        before = dict(depth)
        for account, successor in known:
            depth[successor] = max(depth[successor], depth[account] + 1)
        if depth == before:
            break
    return depth


def would_create_cycle(pairs: Iterable[tuple[int, int]], account: int, successor: int) -> bool:
    """Return whether a new pair would create a cycle."""
    known = list(pairs)
    reached = {successor}
    while more := {after for before, after in known if before in reached} - reached:
        reached |= more
    return account in reached


@dataclass(frozen=True, slots=True)
class DatedEvent:
    """A day between bounds, and the event that has it."""

    earliest: date
    latest: date
    event: codes.AccountEvent


@dataclass(frozen=True, slots=True)
class Life:
    """When an account is first known to be up and first taken down, and the days in between.

    `seen` is when it was last known to be up.
    """

    fate: codes.AccountFate
    begun: DatedEvent | None
    ended: DatedEvent | None
    seen: DatedEvent | None
    days: DayCount | None

    @property
    def is_down(self) -> bool:
        """Return whether it was ever taken down, even if it is unknown since when it was up."""
        return self.fate in TAKEN_DOWN_FATES


def life_of(events: Iterable[EventLike], *, is_identified: bool, today: date) -> Life:
    """Return the life of an account up to its first takedown, or to today.

    Without a known takedown it counts as up: no time is made shorter than it may have been.
    """
    known = list(events)
    begun, ended = _first_event_day(known, ONLINE_EVENTS), _first_event_day(known, TAKEDOWN_EVENTS)
    seen = _last_event_day(known, ONLINE_EVENTS)
    if begun and ended and is_shown_later(begun, ended):
        begun = None
    fate, days = fate_of(begun, ended, is_identified=is_identified, today=today)
    return Life(fate, begun, ended, seen, days)


def is_shown_later(first_seen: DayRange, ended: DayRange) -> bool:
    """Return whether an account is known to be up only after a takedown.

    It was up before it, since an unknown time.
    """
    return first_seen.earliest > ended.latest


def fate_of(
    first_seen: DayRange | None, ended: DayRange | None, *, is_identified: bool, today: date
) -> tuple[codes.AccountFate, DayCount | None]:
    """Return the fate of an account, and how long it was up, None if that is unknown.

    `first_seen`: since when it is known to be up; `ended`: its first takedown.
    """
    if not is_identified or not (first_seen or ended):
        return codes.AccountFate.NOT_COUNTED, None
    if first_seen is None:
        return codes.AccountFate.UNDATED, None
    # A takedown without a date was at some time up to the day of its source.
    is_dated = ended is None or ended.earliest != OPEN_START
    fate = codes.AccountFate.TAKEN_DOWN if ended else codes.AccountFate.STILL_UP
    return fate, days_between(first_seen, ended, today, is_dated=is_dated)


def _first_event_day(
    events: Iterable[EventLike], among: Collection[codes.AccountEvent]
) -> DatedEvent | None:
    """Return the first of these events as a day between bounds.

    Its earliest day is the earliest of any, its latest day that by which one certainly was there.
    """
    found = sorted(
        (one for one in events if one.event in among),
        key=lambda one: (one.latest, one.earliest, EVENT_ORDER[one.event]),
    )
    if not found:
        return None
    return DatedEvent(min(one.earliest for one in found), found[0].latest, found[0].event)


def _last_event_day(
    events: Iterable[EventLike], among: Collection[codes.AccountEvent]
) -> DatedEvent | None:
    found = [one for one in events if one.event in among]
    last = max(
        found, key=lambda one: (one.earliest, one.latest, EVENT_ORDER[one.event]), default=None
    )
    return DatedEvent(last.earliest, last.latest, last.event) if last else None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountedAccount:
    """An account as figures count it: its fate and days, whether it is active, and reappeared.

    Accounts that are counted alike may be one object.
    """

    fate: codes.AccountFate
    days: DayCount | None
    is_active: bool
    reappeared: codes.Reappearance | None
    platform_id: int | None = None

    @property
    def is_down(self) -> bool:
        """Return whether it was ever taken down."""
        return self.fate in TAKEN_DOWN_FATES


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of some accounts; `median` is None if fewer than half were taken down."""

    accounts: int
    fates: dict[codes.AccountFate, int]
    up_again: dict[codes.AccountFate, int]
    median: DayCount | None
    reappeared: int
    possibly: int

    @property
    def down(self) -> int:
        """Return how many were ever taken down, including those that reappeared."""
        return self.fates[codes.AccountFate.TAKEN_DOWN] + self.fates[codes.AccountFate.UNDATED]

    @property
    def timed(self) -> int:
        """Return the number of accounts in the median."""
        return self.fates[codes.AccountFate.TAKEN_DOWN] + self.fates[codes.AccountFate.STILL_UP]


def figures_of(accounts: Iterable[CountedAccount]) -> Figures:
    """Return the figures of these accounts; the fates are disjoint and sum to all of them."""
    counted = Counter(accounts)
    fates, up_again, back = Counter[Any](), Counter[codes.AccountFate](), Counter[Any]()
    for one, number in counted.items():
        fates[one.fate] += number
        if one.is_down:
            back[one.reappeared] += number
            if one.is_active:
                up_again[one.fate] += number
    return Figures(
        accounts=counted.total(),
        fates={fate: fates[fate] for fate in codes.AccountFate},
        up_again=up_again,
        median=median_of(counted.items()),
        reappeared=back[codes.Reappearance.YES],
        possibly=back[codes.Reappearance.POSSIBLY],
    )


def reappearance_of(certainties: Iterable[codes.SuccessionCertainty]) -> codes.Reappearance | None:
    """Return whether an account reappeared, by the certainty of its successors."""
    known = set(certainties)
    if known - {codes.SuccessionCertainty.POSSIBLE}:
        return codes.Reappearance.YES
    return codes.Reappearance.POSSIBLY if known else None


class HasFate(Protocol):
    """An account, or its life, with what the median requires."""

    @property
    def fate(self) -> codes.AccountFate:
        """Return its fate."""

    @property
    def days(self) -> DayCount | None:
        """Return how long it was up."""


def median_of(lives: Iterable[tuple[HasFate, int]]) -> DayCount | None:
    """Return the time within which half of the accounts were taken down (Kaplan–Meier).

    None if that is not reached. `lives`: each with the number of accounts that have it.

    An account that is still up counts up to now. The lower bound reads uncertain dates so that half
    are down first; the upper bound so that they are down last, None if never.
    """
    down, up, is_known = Counter[DaysOnline](), Counter[DaysOnline](), None
    for one, number in lives:
        if one.days is not None and one.fate is codes.AccountFate.STILL_UP:
            up[one.days.at_least, _most(one.days)] += number
        elif one.days is not None and one.fate is codes.AccountFate.TAKEN_DOWN:
            down[one.days.at_least, _most(one.days)] += number
            is_known = is_known or one.days.is_known
    soonest = _median_day(down, up, slowly=False)
    if soonest is None:
        return None
    return DayCount(soonest, _median_day(down, up, slowly=True), is_known=is_known is not False)


# The least and the most days that an account was up.
DaysOnline = tuple[int, float]


def _median_day(down: Counter[DaysOnline], up: Counter[DaysOnline], *, slowly: bool) -> int | None:
    seen: Counter[float] = Counter()
    for (least, most), number in up.items():
        seen[most if slowly else least] += number
    if all(least == most for least, most in down):
        # The days are known: the share sinks on each of them, whichever one asks for.
        known = Counter[float]({most: number for (_least, most), number in down.items()})
        return next((int(day) for day, share in _shares_up(known, seen) if _is_half(share)), None)
    last = max((int(day) for days in (*down, *up) for day in days if day != inf), default=-1)
    found = bisect_left(
        range(last + 1), 1, key=lambda day: _is_half(_share_up(down, seen, day, slowly=slowly))
    )
    return found if found <= last else None


def _is_half(share: float) -> bool:
    return share <= HALF_SHARE + ROUNDING_TOLERANCE


def _share_up(down: Counter[DaysOnline], seen: Counter[float], day: int, *, slowly: bool) -> float:
    """Return the share still up after some days, the largest or smallest that the dates allow.

    It is largest if accounts were taken down as early as possible among those that certainly were
    by then (so that they do not replace those out of sight), and if those still up were so for the
    longest time; it is smallest the other way round.
    """
    ended: Counter[float] = Counter()
    for (least, most), number in down.items():
        if slowly:
            ended[least if most <= day else inf] += number
        else:
            ended[min(most, day) if least <= day else inf] += number
    shares = (share for end, share in _shares_up(ended, seen) if end <= day)
    return min(shares, default=1.0)


def _shares_up(ended: Counter[float], seen: Counter[float]) -> Iterator[tuple[float, float]]:
    """Yield each day on which some were taken down, with the share still up after it.

    On one day those taken down come before those last seen up.
    """
    share, left = 1.0, ended.total() + seen.total()
    for day in sorted({*ended, *seen}):
        if ended[day]:
            share *= (left - ended[day]) / left
            yield day, share
        left -= ended[day] + seen[day]


def _most(span: DayCount) -> float:
    return inf if span.at_most is None else span.at_most

"""Status, lifetime and counting of fake accounts, derived from their events; pure.

Of one account, and of the many in the register. docs/indicators.md explains the figures.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Protocol

from tracker.dates import Span, span_between
from tracker.fake_accounts import codes
from tracker.when import OPEN_START

HALF = 0.5
# Shares are products of fractions: rounding may put a half slightly above one half.
A_HAIR = 1e-9
# The events that decide the status; a report or an order alone changes nothing.
ENDS: Mapping[codes.AccountEvent, codes.AccountStatus] = {
    codes.AccountEvent.BLOCKED: codes.AccountStatus.BLOCKED,
    codes.AccountEvent.SUSPENDED: codes.AccountStatus.SUSPENDED,
    codes.AccountEvent.REMOVED_BY_PLATFORM: codes.AccountStatus.REMOVED,
    codes.AccountEvent.REMOVED_BY_OWNER: codes.AccountStatus.REMOVED,
}
OPENS = frozenset(
    {
        codes.AccountEvent.FIRST_SEEN,
        codes.AccountEvent.RESTORED,
        codes.AccountEvent.SEEN_AGAIN,
        codes.AccountEvent.CHECKED_ACTIVE,
    }
)
DECIDING = frozenset({*ENDS, *OPENS, codes.AccountEvent.CHECKED_GONE})
# These only show it up: if uncertain, they may have been before a block.
SHOWN_UP = frozenset({codes.AccountEvent.FIRST_SEEN, codes.AccountEvent.CHECKED_ACTIVE})
# A person who reports an account, or orders it to be blocked, has seen it.
SHOWS = OPENS | {
    codes.AccountEvent.REPORTED_TO_PLATFORM,
    codes.AccountEvent.REPORTED_TO_AUTHORITY,
    codes.AccountEvent.BLOCK_ORDERED,
}
TAKES_DOWN = frozenset({*ENDS, codes.AccountEvent.CHECKED_GONE})
# The usual order of events within the same days: that of the set.
PLACE: Mapping[codes.AccountEvent, int] = {
    event: place for place, event in enumerate(codes.AccountEvent)
}
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
        if one.event in ENDS:
            status = ENDS[one.event]
        elif one.event in OPENS:
            status = codes.AccountStatus.ACTIVE
        elif one.event is codes.AccountEvent.CHECKED_GONE and status not in ENDS.values():
            status = codes.AccountStatus.GONE
    return status


def _sort_key(one: EventLike) -> tuple[date, date, int]:
    """Return the sort key by which events decide the status."""
    day = one.earliest if one.event in SHOWN_UP else one.latest
    return day, one.earliest, PLACE[one.event]


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
    days: Span | None

    @property
    def is_down(self) -> bool:
        """Return whether it was ever taken down, even if it is unknown since when it was up."""
        return self.fate in {codes.AccountFate.TAKEN_DOWN, codes.AccountFate.UNDATED}


def life_of(events: Iterable[EventLike], *, is_identified: bool, today: date) -> Life:
    """Return the life of an account up to its first takedown, or to today.

    Without a known takedown it counts as up: no time is made shorter than it may have been.
    """
    known = list(events)
    begun, ended = _first_event_day(known, SHOWS), _first_event_day(known, TAKES_DOWN)
    seen = _last_event_day(known, SHOWS)
    if begun and ended and begun.earliest > ended.latest:
        # Known to be up only after a takedown, it was up before it, since an unknown time.
        begun = None
    fate, days = codes.AccountFate.NOT_COUNTED, None
    if is_identified and ended:
        fate = codes.AccountFate.TAKEN_DOWN if begun else codes.AccountFate.UNDATED
    elif is_identified and begun:
        fate = codes.AccountFate.STILL_UP
    if begun and fate is not codes.AccountFate.NOT_COUNTED:
        # A takedown without a date was at some time up to the day of its source.
        is_dated = ended is None or ended.earliest != OPEN_START
        days = span_between(begun, ended, today, is_dated=is_dated)
    return Life(fate, begun, ended, seen, days)


def _first_event_day(
    events: Iterable[EventLike], among: Collection[codes.AccountEvent]
) -> DatedEvent | None:
    """Return the first of these events as a day between bounds.

    Its earliest day is the earliest of any, its latest day that by which one certainly was there.
    """
    found = sorted(
        (one for one in events if one.event in among),
        key=lambda one: (one.latest, one.earliest, PLACE[one.event]),
    )
    if not found:
        return None
    return DatedEvent(min(one.earliest for one in found), found[0].latest, found[0].event)


def _last_event_day(
    events: Iterable[EventLike], among: Collection[codes.AccountEvent]
) -> DatedEvent | None:
    found = [one for one in events if one.event in among]
    last = max(found, key=lambda one: (one.earliest, one.latest, PLACE[one.event]), default=None)
    return DatedEvent(last.earliest, last.latest, last.event) if last else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedAccount:
    """An account as figures count it: its life, its status, whether it reappeared."""

    id: int
    life: Life
    status: codes.AccountStatus
    reappeared: codes.Reappearance | None
    platform_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of some accounts; `median` is None if fewer than half were taken down."""

    accounts: int
    fates: dict[codes.AccountFate, int]
    up_again: dict[codes.AccountFate, int]
    median: Span | None
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


def figures_of(accounts: Sequence[CountedAccount]) -> Figures:
    """Return the figures of these accounts; the fates are disjoint and sum to all of them."""
    fates = [one.life.fate for one in accounts]
    back = [one.reappeared for one in accounts if one.life.is_down]
    return Figures(
        accounts=len(accounts),
        fates={fate: fates.count(fate) for fate in codes.AccountFate},
        up_again=Counter(
            one.life.fate
            for one in accounts
            if one.life.is_down and one.status is codes.AccountStatus.ACTIVE
        ),
        median=median_of([one.life for one in accounts]),
        reappeared=back.count(codes.Reappearance.YES),
        possibly=back.count(codes.Reappearance.POSSIBLY),
    )


def reappearance_of(certainties: Iterable[codes.SuccessionCertainty]) -> codes.Reappearance | None:
    """Return whether an account reappeared, by the certainty of its successors."""
    known = set(certainties)
    if known - {codes.SuccessionCertainty.POSSIBLE}:
        return codes.Reappearance.YES
    return codes.Reappearance.POSSIBLY if known else None


def median_of(lives: Iterable[Life]) -> Span | None:
    """Return the time within which half of the accounts were taken down (Kaplan–Meier).

    None if that is not reached.

    An account that is still up counts up to now. The lower bound reads uncertain dates so that half
    are down first; the upper bound so that they are down last, None if never.
    """
    known = list(lives)
    timed = [
        (one.fate is codes.AccountFate.TAKEN_DOWN, one.days.at_least, _most(one.days))
        for one in known
        if one.days is not None
        and one.fate in {codes.AccountFate.TAKEN_DOWN, codes.AccountFate.STILL_UP}
    ]
    down = [one.days for one in known if one.fate is codes.AccountFate.TAKEN_DOWN and one.days]
    soonest = _median_day(timed, slowly=False)
    if soonest is None:
        return None
    is_known = any(days.is_known for days in down) or not down
    return Span(soonest, _median_day(timed, slowly=True), is_known=is_known)


Timed = tuple[bool, int, float]


def _median_day(timed: Sequence[Timed], *, slowly: bool) -> int | None:
    last = max((int(day) for _down, *days in timed for day in days if day != inf), default=-1)
    found = bisect_left(
        range(last + 1),
        1,
        key=lambda day: _share_up(timed, day, slowly=slowly) <= HALF + A_HAIR,
    )
    return found if found <= last else None


def _share_up(timed: Sequence[Timed], day: int, *, slowly: bool) -> float:
    """Return the share still up after some days, the largest or smallest that the dates allow.

    It is largest if accounts were taken down as early as possible among those that certainly were
    by then (so that they do not replace those out of sight), and if those still up were so for the
    longest time; it is smallest the other way round.
    """
    ends: list[tuple[float, bool]] = []
    for is_down, least, most in timed:
        if not is_down:
            ends.append((most if slowly else least, False))
        elif slowly:
            ends.append((least, True) if most <= day else (inf, False))
        else:
            ends.append((min(most, day), True) if least <= day else (inf, False))
    share, left = 1.0, len(ends)
    # On one day those taken down come before those last seen up.
    for end, is_down in sorted(ends, key=lambda one: (one[0], not one[1])):
        if end > day:
            break
        if is_down:
            share *= (left - 1) / left
        left -= 1
    return share


def _most(span: Span) -> float:
    return inf if span.at_most is None else span.at_most

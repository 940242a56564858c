"""Status, life and figures of fake accounts, derived from their events; pure.

docs/indicators.md explains the figures.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Any, Protocol

from tracker.fake_accounts import codes
from tracker.i18n import DayCount, UncertainDay, days_between
from tracker.when import OPEN_START

HALF_SHARE = 0.5  # of the accounts
# Shares are products of fractions: rounding may put one half slightly above 0.5.
ROUNDING_TOLERANCE = 1e-9
# The status that an event sets; a report or an order sets none.
STATUS_BY_EVENT: Mapping[codes.AccountEvent, codes.AccountStatus] = {
    codes.AccountEvent.BLOCKED: codes.AccountStatus.BLOCKED,
    codes.AccountEvent.SUSPENDED: codes.AccountStatus.SUSPENDED,
    codes.AccountEvent.REMOVED_BY_PLATFORM: codes.AccountStatus.REMOVED,
    codes.AccountEvent.REMOVED_BY_OWNER: codes.AccountStatus.REMOVED,
}
# Events after which the account is active.
ACTIVATING_EVENTS = frozenset(
    {
        codes.AccountEvent.FIRST_SEEN,
        codes.AccountEvent.RESTORED,
        codes.AccountEvent.SEEN_AGAIN,
        codes.AccountEvent.CHECKED_ACTIVE,
    }
)
# All events on which the status depends.
STATUS_EVENTS = frozenset({*STATUS_BY_EVENT, *ACTIVATING_EVENTS, codes.AccountEvent.CHECKED_GONE})
# Events that only show that an account was up. If such a date is uncertain, its first possible day
# decides on the status, since the account may have been blocked later.
SIGHTING_EVENTS = frozenset({codes.AccountEvent.FIRST_SEEN, codes.AccountEvent.CHECKED_ACTIVE})
# Events that show that the account was up on that day. A report of the account, or an order to
# block it, shows this too.
ONLINE_EVENTS = ACTIVATING_EVENTS | {
    codes.AccountEvent.REPORTED_TO_PLATFORM,
    codes.AccountEvent.REPORTED_TO_AUTHORITY,
    codes.AccountEvent.BLOCK_ORDERED,
}
# Events by which the account is known to be down.
TAKEDOWN_EVENTS = frozenset({*STATUS_BY_EVENT, codes.AccountEvent.CHECKED_GONE})
# By type of event, the number that orders events on the same days: the position in `AccountEvent`.
EVENT_ORDER: Mapping[codes.AccountEvent, int] = {
    event: place for place, event in enumerate(codes.AccountEvent)
}
# The fates of accounts that were taken down, even if it is unknown since when they were up.
TAKEN_DOWN_FATES = frozenset({codes.AccountFate.TAKEN_DOWN, codes.AccountFate.UNDATED})
# Kinds of accounts whose handle is written with @.
KINDS_SHOWN_WITH_AT = frozenset(
    {codes.AccountKind.PROFILE, codes.AccountKind.CHANNEL, codes.AccountKind.GROUP}
)


class EventLike(Protocol):
    """An event of an account, with what its status depends on."""

    @property
    def event(self) -> codes.AccountEvent:
        """The type of the event."""

    @property
    def earliest(self) -> date:
        """The first possible day."""

    @property
    def latest(self) -> date:
        """The last possible day."""


def status_of(events: Iterable[EventLike]) -> codes.AccountStatus:
    """Return the status of an account after all its events.

    An account that is restored or seen again is active. An account found gone after a block or
    removal stays blocked or removed; without a known takedown it is gone.
    """
    status = codes.AccountStatus.UNKNOWN
    for one in sorted(events, key=_event_sort_key):
        if one.event in STATUS_BY_EVENT:
            status = STATUS_BY_EVENT[one.event]
        elif one.event in ACTIVATING_EVENTS:
            status = codes.AccountStatus.ACTIVE
        elif (
            one.event is codes.AccountEvent.CHECKED_GONE and status not in STATUS_BY_EVENT.values()
        ):
            status = codes.AccountStatus.GONE
    return status


def _event_sort_key(event_like: EventLike) -> tuple[date, date, int]:
    """Return the key that sorts events for the status. It has the last possible day of the event,
    or the first possible day of an event that only shows the account up; the first possible day;
    and the number of the event's type in `EVENT_ORDER`.
    """
    day = event_like.earliest if event_like.event in SIGHTING_EVENTS else event_like.latest
    return day, event_like.earliest, EVENT_ORDER[event_like.event]


def format_handle(handle: str, kind: codes.AccountKind) -> str:
    """Return a handle as people write it: with @ for a profile, channel or group."""
    return f"@{handle}" if handle and kind in KINDS_SHOWN_WITH_AT else handle


def generation_depths(pairs: Iterable[tuple[int, int]], members: Iterable[int]) -> dict[int, int]:
    """Return for each member, by id, the number of accounts in its longest line of predecessors.
    `pairs`: the ids of an account and its successor, both members. Circular chains, which hidden
    accounts may cause, are allowed.
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
    """Return whether adding the succession of `account` by `successor` would create a cycle.
    `pairs`: the ids of the accounts and their successors so far.
    """
    known = list(pairs)
    reached = {successor}
    while more := {after for before, after in known if before in reached} - reached:
        reached |= more
    return account in reached


@dataclass(frozen=True, slots=True)
class DatedEvent:
    """A day between bounds, with the type of the event on that day."""

    earliest: date
    latest: date
    event: codes.AccountEvent


@dataclass(frozen=True, slots=True)
class AccountLife:
    """The time online of an account. `first_up`: when it was first known to be up; `takedown`: when
    it was first taken down, None if never; `last_seen`: when it was last known to be up; `days`:
    the number of days from `first_up` to `takedown`, or to today; `fate`: its category in figures
    about takedowns.
    """

    fate: codes.AccountFate
    first_up: DatedEvent | None
    takedown: DatedEvent | None
    last_seen: DatedEvent | None
    days: DayCount | None

    @property
    def is_down(self) -> bool:
        """Whether the account was ever taken down, even if it is unknown since when it was up."""
        return self.fate in TAKEN_DOWN_FATES


def account_life_of(
    events: Iterable[EventLike], *, is_identified: bool, today: date
) -> AccountLife:
    """Return the life of an account up to its first takedown, or to today. `is_identified`: whether
    the source identifies the account; otherwise its days are not counted.

    An account without a known takedown counts as up, so that no time is too short.
    """
    known = list(events)
    first_up, takedown = (
        _first_event_day(known, ONLINE_EVENTS),
        _first_event_day(known, TAKEDOWN_EVENTS),
    )
    seen = _last_event_day(known, ONLINE_EVENTS)
    if first_up and takedown and is_first_seen_after_takedown(first_up, takedown):
        first_up = None
    fate, days = fate_and_day_count(first_up, takedown, is_identified=is_identified, today=today)
    return AccountLife(fate, first_up, takedown, seen, days)


def is_first_seen_after_takedown(first_seen: UncertainDay, takedown: UncertainDay) -> bool:
    """Return whether an account was first seen only after its first takedown. If so, it is unknown
    when the account was first up.
    """
    return first_seen.earliest > takedown.latest


def fate_and_day_count(
    first_seen: UncertainDay | None,
    takedown: UncertainDay | None,
    *,
    is_identified: bool,
    today: date,
) -> tuple[codes.AccountFate, DayCount | None]:
    """Return the fate of an account and the number of days it was up, None if unknown.
    `first_seen`: the first day on which the account is known to be up; `takedown`: the day of the
    first takedown; `is_identified`: whether the source identifies the account.
    """
    if not is_identified or not (first_seen or takedown):
        return codes.AccountFate.NOT_COUNTED, None
    if first_seen is None:
        return codes.AccountFate.UNDATED, None
    # A takedown without a date was at some time up to the day of its source.
    is_dated = takedown is None or takedown.earliest != OPEN_START
    fate = codes.AccountFate.TAKEN_DOWN if takedown else codes.AccountFate.STILL_UP
    return fate, days_between(first_seen, takedown, today, is_dated=is_dated)


def _first_event_day(
    events: Iterable[EventLike], event_types: Collection[codes.AccountEvent]
) -> DatedEvent | None:
    """Return the day of the first event of some types, None if there is no such event. The first
    possible day is the smallest of all events of these types; on the last possible day, one of
    these events has certainly happened.
    """
    found = sorted(
        (one for one in events if one.event in event_types),
        key=lambda one: (one.latest, one.earliest, EVENT_ORDER[one.event]),
    )
    if not found:
        return None
    return DatedEvent(min(one.earliest for one in found), found[0].latest, found[0].event)


def _last_event_day(
    events: Iterable[EventLike], event_types: Collection[codes.AccountEvent]
) -> DatedEvent | None:
    """Return the day of the last event of some types, None without one."""
    found = [one for one in events if one.event in event_types]
    last = max(
        found, key=lambda one: (one.earliest, one.latest, EVENT_ORDER[one.event]), default=None
    )
    return DatedEvent(last.earliest, last.latest, last.event) if last else None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountedAccount:
    """An account as figures count it: fate, days up, whether active, whether it reappeared.

    Accounts with equal values may be one object.
    """

    fate: codes.AccountFate
    days: DayCount | None
    is_active: bool
    reappeared: codes.Reappearance | None
    platform_id: int | None = None

    @property
    def is_down(self) -> bool:
        """Whether the account was ever taken down."""
        return self.fate in TAKEN_DOWN_FATES


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """The figures of a group of accounts. `count_by_fate`: by fate, the number of accounts;
    `up_again_by_fate`: by fate, the number of accounts that were taken down and are active again;
    `median`: the days within which half were taken down, None if fewer than half were.
    """

    accounts: int
    count_by_fate: dict[codes.AccountFate, int]
    up_again_by_fate: dict[codes.AccountFate, int]
    median: DayCount | None
    reappeared: int
    possibly_reappeared: int

    @property
    def taken_down(self) -> int:
        """The number of accounts ever taken down, including those that reappeared."""
        return (
            self.count_by_fate[codes.AccountFate.TAKEN_DOWN]
            + self.count_by_fate[codes.AccountFate.UNDATED]
        )

    @property
    def counted_in_median(self) -> int:
        """The number of accounts on which the median is based."""
        return (
            self.count_by_fate[codes.AccountFate.TAKEN_DOWN]
            + self.count_by_fate[codes.AccountFate.STILL_UP]
        )


def compute_figures(accounts: Iterable[CountedAccount]) -> AccountFigures:
    """Return the figures of accounts; the numbers by fate sum to the number of accounts."""
    counted = Counter(accounts)
    fates, up_again, back = Counter[Any](), Counter[codes.AccountFate](), Counter[Any]()
    for one, number in counted.items():
        fates[one.fate] += number
        if one.is_down:
            back[one.reappeared] += number
            if one.is_active:
                up_again[one.fate] += number
    return AccountFigures(
        accounts=counted.total(),
        count_by_fate={fate: fates[fate] for fate in codes.AccountFate},
        up_again_by_fate=up_again,
        median=median_time_online(counted.items()),
        reappeared=back[codes.Reappearance.YES],
        possibly_reappeared=back[codes.Reappearance.POSSIBLY],
    )


def reappearance_of(certainties: Iterable[codes.SuccessionCertainty]) -> codes.Reappearance | None:
    """Return whether an account reappeared certainly or possibly, given the certainties of all its
    successions; None without a succession. A likely succession counts as certain.
    """
    known = set(certainties)
    if known - {codes.SuccessionCertainty.POSSIBLE}:
        return codes.Reappearance.YES
    return codes.Reappearance.POSSIBLY if known else None


class HasFateAndDays(Protocol):
    """An account or its life, with what the median depends on."""

    @property
    def fate(self) -> codes.AccountFate:
        """The fate of the account."""

    @property
    def days(self) -> DayCount | None:
        """The number of days it was up."""


def median_time_online(lives_and_counts: Iterable[tuple[HasFateAndDays, int]]) -> DayCount | None:
    """Return the days within which half of the accounts were taken down (Kaplan–Meier estimate),
    None if fewer than half were. `lives_and_counts`: each life with the number of accounts that
    have it.

    An account that is still up counts up to now. The lower bound takes the dates that make the
    median smallest, the upper bound those that make it largest.
    """
    taken_down, still_up = Counter[OnlineDayBounds](), Counter[OnlineDayBounds]()
    is_known: bool | None = None
    for one, number in lives_and_counts:
        if one.days is not None and one.fate is codes.AccountFate.STILL_UP:
            still_up[one.days.at_least, _max_days(one.days)] += number
        elif one.days is not None and one.fate is codes.AccountFate.TAKEN_DOWN:
            taken_down[one.days.at_least, _max_days(one.days)] += number
            is_known = is_known or one.days.is_known
    soonest = _median_day_online(taken_down, still_up, is_upper_bound=False)
    if soonest is None:
        return None
    return DayCount(
        soonest,
        _median_day_online(taken_down, still_up, is_upper_bound=True),
        is_known=is_known is not False,
    )


# The least and the most days that an account may have been up; the most is inf without a bound.
OnlineDayBounds = tuple[int, float]


def _median_day_online(
    taken_down: Counter[OnlineDayBounds],
    still_up: Counter[OnlineDayBounds],
    *,
    is_upper_bound: bool,
) -> int | None:
    """Return the number of days after which half of the accounts are down, None if this is never
    so. `taken_down`, `still_up`: by the days that accounts were up, the number of accounts taken
    down and still up; `is_upper_bound`: return the upper bound of the result, not the lower bound.
    """
    up_by_days: Counter[float] = Counter()
    for (least, most), number in still_up.items():
        up_by_days[most if is_upper_bound else least] += number
    if all(least == most for least, most in taken_down):
        # All days are known: the share sinks on each of them.
        known = Counter[float]({most: number for (_least, most), number in taken_down.items()})
        shares = _shares_online_by_day(known, up_by_days)
        return next((int(day) for day, share in shares if _is_at_most_half(share)), None)
    bounds = (day for days in (*taken_down, *still_up) for day in days)
    last = max((int(day) for day in bounds if day != inf), default=-1)
    found = bisect_left(
        range(last + 1),
        1,
        key=lambda day: _is_at_most_half(
            _share_online(taken_down, up_by_days, day, is_upper_bound=is_upper_bound)
        ),
    )
    return found if found <= last else None


def _is_at_most_half(share: float) -> bool:
    """Return whether a share of accounts is one half or less, apart from rounding errors."""
    return share <= HALF_SHARE + ROUNDING_TOLERANCE


def _share_online(
    taken_down: Counter[OnlineDayBounds],
    still_up: Counter[float],
    day: int,
    *,
    is_upper_bound: bool,
) -> float:
    """Return the lower bound of the share of accounts that are up after `day` days. `taken_down`,
    `still_up`: by the days that accounts were up, the number of accounts taken down and still up;
    `is_upper_bound`: return the upper bound of the share, not the lower bound.

    The share is largest if accounts that were certainly taken down by then were so as early as
    possible, and accounts still up were up as long as possible; it is smallest the other way round.
    """
    down_by_days: Counter[float] = Counter()
    for (least, most), number in taken_down.items():
        if is_upper_bound:
            down_by_days[least if most <= day else inf] += number
        else:
            down_by_days[min(most, day) if least <= day else inf] += number
    shares = (share for end, share in _shares_online_by_day(down_by_days, still_up) if end <= day)
    return min(shares, default=1.0)


def _shares_online_by_day(
    taken_down: Counter[float], still_up: Counter[float]
) -> Iterator[tuple[float, float]]:
    """Yield each number of days after which accounts were taken down, with the share that is up
    afterwards. `taken_down`, `still_up`: by the days that accounts were up, the number of accounts
    taken down and still up. An account still up for so many days counts as up at that takedown.
    """
    share, left = 1.0, taken_down.total() + still_up.total()
    for day in sorted({*taken_down, *still_up}):
        if taken_down[day]:
            share *= (left - taken_down[day]) / left
            yield day, share
        left -= taken_down[day] + still_up[day]


def _max_days(count: DayCount) -> float:
    """Return the most days of a count, inf without a bound."""
    return inf if count.at_most is None else count.at_most

"""Status, lifetime and counting of fake accounts, derived from their events; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tracker.dates import Span, span_between
from tracker.fake_accounts.codes import AccountEvent, AccountFate, AccountKind, AccountStatus
from tracker.when import OPEN_START

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

# The events that decide what an account is; a report or an order alone changes nothing.
ENDS: Mapping[AccountEvent, AccountStatus] = {
    AccountEvent.BLOCKED: AccountStatus.BLOCKED,
    AccountEvent.SUSPENDED: AccountStatus.SUSPENDED,
    AccountEvent.REMOVED_BY_PLATFORM: AccountStatus.REMOVED,
    AccountEvent.REMOVED_BY_OWNER: AccountStatus.REMOVED,
}
OPENS = frozenset(
    {
        AccountEvent.FIRST_SEEN,
        AccountEvent.RESTORED,
        AccountEvent.SEEN_AGAIN,
        AccountEvent.CHECKED_ACTIVE,
    }
)
DECIDING = frozenset({*ENDS, *OPENS, AccountEvent.CHECKED_GONE})
# These only show it up: of an uncertain one nobody knows that it was after a block.
SHOWN_UP = frozenset({AccountEvent.FIRST_SEEN, AccountEvent.CHECKED_ACTIVE})
# Whoever reports an account, or orders it to be blocked, has seen it.
SHOWS = OPENS | {
    AccountEvent.REPORTED_TO_PLATFORM,
    AccountEvent.REPORTED_TO_AUTHORITY,
    AccountEvent.BLOCK_ORDERED,
}
TAKES_DOWN = frozenset({*ENDS, AccountEvent.CHECKED_GONE})
# The natural order of events that happened between the same days: that of the set.
PLACE: Mapping[AccountEvent, int] = {event: place for place, event in enumerate(AccountEvent)}
WRITTEN_WITH_AT = frozenset({AccountKind.PROFILE, AccountKind.CHANNEL, AccountKind.GROUP})


class EventLike(Protocol):
    """One event of an account, as far as its status asks."""

    @property
    def event(self) -> AccountEvent:
        """Return what happened."""

    @property
    def earliest(self) -> date:
        """Return the first day on which it may have happened."""

    @property
    def latest(self) -> date:
        """Return the last such day."""


def status_of(events: Iterable[EventLike]) -> AccountStatus:
    """Return the status of an account after its events in order.

    Whatever is restored or seen again is active again. *Gone* is one of which nobody has said who
    took it down: found gone after a block or a removal, it stays blocked or removed.
    """
    status = AccountStatus.UNKNOWN
    for one in sorted(events, key=_sort_key):
        if one.event in ENDS:
            status = ENDS[one.event]
        elif one.event in OPENS:
            status = AccountStatus.ACTIVE
        elif one.event is AccountEvent.CHECKED_GONE and status not in ENDS.values():
            status = AccountStatus.GONE
    return status


def _sort_key(one: EventLike) -> tuple[date, date, int]:
    """Return the place of an event in the order that decides."""
    day = one.earliest if one.event in SHOWN_UP else one.latest
    return day, one.earliest, PLACE[one.event]


def format_handle(handle: str, kind: AccountKind) -> str:
    """Return a handle as people write it: with @ where it is one of a profile."""
    return f"@{handle}" if handle and kind in WRITTEN_WITH_AT else handle


def depths(pairs: Iterable[tuple[int, int]], members: Iterable[int]) -> dict[int, int]:
    """Return for each account how many came before it, one after another, at most.

    Both ends of every pair are members. It ends even where hidden accounts let a chain come back
    to itself.
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
    """A day between bounds, and the event that tells of it."""

    earliest: date
    latest: date
    event: AccountEvent


@dataclass(frozen=True, slots=True)
class Life:
    """From when on an account is known to have been up, when it was first taken down, and how many
    days lay between; `seen` is when it was last known to be up.
    """

    fate: AccountFate
    begun: DatedEvent | None
    ended: DatedEvent | None
    seen: DatedEvent | None
    days: Span | None

    @property
    def is_down(self) -> bool:
        """Return whether it was ever taken down, whether or not anybody knows since when it was
        up.
        """
        return self.fate in {AccountFate.TAKEN_DOWN, AccountFate.UNDATED}


def life_of(events: Iterable[EventLike], *, is_identified: bool, today: date) -> Life:
    """Return the life of an account up to its first takedown, or to today.

    One of which nobody says that it was taken down counts as up: no time is made shorter than it
    may have been.
    """
    known = list(events)
    begun, ended = _first_event_day(known, SHOWS), _first_event_day(known, TAKES_DOWN)
    seen = _last_event_day(known, SHOWS)
    if begun and ended and begun.earliest > ended.latest:
        # What is known to be up only after a takedown was up before it: nobody says since when.
        begun = None
    fate, days = AccountFate.NOT_COUNTED, None
    if is_identified and ended:
        fate = AccountFate.TAKEN_DOWN if begun else AccountFate.UNDATED
    elif is_identified and begun:
        fate = AccountFate.STILL_UP
    if begun and fate is not AccountFate.NOT_COUNTED:
        # A takedown without a date was at some time up to the day of its source.
        is_dated = ended is None or ended.earliest != OPEN_START
        days = span_between(begun, ended, today, is_dated=is_dated)
    return Life(fate, begun, ended, seen, days)


def _first_event_day(
    events: Iterable[EventLike], among: Collection[AccountEvent]
) -> DatedEvent | None:
    """Return when the first of such events was: its earliest day is the earliest of any, its latest
    day that by which one certainly was there.
    """
    found = sorted(
        (one for one in events if one.event in among),
        key=lambda one: (one.latest, one.earliest, PLACE[one.event]),
    )
    if not found:
        return None
    return DatedEvent(min(one.earliest for one in found), found[0].latest, found[0].event)


def _last_event_day(
    events: Iterable[EventLike], among: Collection[AccountEvent]
) -> DatedEvent | None:
    found = [one for one in events if one.event in among]
    last = max(found, key=lambda one: (one.earliest, one.latest, PLACE[one.event]), default=None)
    return DatedEvent(last.earliest, last.latest, last.event) if last else None

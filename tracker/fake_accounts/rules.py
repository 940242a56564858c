"""What the events of a fake account come to, and how accounts follow one another; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tracker.fake_accounts.codes import AccountEvent, AccountKind, AccountStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
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
# The natural order of events that happened between the same days: that of the set.
PLACE: Mapping[AccountEvent, int] = {event: place for place, event in enumerate(AccountEvent)}
WRITTEN_WITH_AT = frozenset({AccountKind.PROFILE, AccountKind.CHANNEL, AccountKind.GROUP})


class Happening(Protocol):
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


def status_of(events: Iterable[Happening]) -> AccountStatus:
    """Return what an account is after its events, in the order of their days: what only shows it up
    as early as it may have been, all else as late. So an undated sighting undoes no block.

    Whatever is restored or seen again is active again. *Gone* is one of which nobody has said who
    took it down: found gone after a block or a removal, it stays blocked or removed.
    """
    status = AccountStatus.UNKNOWN
    for one in sorted(events, key=_turn):
        if one.event in ENDS:
            status = ENDS[one.event]
        elif one.event in OPENS:
            status = AccountStatus.ACTIVE
        elif one.event is AccountEvent.CHECKED_GONE and status not in ENDS.values():
            status = AccountStatus.GONE
    return status


def _turn(one: Happening) -> tuple[date, date, int]:
    """Return the place of an event in the order that decides."""
    day = one.earliest if one.event in SHOWN_UP else one.latest
    return day, one.earliest, PLACE[one.event]


def written(handle: str, kind: AccountKind) -> str:
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


def comes_back(pairs: Iterable[tuple[int, int]], account: int, successor: int) -> bool:
    """Say whether a new pair would make an account its own successor."""
    known = list(pairs)
    reached = {successor}
    while more := {after for before, after in known if before in reached} - reached:
        reached |= more
    return account in reached

"""How long a fake account was up, as its events tell, and how it counts for takedowns; pure.

docs/indicators.md says in words what is counted here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.dates import Span, span_between
from tracker.fake_accounts.codes import AccountEvent, AccountFate
from tracker.fake_accounts.rules import ENDS, OPENS, PLACE
from tracker.when import OPEN_START

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from tracker.fake_accounts.rules import Happening

# Whoever reports an account, or orders it to be blocked, has seen it.
SHOWS = OPENS | {
    AccountEvent.REPORTED_TO_PLATFORM,
    AccountEvent.REPORTED_TO_AUTHORITY,
    AccountEvent.BLOCK_ORDERED,
}
TAKES_DOWN = frozenset({*ENDS, AccountEvent.CHECKED_GONE})


@dataclass(frozen=True, slots=True)
class Mark:
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
    begun: Mark | None
    ended: Mark | None
    seen: Mark | None
    days: Span | None

    @property
    def is_down(self) -> bool:
        """Say whether it was ever taken down, whether or not anybody knows since when it was up."""
        return self.fate in {AccountFate.TAKEN_DOWN, AccountFate.UNDATED}


def life_of(events: Iterable[Happening], *, is_identified: bool, today: date) -> Life:
    """Return the life of an account up to its first takedown, or to today.

    One of which nobody says that it was taken down counts as up: no time is made shorter than it
    may have been.
    """
    known = list(events)
    begun, ended = _first(known, SHOWS), _first(known, TAKES_DOWN)
    seen = _last(known, SHOWS)
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


def _first(events: Iterable[Happening], among: Collection[AccountEvent]) -> Mark | None:
    """Return when the first of such events was: its earliest day is the earliest of any, its latest
    day that by which one certainly was there.
    """
    found = sorted(
        (one for one in events if one.event in among),
        key=lambda one: (one.latest, one.earliest, PLACE[one.event]),
    )
    if not found:
        return None
    return Mark(min(one.earliest for one in found), found[0].latest, found[0].event)


def _last(events: Iterable[Happening], among: Collection[AccountEvent]) -> Mark | None:
    found = [one for one in events if one.event in among]
    last = max(found, key=lambda one: (one.earliest, one.latest, PLACE[one.event]), default=None)
    return Mark(last.earliest, last.latest, last.event) if last else None

"""What the lives of many fake accounts come to: time to takedown, how many came back; pure.

docs/indicators.md explains what is counted here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from tracker.dates import Span
from tracker.fake_accounts.codes import (
    AccountFate,
    AccountStatus,
    Reappearance,
    SuccessionCertainty,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.fake_accounts.rules import Life

HALF = 0.5
# Shares are products of fractions: half of them may come out a hair above a half.
A_HAIR = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedAccount:
    """An account as far as figures ask: its life, what it is now, whether it came back."""

    id: int
    life: Life
    status: AccountStatus
    reappeared: Reappearance | None
    platform_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of some accounts; `median` is None if fewer than half were taken down."""

    accounts: int
    fates: dict[AccountFate, int]
    up_again: dict[AccountFate, int]
    median: Span | None
    reappeared: int
    possibly: int

    @property
    def down(self) -> int:
        """Return how many were ever taken down: of these some came back."""
        return self.fates[AccountFate.TAKEN_DOWN] + self.fates[AccountFate.UNDATED]

    @property
    def timed(self) -> int:
        """Return over how many the median is."""
        return self.fates[AccountFate.TAKEN_DOWN] + self.fates[AccountFate.STILL_UP]


def figures_of(accounts: Sequence[CountedAccount]) -> Figures:
    """Return the figures of these accounts; the fates are disjoint and sum to all of them."""
    fates = [one.life.fate for one in accounts]
    back = [one.reappeared for one in accounts if one.life.is_down]
    return Figures(
        accounts=len(accounts),
        fates={fate: fates.count(fate) for fate in AccountFate},
        up_again=Counter(
            one.life.fate
            for one in accounts
            if one.life.is_down and one.status is AccountStatus.ACTIVE
        ),
        median=median_of([one.life for one in accounts]),
        reappeared=back.count(Reappearance.YES),
        possibly=back.count(Reappearance.POSSIBLY),
    )


def reappearance_of(certainties: Iterable[SuccessionCertainty]) -> Reappearance | None:
    """Return whether an account came back, by how certain each of its successors is."""
    known = set(certainties)
    if known - {SuccessionCertainty.POSSIBLE}:
        return Reappearance.YES
    return Reappearance.POSSIBLY if known else None


def median_of(lives: Iterable[Life]) -> Span | None:
    """Return within how many days half of the accounts were taken down (Kaplan–Meier: one that is
    still up counts for as long as it is), None if that is not reached.

    At least: in that reading of the uncertain dates in which half are down first; at most: in the
    one in which they are down last, None if it is never reached.
    """
    known = list(lives)
    timed = [
        (one.fate is AccountFate.TAKEN_DOWN, one.days.at_least, _most(one.days))
        for one in known
        if one.days is not None and one.fate in {AccountFate.TAKEN_DOWN, AccountFate.STILL_UP}
    ]
    down = [one.days for one in known if one.fate is AccountFate.TAKEN_DOWN and one.days]
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
    """Return the share still up after so many days, the largest or the smallest that the dates
    allow.

    It is largest where accounts were taken down as early as they may have been among those that
    certainly were by then (so that they do not replace those out of sight), and where those still
    up were so for the longest time; it is smallest the other way round.
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

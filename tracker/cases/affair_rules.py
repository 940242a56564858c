"""Which incidents look like one affair: they share a target, and little time lies between them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tracker.when import OPEN_START

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

WINDOW_DAYS = 90
WINDOW = timedelta(days=WINDOW_DAYS)


@dataclass(frozen=True, slots=True)
class Touch:
    """One incident had one target; `target` is whatever tells targets apart."""

    incident: int
    target: tuple[str, int]
    earliest: date
    latest: date

    @property
    def begins(self) -> date:
        """Return from when on it may have happened; its last day where nobody knows the first."""
        return self.latest if self.earliest == OPEN_START else self.earliest


def affairs(touches: Iterable[Touch]) -> list[frozenset[int]]:
    """Return the incidents that hang together, in groups of two and more, each incident once.

    Two are tied when they share a target and at most 90 days lie between the last day on which the
    one may have happened and the first of the other; a third one tied to either belongs to both.
    """
    group_of: dict[int, set[int]] = {}
    by_target: defaultdict[tuple[str, int], list[Touch]] = defaultdict(list)
    for touch in touches:
        by_target[touch.target].append(touch)
        group_of.setdefault(touch.incident, {touch.incident})
    for same in by_target.values():
        same.sort(key=lambda one: (one.begins, one.latest, one.incident))
        before = same[0]
        for touch in same[1:]:
            if touch.begins - before.latest <= WINDOW:
                _tie(group_of, before.incident, touch.incident)
            before = max(before, touch, key=lambda one: one.latest)
    groups = {frozenset(group) for group in group_of.values() if len(group) > 1}
    return sorted(groups, key=min)


def _tie(group_of: dict[int, set[int]], one: int, other: int) -> None:
    """Make one group of two."""
    if group_of[one] is group_of[other]:
        return
    tied = group_of[one] | group_of[other]
    for incident in tied:
        group_of[incident] = tied

"""Where many cases stand: their steps, who is silent longest, what happened last; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.review.codes import EditorialState
from tracker.timelines.build import place_of
from tracker.timelines.clocks import longest_first
from tracker.timelines.codes import Tone

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from tracker.cases.codes import Accountability
    from tracker.cases.models import Case
    from tracker.timelines.build import Entry
    from tracker.timelines.clocks import Clock
    from tracker.timelines.situation import Situation


@dataclass(frozen=True, slots=True)
class CaseStanding:
    """A case and how it stands."""

    case: Case
    situation: Situation

    @property
    def step(self) -> Accountability | None:
        """Return its step of the ladder: the one set by hand, else what follows from the record."""
        rung = self.situation.rung
        return self.case.accountability or (rung.step if rung else None)

    @property
    def silence(self) -> Clock | None:
        """Return the clock of a case that nobody in authority answered since it was public."""
        return next((one for one in self.situation.clocks if one.is_first and one.is_running), None)


def silent_longest(standings: Iterable[CaseStanding]) -> list[CaseStanding]:
    """Return the cases that nobody answered, the longest waiting first."""
    silent = {id(clock): one for one in standings if (clock := one.silence)}
    clocks = [one.silence for one in silent.values() if one.silence]
    return [silent[id(clock)] for clock in longest_first(clocks)]


def last_developments(
    standings: Iterable[CaseStanding], most: int, *, today: date
) -> list[tuple[Entry, list[Case]]]:
    """Return what happened last, each thing once with the cases in which it stands.

    What is not dated, is to come, was retracted, or is only silence is no development.
    """
    found: dict[object, tuple[Entry, list[Case]]] = {}
    for standing in standings:
        for entry in standing.situation.entries:
            fact = entry.fact
            if (
                fact.is_dated
                and entry.tone is not Tone.SILENCE
                and fact.state is not EditorialState.RETRACTED
                and fact.when.earliest <= today
            ):
                key = (fact.ref, fact.part, fact.kind)
                found.setdefault(key, (entry, []))[1].append(standing.case)
    newest = sorted(found.values(), key=lambda one: place_of(one[0].fact), reverse=True)
    return newest[:most]

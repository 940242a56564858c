"""Open cases in outline: their steps, who is silent longest, where something happened last; pure.

An outline has every fact of its case, without words: enough for clocks and the ladder to say of all
cases what they would say of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest
from typing import TYPE_CHECKING

from tracker.review.codes import EditorialState
from tracker.timelines.build import place_of
from tracker.timelines.clocks import clocks_of_case, longest_first
from tracker.timelines.codes import Tone
from tracker.timelines.ladder import rung_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from tracker.cases.codes import Accountability
    from tracker.cases.models import Case
    from tracker.timelines.build import Entry, Fact
    from tracker.timelines.clocks import Clock
    from tracker.timelines.situation import Situation


@dataclass(frozen=True, eq=False)
class OpenCase:
    """A case that is not closed; `by_hand`: the step set there, None where it is derived."""

    id: int
    ref: str
    country: str
    by_hand: Accountability | None
    facts: Sequence[Fact]
    today: date

    @cached_property
    def step(self) -> Accountability:
        """Return its step of the ladder: the one set by hand, else what follows from the record."""
        return self.by_hand or rung_of(self.facts, self.country).step

    @cached_property
    def clocks(self) -> list[Clock]:
        """Return its clocks; what set them is told without words."""
        return clocks_of_case(self.facts, self.country, today=self.today)

    @cached_property
    def silence(self) -> Clock | None:
        """Return its clock without any response since it was public, where that still runs."""
        return silence_among(self.clocks)


def silence_among(clocks: Iterable[Clock]) -> Clock | None:
    """Return the clock without any response since it was public, None where it is stopped."""
    return next((one for one in clocks if one.is_first and one.is_running), None)


def silent_longest(cases: Iterable[OpenCase]) -> list[OpenCase]:
    """Return the cases that nobody answered, the longest waiting first."""
    silent = {id(clock): one for one in cases if (clock := one.silence)}
    clocks = [one.silence for one in silent.values() if one.silence]
    return [silent[id(clock)] for clock in longest_first(clocks)]


def with_the_latest(cases: Iterable[OpenCase], most: int) -> list[OpenCase]:
    """Return the cases in which something stands that is among the last that happened in any.

    What is not dated or is to come has not happened.
    """
    holding: dict[tuple[object, ...], list[OpenCase]] = {}
    for case in cases:
        for fact in case.facts:
            if fact.is_dated and fact.when.earliest <= case.today:
                holding.setdefault(place_of(fact), []).append(case)
    latest = nlargest(most, holding)
    return list(dict.fromkeys(case for place in latest for case in holding[place]))


@dataclass(frozen=True, slots=True)
class CaseSituation:
    """A case and how it stands, with all its words."""

    case: Case
    situation: Situation

    @property
    def step(self) -> Accountability | None:
        """Return its step of the ladder: the one set by hand, else what follows from the record."""
        rung = self.situation.rung
        return self.case.accountability or (rung.step if rung else None)

    @property
    def silence(self) -> Clock | None:
        """Return its clock without any response since it was public, where that still runs."""
        return silence_among(self.situation.clocks)


def last_developments(
    cases: Iterable[CaseSituation], most: int, *, today: date
) -> list[tuple[Entry, list[Case]]]:
    """Return what happened last, each thing once with the cases in which it stands.

    What is not dated, is to come, was retracted, or is only silence is no development.
    """
    found: dict[object, tuple[Entry, list[Case]]] = {}
    for one in cases:
        for entry in one.situation.entries:
            fact = entry.fact
            if (
                fact.is_dated
                and entry.tone is not Tone.SILENCE
                and fact.state is not EditorialState.RETRACTED
                and fact.when.earliest <= today
            ):
                key = (fact.ref, fact.part, fact.kind)
                found.setdefault(key, (entry, []))[1].append(one.case)
    newest = sorted(found.values(), key=lambda one: place_of(one[0].fact), reverse=True)
    return newest[:most]

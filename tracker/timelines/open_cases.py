"""Open cases in outline: their steps, clocks and latest events; pure.

An outline has the facts of its case from which something follows, without words: enough for clocks
and the ladder to say of all cases what they would say of each. What a page names of a case is then
read in words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from heapq import nlargest
from typing import TYPE_CHECKING

from tracker.timelines.build import build_timeline, sort_key_of
from tracker.timelines.clocks import claimed_answers, clocks_of_case, sort_longest_first
from tracker.timelines.codes import ClockStart
from tracker.timelines.situation import accountability_step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from tracker.cases.codes import Accountability
    from tracker.cases.models import Case
    from tracker.timelines.build import Entry, Fact
    from tracker.timelines.clocks import Clock
    from tracker.timelines.situation import AccountabilityStep


@dataclass(frozen=True, eq=False)
class OpenCase:
    """A case that is not closed; `by_hand`: the step set there, None if it is derived."""

    id: int
    ref: str
    country: str
    by_hand: Accountability | None
    facts: Sequence[Fact]
    today: date

    @cached_property
    def rung(self) -> AccountabilityStep:
        """Return the step that follows from the record, and what reached it."""
        return accountability_step(self.facts, self.country)

    @property
    def step(self) -> Accountability:
        """Return its step of the ladder: the one set by hand, else what follows from the record."""
        return self.by_hand or self.rung.step

    @cached_property
    def clocks(self) -> list[Clock]:
        """Return its clocks."""
        return clocks_of_case(self.facts, self.country, today=self.today)

    @property
    def is_waiting(self) -> bool:
        """Return whether any of its clocks still runs."""
        return any(one.is_running for one in self.clocks)

    @property
    def running(self) -> list[Clock]:
        """Return the clocks that still run since it was public."""
        return [one for one in self.clocks if one.is_running and one.start is ClockStart.PUBLIC]

    @property
    def silence(self) -> Clock | None:
        """Return its clock without any response since it was public, where that still runs."""
        return next((one for one in self.running if one.is_first), None)

    @cached_property
    def said_answered(self) -> list[Fact]:
        """Return the appeals that are said to be answered or passed on, by nothing on record."""
        return claimed_answers(self.facts, self.country)

    @property
    def named(self) -> set[str]:
        """Return the refs of what is named beside its step and its clocks."""
        begun = {mark.fact.ref for one in self.running for mark in one.begun.parts}
        reached = {self.rung.by.ref} if self.rung.by else set()
        return begun | reached | {fact.ref for fact in self.said_answered}

    def in_words(self, told: Mapping[str, Sequence[Fact]]) -> OpenCase:
        """Return it with what is told of some of its records, by their refs."""
        facts = [fact for fact in self.facts if fact.ref not in told]
        # The same words may answer one case and not another one: the outline says which.
        outlines = {fact.ref: fact for fact in self.facts if fact.ref in told}
        in_words = [
            replace(fact, answers_case=outline.answers_case)
            for ref, outline in outlines.items()
            for fact in told[ref]
        ]
        return replace(self, facts=[*facts, *in_words])


def unanswered_cases(cases: Iterable[OpenCase]) -> list[OpenCase]:
    """Return the unanswered cases, longest waiting first."""
    silent = {id(clock): one for one in cases if (clock := one.silence)}
    clocks = [one.silence for one in silent.values() if one.silence]
    return [silent[id(clock)] for clock in sort_longest_first(clocks)]


def cases_with_latest_events(
    cases: Iterable[OpenCase], most: int
) -> tuple[list[OpenCase], set[str]]:
    """Return the cases in which something stands that is among the last that happened in any, and
    the refs of what happened.

    What is not dated or is to come has not happened.
    """
    holding: dict[tuple[date, date, str, str, str], list[OpenCase]] = {}
    for case in cases:
        for fact in case.facts:
            if fact.is_dated and fact.when.earliest <= case.today:
                holding.setdefault(sort_key_of(fact), []).append(case)
    latest = nlargest(most, holding)
    found = list(dict.fromkeys(case for place in latest for case in holding[place]))
    return found, {ref for _latest, _earliest, ref, *_rest in latest}


def latest_developments(
    cases: Iterable[tuple[Case, OpenCase]], most: int
) -> list[tuple[Entry, list[Case]]]:
    """Return what happened last of what is told in words, each thing once with the cases in
    which it is.
    """
    found: dict[object, tuple[Entry, list[Case]]] = {}
    for case, one in cases:
        for entry in build_timeline(fact for fact in one.facts if not fact.is_outline):
            fact = entry.fact
            if fact.is_dated and fact.when.earliest <= one.today:
                key = (fact.ref, fact.part, fact.kind)
                found.setdefault(key, (entry, []))[1].append(case)
    newest = sorted(found.values(), key=lambda one: sort_key_of(one[0].fact), reverse=True)
    return newest[:most]

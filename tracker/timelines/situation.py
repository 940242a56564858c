"""Where something stands: its entries with the silences between them, its clocks, its step; pure.

The one way from facts to what pages show, so that list, picture, clocks and ladder agree, on any
day: what had not been recorded by then starts and stops nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.timelines.authority_facts import due_on, fact_of_silence
from tracker.timelines.build import build_timeline, known_on
from tracker.timelines.clocks import (
    clocks_of_case,
    clocks_of_incidents,
    promises,
    said_answered,
    silences,
)
from tracker.timelines.ladder import rung_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from tracker.timelines.build import Entry, Fact
    from tracker.timelines.clocks import Clock
    from tracker.timelines.ladder import Rung


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """`clocks`: those of the thing itself; `waiting`: those of each incident in it, by its ref;
    `said_answered`: the appeals about it that are said to be answered or passed on, by nothing on
    record.

    `rung` is None for what is no case; `has_silences`: none are drawn where not all was read, since
    what ended them may be among the rest.
    """

    entries: list[Entry]
    clocks: Sequence[Clock]
    waiting: dict[str, list[Clock]]
    promises: Sequence[Clock] = ()
    said_answered: Sequence[Fact] = ()
    rung: Rung | None = None
    has_silences: bool = True

    @property
    def is_waiting(self) -> bool:
        """Say whether a clock of the thing itself still runs."""
        return any(clock.is_running for clock in self.clocks)


def situation_of_case(
    facts: Iterable[Fact], country: str, *, today: date, known: date | None = None
) -> Situation:
    """Return how a case stands today, or stood on a day by what was known then."""
    facts, day = _by(facts, today, known)
    clocks = clocks_of_case(facts, country, today=day)
    waiting = clocks_of_incidents(facts, today=day)
    return Situation(
        entries=_told(facts, _each(waiting), clocks),
        clocks=clocks,
        waiting=waiting,
        promises=promises(facts, country, today=day),
        said_answered=said_answered(facts, country),
        rung=rung_of(facts, country),
    )


def situation_of_incident(
    ref: str, facts: Iterable[Fact], country: str, *, today: date, known: date | None = None
) -> Situation:
    """Return how one incident stands, told with what followed from it."""
    facts, day = _by(facts, today, known)
    waiting = clocks_of_incidents(facts, today=day)
    clocks = waiting.get(ref, [])
    return Situation(
        entries=_told(facts, clocks),
        clocks=clocks,
        waiting=waiting,
        said_answered=said_answered(facts, country),
    )


def situation_of_somebody(
    facts: Iterable[Fact], *, today: date, known: date | None = None, is_cut: bool = False
) -> Situation:
    """Return what is told of a journalist or an outlet, who have no clocks but those of what was
    done to them; `is_cut`: there is more than these facts.
    """
    facts, day = _by(facts, today, known)
    is_whole = not is_cut and not any(fact.is_outline for fact in facts)
    waiting = clocks_of_incidents(facts, today=day) if is_whole else {}
    return Situation(
        entries=_told(facts, _each(waiting)), clocks=(), waiting=waiting, has_silences=is_whole
    )


def _by(facts: Iterable[Fact], today: date, known: date | None) -> tuple[list[Fact], date]:
    facts, day = (known_on(facts, known), min(known, today)) if known else (facts, today)
    return [due_on(fact, day) for fact in facts], day


def _each(waiting: dict[str, list[Clock]]) -> list[Clock]:
    return [clock for clocks in waiting.values() for clock in clocks]


def _told(
    facts: Sequence[Fact], waiting: Sequence[Clock], of_case: Sequence[Clock] = ()
) -> list[Entry]:
    """Return facts and silences; `waiting`: the clocks of incidents, `of_case`: of all of them."""
    ended: dict[object, list[Clock]] = {}
    for clock in waiting:
        if clock.is_first:
            ended.setdefault(_end(clock), []).append(clock)
    gaps = silences([*of_case, *waiting])
    return build_timeline(
        [*facts, *(fact_of_silence(gap, ended.get(_end(gap), [])) for gap in gaps)]
    )


def _end(clock: Clock) -> tuple[str, str]:
    return (clock.stopped.fact.ref, clock.stopped.fact.part) if clock.stopped else ("", "")

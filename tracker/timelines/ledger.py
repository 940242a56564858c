"""The record of one institution: what it answered, how fast, and what is overdue; pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from statistics import median
from typing import TYPE_CHECKING

from tracker.dates import Span, span_between
from tracker.review.codes import EditorialState
from tracker.timelines.build import TAKEDOWNS, Effects, sort_key_of
from tracker.timelines.clocks import (
    ClockMark,
    earliest_mark,
    had_begun,
    marks_of,
    publication_marks,
)
from tracker.timelines.codes import EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from tracker.timelines.build import Fact


@dataclass(frozen=True, slots=True)
class LedgerAnswer:
    """One thing the institution said or did, the incidents that it answers, and after how long:
    since the first of these was public, and since the institution itself was asked about them.
    """

    fact: Fact
    incidents: tuple[Fact, ...]
    since_public: Span | None
    since_asked: Span | None

    @property
    def stops_clocks(self) -> bool:
        """Return whether it counts as an answer: no comment, a countermeasure, a platform do
        not.
        """
        return Effects.RESPONDED in self.fact.effects


@dataclass(frozen=True, slots=True)
class UnansweredIncident:
    """An incident about which the institution was asked and that it has not answered since; by
    what it was asked, the first first.
    """

    incident: Fact
    asked: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Latency:
    """The middle of some spans, by their lower and by their upper bounds; `of` how many."""

    span: Span
    of: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """`rows`: all it said or did, the latest first; `overdue`: what it owes, the longest first;
    `latency`: how long incidents waited for the first answer, of those that got one; `waiting`:
    those about which it was asked and that have none, the longest first; `said_answered`: appeals
    to it that are said to be answered or passed on, by nothing on record.
    """

    rows: Sequence[LedgerAnswer]
    overdue: Sequence[Fact]
    latency: Latency | None
    waiting: Sequence[UnansweredIncident]
    said_answered: Sequence[Fact]

    @property
    def answers(self) -> int:
        """Return how many of the rows count as answers."""
        return sum(row.stops_clocks for row in self.rows)

    @property
    def counted_unanswered(self) -> int:
        """Return by how many of the appeals that are said to be answered something waits."""
        return len({fact.ref for one in self.waiting for fact in one.asked if fact.lacks_answer})


def ledger_of(body: str, facts: Iterable[Fact], *, today: date) -> Ledger:
    """Return the ledger of the institution of that ref."""
    counted = sorted(
        (fact for fact in facts if fact.state is not EditorialState.RETRACTED), key=sort_key_of
    )
    incidents = {
        fact.ref: fact
        for fact in counted
        if fact.kind is EntryKind.INCIDENT and not fact.is_outline
    }
    mine = [fact for fact in counted if fact.body == body]
    # A report taken in the book is an answer, not one more thing that was asked.
    asked = [
        fact
        for fact in mine
        if Effects.TOLD & fact.effects and not Effects.RESPONDED & fact.effects
    ]
    answers = [fact for fact in mine if Effects.RESPONDED in fact.effects]
    first: dict[str, Span] = {}
    for fact in answers:
        for one in _incidents_begun_by(fact, incidents):
            if one.ref not in first and (
                span := _days_since(publication_marks([one]), fact, today)
            ):
                first[one.ref] = span
    return Ledger(
        rows=[
            _answered(fact, _incidents_begun_by(fact, incidents), asked, today)
            for fact in reversed(mine)
            if _is_statement(fact)
        ],
        overdue=sorted(
            (fact for fact in mine if fact.awaited_by and fact.awaited_by < today),
            key=lambda one: (one.awaited_by, one.ref),
        ),
        latency=_median(list(first.values())),
        waiting=_waiting(incidents, asked, answers),
        said_answered=[fact for fact in mine if fact.lacks_answer],
    )


def _waiting(
    incidents: dict[str, Fact], asked: Iterable[Fact], answers: Iterable[Fact]
) -> list[UnansweredIncident]:
    """Return the incidents about which it was asked and that it has not answered since."""
    by_what: dict[str, list[Fact]] = {}
    for fact in asked:
        for ref in fact.about & incidents.keys():
            by_what.setdefault(ref, []).append(fact)
    since = {ref: min(one.when.earliest for one in of) for ref, of in by_what.items()}
    # What was said before is no answer; where the dates leave it open, it counts as one.
    answered = {
        one.ref
        for fact in answers
        for one in _incidents_begun_by(fact, incidents)
        if one.ref in since and since[one.ref] <= fact.when.latest
    }
    waiting = sorted(since.keys() - answered, key=lambda ref: (since[ref], ref))
    return [UnansweredIncident(incidents[ref], tuple(by_what[ref])) for ref in waiting]


def _incidents_begun_by(fact: Fact, incidents: dict[str, Fact]) -> list[Fact]:
    """Return the incidents that something said or done answers: what may have begun by then."""
    about = [incidents[ref] for ref in fact.about & incidents.keys()]
    return sorted((one for one in about if had_begun(one.when, fact.when)), key=sort_key_of)


def _is_statement(fact: Fact) -> bool:
    return (
        fact.kind is EntryKind.RESPONSE
        or Effects.RESPONDED in fact.effects
        or fact.event in TAKEDOWNS
    )


def _answered(fact: Fact, about: list[Fact], asked: Iterable[Fact], today: date) -> LedgerAnswer:
    refs = {one.ref for one in about}
    before = [
        one
        for one in asked
        if not refs.isdisjoint(one.about) and one.when.earliest <= fact.when.latest
    ]
    return LedgerAnswer(
        fact,
        tuple(about),
        _days_since(publication_marks(about), fact, today),
        _days_since(marks_of(before), fact, today),
    )


def _days_since(begun: Sequence[ClockMark], answer: Fact, today: date) -> Span | None:
    first = earliest_mark(begun)
    if first is None:
        return None
    answered = earliest_mark(marks_of([answer]))
    return span_between(first, answered, today, is_dated=answer.is_dated)


def _median(spans: Sequence[Span]) -> Latency | None:
    known = [
        (one.at_least, one.at_most) for one in spans if one.is_known and one.at_most is not None
    ]
    if not known:
        return None
    least, most = zip(*known, strict=True)
    return Latency(Span(floor(median(least)), ceil(median(most))), len(known))

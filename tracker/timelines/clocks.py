"""Clocks: how long there was no response, within bounds, and what stopped each; pure.

Also the response record of one institution: what it answered, how fast, and what is overdue.
docs/indicators.md explains the figures. An uncertain date gives a silence a lower and an upper
bound, and both are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil, floor
from statistics import median

from tracker.dates import DayCount, days_between
from tracker.incidents.codes import Extent
from tracker.review.codes import EditorialState
from tracker.timelines.build import (
    ACTIVITY_EVENTS,
    TAKEDOWN_EVENTS,
    Effects,
    Fact,
    Source,
    sort_key_of,
    tone_of,
)
from tracker.timelines.codes import ClockKind, ClockStart, EntryKind, Tone
from tracker.when import Precision, When, format_when, parse_when


@dataclass(frozen=True, slots=True)
class ClockMark:
    """A day between bounds, and the facts or source that set it.

    `among`: that one with its own bounds, and another that may have been earlier, if both set the
    bounds.
    """

    earliest: date
    latest: date
    fact: Fact
    source: Source | None = None
    among: tuple[ClockMark, ...] = ()

    @property
    def parts(self) -> tuple[ClockMark, ...]:
        """Return what set it, each with its own bounds, the named one first."""
        return self.among or (self,)


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that runs from `begun` to `stopped`, or is still running."""

    kind: ClockKind
    start: ClockStart
    begun: ClockMark
    stopped: ClockMark | None
    today: date

    @property
    def is_running(self) -> bool:
        """Return whether nothing has stopped it."""
        return self.stopped is None

    @property
    def is_first(self) -> bool:
        """Return whether it is the clock of silence: without any response, since publication."""
        return self.kind is ClockKind.NO_RESPONSE and self.start is ClockStart.PUBLIC

    @property
    def days(self) -> DayCount:
        """Return how long it has run; unknown if what stopped it has no date."""
        is_dated = self.stopped is None or any(one.fact.is_dated for one in self.stopped.parts)
        return days_between(self.begun, self.stopped, self.today, is_dated=is_dated)


def earliest_interval(when: When) -> When:
    """Return when the first of several events was, all of which are within `when`.

    In the unit with which a range begins (the December of 2024-12/2025-05), else anywhere within. A
    range that was cut by the date of its source no longer shows its unit: the first of a month may
    mean the month, or that of a January the year.
    """
    if when.precision is not Precision.RANGE:
        return when
    first = when.earliest
    begins = format_when(when).partition("/")[0]
    if first.day == 1 and begins == first.isoformat():
        is_year = first.month == 1 and first.year != when.latest.year
        begins = begins[: len("2025" if is_year else "2025-03")]
    return parse_when(begins, latest_possible_date=when.latest)


def had_begun(incident: When, act: When) -> bool:
    """Return whether an incident may have begun before an act about it.

    An account may have been blocked, or a file opened, before.
    """
    return incident.earliest <= act.latest


def clocks_of_incidents(facts: Sequence[Fact], *, today: date) -> dict[str, list[Clock]]:
    """Return the clocks of each incident among these facts, by its ref."""
    counted = _counted(facts)
    about: dict[str, list[Fact]] = {}
    for fact in counted:
        for ref in fact.about if fact.effects else ():
            about.setdefault(ref, []).append(fact)
    return {
        incident.ref: _clocks(
            [incident],
            [
                fact
                for fact in about.get(incident.ref, ())
                if _is_responsible_state(fact, incident.country)
                and had_begun(incident.when, fact.when)
            ],
            today,
        )
        for incident in counted
        if incident.kind is EntryKind.INCIDENT
    }


def clocks_of_case(facts: Iterable[Fact], country: str, *, today: date) -> list[Clock]:
    """Return the clocks of a case, given its facts.

    A response to the situation of journalists stops them too, one to another case does not.
    """
    counted = _of_case(facts)
    done = [
        fact
        for fact in counted
        if tone_of(fact) is Tone.DONE and (fact.event is None or fact.event in ACTIVITY_EVENTS)
    ]
    # What came before the first incident answers nothing; a fact without date does not start a case
    # that has dated ones.
    dated = [fact for fact in done if fact.is_dated] or done
    began = min((fact.when.earliest for fact in dated), default=None)
    known = [
        fact
        for fact in counted
        if fact.effects
        and _is_responsible_state(fact, country)
        and began
        and fact.when.latest >= began
    ]
    return _clocks(done, known, today)


def promise_clocks(facts: Iterable[Fact], country: str, *, today: date) -> list[Clock]:
    """Return a clock for each announcement, stopped by an action on the same matter."""
    counted = [fact for fact in _of_case(facts) if _is_responsible_state(fact, country)]
    found = []
    for promise in sorted(_facts_with_effect(counted, Effects.ANNOUNCED), key=sort_key_of):
        kept = [
            fact
            for fact in counted
            if not promise.about or not promise.about.isdisjoint(fact.about)
        ]
        found.append(_announced(marks_of([promise]), kept, ClockStart.PUBLIC, today))
    return found


def claimed_answers(facts: Iterable[Fact], country: str) -> list[Fact]:
    """Return the state's appeals marked as answered or referred without a recorded response.

    Of the responsible state.

    They stop no clock, since nobody can read the answer, and readers of the clocks are told.
    """
    found = [
        fact
        for fact in _counted(facts)
        if fact.lacks_answer and _is_responsible_state(fact, country)
    ]
    return sorted(found, key=sort_key_of)


def sort_longest_first(clocks: Iterable[Clock]) -> list[Clock]:
    """Return clocks by the fewest days that they may have run, longest first, exact ones before."""
    return sorted(clocks, key=lambda one: longest_first(one.days, one.begun.fact.ref))


def longest_first(span: DayCount, ref: str) -> tuple[int, bool, str]:
    """Return the sort key of a time that began with the record of that ref."""
    return -span.at_least, span.at_most is not None, ref


def silence_gaps(clocks: Iterable[Clock]) -> list[Clock]:
    """Return the periods without any response since publication."""
    ended: dict[tuple[str, str], list[Clock]] = {}
    for clock in clocks:
        if clock.is_first:
            by = (clock.stopped.fact.ref, clock.stopped.fact.part) if clock.stopped else ("", "")
            ended.setdefault(by, []).append(clock)
    found = []
    for waiting in ended.values():
        begun = earliest_mark([clock.begun for clock in waiting])
        stopped = earliest_mark([clock.stopped for clock in waiting if clock.stopped])
        assert begun is not None  # noqa: S101 (a group holds a clock)
        gap = replace(waiting[0], begun=begun, stopped=stopped)
        if gap.days.at_most != 0:
            found.append(gap)
    return found


def _clocks(done: Sequence[Fact], known: Sequence[Fact], today: date) -> list[Clock]:
    """Return each kind of clock for each possible start."""
    found = []
    for start, begun in (
        (ClockStart.PUBLIC, earliest_mark(publication_marks(done))),
        (ClockStart.NOTIFIED, earliest_mark(marks_of(_facts_with_effect(known, Effects.NOTIFIED)))),
    ):
        if begun is None:
            continue
        # What came before the authority was told does not answer that; one article may report the
        # incident and the answer.
        after = known if start is ClockStart.PUBLIC else _possibly_after(known, begun.earliest)
        for kind, effects in (
            (ClockKind.NO_RESPONSE, Effects.RESPONDED),
            (ClockKind.NOT_SUBSTANTIVE, Effects.ACTED),
        ):
            stopped = earliest_mark(marks_of(_facts_with_effect(after, effects)))
            found.append(Clock(kind, start, begun, stopped, today))
        if announced := marks_of(_facts_with_effect(after, Effects.ANNOUNCED)):
            found.append(_announced(announced, known, start, today))
    return found


def _announced(
    announced: Sequence[ClockMark], known: Sequence[Fact], start: ClockStart, today: date
) -> Clock:
    begun = earliest_mark(announced)
    assert begun is not None  # noqa: S101 (something was announced)
    acted = _possibly_after(_facts_with_effect(known, Effects.ACTED), begun.earliest)
    return Clock(ClockKind.ANNOUNCED, start, begun, earliest_mark(marks_of(acted)), today)


def publication_marks(done: Iterable[Fact]) -> list[ClockMark]:
    """Return what made each incident public: the articles that report it.

    For a repeated one its first occurrence, since later ones found the authorities warned.
    """
    marks = []
    for fact in done:
        if fact.extent is Extent.REPEATED and not fact.has_open_start:
            first = earliest_interval(fact.when)
            marks.append(ClockMark(first.earliest, first.latest, fact))
            continue
        for source in (quote.source for quote in fact.quotes):
            if source is not None and source.is_public:
                published = source.published
                marks.append(ClockMark(published.earliest, published.latest, fact, source))
    return marks


def earliest_mark(marks: Sequence[ClockMark]) -> ClockMark | None:
    """Return the first of some marks, None if there are none.

    The bounds of the first day among all of them, the mark that comes first, and one that may have
    been before it.
    """
    if not marks:
        return None
    first = min(marks, key=lambda one: (one.latest, one.earliest, one.fact.ref, one.fact.part))
    other = min(marks, key=lambda one: (one.earliest, one.latest, one.fact.ref, one.fact.part))
    if other.earliest == first.earliest:
        return first
    among = (first.parts[0], other.parts[-1])
    return ClockMark(other.earliest, first.latest, first.fact, first.source, among)


def marks_of(facts: Iterable[Fact]) -> list[ClockMark]:
    """Return the days of facts as marks."""
    return [ClockMark(fact.when.earliest, fact.when.latest, fact) for fact in facts]


def _facts_with_effect(facts: Iterable[Fact], effects: Effects) -> list[Fact]:
    return [fact for fact in facts if effects in fact.effects]


def _possibly_after(facts: Iterable[Fact], day: date) -> list[Fact]:
    """Return the facts that may be after a day; uncertain dates count as after, so as answers."""
    return [fact for fact in facts if fact.when.latest >= day]


def _is_responsible_state(fact: Fact, country: str) -> bool:
    """Return whether it was the responsible state that acted or was told."""
    return fact.country in {"", country}


def _of_case(facts: Iterable[Fact]) -> list[Fact]:
    return [fact for fact in _counted(facts) if fact.answers_case]


def _counted(facts: Iterable[Fact]) -> list[Fact]:
    return [fact for fact in facts if fact.state is not EditorialState.RETRACTED]


@dataclass(frozen=True, slots=True)
class RecordedAct:
    """One act or statement of the institution, with the incidents that it answers and the delays.

    Since the first of these was public, and since the institution itself was asked about them.
    """

    fact: Fact
    incidents: tuple[Fact, ...]
    since_public: DayCount | None
    since_asked: DayCount | None

    @property
    def stops_clocks(self) -> bool:
        """Return whether it counts as an answer.

        No comment, a countermeasure, or a platform's act do not.
        """
        return Effects.RESPONDED in self.fact.effects


@dataclass(frozen=True, slots=True)
class UnansweredIncident:
    """An incident about which the institution was asked and has not answered since.

    With the appeals, the first first.
    """

    incident: Fact
    asked: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Latency:
    """The median of some spans, by their lower and upper bounds; `count`: how many."""

    span: DayCount
    count: int


@dataclass(frozen=True, slots=True)
class ResponseRecord:
    """The record of an institution's answers.

    `rows`: all its acts and statements, the latest first; `overdue`: overdue appeals, the longest
    first; `latency`: how long incidents waited for the first answer, of those that got one;
    `waiting`: incidents about which it was asked without answer, the longest first;
    `said_answered`: appeals marked as answered or referred without a recorded response.
    """

    rows: Sequence[RecordedAct]
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
        """Return how many of the waiting incidents have an appeal marked as answered."""
        return len({fact.ref for one in self.waiting for fact in one.asked if fact.lacks_answer})


def response_record_of(body: str, facts: Iterable[Fact], *, today: date) -> ResponseRecord:
    """Return the response record of the institution with that ref."""
    counted = sorted(
        (fact for fact in facts if fact.state is not EditorialState.RETRACTED), key=sort_key_of
    )
    incidents = {
        fact.ref: fact
        for fact in counted
        if fact.kind is EntryKind.INCIDENT and not fact.is_outline
    }
    mine = [fact for fact in counted if fact.body == body]
    # A registered complaint is an answer, not a further request.
    asked = [
        fact
        for fact in mine
        if Effects.NOTIFIED & fact.effects and not Effects.RESPONDED & fact.effects
    ]
    answers = [fact for fact in mine if Effects.RESPONDED in fact.effects]
    first: dict[str, DayCount] = {}
    for fact in answers:
        for one in _incidents_begun_by(fact, incidents):
            if one.ref not in first and (
                span := _days_since(publication_marks([one]), fact, today)
            ):
                first[one.ref] = span
    return ResponseRecord(
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
    incidents: dict[str, Fact], requests: Iterable[Fact], answers: Iterable[Fact]
) -> list[UnansweredIncident]:
    """Return the incidents about which the institution was asked and has not answered since."""
    by_what: dict[str, list[Fact]] = {}
    for fact in requests:
        for ref in fact.about & incidents.keys():
            by_what.setdefault(ref, []).append(fact)
    since = {ref: min(one.when.earliest for one in of) for ref, of in by_what.items()}
    # Earlier statements are no answer; if the dates leave it open, they count as one.
    answered = {
        one.ref
        for fact in answers
        for one in _incidents_begun_by(fact, incidents)
        if one.ref in since and since[one.ref] <= fact.when.latest
    }
    waiting = sorted(since.keys() - answered, key=lambda ref: (since[ref], ref))
    return [UnansweredIncident(incidents[ref], tuple(by_what[ref])) for ref in waiting]


def _incidents_begun_by(fact: Fact, incidents: dict[str, Fact]) -> list[Fact]:
    """Return the incidents that an act or statement answers: those that may have begun by then."""
    about = [incidents[ref] for ref in fact.about & incidents.keys()]
    return sorted((one for one in about if had_begun(one.when, fact.when)), key=sort_key_of)


def _is_statement(fact: Fact) -> bool:
    return (
        fact.kind is EntryKind.RESPONSE
        or Effects.RESPONDED in fact.effects
        or fact.event in TAKEDOWN_EVENTS
    )


def _answered(fact: Fact, about: list[Fact], requests: Iterable[Fact], today: date) -> RecordedAct:
    refs = {one.ref for one in about}
    before = [
        one
        for one in requests
        if not refs.isdisjoint(one.about) and one.when.earliest <= fact.when.latest
    ]
    return RecordedAct(
        fact,
        tuple(about),
        _days_since(publication_marks(about), fact, today),
        _days_since(marks_of(before), fact, today),
    )


def _days_since(begun: Sequence[ClockMark], answer: Fact, today: date) -> DayCount | None:
    first = earliest_mark(begun)
    if first is None:
        return None
    answered = earliest_mark(marks_of([answer]))
    return days_between(first, answered, today, is_dated=answer.is_dated)


def _median(spans: Sequence[DayCount]) -> Latency | None:
    known = [
        (one.at_least, one.at_most) for one in spans if one.is_known and one.at_most is not None
    ]
    if not known:
        return None
    least, most = zip(*known, strict=True)
    return Latency(DayCount(floor(median(least)), ceil(median(most))), len(known))

"""Clocks: how long there was no response, with bounds, and which entry stopped each; and the
record of one institution: what it answered, how fast, and what is overdue; pure.

docs/indicators.md explains what is counted here. An uncertain date never makes a silence longer
than it may have been at most, nor shorter than at least: both are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil, floor
from statistics import median

from tracker.dates import Span, span_between
from tracker.incidents.codes import Extent
from tracker.review.codes import EditorialState
from tracker.timelines.build import AT_WORK, TAKEDOWNS, Effects, Fact, Source, sort_key_of, tone_of
from tracker.timelines.codes import ClockKind, ClockStart, EntryKind, Tone
from tracker.when import Precision, When, format_when, parse_when


@dataclass(frozen=True, slots=True)
class ClockMark:
    """A day between bounds, and what set it: a fact, or a source about it; `among`: that one by its
    own bounds, and another one that may have been earlier, where they set the bounds together.
    """

    earliest: date
    latest: date
    fact: Fact
    source: Source | None = None
    among: tuple[ClockMark, ...] = ()

    @property
    def parts(self) -> tuple[ClockMark, ...]:
        """Return what set it, each by its own bounds, the one that is named first."""
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
        """Return whether it is the clock of silence: without any response, since it was public."""
        return self.kind is ClockKind.NO_RESPONSE and self.start is ClockStart.PUBLIC

    @property
    def days(self) -> Span:
        """Return how long it has run; unknown if what stopped it has no date."""
        is_dated = self.stopped is None or any(one.fact.is_dated for one in self.stopped.parts)
        return span_between(self.begun, self.stopped, self.today, is_dated=is_dated)


def earliest_interval(when: When) -> When:
    """Return when the first of several times was, all of which lie within `when`: in the unit with
    which a range begins (the December of 2024-12/2025-05), else anywhere within.

    A range that the date of its source has cut no longer shows its unit: the first of a month may
    stand for the month, or that of a January for the year.
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
    """Return whether an incident may have begun by the time of what was done about it: an
    account may have been blocked, or a file opened, before.
    """
    return incident.earliest <= act.latest


def clocks_of_incidents(facts: Sequence[Fact], *, today: date) -> dict[str, list[Clock]]:
    """Return for each incident among these facts the clocks that have begun, by its ref."""
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
    """Return the clocks of a case, whose facts these are; a response to the situation of
    journalists stops them as well, one to another case does not.
    """
    counted = _of_case(facts)
    done = [
        fact
        for fact in counted
        if tone_of(fact) is Tone.DONE and (fact.event is None or fact.event in AT_WORK)
    ]
    # What came before anything had happened answers nothing; what has no date began no case that
    # has something dated.
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
    """Return the appeals to the responsible state that are said to be answered or passed on, by
    nothing on record: what nobody can read stops no clock, and anyone who reads the clocks is
    told.
    """
    found = [
        fact
        for fact in _counted(facts)
        if fact.lacks_answer and _is_responsible_state(fact, country)
    ]
    return sorted(found, key=sort_key_of)


def sort_longest_first(clocks: Iterable[Clock]) -> list[Clock]:
    """Return clocks by how long they have run at least; of those alike, first what nobody can
    bound.
    """
    return sorted(
        clocks,
        key=lambda one: (-one.days.at_least, one.days.at_most is not None, one.begun.fact.ref),
    )


def silence_gaps(clocks: Iterable[Clock]) -> list[Clock]:
    """Return the gaps without any response since publication."""
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
    """Return each kind of clock for each start that there is."""
    found = []
    for start, begun in (
        (ClockStart.PUBLIC, earliest_mark(publication_marks(done))),
        (ClockStart.TOLD, earliest_mark(marks_of(_facts_with_effect(known, Effects.TOLD)))),
    ):
        if begun is None:
            continue
        # What came before the authority was told is no answer to being told; an article may tell
        # of the incident and of the answer at once.
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
    """Return what made each thing known to everybody: the articles that tell of it; for a repeated
    one its first occurrence, since every later one found the authorities warned.
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
    """Return the first of some marks: the bounds of the first day among all of them, the one that
    stands first in the story, and the one that may have been before it.
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
    """Return what may have come after: where the dates leave it open, it counts as an answer."""
    return [fact for fact in facts if fact.when.latest >= day]


def _is_responsible_state(fact: Fact, country: str) -> bool:
    """Return whether it was the responsible state that acted or was told."""
    return fact.country in {"", country}


def _of_case(facts: Iterable[Fact]) -> list[Fact]:
    return [fact for fact in _counted(facts) if fact.answers_case]


def _counted(facts: Iterable[Fact]) -> list[Fact]:
    return [fact for fact in facts if fact.state is not EditorialState.RETRACTED]


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

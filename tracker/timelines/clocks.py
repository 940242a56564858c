"""Clocks: how long there was no response, with bounds, and which entry stopped each; pure.

docs/indicators.md explains what is counted here. An uncertain date never makes a silence longer
than it may have been at most, nor shorter than at least: both are told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker.dates import Span, span_between
from tracker.incidents.codes import Extent
from tracker.review.codes import EditorialState
from tracker.timelines.build import AT_WORK, Effects, sort_key_of, tone_of
from tracker.timelines.codes import ClockKind, ClockStart, EntryKind, Tone
from tracker.when import Precision, format_when, parse_when

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from tracker.timelines.build import Fact, Source
    from tracker.when import When


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

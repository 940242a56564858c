"""Response clocks, which count days without a response, and response records; pure.

docs/indicators.md explains the figures. An uncertain date gives a number of days a lower and an
upper bound, and both are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil, floor
from statistics import median

from tracker.i18n import DayCount, days_between
from tracker.incidents.codes import Extent
from tracker.review.codes import EditorialState
from tracker.timelines import build
from tracker.timelines.codes import ClockKind, ClockStart, EntryKind, Tone
from tracker.when import Precision, When, format_when, parse_when


@dataclass(frozen=True, slots=True)
class ClockEvent:
    """An event that starts or stops a response clock. `earliest`, `latest`: the bounds of its day;
    `fact`: the fact of the event; `source`: the article that made the fact public, if that is the
    event; `possible_first_events`: two events, if their dates leave open which of the two was
    first.
    """

    earliest: date
    latest: date
    fact: build.Fact
    source: build.Source | None = None
    possible_first_events: tuple[ClockEvent, ...] = ()

    @property
    def parts(self) -> tuple[ClockEvent, ...]:
        """The two events of `possible_first_events`, or else a tuple of this event alone; pages
        name the first as the start or end of the clock.
        """
        return self.possible_first_events or (self,)

    @property
    def has_date_of_fact(self) -> bool:
        """Whether the bounds of the event are those of the date of its fact."""
        return (self.earliest, self.latest) == (self.fact.when.earliest, self.fact.when.latest)


@dataclass(frozen=True, slots=True)
class ResponseClock:
    """The days without a response, from the event `start_event` to `stop_event`, or to today."""

    kind: ClockKind
    start: ClockStart
    start_event: ClockEvent
    stop_event: ClockEvent | None
    today: date

    @property
    def is_running(self) -> bool:
        """Whether nothing has stopped the clock."""
        return self.stop_event is None

    @property
    def is_silence(self) -> bool:
        """Whether the clock counts the days without any response since publication."""
        return self.kind is ClockKind.NO_RESPONSE and self.start is ClockStart.PUBLIC

    @property
    def days(self) -> DayCount:
        """The days for which the clock has run; unknown if the stopping event has no date."""
        is_dated = self.stop_event is None or any(
            one.fact.is_dated for one in self.stop_event.parts
        )
        return days_between(self.start_event, self.stop_event, self.today, is_dated=is_dated)


def first_occurrence_interval(when: When) -> When:
    """Return the interval in which the first of several events happened, all within `when`. If
    `when` is a range, this is the day, month or year with which it begins: December 2024 of
    2024-12/2025-05. A range that begins on the first of a month may mean the whole month, or on the
    first of January the whole year. If `when` is no range, return `when`.
    """
    if when.precision is not Precision.RANGE:
        return when
    first = when.earliest
    begins = format_when(when).partition("/")[0]
    if first.day == 1 and begins == first.isoformat():
        is_year = first.month == 1 and first.year != when.latest.year
        begins = begins[: len("2025" if is_year else "2025-03")]
    return parse_when(begins, latest_possible_date=when.latest)


def may_have_begun_before(incident: When, act: When) -> bool:
    """Return whether an incident may have begun by the time of an act."""
    return incident.earliest <= act.latest


def clocks_of_incidents(
    facts: Sequence[build.Fact], *, today: date
) -> dict[str, list[ResponseClock]]:
    """Return the response clocks of each incident among `facts`, by the incident's ref. The clocks
    of an incident are stopped by other facts about it, if these are acts of the responsible state.
    """
    counted = _unretracted_facts(facts)
    about: dict[str, list[build.Fact]] = {}
    for fact in counted:
        for ref in fact.incident_refs if fact.effects else ():
            about.setdefault(ref, []).append(fact)
    return {
        incident.ref: _build_clocks(
            [incident],
            [
                fact
                for fact in about.get(incident.ref, ())
                if _is_by_responsible_state(fact, incident.country)
                and may_have_begun_before(incident.when, fact.when)
            ],
            today,
        )
        for incident in counted
        if incident.kind is EntryKind.INCIDENT
    }


def clocks_of_case(
    facts: Iterable[build.Fact], country: str, *, today: date
) -> list[ResponseClock]:
    """Return the response clocks of a case. `country`: the code of the responsible country. A
    response to the situation of journalists in general also stops these clocks; a response to
    another case does not.
    """
    counted = _counted_facts_of_case(facts)
    done = [
        fact
        for fact in counted
        if build.tone_of(fact) is Tone.DONE
        and (fact.event is None or fact.event in build.ACTIVITY_EVENTS)
    ]
    # Facts before the first incident answer nothing; an undated fact does not start a case that has
    # dated facts.
    dated = [fact for fact in done if fact.is_dated] or done
    began = min((fact.when.earliest for fact in dated), default=None)
    known = [
        fact
        for fact in counted
        if fact.effects
        and _is_by_responsible_state(fact, country)
        and began
        and fact.when.latest >= began
    ]
    return _build_clocks(done, known, today)


def promise_clocks(
    facts: Iterable[build.Fact], country: str, *, today: date
) -> list[ResponseClock]:
    """Return a clock for each promise to act that the state `country` made. The clock is stopped by
    a substantive act of this state on the same incidents.
    """
    counted = [
        fact for fact in _counted_facts_of_case(facts) if _is_by_responsible_state(fact, country)
    ]
    found = []
    for promise in sorted(
        _facts_with_effect(counted, build.Effects.ANNOUNCED), key=build.sort_key_of
    ):
        kept = [
            fact
            for fact in counted
            if not promise.incident_refs or not promise.incident_refs.isdisjoint(fact.incident_refs)
        ]
        found.append(
            _announcement_clock(clock_events_of([promise]), kept, ClockStart.PUBLIC, today)
        )
    return found


def claimed_answers(facts: Iterable[build.Fact], country: str) -> list[build.Fact]:
    """Return the appeals to the state `country` marked as answered without a recorded response.

    They stop no clock, since nobody can read the answer; pages show them beside the clocks.
    """
    found = [
        fact
        for fact in _unretracted_facts(facts)
        if fact.lacks_answer and _is_by_responsible_state(fact, country)
    ]
    return sorted(found, key=build.sort_key_of)


def sort_longest_first(clocks: Iterable[ResponseClock]) -> list[ResponseClock]:
    """Return clocks sorted by the least number of days that each may have run, longest first."""
    return sorted(clocks, key=lambda one: longest_first_key(one.days, one.start_event.fact.ref))


def longest_first_key(span: DayCount, ref: str) -> tuple[int, bool, str]:
    """Return the sort key that puts the longest wait first. `span`: the days of the wait; the least
    number of days counts first, then that a wait has no upper bound; `ref`: the ref of the record
    that began the wait.
    """
    return -span.at_least, span.at_most is not None, ref


def silence_clocks(clocks: Iterable[ResponseClock]) -> list[ResponseClock]:
    """Return the clocks that count days without any response since publication, put together: one
    clock for all that the same answer stopped, and one for all that still run.

    Each begins with the earliest beginning of those that it stands for; clocks of no day are left
    out.
    """
    ended: dict[tuple[str, str], list[ResponseClock]] = {}
    for clock in clocks:
        if clock.is_silence:
            by = (
                (clock.stop_event.fact.ref, clock.stop_event.fact.part_key)
                if clock.stop_event
                else ("", "")
            )
            ended.setdefault(by, []).append(clock)
    found = []
    for waiting in ended.values():
        begun = earliest_event([clock.start_event for clock in waiting])
        stopped = earliest_event([clock.stop_event for clock in waiting if clock.stop_event])
        assert begun is not None  # noqa: S101 (a group holds a clock)
        gap = replace(waiting[0], start_event=begun, stop_event=stopped)
        if gap.days.at_most != 0:
            found.append(gap)
    return found


def _build_clocks(
    acts: Sequence[build.Fact], answers: Sequence[build.Fact], today: date
) -> list[ResponseClock]:
    """Return a clock of each kind for each start that occurred: publication, and notice to an
    authority. The clock for promised action begins with the promise, and is left out if there is
    none. `acts`: the facts that became public; `answers`: all facts with effects on clocks that
    concern the responsible state.
    """
    found = []
    for start, begun in (
        (ClockStart.PUBLIC, earliest_event(publication_events(acts))),
        (
            ClockStart.NOTIFIED,
            earliest_event(clock_events_of(_facts_with_effect(answers, build.Effects.NOTIFIED))),
        ),
    ):
        if begun is None:
            continue
        # Facts before the authority was notified do not answer the notice, but one article may
        # report both the incident and the answer.
        after = (
            answers
            if start is ClockStart.PUBLIC
            else _facts_possibly_after(answers, begun.earliest)
        )
        for kind, effects in (
            (ClockKind.NO_RESPONSE, build.Effects.RESPONDED),
            (ClockKind.NOT_SUBSTANTIVE, build.Effects.ACTED),
        ):
            stopped = earliest_event(clock_events_of(_facts_with_effect(after, effects)))
            found.append(ResponseClock(kind, start, begun, stopped, today))
        if announced := clock_events_of(_facts_with_effect(after, build.Effects.ANNOUNCED)):
            found.append(_announcement_clock(announced, answers, start, today))
    return found


def _announcement_clock(
    promises: Sequence[ClockEvent], answers: Sequence[build.Fact], start: ClockStart, today: date
) -> ResponseClock:
    """Return the clock from the first of some promises to the first later substantive act among
    `answers`. `start`: with the clocks of which start (publication or notice) it is shown.
    """
    begun = earliest_event(promises)
    assert begun is not None  # noqa: S101 (something was announced)
    acted = _facts_possibly_after(_facts_with_effect(answers, build.Effects.ACTED), begun.earliest)
    return ResponseClock(
        ClockKind.ANNOUNCED, start, begun, earliest_event(clock_events_of(acted)), today
    )


def publication_events(facts: Iterable[build.Fact]) -> list[ClockEvent]:
    """Return the events that made these facts public: for each fact, the publication of each
    article that reports it.

    A repeated incident is public from its first occurrence.
    """
    events = []
    for fact in facts:
        if fact.extent is Extent.REPEATED and not fact.has_open_start:
            events.append(start_event_of(fact))
            continue
        for source in (quote.source for quote in fact.quotes):
            if source is not None and source.is_public:
                published = source.published
                events.append(ClockEvent(published.earliest, published.latest, fact, source))
    return events


def start_event_of(fact: build.Fact) -> ClockEvent:
    """Return the beginning of a fact. What was repeated or lasted began in the unit with which its
    range begins; what happened once, some day within its date.
    """
    is_long = fact.extent is not Extent.ONCE and not fact.has_open_start
    first = first_occurrence_interval(fact.when) if is_long else fact.when
    return ClockEvent(first.earliest, first.latest, fact)


def earliest_event(events: Sequence[ClockEvent]) -> ClockEvent | None:
    """Return the first of some events, with `possible_first_events` if their dates leave open which
    was first; None if there are no events.

    Its bounds are those of the first day among all events; its candidates are the event that comes
    first and one that may have been before.
    """
    if not events:
        return None
    first = min(events, key=lambda one: (one.latest, one.earliest, one.fact.ref, one.fact.part_key))
    other = min(events, key=lambda one: (one.earliest, one.latest, one.fact.ref, one.fact.part_key))
    if other.earliest == first.earliest:
        return first
    candidates = (first.parts[0], other.parts[-1])
    return ClockEvent(other.earliest, first.latest, first.fact, first.source, candidates)


def clock_events_of(facts: Iterable[build.Fact]) -> list[ClockEvent]:
    """Return a clock event for each fact, with the bounds of its date."""
    return [ClockEvent(fact.when.earliest, fact.when.latest, fact) for fact in facts]


def _facts_with_effect(facts: Iterable[build.Fact], effect: build.Effects) -> list[build.Fact]:
    """Return the facts whose effects include `effect`."""
    return [fact for fact in facts if effect in fact.effects]


def _facts_possibly_after(facts: Iterable[build.Fact], day: date) -> list[build.Fact]:
    """Return the facts whose last possible day is not before `day`."""
    return [fact for fact in facts if fact.when.latest >= day]


def _is_by_responsible_state(fact: build.Fact, country: str) -> bool:
    """Return whether a fact is of the state `country`; one without a country counts as such."""
    return fact.country in {"", country}


def _counted_facts_of_case(facts: Iterable[build.Fact]) -> list[build.Fact]:
    """Return the facts that count in a case: neither retracted nor a response to another case."""
    return [fact for fact in _unretracted_facts(facts) if fact.answers_case]


def _unretracted_facts(facts: Iterable[build.Fact]) -> list[build.Fact]:
    """Return the facts whose records are not retracted."""
    return [fact for fact in facts if fact.state is not EditorialState.RETRACTED]


@dataclass(frozen=True, slots=True)
class RecordedAct:
    """An act or statement of an institution, with the incidents that it answers and two delays in
    days. `delay_since_publication`: since the first of the incidents was public;
    `delay_since_request`: since the institution was asked about them.
    """

    fact: build.Fact
    incidents: tuple[build.Fact, ...]
    delay_since_publication: DayCount | None
    delay_since_request: DayCount | None

    @property
    def stops_clocks(self) -> bool:
        """Whether the act counts as an answer.

        "No comment", a countermeasure and an act of a platform do not.
        """
        return build.Effects.RESPONDED in self.fact.effects


@dataclass(frozen=True, slots=True)
class UnansweredIncident:
    """An incident about which an institution was asked and gave no answer. `requests`: the requests
    to the institution, as facts.
    """

    incident: build.Fact
    requests: tuple[build.Fact, ...]


@dataclass(frozen=True, slots=True)
class MedianLatency:
    """The median of some delays in days. `days`: the median of their lower bounds, and the median
    of their upper bounds; `count`: the number of delays.
    """

    days: DayCount
    count: int


@dataclass(frozen=True, slots=True)
class ResponseRecord:
    """What an institution answered, after how long, and what is overdue or unanswered.

    `acts`: all acts and statements, the latest first; `overdue_appeals`: overdue appeals, the
    longest first; `median_latency`: how long incidents waited for the first answer, of those that
    got one; `unanswered_incidents`: incidents about which it was asked without answer, the longest
    first; `claimed_answers`: appeals marked as answered or referred without a recorded response.
    """

    acts: Sequence[RecordedAct]
    overdue_appeals: Sequence[build.Fact]
    median_latency: MedianLatency | None
    unanswered_incidents: Sequence[UnansweredIncident]
    claimed_answers: Sequence[build.Fact]

    @property
    def answer_count(self) -> int:
        """The number of acts and statements that count as answers."""
        return sum(row.stops_clocks for row in self.acts)

    @property
    def claimed_answer_count(self) -> int:
        """The number of appeals about incidents in `unanswered_incidents` that are marked as
        answered without a recorded response.
        """
        return len(
            {
                fact.ref
                for one in self.unanswered_incidents
                for fact in one.requests
                if fact.lacks_answer
            }
        )


def response_record_of(
    institution_ref: str, facts: Iterable[build.Fact], *, today: date
) -> ResponseRecord:
    """Return the response record of an institution, given all facts about the institution."""
    counted = sorted(
        (fact for fact in facts if fact.state is not EditorialState.RETRACTED),
        key=build.sort_key_of,
    )
    incidents = {
        fact.ref: fact
        for fact in counted
        if fact.kind is EntryKind.INCIDENT and not fact.is_outline
    }
    mine = [fact for fact in counted if fact.institution_ref == institution_ref]
    # A registered complaint is an answer, not a further request.
    asked = [
        fact
        for fact in mine
        if build.Effects.NOTIFIED & fact.effects and not build.Effects.RESPONDED & fact.effects
    ]
    answers = [fact for fact in mine if build.Effects.RESPONDED in fact.effects]
    return ResponseRecord(
        acts=[
            _build_recorded_act(fact, _incidents_answered_by(fact, incidents), asked, today)
            for fact in reversed(mine)
            if _is_act_or_statement(fact)
        ],
        overdue_appeals=sorted(
            (fact for fact in mine if fact.answer_due_on and fact.answer_due_on < today),
            key=lambda one: (one.answer_due_on, one.ref),
        ),
        median_latency=_median_latency(_first_answer_delays(answers, incidents, today)),
        unanswered_incidents=_unanswered_incidents(incidents, asked, answers),
        claimed_answers=[fact for fact in mine if fact.lacks_answer],
    )


def _first_answer_delays(
    answers: Iterable[build.Fact], incidents_by_ref: dict[str, build.Fact], today: date
) -> list[DayCount]:
    """Return how long each answered incident waited for its first answer; incidents for which this
    is not known are left out.
    """
    delays: dict[str, DayCount] = {}
    for answer in answers:
        for incident in _incidents_answered_by(answer, incidents_by_ref):
            if incident.ref in delays:
                continue
            if delay := _delay_since(publication_events([incident]), answer, today):
                delays[incident.ref] = delay
    return list(delays.values())


def _unanswered_incidents(
    incidents_by_ref: dict[str, build.Fact],
    requests: Iterable[build.Fact],
    answers: Iterable[build.Fact],
) -> list[UnansweredIncident]:
    """Return the incidents about which an institution was asked and has not answered since."""
    by_what: dict[str, list[build.Fact]] = {}
    for fact in requests:
        for ref in fact.incident_refs & incidents_by_ref.keys():
            by_what.setdefault(ref, []).append(fact)
    since = {ref: min(one.when.earliest for one in of) for ref, of in by_what.items()}
    # Earlier statements are no answer; if the dates leave the order open, they count as answers.
    answered = {
        one.ref
        for fact in answers
        for one in _incidents_answered_by(fact, incidents_by_ref)
        if one.ref in since and since[one.ref] <= fact.when.latest
    }
    waiting = sorted(since.keys() - answered, key=lambda ref: (since[ref], ref))
    return [UnansweredIncident(incidents_by_ref[ref], tuple(by_what[ref])) for ref in waiting]


def _incidents_answered_by(
    fact: build.Fact, incidents_by_ref: dict[str, build.Fact]
) -> list[build.Fact]:
    """Return the incidents that a fact is about, sorted by date; incidents that certainly began
    after the fact are left out.
    """
    about = [incidents_by_ref[ref] for ref in fact.incident_refs & incidents_by_ref.keys()]
    return sorted(
        (one for one in about if may_have_begun_before(one.when, fact.when)), key=build.sort_key_of
    )


def _is_act_or_statement(fact: build.Fact) -> bool:
    """Return whether a fact is a response, another answer of an authority, or a takedown."""
    return (
        fact.kind is EntryKind.RESPONSE
        or build.Effects.RESPONDED in fact.effects
        or fact.event in build.EVENTS_BY_AUTHORITY_OR_PLATFORM
    )


def _build_recorded_act(
    fact: build.Fact, incidents: list[build.Fact], requests: Iterable[build.Fact], today: date
) -> RecordedAct:
    """Return an act of an institution on these incidents; `requests`: all requests to the
    institution.
    """
    refs = {one.ref for one in incidents}
    before = [
        one
        for one in requests
        if not refs.isdisjoint(one.incident_refs) and one.when.earliest <= fact.when.latest
    ]
    return RecordedAct(
        fact,
        tuple(incidents),
        _delay_since(publication_events(incidents), fact, today),
        _delay_since(clock_events_of(before), fact, today),
    )


def _delay_since(events: Sequence[ClockEvent], answer: build.Fact, today: date) -> DayCount | None:
    """Return the days from the first of these events to an answer, None if there are no events."""
    first = earliest_event(events)
    if first is None:
        return None
    answered = earliest_event(clock_events_of([answer]))
    return days_between(first, answered, today, is_dated=answer.is_dated)


def _median_latency(spans: Sequence[DayCount]) -> MedianLatency | None:
    """Return the median of the delays with known upper bounds, None if there are none."""
    known = [
        (one.at_least, one.at_most) for one in spans if one.is_known and one.at_most is not None
    ]
    if not known:
        return None
    least, most = zip(*known, strict=True)
    return MedianLatency(DayCount(floor(median(least)), ceil(median(most))), len(known))

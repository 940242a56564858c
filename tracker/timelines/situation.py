"""The situation of a case, incident or person; and open cases in outline; pure.

A situation has entries, clocks and accountability. It is the only way from facts to pages, so that
list, picture, clocks and accountability agree on any day: what had not been recorded by then starts
and stops nothing. The accountability step is derived from acts and steps, and names the entry that
reached it; judgements (whether all the guilty were convicted, whether impunity is final) are set by
hand. An outline has the facts of its case that have consequences, without texts: enough for the
same clocks and step as in full. Texts are then loaded for the entries that a page shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from heapq import nlargest
from operator import itemgetter
from typing import NamedTuple

from tracker.cases.codes import Accountability
from tracker.cases.models import Case
from tracker.dates import DayCount, days_between
from tracker.responses.codes import ActType, StepOfProceeding
from tracker.review.codes import EditorialState
from tracker.timelines import clocks as timeline_clocks
from tracker.timelines.build import Effects, Entry, Fact, as_known_on, build_timeline, sort_key_of
from tracker.timelines.codes import ClockKind, ClockStart, EntryKind
from tracker.timelines.facts import fact_of_silence, with_due_state

# The days after which a case without a substantive response is counted on the overview.
LONG_UNANSWERED_DAYS = 90
# From the lowest; a code that is not listed reaches *statements only* at most.
STEP_OF_EVENT: dict[Accountability, frozenset[str]] = {
    Accountability.INVESTIGATION_ANNOUNCED: frozenset({ActType.INVESTIGATION_ANNOUNCED}),
    Accountability.INVESTIGATION_REGISTERED: frozenset(
        {
            ActType.INVESTIGATION_OPENED,
            ActType.INVESTIGATION_SUSPENDED,
            StepOfProceeding.OPENED,
            StepOfProceeding.SEARCHED,
            StepOfProceeding.SUSPENDED,
            # What is quashed is open again, unless it was a judgment.
            StepOfProceeding.QUASHED,
        }
    ),
    Accountability.SUSPECTS_OR_CHARGES: frozenset(
        {
            ActType.SUSPECT,
            ActType.ARREST,
            ActType.CHARGE,
            StepOfProceeding.SUSPECT_IDENTIFIED,
            StepOfProceeding.ARRESTED,
            StepOfProceeding.CHARGED,
            StepOfProceeding.RESTRAINT_IMPOSED,
            StepOfProceeding.RESTRAINT_CHANGED,
            StepOfProceeding.RESTRAINT_LIFTED,
        }
    ),
    # A verdict alone does not say whether anybody was convicted.
    Accountability.TRIAL: frozenset(
        {ActType.TRIAL, ActType.VERDICT, StepOfProceeding.TRIAL, StepOfProceeding.VERDICT}
    ),
    Accountability.PARTIAL_JUSTICE: frozenset(
        {StepOfProceeding.SENTENCE, StepOfProceeding.COMPULSORY_TREATMENT}
    ),
}
ENDING_ACTS = frozenset(
    {
        ActType.INVESTIGATION_REFUSED,
        ActType.INVESTIGATION_CLOSED,
        StepOfProceeding.REFUSED,
        StepOfProceeding.CLOSED,
    }
)
QUASHED_STEP = StepOfProceeding.QUASHED
JUDGMENT_ACTS = frozenset(
    {
        ActType.VERDICT,
        StepOfProceeding.VERDICT,
        StepOfProceeding.SENTENCE,
        StepOfProceeding.COMPULSORY_TREATMENT,
    }
)
LOWEST_STEP = Accountability.NO_RESPONSE
# Only a judgment that is quashed ends these.
STEPS_AFTER_JUDGMENT = frozenset({Accountability.PARTIAL_JUSTICE, Accountability.JUSTICE_DISPUTED})
HEIGHT_OF_STEP = {step: height for height, step in enumerate(Accountability)}


@dataclass(frozen=True, slots=True)
class AccountabilityStep:
    """A step of accountability, and the entry that reached it, None for none."""

    step: Accountability
    by: Fact | None = None


def accountability_step(facts: Iterable[Fact], country: str) -> AccountabilityStep:
    """Return the accountability step of a case: the highest that its facts reach.

    The steps of one proceeding are one file; statements outside of proceedings are another.
    """
    files: dict[str, list[Fact]] = {}
    of_state = [fact for fact in facts if _is_of_state(fact, country)]
    for fact in sorted(of_state, key=sort_key_of):
        is_step = fact.kind is EntryKind.PROCEEDING_STEP
        files.setdefault(fact.ref if is_step else "", []).append(fact)
    words = files.pop("", [])
    # Where days overlap, the usual order of proceedings decides.
    reached = [
        _step_of_file(sorted(of_file, key=lambda one: one.part)) for of_file in files.values()
    ]
    last_end = _last_end(reached)
    # Statements about an investigation before its file was closed have ended with it.
    reached.append(
        _step_of_file(
            one for one in words if not last_end or sort_key_of(one) > sort_key_of(last_end)
        )
    )
    last_end = _last_end(reached)
    open_files = [one for one in reached if one.step is not Accountability.CLOSED_WITHOUT_RESULT]
    highest = max(
        sorted(open_files, key=_height_of),
        key=lambda one: HEIGHT_OF_STEP[one.step],
        default=AccountabilityStep(LOWEST_STEP),
    )
    if (
        last_end
        and HEIGHT_OF_STEP[highest.step] <= HEIGHT_OF_STEP[Accountability.INVESTIGATION_ANNOUNCED]
    ):
        return AccountabilityStep(Accountability.CLOSED_WITHOUT_RESULT, last_end)
    return highest


def _step_of_file(facts: Iterable[Fact]) -> AccountabilityStep:
    """Return how far one file has come, its facts in order."""
    at, is_judged = AccountabilityStep(LOWEST_STEP), False
    for fact in facts:
        codes = _codes(fact)
        reached = next(
            (step for step, of in reversed(STEP_OF_EVENT.items()) if not of.isdisjoint(codes)),
            Accountability.STATEMENTS_ONLY,
        )
        if QUASHED_STEP in codes and is_judged:
            at, is_judged = AccountabilityStep(Accountability.JUSTICE_DISPUTED, fact), False
        elif not ENDING_ACTS.isdisjoint(codes) and at.step not in STEPS_AFTER_JUDGMENT:
            at, is_judged = AccountabilityStep(Accountability.CLOSED_WITHOUT_RESULT, fact), False
        elif _reaches_step(at.step, reached, codes):
            at = AccountabilityStep(reached, fact)
        is_judged = is_judged or not JUDGMENT_ACTS.isdisjoint(codes)
    return at


def _reaches_step(
    current: Accountability, reached: Accountability, codes: set[StrEnum | str]
) -> bool:
    """Return whether a file moves from one step to another."""
    if current is Accountability.CLOSED_WITHOUT_RESULT:
        # A mere statement does not reopen a file.
        return reached is not Accountability.STATEMENTS_ONLY
    if current is Accountability.JUSTICE_DISPUTED:
        return not JUDGMENT_ACTS.isdisjoint(codes)
    return HEIGHT_OF_STEP[reached] > HEIGHT_OF_STEP[current]


def _last_end(reached: Iterable[AccountabilityStep]) -> Fact | None:
    ends = (one.by for one in reached if one.step is Accountability.CLOSED_WITHOUT_RESULT)
    return max(filter(None, ends), key=sort_key_of, default=None)


def _height_of(rung: AccountabilityStep) -> tuple[object, ...]:
    return sort_key_of(rung.by) if rung.by else ()


def _codes(fact: Fact) -> set[StrEnum | str]:
    if fact.step is not None:
        return {fact.step}
    return {tag.code for tag in fact.types}


def _is_of_state(fact: Fact, country: str) -> bool:
    return (
        Effects.RESPONDED in fact.effects
        and fact.answers_case
        and fact.country in {"", country}
        and fact.state is not EditorialState.RETRACTED
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The entries, clocks and accountability of a record.

    `clocks`: those of the record itself; `waiting`: those of each incident in it, by its ref;
    `said_answered`: appeals about it marked as answered or referred without a recorded response.
    `rung` is None unless it is a case; `has_silences`: False if not everything was loaded, since
    what ended them may be in the rest.
    """

    entries: list[Entry]
    clocks: Sequence[timeline_clocks.Clock]
    waiting: dict[str, list[timeline_clocks.Clock]]
    promises: Sequence[timeline_clocks.Clock] = ()
    said_answered: Sequence[Fact] = ()
    rung: AccountabilityStep | None = None
    has_silences: bool = True

    @property
    def is_waiting(self) -> bool:
        """Return whether a clock of the record itself still runs."""
        return any(clock.is_running for clock in self.clocks)


def situation_of_case(
    facts: Iterable[Fact],
    country: str,
    *,
    today: date,
    known: date | None = None,
    is_truncated: bool = False,
) -> Situation:
    """Return the situation of a case, today or on a past day."""
    facts, day = _facts_known_on(facts, today, known)
    if is_truncated:
        answered = timeline_clocks.claimed_answers(facts, country)
        return Situation(
            entries=_entries_with_silences(facts, ()), clocks=(), waiting={},
            said_answered=answered,
            has_silences=False,
        )  # fmt: skip
    clocks = timeline_clocks.clocks_of_case(facts, country, today=day)
    waiting = timeline_clocks.clocks_of_incidents(facts, today=day)
    return Situation(
        entries=_entries_with_silences(facts, _all_clocks(waiting), clocks),
        clocks=clocks,
        waiting=waiting,
        promises=timeline_clocks.promise_clocks(facts, country, today=day),
        said_answered=timeline_clocks.claimed_answers(facts, country),
        rung=accountability_step(facts, country),
    )


def situation_of_incident(
    ref: str, facts: Iterable[Fact], country: str, *, today: date, known: date | None = None
) -> Situation:
    """Return the situation of one incident."""
    facts, day = _facts_known_on(facts, today, known)
    waiting = timeline_clocks.clocks_of_incidents(facts, today=day)
    clocks = waiting.get(ref, [])
    return Situation(
        entries=_entries_with_silences(facts, clocks),
        clocks=clocks,
        waiting=waiting,
        said_answered=timeline_clocks.claimed_answers(facts, country),
    )


def situation_of_person(
    facts: Iterable[Fact], *, today: date, known: date | None = None, is_truncated: bool = False
) -> Situation:
    """Return the situation of a journalist or outlet, with the clocks of their incidents."""
    facts, day = _facts_known_on(facts, today, known)
    is_whole = not is_truncated and not any(fact.is_outline for fact in facts)
    waiting = timeline_clocks.clocks_of_incidents(facts, today=day) if is_whole else {}
    return Situation(
        entries=_entries_with_silences(facts, _all_clocks(waiting)),
        clocks=(),
        waiting=waiting,
        has_silences=is_whole,
    )


def _facts_known_on(
    facts: Iterable[Fact], today: date, known: date | None
) -> tuple[list[Fact], date]:
    facts, day = (as_known_on(facts, known), min(known, today)) if known else (facts, today)
    return [with_due_state(fact, day) for fact in facts], day


def _all_clocks(waiting: dict[str, list[timeline_clocks.Clock]]) -> list[timeline_clocks.Clock]:
    return [clock for clocks in waiting.values() for clock in clocks]


def _entries_with_silences(
    facts: Sequence[Fact],
    waiting: Sequence[timeline_clocks.Clock],
    of_case: Sequence[timeline_clocks.Clock] = (),
) -> list[Entry]:
    """Return facts and silences; `waiting`: the clocks of incidents, `of_case`: those of all."""
    ended: dict[object, list[timeline_clocks.Clock]] = {}
    for clock in waiting:
        if clock.is_first:
            ended.setdefault(_clock_end(clock), []).append(clock)
    gaps = timeline_clocks.silence_gaps([*of_case, *waiting])
    return build_timeline(
        [*facts, *(fact_of_silence(gap, ended.get(_clock_end(gap), [])) for gap in gaps)]
    )


def _clock_end(clock: timeline_clocks.Clock) -> tuple[str, str]:
    return (clock.stopped.fact.ref, clock.stopped.fact.part) if clock.stopped else ("", "")


class PublicSince(NamedTuple):
    """Since when an unanswered case has been public, between bounds; `ref`: by which record."""

    earliest: date
    latest: date
    ref: str


class EventPlace(NamedTuple):
    """The place of an event among those of all cases."""

    latest: date
    earliest: date
    ref: str


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """What lists filter, count and sort open cases by: days, and no numbers of days.

    `public` is None for a case that is answered, or was never public. `is_silent`: nothing answers
    it; `is_unanswered`: nothing in substance. `last`: its latest dated event, or one to come.
    """

    step: Accountability = LOWEST_STEP
    public: PublicSince | None = None
    is_silent: bool = False
    is_unanswered: bool = False
    claims_answer: bool = False
    last: EventPlace | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CountedCase:
    """An open case in lists and counts; `by_hand`: the step set by hand, None if it is derived."""

    id: int
    ref: str
    by_hand: Accountability | None
    figures: CaseFigures
    today: date

    @property
    def step(self) -> Accountability:
        """Return its accountability step: the one set by hand, else the derived one."""
        return self.by_hand or self.figures.step

    @property
    def waiting(self) -> DayCount | None:
        """Return for how long it has waited for an answer, None if it does not wait."""
        public = self.figures.public
        return days_between(public, None, self.today) if public else None

    @property
    def is_long_unanswered(self) -> bool:
        """Return whether it has had no substantive response for at least 90 days."""
        waiting = self.waiting if self.figures.is_unanswered else None
        return waiting is not None and waiting.at_least >= LONG_UNANSWERED_DAYS


@dataclass(frozen=True, eq=False)
class OpenCase:
    """An open case with its facts; `by_hand`: the step set by hand, None if it is derived."""

    id: int
    ref: str
    country: str
    by_hand: Accountability | None
    facts: Sequence[Fact]
    today: date

    @cached_property
    def rung(self) -> AccountabilityStep:
        """Return the derived step, and the entry that reached it."""
        return accountability_step(self.facts, self.country)

    @property
    def step(self) -> Accountability:
        """Return its accountability step: the one set by hand, else the derived one."""
        return self.by_hand or self.rung.step

    @cached_property
    def clocks(self) -> list[timeline_clocks.Clock]:
        """Return its clocks."""
        return timeline_clocks.clocks_of_case(self.facts, self.country, today=self.today)

    @property
    def is_waiting(self) -> bool:
        """Return whether any of its clocks still runs."""
        return any(one.is_running for one in self.clocks)

    @property
    def running(self) -> list[timeline_clocks.Clock]:
        """Return the clocks since publication that still run."""
        return [one for one in self.clocks if one.is_running and one.start is ClockStart.PUBLIC]

    @property
    def silence(self) -> timeline_clocks.Clock | None:
        """Return its clock without any response since publication, if it still runs."""
        return next((one for one in self.running if one.is_first), None)

    @cached_property
    def said_answered(self) -> list[Fact]:
        """Return the appeals marked as answered or referred without a recorded response."""
        return timeline_clocks.claimed_answers(self.facts, self.country)

    @property
    def figures(self) -> CaseFigures:
        """Return its figures; both clocks since publication begin on the same day."""
        kinds = {one.kind for one in self.running}
        unanswered = kinds & {ClockKind.NO_RESPONSE, ClockKind.NOT_SUBSTANTIVE}
        begun = next((one.begun for one in self.running if one.kind in unanswered), None)
        places = (EventPlace(*sort_key_of(one)[:3]) for one in self.facts if one.is_dated)
        return CaseFigures(
            step=self.rung.step,
            public=PublicSince(begun.earliest, begun.latest, begun.fact.ref) if begun else None,
            is_silent=ClockKind.NO_RESPONSE in kinds,
            is_unanswered=ClockKind.NOT_SUBSTANTIVE in kinds,
            claims_answer=bool(self.said_answered),
            last=max(places, default=None),
        )

    @property
    def counted(self) -> CountedCase:
        """Return it as lists count it."""
        return CountedCase(self.id, self.ref, self.by_hand, self.figures, self.today)

    @property
    def named(self) -> set[str]:
        """Return the refs of the entries shown beside its step and clocks."""
        begun = {mark.fact.ref for one in self.running for mark in one.begun.parts}
        reached = {self.rung.by.ref} if self.rung.by else set()
        return begun | reached | {fact.ref for fact in self.said_answered}

    def in_words(self, facts_by_ref: Mapping[str, Sequence[Fact]]) -> OpenCase:
        """Return the case with the full facts of some of its records, given by ref."""
        facts = [fact for fact in self.facts if fact.ref not in facts_by_ref]
        # The same response may answer one case and not another one: the outline says which.
        outlines = {fact.ref: fact for fact in self.facts if fact.ref in facts_by_ref}
        in_words = [
            replace(fact, answers_case=outline.answers_case)
            for ref, outline in outlines.items()
            for fact in facts_by_ref[ref]
        ]
        return replace(self, facts=[*facts, *in_words])


def unanswered_cases(cases: Iterable[CountedCase]) -> list[CountedCase]:
    """Return the unanswered cases, longest waiting first."""
    silent = [
        (timeline_clocks.longest_first(one.waiting, one.figures.public.ref), one)
        for one in cases
        if one.figures.is_silent and one.figures.public and one.waiting
    ]
    return [one for _key, one in sorted(silent, key=itemgetter(0))]


def places_of_latest_events(
    cases: Iterable[OpenCase], most: int
) -> dict[tuple[date, date, str, str, str], list[OpenCase]]:
    """Return the cases of each of the latest events of all, by the place of the event.

    Undated and future events do not count.
    """
    holding: dict[tuple[date, date, str, str, str], list[OpenCase]] = {}
    for case in cases:
        for fact in case.facts:
            if fact.is_dated and fact.when.earliest <= case.today:
                holding.setdefault(sort_key_of(fact), []).append(case)
    return {place: holding[place] for place in nlargest(most, holding)}


def cases_with_latest_events(
    cases: Iterable[OpenCase], most: int
) -> tuple[list[OpenCase], set[str]]:
    """Return the cases with one of the latest events of all, and the refs of these events."""
    latest = places_of_latest_events(cases, most)
    found = list(dict.fromkeys(case for of in latest.values() for case in of))
    return found, {ref for _latest, _earliest, ref, *_rest in latest}


def latest_developments(
    cases: Iterable[tuple[Case, OpenCase]], most: int
) -> list[tuple[Entry, list[Case]]]:
    """Return the latest events that have texts, each once with its cases."""
    found: dict[object, tuple[Entry, list[Case]]] = {}
    for case, one in cases:
        for entry in build_timeline(fact for fact in one.facts if not fact.is_outline):
            fact = entry.fact
            if fact.is_dated and fact.when.earliest <= one.today:
                key = (fact.ref, fact.part, fact.kind)
                found.setdefault(key, (entry, []))[1].append(case)
    newest = sorted(found.values(), key=lambda one: sort_key_of(one[0].fact), reverse=True)
    return newest[:most]

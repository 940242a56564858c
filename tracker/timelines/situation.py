"""The situation of a case, incident or person, and of open cases in outline; pure.

A situation has entries, clocks and accountability. All pages use it, so that list, picture, clocks
and accountability agree on any day: records made later start and stop nothing. The accountability
step is derived from acts and steps, with the fact that reached it; judgements (whether all the
guilty were convicted, whether impunity is final) are set by hand. In outline, a case has only the
facts that affect its figures, without texts: enough for the same clocks and step as in full. Texts
are then loaded for the entries that a page shows.
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
from tracker.i18n import DayCount, days_between
from tracker.responses.codes import ActType, StepOfProceeding
from tracker.review.codes import EditorialState
from tracker.timelines import clocks as timeline_clocks
from tracker.timelines.build import (
    Effects,
    Entry,
    Fact,
    build_timeline,
    facts_as_known_on,
    sort_key_of,
)
from tracker.timelines.codes import ClockKind, ClockStart, EntryKind
from tracker.timelines.facts import fact_of_silence, with_due_note

# The days after which a case without a substantive response is shown as long unanswered.
LONG_UNANSWERED_DAYS = 90
# For each accountability step, the codes of acts and steps of proceedings by which a case reaches
# it; the lowest step comes first. By any other code a case is *answered, no investigation* at most.
CODES_REACHING_STEP: dict[Accountability, frozenset[str]] = {
    Accountability.INVESTIGATION_ANNOUNCED: frozenset({ActType.INVESTIGATION_ANNOUNCED}),
    Accountability.INVESTIGATION_REGISTERED: frozenset(
        {
            ActType.INVESTIGATION_OPENED,
            ActType.INVESTIGATION_SUSPENDED,
            StepOfProceeding.OPENED,
            StepOfProceeding.SEARCHED,
            StepOfProceeding.SUSPENDED,
            # A quashed decision opens the proceeding again, unless it was a judgment.
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
# Codes of acts and steps that end a proceeding without a judgment.
ENDING_ACTS = frozenset(
    {
        ActType.INVESTIGATION_REFUSED,
        ActType.INVESTIGATION_CLOSED,
        StepOfProceeding.REFUSED,
        StepOfProceeding.CLOSED,
    }
)
# The step by which a decision, possibly a judgment, is reversed.
QUASHED_STEP = StepOfProceeding.QUASHED
# Codes of acts and steps that show a judgment.
JUDGMENT_ACTS = frozenset(
    {
        ActType.VERDICT,
        StepOfProceeding.VERDICT,
        StepOfProceeding.SENTENCE,
        StepOfProceeding.COMPULSORY_TREATMENT,
    }
)
# The accountability step of a case without any answer.
LOWEST_STEP = Accountability.NO_RESPONSE
# Steps of a case in which there was a judgment: the case keeps such a step if a proceeding is
# closed afterwards.
STEPS_AFTER_JUDGMENT = frozenset({Accountability.PARTIAL_JUSTICE, Accountability.JUSTICE_DISPUTED})
# The position of each accountability step in the order by which steps are compared.
RANK_OF_STEP = {step: height for height, step in enumerate(Accountability)}


@dataclass(frozen=True, slots=True)
class AccountabilityStep:
    """An accountability step, and the fact that reached it, None if no fact did."""

    step: Accountability
    reached_by: Fact | None = None


def derive_accountability_step(facts: Iterable[Fact], country: str) -> AccountabilityStep:
    """Return the accountability step of a case: the highest step that its facts reach. `country`:
    the code of the responsible country.

    Each proceeding is judged by itself, and so are the responses outside of proceedings.
    """
    files: dict[str, list[Fact]] = {}
    of_state = [fact for fact in facts if _is_answer_of_state(fact, country)]
    for fact in sorted(of_state, key=sort_key_of):
        is_step = fact.kind is EntryKind.PROCEEDING_STEP
        files.setdefault(fact.ref if is_step else "", []).append(fact)
    words = files.pop("", [])
    # Where dates overlap, the usual order of proceedings decides.
    reached = [
        _step_of_proceeding(sorted(of_file, key=lambda one: one.part_key))
        for of_file in files.values()
    ]
    last_end = _latest_ending(reached)
    # Responses from before the last proceeding was closed no longer count.
    reached.append(
        _step_of_proceeding(
            one for one in words if not last_end or sort_key_of(one) > sort_key_of(last_end)
        )
    )
    last_end = _latest_ending(reached)
    open_files = [one for one in reached if one.step is not Accountability.CLOSED_WITHOUT_RESULT]
    highest = max(
        sorted(open_files, key=_reached_sort_key),
        key=lambda one: RANK_OF_STEP[one.step],
        default=AccountabilityStep(LOWEST_STEP),
    )
    if (
        last_end
        and RANK_OF_STEP[highest.step] <= RANK_OF_STEP[Accountability.INVESTIGATION_ANNOUNCED]
    ):
        return AccountabilityStep(Accountability.CLOSED_WITHOUT_RESULT, last_end)
    return highest


def _step_of_proceeding(facts: Iterable[Fact]) -> AccountabilityStep:
    """Return the step that one proceeding has reached; `facts`: in the order of its steps."""
    at, is_judged = AccountabilityStep(LOWEST_STEP), False
    for fact in facts:
        codes = _codes_of_fact(fact)
        reached = next(
            (
                step
                for step, of in reversed(CODES_REACHING_STEP.items())
                if not of.isdisjoint(codes)
            ),
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
    """Return whether a fact moves a proceeding from step `current` to step `reached`. In general
    the new step must be higher. A closed proceeding is moved by any act except a statement, and one
    whose judgment was quashed only by another judgment. `codes`: the codes of the fact.
    """
    if current is Accountability.CLOSED_WITHOUT_RESULT:
        # A mere statement does not reopen a proceeding.
        return reached is not Accountability.STATEMENTS_ONLY
    if current is Accountability.JUSTICE_DISPUTED:
        return not JUDGMENT_ACTS.isdisjoint(codes)
    return RANK_OF_STEP[reached] > RANK_OF_STEP[current]


def _latest_ending(steps: Iterable[AccountabilityStep]) -> Fact | None:
    """Return the last of the facts that closed a proceeding without result, None if none did."""
    ends = (one.reached_by for one in steps if one.step is Accountability.CLOSED_WITHOUT_RESULT)
    return max(filter(None, ends), key=sort_key_of, default=None)


def _reached_sort_key(step: AccountabilityStep) -> tuple[object, ...]:
    """Return the chronological sort key of the fact that reached a step, empty if no fact did."""
    return sort_key_of(step.reached_by) if step.reached_by else ()


def _codes_of_fact(fact: Fact) -> set[StrEnum | str]:
    """Return the code of the step of a fact; without a step, the codes of its types."""
    if fact.step is not None:
        return {fact.step}
    return {tag.code for tag in fact.types}


def _is_answer_of_state(fact: Fact, country: str) -> bool:
    """Return whether a fact is an answer of the state `country`, is not retracted, and does not
    answer another case.
    """
    return (
        Effects.RESPONDED in fact.effects
        and fact.answers_case
        and fact.country in {"", country}
        and fact.state is not EditorialState.RETRACTED
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The entries, clocks and accountability step of a record.

    `clocks`: those of the record itself; `incident_clocks`: those of each incident in it, by ref;
    `promises`: clocks from promises to act; `claimed_answers`: appeals about it marked as answered
    or referred without a recorded response; `derived_step`: the accountability step of a case,
    otherwise None; `has_silences`: False if not everything was loaded, since an answer may be among
    the rest.
    """

    entries: list[Entry]
    clocks: Sequence[timeline_clocks.ResponseClock]
    incident_clocks: dict[str, list[timeline_clocks.ResponseClock]]
    promises: Sequence[timeline_clocks.ResponseClock] = ()
    claimed_answers: Sequence[Fact] = ()
    derived_step: AccountabilityStep | None = None
    has_silences: bool = True

    @property
    def is_waiting(self) -> bool:
        """Whether any clock of the record itself (of `clocks`) still runs."""
        return any(clock.is_running for clock in self.clocks)


def situation_of_case(
    facts: Iterable[Fact],
    country: str,
    *,
    today: date,
    known_on: date | None = None,
    is_truncated: bool = False,
) -> Situation:
    """Return the situation of a case. `country`: the code of the responsible country; `known_on`:
    show what was recorded by that day; `is_truncated`: not all facts are loaded, so there are no
    clocks and silences.
    """
    facts, day = _facts_known_on(facts, today, known_on)
    if is_truncated:
        answered = timeline_clocks.claimed_answers(facts, country)
        return Situation(
            entries=_entries_with_silences(facts, ()), clocks=(), incident_clocks={},
            claimed_answers=answered,
            has_silences=False,
        )  # fmt: skip
    clocks = timeline_clocks.clocks_of_case(facts, country, today=day)
    incident_clocks = timeline_clocks.clocks_of_incidents(facts, today=day)
    return Situation(
        entries=_entries_with_silences(facts, _all_clocks(incident_clocks), clocks),
        clocks=clocks,
        incident_clocks=incident_clocks,
        promises=timeline_clocks.promise_clocks(facts, country, today=day),
        claimed_answers=timeline_clocks.claimed_answers(facts, country),
        derived_step=derive_accountability_step(facts, country),
    )


def situation_of_incident(
    ref: str, facts: Iterable[Fact], country: str, *, today: date, known_on: date | None = None
) -> Situation:
    """Return the situation of an incident. `facts`: those of the incident and of records about it;
    `country`: the code of the responsible country; `known_on`: show what was recorded by that day.
    """
    facts, day = _facts_known_on(facts, today, known_on)
    incident_clocks = timeline_clocks.clocks_of_incidents(facts, today=day)
    clocks = incident_clocks.get(ref, [])
    return Situation(
        entries=_entries_with_silences(facts, clocks),
        clocks=clocks,
        incident_clocks=incident_clocks,
        claimed_answers=timeline_clocks.claimed_answers(facts, country),
    )


def situation_of_person(
    facts: Iterable[Fact], *, today: date, known_on: date | None = None, is_truncated: bool = False
) -> Situation:
    """Return the situation of a journalist or outlet. `known_on`: show what was recorded by that
    day; `is_truncated`: not all facts are loaded, so there are no clocks and silences.
    """
    facts, day = _facts_known_on(facts, today, known_on)
    is_whole = not is_truncated and not any(fact.is_outline for fact in facts)
    incident_clocks = timeline_clocks.clocks_of_incidents(facts, today=day) if is_whole else {}
    return Situation(
        entries=_entries_with_silences(facts, _all_clocks(incident_clocks)),
        clocks=(),
        incident_clocks=incident_clocks,
        has_silences=is_whole,
    )


def _facts_known_on(
    facts: Iterable[Fact], today: date, known_on: date | None
) -> tuple[list[Fact], date]:
    """Return the facts that were recorded by the day `known_on`, by default today, and that day.
    Facts that await an answer have a note on when it is due.
    """
    if known_on:
        facts, today = facts_as_known_on(facts, known_on), min(known_on, today)
    return [with_due_note(fact, today) for fact in facts], today


def _all_clocks(
    incident_clocks: dict[str, list[timeline_clocks.ResponseClock]],
) -> list[timeline_clocks.ResponseClock]:
    """Return the clocks of all incidents as one list."""
    return [clock for clocks in incident_clocks.values() for clock in clocks]


def _entries_with_silences(
    facts: Sequence[Fact],
    incident_clocks: Sequence[timeline_clocks.ResponseClock],
    case_clocks: Sequence[timeline_clocks.ResponseClock] = (),
) -> list[Entry]:
    """Return the entries of a timeline: one for each fact, and one for each silence (a time without
    an answer) that the clocks of the incidents and of the case show.
    """
    ended: dict[object, list[timeline_clocks.ResponseClock]] = {}
    for clock in incident_clocks:
        if clock.is_silence:
            ended.setdefault(_stopping_part(clock), []).append(clock)
    gaps = timeline_clocks.silence_clocks([*case_clocks, *incident_clocks])
    silences = (fact_of_silence(gap, ended.get(_stopping_part(gap), []), facts) for gap in gaps)
    return build_timeline([*facts, *silences])


def _stopping_part(clock: timeline_clocks.ResponseClock) -> tuple[str, str]:
    """Return the ref and the `part_key` of the fact that stopped a clock, by which the fact is
    identified; both are "" for a running clock.
    """
    return (
        (clock.stop_event.fact.ref, clock.stop_event.fact.part_key)
        if clock.stop_event
        else ("", "")
    )


class PublicSince(NamedTuple):
    """The day on which an unanswered case became public. `earliest`, `latest`: the bounds of the
    day; `ref`: the ref of the record that was public first.
    """

    earliest: date
    latest: date
    ref: str


class EventSortKey(NamedTuple):
    """The sort key by which the events of all cases are compared: the last and the first possible
    day, and the ref of the record.
    """

    latest: date
    earliest: date
    ref: str


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """The figures of an open case by which lists filter, count and sort. `public_since`: None for a
    case that is answered, or was never public; `is_silent`: there is no response; `is_unanswered`:
    there is no substantive response; `claims_answer`: an appeal is marked as answered without a
    recorded response; `last_event`: the latest dated event, past or future.

    They do not depend on today's date.
    """

    step: Accountability = LOWEST_STEP
    public_since: PublicSince | None = None
    is_silent: bool = False
    is_unanswered: bool = False
    claims_answer: bool = False
    last_event: EventSortKey | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OpenCaseSummary:
    """An open case with its figures; `manual_step`: the step set by hand, None if it is derived."""

    id: int
    ref: str
    manual_step: Accountability | None
    figures: CaseFigures
    today: date

    @property
    def step(self) -> Accountability:
        """The accountability step: the step set by hand, otherwise the derived one."""
        return self.manual_step or self.figures.step

    @property
    def waiting_days(self) -> DayCount | None:
        """The days for which the case has waited for an answer, None if it does not wait."""
        public = self.figures.public_since
        return days_between(public, None, self.today) if public else None

    @property
    def is_long_unanswered(self) -> bool:
        """Whether the case has had no substantive response for at least 90 days."""
        waiting = self.waiting_days if self.figures.is_unanswered else None
        return waiting is not None and waiting.at_least >= LONG_UNANSWERED_DAYS


@dataclass(frozen=True, eq=False)
class OpenCase:
    """An open case with its facts; `manual_step`: the step set by hand, None if it is derived."""

    id: int
    ref: str
    country: str
    manual_step: Accountability | None
    facts: Sequence[Fact]
    today: date

    @cached_property
    def derived_step(self) -> AccountabilityStep:
        """The accountability step derived from the facts, and the fact that reached it."""
        return derive_accountability_step(self.facts, self.country)

    @property
    def step(self) -> Accountability:
        """The accountability step: the step set by hand, otherwise the derived one."""
        return self.manual_step or self.derived_step.step

    @cached_property
    def clocks(self) -> list[timeline_clocks.ResponseClock]:
        """The response clocks of the case."""
        return timeline_clocks.clocks_of_case(self.facts, self.country, today=self.today)

    @property
    def is_waiting(self) -> bool:
        """Whether any clock of the case still runs."""
        return any(one.is_running for one in self.clocks)

    @property
    def running_clocks(self) -> list[timeline_clocks.ResponseClock]:
        """The clocks since publication that still run."""
        return [one for one in self.clocks if one.is_running and one.start is ClockStart.PUBLIC]

    @property
    def silence_clock(self) -> timeline_clocks.ResponseClock | None:
        """The clock without any response since publication, None if it was stopped."""
        return next((one for one in self.running_clocks if one.is_silence), None)

    @property
    def listed_clocks(self) -> list[timeline_clocks.ResponseClock]:
        """The running clocks. A case without any response has waited for a substantive one as long,
        so that this clock is left out then.
        """
        is_silent = self.silence_clock is not None
        return [
            one
            for one in self.running_clocks
            if not (is_silent and one.kind is ClockKind.NOT_SUBSTANTIVE)
        ]

    @cached_property
    def claimed_answers(self) -> list[Fact]:
        """The appeals marked as answered or referred without a recorded response."""
        return timeline_clocks.claimed_answers(self.facts, self.country)

    @property
    def figures(self) -> CaseFigures:
        """The figures of the case by which lists filter, count and sort."""
        kinds = {one.kind for one in self.running_clocks}
        unanswered = kinds & {ClockKind.NO_RESPONSE, ClockKind.NOT_SUBSTANTIVE}
        begun = next(
            (one.start_event for one in self.running_clocks if one.kind in unanswered), None
        )
        places = (EventSortKey(*sort_key_of(one)[:3]) for one in self.facts if one.is_dated)
        return CaseFigures(
            step=self.derived_step.step,
            public_since=PublicSince(begun.earliest, begun.latest, begun.fact.ref)
            if begun
            else None,
            is_silent=ClockKind.NO_RESPONSE in kinds,
            is_unanswered=ClockKind.NOT_SUBSTANTIVE in kinds,
            claims_answer=bool(self.claimed_answers),
            last_event=max(places, default=None),
        )

    @property
    def summary(self) -> OpenCaseSummary:
        """The case with its figures, without its facts."""
        return OpenCaseSummary(self.id, self.ref, self.manual_step, self.figures, self.today)

    @property
    def shown_refs(self) -> set[str]:
        """The refs of the records shown beside the step and the clocks."""
        begun = {event.fact.ref for one in self.running_clocks for event in one.start_event.parts}
        reached = {self.derived_step.reached_by.ref} if self.derived_step.reached_by else set()
        return begun | reached | {fact.ref for fact in self.claimed_answers}

    def with_full_facts(self, facts_by_ref: Mapping[str, Sequence[Fact]]) -> OpenCase:
        """Return the case with facts with texts instead of the facts without texts of the same
        records. `facts_by_ref`: the facts with texts, by the ref of the record.
        """
        facts = [fact for fact in self.facts if fact.ref not in facts_by_ref]
        # The same response may answer one case and not another: the outlines of the case decide.
        outlines = {fact.ref: fact for fact in self.facts if fact.ref in facts_by_ref}
        in_words = [
            replace(fact, answers_case=outline.answers_case)
            for ref, outline in outlines.items()
            for fact in facts_by_ref[ref]
        ]
        return replace(self, facts=[*facts, *in_words])


def unanswered_cases(cases: Iterable[OpenCaseSummary]) -> list[OpenCaseSummary]:
    """Return the cases without any response, the longest waiting first."""
    silent = [
        (timeline_clocks.longest_first_key(one.waiting_days, one.figures.public_since.ref), one)
        for one in cases
        if one.figures.is_silent and one.figures.public_since and one.waiting_days
    ]
    return [one for _key, one in sorted(silent, key=itemgetter(0))]


def sort_by_step(cases: Sequence[OpenCaseSummary]) -> list[OpenCaseSummary]:
    """Return the cases by accountability step, the lowest first. At each step those without any
    response come first, the longest waiting first, and then the others in the given order.
    """
    others = [one for one in cases if not one.figures.is_silent]
    return sorted(unanswered_cases(cases) + others, key=lambda one: RANK_OF_STEP[one.step])


def cases_by_latest_event(
    cases: Iterable[OpenCase], most: int
) -> dict[tuple[date, date, str, str, str], list[OpenCase]]:
    """Return the `most` latest events in these cases, each with the cases that have it. The keys of
    the dict are the sort keys of the events, as of `sort_key_of`.

    Undated and future events are left out.
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
    """Return the cases with one of the `most` latest events, and the refs of these events."""
    latest = cases_by_latest_event(cases, most)
    found = list(dict.fromkeys(case for of in latest.values() for case in of))
    return found, {ref for _latest, _earliest, ref, *_rest in latest}


def latest_developments(
    cases: Iterable[tuple[Case, OpenCase]], most: int
) -> list[tuple[Entry, list[Case]]]:
    """Return the `most` latest entries that have texts, the latest first; each comes with the cases
    in which it is.
    """
    found: dict[object, tuple[Entry, list[Case]]] = {}
    for case, one in cases:
        for entry in build_timeline(fact for fact in one.facts if not fact.is_outline):
            fact = entry.fact
            if fact.is_dated and fact.when.earliest <= one.today:
                key = (fact.ref, fact.part_key, fact.kind)
                found.setdefault(key, (entry, []))[1].append(case)
    newest = sorted(found.values(), key=lambda one: sort_key_of(one[0].fact), reverse=True)
    return newest[:most]

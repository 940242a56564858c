"""The situation of a case, incident or person: entries, clocks, accountability; pure.

The one way from facts to what pages show, so that list, picture, clocks and accountability agree on
any day: what had not been recorded by then starts and stops nothing. The accountability step is
derived from acts and steps, and names the entry that reached it; what asks for a judgement (whether
all who were guilty were convicted, whether nobody ever will be) is set by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.cases.codes import Accountability
from tracker.responses.codes import ActType, StepOfProceeding
from tracker.review.codes import EditorialState
from tracker.timelines.build import Effects, as_known_on, build_timeline, sort_key_of
from tracker.timelines.clocks import (
    claimed_answers,
    clocks_of_case,
    clocks_of_incidents,
    promise_clocks,
    silence_gaps,
)
from tracker.timelines.codes import EntryKind
from tracker.timelines.facts import fact_of_silence, with_due_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from enum import StrEnum

    from tracker.timelines.build import Entry, Fact
    from tracker.timelines.clocks import Clock


# From the ground up; what a code is not found in reaches *statements only* at most.
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
ENDS = frozenset(
    {
        ActType.INVESTIGATION_REFUSED,
        ActType.INVESTIGATION_CLOSED,
        StepOfProceeding.REFUSED,
        StepOfProceeding.CLOSED,
    }
)
QUASHED = StepOfProceeding.QUASHED
JUDGMENTS = frozenset(
    {
        ActType.VERDICT,
        StepOfProceeding.VERDICT,
        StepOfProceeding.SENTENCE,
        StepOfProceeding.COMPULSORY_TREATMENT,
    }
)
LOWEST = Accountability.NO_RESPONSE
# Nothing ends these any more but a judgment that is quashed.
JUDGED = frozenset({Accountability.PARTIAL_JUSTICE, Accountability.JUSTICE_DISPUTED})
HEIGHT = {step: height for height, step in enumerate(Accountability)}


@dataclass(frozen=True, slots=True)
class AccountabilityStep:
    """A step of accountability, and the entry that reached it, None for none."""

    step: Accountability
    by: Fact | None = None


def accountability_step(facts: Iterable[Fact], country: str) -> AccountabilityStep:
    """Return the accountability step of a case: the highest that its facts reach.

    The steps of one proceeding are one file; all that was said outside of proceedings is another.
    """
    files: dict[str, list[Fact]] = {}
    of_state = [fact for fact in facts if _is_of_state(fact, country)]
    for fact in sorted(of_state, key=sort_key_of):
        is_step = fact.kind is EntryKind.PROCEEDING_STEP
        files.setdefault(fact.ref if is_step else "", []).append(fact)
    words = files.pop("", [])
    # Where days overlap, the place in the proceeding says which step was taken first.
    reached = [_step_of_file(sorted(told, key=lambda one: one.part)) for told in files.values()]
    last_end = _last_end(reached)
    # What was said of an investigation before its file ended has ended with it.
    reached.append(
        _step_of_file(
            one for one in words if not last_end or sort_key_of(one) > sort_key_of(last_end)
        )
    )
    last_end = _last_end(reached)
    open_files = [one for one in reached if one.step is not Accountability.CLOSED_WITHOUT_RESULT]
    highest = max(
        sorted(open_files, key=_height_of),
        key=lambda one: HEIGHT[one.step],
        default=AccountabilityStep(LOWEST),
    )
    if last_end and HEIGHT[highest.step] <= HEIGHT[Accountability.INVESTIGATION_ANNOUNCED]:
        return AccountabilityStep(Accountability.CLOSED_WITHOUT_RESULT, last_end)
    return highest


def _step_of_file(told: Iterable[Fact]) -> AccountabilityStep:
    """Return how far one file has come, its facts in their turn."""
    at, is_judged = AccountabilityStep(LOWEST), False
    for fact in told:
        codes = _codes(fact)
        reached = next(
            (step for step, of in reversed(STEP_OF_EVENT.items()) if not of.isdisjoint(codes)),
            Accountability.STATEMENTS_ONLY,
        )
        if QUASHED in codes and is_judged:
            at, is_judged = AccountabilityStep(Accountability.JUSTICE_DISPUTED, fact), False
        elif not ENDS.isdisjoint(codes) and at.step not in JUDGED:
            at, is_judged = AccountabilityStep(Accountability.CLOSED_WITHOUT_RESULT, fact), False
        elif _reaches_step(at.step, reached, codes):
            at = AccountabilityStep(reached, fact)
        is_judged = is_judged or not JUDGMENTS.isdisjoint(codes)
    return at


def _reaches_step(at: Accountability, reached: Accountability, codes: set[StrEnum | str]) -> bool:
    """Return whether a file moves from one step to another."""
    if at is Accountability.CLOSED_WITHOUT_RESULT:
        # A mere word does not open a file again.
        return reached is not Accountability.STATEMENTS_ONLY
    if at is Accountability.JUSTICE_DISPUTED:
        return not JUDGMENTS.isdisjoint(codes)
    return HEIGHT[reached] > HEIGHT[at]


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
    rung: AccountabilityStep | None = None
    has_silences: bool = True

    @property
    def is_waiting(self) -> bool:
        """Return whether a clock of the thing itself still runs."""
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
        answered = claimed_answers(facts, country)
        return Situation(
            entries=_entries_with_silences(facts, ()), clocks=(), waiting={},
            said_answered=answered,
            has_silences=False,
        )  # fmt: skip
    clocks = clocks_of_case(facts, country, today=day)
    waiting = clocks_of_incidents(facts, today=day)
    return Situation(
        entries=_entries_with_silences(facts, _all_clocks(waiting), clocks),
        clocks=clocks,
        waiting=waiting,
        promises=promise_clocks(facts, country, today=day),
        said_answered=claimed_answers(facts, country),
        rung=accountability_step(facts, country),
    )


def situation_of_incident(
    ref: str, facts: Iterable[Fact], country: str, *, today: date, known: date | None = None
) -> Situation:
    """Return the situation of one incident."""
    facts, day = _facts_known_on(facts, today, known)
    waiting = clocks_of_incidents(facts, today=day)
    clocks = waiting.get(ref, [])
    return Situation(
        entries=_entries_with_silences(facts, clocks),
        clocks=clocks,
        waiting=waiting,
        said_answered=claimed_answers(facts, country),
    )


def situation_of_person(
    facts: Iterable[Fact], *, today: date, known: date | None = None, is_truncated: bool = False
) -> Situation:
    """Return the timeline situation of a journalist or outlet, with the clocks of their
    incidents.
    """
    facts, day = _facts_known_on(facts, today, known)
    is_whole = not is_truncated and not any(fact.is_outline for fact in facts)
    waiting = clocks_of_incidents(facts, today=day) if is_whole else {}
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


def _all_clocks(waiting: dict[str, list[Clock]]) -> list[Clock]:
    return [clock for clocks in waiting.values() for clock in clocks]


def _entries_with_silences(
    facts: Sequence[Fact], waiting: Sequence[Clock], of_case: Sequence[Clock] = ()
) -> list[Entry]:
    """Return facts and silences; `waiting`: the clocks of incidents, `of_case`: of all of them."""
    ended: dict[object, list[Clock]] = {}
    for clock in waiting:
        if clock.is_first:
            ended.setdefault(_clock_end(clock), []).append(clock)
    gaps = silence_gaps([*of_case, *waiting])
    return build_timeline(
        [*facts, *(fact_of_silence(gap, ended.get(_clock_end(gap), [])) for gap in gaps)]
    )


def _clock_end(clock: Clock) -> tuple[str, str]:
    return (clock.stopped.fact.ref, clock.stopped.fact.part) if clock.stopped else ("", "")

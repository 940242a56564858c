"""The accountability ladder: how far the authorities have come against those who did it; pure.

It is derived from acts and steps, and names the entry that reached the step. What asks for a
judgement (whether all who were guilty were convicted, whether nobody ever will be) is set by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.cases.codes import Accountability
from tracker.responses.codes import ActType, StepOfProceeding
from tracker.review.codes import EditorialState
from tracker.timelines.build import place_of
from tracker.timelines.codes import EntryKind
from tracker.timelines.means import Means

if TYPE_CHECKING:
    from collections.abc import Iterable
    from enum import StrEnum

    from tracker.timelines.build import Fact

# From the ground up; what a code is not found in reaches *statements only* at most.
RUNGS: dict[Accountability, frozenset[str]] = {
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
class Rung:
    """A step of the ladder, and the entry that reached it, None where nothing did."""

    step: Accountability
    by: Fact | None = None


def rung_of(facts: Iterable[Fact], country: str) -> Rung:
    """Return the step of a case whose facts these are: the highest of its files that are open.

    The steps of one proceeding are one file; all that was said outside of proceedings is another.
    """
    files: dict[str, list[Fact]] = {}
    of_state = [fact for fact in facts if _is_of_state(fact, country)]
    for fact in sorted(of_state, key=place_of):
        is_step = fact.kind is EntryKind.PROCEEDING_STEP
        files.setdefault(fact.ref if is_step else "", []).append(fact)
    words = files.pop("", [])
    # Where days overlap, the place in the proceeding says which step was taken first.
    reached = [_of_file(sorted(told, key=lambda one: one.part)) for told in files.values()]
    last_end = _last_end(reached)
    # What was said of an investigation before its file ended has ended with it.
    reached.append(
        _of_file(one for one in words if not last_end or place_of(one) > place_of(last_end))
    )
    last_end = _last_end(reached)
    open_files = [one for one in reached if one.step is not Accountability.CLOSED_WITHOUT_RESULT]
    highest = max(
        sorted(open_files, key=_by), key=lambda one: HEIGHT[one.step], default=Rung(LOWEST)
    )
    if last_end and HEIGHT[highest.step] <= HEIGHT[Accountability.INVESTIGATION_ANNOUNCED]:
        return Rung(Accountability.CLOSED_WITHOUT_RESULT, last_end)
    return highest


def _of_file(told: Iterable[Fact]) -> Rung:
    """Return how far one file has come, its facts in their turn."""
    at, is_judged = Rung(LOWEST), False
    for fact in told:
        codes = _codes(fact)
        reached = next(
            (step for step, of in reversed(RUNGS.items()) if not of.isdisjoint(codes)),
            Accountability.STATEMENTS_ONLY,
        )
        if QUASHED in codes and is_judged:
            at, is_judged = Rung(Accountability.JUSTICE_DISPUTED, fact), False
        elif not ENDS.isdisjoint(codes) and at.step not in JUDGED:
            at, is_judged = Rung(Accountability.CLOSED_WITHOUT_RESULT, fact), False
        elif _moves(at.step, reached, codes):
            at = Rung(reached, fact)
        is_judged = is_judged or not JUDGMENTS.isdisjoint(codes)
    return at


def _moves(at: Accountability, reached: Accountability, codes: set[StrEnum | str]) -> bool:
    """Say whether a file that stands at one step comes to another one."""
    if at is Accountability.CLOSED_WITHOUT_RESULT:
        # A mere word does not open a file again.
        return reached is not Accountability.STATEMENTS_ONLY
    if at is Accountability.JUSTICE_DISPUTED:
        return not JUDGMENTS.isdisjoint(codes)
    return HEIGHT[reached] > HEIGHT[at]


def _last_end(reached: Iterable[Rung]) -> Fact | None:
    ends = (one.by for one in reached if one.step is Accountability.CLOSED_WITHOUT_RESULT)
    return max(filter(None, ends), key=place_of, default=None)


def _by(rung: Rung) -> tuple[object, ...]:
    return place_of(rung.by) if rung.by else ()


def _codes(fact: Fact) -> set[StrEnum | str]:
    if fact.step is not None:
        return {fact.step}
    return {tag.code for tag in fact.types}


def _is_of_state(fact: Fact, country: str) -> bool:
    return (
        Means.RESPONDED in fact.means
        and fact.answers_case
        and fact.country in {"", country}
        and fact.state is not EditorialState.RETRACTED
    )

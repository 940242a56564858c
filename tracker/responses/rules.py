"""Rules on responses, appeals and proceedings: substance, dates and the order of steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Protocol, TypeVar

from tracker.i18n import _
from tracker.responses.codes import ActType, AppealOutcome, StepOfProceeding
from tracker.vocabulary.codes import Answer

if TYPE_CHECKING:
    from tracker.when import When

# Steps whose days overlap are in the usual order of a proceeding: an end without a judgment comes
# after all that it may end, and a reversal after what it reverses.
STEP_ORDER = (
    StepOfProceeding.FILED,
    StepOfProceeding.REGISTERED,
    StepOfProceeding.REFUSED,
    StepOfProceeding.OPENED,
    StepOfProceeding.SEARCHED,
    StepOfProceeding.SUSPECT_IDENTIFIED,
    StepOfProceeding.ARRESTED,
    StepOfProceeding.RESTRAINT_IMPOSED,
    StepOfProceeding.RESTRAINT_CHANGED,
    StepOfProceeding.RESTRAINT_LIFTED,
    StepOfProceeding.CHARGED,
    StepOfProceeding.SUSPENDED,
    StepOfProceeding.TRIAL,
    StepOfProceeding.CLOSED,
    StepOfProceeding.VERDICT,
    StepOfProceeding.SENTENCE,
    StepOfProceeding.COMPULSORY_TREATMENT,
    StepOfProceeding.APPEAL,
    StepOfProceeding.QUASHED,
)
STEP_POSITION: Mapping[StepOfProceeding, int] = {
    step: place for place, step in enumerate(STEP_ORDER)
}
# Steps that a party takes: an institution named in one hears it, and has not taken it.
STEPS_BY_A_PARTY = frozenset({StepOfProceeding.FILED, StepOfProceeding.APPEAL})
# Steps mostly taken by another institution than the one that runs the case: who heard an appeal, or
# quashed a decision, is known only if the step names it.
STEPS_BY_ANOTHER = frozenset({StepOfProceeding.APPEAL, StepOfProceeding.QUASHED})
NEVER_SUBSTANTIVE_ACTS = frozenset(
    {
        ActType.STATEMENT,
        ActType.CONDEMNATION,
        ActType.ACKNOWLEDGEMENT,
        ActType.APOLOGY,
        ActType.DENIAL,
        ActType.NO_COMMENT,
        ActType.NO_REPLY,
        ActType.PLEDGE,
        ActType.COMPLAINT_REGISTERED,
        ActType.REFERRAL,
        ActType.INVESTIGATION_ANNOUNCED,
        ActType.INFORMATION_REQUEST,
        ActType.COUNTERMEASURE,
    }
)
SUBSTANTIVE_ACTS = frozenset(
    {
        ActType.INVESTIGATION_OPENED,
        ActType.INVESTIGATION_REFUSED,
        ActType.INVESTIGATION_SUSPENDED,
        ActType.INVESTIGATION_CLOSED,
        ActType.SUSPECT,
        ActType.ARREST,
        ActType.CHARGE,
        ActType.TRIAL,
        ActType.VERDICT,
        ActType.DISCIPLINARY,
        ActType.PROTECTION_OFFERED,
        ActType.PROTECTION_GIVEN,
        ActType.MEASURE_REVERSED,
    }
)
# Blocking a named resource is an act; "we block round the clock" is only a claim, so a person
# decides.
ACTS_WITH_CHOICE = frozenset(
    {ActType.BLOCKING_ORDERED, ActType.BLOCKED, ActType.TAKEDOWN, ActType.FORMAL_REPLY}
)
NEVER_STOPS_A_CLOCK = frozenset({ActType.NO_COMMENT, ActType.NO_REPLY, ActType.COUNTERMEASURE})


def default_substantive(act: ActType) -> bool:
    """Return whether an act counts as substantive unless a person decides otherwise."""
    return act in SUBSTANTIVE_ACTS


def is_substance_optional(act: ActType) -> bool:
    """Return whether a person decides whether this act is substantive."""
    return act in ACTS_WITH_CHOICE


def substantive(act: ActType, said: Answer | None) -> Answer:
    """Return whether an act is substantive: by its type, or as a person decided."""
    if is_substance_optional(act):
        return said if said in {Answer.YES, Answer.NO} else Answer.NO
    return Answer.YES if default_substantive(act) else Answer.NO


def contradicts_type(act: ActType, said: Answer | None) -> bool:
    """Return whether a person's decision contradicts the type of the act."""
    return said in {Answer.YES, Answer.NO} and substantive(act, said) is not said


class DayInterval(Protocol):
    """An event on some day of an interval."""

    @property
    def earliest(self) -> date:
        """Return the first possible day."""

    @property
    def latest(self) -> date:
        """Return the last possible day."""


class StepLike(DayInterval, Protocol):
    """A step of a proceeding, with what its order requires."""

    @property
    def step(self) -> StepOfProceeding:
        """Return the kind of step."""


Step = TypeVar("Step", bound=StepLike)


def steps_in_order(steps: Iterable[Step]) -> list[Step]:
    """Return steps in the order of their days; the last one is the status of the proceeding.

    Steps whose days overlap are in their usual order.
    """
    left = sorted(steps, key=lambda one: (STEP_POSITION[one.step], one.latest, one.earliest))
    turn: list[Step] = []
    while left:
        begins = max(one.earliest for one in left)
        # The furthest of those that were not certainly taken before another one.
        last = max(place for place, one in enumerate(left) if one.latest >= begins)
        turn.append(left.pop(last))
    return turn[::-1]


def is_step_too_early(step: DayInterval, incidents: Iterable[DayInterval]) -> bool:
    """Return whether a step was certainly taken before any of its incidents can have begun.

    False without incidents.
    """
    begun = [one.earliest for one in incidents]
    return bool(begun) and step.latest < min(begun)


def unrecorded_outcome_label(outcome: AppealOutcome) -> str:
    """Return the label of an outcome that has no recorded response."""
    if outcome is AppealOutcome.REFERRED:
        return str(_("reported as passed on, but you see no recorded answer"))
    return str(_("reported as answered, but you see no recorded answer"))


def is_due_before_sent(due_on: date, sent: When) -> bool:
    """Return whether an answer would be due before the appeal can have been sent."""
    return due_on < sent.earliest


def is_answer_too_early(answered: When, sent: When) -> bool:
    """Return whether a response was certainly made before the appeal was sent."""
    return answered.latest < sent.earliest

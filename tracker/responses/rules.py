"""Rules on responses, appeals and proceedings: substantive acts, dates, order of steps; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Protocol, TypeVar

from tracker.i18n import _
from tracker.responses.codes import (
    CONDITIONALLY_SUBSTANTIVE_ACTS,
    SUBSTANTIVE_ACTS,
    ActType,
    AppealOutcome,
    StepOfProceeding,
)
from tracker.vocabulary.codes import Answer

if TYPE_CHECKING:
    from tracker.when import When

# The usual order of steps, for steps whose days overlap: an end without a judgment comes after the
# steps that it may end, a reversal after the steps that it may reverse.
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
# The place of each step in `STEP_ORDER`, from 0.
STEP_POSITION: Mapping[StepOfProceeding, int] = {
    step: place for place, step in enumerate(STEP_ORDER)
}
# Steps that a party takes: an institution named in such a step receives it.
STEPS_BY_A_PARTY = frozenset({StepOfProceeding.FILED, StepOfProceeding.APPEAL})
# Steps that are mostly not taken by the institution in charge of the proceeding. If such a step
# names no institution, it is unknown who took it.
STEPS_BY_OTHER_INSTITUTIONS = frozenset({StepOfProceeding.APPEAL, StepOfProceeding.QUASHED})
# A response with only such acts does not count as an answer.
ACTS_NOT_COUNTED_AS_ANSWER = frozenset(
    {ActType.NO_COMMENT, ActType.NO_REPLY, ActType.COUNTERMEASURE}
)


def is_substantive_by_default(act: ActType) -> bool:
    """Return whether an act is substantive by its type alone."""
    return act in SUBSTANTIVE_ACTS


def is_substantive_by_choice(act: ActType) -> bool:
    """Return whether the user decides whether acts of this type are substantive."""
    return act in CONDITIONALLY_SUBSTANTIVE_ACTS


def resolve_substantive(act: ActType, substantive_choice: Answer | None) -> Answer:
    """Return whether an act is substantive, YES or NO: as the user chose, or by its type."""
    if is_substantive_by_choice(act):
        return substantive_choice if substantive_choice in {Answer.YES, Answer.NO} else Answer.NO
    return Answer.YES if is_substantive_by_default(act) else Answer.NO


def contradicts_act_type(act: ActType, substantive_choice: Answer | None) -> bool:
    """Return whether the user's choice that an act is substantive or not contradicts its type; no
    choice (None) does not.
    """
    is_chosen = substantive_choice in {Answer.YES, Answer.NO}
    return is_chosen and resolve_substantive(act, substantive_choice) is not substantive_choice


class DayInterval(Protocol):
    """Something that happened on a day between bounds."""

    @property
    def earliest(self) -> date:
        """The first possible day."""

    @property
    def latest(self) -> date:
        """The last possible day."""


class StepLike(DayInterval, Protocol):
    """A step of a proceeding with the values by which steps are sorted: its type and days."""

    @property
    def step(self) -> StepOfProceeding:
        """The type of the step."""


# The type of the steps that are given and returned.
AnyStep = TypeVar("AnyStep", bound=StepLike)


def steps_in_order(steps: Iterable[AnyStep]) -> list[AnyStep]:
    """Return steps in the order of their days. Steps whose days overlap are in the order of their
    types in `STEP_ORDER`.

    The last step is the status of the proceeding.
    """
    left = sorted(steps, key=lambda one: (STEP_POSITION[one.step], one.latest, one.earliest))
    turn: list[AnyStep] = []
    while left:
        begins = max(one.earliest for one in left)
        # Of the steps that may have been the last one taken, choose the last in the usual order.
        last = max(place for place, one in enumerate(left) if one.latest >= begins)
        turn.append(left.pop(last))
    return turn[::-1]


def is_step_too_early(step: DayInterval, incidents: Iterable[DayInterval]) -> bool:
    """Return whether a step was certainly taken before all incidents; False without incidents."""
    begun = [one.earliest for one in incidents]
    return bool(begun) and step.latest < min(begun)


def unrecorded_outcome_label(outcome: AppealOutcome) -> str:
    """Return the localized label of the outcome of an appeal that was answered or referred, but
    whose response the viewer does not see.
    """
    if outcome is AppealOutcome.REFERRED:
        return str(_("reported as passed on, but you see no recorded answer"))
    return str(_("reported as answered, but you see no recorded answer"))


def is_due_before_sent(due_on: date, sent: When) -> bool:
    """Return whether the due date is before the first day the appeal may have been sent."""
    return due_on < sent.earliest


def is_answer_too_early(answered: When, sent: When) -> bool:
    """Return whether an answer was certainly made before the appeal was sent."""
    return answered.latest < sent.earliest

"""The order of the steps of a proceeding, and which of them came too early; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from tracker.responses.codes import StepOfProceeding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

# Steps whose days overlap stand in the order in which a proceeding takes them: what ends it without
# a judgment comes after all that it may end, and what undoes something after whatever that was.
IN_ORDER = (
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
PLACE: Mapping[StepOfProceeding, int] = {step: place for place, step in enumerate(IN_ORDER)}
# Steps that a party takes: a body named beside one hears it, and has not taken it.
BY_A_PARTY = frozenset({StepOfProceeding.FILED, StepOfProceeding.APPEAL})
# Steps for which mostly another body is responsible than the one that runs the case: who heard an
# appeal, or quashed what that one had decided, is known where the step names it.
BY_ANOTHER = frozenset({StepOfProceeding.APPEAL, StepOfProceeding.QUASHED})


class Between(Protocol):
    """Whatever happened on some day of an interval."""

    @property
    def earliest(self) -> date:
        """Return the first day on which it may have been."""

    @property
    def latest(self) -> date:
        """Return the last such day."""


class Taken(Between, Protocol):
    """One step of a proceeding, as far as its order asks."""

    @property
    def step(self) -> StepOfProceeding:
        """Return which step it is."""


Step = TypeVar("Step", bound=Taken)


def in_turn(steps: Iterable[Step]) -> list[Step]:
    """Return steps in the order of their days, those whose days overlap in their natural order;
    a proceeding stands at the last of them.
    """
    left = sorted(steps, key=lambda one: (PLACE[one.step], one.latest, one.earliest))
    turn: list[Step] = []
    while left:
        begins = max(one.earliest for one in left)
        # The furthest of those that were not certainly taken before another one.
        last = max(place for place, one in enumerate(left) if one.latest >= begins)
        turn.append(left.pop(last))
    return turn[::-1]


def comes_before(step: Between, incidents: Iterable[Between]) -> bool:
    """Say whether a step was certainly taken before the first of the incidents that it is about can
    have begun; never, where there is none.
    """
    begun = [one.earliest for one in incidents]
    return bool(begun) and step.latest < min(begun)

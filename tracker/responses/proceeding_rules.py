"""The order of the steps of a proceeding, and which of them came too early; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from tracker.responses.codes import StepOfProceeding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

# Steps of the same days stand in the order in which a proceeding takes them: that of the set.
PLACE: Mapping[StepOfProceeding, int] = {step: place for place, step in enumerate(StepOfProceeding)}


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
    """Return steps in the order of their days; a proceeding stands at the last of them."""
    return sorted(steps, key=lambda one: (one.latest, one.earliest, PLACE[one.step]))


def comes_before(step: Between, incidents: Iterable[Between]) -> bool:
    """Say whether a step was certainly taken before the first of the incidents that it is about can
    have begun; never, where there is none.
    """
    begun = [one.earliest for one in incidents]
    return bool(begun) and step.latest < min(begun)

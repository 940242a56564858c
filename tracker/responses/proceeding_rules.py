"""The order of the steps of a proceeding; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from tracker.responses.codes import StepOfProceeding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

# Steps of the same days stand in the order in which a proceeding takes them: that of the set.
PLACE: Mapping[StepOfProceeding, int] = {step: place for place, step in enumerate(StepOfProceeding)}


class Taken(Protocol):
    """One step of a proceeding, as far as its order asks."""

    @property
    def step(self) -> StepOfProceeding:
        """Return which step it is."""

    @property
    def earliest(self) -> date:
        """Return the first day on which it may have been taken."""

    @property
    def latest(self) -> date:
        """Return the last such day."""


Step = TypeVar("Step", bound=Taken)


def in_turn(steps: Iterable[Step]) -> list[Step]:
    """Return steps in the order of their days; a proceeding stands at the last of them."""
    return sorted(steps, key=lambda one: (one.latest, one.earliest, PLACE[one.step]))

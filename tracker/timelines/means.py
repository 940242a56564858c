"""What a fact means to clocks and ladder: whether an authority was told, spoke, announced, acted.

The only place that decides it, from codes alone: an act, a step of a proceeding, an event of an
account. Whose state it was, and which incident it is about, stands on the fact.
"""

from __future__ import annotations

from enum import Flag, auto
from typing import TYPE_CHECKING

from tracker.fake_accounts.codes import AccountEvent
from tracker.responses.codes import ActType, ProceedingDirection, Standing, StepOfProceeding
from tracker.responses.proceeding_rules import BY_A_PARTY
from tracker.responses.rules import NEVER_STOPS_A_CLOCK
from tracker.vocabulary.codes import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable


class Means(Flag):
    """TOLD: an authority learned of it. RESPONDED: it answered, which stops the first clock.
    ANNOUNCED: it promised. ACTED: it did something of substance, which stops all clocks.
    """

    NOTHING = 0
    TOLD = auto()
    RESPONDED = auto()
    ANNOUNCED = auto()
    ACTED = auto()


PROMISES = frozenset({ActType.PLEDGE, ActType.INVESTIGATION_ANNOUNCED})
BLOCKS = frozenset({AccountEvent.BLOCK_ORDERED, AccountEvent.BLOCKED})
# Events that show an account at work; all others tell what became of it.
AT_WORK = frozenset(
    {
        AccountEvent.FIRST_SEEN,
        AccountEvent.SEEN_AGAIN,
        AccountEvent.RESTORED,
        AccountEvent.CHECKED_ACTIVE,
    }
)


def of_response(standing: Standing, acts: Iterable[tuple[ActType, Answer]]) -> Means:
    """Return what a response means; only the responsible state ever stops a clock."""
    means = Means.NOTHING
    if standing is not Standing.RESPONSIBLE_STATE:
        return means
    for act, is_substantive in acts:
        if act in NEVER_STOPS_A_CLOCK:
            continue
        means |= Means.RESPONDED
        if act is ActType.COMPLAINT_REGISTERED:
            means |= Means.TOLD
        if act in PROMISES:
            means |= Means.ANNOUNCED
        if is_substantive is Answer.YES:
            means |= Means.ACTED
    return means


def of_step(direction: ProceedingDirection, step: StepOfProceeding) -> Means:
    """Return what a step means: against perpetrators it is an act of the authority, unless somebody
    only asks for one. A report taken in the book is an answer, and nothing of substance.
    """
    if direction is not ProceedingDirection.AGAINST_PERPETRATORS:
        return Means.NOTHING
    if step is StepOfProceeding.FILED:
        return Means.TOLD
    if step is StepOfProceeding.REGISTERED:
        return Means.TOLD | Means.RESPONDED
    return Means.NOTHING if step in BY_A_PARTY else Means.RESPONDED | Means.ACTED


def of_event(event: AccountEvent, *, by_state: bool, identified: Answer) -> Means:
    """Return what an event of an account means; a platform, or nobody named, is no state."""
    if event is AccountEvent.REPORTED_TO_AUTHORITY:
        return Means.TOLD
    if event not in BLOCKS or not by_state:
        return Means.NOTHING
    return Means.RESPONDED | (Means.ACTED if identified is Answer.YES else Means.NOTHING)

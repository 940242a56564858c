"""What each act, step and event means to the clocks: every code is decided, none by accident."""

from __future__ import annotations

import pytest

from tracker.fake_accounts.codes import AccountEvent
from tracker.responses.codes import (
    CONDITIONALLY_SUBSTANTIVE_ACTS,
    NEVER_SUBSTANTIVE_ACTS,
    ActType,
    ProceedingDirection,
    Standing,
    StepOfProceeding,
)
from tracker.responses.rules import resolve_substantive
from tracker.timelines.build import Effects, effects_of_event, effects_of_response, effects_of_step
from tracker.vocabulary.codes import Answer

SAID, DONE, NOTIFIED = Effects.RESPONDED, Effects.RESPONDED | Effects.ACTED, Effects.NOTIFIED
AGAINST = ProceedingDirection.AGAINST_PERPETRATORS


def of_act(act, said=None):
    return effects_of_response(Standing.RESPONSIBLE_STATE, [(act, resolve_substantive(act, said))])


@pytest.mark.parametrize("act", ActType)
def test_every_act_of_the_responsible_state(act):
    nothing = {ActType.NO_COMMENT, ActType.NO_REPLY, ActType.COUNTERMEASURE}
    promised = {ActType.PLEDGE, ActType.INVESTIGATION_ANNOUNCED}
    expected = SAID if act in NEVER_SUBSTANTIVE_ACTS | CONDITIONALLY_SUBSTANTIVE_ACTS else DONE
    expected |= Effects.ANNOUNCED if act in promised else Effects.NOTHING
    expected |= NOTIFIED if act is ActType.COMPLAINT_REGISTERED else Effects.NOTHING

    assert of_act(act) == (Effects.NOTHING if act in nothing else expected)


@pytest.mark.parametrize("act", sorted(CONDITIONALLY_SUBSTANTIVE_ACTS))
def test_where_a_person_says_so_an_act_is_substantive(act):
    assert of_act(act, Answer.YES) == DONE
    assert of_act(act, Answer.NO) == SAID


@pytest.mark.parametrize("standing", sorted(set(Standing) - {Standing.RESPONSIBLE_STATE}))
@pytest.mark.parametrize("act", ActType)
def test_nobody_else_answers_for_the_responsible_state(act, standing):
    assert effects_of_response(standing, [(act, Answer.YES)]) == Effects.NOTHING


def test_a_response_means_what_its_acts_mean_together():
    acts = [
        (ActType.COUNTERMEASURE, Answer.NO),
        (ActType.PLEDGE, Answer.NO),
        (ActType.SUSPECT, Answer.YES),
    ]

    assert effects_of_response(Standing.RESPONSIBLE_STATE, acts) == DONE | Effects.ANNOUNCED
    assert effects_of_response(Standing.RESPONSIBLE_STATE, acts[:1]) == Effects.NOTHING


@pytest.mark.parametrize("step", StepOfProceeding)
def test_every_step_against_perpetrators(step):
    other = {
        StepOfProceeding.FILED: NOTIFIED,
        StepOfProceeding.REGISTERED: NOTIFIED | SAID,
        StepOfProceeding.APPEAL: Effects.NOTHING,
    }

    assert effects_of_step(AGAINST, step) == other.get(step, DONE)


@pytest.mark.parametrize("direction", sorted(set(ProceedingDirection) - {AGAINST}))
@pytest.mark.parametrize("step", StepOfProceeding)
def test_no_step_of_other_proceedings_answers_anything(step, direction):
    assert effects_of_step(direction, step) == Effects.NOTHING


@pytest.mark.parametrize("event", AccountEvent)
def test_every_event_of_an_account(event):
    blocks = {AccountEvent.BLOCK_ORDERED, AccountEvent.BLOCKED}
    told = event is AccountEvent.REPORTED_TO_AUTHORITY

    assert effects_of_event(event, by_state=True, identified=Answer.YES) == (
        NOTIFIED if told else DONE if event in blocks else Effects.NOTHING
    )
    # Of accounts that nobody identified a block is only said.
    assert effects_of_event(event, by_state=True, identified=Answer.NO) == (
        NOTIFIED if told else SAID if event in blocks else Effects.NOTHING
    )
    assert effects_of_event(event, by_state=False, identified=Answer.YES) == (
        NOTIFIED if told else Effects.NOTHING
    )

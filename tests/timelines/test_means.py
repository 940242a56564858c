"""What each act, step and event means to the clocks: every code is decided, none by accident."""

from __future__ import annotations

import pytest

from tracker.fake_accounts.codes import AccountEvent
from tracker.responses.codes import ActType, ProceedingDirection, Standing, StepOfProceeding
from tracker.responses.rules import ASKED, NEVER_SUBSTANTIVE, substantive
from tracker.timelines.means import Means, of_event, of_response, of_step
from tracker.vocabulary.codes import Answer

SAID, DONE, TOLD = Means.RESPONDED, Means.RESPONDED | Means.ACTED, Means.TOLD
AGAINST = ProceedingDirection.AGAINST_PERPETRATORS


def of_act(act, said=None):
    return of_response(Standing.RESPONSIBLE_STATE, [(act, substantive(act, said))])


@pytest.mark.parametrize("act", ActType)
def test_every_act_of_the_responsible_state(act):
    nothing = {ActType.NO_COMMENT, ActType.NO_REPLY, ActType.COUNTERMEASURE}
    promised = {ActType.PLEDGE, ActType.INVESTIGATION_ANNOUNCED}
    expected = SAID if act in NEVER_SUBSTANTIVE | ASKED else DONE
    expected |= Means.ANNOUNCED if act in promised else Means.NOTHING
    expected |= TOLD if act is ActType.COMPLAINT_REGISTERED else Means.NOTHING

    assert of_act(act) == (Means.NOTHING if act in nothing else expected)


@pytest.mark.parametrize("act", sorted(ASKED))
def test_where_a_person_says_so_an_act_is_substantive(act):
    assert of_act(act, Answer.YES) == DONE
    assert of_act(act, Answer.NO) == SAID


@pytest.mark.parametrize("standing", sorted(set(Standing) - {Standing.RESPONSIBLE_STATE}))
@pytest.mark.parametrize("act", ActType)
def test_nobody_else_answers_for_the_responsible_state(act, standing):
    assert of_response(standing, [(act, Answer.YES)]) == Means.NOTHING


def test_a_response_means_what_its_acts_mean_together():
    acts = [
        (ActType.COUNTERMEASURE, Answer.NO),
        (ActType.PLEDGE, Answer.NO),
        (ActType.SUSPECT, Answer.YES),
    ]

    assert of_response(Standing.RESPONSIBLE_STATE, acts) == DONE | Means.ANNOUNCED
    assert of_response(Standing.RESPONSIBLE_STATE, acts[:1]) == Means.NOTHING


@pytest.mark.parametrize("step", StepOfProceeding)
def test_every_step_against_perpetrators(step):
    other = {
        StepOfProceeding.FILED: TOLD,
        StepOfProceeding.REGISTERED: TOLD | SAID,
        StepOfProceeding.APPEAL: Means.NOTHING,
    }

    assert of_step(AGAINST, step) == other.get(step, DONE)


@pytest.mark.parametrize("direction", sorted(set(ProceedingDirection) - {AGAINST}))
@pytest.mark.parametrize("step", StepOfProceeding)
def test_no_step_of_other_proceedings_answers_anything(step, direction):
    assert of_step(direction, step) == Means.NOTHING


@pytest.mark.parametrize("event", AccountEvent)
def test_every_event_of_an_account(event):
    blocks = {AccountEvent.BLOCK_ORDERED, AccountEvent.BLOCKED}
    told = event is AccountEvent.REPORTED_TO_AUTHORITY

    assert of_event(event, by_state=True, identified=Answer.YES) == (
        TOLD if told else DONE if event in blocks else Means.NOTHING
    )
    # Of accounts that nobody identified a block is only said.
    assert of_event(event, by_state=True, identified=Answer.NO) == (
        TOLD if told else SAID if event in blocks else Means.NOTHING
    )
    assert of_event(event, by_state=False, identified=Answer.YES) == (
        TOLD if told else Means.NOTHING
    )

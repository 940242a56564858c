"""Which acts are substantive, and who decides."""

from __future__ import annotations

import pytest

from tracker.responses.codes import ActType
from tracker.responses.rules import (
    ACTS_WITH_CHOICE,
    NEVER_STOPS_A_CLOCK,
    NEVER_SUBSTANTIVE_ACTS,
    SUBSTANTIVE_ACTS,
    contradicts_type,
    substantive,
)
from tracker.vocabulary.codes import Answer


def test_every_type_of_act_is_in_one_set_and_one_only():
    assert set(ActType) == NEVER_SUBSTANTIVE_ACTS | SUBSTANTIVE_ACTS | ACTS_WITH_CHOICE
    assert len(ActType) == len(NEVER_SUBSTANTIVE_ACTS) + len(SUBSTANTIVE_ACTS) + len(
        ACTS_WITH_CHOICE
    )
    assert NEVER_STOPS_A_CLOCK < NEVER_SUBSTANTIVE_ACTS


@pytest.mark.parametrize("said", [None, Answer.UNKNOWN])
def test_without_a_word_the_type_decides_and_what_asks_is_not_substantive(said):
    assert substantive(ActType.CONDEMNATION, said) is Answer.NO
    assert substantive(ActType.VERDICT, said) is Answer.YES
    assert substantive(ActType.BLOCKED, said) is Answer.NO
    assert not any(contradicts_type(act, said) for act in ActType)


def test_a_word_counts_only_where_the_type_asks():
    for act in ActType:
        for said in (Answer.YES, Answer.NO):
            if act in ACTS_WITH_CHOICE:
                assert substantive(act, said) is said
                assert not contradicts_type(act, said)
            else:
                assert contradicts_type(act, said) is (substantive(act, None) is not said)

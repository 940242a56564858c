"""Which acts are substantive, and who decides."""

from __future__ import annotations

import pytest

from tracker.responses.codes import CONDITIONALLY_SUBSTANTIVE_ACTS, NEVER_SUBSTANTIVE_ACTS, ActType
from tracker.responses.rules import (
    ACTS_NOT_COUNTED_AS_ANSWER,
    contradicts_act_type,
    resolve_substantive,
)
from tracker.vocabulary.codes import Answer


def test_what_counts_as_no_answer_is_never_substantive():
    assert ACTS_NOT_COUNTED_AS_ANSWER < NEVER_SUBSTANTIVE_ACTS


@pytest.mark.parametrize("said", [None, Answer.UNKNOWN])
def test_without_a_word_the_type_decides_and_what_asks_is_not_substantive(said):
    assert resolve_substantive(ActType.CONDEMNATION, said) is Answer.NO
    assert resolve_substantive(ActType.VERDICT, said) is Answer.YES
    assert resolve_substantive(ActType.BLOCKED, said) is Answer.NO
    assert not any(contradicts_act_type(act, said) for act in ActType)


def test_a_word_counts_only_where_the_type_asks():
    for act in ActType:
        for said in (Answer.YES, Answer.NO):
            if act in CONDITIONALLY_SUBSTANTIVE_ACTS:
                assert resolve_substantive(act, said) is said
                assert not contradicts_act_type(act, said)
            else:
                assert contradicts_act_type(act, said) is (
                    resolve_substantive(act, None) is not said
                )

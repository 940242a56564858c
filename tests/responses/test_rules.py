"""Which acts are substantive, and who decides."""

from __future__ import annotations

import pytest

from tracker.responses.codes import ACTS_WITH_CHOICE, NEVER_SUBSTANTIVE_ACTS, ActType
from tracker.responses.rules import (
    ACTS_NOT_COUNTED_AS_ANSWER,
    contradicts_type,
    resolve_substance,
)
from tracker.vocabulary.codes import Answer


def test_what_counts_as_no_answer_is_never_substantive():
    assert ACTS_NOT_COUNTED_AS_ANSWER < NEVER_SUBSTANTIVE_ACTS


@pytest.mark.parametrize("said", [None, Answer.UNKNOWN])
def test_without_a_word_the_type_decides_and_what_asks_is_not_substantive(said):
    assert resolve_substance(ActType.CONDEMNATION, said) is Answer.NO
    assert resolve_substance(ActType.VERDICT, said) is Answer.YES
    assert resolve_substance(ActType.BLOCKED, said) is Answer.NO
    assert not any(contradicts_type(act, said) for act in ActType)


def test_a_word_counts_only_where_the_type_asks():
    for act in ActType:
        for said in (Answer.YES, Answer.NO):
            if act in ACTS_WITH_CHOICE:
                assert resolve_substance(act, said) is said
                assert not contradicts_type(act, said)
            else:
                assert contradicts_type(act, said) is (resolve_substance(act, None) is not said)

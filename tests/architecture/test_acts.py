"""What an act of a response needs beside its code and its label: a definition, and who says whether
it is substantive; and a place in the order of acts if the reader has phrases for it.
"""

from __future__ import annotations

from tracker.reader.answers.stances import ACT_ORDER, SECTIONS_WITHOUT_ACTS
from tracker.reader.lexicon import load_lexicon
from tracker.responses.codes import (
    CONDITIONALLY_SUBSTANTIVE_ACTS,
    NEVER_SUBSTANTIVE_ACTS,
    SUBSTANTIVE_ACTS,
    ActType,
)
from tracker.vocabulary.labels import get_definition

GROUPS = [NEVER_SUBSTANTIVE_ACTS, SUBSTANTIVE_ACTS, CONDITIONALLY_SUBSTANTIVE_ACTS]


def test_every_act_is_defined() -> None:
    undefined = [act for act in ActType if not get_definition(act)]
    assert not undefined, f"give a definition in act_type.toml to: {', '.join(undefined)}"


def test_every_act_is_in_one_group_and_one_only() -> None:
    wrong = [act for act in ActType if sum(act in group for group in GROUPS) != 1]
    groups = "NEVER_SUBSTANTIVE_ACTS, SUBSTANTIVE_ACTS and CONDITIONALLY_SUBSTANTIVE_ACTS"
    assert not wrong, f"put into one of {groups} in tracker/responses/codes.py: {', '.join(wrong)}"


def test_every_act_that_the_reader_finds_has_one_place_in_the_order_of_acts() -> None:
    found = {
        kind for language in ("en", "ru", "kk") for kind in load_lexicon(language, "responses")
    }
    wrong = sorted(act for act in found - {*SECTIONS_WITHOUT_ACTS} if ACT_ORDER.count(act) != 1)
    assert not wrong, (
        f"give one place in ACT_ORDER in tracker/reader/answers/stances.py to: {', '.join(wrong)}"
    )

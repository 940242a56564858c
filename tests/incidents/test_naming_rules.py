"""How far a name may go follows from what was decided, and from what she is in the incident."""

from __future__ import annotations

import itertools

import pytest

from tracker.incidents.codes import NameReach, NamingDecision, NamingScope, TargetRole
from tracker.incidents.publication_rules import (
    EXTERNAL_REACHES,
    is_collateral,
    name_reach_of_decision,
    reach_after_edit,
)
from tracker.incidents.rules import has_sexual_type


@pytest.mark.parametrize(
    ("decision", "scope", "reach"),
    [
        (NamingDecision.NOT_ASKED, None, NameReach.HOUSE),
        (NamingDecision.PUBLIC_RECORD, None, NameReach.PUBLIC),
        (NamingDecision.CONSENTED, NamingScope.PARTNER, NameReach.PARTNER),
        (NamingDecision.CONSENTED, NamingScope.INTERGOVERNMENTAL, NameReach.INTERGOVERNMENTAL),
        (NamingDecision.CONSENTED, NamingScope.PUBLIC, NameReach.PUBLIC),
        (NamingDecision.REFUSED, None, NameReach.TEAM),
        (NamingDecision.WITHDRAWN, None, NameReach.TEAM),
    ],
)
def test_a_name_goes_as_far_as_was_decided(decision, scope, reach):
    assert name_reach_of_decision(decision, scope) is reach


@pytest.mark.parametrize("guard", ["is_collateral", "is_minor", "is_sexual"])
def test_some_are_named_outside_by_written_consent_alone(guard):
    for decision, scope in itertools.product(NamingDecision, [None, *NamingScope]):
        reach = name_reach_of_decision(decision, scope, **{guard: True})
        assert reach not in EXTERNAL_REACHES
        # No consent is needed for what is on the public record; for these it is not enough.
        if decision is NamingDecision.PUBLIC_RECORD:
            assert (
                name_reach_of_decision(decision, scope, is_written=True, **{guard: True})
                is NameReach.HOUSE
            )
    agreed = {"is_written": True, guard: True}
    assert (
        name_reach_of_decision(NamingDecision.CONSENTED, NamingScope.PUBLIC, **agreed)
        is NameReach.PUBLIC
    )


def test_what_becomes_a_sexual_act_takes_the_name_back_into_the_house():
    for reach in NameReach:
        now = reach_after_edit(reach, consent_was_needed=False, consent_is_needed=True)
        assert now is (NameReach.HOUSE if reach in EXTERNAL_REACHES else reach)
        # Written consent that was given for such an act is not lost by another change.
        assert reach_after_edit(reach, consent_was_needed=True, consent_is_needed=True) is reach
        assert reach_after_edit(reach, consent_was_needed=True, consent_is_needed=False) is reach


def test_those_approached_for_somebody_else_are_collateral():
    direct = {role for role in TargetRole if not is_collateral(role)}
    assert direct == {TargetRole.DIRECT, TargetRole.IMPERSONATED}


def test_sexual_acts_are_known_by_their_types():
    assert has_sexual_type(["legal.detention", "physical.sexual_violence"])
    assert not has_sexual_type(["physical.assault", "threat.death"])

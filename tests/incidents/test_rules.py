"""What may stand together in an incident."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tracker.articles.codes import Bearing, Independence, SourceKind
from tracker.incidents.codes import (
    ActorType,
    DetentionForm,
    Extent,
    IncidentLinkKind,
    PurportedAs,
    TargetKind,
    Verification,
)
from tracker.incidents.rules import (
    OFFICIAL_IDENTITIES,
    CitedSource,
    duplicate_target_positions,
    is_attribution_required,
    is_conflicting_link,
    is_official_impersonation,
    is_valid_detention_form,
    is_valid_occurrence_count,
    is_valid_target_number,
    is_verification_supported,
    lacks_required_narrative,
    may_assess_lawsuit,
    rank_by_type_code,
)
from tracker.permissions import Permission


def test_posing_as_officials_is_never_primary_beside_what_the_same_people_did():
    for other, rank in (("harassment.mob", 320), ("other", 999)):
        ranks = rank_by_type_code({"impersonation.official": 230, other: rank})
        assert ranks[other] < ranks["impersonation.official"]
    assert rank_by_type_code({"impersonation.official": 230}) == {"impersonation.official": 230}


@pytest.mark.parametrize("code", PurportedAs)
def test_posing_as_an_official_body_alone_is_posing_as_officials(code):
    official = {
        "police", "security_service", "prosecutor", "court", "ministry", "local_executive",
        "regulator", "military",
    }  # fmt: skip
    assert (
        is_official_impersonation(code) == (code.value in official) == (code in OFFICIAL_IDENTITIES)
    )
    assert not is_official_impersonation(None)


@dataclass
class Person:
    id: int
    permissions: frozenset[Permission]
    name: str = "somebody"
    team_ids: list[int] = field(default_factory=list)

    def has_permission(self, permission: Permission) -> bool:
        return permission in self.permissions


@pytest.mark.parametrize(
    ("permission", "logged_by", "may"),
    [
        (Permission.REVIEW, 2, True),
        (Permission.REVIEW, 1, False),
        (Permission.REVIEW, None, False),
        (Permission.LOG, 2, False),
    ],
)
def test_an_abusive_lawsuit_is_assessed_by_a_monitor_who_did_not_log_it(permission, logged_by, may):
    assert may_assess_lawsuit(Person(1, frozenset({permission})), logged_by) is may


@pytest.mark.parametrize(
    ("extent", "number", "fits"),
    [
        (Extent.ONCE, None, True),
        (Extent.ONCE, 2, False),
        (Extent.LASTING, 5, False),
        (Extent.REPEATED, 2, True),
        (Extent.REPEATED, 1, False),
    ],
)
def test_only_what_happened_repeatedly_has_a_number(extent, number, fits):
    assert is_valid_occurrence_count(extent, number) is fits


def test_a_form_of_detention_goes_with_a_detention():
    assert is_valid_detention_form({"legal.detention"}, DetentionForm.HOUSE_ARREST)
    assert is_valid_detention_form({"threat.death"}, DetentionForm.NOT_APPLICABLE)
    assert not is_valid_detention_form({"threat.death"}, DetentionForm.HOUSE_ARREST)


def test_a_type_that_says_nothing_needs_a_narrative():
    assert lacks_required_narrative({"other"}, "  ")
    assert not lacks_required_narrative({"other"}, "A drone stood over the house.")
    assert not lacks_required_narrative({"threat.death"}, "")


def test_only_an_unknown_actor_without_a_name_needs_nobodys_word():
    assert not is_attribution_required(ActorType.UNKNOWN, "")
    assert is_attribution_required(ActorType.UNKNOWN, "B. Bekov")
    assert is_attribution_required(ActorType.POLICE, "")


def test_only_an_unnamed_group_has_a_number():
    assert is_valid_target_number(TargetKind.UNNAMED_GROUP, 4)
    assert is_valid_target_number(TargetKind.JOURNALIST, None)
    assert not is_valid_target_number(TargetKind.JOURNALIST, 4)


def test_a_target_named_twice_is_found_where_it_is_named_again():
    assert duplicate_target_positions([("journalist", 1), ("outlet", 1), ("journalist", 1)]) == [2]


def test_a_link_is_made_once_and_not_the_other_way_round():
    follows, part_of = IncidentLinkKind.FOLLOWS, IncidentLinkKind.PART_OF
    assert is_conflicting_link(follows, existing_kinds=[follows], reverse_kinds=[])
    assert is_conflicting_link(follows, existing_kinds=[], reverse_kinds=[follows])
    assert not is_conflicting_link(follows, existing_kinds=[part_of], reverse_kinds=[])


def source(
    source_key: str,
    independence=Independence.INDEPENDENT,
    kind=SourceKind.ARTICLE,
    bearing=Bearing.SUPPORTS,
):
    return CitedSource(source_key, kind, independence, bearing)


ONE, SAME, OTHER = source("courier"), source("courier"), source("herald")
TARGET = source("target", Independence.TARGET_ITSELF)
AUTHORITY = source("ministry", Independence.PARTY)
PAPER = source("court", Independence.TARGET_ITSELF, SourceKind.DOCUMENT)
AGAINST = source("review", bearing=Bearing.CONTRADICTS)


@pytest.mark.parametrize(
    ("verification", "sources", "borne"),
    [
        (Verification.CONFIRMED, [ONE, OTHER], True),
        (Verification.CONFIRMED, [ONE, SAME], False),
        (Verification.CONFIRMED, [ONE, TARGET], False),
        (Verification.CONFIRMED, [ONE, AUTHORITY], True),
        (Verification.CONFIRMED, [ONE, PAPER], True),
        (Verification.CONFIRMED, [AUTHORITY, PAPER], False),
        (Verification.CONFIRMED, [ONE, AGAINST], False),
        (Verification.LIKELY, [ONE], True),
        (Verification.LIKELY, [TARGET], False),
        (Verification.POSSIBLE, [TARGET], True),
        (Verification.UNKNOWN, [], True),
        (Verification.UNLIKELY, [ONE], True),
    ],
)
def test_a_verification_is_borne_out_by_enough_sources_that_speak_for_themselves(
    verification, sources, borne
):
    assert is_verification_supported(verification, sources) is borne

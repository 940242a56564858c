"""Valid combinations of values in an incident, and its primary type; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tracker.articles.codes import Bearing, Independence, SourceKind
from tracker.incidents import codes as incident_codes
from tracker.permissions import Actor, Permission
from tracker.review.codes import APPROVED_STATES, EditorialState

# The type of an abusive lawsuit: set by a monitor who assessed the criteria, never by the user who
# recorded the incident.
ABUSIVE_LAWSUIT_TYPE = "legal.slapp"
# The types of lawsuits that a monitor can assess as abusive, and the type that this assessment
# adds.
LAWSUIT_TYPES = frozenset(
    {"legal.civil", "legal.criminal", "legal.administrative", ABUSIVE_LAWSUIT_TYPE}
)
# The type with which a form of detention is recorded.
DETENTION_TYPE = "legal.detention"
# Types that are meaningless without a narrative.
TYPES_NEEDING_NARRATIVE = frozenset({"other", "intimidation.other"})
# The rank of the type for impersonating officials in an incident with other types. It is above all
# ranks in the vocabulary (the highest is 999, of `other`), so another type is the primary one.
IMPERSONATION_RANK = 1000
# Identities whose use is the impersonation of officials.
OFFICIAL_IDENTITIES = frozenset(
    {
        incident_codes.PurportedAs.POLICE,
        incident_codes.PurportedAs.SECURITY_SERVICE,
        incident_codes.PurportedAs.PROSECUTOR,
        incident_codes.PurportedAs.COURT,
        incident_codes.PurportedAs.MINISTRY,
        incident_codes.PurportedAs.LOCAL_EXECUTIVE,
        incident_codes.PurportedAs.REGULATOR,
        incident_codes.PurportedAs.MILITARY,
    }
)
MIN_REPEATED_OCCURRENCES = 2
MIN_SOURCES_TO_CONFIRM = 2


@dataclass(frozen=True, slots=True)
class CitedSource:
    """A cited source, as the check of a verification counts it. `counts_as`: the id of the article,
    or if the article repeats another one, the id of that other article.
    """

    counts_as: int
    kind: SourceKind
    independence: Independence
    bearing: Bearing


def type_ranks(types: Mapping[str, int]) -> dict[str, int]:
    """Return the rank of each type of one incident, by code: the rank in the vocabulary, but for
    impersonating officials the last one. `types`: the rank in the vocabulary of each type, by code.
    """
    if len(types) == 1:
        return dict(types)
    return {
        code: IMPERSONATION_RANK if code == incident_codes.OFFICIAL_IMPERSONATION_TYPE else rank
        for code, rank in types.items()
    }


def is_official_impersonation(purported_as: incident_codes.PurportedAs | None) -> bool:
    """Return whether actors who posed as `purported_as` impersonated officials."""
    return purported_as in OFFICIAL_IDENTITIES


def may_write_summary(actor: Actor, state: EditorialState) -> bool:
    """Return whether the actor may write the public summary of an incident as a monitor: the
    incident must be in review, approved or published.

    Of an incident in review only together with its approval. Staff of the team write the summary in
    any state.
    """
    return actor.has_permission(Permission.REVIEW) and state in APPROVED_STATES | {
        EditorialState.IN_REVIEW
    }


def may_assess_lawsuit(actor: Actor, recorded_by_id: int | None) -> bool:
    """Return whether the actor may assess a lawsuit: a monitor who did not record the incident."""
    return actor.has_permission(Permission.REVIEW) and recorded_by_id not in {None, actor.id}


def is_valid_occurrence_count(
    extent: incident_codes.Extent, occurrences_at_least: int | None
) -> bool:
    """Return whether an incident of this extent may have this number of occurrences: only a
    repeated one has a number, at least 2.
    """
    if occurrences_at_least is None:
        return True
    return (
        extent is incident_codes.Extent.REPEATED
        and occurrences_at_least >= MIN_REPEATED_OCCURRENCES
    )


def is_valid_detention_form(codes: Collection[str], form: incident_codes.DetentionForm) -> bool:
    """Return whether a form of detention is valid for an incident with these type codes: only one
    with `DETENTION_TYPE` has a form.
    """
    return form is incident_codes.DetentionForm.NOT_APPLICABLE or DETENTION_TYPE in codes


def is_narrative_required(codes: Collection[str], narrative: str) -> bool:
    """Return whether one of these type codes needs a narrative and the narrative is empty."""
    return not TYPES_NEEDING_NARRATIVE.isdisjoint(codes) and not narrative.strip()


def is_attribution_required(actor_type: incident_codes.ActorType, name: str) -> bool:
    """Return whether an actor needs an attribution: one with a name, or of another type than
    unknown.
    """
    return actor_type is not incident_codes.ActorType.UNKNOWN or bool(name)


def is_valid_target_number(kind: incident_codes.TargetKind, number_at_least: int | None) -> bool:
    """Return whether a target of this kind may have this number: only a group has one."""
    return number_at_least is None or kind is incident_codes.TargetKind.UNNAMED_GROUP


def duplicate_target_positions(keys: Sequence[tuple[str, object]]) -> list[int]:
    """Return the positions in a list at which a target is the same as an earlier one. `keys`: for
    each target the `TargetKey` that identifies it.
    """
    return [place for place, key in enumerate(keys) if key in keys[:place]]


def is_verification_supported(
    verification: incident_codes.Verification, sources: Iterable[CitedSource]
) -> bool:
    """Return whether the sources support a verification: *confirmed* needs two independent sources,
    or one and a document or the authority's own words; *likely* needs one independent source; any
    other needs none.
    """
    supporting = [one for one in sources if one.bearing is Bearing.SUPPORTS]
    independent = {
        one.counts_as for one in supporting if one.independence is Independence.INDEPENDENT
    }
    if verification is incident_codes.Verification.LIKELY:
        return bool(independent)
    if verification is not incident_codes.Verification.CONFIRMED:
        return True
    # A party that is not the target is the authority, in its own words.
    firm = {
        one.counts_as
        for one in supporting
        if one.kind is SourceKind.DOCUMENT or one.independence is Independence.PARTY
    }
    return bool(independent) and len(independent | firm) >= MIN_SOURCES_TO_CONFIRM


def is_conflicting_link(
    kind: incident_codes.IncidentLinkKind,
    *,
    existing: Iterable[incident_codes.IncidentLinkKind],
    reverse: Iterable[incident_codes.IncidentLinkKind],
) -> bool:
    """Return whether a new link of this kind repeats or contradicts one between the same two
    incidents. `existing`: the kinds of the links in the same direction; `reverse`: in the other
    direction.
    """
    return kind in {*existing, *reverse}

"""How far a target's name may be shared, and which actors may be named; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tracker.incidents.codes import (
    ActorType,
    AttributedBy,
    Certainty,
    NameReach,
    NamingDecision,
    NamingScope,
    TargetRole,
)
from tracker.incidents.words import SEXUAL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

# Whoever says one of these is not to be named outside the team that keeps her record.
CLOSING = frozenset({NamingDecision.REFUSED, NamingDecision.WITHDRAWN})
# Reaches that are shared outside.
OUTSIDE = frozenset({NameReach.PARTNER, NameReach.INTERGOVERNMENTAL, NameReach.PUBLIC})
# How far a name must be free to go for a partner to read it.
LEAVES = (NameReach.PARTNER, NameReach.PUBLIC)
# And for the world to.
PUBLISHED = (NameReach.PUBLIC,)
AIMED_AT = frozenset({TargetRole.DIRECT, TargetRole.IMPERSONATED})
# Anyone who is known to have acted in one of these did so in office.
IN_OFFICE = frozenset(
    {
        ActorType.POLICE,
        ActorType.SECURITY_SERVICE,
        ActorType.PROSECUTOR,
        ActorType.COURT,
        ActorType.MINISTRY,
        ActorType.LOCAL_EXECUTIVE,
        ActorType.REGULATOR,
        ActorType.MILITARY,
    }
)


class WithheldNames(NamedTuple):
    """The people whose names must be withheld beside some sources."""

    targets: Sequence[Any]
    actors: Sequence[Any]


def decided_reach(
    decision: NamingDecision,
    scope: NamingScope | None,
    *,
    is_collateral: bool = False,
    is_minor: bool = False,
    is_sexual: bool = False,
    is_written: bool = False,
) -> NameReach:
    """Return how far a name may go by what was decided: those approached for somebody else, minors
    and targets of sexual acts are named outside by their written consent, or not at all.
    """
    if decision in CLOSING:
        return NameReach.TEAM
    reach = {
        NamingDecision.PUBLIC_RECORD: NameReach.PUBLIC,
        NamingDecision.CONSENTED: NameReach(scope.value) if scope else NameReach.HOUSE,
    }.get(decision, NameReach.HOUSE)
    agreed_in_writing = decision is NamingDecision.CONSENTED and is_written
    if (is_collateral or is_minor or is_sexual) and not agreed_in_writing:
        return NameReach.HOUSE
    return reach


def is_collateral(role: TargetRole) -> bool:
    """Return whether a target was not aimed at, but reached because of somebody else."""
    return role not in AIMED_AT


def is_sexual(codes: Collection[str]) -> bool:
    """Return whether an incident of these types is a sexual act."""
    return not SEXUAL.isdisjoint(codes)


def is_closed(target: Any) -> bool:  # noqa: ANN401 (an IncidentTarget)
    """Return whether a target is named in no file, by the decision here or elsewhere."""
    withheld = target.journalist is not None and target.journalist.is_withheld
    return target.name_reach is NameReach.TEAM or withheld


def adjusted_reach(reach: NameReach, *, was_guarded: bool, is_guarded: bool) -> NameReach:
    """Return the reach of a name after the types or the role changed, without knowing on what it
    was decided: who becomes one of those named by written consent alone stays inside the
    organisation until somebody looks at the decision again.
    """
    return NameReach.HOUSE if is_guarded and not was_guarded and reach in OUTSIDE else reach


def is_named_outside(actor: Any) -> bool:  # noqa: ANN401 (an IncidentActor)
    """Return whether a perpetrator may be named outside the organisation."""
    if actor.certainty is not Certainty.KNOWN:
        return False
    return actor.attributed_by is AttributedBy.JUDGMENT or actor.actor_type in IN_OFFICE


def unnameable_actors(actors: Iterable[Any]) -> list[Any]:
    """Return the actors with a name that may not be shared outside."""
    return [one for one in actors if one.name and not is_named_outside(one)]


def is_known_by_one_word(actor: Any) -> bool:  # noqa: ANN401 (as above)
    """Return whether one word of the name is the actor: a person's surname is, "News" is not."""
    return actor.actor_type is ActorType.PRIVATE_PERSON

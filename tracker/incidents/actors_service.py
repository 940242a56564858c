"""Actors of an incident: who did it, whom they posed as, on whose word, and what part they had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.audit.service import audited
from tracker.errors import InvalidInput, NotFound, Refused
from tracker.i18n import _
from tracker.incidents.codes import ActorType, Certainty
from tracker.incidents.models import IncidentActor
from tracker.incidents.publication_service import withdraw_if_named
from tracker.incidents.rules import attribution_needed
from tracker.incidents.types_service import add_means
from tracker.permissions import Permission

if TYPE_CHECKING:
    from tracker.incidents.codes import AttributedBy, Degree, PurportedAs
    from tracker.incidents.models import Incident
    from tracker.permissions import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorFacts:
    """What is said of an actor; men who only say that they are police are of unknown type."""

    actor_type: ActorType = ActorType.UNKNOWN
    purported_as: PurportedAs | None = None
    certainty: Certainty = Certainty.UNKNOWN
    name: str = ""
    attributed_by: AttributedBy | None = None


def refuse_actor(facts: ActorFacts) -> None:
    """Raise InvalidInput where nobody's word is given for who did it."""
    if facts.attributed_by is None and attribution_needed(facts.actor_type, facts.name):
        raise InvalidInput(attributed_by=_("Say on whose word: the tracker accuses nobody itself."))


def new_actor(facts: ActorFacts) -> IncidentActor:
    """Return an actor; `refuse_actor` comes first."""
    actor = IncidentActor()
    _put(actor, facts)
    return actor


def add_actor(incident: Incident, facts: ActorFacts, *, by: Actor) -> None:
    """Add one more actor; posing as officials adds its type by itself."""
    refuse_actor(facts)
    with audited(incident, "incident:edit", by=by):
        incident.actors.append(new_actor(facts))
        add_means(incident)
        incident.revised(by=by)
    withdraw_if_named(incident, by=by)


def change_actor(incident: Incident, number: int, facts: ActorFacts, *, by: Actor) -> None:
    """Change what is said of an actor; the degree that a monitor set stays."""
    actor = actor_of(incident, number)
    refuse_actor(facts)
    with audited(incident, "incident:edit", by=by):
        _put(actor, facts)
        add_means(incident)
        incident.revised(by=by)
    withdraw_if_named(incident, by=by)


def remove_actor(incident: Incident, number: int, *, by: Actor) -> None:
    """Remove an actor that was entered by mistake; the types stay."""
    actor = actor_of(incident, number)
    with audited(incident, "incident:edit", by=by):
        incident.actors.remove(actor)
        incident.revised(by=by)


def set_degree(incident: Incident, number: int, degree: Degree | None, *, by: Actor) -> None:
    """Say, as a monitor, what part an actor had."""
    if not by.may(Permission.REVIEW):
        raise Refused(_("What part an actor had is said by monitors."))
    actor = actor_of(incident, number)
    with audited(incident, "incident:assess", by=by):
        actor.degree = degree
        incident.revised(by=by)


def actor_of(incident: Incident, number: int) -> IncidentActor:
    """Return an actor of the incident; raise NotFound otherwise."""
    actor = next((one for one in incident.actors if one.id == number), None)
    if actor is None:
        raise NotFound
    return actor


def _put(actor: IncidentActor, facts: ActorFacts) -> None:
    actor.actor_type, actor.purported_as = facts.actor_type, facts.purported_as
    actor.certainty, actor.name = facts.certainty, facts.name
    actor.attributed_by = facts.attributed_by

"""How incidents stand to each other, and where they stand in other people's lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.audit.service import audited
from tracker.errors import InvalidInput, NotFound
from tracker.i18n import _
from tracker.incidents.models import IncidentLink, IncidentReference
from tracker.incidents.rules import link_clashes
from tracker.people.rules import is_web_address

if TYPE_CHECKING:
    from tracker.incidents.codes import IncidentLinkKind
    from tracker.incidents.models import Incident
    from tracker.permissions import Actor


def add_link(
    incident: Incident, other: Incident | None, *, kind: IncidentLinkKind, by: Actor
) -> None:
    """Say how an incident stands to another one; the other's page shows the inverse."""
    if other is None:
        raise InvalidInput(other=_("There is no such incident, or it is not for you."))
    if other is incident:
        raise InvalidInput(other=_("An incident is not linked to itself."))
    there = [link.kind for link in incident.links if link.other_id == other.id]
    back = [link.kind for link in other.links if link.other_id == incident.id]
    if link_clashes(kind, there=there, back=back):
        raise InvalidInput(other=_("These two incidents are linked in this way already."))
    with audited(incident, "incident:edit", by=by):
        incident.links.append(IncidentLink(other=other, kind=kind))
        incident.revised(by=by)


def remove_link(incident: Incident, number: int, *, by: Actor) -> None:
    """Remove a link that was made by mistake."""
    link = next((one for one in incident.links if one.id == number), None)
    if link is None:
        raise NotFound
    with audited(incident, "incident:edit", by=by):
        incident.links.remove(link)
        incident.revised(by=by)


def add_reference(
    incident: Incident, *, scheme: str, identifier: str, url: str = "", by: Actor
) -> None:
    """Say which entry of somebody else's list is the same incident."""
    if url and not is_web_address(url):
        raise InvalidInput(url=_("This is not the address of a web page (https://…)."))
    if any((one.scheme, one.identifier) == (scheme, identifier) for one in incident.references):
        raise InvalidInput(identifier=_("This reference is already here."))
    with audited(incident, "incident:edit", by=by):
        incident.references.append(IncidentReference(scheme=scheme, identifier=identifier, url=url))
        incident.revised(by=by)


def remove_reference(incident: Incident, number: int, *, by: Actor) -> None:
    """Remove a reference that was entered by mistake."""
    reference = next((one for one in incident.references if one.id == number), None)
    if reference is None:
        raise NotFound
    with audited(incident, "incident:edit", by=by):
        incident.references.remove(reference)
        incident.revised(by=by)

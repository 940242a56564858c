"""What hangs on journalists and outlets beside names: who works where, and other lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.audit.service import audited
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.people.models import (
    Affiliation,
    Journalist,
    JournalistReference,
    Outlet,
    OutletReference,
)
from tracker.people.names_service import act
from tracker.people.rules import is_web_address
from tracker.scoping import narrower

if TYPE_CHECKING:
    from tracker.permissions import Actor
    from tracker.when import When


def affiliate(
    journalist: Journalist, outlet: Outlet, *, when: When, position: str = "", by: Actor
) -> None:
    """Record that a journalist worked for an outlet, from when to when, as what."""
    if narrower(journalist.visibility, [outlet]):
        raise InvalidInput(
            **{"outlet-name": _("Everybody sees this journalist; this outlet is restricted.")}
        )
    with audited(journalist, act(journalist), by=by):
        journalist.affiliations.append(Affiliation(outlet=outlet, when=when, position=position))
        journalist.revised(by=by)


def remove_affiliation(journalist: Journalist, number: int, *, by: Actor) -> None:
    """Remove an affiliation entered by mistake, or to be entered again with other dates."""
    found = next((one for one in journalist.affiliations if one.id == number), None)
    if found is None:
        raise InvalidInput(position=_("This affiliation is no longer here."))
    with audited(journalist, act(journalist), by=by):
        journalist.affiliations.remove(found)
        journalist.revised(by=by)


def add_reference(
    record: Journalist | Outlet, *, scheme: str, identifier: str, url: str = "", by: Actor
) -> None:
    """Say which entry of somebody else's list is the same journalist or outlet."""
    if url and not is_web_address(url):
        raise InvalidInput(url=_("This is not the address of a web page (https://…)."))
    if any((one.scheme, one.identifier) == (scheme, identifier) for one in record.references):
        raise InvalidInput(identifier=_("This reference is already here."))
    with audited(record, act(record), by=by):
        if isinstance(record, Journalist):
            record.references.append(
                JournalistReference(scheme=scheme, identifier=identifier, url=url)
            )
        else:
            record.references.append(OutletReference(scheme=scheme, identifier=identifier, url=url))
        record.revised(by=by)


def remove_reference(record: Journalist | Outlet, number: int, *, by: Actor) -> None:
    """Remove a reference that was entered by mistake."""
    rows: list[JournalistReference | OutletReference] = [*record.references]
    found = next((one for one in rows if one.id == number), None)
    if found is None:
        raise InvalidInput(identifier=_("This reference is no longer here."))
    with audited(record, act(record), by=by):
        record.references.remove(found)  # type: ignore[arg-type]  # it came out of this very list
        record.revised(by=by)

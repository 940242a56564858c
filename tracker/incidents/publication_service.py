"""Publishing approved incidents, and withdrawing them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from tracker import clock
from tracker.audit.service import audited, record_event
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.incidents.guarded_models import Publication
from tracker.incidents.naming_queries import withheld_in_each
from tracker.incidents.naming_rules import PUBLISHED
from tracker.incidents.publication_rules import (
    blocking_reasons,
    closed_names_in,
    public_text,
    public_text_digest,
    withheld_names_in,
)
from tracker.incidents.queries import publication_of
from tracker.people.mention_queries import closed_journalists, names_of
from tracker.review.codes import EditorialState
from tracker.review.models import REVIEWED_STATES
from tracker.review.service import change_state, require_other_author
from tracker.scoping import system_session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.incidents.models import Incident
    from tracker.incidents.publication_rules import PublicText
    from tracker.permissions import Actor


def public_preview(incident: Incident) -> PublicText:
    """Return what the public would read of an incident."""
    return _texts_of([incident])[0]


def _texts_of(incidents: Sequence[Incident]) -> list[PublicText]:
    held_back = withheld_in_each([one.citations for one in incidents], PUBLISHED)
    return [public_text(one, told) for one, told in zip(incidents, held_back, strict=True)]


def missing_for_publication(
    incidents: Sequence[Incident], *, once_approved: bool = False
) -> list[list[str]]:
    """Return for each incident why `publish` refuses it; `once_approved`: as if it were approved,
    to be told before it is.

    Names that other teams closed are told by `publish` alone: else anyone who writes a name into a
    summary would learn from the page whether it is closed somewhere.
    """
    texts = _texts_of(incidents)
    closed = [names_of(one) for one in closed_journalists()]
    return [
        blocking_reasons(one, text, closed, once_approved=once_approved)
        for one, text in zip(incidents, texts, strict=True)
    ]


def names_withheld_person(incident: Incident) -> bool:
    """Return whether what the world would read names somebody whose name may not be published,
    as far as `missing_for_publication` tells.
    """
    text, closed = public_preview(incident), [names_of(one) for one in closed_journalists()]
    return bool(withheld_names_in(incident, text) or closed_names_in(text, closed))


def publish(incident: Incident, *, by: Actor) -> Publication:
    """Copy what the world may read of an approved incident; each time is one revision more.

    What was copied stays as it is when the incident changes, until it is published again.
    """
    require_other_author(incident, by=by)
    read = public_preview(incident)
    _raise_blocked(blocking_reasons(incident, read, _names_closed_by_teams()))
    text = asdict(read)
    with audited(incident, "incident:publish", by=by):
        # Here, where whoever closes a name at this moment has done so, or waits for the audit log.
        _raise_blocked(blocking_reasons(incident, read, _names_closed_by_teams()))
        published = publication_of(incident)
        if published is None:
            published = Publication(incident=incident, revision=0, **text)
            db.session.add(published)
        for name, value in text.items():
            setattr(published, name, value)
        published.revision += 1
        published.version, published.withdrawn_at = incident.version, None
        published.published_at, published.published_by_id = clock.now(), by.id
        change_state(incident, EditorialState.PUBLISHED, by=by)
        told = {
            "revision": published.revision,
            "sha256": public_text_digest(read),
            "at": published.published_at.isoformat(),
            "version": published.version,
        }
        record_event("publication:copy", incident.ref, by=by, changes=told)
    return published


def _names_closed_by_teams() -> list[list[str]]:
    """Return the names of each person whose name any team closed: what closing took back stays
    so.
    """
    with system_session("nobody whom any team closed is published", reading=True) as session:
        return [names_of(one) for one in closed_journalists(session)]


def _raise_blocked(reasons: Sequence[str]) -> None:
    if reasons:
        raise InvalidInput(version=" ".join(reasons))


def withdraw_if_named(incident: Incident, *, by: Actor) -> None:
    """Empty what was published of an incident where it names somebody who may be named there no
    longer: less was agreed to, the incident is one of those that need it in writing, or who is
    named is accused and neither in office nor convicted.
    """
    published = publication_of(incident)
    if published is not None and withheld_names_in(incident, published):
        withdraw_publication(incident, by=by)


def withdraw_publication(incident: Incident, *, by: Actor) -> None:
    """Withdraw the publication of an incident, if any; it must be reviewed again.

    Call it outside of any `audited` block of the same incident.
    """
    published = publication_of(incident)
    if published is None or published.withdrawn_at is not None:
        return
    with audited(incident, "review:draft", by=by):
        published.withdraw()
        if incident.state in REVIEWED_STATES:
            incident.state = EditorialState.DRAFT
            incident.approved_by_id = incident.approved_at = None
        # An entry of its own: the state of the incident may stay what it was.
        record_event("incident:withdraw", incident.ref, by=by)

"""Telling the world what a second person has approved, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.audit.service import audited, record_event
from tracker.incidents.queries import publication_of
from tracker.review.codes import EditorialState
from tracker.review.models import LOOKED_AT

if TYPE_CHECKING:
    from tracker.incidents.models import Incident
    from tracker.permissions import Actor


def withdraw_publication(incident: Incident, *, by: Actor) -> None:
    """Empty what was published of an incident, where something was; it goes through review again.

    Call it outside of any `audited` block of the same incident.
    """
    published = publication_of(incident)
    if published is None or published.withdrawn_at is not None:
        return
    with audited(incident, "review:draft", by=by):
        published.withdraw()
        if incident.state in LOOKED_AT:
            incident.state = EditorialState.DRAFT
            incident.approved_by_id = incident.approved_at = None
        # An entry of its own: the state of the incident may stay what it was.
        record_event("incident:withdraw", incident.ref, by=by)

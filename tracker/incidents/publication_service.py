"""Publishing approved incidents, and withdrawing them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from tracker import clock
from tracker.audit.service import audited, record_event
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.incidents.guarded_models import Publication
from tracker.incidents.naming_queries import held_back_beside_each
from tracker.incidents.naming_rules import PUBLISHED
from tracker.incidents.publication_rules import (
    closed_names_told,
    digest_of,
    names_told,
    public_text,
    reasons_against,
)
from tracker.incidents.queries import publication_of
from tracker.people.mention_queries import closed_journalists, names_of
from tracker.review.codes import EditorialState
from tracker.review.models import LOOKED_AT
from tracker.review.service import move, refuse_own_work
from tracker.scoping import system_session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.incidents.models import Incident
    from tracker.incidents.publication_rules import PublicText
    from tracker.permissions import Actor


def would_read(incident: Incident) -> PublicText:
    """Return what the public would read of an incident."""
    return _texts_of([incident])[0]


def _texts_of(incidents: Sequence[Incident]) -> list[PublicText]:
    held_back = held_back_beside_each([one.citations for one in incidents], PUBLISHED)
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
        reasons_against(one, text, closed, once_approved=once_approved)
        for one, text in zip(incidents, texts, strict=True)
    ]


def names_somebody(incident: Incident) -> bool:
    """Return whether what the world would read names somebody whose name may not be published,
    as far as `missing_for_publication` tells.
    """
    text, closed = would_read(incident), [names_of(one) for one in closed_journalists()]
    return bool(names_told(incident, text) or closed_names_told(text, closed))


def publish(incident: Incident, *, by: Actor) -> Publication:
    """Copy what the world may read of an approved incident; each time is one revision more.

    What was copied stays as it is when the incident changes, until it is published again.
    """
    refuse_own_work(incident, by=by)
    read = would_read(incident)
    _refuse(reasons_against(incident, read, _closed_by_any_team()))
    text = asdict(read)
    with audited(incident, "incident:publish", by=by):
        # Here, where whoever closes a name at this moment has done so, or waits for the audit log.
        _refuse(reasons_against(incident, read, _closed_by_any_team()))
        published = publication_of(incident)
        if published is None:
            published = Publication(incident=incident, revision=0, **text)
            db.session.add(published)
        for name, value in text.items():
            setattr(published, name, value)
        published.revision += 1
        published.version, published.withdrawn_at = incident.version, None
        published.published_at, published.published_by_id = clock.now(), by.id
        move(incident, EditorialState.PUBLISHED, by=by)
        told = {
            "revision": published.revision,
            "sha256": digest_of(read),
            "at": published.published_at.isoformat(),
            "version": published.version,
        }
        record_event("publication:copy", incident.ref, by=by, changes=told)
    return published


def _closed_by_any_team() -> list[list[str]]:
    """Return the names of each person whose name any team closed: what closing took back stays
    so.
    """
    with system_session("nobody whom any team closed is published", reading=True) as session:
        return [names_of(one) for one in closed_journalists(session)]


def _refuse(reasons: Sequence[str]) -> None:
    if reasons:
        raise InvalidInput(version=" ".join(reasons))


def withdraw_if_named(incident: Incident, *, by: Actor) -> None:
    """Empty what was published of an incident where it names somebody who may be named there no
    longer: less was agreed to, the incident is one of those that need it in writing, or who is
    named is accused and neither in office nor convicted.
    """
    published = publication_of(incident)
    if published is not None and names_told(incident, published):
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
        if incident.state in LOOKED_AT:
            incident.state = EditorialState.DRAFT
            incident.approved_by_id = incident.approved_at = None
        # An entry of its own: the state of the incident may stay what it was.
        record_event("incident:withdraw", incident.ref, by=by)

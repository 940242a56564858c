"""Closing a name to everybody outside the team that keeps it, all at once; and opening it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from tracker import clock
from tracker.articles.masking_service import mask
from tracker.audit.service import audited, record_event
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.incidents.closing_queries import (
    closing_of,
    incidents_naming,
    publications_naming,
)
from tracker.incidents.codes import NameReach
from tracker.incidents.guarded_models import TargetNaming
from tracker.incidents.models import IncidentTarget
from tracker.incidents.naming_rules import CLOSING, is_collateral, is_sexual, reach_of
from tracker.incidents.publication_service import withdraw_publication
from tracker.permissions import Visibility
from tracker.records import kinds_of_record
from tracker.scoping import seeing_all
from tracker.users.service import console_actor
from tracker.vocabulary.codes import Answer

if TYPE_CHECKING:
    from collections.abc import Collection

    from tracker.incidents.models import Incident
    from tracker.people.models import Journalist
    from tracker.permissions import Actor


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the person who closes a name was told of, and which records they keep to the team."""

    told: Collection[str] = ()
    kept: Collection[str] = ()


def close_name(journalist: Journalist, *, named_as: str, agreed: Agreed, by: Actor) -> None:
    """Let nobody outside her team read a journalist's name, wherever the team wrote it.

    One passage or record more than was told of is refused, and so is one that names her and is
    neither changed before nor kept to the team.
    """
    plan = closing_of(journalist)
    if not set(agreed.told) >= set(plan.refs()):
        raise InvalidInput(closing=_("Her name stands in more than listed. Read the list again."))
    left = [one.ref for one in plan.records if one.ref not in agreed.kept]
    if left:
        refs = ", ".join(left)
        raise InvalidInput(
            closing=_("Change these first, or keep them to the team: %(refs)s", refs=refs)
        )
    for article, spans in plan.articles:
        mask(article, spans, reason=_("A name that is not to be told"), by=by)
    for record in plan.records:
        with audited(record, f"{record.ENDPOINT.removesuffix('s')}:narrow", by=by):
            record.visibility = Visibility.RESTRICTED
    incidents = incidents_naming(journalist)
    for incident in incidents:
        withdraw_publication(incident, by=by)
        _set_reach(incident, journalist, NameReach.TEAM, named_as=named_as, by=by)
    former = {*plan.former, *(one.ref for one in incidents)}
    with audited(journalist, "journalist:close-name", by=by):
        journalist.visibility = Visibility.RESTRICTED
        journalist.name_closed_on = clock.today()
        journalist.updated_at = clock.now()
    _cut(former, by=by)
    with seeing_all("closing a name: what the world reads of her, of every team"):
        for published in publications_naming(journalist):
            is_own = published.incident.team_id == journalist.team_id
            # Who reads the record of another team is not told whose doing this is.
            withdraw_publication(published.incident, by=by if is_own else console_actor())


def open_name(journalist: Journalist, *, but: IncidentTarget, by: Actor) -> None:
    """Let a journalist be named again as far as was decided for each incident, unless something
    else than this target is closed. Her record stays with its team until somebody opens it.
    """
    namings = _namings_of(journalist)
    if any(one.decision in CLOSING for number, one in namings.items() if number != but.id):
        return
    with audited(journalist, "journalist:reopen-name", by=by):
        journalist.name_closed_on = None
        journalist.updated_at = clock.now()
    for incident in incidents_naming(journalist):
        for target in incident.targets:
            if target.journalist_id == journalist.id and target is not but:
                reach = reach_by(namings.get(target.id), incident, target)
                _set_reach(incident, journalist, reach, named_as="", by=by)


def _namings_of(journalist: Journalist) -> dict[int, TargetNaming]:
    hers = select(IncidentTarget.id).where(IncidentTarget.journalist_id == journalist.id)
    rows = select(TargetNaming).where(TargetNaming.target_id.in_(hers))
    return {row.target_id: row for row in db.session.scalars(rows)}


def reach_by(naming: TargetNaming | None, incident: Incident, target: IncidentTarget) -> NameReach:
    """Return how far a name may go by what was decided about it."""
    if naming is None:
        return NameReach.HOUSE
    return reach_of(
        naming.decision,
        naming.scope,
        is_collateral=is_collateral(target.role),
        is_minor=naming.is_minor is Answer.YES,
        is_sexual=is_sexual({row.term.code for row in incident.types}),
        is_written=naming.is_written is Answer.YES,
    )


def _set_reach(
    incident: Incident, journalist: Journalist, reach: NameReach, *, named_as: str, by: Actor
) -> None:
    """Say of one journalist how far her name goes: no revision of the text, it stays approved."""
    with audited(incident, "incident:naming", by=by):
        for target in incident.targets:
            if target.journalist_id == journalist.id:
                target.name_reach = reach
                target.named_as = target.named_as or named_as
        revised_if_told(incident)


def revised_if_told(incident: Incident) -> None:
    """Let an incident be a later revision where what others read of a target changes: else a file
    would tell them that something was decided.
    """
    if any(db.session.is_modified(target) for target in incident.targets):
        incident.updated_at = clock.now()


def _cut(refs: Collection[str], *, by: Actor) -> None:
    """Let others read nothing of what these records said before."""
    kinds = kinds_of_record()
    for ref in sorted(refs):
        kind = kinds[ref.partition("-")[0]].ENDPOINT.removesuffix("s")
        record_event(f"{kind}:close-name", ref, by=by)

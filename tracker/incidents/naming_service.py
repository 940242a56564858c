"""Deciding how far a target's name may be shared, redacting it everywhere, and undoing that."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from tracker import clock
from tracker.articles.masking_service import mask_passages
from tracker.audit.confidential_service import (
    confidential_row,
    delete_committed_fields,
    save_confidential,
)
from tracker.audit.service import audited, record_event
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.incidents.codes import NameReach, NamingDecision, NamingScope, TargetKind
from tracker.incidents.guarded_models import TargetNaming
from tracker.incidents.models import IncidentTarget
from tracker.incidents.naming_queries import (
    incidents_naming,
    name_redaction_of,
    publications_naming,
)
from tracker.incidents.naming_rules import CLOSING, decided_reach, is_collateral, is_sexual
from tracker.incidents.publication_service import withdraw_if_named, withdraw_publication
from tracker.people.mention_queries import names_of
from tracker.people.mention_rules import find_mentions
from tracker.permissions import Visibility
from tracker.records import record_models
from tracker.scoping import viewing_everything
from tracker.users.service import console_actor
from tracker.vocabulary.codes import Answer

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from tracker.incidents.models import Incident
    from tracker.people.models import Journalist
    from tracker.permissions import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class NamingInput:
    """What was decided about naming a target, on what ground."""

    decision: NamingDecision = NamingDecision.NOT_ASKED
    scope: NamingScope | None = None
    decided_on: date | None = None
    how_asked: str = ""
    is_written: Answer = Answer.UNKNOWN
    is_minor: Answer = Answer.UNKNOWN


def closes_name(target: IncidentTarget, decided: NamingInput) -> bool:
    """Return whether this closes a name that is still open."""
    journalist = target.journalist
    return (
        decided.decision in CLOSING
        and target.kind is TargetKind.JOURNALIST
        and journalist is not None
        and not journalist.is_withheld
    )


def validate_decision(
    incident: Incident, target: IncidentTarget, decided: NamingInput, *, named_as: str
) -> None:
    """Raise InvalidInput for a decision that cannot be, or cannot be carried out here."""
    if (decided.decision is NamingDecision.CONSENTED) != (decided.scope is not None):
        raise InvalidInput(scope=_("Who agreed has said to whom; nobody else has."))
    if decided.decided_on and decided.decided_on > clock.today():
        raise InvalidInput(decided_on=_("This day has not come yet."))
    journalist = target.journalist
    if journalist is not None and find_mentions(named_as, names_of(journalist), alone=True):
        raise InvalidInput(named_as=_("These words name her: say what she is and where instead."))
    if decided.decision not in CLOSING:
        return
    if target.kind is not TargetKind.JOURNALIST:
        raise InvalidInput(
            decision=_(
                "There is no record of hers to close: describe the target in words that name "
                "nobody, and nothing has to be closed."
            )
        )
    if journalist is None or journalist.team_id != incident.team_id:
        raise InvalidInput(
            decision=_(
                "Another team keeps her record: enter her as a journalist of your own team, only "
                "for its eyes, put that record in the place of this one, and then close the name."
            )
        )
    if not named_as:
        raise InvalidInput(
            named_as=_("Say what stands for the name, such as “an editor in Almaty”.")
        )


def decide_naming(
    incident: Incident,
    target: IncidentTarget,
    decided: NamingInput,
    *,
    named_as: str,
    agreed: RedactionConsent,
    by: Actor,
) -> None:
    """Save a naming decision and its reach. The incident stays approved."""
    validate_decision(incident, target, decided, named_as=named_as)
    is_closing = closes_name(target, decided)
    naming = confidential_row(target, TargetNaming)
    has_closed = naming.decision in CLOSING
    save_confidential(
        target,
        naming,
        asdict(decided),
        act="incident:naming",
        subject=incident.ref,
        by=by,
    )
    with audited(incident, "incident:naming", by=by):
        target.named_as = named_as
        target.name_reach = reach_of_decision(naming, incident, target)
        revise_if_shared(incident)
    withdraw_if_named(incident, by=by)
    journalist = target.journalist
    if is_closing and journalist is not None:
        close_name(journalist, named_as=named_as, agreed=agreed, by=by)
    elif has_closed and journalist is not None and decided.decision not in CLOSING:
        open_name(journalist, but=target, by=by)


def delete_naming(target: IncidentTarget) -> None:
    """Delete the naming decision of a target that is about to be removed."""
    db.session.execute(delete(TargetNaming).where(TargetNaming.target_id == target.id))
    # No erasure finds them later: nothing leads from her to this incident any more.
    ref, parts = target.incident.ref, [TargetNaming.part(target.id)]
    delete_committed_fields([ref], TargetNaming.ACT, TargetNaming.FREE_TEXT, parts=parts)


@dataclass(frozen=True, slots=True)
class RedactionConsent:
    """What the person redacting a name was shown, and which records they restrict to the team."""

    told: Collection[str] = ()
    kept: Collection[str] = ()


def close_name(
    journalist: Journalist, *, named_as: str, agreed: RedactionConsent, by: Actor
) -> None:
    """Hide a journalist's name from everybody outside her team, wherever the team wrote it.

    One passage or record more than was told of is refused, and so is one that names her and is
    neither changed before nor kept to the team.
    """
    plan = name_redaction_of(journalist)
    if not set(agreed.told) >= set(plan.refs()):
        raise InvalidInput(closing=_("Her name stands in more than listed. Read the list again."))
    left = [one.ref for one in plan.records if one.ref not in agreed.kept]
    if left:
        refs = ", ".join(left)
        raise InvalidInput(
            closing=_("Change these first, or keep them to the team: %(refs)s", refs=refs)
        )
    for article, spans in plan.articles:
        mask_passages(article, spans, reason=_("A name that is not to be told"), by=by)
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
    _hide_history(former, by=by)
    with viewing_everything("closing a name: what the world reads of her, of every team"):
        for published in publications_naming(journalist):
            is_own = published.incident.team_id == journalist.team_id
            # Who reads the record of another team is not told whose doing this is.
            withdraw_publication(published.incident, by=by if is_own else console_actor())


def open_name(journalist: Journalist, *, but: IncidentTarget, by: Actor) -> None:
    """Undo the redaction of a name, as far as the decision in each incident allows."""
    namings = _namings_of(journalist)
    if any(one.decision in CLOSING for number, one in namings.items() if number != but.id):
        return
    with audited(journalist, "journalist:reopen-name", by=by):
        journalist.name_closed_on = None
        journalist.updated_at = clock.now()
    for incident in incidents_naming(journalist):
        for target in incident.targets:
            if target.journalist_id == journalist.id and target is not but:
                reach = reach_of_decision(namings.get(target.id), incident, target)
                _set_reach(incident, journalist, reach, named_as="", by=by)


def _namings_of(journalist: Journalist) -> dict[int, TargetNaming]:
    hers = select(IncidentTarget.id).where(IncidentTarget.journalist_id == journalist.id)
    rows = select(TargetNaming).where(TargetNaming.target_id.in_(hers))
    return {row.target_id: row for row in db.session.scalars(rows)}


def reach_of_decision(
    naming: TargetNaming | None, incident: Incident, target: IncidentTarget
) -> NameReach:
    """Return how far a name may go by what was decided about it."""
    if naming is None:
        return NameReach.HOUSE
    return decided_reach(
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
    """Set the reach of one journalist's name in an incident, which stays approved."""
    with audited(incident, "incident:naming", by=by):
        for target in incident.targets:
            if target.journalist_id == journalist.id:
                target.name_reach = reach
                target.named_as = target.named_as or named_as
        revise_if_shared(incident)


def revise_if_shared(incident: Incident) -> None:
    """Let an incident be a later revision where what others read of a target changes: else a file
    would tell them that something was decided.
    """
    if any(db.session.is_modified(target) for target in incident.targets):
        incident.updated_at = clock.now()


def _hide_history(refs: Collection[str], *, by: Actor) -> None:
    """Hide the earlier history of these records from others."""
    kinds = record_models()
    for ref in sorted(refs):
        kind = kinds[ref.partition("-")[0]].ENDPOINT.removesuffix("s")
        record_event(f"{kind}:close-name", ref, by=by)

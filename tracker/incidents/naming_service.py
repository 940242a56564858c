"""What is decided about naming a target, and its effect: how far her name may go from now on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete

from tracker import clock
from tracker.audit.confidential_service import confidential_of, forget_fields, keep_confidential
from tracker.audit.service import audited
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.incidents.closing_service import (
    Agreed,
    close_name,
    open_name,
    reach_by,
    revised_if_told,
)
from tracker.incidents.codes import NamingDecision, NamingScope, TargetKind
from tracker.incidents.guarded_models import TargetNaming
from tracker.incidents.naming_rules import CLOSING
from tracker.incidents.publication_service import withdraw_if_named
from tracker.people.mention_queries import names_of
from tracker.people.mention_rules import mentions
from tracker.vocabulary.codes import Answer

if TYPE_CHECKING:
    from datetime import date

    from tracker.incidents.models import Incident, IncidentTarget
    from tracker.permissions import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What was decided about naming a target, on what ground."""

    decision: NamingDecision = NamingDecision.NOT_ASKED
    scope: NamingScope | None = None
    decided_on: date | None = None
    how_asked: str = ""
    is_written: Answer = Answer.UNKNOWN
    is_minor: Answer = Answer.UNKNOWN


def closes(target: IncidentTarget, decided: Decided) -> bool:
    """Say whether this closes a name that is still open."""
    journalist = target.journalist
    return (
        decided.decision in CLOSING
        and target.kind is TargetKind.JOURNALIST
        and journalist is not None
        and not journalist.is_withheld
    )


def refuse_decision(
    incident: Incident, target: IncidentTarget, decided: Decided, *, named_as: str
) -> None:
    """Raise InvalidInput for a decision that cannot be, or cannot be carried out here."""
    if (decided.decision is NamingDecision.CONSENTED) != (decided.scope is not None):
        raise InvalidInput(scope=_("Who agreed has said to whom; nobody else has."))
    if decided.decided_on and decided.decided_on > clock.today():
        raise InvalidInput(decided_on=_("This day has not come yet."))
    journalist = target.journalist
    if journalist is not None and mentions(named_as, names_of(journalist), alone=True):
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
    decided: Decided,
    *,
    named_as: str,
    agreed: Agreed,
    by: Actor,
) -> None:
    """Write down what was decided, and let the name go that far; only a decision that closed a name
    opens it when it is changed. The text of the incident stays as it is, and so approved.
    """
    refuse_decision(incident, target, decided, named_as=named_as)
    is_closing = closes(target, decided)
    naming = confidential_of(target, TargetNaming)
    has_closed = naming.decision in CLOSING
    keep_confidential(
        target,
        naming,
        asdict(decided),
        act="incident:naming",
        subject=incident.ref,
        by=by,
    )
    with audited(incident, "incident:naming", by=by):
        target.named_as = named_as
        target.name_reach = reach_by(naming, incident, target)
        revised_if_told(incident)
    withdraw_if_named(incident, by=by)
    journalist = target.journalist
    if is_closing and journalist is not None:
        close_name(journalist, named_as=named_as, agreed=agreed, by=by)
    elif has_closed and journalist is not None and decided.decision not in CLOSING:
        open_name(journalist, but=target, by=by)


def forget_naming(target: IncidentTarget) -> None:
    """Delete what was decided about a target that is about to be removed."""
    db.session.execute(delete(TargetNaming).where(TargetNaming.target_id == target.id))
    # No erasure finds them later: nothing leads from her to this incident any more.
    ref, parts = target.incident.ref, [TargetNaming.part(target.id)]
    forget_fields([ref], TargetNaming.ACT, TargetNaming.FREE_TEXT, parts=parts)

"""What is decided about naming a target, and its effect: how far her name may go from now on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete

from tracker import clock
from tracker.audit.confidential_service import confidential_of, keep_confidential
from tracker.audit.service import audited
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.incidents.closing_service import Agreed, close_name, open_name
from tracker.incidents.codes import NamingDecision, NamingScope, TargetKind
from tracker.incidents.guarded_models import TargetNaming
from tracker.incidents.naming_rules import CLOSING, is_collateral, is_sexual, reach_of
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
    """Write down what was decided, and let the name go that far. The text of the incident is not
    changed by it, and stays approved.
    """
    refuse_decision(incident, target, decided, named_as=named_as)
    is_closing = closes(target, decided)
    keep_confidential(
        target,
        confidential_of(target, TargetNaming),
        asdict(decided),
        act="incident:naming",
        subject=incident.ref,
        by=by,
    )
    with audited(incident, "incident:naming", by=by):
        target.named_as = named_as
        target.name_reach = reach_of(
            decided.decision,
            decided.scope,
            is_collateral=is_collateral(target.role),
            is_minor=decided.is_minor is Answer.YES,
            is_sexual=is_sexual({row.term.code for row in incident.types}),
            is_written=decided.is_written is Answer.YES,
        )
        incident.updated_at = clock.now()
    journalist = target.journalist
    if is_closing and journalist is not None:
        close_name(journalist, named_as=named_as, agreed=agreed, by=by)
    elif journalist is not None and journalist.is_withheld and decided.decision not in CLOSING:
        open_name(journalist, but=target, by=by)


def forget_naming(target: IncidentTarget) -> None:
    """Delete what was decided about a target that is about to be removed."""
    db.session.execute(delete(TargetNaming).where(TargetNaming.target_id == target.id))

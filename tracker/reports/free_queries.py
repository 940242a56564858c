"""Whose name may leave the house, and what spells no other: by the records of every team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from tracker.db import db
from tracker.fake_accounts.models import (
    AccountCitation,
    AccountImpersonation,
    FakeAccountEvent,
    IncidentAccount,
)
from tracker.incidents.codes import TargetKind
from tracker.incidents.models import Incident, IncidentCitation, IncidentTarget
from tracker.incidents.naming_queries import holds_back
from tracker.incidents.naming_rules import LEAVES
from tracker.permissions import Visibility
from tracker.responses.models import (
    AppealCitation,
    AppealIncident,
    ProceedingCitation,
    ProceedingIncident,
    ProceedingParty,
    ProceedingStep,
    ResponseAnswer,
    ResponseCitation,
)
from tracker.scoping import system_session

if TYPE_CHECKING:
    from sqlalchemy import Select

    from tracker.articles.models import Citation
    from tracker.incidents.models import JoinsIncident


class Free(NamedTuple):
    """The ids of whom a file may name outside the house, and of what spells no other name."""

    journalists: list[int]
    accounts: list[int]
    articles: list[int]


def free() -> Free:
    """Return what is free to leave: by what everybody in the house sees, unless a record of any
    team keeps somebody back. It is the same whoever exports.
    """
    accounts = _about(IncidentAccount, _is_shown()).where(
        IncidentAccount.account_id.not_in(_about(IncidentAccount, _kept_back())),
        IncidentAccount.account_id.not_in(_posing()),
    )
    articles = _told_of(_is_shown()).where(
        IncidentCitation.article_id.not_in(_told_of(_kept_back())),
        *(IncidentCitation.article_id.not_in(one) for one in _told_elsewhere()),
    )
    with system_session("whose name may leave the house", reading=True) as session:
        wanted = (_nameable(), accounts, articles)
        return Free(*(list(session.scalars(one.distinct())) for one in wanted))


def names_held(incidents: Select[Any]) -> tuple[int, list[str]]:
    """Return of how many people the name is held back that some incidents let go, and the refs of
    the incidents that do: only of what the viewer may see, whatever else holds a name back.
    """
    let_go = select(IncidentTarget.journalist_id).where(
        IncidentTarget.incident_id.in_(incidents),
        IncidentTarget.journalist_id.is_not(None),
        IncidentTarget.name_reach.in_(LEAVES),
    )
    rows = select(IncidentTarget.journalist_id, Incident.ref).join(IncidentTarget.incident)
    held = rows.where(IncidentTarget.journalist_id.in_(let_go), holds_back(IncidentTarget))
    found = db.session.execute(held).all()
    return len({number for number, _ref in found}), sorted({ref for _number, ref in found})


def _is_shown() -> Any:  # noqa: ANN401 (a condition)
    """Return the condition that everybody in the house sees a target."""
    return IncidentTarget.visibility == Visibility.INTERNAL


def _kept_back() -> Any:  # noqa: ANN401 (a condition)
    """Return the condition that a target is somebody whose name does not leave."""
    is_somebody = or_(
        IncidentTarget.journalist_id.is_not(None), IncidentTarget.outlet_id.is_not(None)
    )
    return and_(is_somebody, IncidentTarget.name_reach.not_in(LEAVES))


def _about(joins: type[JoinsIncident], condition: Any) -> Select[Any]:  # noqa: ANN401 (a condition)
    """Select the records of a kind that are about an incident with such a target, or were used in
    one.
    """
    rows = select(getattr(joins, f"{joins.OWNER}_id")).join(
        IncidentTarget, IncidentTarget.incident_id == joins.incident_id
    )
    return rows.where(condition)


def _told_of(*conditions: Any) -> Select[Any]:  # noqa: ANN401 (conditions)
    """Select the sources of an incident with such a target."""
    rows = select(IncidentCitation.article_id).join(
        IncidentTarget, IncidentTarget.incident_id == IncidentCitation.record_id
    )
    return rows.where(*conditions)


def _told_elsewhere() -> list[Select[Any]]:
    """Select the sources that tell of somebody who may not be named by another record than an
    incident: by any that is about one with them, or was used there, by an account that poses as
    them, or by a proceeding that concerns them.
    """
    concerning = select(ProceedingParty.proceeding_id).where(_is_unnamed(ProceedingParty))
    accounts = _posing().union(_about(IncidentAccount, _kept_back()))
    proceedings = concerning.union(_about(ProceedingIncident, _kept_back()))
    telling: list[tuple[type[Citation], Any]] = [
        (AccountCitation, accounts),
        (ProceedingCitation, proceedings),
        (ResponseCitation, _about(ResponseAnswer, _kept_back())),
        (AppealCitation, _about(AppealIncident, _kept_back())),
    ]
    event, step = FakeAccountEvent.article_id, ProceedingStep.article_id
    return [
        *(select(one.article_id).where(one.record_id.in_(of)) for one, of in telling),
        select(event).where(event.is_not(None), FakeAccountEvent.account_id.in_(accounts)),
        select(step).where(step.is_not(None), ProceedingStep.proceeding_id.in_(proceedings)),
    ]


def _posing() -> Select[Any]:
    """Select the accounts that pose as somebody who may not be named."""
    return select(AccountImpersonation.account_id).where(_is_unnamed(AccountImpersonation))


def _is_unnamed(of: type[AccountImpersonation | ProceedingParty]) -> Any:  # noqa: ANN401 (a condition)
    """Return the condition that a row means somebody who may not be named."""
    named_outlets = select(IncidentTarget.outlet_id).where(
        _is_shown(),
        IncidentTarget.kind == TargetKind.OUTLET,
        IncidentTarget.outlet_id.is_not(None),
        IncidentTarget.name_reach.in_(LEAVES),
    )
    return or_(
        and_(of.journalist_id.is_not(None), of.journalist_id.not_in(_nameable())),
        and_(of.outlet_id.is_not(None), of.outlet_id.not_in(named_outlets)),
    )


def _nameable() -> Select[Any]:
    """Select the journalists whose every naming decision lets the name leave; there is one."""
    other = aliased(IncidentTarget)
    kept = select(other.journalist_id).where(other.journalist_id.is_not(None), holds_back(other))
    return select(IncidentTarget.journalist_id).where(
        _is_shown(),
        IncidentTarget.journalist_id.is_not(None),
        IncidentTarget.journalist_id.not_in(kept),
    )

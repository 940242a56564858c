"""What an institution answered and was asked, and how its answers stand to what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, or_, select

from tracker.cases.models import CaseIncident, CaseResponse
from tracker.db import db
from tracker.fake_accounts.models import FakeAccount, FakeAccountEvent, IncidentAccount
from tracker.incidents.models import Incident
from tracker.responses.appeal_models import Appeal, AppealIncident
from tracker.responses.codes import AnswerScope, Stance
from tracker.responses.models import OfficialResponse, ResponseAnswer
from tracker.responses.proceeding_models import Proceeding, ProceedingIncident, ProceedingStep
from tracker.review.queries import counts
from tracker.timelines.loading_queries import Ids, Told, told

if TYPE_CHECKING:
    from tracker.people.models import Institution


def facts_of_institution(institution: Institution) -> Told:
    """Return what a body answered, did and was asked, and the incidents that this is about."""
    mine = institution.id
    spoke = select(OfficialResponse.id).where(OfficialResponse.institution_id == mine)
    # What it answered for another body that was asked, it answered; it was not asked itself.
    asked = select(Appeal.id).where(
        or_(Appeal.institution_id == mine, Appeal.response_id.in_(spoke))
    )
    led = select(Proceeding.id).where(
        or_(
            Proceeding.institution_id == mine,
            Proceeding.steps.any(ProceedingStep.institution_id == mine),
        )
    )
    blocked = select(FakeAccountEvent.account_id).where(FakeAccountEvent.institution_id == mine)
    about = [
        select(ResponseAnswer.incident_id).where(ResponseAnswer.response_id.in_(spoke)),
        select(AppealIncident.incident_id).where(AppealIncident.appeal_id.in_(asked)),
        select(ProceedingIncident.incident_id).where(ProceedingIncident.proceeding_id.in_(led)),
        select(IncidentAccount.incident_id).where(IncidentAccount.account_id.in_(blocked)),
        _in_cases_answered(spoke),
    ]
    return told(
        Ids(
            incidents=select(Incident.id).where(or_(*(Incident.id.in_(one) for one in about))),
            filed={
                OfficialResponse: spoke, Appeal: asked, Proceeding: led, FakeAccount: blocked,
            },
            only_filed=True,
        )
    )  # fmt: skip


def stances_of(institution: Institution) -> list[tuple[Stance, int]]:
    """Return how often the answers of a body took which primary stance, the most frequent first."""
    number = func.count(OfficialResponse.id)
    rows = (
        select(OfficialResponse.stance, number)
        .where(OfficialResponse.institution_id == institution.id, counts(OfficialResponse))
        .group_by(OfficialResponse.stance)
        .order_by(number.desc(), OfficialResponse.stance)
    )
    return [(row[0], row[1]) for row in db.session.execute(rows)]


def _in_cases_answered(spoke: Select[Any]) -> Select[Any]:
    """Return the incidents of the cases that some responses answer as a whole."""
    return (
        select(CaseIncident.incident_id)
        .join(CaseResponse, CaseResponse.case_id == CaseIncident.case_id)
        .join(CaseResponse.response)
        .where(
            CaseResponse.response_id.in_(spoke),
            OfficialResponse.answers_scope == AnswerScope.CASE,
        )
    )

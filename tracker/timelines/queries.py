"""The facts of a case, a person, an outlet or an incident, in a number of queries that stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from tracker.articles.models import Article
from tracker.cases.queries import SHELVES, account_ids_of, incident_ids_of, response_ids_of
from tracker.db import db
from tracker.fake_accounts.models import (
    AccountImpersonation,
    FakeAccount,
    FakeAccountEvent,
    IncidentAccount,
)
from tracker.incidents.models import Incident, IncidentTarget
from tracker.responses.models import OfficialResponse, ResponseAct, ResponseAnswer
from tracker.timelines.facts import facts_of_account, facts_of_incident, facts_of_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.cases.models import Case
    from tracker.cases.queries import Shelf
    from tracker.people.models import Journalist, Outlet
    from tracker.timelines.build import Fact

# A picture of more is no picture; the lists of records have them all.
MOST_OF_A_KIND = 300


@dataclass(frozen=True, slots=True)
class Told:
    """The facts found; `is_cut`: there are older ones, which are not among them."""

    facts: list[Fact]
    is_cut: bool


def facts_of_case(case: Case) -> Told:
    """Return the facts of everything filed in a case."""
    return _told(incident_ids_of(case), account_ids_of(case), response_ids_of(case))


def facts_of_journalist(journalist: Journalist) -> Told:
    """Return what was done to a journalist or in her name, and what was answered."""
    incidents = select(IncidentTarget.incident_id).where(
        IncidentTarget.journalist_id == journalist.id
    )
    accounts = select(AccountImpersonation.account_id).where(
        AccountImpersonation.journalist_id == journalist.id
    )
    return _told(
        incidents,
        accounts,
        _answers_to(incidents),
        is_told=lambda target: target.journalist_id == journalist.id,
    )


def facts_of_outlet(outlet: Outlet) -> Told:
    """Return what was done to an outlet, to its people or in its name, and what was answered."""
    incidents = select(IncidentTarget.incident_id).where(IncidentTarget.outlet_id == outlet.id)
    accounts = select(AccountImpersonation.account_id).where(
        AccountImpersonation.outlet_id == outlet.id
    )
    return _told(
        incidents,
        accounts,
        _answers_to(incidents),
        is_told=lambda target: target.outlet_id == outlet.id,
    )


def facts_of_one_incident(incident: Incident) -> Told:
    """Return an incident with the accounts used in it and the responses that answer it."""
    one = select(Incident.id).where(Incident.id == incident.id)
    accounts = select(IncidentAccount.account_id).where(IncidentAccount.incident_id == incident.id)
    return _told(one, accounts, _answers_to(one))


def latest(shelf: Shelf, limit: int) -> list[Any]:
    """Return the records of a kind that were logged last."""
    rows = select(shelf.kind).order_by(shelf.kind.recorded_at.desc(), shelf.kind.ref).limit(limit)
    return list(db.session.scalars(rows.options(*shelf.for_a_line())).unique())


def is_empty() -> bool:
    """Say whether the viewer sees no source and no record at all."""
    kinds: list[Any] = [Article, *(shelf.kind for shelf in SHELVES)]
    return not any(db.session.scalar(select(kind.id).limit(1)) for kind in kinds)


def _answers_to(incident_ids: Select[int]) -> Select[int]:
    return select(ResponseAnswer.response_id).where(ResponseAnswer.incident_id.in_(incident_ids))


def _told(
    incident_ids: Select[Any],
    account_ids: Select[int],
    response_ids: Select[int],
    *,
    is_told: Callable[[IncidentTarget], bool] = lambda _target: True,
) -> Told:
    incidents = _newest(
        Incident, incident_ids, (Incident.latest, Incident.earliest), _of_incident()
    )
    accounts = _newest(FakeAccount, account_ids, (FakeAccount.recorded_at,), _of_account())
    responses = _newest(
        OfficialResponse,
        response_ids,
        (OfficialResponse.latest, OfficialResponse.earliest),
        _of_response(),
    )
    facts: list[Fact] = []
    for incident in incidents[:MOST_OF_A_KIND]:
        facts.extend(facts_of_incident(incident, is_told))
    for account in accounts[:MOST_OF_A_KIND]:
        facts.extend(facts_of_account(account))
    for response in responses[:MOST_OF_A_KIND]:
        facts.extend(facts_of_response(response))
    return Told(facts, max(map(len, (incidents, accounts, responses))) > MOST_OF_A_KIND)


def _newest(
    model: type[Any], ids: Select[Any], order: tuple[Any, ...], options: list[Any]
) -> list[Any]:
    """Return the newest records of these ids, one more than are told, so that a cut is known."""
    rows = (
        select(model)
        .where(model.id.in_(ids))
        .order_by(*(column.desc() for column in (*order, model.ref)))
        .limit(MOST_OF_A_KIND + 1)
        .options(*options)
    )
    return list(db.session.scalars(rows).unique())


def _of_incident() -> list[Any]:
    targets = selectinload(Incident.targets)
    return [
        selectinload(Incident.types),
        targets.joinedload(IncidentTarget.journalist),
        targets.joinedload(IncidentTarget.outlet),
        targets.selectinload(IncidentTarget.statuses),
        selectinload(Incident.actors),
        _with_sources(Incident.citations),
    ]


def _of_account() -> list[Any]:
    posed = selectinload(FakeAccount.impersonates)
    return [
        joinedload(FakeAccount.platform),
        posed.joinedload(AccountImpersonation.journalist),
        posed.joinedload(AccountImpersonation.outlet),
        posed.joinedload(AccountImpersonation.institution),
        selectinload(FakeAccount.events).joinedload(FakeAccountEvent.institution),
        _with_sources(FakeAccount.citations),
    ]


def _of_response() -> list[Any]:
    acts = selectinload(OfficialResponse.acts)
    return [
        joinedload(OfficialResponse.institution),
        acts.joinedload(ResponseAct.acting_institution),
        selectinload(OfficialResponse.other_stances),
        _with_sources(OfficialResponse.citations),
    ]


def _with_sources(citations: Any) -> Any:  # noqa: ANN401 (a relationship of citations; a loader option)
    article = citations.property.mapper.class_.article
    return selectinload(citations).joinedload(article).joinedload(Article.publisher)

"""The facts of a case, a person, an outlet or an incident, and what came in last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select

from tracker.articles.models import Article
from tracker.cases.queries import SHELVES, incident_ids_of
from tracker.db import db
from tracker.fake_accounts.models import AccountImpersonation, FakeAccount
from tracker.incidents.models import Incident, IncidentTarget
from tracker.responses.proceeding_models import Proceeding, ProceedingParty
from tracker.timelines.loading_queries import ALWAYS, Between, Ids, Told, told

if TYPE_CHECKING:
    from tracker.cases.models import Case
    from tracker.cases.queries import Shelf
    from tracker.people.models import Journalist, Outlet

# A case is told whole, or its clocks would lie.
MOST_OF_A_CASE = 5000


def facts_of_case(case: Case, *, between: Between = ALWAYS) -> Told:
    """Return the facts of everything filed in a case, and of what is about its incidents."""
    filed = {
        shelf.kind: select(shelf.key).where(shelf.join.case_id == case.id) for shelf in SHELVES
    }
    return told(
        Ids(incidents=incident_ids_of(case), filed=filed, between=between, most=MOST_OF_A_CASE)
    )


def facts_of_journalist(journalist: Journalist, *, between: Between = ALWAYS) -> Told:
    """Return what was done to a journalist or in her name, and what was answered."""
    return told(
        Ids(
            incidents=select(IncidentTarget.incident_id).where(
                IncidentTarget.journalist_id == journalist.id
            ),
            filed={
                FakeAccount: _posing_as(AccountImpersonation.journalist_id == journalist.id),
                Proceeding: _concerning(ProceedingParty.journalist_id == journalist.id),
            },
            is_told=lambda target: target.journalist_id == journalist.id,
            between=between,
        )
    )


def facts_of_outlet(outlet: Outlet, *, between: Between = ALWAYS) -> Told:
    """Return what was done to an outlet, to its people or in its name, and what was answered."""
    return told(
        Ids(
            incidents=select(IncidentTarget.incident_id).where(
                IncidentTarget.outlet_id == outlet.id
            ),
            filed={
                FakeAccount: _posing_as(AccountImpersonation.outlet_id == outlet.id),
                Proceeding: _concerning(ProceedingParty.outlet_id == outlet.id),
            },
            is_told=lambda target: target.outlet_id == outlet.id,
            between=between,
        )
    )


def facts_of_one_incident(incident: Incident, *, between: Between = ALWAYS) -> Told:
    """Return an incident with the accounts used in it and the responses that answer it."""
    one = select(Incident.id).where(Incident.id == incident.id)
    return told(Ids(incidents=one, filed={}, between=between, most=MOST_OF_A_CASE))


def latest(shelf: Shelf, limit: int) -> list[Any]:
    """Return the records of a kind that were logged last."""
    rows = select(shelf.kind).order_by(shelf.kind.recorded_at.desc(), shelf.kind.ref).limit(limit)
    return list(db.session.scalars(rows.options(*shelf.for_a_line())).unique())


def is_empty() -> bool:
    """Say whether the viewer sees no source and no record at all."""
    kinds: list[Any] = [Article, *(shelf.kind for shelf in SHELVES)]
    return not any(db.session.scalar(select(kind.id).limit(1)) for kind in kinds)


def _posing_as(who: Any) -> Select[Any]:  # noqa: ANN401 (a condition)
    return select(AccountImpersonation.account_id).where(who)


def _concerning(who: Any) -> Select[Any]:  # noqa: ANN401 (a condition)
    return select(ProceedingParty.proceeding_id).where(who)

"""Find proceedings by filter, incident, party or number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import joinedload, selectinload

from tracker.articles.queries import citation_load_options
from tracker.db import db
from tracker.incidents.models import Incident, IncidentTarget
from tracker.incidents.queries import joined_row_load_options as for_few_incidents
from tracker.people import queries as people_queries
from tracker.people.models import Institution, Journalist, Outlet
from tracker.responses.codes import ProceedingKind
from tracker.responses.filters import ProceedingFilter
from tracker.responses.models import Proceeding, ProceedingIncident, ProceedingParty, ProceedingStep

# The order of the list of proceedings: as they were recorded, since a proceeding lasts.
SORT_ORDER: tuple[Any, ...] = (Proceeding.recorded_at, Proceeding.ref)


def row_load_options() -> list[Any]:
    """Return the loader options for proceedings with all that a list row shows."""
    return [joinedload(Proceeding.institution), selectinload(Proceeding.steps)]


def page_load_options() -> list[Any]:
    """Return the loader options for a proceeding with all that its page shows."""
    return [
        joinedload(Proceeding.institution),
        selectinload(Proceeding.parties).options(
            joinedload(ProceedingParty.journalist),
            joinedload(ProceedingParty.outlet),
            # Of its incidents a withheld name has its placeholder.
            joinedload(ProceedingParty.proceeding),
        ),
        selectinload(Proceeding.steps).options(
            joinedload(ProceedingStep.institution), joinedload(ProceedingStep.article)
        ),
        selectinload(Proceeding.incidents)
        .joinedload(ProceedingIncident.incident)
        .options(*for_few_incidents()),
        citation_load_options(Proceeding.citations),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterRecords:
    """The records that a filter names; None if it names none."""

    journalist: Journalist | None
    outlet: Outlet | None
    institution: Institution | None

    def in_words(self) -> dict[str, str]:
        """Return the labels of the filter's refs."""
        owners = (self.journalist, self.outlet, self.institution)
        return {one.ref: one.heading for one in owners if one}


def resolve_filter(filters: ProceedingFilter) -> FilterRecords:
    """Return the records in a filter; raise BadQuery for one that does not exist for the viewer."""
    return FilterRecords(
        journalist=filters.named("journalist", people_queries.journalist_by_ref),
        outlet=filters.named("outlet", people_queries.outlet_by_ref),
        institution=filters.named("institution", people_queries.institution_by_ref),
    )


def proceedings_matching(filters: ProceedingFilter) -> Select[Proceeding]:
    """Return the proceedings that match a filter, with all that a list row shows.

    Raises BadQuery as `resolve_filter` does.
    """
    rows = select(Proceeding).where(*filters.conditions(Proceeding)).options(*row_load_options())
    if filters.q:
        rows = rows.where(people_queries.matches_words(Proceeding, filters.q))
    if filters.step:
        rows = rows.where(Proceeding.id.in_(_with_step(ProceedingStep.step == filters.step)))
    named = resolve_filter(filters)
    for owner in (named.journalist, named.outlet):
        rows = rows.where(_concerns_condition(owner)) if owner else rows
    return rows.where(_runs_condition(named.institution)) if named.institution else rows


def proceedings_about(incident: Incident) -> list[Proceeding]:
    """Return the proceedings about an incident, the first recorded first."""
    ids = select(ProceedingIncident.proceeding_id).where(
        ProceedingIncident.incident_id == incident.id
    )
    return _load_rows(select(Proceeding).where(Proceeding.id.in_(ids)))


def proceedings_concerning(owner: Journalist | Outlet, *, most: int) -> list[Proceeding]:
    """Return the proceedings that concern a journalist or an outlet, the first recorded first."""
    return _load_rows(select(Proceeding).where(_concerns_condition(owner)).limit(most))


def proceedings_before(body: Institution, *, most: int) -> list[Proceeding]:
    """Return the proceedings that an institution runs or took a step of, oldest first."""
    return _load_rows(select(Proceeding).where(_runs_condition(body)).limit(most))


def proceedings_by_number(
    number: str, *, kind: ProceedingKind, country: str, team_id: int
) -> list[Proceeding]:
    """Return the proceedings of a team that have this number with an institution of the country."""
    rows = select(Proceeding).where(
        Proceeding.number == number,
        Proceeding.kind == kind,
        Proceeding.country == country,
        Proceeding.team_id == team_id,
    )
    return _load_rows(rows)


def _concerns_condition(owner: Journalist | Outlet) -> ColumnElement[bool]:
    """Return the condition that a proceeding concerns somebody.

    As a party, or as a target of an incident that it is about.
    """
    is_journalist = isinstance(owner, Journalist)
    party: Any = ProceedingParty.journalist_id if is_journalist else ProceedingParty.outlet_id
    target: Any = IncidentTarget.journalist_id if is_journalist else IncidentTarget.outlet_id
    against = select(IncidentTarget.incident_id).where(target == owner.id)
    about = ProceedingIncident.incident_id.in_(against)
    return or_(
        Proceeding.id.in_(select(ProceedingParty.proceeding_id).where(party == owner.id)),
        Proceeding.id.in_(select(ProceedingIncident.proceeding_id).where(about)),
    )


def _runs_condition(body: Institution) -> ColumnElement[bool]:
    """Return the condition that an institution runs a proceeding, or took one of its steps."""
    took = Proceeding.id.in_(_with_step(ProceedingStep.institution_id == body.id))
    return or_(Proceeding.institution_id == body.id, took)


def _with_step(condition: Any) -> Select[int]:  # noqa: ANN401 (a condition)
    return select(ProceedingStep.proceeding_id).where(condition)


def _load_rows(rows: Select[Proceeding]) -> list[Proceeding]:
    ordered = rows.order_by(*SORT_ORDER).options(
        joinedload(Proceeding.institution).joinedload(Institution.names),
        joinedload(Proceeding.steps),
    )
    return list(db.session.scalars(ordered).unique())

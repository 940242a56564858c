"""Queries of proceedings by filter, incident, party, institution or number."""

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

# The columns by which proceedings are sorted, since they have no single date. In the list of
# proceedings the order is descending, on pages of other records ascending.
SORT_ORDER: tuple[Any, ...] = (Proceeding.recorded_at, Proceeding.ref)


def row_load_options() -> list[Any]:
    """Return the SQLAlchemy loader options for all that a list shows of proceedings."""
    return [joinedload(Proceeding.institution), selectinload(Proceeding.steps)]


def page_load_options() -> list[Any]:
    """Return the SQLAlchemy loader options for all that the page of a proceeding shows."""
    return [
        joinedload(Proceeding.institution),
        selectinload(Proceeding.parties).options(
            joinedload(ProceedingParty.journalist),
            joinedload(ProceedingParty.outlet),
            # The incidents have the placeholders of withheld names.
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
    """The records that a filter names, each None if the filter names none of its kind."""

    journalist: Journalist | None
    outlet: Outlet | None
    institution: Institution | None

    def labels_by_ref(self) -> dict[str, str]:
        """Return the localized titles of the records, by ref."""
        records = (self.journalist, self.outlet, self.institution)
        return {one.ref: one.heading for one in records if one}


def find_filter_records(filters: ProceedingFilter) -> FilterRecords:
    """Return the records that a filter names; raise BadQuery for one that the viewer cannot see."""
    return FilterRecords(
        journalist=filters.get_named_record("journalist", people_queries.journalist_by_ref),
        outlet=filters.get_named_record("outlet", people_queries.outlet_by_ref),
        institution=filters.get_named_record("institution", people_queries.institution_by_ref),
    )


def proceedings_matching(filters: ProceedingFilter) -> Select[Proceeding]:
    """Return a select of the proceedings that match a filter, with all that a list shows.

    Raises BadQuery as `find_filter_records` does.
    """
    rows = (
        select(Proceeding).where(*filters.build_conditions(Proceeding)).options(*row_load_options())
    )
    if filters.q:
        rows = rows.where(people_queries.matches_words_condition(Proceeding, filters.q))
    if filters.step:
        rows = rows.where(
            Proceeding.id.in_(_proceeding_ids_with_step(ProceedingStep.step == filters.step))
        )
    named = find_filter_records(filters)
    for party in (named.journalist, named.outlet):
        rows = rows.where(_concerns_party_condition(party)) if party else rows
    return (
        rows.where(_involves_institution_condition(named.institution))
        if named.institution
        else rows
    )


def proceedings_about(incident: Incident) -> list[Proceeding]:
    """Return the proceedings about an incident, in the order of recording."""
    ids = select(ProceedingIncident.proceeding_id).where(
        ProceedingIncident.incident_id == incident.id
    )
    return _load_rows(select(Proceeding).where(Proceeding.id.in_(ids)))


def proceedings_concerning(party: Journalist | Outlet, *, limit: int) -> list[Proceeding]:
    """Return the proceedings that concern a journalist or outlet, in the order of recording."""
    return _load_rows(select(Proceeding).where(_concerns_party_condition(party)).limit(limit))


def proceedings_involving(institution: Institution, *, limit: int) -> list[Proceeding]:
    """Return the proceedings of which an institution is in charge, or in which it is named by a
    step, in the order of recording.
    """
    return _load_rows(
        select(Proceeding).where(_involves_institution_condition(institution)).limit(limit)
    )


def proceedings_by_number(
    number: str, *, kind: ProceedingKind, country: str, team_id: int
) -> list[Proceeding]:
    """Return the proceedings of a team with this file number, kind and country."""
    rows = select(Proceeding).where(
        Proceeding.number == number,
        Proceeding.kind == kind,
        Proceeding.country == country,
        Proceeding.team_id == team_id,
    )
    return _load_rows(rows)


def _concerns_party_condition(party: Journalist | Outlet) -> ColumnElement[bool]:
    """Return the SQL condition that a journalist or outlet is a party of a proceeding, or a target
    of one of its incidents.
    """
    is_journalist = isinstance(party, Journalist)
    party_id: Any = ProceedingParty.journalist_id if is_journalist else ProceedingParty.outlet_id
    target_id: Any = IncidentTarget.journalist_id if is_journalist else IncidentTarget.outlet_id
    against = select(IncidentTarget.incident_id).where(target_id == party.id)
    about = ProceedingIncident.incident_id.in_(against)
    return or_(
        Proceeding.id.in_(select(ProceedingParty.proceeding_id).where(party_id == party.id)),
        Proceeding.id.in_(select(ProceedingIncident.proceeding_id).where(about)),
    )


def _involves_institution_condition(institution: Institution) -> ColumnElement[bool]:
    """Return the SQL condition that an institution is in charge of a proceeding or is named in one
    of its steps: it took the step or, if a party took the step, received it.
    """
    took = Proceeding.id.in_(
        _proceeding_ids_with_step(ProceedingStep.institution_id == institution.id)
    )
    return or_(Proceeding.institution_id == institution.id, took)


def _proceeding_ids_with_step(condition: Any) -> Select[int]:  # noqa: ANN401 (a condition)
    """Return a select of the ids of the proceedings with a step that meets an SQL condition."""
    return select(ProceedingStep.proceeding_id).where(condition)


def _load_rows(rows: Select[Proceeding]) -> list[Proceeding]:
    """Return the proceedings of a select, in the order of recording, loaded for panels."""
    ordered = rows.order_by(*SORT_ORDER).options(
        joinedload(Proceeding.institution).joinedload(Institution.names),
        joinedload(Proceeding.steps),
    )
    return list(db.session.scalars(ordered).unique())

"""Queries of official responses by filter, incident or institution, and their counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, String, func, null, or_, select, type_coerce, union_all
from sqlalchemy.orm import joinedload, selectinload

from tracker.articles.queries import citation_load_options
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.incidents.queries import joined_row_load_options as for_few_incidents
from tracker.people.models import Institution
from tracker.people.queries import institution_by_ref, matches_words_condition
from tracker.responses.codes import ActType
from tracker.responses.filters import ResponseFilter
from tracker.responses.models import OfficialResponse, ResponseAct, ResponseAnswer, ResponseStance
from tracker.review.codes import APPROVED_STATES
from tracker.review.queries import is_not_retracted
from tracker.web.paging import MAX_FACET_RECORDS

# The columns by which every list of responses is sorted, in descending order.
SORT_ORDER: tuple[Any, ...] = (
    OfficialResponse.latest,
    OfficialResponse.earliest,
    OfficialResponse.ref,
)


@dataclass(frozen=True, slots=True)
class ResponseCount:
    """The number of responses (`response_count`), and the number of their acts of each type
    (`acts`). Only the latest 10,000 responses that the viewer sees are counted.
    """

    response_count: int
    acts: list[tuple[ActType, int]]

    @property
    def is_truncated(self) -> bool:
        """Whether there may be older responses, which are not counted."""
        return self.response_count >= MAX_FACET_RECORDS


def row_load_options() -> list[Any]:
    """Return the SQLAlchemy loader options for all that a list shows of responses."""
    return [joinedload(OfficialResponse.institution), selectinload(OfficialResponse.acts)]


def page_load_options() -> list[Any]:
    """Return the SQLAlchemy loader options for all that the page of a response shows."""
    return [
        joinedload(OfficialResponse.institution),
        selectinload(OfficialResponse.other_stances),
        selectinload(OfficialResponse.acts).joinedload(ResponseAct.acting_institution),
        selectinload(OfficialResponse.answers)
        .joinedload(ResponseAnswer.incident)
        .options(*for_few_incidents()),
        citation_load_options(OfficialResponse.citations),
    ]


def find_filter_institution(filters: ResponseFilter) -> Institution | None:
    """Return the institution that a filter names, None if none; raise BadQuery if unknown."""
    return filters.get_named_record("institution", institution_by_ref)


def responses_matching(filters: ResponseFilter) -> Select[OfficialResponse]:
    """Return a select of the responses that match a filter, with all that a list shows."""
    rows = select(OfficialResponse).where(*_filter_conditions(filters)).options(*row_load_options())
    return rows.execution_options(shared=filters.shared)


def select_matching_standings(filters: ResponseFilter) -> Any:  # noqa: ANN401 (a select of two columns)
    """Return a select of the ref and the standing (capacity of the institution) of each response
    that matches a filter.
    """
    rows: Any = select(OfficialResponse.ref, OfficialResponse.standing)
    rows = rows.where(*_filter_conditions(filters))
    return rows.execution_options(shared=filters.shared)


def count_responses(filters: ResponseFilter) -> ResponseCount:
    """Return the number of responses that match a filter, and of their acts by type."""
    counted = union_all(*response_count_selects(_filter_conditions(filters)))
    return build_response_count(
        db.session.execute(counted, execution_options={"shared": filters.shared})
    )


def response_count_selects(conditions: Iterable[Any]) -> tuple[Any, Any]:
    """Return two selects of two columns: one of each type of act and the number of such acts, one
    of NULL and the number of responses. `conditions`: the SQL conditions of the responses.
    """
    ids = select(OfficialResponse.id).where(*conditions, is_not_retracted(OfficialResponse))
    ids = ids.order_by(*(column.desc() for column in SORT_ORDER)).limit(MAX_FACET_RECORDS)
    acts = (
        select(type_coerce(ResponseAct.act, String), func.count(ResponseAct.id))
        .where(ResponseAct.response_id.in_(ids))
        .group_by(ResponseAct.act)
    )
    every = select(null(), func.count()).select_from(ids.subquery())
    return acts, every


def build_response_count(rows: Iterable[Any]) -> ResponseCount:
    """Return the count that the rows of both selects of `response_count_selects` contain."""
    found = {row[0]: row[1] for row in rows}
    return ResponseCount(found[None], [(act, found[act]) for act in ActType if act in found])


def responses_answering(incident: Incident) -> list[OfficialResponse]:
    """Return the responses that are linked to an incident, the latest first."""
    ids = select(ResponseAnswer.response_id).where(ResponseAnswer.incident_id == incident.id)
    return _load_rows(select(OfficialResponse).where(OfficialResponse.id.in_(ids)))


def responses_involving(institution: Institution, *, limit: int) -> list[OfficialResponse]:
    """Return the responses in which an institution spoke or acted, the latest first."""
    acting = select(ResponseAct.response_id).where(
        ResponseAct.acting_institution_id == institution.id
    )
    by = OfficialResponse.institution_id == institution.id
    rows = select(OfficialResponse).where(or_(by, OfficialResponse.id.in_(acting)))
    return _load_rows(rows.limit(limit))


def _filter_conditions(filters: ResponseFilter) -> Iterator[Any]:
    """Yield the SQL conditions of a filter; raise BadQuery for an unknown institution."""
    yield from filters.build_conditions(OfficialResponse)
    if filters.q:
        yield matches_words_condition(OfficialResponse, filters.q)
    if institution := find_filter_institution(filters):
        yield OfficialResponse.institution_id == institution.id
    if filters.country:
        here = select(Institution.id).where(Institution.country == filters.country)
        yield OfficialResponse.institution_id.in_(here)
    if filters.stance:
        others = select(ResponseStance.response_id).where(ResponseStance.stance == filters.stance)
        yield or_(OfficialResponse.stance == filters.stance, OfficialResponse.id.in_(others))
    if filters.counted:
        yield OfficialResponse.state.in_(APPROVED_STATES)
        yield OfficialResponse.latest >= filters.counted.first
        yield OfficialResponse.latest < filters.counted.day_after


def _load_rows(rows: Select[OfficialResponse]) -> list[OfficialResponse]:
    """Return the responses of a select, the latest first, loaded for the panels of other pages."""
    ordered = rows.order_by(*(column.desc() for column in SORT_ORDER)).options(
        joinedload(OfficialResponse.institution).joinedload(Institution.names),
        joinedload(OfficialResponse.acts),
    )
    return list(db.session.scalars(ordered).unique())

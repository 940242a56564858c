"""Queries of appeals by filter, incident, institution or response, and their counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from tracker import clock
from tracker.articles.queries import citation_load_options
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.incidents.queries import joined_row_load_options as for_few_incidents
from tracker.people.models import Institution
from tracker.people.queries import institution_by_ref, matches_words_condition
from tracker.responses.codes import OUTCOMES_WITH_RESPONSE, AppealOutcome
from tracker.responses.filters import AppealFilter
from tracker.responses.models import Appeal, AppealIncident, OfficialResponse, ResponseAnswer
from tracker.responses.queries import ResponseCount, build_response_count, response_count_selects
from tracker.responses.queries import row_load_options as for_a_response
from tracker.review.queries import is_not_retracted
from tracker.web.paging import MAX_FACET_RECORDS

# The columns by which every list of appeals is sorted, in descending order.
SORT_ORDER: tuple[Any, ...] = (Appeal.latest, Appeal.earliest, Appeal.ref)
MAX_POSSIBLE_ANSWERS = 20  # responses offered as the answer of an appeal


@dataclass(frozen=True, slots=True)
class AppealCount:
    """The number of appeals. `total`: of all; `outcomes`: of appeals with each outcome; `overdue`:
    of overdue appeals; `unrecorded_responses`: of appeals that were answered or referred, but whose
    response the viewer does not see. Only the latest 10,000 appeals that the viewer sees are
    counted.
    """

    total: int
    outcomes: list[tuple[AppealOutcome, int]]
    overdue: int
    unrecorded_responses: int

    @property
    def is_truncated(self) -> bool:
        """Whether there may be older appeals, which are not counted."""
        return self.total >= MAX_FACET_RECORDS


def row_load_options() -> list[Any]:
    """Return the SQLAlchemy loader options for all that a list shows of appeals."""
    return [joinedload(Appeal.institution), joinedload(Appeal.response)]


def page_load_options() -> list[Any]:
    """Return the SQLAlchemy loader options for all that the page of an appeal shows."""
    return [
        joinedload(Appeal.institution),
        selectinload(Appeal.response).options(*for_a_response()),
        selectinload(Appeal.incidents)
        .joinedload(AppealIncident.incident)
        .options(*for_few_incidents()),
        citation_load_options(Appeal.citations),
    ]


def find_filter_institution(filters: AppealFilter) -> Institution | None:
    """Return the institution that a filter names, None if none; raise BadQuery if unknown."""
    return filters.get_named_record("institution", institution_by_ref)


def appeals_matching(filters: AppealFilter) -> sa.Select[Appeal]:
    """Return a select of the appeals that match a filter, with all that a list shows."""
    return sa.select(Appeal).where(*_filter_conditions(filters)).options(*row_load_options())


def count_appeals(filters: AppealFilter) -> AppealCount:
    """Return the number of appeals that match a filter and are not retracted."""
    return _build_appeal_count(
        db.session.execute(_appeal_count_select(_filter_conditions(filters)))
    )


def count_institution_records(institution: Institution) -> tuple[ResponseCount, AppealCount]:
    """Return the numbers of the responses of an institution, and of the appeals to it.

    Queried once in a session, for the two panels of the page of the institution.
    """
    read: dict[int, tuple[ResponseCount, AppealCount]]
    read = db.session.info.setdefault("count_institution_records", {})
    if institution.id not in read:
        said = response_count_selects([OfficialResponse.institution_id == institution.id])
        asked = _appeal_count_select([Appeal.institution_id == institution.id])
        # Columns that only appeals have.
        columns = (sa.literal(0), sa.literal(0), sa.literal("said"))
        selects = [
            *(one.add_columns(*columns) for one in said),
            asked.add_columns(sa.literal("asked")),
        ]
        found: dict[str, list[Any]] = {"said": [], "asked": []}
        for *row, which in db.session.execute(sa.union_all(*selects)):
            found[which].append(row)
        read[institution.id] = (
            build_response_count(found["said"]),
            _build_appeal_count(found["asked"]),
        )
    return read[institution.id]


def _appeal_count_select(conditions: Iterable[Any]) -> Any:  # noqa: ANN401 (a select of four columns)
    """Return a select of four columns: an outcome, the number of appeals with this outcome, the
    number of those that are overdue, and the number of those answered or referred whose response
    the viewer does not see. `conditions`: the SQL conditions of the appeals.
    """
    late, unrecorded = (
        sa.func.count().filter(one()) for one in (overdue_condition, unrecorded_response_condition)
    )
    ids = sa.select(Appeal.id).where(*conditions, is_not_retracted(Appeal))
    latest = ids.order_by(*(column.desc() for column in SORT_ORDER)).limit(MAX_FACET_RECORDS)
    return (
        sa.select(sa.type_coerce(Appeal.outcome, sa.String), sa.func.count(), late, unrecorded)
        .where(Appeal.id.in_(latest))
        .group_by(Appeal.outcome)
    )


def _build_appeal_count(rows: Iterable[Any]) -> AppealCount:
    """Return the count that the rows of the select of `_appeal_count_select` contain."""
    found = {row[0]: row[1:] for row in rows}
    return AppealCount(
        total=sum(numbers[0] for numbers in found.values()),
        outcomes=[(one, found[one][0]) for one in AppealOutcome if one in found],
        overdue=sum(numbers[1] for numbers in found.values()),
        unrecorded_responses=sum(numbers[2] for numbers in found.values()),
    )


def overdue_condition() -> sa.ColumnElement[bool]:
    """Return the SQL condition that an appeal is pending after its due date and not retracted."""
    return sa.and_(
        Appeal.due_on < clock.current_date(),
        Appeal.outcome == AppealOutcome.PENDING,
        is_not_retracted(Appeal),
    )


def unrecorded_response_condition() -> sa.ColumnElement[bool]:
    """Return the SQL condition that an appeal was answered or referred, but the viewer sees no
    response to the appeal.

    Responses that are retracted or hidden from the viewer do not count; nor do retracted appeals.
    """
    seen = Appeal.response_id.in_(
        sa.select(OfficialResponse.id).where(is_not_retracted(OfficialResponse))
    )
    return sa.and_(
        Appeal.outcome.in_(OUTCOMES_WITH_RESPONSE),
        sa.or_(Appeal.response_id.is_(None), sa.not_(seen)),
        is_not_retracted(Appeal),
    )


def appeals_about(incident: Incident) -> list[Appeal]:
    """Return the appeals about an incident, the latest first."""
    ids = sa.select(AppealIncident.appeal_id).where(AppealIncident.incident_id == incident.id)
    return _load_rows(sa.select(Appeal).where(Appeal.id.in_(ids)))


def appeals_to(institution: Institution, *, limit: int) -> list[Appeal]:
    """Return the appeals to an institution, the latest first."""
    return _load_rows(sa.select(Appeal).where(Appeal.institution_id == institution.id).limit(limit))


def appeals_answered_by(response: OfficialResponse) -> list[Appeal]:
    """Return the appeals that a response answers, the latest first."""
    return _load_rows(sa.select(Appeal).where(Appeal.response_id == response.id))


def possible_answers(appeal: Appeal) -> list[OfficialResponse]:
    """Return at most 20 responses that may answer an appeal, the latest first. They are by the
    institution asked or about the same incidents, and not earlier than the appeal.
    """
    about = [one.incident_id for one in appeal.incidents]
    answering = sa.select(ResponseAnswer.response_id).where(ResponseAnswer.incident_id.in_(about))
    rows = (
        sa.select(OfficialResponse)
        .where(
            sa.or_(
                OfficialResponse.institution_id == appeal.institution_id,
                OfficialResponse.id.in_(answering),
            ),
            OfficialResponse.latest >= appeal.earliest,
            is_not_retracted(OfficialResponse),
        )
        .order_by(OfficialResponse.latest.desc(), OfficialResponse.ref)
        .limit(MAX_POSSIBLE_ANSWERS)
        .options(*for_a_response())
    )
    return list(db.session.scalars(rows).unique())


def _filter_conditions(filters: AppealFilter) -> Iterator[Any]:
    """Yield the SQL conditions of a filter; raise BadQuery for an unknown institution."""
    yield from filters.build_conditions(Appeal)
    if filters.q:
        yield matches_words_condition(Appeal, filters.q)
    if institution := find_filter_institution(filters):
        yield Appeal.institution_id == institution.id
    if filters.country:
        here = sa.select(Institution.id).where(Institution.country == filters.country)
        yield Appeal.institution_id.in_(here)
    if filters.overdue:
        yield overdue_condition()
    if filters.unrecorded:
        yield unrecorded_response_condition()


def _load_rows(rows: sa.Select[Appeal]) -> list[Appeal]:
    """Return the appeals of a select, the latest first, loaded for the panels of other pages."""
    ordered = rows.order_by(*(column.desc() for column in SORT_ORDER)).options(
        joinedload(Appeal.institution).joinedload(Institution.names), joinedload(Appeal.response)
    )
    return list(db.session.scalars(ordered).unique())

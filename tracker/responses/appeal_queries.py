"""Find appeals by filter, incident, institution or answer; count them; find possible answers."""

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
from tracker.people.queries import institution_by_ref, matches_words
from tracker.responses.codes import BY_A_RESPONSE, AppealOutcome
from tracker.responses.filters import AppealFilter
from tracker.responses.models import Appeal, AppealIncident, OfficialResponse, ResponseAnswer
from tracker.responses.queries import Count, count_of, count_selects
from tracker.responses.queries import row_load_options as for_a_response
from tracker.review.queries import is_not_retracted
from tracker.web.paging import MAX_FACET_RECORDS

# The order of every list of appeals.
PLACE: tuple[Any, ...] = (Appeal.latest, Appeal.earliest, Appeal.ref)
MOST_ANSWERS = 20  # responses


@dataclass(frozen=True, slots=True)
class AppealCount:
    """The number of visible appeals by outcome, overdue, and without a recorded response.

    Of the latest 10,000.
    """

    total: int
    outcomes: list[tuple[AppealOutcome, int]]
    overdue: int
    unrecorded: int

    @property
    def is_truncated(self) -> bool:
        """Return whether there may be older ones, which are not counted."""
        return self.total >= MAX_FACET_RECORDS


def row_load_options() -> list[Any]:
    """Return the loader options for appeals with all that a list row shows."""
    return [joinedload(Appeal.institution), joinedload(Appeal.response)]


def page_load_options() -> list[Any]:
    """Return the loader options for an appeal with all that its page shows."""
    return [
        joinedload(Appeal.institution),
        selectinload(Appeal.response).options(*for_a_response()),
        selectinload(Appeal.incidents)
        .joinedload(AppealIncident.incident)
        .options(*for_few_incidents()),
        citation_load_options(Appeal.citations),
    ]


def institution_of_filter(filters: AppealFilter) -> Institution | None:
    """Return the institution in a filter; raise BadQuery if it does not exist."""
    return filters.named("institution", institution_by_ref)


def appeals_matching(filters: AppealFilter) -> sa.Select[Appeal]:
    """Return the appeals that match a filter, with all that a list row shows."""
    return sa.select(Appeal).where(*_conditions(filters)).options(*row_load_options())


def count_appeals(filters: AppealFilter) -> AppealCount:
    """Count the appeals that match a filter and are not retracted, by outcome."""
    return _count_of(db.session.execute(_count_select(_conditions(filters))))


def counts_of_institution(institution: Institution) -> tuple[Count, AppealCount]:
    """Count the responses of an institution and the appeals to it.

    Queried once per session, for both sections of its page.
    """
    read: dict[int, tuple[Count, AppealCount]]
    read = db.session.info.setdefault("counts_of_institution", {})
    if institution.id not in read:
        said = count_selects([OfficialResponse.institution_id == institution.id])
        asked = _count_select([Appeal.institution_id == institution.id])
        # A response is neither overdue nor unrecorded.
        columns = (sa.literal(0), sa.literal(0), sa.literal("said"))
        selects = [
            *(one.add_columns(*columns) for one in said),
            asked.add_columns(sa.literal("asked")),
        ]
        found: dict[str, list[Any]] = {"said": [], "asked": []}
        for *row, which in db.session.execute(sa.union_all(*selects)):
            found[which].append(row)
        read[institution.id] = count_of(found["said"]), _count_of(found["asked"])
    return read[institution.id]


def _count_select(conditions: Iterable[Any]) -> Any:  # noqa: ANN401 (a select of four columns)
    late, unrecorded = (
        sa.func.count().filter(one()) for one in (is_overdue_condition, lacks_recorded_response)
    )
    ids = sa.select(Appeal.id).where(*conditions, is_not_retracted(Appeal))
    latest = ids.order_by(*(column.desc() for column in PLACE)).limit(MAX_FACET_RECORDS)
    return (
        sa.select(sa.type_coerce(Appeal.outcome, sa.String), sa.func.count(), late, unrecorded)
        .where(Appeal.id.in_(latest))
        .group_by(Appeal.outcome)
    )


def _count_of(rows: Iterable[Any]) -> AppealCount:
    found = {row[0]: row[1:] for row in rows}
    return AppealCount(
        total=sum(numbers[0] for numbers in found.values()),
        outcomes=[(one, found[one][0]) for one in AppealOutcome if one in found],
        overdue=sum(numbers[1] for numbers in found.values()),
        unrecorded=sum(numbers[2] for numbers in found.values()),
    )


def is_overdue_condition() -> sa.ColumnElement[bool]:
    """Return the condition that an appeal is overdue without an outcome."""
    return sa.and_(
        Appeal.due_on < clock.current_date(),
        Appeal.outcome == AppealOutcome.PENDING,
        is_not_retracted(Appeal),
    )


def lacks_recorded_response() -> sa.ColumnElement[bool]:
    """Return the condition that an appeal was answered or referred without a recorded response."""
    seen = Appeal.response_id.in_(
        sa.select(OfficialResponse.id).where(is_not_retracted(OfficialResponse))
    )
    return sa.and_(
        Appeal.outcome.in_(BY_A_RESPONSE),
        sa.or_(Appeal.response_id.is_(None), sa.not_(seen)),
        is_not_retracted(Appeal),
    )


def appeals_about(incident: Incident) -> list[Appeal]:
    """Return the appeals about an incident, the latest first."""
    ids = sa.select(AppealIncident.appeal_id).where(AppealIncident.incident_id == incident.id)
    return _load_rows(sa.select(Appeal).where(Appeal.id.in_(ids)))


def appeals_to(institution: Institution, *, most: int) -> list[Appeal]:
    """Return the appeals to an institution, the latest first."""
    return _load_rows(sa.select(Appeal).where(Appeal.institution_id == institution.id).limit(most))


def appeals_answered_by(response: OfficialResponse) -> list[Appeal]:
    """Return the appeals that a response answers, the latest first."""
    return _load_rows(sa.select(Appeal).where(Appeal.response_id == response.id))


def possible_answers(appeal: Appeal) -> list[OfficialResponse]:
    """Return the responses that may answer an appeal, the latest first.

    By the institution asked or to the same incidents, not made before it was sent.
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
        .limit(MOST_ANSWERS)
        .options(*for_a_response())
    )
    return list(db.session.scalars(rows).unique())


def _conditions(filters: AppealFilter) -> Iterator[Any]:
    """Yield a condition for each set field."""
    yield from filters.conditions(Appeal)
    if filters.q:
        yield matches_words(Appeal, filters.q)
    if institution := institution_of_filter(filters):
        yield Appeal.institution_id == institution.id
    if filters.country:
        here = sa.select(Institution.id).where(Institution.country == filters.country)
        yield Appeal.institution_id.in_(here)
    if filters.overdue:
        yield is_overdue_condition()
    if filters.unrecorded:
        yield lacks_recorded_response()


def _load_rows(rows: sa.Select[Appeal]) -> list[Appeal]:
    ordered = rows.order_by(*(column.desc() for column in PLACE)).options(
        joinedload(Appeal.institution).joinedload(Institution.names), joinedload(Appeal.response)
    )
    return list(db.session.scalars(ordered).unique())

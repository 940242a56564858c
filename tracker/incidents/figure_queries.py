"""Select the incidents that each figure counts, with one select per figure table.

The report that sums the rows and the list behind each number read the same select, so that they
always agree.

docs/indicators.md has the rules. Incidents count in the month of their earliest citing article,
else of recording; `publication_rules.reported_month` does the same for one incident.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from tracker import clock
from tracker.articles.models import Article
from tracker.db import db
from tracker.i18n import MonthRange, next_month
from tracker.incidents import codes as incident_codes
from tracker.incidents.models import (
    Incident,
    IncidentActor,
    IncidentCitation,
    IncidentLink,
    IncidentTarget,
    IncidentType,
)
from tracker.incidents.publication_rules import DIRECT_TARGET_ROLES
from tracker.incidents.rules import HEADINGS_BY_CROSSWALK_TABLE, NOT_RECORDED_CODE, WITHHELD_CODE
from tracker.people.models import Journalist
from tracker.review.codes import APPROVED_STATES, EditorialState
from tracker.review.queries import is_not_retracted
from tracker.vocabulary.models import Term
from tracker.when import Precision

# States of incidents that do not count in exported numbers before somebody approves them.
UNAPPROVED_STATES = (EditorialState.DRAFT, EditorialState.IN_REVIEW, EditorialState.RETURNED)


def is_counted_in_figures() -> Any:  # noqa: ANN401 (a condition)
    """Return the SQL condition that an incident counts in exported numbers: it was approved, is not
    unlikely, and is not recorded as unconnected with the journalist's work. An incident does not
    count if another incident that counts is recorded as a part of it.
    """
    episode = aliased(Incident)
    # Correlated: otherwise SQLite might read the links of all episodes that could count.
    episodes = (
        sa.select(IncidentLink.id)
        .join(episode, IncidentLink.incident_id == episode.id)
        .where(
            IncidentLink.other_id == Incident.id,
            IncidentLink.kind == incident_codes.IncidentLinkKind.PART_OF,
            *_counting_conditions(episode),
        )
        .correlate(Incident)
    )
    return sa.and_(*_counting_conditions(Incident), ~episodes.exists())


def _counting_conditions(incident: Any) -> Iterable[Any]:  # noqa: ANN401 (Incident or an alias of it)
    """Return the SQL conditions that an incident fulfils to count in exported numbers: approved,
    not unlikely, and connected with the work. The condition on parts is not included.
    """
    return (
        incident.state.in_(APPROVED_STATES),
        incident.verification != incident_codes.Verification.UNLIKELY,
        incident.work_link != incident_codes.WorkLink.NONE,
    )


def figure_rows(
    tables: Iterable[incident_codes.FigureTable], conditions: Iterable[Any]
) -> sa.Select[Any]:
    """Return the select of the rows from which tables of numbers are added up, for the incidents
    that fulfil SQL conditions. Columns: `figures` (the table), `code` (the row of the table),
    `incident_id`, `ref`, `who` (the id of the incident, person, outlet or target; each counts once
    in a row of the table), and `number` (1, or the number of people or occurrences).

    The incidents are selected once.
    """
    counted = _materialized_cte(sa.select(Incident.id).where(*conditions))
    of_each = (
        SELECT_BY_TABLE[table]()
        .add_columns(sa.literal(table.value).label("figures"))
        .where(Incident.id.in_(sa.select(counted.c.id)))
        for table in tables
    )
    return sa.select(sa.union_all(*of_each).subquery())


def incident_ids_in_figure(
    table: incident_codes.FigureTable, code: str, conditions: Iterable[Any], terms: Iterable[Term]
) -> sa.Select[Any]:
    """Return a query of the ids of the incidents that one number in a table counts. `code`: the row
    of the table; `conditions`: SQL conditions that the incidents must fulfil; `terms`: all incident
    types.
    """
    codes = [code]
    if table in HEADINGS_BY_CROSSWALK_TABLE:
        codes = [term.code for term in terms if crosswalk_heading(term, table) == code]
        codes += [NOT_RECORDED_CODE] if code == NOT_RECORDED_CODE else []
    found = SELECT_BY_TABLE[table]().where(*conditions).subquery()
    return sa.select(found.c.incident_id).where(found.c.code.in_(codes))


def crosswalk_heading(term: Term, table: incident_codes.FigureTable) -> str:
    """Return the kind of attack under which another organisation counts an incident type,
    `NOT_RECORDED_CODE` if it does not count the type. `table`: the table with the kinds of that
    organisation.
    """
    return str(term.crosswalk.get(table.value) or NOT_RECORDED_CODE)


def _select_figure_rows(code: Any, who: Any = None, number: Any = None) -> sa.Select[Any]:  # noqa: ANN401 (columns)
    """Return a select with the columns of `figure_rows` except `figures`. `code`: the column with
    the row of the table; `who`: the column with the id that counts, by default of the incident;
    `number`: the column with the number that is added up, by default 1.
    """
    return sa.select(
        Incident.id.label("incident_id"),
        Incident.ref,
        sa.type_coerce(code, sa.String).label("code"),
        (Incident.id if who is None else who).label("who"),
        (sa.literal(1) if number is None else number).label("number"),
    )


def _all_incident_rows() -> sa.Select[Any]:
    """Return the select of one row for each incident, each counted as 1."""
    return _select_figure_rows(sa.literal("all"))


def _occurrence_rows() -> sa.Select[Any]:
    """Return the select of one row for each incident, counted as the number of its occurrences, or
    as 1 if that number is not recorded.
    """
    return _select_figure_rows(
        sa.literal("all"), number=sa.func.coalesce(Incident.occurrences_at_least, 1)
    )


def primary_type_id() -> Any:  # noqa: ANN401 (a column)
    """Return the SQL subquery of the id of an incident's primary type: the type with the lowest
    rank.
    """
    return (
        sa.select(IncidentType.term_id)
        .where(IncidentType.incident_id == Incident.id)
        .order_by(IncidentType.rank, IncidentType.term_id)
        .limit(1)
        .correlate(Incident)
        .scalar_subquery()
    )


def _type_rows() -> sa.Select[Any]:
    """Return the select of one row for each incident; the column `code` has its primary type."""
    return _select_figure_rows(sa.func.coalesce(Term.code, NOT_RECORDED_CODE)).outerjoin(
        Term, Term.id == primary_type_id()
    )


def _region_rows() -> sa.Select[Any]:
    """Return the select of one row for each incident; the column `code` has the code of its region,
    or `NOT_RECORDED_CODE`.
    """
    return _select_figure_rows(sa.func.coalesce(Term.code, NOT_RECORDED_CODE)).outerjoin(
        Term, Term.id == Incident.region_id
    )


def _verification_rows() -> sa.Select[Any]:
    """Return the select of one row for each incident; the column `code` has its verification."""
    return _select_figure_rows(Incident.verification)


def _actor_rows() -> sa.Select[Any]:
    """Return the select of one row for each actor of an incident; the column `code` has the type of
    the actor. An incident without actors has one row with `NOT_RECORDED_CODE`.
    """
    actual = sa.func.coalesce(
        sa.type_coerce(IncidentActor.actor_type, sa.String), NOT_RECORDED_CODE
    )
    return _select_figure_rows(actual).outerjoin(
        IncidentActor, IncidentActor.incident_id == Incident.id
    )


def _purported_identity_rows() -> sa.Select[Any]:
    """Return the select of one row for each actor of an incident who posed as somebody; the column
    `code` has whom the actor posed as (`PurportedAs`).
    """
    rows = _select_figure_rows(IncidentActor.purported_as)
    rows = rows.join(IncidentActor, IncidentActor.incident_id == Incident.id)
    return rows.where(IncidentActor.purported_as.is_not(None))


def _people_rows() -> sa.Select[Any]:
    """Return the select of one row for each target of an incident; the column `code` has the group
    of the target in `PeopleCounted`.
    """
    aimed = IncidentTarget.role.in_(DIRECT_TARGET_ROLES)
    named = sa.and_(aimed, IncidentTarget.kind == incident_codes.TargetKind.JOURNALIST)
    outlet = sa.and_(aimed, IncidentTarget.kind == incident_codes.TargetKind.OUTLET)
    code = sa.case(
        (named, incident_codes.PeopleCounted.NAMED.value),
        (outlet, incident_codes.PeopleCounted.OUTLETS.value),
        (aimed, incident_codes.PeopleCounted.UNNAMED.value),
        else_=incident_codes.PeopleCounted.COLLATERAL.value,
    )
    who = sa.case(
        (named, IncidentTarget.journalist_id),
        (outlet, IncidentTarget.outlet_id),
        else_=IncidentTarget.id,
    )
    number = sa.case(
        (sa.or_(named, outlet), 1), else_=sa.func.coalesce(IncidentTarget.number_at_least, 1)
    )
    rows = _select_figure_rows(code, who, number)
    return rows.join(IncidentTarget, IncidentTarget.incident_id == Incident.id)


def _gender_rows() -> sa.Select[Any]:
    """Return the select of one row for each named journalist who was attacked or impersonated in an
    incident; the column `code` has the gender.
    """
    # A journalist hidden from the viewer is counted, without the gender.
    gender = sa.func.coalesce(sa.type_coerce(Journalist.gender, sa.String), WITHHELD_CODE)
    return (
        _select_figure_rows(gender, IncidentTarget.journalist_id)
        .join(IncidentTarget, IncidentTarget.incident_id == Incident.id)
        .outerjoin(Journalist, Journalist.id == IncidentTarget.journalist_id)
        .where(
            IncidentTarget.role.in_(DIRECT_TARGET_ROLES),
            IncidentTarget.kind == incident_codes.TargetKind.JOURNALIST,
        )
    )


# For each table, the function that returns the select of the rows from which it is added up.
SELECT_BY_TABLE: dict[incident_codes.FigureTable, Callable[[], sa.Select[Any]]] = {
    incident_codes.FigureTable.ALL: _all_incident_rows,
    incident_codes.FigureTable.OCCURRENCES: _occurrence_rows,
    incident_codes.FigureTable.TYPE: _type_rows,
    incident_codes.FigureTable.REGION: _region_rows,
    incident_codes.FigureTable.VERIFICATION: _verification_rows,
    incident_codes.FigureTable.ACTOR: _actor_rows,
    incident_codes.FigureTable.PURPORTED: _purported_identity_rows,
    incident_codes.FigureTable.PEOPLE: _people_rows,
    incident_codes.FigureTable.GENDER: _gender_rows,
    **dict.fromkeys(HEADINGS_BY_CROSSWALK_TABLE, _type_rows),
}


def is_reported_in(months: MonthRange) -> Any:  # noqa: ANN401 (a condition)
    """Return the SQL condition that the month in which an incident counts is one of `months`. That
    is the month of the earliest article that cites the incident, or without a dated article, of its
    recording.
    """
    of_it = (
        _select_publication_date()
        .where(IncidentCitation.record_id == Incident.id)
        .correlate(Incident)
    )
    published = of_it.scalar_subquery()
    place = _is_in_period(months.first, months.day_after, published, Incident.recorded_at)
    return sa.and_(_may_count_in_period(months.first, months.day_after), place)


def count_incidents_by_month(
    months: Sequence[date], *conditions: sa.ColumnElement[bool]
) -> dict[date, int]:
    """Return the number of incidents by the first day of the month in which they count; months
    without incidents are left out. `months`: the first days of consecutive months; `conditions`:
    further SQL conditions on the incidents.
    """
    rows = incident_ids_by_month(months, is_not_retracted(Incident), *conditions)
    found = db.session.execute(sa.select(rows.c.month, sa.func.count()).group_by(rows.c.month))
    return {date.fromisoformat(month): number for month, number in found}


def count_unapproved_incidents() -> dict[EditorialState, int]:
    """Return the number of visible incidents in each of `UNAPPROVED_STATES` that has any."""
    rows = (
        sa.select(Incident.state, sa.func.count())
        .where(Incident.state.in_(UNAPPROVED_STATES))
        .group_by(Incident.state)
    )
    found = {row[0]: row[1] for row in db.session.execute(rows)}
    return {state: found[state] for state in UNAPPROVED_STATES if state in found}


def incident_ids_by_month(months: Sequence[date], *conditions: sa.ColumnElement[bool]) -> sa.CTE:
    """Return a CTE of the incidents that count in one of `months`, with the columns `id` and
    `month`, the first day of that month as text. `months`: the first days of consecutive months;
    `conditions`: SQL conditions on the incidents.
    """
    whole = (months[0], next_month(months[-1]))
    asked = sa.select(Incident.id, Incident.recorded_at)
    counted = _materialized_cte(asked.where(_may_count_in_period(*whole), *conditions))
    # Each citation is read once, instead of in a query for each month and incident.
    of_it = (
        _select_publication_date()
        .where(IncidentCitation.record_id == counted.c.id)
        .correlate(counted)
    )
    known = _materialized_cte(
        sa.select(counted.c.id, counted.c.recorded_at, of_it.scalar_subquery().label("published"))
    )
    recorded_in = (
        (known.c.recorded_at < _start_of_day(next_month(first)), first.isoformat())
        for first in months
    )
    month = sa.case(
        (known.c.published.is_(None), sa.case(*recorded_in)),
        else_=sa.func.substr(sa.cast(known.c.published, sa.String), 1, len("2025-06")) + "-01",
    )
    return _materialized_cte(
        sa.select(known.c.id, month.label("month")).where(
            _is_in_period(*whole, known.c.published, known.c.recorded_at)
        )
    )


def _materialized_cte(rows: Any) -> sa.CTE:  # noqa: ANN401 (a select)
    """Return a CTE whose rows are read once, however often a statement refers to them."""
    once: sa.CTE = rows.cte().prefix_with("MATERIALIZED")
    return once


def _select_publication_date(*columns: Any) -> sa.Select[Any]:  # noqa: ANN401 (columns)
    """Return the select of `columns`, and of `published`: the date of the earliest article that
    cites an incident.
    """
    return (
        sa.select(*columns, sa.func.min(Article.latest).label("published"))
        .join_from(IncidentCitation, Article, IncidentCitation.article_id == Article.id)
        .where(Article.precision != Precision.UNKNOWN)
    )


def _may_count_in_period(first: date, day_after: date) -> Any:  # noqa: ANN401 (a condition)
    """Return the SQL condition that an incident was recorded, or an article that it cites was
    published, in a period. `first`: the first day of the period; `day_after`: the day after it.

    A fast first filter, since it uses indexes: all incidents that count in the period fulfil it,
    and some others, which `_is_in_period` leaves out.
    """
    cited = (
        sa.select(IncidentCitation.record_id)
        .join(Article, IncidentCitation.article_id == Article.id)
        .where(Article.latest >= first, Article.latest < day_after)
    )
    recorded = sa.select(Incident.id).where(
        Incident.recorded_at >= _start_of_day(first),
        Incident.recorded_at < _start_of_day(day_after),
    )
    return Incident.id.in_(recorded.union(cited))


def _is_in_period(first: date, day_after: date, published: Any, recorded_at: Any) -> Any:  # noqa: ANN401 (columns)
    """Return the SQL condition that an incident counts in a period. `first`: the first day of the
    period; `day_after`: the day after it; `published`: the column with the date of the incident's
    earliest article; `recorded_at`: the column that decides if there is no such date.
    """
    # Written like this, and in this order, SQLite computes the publication date only once.
    return sa.or_(
        published.between(first, day_after - timedelta(days=1)),
        sa.and_(
            recorded_at >= _start_of_day(first),
            recorded_at < _start_of_day(day_after),
            published.is_(None),
        ),
    )


def _start_of_day(day: date) -> datetime:
    """Return the moment at which a day begins in the tracker's time zone."""
    return datetime.combine(day, time.min, clock.local_time_zone())

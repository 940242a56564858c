"""Incidents by the month in which they count: that of their earliest citing article, else of
recording, as `publication_rules.reported_month` says it of one.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, literal, or_, select

from tracker import clock
from tracker.articles.models import Article
from tracker.dates import following
from tracker.db import db
from tracker.incidents.models import Incident, IncidentCitation, IncidentType
from tracker.review.queries import counts
from tracker.when import Precision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import CTE, ColumnElement, Select

    from tracker.dates import Months


def is_reported_in(months: Months) -> Any:  # noqa: ANN401 (a condition)
    """Return the condition that an incident counts in one of some months."""
    of_it = _published().where(IncidentCitation.record_id == Incident.id).correlate(Incident)
    published = of_it.scalar_subquery()
    place = _lies_in(months.first, months.after, published, Incident.recorded_at)
    return and_(_may_count_between(months.first, months.after), place)


def counts_by_month(
    months: Sequence[date],
    classes: Mapping[str, Sequence[int]],
    *only: ColumnElement[bool],
) -> dict[tuple[str, date], int]:
    """Return how many incidents count in each of some months that follow one another, by class of
    types (each given with its terms' ids): an incident of two classes stands in both. Under "" all
    stand, each once. `only`: conditions that they fulfil besides.
    """
    rows = _by_month(months, *only)
    of_all = select(literal("").label("name"), rows.c.month, func.count())
    asked: Any = of_all.group_by(rows.c.month)
    if classes:
        of_class = ((IncidentType.term_id.in_(ids), name) for name, ids in classes.items())
        types = (
            select(rows.c.id, rows.c.month, case(*of_class).label("name"))
            .join_from(rows, IncidentType, IncidentType.incident_id == rows.c.id)
            .distinct()
            .subquery()
        )
        key = (types.c.name, types.c.month)
        asked = asked.union_all(
            select(*key, func.count()).where(types.c.name.is_not(None)).group_by(*key)
        )
    found = db.session.execute(asked)
    return {(name, date.fromisoformat(month)): of for name, month, of in found}


def _by_month(months: Sequence[date], *only: ColumnElement[bool]) -> CTE:
    """Return the incidents that count in these months, by id, each with the first day of its month
    as words.
    """
    whole = (months[0], following(months[-1]))
    asked = select(Incident.id, Incident.recorded_at)
    counted = _once(asked.where(counts(Incident), _may_count_between(*whole), *only))
    # One pass over the citations of all, not a look for each month and each incident.
    of_each = _published(IncidentCitation.record_id)
    of_each = of_each.where(IncidentCitation.record_id.in_(select(counted.c.id)))
    known = of_each.group_by(IncidentCitation.record_id).subquery()
    in_month = (
        (
            _lies_in(first, following(first), known.c.published, counted.c.recorded_at),
            first.isoformat(),
        )
        for first in months
    )
    return _once(
        select(counted.c.id, case(*in_month).label("month"))
        .outerjoin(known, known.c.record_id == counted.c.id)
        .where(_lies_in(*whole, known.c.published, counted.c.recorded_at))
    )


def _once(rows: Any) -> CTE:  # noqa: ANN401 (a select)
    """Return rows that are read once, however often a statement comes back to them."""
    once: CTE = rows.cte().prefix_with("MATERIALIZED")
    return once


def _published(*columns: Any) -> Select[Any]:  # noqa: ANN401 (columns)
    """Return the day by which the earliest of the articles that cite something was published."""
    return (
        select(*columns, func.min(Article.latest).label("published"))
        .join_from(IncidentCitation, Article, IncidentCitation.article_id == Article.id)
        .where(Article.precision != Precision.UNKNOWN)
    )


def _may_count_between(first: date, after: date) -> Any:  # noqa: ANN401 (a condition)
    """Return a condition that indexes answer, which every incident fulfils that counts in a month
    from this day on and before another: it was recorded or is told of by an article then.
    """
    cited = (
        select(IncidentCitation.record_id)
        .join(Article, IncidentCitation.article_id == Article.id)
        .where(Article.latest >= first, Article.latest < after)
    )
    recorded = select(Incident.id).where(
        Incident.recorded_at >= _begins(first), Incident.recorded_at < _begins(after)
    )
    return Incident.id.in_(recorded.union(cited))


def _lies_in(first: date, after: date, published: Any, recorded_at: Any) -> Any:  # noqa: ANN401 (columns)
    return or_(
        and_(published >= first, published < after),
        and_(published.is_(None), recorded_at >= _begins(first), recorded_at < _begins(after)),
    )


def _begins(day: date) -> datetime:
    """Return the moment in which a day begins where the tracker stands."""
    return datetime.combine(day, time.min, clock.zone())

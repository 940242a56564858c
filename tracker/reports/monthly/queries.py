"""Read what a monthly report counts, and published months."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tracker.db import db
from tracker.fake_accounts.models import FakeAccount, FakeAccountEvent
from tracker.fake_accounts.queries import conditions as of_account
from tracker.incidents.codes import FigureTable
from tracker.incidents.figure_queries import (
    count_incidents_by_month,
    crosswalk_heading,
    is_counted_in_figures,
)
from tracker.incidents.models import Incident
from tracker.incidents.queries import (
    figure_rows_matching,
    incidents_matching,
    publication_load_options,
)
from tracker.incidents.words import CROSSWALK_OF_TABLE, NONE_RECORDED
from tracker.people.models import Journalist
from tracker.people.queries import names_of
from tracker.reports.filters import MonthlyFilter
from tracker.reports.monthly.models import MonthlyText, PublishedMonth
from tracker.reports.monthly.sheet import (
    ACCOUNTS_TABLE,
    RESPONSES_TABLE,
    Member,
    Tables,
    regroup,
    tally,
)
from tracker.responses import queries as responses
from tracker.scoping import system_session
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.queries import every_term_of


def tables_of(filters: MonthlyFilter) -> Tables:
    """Return every table of the report that is published with it."""
    found = _of_incidents([one for one in FigureTable if one not in CROSSWALK_OF_TABLE], filters)
    terms = every_term_of(TermSet.INCIDENT_TYPE)
    for table in CROSSWALK_OF_TABLE:
        headings = {term.code: crosswalk_heading(term, table) for term in terms}
        found[table.value] = regroup(
            found[FigureTable.TYPE], {**headings, NONE_RECORDED: NONE_RECORDED}
        )
    found[RESPONSES_TABLE] = tally(
        Member(row.ref, row.standing.value, row.ref)
        for row in db.session.execute(responses.standings_of_filter(filters.of_responses()))
    )
    found[ACCOUNTS_TABLE] = tally(
        Member(row.ref, row.event.value, row.ref) for row in db.session.execute(_events(filters))
    )
    return found


def types_of(filters: MonthlyFilter) -> Tables:
    """Return the tables in which months are compared with those before."""
    return _of_incidents([FigureTable.ALL, FigureTable.TYPE], filters)


def counted_by_month(filters: MonthlyFilter, months: Sequence[date]) -> dict[date, int]:
    """Return how many incidents count in each of some months."""
    here = [Incident.country == filters.country] if filters.country else []
    found = count_incidents_by_month(months, is_counted_in_figures(), *here)
    return {month: found.get(month, 0) for month in months}


def counted_incident_ids(filters: MonthlyFilter) -> Any:  # noqa: ANN401 (a select of ids)
    """Return the ids of the incidents that the report counts."""
    rows = incidents_matching(filters.of_incidents()).where(is_counted_in_figures())
    return rows.with_only_columns(Incident.id)


def published_month(filters: MonthlyFilter) -> PublishedMonth | None:
    """Return the published month of a report, None if it is not published."""
    if not filters.is_one_month:
        return None
    rows = select(PublishedMonth).where(
        PublishedMonth.month == filters.months.first, PublishedMonth.country == filters.country
    )
    return db.session.scalars(rows).first()


def monthly_text(filters: MonthlyFilter) -> MonthlyText:
    """Return the commentary on a month, a new one if there is none."""
    month, country = filters.months.first, filters.country
    rows = select(MonthlyText).where(MonthlyText.month == month, MonthlyText.country == country)
    # A form that was opened before anybody wrote has version 0.
    empty: dict[str, Any] = {"version": 0, "summary": "", "on_incidents": "", "on_responses": ""}
    return db.session.scalars(rows).first() or MonthlyText(month=month, country=country, **empty)


def closed_names_of(team_ids: Collection[int | None]) -> list[str]:
    """Return the names that these teams or the viewer's share with nobody outside.

    Older text may still contain them.
    """
    with system_session("closed names in what is written of a month", reading=True) as session:
        rows = select(Journalist).where(
            Journalist.name_closed_on.is_not(None), Journalist.team_id.in_(team_ids)
        )
        found = session.scalars(rows.options(selectinload(Journalist.names)))
        return [name for one in found for name in names_of(one)]


def incidents_for_naming(filters: MonthlyFilter) -> Iterator[Incident]:
    """Yield the incidents that a month counts, with all that decides who may be named outside."""
    rows = incidents_matching(filters.of_incidents()).where(is_counted_in_figures())
    yield from db.session.scalars(rows.options(*publication_load_options())).unique()


def published_months(most: int) -> list[PublishedMonth]:
    """Return the months that were published last."""
    rows = select(PublishedMonth).order_by(PublishedMonth.month.desc(), PublishedMonth.country)
    return list(db.session.scalars(rows.limit(most)))


def _of_incidents(tables: Sequence[FigureTable], filters: MonthlyFilter) -> Tables:
    found: dict[str, list[Member]] = {table.value: [] for table in tables}
    for row in db.session.execute(figure_rows_matching(tables, filters.of_incidents())):
        found[row.figures].append(Member(row.ref, str(row.code), row.who, row.number))
    return {table: tally(of) for table, of in found.items()}


def _events(filters: MonthlyFilter) -> Any:  # noqa: ANN401 (a select)
    return (
        select(FakeAccount.ref, FakeAccountEvent.event)
        .join(FakeAccount.events)
        .where(
            *of_account(filters.of_accounts()),
            FakeAccountEvent.latest >= filters.months.first,
            FakeAccountEvent.latest < filters.months.day_after,
        )
    )

"""Read the figures of a monthly report, published months and commentaries."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tracker.db import db
from tracker.fake_accounts.models import FakeAccount, FakeAccountEvent
from tracker.fake_accounts.queries import filter_conditions as account_conditions
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
from tracker.incidents.rules import HEADINGS_BY_CROSSWALK_TABLE, NOT_RECORDED_CODE
from tracker.people.models import Journalist
from tracker.people.queries import names_of
from tracker.reports.filters import MonthlyFilter
from tracker.reports.monthly.models import MonthlyText, PublishedMonth
from tracker.reports.monthly.sheet import (
    ACCOUNTS_TABLE,
    RESPONSES_TABLE,
    CountedMember,
    Tables,
    cells_by_code,
    join_rows_by_heading,
)
from tracker.responses import queries as responses
from tracker.scoping import system_session
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.queries import list_all_terms


def monthly_tables(filters: MonthlyFilter) -> Tables:
    """Return all tables of a monthly report: about incidents, responses and fake accounts. All of
    them are stored when a month is published.
    """
    found = _incident_tables(
        [one for one in FigureTable if one not in HEADINGS_BY_CROSSWALK_TABLE], filters
    )
    terms = list_all_terms(TermSet.INCIDENT_TYPE)
    for table in HEADINGS_BY_CROSSWALK_TABLE:
        headings = {term.code: crosswalk_heading(term, table) for term in terms}
        found[table.value] = join_rows_by_heading(
            found[FigureTable.TYPE], {**headings, NOT_RECORDED_CODE: NOT_RECORDED_CODE}
        )
    found[RESPONSES_TABLE] = cells_by_code(
        CountedMember(row.ref, row.standing.value, row.ref)
        for row in db.session.execute(
            responses.select_matching_standings(filters.response_filter())
        )
    )
    found[ACCOUNTS_TABLE] = cells_by_code(
        CountedMember(row.ref, row.event.value, row.ref)
        for row in db.session.execute(_select_account_events(filters))
    )
    return found


def monthly_comparison_tables(filters: MonthlyFilter) -> Tables:
    """Return two tables of the period in `filters`: all incidents, and incidents by type. The
    period is the one before that of a report, which shows both numbers side by side.
    """
    return _incident_tables([FigureTable.ALL, FigureTable.TYPE], filters)


def count_by_month(filters: MonthlyFilter, months: Sequence[date]) -> dict[date, int]:
    """Return how many incidents are counted in each of some months."""
    here = [Incident.country == filters.country] if filters.country else []
    found = count_incidents_by_month(months, is_counted_in_figures(), *here)
    return {month: found.get(month, 0) for month in months}


def counted_incident_ids(filters: MonthlyFilter) -> Any:  # noqa: ANN401 (a select of ids)
    """Select the ids of the incidents that a monthly report counts."""
    rows = incidents_matching(filters.incident_filter()).where(is_counted_in_figures())
    return rows.with_only_columns(Incident.id)


def published_month(filters: MonthlyFilter) -> PublishedMonth | None:
    """Return the published figures for a report, None if the report is about more than one month or
    its month is not published.
    """
    if not filters.is_one_month:
        return None
    rows = select(PublishedMonth).where(
        PublishedMonth.month == filters.months.first, PublishedMonth.country == filters.country
    )
    return db.session.scalars(rows).first()


def monthly_text(filters: MonthlyFilter) -> MonthlyText:
    """Return the commentary on a month, or a new empty one."""
    month, country = filters.months.first, filters.country
    rows = select(MonthlyText).where(MonthlyText.month == month, MonthlyText.country == country)
    # A form that was opened before anybody wrote has version 0.
    empty: dict[str, Any] = {"version": 0, "summary": "", "on_incidents": "", "on_responses": ""}
    return db.session.scalars(rows).first() or MonthlyText(month=month, country=country, **empty)


def redacted_names_of_teams(team_ids: Collection[int | None]) -> list[str]:
    """Return the names of the journalists of some teams who must no longer be named in
    publications. None among the ids stands for no team, and adds nothing.
    """
    with system_session("redacted names in what is written of a month", reading=True) as session:
        rows = select(Journalist).where(
            Journalist.name_closed_on.is_not(None), Journalist.team_id.in_(team_ids)
        )
        found = session.scalars(rows.options(selectinload(Journalist.names)))
        return [name for one in found for name in names_of(one)]


def incidents_with_naming_details(filters: MonthlyFilter) -> Iterator[Incident]:
    """Yield the incidents that a monthly report counts. Everything that decides who may be named is
    loaded with them.
    """
    rows = incidents_matching(filters.incident_filter()).where(is_counted_in_figures())
    yield from db.session.scalars(rows.options(*publication_load_options())).unique()


def latest_published_months(most: int) -> list[PublishedMonth]:
    """Return the latest published months, at most `most`."""
    rows = select(PublishedMonth).order_by(PublishedMonth.month.desc(), PublishedMonth.country)
    return list(db.session.scalars(rows.limit(most)))


def _incident_tables(tables: Sequence[FigureTable], filters: MonthlyFilter) -> Tables:
    """Return the requested `tables` of a monthly report, which count incidents."""
    found: dict[str, list[CountedMember]] = {table.value: [] for table in tables}
    for row in db.session.execute(figure_rows_matching(tables, filters.incident_filter())):
        found[row.figures].append(CountedMember(row.ref, str(row.code), row.who, row.number))
    return {table: cells_by_code(of) for table, of in found.items()}


def _select_account_events(filters: MonthlyFilter) -> Any:  # noqa: ANN401 (a select)
    """Select the ref of a fake account and the kind of event, for each event of an account in the
    months of a report.
    """
    return (
        select(FakeAccount.ref, FakeAccountEvent.event)
        .join(FakeAccount.events)
        .where(
            *account_conditions(filters.account_filter()),
            FakeAccountEvent.latest >= filters.months.first,
            FakeAccountEvent.latest < filters.months.day_after,
        )
        .execution_options(shared=filters.shared)
    )

"""Every exported table and column, declared once.

Headers, schemas and the dictionary are made from here, and nothing else is exported.
"""

from __future__ import annotations

from tracker.reports.codes import Profile
from tracker.reports.tables import incident_tables as incidents
from tracker.reports.tables import people_tables as people
from tracker.reports.tables import response_tables as responses
from tracker.reports.tables.incident_tables import FLAT, PUBLISHED
from tracker.reports.tables.shape import Column, Kind, Table

__all__ = [
    "CHANGES",
    "CODES",
    "FLAT",
    "PUBLISHED",
    "TABLES",
    "Column",
    "Kind",
    "Table",
    "tables_of",
]

CODES, CHANGES = responses.CODES, responses.CHANGES
# In the order of the package: a row refers only to earlier tables, or to its own.
TABLES: tuple[Table, ...] = (
    CODES,
    people.OUTLETS, people.JOURNALISTS, people.INSTITUTIONS, people.NAMES, people.AFFILIATIONS,
    people.ARTICLES, people.MASKS,
    incidents.INCIDENTS, incidents.TYPES, incidents.TARGETS, incidents.STATUSES, incidents.ACTORS,
    incidents.PUBLICATIONS,
    incidents.ACCOUNTS, incidents.ACCOUNT_EVENTS, incidents.IMPERSONATIONS, incidents.SUCCESSIONS,
    incidents.ACCOUNT_USES,
    responses.RESPONSES, responses.STANCES, responses.ACTS, responses.ANSWERS,
    responses.APPEALS, responses.APPEAL_INCIDENTS,
    responses.PROCEEDINGS, responses.PROCEEDING_INCIDENTS, responses.PARTIES, responses.STEPS,
    responses.CASES, responses.MEMBERS, responses.FILED, responses.LINKS,
    people.CITATIONS, people.EXTERNAL,
    PUBLISHED,
)  # fmt: skip


def tables_of(profile: Profile) -> tuple[Table, ...]:
    """Return the tables of which a profile has any column."""
    return tuple(table for table in TABLES if table.columns_for(profile))

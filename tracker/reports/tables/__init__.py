"""All exported tables and columns, each declared once.

Headers, schemas and the data dictionary are built from these tables; nothing else is exported.
"""

from __future__ import annotations

from tracker.reports.codes import Profile
from tracker.reports.tables import incident_tables as incidents
from tracker.reports.tables import people_tables as people
from tracker.reports.tables import response_tables as responses
from tracker.reports.tables.incident_tables import FLAT_INCIDENTS, PUBLISHED_INCIDENTS
from tracker.reports.tables.shape import Column, ColumnKind, Table, columns_named_by_heading

__all__ = [
    "CHANGES",
    "CODES",
    "FLAT_INCIDENTS",
    "PUBLISHED_INCIDENTS",
    "TABLES",
    "Column",
    "ColumnKind",
    "Table",
    "columns_named_by_heading",
    "tables_for_profile",
]

# The tables of all codes with their labels, and of the changes since earlier packages.
CODES, CHANGES = responses.CODES, responses.CHANGES
# All tables of a package, in its order: rows refer only to rows of earlier tables, or of the same.
TABLES: tuple[Table, ...] = (
    CODES,
    people.OUTLETS, people.JOURNALISTS, people.INSTITUTIONS, people.NAMES, people.AFFILIATIONS,
    people.ARTICLES, people.ARTICLE_MASKS,
    incidents.INCIDENTS, incidents.INCIDENT_TYPES, incidents.TARGETS, incidents.TARGET_STATUSES,
    incidents.ACTORS, incidents.PUBLICATIONS,
    incidents.FAKE_ACCOUNTS, incidents.FAKE_ACCOUNT_EVENTS, incidents.ACCOUNT_IMPERSONATIONS,
    incidents.ACCOUNT_SUCCESSIONS, incidents.INCIDENT_ACCOUNTS,
    responses.RESPONSES, responses.RESPONSE_STANCES, responses.RESPONSE_ACTS,
    responses.RESPONSE_ANSWERS,
    responses.APPEALS, responses.APPEAL_INCIDENTS,
    responses.PROCEEDINGS, responses.PROCEEDING_INCIDENTS, responses.PROCEEDING_PARTIES,
    responses.PROCEEDING_STEPS,
    responses.CASES, responses.INCIDENT_CASES, responses.CASE_RECORDS, responses.RECORD_LINKS,
    people.CITATIONS, people.EXTERNAL_REFS,
    PUBLISHED_INCIDENTS,
)  # fmt: skip


def tables_for_profile(profile: Profile) -> tuple[Table, ...]:
    """Return the tables that have at least one column for a profile."""
    return tuple(table for table in TABLES if table.columns_for(profile))

"""Asking for a package, and what it would hold, before it leaves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.db import db
from tracker.i18n import in_language
from tracker.incidents.models import Incident
from tracker.incidents.queries import incidents_matching, names_in
from tracker.reports.codes import Profile, RowChange
from tracker.reports.extent_queries import Extent
from tracker.reports.packages.changes_queries import last_packages
from tracker.reports.packages.tidy_queries import count_of
from tracker.reports.packages.tidy_service import Question, changes_before, number_of
from tracker.reports.tables import PUBLISHED, TABLES, tables_of
from tracker.scoping import Viewer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from tracker.permissions import Actor
    from tracker.reports.ledger_models import ExportRun
    from tracker.reports.packages.changes_queries import Change
    from tracker.reports.packages.filters import PackageFilter

SHOWN = 100
# The tables of records that a second person approves.
REVIEWED = frozenset({"incidents", "fake_accounts", "responses", "appeals", "proceedings"})


@dataclass(frozen=True, slots=True)
class Preview:
    """What a package would hold: rows by table, what stays at home, what changed since which
    of the packages that its recipient has.
    """

    rows: dict[str, int]
    columns_withheld: dict[str, list[str]]
    incidents_withheld: int
    drafts_left_out: int
    changes: list[tuple[str, Change]]
    changed: Counter[RowChange]
    since: int | None


def question(asked: PackageFilter, *, since: Sequence[ExportRun], by: Actor) -> Question:
    """Return what a package is asked for; raise BadQuery as `incidents_matching` does."""
    rows = incidents_matching(asked.incidents)
    with in_language("en"):
        said = asked.described(names_in(asked.incidents))
    return Question(
        extent=Extent(
            asked.profile,
            None if asked.is_whole else rows.with_only_columns(Incident.id),
            drafts=asked.drafts,
        ),
        viewer=Viewer(tuple(by.team_ids)),
        said=said,
        recipient=asked.recipient,
        since=tuple(one.id for one in since),
    )


def last_of(asked: PackageFilter) -> list[ExportRun]:
    """Return the last package that the recipient has, and the last one with other tables."""
    if not asked.recipient:
        return []
    return last_packages(db.session(), asked.recipient, asked.profile)


def preview(asked: Question) -> Preview:
    """Return what a package would hold, for the session's viewer."""
    session = db.session()
    extent = asked.extent
    rows = {table.name: number_of(session, table, extent) for table in tables_of(extent.profile)}
    carried = {
        table.name: {one.name for one in table.carried_by(extent.profile)} for table in TABLES
    }
    withheld = {
        table.name: [name for name in table.header if name not in carried[table.name]]
        for table in TABLES
        if table is not PUBLISHED and set(table.header) - carried[table.name]
    }
    with_drafts = Extent(extent.profile, extent.incidents, drafts=True)
    shared = {
        table.name: count_of(session, table, with_drafts)
        for table in TABLES
        if table.name in REVIEWED & rows.keys()
    }
    compared = changes_before(session, asked)
    changes = compared.changes if compared else {}
    return Preview(
        rows=rows,
        columns_withheld=withheld,
        incidents_withheld=_kept_by_teams(session, extent, shared),
        drafts_left_out=sum(count - rows[name] for name, count in shared.items()),
        changes=sorted(changes.items())[:SHOWN],
        changed=Counter(one.what for one in changes.values()),
        since=compared.since if compared else None,
    )


def _kept_by_teams(session: Session, extent: Extent, shared: Mapping[str, int]) -> int:
    """Return how many incidents are not shared with others, of those that were asked for."""
    if "incidents" not in shared:
        return 0
    table = next(one for one in TABLES if one.name == "incidents")
    every = count_of(session, table, Extent(Profile.INTERNAL, extent.incidents))
    return every - shared["incidents"]

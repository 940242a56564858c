"""Read the kept figures of open cases, and count them for each group of readers."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, select, union
from sqlalchemy.orm import aliased

from tracker import clock
from tracker.articles.models import Article
from tracker.bulk_insert import is_in_json_list
from tracker.cases.codes import Lifecycle
from tracker.cases.models import Case, CaseIncident, CaseResponse, KeptFigures
from tracker.cases.queries import CASE_JOINS
from tracker.db import db
from tracker.fake_accounts.models import AccountCitation, FakeAccount, FakeAccountEvent
from tracker.incidents.models import Incident, IncidentCitation, IncidentTarget
from tracker.people.models import Institution
from tracker.permissions import Visibility
from tracker.responses.models import (
    Appeal,
    OfficialResponse,
    Proceeding,
    ProceedingCitation,
    ResponseAnswer,
)
from tracker.scoping import ALL_USERS_VIEWER, Viewer, viewing_columns_as
from tracker.timelines.open_case_queries import (
    JOIN_TO_INCIDENT,
    load_open_cases,
    open_case_ids,
    records_in_cases,
)
from tracker.timelines.situation import (
    CaseFigures,
    CountedCase,
    EventSortKey,
    OpenCase,
    PublicSince,
    cases_by_latest_event,
)

# The citations from which figures follow, by the kind of record.
CITED: dict[type[Any], type[Any]] = {
    Incident: IncidentCitation,
    FakeAccount: AccountCitation,
    Proceeding: ProceedingCitation,
}
# In which order to go from changed rows to the cases in which they might count: from a kind, by its
# key in a table, to another kind by that one's. Too far rather than not far enough.
LEADS: tuple[tuple[type[Any], Any, type[Any], Any], ...] = (
    (IncidentTarget, IncidentTarget.id, Incident, IncidentTarget.incident_id),
    *((Article, of.article_id, kind, of.record_id) for kind, of in CITED.items()),
    (Institution, FakeAccountEvent.institution_id, FakeAccount, FakeAccountEvent.account_id),
    (Institution, Appeal.institution_id, Appeal, Appeal.id),
    (Institution, OfficialResponse.institution_id, OfficialResponse, OfficialResponse.id),
    # A response that answers it no longer answers another case alone.
    (Incident, ResponseAnswer.incident_id, OfficialResponse, ResponseAnswer.response_id),
    (OfficialResponse, Appeal.response_id, Appeal, Appeal.id),
    # What answers a case as a whole answers its incidents, in whatever cases they are.
    (OfficialResponse, CaseResponse.response_id, Case, CaseResponse.case_id),
    (Case, CaseIncident.case_id, Incident, CaseIncident.incident_id),
    *((kind, key, Incident, join.incident_id) for kind, (join, key) in JOIN_TO_INCIDENT.items()),
    *((shelf.kind, shelf.key, Case, shelf.join.case_id) for shelf in CASE_JOINS),
)


class Audience(NamedTuple):
    """Readers of a case for whom its figures are kept: all users, or the members of a team."""

    case_id: int
    team_id: int
    visibility: Visibility

    @property
    def viewer(self) -> Viewer:
        """Return somebody who sees what they all see."""
        return (
            ALL_USERS_VIEWER if self.visibility is Visibility.INTERNAL else Viewer((self.team_id,))
        )


def counted_cases() -> list[CountedCase]:
    """Return the open cases as lists count them, the last changed first.

    From their figures; those of which none are kept for this viewer are counted now.
    """
    rows = db.session.execute(
        select(Case.id, Case.ref, Case.accountability, *_figure_columns(), KeptFigures.visibility)
        .outerjoin(KeptFigures, KeptFigures.case_id == Case.id)
        .where(Case.lifecycle != Lifecycle.CLOSED)
        .order_by(Case.updated_at.desc(), Case.ref)
    )
    by_case: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_case[row.id].append(row)
    kept = {number: _own_row(of) for number, of in by_case.items()}
    missing = [number for number, row in kept.items() if row is None]
    live = {one.id: one.counted for one in load_open_cases(ids=missing)} if missing else {}
    today = clock.current_date()
    return [
        CountedCase(row.id, row.ref, row.accountability, figures_of(row), today)
        if row is not None
        else live[number]
        for number, row in kept.items()
        if row is not None or number in live
    ]


def _own_row(rows: Sequence[Row[Any]]) -> Row[Any] | None:
    """Return the row of the viewer's team, or of all users; None without one, or for two teams."""
    of_teams = [row for row in rows if row.visibility is Visibility.RESTRICTED]
    found = of_teams or [row for row in rows if row.visibility is not None]
    return found[0] if len(found) == 1 else None


def _figure_columns() -> list[Any]:
    return [getattr(KeptFigures, name) for name in columns_of(CaseFigures())]


def columns_of(figures: CaseFigures) -> dict[str, Any]:
    """Return figures as the columns that keep them."""
    public, last = figures.public, figures.last
    return {
        "step": figures.step,
        "public_earliest": public and public.earliest,
        "public_latest": public and public.latest,
        "public_ref": public.ref if public else "",
        "is_silent": figures.is_silent,
        "is_unanswered": figures.is_unanswered,
        "claims_answer": figures.claims_answer,
        "last_latest": last and last.latest,
        "last_earliest": last and last.earliest,
        "last_ref": last.ref if last else "",
    }


def figures_of(row: Any) -> CaseFigures:  # noqa: ANN401 (a row with the columns)
    """Return the figures that columns keep."""
    return CaseFigures(
        step=row.step,
        public=PublicSince(row.public_earliest, row.public_latest, row.public_ref)
        if row.public_ref
        else None,
        is_silent=row.is_silent,
        is_unanswered=row.is_unanswered,
        claims_answer=row.claims_answer,
        last=EventSortKey(row.last_latest, row.last_earliest, row.last_ref)
        if row.last_ref
        else None,
    )


def open_cases_by_id(ids: Collection[int], *, latest: int = 0) -> dict[int, OpenCase]:
    """Return these cases with their facts; `latest`: with so many of their latest incidents.

    Of a case that figures are kept of, the records with consequences are known.
    """
    rows = select(KeptFigures.case_id, KeptFigures.visibility, KeptFigures.records)
    rows_of_viewer: Any = db.session.execute(rows.where(KeptFigures.case_id.in_(ids)))
    by_case: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows_of_viewer:
        by_case[row.case_id].append(row)
    own = {number: _own_row(of) for number, of in by_case.items()}
    kept = {number: row.records for number, row in own.items() if row is not None}
    found = load_open_cases(known=kept, latest=latest) if kept else []
    if others := set(ids) - kept.keys():
        found += load_open_cases(ids=others, latest=latest)
    return {one.id: one for one in found}


def open_cases_with_latest_events(
    cases: Iterable[CountedCase], most: int, *, beside: Iterable[CountedCase] = ()
) -> list[OpenCase]:
    """Return the cases that hold the latest events of all, with their facts, and those `beside`.

    By the last event of each, which may be still to come: then further cases are read.
    """
    waiting = sorted(
        ((one.figures.last, one.id) for one in cases if one.figures.last), reverse=True
    )
    ids, read = {one.id for one in beside}, dict[int, OpenCase]()
    while waiting or ids:
        ids.update(number for _place, number in waiting[:most])
        del waiting[:most]
        read |= open_cases_by_id(ids - read.keys(), latest=most)
        ids.clear()
        places = cases_by_latest_event(read.values(), most)
        if waiting and len(places) == most and waiting[0][0] < min(places)[:3]:
            break
    return list(read.values())


def count_figures(ids: Collection[int]) -> dict[Audience, dict[str, Any]]:
    """Return the columns of those of these cases that are open, for each of their audiences.

    Of a case that a team does not see there is nothing to count.
    """
    with viewing_columns_as(system="figures: teams with anything restricted in a case"):
        audiences = [Audience(*row) for row in db.session.execute(_audiences(ids))]
    found = {one: columns_of(CaseFigures()) | {"records": []} for one in audiences}
    by_viewer: dict[Viewer, dict[int, Audience]] = defaultdict(dict)
    for one in audiences:
        by_viewer[one.viewer][one.case_id] = one
    for viewer, of in by_viewer.items():
        with viewing_columns_as(viewer=viewer):
            for case in load_open_cases(ids=of):
                refs = sorted({fact.ref for fact in case.facts})
                found[of[case.id]] = columns_of(case.figures) | {"records": refs}
    return found


def _audiences(ids: Collection[int]) -> Any:  # noqa: ANN401 (a select of three columns)
    """Return the audiences of these cases, if they are open, in a session that sees every row."""
    cases = open_case_ids(ids)
    of_all = select(Case.id.label("case_id"), Case.team_id, Case.visibility)
    of_all = of_all.where(Case.id.in_(cases), Case.visibility == Visibility.INTERNAL)
    of_teams = (
        rows.where(kind.visibility == Visibility.RESTRICTED) for kind, rows in _teams(cases)
    )
    return union(of_all, *of_teams)


def _teams(cases: Select[int]) -> Iterator[tuple[Any, Select[Any]]]:
    """Yield kinds of records from which anything in these cases might follow, with their teams."""
    yield Case, _team_rows(Case.id, Case).where(Case.id.in_(cases))
    for shelf in CASE_JOINS:
        kind, placed = shelf.kind, records_in_cases(cases, shelf.kind)
        yield kind, _team_rows(placed.c.case_id, kind).join(placed, placed.c.record_id == kind.id)
        if kind in CITED:
            of = CITED[kind]
            rows = _team_rows(placed.c.case_id, Article).join(of, of.article_id == Article.id)
            yield Article, rows.join(placed, placed.c.record_id == of.record_id)
    placed = records_in_cases(cases, OfficialResponse)
    rows = _team_rows(placed.c.case_id, Incident).join(ResponseAnswer.incident)
    yield Incident, rows.join(placed, placed.c.record_id == ResponseAnswer.response_id)
    placed = records_in_cases(cases, Appeal)
    rows = _team_rows(placed.c.case_id, OfficialResponse).join(Appeal.response)
    yield OfficialResponse, rows.join(placed, placed.c.record_id == Appeal.id)
    # Other cases of its incidents.
    here, there = aliased(CaseIncident), aliased(CaseIncident)
    rows = _team_rows(here.case_id, Case).join(there, there.case_id == Case.id)
    yield (
        Case,
        rows.join(here, here.incident_id == there.incident_id).where(here.case_id.in_(cases)),
    )


def _team_rows(case_id: Any, kind: Any) -> Select[Any]:  # noqa: ANN401 (a column, a model)
    return select(case_id.label("case_id"), kind.team_id, kind.visibility).select_from(kind)


def kept_figures(ids: Collection[int]) -> dict[Audience, dict[str, Any]]:
    """Return the columns that are kept of these cases, in a session that sees every row."""
    columns = [*_figure_columns(), KeptFigures.records]
    names = (KeptFigures.case_id, KeptFigures.team_id, KeptFigures.visibility)
    rows = db.session.execute(select(*names, *columns).where(KeptFigures.case_id.in_(ids)))
    return {
        Audience(row.case_id, row.team_id, row.visibility): {
            column.key: getattr(row, column.key) for column in columns
        }
        for row in rows
    }


def cases_of_changes(changed: Mapping[type[Any], Collection[int]]) -> set[int]:
    """Return the cases in which changed rows might count, in a session that sees every row."""
    dialect = db.session().get_bind().dialect.name
    ids: dict[type[Any], set[int]] = defaultdict(set)
    for kind, numbers in changed.items():
        ids[kind].update(numbers)
    for kind, key, to, found in LEADS:
        if ids[kind]:
            is_one = is_in_json_list(key, dialect, json.dumps(sorted(ids[kind])))
            ids[to].update(db.session.scalars(select(found).where(is_one)))
    return ids[Case]

"""The stored figures of open cases, for all users and for members of each team.

They are kept up to date: each change counts them again before its transaction commits.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, delete, event, insert, inspect, select, union
from sqlalchemy.orm import ORMExecuteState, UOWTransaction, aliased

from tracker import clock
from tracker.articles.models import Article
from tracker.bulk_insert import is_in_json_list
from tracker.cases.codes import Lifecycle
from tracker.cases.models import Case, CaseIncident, CaseResponse, StoredCaseFigures
from tracker.cases.queries import CASE_JOINS
from tracker.db import TrackerSession, db
from tracker.fake_accounts.models import AccountCitation, FakeAccount, FakeAccountEvent
from tracker.incidents.models import Incident, IncidentCitation, IncidentTarget, TargetStatus
from tracker.people.models import Institution
from tracker.permissions import Visibility
from tracker.responses.models import (
    Appeal,
    OfficialResponse,
    Proceeding,
    ProceedingCitation,
    ProceedingStep,
    ResponseAct,
    ResponseAnswer,
)
from tracker.scoping import ALL_USERS_VIEWER, Viewer, viewing_columns_as
from tracker.timelines.open_case_queries import (
    INCIDENT_JOIN_OF_MODEL,
    load_open_cases,
    open_case_ids,
    records_in_cases,
)
from tracker.timelines.situation import (
    CaseFigures,
    EventSortKey,
    OpenCase,
    OpenCaseSummary,
    PublicSince,
    cases_by_latest_event,
)

# The citation models whose rows change figures, by the model of the record.
CITATION_MODELS: dict[type[Any], type[Any]] = {
    Incident: IncidentCitation,
    FakeAccount: AccountCitation,
    Proceeding: ProceedingCitation,
}
# How to find the cases in which changed rows count, step by step in this order. A step has a model,
# a column, a second model, and a second column of the same table. If rows of the first model
# changed, the table is searched for their ids in the first column; the second column then has ids
# of the second model, which are searched for next. Some cases may be found that are not affected.
PATHS_TO_CASES: tuple[tuple[type[Any], Any, type[Any], Any], ...] = (
    (IncidentTarget, IncidentTarget.id, Incident, IncidentTarget.incident_id),
    *((Article, of.article_id, kind, of.record_id) for kind, of in CITATION_MODELS.items()),
    (Institution, FakeAccountEvent.institution_id, FakeAccount, FakeAccountEvent.account_id),
    (Institution, Appeal.institution_id, Appeal, Appeal.id),
    (Institution, OfficialResponse.institution_id, OfficialResponse, OfficialResponse.id),
    # A response that names an incident may no longer answer another case alone.
    (Incident, ResponseAnswer.incident_id, OfficialResponse, ResponseAnswer.response_id),
    (OfficialResponse, Appeal.response_id, Appeal, Appeal.id),
    # A response to a whole case answers its incidents, whatever other cases they are in.
    (OfficialResponse, CaseResponse.response_id, Case, CaseResponse.case_id),
    (Case, CaseIncident.case_id, Incident, CaseIncident.incident_id),
    *(
        (kind, key, Incident, join.incident_id)
        for kind, (join, key) in INCIDENT_JOIN_OF_MODEL.items()
    ),
    *(
        (case_join.kind, case_join.record_id_column, Case, case_join.join_model.case_id)
        for case_join in CASE_JOINS
    ),
)
# The most cases that are counted together.
MAX_CASES_PER_BATCH = 200
# For each model of rows that file a record in a case: the columns of such a row that hold the id of
# the case and of the record, each with the model of the case or record.
RECORD_KEYS_OF_CASE_JOIN: dict[type[Any], dict[str, type[Any]]] = {
    case_join.join_model: {"case_id": Case, f"{case_join.record_attribute}_id": case_join.kind}
    for case_join in CASE_JOINS
}
# For each model of rows that change figures: the columns of such a row that hold the id of a
# record, each with the model of that record.
RECORD_KEYS_OF_MODEL: dict[type[Any], dict[str, type[Any]]] = {
    **{one: {"id": one} for one in (Case, Incident, FakeAccount, OfficialResponse, Proceeding)},
    Appeal: {"id": Appeal, "response_id": OfficialResponse},
    Article: {"id": Article},
    Institution: {"id": Institution},
    TargetStatus: {"target_id": IncidentTarget},
    FakeAccountEvent: {"account_id": FakeAccount},
    ResponseAct: {"response_id": OfficialResponse},
    ProceedingStep: {"proceeding_id": Proceeding},
    **{citation: {"record_id": kind} for kind, citation in CITATION_MODELS.items()},
    **{
        join: {key.key: kind, "incident_id": Incident}
        for kind, (join, key) in INCIDENT_JOIN_OF_MODEL.items()
    },
    **RECORD_KEYS_OF_CASE_JOIN,
}
# For articles and institutions, to which many records refer: the columns that change figures. A new
# article or institution changes no figures.
COLUMNS_AFFECTING_FIGURES: dict[type[Any], tuple[str, ...]] = {
    Article: ("kind", "earliest", "latest", "team_id", "visibility"),
    Institution: ("kind", "country"),
}
# Tables in which a statement that updates or deletes many rows may change any figures.
TABLES_AFFECTING_FIGURES = {model.__tablename__ for model in RECORD_KEYS_OF_MODEL}
# The models of records that cases hold.
CASE_RECORD_MODELS = {case_join.kind for case_join in CASE_JOINS}
# Tables whose rows file records in cases: a statement that inserts many such rows may change
# figures.
JOIN_TABLES = {model.__tablename__ for model in RECORD_KEYS_OF_CASE_JOIN}
# Keys of the session's `info`, for what a transaction has changed so far.
CHANGED, CREATED, ALL_CHANGED = "figures_changed", "figures_created", "figures_all_changed"


class Audience(NamedTuple):
    """The readers of a case for whom figures are stored: all users, or the members of a team.
    `visibility`: INTERNAL for all users, RESTRICTED for a team.
    """

    case_id: int
    team_id: int
    visibility: Visibility

    @property
    def viewer(self) -> Viewer:
        """A viewer who sees what every reader in this audience sees."""
        return (
            ALL_USERS_VIEWER if self.visibility is Visibility.INTERNAL else Viewer((self.team_id,))
        )


def open_case_summaries() -> list[OpenCaseSummary]:
    """Return the visible open cases with their figures, the last changed first.

    Figures that are not stored for this viewer are counted.
    """
    rows = db.session.execute(
        select(
            Case.id, Case.ref, Case.accountability, *_figure_columns(), StoredCaseFigures.visibility
        )
        .outerjoin(StoredCaseFigures, StoredCaseFigures.case_id == Case.id)
        .where(Case.lifecycle != Lifecycle.CLOSED)
        .order_by(Case.updated_at.desc(), Case.ref)
    )
    by_case: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_case[row.id].append(row)
    kept = {number: _row_of_viewer(of) for number, of in by_case.items()}
    missing = [number for number, row in kept.items() if row is None]
    live = {one.id: one.summary for one in load_open_cases(ids=missing)} if missing else {}
    today = clock.current_date()
    return [
        OpenCaseSummary(row.id, row.ref, row.accountability, figures_from_row(row), today)
        if row is not None
        else live[number]
        for number, row in kept.items()
        if row is not None or number in live
    ]


def _row_of_viewer(rows: Sequence[Row[Any]]) -> Row[Any] | None:
    """Return the stored figures of a case that count for the viewer: the row for the viewer's team,
    or else the row for all users. None if there is neither, or if several teams of the viewer have
    a row. `rows`: the rows of the case that the viewer sees.
    """
    of_teams = [row for row in rows if row.visibility is Visibility.RESTRICTED]
    found = of_teams or [row for row in rows if row.visibility is not None]
    return found[0] if len(found) == 1 else None


def _figure_columns() -> list[Any]:
    """Return the columns of `StoredCaseFigures` that hold figures."""
    return [getattr(StoredCaseFigures, name) for name in figures_to_columns(CaseFigures())]


def figures_to_columns(figures: CaseFigures) -> dict[str, Any]:
    """Return figures as values of the columns of `StoredCaseFigures`."""
    public, last = figures.public_since, figures.last_event
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


def figures_from_row(row: Any) -> CaseFigures:  # noqa: ANN401 (a row with the columns)
    """Return the figures in a row with the columns of `StoredCaseFigures`."""
    return CaseFigures(
        step=row.step,
        public_since=PublicSince(row.public_earliest, row.public_latest, row.public_ref)
        if row.public_ref
        else None,
        is_silent=row.is_silent,
        is_unanswered=row.is_unanswered,
        claims_answer=row.claims_answer,
        last_event=EventSortKey(row.last_latest, row.last_earliest, row.last_ref)
        if row.last_ref
        else None,
    )


def load_open_cases_by_id(ids: Collection[int], *, latest: int = 0) -> dict[int, OpenCase]:
    """Return the open cases with these ids and their facts, by id. `latest`: the number of latest
    incidents that are loaded even if they do not affect figures.
    """
    rows = select(
        StoredCaseFigures.case_id, StoredCaseFigures.visibility, StoredCaseFigures.records
    )
    rows_of_viewer: Any = db.session.execute(rows.where(StoredCaseFigures.case_id.in_(ids)))
    by_case: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows_of_viewer:
        by_case[row.case_id].append(row)
    own = {number: _row_of_viewer(of) for number, of in by_case.items()}
    kept = {number: row.records for number, row in own.items() if row is not None}
    found = load_open_cases(refs_by_case=kept, latest=latest) if kept else []
    if others := set(ids) - kept.keys():
        found += load_open_cases(ids=others, latest=latest)
    return {one.id: one for one in found}


def open_cases_with_latest_events(
    cases: Iterable[OpenCaseSummary], most: int, *, further_cases: Iterable[OpenCaseSummary] = ()
) -> list[OpenCase]:
    """Return the cases that have one of the `most` latest events, with their facts.
    `further_cases`: further cases to return.

    Cases are read in the order of their last event; if that is in the future, further cases are
    read.
    """
    waiting = sorted(
        ((one.figures.last_event, one.id) for one in cases if one.figures.last_event), reverse=True
    )
    ids, read = {one.id for one in further_cases}, dict[int, OpenCase]()
    while waiting or ids:
        ids.update(number for _place, number in waiting[:most])
        del waiting[:most]
        read |= load_open_cases_by_id(ids - read.keys(), latest=most)
        ids.clear()
        places = cases_by_latest_event(read.values(), most)
        if waiting and len(places) == most and waiting[0][0] < min(places)[:3]:
            break
    return list(read.values())


def compute_case_figures(ids: Collection[int]) -> dict[Audience, dict[str, Any]]:
    """Return the figures of these cases for each audience, by column name of `StoredCaseFigures`;
    closed cases are left out.

    Figures of a case that a team does not see are empty.
    """
    with viewing_columns_as(system="figures: teams with anything restricted in a case"):
        audiences = [Audience(*row) for row in db.session.execute(_audiences_query(ids))]
    found = {one: figures_to_columns(CaseFigures()) | {"records": []} for one in audiences}
    by_viewer: dict[Viewer, dict[int, Audience]] = defaultdict(dict)
    for one in audiences:
        by_viewer[one.viewer][one.case_id] = one
    for viewer, of in by_viewer.items():
        with viewing_columns_as(viewer=viewer):
            for case in load_open_cases(ids=of):
                refs = sorted({fact.ref for fact in case.facts})
                found[of[case.id]] = figures_to_columns(case.figures) | {"records": refs}
    return found


def _audiences_query(ids: Collection[int]) -> Any:  # noqa: ANN401 (a select of three columns)
    """Return a query of the audiences for which these cases have figures; closed cases are left
    out. The session must see all rows.
    """
    cases = open_case_ids(ids)
    of_all = select(Case.id.label("case_id"), Case.team_id, Case.visibility)
    of_all = of_all.where(Case.id.in_(cases), Case.visibility == Visibility.INTERNAL)
    of_teams = (
        rows.where(kind.visibility == Visibility.RESTRICTED) for kind, rows in _team_queries(cases)
    )
    return union(of_all, *of_teams)


def _team_queries(cases: Select[int]) -> Iterator[tuple[Any, Select[Any]]]:
    """Yield each model of records that may change the figures of these cases. With each comes a
    query of its records: the case id, and the team and visibility of the record.
    """
    yield Case, _team_query(Case.id, Case).where(Case.id.in_(cases))
    for case_join in CASE_JOINS:
        kind, placed = case_join.kind, records_in_cases(cases, case_join.kind)
        yield kind, _team_query(placed.c.case_id, kind).join(placed, placed.c.record_id == kind.id)
        if kind in CITATION_MODELS:
            of = CITATION_MODELS[kind]
            rows = _team_query(placed.c.case_id, Article).join(of, of.article_id == Article.id)
            yield Article, rows.join(placed, placed.c.record_id == of.record_id)
    placed = records_in_cases(cases, OfficialResponse)
    rows = _team_query(placed.c.case_id, Incident).join(ResponseAnswer.incident)
    yield Incident, rows.join(placed, placed.c.record_id == ResponseAnswer.response_id)
    placed = records_in_cases(cases, Appeal)
    rows = _team_query(placed.c.case_id, OfficialResponse).join(Appeal.response)
    yield OfficialResponse, rows.join(placed, placed.c.record_id == Appeal.id)
    # Other cases with the same incidents.
    here, there = aliased(CaseIncident), aliased(CaseIncident)
    rows = _team_query(here.case_id, Case).join(there, there.case_id == Case.id)
    yield (
        Case,
        rows.join(here, here.incident_id == there.incident_id).where(here.case_id.in_(cases)),
    )


def _team_query(case_id: Any, kind: Any) -> Select[Any]:  # noqa: ANN401 (a column, a model)
    """Return a query of a case id, and of the team and visibility of records. `case_id`: the column
    with the case id, whose table the caller joins; `kind`: the model of the records.
    """
    return select(case_id.label("case_id"), kind.team_id, kind.visibility).select_from(kind)


def stored_figures(ids: Collection[int]) -> dict[Audience, dict[str, Any]]:
    """Return the stored figures of these cases for each audience, by column name of
    `StoredCaseFigures`; the session must see all rows.
    """
    columns = [*_figure_columns(), StoredCaseFigures.records]
    names = (StoredCaseFigures.case_id, StoredCaseFigures.team_id, StoredCaseFigures.visibility)
    rows = db.session.execute(select(*names, *columns).where(StoredCaseFigures.case_id.in_(ids)))
    return {
        Audience(row.case_id, row.team_id, row.visibility): {
            column.key: getattr(row, column.key) for column in columns
        }
        for row in rows
    }


def case_ids_affected_by(changed: Mapping[type[Any], Collection[int]]) -> set[int]:
    """Return the ids of the cases whose figures may change because rows have changed. `changed`:
    the ids of changed rows by model. The session must see all rows.
    """
    dialect = db.session().get_bind().dialect.name
    ids: dict[type[Any], set[int]] = defaultdict(set)
    for kind, numbers in changed.items():
        ids[kind].update(numbers)
    for kind, key, to, found in PATHS_TO_CASES:
        if ids[kind]:
            is_one = is_in_json_list(key, dialect, json.dumps(sorted(ids[kind])))
            ids[to].update(db.session.scalars(select(found).where(is_one)))
    return ids[Case]


@event.listens_for(TrackerSession, "before_flush")
def _remember_deleted(session: TrackerSession, *_rest: object) -> None:
    """Note in the session's `info` the records to which its deleted rows belong, for
    `_update_changed_figures`.
    """
    for row in session.deleted:
        _remember_changed_row(session, row)


@event.listens_for(TrackerSession, "after_flush")
def _remember_changed(session: TrackerSession, _flushed: UOWTransaction) -> None:
    """Note in the session's `info` the records to which its new and changed rows belong, and which
    records are new.
    """
    for row in session.new:
        if type(row) not in COLUMNS_AFFECTING_FIGURES:
            _remember_changed_row(session, row)
        if type(row) in CASE_RECORD_MODELS:
            session.info.setdefault(CREATED, defaultdict(set))[type(row)].add(row.id)
    for row in session.dirty:
        attributes, read = inspect(row).attrs, COLUMNS_AFFECTING_FIGURES.get(type(row))
        if not read or any(attributes[name].history.has_changes() for name in read):
            _remember_changed_row(session, row)


def _remember_changed_row(session: TrackerSession, row: Any) -> None:  # noqa: ANN401 (a row of any feature)
    """Note the records to which a changed row belongs, and to which it belonged before."""
    attributes = inspect(row).attrs
    for name, kind in RECORD_KEYS_OF_MODEL.get(type(row), {}).items():
        changed = session.info.setdefault(CHANGED, defaultdict(set))
        before = attributes[name].history.deleted or ()
        changed[kind].update(one for one in (getattr(row, name), *before) if one is not None)


@event.listens_for(TrackerSession, "do_orm_execute")
def _remember_statement(state: ORMExecuteState) -> None:
    """Note in the session's `info` that a statement changes many rows at once, if these may change
    figures. An insert of new records does not change figures: these are in no case yet.
    """
    if state.is_insert or state.is_update or state.is_delete:
        name = getattr(state.statement.table, "name", "")  # type: ignore[attr-defined]
        if name in (JOIN_TABLES if state.is_insert else TABLES_AFFECTING_FIGURES):
            state.session.info[ALL_CHANGED] = True


@event.listens_for(TrackerSession, "before_commit")
def _update_changed_figures(session: TrackerSession) -> None:
    """Count the figures of the cases that this transaction changed, and store them."""
    session.flush()
    created = session.info.pop(CREATED, {})
    # The row that joins a new record to a case is noted for the case, or for the older record.
    changed = {
        kind: ids - created.get(kind, set()) for kind, ids in session.info.pop(CHANGED, {}).items()
    }
    if session.info.pop(ALL_CHANGED, False):
        store_figures(_all_case_ids())
    elif any(changed.values()):
        with viewing_columns_as(system="figures: cases of all teams in which a change counts"):
            ids = case_ids_affected_by(changed)
        store_figures(ids)


@event.listens_for(TrackerSession, "after_rollback")
def _discard_changes(session: TrackerSession) -> None:
    """Forget what a transaction that was rolled back had changed."""
    for noted in (CHANGED, CREATED, ALL_CHANGED):
        session.info.pop(noted, None)


def store_figures(ids: Collection[int]) -> None:
    """Count and store the figures of these cases; those of closed cases are deleted."""
    for some in _split_into_batches(ids):
        _replace_figures(some, compute_case_figures(some))


def _replace_figures(ids: Collection[int], counted: Mapping[Audience, dict[str, Any]]) -> None:
    """Replace the stored figures of these cases; `counted`: values by audience and column name."""
    with viewing_columns_as(system="figures: those of every team"):
        gone = delete(StoredCaseFigures).where(StoredCaseFigures.case_id.in_(ids))
        db.session.execute(gone, execution_options={"synchronize_session": False})
    rows = [{**audience._asdict(), **columns} for audience, columns in counted.items()]
    if rows:
        db.session.execute(insert(StoredCaseFigures), rows)


def store_missing_figures() -> None:
    """Count and store the figures of open cases without any, as after an upgrade."""
    kept = select(StoredCaseFigures.case_id)
    with viewing_columns_as(system="figures: open cases without any"):
        rows = select(Case.id).where(Case.lifecycle != Lifecycle.CLOSED, Case.id.not_in(kept))
        missing = list(db.session.scalars(rows))
    store_figures(missing)


def check_figures(*, repair: bool) -> Iterator[tuple[int, list[str]]]:
    """Count the figures of all cases again, and yield for each batch the number of its cases and
    the refs of the cases whose stored figures are wrong. `repair`: store the new figures; the
    caller commits after each batch.
    """
    for some in _split_into_batches(_all_case_ids()):
        counted = compute_case_figures(some)
        with viewing_columns_as(system="figures: compare those of every team"):
            kept = stored_figures(some)
            differing = {
                one.case_id
                for one in kept.keys() | counted.keys()
                if kept.get(one) != counted.get(one)
            }
            rows = select(Case.ref).where(Case.id.in_(differing)).order_by(Case.ref)
            refs = list(db.session.scalars(rows))
        if repair:
            _replace_figures(some, counted)
        yield len(some), refs


def _all_case_ids() -> list[int]:
    with viewing_columns_as(system="figures: all cases"):
        return list(db.session.scalars(select(Case.id).order_by(Case.id)))


def _split_into_batches(ids: Collection[int]) -> Iterator[list[int]]:
    """Yield the ids in order, `MAX_CASES_PER_BATCH` at a time."""
    ordered = sorted(ids)
    return (
        ordered[at : at + MAX_CASES_PER_BATCH] for at in range(0, len(ordered), MAX_CASES_PER_BATCH)
    )

"""Keep the stored figures of open cases current: count them again before each commit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import delete, event, insert, inspect, select
from sqlalchemy.orm import ORMExecuteState, UOWTransaction

from tracker.articles.models import Article
from tracker.cases.codes import Lifecycle
from tracker.cases.models import Case, StoredCaseFigures
from tracker.cases.queries import CASE_JOINS
from tracker.db import TrackerSession, db
from tracker.fake_accounts.models import FakeAccount, FakeAccountEvent
from tracker.incidents.models import Incident, IncidentTarget, TargetStatus
from tracker.people.models import Institution
from tracker.responses.models import (
    Appeal,
    OfficialResponse,
    Proceeding,
    ProceedingStep,
    ResponseAct,
)
from tracker.scoping import viewing_columns_as
from tracker.timelines.figures_queries import (
    CITATION_MODELS,
    Audience,
    case_ids_affected_by,
    count_figures,
    stored_figures,
)
from tracker.timelines.open_case_queries import JOIN_TO_INCIDENT

# The most cases that are counted together.
CASES_IN_BATCH = 200
# For each model of rows that file a record in a case: the columns of such a row that hold the id of
# the case and of the record, each with the model of the case or record.
RECORD_KEYS_OF_CASE_JOIN: dict[type[Any], dict[str, type[Any]]] = {
    case_join.join: {"case_id": Case, f"{case_join.record_attribute}_id": case_join.kind}
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
        for kind, (join, key) in JOIN_TO_INCIDENT.items()
    },
    **RECORD_KEYS_OF_CASE_JOIN,
}
# For articles and institutions, to which many records refer: the columns that change figures. A new
# article or institution changes no figures.
COUNTED_COLUMNS: dict[type[Any], tuple[str, ...]] = {
    Article: ("kind", "earliest", "latest", "team_id", "visibility"),
    Institution: ("kind", "country"),
}
# Tables in which a statement that updates or deletes many rows may change any figures.
COUNTED_TABLES = {model.__tablename__ for model in RECORD_KEYS_OF_MODEL}
# The models of records that cases hold.
CASE_RECORD_MODELS = {case_join.kind for case_join in CASE_JOINS}
# Tables whose rows file records in cases: a statement that inserts many such rows may change
# figures.
JOIN_TABLES = {model.__tablename__ for model in RECORD_KEYS_OF_CASE_JOIN}
# Keys of the session's `info`, for what a transaction has changed so far.
CHANGED, CREATED, ALL_CHANGED = "figures_changed", "figures_created", "figures_all_changed"


@event.listens_for(TrackerSession, "before_flush")
def _note_deleted(session: TrackerSession, *_rest: object) -> None:
    """Note in the session's `info` the records to which its deleted rows belong, for
    `_update_changed_figures`.
    """
    for row in session.deleted:
        _note_changed_row(session, row)


@event.listens_for(TrackerSession, "after_flush")
def _note_changed(session: TrackerSession, _flushed: UOWTransaction) -> None:
    """Note in the session's `info` the records to which its new and changed rows belong, and which
    records are new.
    """
    for row in session.new:
        if type(row) not in COUNTED_COLUMNS:
            _note_changed_row(session, row)
        if type(row) in CASE_RECORD_MODELS:
            session.info.setdefault(CREATED, defaultdict(set))[type(row)].add(row.id)
    for row in session.dirty:
        attributes, read = inspect(row).attrs, COUNTED_COLUMNS.get(type(row))
        if not read or any(attributes[name].history.has_changes() for name in read):
            _note_changed_row(session, row)


def _note_changed_row(session: TrackerSession, row: Any) -> None:  # noqa: ANN401 (a row of any feature)
    """Note the records to which a changed row belongs, and to which it belonged before."""
    attributes = inspect(row).attrs
    for name, kind in RECORD_KEYS_OF_MODEL.get(type(row), {}).items():
        changed = session.info.setdefault(CHANGED, defaultdict(set))
        before = attributes[name].history.deleted or ()
        changed[kind].update(one for one in (getattr(row, name), *before) if one is not None)


@event.listens_for(TrackerSession, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    """Note in the session's `info` that a statement changes many rows at once, if these may change
    figures. An insert of new records does not change figures: these are in no case yet.
    """
    if state.is_insert or state.is_update or state.is_delete:
        name = getattr(state.statement.table, "name", "")  # type: ignore[attr-defined]
        if name in (JOIN_TABLES if state.is_insert else COUNTED_TABLES):
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
    """Count and store the figures of these cases; closed cases have none."""
    for some in _split_into_batches(ids):
        _replace_figures(some, count_figures(some))


def _replace_figures(ids: Collection[int], counted: Mapping[Audience, dict[str, Any]]) -> None:
    """Replace the stored figures of these cases; `counted`: values by audience and column name."""
    with viewing_columns_as(system="figures: those of every team"):
        gone = delete(StoredCaseFigures).where(StoredCaseFigures.case_id.in_(ids))
        db.session.execute(gone, execution_options={"synchronize_session": False})
    rows = [{**audience._asdict(), **columns} for audience, columns in counted.items()]
    if rows:
        db.session.execute(insert(StoredCaseFigures), rows)


def count_missing_figures() -> None:
    """Count and store the figures of open cases without any, as after an upgrade."""
    kept = select(StoredCaseFigures.case_id)
    with viewing_columns_as(system="figures: open cases without any"):
        rows = select(Case.id).where(Case.lifecycle != Lifecycle.CLOSED, Case.id.not_in(kept))
        missing = list(db.session.scalars(rows))
    store_figures(missing)


def check_figures(*, repair: bool) -> Iterator[tuple[int, list[str]]]:
    """Count the figures of all cases anew, and yield for each batch the number of its cases and the
    refs of the cases whose stored figures are wrong. `repair`: store the new figures; the caller
    commits after each batch.
    """
    for some in _split_into_batches(_all_case_ids()):
        counted = count_figures(some)
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
    """Yield the ids in order, `CASES_IN_BATCH` at a time."""
    ordered = sorted(ids)
    return (ordered[at : at + CASES_IN_BATCH] for at in range(0, len(ordered), CASES_IN_BATCH))

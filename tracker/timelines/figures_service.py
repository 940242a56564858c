"""Keep the figures of open cases current: counted again before the commit that changes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import delete, event, insert, inspect, select
from sqlalchemy.orm import ORMExecuteState, UOWTransaction

from tracker.articles.models import Article
from tracker.cases.codes import Lifecycle
from tracker.cases.models import Case, KeptFigures
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
    CITED,
    Audience,
    cases_of_changes,
    count_figures,
    kept_figures,
)
from tracker.timelines.open_case_queries import JOIN_TO_INCIDENT

# Cases that are counted together.
AT_ONCE = 200
JOINS: dict[type[Any], dict[str, type[Any]]] = {
    shelf.join: {"case_id": Case, f"{shelf.name}_id": shelf.kind} for shelf in CASE_JOINS
}
# From a row of which kind figures follow, and the records to which it belongs, by their key in it.
KEYS: dict[type[Any], dict[str, type[Any]]] = {
    **{one: {"id": one} for one in (Case, Incident, FakeAccount, OfficialResponse, Proceeding)},
    Appeal: {"id": Appeal, "response_id": OfficialResponse},
    Article: {"id": Article},
    Institution: {"id": Institution},
    TargetStatus: {"target_id": IncidentTarget},
    FakeAccountEvent: {"account_id": FakeAccount},
    ResponseAct: {"response_id": OfficialResponse},
    ProceedingStep: {"proceeding_id": Proceeding},
    **{citation: {"record_id": kind} for kind, citation in CITED.items()},
    **{
        join: {key.key: kind, "incident_id": Incident}
        for kind, (join, key) in JOIN_TO_INCIDENT.items()
    },
    **JOINS,
}
# Of what many records refer to, the columns from which figures follow; a new one changes nothing.
READ: dict[type[Any], tuple[str, ...]] = {
    Article: ("kind", "earliest", "latest", "team_id", "visibility"),
    Institution: ("kind", "country"),
}
TABLES = {model.__tablename__ for model in KEYS}
RECORDS = {shelf.kind for shelf in CASE_JOINS}
JOIN_TABLES = {model.__tablename__ for model in JOINS}
# What a transaction has changed so far, in the session's `info`.
CHANGED, CREATED, ALL_CHANGED = "figures_changed", "figures_created", "figures_all_changed"


@event.listens_for(TrackerSession, "before_flush")
def _note_deleted(session: TrackerSession, *_rest: object) -> None:
    for row in session.deleted:
        _note(session, row)


@event.listens_for(TrackerSession, "after_flush")
def _note_changed(session: TrackerSession, _flushed: UOWTransaction) -> None:
    for row in session.new:
        if type(row) not in READ:
            _note(session, row)
        if type(row) in RECORDS:
            session.info.setdefault(CREATED, defaultdict(set))[type(row)].add(row.id)
    for row in session.dirty:
        attributes, read = inspect(row).attrs, READ.get(type(row))
        if not read or any(attributes[name].history.has_changes() for name in read):
            _note(session, row)


def _note(session: TrackerSession, row: Any) -> None:  # noqa: ANN401 (a row of any feature)
    """Note the records to which a changed row belongs, and belonged before."""
    attributes = inspect(row).attrs
    for name, kind in KEYS.get(type(row), {}).items():
        changed = session.info.setdefault(CHANGED, defaultdict(set))
        before = attributes[name].history.deleted or ()
        changed[kind].update(one for one in (getattr(row, name), *before) if one is not None)


@event.listens_for(TrackerSession, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    """Note a statement that changes many rows. New ones are in no case before they are filed."""
    if state.is_insert or state.is_update or state.is_delete:
        name = getattr(state.statement.table, "name", "")  # type: ignore[attr-defined]
        if name in (JOIN_TABLES if state.is_insert else TABLES):
            state.session.info[ALL_CHANGED] = True


@event.listens_for(TrackerSession, "before_commit")
def _keep_figures(session: TrackerSession) -> None:
    """Count the cases that this transaction changed, in the same transaction."""
    session.flush()
    created = session.info.pop(CREATED, {})
    # What ties a new record to a case is noted of the case, or of the older record beside it.
    changed = {
        kind: ids - created.get(kind, set()) for kind, ids in session.info.pop(CHANGED, {}).items()
    }
    if session.info.pop(ALL_CHANGED, False):
        store_figures(_every_case())
    elif any(changed.values()):
        with viewing_columns_as(system="figures: cases of all teams in which a change counts"):
            ids = cases_of_changes(changed)
        store_figures(ids)


@event.listens_for(TrackerSession, "after_rollback")
def _discard_changes(session: TrackerSession) -> None:
    for noted in (CHANGED, CREATED, ALL_CHANGED):
        session.info.pop(noted, None)


def store_figures(ids: Collection[int]) -> None:
    """Count these cases again; closed ones have no figures."""
    for some in _batches(ids):
        _replace(some, count_figures(some))


def _replace(ids: Collection[int], counted: Mapping[Audience, dict[str, Any]]) -> None:
    with viewing_columns_as(system="figures: those of every team"):
        gone = delete(KeptFigures).where(KeptFigures.case_id.in_(ids))
        db.session.execute(gone, execution_options={"synchronize_session": False})
    rows = [{**audience._asdict(), **columns} for audience, columns in counted.items()]
    if rows:
        db.session.execute(insert(KeptFigures), rows)


def count_missing() -> None:
    """Count the open cases of which no figures are kept, as after the upgrade."""
    kept = select(KeptFigures.case_id)
    with viewing_columns_as(system="figures: open cases without any"):
        rows = select(Case.id).where(Case.lifecycle != Lifecycle.CLOSED, Case.id.not_in(kept))
        missing = list(db.session.scalars(rows))
    store_figures(missing)


def check_figures(*, repair: bool) -> Iterator[tuple[int, list[str]]]:
    """Yield, by batches, how many cases are counted, and the refs of those with other figures.

    `repair`: store what was counted; commit at each step.
    """
    for some in _batches(_every_case()):
        counted = count_figures(some)
        with viewing_columns_as(system="figures: compare those of every team"):
            kept = kept_figures(some)
            differing = {
                one.case_id
                for one in kept.keys() | counted.keys()
                if kept.get(one) != counted.get(one)
            }
            rows = select(Case.ref).where(Case.id.in_(differing)).order_by(Case.ref)
            refs = list(db.session.scalars(rows))
        if repair:
            _replace(some, counted)
        yield len(some), refs


def _every_case() -> list[int]:
    with viewing_columns_as(system="figures: all cases"):
        return list(db.session.scalars(select(Case.id).order_by(Case.id)))


def _batches(ids: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    return (ordered[at : at + AT_ONCE] for at in range(0, len(ordered), AT_ONCE))

"""What an import made that nobody has touched since: its incidents, and the people it brought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select

from tracker.audit.models import AuditEvent
from tracker.bulk_insert import table_of
from tracker.db import Base, db
from tracker.incidents.models import (
    Incident,
    IncidentComment,
    IncidentLink,
    IncidentTarget,
    JoinsIncident,
)
from tracker.people.models import Journalist, JournalistName, Outlet, OutletName
from tracker.reports.imports.codes import RowFate
from tracker.reports.imports.models import ImportRow
from tracker.review.codes import EditorialState
from tracker.scoping import TeamOnly, seeing_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Select

BROUGHT: dict[type[Any], type[Any]] = {Journalist: JournalistName, Outlet: OutletName}
AT_ONCE = 50


def untouched_of(batch_id: int, *, after: int) -> list[int]:
    """Return the ids of some incidents made of a file that nobody has touched since: neither
    changed, nor commented on, nor joined to anything.
    """
    rows = _untouched(batch_id).where(Incident.id > after).order_by(Incident.id).limit(AT_ONCE)
    return list(db.session.scalars(rows))


def brought_by(batch_id: int, kind: type[Any]) -> list[int]:
    """Return the ids of the journalists or outlets that an import made: signed as its incidents."""
    made = (
        select(Incident.recorded_at, Incident.recorded_by_id, Incident.team_id)
        .join(ImportRow, ImportRow.incident_id == Incident.id)
        .where(ImportRow.batch_id == batch_id, ImportRow.fate == RowFate.MADE)
        .limit(1)
    )
    first = db.session.execute(made).first()
    if first is None:
        return []
    rows = select(kind.id).where(
        kind.recorded_at == first.recorded_at,
        kind.recorded_by_id == first.recorded_by_id,
        kind.team_id == first.team_id,
    )
    return list(db.session.scalars(rows.order_by(kind.id)))


def touched_among(kind: type[Any], ids: list[int]) -> set[int]:
    """Return whom of these the trail tells more of than that they were made."""
    rows = (
        select(kind.id)
        .join(AuditEvent, AuditEvent.subject == kind.ref)
        .where(kind.id.in_(ids))
        .group_by(kind.id)
        .having(func.count() > 1)
    )
    return set(db.session.scalars(rows))


def meant_among(kind: type[Any], ids: list[int], *, but_in: int | None = None) -> set[int]:
    """Return which of these anything of any team points to; `but_in`: besides the untouched
    incidents of this import.
    """
    found: set[int] = set()
    with seeing_all("undo an import: is whom it brought meant by a record of any team?"):
        for model, column in _pointers(kind):
            rows = select(column).where(column.in_(ids))
            if but_in is not None and model is IncidentTarget:
                rows = rows.where(model.incident_id.not_in(_untouched(but_in)))
            found |= set(db.session.scalars(rows))
    return found


def _untouched(batch_id: int) -> Select[int]:
    joins = [row.incident_id for row in JoinsIncident.__subclasses__()]
    touched = [IncidentComment.record_id, IncidentLink.other_id, *joins]
    return (
        select(Incident.id)
        .join(ImportRow, ImportRow.incident_id == Incident.id)
        .where(
            and_(ImportRow.batch_id == batch_id, ImportRow.fate == RowFate.MADE),
            and_(Incident.state == EditorialState.DRAFT, Incident.version == 1),
            *(~select(one).where(one == Incident.id).exists() for one in touched),
        )
    )


def _pointers(kind: type[Any]) -> Iterator[tuple[type[Any], ColumnElement[int]]]:
    """Yield every column that leads to a kind, but for its own names, and what only the trail tells
    of (confidential rows lie out of reach, and are never written without an entry).
    """
    key = table_of(kind).c.id
    for mapper in Base.registry.mappers:
        model = mapper.class_
        if model is BROUGHT[kind] or issubclass(model, TeamOnly):
            continue
        for attribute in mapper.column_attrs:
            if any(one.column is key for one in attribute.columns[0].foreign_keys):
                yield model, getattr(model, attribute.key)

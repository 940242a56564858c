"""Storing what a file becomes: many rows a statement, each with its entry in the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, inspect, select

from tracker.audit.row_digest import digest_of_values
from tracker.audit.service import Entry, record_events
from tracker.db import db
from tracker.incidents.models import (
    Incident,
    IncidentCitation,
    IncidentReference,
    IncidentTarget,
    IncidentType,
)
from tracker.people.models import Journalist, JournalistName, Outlet, OutletName
from tracker.search.index_service import keep_new_words
from tracker.search.models import SearchEntry
from tracker.search.rules import words_to_keep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.permissions import Actor
    from tracker.reports.imports.values import Bearer, Made


def store_bearers(kind: type[Any], new: Sequence[Bearer], *, by: Actor) -> None:
    """Store the journalists or outlets that are new, and give each its number."""
    name_row = {Journalist: JournalistName, Outlet: OutletName}[kind]
    for one, number in zip(new, _numbers(kind, len(new)), strict=True):
        one.id = number
    if not new:
        return
    _put(kind, [{**one.values, "id": one.id, "version": 1} for one in new])
    names = _numbers(name_row, len(new))
    _put(
        name_row,
        [
            {**one.variant, "id": number, "bearer_id": one.id}
            for one, number in zip(new, names, strict=True)
        ],
    )
    act = "journalist:create" if kind is Journalist else "outlet:create"
    record_events(
        (
            _created(
                act,
                kind,
                one.ref,
                {**one.values, "id": one.id},
                {"names": [(name_row, one.variant)]},
            )
            for one in new
        ),
        by=by,
    )
    _find_by(kind, {one.id: words_to_keep(one.search_text()) for one in new})


def store_incidents(made: Sequence[Made], article_id: int, *, by: Actor) -> Sequence[int]:
    """Store incidents with types, targets, citation and reference; return their numbers."""
    numbers = _numbers(Incident, len(made))
    for one in made:
        one.values["relative_to_id"] = article_id if one.values["as_stated"] else None
        one.citation["article_id"] = article_id
        for row, who, where in one.targets:
            row["journalist_id"] = who.id if who else None
            row["outlet_id"] = where.id if where else None
    pairs = list(zip(made, numbers, strict=True))
    _put(Incident, [{**one.values, "id": number, "version": 1} for one, number in pairs])
    _put(IncidentType, [row | {"incident_id": key} for one, key in pairs for row in one.types])
    _put_numbered(
        IncidentTarget,
        [row | {"incident_id": key} for one, key in pairs for row, *_ in one.targets],
    )
    _put_numbered(IncidentCitation, [one.citation | {"record_id": key} for one, key in pairs])
    _put_numbered(
        IncidentReference,
        [one.reference | {"record_id": key} for one, key in pairs if one.reference],
    )
    record_events((_told(one, number) for one, number in pairs), by=by)
    _find_by(Incident, {number: one.words for one, number in pairs})
    return numbers


def _told(one: Made, number: int) -> Entry:
    children = {
        "types": [(IncidentType, row) for row in one.types],
        "targets": [(IncidentTarget, row) for row, *_ in one.targets],
        "citations": [(IncidentCitation, one.citation)],
        "references": [(IncidentReference, one.reference)] if one.reference else [],
    }
    return _created("incident:create", Incident, one.ref, {**one.values, "id": number}, children)


def _created(
    act: str, kind: type[Any], ref: str, values: dict[str, Any], children: dict[str, Any]
) -> Entry:
    found = digest_of_values(kind, values, children)
    return Entry(act, ref, {"digest": found}, found)


def _put(kind: type[Any], rows: list[dict[str, Any]]) -> None:
    if rows:
        # Past the objects, which take as long again; the rows have a team, and are read by no one.
        db.session.execute(insert(inspect(kind).local_table), rows)


def _put_numbered(kind: type[Any], rows: list[dict[str, Any]]) -> None:
    numbers = _numbers(kind, len(rows))
    _put(kind, [row | {"id": number} for row, number in zip(rows, numbers, strict=True)])


def _find_by(kind: type[Any], words: dict[int, list[str]]) -> None:
    session = db.session()
    first = next(iter(_numbers(SearchEntry, 1))) if _is_sqlite() else 0
    keep_new_words(session, kind.__tablename__, words, first_id=first)


def _numbers(kind: type[Any], many: int) -> Sequence[int]:
    """Return free numbers of a table: on SQLite, where one writes at a time, those after the last.

    The session sees every row: the last one may be of any team.
    """
    if _is_sqlite():
        first = (db.session.scalar(select(func.max(kind.id))) or 0) + 1
        return range(first, first + many)
    sequence = func.pg_get_serial_sequence(kind.__tablename__, "id")
    rows = select(func.nextval(sequence)).select_from(func.generate_series(1, many).alias())
    return list(db.session.scalars(rows))


def _is_sqlite() -> bool:
    return db.session().get_bind().dialect.name == "sqlite"

"""Read imported files, their rows, existing records, and what an undo would remove."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, true, tuple_
from sqlalchemy.orm import Session, aliased, selectinload

from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.bulk_insert import is_in_json_list, table_of
from tracker.config import LANGUAGES
from tracker.db import Base, db
from tracker.i18n import country_names, use_language
from tracker.incidents.codes import ActorType
from tracker.incidents.guarded_models import incident_ids_with_merged
from tracker.incidents.models import (
    Incident,
    IncidentComment,
    IncidentJoinMixin,
    IncidentLink,
    IncidentReference,
    IncidentTarget,
)
from tracker.incidents.queries import row_load_options
from tracker.people.matching import name_keys
from tracker.people.models import Journalist, JournalistName, Outlet, OutletName
from tracker.reports.imports.codes import ImportState, RowFate
from tracker.reports.imports.mapping import EXTRA_COUNTRY_NAMES, ImportPlan, shipped_plans
from tracker.reports.imports.models import ImportBatch, ImportMapping, ImportRow
from tracker.reports.imports.results import ExistingPerson
from tracker.reports.imports.rows import WordCodes
from tracker.review.codes import EditorialState
from tracker.scoping import ConfidentialRow, viewing_everything
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import get_label
from tracker.vocabulary.queries import list_active_terms

UNDO_BATCH_SIZE = 50  # incidents retracted in one transaction
# The columns by which imports are sorted.
SORT_ORDER = (ImportBatch.recorded_at, ImportBatch.ref)
READ_BATCH_SIZE = 2000  # rows read at once
# How many values a query passes to the database at once: fewer than the limit of any version of
# SQLite.
VALUES_PER_STATEMENT = 400
# By model of people and outlets, the model of their names.
NAME_MODEL_OF: dict[type[Any], Any] = {Journalist: JournalistName, Outlet: OutletName}


def visible_batches() -> Select[ImportBatch]:
    """Select the imports that the session's viewer may see: those of their teams."""
    return select(ImportBatch)


def list_plans(team_id: int | None = None) -> dict[str, ImportPlan]:
    """Return, by name, the mappings that are shipped with the tracker, and the mappings that a team
    saved; without `team_id`, the mappings that any team of the session's viewer saved.
    """
    kept = select(ImportMapping).order_by(ImportMapping.name, ImportMapping.id)
    if team_id is not None:
        kept = kept.where(ImportMapping.team_id == team_id)
    rows = db.session.scalars(kept)
    return shipped_plans() | {
        one.name: replace(ImportPlan.from_json(one.mapping), kept_as=one.name) for one in rows
    }


def batch_by_id(batch_id: int) -> ImportBatch:
    """Return the import with an id."""
    return db.session.scalars(select(ImportBatch).where(ImportBatch.id == batch_id)).one()


def mapping_by_name(name: str, team_id: int) -> ImportMapping | None:
    """Return the mapping that a team saved under a name, None if there is none."""
    rows = select(ImportMapping).where(ImportMapping.team_id == team_id, ImportMapping.name == name)
    return db.session.scalars(rows).first()


def batches_of_file(sha256: str, team_id: int) -> list[ImportBatch]:
    """Return a team's imports of a file that were not undone, completed ones first."""
    rows = (
        select(ImportBatch)
        .where(
            ImportBatch.sha256 == sha256,
            ImportBatch.team_id == team_id,
            ImportBatch.state != ImportState.UNDONE,
        )
        .order_by(ImportBatch.id)
    )
    found = db.session.scalars(rows).all()
    return sorted(found, key=lambda one: one.state is not ImportState.TAKEN)


def batches_mentioning(journalist: Journalist) -> Sequence[ImportBatch]:
    """Return the visible imports with an incident that targets a journalist, the latest first.

    Also those with an incident that was merged into such an incident.
    """
    incident_ids = select(IncidentTarget.incident_id).where(
        IncidentTarget.journalist_id == journalist.id
    )
    of_them = select(ImportRow.batch_id).where(
        ImportRow.incident_id.in_(incident_ids_with_merged(incident_ids))
    )
    rows = select(ImportBatch).where(ImportBatch.id.in_(of_them))
    return db.session.scalars(rows.order_by(ImportBatch.id.desc())).all()


def row_batches(
    batch_id: int, *, size: int = READ_BATCH_SIZE
) -> Iterator[list[tuple[int, list[str]]]]:
    """Yield the rows of an import in order, in batches: number and cells."""
    last = 0
    while True:
        rows = (
            select(ImportRow.number, ImportRow.cells)
            .where(ImportRow.batch_id == batch_id, ImportRow.number > last)
            .order_by(ImportRow.number)
            .limit(size)
        )
        found = [(number, cells) for number, cells in db.session.execute(rows)]
        if not found:
            return
        yield found
        last = found[-1][0]


def first_rows(
    batch_id: int, most: int, *, fate: RowFate | None = None, numbers: Collection[int] | None = None
) -> list[tuple[int, list[str]]]:
    """Return the first rows of an import, at most `most`, as number and cells; `fate`: only rows
    with this outcome; `numbers`: only rows with these numbers.
    """
    rows = select(ImportRow.number, ImportRow.cells).where(ImportRow.batch_id == batch_id)
    if fate is not None:
        rows = rows.where(ImportRow.fate == fate)
    if numbers is not None:
        rows = rows.where(ImportRow.number.in_(numbers))
    found = db.session.execute(rows.order_by(ImportRow.number).limit(most))
    return [(number, cells) for number, cells in found]


def find_source_row(incident: Incident) -> ImportRow | None:
    """Return the row that an incident was created from, None if it was not imported."""
    rows = select(ImportRow).where(
        ImportRow.incident_id == incident.id, ImportRow.fate == RowFate.MADE
    )
    return db.session.scalars(rows).first()


def count_rows_by_fate(batch_id: int) -> dict[RowFate, int]:
    """Return the number of rows of an import by outcome."""
    rows = (
        select(ImportRow.fate, func.count())
        .where(ImportRow.batch_id == batch_id)
        .group_by(ImportRow.fate)
    )
    return {RowFate(fate): count for fate, count in db.session.execute(rows)}


def rows_already_recorded(
    batch_id: int, most: int
) -> list[tuple[int, Incident | None, int | None]]:
    """Return the first rows of an import whose incident was recorded already: row number, that
    incident if the viewer may see it, and the row of the same file that created it, if any.
    """
    above = aliased(ImportRow)
    rows = (
        select(ImportRow.number, Incident, above.number)
        .outerjoin(Incident, ImportRow.incident_id == Incident.id)
        .outerjoin(
            above,
            and_(
                above.batch_id == batch_id,
                above.incident_id == ImportRow.incident_id,
                above.fate == RowFate.MADE,
            ),
        )
        .where(ImportRow.batch_id == batch_id, ImportRow.fate == RowFate.KNOWN)
        .order_by(ImportRow.number)
        .limit(most)
        .options(*row_load_options())
    )
    return [(number, one, first) for number, one, first in db.session.execute(rows)]


def imported_incidents(batch_id: int, most: int) -> list[Incident]:
    """Return the first incidents that an import created, in the order of the rows."""
    rows = (
        select(Incident)
        .join(ImportRow, ImportRow.incident_id == Incident.id)
        .where(ImportRow.batch_id == batch_id, ImportRow.fate == RowFate.MADE)
        .order_by(ImportRow.number)
        .limit(most)
        .options(*row_load_options())
    )
    return list(db.session.scalars(rows))


def count_retracted_incidents(batch_id: int) -> int:
    """Return how many incidents that an import created are retracted."""
    rows = (
        select(func.count())
        .select_from(Incident)
        .join(ImportRow, ImportRow.incident_id == Incident.id)
        .where(
            ImportRow.batch_id == batch_id,
            ImportRow.fate == RowFate.MADE,
            Incident.state == EditorialState.RETRACTED,
        )
    )
    return db.session.scalar(rows) or 0


def load_word_codes() -> WordCodes:
    """Return the codes of the words that mean the same in every file: labels of types, regions and
    actor types in all languages, common names of countries, and the codes themselves.
    """
    types = list_active_terms(TermSet.INCIDENT_TYPE)
    countries = {
        name: iso for iso, names in EXTRA_COUNTRY_NAMES.items() for name in names.split("|")
    }
    for code in LANGUAGES:
        with use_language(code):
            countries |= {name.casefold(): iso for iso, name in country_names()}
    countries |= {iso.casefold(): iso for iso in countries.values()}
    labels = ("code", "label_en", "label_ru", "label_kk")
    return WordCodes(
        types={getattr(term, name).casefold(): term.code for term in types for name in labels},
        rank_of_type={term.code: term.rank for term in types},
        countries=countries,
        actors={
            word.casefold(): code.value
            for code in ActorType
            for word in (code.value, *(get_label(code, language) for language in LANGUAGES))
        },
        regions={
            (term.country or "", getattr(term, name).casefold()): term.code
            for term in list_active_terms(TermSet.REGION)
            for name in labels
        },
        today=clock.current_date(),
    )


def incidents_by_identifier(scheme: str, identifiers: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Return id and ref of existing incidents by identifier in the external list `scheme`."""
    rows = (
        select(IncidentReference.identifier, Incident.id, Incident.ref)
        .join(Incident, IncidentReference.record_id == Incident.id)
        .where(
            IncidentReference.scheme == scheme,
            is_in_json_list(IncidentReference.identifier, db.session().get_bind().dialect.name),
            Incident.state != EditorialState.RETRACTED,
        )
        .order_by(Incident.id.desc())
    )
    found = db.session.execute(rows, {"rows": json.dumps(identifiers)})
    return {key: (number, ref) for key, number, ref in found}


def incident_days(ids: Iterable[int]) -> dict[int, tuple[date, date]]:
    """Return, by id, the first and last possible day of incidents."""
    found: dict[int, tuple[date, date]] = {}
    for some in _split_into_chunks(sorted(set(ids))):
        rows = select(Incident.id, Incident.earliest, Incident.latest).where(Incident.id.in_(some))
        found |= {number: (first, last) for number, first, last in db.session.execute(rows)}
    return found


def incident_refs_by_days(
    days: Iterable[tuple[date, date]],
) -> dict[tuple[date, date, str, str], str]:
    """Return refs of existing incidents on exactly these days, by days, country and place.

    `days`: pairs of the first and the last possible day.
    """
    key = (Incident.latest, Incident.earliest)
    found: dict[tuple[date, date, str, str], str] = {}
    for some in _split_into_chunks(sorted(set(days))):
        rows = select(*key, Incident.country, Incident.place, Incident.ref).where(
            tuple_(*key).in_([(latest, earliest) for earliest, latest in some]),
            Incident.state != EditorialState.RETRACTED,
        )
        for latest, earliest, country, place, ref in db.session.execute(rows):
            found[earliest, latest, country, place] = ref
    return found


def people_by_exact_name(model: type[Any], names: Iterable[str]) -> dict[str, ExistingPerson]:
    """Return, by name, the journalist or outlet with exactly this name, if there is only one."""
    row, found = NAME_MODEL_OF[model], {}
    incident_by_identifier = {key: name for name in names if (key := name_keys(name)[0])}
    wanted = set(names)
    holders: dict[str, list[Any]] = {}
    for some in _split_into_chunks(sorted(incident_by_identifier)):
        rows = (
            select(row.name, model)
            .join(model, row.bearer_id == model.id)
            .where(row.matching_key.in_(some), model.merged_into_id.is_(None))
            .options(selectinload(model.names))
        )
        for name, holder in db.session.execute(rows):
            if name in wanted and holder not in holders.setdefault(name, []):
                holders[name].append(holder)
    for name, ones in holders.items():
        if len(ones) == 1:
            [one] = ones
            found[name] = ExistingPerson(
                one.id, one.ref, one.name, one.search_text(), is_withheld=one.is_withheld
            )
    return found


def _split_into_chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield values in chunks that fit into one statement."""
    return (
        values[at : at + VALUES_PER_STATEMENT] for at in range(0, len(values), VALUES_PER_STATEMENT)
    )


def file_header(session: Session, batch_id: int) -> list[str]:
    """Return the header of an import; raise NoResultFound if it was removed."""
    return list(session.scalars(select(ImportBatch.header).where(ImportBatch.id == batch_id)).one())


def rows_with_fates(
    session: Session, batch_id: int, fate: RowFate | None = None
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield all rows of an import, or those with one outcome, in batches: row number, outcome, ref
    of the incident or None, and cells.
    """
    last: Any = 0
    while True:
        rows = (
            select(ImportRow.number, ImportRow.fate, Incident.ref, ImportRow.cells)
            .outerjoin(Incident, ImportRow.incident_id == Incident.id)
            .where(ImportRow.batch_id == batch_id, ImportRow.number > last)
            .where(true() if fate is None else ImportRow.fate == fate)
            .order_by(ImportRow.number)
            .limit(READ_BATCH_SIZE)
        )
        found = [tuple(one) for one in session.execute(rows)]
        if not found:
            return
        yield found
        last = found[-1][0]


def unchanged_incident_ids(batch_id: int, *, after: int) -> list[int]:
    """Return the next `UNDO_BATCH_SIZE` ids greater than `after` of imported incidents that nobody
    has edited, commented on or linked; an empty list if there are no more.
    """
    rows = (
        _unchanged_incidents(batch_id)
        .where(Incident.id > after)
        .order_by(Incident.id)
        .limit(UNDO_BATCH_SIZE)
    )
    return list(db.session.scalars(rows))


def created_person_ids(batch_id: int, kind: type[Any]) -> list[int]:
    """Return the ids of the journalists or outlets (`kind`: the model) that an import created.

    They have the author, the time and the team of its incidents.
    """
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


def edited_ids(kind: type[Any], ids: list[int]) -> set[int]:
    """Return the ids among `ids` of the records that were edited since they were created; `kind`:
    the model of the records.
    """
    rows = (
        select(kind.id)
        .join(AuditEvent, AuditEvent.subject == kind.ref)
        .where(kind.id.in_(ids))
        .group_by(kind.id)
        .having(func.count() > 1)
    )
    return set(db.session.scalars(rows))


def referenced_ids(
    kind: type[Any], ids: list[int], *, except_batch_id: int | None = None
) -> set[int]:
    """Return the ids among `ids` of the records that a record of any team refers to. `kind`: the
    model of the records; `except_batch_id`: the id of an import, so that references from unchanged
    incidents of this import are ignored; None to ignore no reference.
    """
    found: set[int] = set()
    with viewing_everything("undo an import: is whom it brought meant by a record of any team?"):
        for model, column in _referencing_columns(kind):
            rows = select(column).where(column.in_(ids))
            if except_batch_id is not None and model is IncidentTarget:
                rows = rows.where(model.incident_id.not_in(_unchanged_incidents(except_batch_id)))
            found |= set(db.session.scalars(rows))
    return found


def _unchanged_incidents(batch_id: int) -> Select[int]:
    """Select the ids of imported incidents that nobody has edited, commented on or linked."""
    joins = [row.incident_id for row in IncidentJoinMixin.__subclasses__()]
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


def _referencing_columns(kind: type[Any]) -> Iterator[tuple[type[Any], ColumnElement[int]]]:
    """Yield each column that refers to journalists or outlets (`kind`: the model), after the model
    that has it. Left out: the table of their names, and confidential tables.

    Confidential tables cannot be read here; writing to them is always logged.
    """
    key = table_of(kind).c.id
    for mapper in Base.registry.mappers:
        model = mapper.class_
        if model is NAME_MODEL_OF[kind] or issubclass(model, ConfidentialRow):
            continue
        for attribute in mapper.column_attrs:
            if any(one.column is key for one in attribute.columns[0].foreign_keys):
                yield model, getattr(model, attribute.key)

"""Run an import, and undo it.

The records of a file are prepared as bulk inserts before the write lock is taken, and then stored.
Undoing retracts the drafts that nobody has changed, and removes the people that the import created.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NoReturn

from sqlalchemy import bindparam, func, select, update

from tracker import clock
from tracker.articles.codes import SourceKind
from tracker.articles.models import Article
from tracker.articles.service import add_article
from tracker.audit.service import (
    audited_change,
    prepare_creation_entry,
    record_event,
    record_prepared_entries,
)
from tracker.audit.snapshot import row_digest_of_values
from tracker.bulk_insert import PreparedInsert, prepare_insert, table_of
from tracker.db import db, large_page_cache, write_transaction
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.incidents import models as incident_models
from tracker.incidents.codes import TargetKind
from tracker.incidents.queries import export_load_options
from tracker.people.models import Journalist, JournalistName, Outlet, OutletName
from tracker.permissions import Actor, Visibility
from tracker.reports.imports import queries, results
from tracker.reports.imports.codes import ImportState, RowFate
from tracker.reports.imports.mapping import ImportPlan
from tracker.reports.imports.models import ImportBatch, ImportRow
from tracker.reports.imports.service import check_file
from tracker.reports.imports.tables import pause_gc
from tracker.review.codes import EditorialState, RetractReason
from tracker.review.service import change_state
from tracker.scoping import viewing_as_team, viewing_everything
from tracker.search.index import indexed_words, prepare_index_inserts
from tracker.search.models import SearchEntry
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.queries import list_active_terms

# How far the first id of an import is from the last one in use, on SQLite: the ids between are for
# records that others create while the import is prepared.
ID_GAP = 1_000
# The models of which an import creates rows with ids that it sets itself.
MODELS_WITH_RESERVED_IDS: tuple[type[Any], ...] = (
    Article,
    Journalist,
    Outlet,
    incident_models.Incident,
    SearchEntry,
)
DRAFT_BATCH_SIZE = 5_000  # incidents built at once


class PreparedImport:
    """All records that an import creates. They are prepared before the transaction takes the write
    lock, so that others can save meanwhile; `store` then writes them.
    """

    def __init__(self, batch: ImportBatch, checked: results.CheckResult, *, by: Actor) -> None:
        """Prepare the records of every valid row of a file, with their ids."""
        self.checked, self.version = checked, batch.version
        self.plan, self.insert_plan = (
            ImportPlan.from_json(batch.mapping),
            InsertPlan(dialect_name()),
        )
        self.owner, drafts = _record_owner(batch, by), checked.drafts
        self.people = results.resolve_people(
            _all_names(one.journalists for one in drafts), checked.journalists, "journalists",
            self.owner,
        )  # fmt: skip
        self.outlets = results.resolve_people(
            _all_names(one.outlets for one in drafts), checked.outlets, "outlets", self.owner
        )
        new = {Journalist: _new_people(self.people), Outlet: _new_people(self.outlets)}
        counts = {kind: len(ones) for kind, ones in new.items()} | {
            incident_models.Incident: len(drafts)
        }
        self.numbers = reserve_ids({Article: 1, SearchEntry: sum(counts.values()), **counts})
        entries = iter(self.numbers[SearchEntry])
        for kind, ones in new.items():
            for one, number in zip(ones, self.numbers[kind], strict=True):
                one.id = number
            add_people(self.insert_plan, kind, ones, entries)
        self._add_incidents(entries)

    def _add_incidents(self, entries: Iterator[int]) -> None:
        """Prepare the incidents of all drafts, and the outcome of each row; `entries`: free ids of
        the search index.
        """
        terms, regions = _detached_terms(TermSet.INCIDENT_TYPE), _detached_terms(TermSet.REGION)
        drafts, numbers = self.checked.drafts, self.numbers[incident_models.Incident]
        [article_id] = self.numbers[Article]
        for at in range(0, len(drafts), DRAFT_BATCH_SIZE):
            made = [
                results.build_incident(
                    draft, terms=terms, regions=regions, people=self.people, outlets=self.outlets,
                    unnamed_words=self.plan.unnamed_words(), scheme=self.plan.scheme,
                    attributed_by=self.plan.attributed_by, owner=self.owner,
                )
                for draft in drafts[at : at + DRAFT_BATCH_SIZE]
            ]  # fmt: skip
            for one, number in zip(made, numbers[at : at + DRAFT_BATCH_SIZE], strict=True):
                one.set_ids(number, article_id)
            add_incidents(self.insert_plan, made, entries)
        self.outcomes = {
            draft.row: (RowFate.MADE, number) for draft, number in zip(drafts, numbers, strict=True)
        }
        self.outcomes |= {
            row: (RowFate.KNOWN, self._find_incident_id(found))
            for row, found in self.checked.existing_by_row.items()
        }

    def store(self, batch: ImportBatch, *, by: Actor) -> None:
        """Store all records in the open transaction.

        Raises InvalidInput if the file or existing records changed since they were prepared.
        """
        _validate_can_import(batch)
        if batch.version != self.version:
            raise InvalidInput(
                version=_("Somebody checked this file again in the meantime: try again.")
            )
        if not are_ids_free(self.numbers):
            self._raise_records_changed()
        article = add_article(
            batch.file_name, kind=SourceKind.DOCUMENT, publisher_words=self.plan.scheme,
            number=self.numbers[Article][0],
            team_id=batch.team_id, visibility=Visibility.RESTRICTED, by=by,
        )  # fmt: skip
        db.session.flush()
        # From here on nobody else writes: on PostgreSQL, the audit log is locked.
        with viewing_as_team(batch.team_id):
            self._validate_unchanged()
        with large_page_cache():
            for one in self.insert_plan.staged:
                one.run(db.session())
            link_rows_to_incidents(batch.id, self.outcomes)
            record_prepared_entries(self.insert_plan.entries, by=by)
        with audited_change(batch, "import:take", by=by):
            batch.article, batch.state = article, ImportState.TAKEN
            batch.mark_revised(by=by)

    def _validate_unchanged(self) -> None:
        """Raise InvalidInput if existing records changed since the import was prepared."""
        was = self.checked
        if (
            queries.incidents_by_identifier(self.plan.scheme, was.identifiers)
            != was.incident_by_identifier
            or queries.people_by_exact_name(Journalist, self.people) != was.journalists
            or queries.people_by_exact_name(Outlet, self.outlets) != was.outlets
        ):
            self._raise_records_changed()

    def _raise_records_changed(self) -> NoReturn:
        """Raise InvalidInput with the message that existing records changed in the meantime."""
        raise InvalidInput(
            version=_("Existing records changed in the meantime: try again. Nothing was imported.")
        )

    def _find_incident_id(self, found: tuple[int, str] | int) -> int:
        """Return the id of the incident with the same identifier as a row. `found`: id and ref of
        an existing incident, or the number of an earlier row of the file, from which an incident
        is created.
        """
        if isinstance(found, tuple):
            return found[0]
        above = self.checked.existing_by_row.get(found)
        return above[0] if isinstance(above, tuple) else self.outcomes[found][1]


def _record_owner(batch: ImportBatch, by: Actor) -> results.RecordOwner:
    """Return team, visibility, author and time of the records that the import of a file creates."""
    now = clock.utc_now()
    authorship = {
        "recorded_at": now, "updated_at": now, "recorded_by_id": by.id, "revised_by_id": by.id
    }  # fmt: skip
    return results.RecordOwner(batch.team_id, Visibility.RESTRICTED, authorship)


def prepare_import(
    batch: ImportBatch, *, checked: results.CheckResult | None = None, by: Actor
) -> PreparedImport:
    """Return the prepared import of a file; `checked`: the result of checking it, None to check it.

    Raises InvalidInput if a row is wrong, or none is new. Reads for long, and writes nothing.
    """
    _validate_can_import(batch)
    checked = checked or check_file(batch, ImportPlan.from_json(batch.mapping))
    if checked.problem_count:
        raise InvalidInput(
            version=_("Some rows are wrong: check the file again. Nothing was imported.")
        )
    if not checked.drafts:
        raise InvalidInput(version=_("Every row is on record already: there is nothing to import."))
    with pause_gc():
        return PreparedImport(batch, checked, by=by)


def _validate_can_import(batch: ImportBatch) -> None:
    """Raise InvalidInput if this file was not checked or is imported already, or if the team
    imported another upload of the same bytes and did not undo that import.
    """
    if batch.state is not ImportState.CHECKED:
        raise InvalidInput(
            version=_("Check this file first; an imported file cannot be imported again.")
        )
    same = queries.batches_of_file(batch.sha256, batch.team_id)
    if same and same[0].state is ImportState.TAKEN:
        raise InvalidInput(
            version=_("The same file was imported already: %(ref)s", ref=same[0].ref)
        )


def _all_names(lists: Iterable[Sequence[str]]) -> list[str]:
    """Return the distinct names in some lists, in their order."""
    return list(dict.fromkeys(name for names in lists for name in names))


def _new_people(people: dict[str, results.ImportedPerson]) -> list[results.ImportedPerson]:
    """Return the people or outlets that have no record yet; `people`: people or outlets by name."""
    return [one for one in people.values() if one.is_new]


def _detached_terms(terms: TermSet) -> dict[str, Any]:
    """Return the terms of a taxonomy by code, as objects without a session."""
    kept = ("id", "code", "rank", "label_en", "label_ru", "label_kk")
    return {
        one.code: SimpleNamespace(**{name: getattr(one, name) for name in kept})
        for one in list_active_terms(terms)
    }


@dataclass(slots=True)
class InsertPlan:
    """Prepared inserts in the order in which they run, and audit log entries of the new records."""

    dialect: str
    staged: list[PreparedInsert] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)

    def add(self, kind: type[Any], rows: list[dict[str, Any]]) -> None:
        """Add rows of a model, to be inserted without ORM objects, which would take far longer."""
        self.staged.append(prepare_insert(table_of(kind), rows, dialect=self.dialect))

    def add_to_index(
        self, kind: type[Any], words: dict[int, list[str]], entries: Iterator[int]
    ) -> None:
        """Add the search index entries of new records. `kind`: the model of the records; `words`:
        the words to index, by id of the record; `entries`: free ids for the index entries.
        """
        self.staged += prepare_index_inserts(
            kind.__tablename__, words, entries, dialect=self.dialect
        )

    def log_creation(
        self,
        act: str,
        kind: type[Any],
        values: dict[str, Any],
        **children: Any,  # noqa: ANN401 (rows by relationship)
    ) -> None:
        """Add the audit log entry for the creation of a record. `act`: the action, such as
        "incident:create"; `kind`: the model; `values`: the values of the columns; `**children`:
        by name of the relationship, the model and the column values of each child row.
        """
        ref, digest = values["ref"], row_digest_of_values(kind, values, children)
        self.entries.append(prepare_creation_entry(act, ref, digest))


def dialect_name() -> str:
    """Return the name of the database dialect."""
    return db.session().get_bind().dialect.name


def reserve_ids(counts: dict[type[Any], int]) -> dict[type[Any], Sequence[int]]:
    """Return, by model, free ids for rows that are stored later; `counts`: how many ids each model
    needs.

    On SQLite ids after the last one; on PostgreSQL the next ids of the sequence, which no other
    transaction can get.
    """
    if dialect_name() == "sqlite":
        firsts = {kind: last + ID_GAP for kind, last in _last_ids().items()}
        return {kind: range(firsts[kind], firsts[kind] + count) for kind, count in counts.items()}
    found: dict[type[Any], Sequence[int]] = {}
    # The request only reads so far. If it writes, another transaction would wait for its lock.
    reads = db.session.info.get("reading")
    with write_transaction() if reads else nullcontext(db.session()) as session:
        for kind, count in counts.items():
            sequence = func.pg_get_serial_sequence(kind.__tablename__, "id")
            rows = func.generate_series(1, count).alias()
            found[kind] = list(session.scalars(select(func.nextval(sequence)).select_from(rows)))
    return found


def are_ids_free(numbers: Mapping[type[Any], Sequence[int]]) -> bool:
    """Return whether all reserved ids are still free; `numbers`: the ids by model."""
    if dialect_name() != "sqlite":
        return True
    last = _last_ids()
    return all(last[kind] < some[0] for kind, some in numbers.items() if some)


def _last_ids() -> dict[type[Any], int]:
    """Return, by model, the largest id of its rows, 0 if there are none."""
    with viewing_everything(
        "import: numbers of new rows are those after the last, of whichever team"
    ):
        return {
            kind: db.session.scalar(select(func.max(kind.id))) or 0
            for kind in MODELS_WITH_RESERVED_IDS
        }


def add_people(
    insert_plan: InsertPlan,
    kind: type[Any],
    new: Sequence[results.ImportedPerson],
    entries: Iterator[int],
) -> None:
    """Add the inserts of new journalists or outlets; `entries`: free ids of the search index."""
    name_row = {Journalist: JournalistName, Outlet: OutletName}[kind]
    act = "journalist:create" if kind is Journalist else "outlet:create"
    insert_plan.add(kind, [{**one.values, "id": one.id, "version": 1} for one in new])
    insert_plan.add(name_row, [{**one.name_row_values, "bearer_id": one.id} for one in new])
    for one in new:
        insert_plan.log_creation(
            act, kind, {**one.values, "id": one.id}, names=[(name_row, one.name_row_values)]
        )
    insert_plan.add_to_index(
        kind, {one.id: indexed_words(one.search_text()) for one in new}, entries
    )


def add_incidents(
    insert_plan: InsertPlan, incidents: Sequence[results.NewIncident], entries: Iterator[int]
) -> None:
    """Add the inserts of incidents with all parts; `entries`: free ids of the search index."""
    for one in incidents:
        insert_plan.log_creation(
            "incident:create",
            incident_models.Incident,
            one.values,
            types=[(incident_models.IncidentType, row) for row in one.types],
            targets=[(incident_models.IncidentTarget, row) for row in one.targets],
            actors=[(incident_models.IncidentActor, row) for row in one.actors],
            citations=[(incident_models.IncidentCitation, one.citation)],
            references=[(incident_models.IncidentReference, row) for row in one.references],
        )
    insert_plan.add(incident_models.Incident, [one.values | {"version": 1} for one in incidents])
    insert_plan.add(incident_models.IncidentType, [row for one in incidents for row in one.types])
    insert_plan.add(
        incident_models.IncidentTarget, [row for one in incidents for row in one.targets]
    )
    insert_plan.add(incident_models.IncidentActor, [row for one in incidents for row in one.actors])
    insert_plan.add(incident_models.IncidentCitation, [one.citation for one in incidents])
    insert_plan.add(
        incident_models.IncidentReference, [row for one in incidents for row in one.references]
    )
    insert_plan.add_to_index(
        incident_models.Incident,
        {one.values["id"]: one.indexed_words for one in incidents},
        entries,
    )


def link_rows_to_incidents(batch_id: int, outcomes: Mapping[int, tuple[RowFate, int]]) -> None:
    """Store the outcome and incident of each row of an import; `outcomes`: by number of the row."""
    rows = table_of(ImportRow)
    statement = (
        update(rows)
        .where(
            rows.c.batch_id == batch_id,
            rows.c.number.between(bindparam("first"), bindparam("last")),
        )
        .values(fate=bindparam("became"), incident_id=rows.c.number + bindparam("shift"))
    )
    db.session.execute(
        statement,
        [
            {"first": first, "last": last, "became": fate, "shift": shift}
            for first, last, fate, shift in consecutive_runs(outcomes)
        ],
    )


def consecutive_runs(
    outcomes: Mapping[int, tuple[RowFate, int]],
) -> Iterator[tuple[int, int, RowFate, int]]:
    """Yield runs of rows with the same outcome and consecutive incident ids: first row, last row,
    outcome, and incident id minus row number.
    """
    run: tuple[int, int, RowFate, int] | None = None
    for number, (fate, incident) in sorted(outcomes.items()):
        shift = incident - number
        if run is not None and run[1:] == (number - 1, fate, shift):
            run = (run[0], number, fate, shift)
            continue
        if run is not None:
            yield run
        run = (number, number, fate, shift)
    if run is not None:
        yield run


@dataclass(slots=True)
class CreatedPeople:
    """What happens to the journalists and outlets that an import created when it is undone.
    `removable_ids`: by model, the ids of the records that can be removed; `edited_count`: how many
    records stay because somebody edited them.
    """

    removable_ids: dict[type[Any], list[int]] = field(default_factory=dict)
    edited_count: int = 0

    def can_remove(self, model: type[Any], record_id: int | None) -> bool:
        """Return whether the record of a model with an id can be removed, False without an id."""
        return record_id is not None and record_id in self.removable_ids[model]


def find_created_people(batch: ImportBatch) -> CreatedPeople:
    """Return which journalists and outlets that an import created can be removed."""
    found = CreatedPeople()
    for kind in queries.NAME_MODEL_OF:
        ids = queries.created_person_ids(batch.id, kind)
        going: list[int] = []
        for some in _split_into_chunks(ids, queries.VALUES_PER_STATEMENT):
            touched = queries.edited_ids(kind, some)
            found.edited_count += len(touched)
            staying = touched | queries.referenced_ids(kind, some, except_batch_id=batch.id)
            going += [one for one in some if one not in staying]
        found.removable_ids[kind] = going
    return found


def retract_incidents(ids: Sequence[int], created: CreatedPeople, *, by: Actor) -> None:
    """Retract imported incidents that nobody has changed, given by their ids.

    Targets whose record in `created` will be removed stay as text.
    """
    rows = (
        select(incident_models.Incident)
        .where(incident_models.Incident.id.in_(ids))
        .options(*export_load_options())
    )
    for incident in db.session.scalars(rows).unique():
        with audited_change(incident, "import:undo", by=by):
            change_state(incident, EditorialState.RETRACTED, by=by)
            incident.retract_reason = RetractReason.CODING_ERROR
            for target in incident.targets:
                _replace_record_with_text(target, created)


def _replace_record_with_text(
    target: incident_models.IncidentTarget, created: CreatedPeople
) -> None:
    """Replace the journalist and outlet of a target with text, if their records will be removed."""
    if created.can_remove(Outlet, target.outlet_id):
        if target.kind is TargetKind.OUTLET and target.outlet is not None:
            target.words, target.kind = target.outlet.name, TargetKind.UNNAMED_GROUP
        target.outlet = None
    if created.can_remove(Journalist, target.journalist_id):
        if target.journalist is not None:
            target.words, target.kind = target.journalist.name, TargetKind.UNNAMED_PERSON
        target.journalist = None


def remove_people(kind: type[Any], ids: list[int], *, by: Actor) -> int:
    """Remove journalists or outlets that an import created, and return how many.

    Those that were edited or referred to in the meantime stay.
    """
    staying = queries.edited_ids(kind, ids) | queries.referenced_ids(kind, ids)
    rows = select(kind).where(kind.id.in_([one for one in ids if one not in staying]))
    gone = db.session.scalars(rows).all()
    for one in gone:
        record_event("import:undo", one.ref, by=by, changes={"removed": [one.ref]})
        db.session.delete(one)
    return len(gone)


def removal_batches(created: CreatedPeople) -> Iterator[tuple[type[Any], list[int]]]:
    """Yield the records that can be removed in batches: model and ids."""
    for kind, ids in created.removable_ids.items():
        for some in _split_into_chunks(ids, queries.UNDO_BATCH_SIZE):
            yield kind, some


def validate_can_undo(batch: ImportBatch) -> None:
    """Raise InvalidInput if a file was not imported, or its import was undone."""
    if batch.state is not ImportState.TAKEN:
        raise InvalidInput(version=_("Only what was imported can be undone."))


def mark_undone(batch: ImportBatch, *, by: Actor) -> None:
    """Mark an import as undone."""
    validate_can_undo(batch)
    with audited_change(batch, "import:undo", by=by):
        batch.state = ImportState.UNDONE
        batch.mark_revised(by=by)


def _split_into_chunks(ids: list[int], size: int) -> Iterator[list[int]]:
    """Yield ids in lists of at most `size`."""
    return (ids[at : at + size] for at in range(0, len(ids), size))

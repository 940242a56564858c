"""Comparisons of `flask audit verify`: data with the audit log, database objects with migrations.

All records are read, without a viewer; confidential values on a full connection. Triggers, views
and policies are compared with `objects.json`; `python -m tests.migrations.database_objects` writes
the file again after a migration that creates or drops one, and a test fails if it is outdated.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapper, Session, aliased, selectinload
from sqlalchemy.orm.strategy_options import _AbstractLoad
from sqlalchemy.sql import visitors

from tracker.audit.chain import (
    PART_NAME_FIELD,
    SEAL_ACTION,
    UPGRADE_ACTION,
    committed_value_text,
    compute_commitment,
    part_name,
)
from tracker.audit.models import AuditEvent, CommittedValue, LogCheck
from tracker.audit.queries import UNREADABLE_ROW_ERRORS, UnreadableRow, stream_rows
from tracker.audit.snapshot import COLUMN_NOT_IN_OLD_DIGESTS, digested_columns, row_digest
from tracker.bulk_insert import table_of
from tracker.db import CONFIDENTIAL, Base
from tracker.records import Record, record_models
from tracker.scoping import ChildRow, ConfidentialRow

# The definitions of triggers, views, rules and policies that migrations make, by database and name.
DATABASE_OBJECTS_FILE = Path(__file__).with_name("objects.json")
# How the names of views begin in `DATABASE_OBJECTS_FILE`.
VIEW_PREFIX = "view "
# The name and definition of each trigger and view.
SQLITE_OBJECTS_QUERY = """
SELECT type || ' ' || name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')
"""
# The name and definition of each trigger (with its type, and the source of its function), rule,
# policy and view, and of each table whose foreign keys are not enforced.
POSTGRESQL_OBJECTS_QUERY = """
SELECT 'trigger ' || t.tgname || ' on ' || c.relname,
       concat_ws(' ', t.tgtype, t.tgenabled, t.tgqual, p.proname, p.prosrc)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal
UNION ALL
SELECT 'keys of ' || c.relname, 'not enforced'
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgisinternal AND t.tgenabled <> 'O' GROUP BY c.relname
UNION ALL
SELECT 'rule ' || rulename || ' on ' || tablename, definition FROM pg_rules
WHERE schemaname = current_schema()
UNION ALL
SELECT 'policy ' || policyname || ' on ' || tablename, concat_ws(' ', cmd, qual, with_check)
FROM pg_policies
UNION ALL
SELECT 'view ' || c.relname, pg_get_viewdef(c.oid)
FROM pg_class c WHERE c.relkind IN ('v', 'm') AND c.relnamespace = current_schema()::regnamespace
"""
# How the actions end that change confidential values of a record.
CONFIDENTIAL_ACTION_SUFFIX = ":confidential"
# How the actions end that erase confidential values of a journalist.
ERASE_ACTION_SUFFIX = ":erase"
# What `flask audit verify` does not prove: for each reason, the columns, as `table.column` or
# `*.column` (in every table). A table alone stands for all its columns except team and visibility.
# A test checks that every column that is not listed is proved.
UNVERIFIED_COLUMNS: dict[str, tuple[str, ...]] = {
    "The audit log holds that it was asked and agreed, when and by whom; not the reason.": (
        "erasures",
    ),
    "The audit log holds that a file left, when and by whose hand; not with which rows.": (
        "export_runs", "exported_rows", "export_recipients", "export_choices",
    ),
    "Many terms are loaded by one entry that names them; what a label was can be read in the files "
    "that ship and in the entries of its edits.": ("terms",),
    "Words about a month, of which an entry has a short digest of each part alone.": (
        "monthly_texts",
    ),
    "Each cell as it came: the digest of the file is in the record of its import, and what was "
    "made of it are records.": ("import_rows",),
    "Habits of reading files, no evidence.": ("import_mappings",),
    "What colleagues say to each other and follow proves nothing.": (
        "appeal_comments", "case_comments", "fake_account_comments", "incident_comments",
        "proceeding_comments", "response_comments", "follows", "followed_filters",
    ),
    "That two of one name are two, and how well the tracker suggests, is no evidence.": (
        "journalist_namesakes", "outlet_namesakes", "institution_namesakes", "suggestion_outcomes",
    ),
    "How people sign in: written at each sign-in, and good only until the next.": (
        "sessions", "known_devices", "second_factors", "recovery_codes", "sign_in_failures",
        "sign_in_links", "calendar_links", "mail_notices", "submissions",
    ),
    "Written with each save, also one that changes nothing else.": ("*.version", "*.updated_at"),
    "Numbers and times of rows that an edit may put in the place of others that say the same.": (
        "*.id", "*.cited_at",
    ),
    "A hash that changes with each password, and whether its owner chose it, which the entry of "
    "the change tells; when an account was made stands in its entry.": (
        "users.password_hash", "users.must_change_password", "users.created_at",
    ),
    "What the last check of a file found, which is checked again.": ("import_batches.found",),
    "Made of what is proved, and made anew from it.": (
        "article_marks", "case_figures", "search_entries",
    ),
}  # fmt: skip
# Records in memory at a time, with all that belongs to them.
READ_BATCH_SIZE = 200


class LoggedState:
    """What the audit log says about the data now, collected by `observe`.
    `digest_and_entry_by_ref`: the newest row digest (hash of the values) of each record and its log
    entry; `commitments`: the hashes of confidential values; `values_by_check`: the newest values
    that each subclass of `LogCheck` compares, by name; `upgrades`: what upgrades of the database
    added.
    """

    def __init__(self) -> None:
        # The newest row digest by ref, with the log entry that has it.
        self.digest_and_entry_by_ref: dict[str, tuple[str, Any]] = {}
        self.subjects: set[str] = set()
        self.commitments = Commitments()
        # The values that `LogCheck.matches_log` compares, by kind of data and name.
        self.values_by_check: dict[type[LogCheck], dict[str, dict[str, Any]]] = {
            kind: {} for kind in LogCheck.__subclasses__()
        }
        # The upgrades of the database: after which entry which tables and columns were new.
        self.upgrades: list[tuple[int, frozenset[str]]] = []

    def observe(self, entries: Iterable[Any]) -> Generator[Any]:
        """Yield log entries unchanged, and store the newest state of each record on the way."""
        for entry in entries:
            yield entry
            self.subjects.add(entry.subject)
            if entry.row_digest is not None:
                self.digest_and_entry_by_ref[entry.subject] = entry.row_digest, entry
            self.commitments.add_entry(entry)
            for kind, values in self.values_by_check.items():
                if entry.action in kind.ACTIONS:
                    known = values.setdefault(entry.subject, {})
                    known.update(entry.changes, **{entry.action: entry.sequence})
                    known[f"{entry.action} signed"] = entry.actor, entry.at
                if kind.SEAL_FIELD and entry.action == SEAL_ACTION:
                    for name, number in entry.changes[kind.SEAL_FIELD].items():
                        values.setdefault(name, {})["id"] = number
            if entry.action == UPGRADE_ACTION:
                self.upgrades.append((entry.sequence, frozenset(entry.changes["new"])))
            for ref in entry.changes.get("removed", ()):
                self._discard_record(ref)

    def columns_added_since(self, entry: Any, table: str) -> frozenset[str]:  # noqa: ANN401 (an entry, whole or as columns)
        """Return the tables, and columns as `table.column`, that upgrades of the database added
        after an entry, so that the row digest of the entry does not cover them. `table`: the table
        of the record that the entry is about.

        No digest covered `COLUMN_NOT_IN_OLD_DIGESTS` before entries had a MAC.
        """
        found = [new for sequence, new in self.upgrades if sequence > entry.sequence]
        if entry.mac is None:
            found.append(frozenset({f"{table}.{COLUMN_NOT_IN_OLD_DIGESTS}"}))
        return frozenset().union(*found)

    def _discard_record(self, ref: str) -> None:
        """Discard the state of a record that an entry says was deleted."""
        self.digest_and_entry_by_ref.pop(ref, None)
        self.commitments.remove_record(ref)
        for values in self.values_by_check.values():
            values.pop(ref, None)


def find_differences(session: Session, logged_state: LoggedState) -> Generator[str]:
    """Yield a message for each difference between data and audit log. `session`: one that sees
    every row, and may read confidential tables.
    """
    yield from find_differing_records(session, logged_state)
    for kind, values in logged_state.values_by_check.items():
        yield from _find_differing_rows(session, kind, values)
    yield from find_confidential_differences(session, logged_state.commitments)
    yield from _find_rows_with_wrong_owner(session)


def find_differing_records(session: Session, logged_state: LoggedState) -> Generator[str]:
    """Yield a message for each record that differs from its last entry, has none, or is missing.

    Records whose entries are older than digests are not compared.
    """
    kinds = record_models()
    missing = {ref for ref in logged_state.digest_and_entry_by_ref if ref[:3] in kinds}
    for kind in kinds.values():
        for record in load_full_records(session, kind):
            if isinstance(record, UnreadableRow):
                missing.discard(str(record.name))
                yield f"record {record.name} cannot be read"
                continue
            missing.discard(record.ref)
            if record.ref not in logged_state.subjects:
                yield f"record {record.ref} has no entry"
            if not _matches_digest(record, logged_state):
                yield f"record {record.ref} differs from its last entry"
    yield from (f"record {ref} is missing" for ref in sorted(missing))


def _matches_digest(record: Any, logged_state: LoggedState) -> bool:  # noqa: ANN401 (a record of any kind)
    """Return whether the digest of a record's current values is the newest digest of this record in
    the log; True if the log has none.
    """
    if record.ref not in logged_state.digest_and_entry_by_ref:
        return True
    known, entry = logged_state.digest_and_entry_by_ref[record.ref]
    later = logged_state.columns_added_since(entry, record.__tablename__)
    try:
        return known == row_digest(record, later)
    except UNREADABLE_ROW_ERRORS:
        return False


def _find_differing_rows(
    session: Session, kind: type[LogCheck], logged_values: dict[str, dict[str, Any]]
) -> Generator[str]:
    """Yield a message for each name whose rows differ from the log. `kind`: the compared data,
    which selects rows by name; `logged_values`: for each name, the logged values as
    `kind.matches_log` takes them.
    """
    unseen = dict(logged_values)
    found = stream_rows(session, kind.select_rows(), kind.BATCH_SIZE)
    for name, rows in groupby(found, key=itemgetter(0)):
        if not _matches_log(kind, [*rows], unseen.pop(name, {})):
            yield _difference_message(kind, name)
    for name, expected in sorted(unseen.items()):
        if not _matches_log(kind, [], expected):
            yield _difference_message(kind, name)


def _matches_log(kind: type[LogCheck], rows: list[Any], logged_values: dict[str, Any]) -> bool:
    """Return whether the rows of one name match the values in the log, as `kind.matches_log` says;
    False if a row cannot be read.
    """
    if any(isinstance(row, UnreadableRow) for row in rows):
        return False
    try:
        return kind.matches_log(rows, logged_values)
    except UNREADABLE_ROW_ERRORS:
        return False


def _find_rows_with_wrong_owner(session: Session) -> Generator[str]:
    """Yield a message for each child or confidential row whose record does not exist, or has
    another team or visibility than the row.
    """
    for mapper in Base.registry.mappers:
        kind: Any = mapper.class_
        if issubclass(kind, (ChildRow, ConfidentialRow)):
            for key in _owner_foreign_keys(mapper):
                for (number,) in session.execute(_orphan_rows_query(mapper, key)):
                    yield f"row {number} of {mapper.class_.__tablename__} is not as its record is"


def _owner_foreign_keys(mapper: Mapper[Any]) -> list[sa.ForeignKeyConstraint]:
    """Return the foreign keys of a model's table that have several columns. Most ensure that a row
    has the team and visibility of its record. The one of a citation ensures that the part of a
    record that is cited belongs to the same record.
    """
    return [one for one in table_of(mapper.class_).foreign_key_constraints if len(one.columns) > 1]


def _orphan_rows_query(mapper: Mapper[Any], key: sa.ForeignKeyConstraint) -> sa.Select[Any]:
    """Select the first column of the primary key, as text, of each row of a model whose foreign key
    `key` is set, but refers to no existing row.
    """
    owners = {one.local_table: one.class_ for one in Base.registry.mappers}
    owner = aliased(owners[key.referred_table])
    own = {
        one: getattr(mapper.class_, mapper.get_property_by_column(one).key) for one in key.columns
    }
    theirs = sa.inspect(owner).mapper
    pairs = [
        (own[one.parent], getattr(owner, theirs.get_property_by_column(one.column).key))
        for one in key.elements
    ]
    held = sa.select(owner).where(*(mine == other for mine, other in pairs)).exists()
    name = getattr(mapper.class_, mapper.get_property_by_column(mapper.primary_key[0]).key)
    given = [mine.is_not(None) for mine, _other in pairs]
    return sa.select(sa.cast(name, sa.Text)).where(~held, *given).order_by(name)


def verified_columns() -> dict[str, set[str]]:
    """Return the names of the columns, by table, that are compared with the audit log."""
    found: dict[str, set[str]] = {}
    for kind in record_models().values():
        _add_digested_columns(found, kind, is_child=False)
    for proved in LogCheck.__subclasses__():
        for column in _columns_of_statement(proved.select_rows()):
            found.setdefault(column.table.name, set()).add(column.name)
    for _owner, model in (*confidential_models_of_records(), *confidential_models_of_parts()):
        found.setdefault(model.__tablename__, set()).update(confidential_field_names(model))
    for mapper in Base.registry.mappers:
        of_table = found.setdefault(mapper.class_.__tablename__, set())
        if issubclass(mapper.class_, (ChildRow, ConfidentialRow)):
            for key in _owner_foreign_keys(mapper):
                of_table.update(one.name for one in key.columns)
        elif mapper.class_ in {AuditEvent, CommittedValue}:
            of_table.update(one.name for one in mapper.columns)
    return {table: columns for table, columns in found.items() if columns}


def _add_digested_columns(found: dict[str, set[str]], model: type[Any], *, is_child: bool) -> None:
    """Add to `found`, by table, the columns of a model and of its child rows that row digests
    cover. `is_child`: whether the rows of the model are themselves child rows.
    """
    mapper = sa.inspect(model)
    names = {column.name for column in digested_columns(model, is_child=is_child).values()}
    found.setdefault(mapper.class_.__tablename__, set()).update(names)
    for relation in mapper.relationships:
        if relation.info.get("audited"):
            _add_digested_columns(found, relation.mapper.class_, is_child=True)


def _columns_of_statement(statement: sa.Select[*tuple[Any, ...]]) -> set[Any]:
    """Return the columns that a statement selects, uses in functions, or joins by."""
    return {
        one
        for part in visitors.iterate(statement)
        for one in getattr(part, "base_columns", ())
        if isinstance(getattr(one, "table", None), sa.Table)
    }


def _difference_message(kind: type[LogCheck], name: str) -> str:
    """Return the message that rows of the compared data `kind` differ from the log."""
    return f"{kind.LABEL} {name} differs from the audit log"


def load_full_records(session: Session, kind: type[Any]) -> Generator[Any]:
    """Yield every record of a model with its child rows, loaded in batches. In place of a record
    that cannot be read, yield an `UnreadableRow`.
    """
    every = sa.select(kind).options(*_child_loader_options(kind)).order_by(kind.id)
    last = 0
    try:
        # The cursor is closed also where a record cannot be read, or the reader stops early.
        with session.scalars(every, execution_options={"yield_per": READ_BATCH_SIZE}) as records:
            for record in records:
                last = record.id
                yield record
                session.expunge(record)
    except UNREADABLE_ROW_ERRORS:
        for number, ref in session.execute(
            sa.select(kind.id, kind.ref).where(kind.id > last)
        ).all():
            # A partly read row is read again.
            session.expunge_all()
            try:
                yield session.scalars(every.where(kind.id == number)).one()
            except UNREADABLE_ROW_ERRORS:
                yield UnreadableRow(ref)


def _child_loader_options(kind: type[Any]) -> list[_AbstractLoad]:
    """Return the loader options for all child rows of a model that the audit log covers."""
    found = []
    for relation in sa.inspect(kind).relationships:
        if relation.info.get("audited"):
            of_child = _child_loader_options(relation.mapper.class_)
            found.append(selectinload(getattr(kind, relation.key)).options(*of_child))
    return found


class Commitments:
    """The commitments to confidential values (SHA-256 of salt and value) in the audit log.
    `ref_by_commitment`: the ref of the record by commitment; `newest_by_ref`: the newest commitment
    of each field, by ref; `newest_by_part`: the newest commitment of each field of a part of a
    record, by name of the part.
    """

    def __init__(self) -> None:
        self.ref_by_commitment: dict[str, str] = {}
        # The newest commitment of each field, by ref, and by name of a part.
        self.newest_by_ref: dict[str, dict[str, str]] = {}
        self.newest_by_part: dict[str, dict[str, str]] = {}
        # Whether some older entries do not name the part to which their values belong.
        self.has_entries_without_part = False

    def add_entry(self, entry: Any) -> None:  # noqa: ANN401 (an entry, whole or as columns)
        """Add the commitments (hashes of confidential values) that a log entry records. If the
        entry is about an erasure, remove the newest commitments to the erased values instead.
        """
        committed = entry.changes.get("committed", {})
        self.ref_by_commitment.update(dict.fromkeys(committed.values(), entry.subject))
        if PART_NAME_FIELD in entry.changes:
            self.newest_by_part.setdefault(entry.changes[PART_NAME_FIELD], {}).update(committed)
        elif entry.action.endswith(CONFIDENTIAL_ACTION_SUFFIX):
            self.newest_by_ref.setdefault(entry.subject, {}).update(committed)
        elif entry.action.endswith(ERASE_ACTION_SUFFIX):
            self.remove_record(entry.subject)
            for part, fields in entry.changes.get("forgot", {}).items():
                for field in fields:
                    self.newest_by_part.get(part, {}).pop(field, None)
        elif committed:
            self.has_entries_without_part = True

    def remove_record(self, ref: str) -> None:
        """Remove the newest commitments to values of a record itself, not of its parts."""
        self.newest_by_ref.pop(ref, None)


def find_confidential_differences(session: Session, commitments: Commitments) -> Generator[str]:
    """Yield a message for each confidential value that differs from its commitment."""
    salts: dict[str, str] = {}
    every = sa.select(*sa.inspect(CommittedValue).columns)
    for kept in stream_rows(session, every.order_by(CommittedValue.commitment)):
        if isinstance(kept, UnreadableRow) or not _matches_commitment(kept, commitments):
            of = commitments.ref_by_commitment.get(str(kept[0]), getattr(kept, "subject", kept[0]))
            yield f"a value kept of {of} differs from the audit log"
        else:
            salts[kept.commitment] = kept.salt
    unseen = dict(commitments.newest_by_ref)
    for kind, model in confidential_models_of_records():
        for row in stream_rows(session, _confidential_values_query(kind, model)):
            expected = unseen.pop(str(row[0]), {})
            if isinstance(row, UnreadableRow):
                yield f"what is confidential of {row.name} cannot be read"
            else:
                here = dict(
                    zip(
                        confidential_field_names(model),
                        map(committed_value_text, row[1:]),
                        strict=True,
                    )
                )
                yield from _find_differing_fields(row[0], here, expected, salts)
    for ref, fields in sorted(unseen.items()):
        yield from _find_differing_fields(ref, {}, fields, salts)
    yield from _find_differing_parts(session, commitments, salts)


def _find_differing_parts(
    session: Session, commitments: Commitments, salts: Mapping[str, str]
) -> Generator[str]:
    """Yield a message for each part of a record, such as a target, whose confidential values differ
    from their commitments. `salts`: the salts by commitment.
    """
    unseen = dict(commitments.newest_by_part)
    for owner, model in confidential_models_of_parts():
        table = owner.__tablename__
        values = [getattr(model, field) for field in confidential_field_names(model)]
        rows = sa.select(_primary_key_column(model), *values).order_by(_primary_key_column(model))
        for row in stream_rows(session, rows):
            part = part_name(table, row[0])
            expected = unseen.pop(part, {} if not commitments.has_entries_without_part else None)
            if isinstance(row, UnreadableRow):
                yield f"what is confidential of {part} cannot be read"
            elif expected is not None:
                here = dict(
                    zip(
                        confidential_field_names(model),
                        map(committed_value_text, row[1:]),
                        strict=True,
                    )
                )
                yield from _find_differing_fields(part, here, expected, salts)
        there = {part_name(table, number) for number in session.scalars(sa.select(owner.id))}
        yield from (
            f"what is confidential of {part} is missing" for part in unseen if part in there
        )


def _matches_commitment(row: sa.Row[Any], commitments: Commitments) -> bool:
    """Return whether the commitment in a row of `CommittedValue` is right: it is computed from the
    value and salt in the row, and the log has it for the subject of the row.
    """
    try:
        holds = compute_commitment(row.value, row.salt) == row.commitment
    except UNREADABLE_ROW_ERRORS:
        return False
    return bool(holds and commitments.ref_by_commitment.get(row.commitment) == row.subject)


def confidential_models_of_records() -> list[tuple[type[Record], type[Any]]]:
    """Return each model of records with confidential values, and the model of these values."""
    kinds = {sa.inspect(kind).local_table: kind for kind in record_models().values()}
    models = (
        one.class_ for one in Base.registry.mappers if issubclass(one.class_, ConfidentialRow)
    )
    return [
        (kinds[key.column.table], model)
        for model in models
        for key in _primary_key_column(model).foreign_keys
        if key.column.table in kinds
    ]


def confidential_models_of_parts() -> list[tuple[type[Any], type[Any]]]:
    """Return pairs of models: of parts of records, such as targets, and of their confidential
    values. Only models of values with an `AUDIT_ACTION` are included: the log has commitments to
    these values.
    """
    kinds = {one.class_.__tablename__: one.class_ for one in Base.registry.mappers}
    records = {model for _kind, model in confidential_models_of_records()}
    return [
        (kinds[key.column.table.name], model)
        for model in kinds.values()
        if issubclass(model, ConfidentialRow)
        and model not in records
        and hasattr(model, "AUDIT_ACTION")
        for key in _primary_key_column(model).foreign_keys
    ]


def confidential_field_names(model: type[Any]) -> list[str]:
    """Return the names of the confidential columns of a model."""
    return [
        one.key for one in sa.inspect(model).column_attrs if one.columns[0].info == CONFIDENTIAL
    ]


def _primary_key_column(model: type[Any]) -> Any:  # noqa: ANN401 (a column)
    return sa.inspect(model).primary_key[0]


def _confidential_values_query(kind: type[Record], model: type[Any]) -> Any:  # noqa: ANN401 (columns of any model)
    """Select the ref and the confidential values of each record that has a row of such values.
    `kind`: the model of the records; `model`: the model of the confidential values.
    """
    values = [getattr(model, field) for field in confidential_field_names(model)]
    return sa.select(kind.ref, *values).join(model, _primary_key_column(model) == kind.id)


def _find_differing_fields(
    ref: str, current: Mapping[str, str], committed: Mapping[str, str], salts: Mapping[str, str]
) -> Generator[str]:
    """Yield a message for each confidential field that differs from its commitment. `ref`: names
    the record in the message; `current`: the values by field; `committed`: the commitments by
    field; `salts`: the salts by commitment.
    """
    for field in sorted({*current, *committed}):
        value = current.get(field, "")
        if field in committed:
            salt = salts.get(committed[field])
            holds = salt is not None and compute_commitment(value, salt) == committed[field]
        else:
            holds = value == ""
        if not holds:
            yield f"{field} of {ref} differs from the audit log"


def find_differing_objects(engine: sa.Engine) -> Generator[str]:
    """Yield a message for each trigger, view, rule or policy that differs from the migrations."""
    wanted = json.loads(DATABASE_OBJECTS_FILE.read_text(encoding="utf-8"))[engine.dialect.name]
    found = list_database_objects(engine)
    for name in sorted({*wanted, *found}):
        if wanted.get(name) != found.get(name) and not _is_same_view(engine, name, wanted, found):
            yield f"{name} is not as the migrations make it"


def list_database_objects(engine: sa.Engine) -> dict[str, str]:
    """Return the definitions of the triggers, views, rules and policies of a database, by name."""
    statement = (
        SQLITE_OBJECTS_QUERY if engine.dialect.name == "sqlite" else POSTGRESQL_OBJECTS_QUERY
    )
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(statement)
        return {name: " ".join((sql or "").split()) for name, sql in rows}


def _is_same_view(
    engine: sa.Engine, name: str, expected: Mapping[str, str], found: Mapping[str, str]
) -> bool:
    """Return whether a PostgreSQL view is the expected one although its text differs, since other
    versions of the server write the same view differently. `name`: of any database object, False if
    it is no view; `expected`, `found`: the definitions by name.

    The expected view is created temporarily, and compared as this server writes it.
    """
    if engine.dialect.name == "sqlite" or not (name.startswith(VIEW_PREFIX) and name in expected):
        return False
    with engine.execution_options(postgresql_readonly=False).connect() as connection:
        try:
            return _view_definition(connection, expected[name]) == found.get(name)
        except DBAPIError:
            return False
        finally:
            connection.rollback()


def _view_definition(connection: sa.Connection, sql: str) -> str:
    """Return the query of a view as this PostgreSQL server writes it, with single spaces."""
    connection.execute(sa.text("CREATE TEMPORARY VIEW wanted_view AS " + sql.replace(":", r"\:")))
    words = connection.execute(
        sa.text("SELECT pg_get_viewdef('wanted_view'::regclass)")
    ).scalar_one()
    return " ".join(str(words).split())

"""Queries of the audit log: the history of a record, the part that another team may read, pages of
the log, and labels for its values.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Enum, Row, Select, Text, cast, inspect, or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapper, Session

from tracker import clock
from tracker.audit.actions import ACTION_TEXTS, action_text
from tracker.audit.models import AuditEvent
from tracker.audit.snapshot import COLUMNS_NOT_IN_SNAPSHOTS
from tracker.audit.words import HIDDEN_FIELDS, FieldKind, HistoryField
from tracker.db import Base, current_engines, db
from tracker.i18n import _, current_language, lazy, localized_date, localized_day
from tracker.kit.filters import ListFilter, declare_field, text_filter
from tracker.permissions import Visibility
from tracker.records import record_models
from tracker.scoping import sees_all_rows
from tracker.web.filters import choices_hint, invalid_value_error, parse_text
from tracker.when import Precision, When

# The field in the changes of an entry that says who may see the record.
VISIBILITY_FIELD = "visibility"
# Last parts of actions that only the team of a record may know of: actions on confidential values,
# on consent to be named, and on erasure.
TEAM_ONLY_ACTIONS = (
    ":confidential", ":view-confidential", ":naming", ":ask-erasure", ":end-erasure", ":erase",
)  # fmt: skip
# Last parts of actions that withhold a name from everybody outside the team. Earlier changes of the
# record are then not shown outside the team.
NAME_REDACTION_ACTION_SUFFIXES = (":close-name",)
# Actions on two records, such as merging: the entry in the history of one record reveals that the
# other record exists.
ACTIONS_ON_TWO_RECORDS = frozenset(
    f"{kind}:{act}"
    for kind in ("journalist", "outlet", "institution")
    for act in ("merge", "part", "tell-apart", "ask-again")
)
# Characters of an actor or subject to filter by.
MAX_ACTOR_OR_SUBJECT_LENGTH = 80
MAX_SHOWN_TEXT_LENGTH = 300  # characters of a value in a history; a longer one is cut
# Rows in memory at a time.
STREAM_BATCH_ROWS = 1000
# The number of results that `cached_until_change` stores at most.
MAX_CACHED_RESULTS = 256
# The exceptions raised by reading a row with a value that does not fit its column.
UNREADABLE_ROW_ERRORS = (
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    DBAPIError,
)
# The type of a result that `cached_until_change` stores.
ResultType = TypeVar("ResultType")


def list_record_history(ref: str) -> list[AuditEvent]:
    """Return the log entries of a record, the newest first.

    The audit log has no teams: call this only for a record that the viewer may see.
    """
    return list(
        db.session.scalars(
            select(AuditEvent).where(AuditEvent.subject == ref).order_by(AuditEvent.sequence.desc())
        )
    )


def list_entries(
    subjects: Iterable[str], actions: Iterable[str], *, since: datetime | None = None
) -> list[Row[Any]]:
    """Return time, actor, action, subject and changes of the log entries with one of these subjects
    (refs) and one of these actions, the oldest first; with `since`, only of later ones.

    The audit log has no teams: call this only for records that the viewer may see, and do not show
    other records that an entry names.
    """
    rows = select(
        AuditEvent.at, AuditEvent.actor, AuditEvent.action, AuditEvent.subject, AuditEvent.changes
    ).where(AuditEvent.subject.in_([*subjects]), AuditEvent.action.in_([*actions]))
    if since is not None:
        rows = rows.where(AuditEvent.at > since)
    return [*db.session.execute(rows.order_by(AuditEvent.sequence))]


def list_shareable_entries(subjects: Iterable[str]) -> list[Row[Any]]:
    """Return the log entries of records (`subjects`: their refs), except those only for their team
    (see `TEAM_ONLY_ACTIONS`), the oldest first: sequence number, time, actor, action, subject,
    changes and hash of each.

    The audit log has no teams: call this only for records that the viewer may see, and do not show
    an entry that names other records.
    """
    rows = select(
        AuditEvent.sequence, AuditEvent.at, AuditEvent.actor, AuditEvent.action, AuditEvent.subject,
        AuditEvent.changes, AuditEvent.hash,
    ).where(AuditEvent.subject.in_([*subjects]), shareable_entries_condition())  # fmt: skip
    return [*db.session.execute(rows.order_by(AuditEvent.sequence))]


def load_visible_records(
    refs: Iterable[str],
    kinds: Iterable[type[Any]] | None = None,
    options: Callable[[type[Any]], Iterable[Any]] = lambda _kind: (),
) -> dict[str, Any]:
    """Return those records with these refs that the viewer may see, by ref, in the order of the
    refs. `kinds`: only records of these models, None for all; `options`: a function from a model to
    loader options.
    """
    wanted = list(dict.fromkeys(refs))
    found: dict[str, Any] = {}
    for kind in record_models().values() if kinds is None else kinds:
        mine = [ref for ref in wanted if ref.startswith(f"{kind.PREFIX}-")]
        if mine:
            rows = db.session.scalars(
                select(kind).where(kind.ref.in_(mine)).options(*options(kind))
            )
            found |= {one.ref: one for one in rows.unique()}
    return {ref: found[ref] for ref in wanted if ref in found}


def shareable_entries_condition() -> ColumnElement[bool]:
    """Return the SQL condition of the entries that are not only for the team of their record (see
    `TEAM_ONLY_ACTIONS`).
    """
    return ~or_(*(AuditEvent.action.endswith(act, autoescape=True) for act in TEAM_ONLY_ACTIONS))


def _parse_action(args: Mapping[str, str], name: str) -> str:
    """Return the action in a query parameter, "" if unset; raise BadQuery for an unknown one."""
    action = parse_text(args, name)
    if action and action not in ACTION_TEXTS:
        raise invalid_value_error(name, action, choices_hint())
    return action


def _describe_action(action: str, _names: Mapping[str, str]) -> str:
    """Return the text of an action, for a description of the filter."""
    return action_text(action)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter(ListFilter):
    """A filter of the entries of the audit log; empty fields do not filter."""

    actor: str = text_filter(lazy("Who"), max_length=MAX_ACTOR_OR_SUBJECT_LENGTH, column="actor")
    subject: str = text_filter(
        lazy("Record"), max_length=MAX_ACTOR_OR_SUBJECT_LENGTH, column="subject"
    )
    action: str = declare_field(
        "",
        label=lazy("Action"),
        read=_parse_action,
        value_text=_describe_action,
        control="select",
        column="action",
    )


def list_log_page(
    filters: LogFilter, *, limit: int, newer_than: int | None, older_than: int | None
) -> list[Row[Any]]:
    """Return at most `limit` log entries that match a filter, the newest first, without the changed
    values. `newer_than`, `older_than`: only entries with a higher or a lower sequence number, the
    nearest to this number; None for all.
    """
    sequence = AuditEvent.sequence
    rows = select(sequence, AuditEvent.at, AuditEvent.actor, AuditEvent.action, AuditEvent.subject)
    rows = rows.where(*filters.build_conditions(AuditEvent))
    if newer_than is not None:
        # The previous page has newer entries: read in ascending order from there, shown descending.
        nearest = rows.where(sequence > newer_than).order_by(sequence).limit(limit)
        return [*db.session.execute(nearest)][::-1]
    if older_than is not None:
        rows = rows.where(sequence < older_than)
    return [*db.session.execute(rows.order_by(sequence.desc()).limit(limit))]


def stream_entries(session: Session) -> Generator[Row[Any] | UnreadableRow]:
    """Yield every log entry, the oldest first, without loading the whole log into memory."""
    columns = [getattr(AuditEvent, column.key) for column in AuditEvent.__mapper__.column_attrs]
    yield from stream_rows(session, select(*columns).order_by(AuditEvent.sequence))


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """The name of a row that cannot be read, since a value does not fit its column."""

    name: object

    def __getitem__(self, _at: int) -> object:
        """Return the name at every index, as if it were the first value of the row."""
        return self.name


def stream_rows(
    session: Session, statement: Select[*tuple[Any, ...]], batch_rows: int | None = None
) -> Generator[Row[Any] | UnreadableRow]:
    """Yield the rows of a statement, with `batch_rows` (by default 1000) in memory at a time. In
    place of a row that cannot be read, yield an `UnreadableRow` with the value of the first column
    as its name.
    """
    batch_rows = batch_rows or STREAM_BATCH_ROWS
    done = 0
    try:
        # A reader may stop early: the cursor is closed in any case.
        with session.execute(statement, execution_options={"yield_per": batch_rows}) as rows:
            for row in rows:
                yield row
                done += 1
    except UNREADABLE_ROW_ERRORS:
        yield from _stream_rows_singly(session, statement, skipped=done)


def _stream_rows_singly(
    session: Session, statement: Select[*tuple[Any, ...]], skipped: int
) -> Generator[Row[Any] | UnreadableRow]:
    """Yield the rows of a statement as `stream_rows` does, without the first `skipped` ones, each
    read by a query of its own.
    """
    name = cast(statement.selected_columns[0], Text)
    while names := session.execute(
        statement.with_only_columns(name, maintain_column_froms=True)
        .offset(skipped)
        .limit(STREAM_BATCH_ROWS)
    ).all():
        for (known,) in names:
            try:
                yield session.execute(statement.offset(skipped).limit(1)).one()
            except UNREADABLE_ROW_ERRORS:
                yield UnreadableRow(known)
            skipped += 1


def find_log_head(session: Session) -> tuple[int, str] | None:
    """Return the sequence number and hash of the newest log entry; None for an empty log."""
    row = session.execute(
        select(AuditEvent.sequence, AuditEvent.hash).order_by(AuditEvent.sequence.desc()).limit(1)
    ).first()
    return (row[0], row[1]) if row else None


def cached_until_change(key: Hashable, compute: Callable[[], ResultType]) -> ResultType:
    """Return what `compute` returns. The result is stored, and returned to all viewers of the same
    teams, until the day ends or the log has a new entry (every change of data adds an entry).
    Requests that write and sessions that see all rows store none. See decision 48.

    `key`: what is computed, and all on which it depends beside records, teams and the day, such as
    filter and language. `compute`: must return plain values, no rows of a session.
    """
    session = db.session()
    head = find_log_head(session)
    if head is None or sees_all_rows() or not session.info.get("reading"):
        return compute()
    slot = cache_slot((current_engines(), session.info.get("viewer"), key))
    # Other threads may replace what is in the slot meanwhile.
    stored, state = slot.stored, (head, clock.current_date())
    if stored is None or stored[0] != state:
        stored = slot.stored = (state, compute())
    result: ResultType = stored[1]
    return result


class CacheSlot:
    """The place of a result of `cached_until_change`. `stored`: the newest log entry and the day
    for which the result was computed, and the result; None before it is computed.
    """

    stored: tuple[tuple[tuple[int, str], date], Any] | None = None


@lru_cache(maxsize=MAX_CACHED_RESULTS)
def cache_slot(_key: Hashable) -> CacheSlot:
    """Return the slot of the result with a key, always the same one for equal keys."""
    return CacheSlot()


def history_fields(model: type[Any], path: str = "") -> dict[str, HistoryField]:
    """Return the fields of a model's history by path. The path of a field of child rows contains
    their relationship, as in `targets.role`. `path`: a prefix for all paths, such as `targets.`.
    """
    found: dict[str, HistoryField] = {}
    mapper: Mapper[Any] = inspect(model)
    if hasattr(model, "precision"):
        found[path + "when"] = HistoryField(FieldKind.WHEN)
    for attribute in mapper.column_attrs:
        if attribute.key not in HIDDEN_FIELDS | COLUMNS_NOT_IN_SNAPSHOTS:
            found[path + attribute.key] = _history_field(attribute.columns[0])
    for relation in mapper.relationships:
        if relation.info.get("audited"):
            found[path + relation.key] = HistoryField(FieldKind.CHILDREN)
            found |= history_fields(relation.mapper.class_, f"{path}{relation.key}.")
        elif relation.direction.name == "MANYTOONE":
            target = relation.mapper.class_
            is_record = hasattr(target, "PREFIX")
            found[path + relation.key] = HistoryField(
                FieldKind.RECORD if is_record else FieldKind.ROW, target
            )
    return found


def _history_field(column: ColumnElement[Any]) -> HistoryField:
    """Return the kind of the values that a column has in a history; for codes also their enum, for
    references to rows also their model.
    """
    if column.info.get("class") == "confidential":
        return HistoryField(FieldKind.CONFIDENTIAL)
    if column.info.get("audited") == "digest":
        return HistoryField(FieldKind.DIGEST)
    if isinstance(column.type, Enum) and column.type.enum_class is not None:
        return HistoryField(FieldKind.CODE, column.type.enum_class)
    for key in column.foreign_keys:
        for mapper in Base.registry.mappers:
            if mapper.local_table is key.column.table:
                return HistoryField(FieldKind.ROW, mapper.class_)
    plain = {int: FieldKind.NUMBER, date: FieldKind.DAY}
    return HistoryField(plain.get(column.type.python_type, FieldKind.TEXT))


class RecordValueLabels:
    """A source of the text of values in log entries on records of one model. `changes`: {field:
    [before, after]} of each entry; `label_of`: a function that returns the text of a code.

    Built once per page: each model to which the changes refer is queried once, for the viewer's
    rows.
    """

    def __init__(
        self,
        model: type[Any],
        changes: Iterable[Mapping[str, Any]],
        label_of: Callable[[StrEnum], str],
    ) -> None:
        self.fields = history_fields(model)
        self.label_of = label_of
        found: dict[type[Any], set[Any]] = {}
        for change in changes:
            for key, pair in change.items():
                for value in pair if isinstance(pair, list) else []:
                    self._collect_keys(key, value, found)
        self.headings = {model: _load_headings(model, keys) for model, keys in found.items()}

    def get_field(self, path: str) -> HistoryField:
        """Return the history field of a path; a field of texts if the field no longer exists."""
        return self.fields.get(path) or HistoryField(FieldKind.TEXT)

    def label_value(self, path: str, value: Any) -> str:  # noqa: ANN401 (JSON)
        """Return the value of a field as text in the viewer's language."""
        field = self.get_field(path)
        if field.kind is FieldKind.WHEN:
            return localized_date(parse_logged_date(value))
        if field.kind is FieldKind.CODE and value in set(field.value_class):
            return self.label_of(field.value_class(value))
        if field.kind in {FieldKind.RECORD, FieldKind.ROW}:
            unknown = _("a record not shown to you")
            return str(
                self.headings.get(self._referenced_model(field, value), {}).get(value, unknown)
            )
        if field.kind is FieldKind.DAY:
            return localized_day(date.fromisoformat(value))
        text = str(value)
        return (
            text
            if len(text) <= MAX_SHOWN_TEXT_LENGTH
            else text[:MAX_SHOWN_TEXT_LENGTH].rstrip() + "…"
        )

    def is_value_hidden(self, path: str, value: Any) -> bool:  # noqa: ANN401 (JSON)
        """Return whether the value of a field refers to a record that the viewer may not see."""
        field = self.get_field(path)
        if field.kind is not FieldKind.RECORD or value is None:
            return False
        return value not in self.headings.get(self._referenced_model(field, value), {})

    def _collect_keys(self, path: str, value: Any, keys: dict[type[Any], set[Any]]) -> None:  # noqa: ANN401 (JSON)
        """Add to `keys`, by model, the key of each row to which a value refers: a ref, code, id or
        name. `value`: one value, or the child rows of a relationship.
        """
        if isinstance(value, list):
            for child in value:
                for key, inner in child.items():
                    self._collect_keys(f"{path}.{key}", inner, keys)
        elif self.get_field(path).kind in {FieldKind.RECORD, FieldKind.ROW} and value is not None:
            keys.setdefault(self._referenced_model(self.get_field(path), value), set()).add(value)

    @staticmethod
    def _referenced_model(field: HistoryField, value: Any) -> type[Any]:  # noqa: ANN401 (JSON)
        """Return the model of the row to which a value refers: for a ref the model with its prefix,
        otherwise the model of the field.
        """
        by_prefix = record_models().get(str(value).split("-", maxsplit=1)[0])
        found: type[Any] = (
            by_prefix if by_prefix and field.kind is FieldKind.RECORD else field.value_class
        )
        return found


def parse_logged_date(parts: Mapping[str, Any]) -> When:
    """Return the interval of a date in a log entry. `parts`: the first and last day of the interval
    in ISO 8601 (`earliest`, `latest`), and its `precision`.
    """
    return When(
        date.fromisoformat(parts["earliest"]),
        date.fromisoformat(parts["latest"]),
        Precision(parts["precision"]),
    )


def _load_headings(model: type[Any], keys: set[Any]) -> dict[Any, str]:
    """Return the title of each row of a model that the viewer may see, by key. `keys`: refs of
    records, codes of terms, ids or names of users and teams.
    """
    if hasattr(model, "PREFIX"):
        refs = {key for key in keys if isinstance(key, str)}
        records = db.session.scalars(select(model).where(model.ref.in_(refs))).unique()
        return {record.ref: record.heading for record in records}
    if hasattr(model, "code"):
        terms = db.session.scalars(select(model).where(model.code.in_(keys))).unique()
        return {term.code: term.label_in(current_language()) for term in terms}
    # The audit log refers to users and teams by name, columns of their own by number.
    numbers = {key for key in keys if isinstance(key, int)}
    rows = db.session.scalars(select(model).where(model.id.in_(numbers))).unique()
    return {key: key for key in keys if isinstance(key, str)} | {row.id: row.name for row in rows}


def is_team_only_action(action: str) -> bool:
    """Return whether only the team of a record may know of an action."""
    return action.endswith(TEAM_ONLY_ACTIONS)


def other_record_ref(action: str, changes: Mapping[str, Any]) -> str | None:
    """Return the ref of the other record if an action, such as merging, is on two; else None."""
    if action not in ACTIONS_ON_TWO_RECORDS:
        return None
    named = [changes.get("other"), *changes.get("merged_into", ())]
    return next((ref for ref in named if ref), None)


def is_sharing_entry(action: str, changes: Mapping[str, Any]) -> bool:
    """Return whether the action of an entry shared its record with all users."""
    pair = changes.get(VISIBILITY_FIELD)
    widened = isinstance(pair, list) and pair[-1] == Visibility.INTERNAL.value
    return widened or action.endswith(":widen")


def changes_since_shared(
    entries: Sequence[tuple[str, Mapping[str, Any]]],
) -> list[Mapping[str, Any] | None]:
    """Return the changes that all users may see, for each entry of a shared record; None for each
    entry that is older than the newest one that shared the record or withheld a name in it.
    `entries`: action and changes of each entry, the newest first.

    Of that last entry itself only the visibility is shown, since what the same save removed was
    never shared.
    """
    found: list[Mapping[str, Any] | None] = []
    for action, changes in entries:
        if action.endswith(NAME_REDACTION_ACTION_SUFFIXES):
            found.append({})
            break
        if is_sharing_entry(action, changes):
            found.append({key: pair for key, pair in changes.items() if key == VISIBILITY_FIELD})
            break
        found.append(changes)
    return found + [None] * (len(entries) - len(found))

"""Write the audit log, and read, save and erase confidential values with commitments.

Each change writes one entry, in its own transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import Row, delete, insert, inspect, select
from sqlalchemy.orm import MANYTOONE, Session

from tracker import clock
from tracker.audit import chain
from tracker.audit.models import AuditEvent, CommittedValue
from tracker.audit.proof_queries import confidential_field_names
from tracker.audit.snapshot import initialize_unset_children, take_snapshot
from tracker.audit.snapshot import row_digest as digest_of
from tracker.audit.words import compute_changes
from tracker.bulk_insert import prepare_text_insert, table_of
from tracker.db import current_settings, db, write_transaction
from tracker.errors import AuditKeyMissing
from tracker.permissions import Actor
from tracker.records import Record
from tracker.scoping import ConfidentialRow

# A user who reads the confidential values of a record again within this time is not logged again.
VIEW_LOG_INTERVAL = timedelta(hours=1)
# The random bytes of the salt of a commitment.
SALT_BYTES = 16
# The model of the confidential values of a record or of a part of a record.
RowType = TypeVar("RowType", bound="ConfidentialRow")
ENTRIES_TABLE = table_of(AuditEvent)
# The query of `newest_entry`, composed once.
NEWEST_ENTRY_QUERY = (
    select(AuditEvent.sequence, AuditEvent.hash, AuditEvent.key_id)
    .order_by(AuditEvent.sequence.desc())
    .limit(1)
)
# The columns that `record_prepared_entries` inserts, in the order of the values in a JSON list. The
# text of `prepare_creation_entry` has the last four values. All other columns have the same value
# in all rows that are inserted together.
ENTRY_COLUMNS = (
    "previous_hash", "sequence", "hash", "mac", "action", "subject", "changes", "row_digest"
)  # fmt: skip


def prepare_creation_entry(action: str, subject: str, row_digest: str) -> str:
    """Return the log entry on a new record that is inserted without an ORM object, as JSON text for
    `record_prepared_entries`. `subject`: the ref of the record; `row_digest`: the digest of its
    values.
    """
    return chain.entry_end_json(action, subject, {"digest": row_digest}, row_digest)


def record_event(
    action: str,
    subject: str,
    *,
    by: Actor,
    changes: dict[str, Any] | None = None,
    row_digest: str | None = None,
    session: Session | None = None,
    key_id: str | None = None,
) -> None:
    """Append an entry to the audit log. `subject`: the ref of a record, or another name; `changes`:
    {field: [before, after]}, or other details by name; `row_digest`: of the record after the
    change; `session`: a session of `write_transaction` if the request itself only reads; `key_id`:
    the id of a new key that signs from this entry on, None to keep the key.
    """
    session = session or db.session()
    head = newest_entry(session)
    signing_id, key = signing_key(head, key_id)
    parts: dict[str, Any] = {
        "previous_hash": head.hash if head else chain.HASH_BEFORE_FIRST_ENTRY,
        "sequence": head.sequence + 1 if head else 1,
        "at": clock.utc_now(),
        "actor": by.name,
        "action": action,
        "subject": subject,
        "changes": changes or {},
        "row_digest": row_digest,
    }
    found = chain.entry_hash(**parts)
    signed = {**parts, "hash": found, "mac": chain.compute_mac(key, found), "key_id": signing_id}
    session.execute(insert(ENTRIES_TABLE), signed)


def log_download(
    action: str, subject: str, *, by: Actor, changes: dict[str, Any] | None = None
) -> None:
    """Log a download before it is sent, in a separate transaction, since a GET only reads.
    `action`, `subject`, `by`, `changes`: for the log entry, as in `record_event`.
    """
    with write_transaction() as session:
        record_event(action, subject, by=by, changes=changes, session=session)


def record_prepared_entries(entries: Iterable[str], *, by: Actor) -> None:
    """Append many entries, prepared by `prepare_creation_entry`, to the audit log at once."""
    session = db.session()
    last = newest_entry(session)
    sequence, previous = (last.sequence, last.hash) if last else (0, chain.HASH_BEFORE_FIRST_ENTRY)
    key_id, key = signing_key(last)
    at, rows = clock.utc_now(), []
    start = chain.entry_start_json(at, by.name)
    for sequence, entry in enumerate(entries, sequence + 1):  # noqa: B020 (counts on from the newest entry)
        found = chain.hash_entry_json(previous, sequence, start, entry)
        rows.append(f'["{previous}",{sequence},"{found}","{chain.compute_mac(key, found)}",{entry}')
        previous = found
    shared = {"at": at, "actor": by.name, "key_id": key_id}
    dialect = session.get_bind().dialect.name
    prepare_text_insert(
        ENTRIES_TABLE, ENTRY_COLUMNS, rows, shared_values=shared, dialect=dialect
    ).run(session)


def newest_entry(session: Session) -> Row[int, str, str | None] | None:
    """Return sequence number, hash and key id of the newest log entry; None for an empty log."""
    return session.execute(NEWEST_ENTRY_QUERY).first()


def signing_key(
    newest: Row[int, str, str | None] | None, new_key_id: str | None = None
) -> tuple[str, str]:
    """Return the id of the key that signs the next entry, and the key: the key `new_key_id` if
    given, else the key that signed the `newest` entry, else (no entry, or an unsigned one) the
    newest key.

    Raises AuditKeyMissing if the key is missing: an entry under another key would count as forged.
    """
    keys = chain.load_audit_keys(current_settings())
    signing = new_key_id or (newest.key_id if newest else None) or next(reversed(keys))
    if signing not in keys:
        raise AuditKeyMissing(signing)
    return signing, keys[signing]


class SavedRevisionFields:
    """The values that some fields of a record had before a change: `REVISION_FIELDS`, which are its
    last editor, the time of its last change and, if records of its kind are reviewed, its state.
    """

    def __init__(self, record: Any) -> None:  # noqa: ANN401 (any mapped row; some are no Record)
        self.record, self.values = record, {}
        if isinstance(record, Record):
            record.is_marked_revised = False
            self.version = record.version
            self.values = {key: getattr(record, key) for key in record.REVISION_FIELDS}

    def undo(self) -> bool:
        """Restore the values that `mark_revised` replaced, unless the row itself changed; return
        whether they were restored. After True, the caller must call `mark_revised` again if a child
        row changed.

        If the row changed the new values stay, since each UPDATE raises the version and there must
        be only one; they also stay if a query in between flushed them.
        """
        if (
            not self.values
            or not self.record.is_marked_revised
            or self._is_flushed()
            or self._has_row_changed()
        ):
            return False
        for key, value in self.values.items():
            setattr(self.record, key, value)
        return True

    def _is_flushed(self) -> bool:
        """Return whether a query has written the changed values to the database already."""
        return bool(self.record.version != self.version)

    def _has_row_changed(self) -> bool:
        """Return whether the record has a new value in a column besides `REVISION_FIELDS`, or now
        refers to another row.
        """
        state, mapper = inspect(self.record), inspect(type(self.record))
        keys = {one.key for one in mapper.column_attrs} - self.record.REVISION_FIELDS
        keys |= {one.key for one in mapper.relationships if one.direction is MANYTOONE}
        return any(state.attrs[key].history.has_changes() for key in keys)


@contextmanager
def audited_change(
    record: Any,  # noqa: ANN401 (any mapped row; mixins are not Base)
    action: str,
    *,
    details: Mapping[str, Any] | None = None,
    by: Actor,
) -> Iterator[None]:
    """Store the change that a `with` block makes to a record and its child rows, and log it. The
    log entry on a record that existed has the values before and after; the log entry on a new
    record has the digest of its values, and `details`.

    Without a difference, nothing is written, and the record is not revised.
    """
    session = db.session
    is_new = record not in session or record in session.new
    before = {} if is_new else take_snapshot(record)
    fields = SavedRevisionFields(record)
    yield
    if is_new:
        initialize_unset_children(record)
        session.add(record)
    taken_back = not is_new and fields.undo()
    session.flush()
    if taken_back and take_snapshot(record) != before:
        record.mark_revised(by=by)
        session.flush()
    # Children were linked in memory: values filled in by the database are read back.
    after = take_snapshot(record)
    changes = (
        {"digest": chain.json_digest(after), **(details or {})}
        if is_new
        else compute_changes(before, after)
    )
    if changes:
        rows = digest_of(record) if isinstance(record, Record) else None
        if is_new and rows is None and hasattr(record, "name"):
            # Other rows refer to it by id: verification compares the name logged for this id.
            changes["id"] = record.id
        subject = getattr(record, "ref", None) or getattr(record, "name", "")
        record_event(action, str(subject), by=by, changes=changes, row_digest=rows)


def get_confidential_row(record: Any, model: type[RowType]) -> RowType:  # noqa: ANN401 (a record, or a row that belongs to one)
    """Return the row of a confidential model that belongs to a record; a new one, with version 0,
    if there is none.
    """
    key = inspect(model).primary_key[0]
    kept = db.session.scalars(select(model).where(key == record.id)).first()
    if kept is not None:
        return kept
    made = model()
    for name, value in ((key.key, record.id), ("team_id", record.team_id), ("version", 0)):
        setattr(made, str(name), value)
    return made


def save_confidential_values(
    record: Any,  # noqa: ANN401 (as above)
    row: ConfidentialRow,
    values: Mapping[str, Any],
    *,
    action: str = "",
    subject: str = "",
    by: Actor,
) -> None:
    """Save confidential values, by field, in the confidential row of a record, and commitments to
    them in the audit log. If `record` is only a part of a record, such as a target, `action` and
    `subject` are the action of the log entry and the ref of the whole record; otherwise "".
    """
    before = _committed_values(row)
    for name, value in values.items():
        setattr(row, name, value)
    # Not flushed before the head of the audit log is locked: everyone locks the two in this order.
    db.session.add(row)
    record_commitments(
        subject or record.ref,
        action or f"{_kind_name(record)}:confidential",
        before,
        _committed_values(row),
        part=chain.part_name(record.__tablename__, record.id) if subject else "",
        by=by,
    )


def log_confidential_view(record: Record, *, by: Actor) -> None:
    """Log, before they are shown, that a user reads the confidential values of a record.

    At most once an hour, and in a separate transaction: a request that itself writes must use
    `without_write_lock` (see `web/saving.py`).
    """
    action, ref, name = f"{_kind_name(record)}:view-confidential", record.ref, by.name
    lately = select(AuditEvent.sequence).where(
        AuditEvent.subject == ref,
        AuditEvent.action == action,
        AuditEvent.actor == name,
        AuditEvent.at > clock.utc_now() - VIEW_LOG_INTERVAL,
    )
    with write_transaction() as session:
        if session.scalars(lately.limit(1)).first() is None:
            record_event(action, ref, by=by, session=session)


def record_commitments(
    subject: str,
    action: str,
    before: Mapping[str, str],
    after: Mapping[str, str],
    *,
    part: str = "",
    by: Actor,
) -> None:
    """Log commitments to the confidential values of a record that changed, and store the values.
    `before`, `after`: all values by field; `part`: the name (see `part_name`) of the part of the
    record that has the values, "" if the record itself has them.

    The values are in a confidential table, by their commitments, until somebody erases them: the
    session must be on a full connection. Nothing is written without a change; "" is a value.
    """
    changed = {field: value for field, value in after.items() if before.get(field, "") != value}
    if not changed:
        return
    changes: dict[str, str] = {}
    for field, value in sorted(changed.items()):
        salt = secrets.token_hex(SALT_BYTES)
        changes[field] = chain.compute_commitment(value, salt)
        db.session.add(
            CommittedValue(commitment=changes[field], subject=subject, salt=salt, value=value)
        )
    on_part = {chain.PART_NAME_FIELD: part} if part else {}
    record_event(action, subject, by=by, changes={"committed": changes, **on_part})


def delete_committed_values(subject: str) -> int:
    """Delete the stored confidential values of a record, and return how many there were. `subject`:
    the ref of the record. Commitments to the values stay in the log.
    """
    gone = db.session.execute(delete(CommittedValue).where(CommittedValue.subject == subject))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # what a DELETE returns


def delete_committed_fields(
    subjects: Collection[str], action: str, fields: Collection[str], *, parts: Collection[str]
) -> None:
    """Delete the stored confidential values of some `fields` of some records (`subjects`: their
    refs) that entries of an `action` commit to. `parts`: the parts of these records (named as
    `part_name` does) whose values are deleted too. Values of a record itself are always deleted.
    """
    changes = db.session.scalars(
        select(AuditEvent.changes).where(
            AuditEvent.subject.in_(subjects), AuditEvent.action == action
        )
    )
    gone = [
        commitment
        for change in changes
        if change.get(chain.PART_NAME_FIELD) is None or change[chain.PART_NAME_FIELD] in parts
        for field, commitment in change.get("committed", {}).items()
        if field in fields
    ]
    db.session.execute(delete(CommittedValue).where(CommittedValue.commitment.in_(gone)))


def _committed_values(row: ConfidentialRow) -> dict[str, str]:
    """Return the confidential values of a row by field, as text; "" for none."""
    return {
        field: chain.committed_value_text(getattr(row, field))
        for field in confidential_field_names(type(row))
    }


def _kind_name(record: Record) -> str:
    """Return the kind of a record as actions begin with it, such as `journalist`."""
    return record.ENDPOINT.removesuffix("s")

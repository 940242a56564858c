"""Writing the audit log: one entry for each change, in the transaction of the change."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import MANYTOONE

from tracker import clock
from tracker.audit.chain import (
    FIRST,
    entry_hash,
    entry_head,
    entry_tail,
    following_hash,
    json_digest,
    load_keys,
    mac_of,
)
from tracker.audit.models import AuditEvent
from tracker.audit.snapshot import row_digest as digest_of
from tracker.audit.snapshot import snapshot
from tracker.audit.words import changed_values
from tracker.bulk_insert import prepare_text_insert, table_of
from tracker.db import current_settings, db, write_transaction
from tracker.errors import AuditKeyMissing
from tracker.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy.orm import Session

    from tracker.permissions import Actor

# What one of many entries has of its own, in the order of `following_hash` and `entry_tail`.
OF_AN_ENTRY = (
    "previous_hash", "sequence", "hash", "mac", "action", "subject", "changes", "row_digest"
)  # fmt: skip


def creation_details(action: str, subject: str, row_digest: str) -> str:
    """Return the log details for a record that is inserted without an ORM object."""
    return entry_tail(action, subject, {"digest": row_digest}, row_digest)


def record_event(
    action: str,
    subject: str,
    *,
    by: Actor,
    changes: dict[str, Any] | None = None,
    row_digest: str | None = None,
    session: Session | None = None,
    key_id: str | None = None,
) -> AuditEvent:
    """Append one entry; a transaction that writes does so alone, see `db.py`.

    `row_digest`: that of all values of the record as the change leaves them.

    `session`: that of a `write_transaction`, where the request itself only reads.

    `key_id`: the key that begins with this entry.
    """
    session = session or db.session()
    head = newest_entry(session)
    signing_id, key = signing_key(head, key_id)
    parts: dict[str, Any] = {
        "previous_hash": head.hash if head else FIRST,
        "sequence": head.sequence + 1 if head else 1,
        "at": clock.now(),
        "actor": by.name,
        "action": action,
        "subject": subject,
        "changes": changes or {},
        "row_digest": row_digest,
    }
    found = entry_hash(**parts)
    event = AuditEvent(**parts, hash=found, mac=mac_of(key, found), key_id=signing_id)
    session.add(event)
    session.flush()
    return event


def log_download(
    action: str, subject: str, *, by: Actor, changes: dict[str, Any] | None = None
) -> None:
    """Log who downloads something, before it is sent.

    In a transaction of its own: the request that asks is a GET, which only reads.
    """
    with write_transaction() as session:
        record_event(action, subject, by=by, changes=changes, session=session)


def record_events(entries: Iterable[str], *, by: Actor) -> None:
    """Append many entries at once, in their order, for what is stored without an object each:
    `entries` as `creation_details` made them before it was their turn.
    """
    session = db.session()
    last = newest_entry(session)
    sequence, previous = (last.sequence, last.hash) if last else (0, FIRST)
    key_id, key = signing_key(last)
    at, rows = clock.now(), []
    signed = entry_head(at, by.name)
    for sequence, entry in enumerate(entries, sequence + 1):  # noqa: B020 (it goes on from the last)
        found = following_hash(previous, sequence, signed, entry)
        rows.append(f'["{previous}",{sequence},"{found}","{mac_of(key, found)}",{entry}')
        previous = found
    alike = {"at": at, "actor": by.name, "key_id": key_id}
    dialect = session.get_bind().dialect.name
    prepare_text_insert(table_of(AuditEvent), OF_AN_ENTRY, rows, alike=alike, dialect=dialect).run(
        session
    )


def newest_entry(session: Session) -> AuditEvent | None:
    """Return the newest entry of the log."""
    return session.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(1)).first()


def signing_key(newest: AuditEvent | None, begins: str | None = None) -> tuple[str, str]:
    """Return the key under which the next entry is signed, with its id: that of the newest entry,
    unless another begins; KeyMissing where it is not here, since an entry under any other would be
    forged for good. The newest key signs the first entry and the seal.
    """
    keys = load_keys(current_settings())
    signing = begins or (newest.key_id if newest else None) or next(reversed(keys))
    if signing not in keys:
        raise AuditKeyMissing(signing)
    return signing, keys[signing]


class RevisionSignature:
    """Who revised a record last and its state, before it is saved again."""

    def __init__(self, record: Any) -> None:  # noqa: ANN401 (any mapped row; some are no Record)
        self.record, self.kept = record, {}
        if isinstance(record, Record):
            record.is_signed = False
            self.version = record.version
            self.kept = {key: getattr(record, key) for key in record.SIGNED}

    def take_back(self) -> bool:
        """Undo `revised` until it is known whether a child changed; return whether it was undone.

        It stands where the row itself changed: each UPDATE raises the version, so that there is to
        be one only. It is as well where a query in between sent it to the database.
        """
        if not self.kept or not self.record.is_signed or self._was_sent() or self._row_differs():
            return False
        for key, value in self.kept.items():
            setattr(self.record, key, value)
        return True

    def _was_sent(self) -> bool:
        return bool(self.record.version != self.version)

    def _row_differs(self) -> bool:
        state, mapper = inspect(self.record), inspect(type(self.record))
        keys = {one.key for one in mapper.column_attrs} - self.record.SIGNED
        keys |= {one.key for one in mapper.relationships if one.direction is MANYTOONE}
        return any(state.attrs[key].history.has_changes() for key in keys)


@contextmanager
def audited(
    record: Any,  # noqa: ANN401 (any mapped row; mixins are not Base)
    act: str,
    *,
    told: Mapping[str, Any] | None = None,
    by: Actor,
) -> Iterator[None]:
    """Run a change; the log entry has the difference between before and after, with children.

    A new record is audited with the digest of its values and with what else is `told` of it, a
    changed one with before and after. When nothing differs, nothing is written, and nobody has
    revised it.
    """
    session = db.session
    is_new = record not in session or record in session.new
    before = {} if is_new else snapshot(record)
    signature = RevisionSignature(record)
    yield
    if is_new:
        session.add(record)
    taken_back = not is_new and signature.take_back()
    session.flush()
    if taken_back and snapshot(record) != before:
        record.revised(by=by)
        session.flush()
    # Children were linked in memory: what the database filled in is read back for the snapshot.
    after = snapshot(record)
    changes = (
        {"digest": json_digest(after), **(told or {})} if is_new else changed_values(before, after)
    )
    if changes:
        rows = digest_of(record) if isinstance(record, Record) else None
        if is_new and rows is None and hasattr(record, "name"):
            # By its number others point to it: that the name is still the same one's is proved.
            changes["id"] = record.id
        subject = getattr(record, "ref", None) or getattr(record, "name", "")
        record_event(act, str(subject), by=by, changes=changes, row_digest=rows)

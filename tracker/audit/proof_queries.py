"""Whether the records are still as the trail left them: read whole, by nobody in particular."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import selectinload

from tracker.audit.row_digest import row_digest
from tracker.records import kinds_of_record

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from sqlalchemy.orm import Session
    from sqlalchemy.orm.strategy_options import _AbstractLoad

# Records in memory at a time, with all that hangs on them.
READ_AT_ONCE = 200


class Left:
    """What the newest entries of the trail say that the rows of each record are."""

    def __init__(self) -> None:
        self.digests: dict[str, str] = {}
        self.told: set[str] = set()

    def watch(self, entries: Iterable[Any]) -> Generator[Any]:
        """Hand the entries on, and keep the last digest of each record that was not removed."""
        for entry in entries:
            yield entry
            self.told.add(entry.subject)
            if entry.row_digest is not None:
                self.digests[entry.subject] = entry.row_digest
            for ref in entry.changes.get("removed", ()):
                self.digests.pop(ref, None)


def differing_records(session: Session, left: Left) -> Generator[str]:
    """Say of each record that differs from its last entry, or is gone, that it does.

    A record whose entries are older than digests has none to compare with.
    """
    kinds = kinds_of_record()
    missing = {ref for ref in left.digests if ref[:3] in kinds}
    for kind in kinds.values():
        for record in whole_records(session, kind):
            missing.discard(record.ref)
            known = left.digests.get(record.ref)
            if record.ref not in left.told:
                yield f"record {record.ref} has no entry"
            if known is not None and known != row_digest(record):
                yield f"record {record.ref} differs from its last entry"
    yield from (f"record {ref} is missing" for ref in sorted(missing))


def whole_records(session: Session, kind: type[Any]) -> Generator[Any]:
    """Yield every record of a kind with what hangs on it, some of them in memory at a time."""
    every = select(kind).options(*_whole(kind)).order_by(kind.id)
    for record in session.scalars(every, execution_options={"yield_per": READ_AT_ONCE}):
        yield record
        session.expunge(record)


def _whole(kind: type[Any]) -> list[_AbstractLoad]:
    """Return what loads the children of the trail, and theirs, a batch at a time."""
    found = []
    for relation in inspect(kind).relationships:
        if relation.info.get("trail"):
            of_child = _whole(relation.mapper.class_)
            found.append(selectinload(getattr(kind, relation.key)).options(*of_child))
    return found

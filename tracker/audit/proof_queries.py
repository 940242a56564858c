"""Whether the records are still as the trail left them: read whole, by nobody in particular."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import selectinload

from tracker.audit.commitment_queries import Committed, differing_values
from tracker.audit.proof_models import Proved
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
        self.committed = Committed()
        # By name what the entries of its acts say of each thing that is proved beside.
        self.said: dict[type[Proved], dict[str, dict[str, Any]]] = {
            kind: {} for kind in Proved.__subclasses__()
        }

    def watch(self, entries: Iterable[Any]) -> Generator[Any]:
        """Hand the entries on, and keep what the newest say of whatever was not removed."""
        for entry in entries:
            yield entry
            self.told.add(entry.subject)
            if entry.row_digest is not None:
                self.digests[entry.subject] = entry.row_digest
            self.committed.note(entry)
            for kind, said in self.said.items():
                if entry.action in kind.ACTS:
                    known = said.setdefault(entry.subject, {})
                    known.update(entry.changes, **{entry.action: entry.sequence})
            for ref in entry.changes.get("removed", ()):
                self._forget(ref)

    def _forget(self, ref: str) -> None:
        self.digests.pop(ref, None)
        self.committed.forget(ref)
        for said in self.said.values():
            said.pop(ref, None)


def differing(session: Session, left: Left) -> Generator[str]:
    """Say of all that can be proved what is not as the trail left it; on a full connection."""
    yield from differing_records(session, left)
    for kind, said in left.said.items():
        yield from _differing_rows(session, kind, said)
    yield from differing_values(session, left.committed)


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


def _differing_rows(
    session: Session, kind: type[Proved], said: dict[str, dict[str, Any]]
) -> Generator[str]:
    unseen = dict(said)
    options = {"yield_per": kind.AT_ONCE}
    with session.execute(kind.to_prove(), execution_options=options) as found:
        for name, rows in groupby(found, key=itemgetter(0)):
            if not kind.is_as_told([*rows], unseen.pop(name, {})):
                yield _differs(kind, name)
    for name, told in sorted(unseen.items()):
        if not kind.is_as_told([], told):
            yield _differs(kind, name)


def _differs(kind: type[Proved], name: str) -> str:
    return f"{kind.CALLED} {name} is not as the trail says"


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

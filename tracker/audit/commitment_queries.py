"""Whether confidential values are those that the trail is committed to; on a full connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select

from tracker.audit.commitments import PART, as_committed, commitment_to, part_named
from tracker.audit.models import CommittedValue
from tracker.audit.queries import UNREADABLE, Unreadable, readable_rows
from tracker.db import CONFIDENTIAL, Base
from tracker.records import Record, kinds_of_record
from tracker.scoping import TeamOnly

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

OF_RECORDS = ":confidential"
ERASED = ":erase"


class Committed:
    """What the entries commit to: of each commitment its subject, and of each field of a record, or
    of a part of one, the newest.
    """

    def __init__(self) -> None:
        self.subjects: dict[str, str] = {}
        self.newest: dict[str, dict[str, str]] = {}
        self.of_parts: dict[str, dict[str, str]] = {}
        # Whether some entries, which are older, do not say on which part their values hang.
        self.has_older = False

    def note(self, entry: Any) -> None:  # noqa: ANN401 (an entry, whole or as columns)
        """Keep what an entry commits to."""
        committed = entry.changes.get("committed", {})
        self.subjects.update(dict.fromkeys(committed.values(), entry.subject))
        if PART in entry.changes:
            self.of_parts.setdefault(entry.changes[PART], {}).update(committed)
        elif entry.action.endswith(OF_RECORDS):
            self.newest.setdefault(entry.subject, {}).update(committed)
        elif entry.action.endswith(ERASED):
            self.forget(entry.subject)
            for part, fields in entry.changes.get("forgot", {}).items():
                for field in fields:
                    self.of_parts.get(part, {}).pop(field, None)
        elif committed:
            self.has_older = True

    def forget(self, ref: str) -> None:
        """Expect no values of a record any more."""
        self.newest.pop(ref, None)


def differing_values(session: Session, committed: Committed) -> Generator[str]:
    """Say which values, and which fields of which records, are not those committed to; never what
    they are.
    """
    salts: dict[str, str] = {}
    every = select(*inspect(CommittedValue).columns)
    for kept in readable_rows(session, every.order_by(CommittedValue.commitment)):
        if isinstance(kept, Unreadable) or not _is_kept(kept, committed):
            of = committed.subjects.get(str(kept[0]), getattr(kept, "subject", kept[0]))
            yield f"a value kept of {of} is not as the trail says"
        else:
            salts[kept.commitment] = kept.salt
    unseen = dict(committed.newest)
    for kind, model in confidential_of_records():
        for row in readable_rows(session, _values_of(kind, model)):
            told = unseen.pop(str(row[0]), {})
            if isinstance(row, Unreadable):
                yield f"what is confidential of {row.name} cannot be read"
            else:
                here = dict(zip(fields_of(model), map(as_committed, row[1:]), strict=True))
                yield from _differing(row[0], here, told, salts)
    for ref, fields in sorted(unseen.items()):
        yield from _differing(ref, {}, fields, salts)
    yield from _differing_parts(session, committed, salts)


def _differing_parts(
    session: Session, committed: Committed, salts: Mapping[str, str]
) -> Generator[str]:
    """Say the same of what hangs on a part of a record, such as a decision on a target's name."""
    unseen = dict(committed.of_parts)
    for owner, model in confidential_of_parts():
        table = owner.__tablename__
        values = [getattr(model, field) for field in fields_of(model)]
        rows = select(_key(model), *values).order_by(_key(model))
        for row in readable_rows(session, rows):
            part = part_named(table, row[0])
            told = unseen.pop(part, {} if not committed.has_older else None)
            if isinstance(row, Unreadable):
                yield f"what is confidential of {part} cannot be read"
            elif told is not None:
                here = dict(zip(fields_of(model), map(as_committed, row[1:]), strict=True))
                yield from _differing(part, here, told, salts)
        there = {part_named(table, number) for number in session.scalars(select(owner.id))}
        yield from (
            f"what is confidential of {part} is missing" for part in unseen if part in there
        )


def _is_kept(kept: Row[Any], committed: Committed) -> bool:
    try:
        holds = commitment_to(kept.value, kept.salt) == kept.commitment
    except UNREADABLE:
        return False
    return bool(holds and committed.subjects.get(kept.commitment) == kept.subject)


def confidential_of_records() -> list[tuple[type[Record], type[Any]]]:
    """Return each kind of record of which something is confidential, with the model of that."""
    kinds = {inspect(kind).local_table: kind for kind in kinds_of_record().values()}
    models = (one.class_ for one in Base.registry.mappers if issubclass(one.class_, TeamOnly))
    return [
        (kinds[key.column.table], model)
        for model in models
        for key in _key(model).foreign_keys
        if key.column.table in kinds
    ]


def confidential_of_parts() -> list[tuple[type[Any], type[Any]]]:
    """Return each part of a record of which something is confidential and in the trail, with the
    model of that.
    """
    kinds = {one.class_.__tablename__: one.class_ for one in Base.registry.mappers}
    records = {model for _kind, model in confidential_of_records()}
    return [
        (kinds[key.column.table.name], model)
        for model in kinds.values()
        if issubclass(model, TeamOnly) and model not in records and hasattr(model, "ACT")
        for key in _key(model).foreign_keys
    ]


def fields_of(model: type[Any]) -> list[str]:
    """Return the names of what is confidential in a row."""
    return [one.key for one in inspect(model).column_attrs if one.columns[0].info == CONFIDENTIAL]


def _key(model: type[Any]) -> Any:  # noqa: ANN401 (a column)
    return inspect(model).primary_key[0]


def _values_of(kind: type[Record], model: type[Any]) -> Any:  # noqa: ANN401 (columns of any model)
    values = [getattr(model, field) for field in fields_of(model)]
    return select(kind.ref, *values).join(model, _key(model) == kind.id)


def _differing(
    ref: str, here: Mapping[str, str], committed: Mapping[str, str], salts: Mapping[str, str]
) -> Generator[str]:
    """Say which fields of a record differ: a value without an entry does, and one that is kept no
    more though nobody erased it.
    """
    for field in sorted({*here, *committed}):
        value = here.get(field, "")
        if field in committed:
            salt = salts.get(committed[field])
            holds = salt is not None and commitment_to(value, salt) == committed[field]
        else:
            holds = value == ""
        if not holds:
            yield f"{field} of {ref} is not as the trail says"

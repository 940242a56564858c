"""Whether confidential values are those that the trail is committed to; on a full connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select

from tracker.audit.commitments import as_committed, commitment_to
from tracker.audit.models import CommittedValue
from tracker.audit.queries import STREAMED
from tracker.db import CONFIDENTIAL, Base
from tracker.records import Record, kinds_of_record
from tracker.scoping import TeamOnly

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from sqlalchemy.orm import Session

# What is decided about naming a target has entries that do not say of which target.
OF_RECORDS = ":confidential"
ERASED = ":erase"


class Committed:
    """What the entries commit to: every commitment, and of each field of a record the newest."""

    def __init__(self) -> None:
        self.ever: set[str] = set()
        self.newest: dict[str, dict[str, str]] = {}

    def note(self, entry: Any) -> None:  # noqa: ANN401 (an entry, whole or as columns)
        """Keep what an entry commits to."""
        committed = entry.changes.get("committed", {})
        self.ever.update(committed.values())
        if entry.action.endswith(OF_RECORDS):
            self.newest.setdefault(entry.subject, {}).update(committed)
        elif entry.action.endswith(ERASED):
            self.forget(entry.subject)

    def forget(self, ref: str) -> None:
        """Expect no values of a record any more."""
        self.newest.pop(ref, None)


def differing_values(session: Session, committed: Committed) -> Generator[str]:
    """Say which values, and which fields of which records, are not those committed to; never what
    they are.
    """
    salts: dict[str, str] = {}
    expected = {one for fields in committed.newest.values() for one in fields.values()}
    every = select(*inspect(CommittedValue).columns)
    for kept in _streamed(session, every):
        holds = commitment_to(kept.value, kept.salt) == kept.commitment
        if not holds or kept.commitment not in committed.ever:
            yield f"a value kept of {kept.subject} is not as the trail says"
        elif kept.commitment in expected:
            salts[kept.commitment] = kept.salt
    unseen = dict(committed.newest)
    for kind, model in confidential_of_records():
        for ref, *values in _streamed(session, _values_of(kind, model)):
            here = dict(zip(fields_of(model), map(as_committed, values), strict=True))
            yield from _differing(ref, here, unseen.pop(ref, {}), salts)
    for ref, fields in sorted(unseen.items()):
        yield from _differing(ref, {}, fields, salts)


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


def fields_of(model: type[Any]) -> list[str]:
    """Return the names of what is confidential in a row."""
    return [one.key for one in inspect(model).column_attrs if one.columns[0].info == CONFIDENTIAL]


def _key(model: type[Any]) -> Any:  # noqa: ANN401 (a column)
    return inspect(model).primary_key[0]


def _values_of(kind: type[Record], model: type[Any]) -> Any:  # noqa: ANN401 (columns of any model)
    values = [getattr(model, field) for field in fields_of(model)]
    return select(kind.ref, *values).join(model, _key(model) == kind.id)


def _streamed(session: Session, rows: Any) -> Generator[Any]:  # noqa: ANN401 (as above)
    with session.execute(rows, execution_options={"yield_per": STREAMED}) as found:
        yield from found


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

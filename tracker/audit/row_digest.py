"""The digest of a record's rows as they are stored: the same whoever looks, unlike its snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from tracker.audit.chain import canonical, digest
from tracker.audit.snapshot import SKIPPED, is_owner, plain, targets_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Mapper

# Written with each save, also one that changes nothing else; who recorded it and when never is.
RESIGNED = frozenset({"version", "updated_at", "revised_by_id"})
# Of a child only what it says: an edit may put another row in its place that says the same.
OF_OWNER = SKIPPED | {"team_id", "visibility"}


def row_digest(record: Any) -> str:  # noqa: ANN401 (any mapped row; mixins are not Base)
    """Return the digest of a record and of what hangs on it, but for confidential values.

    A snapshot names what a key points to, which some may not see and which may be renamed; here
    stand the keys. Confidential values have commitments of their own, which outlast an erasure.
    """
    return digest(_stored(record, child=False))


def _stored(row: Any, *, child: bool) -> dict[str, Any]:  # noqa: ANN401 (as above)
    mapper: Mapper[Any] = inspect(type(row))
    left_out = OF_OWNER | _keys_of_owner(mapper) if child else RESIGNED
    values: dict[str, Any] = {
        attribute.key: plain(getattr(row, attribute.key))
        for attribute in mapper.column_attrs
        if not attribute.deferred
        and attribute.key not in left_out
        and attribute.columns[0].info.get("class") != "confidential"
    }
    for relation in mapper.relationships:
        if relation.info.get("trail"):
            children = [_stored(one, child=True) for one in getattr(row, relation.key)]
            values[relation.key] = sorted(children, key=canonical)
    return values


def _keys_of_owner(mapper: Mapper[Any]) -> set[str]:
    """Return the keys of a child that lead to what it hangs on."""
    targets = targets_of(mapper)
    return {
        attribute.key
        for attribute in mapper.column_attrs
        if attribute.columns[0].foreign_keys
        and (attribute.key not in targets or is_owner(targets[attribute.key], mapper))
    }

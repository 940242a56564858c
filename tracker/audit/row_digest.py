"""The digest of a record's rows as they are stored: the same whoever looks, unlike its snapshot."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from tracker.audit.chain import canonical, digest
from tracker.audit.snapshot import SKIPPED, is_owner, plain, targets_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Mapper

# Written with each save, also one that changes nothing else; who recorded it and when never is.
RESIGNED = frozenset({"version", "updated_at"})
# What digests left out before entries had a MAC.
ONCE_LEFT_OUT = "revised_by_id"
# Of a child only what it says: an edit may put another row in its place that says the same.
OF_OWNER = SKIPPED | {"team_id", "visibility"}
# What JSON holds as it is, codes of ours as their words.
AS_IT_IS = (str, int, type(None))


def row_digest(record: Any, later: Collection[str] = ()) -> str:  # noqa: ANN401 (any mapped row; mixins are not Base)
    """Return the digest of a record and of what hangs on it, but for confidential values.

    A snapshot names what a key points to, which some may not see and which may be renamed; here
    stand the keys. Confidential values have commitments of their own, which outlast an erasure.

    `later`: tables, and columns as `table.column`, that a digest of an older entry did not cover.
    """
    return digest(_stored(record, later, child=False))


def digested(model: Any, *, child: bool) -> dict[str, Any]:  # noqa: ANN401 (mypy takes no type for hashable)
    """Return the columns of a model that a digest covers, by their attributes."""
    mapper: Mapper[Any] = inspect(model)
    left_out = OF_OWNER | _keys_of_owner(mapper) if child else RESIGNED
    return {
        attribute.key: attribute.columns[0]
        for attribute in mapper.column_attrs
        if not attribute.deferred
        and attribute.key not in left_out
        and attribute.columns[0].info.get("class") != "confidential"
    }


_digested = lru_cache(digested)


def _stored(row: Any, later: Collection[str], *, child: bool) -> dict[str, Any]:  # noqa: ANN401 (as above)
    kind: Any = type(row)
    values: dict[str, Any] = {
        key: plain(getattr(row, key))
        for key, column in _digested(kind, child=child).items()
        if not later or str(column) not in later
    }
    for relation in inspect(kind).relationships:
        if relation.info.get("trail") and relation.mapper.class_.__tablename__ not in later:
            children = [_stored(one, later, child=True) for one in getattr(row, relation.key)]
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


def digest_of_values(
    model: type[Any],
    values: Mapping[str, Any],
    children: Mapping[str, Sequence[tuple[type[Any], Mapping[str, Any]]]],
) -> str:
    """Return what `row_digest` says of a record once it is stored with these values, and children
    by the relationship in which they will stand: for what is stored without an object each.
    """
    stored = _of_values(model, values, child=False)
    for name, rows in children.items():
        found = [_of_values(kind, row, child=True) for kind, row in rows]
        stored[name] = found if len(found) < 2 else sorted(found, key=canonical)  # noqa: PLR2004 (one is in order)
    return digest(stored)


def _of_values(model: Any, values: Mapping[str, Any], *, child: bool) -> dict[str, Any]:  # noqa: ANN401 (as below)
    stored = dict(_defaults(model, child=child))
    for name, value in values.items():
        if name in stored:
            stored[name] = value if isinstance(value, AS_IT_IS) else plain(value)
    return stored


@lru_cache
def _defaults(model: Any, *, child: bool) -> Mapping[str, Any]:  # noqa: ANN401 (mypy takes no type for hashable)
    """Return what a row holds of which nothing was said, and no children; in the order in which it
    is written, which takes less to put in order.
    """
    mapper: Mapper[Any] = inspect(model)
    found: dict[str, Any] = {}
    for key, column in digested(model, child=child).items():
        default: Any = column.default
        has_value = default is not None and default.is_scalar
        found[key] = plain(default.arg) if has_value else None
    found |= {one.key: [] for one in mapper.relationships if one.info.get("trail")}
    return dict(sorted(found.items()))

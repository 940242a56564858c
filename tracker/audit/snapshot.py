"""A record and what hangs on it as plain JSON, before and after a change."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from tracker.audit.chain import digest

if TYPE_CHECKING:
    from sqlalchemy.orm import Mapper, RelationshipProperty

    from tracker.db import Base

# Bookkeeping that changes with every save and says nothing.
SKIPPED = frozenset(
    {"id", "version", "recorded_at", "updated_at", "recorded_by_id", "revised_by_id", "cited_at"}
)


def snapshot(record: Base, *, child: bool = False) -> dict[str, Any]:
    """Return a record's values, keys as refs, and its children marked `info={"trail": True}`."""
    mapper: Mapper[Any] = inspect(type(record))
    owned = {"team_id", "visibility"} if child else set()
    targets = targets_of(mapper)
    values: dict[str, Any] = {}
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        if attribute.key in SKIPPED | owned or attribute.deferred:
            continue
        if column.info.get("class") == "confidential" or column.info.get("trail") == "digest":
            # The value stays out of the trail; that it changed does not.
            values[attribute.key] = digest(plain(getattr(record, attribute.key)))[:12]
        elif attribute.key in targets:
            relation = targets[attribute.key]
            if not (child and is_owner(relation, mapper)):
                values[relation.key] = _named(record, attribute.key, relation.key)
        elif not (child and column.foreign_keys and attribute.key not in targets):
            values[attribute.key] = plain(getattr(record, attribute.key))
    for relation in mapper.relationships:
        if relation.info.get("trail"):
            children = getattr(record, relation.key)
            values[relation.key] = [snapshot(one, child=True) for one in children]
    return values


def targets_of(mapper: Mapper[Any]) -> dict[str, RelationshipProperty[Any]]:
    """Return, for each column that is the only local key of a many-to-one, that relationship."""
    found = {}
    for relation in mapper.relationships:
        locals_ = [mapper.get_property_by_column(column).key for column in relation.local_columns]
        keys = [key for key in locals_ if key not in {"team_id", "visibility"}]
        if relation.direction.name == "MANYTOONE" and len(keys) == 1:
            found[keys[0]] = relation
    return found


def _owners(mapper: Mapper[Any]) -> set[Any]:
    """Return the tables on which this child hangs (its composite keys)."""
    return {
        key.referred_table
        for key in mapper.local_table.foreign_key_constraints  # type: ignore[attr-defined]
        if len(key.columns) > 1
    }


def is_owner(relation: RelationshipProperty[Any], mapper: Mapper[Any]) -> bool:
    """Say whether a child's relationship leads to what the child hangs on."""
    return bool(relation.back_populates) and relation.mapper.local_table in _owners(mapper)


def _named(record: Base, column: str, relation: str) -> Any:  # noqa: ANN401 (JSON)
    """Return the ref, code or name of what a key points to; its number where it is hidden."""
    if getattr(record, column) is None:
        return None
    related = getattr(record, relation)
    for name in ("ref", "code", "name"):
        if hasattr(related, name):
            return getattr(related, name)
    return f"#{getattr(record, column)}"


def plain(value: Any) -> Any:  # noqa: ANN401 (a column's value in, JSON out)
    """Return the value of a column as JSON."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return digest(value.hex())
    return str(value) if hasattr(value, "value") else value

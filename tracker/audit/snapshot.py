"""Snapshots of a record and its children as JSON, for the audit log, and their digests."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Mapper, RelationshipProperty
from sqlalchemy.orm.attributes import set_committed_value

from tracker.audit.chain import canonical_json, json_digest
from tracker.db import Base

# Left out of snapshots: technical columns, which mean nothing to readers.
COLUMNS_NOT_IN_SNAPSHOTS = frozenset(
    {"id", "version", "recorded_at", "updated_at", "recorded_by_id", "revised_by_id", "cited_at"}
)
# Left out of row digests of records: columns written with each save, even without other changes.
COLUMNS_OF_EVERY_SAVE = frozenset({"version", "updated_at"})
# The column that row digests did not cover before entries had a MAC.
COLUMN_NOT_IN_OLD_DIGESTS = "revised_by_id"
# Left out of row digests of child rows: an edit may replace one by a row with the same content.
COLUMNS_WITHOUT_CONTENT = COLUMNS_NOT_IN_SNAPSHOTS | {"team_id", "visibility"}
# Types whose values JSON can contain unchanged; a code counts as text, since its type is a `str`.
JSON_TYPES = (str, int, type(None))


def take_snapshot(record: Base, *, is_child: bool = False) -> dict[str, Any]:
    """Return the values of a record and its child rows as JSON, by field. A related row is named by
    its ref, code or name. `is_child`: whether `record` is a child row; then the record to which it
    belongs, team and visibility are left out.

    Child rows are those of relationships with `info={"audited": True}`; confidential values are
    digests.
    """
    mapper: Mapper[Any] = inspect(type(record))
    owned = {"team_id", "visibility"} if is_child else set()
    targets = many_to_one_by_column(mapper)
    values: dict[str, Any] = {}
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        if attribute.key in COLUMNS_NOT_IN_SNAPSHOTS | owned or attribute.deferred:
            continue
        if column.info.get("class") == "confidential" or column.info.get("audited") == "digest":
            # The value is not in the audit log; that it changed is.
            values[attribute.key] = json_digest(to_json_value(getattr(record, attribute.key)))[:12]
        elif attribute.key in targets:
            relation = targets[attribute.key]
            if not (is_child and is_owner_relationship(relation, mapper)):
                values[relation.key] = _reference_label(record, attribute.key, relation.key)
        elif not (is_child and column.foreign_keys and attribute.key not in targets):
            values[attribute.key] = to_json_value(getattr(record, attribute.key))
    for relation in mapper.relationships:
        if relation.info.get("audited"):
            children = getattr(record, relation.key)
            values[relation.key] = [take_snapshot(one, is_child=True) for one in children]
    return values


def initialize_unset_children(record: Base) -> None:
    """Set the unset child collections of a record that is not stored yet to empty.

    So the database is not queried for children after the record is stored.
    """
    state = inspect(record)
    if state.has_identity:
        return
    for relation in state.mapper.relationships:
        if relation.info.get("audited"):
            if relation.key not in state.dict:
                set_committed_value(record, relation.key, [])
            for child in getattr(record, relation.key):
                initialize_unset_children(child)


@cache
def many_to_one_by_column(mapper: Mapper[Any]) -> dict[str, RelationshipProperty[Any]]:
    """Return the many-to-one relationships of a mapper whose foreign key has one column besides
    team and visibility, by the name of this column.
    """
    found = {}
    for relation in mapper.relationships:
        locals_ = [mapper.get_property_by_column(column).key for column in relation.local_columns]
        keys = [key for key in locals_ if key not in {"team_id", "visibility"}]
        if relation.direction.name == "MANYTOONE" and len(keys) == 1:
            found[keys[0]] = relation
    return found


def _owner_tables(mapper: Mapper[Any]) -> set[Any]:
    """Return the tables to which those foreign keys of a child row refer that have several columns:
    the table of its record and, for a citation, the table of the part of a record that it may
    concern.
    """
    return {
        key.referred_table
        for key in mapper.local_table.foreign_key_constraints  # type: ignore[attr-defined]
        if len(key.columns) > 1
    }


def is_owner_relationship(relation: RelationshipProperty[Any], mapper: Mapper[Any]) -> bool:
    """Return whether a relationship of a child row leads to the record to which it belongs."""
    return bool(relation.back_populates) and relation.mapper.local_table in _owner_tables(mapper)


def _reference_label(record: Base, column: str, relation: str) -> Any:  # noqa: ANN401 (JSON)
    """Return the ref, code or name of a related row; `#` and its id if the viewer cannot see the
    row; None if there is no such row. `column`: the attribute with the foreign key; `relation`: the
    attribute with the related row.
    """
    if getattr(record, column) is None:
        return None
    related = getattr(record, relation)
    for name in ("ref", "code", "name"):
        if hasattr(related, name):
            return getattr(related, name)
    return f"#{getattr(record, column)}"


def to_json_value(value: Any) -> Any:  # noqa: ANN401 (a column's value in, JSON out)
    """Return the value of a column as JSON: dates in ISO 8601, codes as text, bytes as a digest."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return json_digest(value.hex())
    return str(value) if hasattr(value, "value") else value


def row_digest(record: Any, not_covered: Collection[str] = ()) -> str:  # noqa: ANN401 (any mapped row; mixins are not Base)
    """Return the digest of a record's stored values and child rows, except confidential values.
    `not_covered`: tables, and columns as `table.column`, that are left out, since the digest of an
    older entry did not cover them.

    Unlike a snapshot it covers the keys of related records, since names may be hidden or change.
    """
    return json_digest(_stored_values(record, not_covered, is_child=False))


def digested_columns(model: Any, *, is_child: bool) -> dict[str, Any]:  # noqa: ANN401 (mypy takes no type for hashable)
    """Return the columns of a model that a row digest covers, by attribute name. `is_child`:
    whether the rows of the model are child rows; then more columns are left out.
    """
    mapper: Mapper[Any] = inspect(model)
    left_out = (
        COLUMNS_WITHOUT_CONTENT | _owner_key_columns(mapper) if is_child else COLUMNS_OF_EVERY_SAVE
    )
    return {
        attribute.key: attribute.columns[0]
        for attribute in mapper.column_attrs
        if not attribute.deferred
        and attribute.key not in left_out
        and attribute.columns[0].info.get("class") != "confidential"
    }


# `digested_columns`, with its results cached.
_cached_digested_columns = lru_cache(digested_columns)


def _stored_values(row: Any, not_covered: Collection[str], *, is_child: bool) -> dict[str, Any]:  # noqa: ANN401 (as above)
    """Return the values of a row and its child rows that `row_digest` covers, as JSON, by field.
    `not_covered`: tables, and columns as `table.column`, that are left out; `is_child`: whether the
    row is a child row.
    """
    kind: Any = type(row)
    values: dict[str, Any] = {
        key: to_json_value(getattr(row, key))
        for key, column in _cached_digested_columns(kind, is_child=is_child).items()
        if not not_covered or str(column) not in not_covered
    }
    for relation in inspect(kind).relationships:
        if relation.info.get("audited") and relation.mapper.class_.__tablename__ not in not_covered:
            rows = getattr(row, relation.key)
            children = [_stored_values(one, not_covered, is_child=True) for one in rows]
            values[relation.key] = sorted(children, key=canonical_json)
    return values


def _owner_key_columns(mapper: Mapper[Any]) -> set[str]:
    """Return the names of those foreign key columns of a child row that refer to its record, and of
    those that belong to no relationship.
    """
    targets = many_to_one_by_column(mapper)
    return {
        attribute.key
        for attribute in mapper.column_attrs
        if attribute.columns[0].foreign_keys
        and (attribute.key not in targets or is_owner_relationship(targets[attribute.key], mapper))
    }


def row_digest_of_values(
    model: type[Any],
    values: Mapping[str, Any],
    children: Mapping[str, Sequence[tuple[type[Any], Mapping[str, Any]]]],
) -> str:
    """Return the row digest of a record that is stored without an ORM object. `values`: by column;
    columns not given have their default values. `children`: by relationship, the model and the
    values of each child row.
    """
    stored = _values_to_digest(model, values, is_child=False)
    for name, rows in children.items():
        found = [_values_to_digest(kind, row, is_child=True) for kind, row in rows]
        stored[name] = found if len(found) < 2 else sorted(found, key=canonical_json)  # noqa: PLR2004 (a single row needs no sorting)
    return json_digest(stored)


def _values_to_digest(model: Any, values: Mapping[str, Any], *, is_child: bool) -> dict[str, Any]:  # noqa: ANN401 (as below)
    """Return the values of one row without an ORM object that a row digest covers, as JSON, by
    field. `values`: by column; columns not given have their default values. `is_child`: whether the
    row is a child row.
    """
    stored = dict(_default_values(model, is_child=is_child))
    for name, value in values.items():
        if name in stored:
            stored[name] = value if isinstance(value, JSON_TYPES) else to_json_value(value)
    return stored


@lru_cache
def _default_values(model: Any, *, is_child: bool) -> Mapping[str, Any]:  # noqa: ANN401 (mypy takes no type for hashable)
    """Return the default values of the columns that a row digest (hash of a row) covers, as JSON by
    field; and an empty list for each relationship of child rows. `is_child`: whether the rows of
    the model are child rows. The result is sorted by name, as a digest needs it.
    """
    mapper: Mapper[Any] = inspect(model)
    found: dict[str, Any] = {}
    for key, column in digested_columns(model, is_child=is_child).items():
        default: Any = column.default
        has_value = default is not None and default.is_scalar
        found[key] = to_json_value(default.arg) if has_value else None
    found |= {one.key: [] for one in mapper.relationships if one.info.get("audited")}
    return dict(sorted(found.items()))

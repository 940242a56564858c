"""Every text that people wrote into a record and the rows that hang on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Enum, String, inspect
from sqlalchemy.orm import undefer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Mapper

# Keys and fingerprints: made of other columns, or of nothing anybody wrote.
NOT_WRITTEN = frozenset(
    {"ref", "sort_key", "matching_key", "loose_key", "text_digest", "sha256", "media_type"}
)


def texts_of(record: Any) -> Iterator[str]:  # noqa: ANN401 (a record of any feature, or a row on one)
    """Yield what is written in a record and its children, confidential values aside."""
    for name in written_columns(inspect(type(record))):
        text = getattr(record, name)
        if text:
            yield text
    for relation in inspect(type(record)).relationships:
        if relation.info.get("trail"):
            for child in getattr(record, relation.key):
                yield from texts_of(child)


def written_columns(mapper: Mapper[Any]) -> list[str]:
    """Return the names of the columns that hold words of people."""
    return [
        attribute.key
        for attribute in mapper.column_attrs
        if isinstance(attribute.columns[0].type, String)
        and not isinstance(attribute.columns[0].type, Enum)
        and attribute.key not in NOT_WRITTEN
        and attribute.columns[0].info.get("class") != "confidential"
    ]


def with_texts(kind: type[Any]) -> list[Any]:
    """Return what loads the texts of a record that are else left for later."""
    mapper: Mapper[Any] = inspect(kind)
    return [
        undefer(getattr(kind, name))
        for name in written_columns(mapper)
        if mapper.column_attrs[name].deferred
    ]

"""What people wrote into a record and the rows on it, and whose names must not stand there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Enum, String, inspect, select
from sqlalchemy.orm import selectinload, undefer

from tracker.db import db
from tracker.people.models import Journalist

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Mapper

# Keys and fingerprints: made of other columns, or of nothing anybody wrote.
NOT_WRITTEN = frozenset(
    {"ref", "sort_key", "matching_key", "loose_key", "text_digest", "sha256", "media_type"}
)


def texts_of(record: Any) -> Iterator[str]:  # noqa: ANN401 (a record of any feature)
    """Yield what is written in a record and its children, confidential values aside."""
    for row in rows_of(record):
        yield from written_in(row)


def rows_of(record: Any) -> Iterator[Any]:  # noqa: ANN401 (a record of any feature, or a row on one)
    """Yield a record and every row that hangs on it."""
    yield record
    for relation in inspect(type(record)).relationships:
        if relation.info.get("trail"):
            for child in getattr(record, relation.key):
                yield from rows_of(child)


def written_in(row: Any) -> Iterator[str]:  # noqa: ANN401 (as above)
    """Yield what is written in the columns of one row."""
    for name in written_columns(inspect(type(row))):
        text = getattr(row, name)
        if text:
            yield text


def names_of(journalist: Journalist) -> list[str]:
    """Return every name by which a source may call her."""
    return list(dict.fromkeys([journalist.name, *(row.name for row in journalist.names)]))


def closed_journalists() -> list[Journalist]:
    """Return those journalists of the viewer's teams who are not to be named outside these."""
    rows = select(Journalist).where(Journalist.name_closed_on.is_not(None))
    return list(db.session.scalars(rows.options(selectinload(Journalist.names))))


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

"""Insert many rows with few statements, prepared before the write lock is taken.

Rows are sent as one JSON text per statement, which the database splits itself. Sent one by one,
SQLite would build the lists of every CHECK again for each row, which takes most of its time, and
SQLAlchemy would bind every value separately.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import UpdateBase

Cell = sa.ColumnElement[Any]

Row = TypeVar("Row")
BATCH_SIZE, MOST_PARTS, MOST_CHARACTERS = 100, 50, 4_000_000


@dataclass(frozen=True, slots=True)
class PreparedInsert:
    """A statement and the JSON texts with its rows; without texts it is executed once."""

    statement: UpdateBase
    texts: list[str] | None = None

    def run(self, session: Session) -> None:
        """Write the rows in the open transaction."""
        if self.texts is None:
            session.execute(self.statement)
            return
        for text in self.texts:
            session.execute(self.statement, {"rows": text})


def table_of(model: type[Any]) -> Any:  # noqa: ANN401 (its table, as both take it)
    """Return the table of a model."""
    return sa.inspect(model).local_table


def prepare_insert(
    table: Any,  # noqa: ANN401 (a table, or what looks like one)
    rows: Sequence[Mapping[str, Any]],
    *,
    dialect: str,
    shaped: Mapping[str, Callable[[Cell], Cell]] | None = None,
) -> PreparedInsert:
    """Return the prepared insert of rows with the same columns.

    Values equal in all rows are sent once.

    Values of a JSON column may be given as text. `shaped` has, by column, a function applied to the
    column's text.
    """
    if not rows:
        return PreparedInsert(sa.insert(table), [])
    first, shapes = rows[0], shaped or {}
    alike = {
        name: sa.literal(value, table.c[name].type)
        for name, value in first.items()
        if not (
            name in shapes or (isinstance(value, str) and isinstance(table.c[name].type, sa.JSON))
        )
        and all(row[name] == value for row in rows)
    }
    others = [name for name in first if name not in alike]
    lists = ([row[name] for name in others] for row in rows)
    parts = (json.dumps(some, ensure_ascii=False, default=str)[1:-1] for some in _batches(lists))
    return _prepare(table, others, parts, alike, dialect=dialect, shapes=shapes)


def prepare_text_insert(
    table: Any,  # noqa: ANN401 (as above)
    columns: Sequence[str],
    rows: Iterable[str],
    *,
    alike: Mapping[str, Any],
    dialect: str,
) -> PreparedInsert:
    """Return the prepared insert of rows that are JSON lists already.

    `alike` has the values that are equal in all rows.
    """
    said = {name: sa.literal(value, table.c[name].type) for name, value in alike.items()}
    parts = (",".join(some) for some in _batches(rows))
    return _prepare(table, columns, parts, said, dialect=dialect, shapes={})


def _prepare(
    table: Any,  # noqa: ANN401 (as above)
    columns: Sequence[str],
    parts: Iterable[str],
    alike: Mapping[str, Cell],
    *,
    dialect: str,
    shapes: Mapping[str, Callable[[Cell], Cell]],
) -> PreparedInsert:
    elements = json_rows(dialect)
    cells = [
        shapes[name](json_cell(elements, at, sa.Text(), dialect))
        if name in shapes
        else json_cell(elements, at, table.c[name].type, dialect)
        for at, name in enumerate(columns)
    ]
    chosen = sa.select(*alike.values(), *cells).select_from(elements)
    return PreparedInsert(
        sa.insert(table).from_select([*alike, *columns], chosen), _json_batches(parts)
    )


def _json_batches(parts: Iterable[str]) -> list[str]:
    """Return the items of a JSON list in batches of limited size."""
    texts: list[str] = []
    batch: list[str] = []
    for part in parts:
        batch.append(part)
        if len(batch) == MOST_PARTS or sum(map(len, batch)) > MOST_CHARACTERS:
            texts.append(f"[{','.join(batch)}]")
            batch = []
    return [*texts, f"[{','.join(batch)}]"] if batch else texts


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while some := list(islice(left, BATCH_SIZE)):
        yield some


def json_rows(dialect: str, text: str | None = None) -> sa.FromClause:
    """Return the items of a JSON text as a table, whose cells `json_cell` reads."""
    rows = sa.bindparam("rows", type_=sa.Text) if text is None else sa.literal(text, sa.Text)
    if dialect == "sqlite":
        return sa.func.json_each(rows).table_valued("value", name="element")
    parts = sa.func.json_array_elements(sa.cast(rows, sa.JSON))
    return parts.table_valued(sa.column("value", sa.JSON), name="element")


def is_in_json_list(own: Any, dialect: str, text: str | None = None) -> Any:  # noqa: ANN401 (a column, a condition)
    """Return the condition that a value is in a JSON list."""
    return own.in_(sa.select(_json_item(json_rows(dialect, text), own.type, dialect)))


def join_json_list(rows: sa.Select[Any], own: Any, dialect: str, text: str) -> sa.Select[Any]:  # noqa: ANN401 (a column)
    """Join a select to a JSON list of different values of a column.

    As `is_in_json_list`, but SQLite looks up one item after the other, and only as many as asked
    for, where that would first sort them all.
    """
    elements = json_rows(dialect, text)
    return rows.join(elements, _json_item(elements, own.type, dialect) == own)


def _json_item(elements: sa.FromClause, type_: Any, dialect: str) -> Cell:  # noqa: ANN401 (a column's type)
    """Return the item itself: a word without its quotation marks."""
    value: Cell = elements.c.value
    if dialect == "sqlite":
        return value
    return sa.cast(value.op("#>>")(sa.cast([], sa.ARRAY(sa.Text))), type_)


def json_cell(elements: sa.FromClause, index: int, type_: Any, dialect: str) -> Cell:  # noqa: ANN401 (a column's type)
    """Return one cell of a row of `json_rows`; dates and times are text on SQLite."""
    if dialect == "sqlite":
        return sa.func.json_extract(elements.c.value, f"$[{index}]", type_=type_)
    return sa.cast(elements.c.value.op("->>")(index), type_)

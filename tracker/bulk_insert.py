"""Insert many rows with few statements, prepared before the write lock is taken.

Rows are sent as one JSON text per statement, which the database splits. With one statement per row,
SQLite would evaluate the lists of every CHECK again for each row, which takes most of its time, and
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

# An SQL expression for the value of one column of a row.
CellExpression = sa.ColumnElement[Any]

# A row: the list of its values, or that list as JSON text.
RowType = TypeVar("RowType")
# Rows are joined into parts: texts of JSON rows with commas between them. Parts are joined into the
# JSON list that is sent with one statement; the part that exceeds the number of characters is the
# last of its statement.
ROWS_PER_PART, MAX_PARTS_PER_STATEMENT, MAX_CHARACTERS_PER_STATEMENT = 100, 50, 4_000_000


@dataclass(frozen=True, slots=True)
class PreparedInsert:
    """An INSERT statement. It is executed once for each of `row_lists`; each is a JSON list of
    rows. If `row_lists` is None, it is executed once and its rows come from a SELECT.
    """

    statement: UpdateBase
    row_lists: list[str] | None = None

    def run(self, session: Session) -> None:
        """Execute the statement for each JSON text in the open transaction of a session."""
        if self.row_lists is None:
            session.execute(self.statement)
            return
        for text in self.row_lists:
            session.execute(self.statement, {"rows": text})


def table_of(model: type[Any]) -> Any:  # noqa: ANN401 (its table, as both take it)
    """Return the SQLAlchemy table of a model."""
    return sa.inspect(model).local_table


def prepare_insert(
    table: Any,  # noqa: ANN401 (a table, or what looks like one)
    rows: Sequence[Mapping[str, Any]],
    *,
    dialect: str,
    conversions: Mapping[str, Callable[[CellExpression], CellExpression]] | None = None,
) -> PreparedInsert:
    """Return the prepared insert of `rows`: mappings from column to value, all with the same
    columns. `dialect`: "sqlite" or "postgresql"; `conversions`: by column, a function from the SQL
    expression of a value as text to the SQL expression that is stored.

    A value that is equal in all rows is sent once. Values of a JSON column may be given as text.
    """
    if not rows:
        return PreparedInsert(sa.insert(table), [])
    first, conversions = rows[0], conversions or {}
    shared_values = {
        name: sa.literal(value, table.c[name].type)
        for name, value in first.items()
        if not (
            name in conversions
            or (isinstance(value, str) and isinstance(table.c[name].type, sa.JSON))
        )
        and all(row[name] == value for row in rows)
    }
    others = [name for name in first if name not in shared_values]
    lists = ([row[name] for name in others] for row in rows)
    parts = (json.dumps(some, ensure_ascii=False, default=str)[1:-1] for some in _split_rows(lists))
    return _build_insert(
        table, others, parts, shared_values, dialect=dialect, conversions=conversions
    )


def prepare_text_insert(
    table: Any,  # noqa: ANN401 (as above)
    columns: Sequence[str],
    rows: Iterable[str],
    *,
    shared_values: Mapping[str, Any],
    dialect: str,
) -> PreparedInsert:
    """Return the prepared insert of `rows`: each is a JSON list of its values in `columns`.
    `shared_values`: for other columns, the value that is equal in all rows; `dialect`: "sqlite" or
    "postgresql".
    """
    shared = {name: sa.literal(value, table.c[name].type) for name, value in shared_values.items()}
    parts = (",".join(some) for some in _split_rows(rows))
    return _build_insert(table, columns, parts, shared, dialect=dialect, conversions={})


def _build_insert(
    table: Any,  # noqa: ANN401 (as above)
    columns: Sequence[str],
    parts: Iterable[str],
    shared_values: Mapping[str, CellExpression],
    *,
    dialect: str,
    conversions: Mapping[str, Callable[[CellExpression], CellExpression]],
) -> PreparedInsert:
    """Return the prepared insert of rows whose values in `columns` are in JSON texts.
    `parts`: texts, each of several rows as JSON lists, joined by commas; `shared_values`: for other
    columns, the SQL value of all rows; `dialect`: "sqlite" or "postgresql"; `conversions`: by
    column, a function from the SQL expression of a text to the SQL expression that is stored.
    """
    elements = json_rows(dialect)
    cells = [
        conversions[name](json_cell(elements, at, sa.Text(), dialect))
        if name in conversions
        else json_cell(elements, at, table.c[name].type, dialect)
        for at, name in enumerate(columns)
    ]
    chosen = sa.select(*shared_values.values(), *cells).select_from(elements)
    return PreparedInsert(
        sa.insert(table).from_select([*shared_values, *columns], chosen), _join_parts(parts)
    )


def _join_parts(parts: Iterable[str]) -> list[str]:
    """Return JSON lists of rows, one for each statement. Each list has at most
    `MAX_PARTS_PER_STATEMENT` of the `parts`: texts of rows as JSON, joined by commas.
    """
    texts: list[str] = []
    batch: list[str] = []
    for part in parts:
        batch.append(part)
        if (
            len(batch) == MAX_PARTS_PER_STATEMENT
            or sum(map(len, batch)) > MAX_CHARACTERS_PER_STATEMENT
        ):
            texts.append(f"[{','.join(batch)}]")
            batch = []
    return [*texts, f"[{','.join(batch)}]"] if batch else texts


def _split_rows(rows: Iterable[RowType]) -> Iterator[list[RowType]]:
    """Yield the rows in lists of at most `ROWS_PER_PART`."""
    left = iter(rows)
    while some := list(islice(left, ROWS_PER_PART)):
        yield some


def json_rows(dialect: str, text: str | None = None) -> sa.FromClause:
    """Return the items of a JSON list as an SQL table, whose cells `json_cell` reads.
    `text`: the list as JSON; None if the statement takes the list as its bind parameter `rows`.
    """
    rows = sa.bindparam("rows", type_=sa.Text) if text is None else sa.literal(text, sa.Text)
    if dialect == "sqlite":
        return sa.func.json_each(rows).table_valued("value", name="element")
    parts = sa.func.json_array_elements(sa.cast(rows, sa.JSON))
    return parts.table_valued(sa.column("value", sa.JSON), name="element")


def is_in_json_list(column: Any, dialect: str, text: str | None = None) -> Any:  # noqa: ANN401 (a column, a condition)
    """Return the SQL condition that a column's value is in a JSON list.
    `text`: the list as JSON; None if the statement takes the list as its bind parameter `rows`.
    """
    return column.in_(sa.select(_json_item(json_rows(dialect, text), column.type, dialect)))


def join_json_list(rows: sa.Select[Any], column: Any, dialect: str, text: str) -> sa.Select[Any]:  # noqa: ANN401 (a column)
    """Return the select `rows`, limited to rows whose column has a value of the JSON list `text`.
    The values of the list must be distinct.

    Finds the same rows as `is_in_json_list`. SQLite looks up one item after the other, and only as
    many as the LIMIT asks for; `is_in_json_list` would first sort all items.
    """
    elements = json_rows(dialect, text)
    return rows.join(elements, _json_item(elements, column.type, dialect) == column)


def _json_item(elements: sa.FromClause, type_: Any, dialect: str) -> CellExpression:  # noqa: ANN401 (a column's type)
    """Return the SQL expression of one item of a JSON list, whose items are single values.
    `elements`: the list as the table that `json_rows` returns; `type_`: the type of the items.
    """
    value: CellExpression = elements.c.value
    if dialect == "sqlite":
        return value
    return sa.cast(value.op("#>>")(sa.cast([], sa.ARRAY(sa.Text))), type_)


def json_cell(elements: sa.FromClause, index: int, type_: Any, dialect: str) -> CellExpression:  # noqa: ANN401 (a column's type)
    """Return the SQL expression of one value of a row, if each row is itself a JSON list.
    `elements`: the rows as the table that `json_rows` returns; `index`: the position of the value
    in the row, from 0; `type_`: the type of the value (dates stay text on SQLite).
    """
    if dialect == "sqlite":
        return sa.func.json_extract(elements.c.value, f"$[{index}]", type_=type_)
    return sa.cast(elements.c.value.op("->>")(index), type_)

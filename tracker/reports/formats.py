"""How a file of one table is written, whatever stands in it: CSV, JSON Lines, XLSX; pure."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from tracker.reports.cells import guarded, joined
from tracker.reports.codes import FileFormat
from tracker.reports.sheets import workbook
from tracker.reports.tables import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tracker.reports.columns import Value
    from tracker.reports.tables import Column

    Rows = Iterable[Sequence[Value]]
    Batches = Iterator[Rows]

# Excel reads Cyrillic in a CSV only behind this mark.
BOM = "\ufeff"
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson; charset=utf-8",
    "zip": "application/zip",
}


def as_file(form: FileFormat, columns: Sequence[Column], batches: Batches) -> Iterator[bytes]:
    """Yield a file of one table, a batch at a time; of cells as `cells_of` makes them."""
    return FORMATS[form](columns, batches)


def cells_of(form: FileFormat, columns: Sequence[Column], rows: Rows) -> Rows:
    """Return rows as a format takes them: as text, as JSON, or, in a sheet, as values."""
    if form is FileFormat.XLSX:
        return rows
    if form is FileFormat.JSONL:
        return [[json.dumps(_plain(one), ensure_ascii=False) for one in row] for row in rows]
    return _texts(columns, rows)


def shown(form: FileFormat, columns: Sequence[Column], rows: Rows) -> list[Sequence[str]]:
    """Return rows as they would leave, to be shown."""
    if form is FileFormat.XLSX:
        return list(_texts(columns, rows, _as_it_is))
    return list(cells_of(form, columns, rows))


def _texts(
    columns: Sequence[Column], rows: Rows, write: Callable[[str], str] = guarded
) -> Iterator[tuple[str, ...]]:
    """Return rows as text, by default such as no spreadsheet takes for a formula."""
    # Column by column, which is quicker than cell by cell; without a row there is no column.
    written = (
        map(write, map(joined, values)) if one.is_list else map(TEXTS.get(one.kind, write), values)
        for one, values in zip(columns, zip(*rows, strict=True), strict=False)
    )
    return zip(*map(list, written), strict=True)


def _csv(columns: Sequence[Column], batches: Batches, separator: str = ",") -> Iterator[bytes]:
    """Yield UTF-8 with BOM, lines ended by CR LF (RFC 4180), header first."""
    yield _lines([[one.name for one in columns]], separator, begin=BOM)
    for rows in batches:
        yield _lines(rows, separator)


def _with_semicolons(columns: Sequence[Column], batches: Batches) -> Iterator[bytes]:
    return _csv(columns, batches, ";")


def _json_lines(columns: Sequence[Column], batches: Batches) -> Iterator[bytes]:
    names = [json.dumps(one.name) for one in columns]
    for rows in batches:
        lines = (map(": ".join, zip(names, row, strict=True)) for row in rows)
        yield "".join("{" + ", ".join(line) + "}\n" for line in lines).encode()


def _xlsx(columns: Sequence[Column], batches: Batches) -> Iterator[bytes]:
    return workbook([("incidents", columns, batches)])


FORMATS: dict[FileFormat, Callable[[Sequence[Column], Batches], Iterator[bytes]]] = {
    FileFormat.CSV: _csv,
    FileFormat.SEMICOLONS: _with_semicolons,
    FileFormat.XLSX: _xlsx,
    FileFormat.JSONL: _json_lines,
}


def _as_it_is(text: str) -> str:
    return text


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _day(value: date | None) -> str:
    return "" if value is None else value.isoformat()


def _moment(value: datetime | None) -> str:
    if value is None:
        return ""
    return value.astimezone(UTC).isoformat()[: len("2025-06-01T12:00:00")] + "Z"


TEXTS: dict[Kind, Callable[[Value], str]] = {
    Kind.NUMBER: _number,
    Kind.DAY: _day,
    Kind.MOMENT: _moment,
}


def _plain(value: Value) -> Any:  # noqa: ANN401 (what JSON knows)
    """Return a value for JSON: lists as lists, null for what is not recorded."""
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return _day(value)
    return None if value == "" else value


def _lines(rows: Rows, separator: str, *, begin: str = "") -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=separator).writerows(rows)
    return (begin + buffer.getvalue()).encode()

"""The formats of files with one table, and how each is written; pure.

A workbook is written row by row into an unnamed temporary file, in little memory. It is sent after
its last row, since it is complete only then.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from tracker.reports.cells import escape_formula, join_list
from tracker.reports.flat_rows import Value
from tracker.reports.tables import Column, ColumnKind


class FileFormat(StrEnum):
    """The format of a file with one table. The value is the extension of the file; `_` and a word
    follow it if several formats have this extension.
    """

    CSV = "csv"
    SEMICOLONS = "csv_semicolons"
    # A workbook with headings and labels in a language; names of columns and codes, as in a CSV.
    XLSX = "xlsx"
    XLSX_CODES = "xlsx_codes"
    JSONL = "jsonl"

    @property
    def suffix(self) -> str:
        """The extension of the file."""
        return self.value.partition("_")[0]

    @property
    def is_workbook(self) -> bool:
        """Whether the file is an Excel workbook."""
        return self.suffix == "xlsx"


# The extensions of files with one table.
FILE_SUFFIXES = tuple(dict.fromkeys(one.suffix for one in FileFormat))
# Rows of a table, each with a cell for every column: the value, or what `format_cells` makes of it.
Rows = Iterable[Sequence[Value]]
# The rows of a table in batches, so that few are in memory at once.
Batches = Iterator[Rows]
# A sheet of a workbook: its name, its columns, and its rows in batches.
WorkbookSheet = tuple[str, Sequence[Column], Iterable[Rows]]

# Excel reads Cyrillic in a CSV only with this mark.
BOM = "\ufeff"
# The media types of files, by extension.
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson; charset=utf-8",
    "zip": "application/zip",
    "svg": "image/svg+xml; charset=utf-8",
}
# Excel's limit of rows in a sheet, without the header.
MAX_SHEET_ROWS = 1_048_575
# The largest number of characters in a cell of Excel.
MAX_CELL_CHARACTERS = 32_767
# The first day that Excel handles correctly; earlier ones are written as text.
FIRST_EXCEL_DAY = date(1900, 3, 1)
# Options of XlsxWriter: rows are written to disk, and texts are never taken for anything else.
XLSX_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "remove_timezone": True,
}
# When every workbook says it was created, so that the same rows always give the same file.
FIXED_CREATION_TIME = datetime(2000, 1, 1)  # noqa: DTZ001 (no real moment)
CHUNK_SIZE = 64 * 1024  # bytes of a workbook sent at once
# The width of a column in letters; text is wrapped. A time that does not fit shows ###.
WIDTH_OF_KIND = {
    ColumnKind.TEXT: 48,
    ColumnKind.ARTICLE_TEXT: 48,
    ColumnKind.HANDLE: 36,
    ColumnKind.MOMENT: 26,
}
DEFAULT_WIDTH, LIST_WIDTH = 18, 36  # letters


def stream_text_table(
    file_format: FileFormat, columns: Sequence[Column], batches: Batches
) -> Iterator[bytes]:
    """Yield the bytes of a text file of one table, from rows formatted by `format_cells`."""
    return WRITER_OF_FORMAT[file_format](columns, batches)


def format_cells(file_format: FileFormat, columns: Sequence[Column], rows: Rows) -> Rows:
    """Return rows with the cells that a format needs: texts for CSV, JSON texts for JSON lines, for
    a workbook the values unchanged.
    """
    if file_format.is_workbook:
        return rows
    if file_format is FileFormat.JSONL:
        return [[json.dumps(_json_value(one), ensure_ascii=False) for one in row] for row in rows]
    return _text_rows(columns, rows)


def format_preview_rows(
    file_format: FileFormat, columns: Sequence[Column], rows: Rows
) -> list[Sequence[str]]:
    """Return rows as text as they would be exported, for a preview."""
    if file_format.is_workbook:
        return list(_text_rows(columns, rows, _return_unchanged))
    return list(format_cells(file_format, columns, rows))


def _text_rows(
    columns: Sequence[Column], rows: Rows, write: Callable[[str], str] = escape_formula
) -> Iterator[tuple[str, ...]]:
    """Yield rows as text; `write` formats texts, by default escaping formulas."""
    # Column by column, which is faster than cell by cell; without rows there are no columns.
    written = (
        map(write, map(join_list, values))
        if one.is_list
        else map(FORMATTER_OF_KIND.get(one.kind, write), values)
        for one, values in zip(columns, zip(*rows, strict=True), strict=False)
    )
    return zip(*map(list, written), strict=True)


def _csv_parts(
    columns: Sequence[Column], batches: Batches, separator: str = ","
) -> Iterator[bytes]:
    """Yield a CSV in UTF-8 with BOM and CR LF line ends (RFC 4180), the header first."""
    yield _format_csv([[one.name for one in columns]], separator, begin=BOM)
    for rows in batches:
        yield _format_csv(rows, separator)


def _semicolon_csv_parts(columns: Sequence[Column], batches: Batches) -> Iterator[bytes]:
    """Yield a CSV like `_csv_parts`, with semicolons between the cells."""
    return _csv_parts(columns, batches, ";")


def _json_lines_parts(columns: Sequence[Column], batches: Batches) -> Iterator[bytes]:
    """Yield a file with one JSON object per line, from cells that are JSON already."""
    names = [json.dumps(one.name) for one in columns]
    for rows in batches:
        lines = (map(": ".join, zip(names, row, strict=True)) for row in rows)
        yield "".join("{" + ", ".join(line) + "}\n" for line in lines).encode()


# By text format, the function that yields the parts of a file.
WRITER_OF_FORMAT: dict[FileFormat, Callable[[Sequence[Column], Batches], Iterator[bytes]]] = {
    FileFormat.CSV: _csv_parts,
    FileFormat.SEMICOLONS: _semicolon_csv_parts,
    FileFormat.JSONL: _json_lines_parts,
}


def _return_unchanged(text: str) -> str:
    """Return the text as it is, for a format that needs no escaping."""
    return text


def _format_number(value: int | None) -> str:
    """Return a number as text, "" for None."""
    return "" if value is None else str(value)


def _format_day(value: date | None) -> str:
    """Return a date as text such as "2025-06-01", "" for None."""
    return "" if value is None else value.isoformat()


def _format_month(value: date | str) -> str:
    """Return a month as text, such as "2025-06"; it is a date in a workbook for reading."""
    return f"{value:%Y-%m}" if isinstance(value, date) else value


def _format_moment(value: datetime | None) -> str:
    """Return a time as ISO 8601, in UTC and to the second, "" for None."""
    if value is None:
        return ""
    return value.astimezone(UTC).isoformat()[: len("2025-06-01T12:00:00")] + "Z"


# By kind of column, the function that returns a value as text; other kinds are text already.
FORMATTER_OF_KIND: dict[ColumnKind, Callable[[Value], str]] = {
    ColumnKind.NUMBER: _format_number,
    ColumnKind.DAY: _format_day,
    ColumnKind.MONTH: _format_month,
    ColumnKind.MOMENT: _format_moment,
}


def _json_value(value: Value) -> Any:  # noqa: ANN401 (what JSON knows)
    """Return a value as JSON data: lists as lists, None for values that are not recorded."""
    if isinstance(value, datetime):
        return _format_moment(value)
    if isinstance(value, date):
        return _format_day(value)
    return None if value == "" else value


def _format_csv(rows: Rows, separator: str, *, begin: str = "") -> bytes:
    """Return rows as CSV; `begin`: the text before the first row."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=separator).writerows(rows)
    return (begin + buffer.getvalue()).encode()


class TooManyRows(Exception):
    """A table has more rows than an Excel sheet can hold."""


def stream_workbook(sheets: Iterable[WorkbookSheet], *, title: str = "") -> Iterator[bytes]:
    """Yield the bytes of an XLSX workbook; raise TooManyRows if a sheet would have too many.
    `title`: the title in the properties of the file.
    """
    with TemporaryFile() as file, TemporaryDirectory() as folder:
        book = Workbook(file, XLSX_OPTIONS | {"tmpdir": folder})
        book.set_properties({"created": FIXED_CREATION_TIME, "title": title})
        formats = {
            "number": book.add_format({"valign": "top"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
            "moment": book.add_format({"num_format": 'yyyy-mm-dd hh:mm:ss "UTC"', "valign": "top"}),
            "month": book.add_format({"num_format": "mmmm yyyy", "valign": "top"}),
            "header": book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            # Shown as it is, and stays text if somebody edits it.
            "guarded": book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True}),
        }
        try:
            for name, columns, batches in sheets:
                _write_sheet(book.add_worksheet(name), columns, batches, formats)
        finally:
            book.close()
        file.seek(0)
        while part := file.read(CHUNK_SIZE):
            yield part


def _write_sheet(
    sheet: Worksheet,
    columns: Sequence[Column],
    batches: Iterable[Rows],
    formats: dict[str, Any],
) -> None:
    """Write header and rows to a sheet; `formats`: XlsxWriter's cell formats by name."""
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    for place, column in enumerate(columns):
        narrow = LIST_WIDTH if column.is_list else DEFAULT_WIDTH
        sheet.set_column(place, place, WIDTH_OF_KIND.get(column.kind, narrow))
        sheet.write_string(0, place, column.name, formats["header"])
    number = 0
    for rows in batches:
        for row in rows:
            number += 1
            if number > MAX_SHEET_ROWS:
                raise TooManyRows
            for place, (column, value) in enumerate(zip(columns, row, strict=True)):
                _write_cell(sheet, (number, place), value, column.kind, formats)
    sheet.autofilter(0, 0, number, max(len(columns) - 1, 0))


def _write_cell(
    sheet: Worksheet,
    place: tuple[int, int],
    value: Value,
    kind: ColumnKind,
    formats: dict[str, Any],
) -> None:
    """Write a value to a cell, given by row and column from 0, in the format of its type and, for a
    day, of the kind of the column.
    """
    if isinstance(value, int):
        sheet.write_number(*place, value, formats["number"])
    elif isinstance(value, datetime):
        sheet.write_datetime(*place, value.astimezone(UTC), formats["moment"])
    elif isinstance(value, date) and value >= FIRST_EXCEL_DAY:
        is_month = kind is ColumnKind.MONTH
        sheet.write_datetime(*place, value, formats["month" if is_month else "day"])
    elif value not in (None, "", []):
        text = join_list(value) if isinstance(value, list) else str(value)
        shown = formats["guarded"] if escape_formula(text) != text else formats["text"]
        sheet.write_string(*place, _fit_excel_cell(text), shown)


def _fit_excel_cell(text: str) -> str:
    """Return a text, cut to the length of an Excel cell, with a note if it was cut."""
    if len(text) <= MAX_CELL_CHARACTERS:
        return text
    kept = MAX_CELL_CHARACTERS - len(_truncation_note(len(text)))
    return text[:kept] + _truncation_note(len(text) - kept)


def _truncation_note(omitted: int) -> str:
    """Return the note at the end of a cut text; `omitted`: how many characters were cut off."""
    return f" … [{omitted} more letters than Excel holds in a cell: take the CSV]"

"""Writing workbooks (XLSX) in little memory: row by row into a file without a name; pure.

A workbook is whole only once its last row is written, so that nothing can leave before: it lies in
a temporary file that only we read, and that is gone with us.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from tempfile import TemporaryDirectory, TemporaryFile
from typing import TYPE_CHECKING, Any

from xlsxwriter import Workbook

from tracker.reports.cells import guarded, joined
from tracker.reports.tables import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from xlsxwriter.worksheet import Worksheet

    from tracker.reports.columns import Value
    from tracker.reports.tables import Column

    Rows = Iterable[Sequence[Value]]
    Sheet = tuple[str, Sequence[Column], Iterable[Rows]]

# What Excel holds: rows below a header, letters in a cell; and the first day that it knows well.
MOST_ROWS = 1_048_575
MOST_LETTERS = 32_767
FIRST_DAY = date(1900, 3, 1)
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "remove_timezone": True,
}
# The same rows give the same file, whenever they are taken.
MADE = datetime(2000, 1, 1)  # noqa: DTZ001 (a mark, no moment)
CHUNK = 64 * 1024
# How many letters a column is wide; one of words wraps. A moment is no text, and shows ### in less.
WIDTHS = {Kind.TEXT: 48, Kind.WHOLE: 48, Kind.GLUED: 36, Kind.MOMENT: 26}
WIDTH = 18


class TooManyRows(Exception):
    """A sheet would hold more rows than Excel reads: no file rather than one that is cut short."""


def workbook(sheets: Iterable[Sheet]) -> Iterator[bytes]:
    """Yield a workbook of sheets: name, columns, and rows in batches."""
    with TemporaryFile() as file, TemporaryDirectory() as folder:
        book = Workbook(file, OPTIONS | {"tmpdir": folder})
        book.set_properties({"created": MADE})
        formats = {
            "number": book.add_format({"valign": "top"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
            "moment": book.add_format({"num_format": 'yyyy-mm-dd hh:mm:ss "UTC"', "valign": "top"}),
            "header": book.add_format({"bold": True}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            # Shown as it is, and stays a text where somebody edits it.
            "guarded": book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True}),
        }
        try:
            for name, columns, batches in sheets:
                _write(book.add_worksheet(name), columns, batches, formats)
        finally:
            book.close()
        file.seek(0)
        while part := file.read(CHUNK):
            yield part


def _write(
    sheet: Worksheet,
    columns: Sequence[Column],
    batches: Iterable[Rows],
    formats: dict[str, Any],
) -> None:
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, WIDTHS.get(column.kind, WIDTH))
        sheet.write_string(0, place, column.name, formats["header"])
    number = 0
    for rows in batches:
        for row in rows:
            number += 1
            if number > MOST_ROWS:
                raise TooManyRows
            for place, value in enumerate(row):
                _write_cell(sheet, number, place, value, formats)
    sheet.autofilter(0, 0, number, max(len(columns) - 1, 0))


def _write_cell(
    sheet: Worksheet, row: int, place: int, value: Value, formats: dict[str, Any]
) -> None:
    if isinstance(value, int):
        sheet.write_number(row, place, value, formats["number"])
    elif isinstance(value, datetime):
        sheet.write_datetime(row, place, value.astimezone(UTC), formats["moment"])
    elif isinstance(value, date) and value >= FIRST_DAY:
        sheet.write_datetime(row, place, value, formats["day"])
    elif value not in (None, "", []):
        text = joined(value) if isinstance(value, list) else str(value)
        shown = formats["guarded"] if guarded(text) != text else formats["text"]
        sheet.write_string(row, place, _fitting(text), shown)


def _fitting(text: str) -> str:
    """Return a text that a cell of Excel holds: one that is cut says so."""
    if len(text) <= MOST_LETTERS:
        return text
    kept = MOST_LETTERS - len(_cut(len(text)))
    return text[:kept] + _cut(len(text) - kept)


def _cut(left: int) -> str:
    return f" … [{left} more letters than Excel holds in a cell: take the CSV]"

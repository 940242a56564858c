"""Workbooks, CSV and JSON made to take all memory or time are refused in words, or read."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from xlsxwriter import Workbook

from tests.factories import sign_in_directly
from tests.reports.imports.test_pages import bring
from tracker.db import db
from tracker.reports.imports.models import ImportBatch
from tracker.reports.imports.results import table_error_message
from tracker.reports.imports.tables import TableError, read_table_in_child

pytestmark = pytest.mark.usefixtures("words")
FAR = "is far from the others"


def book(*cells: tuple[str, str]) -> bytes:
    """Return a workbook with words in a few cells."""
    file = io.BytesIO()
    with Workbook(file) as made:
        one = made.add_worksheet()
        for place, words in cells:
            one.write(place, words, None if words else made.add_format({"bold": True}))
    return file.getvalue()


def with_sheet(content: bytes, *markup: bytes, times: int = 1) -> bytes:
    """Return a workbook whose sheet is of this markup, the last of which stands there often."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as parts,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as changed,
    ):
        for part in parts.infolist():
            if "worksheets/" not in part.filename:
                changed.writestr(part.filename, parts.read(part))
                continue
            with changed.open(part.filename, "w") as sheet:
                for piece in (*markup[:-1], *(markup[-1:] * times)):
                    sheet.write(piece)
    return made.getvalue()


TABLE = (("A1", "day"), ("B1", "what"), ("A2", "2020-01-01"), ("B2", "Assault"))
SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def row_batches(count: int, columns: int, cell: bytes) -> bytes:
    return SHEET + (b"<row>" + cell * columns + b"</row>") * count + b"</sheetData></worksheet>"


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


# Made by the test that sends it: together they take seconds, and most runs want none of them.
HOSTILE: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "two cells at the ends": (lambda: book(("A1", "x"), ("XFD1048576", "y")), "a.xlsx", FAR),
    "a cell far away": (lambda: book(*TABLE, ("ZZ100000", "y")), "a.xlsx", FAR),
    "attributes in another order": (
        lambda: with_sheet(
            book(*TABLE),
            SHEET + b"<row><c t='n' r='A1'><v>1</v></c><c t='n' r='XFD1048576'>\n<v>1</v></c></row>"
            b"</sheetData></worksheet>",
        ),
        "a.xlsx",
        FAR,
    ),
    # Where no address says how far it goes, the limit of the child does.
    "a table of many zeroes": (
        lambda: with_sheet(book(*TABLE), row_batches(9_000, 2_000, b"<c><v>0</v></c>")), "a.xlsx", "",
    ),
    "a bomb": (lambda: with_sheet(book(*TABLE), SHEET, b"<row/>" * 200_000, times=500), "a.xlsx", "500 MB"),
    "deep objects": (lambda: nested(5_000_000), "a.json", "one list of objects"),
    "an object of everything": (
        lambda: b"[{" + b",".join(b'"k%d": 1' % n for n in range(400_000)) + b"}]", "a.json", "200 columns",
    ),
    "objects that have nothing in common": (
        lambda: b"[" + b",".join(b'{"k%d": 1}' % n for n in range(300_000)) + b"]", "a.json", "200 columns",
    ),
    "a number without end": (lambda: b'[{"a": 1, "b": ' + b"9" * 9_000_000 + b"}]", "a.json", ""),
    "a quotation mark that stays open": (lambda: b'a,b\n"' + b"x," * 4_000_000, "a.csv", ""),
    "quotation marks alone": (lambda: b'"' * 9_000_000, "a.csv", ""),
    "separators alone": (lambda: b"," * 9_000_000, "a.csv", ""),
    "lines alone": (lambda: b"a,b\n" + b"\n" * 9_000_000, "a.csv", "100,000 rows"),
    "a cell of everything": (lambda: b"a,b\n" + b"x" * 9_000_000 + b",y\n", "a.csv", ""),
    "bytes of every kind": (lambda: bytes(range(1, 256)) * 35_000, "a.csv", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_made_to_take_everything_is_answered_in_time(name: str) -> None:
    made, file_name, said = HOSTILE[name]
    content = made()
    began = time.monotonic()
    with pytest.raises(TableError) as refused:
        read_table_in_child(content, file_name)
    assert said in table_error_message(refused.value)
    assert time.monotonic() - began < 25


def test_the_person_who_sent_a_workbook_with_a_far_cell_is_told_which_one(
    app: Flask, client: FlaskClient
) -> None:
    sign_in_directly(client, "staff")
    answer = bring(client, book(*TABLE, ("XFD1048576", "y")), "a.xlsx")
    assert answer.status_code == 422
    assert "The cell XFD1048576 is far from the others" in answer.text
    with app.app_context():
        assert db.session.query(ImportBatch).count() == 0


def test_a_far_cell_that_is_only_formatted_is_no_reason_to_refuse() -> None:
    table = read_table_in_child(book(*TABLE, ("C1048576", "")), "a.xlsx")
    assert table.rows == [["2020-01-01", "Assault"]]


def test_a_table_from_the_child_is_the_same_as_it_was_read_there() -> None:
    table = read_table_in_child("sep=;\r\nдень;что\r\n2020;\u0001a\n".encode("utf-16"), "a.csv")
    assert (table.header, table.rows) == (["день", "что"], [["2020", "\u0001a"]])
    assert (table.encoding, table.separator, table.first_row) == ("utf-16", ";", 2)

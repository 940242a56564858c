"""What a sheet shows to whoever opens it: moments in full, and words on as many lines as needed."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

from lxml import etree

from tracker.reports.formats import stream_workbook
from tracker.reports.tables import Column, ColumnKind

NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
MOMENT = '2026-11-27 03:24:21 "UTC"'
COLUMNS = [
    Column(name="ref", description="."),
    Column(name="narrative", description=".", kind=ColumnKind.TEXT),
    Column(name="taken_at", description=".", kind=ColumnKind.MOMENT),
]


def parts(cells: list[object]) -> tuple[etree._Element, etree._Element]:
    """Return the sheet with one row, and the styles of its book."""
    made = b"".join(stream_workbook([("rows", COLUMNS, [[cells]])]))
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        return tuple(
            etree.fromstring(book.read(name))
            for name in ("xl/worksheets/sheet1.xml", "xl/styles.xml")
        )


def test_a_moment_is_shown_in_full_and_words_wrap():
    sheet, styles = parts(["INC-1", "Long words. " * 40, datetime(2026, 11, 27, 3, tzinfo=UTC)])

    ref, words, moment = (float(one.get("width")) for one in sheet.iterfind(".//x:col", NS))
    assert moment > len(MOMENT), "a moment is no text: in less it shows ###"
    assert words > ref
    told = sheet.find(".//x:c[@r='B2']", NS)
    style = styles.findall(".//x:cellXfs/x:xf", NS)[int(told.get("s"))]
    assert style.find("x:alignment", NS).get("wrapText") == "1"


def test_words_that_a_sheet_might_run_wrap_too():
    sheet, styles = parts(["INC-1", "=1+1 was what they wrote", None])

    told = sheet.find(".//x:c[@r='B2']", NS)
    style = styles.findall(".//x:cellXfs/x:xf", NS)[int(told.get("s"))]
    assert style.get("quotePrefix") == "1"
    assert style.find("x:alignment", NS).get("wrapText") == "1"


def test_a_sheet_is_printed_one_page_wide_below_its_header():
    made = b"".join(stream_workbook([("rows", COLUMNS, [[["INC-1", "Letters", None]]])], title="T"))
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        sheet, workbook, properties = (
            etree.fromstring(book.read(name))
            for name in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "docProps/core.xml")
        )
    setup = sheet.find("x:pageSetup", NS)
    assert (setup.get("orientation"), setup.get("fitToHeight")) == ("landscape", "0")
    assert sheet.find(".//x:pageSetUpPr", NS).get("fitToPage") == "1"
    titles = workbook.find(".//x:definedName[@name='_xlnm.Print_Titles']", NS)
    assert titles.text == "rows!$1:$1"
    assert properties.findtext("{http://purl.org/dc/elements/1.1/}title") == "T"

"""Files of others as they come: encodings, separators, headers, dates, lists in one cell."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from xlsxwriter import Workbook

from tracker.reports.imports.cells import (
    DateError,
    detect_day_order,
    is_ambiguous_name,
    parse_date,
    plain_text,
    split_cell,
)
from tracker.reports.imports.codes import DayOrder, ImportField, ListSeparator, ProblemKind
from tracker.reports.imports.mapping import (
    ImportPlan,
    find_matching_plan,
    guess_plan,
    shipped_plans,
)
from tracker.reports.imports.results import table_error_message
from tracker.reports.imports.rows import (
    MAX_CACHED_CELLS,
    MAX_CACHED_CELLS_LENGTH,
    CachedReader,
    CellProblem,
)
from tracker.reports.imports.tables import ENCODINGS, TableError, read_table
from tracker.when import Precision

RUSSIAN = "Дата;Город;Что произошло;Широта\r\n03.05.2019;Алматы;Избит, отнята камера;43,2\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "koi8-r", "cp866", "utf-16"])
def test_a_text_is_read_in_the_encoding_that_gives_words(encoding):
    table = read_table(RUSSIAN.encode(encoding), "a.csv")

    assert table.header == ["Дата", "Город", "Что произошло", "Широта"]
    assert table.rows == [["03.05.2019", "Алматы", "Избит, отнята камера", "43,2"]]
    assert (table.encoding, table.separator) == (encoding, ";")


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "cp866"])
def test_a_large_text_is_read_in_the_encoding_that_gives_words(encoding):
    row = "03.05.2019;Алматы;Избит, отнята камера;43,2\n"

    table = read_table((RUSSIAN + row * 20_000).encode(encoding), "a.csv")

    assert (table.encoding, table.rows[-1][1]) == (encoding, "Алматы")


@pytest.mark.parametrize("encoding", ["mac-roman", "windows-1252"])
@pytest.mark.parametrize(
    "names", ["Anaïs Müller,Révolution du jour", "Ann Lee,“The Daily’s Évening” paper"]
)
def test_western_letters_of_both_systems_are_read(encoding, names):
    table = read_table(f"name,paper\n{names}\n".encode(encoding), "a.csv")

    assert (table.encoding, table.rows) == (encoding, [names.split(",")])


@pytest.mark.parametrize("encoding", ["mac-cyrillic", "windows-1251"])
@pytest.mark.parametrize("city", ["Алматы", "Яя", "Уральск"])
def test_russian_of_both_systems_is_read(encoding, city):
    table = read_table(RUSSIAN.replace("Алматы", city).encode(encoding), "a.csv")

    assert table.encoding == encoding
    assert table.rows[0][1] == city


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_chosen_encoding_is_the_one_that_is_read(encoding):
    text = "name,paper\nAnn Lee,Daily\n"
    table = read_table(text.encode(encoding), "a.csv", encoding=encoding)

    assert (table.encoding, table.rows) == (encoding, [["Ann Lee", "Daily"]])


def test_western_letters_are_not_taken_for_russian_ones():
    table = read_table("name,paper\nAnaïs Müller,Révolution du jour\n".encode("cp1252"), "a.csv")

    assert table.rows == [["Anaïs Müller", "Révolution du jour"]]


def test_a_quoted_cell_keeps_its_commas_line_ends_and_spaces():
    table = read_table(b'a,b\n"one, two","x\ny "\nshort\n\n', "a.csv")

    assert table.rows == [["one, two", "x\ny "], ["short", ""]]


def test_kazakh_of_eight_bits_and_wide_letters_without_a_mark_are_read():
    text = "Күні;Ел;Журналист\n03.05.2019;Қазақстан;Әсем Үмітқызы\n"
    for encoding in ("kz1048", "utf-16-le", "utf-16-be"):
        table = read_table(text.encode(encoding), "a.csv")

        assert table.rows == [["03.05.2019", "Қазақстан", "Әсем Үмітқызы"]]
        assert table.encoding == encoding
    ukrainian = "Дата;Країна\n03.05.2019;Україна, її є\n"
    assert read_table(ukrainian.encode("cp1251"), "a.csv").header == ["Дата", "Країна"]


def test_a_file_as_programs_leave_it_is_a_table():
    said = read_table(b"sep=;\r\na;b\r\n1,5;2\r\n", "a.csv")
    assert (said.header, said.rows) == (["a", "b"], [["1,5", "2"]])
    below = read_table(b"\n;\n\na;b\n1;2\n", "a.csv")
    assert (below.header, below.rows, below.first_row) == (["a", "b"], [["1", "2"]], 5)
    twice = read_table(b",name,name\n0,x,y\n", "a.csv")
    assert (twice.header, twice.rows) == (["#1", "name", "name #3"], [["0", "x", "y"]])
    assert read_table(b'{"data": [{"a": 1, "b": 2}]}', "a.json").rows == [["1", "2"]]
    assert read_table(b'{"a": 1, "b": 2}\n{"a": 3}\n', "a.jsonl").rows == [["1", "2"], ["3", ""]]
    wide = read_table(";".join(f"c{n}" for n in range(59)).encode() + b"\n" + b"1,5;" * 58, "a.csv")
    assert (len(wide.header), wide.rows[0][57:]) == (59, ["1,5", ""])


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "a.csv", "empty"),
        (b"a,b\n1,2\n", "a.pdf", "kind"),
        (b"a\n1\n", "a.csv", "one_column"),
        (b"a,b\n", "a.csv", "no_rows"),
        (b'[{"a": 1}, {"a": 2}]', "a.json", "title"),
        (b"a,b\n1,2,3\n", "a.csv", "too_wide"),
        (b'a,b\n"1,2\n', "a.csv", "broken"),
        (b'{"a": 1}', "a.json", "json"),
        (b"PK\x03\x04 nothing", "a.xlsx", "xlsx"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(content, name, reason):
    with pytest.raises(TableError) as refused:
        read_table(content, name)

    assert refused.value.reason == reason


def sheet(*rows: str) -> bytes:
    """Return an Excel file by its parts: a date, a number, a formula and Cyrillic words."""
    file = io.BytesIO()
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{types}.worksheet+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{types}.styles+xml"/></Types>',
        )
        parts.writestr("_rels/.rels", relations("officeDocument", "xl/workbook.xml"))
        parts.writestr(
            "xl/workbook.xml",
            '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
            '<sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        parts.writestr(
            "xl/_rels/workbook.xml.rels",
            relations("worksheet", "worksheets/sheet1.xml", "styles", "styles.xml"),
        )
        parts.writestr(
            "xl/styles.xml",
            '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        )
        parts.writestr(
            "xl/worksheets/sheet1.xml",
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            f"<sheetData>{''.join(rows)}</sheetData></worksheet>",
        )
    return file.getvalue()


def relations(*pairs: str) -> str:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    rows = "".join(
        f'<Relationship Id="r{number}" Type="{kind}{pairs[at]}" Target="{pairs[at + 1]}"/>'
        for number, at in enumerate(range(0, len(pairs), 2), 1)
    )
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{package}">{rows}</Relationships>'


def test_an_excel_file_gives_days_as_days_and_runs_nothing():
    words = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
    header = "".join(
        words.format(f"{letter}1", name)
        for letter, name in zip("ABC", ("Дата", "№", "СМИ"), strict=True)
    )
    row = f'<c r="A2" s="1"><v>43220</v></c><c r="B2"><v>7</v></c>{words.format("C2", "=1+1")}'

    table = read_table(sheet(f'<row r="1">{header}</row>', f'<row r="2">{row}</row>'), "a.xlsx")

    assert table.header == ["Дата", "№", "СМИ"]
    assert table.rows == [["2018-04-30", "7", "=1+1"]]


def test_a_title_above_the_columns_of_a_sheet_is_said_to_be_one():
    words = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
    rows = [words.format("A1", "Our list"), words.format("A2", "a") + words.format("B2", "b")]

    with pytest.raises(TableError) as refused:
        read_table(sheet(*(f"<row>{cells}</row>" for cells in rows)), "a.xlsx")

    assert "if that is a title, remove the line" in table_error_message(refused.value)


def book(*sheets: str, merged: str = "") -> bytes:
    """Return a workbook of sheets, each by its name: one without a letter in it is empty."""
    file = io.BytesIO()
    with Workbook(file) as made:
        for name in sheets:
            one = made.add_worksheet(name)
            if not name.isdecimal():
                for at, row in enumerate(
                    ("day what", "2019-01-01 Assault", " Doxxing", "", " Arson")
                ):
                    one.write_row(at, 0, row.split(" "))
            if merged:
                one.merge_range(merged, "2019-01-01")
    return file.getvalue()


def test_of_several_sheets_none_is_left_out_unsaid():
    with pytest.raises(TableError) as refused:
        read_table(book("Years", "2", "Notes"), "a.xlsx")

    assert "several sheets: Years, Notes." in table_error_message(refused.value)
    assert read_table(book("1", "List"), "a.xlsx").rows[0] == ["2019-01-01", "Assault"]


def test_what_stands_in_merged_cells_stands_in_each_row_that_says_more():
    table = read_table(book("List", merged="A2:A5"), "a.xlsx")

    day = "2019-01-01"
    assert table.rows == [[day, "Assault"], [day, "Doxxing"], ["", ""], [day, "Arson"]]


def test_a_list_of_objects_is_a_table():
    table = read_table(b'[{"a": "x", "b": ["one", "two"]}, {"a": null, "c": 1.5}]', "a.json")

    assert table.header == ["a", "b", "c"]
    assert table.rows == [["x", "one\ntwo", ""], ["", "", "1.5"]]


@pytest.mark.parametrize(
    ("cell", "earliest", "latest", "precision"),
    [
        ("April 30, 2018", "2018-04-30", "2018-04-30", Precision.DAY),
        ("30 апреля 2018 г.", "2018-04-30", "2018-04-30", Precision.DAY),
        ("2018-04-30T10:00:00Z", "2018-04-30", "2018-04-30", Precision.DAY),
        ("30.4.18", "2018-04-30", "2018-04-30", Precision.DAY),
        ("13/02/2020", "2020-02-13", "2020-02-13", Precision.DAY),
        ("Sept. 2013", "2013-09-01", "2013-09-30", Precision.MONTH),
        ("2018", "2018-01-01", "2018-12-31", Precision.YEAR),
        ("43220", "2018-04-30", "2018-04-30", Precision.DAY),
        ("43220.0", "2018-04-30", "2018-04-30", Precision.DAY),
        ("20180430", "2018-04-30", "2018-04-30", Precision.DAY),
        ("Monday, April 30, 2018", "2018-04-30", "2018-04-30", Precision.DAY),
        ("April 30, 2018 10:15 PM", "2018-04-30", "2018-04-30", Precision.DAY),
        ("30-апр-18", "2018-04-30", "2018-04-30", Precision.DAY),
        ("2018 жылғы 30 сәуір", "2018-04-30", "2018-04-30", Precision.DAY),
        ("April 28-30, 2018", "2018-04-28", "2018-04-30", Precision.RANGE),
        ("April 28 – May 2, 2018", "2018-04-28", "2018-05-02", Precision.RANGE),
        ("28.04.2018-30.04.2018", "2018-04-28", "2018-04-30", Precision.RANGE),
        ("весной 2022 года", "2022-03-01", "2022-05-31", Precision.SEASON),
        ("2021 жылғы қыс", "2021-12-01", "2022-02-28", Precision.SEASON),
        ("c. 2018", "2018-01-01", "2018-12-31", Precision.APPROXIMATE),
        ("2018~", "2018-01-01", "2018-12-31", Precision.APPROXIMATE),
        ("2018, approximately", "2018-01-01", "2018-12-31", Precision.APPROXIMATE),
        ("Dec. 5, 2018", "2018-12-05", "2018-12-05", Precision.DAY),
        ("5 dec. 2018", "2018-12-05", "2018-12-05", Precision.DAY),
        ("28-30 Dec. 2018", "2018-12-28", "2018-12-30", Precision.RANGE),
        ("c. dec. 2018", "2018-12-01", "2018-12-31", Precision.APPROXIMATE),
    ],
)
def test_dates_in_other_peoples_ways_of_writing(cell, earliest, latest, precision):
    days = parse_date(cell, DayOrder.AS_SHOWN)

    assert days == (date.fromisoformat(earliest), date.fromisoformat(latest), precision)


@pytest.mark.parametrize("cell", ["soon", "31.02.2020", "2020-13-01", "May 5 6, 2020", "0225", "٣"])
def test_what_is_no_date_is_refused(cell):
    with pytest.raises(DateError) as refused:
        parse_date(cell, DayOrder.AS_SHOWN)

    assert not refused.value.is_ambiguous


def test_one_row_of_a_column_says_whether_the_day_stands_first():
    assert detect_day_order(["03/04/2020", "25/04/2020"]) is DayOrder.DAY_FIRST
    assert detect_day_order(["03/04/2020", "04/25/2020"]) is DayOrder.MONTH_FIRST
    assert detect_day_order(["03/04/2020"]) is DayOrder.AS_SHOWN
    assert parse_date("03/04/2020", DayOrder.MONTH_FIRST)[0] == date(2020, 3, 4)
    with pytest.raises(DateError) as refused:
        parse_date("03/04/2020", DayOrder.AS_SHOWN)
    assert refused.value.is_ambiguous


def test_lists_are_cut_and_names_stay_whole():
    comma = ListSeparator.COMMA

    assert split_cell("Ann Lee, Bob Ray, Jr. ,, Eve", comma) == ("Ann Lee", "Bob Ray, Jr.", "Eve")
    assert split_cell("Ann (aka A, B), Bob", comma) == ("Ann (aka A, B)", "Bob")
    assert split_cell('Ann Lee, "Ay"', ListSeparator.NOTHING) == ('Ann Lee, "Ay"',)
    assert split_cell("one\ntwo", comma) == ("one", "two")


def test_cells_that_come_again_are_read_once_and_refused_in_each_row():
    read = []

    def look(cells, refused):
        read.append(cells)
        refused.append((ImportField.PLACE, ProblemKind.TOO_LONG, cells[1]))
        return cells[1].upper()

    reader, refused = CachedReader([1], look), list[CellProblem]()
    assert [reader.read_row([number, "a"], refused) for number in "123"] == ["A", "A", "A"]
    assert read == [["1", "a"]]
    assert refused == [(ImportField.PLACE, ProblemKind.TOO_LONG, "a")] * 3


def test_of_cells_that_may_come_again_neither_all_nor_long_ones_are_kept():
    reader = CachedReader([0], lambda cells, _refused: len(cells[0]))
    assert reader.read_row(["a" * (MAX_CACHED_CELLS_LENGTH + 1)], []) == MAX_CACHED_CELLS_LENGTH + 1
    assert not reader.cache
    for number in range(MAX_CACHED_CELLS + 2):
        reader.read_row([str(number)], [])
    assert list(reader.cache) == [(str(MAX_CACHED_CELLS),), (str(MAX_CACHED_CELLS + 1),)]


def test_a_name_of_one_person_is_not_doubted():
    for name in ("Ann Lee", "Ray, Jr.", "Ann (aka A, B)", "Әсем Үмітқызы", "李明"):
        assert not is_ambiguous_name(name)
    for name in ("Ann Lee and Bob Ray", "Lee, Ray", "Ann/Bob", "сотрудник газеты"):
        assert is_ambiguous_name(name)


def test_html_is_read_and_not_shown():
    assert plain_text("<p>She &amp; he</p><br/>a < b\u200b") == "She & he a < b"


def test_a_control_stands_between_words_and_in_none():
    assert plain_text("Beaten\x07 twice,\x00hit") == "Beaten twice, hit"
    assert plain_text("Избит\x07") == "Избит"


def test_every_ready_mapping_is_whole_and_survives_being_kept():
    for plan in shipped_plans().values():
        assert ImportPlan.from_json(plan.to_json()) == plan
        assert ImportField.TYPES in plan.columns.values()
        assert ImportField.OCCURRED in plan.columns.values()


def test_a_column_of_kinds_of_people_is_no_column_of_incident_types():
    header = ["Full name", "country", "type", "date of death"]
    people = [["Ann Lee", "KZ", "Journalist", "2020"], ["Bob Ray", "KZ", "Media Worker", "2021"]]
    acts = [["Ann Lee", "KZ", "Journalist", "2020"], ["Bob Ray", "KZ", "Assault", "2021"]]

    assert guess_plan(header, people).columns == {
        "Full name": ImportField.JOURNALISTS, "country": ImportField.COUNTRY,
        "date of death": ImportField.OCCURRED,
    }  # fmt: skip
    assert guess_plan(header, acts).columns["type"] is ImportField.TYPES
    russian = [["Анна", "журналистка"], ["Пётр", "блогер"], ["Олег", ""]]
    assert ImportField.TYPES not in guess_plan(["Имя", "Тип"], russian).columns.values()
    assert guess_plan(["Имя", "Тип"], [["Анна", ""]]).columns["Тип"] is ImportField.TYPES


def test_a_file_of_a_known_kind_is_known_by_its_columns():
    known = shipped_plans()["Наш старый Excel"]

    assert find_matching_plan([*known.columns, "Примечание"], shipped_plans()) == known
    assert guess_plan(["Дата", "Widget"]).columns == {"Дата": ImportField.OCCURRED}
    assert guess_plan(["Журналист(ы)", "Типы", "Что случилось"]).columns == {
        "Журналист(ы)": ImportField.JOURNALISTS, "Типы": ImportField.TYPES,
        "Что случилось": ImportField.NARRATIVE,
    }  # fmt: skip

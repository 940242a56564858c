"""Read the bytes of an imported file as a table: a header, and rows of cells as text."""

from __future__ import annotations

import codecs
import csv
import gc
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time
from functools import cache
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from tracker.parsing import MEGABYTE, Job, Limits, ParsingError, ParsingReason, parse

# The most rows of a file. The import of more rows would hold the write lock for more than 15 s, and
# other users' saves, which wait for 15 s, would fail; measured by bench/importing.py.
MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_HEADER_LENGTH = 200  # characters of the name of a column
MAX_CELL_LENGTH = 100_000  # characters
# How many sheets an error message names.
MAX_SHEETS_IN_MESSAGE = 10
# In bytes: a workbook of a few kilobytes may unpack to gigabytes.
LARGEST_UNPACKED_SIZE = 500 * MEGABYTE
# The most cells of a sheet: the last used row times the last used column. The library creates all
# of them, also the empty ones.
MAX_SHEET_CELLS = 10_000_000
# The beginning of a non-empty cell in the XML of a sheet. Groups: the letters of the column, and
# the number of the row. Other attributes may come before and after these.
CELL_PATTERN = re.compile(
    rb"""<(?:[a-z]{1,9}:)?c\s(?:[^<>]{0,200}\s)?r=["']([A-Za-z]{1,3})([0-9]{1,7})["']"""
    rb"""[^<>]{0,200}(?<!/)>\s{0,9}<(?:[a-z]{1,9}:)?(?:v|is|f)\b"""
)
# How many bytes a match of `CELL_PATTERN` has at most.
MAX_CELL_MATCH_BYTES = 512
# The limits of the child process that reads the file of `flask reports import`, a command that only
# operators can run: memory, seconds, and size of the answer.
IMPORT_COMMAND_LIMITS = Limits(4096 * MEGABYTE, 600.0, answer_bytes=2048 * MEGABYTE)
# Rows in one line of the answer of the child process.
ROWS_PER_ANSWER_LINE = 200
# The separators of cells that are tried.
SEPARATORS = (",", ";", "\t", "|")
# The encodings that are read: their common names, by Python's name.
ENCODINGS = {
    "utf-8": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16 LE", "utf-16-be": "UTF-16 BE",
    "windows-1251": "Windows-1251", "windows-1252": "Windows-1252", "mac-roman": "Mac Roman",
    "mac-cyrillic": "Mac Cyrillic", "koi8-r": "KOI8-R", "cp866": "DOS (CP866)",
    "kz1048": "KZ-1048",
}  # fmt: skip
# Letters that KZ-1048 has in place of others in Windows-1251: a text with one of them and with ы is
# read as KZ-1048; without ы it is Ukrainian.
KZ1048_LETTERS = frozenset("әғқңөұүһӘҒҚҢӨҰҮҺ")
# The commonest letters of Russian, in lower case. Read in a wrong encoding, a text has few of them.
COMMON_RUSSIAN_LETTERS = frozenset("оеаинтсрвлкмдпуяыьгзбчйх")
# Capital letters, which distinguish Mac Cyrillic from Windows-1251: all lower-case letters but one
# have the same bytes in both.
CAPITAL_RUSSIAN_LETTERS = frozenset("АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ")
# Common letters and marks of Western European languages, which distinguish Windows-1252 from Mac
# Roman: read in the wrong one of the two, a text has few of them.
WESTERN_LETTERS = frozenset("éèêëáàâäãåçíìîïñóòôöõúùûüÉÀÇÖÜÄÅßæøØœ“”‘’–—…«»")
# How much of a file is read to guess its encoding and separator.
SAMPLE_BYTES = 65_536
# Excel's line above the header that names the separator: `sep=;`.
SEPARATOR_LINE_PATTERN = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
# Characters that the line `sep=` cannot name as the separator.
FORBIDDEN_SEPARATORS = frozenset('"\r')
# A lone surrogate from JSON: no database and no UTF-8 file can store it.
SURROGATE_PATTERN = re.compile("[\ud800-\udfff]")
# A text is in Latin script if the number of its bytes that are not ASCII is less than this share of
# the number of its letters.
MAX_NON_ASCII_SHARE_IN_LATIN = 0.15
# A text without a byte order mark is UTF-16 only if zero bytes are at least this share of it. Even
# a Cyrillic text reaches the share, since separators and digits have a zero byte.
LEAST_ZERO_BYTE_SHARE = 0.05
# Byte order marks at the start of a file, and the encodings that they show.
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@contextmanager
def pause_gc() -> Iterator[None]:
    """Disable garbage collection within the context.

    Imported values have no cycles, and collecting would take most of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(frozen=True, slots=True)
class Table:
    """The table in a file: a header, and rows with as many cells as the header. `encoding` and
    `separator` say how the file was read; `separator` is "" if the format has none.
    """

    header: list[str]
    rows: list[list[str]]
    encoding: str
    separator: str = ""
    # The number of the first row below the header, as in a spreadsheet.
    first_row: int = 2

    def numbered_rows(self) -> list[tuple[int, list[str]]]:
        """Return the rows with their number in the file."""
        return list(enumerate(self.rows, self.first_row))


class TableError(Exception):
    """A file is no table; `results.table_error_message` has the message of each `reason`.

    `row`: the row or line number, 0 if none; `detail`: the words that the message quotes.
    """

    def __init__(self, reason: str, *, row: int = 0, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.row, self.detail = reason, row, detail


def read_table_in_child(
    content: bytes,
    name: str,
    *,
    encoding: str = "",
    separator: str = "",
    limits: Limits | None = None,
) -> Table:
    """Return the table in a file, read in a child process; raise TableError if there is none.
    `name`: of the file; `encoding`, `separator`: "" to detect them; `limits`: of the process, None
    for those of `Job.TABLE`.
    """
    try:
        answer = parse(
            Job.TABLE, content, limits=limits, name=name, encoding=encoding, separator=separator
        )
    except ParsingError as error:
        crashed = error.reason is ParsingReason.CRASHED
        raise TableError("unreadable" if crashed else error.reason.value) from None
    head = next(answer)
    if "reason" in head:
        raise TableError(head["reason"], row=head["row"], detail=head["detail"])
    return Table(**head | {"rows": [row for rows in answer for row in rows]})


def run_job(content: bytes, options: dict[str, Any]) -> Iterator[Any]:
    """Yield what the child process sends back: first the fields of the table without its rows, then
    lists of rows. If the file is no table, yield only the attributes of the TableError. `options`:
    the arguments of `read_table` besides `content`.
    """
    try:
        table = read_table(content, **options)
    except TableError as error:
        yield {"reason": error.reason, "row": error.row, "detail": error.detail}
        return
    rows = table.rows
    yield asdict(replace(table, rows=[]))
    for first in range(0, len(rows), ROWS_PER_ANSWER_LINE):
        yield rows[first : first + ROWS_PER_ANSWER_LINE]


def read_table(content: bytes, name: str, *, encoding: str = "", separator: str = "") -> Table:
    """Return the table in a file; raise TableError if there is none. `name`: of the file, whose
    extension is its format; `encoding`, `separator`: "" to detect them.
    """
    ending = name.rpartition(".")[2].casefold()
    if not content.strip():
        raise TableError("empty")
    if content[:4] == b"PK\x03\x04" or ending == "xlsx":
        return _build_table(_xlsx_rows(content), encoding="xlsx")
    if ending in {"json", "jsonl", "ndjson"}:
        return _build_table(_json_rows(content), encoding="json")
    if ending not in {"csv", "tsv", "txt"}:
        raise TableError("kind")
    encoding = encoding or guess_encoding(content)
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except (UnicodeDecodeError, LookupError):
        raise TableError("encoding", detail=ENCODINGS.get(encoding, encoding)) from None
    if said := SEPARATOR_LINE_PATTERN.match(text):
        # Excel's own line above the header.
        text, separator = text[said.end() :], separator or said[1]
        if separator in FORBIDDEN_SEPARATORS or separator.isalnum():
            raise TableError("separator")
    separator = separator or guess_separator(text)
    return _build_table(_csv_rows(text, separator), encoding=encoding, separator=separator)


def guess_encoding(content: bytes) -> str:
    """Return the likely encoding of a text: that of its byte order mark, or UTF-16 or UTF-8 if it
    fits, else the one in which most characters are common Russian or Western letters.
    """
    for mark, name in BOMS:
        if content.startswith(mark):
            return name
    if wide := _detect_utf16(content):
        return wide
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        all_high = bytes(byte for byte in content if byte >= 0x80)  # noqa: PLR2004 (past ASCII)
        letters = len(all_high) + sum(chr(byte).isalpha() for byte in content if byte < 0x80)  # noqa: PLR2004
        high = all_high[:SAMPLE_BYTES]
        if len(all_high) < MAX_NON_ASCII_SHARE_IN_LATIN * letters:
            return max(
                ("windows-1252", "mac-roman"),
                key=lambda name: _count_letters(high, name, WESTERN_LETTERS),
            )
        found = max(
            ("windows-1251", "koi8-r", "cp866", "mac-cyrillic"),
            key=lambda name: (
                _count_letters(high, name, COMMON_RUSSIAN_LETTERS),
                _count_letters(high, name, CAPITAL_RUSSIAN_LETTERS),
            ),
        )
        letters_there = set(high.decode("kz1048", errors="replace"))
        is_kazakh = "ы" in letters_there and not KZ1048_LETTERS.isdisjoint(letters_there)
        return "kz1048" if found == "windows-1251" and is_kazakh else found
    return "utf-8"


def _count_letters(content: bytes, encoding: str, letters: frozenset[str]) -> int:
    """Return how many characters of a content, decoded in an encoding, are among some letters."""
    return sum(one in letters for one in content.decode(encoding, errors="replace"))


def _detect_utf16(content: bytes) -> str:
    """Return the variant of UTF-16 of a text without BOM, "" for any other encoding.

    In UTF-16, every second byte of ASCII text is zero.
    """
    start = content[:SAMPLE_BYTES]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) < len(start) * LEAST_ZERO_BYTE_SHARE:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def guess_separator(text: str) -> str:
    """Return the separator with which most of the first rows have as many cells as the header."""

    def score(separator: str) -> tuple[int, int]:
        rows = [
            row
            for row in _parse_sample_rows(text[:SAMPLE_BYTES], separator)
            if any(map(str.strip, row))
        ]
        widths = Counter(map(len, rows))
        width = len(rows[0]) if rows else 0
        return (widths[width] if width > 1 else 0, width)

    return max(SEPARATORS, key=score)


def _parse_sample_rows(text: str, separator: str) -> list[list[str]]:
    """Return the first rows of the beginning of a text, none if the separator is wrong."""
    try:
        # The last one may be cut in the middle.
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))[:50]
    except csv.Error:
        return []


def _csv_rows(text: str, separator: str) -> Iterator[list[str]]:
    """Yield the rows of a CSV; raise TableError if it is malformed."""
    csv.field_size_limit(10 * MAX_CELL_LENGTH)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        yield from rows
    except csv.Error:
        raise TableError("broken", row=rows.line_num) from None


def _json_rows(content: bytes) -> Iterator[list[str]]:
    """Yield a list of JSON objects as rows, first the header of all their keys.

    The list may be the only value of an object, or the file may have one object per line.
    """
    try:
        found = json.loads(content)
    except RecursionError:
        raise TableError("json") from None
    except ValueError:
        found = _parse_json_lines(content)
    if isinstance(found, dict) and len(found) == 1:
        [found] = found.values()
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise TableError("json")
    header = list(dict.fromkeys(name for one in found for name in one))
    yield header
    for one in found:
        yield [_cell_text(one.get(name)) for name in header]


def _parse_json_lines(content: bytes) -> list[Any]:
    """Return the values of a file with one JSON value per line; raise TableError if a line is not
    JSON.
    """
    try:
        return [json.loads(line) for line in content.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        raise TableError("json") from None


def _xlsx_rows(content: bytes) -> Iterator[list[str]]:
    """Yield the rows of the only filled sheet of a workbook; raise TableError for several."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST_UNPACKED_SIZE:
                raise TableError("unfolds")
            for part in parts.infolist():
                if "worksheets/" in part.filename.casefold():
                    _validate_cell_distances(parts, part)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        yield from _unmerge_rows(_find_filled_sheet(book))
    except (CalamineError, zipfile.BadZipFile, IndexError):
        raise TableError("xlsx") from None


def _validate_cell_distances(parts: zipfile.ZipFile, sheet: zipfile.ZipInfo) -> None:
    """Raise TableError if cells of a sheet are so far apart that the library would create too many
    empty cells between them. `parts`: the XLSX file; `sheet`: the sheet in it.
    """
    width = height = 0
    with parts.open(sheet) as opened:
        tail = b""
        while chunk := opened.read(MEGABYTE):
            # A cell that is split between two chunks is found with the next chunk.
            for letters, number in CELL_PATTERN.findall(tail + chunk):
                width, height = max(width, _column_number(letters)), max(height, int(number))
                if width * height > MAX_SHEET_CELLS:
                    raise TableError("far_cell", detail=f"{letters.decode()}{int(number)}")
            tail = chunk[-MAX_CELL_MATCH_BYTES:]


@cache
def _column_number(letters: bytes) -> int:
    """Return the number of a column from its letters, 1 for A."""
    found = 0
    for letter in letters.upper():
        found = found * 26 + letter - ord("A") + 1
    return found


def _find_filled_sheet(book: CalamineWorkbook) -> CalamineSheet:
    """Return the only sheet with content, the first if none has; raise TableError for several."""
    sheets = [book.get_sheet_by_index(at) for at in range(len(book.sheet_names))]
    said = [
        one
        for one in sheets
        if any(_cell_text(cell).strip() for row in one.iter_rows() for cell in row)
    ]
    if len(said) > 1:
        raise TableError(
            "sheets", detail=", ".join(one.name for one in said[:MAX_SHEETS_IN_MESSAGE])
        )
    return (said or sheets)[0]


def _unmerge_rows(sheet: CalamineSheet) -> Iterator[list[str]]:
    """Yield the rows of a sheet, with the text of merged cells in each of their rows."""
    begun: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _right) in sheet.merged_cell_ranges or ():
        begun.setdefault(top, []).append((left, bottom))
    held: dict[int, tuple[int, str]] = {}
    for number, cells in enumerate(sheet.iter_rows()):
        row = [_cell_text(cell) for cell in cells]
        held = {left: one for left, one in held.items() if number <= one[0]}
        if any(row):
            for left, (_bottom, words) in held.items():
                row[left] = row[left] or words
        held |= {left: (bottom, row[left]) for left, bottom in begun.get(number, ()) if row[left:]}
        yield row


def _cell_text(value: Any) -> str:  # noqa: ANN401, PLR0911 (a cell of a sheet, or JSON; a line a kind)
    """Return the value of a cell as text: ISO dates, whole numbers without a decimal point."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
        case date():
            return value.isoformat()
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case list() if all(isinstance(one, str) for one in value):
            return "\n".join(value)
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)


@pause_gc()
def _build_table(rows: Iterator[list[str]], *, encoding: str, separator: str = "") -> Table:
    """Return a table of rows, of which the first is the header; raise TableError if invalid.

    Short rows are filled with empty cells, and empty rows at the end left out.
    """
    numbered = enumerate(rows, 1)
    above, names = next(((n, row) for n, row in numbered if any(map(str.strip, row))), (1, []))
    header = _build_header(names)
    if len(header) < 2:  # noqa: PLR2004 (one column is no table)
        # A text may have been split by the wrong separator; a sheet is split correctly.
        raise TableError("one_column" if separator else "title")
    kept: list[list[str]] = []
    for number, row in numbered:
        if len(row) > len(header):
            if any(cell.strip() for cell in row[len(header) :]):
                raise TableError("too_wide", row=number)
            row = row[: len(header)]  # noqa: PLW2901 (empty cells at its end)
        if any(len(cell) > MAX_CELL_LENGTH for cell in row):
            raise TableError("long_cell", row=number)
        if any(not cell.isascii() and SURROGATE_PATTERN.search(cell) for cell in row):
            raise TableError("half_character", row=number)
        kept.append(row + [""] * (len(header) - len(row)))
        if len(kept) > MAX_ROWS:
            raise TableError("too_many")
    while kept and not any(cell.strip() for cell in kept[-1]):
        kept.pop()
    if not kept:
        raise TableError("no_rows")
    return Table(header, kept, encoding, separator, above + 1)


def _build_header(found: Sequence[str]) -> list[str]:
    """Return the header of a table from its first row; raise TableError if it is invalid."""
    header = [" ".join(name.replace("\ufeff", "").split()) for name in found]
    while header and not header[-1]:
        header.pop()
    if len(header) > MAX_COLUMNS:
        raise TableError("too_many_columns")
    header = _unique_header(header)
    if any(len(name) > MAX_HEADER_LENGTH or not name.isprintable() for name in header):
        raise TableError("header")
    return header


def _unique_header(header: list[str]) -> list[str]:
    """Return a header with unique names: repeated or empty names get their position."""
    found: list[str] = []
    for place, name in enumerate(header, 1):
        found.append(name if name and name not in found else f"{name} #{place}".strip())
    return found

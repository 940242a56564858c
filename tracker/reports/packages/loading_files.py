"""Read the files of a data package: digests, tables and cell values; pure."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from tracker.articles.addresses import AddressError, canonicalize_url
from tracker.articles.rules import text_digest
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.people.matching import name_keys, name_sort_key
from tracker.records import REF_ALPHABET, REF_RANDOM_LENGTH
from tracker.reports.codes import Profile
from tracker.reports.tables import Column, ColumnKind, Table, tables_for_profile

# A number of at most nine digits, without leading zeros.
NUMBER_PATTERN = re.compile(r"0|[1-9][0-9]{0,8}")
# A day: 2025-06-01.
DAY_PATTERN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# A ref after its prefix and hyphen.
REF_LETTERS_PATTERN = re.compile(f"[{REF_ALPHABET}]{{{REF_RANDOM_LENGTH}}}")
# A time: 2025-06-01T12:00:00Z.
MOMENT_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
# How an exported telephone number begins.
TELEPHONE_PREFIX = "tel:+"
# The tables whose column `name` is the name of a person, an outlet or an institution.
TABLES_WITH_NAMES = {"outlets", "journalists", "institutions", "names"}
CHUNK_SIZE = 1024 * 1024  # bytes of a file read at once
# In bytes: longer than any text that the tracker accepts.
MAX_CELL_LENGTH = 64 * CHUNK_SIZE
README_FILE, SCHEMA_FILE = "README.txt", "datapackage.json"
# A line of the README: the SHA-256 and the name of a file.
DIGEST_LINE_PATTERN = re.compile(r"([0-9a-f]{64})  (\S+)")
# The profile of packages that can be loaded: only internal packages have all columns.
LOADABLE_PROFILE = Profile.INTERNAL
# The errors of broken ZIPs.
BROKEN_ZIP_ERRORS = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, NotImplementedError, EOFError,
    RuntimeError, UnicodeDecodeError,
)  # fmt: skip


class PackageError(InvalidInput):
    """The package cannot be loaded; the message says why and where."""

    def __init__(self, words: str) -> None:
        super().__init__(package=words)


class Package:
    """An open data package, whose file names and digests are checked."""

    def __init__(self, opened: zipfile.ZipFile) -> None:
        """Check file names and digests of an open ZIP; raise PackageError if they are wrong."""
        self.zip = opened
        self._check_names()
        self.digests = {one: self._compute_digest(one) for one in opened.namelist()}
        self._check_digests()

    def read_rows(self, table: Table) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the rows of a table with their number in the file, in which the header is 1."""
        name = f"{table.name}.csv"
        header = [one.name for one in table.columns_for(LOADABLE_PROFILE)]
        csv.field_size_limit(MAX_CELL_LENGTH)
        with self.zip.open(name) as raw, io.TextIOWrapper(raw, "utf-8", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            try:
                _check_header(name, header, next(reader, []))
                for number, cells in enumerate(reader, 2):
                    if len(cells) != len(header):
                        raise PackageError(
                            error_with_location(
                                name, number, str(_("it has another number of cells."))
                            )
                        )
                    yield number, dict(zip(header, cells, strict=True))
            except (csv.Error, UnicodeDecodeError) as error:
                words = _("%(name)s is no CSV in UTF-8: %(why)s", name=name, why=error)
                raise PackageError(str(words)) from error

    def _check_names(self) -> None:
        """Raise PackageError for files that are missing, repeated or not declared."""
        names = self.zip.namelist()
        wanted = {
            README_FILE,
            SCHEMA_FILE,
            *(f"{one.name}.csv" for one in tables_for_profile(LOADABLE_PROFILE)),
        }
        for name in sorted(wanted - set(names)):
            words = _("This is no internal data package of this version: %(name)s is not in it.")
            raise PackageError(str(words % {"name": name}))
        for name in sorted(set(names) - wanted):
            raise PackageError(str(_("%(name)s is no table that the tracker knows.", name=name)))
        if len(names) > len(wanted):
            raise PackageError(str(_("A file is twice in it.")))

    def _compute_digest(self, name: str) -> tuple[int, str]:
        """Return the size in bytes and the SHA-256 of a file of the package."""
        digest, size = hashlib.sha256(), 0
        with self.zip.open(name) as opened:
            while piece := opened.read(CHUNK_SIZE):
                digest.update(piece)
                size += len(piece)
        return size, digest.hexdigest()

    def _check_digests(self) -> None:
        """Raise PackageError for a file that does not match README and schema."""
        said = {
            name: digest
            for digest, name in DIGEST_LINE_PATTERN.findall(self.zip.read(README_FILE).decode())
        }
        of = {one["path"]: (one["bytes"], one["hash"]) for one in self._read_resources()}
        for name, (size, digest) in self.digests.items():
            as_said = name == README_FILE or said.get(name) == digest
            if name not in {README_FILE, SCHEMA_FILE}:
                as_said = as_said and of.get(name) == (size, f"sha256:{digest}")
            if not as_said:
                words = _("%(name)s is not the file that left: its SHA-256 is another.", name=name)
                raise PackageError(str(words))

    def _read_resources(self) -> list[dict[str, Any]]:
        """Return path, size and hash of each table as the schema states them."""
        try:
            found: list[dict[str, Any]] = json.loads(self.zip.read(SCHEMA_FILE))["resources"]
            return [{key: one[key] for key in ("path", "bytes", "hash")} for one in found]
        except (ValueError, KeyError, TypeError) as error:
            words = _("%(name)s says nothing of the tables.", name=SCHEMA_FILE)
            raise PackageError(str(words)) from error


def error_with_location(name: str, number: int, words: str, column: str = "") -> str:
    """Return an error message that begins with file, row number and, if given, column."""
    place = _("%(name)s, row %(number)d", name=name, number=number)
    return f"{place}, {column}: {words}" if column else f"{place}: {words}"


@contextmanager
def open_package(file: Path) -> Iterator[Package]:
    """Open a package and check all its files; raise PackageError if it is invalid."""
    with ExitStack() as stack:
        try:
            package = Package(stack.enter_context(zipfile.ZipFile(file)))
        except OSError as error:
            words = _("%(name)s cannot be read: %(why)s", name=file, why=error.strerror)
            raise PackageError(str(words)) from error
        except BROKEN_ZIP_ERRORS as error:
            raise PackageError(str(_("%(name)s is no whole ZIP.", name=file))) from error
        yield package


def _check_header(name: str, expected: list[str], found: list[str]) -> None:
    """Raise PackageError if the columns of a file are not the expected ones in their order."""
    for column in found:
        if column not in expected:
            words = _("%(name)s has a column that the tracker does not know: %(column)s")
            raise PackageError(str(words % {"name": name, "column": column[:60]}))
    for column in expected:
        if column not in found:
            words = _("%(name)s lacks a column: %(column)s")
            raise PackageError(str(words % {"name": name, "column": column}))
    if expected != found:
        raise PackageError(str(_("%(name)s has its columns in another order.", name=name)))


class CellError(ValueError):
    """A cell has an invalid value; the message says why."""


def parse_cell(column: Column, codes: type[StrEnum] | None, cell: str) -> Any:  # noqa: ANN401 (any value)
    """Return the value of a non-empty cell; raise CellError if it is invalid.

    `codes`: the enumeration of the column, if any.
    """
    if codes is not None:
        if cell not in set(codes):
            words = _("“%(value)s” is none of the codes %(codes)s.")
            raise CellError(words % {"value": cell[:60], "codes": ", ".join(codes)})
        return codes(cell)
    try:
        return _parse_by_kind(column.kind, cell)
    except ValueError as error:
        words = _("“%(value)s” is not what the column holds.", value=cell[:60])
        raise CellError(words) from error


def is_ref(text: str, prefix: str) -> bool:
    """Return whether a text has the form of a ref with a prefix, such as INC."""
    return text.startswith(f"{prefix}-") and bool(
        REF_LETTERS_PATTERN.fullmatch(text[len(prefix) + 1 :])
    )


def parse_number(cell: str) -> int:
    """Return the number in a cell; raise ValueError if it is none."""
    if not NUMBER_PATTERN.fullmatch(cell):
        raise ValueError(cell)
    return int(cell)


def parse_handle(cell: str) -> str:
    """Return a handle as it is stored: a telephone number without the exported prefix `tel:`."""
    return cell.removeprefix("tel:") if cell.startswith(TELEPHONE_PREFIX) else cell


def derived_columns(table: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a row of a table that are derived from its values and not exported.

    Raises CellError for a name without letters or digits.
    """
    if table in TABLES_WITH_NAMES and not name_keys(values["name"])[0]:
        raise CellError(_("A name has at least one letter or digit."))
    if table in {"outlets", "journalists", "institutions"}:
        return {"sort_key": name_sort_key(values["name"])}
    if table == "names":
        plain, loose = name_keys(values["name"])
        return {"matching_key": plain, "loose_key": loose}
    if table == "articles":
        return {
            "canonical_url": _canonical_url(values["url"]),
            "text_digest": text_digest(values["text"])
        }  # fmt: skip
    return {}


def _parse_by_kind(kind: ColumnKind, cell: str) -> Any:  # noqa: ANN401 (any value)
    """Return the value of a non-empty cell in a column that has no enumeration of codes; raise
    ValueError if it is invalid.
    """
    if kind is ColumnKind.NUMBER:
        return parse_number(cell)
    if kind is ColumnKind.DAY:
        if not DAY_PATTERN.fullmatch(cell):
            raise ValueError(cell)
        return date.fromisoformat(cell)
    if kind is ColumnKind.MOMENT:
        return datetime.strptime(cell, MOMENT_FORMAT).replace(tzinfo=UTC)
    if "\0" in cell:
        raise ValueError(cell)
    return cell


def _canonical_url(url: str) -> str | None:
    """Return the canonical form of an address, None if it is empty or invalid."""
    try:
        return canonicalize_url(url) if url else None
    except AddressError:
        return None

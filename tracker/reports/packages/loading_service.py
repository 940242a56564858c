"""Load a data package into an empty tracker, completely or not at all.

Rows are stored table by table, with ids in place of refs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NoReturn

from sqlalchemy import Enum, bindparam, func, insert, inspect, select, update
from sqlalchemy.exc import IntegrityError

from tracker.articles.models import Article, ArticleFingerprint
from tracker.articles.rules import text_fingerprints
from tracker.audit.proof_queries import load_full_records
from tracker.audit.service import prepare_creation_entry, record_event, record_prepared_entries
from tracker.audit.snapshot import row_digest
from tracker.db import db, renew_statistics_after_commit
from tracker.fake_accounts.codes import AccountKind
from tracker.i18n import _
from tracker.people.models import Institution
from tracker.people.service import delete_shipped_institutions
from tracker.permissions import Actor
from tracker.records import record_models
from tracker.reports.packages import loading_files
from tracker.reports.packages.queries import SOURCES_OF_TABLE, RowSource, code_enums
from tracker.reports.tables import CODES, TABLES, Column, ColumnKind, Table
from tracker.scoping import ScopedRow, viewing_everything
from tracker.search.index import rebuild_index
from tracker.users.service import get_or_create_team
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import is_valid_code, parse_crosswalk
from tracker.vocabulary.models import Term
from tracker.vocabulary.queries import terms_by_set

BATCH_SIZE = 1000  # rows stored at once
MAX_TEAM_NAME_LENGTH = 80  # characters
# The columns for the author of a row, set to the user who loads the package.
AUTHOR_COLUMNS = ("recorded_by_id", "revised_by_id", "masked_by_id", "published_by_id")
# The cells of a row, by column.
CellsByColumn = dict[str, str]
# The columns of the table `codes` that a term of a taxonomy stores.
TERM_FIELDS = (
    "label_en", "label_ru", "label_kk", "definition", "rank", "country", "crosswalk", "retired_at",
)  # fmt: skip


class PackageLoader:
    """A loader of the rows of a package, which finds the stored ids of records and their parts.

    By ref: `ids`, and `ownership`, as team id and visibility. `part_ids`: by model, id of the owner
    and number within it.
    """

    def __init__(self, terms: Mapping[tuple[str, str], int], *, by: Actor) -> None:
        """Prepare a load by a user; `terms`: the ids of terms by set and code."""
        self.terms, self.by = terms, by
        self.ids: dict[str, int] = {}
        self.ownership: dict[str, tuple[int, Any]] = {}
        self.part_ids: dict[tuple[Any, int, int], int] = {}
        self.part_counts: Counter[tuple[Any, int]] = Counter()
        self._teams: dict[str, int] = {}

    def get_team_id(self, name: str) -> int | None:
        """Return the id of the team with a name, created if missing; None for a name that is too
        long or has spaces around it.
        """
        if name not in self._teams:
            if name != name.strip() or len(name) > MAX_TEAM_NAME_LENGTH:
                return None
            team = get_or_create_team(name, by=self.by)
            db.session.flush()
            self._teams[name] = team.id
        return self._teams[name]

    def store_table(self, table: Table, rows: Iterator[tuple[int, CellsByColumn]]) -> int:
        """Store the numbered rows of a table, and return how many; raise PackageError if wrong."""
        count, self_references = 0, []
        while batch := list(islice(rows, BATCH_SIZE)):
            count += len(batch)
            by_source: dict[int, list[tuple[int, CellsByColumn]]] = defaultdict(list)
            for number, cells in batch:
                by_source[_source_index_of_row(table, number, cells)].append((number, cells))
            for place, some in by_source.items():
                self_references += self._store_source_rows(
                    table, SOURCES_OF_TABLE[table.name][place], some
                )
        self._set_references(table, self_references)
        return count

    def _store_source_rows(
        self, table: Table, source: RowSource, rows: Sequence[tuple[int, CellsByColumn]]
    ) -> list[tuple[int, str, str, int]]:
        """Store the rows of one source, and return their references to rows of the same table: row
        number, attribute, ref, and id of the referring row.
        """
        made = [_LoadedRow(self, table, source, number, cells) for number, cells in rows]
        if table.is_record_table:
            for one in made:
                self._register_ref(one)
        ids = _insert_rows(table.name, source.model, [one.values for one in made])
        for one, number in zip(made, ids, strict=True):
            if table.is_record_table:
                self._register_id(one, number)
            elif one.own_number is not None and source.numbering:
                self.part_ids[source.numbering[0], one.owner, one.own_number] = number
        if source.model is Article:
            _insert_rows(table.name, ArticleFingerprint, _fingerprint_rows(made, ids))
        return [
            (number, attribute, ref, where)
            for one, where in zip(made, ids, strict=True)
            for number, attribute, ref in one.self_references
        ]

    def _register_ref(self, row: _LoadedRow) -> None:
        """Register the ref of a row; raise PackageError if it is invalid or repeated."""
        ref = row.cells["ref"]
        if ref in self.ids or not loading_files.is_ref(ref, row.source.model.PREFIX):
            words = _("“%(value)s” is no ref of its kind, or is there twice.", value=ref[:60])
            raise loading_files.PackageError(row.format_error("ref", words))
        self.ids[ref] = 0

    def _register_id(self, row: _LoadedRow, stored_id: int) -> None:
        """Store the id of a stored record, and the team and visibility of the record."""
        ref = row.cells["ref"]
        self.ids[ref] = stored_id
        if "team_id" in row.values:
            self.ownership[ref] = row.values["team_id"], row.values["visibility"]

    def _set_references(
        self, table: Table, self_references: Iterable[tuple[int, str, str, int]]
    ) -> None:
        """Set references to rows of the same table, after all its rows are stored;
        `self_references`: row number, attribute, ref, and id of the referring row.
        """
        by_attribute: dict[str, list[dict[str, int]]] = defaultdict(list)
        for number, attribute, ref, where in self_references:
            if ref not in self.ids:
                raise loading_files.PackageError(
                    loading_files.error_with_location(
                        f"{table.name}.csv", number, _missing_reference_message(ref)
                    )
                )
            by_attribute[attribute].append({"where": where, "to": self.ids[ref]})
        for attribute, rows in by_attribute.items():
            of = inspect(SOURCES_OF_TABLE[table.name][0].model).local_table
            change = update(of).where(of.c.id == bindparam("where"))
            db.session.execute(change.values({attribute: bindparam("to")}), rows)


class _LoadedRow:
    """A row of a package, with the values that the database stores for it.

    `own_number`: the number of the row within its owner; `owner`: the id of the owner;
    `self_references`: references to rows of the same table, as row number, attribute and ref.
    """

    def __init__(
        self,
        loader: PackageLoader,
        table: Table,
        source: RowSource,
        number: int,
        cells: CellsByColumn,
    ) -> None:
        self.loader, self.table, self.source = loader, table, source
        self.number, self.cells = number, cells
        self.values: dict[str, Any] = {}
        self.own_number: int | None = None
        self.owner = 0
        self.self_references: list[tuple[int, str, str]] = []
        if table.owner:
            self.owner = self._find_id(source.owner_table, cells[table.owner], table.owner)
            self._copy_ownership(cells[table.owner])
        for column in table.columns_for(loading_files.LOADABLE_PROFILE):
            self._read_cell(column, cells[column.name])
        self.values |= {
            name: loader.by.id for name in AUTHOR_COLUMNS if name in inspect(source.model).columns
        }
        try:
            self.values |= loading_files.derived_columns(table.name, self.values)
        except loading_files.CellError as error:
            raise loading_files.PackageError(self.format_error("name", error)) from error

    def format_error(self, column: str, words: object) -> str:
        """Return an error message with the file, row and column of a cell."""
        return loading_files.error_with_location(
            f"{self.table.name}.csv", self.number, str(words), column
        )

    def _copy_ownership(self, ref: str) -> None:
        """Copy team and visibility of the owner, given by its ref."""
        if issubclass(self.source.model, ScopedRow):
            self.values["team_id"], self.values["visibility"] = self.loader.ownership[ref]

    def _read_cell(self, column: Column, cell: str) -> None:
        """Set the stored value of a column from a cell; raise PackageError if it is invalid."""
        name = self.source.attribute_names.get(column.name, column.attribute)
        if not hasattr(self.source.model, name):
            # A column of the owner's owner, or only of rows of other kinds of records.
            if cell and column.name != self.table.owner:
                raise loading_files.PackageError(
                    self.format_error(column.name, _("no row of this kind says it."))
                )
            return
        of = self.source.get_column(name).property.columns[0]
        if cell == "":
            self._leave_empty(column, name, of)
        elif column.kind is ColumnKind.ORDINAL:
            self._read_ordinal(column, name, cell)
        elif referenced_table := self.source.referenced_table(column):
            self._set_reference(column, name, referenced_table, cell)
        else:
            self.values[name] = self._parse_value(column, of, cell)

    def _leave_empty(self, column: Column, attribute: str, model_column: Any) -> None:  # noqa: ANN401 (a column)
        """Set an attribute to its empty value; raise PackageError if it must have a value."""
        is_words = model_column.type.python_type is str and not isinstance(model_column.type, Enum)
        if not model_column.nullable and (self.source.referenced_table(column) or not is_words):
            raise loading_files.PackageError(self.format_error(column.name, _("it is empty.")))
        self.values[attribute] = None if model_column.nullable else ""

    def _read_ordinal(self, column: Column, attribute: str, cell: str) -> None:
        """Read a cell with the number of a part within its record. If `attribute` is "id", it is
        the number of this row, and is stored as `own_number`. Otherwise the row refers to the part
        with this number, and the attribute is set to the id of the part.
        """
        try:
            number = loading_files.parse_number(cell)
        except ValueError:
            raise loading_files.PackageError(
                self.format_error(column.name, _missing_reference_message(cell))
            ) from None
        model = self.source.numbering[0] if self.source.numbering else None
        if attribute == "id":
            self.loader.part_counts[model, self.owner] += 1
            if number != self.loader.part_counts[model, self.owner]:
                raise loading_files.PackageError(
                    self.format_error(column.name, _("the numbers do not count from 1."))
                )
            self.own_number = number
            return
        part = self.loader.part_ids.get((model, self.owner, number))
        if part is None:
            raise loading_files.PackageError(
                self.format_error(column.name, _missing_reference_message(cell))
            )
        self.values[attribute] = part

    def _set_reference(
        self, column: Column, attribute: str, referenced_table: str, cell: str
    ) -> None:
        """Set an attribute to the id of the row that a cell refers to.

        For rows of the same table the id is set after all rows are stored.
        """
        if referenced_table == self.table.name:
            self.values[attribute] = None
            self.self_references.append((self.number, attribute, cell))
        else:
            self.values[attribute] = self._find_id(
                referenced_table, cell, column.name, column.term_set
            )

    def _find_id(self, referenced_table: str, cell: str, column: str, term_set: str = "") -> int:
        """Return the id of the row of a table that a cell refers to. The cell has a ref, the name
        of a team, or the code of a term of the taxonomy `term_set`. Raise PackageError if there is
        no such row; `column`: the column that the error message names.
        """
        found: int | None
        if referenced_table == "codes":
            found = self.loader.terms.get((term_set, cell))
        elif referenced_table == "teams":
            found = self.loader.get_team_id(cell)
        else:
            is_of_it = cell.startswith(f"{SOURCES_OF_TABLE[referenced_table][0].model.PREFIX}-")
            found = self.loader.ids.get(cell) if is_of_it else None
        if found is None:
            raise loading_files.PackageError(
                self.format_error(column, _missing_reference_message(cell))
            )
        return found

    def _parse_value(self, column: Column, model_column: Any, cell: str) -> Any:  # noqa: ANN401 (any value)
        """Return the value of a non-empty cell; raise PackageError if it is invalid."""
        is_code = isinstance(model_column.type, Enum)
        if column.kind is ColumnKind.HANDLE and self.cells.get("kind") == AccountKind.PHONE_NUMBER:
            cell = loading_files.parse_handle(cell)
        try:
            value = loading_files.parse_cell(
                column, model_column.type.enum_class if is_code else None, cell
            )
        except loading_files.CellError as error:
            raise loading_files.PackageError(self.format_error(column.name, error)) from error
        longest = None if is_code else getattr(model_column.type, "length", None)
        if longest is not None and len(cell) > longest:
            raise loading_files.PackageError(
                self.format_error(column.name, _("it is longer than %(n)d.", n=longest))
            )
        return value


def _source_index_of_row(table: Table, number: int, cells: CellsByColumn) -> int:
    """Return which source in `SOURCES_OF_TABLE[table.name]` a row belongs to, as an index: the one
    whose references have the same prefixes as the refs in `cells`. Raise PackageError if none fits;
    `number`: the row number that the error message names.
    """
    sources = SOURCES_OF_TABLE[table.name]
    for place, source in enumerate(sources):
        if all(
            cells[column].startswith(f"{SOURCES_OF_TABLE[to][0].model.PREFIX}-")
            for column, to in source.referenced_tables.items()
        ):
            return place
    words = ", ".join(cells[column][:60] for column in sources[0].referenced_tables)
    raise loading_files.PackageError(
        loading_files.error_with_location(
            f"{table.name}.csv", number, _missing_reference_message(words)
        )
    )


def _missing_reference_message(key: str) -> str:
    """Return the error message that a key refers to no row of the package."""
    return str(_("“%(value)s” is nothing that is in the package before it.", value=key[:60]))


def _insert_rows(table_name: str, model: Any, rows: Sequence[Mapping[str, Any]]) -> Sequence[int]:  # noqa: ANN401 (a model)
    """Store rows of a model without ORM objects, and return their ids, 0 for rows without id."""
    if not rows:
        return []
    of = inspect(model).local_table
    try:
        if "id" not in of.c:
            db.session.execute(insert(of), rows)
            return [0] * len(rows)
        stored = insert(of).returning(of.c.id, sort_by_parameter_order=True)
        return list(db.session.scalars(stored, rows))
    except IntegrityError as error:
        why = str(error.orig).splitlines()[0]
        words = _(
            "%(name)s says what no record can say: %(why)s", name=f"{table_name}.csv", why=why
        )
        raise loading_files.PackageError(str(words)) from error


def _fingerprint_rows(made: Sequence[_LoadedRow], ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return the values of the `ArticleFingerprint` rows of loaded articles, by which similar texts
    are found. `made`: the rows of the articles; `ids`: the ids of the articles, in the same order.
    """
    return [
        {
            "article_id": number, "mark": mark, "team_id": one.values["team_id"],
            "visibility": one.values["visibility"],
        }
        for one, number in zip(made, ids, strict=True)
        for mark in text_fingerprints(one.values["text"])
    ]  # fmt: skip


def load_records(package: loading_files.Package, name: str, *, by: Actor) -> dict[str, int]:
    """Store all rows of a package, and return their number by table; `name`: of its file, for the
    audit log.

    Raises PackageError for an invalid row, with its place, and if the tracker is not empty; the
    caller then rolls back. Packages have no originals, confidential values, users or comments.
    """
    renew_statistics_after_commit()
    with viewing_everything("package: a tracker is empty if nobody has anything in it"):
        _require_empty()
        removed = delete_shipped_institutions()
        terms = _load_terms(package, by=by)
        loader = PackageLoader(terms, by=by)
        stored = {
            table.name: loader.store_table(table, package.read_rows(table))
            for table in TABLES
            if table is not CODES and table.columns_for(loading_files.LOADABLE_PROFILE)
        }
        for table in TABLES:
            if table.is_record_table and table.name in SOURCES_OF_TABLE:
                _log_loaded(SOURCES_OF_TABLE[table.name][0].model, by=by)
        changes: dict[str, Any] = {
            "sha256": package.digests[loading_files.SCHEMA_FILE][1],
            "tables": stored, "removed": removed
        }  # fmt: skip
        record_event("package:take", name, changes=changes, by=by)
        for _done in rebuild_index(db.session()):
            pass
    return stored


def _require_empty() -> None:
    """Raise PackageError if the tracker has any records besides institutions."""
    count = 0
    for kind in record_models().values():
        if kind is not Institution:
            count += db.session.scalar(select(func.count()).select_from(kind)) or 0
    if count:
        words = _("A package is loaded into an empty tracker: this one has %(n)d records.", n=count)
        raise loading_files.PackageError(str(words))


def _log_loaded(kind: type[Any], *, by: Actor) -> None:
    """Log that each record of a model was loaded, with its digest."""
    entries = []
    for record in load_full_records(db.session(), kind):
        found = row_digest(record)
        entries.append(prepare_creation_entry("package:load", record.ref, found))
    record_prepared_entries(entries, by=by)


def _load_terms(package: loading_files.Package, *, by: Actor) -> dict[tuple[str, str], int]:
    """Set the terms of taxonomies from the package, and return their ids by set and code.

    Raises PackageError for unknown codes of enumerations.
    """
    known_codes = {name: set(codes) for name, codes in code_enums().items()}
    known = {
        (one.term_set.value, one.code): one for some in terms_by_set().values() for one in some
    }
    changed: list[str] = []
    for number, cells in package.read_rows(CODES):
        where, code = cells["set"], cells["code"]
        if where in known_codes:
            if code not in known_codes[where]:
                _raise_cell_error(CODES, number, "code", code)
            continue
        if where not in set(TermSet) or not is_valid_code(code):
            _raise_cell_error(CODES, number, "set" if is_valid_code(code) else "code", where)
        term = known.get((where, code))
        if term is None:
            term = known[where, code] = Term(term_set=TermSet(where), code=code)
            db.session.add(term)
        before = {name: getattr(term, name) for name in TERM_FIELDS}
        for name, value in _term_values(number, cells).items():
            setattr(term, name, value)
        if before != {name: getattr(term, name) for name in TERM_FIELDS}:
            changed.append(term.name)
    db.session.flush()
    if changed:
        record_event("vocabulary:load", "vocabulary", changes={"loaded": changed}, by=by)
    return {key: term.id for key, term in known.items()}


def _term_values(number: int, cells: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of a term, from a row of the table `codes` with its number.

    Raises PackageError for an invalid cell.
    """
    values: dict[str, Any] = {}
    for column in CODES.columns:
        cell = cells[column.name]
        if column.name not in TERM_FIELDS:
            continue
        try:
            values[column.name] = loading_files.parse_cell(column, None, cell) if cell else ""
        except loading_files.CellError as error:
            raise loading_files.PackageError(
                loading_files.error_with_location("codes.csv", number, str(error), column.name)
            ) from error
    crosswalk = parse_crosswalk(cells["crosswalk"])
    for name in ("rank", "label_en"):
        if values[name] == "":
            _raise_cell_error(CODES, number, name, "")
    if crosswalk is None:
        _raise_cell_error(CODES, number, "crosswalk", cells["crosswalk"])
    values["crosswalk"] = crosswalk
    return values | {name: values[name] or None for name in ("country", "retired_at")}


def _raise_cell_error(table: Table, number: int, column: str, value: str) -> NoReturn:
    """Raise PackageError for the value of a cell, given by table, row number and column."""
    words = _("“%(value)s” is not what the column holds.", value=value[:60])
    raise loading_files.PackageError(
        loading_files.error_with_location(f"{table.name}.csv", number, str(words), column)
    )

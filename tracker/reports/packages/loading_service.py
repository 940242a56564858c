"""Load a package into an empty tracker: all of it, or nothing.

Rows are stored table by table, with keys in place of refs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NoReturn

from sqlalchemy import Enum, bindparam, func, insert, inspect, select, update
from sqlalchemy.exc import IntegrityError

from tracker.articles.models import Article, ArticleMark
from tracker.articles.rules import text_marks
from tracker.audit.proof_queries import load_full_records
from tracker.audit.service import creation_details, record_event, record_events
from tracker.audit.snapshot import row_digest
from tracker.db import db, renew_statistics_after_commit
from tracker.fake_accounts.codes import AccountKind
from tracker.i18n import _
from tracker.people.models import Institution
from tracker.people.service import drop_unused_institutions
from tracker.permissions import Actor
from tracker.records import record_models
from tracker.reports.packages import loading_files
from tracker.reports.packages.queries import SOURCES_OF_TABLE, Source, closed_sets
from tracker.reports.tables import CODES, TABLES, Column, Kind, Table
from tracker.scoping import ScopedRow, viewing_everything
from tracker.search.service import rebuild_index
from tracker.users.service import get_or_create_team
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import is_code, read_crosswalk
from tracker.vocabulary.models import Term
from tracker.vocabulary.queries import every_term

BATCH_SIZE = 1000
LONGEST_TEAM = 80  # characters
# The columns for the author, which a package does not have: the person who loads it.
AUTHOR_COLUMNS = ("recorded_by_id", "revised_by_id", "masked_by_id", "published_by_id")
Cells = dict[str, str]
TERM_FIELDS = (
    "label_en", "label_ru", "label_kk", "definition", "rank", "country", "crosswalk", "retired_at",
)  # fmt: skip


class Loading:
    """The state of a load: ids of stored records by ref and of their parts by number."""

    def __init__(self, terms: Mapping[tuple[str, str], int], *, by: Actor) -> None:
        """Store in the name of a user; `terms`: the ids of terms by set and code."""
        self.terms, self.by = terms, by
        self.ids: dict[str, int] = {}
        self.places: dict[str, tuple[int, Any]] = {}
        self.parts: dict[tuple[Any, int, int], int] = {}
        self.counts: Counter[tuple[Any, int]] = Counter()
        self._teams: dict[str, int] = {}

    def team(self, name: str) -> int | None:
        """Return the team with this name, created if missing; None for an empty name."""
        if name not in self._teams:
            if name != name.strip() or len(name) > LONGEST_TEAM:
                return None
            team = get_or_create_team(name, by=self.by)
            db.session.flush()
            self._teams[name] = team.id
        return self._teams[name]

    def store(self, table: Table, rows: Iterator[tuple[int, Cells]]) -> int:
        """Store all rows of a table; return how many.

        Raises PackageError.
        """
        count, later = 0, []
        while batch := list(islice(rows, BATCH_SIZE)):
            count += len(batch)
            by_source: dict[int, list[tuple[int, Cells]]] = defaultdict(list)
            for number, cells in batch:
                by_source[_source_of_row(table, number, cells)].append((number, cells))
            for place, some in by_source.items():
                later += self._store(table, SOURCES_OF_TABLE[table.name][place], some)
        self._set_references(table, later)
        return count

    def _store(
        self, table: Table, source: Source, rows: Sequence[tuple[int, Cells]]
    ) -> list[tuple[int, str, str, int]]:
        """Store rows of one source; return references to rows of the same table.

        Each with its row, the attribute, the ref and the id.
        """
        made = [_Row(self, table, source, number, cells) for number, cells in rows]
        if table.is_of_records:
            for one in made:
                self._register_ref(one)
        ids = _insert_rows(table.name, source.model, [one.values for one in made])
        for one, number in zip(made, ids, strict=True):
            if table.is_of_records:
                self._keep(one, number)
            elif one.own is not None and source.counted:
                self.parts[source.counted[0], one.owner, one.own] = number
        if source.model is Article:
            _insert_rows(table.name, ArticleMark, _article_marks(made, ids))
        return [
            (number, attribute, ref, where)
            for one, where in zip(made, ids, strict=True)
            for number, attribute, ref in one.to_itself
        ]

    def _register_ref(self, row: _Row) -> None:
        """Reject an invalid or repeated ref."""
        ref = row.cells["ref"]
        if ref in self.ids or not loading_files.is_ref(ref, row.source.model.PREFIX):
            words = _("“%(value)s” is no ref of its kind, or is there twice.", value=ref[:60])
            raise loading_files.PackageError(row.at("ref", words))
        self.ids[ref] = 0

    def _keep(self, row: _Row, number: int) -> None:
        ref = row.cells["ref"]
        self.ids[ref] = number
        if "team_id" in row.values:
            self.places[ref] = row.values["team_id"], row.values["visibility"]

    def _set_references(self, table: Table, later: Iterable[tuple[int, str, str, int]]) -> None:
        """Set references to rows of the same table, which are all stored by now."""
        by_attribute: dict[str, list[dict[str, int]]] = defaultdict(list)
        for number, attribute, ref, where in later:
            if ref not in self.ids:
                raise loading_files.PackageError(
                    loading_files.error_at(f"{table.name}.csv", number, _is_missing_target(ref))
                )
            by_attribute[attribute].append({"where": where, "to": self.ids[ref]})
        for attribute, rows in by_attribute.items():
            of = inspect(SOURCES_OF_TABLE[table.name][0].model).local_table
            change = update(of).where(of.c.id == bindparam("where"))
            db.session.execute(change.values({attribute: bindparam("to")}), rows)


class _Row:
    """One row as its table stores it."""

    def __init__(
        self, loading: Loading, table: Table, source: Source, number: int, cells: Cells
    ) -> None:
        self.loading, self.table, self.source = loading, table, source
        self.number, self.cells = number, cells
        self.values: dict[str, Any] = {}
        # The number within its owner, and the owner's id.
        self.own: int | None = None
        self.owner = 0
        self.to_itself: list[tuple[int, str, str]] = []
        if table.owner:
            self.owner = self._id_of(source.of, cells[table.owner], table.owner)
            self._copy_ownership(cells[table.owner])
        for column in table.columns_for(loading_files.LOADABLE_PROFILE):
            self._read_cell(column, cells[column.name])
        self.values |= {
            name: loading.by.id for name in AUTHOR_COLUMNS if name in inspect(source.model).columns
        }
        try:
            self.values |= loading_files.derived(table.name, self.values)
        except loading_files.CellError as error:
            raise loading_files.PackageError(self.at("name", error)) from error

    def at(self, column: str, words: object) -> str:
        """Return an error message with the place of a cell."""
        return loading_files.error_at(f"{self.table.name}.csv", self.number, str(words), column)

    def _copy_ownership(self, ref: str) -> None:
        """Copy the team and visibility of the owner."""
        if issubclass(self.source.model, ScopedRow):
            self.values["team_id"], self.values["visibility"] = self.loading.places[ref]

    def _read_cell(self, column: Column, cell: str) -> None:
        name = self.source.reads.get(column.name, column.attribute)
        if not hasattr(self.source.model, name):
            # Of the owner's owner, or of another kind of record than this row's.
            if cell and column.name != self.table.owner:
                raise loading_files.PackageError(
                    self.at(column.name, _("no row of this kind says it."))
                )
            return
        of = self.source.attribute(name).property.columns[0]
        if cell == "":
            self._leave_empty(column, name, of)
        elif column.kind is Kind.ORDINAL:
            self._count(column, name, cell)
        elif pointed := self.source.referred(column):
            self._set_reference(column, name, pointed, cell)
        else:
            self.values[name] = self._value(column, of, cell)

    def _leave_empty(self, column: Column, name: str, model_column: Any) -> None:  # noqa: ANN401 (a column)
        is_words = model_column.type.python_type is str and not isinstance(model_column.type, Enum)
        if not model_column.nullable and (self.source.referred(column) or not is_words):
            raise loading_files.PackageError(self.at(column.name, _("it is empty.")))
        self.values[name] = None if model_column.nullable else ""

    def _count(self, column: Column, name: str, cell: str) -> None:
        """Read a number within the owner: of the row itself, or of the part that it refers to."""
        try:
            number = loading_files.number_of(cell)
        except ValueError:
            raise loading_files.PackageError(
                self.at(column.name, _is_missing_target(cell))
            ) from None
        model = self.source.counted[0] if self.source.counted else None
        if name == "id":
            self.loading.counts[model, self.owner] += 1
            if number != self.loading.counts[model, self.owner]:
                raise loading_files.PackageError(
                    self.at(column.name, _("the numbers do not count from 1."))
                )
            self.own = number
            return
        part = self.loading.parts.get((model, self.owner, number))
        if part is None:
            raise loading_files.PackageError(self.at(column.name, _is_missing_target(cell)))
        self.values[name] = part

    def _set_reference(self, column: Column, name: str, pointed: str, cell: str) -> None:
        if pointed == self.table.name:
            self.values[name] = None
            self.to_itself.append((self.number, name, cell))
        else:
            self.values[name] = self._id_of(pointed, cell, column.name, column.term_set)

    def _id_of(self, pointed: str, cell: str, column: str, term_set: str = "") -> int:
        """Return the id of the row that a key refers to."""
        found: int | None
        if pointed == "codes":
            found = self.loading.terms.get((term_set, cell))
        elif pointed == "teams":
            found = self.loading.team(cell)
        else:
            is_of_it = cell.startswith(f"{SOURCES_OF_TABLE[pointed][0].model.PREFIX}-")
            found = self.loading.ids.get(cell) if is_of_it else None
        if found is None:
            raise loading_files.PackageError(self.at(column, _is_missing_target(cell)))
        return found

    def _value(self, column: Column, model_column: Any, cell: str) -> Any:  # noqa: ANN401 (any value)
        is_code = isinstance(model_column.type, Enum)
        if column.kind is Kind.GLUED and self.cells.get("kind") == AccountKind.PHONE_NUMBER:
            cell = loading_files.handle_of(cell)
        try:
            value = loading_files.value_of(
                column, model_column.type.enum_class if is_code else None, cell
            )
        except loading_files.CellError as error:
            raise loading_files.PackageError(self.at(column.name, error)) from error
        longest = None if is_code else getattr(model_column.type, "length", None)
        if longest is not None and len(cell) > longest:
            raise loading_files.PackageError(
                self.at(column.name, _("it is longer than %(n)d.", n=longest))
            )
        return value


def _source_of_row(table: Table, number: int, cells: Cells) -> int:
    """Return the source of a row in a table: the one whose kinds of records it refers to."""
    sources = SOURCES_OF_TABLE[table.name]
    for place, source in enumerate(sources):
        if all(
            cells[column].startswith(f"{SOURCES_OF_TABLE[to][0].model.PREFIX}-")
            for column, to in source.refers.items()
        ):
            return place
    words = ", ".join(cells[column][:60] for column in sources[0].refers)
    raise loading_files.PackageError(
        loading_files.error_at(f"{table.name}.csv", number, _is_missing_target(words))
    )


def _is_missing_target(key: str) -> str:
    return str(_("“%(value)s” is nothing that is in the package before it.", value=key[:60]))


def _insert_rows(name: str, model: Any, rows: Sequence[Mapping[str, Any]]) -> Sequence[int]:  # noqa: ANN401 (a model)
    """Store rows without ORM objects; return their ids, if they have any."""
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
        words = _("%(name)s says what no record can say: %(why)s", name=f"{name}.csv", why=why)
        raise loading_files.PackageError(str(words)) from error


def _article_marks(made: Sequence[_Row], ids: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {
            "article_id": number, "mark": mark, "team_id": one.values["team_id"],
            "visibility": one.values["visibility"],
        }
        for one, number in zip(made, ids, strict=True)
        for mark in text_marks(one.values["text"])
    ]  # fmt: skip


def load_records(package: loading_files.Package, name: str, *, by: Actor) -> dict[str, int]:
    """Store every row of a package; return how many of each table.

    Raises PackageError, with the place, and if the tracker is not empty: the caller then rolls
    back. Packages have no originals, confidential values, users or comments.
    """
    renew_statistics_after_commit()
    with viewing_everything("package: a tracker is empty if nobody has anything in it"):
        _require_empty()
        removed = drop_unused_institutions()
        terms = _load_terms(package, by=by)
        loading = Loading(terms, by=by)
        stored = {
            table.name: loading.store(table, package.rows(table))
            for table in TABLES
            if table is not CODES and table.columns_for(loading_files.LOADABLE_PROFILE)
        }
        for table in TABLES:
            if table.is_of_records and table.name in SOURCES_OF_TABLE:
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
    """Raise PackageError if anything was recorded: only shipped data may be there."""
    count = 0
    for kind in record_models().values():
        if kind is not Institution:
            count += db.session.scalar(select(func.count()).select_from(kind)) or 0
    if count:
        words = _("A package is loaded into an empty tracker: this one has %(n)d records.", n=count)
        raise loading_files.PackageError(str(words))


def _log_loaded(kind: type[Any], *, by: Actor) -> None:
    """Log that each record was loaded, and as what."""
    entries = []
    for record in load_full_records(db.session(), kind):
        found = row_digest(record)
        entries.append(creation_details("package:load", record.ref, found))
    record_events(entries, by=by)


def _load_terms(package: loading_files.Package, *, by: Actor) -> dict[tuple[str, str], int]:
    """Set the open taxonomies from the package, and reject unknown codes of closed sets."""
    closed = {name: set(codes) for name, codes in closed_sets().items()}
    known = {(one.term_set.value, one.code): one for some in every_term().values() for one in some}
    changed: list[str] = []
    for number, cells in package.rows(CODES):
        where, code = cells["set"], cells["code"]
        if where in closed:
            if code not in closed[where]:
                _raise_cell_error(CODES, number, "code", code)
            continue
        if where not in set(TermSet) or not is_code(code):
            _raise_cell_error(CODES, number, "set" if is_code(code) else "code", where)
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
    values: dict[str, Any] = {}
    for column in CODES.columns:
        cell = cells[column.name]
        if column.name not in TERM_FIELDS:
            continue
        try:
            values[column.name] = loading_files.value_of(column, None, cell) if cell else ""
        except loading_files.CellError as error:
            raise loading_files.PackageError(
                loading_files.error_at("codes.csv", number, str(error), column.name)
            ) from error
    crosswalk = read_crosswalk(cells["crosswalk"])
    for name in ("rank", "label_en"):
        if values[name] == "":
            _raise_cell_error(CODES, number, name, "")
    if crosswalk is None:
        _raise_cell_error(CODES, number, "crosswalk", cells["crosswalk"])
    values["crosswalk"] = crosswalk
    return values | {name: values[name] or None for name in ("country", "retired_at")}


def _raise_cell_error(table: Table, number: int, column: str, value: str) -> NoReturn:
    words = _("“%(value)s” is not what the column holds.", value=value[:60])
    raise loading_files.PackageError(
        loading_files.error_at(f"{table.name}.csv", number, str(words), column)
    )

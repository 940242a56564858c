"""Loading a package into an empty tracker: all of it, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy import func, select

from tracker.audit.proof_queries import whole_records
from tracker.audit.service import created, record_event, record_events
from tracker.audit.snapshot import row_digest
from tracker.db import db
from tracker.i18n import _
from tracker.people.models import Institution
from tracker.people.service import drop_unused_institutions
from tracker.records import kinds_of_record
from tracker.reports.packages.code_queries import closed_sets
from tracker.reports.packages.loading_cells import CellError, value_of
from tracker.reports.packages.loading_files import SCHEMA, WHOLE, Unloadable, at
from tracker.reports.packages.loading_rows_service import Loading
from tracker.reports.packages.source_queries import SOURCES
from tracker.reports.tables import CODES, TABLES
from tracker.scoping import seeing_all
from tracker.search.service import rebuild
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.models import Term
from tracker.vocabulary.queries import every_term
from tracker.vocabulary.rules import is_code, read_crosswalk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.permissions import Actor
    from tracker.reports.packages.loading_files import Package
    from tracker.reports.tables import Table

VALUES = (
    "label_en", "label_ru", "label_kk", "definition", "rank", "country", "crosswalk", "retired_at",
)  # fmt: skip


def load(package: Package, name: str, *, by: Actor) -> dict[str, int]:
    """Store every row of a package as it stands in it; return how many of each table.

    Raises Unloadable, with the place, and where the tracker holds anything: the caller then rolls
    back. Originals, confidential values, people and their talk are in no package.
    """
    with seeing_all("package: a tracker is empty if nobody has anything in it"):
        _refuse_unless_empty()
        removed = drop_unused_institutions()
        terms = _load_terms(package, by=by)
        loading = Loading(terms, by=by)
        stored = {
            table.name: loading.store(table, package.rows(table))
            for table in TABLES
            if table is not CODES and table.carried_by(WHOLE)
        }
        for table in TABLES:
            if table.is_of_records and table.name in SOURCES:
                _tell(SOURCES[table.name][0].model, by=by)
        changes: dict[str, Any] = {
            "sha256": package.digests[SCHEMA][1], "tables": stored, "removed": removed
        }  # fmt: skip
        record_event("package:take", name, changes=changes, by=by)
        for _done in rebuild(db.session()):
            pass
    return stored


def _refuse_unless_empty() -> None:
    """Raise Unloadable where anybody recorded anything: only what ships may be there."""
    count = 0
    for kind in kinds_of_record().values():
        if kind is not Institution:
            count += db.session.scalar(select(func.count()).select_from(kind)) or 0
    if count:
        words = _("A package is loaded into an empty tracker: this one has %(n)d records.", n=count)
        raise Unloadable(str(words))


def _tell(kind: type[Any], *, by: Actor) -> None:
    """Write into the trail of each record that it was loaded, and as what."""
    entries = []
    for record in whole_records(db.session(), kind):
        found = row_digest(record)
        entries.append(created("package:load", record.ref, found))
    record_events(entries, by=by)


def _load_terms(package: Package, *, by: Actor) -> dict[tuple[str, str], int]:
    """Make the open sets what the package says, and refuse codes of closed sets that are none."""
    closed = {name: set(codes) for name, codes in closed_sets().items()}
    known = {(one.term_set.value, one.code): one for some in every_term().values() for one in some}
    changed: list[str] = []
    for number, cells in package.rows(CODES):
        where, code = cells["set"], cells["code"]
        if where in closed:
            if code not in closed[where]:
                _refuse(CODES, number, "code", code)
            continue
        if where not in set(TermSet) or not is_code(code):
            _refuse(CODES, number, "set" if is_code(code) else "code", where)
        term = known.get((where, code))
        if term is None:
            term = known[where, code] = Term(term_set=TermSet(where), code=code)
            db.session.add(term)
        before = {name: getattr(term, name) for name in VALUES}
        for name, value in _term_values(number, cells).items():
            setattr(term, name, value)
        if before != {name: getattr(term, name) for name in VALUES}:
            changed.append(term.name)
    db.session.flush()
    if changed:
        record_event("vocabulary:load", "vocabulary", changes={"loaded": changed}, by=by)
    return {key: term.id for key, term in known.items()}


def _term_values(number: int, cells: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in CODES.columns:
        cell = cells[column.name]
        if column.name not in VALUES:
            continue
        try:
            values[column.name] = value_of(column, None, cell) if cell else ""
        except CellError as error:
            raise Unloadable(at("codes.csv", number, str(error), column.name)) from error
    crosswalk = read_crosswalk(cells["crosswalk"])
    for name in ("rank", "label_en"):
        if values[name] == "":
            _refuse(CODES, number, name, "")
    if crosswalk is None:
        _refuse(CODES, number, "crosswalk", cells["crosswalk"])
    values["crosswalk"] = crosswalk
    return values | {name: values[name] or None for name in ("country", "retired_at")}


def _refuse(table: Table, number: int, column: str, value: str) -> NoReturn:
    words = _("“%(value)s” is not what the column holds.", value=value[:60])
    raise Unloadable(at(f"{table.name}.csv", number, str(words), column))

"""Read incidents for a file in batches, and published incidents.

What may be shared, and who may be named, is decided by `scope_queries`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Bundle, Session

from tracker.articles.models import Article
from tracker.bulk_insert import is_in_json_list
from tracker.cases.models import Case, CaseIncident
from tracker.db import UTCDateTime, current_engines, db
from tracker.incidents import models as incident_models
from tracker.incidents.codes import NameReach
from tracker.incidents.naming_queries import redacted_names
from tracker.incidents.queries import SORT_ORDER, sort_latest_first
from tracker.people.models import Journalist, Outlet
from tracker.reports.cells import WITHHELD, ClosedNames
from tracker.reports.flat_rows import ActorRow, CitationRow, Row, TargetRow, TermRow
from tracker.reports.queries import reading_session
from tracker.reports.scope_queries import ExportScope, closed_targets
from tracker.reports.tables import PUBLISHED, Kind
from tracker.reports.tables.incident_tables import DECLARED_COLUMNS
from tracker.scoping import Viewer
from tracker.vocabulary.labels import LABEL_LANGUAGES
from tracker.vocabulary.models import Term

PUBLISHED_BATCH_SIZE = 500
NUMBER_COLUMNS = frozenset(one.name for one in PUBLISHED.columns if one.kind is Kind.NUMBER)
# The header of the public file, fixed and never translated: exactly the columns of the view.
PUBLISHED_COLUMNS = PUBLISHED.header
# Files of larger batches are made a little faster, and hold up pages for twice as long.
BATCH_SIZE = 250
# The columns of an incident that are read: the first fields of a row.
READ_FIELDS = Row._fields[: Row._fields.index("declared")]
READ_MODEL_FIELDS = (*READ_FIELDS, *(one.name for one in DECLARED_COLUMNS))
REGION_POSITION = READ_FIELDS.index("region_id")


class TupleBundle(Bundle[Any]):
    """Columns read as plain tuples, without ORM rows: an export reads millions of them.

    It must be the only item of its select.
    """

    inherit_cache = True

    def __init__(self, *columns: Any) -> None:  # noqa: ANN401 (columns)
        super().__init__("row", *columns)

    def create_row_processor(self, _query: Any, _procs: Any, _labels: Any) -> Any:  # noqa: ANN401 (SQLAlchemy's own signature)
        """Return the function that makes a row."""
        return tuple


def count_rows_in_scope(rows: sa.Select[Any], export_scope: ExportScope) -> int:
    """Return how many of the selected incidents a file of a profile has."""
    counted = export_scope.shareable(rows, incident_models.Incident).with_only_columns(
        sa.func.count(incident_models.Incident.id), maintain_column_froms=True
    )
    return db.session.scalar(counted) or 0


def batches_of(
    rows: sa.Select[Any],
    viewer: Viewer,
    export_scope: ExportScope,
    *,
    language: str = "en",
    root: str = "",
    size: int = BATCH_SIZE,
) -> Iterator[list[Row]]:
    """Yield incidents in list order with their parts, for one viewer.

    In a separate session: the file outlives the request that asked for it.
    """
    with reading_session(viewer) as session:
        # The parts of an incident in the file are in it too: only the choice of incidents depends
        # on the state.
        reading = _BatchReader(session, replace(export_scope, drafts=True), language, root)
        ordered = sort_latest_first(export_scope.shareable(rows, incident_models.Incident)).limit(
            size
        )
        read: Any = TupleBundle(
            *(getattr(incident_models.Incident, name) for name in READ_MODEL_FIELDS)
        )
        page = ordered = ordered.with_only_columns(read)
        while True:
            found = reading.filled(session.scalars(page).all())
            if found:
                yield found
            if len(found) < size:
                return
            last = found[-1]
            place = (sa.literal(getattr(last, one.key), one.type) for one in SORT_ORDER)
            page = ordered.where(sa.tuple_(*SORT_ORDER) < sa.tuple_(*place))


class _BatchReader:
    """The lookups for one batch of incidents: a query for each kind of row."""

    def __init__(
        self, session: Session, export_scope: ExportScope, language: str, root: str
    ) -> None:
        self.session, self.language, self.root = session, language, root
        self.terms = {
            one.id: TermRow(one.code, {code: one.label(code) for code in LABEL_LANGUAGES})
            for one in session.scalars(sa.select(Term))
        }
        self.nobody_here = ClosedNames((), redacted_names(session))
        closed = sa.select(Journalist.id).where(Journalist.name_closed_on.is_not(None))
        self.closed_ids = set(session.scalars(closed))
        dialect = session.get_bind().dialect.name
        self.types, self.actors = _types(dialect), _actors(dialect)
        self.targets, self.citations = (
            _targets(export_scope, dialect),
            _citations(export_scope, dialect),
        )
        self.cases = _cases(export_scope, dialect)

    def filled(self, incidents: Sequence[tuple[Any, ...]]) -> list[Row]:
        """Return incidents, given by their columns, with their parts."""
        ids = [one[0] for one in incidents]
        types = self._by_incident(self.types, ids, lambda read: self.terms[read[1]])
        targets = self._by_incident(self.targets, ids, TargetRow.of)
        actors = self._by_incident(self.actors, ids, ActorRow._make)
        citations = self._by_incident(self.citations, ids, CitationRow._make)
        cases, closed = self._cases_of(ids), self._closed_in(targets)
        return [
            Row._make((
                *read[: len(READ_FIELDS)], read[len(READ_FIELDS) :], self._region(read), types[id_],
                targets[id_], actors[id_], citations[id_], cases[id_],
                closed.get(id_, self.nobody_here), self.language, self.root,
            ))
            for id_, read in zip(ids, incidents, strict=True)
        ]  # fmt: skip

    def _region(self, read: tuple[Any, ...]) -> str:
        region = read[REGION_POSITION]
        return self.terms[region].code if region else ""

    def _by_incident(
        self, rows: sa.Select[Any], ids: Sequence[int], make: Callable[[tuple[Any, ...]], Any]
    ) -> dict[int, list[Any]]:
        """Return, by incident, what `make` returns for its rows."""
        found: dict[int, list[Any]] = defaultdict(list)
        for one in self.session.scalars(rows, {"rows": str(ids)}).all():
            found[one[0]].append(make(one))
        return found

    def _cases_of(self, ids: Sequence[int]) -> dict[int, list[Any]]:
        return self._by_incident(self.cases, ids, itemgetter(1))

    def _closed_in(self, targets: Mapping[int, Iterable[TargetRow]]) -> dict[int, ClosedNames]:
        """Return the withheld targets of each incident, as `closed_targets` does."""
        ids = {
            number
            for number, some in targets.items()
            for one in some
            if one.name_reach is NameReach.TEAM or one.journalist_id in self.closed_ids
        }
        found = closed_targets(self.session, ids) if ids else {}
        return {id_: ClosedNames(some, self.nobody_here.everywhere) for id_, some in found.items()}


def _types(dialect: str) -> sa.Select[Any]:
    of = incident_models.IncidentType
    rows = sa.select(TupleBundle(of.incident_id, of.term_id)).where(
        is_in_json_list(of.incident_id, dialect)
    )
    return rows.order_by(of.incident_id, of.rank)


def _actors(dialect: str) -> sa.Select[Any]:
    of = incident_models.IncidentActor
    read = TupleBundle(of.incident_id, of.actor_type, of.purported_as)
    return (
        sa.select(read)
        .where(is_in_json_list(of.incident_id, dialect))
        .order_by(of.incident_id, of.id)
    )


def _targets(export_scope: ExportScope, dialect: str) -> sa.Select[Any]:
    """Select the targets of each incident, with the names that may be shared."""
    of = incident_models.IncidentTarget
    words = export_scope.value("targets", "words", of.words)
    read = TupleBundle(
        of.incident_id, of.kind, of.role, of.journalist_id, of.outlet_id, of.name_reach,
        of.named_as,
        # The organisation's own texts are not shared.
        sa.literal(WITHHELD) if export_scope.is_outside else words, Journalist.name, Outlet.name,
    )  # fmt: skip
    journalist = export_scope.value("targets", "journalist", of.journalist_id)
    outlet = export_scope.value("targets", "outlet", of.outlet_id)
    return (
        sa.select(read)
        .select_from(of)
        .outerjoin(
            Journalist, sa.and_(Journalist.id == journalist, _is_in(export_scope, "journalists"))
        )
        .outerjoin(Outlet, sa.and_(Outlet.id == outlet, _is_in(export_scope, "outlets")))
        .where(is_in_json_list(of.incident_id, dialect))
        .order_by(of.incident_id, of.id)
    )


def _citations(export_scope: ExportScope, dialect: str) -> sa.Select[Any]:
    """Select the sources of each incident.

    Sources outside the scope appear only in internal files, and there as withheld.
    """
    of = incident_models.IncidentCitation
    url = export_scope.value("articles", "url", Article.url)
    read = TupleBundle(of.record_id, Article.ref, url, Article.latest, Article.precision)
    is_told = sa.and_(Article.id == of.article_id, _is_in(export_scope, "articles"))
    rows = (
        sa.select(read).select_from(of).join(Article, is_told, isouter=not export_scope.is_outside)
    )
    return rows.where(is_in_json_list(of.record_id, dialect)).order_by(of.record_id, of.id)


def _cases(export_scope: ExportScope, dialect: str) -> sa.Select[Any]:
    """Select the refs of the cases of incidents, the main case first."""
    of = CaseIncident
    rows = sa.select(TupleBundle(of.incident_id, Case.ref)).select_from(of)
    joined = rows.join(Case, sa.and_(Case.id == of.case_id, _is_in(export_scope, "cases")))
    filed = joined.where(is_in_json_list(of.incident_id, dialect))
    return filed.order_by(of.incident_id, of.is_home.desc(), Case.ref)


def _is_in(export_scope: ExportScope, table: str) -> Any:  # noqa: ANN401 (a condition)
    """Return the condition that a row of a table of records is in the scope."""
    found = export_scope.members[table].whereclause
    return sa.true() if found is None else found


def published_rows() -> Iterator[sa.RowMapping]:
    """Yield the public row of each incident that ever was published, the first one first."""
    view = sa.table(
        "public_export", *(sa.column(name, _type_of(name)) for name in PUBLISHED_COLUMNS)
    )
    rows = sa.select(view).order_by(view.c.published_at, view.c.ref)
    with current_engines().export.connect() as connection:
        found = connection.execution_options(yield_per=PUBLISHED_BATCH_SIZE).execute(rows)
        yield from found.mappings()


def count_of_published() -> int:
    """Return how many incidents ever were published."""
    with current_engines().export.connect() as connection:
        view = sa.table("public_export", sa.column("ref"))
        return connection.scalar(sa.select(sa.func.count(view.c.ref))) or 0


def _type_of(name: str) -> Any:  # noqa: ANN401 (a column type)
    if name == "published_at":
        return UTCDateTime()
    return sa.Integer() if name in NUMBER_COLUMNS else sa.String()

"""Reading incidents for a flat file: batch after batch, never a list of all, and column by column.

What may leave, and who may be named, is asked of the extent of a package: see `extent_queries`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func, literal, select, true, tuple_
from sqlalchemy.orm import Bundle

from tracker.articles.models import Article
from tracker.cases.models import Case, CaseIncident
from tracker.db import db
from tracker.incidents.codes import NameReach
from tracker.incidents.models import (
    Incident,
    IncidentActor,
    IncidentCitation,
    IncidentTarget,
    IncidentType,
)
from tracker.incidents.queries import PLACE, latest_first
from tracker.people.models import Journalist, Outlet
from tracker.reports.closed_names import WITHHELD, Closed
from tracker.reports.flat_rows import ActorRead, CitationRead, Row, TargetRead, TermRead
from tracker.reports.packages.tidy_queries import closed_in, closed_names
from tracker.reports.queries import reading_for
from tracker.vocabulary.labels import LABEL_LANGUAGES
from tracker.vocabulary.models import Term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from tracker.reports.packages.extent_queries import Extent
    from tracker.scoping import Viewer

BATCH = 1000
# The columns of an incident that are read: the first fields of a row.
READ = tuple(
    one.name for one in fields(Row) if one.default is MISSING and one.default_factory is MISSING
)


class Read(Bundle[Any]):
    """Columns whose rows are made of what the database gives, without a row of the ORM between: an
    export reads millions of them. Alone in its select.
    """

    inherit_cache = True

    def __init__(self, make: Callable[[Sequence[Any]], Any], *columns: Any) -> None:  # noqa: ANN401 (columns)
        super().__init__("row", *columns)
        self.make = make

    def create_row_processor(self, _query: Any, _procs: Any, _labels: Any) -> Any:  # noqa: ANN401 (SQLAlchemy's own signature)
        """Return what makes a row."""
        return self.make


def count_in(rows: Select[Any], extent: Extent) -> int:
    """Return how many incidents a file of a profile has, of those that a filter finds."""
    counted = extent.leaving(rows, Incident).with_only_columns(
        func.count(Incident.id), maintain_column_froms=True
    )
    return db.session.scalar(counted) or 0


def batches_of(
    rows: Select[Any], viewer: Viewer, extent: Extent, *, size: int = BATCH
) -> Iterator[list[Row]]:
    """Yield incidents as a list orders them, with what hangs on them, for one viewer.

    The session is this reading's own: the file outlives the request that asked for it.
    """
    with reading_for(viewer) as session:
        reading = _Reading(session, extent)
        ordered = latest_first(extent.leaving(rows, Incident)).limit(size)
        read: Any = Read(_row, *(getattr(Incident, name) for name in READ))
        page = ordered = ordered.with_only_columns(read)
        while True:
            found: list[Row] = list(session.scalars(page))
            if found:
                yield reading.filled(found)
            if len(found) < size:
                return
            last = found[-1]
            place = (literal(getattr(last, one.key), one.type) for one in PLACE)
            page = ordered.where(tuple_(*PLACE) < tuple_(*place))


def _row(read: Sequence[Any]) -> Row:
    return Row(*read)


class _Reading:
    """What is looked up for the incidents of a file: a query for each kind and batch."""

    def __init__(self, session: Session, extent: Extent) -> None:
        self.session = session
        self.terms = {
            one.id: TermRead(one.code, {code: one.label(code) for code in LABEL_LANGUAGES})
            for one in session.scalars(select(Term))
        }
        self.closed = closed_names(session)
        closed = select(Journalist.id).where(Journalist.name_closed_on.is_not(None))
        self.closed_ids = set(session.scalars(closed))
        self.types, self.actors = _types(), _actors()
        self.targets, self.citations = _targets(extent), _citations(extent)
        self.cases = _cases(extent)

    def filled(self, rows: list[Row]) -> list[Row]:
        """Return incidents with what hangs on them."""
        ids = [row.id for row in rows]
        types, actors = self._by_incident(self.types, ids), self._by_incident(self.actors, ids)
        targets = self._by_incident(self.targets, ids)
        citations, cases = self._by_incident(self.citations, ids), self._cases_of(ids)
        here = self._closed_in(targets)
        for row in rows:
            row.region = self.terms[row.region_id].code if row.region_id else ""
            row.types = [self.terms[term] for _number, term in types[row.id]]
            row.targets, row.actors = targets[row.id], actors[row.id]
            row.citations = citations[row.id]
            row.cases = [ref for _number, ref in cases[row.id]]
            row.closed = Closed(here.get(row.id, ()), self.closed)
        return rows

    def _by_incident(self, rows: Select[Any], ids: Sequence[int]) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = defaultdict(list)
        for one in self.session.scalars(rows, {"ids": ids}):
            found[one[0]].append(one)
        return found

    def _cases_of(self, ids: Sequence[int]) -> dict[int, list[Any]]:
        return self._by_incident(self.cases, ids)

    def _closed_in(self, targets: Mapping[int, Iterable[TargetRead]]) -> dict[int, Any]:
        """Return who of the targets of each incident is not to be named, as `closed_in` does."""
        ids = {
            number
            for number, some in targets.items()
            for one in some
            if one.name_reach is NameReach.TEAM or one.journalist_id in self.closed_ids
        }
        return closed_in(self.session, ids) if ids else {}


def _among(own: Any) -> Any:  # noqa: ANN401 (a column, a condition)
    """Return the condition that a row hangs on one of the incidents of a batch."""
    return own.in_(bindparam("ids", expanding=True))


def _types() -> Select[Any]:
    of = IncidentType
    rows = select(Read(tuple, of.incident_id, of.term_id)).where(_among(of.incident_id))
    return rows.order_by(of.incident_id, of.rank)


def _actors() -> Select[Any]:
    of = IncidentActor
    read = Read(ActorRead._make, of.incident_id, of.actor_type, of.purported_as)
    return select(read).where(_among(of.incident_id)).order_by(of.id)


def _targets(extent: Extent) -> Select[Any]:
    """Select the targets of each, with the names of those who are in the extent."""
    of = IncidentTarget
    words = extent.value("targets", "words", of.words)
    read = Read(
        TargetRead._make, of.incident_id, of.kind, of.role, of.journalist_id, of.outlet_id,
        of.name_reach, of.named_as,
        # Words of the house do not leave.
        literal(WITHHELD) if extent.is_outside else words, Journalist.name, Outlet.name,
    )  # fmt: skip
    journalist = extent.value("targets", "journalist", of.journalist_id)
    outlet = extent.value("targets", "outlet", of.outlet_id)
    return (
        select(read)
        .select_from(of)
        .outerjoin(Journalist, and_(Journalist.id == journalist, _is_in(extent, "journalists")))
        .outerjoin(Outlet, and_(Outlet.id == outlet, _is_in(extent, "outlets")))
        .where(_among(of.incident_id))
        .order_by(of.id)
    )


def _citations(extent: Extent) -> Select[Any]:
    """Select the sources of each; others than those in the extent are told of inside alone, and
    there as withheld.
    """
    of = IncidentCitation
    url = extent.value("articles", "url", Article.url)
    read = Read(
        CitationRead._make, of.record_id, Article.ref, url, Article.latest, Article.precision
    )
    is_told = and_(Article.id == of.article_id, _is_in(extent, "articles"))
    rows = select(read).select_from(of).join(Article, is_told, isouter=not extent.is_outside)
    return rows.where(_among(of.record_id)).order_by(of.id)


def _cases(extent: Extent) -> Select[Any]:
    """Select the refs of the cases of incidents, the home case first."""
    of = CaseIncident
    rows = select(Read(tuple, of.incident_id, Case.ref)).select_from(of)
    joined = rows.join(Case, and_(Case.id == of.case_id, _is_in(extent, "cases")))
    return joined.where(_among(of.incident_id)).order_by(of.is_home.desc(), Case.ref)


def _is_in(extent: Extent, table: str) -> Any:  # noqa: ANN401 (a condition)
    """Return the condition that a row of a table of records is in an extent."""
    found = extent.members[table].whereclause
    return true() if found is None else found

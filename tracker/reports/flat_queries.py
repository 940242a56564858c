"""Read incidents and published incidents in batches, for files of one table.

`scope_queries` decides which records may be shared and who may be named.
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
from tracker.incidents.queries import SORT_ORDER, sort_latest_first
from tracker.people.models import Journalist, Outlet
from tracker.reports.cells import WITHHELD, RedactedNames
from tracker.reports.flat_rows import ActorRow, CitationRow, IncidentRow, ShippedTerm, TargetRow
from tracker.reports.queries import open_read_session
from tracker.reports.scope_queries import ExportScope, redacted_targets
from tracker.reports.tables import PUBLISHED_INCIDENTS, ColumnKind
from tracker.reports.tables.incident_tables import FURTHER_CIRCUMSTANCE_COLUMNS
from tracker.scoping import Viewer
from tracker.vocabulary.labels import LABEL_LANGUAGES
from tracker.vocabulary.models import Term

# How many rows of the public file are fetched at once.
PUBLISHED_BATCH_SIZE = 500
# The columns of the public file that have numbers.
PUBLIC_NUMBER_COLUMNS = frozenset(
    one.name for one in PUBLISHED_INCIDENTS.columns if one.kind is ColumnKind.NUMBER
)
# The header of the public file, never translated: the columns of the database view
# `public_export`, from which the file is read.
PUBLIC_EXPORT_COLUMNS = PUBLISHED_INCIDENTS.header
# How many incidents are read at once. With larger batches files are made a little faster, and hold
# up pages for twice as long.
BATCH_SIZE = 250
# The columns of an incident that every export reads: the fields of `IncidentRow` up to `declared`.
ALWAYS_READ_FIELDS = IncidentRow._fields[: IncidentRow._fields.index("declared")]
# All columns of an incident that are read: `ALWAYS_READ_FIELDS`, then those in
# `FURTHER_CIRCUMSTANCE_COLUMNS`.
ALL_READ_FIELDS = (*ALWAYS_READ_FIELDS, *(one.name for one in FURTHER_CIRCUMSTANCE_COLUMNS))
# The position of the id of the region among the read columns.
REGION_ID_POSITION = ALWAYS_READ_FIELDS.index("region_id")


class TupleBundle(Bundle[Any]):
    """Columns that are read as plain tuples, without ORM rows, since exports read millions.

    The bundle must be the only item of its select.
    """

    inherit_cache = True

    def __init__(self, *columns: Any) -> None:  # noqa: ANN401 (columns)
        super().__init__("row", *columns)

    def create_row_processor(self, _query: Any, _procs: Any, _labels: Any) -> Any:  # noqa: ANN401 (SQLAlchemy's own signature)
        """Return the function that SQLAlchemy calls for the values of each row: `tuple`."""
        return tuple


def count_rows_in_scope(rows: sa.Select[Any], export_scope: ExportScope) -> int:
    """Return how many of the selected incidents are in the scope of an export."""
    counted = export_scope.limit_to_shareable(rows, incident_models.Incident).with_only_columns(
        sa.func.count(incident_models.Incident.id), maintain_column_froms=True
    )
    return db.session.scalar(counted) or 0


def incident_batches(
    rows: sa.Select[Any],
    viewer: Viewer,
    export_scope: ExportScope,
    *,
    language: str = "en",
    base_url: str = "",
    size: int = BATCH_SIZE,
) -> Iterator[list[IncidentRow]]:
    """Yield the incidents that a viewer may see, the latest first, in batches of `size`. `rows`: a
    select of incidents; `language`: the language of labels; `base_url`: the beginning of the
    address of every incident, to which the ref is appended.

    They are read in a separate session, since the download lasts longer than the request.
    """
    with open_read_session(viewer) as session:
        # Only the choice of incidents depends on their state, not that of their parts.
        reading = _BatchReader(session, replace(export_scope, drafts=True), language, base_url)
        ordered = sort_latest_first(
            export_scope.limit_to_shareable(rows, incident_models.Incident)
        ).limit(size)
        read: Any = TupleBundle(
            *(getattr(incident_models.Incident, name) for name in ALL_READ_FIELDS)
        )
        page = ordered = ordered.with_only_columns(read)
        while True:
            found = reading.build_rows(session.scalars(page).all())
            if found:
                yield found
            if len(found) < size:
                return
            last = found[-1]
            place = (sa.literal(getattr(last, one.key), one.type) for one in SORT_ORDER)
            page = ordered.where(sa.tuple_(*SORT_ORDER) < sa.tuple_(*place))


class _BatchReader:
    """A reader of the types, targets, actors, citations and cases of incidents; each of these needs
    one query per batch of incidents.
    """

    def __init__(
        self, session: Session, export_scope: ExportScope, language: str, base_url: str
    ) -> None:
        self.session, self.language, self.base_url = session, language, base_url
        self.terms = {
            one.id: ShippedTerm(one.code, {code: one.label_in(code) for code in LABEL_LANGUAGES})
            for one in session.scalars(sa.select(Term))
        }
        self.default_redaction = RedactedNames((), export_scope.redacted_names(session))
        closed = sa.select(Journalist.id).where(Journalist.name_closed_on.is_not(None))
        self.redacted_ids = set(session.scalars(closed))
        dialect = session.get_bind().dialect.name
        self.types, self.actors = _select_types(dialect), _select_actors(dialect)
        self.targets, self.citations = (
            _select_targets(export_scope, dialect),
            _select_citations(export_scope, dialect),
        )
        self.cases = _select_cases(export_scope, dialect)

    def build_rows(self, incidents: Sequence[tuple[Any, ...]]) -> list[IncidentRow]:
        """Return the rows of incidents with their types, targets, actors, citations and cases;
        `incidents`: for each incident, the values of the columns `ALL_READ_FIELDS`.
        """
        ids = [one[0] for one in incidents]
        types = self._group_by_incident(self.types, ids, lambda read: self.terms[read[1]])
        targets = self._group_by_incident(self.targets, ids, TargetRow.from_columns)
        actors = self._group_by_incident(self.actors, ids, ActorRow._make)
        citations = self._group_by_incident(self.citations, ids, CitationRow._make)
        cases, redacted = self._find_case_refs(ids), self._redacted_names(targets)
        return [
            IncidentRow._make((
                *read[: len(ALWAYS_READ_FIELDS)], read[len(ALWAYS_READ_FIELDS) :],
                self._region_code(read),
                types[id_], targets[id_], actors[id_], citations[id_], cases[id_],
                redacted.get(id_, self.default_redaction), self.language, self.base_url,
            ))
            for id_, read in zip(ids, incidents, strict=True)
        ]  # fmt: skip

    def _region_code(self, read: tuple[Any, ...]) -> str:
        """Return the code of the region of an incident, "" if it has none; `read`: the values of
        the columns `ALL_READ_FIELDS`.
        """
        region = read[REGION_ID_POSITION]
        return self.terms[region].code if region else ""

    def _group_by_incident(
        self, rows: sa.Select[Any], ids: Sequence[int], make: Callable[[tuple[Any, ...]], Any]
    ) -> dict[int, list[Any]]:
        """Return, by incident id, the results of `make` for each row of a select. `rows`: a select
        whose first column is the incident id; `ids`: the ids of the incidents to read.
        """
        found: dict[int, list[Any]] = defaultdict(list)
        for one in self.session.scalars(rows, {"rows": str(ids)}).all():
            found[one[0]].append(make(one))
        return found

    def _find_case_refs(self, ids: Sequence[int]) -> dict[int, list[Any]]:
        """Return, by incident id, the refs of the cases of the incident, the main case first."""
        return self._group_by_incident(self.cases, ids, itemgetter(1))

    def _redacted_names(
        self, targets: Mapping[int, Iterable[TargetRow]]
    ) -> dict[int, RedactedNames]:
        """Return, by incident id, the names to redact in the texts of the incident."""
        ids = {
            number
            for number, some in targets.items()
            for one in some
            if one.name_reach is NameReach.TEAM or one.journalist_id in self.redacted_ids
        }
        found = redacted_targets(self.session, ids) if ids else {}
        return {
            id_: RedactedNames(some, self.default_redaction.other_names)
            for id_, some in found.items()
        }


def _select_types(dialect: str) -> sa.Select[Any]:
    """Select the types of incidents; the SQL parameter `rows` has their ids, as a JSON list."""
    part = incident_models.IncidentType
    rows = sa.select(TupleBundle(part.incident_id, part.term_id)).where(
        is_in_json_list(part.incident_id, dialect)
    )
    return rows.order_by(part.incident_id, part.rank)


def _select_actors(dialect: str) -> sa.Select[Any]:
    """Select the actors of incidents; the SQL parameter `rows` has their ids, as a JSON list."""
    part = incident_models.IncidentActor
    read = TupleBundle(part.incident_id, part.actor_type, part.purported_as)
    return (
        sa.select(read)
        .where(is_in_json_list(part.incident_id, dialect))
        .order_by(part.incident_id, part.id)
    )


def _select_targets(export_scope: ExportScope, dialect: str) -> sa.Select[Any]:
    """Select the targets of incidents, with the names that may be shared; the SQL parameter `rows`
    has the ids of the incidents, as a JSON list.
    """
    part = incident_models.IncidentTarget
    words = export_scope.exported_value("targets", "words", part.words)
    read = TupleBundle(
        part.incident_id, part.kind, part.role, part.journalist_id, part.outlet_id, part.name_reach,
        part.named_as,
        # The organisation's own texts are not shared.
        sa.literal(WITHHELD) if export_scope.is_outside else words, Journalist.name, Outlet.name,
    )  # fmt: skip
    journalist = export_scope.exported_value("targets", "journalist", part.journalist_id)
    outlet = export_scope.exported_value("targets", "outlet", part.outlet_id)
    return (
        sa.select(read)
        .select_from(part)
        .outerjoin(
            Journalist,
            sa.and_(Journalist.id == journalist, _is_in_scope(export_scope, "journalists")),
        )
        .outerjoin(Outlet, sa.and_(Outlet.id == outlet, _is_in_scope(export_scope, "outlets")))
        .where(is_in_json_list(part.incident_id, dialect))
        .order_by(part.incident_id, part.id)
    )


def _select_citations(export_scope: ExportScope, dialect: str) -> sa.Select[Any]:
    """Select the sources of incidents; the SQL parameter `rows` has the ids of the incidents, as a
    JSON list.

    Sources outside the scope are only in internal files, as `WITHHELD`.
    """
    part = incident_models.IncidentCitation
    url = export_scope.exported_value("articles", "url", Article.url)
    read = TupleBundle(part.record_id, Article.ref, url, Article.latest, Article.precision)
    is_told = sa.and_(Article.id == part.article_id, _is_in_scope(export_scope, "articles"))
    rows = (
        sa.select(read)
        .select_from(part)
        .join(Article, is_told, isouter=not export_scope.is_outside)
    )
    return rows.where(is_in_json_list(part.record_id, dialect)).order_by(part.record_id, part.id)


def _select_cases(export_scope: ExportScope, dialect: str) -> sa.Select[Any]:
    """Select the refs of the cases of incidents, the main case first; the SQL parameter `rows` has
    the ids of the incidents, as a JSON list.
    """
    part = CaseIncident
    rows = sa.select(TupleBundle(part.incident_id, Case.ref)).select_from(part)
    joined = rows.join(Case, sa.and_(Case.id == part.case_id, _is_in_scope(export_scope, "cases")))
    filed = joined.where(is_in_json_list(part.incident_id, dialect))
    return filed.order_by(part.incident_id, part.is_home.desc(), Case.ref)


def _is_in_scope(export_scope: ExportScope, table: str) -> Any:  # noqa: ANN401 (a condition)
    """Return the SQL condition that a record of a table of a package is in the scope."""
    found = export_scope.ids_by_table[table].whereclause
    return sa.true() if found is None else found


def published_rows() -> Iterator[sa.RowMapping]:
    """Yield the public row of each incident that was ever published, the oldest first."""
    view = sa.table(
        "public_export", *(sa.column(name, _column_type(name)) for name in PUBLIC_EXPORT_COLUMNS)
    )
    rows = sa.select(view).order_by(view.c.published_at, view.c.ref)
    with current_engines().export.connect() as connection:
        found = connection.execution_options(yield_per=PUBLISHED_BATCH_SIZE).execute(rows)
        yield from found.mappings()


def count_published() -> int:
    """Return how many incidents were ever published."""
    with current_engines().export.connect() as connection:
        view = sa.table("public_export", sa.column("ref"))
        return connection.scalar(sa.select(sa.func.count(view.c.ref))) or 0


def _column_type(name: str) -> Any:  # noqa: ANN401 (a column type)
    """Return the SQL type of a column of the public file."""
    if name == "published_at":
        return UTCDateTime()
    return sa.Integer() if name in PUBLIC_NUMBER_COLUMNS else sa.String()

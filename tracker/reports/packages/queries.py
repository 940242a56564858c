"""Read the tables of a package: sources, owners, batches of exported cells, and codes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, null, select, tuple_
from sqlalchemy.orm import Session

from tracker.articles.models import Article, ArticleMask
from tracker.articles.rules import MASK, collapse_mask_width, displayed_span
from tracker.cases import models as case_models
from tracker.fake_accounts import models as fake_account_models
from tracker.fake_accounts.codes import AccountKind
from tracker.incidents import models as incident_models
from tracker.incidents.guarded_models import Publication
from tracker.people import models as people_models
from tracker.reports.cells import WITHHELD, ClosedNames, redact_handle, redact_names
from tracker.reports.scope_queries import ExportScope, closed_targets
from tracker.reports.tables import CHANGES, TABLES, Column, Kind, Table
from tracker.responses import models as response_models
from tracker.users.models import Team
from tracker.vocabulary.labels import LABEL_LANGUAGES, definition, format_crosswalk, label
from tracker.vocabulary.models import Term

BATCH_SIZE = 1000
# Offsets into the text of an article.
OFFSET_COLUMNS = ("start", "end")
TARGET_SOURCE = (incident_models.IncidentTarget, "incident_id")
EVENT_SOURCE = (fake_account_models.FakeAccountEvent, "account_id")
STEP_SOURCE = (response_models.ProceedingStep, "proceeding_id")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows of a table are read.

    `owner`: the attribute that refers to their record, a row of the table `of`; `last`: what
    distinguishes those of one record; `beside`: a model to which the attribute `by` leads, with
    owner or `last`; `counted`: the model, and its owner, that an ordinal counts. `refers` and
    `reads`: what columns refer to, and in which attribute they are read, if that depends on the
    source.
    """

    model: Any
    owner: str = ""
    of: str = ""
    last: str = "id"
    beside: Any = None
    by: str = ""
    counted: tuple[Any, str] | None = None
    refers: Mapping[str, str] = field(default_factory=dict)
    reads: Mapping[str, str] = field(default_factory=dict)

    def attribute(self, name: str) -> Any:  # noqa: ANN401 (a column)
        """Return a column of the rows, or of the model beside them."""
        return getattr(self.model if hasattr(self.model, name) else self.beside, name)

    def value(self, column: Column) -> Any:  # noqa: ANN401 (a column)
        """Return the expression of a column; NULL if its rows have no such value."""
        name = self.reads.get(column.name, column.attribute)
        is_here = hasattr(self.model, name) or hasattr(self.beside, name)
        return self.attribute(name) if is_here else null()

    @property
    def order(self) -> tuple[Any, ...]:
        """Return the order of the rows: those of one record are together."""
        names = [self.owner, self.last] if self.owner else [self.last]
        return tuple(self.attribute(name) for name in names)

    def referred(self, column: Column) -> str:
        """Return the table whose key is in a column."""
        return self.refers.get(column.name, column.refers)


def _child_source(model: Any, owner: str, table: str, **more: Any) -> Source:  # noqa: ANN401 (a model)
    """Return a source of rows whose `record` is their owner in a table."""
    return Source(
        model, owner=owner, of=table, reads={"record": owner},
        refers={"record": table, **more.pop("refers", {})}, **more,
    )  # fmt: skip


def _cited(model: Any, table: str, **more: Any) -> Source:  # noqa: ANN401 (a model)
    return _child_source(model, "record_id", table, **more)


def _linked(model: Any, owner: str, table: str) -> Source:  # noqa: ANN401 (a model)
    return _child_source(model, owner, table, refers={"other": table})


def _filed(model: Any, one: str, table: str) -> Source:  # noqa: ANN401 (a model)
    return Source(model, "case_id", "cases", reads={"record": one}, refers={"record": table})


def _party(one: str, table: str) -> Source:
    return Source(
        response_models.ProceedingParty, "proceeding_id", "proceedings", reads={"party": one},
        refers={"party": table},
    )  # fmt: skip


SOURCES_OF_TABLE: dict[str, tuple[Source, ...]] = {
    "outlets": (Source(people_models.Outlet),),
    "journalists": (Source(people_models.Journalist),),
    "institutions": (Source(people_models.Institution),),
    "names": (
        _child_source(people_models.OutletName, "bearer_id", "outlets"),
        _child_source(people_models.JournalistName, "bearer_id", "journalists"),
        _child_source(people_models.InstitutionName, "bearer_id", "institutions"),
    ),
    "affiliations": (Source(people_models.Affiliation, "journalist_id", "journalists"),),
    "articles": (Source(Article),),
    "article_masks": (Source(ArticleMask, "article_id", "articles"),),
    "incidents": (Source(incident_models.Incident),),
    "incident_types": (
        Source(incident_models.IncidentType, "incident_id", "incidents", "code", beside=Term,
        by="term_id"),
    ),
    "targets": (
        Source(incident_models.IncidentTarget, "incident_id", "incidents", counted=TARGET_SOURCE),
    ),
    "target_statuses": (
        Source(
            incident_models.TargetStatus, "incident_id", "incidents",
            beside=incident_models.IncidentTarget, by="target_id",
            counted=TARGET_SOURCE,
        ),
    ),
    "actors": (Source(incident_models.IncidentActor, "incident_id", "incidents"),),
    "publications": (Source(Publication, "incident_id", "incidents"),),
    "fake_accounts": (Source(fake_account_models.FakeAccount),),
    "fake_account_events": (
        Source(
            fake_account_models.FakeAccountEvent,
            "account_id",
            "fake_accounts",
            counted=EVENT_SOURCE,
        ),
    ),
    "account_impersonations": (
        Source(fake_account_models.AccountImpersonation, "account_id", "fake_accounts"),
    ),
    "account_successions": (
        Source(fake_account_models.AccountSuccession, "account_id", "fake_accounts"),
    ),
    "incident_accounts": (
        Source(fake_account_models.IncidentAccount, "account_id", "fake_accounts"),
    ),
    "responses": (Source(response_models.OfficialResponse),),
    "response_stances": (
        Source(response_models.ResponseStance, "response_id", "responses", "stance"),
    ),
    "response_acts": (Source(response_models.ResponseAct, "response_id", "responses"),),
    "response_answers": (Source(response_models.ResponseAnswer, "response_id", "responses"),),
    "appeals": (Source(response_models.Appeal),),
    "appeal_incidents": (Source(response_models.AppealIncident, "appeal_id", "appeals"),),
    "proceedings": (Source(response_models.Proceeding),),
    "proceeding_incidents": (
        Source(response_models.ProceedingIncident, "proceeding_id", "proceedings"),
    ),
    "proceeding_parties": (_party("outlet_id", "outlets"), _party("journalist_id", "journalists")),
    "proceeding_steps": (
        Source(response_models.ProceedingStep, "proceeding_id", "proceedings", counted=STEP_SOURCE),
    ),
    "cases": (Source(case_models.Case),),
    "incident_cases": (Source(case_models.CaseIncident, "case_id", "cases"),),
    "case_records": (
        _filed(case_models.CaseAccount, "account_id", "fake_accounts"),
        _filed(case_models.CaseResponse, "response_id", "responses"),
        _filed(case_models.CaseAppeal, "appeal_id", "appeals"),
        _filed(case_models.CaseProceeding, "proceeding_id", "proceedings"),
    ),
    "links": (
        _linked(incident_models.IncidentLink, "incident_id", "incidents"),
        _linked(case_models.CaseLink, "case_id", "cases")
    ),
    "citations": (
        _cited(incident_models.IncidentCitation, "incidents"),
        _cited(fake_account_models.AccountCitation, "fake_accounts", counted=EVENT_SOURCE),
        _cited(response_models.ResponseCitation, "responses"),
        _cited(response_models.AppealCitation, "appeals"),
        _cited(response_models.ProceedingCitation, "proceedings", counted=STEP_SOURCE),
    ),
    "external_refs": (
        _cited(incident_models.IncidentReference, "incidents"), _cited(case_models.CaseReference,
        "cases"),
        _cited(people_models.JournalistReference, "journalists"),
        _cited(people_models.OutletReference, "outlets"),
    ),
}  # fmt: skip


def count_of(session: Session, table: Table, export_scope: ExportScope) -> int:
    """Return how many rows a table has in a package."""
    return sum(
        session.scalar(
            select(func.count()).select_from(_within(table, one, export_scope).subquery())
        )
        or 0
        for one in SOURCES_OF_TABLE[table.name]
    )


def batches_of(
    session: Session,
    table: Table,
    export_scope: ExportScope,
    everywhere: Sequence[str],
    *,
    size: int = BATCH_SIZE,
) -> Iterator[list[list[str]]]:
    """Yield the rows of a table as exported, those of one record together.

    `everywhere`: all names that must be withheld, from `redacted_names`.
    """
    for source in SOURCES_OF_TABLE[table.name]:
        page = _within(table, source, export_scope).order_by(*source.order).limit(size)
        rows = session.execute(page).all()
        while rows:
            yield _Batch(session, table, source, export_scope, rows).cells(everywhere)
            if len(rows) < size:
                break
            place = tuple_(*(getattr(rows[-1], f"key_{at}") for at in range(len(source.order))))
            key = tuple_(*source.order) if len(source.order) > 1 else source.order[0]
            after = key > (place if len(source.order) > 1 else rows[-1].key_0)
            rows = session.execute(page.where(after)).all()


def _within(table: Table, source: Source, export_scope: ExportScope) -> Select[Any]:
    """Select the columns of a profile, for the rows of a table that are in a package."""
    chosen = [
        export_scope.value(table.name, one.name, source.value(one)).label(one.name)
        for one in table.columns_for(export_scope.profile)
    ]
    keys = [one.label(f"key_{at}") for at, one in enumerate(source.order)]
    rows = select(*chosen, *keys)
    if source.beside is not None:
        rows = rows.join(source.beside, source.attribute(source.by) == source.beside.id)
    own = source.attribute(source.owner or "id")
    rows = rows.where(own.in_(export_scope.members[source.of or table.name]))
    for one in table.columns:
        pointed = source.referred(one)
        if one.name in {*table.key, *table.needs} and pointed not in {"", "codes"}:
            rows = rows.where(source.value(one).in_(export_scope.members[pointed]))
    return rows


class _Batch:
    """Some rows of a table, and the look-ups for them: a query for each kind."""

    def __init__(
        self,
        session: Session,
        table: Table,
        source: Source,
        export_scope: ExportScope,
        rows: Sequence[Any],
    ) -> None:
        self.session, self.source, self.extent, self.rows = session, source, export_scope, rows
        self.columns = table.columns_for(export_scope.profile)
        names = [one.name for one in self.columns]
        self.meant = [names.index(one) for one in table.meant if one in names]
        self.says_who = bool(table.meant) and table.meant[-1] in names
        self.is_of_incidents = "incidents" in {source.of, table.name}
        self.keys = {
            one.name: self._keys(one, source.referred(one))
            for one in self.columns
            if source.referred(one)
        }
        self.texts = self._masked_texts() if set(OFFSET_COLUMNS) <= set(names) else {}
        is_counted = any(one.kind is Kind.ORDINAL for one in self.columns)
        self.numbers = self._numbers(*source.counted) if is_counted and source.counted else {}

    def cells(self, everywhere: Sequence[str]) -> list[list[str]]:
        """Return the rows as exported."""
        here = self._closed_here() if self.is_of_incidents else {}
        closed = [ClosedNames(here.get(row.key_0, ()), everywhere) for row in self.rows]
        rows = [
            [self._cell(one, row, of) for one in self.columns]
            for row, of in zip(self.rows, closed, strict=True)
        ]
        if self.says_who:
            for cells in rows:
                if not any(cells[at] for at in self.meant):
                    cells[self.meant[-1]] = WITHHELD
        return rows

    def _cell(self, column: Column, row: Any, closed: ClosedNames) -> str:  # noqa: ANN401 (a row)
        value = getattr(row, column.name)
        if column.name in self.keys:
            return self.keys[column.name].get(value, "")
        if column.kind is Kind.ORDINAL:
            return str(self.numbers.get(value, ""))
        if column.name in OFFSET_COLUMNS and value is not None:
            return self._offset(column, row)
        return self._words(column, row, closed)

    def _words(self, column: Column, row: Any, closed: ClosedNames) -> str:  # noqa: ANN401 (a row)
        words = to_plain_value(getattr(row, column.name))
        if column.kind is Kind.WHOLE:
            return collapse_mask_width(words) if redact_names(words, closed) == words else WITHHELD
        if column.kind is Kind.TEXT:
            return collapse_mask_width(redact_names(words, closed))
        if column.kind is Kind.GLUED:
            cut = redact_handle(words, closed)
            is_number = getattr(row, "kind", "") == AccountKind.PHONE_NUMBER
            return f"tel:{cut}" if is_number and cut.startswith("+") else cut
        return words

    def _offset(self, column: Column, row: Any) -> str:  # noqa: ANN401 (a row)
        """Return an offset into a text as exported, "" if the text is not in the package."""
        if not self.keys["article"].get(row.article):
            return ""
        span = (row.start, row.end)
        if row.article in self.texts:
            span = displayed_span(self.texts[row.article], span)
        return str(span[OFFSET_COLUMNS.index(column.name)])

    def _masked_texts(self) -> dict[int, str]:
        """Return those of the texts referred to that are exported with another length."""
        ids = {row.article for row in self.rows} - {None}
        rows = select(Article.id, Article.text).where(
            Article.id.in_(ids), Article.text.contains(MASK)
        )
        return {one.id: one.text for one in self.session.execute(rows)}

    def _keys(self, column: Column, table: str) -> dict[int, str]:
        """Return the keys of referenced rows of another table that are in the package."""
        ids = {getattr(row, column.name) for row in self.rows} - {None}
        if not ids:
            return {}
        if table == "codes":
            terms = self.session.execute(select(Term.id, Term.code).where(Term.id.in_(ids)))
            return {one.id: one.code for one in terms}
        if table == "teams":
            teams = self.session.execute(select(Team.id, Team.name).where(Team.id.in_(ids)))
            return {one.id: one.name for one in teams}
        model = SOURCES_OF_TABLE[table][0].model
        found = select(model.id, model.ref).where(
            model.id.in_(ids), model.id.in_(self.extent.members[table])
        )
        return {one.id: one.ref for one in self.session.execute(found)}

    def _numbers(self, model: Any, name: str) -> dict[int, int]:  # noqa: ANN401 (a model)
        """Return the number of each row of a model within its owner, a record of these rows."""
        owner = getattr(model, name)
        rows = select(model.id, owner.label("owner")).order_by(owner, model.id)
        found: dict[int, int] = {}
        so_far: dict[int, int] = defaultdict(int)
        for one in self.session.execute(rows.where(owner.in_({row.key_0 for row in self.rows}))):
            so_far[one.owner] += 1
            found[one.id] = so_far[one.owner]
        return found

    def _closed_here(self) -> dict[int, list[tuple[list[str], str]]]:
        """Return the names of the closed targets of each incident, and their placeholders."""
        return closed_targets(self.session, {row.key_0 for row in self.rows})


def to_plain_value(value: object) -> str:
    """Return a value as every table writes it."""
    if value is None:
        return ""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return value.isoformat() if isinstance(value, date) else str(value)


def closed_sets() -> dict[str, type[StrEnum]]:
    """Return the closed sets of all tables by their exported names."""
    sets = {one.codes for table in (*TABLES, CHANGES) for one in table.columns if one.codes}
    return {
        re.sub(r"(?<!^)(?=[A-Z])", "_", one.__name__).lower(): one
        for one in sorted(sets, key=lambda one: one.__name__)
    }


def code_rows(session: Session) -> Iterator[list[str]]:
    """Yield set, code, labels and definition, of closed sets and of the editors' taxonomies."""
    for name, codes in closed_sets().items():
        for code in codes:
            labels = [label(code, language) for language in LABEL_LANGUAGES]
            yield [name, code.value, *labels, definition(code), *[""] * 4]
    for term in session.scalars(select(Term).order_by(Term.term_set, Term.code)):
        labels = [term.label_en, term.label_ru, term.label_kk]
        place = [str(term.rank), term.country or "", format_crosswalk(term.crosswalk)]
        yield [
            term.term_set,
            term.code,
            *labels,
            term.definition,
            *place,
            to_plain_value(term.retired_at),
        ]

"""Read the rows of the tables of a package from the database, in batches of exported cells."""

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
from tracker.articles.rules import MASK_CHARACTER, displayed_span, shorten_masks
from tracker.cases import models as case_models
from tracker.fake_accounts import models as fake_account_models
from tracker.fake_accounts.codes import AccountKind
from tracker.incidents import models as incident_models
from tracker.incidents.guarded_models import Publication
from tracker.people import models as people_models
from tracker.reports.cells import WITHHELD, RedactedNames, redact_handle, redact_names
from tracker.reports.scope_queries import ExportScope, redacted_targets
from tracker.reports.tables import CHANGES, TABLES, Column, ColumnKind, Table
from tracker.responses import models as response_models
from tracker.users.models import Team
from tracker.vocabulary.labels import LABEL_LANGUAGES, format_crosswalk, get_definition, get_label
from tracker.vocabulary.models import Term

BATCH_SIZE = 1000  # rows read at once
# The columns with offsets into the text of an article.
TEXT_OFFSET_COLUMNS = ("start", "end")
# The model of targets, which are numbered from 1 within an incident, and the attribute with the id
# of the incident.
TARGET_NUMBERING = (incident_models.IncidentTarget, "incident_id")
# The model of the events of fake accounts, which are numbered from 1 within an account, and the
# attribute with the id of the account.
EVENT_NUMBERING = (fake_account_models.FakeAccountEvent, "account_id")
# The model of the steps of proceedings, which are numbered from 1 within a proceeding, and the
# attribute with the id of the proceeding.
STEP_NUMBERING = (response_models.ProceedingStep, "proceeding_id")


@dataclass(frozen=True, slots=True)
class RowSource:
    """A source of the rows of a package table: the model that they are read from. The other fields
    name the attributes of the model that refer to the record of a row, distinguish the rows of a
    record, or are exported under another name.

    `owner`: the attribute that refers to the record of a row, in the table `owner_table`;
    `row_key`: the attribute that distinguishes the rows of one record; `joined_model`: a model
    joined by `join_attribute` that has one of the two; `numbering`: the model, and its owner
    attribute, that an ordinal numbers. By column, if they depend on the source:
    `referenced_tables`, and `attribute_names`, in which columns are read.
    """

    model: Any
    owner: str = ""
    owner_table: str = ""
    row_key: str = "id"
    joined_model: Any = None
    join_attribute: str = ""
    numbering: tuple[Any, str] | None = None
    referenced_tables: Mapping[str, str] = field(default_factory=dict)
    attribute_names: Mapping[str, str] = field(default_factory=dict)

    def get_column(self, name: str) -> Any:  # noqa: ANN401 (a column)
        """Return the column with a name of the model, or of the joined model."""
        return getattr(self.model if hasattr(self.model, name) else self.joined_model, name)

    def get_expression(self, column: Column) -> Any:  # noqa: ANN401 (a column)
        """Return the SQL expression of a table column; NULL if the model has no such value."""
        name = self.attribute_names.get(column.name, column.attribute)
        is_here = hasattr(self.model, name) or hasattr(self.joined_model, name)
        return self.get_column(name) if is_here else null()

    @property
    def order(self) -> tuple[Any, ...]:
        """The columns by which the rows are sorted, so that the rows of one record follow each
        other.
        """
        names = [self.owner, self.row_key] if self.owner else [self.row_key]
        return tuple(self.get_column(name) for name in names)

    def referenced_table(self, column: Column) -> str:
        """Return the name of the table that a column refers to, "" if it refers to none."""
        return self.referenced_tables.get(column.name, column.referenced_table)


def _child_source(model: Any, owner: str, table: str, **more: Any) -> RowSource:  # noqa: ANN401 (a model)
    """Return a source of rows that belong to records. `model`: the model of the rows; `table`: the
    package table with the records; `owner`: the attribute of the model with the id of the record,
    exported as the column `record`; `**more`: further fields of the `RowSource`.
    """
    return RowSource(
        model, owner=owner, owner_table=table, attribute_names={"record": owner},
        referenced_tables={"record": table, **more.pop("referenced_tables", {})}, **more,
    )  # fmt: skip


def _record_part_source(model: Any, table: str, **more: Any) -> RowSource:  # noqa: ANN401 (a model)
    """Return the source of citations or external IDs of the records in a table."""
    return _child_source(model, "record_id", table, **more)


def _link_source(model: Any, owner: str, table: str) -> RowSource:  # noqa: ANN401 (a model)
    """Return the source of links from one record of a table to another; `owner`: the attribute of
    the model with the id of the record from which the link starts.
    """
    return _child_source(model, owner, table, referenced_tables={"other": table})


def _case_record_source(model: Any, attribute: str, table: str) -> RowSource:  # noqa: ANN401 (a model)
    """Return the source of the rows that put records of a table into cases; `attribute`: the
    attribute of the model with the id of the record.
    """
    return RowSource(
        model,
        "case_id",
        "cases",
        attribute_names={"record": attribute},
        referenced_tables={"record": table},
    )


def _party_source(attribute: str, table: str) -> RowSource:
    """Return the source of the parties of proceedings that are journalists or that are outlets.
    `table`: "journalists" or "outlets"; `attribute`: the attribute with the id of the journalist or
    outlet, such as "outlet_id".
    """
    return RowSource(
        response_models.ProceedingParty, "proceeding_id", "proceedings",
        attribute_names={"party": attribute}, referenced_tables={"party": table},
    )  # fmt: skip


# By table of a package, the models that its rows are read from, one after the other.
SOURCES_OF_TABLE: dict[str, tuple[RowSource, ...]] = {
    "outlets": (RowSource(people_models.Outlet),),
    "journalists": (RowSource(people_models.Journalist),),
    "institutions": (RowSource(people_models.Institution),),
    "names": (
        _child_source(people_models.OutletName, "bearer_id", "outlets"),
        _child_source(people_models.JournalistName, "bearer_id", "journalists"),
        _child_source(people_models.InstitutionName, "bearer_id", "institutions"),
    ),
    "affiliations": (RowSource(people_models.Affiliation, "journalist_id", "journalists"),),
    "articles": (RowSource(Article),),
    "article_masks": (RowSource(ArticleMask, "article_id", "articles"),),
    "incidents": (RowSource(incident_models.Incident),),
    "incident_types": (
        RowSource(
            incident_models.IncidentType, "incident_id", "incidents", "code", joined_model=Term,
            join_attribute="term_id",
        ),
    ),
    "targets": (
        RowSource(
            incident_models.IncidentTarget, "incident_id", "incidents", numbering=TARGET_NUMBERING
        ),
    ),
    "target_statuses": (
        RowSource(
            incident_models.TargetStatus, "incident_id", "incidents",
            joined_model=incident_models.IncidentTarget, join_attribute="target_id",
            numbering=TARGET_NUMBERING,
        ),
    ),
    "actors": (RowSource(incident_models.IncidentActor, "incident_id", "incidents"),),
    "publications": (RowSource(Publication, "incident_id", "incidents"),),
    "fake_accounts": (RowSource(fake_account_models.FakeAccount),),
    "fake_account_events": (
        RowSource(
            fake_account_models.FakeAccountEvent,
            "account_id",
            "fake_accounts",
            numbering=EVENT_NUMBERING,
        ),
    ),
    "account_impersonations": (
        RowSource(fake_account_models.AccountImpersonation, "account_id", "fake_accounts"),
    ),
    "account_successions": (
        RowSource(fake_account_models.AccountSuccession, "account_id", "fake_accounts"),
    ),
    "incident_accounts": (
        RowSource(fake_account_models.IncidentAccount, "account_id", "fake_accounts"),
    ),
    "responses": (RowSource(response_models.OfficialResponse),),
    "response_stances": (
        RowSource(response_models.ResponseStance, "response_id", "responses", "stance"),
    ),
    "response_acts": (RowSource(response_models.ResponseAct, "response_id", "responses"),),
    "response_answers": (RowSource(response_models.ResponseAnswer, "response_id", "responses"),),
    "appeals": (RowSource(response_models.Appeal),),
    "appeal_incidents": (RowSource(response_models.AppealIncident, "appeal_id", "appeals"),),
    "proceedings": (RowSource(response_models.Proceeding),),
    "proceeding_incidents": (
        RowSource(response_models.ProceedingIncident, "proceeding_id", "proceedings"),
    ),
    "proceeding_parties": (
        _party_source("outlet_id", "outlets"), _party_source("journalist_id", "journalists")
    ),
    "proceeding_steps": (
        RowSource(
            response_models.ProceedingStep, "proceeding_id", "proceedings", numbering=STEP_NUMBERING
        ),
    ),
    "cases": (RowSource(case_models.Case),),
    "incident_cases": (RowSource(case_models.CaseIncident, "case_id", "cases"),),
    "case_records": (
        _case_record_source(case_models.CaseAccount, "account_id", "fake_accounts"),
        _case_record_source(case_models.CaseResponse, "response_id", "responses"),
        _case_record_source(case_models.CaseAppeal, "appeal_id", "appeals"),
        _case_record_source(case_models.CaseProceeding, "proceeding_id", "proceedings"),
    ),
    "links": (
        _link_source(incident_models.IncidentLink, "incident_id", "incidents"),
        _link_source(case_models.CaseLink, "case_id", "cases")
    ),
    "citations": (
        _record_part_source(incident_models.IncidentCitation, "incidents"),
        _record_part_source(
            fake_account_models.AccountCitation, "fake_accounts", numbering=EVENT_NUMBERING
        ),
        _record_part_source(response_models.ResponseCitation, "responses"),
        _record_part_source(response_models.AppealCitation, "appeals"),
        _record_part_source(
            response_models.ProceedingCitation, "proceedings", numbering=STEP_NUMBERING
        ),
    ),
    "external_refs": (
        _record_part_source(incident_models.IncidentReference, "incidents"),
        _record_part_source(case_models.CaseReference, "cases"),
        _record_part_source(people_models.JournalistReference, "journalists"),
        _record_part_source(people_models.OutletReference, "outlets"),
    ),
}  # fmt: skip


def count_exported_rows(session: Session, table: Table, export_scope: ExportScope) -> int:
    """Return how many rows of a table are in the scope of a package."""
    return sum(
        session.scalar(
            select(func.count()).select_from(
                _select_exported_rows(table, one, export_scope).subquery()
            )
        )
        or 0
        for one in SOURCES_OF_TABLE[table.name]
    )


def exported_row_batches(
    session: Session,
    table: Table,
    export_scope: ExportScope,
    other_names: Sequence[str],
    *,
    size: int = BATCH_SIZE,
) -> Iterator[list[list[str]]]:
    """Yield the rows of a table as text in batches of at most `size`, the rows of one record one
    after the other; `other_names`: the names to redact in every text, from `redacted_names`.
    """
    for source in SOURCES_OF_TABLE[table.name]:
        page = (
            _select_exported_rows(table, source, export_scope).order_by(*source.order).limit(size)
        )
        rows = session.execute(page).all()
        while rows:
            yield _RowBatch(session, table, source, export_scope, rows).format_rows(other_names)
            if len(rows) < size:
                break
            place = tuple_(*(getattr(rows[-1], f"key_{at}") for at in range(len(source.order))))
            key = tuple_(*source.order) if len(source.order) > 1 else source.order[0]
            after = key > (place if len(source.order) > 1 else rows[-1].key_0)
            rows = session.execute(page.where(after)).all()


def _select_exported_rows(
    table: Table, source: RowSource, export_scope: ExportScope
) -> Select[Any]:
    """Select the columns of a table for the profile of the scope, and its rows from a source."""
    chosen = [
        export_scope.exported_value(table.name, one.name, source.get_expression(one)).label(
            one.name
        )
        for one in table.columns_for(export_scope.profile)
    ]
    keys = [one.label(f"key_{at}") for at, one in enumerate(source.order)]
    rows = select(*chosen, *keys)
    if source.joined_model is not None:
        rows = rows.join(
            source.joined_model, source.get_column(source.join_attribute) == source.joined_model.id
        )
    own = source.get_column(source.owner or "id")
    rows = rows.where(own.in_(export_scope.ids_by_table[source.owner_table or table.name]))
    for one in table.columns:
        pointed = source.referenced_table(one)
        if one.name in {*table.key, *table.required_columns} and pointed not in {"", "codes"}:
            rows = rows.where(source.get_expression(one).in_(export_scope.ids_by_table[pointed]))
    return rows


class _RowBatch:
    """A batch of rows of a table, with the keys, numbers and texts that formatting them needs."""

    def __init__(
        self,
        session: Session,
        table: Table,
        source: RowSource,
        export_scope: ExportScope,
        rows: Sequence[Any],
    ) -> None:
        self.session, self.source, self.extent, self.rows = session, source, export_scope, rows
        self.columns = table.columns_for(export_scope.profile)
        names = [one.name for one in self.columns]
        self.meant = [names.index(one) for one in table.person_columns if one in names]
        self.says_who = bool(table.person_columns) and table.person_columns[-1] in names
        self.is_of_incidents = "incidents" in {source.owner_table, table.name}
        self.keys = {
            one.name: self._referenced_keys(one, source.referenced_table(one))
            for one in self.columns
            if source.referenced_table(one)
        }
        self.texts = self._masked_texts() if set(TEXT_OFFSET_COLUMNS) <= set(names) else {}
        is_counted = any(one.kind is ColumnKind.ORDINAL for one in self.columns)
        self.numbers = (
            self._row_numbers(*source.numbering) if is_counted and source.numbering else {}
        )

    def format_rows(self, other_names: Sequence[str]) -> list[list[str]]:
        """Return the rows as exported text; `other_names`: the names to redact in every row."""
        here = self._redacted_targets() if self.is_of_incidents else {}
        redacted = [RedactedNames(here.get(row.key_0, ()), other_names) for row in self.rows]
        rows = [
            [self._format_cell(one, row, of) for one in self.columns]
            for row, of in zip(self.rows, redacted, strict=True)
        ]
        if self.says_who:
            for cells in rows:
                if not any(cells[at] for at in self.meant):
                    cells[self.meant[-1]] = WITHHELD
        return rows

    def _format_cell(self, column: Column, row: Any, redacted: RedactedNames) -> str:  # noqa: ANN401 (a row)
        """Return the exported text of a column of a row; `redacted`: the names to redact."""
        value = getattr(row, column.name)
        if column.name in self.keys:
            return self.keys[column.name].get(value, "")
        if column.kind is ColumnKind.ORDINAL:
            return str(self.numbers.get(value, ""))
        if column.name in TEXT_OFFSET_COLUMNS and value is not None:
            return self._format_offset(column, row)
        return self._format_text(column, row, redacted)

    def _format_text(self, column: Column, row: Any, redacted: RedactedNames) -> str:  # noqa: ANN401 (a row)
        """Return the exported text of a column of a row, in which the names in `redacted` are
        replaced. For columns that are not keys, numbers of parts or offsets into a text.
        """
        words = format_value(getattr(row, column.name))
        if column.kind is ColumnKind.ARTICLE_TEXT:
            return shorten_masks(words) if redact_names(words, redacted) == words else WITHHELD
        if column.kind is ColumnKind.TEXT:
            return shorten_masks(redact_names(words, redacted))
        if column.kind is ColumnKind.HANDLE:
            cut = redact_handle(words, redacted)
            is_number = getattr(row, "kind", "") == AccountKind.PHONE_NUMBER
            return f"tel:{cut}" if is_number and cut.startswith("+") else cut
        return words

    def _format_offset(self, column: Column, row: Any) -> str:  # noqa: ANN401 (a row)
        """Return an offset into the exported text of an article, "" if the row refers to no article
        in the file. `column`: one of `TEXT_OFFSET_COLUMNS`.
        """
        if not self.keys["article"].get(row.article):
            return ""
        span = (row.start, row.end)
        if row.article in self.texts:
            span = displayed_span(self.texts[row.article], span)
        return str(span[TEXT_OFFSET_COLUMNS.index(column.name)])

    def _masked_texts(self) -> dict[int, str]:
        """Return, by article id, the texts with masked passages. Exports shorten these passages, so
        the offsets into these texts must be computed again.
        """
        ids = {row.article for row in self.rows} - {None}
        rows = select(Article.id, Article.text).where(
            Article.id.in_(ids), Article.text.contains(MASK_CHARACTER)
        )
        return {one.id: one.text for one in self.session.execute(rows)}

    def _referenced_keys(self, column: Column, table: str) -> dict[int, str]:
        """Return, by id, the keys of the rows of a table that a column of the batch refers to."""
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
            model.id.in_(ids), model.id.in_(self.extent.ids_by_table[table])
        )
        return {one.id: one.ref for one in self.session.execute(found)}

    def _row_numbers(self, model: Any, name: str) -> dict[int, int]:  # noqa: ANN401 (a model)
        """Return, by id, the number of each row of a model within its owner, from 1; `name`: the
        attribute with the id of the owner.
        """
        owner = getattr(model, name)
        rows = select(model.id, owner.label("owner")).order_by(owner, model.id)
        found: dict[int, int] = {}
        so_far: dict[int, int] = defaultdict(int)
        for one in self.session.execute(rows.where(owner.in_({row.key_0 for row in self.rows}))):
            so_far[one.owner] += 1
            found[one.id] = so_far[one.owner]
        return found

    def _redacted_targets(self) -> dict[int, list[tuple[list[str], str]]]:
        """Return, by incident id, the names and the placeholder of targets with a redacted name."""
        return redacted_targets(self.session, {row.key_0 for row in self.rows})


def format_value(value: object) -> str:
    """Return a value from the database as the text of a cell of a package: the text of a code, days
    and times as ISO 8601 (times in UTC), "" for None.
    """
    if value is None:
        return ""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return value.isoformat() if isinstance(value, date) else str(value)


def code_enums() -> dict[str, type[StrEnum]]:
    """Return the enumerations of codes of all tables, by their exported name."""
    sets = {one.codes for table in (*TABLES, CHANGES) for one in table.columns if one.codes}
    return {
        re.sub(r"(?<!^)(?=[A-Z])", "_", one.__name__).lower(): one
        for one in sorted(sets, key=lambda one: one.__name__)
    }


def code_rows(session: Session) -> Iterator[list[str]]:
    """Yield the rows of the table `codes`: codes of enumerations, then terms of taxonomies."""
    for name, codes in code_enums().items():
        for code in codes:
            labels = [get_label(code, language) for language in LABEL_LANGUAGES]
            yield [name, code.value, *labels, get_definition(code), *[""] * 4]
    for term in session.scalars(select(Term).order_by(Term.term_set, Term.code)):
        labels = [term.label_en, term.label_ru, term.label_kk]
        place = [str(term.rank), term.country or "", format_crosswalk(term.crosswalk)]
        yield [
            term.term_set,
            term.code,
            *labels,
            term.definition,
            *place,
            format_value(term.retired_at),
        ]

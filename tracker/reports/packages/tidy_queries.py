"""Reading the tables of a package: batch after batch, column by column, each cell as it leaves."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, tuple_

from tracker.articles.masking_rules import MASK, of_one_width, span_shown
from tracker.articles.models import Article
from tracker.fake_accounts.codes import AccountKind
from tracker.reports.closed_names import WITHHELD, Closed, glued_without, without_closed
from tracker.reports.closed_queries import closed_in
from tracker.reports.packages.source_queries import SOURCES
from tracker.reports.tables import Kind
from tracker.users.models import Team
from tracker.vocabulary.models import Term

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from tracker.reports.extent_queries import Extent
    from tracker.reports.packages.source_queries import Source
    from tracker.reports.tables import Column, Table

BATCH = 1000
# The numbers that point into the text of an article.
OFFSETS = ("start", "end")


def count_of(session: Session, table: Table, extent: Extent) -> int:
    """Return how many rows a table has in a package."""
    return sum(
        session.scalar(select(func.count()).select_from(_within(table, one, extent).subquery()))
        or 0
        for one in SOURCES[table.name]
    )


def batches_of(
    session: Session, table: Table, extent: Extent, everywhere: Sequence[str], *, size: int = BATCH
) -> Iterator[list[list[str]]]:
    """Yield the rows of a table as they leave, those of one record together.

    `everywhere`: the names of all who are not to be named, from `closed_names`.
    """
    for source in SOURCES[table.name]:
        page = _within(table, source, extent).order_by(*source.order).limit(size)
        rows = session.execute(page).all()
        while rows:
            yield _Batch(session, table, source, extent, rows).cells(everywhere)
            if len(rows) < size:
                break
            place = tuple_(*(getattr(rows[-1], f"key_{at}") for at in range(len(source.order))))
            key = tuple_(*source.order) if len(source.order) > 1 else source.order[0]
            after = key > (place if len(source.order) > 1 else rows[-1].key_0)
            rows = session.execute(page.where(after)).all()


def _within(table: Table, source: Source, extent: Extent) -> Select[Any]:
    """Select what a profile carries of a table, of the rows that are in a package."""
    chosen = [
        extent.value(table.name, one.name, source.value(one)).label(one.name)
        for one in table.carried_by(extent.profile)
    ]
    keys = [one.label(f"key_{at}") for at, one in enumerate(source.order)]
    rows = select(*chosen, *keys)
    if source.beside is not None:
        rows = rows.join(source.beside, source.attribute(source.by) == source.beside.id)
    own = source.attribute(source.owner or "id")
    rows = rows.where(own.in_(extent.members[source.of or table.name]))
    for one in table.columns:
        pointed = source.referred(one)
        if one.name in {*table.key, *table.needs} and pointed not in {"", "codes"}:
            rows = rows.where(source.value(one).in_(extent.members[pointed]))
    return rows


class _Batch:
    """Some rows of a table, and what must be looked up for them: a query for each kind."""

    def __init__(
        self, session: Session, table: Table, source: Source, extent: Extent, rows: Sequence[Any]
    ) -> None:
        self.session, self.source, self.extent, self.rows = session, source, extent, rows
        self.columns = table.carried_by(extent.profile)
        names = [one.name for one in self.columns]
        self.meant = [names.index(one) for one in table.meant if one in names]
        self.says_who = bool(table.meant) and table.meant[-1] in names
        self.is_of_incidents = "incidents" in {source.of, table.name}
        self.keys = {
            one.name: self._keys(one, source.referred(one))
            for one in self.columns
            if source.referred(one)
        }
        self.texts = self._masked_texts() if set(OFFSETS) <= set(names) else {}
        is_counted = any(one.kind is Kind.ORDINAL for one in self.columns)
        self.numbers = self._numbers(*source.counted) if is_counted and source.counted else {}

    def cells(self, everywhere: Sequence[str]) -> list[list[str]]:
        """Return the rows as they leave."""
        here = self._closed_here() if self.is_of_incidents else {}
        closed = [Closed(here.get(row.key_0, ()), everywhere) for row in self.rows]
        rows = [
            [self._cell(one, row, of) for one in self.columns]
            for row, of in zip(self.rows, closed, strict=True)
        ]
        if self.says_who:
            for cells in rows:
                if not any(cells[at] for at in self.meant):
                    cells[self.meant[-1]] = WITHHELD
        return rows

    def _cell(self, column: Column, row: Any, closed: Closed) -> str:  # noqa: ANN401 (a row)
        value = getattr(row, column.name)
        if column.name in self.keys:
            return self.keys[column.name].get(value, "")
        if column.kind is Kind.ORDINAL:
            return str(self.numbers.get(value, ""))
        if column.name in OFFSETS and value is not None:
            return self._offset(column, row)
        return self._words(column, row, closed)

    def _words(self, column: Column, row: Any, closed: Closed) -> str:  # noqa: ANN401 (a row)
        words = plain(getattr(row, column.name))
        if column.kind is Kind.WHOLE:
            return of_one_width(words) if without_closed(words, closed) == words else WITHHELD
        if column.kind is Kind.TEXT:
            return of_one_width(without_closed(words, closed))
        if column.kind is Kind.GLUED:
            cut = glued_without(words, closed)
            is_number = getattr(row, "kind", "") == AccountKind.PHONE_NUMBER
            return f"tel:{cut}" if is_number and cut.startswith("+") else cut
        return words

    def _offset(self, column: Column, row: Any) -> str:  # noqa: ANN401 (a row)
        """Return an offset into a text as it leaves, none where the text is not in here."""
        if not self.keys["article"].get(row.article):
            return ""
        span = (row.start, row.end)
        if row.article in self.texts:
            span = span_shown(self.texts[row.article], span)
        return str(span[OFFSETS.index(column.name)])

    def _masked_texts(self) -> dict[int, str]:
        """Return the texts, of those that these rows point into, which leave with other lengths."""
        ids = {row.article for row in self.rows} - {None}
        rows = select(Article.id, Article.text).where(
            Article.id.in_(ids), Article.text.contains(MASK)
        )
        return {one.id: one.text for one in self.session.execute(rows)}

    def _keys(self, column: Column, table: str) -> dict[int, str]:
        """Return the keys of the rows of another table that some ids stand for, of those in the
        package.
        """
        ids = {getattr(row, column.name) for row in self.rows} - {None}
        if not ids:
            return {}
        if table == "codes":
            terms = self.session.execute(select(Term.id, Term.code).where(Term.id.in_(ids)))
            return {one.id: one.code for one in terms}
        if table == "teams":
            teams = self.session.execute(select(Team.id, Team.name).where(Team.id.in_(ids)))
            return {one.id: one.name for one in teams}
        model = SOURCES[table][0].model
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
        """Return the names of the closed targets of each incident, and what stands for them."""
        return closed_in(self.session, {row.key_0 for row in self.rows})


def plain(value: object) -> str:
    """Return a value as every table writes it."""
    if value is None:
        return ""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return value.isoformat() if isinstance(value, date) else str(value)

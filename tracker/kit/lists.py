"""Lists of records as tables: columns, sorting and facets, declared once for each list.

A `RecordList` says which columns there are; its `table` is the page of it that an address asks for,
drawn by `templates/macros/lists.html`: rows, active filters as chips, and facets. Facets count over
the select of the list itself, so that they count only what it shows. What is not plain is drawn by
the list's own template beside it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from flask import request, url_for
from sqlalchemy import Select, Subquery, func, select

from tracker.db import db
from tracker.i18n import country_name, lazy
from tracker.kit.filters import NO_NAMES, ListFilter
from tracker.web.filters import COUNTS_PARAMETER, SORT_PARAMETER, invalid_value_error
from tracker.web.paging import MAX_FACET_RECORDS, Page, paginate

# So many values of a facet are shown, the most frequent ones.
MOST_VALUES = 8
Order = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a list.

    `kind` is how its cells are drawn: `text`; `title`, a link to the record; `codes`, badges;
    `records`, links to others; `number`; `own`, by a macro of the list's template. `cell` returns
    what is in it for a record; `load`, given the records of a page, returns such a function, so
    that it asks once for all of them. `order`: columns of the record as an index begins with them,
    its ref last; they make it sortable.
    """

    name: str
    label: object
    kind: str = "text"
    cell: Callable[[Any], Any] = lambda record: record
    load: Callable[[Sequence[Any]], Callable[[Any], Any]] | None = None
    order: Order = ()

    @property
    def classes(self) -> str:
        """Return the classes of its cells in the stylesheet."""
        return f"{self.name} {self.kind}"


COUNTRY = Column(
    name="country",
    label=lazy("Country"),
    cell=lambda record: country_name(record.country) if record.country else "",
)
STATE = Column(name="state", label=lazy("Status"), kind="codes", cell=lambda one: [one.state])
REF = Column(name="ref", label=lazy("Ref"), cell=attrgetter("ref"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """Counts of the values of the field of the filter that addresses call `name`.

    `code` is the column whose values are counted: one of the record, or one that the relationship
    `to` leads to from rows whose key to the record is `via` (the id, for a relationship of the
    record itself). `words` returns the column with the name of a value, where the filter has none.
    """

    name: str
    code: Any
    via: Any = None
    to: Any = None
    words: Callable[[], Any] | None = None


class Head(NamedTuple):
    """The head of a column: the address that sorts by it, and what `aria-sort` says."""

    column: Column
    sorts: str = ""
    sorted: str = ""


class Chip(NamedTuple):
    """An active filter in words, and the address of the list without it."""

    words: str
    without: str


class Value(NamedTuple):
    """A value of a facet in words, the address that asks for it, and how many records have it."""

    words: str
    address: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordList:
    """A list of records: `key` is the column of their ids, `order` how they stand where nobody
    sorts them.
    """

    endpoint: str
    key: Any
    order: Order
    columns: tuple[Column, ...]
    facets: tuple[Facet, ...] = ()
    is_descending: bool = True

    def table(
        self,
        rows: Select[Any],
        filters: ListFilter,
        names: Mapping[str, str] = NO_NAMES,
        options: Sequence[Any] = (),
    ) -> Table:
        """Return the page that the address asks for of the records selected; `names`: what refs and
        codes of terms stand for; `options` load what the cells show.
        """
        order, is_descending = self._order(request.args.get(SORT_PARAMETER, ""))
        page = paginate(rows.options(*options), order, request.args, descending=is_descending)
        return Table(
            listed=self, select=rows, filters=filters, names=names, page=page,
            order=order, is_descending=is_descending,
            other_parameters={
                name: request.args[name]
                for name in (SORT_PARAMETER, COUNTS_PARAMETER)
                if request.args.get(name)
            },
        )  # fmt: skip

    def _order(self, sort: str) -> tuple[Order, bool]:
        """Return the columns to order by, and whether downwards."""
        if not sort:
            return self.order, self.is_descending
        orders = {one.name: one.order for one in self.columns if one.order}
        if (order := orders.get(sort.removeprefix("-"))) is None:
            raise invalid_value_error(SORT_PARAMETER, sort, label=lazy("Sort by"))
        return order, sort.startswith("-")


# Columns that higher features add to the lists of lower ones, by endpoint: after which, and what.
_added: dict[str, list[tuple[str, Column]]] = defaultdict(list)


def add_column(endpoint: str, column: Column, *, after: str) -> None:
    """Add a column to the list of a lower feature, after one that it has."""
    _added[endpoint].append((after, column))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A page of a list; `other_parameters`: those of the address that are no filter."""

    listed: RecordList
    select: Select[Any]
    filters: ListFilter
    names: Mapping[str, str]
    page: Page[Any]
    order: Order
    is_descending: bool
    other_parameters: Mapping[str, str]

    def address(self, **changes: Any) -> str:  # noqa: ANN401 (values of an address)
        """Return the address of the list with some parameters changed, or left out if empty."""
        asked = {**self.filters.to_args(), **self.other_parameters, **changes}
        return url_for(
            self.listed.endpoint, **{name: value for name, value in asked.items() if value}
        )

    def columns(self) -> list[Column]:
        """Return the columns, those added by other features among them."""
        found: list[Column] = []
        for one in self.listed.columns:
            added = (column for after, column in _added[self.listed.endpoint] if after == one.name)
            found += [one, *added]
        return found

    def heads(self) -> Iterator[Head]:
        """Yield the heads of the columns."""
        for one in self.columns():
            if one.order:
                is_sorted = one.order == self.order
                downwards = not self.is_descending if is_sorted else self.listed.is_descending
                now = "descending" if self.is_descending else "ascending"
                sort = f"-{one.name}" if downwards else one.name
                yield Head(one, self.address(**{SORT_PARAMETER: sort}), now if is_sorted else "")
            else:
                yield Head(one)

    def rows(self) -> Iterator[tuple[Any, list[tuple[Column, str, Any]]]]:
        """Yield each record of the page with its cells: column, its label in words, and value."""
        columns = self.columns()
        labels = [str(one.label) for one in columns]
        cells = [one.load(self.page.items) if one.load else one.cell for one in columns]
        for record in self.page.items:
            made = [cell(record) for cell in cells]
            yield record, list(zip(columns, labels, made, strict=True))

    def chips(self) -> Iterator[Chip]:
        """Yield the active filters, each value of one that takes several."""
        for one in self.filters.declared():
            value = getattr(self.filters, one.attribute)
            written = one.write(value) if value else ""
            if isinstance(written, list):
                for part in written:
                    rest = [other for other in written if other != part]
                    yield Chip(one.text_of((part,), self.names), self.address(**{one.name: rest}))
            elif value:
                yield Chip(one.text_of(value, self.names), self.address(**{one.name: ""}))
            elif one.unset:
                yield Chip(str(one.unset), "")

    def facets(self) -> tuple[list[tuple[object, list[Value]]], bool]:
        """Return the label and most frequent values of each field that is not asked for yet, and
        whether these are counts of the first 10,000 records of the list only.
        """
        asked = self.filters.to_args()
        facets = [one for one in self.listed.facets if one.name not in asked]
        some = self._counted_rows(facets)
        # Fields of the record are counted together, in one query.
        own = [some.c[one.name] for one in facets if one.via is None]
        alike = self._run(
            select(func.count().label("number"), *own).select_from(some).group_by(*own)
        )
        found = []
        for one in facets:
            numbers: Counter[tuple[Any, str]] = Counter()
            for row in alike if one.via is None else self._run(_count_through(one, some)):
                numbers[getattr(row, one.name), getattr(row, "words", "")] += row.number
            found.append((self.filters.field_named(one.name).label, self._values(one, numbers)))
        number = sum(row.number for row in alike)
        return [one for one in found if one[1]], number >= MAX_FACET_RECORDS

    def _counted_rows(self, facets: Sequence[Facet]) -> Subquery:
        """Return the ids of the first records of the list, with what is counted of each."""
        listed = self.listed
        codes = (one.code.label(one.name) for one in facets if one.via is None)
        rows = self.select.with_only_columns(
            listed.key.label("id"), *codes, maintain_column_froms=True
        )
        order = (one.desc() if listed.is_descending else one.asc() for one in listed.order)
        return rows.order_by(*order).limit(MAX_FACET_RECORDS).subquery()

    def _run(self, counted: Select[Any]) -> Sequence[Any]:
        # Scoped as the list is: also to what all users may see, where only that is asked for.
        options = dict(self.select.get_execution_options())
        return db.session.execute(counted, execution_options=options).all()

    def _values(self, facet: Facet, numbers: Counter[tuple[Any, str]]) -> list[Value]:
        words_of = self.filters.field_named(facet.name).words
        return [
            Value(words or words_of(code, self.names), self.address(**{facet.name: code}), number)
            for (code, words), number in numbers.most_common(MOST_VALUES)
            if code
        ]


def _count_through(facet: Facet, some: Subquery) -> Select[Any]:
    """Return the select that counts records by what rows of theirs lead to, each record once."""
    columns = [
        facet.code.label(facet.name),
        *([facet.words().label("words")] if facet.words else []),
    ]
    number = func.count(facet.via.distinct()).label("number")
    rows = select(number, *columns).select_from(facet.via.class_).join(facet.to)
    return rows.join(some, some.c.id == facet.via).group_by(*columns)

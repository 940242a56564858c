"""Lists of records as tables: columns, sorting and facets, declared once for each list.

A `RecordList` declares the columns, and the facets of related tables; those of the records' own
columns follow from the list's filter. Its `build_table` returns the page for the query parameters
of the request, rendered by `templates/macros/lists.html`: rows, active filters as chips, and
facets. Facets count rows of the list's own select, so that they count only visible records.
Anything else is rendered by the list's own template.
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
from tracker.kit.filters import NO_NAMES, FilterField, ListFilter
from tracker.web.filters import COUNTS_PARAMETER, SORT_PARAMETER, invalid_value_error
from tracker.web.paging import (
    MAX_FACET_RECORDS,
    Page,
    count_up_to_limit,
    paginate,
    paginate_list,
)

# Values of each facet on the page, the most frequent ones; templates fold those after the first 8.
MAX_FACET_VALUES = 50
# The columns by which a list is sorted, all in the same direction, the ref last.
SortColumns = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a list: its label, how the content of its cells is found and shown, and whether
    users can sort by it.
    """

    name: str
    label: object
    # How the cells are shown: `text`; `title`, a link to the record; `codes`, badges; `records`,
    # links to other records; `number`; `own`, by a macro of the list's template.
    kind: str = "text"
    # Returns the content of the cell of a record.
    cell: Callable[[Any], Any] = lambda record: record
    # Returns the function to use as `cell`, given all records of a page, so that one query loads
    # the content of all cells.
    load: Callable[[Sequence[Any]], Callable[[Any], Any]] | None = None
    # The columns of the model to sort by, in the order in which an index begins with them, the ref
    # last; () if users cannot sort by this column.
    order: SortColumns = ()
    # Returns the text under a title.
    note: Callable[[Any], str] | None = None

    @property
    def css_classes(self) -> str:
        """The CSS classes of the column's cells."""
        return f"{self.name} {self.kind}"


# Columns that several lists have.
COUNTRY_COLUMN = Column(
    name="country",
    label=lazy("Country"),
    cell=lambda record: country_name(record.country) if record.country else "",
)
STATE_COLUMN = Column(
    name="state", label=lazy("Status"), kind="codes", cell=lambda one: [one.state]
)
REF_COLUMN = Column(name="ref", label=lazy("Ref"), cell=attrgetter("ref"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A facet of a list: for each value of a filter field, the page shows how many records of the
    list have this value. Only those of related tables are declared.
    """

    # The query parameter of the filter field.
    name: str
    # The column of the values, such as `Outlet.ref`.
    value_column: Any
    # For a related table: the column with the id of the record, such as
    # `IncidentTarget.incident_id`, and the relationship from there to the related table, such as
    # `IncidentTarget.outlet`.
    id_column: Any = None
    relationship: Any = None
    # Returns the column with labels for the values, if the filter field has no labels.
    label_column: Callable[[], Any] | None = None


class ColumnHead(NamedTuple):
    """The header cell of a column.
    `sort_url`: the URL that sorts the list by the column, "" if this is not possible; `aria_sort`:
    "ascending" or "descending" if the list is sorted by the column, else "".
    """

    column: Column
    sort_url: str = ""
    aria_sort: str = ""


class FilterChip(NamedTuple):
    """An active filter.
    `text`: its description; `remove_url`: the URL of the list without the filter, "" for a field
    that has no value and is described by its `unset_heading`.
    """

    text: str
    remove_url: str


class FacetValue(NamedTuple):
    """A value of a facet: its label, the URL that filters by it, and its number of records."""

    label: str
    url: str
    record_count: int


class FacetGroup(NamedTuple):
    """A facet on the page. `active_filters`: the filters by it that are active, in which case
    nothing is counted; `values`: its most frequent values; `total_values`: how many values it has.
    """

    label: object
    active_filters: list[FilterChip]
    values: list[FacetValue]
    total_values: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordList:
    """A list of records: its columns, the facets of related tables, and the order in which it is
    sorted by default. `endpoint`: the view that shows it; `id_column`: the column of the records'
    ids.
    """

    endpoint: str
    id_column: Any
    order: SortColumns
    columns: tuple[Column, ...]
    facets: tuple[Facet, ...] = ()
    is_descending: bool = True
    # Returns what a record is sorted by in memory instead, such as a name that depends on the
    # language. Each page loads all records: only for a list of some hundred.
    sort_in_memory_by: Callable[[Any], Any] | None = None

    def build_table(
        self,
        rows: Select[Any],
        filters: ListFilter,
        names: Mapping[str, str] = NO_NAMES,
        options: Sequence[Any] = (),
    ) -> Table:
        """Return the page of the selected records that the query parameters ask for.
        `names`: the names of records and terms by ref or code; `options`: the loader options for
        what the cells show.
        """
        order, is_descending = self._requested_order(request.args.get(SORT_PARAMETER, ""))
        page = self._paginate(rows.options(*options), order, is_descending=is_descending)
        return Table(
            record_list=self, select=rows, filters=filters, names=names, page=page,
            order=order, is_descending=is_descending,
            other_parameters={
                name: request.args[name]
                for name in (SORT_PARAMETER, COUNTS_PARAMETER)
                if request.args.get(name)
            },
        )  # fmt: skip

    def list_columns(self) -> list[Column]:
        """Return the columns of the list, including those added by other features."""
        found: list[Column] = []
        for one in self.columns:
            added = (column for after, column in _added_columns[self.endpoint] if after == one.name)
            found += [one, *added]
        return found

    def iter_rows(
        self, records: Sequence[Any]
    ) -> Iterator[tuple[Any, list[tuple[Column, str, Any]]]]:
        """Yield each of these records with its cells: column, label of the column, value."""
        columns = self.list_columns()
        labels = [str(one.label) for one in columns]
        cells = [one.load(records) if one.load else one.cell for one in columns]
        for record in records:
            made = [cell(record) for cell in cells]
            yield record, list(zip(columns, labels, made, strict=True))

    def _paginate(self, rows: Select[Any], order: SortColumns, *, is_descending: bool) -> Page[Any]:
        """Return the page of the select, in this order, that the query parameters ask for."""
        if self.sort_in_memory_by is None:
            return paginate(rows, order, request.args, descending=is_descending)
        found = db.session.scalars(rows.order_by(*order)).unique()
        ordered = sorted(found, key=self.sort_in_memory_by, reverse=is_descending)
        return paginate_list(ordered, request.args)

    def _requested_order(self, sort: str) -> tuple[SortColumns, bool]:
        """Return the columns to sort by, and whether the order is descending.
        `sort`: the query parameter, the name of a column, after "-" for descending.
        """
        if not sort:
            return self.order, self.is_descending
        orders = {one.name: one.order for one in self.columns if one.order}
        if (order := orders.get(sort.removeprefix("-"))) is None:
            raise invalid_value_error(SORT_PARAMETER, sort, label=lazy("Sort by"))
        return order, sort.startswith("-")


# The columns that other features add to lists. For the endpoint of a list: pairs of the name of a
# column, and the column that is added after it.
_added_columns: dict[str, list[tuple[str, Column]]] = defaultdict(list)


def add_column(endpoint: str, column: Column, *, after: str) -> None:
    """Add a column to the list of another feature, after the column named `after`."""
    _added_columns[endpoint].append((after, column))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The table on one page of a list: the records of this page, in the order that the request asks
    for. `record_list`: the `RecordList`, which declares the columns; `select`: all records that
    match the filters; `names`: the names of records and terms by ref or code; `other_parameters`:
    the query parameters that are no filter.
    """

    record_list: RecordList
    select: Select[Any]
    filters: ListFilter
    names: Mapping[str, str]
    page: Page[Any]
    order: SortColumns
    is_descending: bool
    other_parameters: Mapping[str, str]

    def list_url(self, **changes: Any) -> str:  # noqa: ANN401 (query parameters)
        """Return the URL of the list with some query parameters changed, or removed if empty."""
        asked = {**self.filters.to_args(), **self.other_parameters, **changes}
        return url_for(
            self.record_list.endpoint, **{name: value for name, value in asked.items() if value}
        )

    def iter_heads(self) -> Iterator[ColumnHead]:
        """Yield the header cells of the table."""
        for one in self.record_list.list_columns():
            if one.order:
                is_sorted = one.order == self.order
                downwards = not self.is_descending if is_sorted else self.record_list.is_descending
                now = "descending" if self.is_descending else "ascending"
                sort = f"-{one.name}" if downwards else one.name
                yield ColumnHead(
                    one, self.list_url(**{SORT_PARAMETER: sort}), now if is_sorted else ""
                )
            else:
                yield ColumnHead(one)

    def iter_chips(self) -> Iterator[FilterChip]:
        """Yield the active filters; a filter with several values yields each of them."""
        for one in self.filters.declared_fields():
            yield from self._iter_chips_of_field(one)

    def _iter_chips_of_field(self, field: FilterField) -> Iterator[FilterChip]:
        """Yield the active filters by a field."""
        value = getattr(self.filters, field.attribute)
        written = field.write(value) if value else ""
        if isinstance(written, list):
            for part in written:
                rest = [other for other in written if other != part]
                yield FilterChip(
                    field.describe_value((part,), self.names), self.list_url(**{field.name: rest})
                )
        elif value:
            yield FilterChip(
                field.describe_value(value, self.names), self.list_url(**{field.name: ""})
            )
        elif field.unset_heading:
            yield FilterChip(str(field.unset_heading), "")

    def count_records(self) -> int:
        """Return the number of records of the list, at most `MAX_COUNTED_RECORDS` + 1."""
        return count_up_to_limit(self.select, self.record_list.id_column)

    def list_facets(self) -> list[Facet]:
        """Return the facets of the list, in the order of its filter: the declared ones of related
        tables, and one for each select of the filter that compares a column of the records.
        """
        fields, model = self.filters.declared_fields(), self.record_list.id_column.class_
        own = [
            Facet(name=one.name, value_column=getattr(model, one.column))
            for one in fields
            if one.column and one.control == "select"
        ]
        order = [one.name for one in fields]
        return sorted([*own, *self.record_list.facets], key=lambda one: order.index(one.name))

    def count_facets(self) -> tuple[list[FacetGroup], bool]:
        """Return the facets of the list, and whether only its first 10,000 records were counted.
        A facet by which the list is filtered is not counted.
        """
        asked = self.filters.to_args()
        facets = [one for one in self.list_facets() if one.name not in asked]
        counted = self._select_counted_rows(facets)
        # Columns of the record itself are counted in one query.
        own = [counted.c[one.name] for one in facets if one.id_column is None]
        alike = self._execute(
            select(func.count().label("number"), *own).select_from(counted).group_by(*own)
        )
        groups = {
            one.name: self._chosen_group(one) for one in self.list_facets() if one.name in asked
        }
        for one in facets:
            numbers: Counter[tuple[Any, str]] = Counter()
            for row in (
                alike
                if one.id_column is None
                else self._execute(_select_related_counts(one, counted))
            ):
                numbers[getattr(row, one.name), getattr(row, "label", "")] += row.number
            groups[one.name] = self._counted_group(one, numbers)
        number = sum(row.number for row in alike)
        shown = (groups[one.name] for one in self.list_facets())
        return [
            one for one in shown if one.active_filters or one.values
        ], number >= MAX_FACET_RECORDS

    def count_with_groups(self, facet_name: str, get_group: Callable[[str], str]) -> Counter[str]:
        """Return the number of records by value of a facet of related rows, and by group of values;
        nothing if counts are not asked for or the list is filtered by the facet. `facet_name`: that
        of the facet; `get_group`: returns the group of a value.
        """
        if COUNTS_PARAMETER not in self.other_parameters or facet_name in self.filters.to_args():
            return Counter()
        facet = next(one for one in self.record_list.facets if one.name == facet_name)
        counted = self._select_counted_rows(())
        rows = (
            select(facet.id_column, facet.value_column)
            .select_from(facet.id_column.class_)
            .join(facet.relationship)
        )
        pairs = set(self._execute(rows.join(counted, counted.c.id == facet.id_column)))
        # A record with two values of a group is counted once.
        groups = {(record_id, get_group(value)) for record_id, value in pairs}
        return Counter(value for _id, value in [*pairs, *groups])

    def _select_counted_rows(self, facets: Sequence[Facet]) -> Subquery:
        """Return a subquery of the ids and counted columns of the list's first 10,000 records."""
        record_list = self.record_list
        codes = (one.value_column.label(one.name) for one in facets if one.id_column is None)
        rows = self.select.with_only_columns(
            record_list.id_column.label("id"), *codes, maintain_column_froms=True
        )
        order = (
            one.desc() if record_list.is_descending else one.asc() for one in record_list.order
        )
        return rows.order_by(*order).limit(MAX_FACET_RECORDS).subquery()

    def _execute(self, counts: Select[Any]) -> Sequence[Any]:
        """Return the rows of a select that counts, run with the execution options of `select`."""
        # Scoped as the list is: also to what all users may see, where only that is asked for.
        options = dict(self.select.get_execution_options())
        return db.session.execute(counts, execution_options=options).all()

    def _chosen_group(self, facet: Facet) -> FacetGroup:
        """Return a facet by which the list is filtered."""
        one = self.filters.get_field(facet.name)
        return FacetGroup(one.label, list(self._iter_chips_of_field(one)), [], 0)

    def _counted_group(self, facet: Facet, numbers: Counter[tuple[Any, str]]) -> FacetGroup:
        """Return a facet with its most frequent values.
        `numbers`: the numbers of records, by a value and its label, which is "" if the filter field
        has the labels.
        """
        one = self.filters.get_field(facet.name)
        known = [found for found in numbers.most_common() if found[0][0]]
        values = [
            FacetValue(
                label or one.value_text(code, self.names),
                self.list_url(**{facet.name: code}),
                number,
            )
            for (code, label), number in known[:MAX_FACET_VALUES]
        ]
        return FacetGroup(one.label, [], values, len(known))


def _select_related_counts(facet: Facet, counted: Subquery) -> Select[Any]:
    """Return a select that counts records by a column of related rows, each record once.
    `counted`: the records that are counted, with the column `id`.
    """
    columns = [
        facet.value_column.label(facet.name),
        *([facet.label_column().label("label")] if facet.label_column else []),
    ]
    number = func.count(facet.id_column.distinct()).label("number")
    rows = select(number, *columns).select_from(facet.id_column.class_).join(facet.relationship)
    return rows.join(counted, counted.c.id == facet.id_column).group_by(*columns)

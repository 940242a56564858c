"""Keyset pagination in both directions, which never skips or repeats a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Select, func, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from tracker.db import db
from tracker.errors import BadQuery
from tracker.i18n import _
from tracker.web.filters import REF_PATTERN

RowT = TypeVar("RowT")  # what a page lists, such as a record
ItemT = TypeVar("ItemT", bound="HasRef")  # an item of a list in memory
# Rows on a page.
PAGE_SIZE = 50
# A list page counts its records exactly up to this number. An exported file counts all.
MAX_COUNTED_RECORDS = 1_000
# Facets (the counts beside filter values) cover at most this many of the latest records.
MAX_FACET_RECORDS = 10_000


class HasRef(Protocol):
    """An item with a ref, at which a page can begin."""

    @property
    def ref(self) -> str:
        """The ref, as in addresses."""


@dataclass(frozen=True, slots=True)
class Page(Generic[RowT]):
    """A page of rows (`items`). `previous_page_key`: the ref of the first row if there is a
    previous page, otherwise None; `next_page_key`: the ref of the last row if there is a next page,
    otherwise None.
    """

    items: list[RowT]
    previous_page_key: str | None
    next_page_key: str | None


def paginate(
    rows: Select[RowT],
    order: tuple[InstrumentedAttribute[Any], ...],
    args: Mapping[str, str],
    *,
    descending: bool = True,
    size: int = PAGE_SIZE,
) -> Page[RowT]:
    """Return the page of a select that is after or before the record with the ref in the query
    parameter `after` or `before` of `args`, or the first page. `order`: the columns by which to
    sort, the last of them the ref; `size`: rows on a page.

    Raises BadQuery for a ref that is unknown to the viewer.
    """
    after, before = args.get("after"), args.get("before")
    if after and before:
        raise BadQuery("before", _("Give after or before, not both."))
    backwards = bool(before)
    key = tuple_(*order)
    if after or before:
        place = _sort_key_of_ref(order, "after" if after else "before", str(after or before))
        rows = rows.where(key < place if descending != backwards else key > place)
    downwards = descending != backwards
    ordered = rows.order_by(*(column.desc() if downwards else column.asc() for column in order))
    found = list(db.session.scalars(ordered.limit(size + 1)).unique())
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    ref = order[-1].key
    first = getattr(found[0], ref) if found else None
    last = getattr(found[-1], ref) if found else None
    return Page(
        items=found,
        previous_page_key=first if (more if backwards else bool(after)) else None,
        next_page_key=last if (bool(before) if backwards else more) else None,
    )


def count_up_to_limit(rows: Select[Any], key: InstrumentedAttribute[int]) -> int:
    """Return the number of records that a select finds, at most `MAX_COUNTED_RECORDS` + 1. `key` is
    the column of their ids. Counting all would take longer the more there are.
    """
    few = rows.with_only_columns(key, maintain_column_froms=True).limit(MAX_COUNTED_RECORDS + 1)
    some = few.subquery()
    counted = select(func.count()).select_from(some)
    return db.session.scalar(counted, execution_options=dict(rows.get_execution_options())) or 0


def paginate_list(
    items: Sequence[ItemT], args: Mapping[str, str], *, size: int = PAGE_SIZE
) -> Page[ItemT]:
    """Return the page of a list of items that is after or before the item with the ref in the query
    parameter `after` or `before` of `args`, or the first page. `size`: items on a page. Raise
    BadQuery if both parameters are given, or no item has the ref.
    """
    after, before = args.get("after"), args.get("before")
    if after and before:
        raise BadQuery("before", _("Give after or before, not both."))
    places = {one.ref: place for place, one in enumerate(items)}
    if (at := after or before) and at not in places:
        raise BadQuery("after" if after else "before", _("No such place in this list."))
    first = places[after] + 1 if after else max(0, places[before] - size) if before else 0
    last = places[before] if before else first + size
    found = list(items[first:last])
    return Page(
        items=found,
        previous_page_key=found[0].ref if found and first > 0 else None,
        next_page_key=found[-1].ref if found and last < len(items) else None,
    )


def _sort_key_of_ref(order: tuple[InstrumentedAttribute[Any], ...], field: str, ref: str) -> Any:  # noqa: ANN401 (a row value)
    """Return the values of the columns in `order`, as a SQL row value, of the record with a ref;
    raise BadQuery at the parameter `field` if there is none.
    """
    model = order[-1].class_
    # Only a valid ref is looked up: PostgreSQL rejects some texts.
    rows = select(model).where(order[-1] == ref)
    record = db.session.scalars(rows).first() if REF_PATTERN.fullmatch(ref) else None
    if record is None:
        raise BadQuery(field, _("No such place in this list."))
    return tuple_(*(literal(getattr(record, column.key), column.type) for column in order))

"""The filter of incidents, used by the list, its heading, saved links and the CSV."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from tracker.i18n import MonthRange, _, lazy
from tracker.incidents.codes import ActorType, FigureTable, PurportedAs, Verification
from tracker.incidents.rules import ROW_CODES_BY_TABLE, figure_label, type_group_label
from tracker.kit.filters import (
    LABEL_AND_VALUE_TEXT,
    ListFilter,
    code_filter,
    country_filter,
    declare_field,
    first_day_filter,
    flag_filter,
    last_day_filter,
    logged_by_filter,
    logged_from_filter,
    months_filter,
    records_filter,
    ref_filter,
    term_filter,
    text_filter,
)
from tracker.review.codes import EditorialState
from tracker.web.filters import invalid_value_error, parse_incident_types

# The code of a region, such as `KZ-ALA`.
REGION_PATTERN = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
# A number of a table of incidents in a query parameter: `table:code`, where the code is a row.
FIGURE_PATTERN = re.compile(r"([a-z]{1,20}):([A-Za-z0-9_.\- ]{1,80})")


class Figure(NamedTuple):
    """One number in a table of incidents, to list the incidents that it counts. `table`: the table;
    `code`: the row of the table.
    """

    table: FigureTable
    code: str

    def __str__(self) -> str:
        """Return the figure as a query parameter: `table:code`."""
        return f"{self.table}:{self.code}"


# The figure of all incidents that count in reports.
ALL_INCIDENTS_FIGURE = Figure(FigureTable.ALL, "all")


def declare_types_filter(label: object = lazy("Types"), **more: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Declare a filter field for the codes of incident types, or of whole groups of types such as
    `threat.`. `label`: the label of the field; `more`: further attributes of `FilterField`, by
    name.
    """

    def read(args: Any, name: str) -> tuple[str, ...]:  # noqa: ANN401 (the values of an address)
        return parse_incident_types(args, name)

    def words(value: tuple[str, ...], names: Mapping[str, str]) -> str:
        said = [
            type_group_label(one[:-1]) if one.endswith(".") else names.get(one, one)
            for one in value
        ]
        return str(_(" or ")).join(said)

    how = {"read": read, "write": list, "value_text": words, "control": "template"} | more
    return declare_field((), label=label, **how)


def _label_figure(value: Figure, labels_by_code: Mapping[str, str]) -> str:
    """Return the label of a number in a table of incidents. `labels_by_code`: the labels of types
    and regions, by code.
    """
    return figure_label(*value, labels_by_code)


def _parse_figure(args: Mapping[str, str], name: str) -> Figure | None:
    """Return the number of a table that a query parameter asks for, None if unset; raise BadQuery
    if invalid.

    Codes that editors may add are checked by `queries`.
    """
    text = args.get(name, "").strip()
    if not text:
        return None
    match = FIGURE_PATTERN.fullmatch(text)
    if match is None or match[1] not in set(FigureTable):
        raise invalid_value_error(name, text)
    table = FigureTable(match[1])
    codes = ROW_CODES_BY_TABLE.get(table)
    if codes is not None and match[2] not in codes:
        raise invalid_value_error(name, text)
    return Figure(table, match[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFilter(ListFilter):
    """A filter of incidents; empty fields do not filter.

    Dates match by overlap; several types match incidents of any of them, `primary` by their primary
    type; `reported` are the months in which an incident counts; `figure` matches those behind one
    number, counted by the rules; `shared` those that all users may see; `record` those selected in
    a list. Whether a type, region, journalist or outlet exists is checked in `queries`.
    """

    type: tuple[str, ...] = declare_types_filter()
    primary: tuple[str, ...] = declare_types_filter(
        lazy("Primary type"), heading=LABEL_AND_VALUE_TEXT, control=""
    )
    journalist: str = ref_filter("JRN", lazy("Journalist"), heading=lazy("against %(name)s"))
    outlet: str = ref_filter("OUT", lazy("Outlet"), heading=lazy("against %(name)s"))
    region: str = term_filter(lazy("Region"), REGION_PATTERN)
    country: str = country_filter(column="country")
    actor: ActorType | None = code_filter(
        ActorType, lazy("Perpetrator"), heading=LABEL_AND_VALUE_TEXT
    )
    posing_as: PurportedAs | None = code_filter(
        PurportedAs, lazy("Posing as"), heading=lazy("posing as: %(words)s")
    )
    earliest: date | None = first_day_filter(column="latest")
    latest: date | None = last_day_filter(column="earliest")
    reported: MonthRange | None = months_filter(
        lazy("Month reported"), heading=LABEL_AND_VALUE_TEXT, control="month"
    )
    verification: Verification | None = code_filter(
        Verification,
        lazy("Verification"),
        heading=LABEL_AND_VALUE_TEXT,
        column="verification",
    )
    state: EditorialState | None = code_filter(
        EditorialState,
        lazy("Status"),
        heading=LABEL_AND_VALUE_TEXT,
        unset_heading=lazy("retracted excluded"),
        column="state",
    )
    logged_by: str = logged_by_filter()
    logged_from: date | None = logged_from_filter()
    q: str = text_filter()
    figure: Figure | None = declare_field(
        None,
        label=lazy("Counted as"),
        heading=LABEL_AND_VALUE_TEXT,
        read=_parse_figure,
        value_text=_label_figure,
    )
    shared: bool = flag_filter(lazy("only records that all users see"), control="")
    record: tuple[str, ...] = records_filter()

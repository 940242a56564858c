"""Count the incidents that match a filter, and build charts of them.

Each number links to a list: the filter of the chart with further fields, so that the list has as
many incidents. See docs/indicators.md for the rules of counting.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import Select, func, select

from tracker import clock, i18n
from tracker.bulk_insert import is_in_json_list
from tracker.db import db
from tracker.i18n import _, alphabet_sort_key, country_name, current_language, localized_month
from tracker.incidents.figure_queries import incident_ids_by_month, primary_type_id
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.models import Incident, IncidentActor, IncidentTarget
from tracker.incidents.queries import incidents_matching, matches_filter, sort_latest_first
from tracker.incidents.rules import type_group_label
from tracker.people.models import Institution, Journalist, Outlet
from tracker.scoping import viewing_as_all_users
from tracker.timelines.charts import (
    NO_TYPE_STYLE,
    OTHERS_STYLE,
    RECORD_CHART_TITLES,
    TILES,
    Cell,
    Chart,
    ChartKind,
    Row,
    Series,
    month_tick_lines,
    tile_name_lines,
)
from tracker.timelines.clocks import ResponseRecord, response_record_of
from tracker.timelines.loading_queries import RecordScope, load_facts
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import get_label
from tracker.vocabulary.queries import list_all_terms

MONTHS_SHOWN = 24  # if the filter sets no months; the last one is the current month
# More columns or cells side by side could not be distinguished on a phone.
MAX_MONTHS, MAX_MONTHS_IN_GRID = 60, 12
MAX_TARGETS_IN_CHART = 50  # the most journalists, and the most outlets, in the chart of targets
MAX_INCIDENTS_WITH_RESPONSES = 300  # for more incidents, no charts of responses are made
OTHER_TYPE = "other"  # the code of the only type without a group
# The most groups of types that are distinguished; if there are more, the last one is all others.
MAX_SERIES = 6
OTHER_GROUPS_CODE = "others"  # the code of that group
# The number of incidents, by first day of the month and code of the group of types ("": no type).
CountsByMonthAndGroup = Mapping[tuple[date, str], int]


@dataclass(frozen=True, kw_only=True)
class ChartScope:
    """The incidents that charts count, and the addresses to which they link. `filters`: the filter
    that finds the incidents; `address`: returns the URL of the list for a filter; `record_address`:
    returns the URL of an institution's response record, given its ref; `max_incidents`: how many
    incidents are counted at most, the first ones of the list.
    """

    filters: IncidentFilter
    address: Callable[[IncidentFilter], str]
    record_address: Callable[[str], str]
    max_incidents: int | None = None

    @property
    def months(self) -> list[date]:
        """The first days of the months that charts by month show: those of the filter, or from its
        first day on, at most the last 60; if the filter sets neither, the last 24.
        """
        asked, today = self.filters.reported, clock.current_date()
        if asked is None and (self.filters.earliest or today) >= today:
            return i18n.months_up_to(today, MONTHS_SHOWN)
        asked = asked or i18n.MonthRange(self.filters.earliest or today, today)
        return i18n.months_up_to(asked.last, min(asked.month_count, MAX_MONTHS))

    def build_cell(self, number: int, **more: Any) -> Cell:  # noqa: ANN401 (fields of the filter)
        """Return a cell linked to the list of the filter in which the fields `more` are set too."""
        return Cell(number, self.address(replace(self.filters, **more)) if number else "")

    def execute(self, rows: Any) -> Sequence[Any]:  # noqa: ANN401 (a select)
        """Return the rows of a query; if the filter is `shared`, only what all users may see."""
        return db.session.execute(rows, execution_options={"shared": self.filters.shared}).all()

    @cached_property
    def first_ids(self) -> list[int] | None:
        """The ids of the counted incidents, None if all incidents of the filter are counted."""
        if self.max_incidents is None:
            return None
        rows = sort_latest_first(incidents_matching(self.filters)).limit(self.max_incidents)
        return [row.id for row in self.execute(rows.with_only_columns(Incident.id))]

    def is_counted(self) -> Any:  # noqa: ANN401 (a condition)
        """Return the SQL condition that an incident is counted."""
        if self.first_ids is None:
            return matches_filter(self.filters)
        dialect = db.session().get_bind().dialect.name
        return is_in_json_list(Incident.id, dialect, json.dumps(self.first_ids))

    def counted_ids(self) -> Select[Any]:
        """Return a query of the ids of the counted incidents."""
        return select(Incident.id).where(self.is_counted())

    def is_truncated(self) -> bool:
        """Return whether the filter may have more incidents than are counted."""
        return self.max_incidents is not None and len(self.first_ids or ()) >= self.max_incidents

    @cached_property
    def counts_by_country_and_type(self) -> Counter[tuple[str, str]]:
        """The number of incidents by country and code of the primary type ("": no type)."""
        of_each = select(Incident.country, primary_type_id().label("type_id")).select_from(Incident)
        return self._count_by_type(of_each.where(self.is_counted()))

    @cached_property
    def counts_by_month_and_group(self) -> CountsByMonthAndGroup:
        """The number of incidents by month and group of the primary type ("": no type)."""
        placed = incident_ids_by_month(self.months, self.is_counted())
        of_each = select(placed.c.month, primary_type_id().label("type_id"))
        of_each = of_each.join_from(placed, Incident, Incident.id == placed.c.id)
        counts = Counter[tuple[date, str]]()
        for (month, code), number in self._count_by_type(of_each).items():
            counts[date.fromisoformat(month), code.partition(".")[0]] += number
        return counts

    def month_note(self, months: Sequence[date]) -> str:
        """Return the note on how a chart counts that shows some of the months of the scope."""
        note = _(
            "An incident counts once, in the month of its earliest article, else of its recording, "
            "under the group of its primary type."
        )
        first, last = localized_month(months[0]), localized_month(months[-1])
        shown = _("Shown: %(first)s to %(last)s.", first=first, last=last)
        by_month = self.counts_by_month_and_group.items()
        inside = sum(number for (month, _group), number in by_month if month in months)
        others = self.counts_by_country_and_type.total() - inside
        outside = _("Incidents counted in other months: %(number)s.", number=others)
        return f"{note} {shown} {outside}" if others else f"{note} {shown}"

    def _count_by_type(self, of_each: Select[Any]) -> Counter[tuple[str, str]]:
        """Return the number of incidents by a value, such as the country, and type code. `of_each`:
        a query of that value and of the id of the primary type, with one row for each incident.
        """
        codes = {term.id: term.code for term in list_all_terms(TermSet.INCIDENT_TYPE)}
        # Grouped by ids, since SQLite sorts many rows by text more slowly.
        rows = of_each.subquery()
        counts = Counter[tuple[str, str]]()
        for value, type_id, number in self.execute(select(*rows.c, func.count()).group_by(*rows.c)):
            counts[value, codes.get(type_id, "")] += number
        return counts


@dataclass(frozen=True, slots=True)
class TypeGroup:
    """A group of incident types counted together. `filter_codes`: the codes that find these types
    in the filter field `primary`.
    """

    code: str
    label: str
    filter_codes: tuple[str, ...]


def months_chart(scope: ChartScope) -> Chart:
    """Return the chart of incidents by month, stacked by the group of their primary type."""
    counts, months = scope.counts_by_month_and_group, scope.months
    groups = _type_groups(counts, most=MAX_SERIES)
    return Chart(
        name="months",
        kind=ChartKind.COLUMNS,
        title=str(_("Incidents by month")),
        note=scope.month_note(months),
        label_heading=str(_("Month")),
        series=[Series(one.code, one.label, style=_style_of_group(one.code)) for one in groups],
        rows=[
            Row(
                f"{month:%Y-%m}",
                localized_month(month),
                [_cell_of_group(scope, counts, month, group) for group in groups],
                tick_lines=month_tick_lines(month, months),
                total=scope.build_cell(
                    sum(number for (at, _code), number in counts.items() if at == month),
                    reported=i18n.MonthRange(month, month),
                ),
            )
            for month in months
        ],
    )


def grid_chart(scope: ChartScope) -> Chart:
    """Return the chart of groups of primary types by month, of the last 12 months of the scope."""
    months = scope.months[-MAX_MONTHS_IN_GRID:]
    every = scope.counts_by_month_and_group
    counts = {key: number for key, number in every.items() if key[0] in months}
    return Chart(
        name="grid",
        kind=ChartKind.GRID,
        title=str(_("Incident types by month")),
        note=scope.month_note(months),
        label_heading=str(_("Primary type")),
        series=[
            Series(
                f"{month:%Y-%m}", localized_month(month), month_tick_lines(month, months, step=2)
            )
            for month in months
        ],
        rows=[
            Row(
                one.code,
                one.label,
                [_cell_of_group(scope, counts, month, one) for month in months],
            )
            for one in _type_groups(counts)
        ],
    )


def types_chart(scope: ChartScope) -> Chart:
    """Return the chart of incidents by primary type."""
    labels = {
        term.code: term.label_in(current_language())
        for term in list_all_terms(TermSet.INCIDENT_TYPE)
    }
    counts = Counter[str]()
    for (_country, code), number in scope.counts_by_country_and_type.items():
        counts[code] += number
    return _bar_chart(
        "types",
        _("Incidents by type"),
        _("An incident counts once, under its primary type: the most serious one."),
        _("Primary type"),
        [
            Row(code, labels[code], [scope.build_cell(number, primary=(code,))])
            for code, number in counts.items()
            if code
        ],
    )


def countries_chart(scope: ChartScope) -> Chart:
    """Return the chart of incidents by country."""
    counts = Counter[str]()
    for (country, _type), number in scope.counts_by_country_and_type.items():
        counts[country] += number
    return _bar_chart(
        "countries",
        _("Incidents by country"),
        _("An incident counts once, in the country where it happened."),
        _("Country"),
        [
            Row(code, country_name(code), [scope.build_cell(number, country=code)])
            for code, number in counts.items()
        ],
    )


def map_chart(scope: ChartScope) -> Chart:
    """Return the chart of incidents by country, on a map of the world."""
    countries = countries_chart(scope)
    return replace(
        countries,
        name="map",
        kind=ChartKind.MAP,
        title=str(_("Incidents on the map")),
        note=f"{countries.note} {_('Countries too small for the map are in the table.')}",
    )


def regions_charts(scope: ChartScope) -> list[Chart]:
    """Return the charts of incidents by region, one for each country whose regions are listed."""
    rows = (
        select(Incident.region_id, func.count())
        .where(scope.is_counted(), Incident.region_id.is_not(None))
        .group_by(Incident.region_id)
    )
    counts = {row[0]: row[1] for row in scope.execute(rows)}
    terms = sorted(
        list_all_terms(TermSet.REGION),
        key=lambda term: alphabet_sort_key(term.label_in(current_language())),
    )
    charts = [
        _regions_chart(
            country,
            [
                Row(
                    term.code,
                    term.label_in(current_language()),
                    [scope.build_cell(counts.get(term.id, 0), region=term.code)],
                    tick_lines=tile_name_lines(term.code),
                )
                for term in terms
                if term.country == country
            ],
        )
        for country in TILES
    ]
    # A shade means the same number in each country.
    highest = max(one.highest_number for one in charts)
    return [replace(one, scale_maximum=highest if one.highest_number else 0) for one in charts]


def _regions_chart(country: str, rows: list[Row]) -> Chart:
    """Return the chart of the incidents by region of a country, with these rows."""
    return Chart(
        name=f"regions-{country.lower()}",
        kind=ChartKind.TILES,
        title=str(_("Incidents by region: %(country)s", country=country_name(country))),
        note=str(
            _("An incident counts once, in its region; one without a region is not counted here.")
        ),
        label_heading=str(_("Region")),
        series=[Series("incidents", str(_("Incidents")))],
        rows=rows,
    )


def targets_chart(scope: ChartScope) -> Chart:
    """Return the chart of the journalists and outlets with the most incidents."""
    found: list[Row] = []
    for field, whom, model in (
        ("journalist", IncidentTarget.journalist_id, Journalist),
        ("outlet", IncidentTarget.outlet_id, Outlet),
    ):
        asked = getattr(scope.filters, field)
        number = func.count(IncidentTarget.incident_id.distinct())
        rows = select(model, number).join(IncidentTarget, whom == model.id).group_by(model.id)
        rows = rows.where(IncidentTarget.incident_id.in_(scope.counted_ids()))
        rows = rows.order_by(number.desc(), model.ref).limit(MAX_TARGETS_IN_CHART)
        found += [
            Row(one.ref, one.heading, [scope.build_cell(count, **{field: one.ref})])
            for one, count in scope.execute(rows)
            # Incidents of the other targets are those against both, for which there is no list.
            if asked in {"", one.ref}
        ]
    return _bar_chart(
        "targets",
        RECORD_CHART_TITLES["targets"],
        _(
            "Named journalists, and outlets as targets or as employers of targets, in any role; an "
            "incident counts for each, so that the bars do not sum."
        ),
        _("Target"),
        found,
    )


def perpetrators_chart(scope: ChartScope) -> Chart:
    """Return the chart of incidents by actual perpetrator."""
    return _bar_chart(
        "perpetrators",
        _("Incidents by perpetrator"),
        _(
            "Who did it according to the sources, whoever they posed as; an incident with several "
            "perpetrators counts for each, so that the bars do not sum."
        ),
        _("Perpetrator"),
        _rows_of_actors(scope, IncidentActor.actor_type, "actor"),
    )


def purported_as_chart(scope: ChartScope) -> Chart:
    """Return the chart of incidents by whom the perpetrators posed as."""
    return _bar_chart(
        "posing",
        _("Incidents by whom perpetrators posed as"),
        _("Only incidents whose perpetrators posed as somebody; the bars do not sum."),
        _("Posing as"),
        _rows_of_actors(scope, IncidentActor.purported_as, "posing_as"),
    )


def response_charts(scope: ChartScope) -> list[Chart]:
    """Return the charts of response rates and response times. None without
    `scope.max_incidents`, or if more than `MAX_INCIDENTS_WITH_RESPONSES` incidents are counted.
    """
    if scope.first_ids is None or len(scope.first_ids) > MAX_INCIDENTS_WITH_RESPONSES:
        return []
    ids = scope.counted_ids()
    # A response to an incident that all users see may itself be restricted.
    with viewing_as_all_users() if scope.filters.shared else nullcontext():
        return _load_response_charts(scope, ids)


def _load_response_charts(scope: ChartScope, incident_ids: Select[Any]) -> list[Chart]:
    """Return the charts of the responses to incidents; none if some records were not loaded."""
    most, today = MAX_INCIDENTS_WITH_RESPONSES, clock.current_date()
    read = load_facts(
        RecordScope(incidents=incident_ids, further_records={}, max_records_of_kind=most)
    )
    if read.is_truncated or any(fact.is_outline for fact in read.facts):
        return []
    bodies = {fact.institution_ref for fact in read.facts if fact.incident_refs} - {""}
    rows = select(Institution).where(Institution.ref.in_(bodies)).order_by(Institution.ref)
    records = [
        (one, response_record_of(one.ref, read.facts, today=today))
        for one in db.session.scalars(rows)
    ]
    rates = [row for one, record in records if (row := _response_rate_row(scope, one, record))]
    delays = [row for one, record in records if (row := _response_delay_row(scope, one, record))]
    return [_response_rates_chart(rates), _response_delays_chart(delays)]


def _response_rates_chart(rows: list[Row]) -> Chart:
    """Return the chart of the shares of incidents that institutions answered."""
    series = [
        Series("percent", str(_("Response rate"))),
        Series("answered", str(_("Answered"))),
        Series("incidents", str(_("Incidents"))),
    ]
    note = _(
        "Of the incidents that an institution answered or was asked about, the share that it "
        "answered; each leads to all that it answered and was asked."
    )
    chart = _bar_chart("answers", RECORD_CHART_TITLES["answers"], note, _("Institution"), rows)
    return replace(chart, series=series)


def _response_delays_chart(rows: list[Row]) -> Chart:
    """Return the chart of the median days until institutions answered."""
    days = Series("days", str(_("Median days to the first answer")))
    note = _(
        "The median of the days from publication (for a repeated incident from its first "
        "occurrence) to the first answer, over the incidents that an institution answered."
    )
    chart = _bar_chart("delays", RECORD_CHART_TITLES["delays"], note, _("Institution"), rows)
    return replace(chart, series=[days, Series("answered", str(_("Answered")))])


# The functions that build one chart each, by the name of the chart in addresses.
CHARTS: dict[str, Callable[[ChartScope], Chart]] = {
    "months": months_chart,
    "grid": grid_chart,
    "types": types_chart,
    "countries": countries_chart,
    "map": map_chart,
    "targets": targets_chart,
    "perpetrators": perpetrators_chart,
    "posing": purported_as_chart,
}


def get_chart(scope: ChartScope, name: str) -> Chart | None:
    """Return the chart with a name, None if there is none."""
    if name in CHARTS:
        return _with_truncation_note(scope, [CHARTS[name](scope)])[0]
    found = [*_with_truncation_note(scope, regions_charts(scope)), *response_charts(scope)]
    return next((one for one in found if one.name == name), None)


def build_charts(scope: ChartScope) -> list[Chart]:
    """Return all charts of a filter that are not empty."""
    made = [*(make(scope) for make in CHARTS.values()), *regions_charts(scope)]
    found = [*_with_truncation_note(scope, made), *response_charts(scope)]
    return [one for one in found if one.highest_number]


def _with_truncation_note(scope: ChartScope, charts: list[Chart]) -> list[Chart]:
    """Return charts; if incidents may be left out, `note` (the note on counting) says so."""
    if not scope.is_truncated():
        return charts
    words = _("Counted: the first %(most)d records of this list.", most=scope.max_incidents)
    return [replace(one, note=f"{one.note} {words}") for one in charts]


def _response_rate_row(scope: ChartScope, body: Institution, record: ResponseRecord) -> Row | None:
    """Return the row of the share of incidents an institution answered, None without incidents."""
    answered = {one.ref for row in record.acts if row.stops_clocks for one in row.incidents}
    every = answered | {one.incident.ref for one in record.unanswered_incidents}
    if not every:
        return None
    percent = round(100 * len(answered) / len(every))
    words = _(
        "%(percent)d %% (%(part)d of %(all)d)", percent=percent, part=len(answered), all=len(every)
    )
    rate = Cell(percent, scope.record_address(body.ref), str(words))
    return Row(body.ref, body.heading, [rate, Cell(len(answered)), Cell(len(every))])


def _response_delay_row(scope: ChartScope, body: Institution, record: ResponseRecord) -> Row | None:
    """Return the row of the median delay of an institution's first answers, None if unknown."""
    if record.median_latency is None:
        return None
    span, number = record.median_latency.days, record.median_latency.count
    days = Cell(span.at_most or 0, scope.record_address(body.ref), i18n.localized_day_count(span))
    return Row(body.ref, body.heading, [days, Cell(number)])


def _bar_chart(name: str, title: object, note: object, head: object, rows: Iterable[Row]) -> Chart:
    """Return a chart of bars, the longest first. `name`: its name in addresses; `note`: the note on
    how incidents are counted; `head`: the heading of the column of labels.
    """
    return Chart(
        name=name,
        kind=ChartKind.BARS,
        title=str(title),
        note=str(note),
        label_heading=str(head),
        series=[Series("incidents", str(_("Incidents")))],
        rows=sorted(rows, key=lambda row: (-row.cells[0].number, row.label)),
    )


def _rows_of_actors(scope: ChartScope, actor_column: Any, filter_field: str) -> list[Row]:  # noqa: ANN401 (a column)
    """Return a row with the number of incidents for each code in a column of actors.
    `filter_field`: the field of the filter that takes such a code.
    """
    number = func.count(IncidentActor.incident_id.distinct())
    rows = select(actor_column, number).where(
        IncidentActor.incident_id.in_(scope.counted_ids()), actor_column.is_not(None)
    )
    asked: StrEnum | None = getattr(scope.filters, filter_field)
    return [
        Row(
            code.value,
            get_label(code, current_language()),
            [scope.build_cell(count, **{filter_field: code})],
        )
        for code, count in scope.execute(rows.group_by(actor_column))
        if asked in {None, code}
    ]


def _type_groups(counts: CountsByMonthAndGroup, *, most: int | None = None) -> list[TypeGroup]:
    """Return the groups of types that occur, the most frequent first. `most`: the number of groups
    at most; the last group is then all others.
    """
    totals = Counter[str]()
    for (_month, name), number in counts.items():
        totals[name] += number
    names = [name for name, _number in totals.most_common()]
    kept = names if most is None or len(names) <= most else names[: most - 1]
    if "" in names[len(kept) :]:
        # No filter finds incidents without a type, so that no other group can hold them.
        names.remove("")
        names.insert(len(kept) - 1, "")
        kept = names[: len(kept)]
    groups = [TypeGroup(name, _group_label(name), _group_filter_codes(name)) for name in kept]
    if most is not None:
        groups.sort(key=lambda one: (not one.code, one.code))
    if rest := names[len(kept) :]:
        asked = tuple(code for name in rest for code in _group_filter_codes(name))
        groups.append(TypeGroup(OTHER_GROUPS_CODE, str(_("All other types")), asked))
    return groups


def _style_of_group(group_code: str) -> int:
    """Return the style of a group of types, which is the same in every chart: by its place in the
    vocabulary.
    """
    if group_code in {"", OTHER_GROUPS_CODE}:
        return OTHERS_STYLE if group_code else NO_TYPE_STYLE
    terms = list_all_terms(TermSet.INCIDENT_TYPE)
    every = dict.fromkeys(term.code.partition(".")[0] for term in terms)
    return list(every).index(group_code) % NO_TYPE_STYLE


def _group_label(group_code: str) -> str:
    """Return the label of a group of types, "not recorded" for "" (no type)."""
    return type_group_label(group_code) if group_code else str(_("not recorded"))


def _group_filter_codes(group_code: str) -> tuple[str, ...]:
    """Return the codes that find a group of types in a filter, none for "" (no type)."""
    if not group_code:
        return ()
    return (group_code,) if group_code == OTHER_TYPE else (f"{group_code}.",)


def _cell_of_group(
    scope: ChartScope, counts: CountsByMonthAndGroup, month: date, group: TypeGroup
) -> Cell:
    """Return the number of incidents of a group in a month, linked to their list."""
    names = [code.removesuffix(".") for code in group.filter_codes] or [group.code]
    number = sum(counts.get((month, name), 0) for name in names)
    if not group.filter_codes:
        return Cell(number)
    asked = _codes_within(scope.filters.primary, group.filter_codes)
    return scope.build_cell(number, primary=asked, reported=i18n.MonthRange(month, month))


def _codes_within(filtered_codes: tuple[str, ...], group_codes: tuple[str, ...]) -> tuple[str, ...]:
    """Return those codes of the filter that are in a group (`threat.death` is in `threat.`), all of
    the group if none are.
    """
    groups = tuple(one for one in group_codes if one.endswith("."))
    return (
        tuple(one for one in filtered_codes if one in group_codes or one.startswith(groups))
        or group_codes
    )

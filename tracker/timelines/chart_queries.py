"""The charts of the incidents that match a filter: counts, each with the list behind it.

A mark asks for the filter of the chart with one field more, so that its list has as many incidents
as the mark says. See docs/indicators.md for the rules of counting.
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

from tracker import clock
from tracker.bulk_insert import is_in_json_list
from tracker.dates import MonthRange, localized_day_count, localized_month, months_up_to, next_month
from tracker.db import db
from tracker.i18n import _, alphabetical, country_name, format_date, language
from tracker.incidents.figure_queries import incident_ids_by_month, primary_type_id
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.models import Incident, IncidentActor, IncidentTarget
from tracker.incidents.queries import incidents_matching, matches_filter, sort_latest_first
from tracker.incidents.words import type_group_label
from tracker.people.models import Institution, Journalist, Outlet
from tracker.scoping import viewing_as_all_users
from tracker.timelines.charts import (
    SERIES_STYLES,
    TILE_OF_REGION,
    TILES,
    Cell,
    Chart,
    Kind,
    Row,
    Series,
)
from tracker.timelines.clocks import ResponseRecord, response_record_of
from tracker.timelines.loading_queries import RecordScope, load_facts
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import label
from tracker.vocabulary.queries import every_term_of

MONTHS_SHOWN = 24
# More columns, or more cells beside each other, could not be told apart on a phone.
MOST_MONTHS, MOST_IN_GRID = 60, 12
MOST_TARGETS = 50
# For more incidents no answers are read, as in the monthly report.
MOST_ANSWERED = 300
# The type that is in no group.
OTHER_TYPE = "other"
MONTHS_IN_QUARTER, MONTHS_IN_YEAR = 3, 12
# Up to so many columns, one of each quarter has a label; of more, one of each year.
MOST_QUARTERS = 36
# How many incidents there are by month and group of types.
Counted = Mapping[tuple[date, str], int]


@dataclass(frozen=True, kw_only=True)
class Charted:
    """What charts are made of: a filter, the address of the list of a filter, and that of the
    record of an institution; `most`: of more incidents the first of the list are counted.

    What several charts count by is read once.
    """

    filters: IncidentFilter
    address: Callable[[IncidentFilter], str]
    record_address: Callable[[str], str]
    most: int | None = None

    @property
    def months(self) -> list[date]:
        """Return the months asked for, the last ones if they are too many; else two years."""
        asked = self.filters.reported
        if asked is None:
            return months_up_to(clock.current_date(), MONTHS_SHOWN)
        months = [asked.first]
        while months[-1] < asked.last:
            months.append(next_month(months[-1]))
        return months[-MOST_MONTHS:]

    def cell(self, number: int, **more: Any) -> Cell:  # noqa: ANN401 (fields of the filter)
        """Return a number with the list of the incidents that have these values too."""
        return Cell(number, self.address(replace(self.filters, **more)) if number else "")

    def run(self, rows: Any) -> Sequence[Any]:  # noqa: ANN401 (a select)
        """Return the rows of a count, over what the filter lets the viewer see."""
        return db.session.execute(rows, execution_options={"shared": self.filters.shared}).all()

    @cached_property
    def first_ids(self) -> list[int] | None:
        """Return the ids of the incidents that are counted, None if these are all of the filter."""
        if self.most is None:
            return None
        rows = sort_latest_first(incidents_matching(self.filters)).limit(self.most)
        return [row.id for row in self.run(rows.with_only_columns(Incident.id))]

    def is_charted(self) -> Any:  # noqa: ANN401 (a condition)
        """Return the condition that charts count an incident of the filter."""
        if self.first_ids is None:
            return matches_filter(self.filters)
        dialect = db.session().get_bind().dialect.name
        return is_in_json_list(Incident.id, dialect, json.dumps(self.first_ids))

    def ids(self) -> Select[Any]:
        """Return the ids of the incidents of the filter that are counted."""
        return select(Incident.id).where(self.is_charted())

    def is_cut(self) -> bool:
        """Return whether there may be more incidents than are counted."""
        return self.most is not None and len(self.first_ids or ()) >= self.most

    @cached_property
    def by_country_and_type(self) -> Counter[tuple[str, str]]:
        """Return how many incidents count in each country, by their primary type, "" for those
        without a type.
        """
        of_each = select(Incident.country, primary_type_id().label("type_id")).select_from(Incident)
        return self._by_type(of_each.where(self.is_charted()))

    @cached_property
    def by_month_and_class(self) -> Counted:
        """Return how many incidents count in each month, by the group of their primary type, "" for
        those without a type.
        """
        placed = incident_ids_by_month(self.months, self.is_charted())
        of_each = select(placed.c.month, primary_type_id().label("type_id"))
        of_each = of_each.join_from(placed, Incident, Incident.id == placed.c.id)
        counts = Counter[tuple[date, str]]()
        for (month, code), number in self._by_type(of_each).items():
            counts[date.fromisoformat(month), code.partition(".")[0]] += number
        return counts

    def _by_type(self, of_each: Select[Any]) -> Counter[tuple[str, str]]:
        """Return how often each value stands with each type in some rows."""
        codes = {term.id: term.code for term in every_term_of(TermSet.INCIDENT_TYPE)}
        # Grouped by ids: sorting very many rows by words takes SQLite longer.
        rows = of_each.subquery()
        counted = select(*rows.c, func.count()).group_by(*rows.c)
        return Counter(
            {
                (value, codes.get(type_id, "")): number
                for value, type_id, number in self.run(counted)
            }
        )


@dataclass(frozen=True, slots=True)
class Group:
    """Groups of types that a series counts together, as the filter asks for them."""

    code: str
    label: str
    primary: tuple[str, ...]


def months_chart(charted: Charted) -> Chart:
    """Return the incidents by month, stacked by the group of their primary type."""
    counts, months = charted.by_month_and_class, charted.months
    groups = _groups(counts, most=len(SERIES_STYLES))
    return Chart(
        name="months",
        kind=Kind.COLUMNS,
        title=str(_("Incidents by month")),
        rule=_month_rule(),
        head=str(_("Month")),
        series=[Series(one.code, one.label) for one in groups],
        rows=[
            Row(
                f"{month:%Y-%m}",
                localized_month(month),
                [_cell_of_group(charted, counts, month, group) for group in groups],
                tick=month_tick(month, months),
                total=charted.cell(
                    sum(number for (at, _code), number in counts.items() if at == month),
                    reported=MonthRange(month, month),
                ),
            )
            for month in months
        ],
    )


def grid_chart(charted: Charted) -> Chart:
    """Return the groups of primary types by month, of the last year."""
    months = charted.months[-MOST_IN_GRID:]
    every = charted.by_month_and_class
    counts = {key: number for key, number in every.items() if key[0] in months}
    return Chart(
        name="grid",
        kind=Kind.GRID,
        title=str(_("Incident types by month")),
        rule=_month_rule(),
        head=str(_("Primary type")),
        series=[
            Series(f"{month:%Y-%m}", localized_month(month), month_tick(month, months, every=2))
            for month in months
        ],
        rows=[
            Row(
                one.code,
                one.label,
                [_cell_of_group(charted, counts, month, one) for month in months],
            )
            for one in _groups(counts)
        ],
    )


def types_chart(charted: Charted) -> Chart:
    """Return the incidents by primary type."""
    labels = {term.code: term.label(language()) for term in every_term_of(TermSet.INCIDENT_TYPE)}
    counts = Counter[str]()
    for (_country, code), number in charted.by_country_and_type.items():
        counts[code] += number
    return _bars(
        "types",
        _("Incidents by type"),
        _("An incident counts once, under its primary type: the most serious one."),
        _("Primary type"),
        [
            Row(code, labels[code], [charted.cell(number, primary=(code,))])
            for code, number in counts.items()
            if code
        ],
    )


def countries_chart(charted: Charted) -> Chart:
    """Return the incidents by country."""
    counts = Counter[str]()
    for (country, _type), number in charted.by_country_and_type.items():
        counts[country] += number
    return _bars(
        "countries",
        _("Incidents by country"),
        _("An incident counts once, in the country where it happened."),
        _("Country"),
        [
            Row(code, country_name(code), [charted.cell(number, country=code)])
            for code, number in counts.items()
        ],
    )


def map_chart(charted: Charted) -> Chart:
    """Return the incidents by country, on a map of the world."""
    countries = countries_chart(charted)
    return replace(
        countries,
        name="map",
        kind=Kind.MAP,
        title=str(_("Incidents on the map")),
        rule=f"{countries.rule} {_('Countries too small for the map are in the table.')}",
    )


def regions_charts(charted: Charted) -> list[Chart]:
    """Return the incidents by region, a chart for each country whose regions are listed."""
    rows = (
        select(Incident.region_id, func.count())
        .where(charted.is_charted(), Incident.region_id.is_not(None))
        .group_by(Incident.region_id)
    )
    counts = {row[0]: row[1] for row in charted.run(rows)}
    terms = sorted(
        every_term_of(TermSet.REGION), key=lambda term: alphabetical(term.label(language()))
    )
    return [
        _regions_chart(
            country,
            [
                Row(
                    term.code,
                    term.label(language()),
                    [charted.cell(counts.get(term.id, 0), region=term.code)],
                    tick=_tile_name(term.code),
                )
                for term in terms
                if term.country == country
            ],
        )
        for country in TILES
    ]


def _regions_chart(country: str, rows: list[Row]) -> Chart:
    return Chart(
        name=f"regions-{country.lower()}",
        kind=Kind.TILES,
        title=str(_("Incidents by region: %(country)s", country=country_name(country))),
        rule=str(
            _("An incident counts once, in its region; one without a region is not counted here.")
        ),
        head=str(_("Region")),
        series=[Series("incidents", str(_("Incidents")))],
        rows=rows,
    )


def _tile_name(region: str) -> Sequence[str]:
    """Return the lines of the short name of a region, none if it has no tile."""
    return TILE_OF_REGION[region][language()].split("/") if region in TILE_OF_REGION else ()


def targets_chart(charted: Charted) -> Chart:
    """Return the journalists and outlets that most incidents are against."""
    found: list[Row] = []
    for field, whom, model in (
        ("journalist", IncidentTarget.journalist_id, Journalist),
        ("outlet", IncidentTarget.outlet_id, Outlet),
    ):
        asked = getattr(charted.filters, field)
        number = func.count(IncidentTarget.incident_id.distinct())
        rows = select(model, number).join(IncidentTarget, whom == model.id).group_by(model.id)
        rows = rows.where(IncidentTarget.incident_id.in_(charted.ids()))
        rows = rows.order_by(number.desc(), model.ref).limit(MOST_TARGETS)
        found += [
            Row(one.ref, one.heading, [charted.cell(count, **{field: one.ref})])
            for one, count in charted.run(rows)
            # Of the others the incidents are those against both, for which there is no list.
            if asked in {"", one.ref}
        ]
    return _bars(
        "targets",
        _("Incidents by target"),
        _(
            "Named journalists and outlets, in any role; an incident counts for each of its "
            "targets, so that the bars do not sum."
        ),
        _("Target"),
        found,
    )


def actors_chart(charted: Charted) -> Chart:
    """Return the incidents by actual perpetrator."""
    return _bars(
        "perpetrators",
        _("Incidents by perpetrator"),
        _(
            "Who did it according to the sources, whoever they posed as; an incident with several "
            "perpetrators counts for each, so that the bars do not sum."
        ),
        _("Perpetrator"),
        _rows_of_actors(charted, IncidentActor.actor_type, "actor"),
    )


def posing_chart(charted: Charted) -> Chart:
    """Return the incidents by whom the perpetrators posed as."""
    return _bars(
        "posing",
        _("Incidents by whom perpetrators posed as"),
        _("Only incidents whose perpetrators posed as somebody; the bars do not sum."),
        _("Posing as"),
        _rows_of_actors(charted, IncidentActor.purported_as, "posing_as"),
    )


def answers_charts(charted: Charted) -> list[Chart]:
    """Return how often and how soon institutions answered; none for too many incidents."""
    if charted.first_ids is None or len(charted.first_ids) > MOST_ANSWERED:
        return []
    ids = charted.ids()
    # What answers an incident that all users see may itself be restricted.
    with viewing_as_all_users() if charted.filters.shared else nullcontext():
        return _answers_to(charted, ids)


def _answers_to(charted: Charted, ids: Select[Any]) -> list[Chart]:
    read = load_facts(RecordScope(incidents=ids, filed={}, most=MOST_ANSWERED))
    if read.is_truncated or any(fact.is_outline for fact in read.facts):
        return []
    today = clock.current_date()
    bodies = {fact.body for fact in read.facts if fact.body and fact.about}
    rows = select(Institution).where(Institution.ref.in_(bodies)).order_by(Institution.ref)
    records = [
        (one, response_record_of(one.ref, read.facts, today=today))
        for one in db.session.scalars(rows)
    ]
    rates = [row for one, record in records if (row := _rate(charted, one, record))]
    delays = [row for one, record in records if (row := _delay(charted, one, record))]
    return [_rates_chart(rates), _delays_chart(delays)]


def _rates_chart(rows: list[Row]) -> Chart:
    series = [
        Series("percent", str(_("Response rate"))),
        Series("answered", str(_("Answered"))),
        Series("incidents", str(_("Incidents"))),
    ]
    note = _(
        "Of the incidents that an institution answered or was asked about, the share that it "
        "answered; each leads to all that it answered and was asked."
    )
    chart = _bars("answers", _("Response rate by institution"), note, _("Institution"), rows)
    return replace(chart, series=series)


def _delays_chart(rows: list[Row]) -> Chart:
    days = Series("days", str(_("Median days to the first answer")))
    note = _(
        "The median of the days from publication to the first answer, over the incidents that "
        "an institution answered."
    )
    chart = _bars("delays", _("Response time by institution"), note, _("Institution"), rows)
    return replace(chart, series=[days, Series("answered", str(_("Answered")))])


CHARTS: dict[str, Callable[[Charted], Chart]] = {
    "months": months_chart,
    "grid": grid_chart,
    "types": types_chart,
    "countries": countries_chart,
    "map": map_chart,
    "targets": targets_chart,
    "perpetrators": actors_chart,
    "posing": posing_chart,
}


def chart_named(charted: Charted, name: str) -> Chart | None:
    """Return one chart of a filter, None if there is none of that name."""
    if name in CHARTS:
        return _with_bounds(charted, [CHARTS[name](charted)])[0]
    found = [*_with_bounds(charted, regions_charts(charted)), *answers_charts(charted)]
    return next((one for one in found if one.name == name), None)


def charts_of(charted: Charted) -> list[Chart]:
    """Return every chart of a filter that has something in it."""
    made = [*(make(charted) for make in CHARTS.values()), *regions_charts(charted)]
    found = [*_with_bounds(charted, made), *answers_charts(charted)]
    return [one for one in found if one.most]


def _with_bounds(charted: Charted, charts: list[Chart]) -> list[Chart]:
    """Return charts that say so if they may not count all incidents of their filter."""
    if not charted.is_cut():
        return charts
    words = _("Counted: the first %(most)d records of this list.", most=charted.most)
    return [replace(one, rule=f"{one.rule} {words}") for one in charts]


def _rate(charted: Charted, body: Institution, record: ResponseRecord) -> Row | None:
    """Return how many incidents an institution answered, of those that it was asked about too."""
    answered = {one.ref for row in record.rows if row.stops_clocks for one in row.incidents}
    every = answered | {one.incident.ref for one in record.waiting}
    if not every:
        return None
    percent = round(100 * len(answered) / len(every))
    words = _(
        "%(percent)d %% (%(part)d of %(all)d)", percent=percent, part=len(answered), all=len(every)
    )
    rate = Cell(percent, charted.record_address(body.ref), str(words))
    return Row(body.ref, body.heading, [rate, Cell(len(answered)), Cell(len(every))])


def _delay(charted: Charted, body: Institution, record: ResponseRecord) -> Row | None:
    """Return how long incidents waited for the first answer of an institution."""
    if record.latency is None:
        return None
    span, number = record.latency.span, record.latency.count
    days = Cell(span.at_most or 0, charted.record_address(body.ref), localized_day_count(span))
    return Row(body.ref, body.heading, [days, Cell(number)])


def _bars(name: str, title: object, rule: object, head: object, rows: Iterable[Row]) -> Chart:
    """Return a chart of bars, the longest first."""
    return Chart(
        name=name,
        kind=Kind.BARS,
        title=str(title),
        rule=str(rule),
        head=str(head),
        series=[Series("incidents", str(_("Incidents")))],
        rows=sorted(rows, key=lambda row: (-row.cells[0].number, row.label)),
    )


def _rows_of_actors(charted: Charted, column: Any, field: str) -> list[Row]:  # noqa: ANN401 (a column)
    number = func.count(IncidentActor.incident_id.distinct())
    rows = select(column, number).where(
        IncidentActor.incident_id.in_(charted.ids()), column.is_not(None)
    )
    asked: StrEnum | None = getattr(charted.filters, field)
    return [
        Row(code.value, label(code, language()), [charted.cell(count, **{field: code})])
        for code, count in charted.run(rows.group_by(column))
        if asked in {None, code}
    ]


def _groups(counts: Counted, *, most: int | None = None) -> list[Group]:
    """Return the groups of types that occur, the most frequent first; at most so many, the last of
    them for all others.
    """
    totals = Counter[str]()
    for (_month, name), number in counts.items():
        totals[name] += number
    names = [name for name, _number in totals.most_common()]
    kept = names if most is None or len(names) <= most else names[: most - 1]
    asked_by = {name: _class_filter(name) for name in names}
    groups = [Group(name, _class_label(name), asked_by[name]) for name in kept]
    if rest := names[len(kept) :]:
        asked = tuple(code for name in rest for code in asked_by[name])
        groups.append(Group("others", str(_("All other types")), asked))
    return groups


def _class_label(name: str) -> str:
    return type_group_label(name) if name else str(_("not recorded"))


def _class_filter(name: str) -> tuple[str, ...]:
    """Return how the filter asks for a group; one that is a single type has no members."""
    if not name:
        return ()
    return (name,) if name == OTHER_TYPE else (f"{name}.",)


def _cell_of_group(charted: Charted, counts: Counted, month: date, group: Group) -> Cell:
    names = [code.removesuffix(".") for code in group.primary] or [group.code]
    number = sum(counts.get((month, name), 0) for name in names)
    if not group.primary:
        return Cell(number)
    asked = _narrowed(charted.filters.primary, group.primary)
    return charted.cell(number, primary=asked, reported=MonthRange(month, month))


def _narrowed(asked: tuple[str, ...], group: tuple[str, ...]) -> tuple[str, ...]:
    """Return the types that are asked for and of a group, the whole group if nothing is asked."""
    of_group = tuple(one for one in asked if any(_is_of(one, name) for name in group))
    return of_group or group


def _is_of(code: str, group: str) -> bool:
    return code == group or (group.endswith(".") and code.startswith(group))


def _month_rule() -> str:
    return str(
        _(
            "An incident counts once, in the month of its earliest article, else of its "
            "recording, under the group of its primary type."
        )
    )


def month_tick(month: date, months: Sequence[date], *, every: int = MONTHS_IN_QUARTER) -> list[str]:
    """Return the label of a month on the axis, line by line; none for most months."""
    step = every if len(months) <= MOST_QUARTERS else MONTHS_IN_YEAR
    if (month.month - 1) % step:
        return []
    is_first = month == next(one for one in months if not (one.month - 1) % step)
    year = [str(month.year)] if is_first or month.month == 1 else []
    return [str(format_date(month, "LLL")), *year]

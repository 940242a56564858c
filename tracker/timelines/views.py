"""Views of the overview, open cases, response records, clocks, and timelines in four formats."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from flask import Blueprint, Response, g, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from sqlalchemy.orm import joinedload

from tracker import clock, i18n
from tracker.audit.queries import cached_until_change
from tracker.cases.codes import Accountability
from tracker.cases.models import Case
from tracker.cases.queries import CASE_JOINS, latest_cases
from tracker.i18n import _, alphabet_sort_key, ngettext
from tracker.incidents.figure_queries import count_unapproved_incidents
from tracker.incidents.filters import ALL_INCIDENTS_FIGURE, IncidentFilter
from tracker.incidents.models import Incident
from tracker.incidents.rules import type_group_label, type_groups
from tracker.people.models import Institution
from tracker.permissions import Permission
from tracker.review import queries as review_queries
from tracker.review.codes import EditorialState
from tracker.timelines import chart_queries, queries
from tracker.timelines import situation as timeline_situation
from tracker.timelines.build import Entry, Fact, group_by_month, is_grouped_by_month
from tracker.timelines.charts import Cell, Chart
from tracker.timelines.clocks import (
    ClockEvent,
    ResponseClock,
    earliest_event,
    response_record_of,
    sort_longest_first,
    start_event_of,
)
from tracker.timelines.codes import ClockKind, ClockStart, EntryKind, Lane
from tracker.timelines.figures_service import (
    load_open_cases_by_id,
    open_case_summaries,
    open_cases_with_latest_events,
)
from tracker.timelines.filters import OpenCaseFilter, TimelineFilter
from tracker.timelines.picture import render_picture
from tracker.timelines.queries import FACTS_OF_ENDPOINT, Timeline
from tracker.timelines.situation import OpenCaseSummary, Situation
from tracker.timelines.text import (
    date_label,
    entry_to_json,
    left_out_label,
    other_bodies_note,
    outline_note,
    step_explanations,
    timeline_text,
    types_label,
)
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import get_label
from tracker.vocabulary.queries import list_all_terms
from tracker.web.filters import choices_hint, reject_unknown_parameters
from tracker.web.guards import current_actor, require_permission, shows_filter_errors
from tracker.web.layout import register_panel
from tracker.web.paging import paginate_list
from tracker.web.saving import load
from tracker.when import OPEN_START

# The most rows of a response record; the lists of responses, proceedings and appeals show all.
MAX_ROWS_SHOWN = 100
MAX_INCIDENTS_OF_ANSWER = 20  # listed beside one answer
bp = Blueprint("timelines", __name__)
MAX_ON_OVERVIEW = 5  # rows of each list on the overview
MAX_BARS_ON_OVERVIEW = 6  # bars of each chart on the overview
OPEN_CASES_PER_PAGE = 25


class OverviewFigure(NamedTuple):
    """A number of the overview with its label; `compared_cell`: a number to compare it with, if
    any.
    """

    cell: Cell
    label: str
    comparison_label: str = ""
    compared_cell: Cell | None = None


@bp.get("/")
@require_permission(Permission.READ)
def overview() -> str:
    """Show the overview: next tasks, cases by status, recent incidents."""
    cases, found = latest_cases(MAX_ON_OVERVIEW), open_case_summaries()
    tasks = review_queries.count_tasks(current_actor())
    of_incidents, _of_accounts, of_responses, *_others = CASE_JOINS
    return render_template(
        "timelines/overview.html",
        nothing_yet=queries.has_no_records() and not cases,
        cases=cases,
        incidents=queries.latest_records(of_incidents, MAX_ON_OVERVIEW),
        responses=queries.latest_records(of_responses, MAX_ON_OVERVIEW),
        **_open_case_values(found),
        **_overview_charts(found, tasks),
        tasks=tasks,
        most_drafts=review_queries.MAX_DRAFTS_OFFERED,
        most_in_review=review_queries.MAX_IN_REVIEW_COUNTED,
        as_of=clock.utc_now(),
    )


def _open_case_values(found: Sequence[OpenCaseSummary]) -> dict[str, Any]:
    """Return the template values on open cases, by name: how many there are, and some to show."""
    silent = timeline_situation.unanswered_cases(found)
    first = silent[:MAX_ON_OVERVIEW]
    read = open_cases_with_latest_events(found, MAX_ON_OVERVIEW, further_cases=first)
    latest_of, refs = timeline_situation.cases_with_latest_events(read, MAX_ON_OVERVIEW)
    by_id = {one.id: one for one in read}
    named = list(dict.fromkeys([*(by_id[one.id] for one in first if one.id in by_id), *latest_of]))
    shown = {one.id: (case, one) for case, one in queries.open_cases_with_texts(named, refs)}
    at = Counter(one.step for one in found)
    return {
        "silent": [shown[one.id] for one in first if one.id in shown],
        "silent_count": len(silent),
        "said_answered_count": sum(one.figures.claims_answer for one in silent),
        "developments": timeline_situation.latest_developments(
            [shown[one.id] for one in latest_of], MAX_ON_OVERVIEW
        ),
        "steps": [(step, at[step]) for step in Accountability if at[step]],
        "open_count": len(found),
    }


def _overview_charts(
    found: Sequence[OpenCaseSummary], tasks: review_queries.TaskCounts
) -> dict[str, Any]:
    """Return the template values `charts` (of incidents that count in reports), `unapproved` (how
    many do not count yet, by state) and `figures` (numbers above the charts).
    """
    scope = chart_queries.ChartScope(
        filters=IncidentFilter(figure=ALL_INCIDENTS_FIGURE),
        address=lambda one: url_for("incidents.index", **one.to_args()),
        record_address=lambda ref: url_for(".response_record", ref=ref),
    )
    charts, unapproved = cached_until_change(
        ("overview", i18n.current_language(), request.script_root),
        lambda: (_build_overview_charts(scope), count_unapproved_incidents()),
    )
    return {
        "charts": [one for one in charts if one.highest_number],
        "unapproved": unapproved,
        "figures": [
            *_incident_figures(scope, charts[0]),
            *_open_case_figures(found),
            _tasks_figure(tasks),
        ],
    }


def _build_overview_charts(scope: chart_queries.ChartScope) -> list[Chart]:
    """Return the charts of the overview: by month, by type and by country."""
    bars = chart_queries.types_chart(scope), chart_queries.countries_chart(scope)
    return [
        chart_queries.months_chart(scope),
        *(replace(one, max_bars=MAX_BARS_ON_OVERVIEW) for one in bars),
    ]


def _incident_figures(scope: chart_queries.ChartScope, months: Chart) -> Iterator[OverviewFigure]:
    """Yield the number of incidents of this year, beside the number of incidents of last year."""
    this = clock.current_date().year
    now, before = (_incidents_of_year(scope, months, year) for year in (this, this - 1))
    words = ngettext("incident this year", "incidents this year", now.number)
    yield OverviewFigure(now, str(words), f"{this - 1}:", before)


def _incidents_of_year(scope: chart_queries.ChartScope, months: Chart, year: int) -> Cell:
    """Return the number of incidents of a year, added up from the chart of months."""
    rows = [row for row in months.rows if row.code.startswith(f"{year}-")]
    number = sum(row.total.number for row in rows if row.total)
    # The last two years of months hold the whole of last year.
    last = date(year, int(rows[-1].code.partition("-")[2]), 1)
    return scope.build_cell(number, reported=i18n.MonthRange(date(year, 1, 1), last))


def _open_case_figures(found: Sequence[OpenCaseSummary]) -> Iterator[OverviewFigure]:
    """Yield how many cases are open, and how many had no substantive response for 90 days."""
    waiting = sum(one.is_long_unanswered for one in found)
    words = ngettext("open case", "open cases", len(found))
    yield OverviewFigure(Cell(len(found), url_for(".open_cases")), str(words))
    words = ngettext(
        "case without a substantive response for 90 days",
        "cases without a substantive response for 90 days",
        waiting,
    )
    yield OverviewFigure(Cell(waiting, url_for(".open_cases", waiting="yes")), str(words))


def _tasks_figure(tasks: review_queries.TaskCounts) -> OverviewFigure:
    """Return the number of the viewer's tasks: assignments, returned records and reviews."""
    number = tasks.assigned + tasks.returned + tasks.in_review
    words = ngettext(
        "record or task waiting for you in Review",
        "records or tasks waiting for you in Review",
        number,
    )
    return OverviewFigure(Cell(number, url_for("review.index")), str(words))


def get_cached_timeline(record: Any, filters: TimelineFilter) -> queries.Timeline:  # noqa: ANN401 (any record with a timeline)
    """Return the timeline of a record, loaded once for each request."""
    read: dict[Any, queries.Timeline] = g.setdefault("timelines", {})
    if (record.ref, filters) not in read:
        read[record.ref, filters] = queries.load_timeline(record, filters)
    return read[record.ref, filters]


@bp.get("/institutions/<ref>/response-record")
@require_permission(Permission.READ)
def response_record(ref: str) -> str:
    """Show the response record of an institution: answers, delays, overdue appeals."""
    reject_unknown_parameters(request.args, ())
    institution = load(Institution, ref)
    return render_template(
        "timelines/response_record.html",
        stances=queries.count_stances(institution),
        most=MAX_ROWS_SHOWN,
        most_incidents=MAX_INCIDENTS_OF_ANSWER,
        **_read_response_record(institution),
    )


@register_panel("institution")
def response_record_panel(institution: Institution) -> str:
    """Render a summary of the response record of an institution."""
    return render_template(
        "timelines/response_record_panel.html",
        **_read_response_record(institution, for_figures=True),
    )


def _read_response_record(institution: Institution, *, for_figures: bool = False) -> dict[str, Any]:
    """Return the template values for the response record of an institution, by name. `for_figures`:
    load no texts. The value `is_truncated` says whether older records are not counted.
    """
    loaded = queries.facts_of_institution(institution, for_figures=for_figures)
    return {
        "institution": institution,
        "response_record": response_record_of(
            institution.ref, loaded.facts, today=clock.current_date()
        ),
        "is_truncated": loaded.is_truncated or any(fact.is_outline for fact in loaded.facts),
        "today": clock.current_date(),
        "as_of": clock.utc_now(),
    }


@bp.get("/cases-by-status")
@require_permission(Permission.READ)
@shows_filter_errors
def open_cases() -> str:
    """List the open cases that match a filter, grouped by accountability step."""
    filters = OpenCaseFilter.from_args(request.args)
    at_any_step = replace(filters, step=None).matching_cases(open_case_summaries())
    found = filters.matching_cases(at_any_step)
    in_order = timeline_situation.sort_by_step(found)
    page = paginate_list(in_order, request.args, size=OPEN_CASES_PER_PAGE)
    read = load_open_cases_by_id([one.id for one in page.items])
    texts = queries.open_cases_with_texts([read[one.id] for one in page.items if one.id in read])
    shown = {case.id: (case, one) for case, one in texts}
    at = Counter(one.step for one in at_any_step)
    return render_template(
        "timelines/open_cases.html",
        page=page,
        groups=[
            (step, [shown[one.id] for one in of if one.id in shown])
            for step, of in groupby(page.items, key=lambda one: one.step)
        ],
        counts={step: at[step] for step in Accountability if at[step]},
        count=len(found),
        filters=filters,
        said=filters.describe(),
        as_of=clock.utc_now(),
    )


@bp.record
def _register_globals(state: BlueprintSetupState) -> None:
    """Make functions of timelines available in all templates."""
    words = (date_label, i18n.localized_month, types_label, other_bodies_note)
    state.app.jinja_env.globals.update({one.__name__: one for one in words})
    state.app.jinja_env.globals.update(
        event_day_label=event_day_label, clock_start_label=clock_start_label
    )


@bp.get("/cases/<ref>/official-response/")
@require_permission(Permission.READ)
def official_response(ref: str) -> str:
    """Show the accountability step and the clocks of a case."""
    reject_unknown_parameters(request.args, ())
    case = load(Case, ref, joinedload(Case.lead))
    return render_template("timelines/official_response.html", **clock_template_values(case))


@bp.get("/indicators")
@require_permission(Permission.READ)
def indicators() -> str:
    """Explain how the indicators are counted."""
    reject_unknown_parameters(request.args, ())
    return render_template(
        "timelines/indicators.html", starts=ClockStart, kinds=ClockKind, steps=step_explanations()
    )


def clock_template_values(record: Any) -> dict[str, Any]:  # noqa: ANN401 (a case or an incident)
    """Return the template values for the clocks and the accountability step of a record, by name. A
    comment in `timelines/clocks.html` lists them.
    """
    timeline = get_cached_timeline(record, TimelineFilter())
    situation = timeline.situation
    by_start = {
        start: [one for one in situation.clocks if one.start is start] for start in ClockStart
    }
    return {
        "record": record,
        "derived_step": situation.derived_step,
        "by_start": by_start,
        "promises": situation.promises,
        "unanswered": _unanswered_clocks(situation),
        "unrecorded": situation.claimed_answers,
        "is_waiting": situation.is_waiting,
        "no_silences_note": timeline.no_silences_note,
        "as_of": clock.utc_now(),
    }


def _unanswered_clocks(situation: timeline_situation.Situation) -> list[ResponseClock]:
    """Return the clocks of the unanswered incidents in a case, the longest first.

    Empty if the clock of the case says the same.
    """
    found = [
        one
        for clocks in situation.incident_clocks.values()
        for one in clocks
        if one.is_running and one.is_silence
    ]
    is_said = any(one.is_running and one.is_silence for one in situation.clocks)
    return [] if is_said and len(found) <= 1 else sort_longest_first(found)


def event_day_label(event: ClockEvent) -> str:
    """Return the day of a clock event as text, between bounds if it is uncertain."""
    return i18n.localized_day_range(event.earliest, event.latest)


def clock_start_label(event: ClockEvent) -> str:
    """Return the start of a clock: "since 4 June 2025", "since some day from … to …"."""
    first, last = i18n.localized_day(event.earliest), i18n.localized_day(event.latest)
    if event.earliest == event.latest:
        return str(_("since %(day)s", day=last))
    if event.earliest == OPEN_START:
        return str(_("since %(day)s at the latest", day=last))
    return str(_("since some day from %(first)s to %(last)s", first=first, last=last))


# By kind of entry, the name of the number on the page of a case in which its record counts.
FIGURE_NAME_OF_KIND = {
    EntryKind.INCIDENT: "incident",
    EntryKind.ACCOUNT: "account",
    EntryKind.ACCOUNT_EVENT: "account",
    EntryKind.RESPONSE: "response",
}
# The type of a view function.
ViewType = TypeVar("ViewType", bound="Callable[..., Any]")


def route_for_each_kind(suffix: str) -> Callable[[ViewType], ViewType]:
    """Return a decorator that adds a URL of a view for each kind of record that has a timeline.
    `suffix`: what follows `/timeline` in the URL, such as `.svg`.
    """

    def placed(view: ViewType) -> ViewType:
        for records in FACTS_OF_ENDPOINT:
            address = f"/{records}/<ref>/timeline{suffix}"
            bp.add_url_rule(address, view_func=view, methods=["GET"], defaults={"records": records})
        return view

    return placed


@register_panel("case")
def case_timeline_panel(case: Case) -> str:
    """Render the figures and the timeline of a case."""
    filters = TimelineFilter()
    timeline = get_cached_timeline(case, filters)
    values = _template_values(timeline, filters) | _case_figures(timeline.situation)
    return render_template("timelines/section.html", **values)


@route_for_each_kind("")
@require_permission(Permission.READ)
@shows_filter_errors
def show(records: str, ref: str) -> str:
    """Show the timeline of a record, with the entries that match a filter. `records`: the name of
    the record's blueprint.
    """
    filters, timeline, names = _requested_timeline(records, ref)
    entries = timeline.situation.entries
    record = timeline.record
    # A filter hides entries that the clocks count.
    has_clocks = isinstance(record, Incident) and not record.is_retracted and not filters.to_args()
    on_offer = {tag.code for entry in entries for tag in entry.fact.types} | set(filters.type)
    types = [(code, words) for code, words in names.items() if code in on_offer]
    return render_template(
        "timelines/show.html",
        **(
            _template_values(timeline, filters)
            | (clock_template_values(record) if has_clocks else {})
        ),
        has_clocks=has_clocks,
        names=names,
        classes=type_groups(sorted(types, key=lambda one: alphabet_sort_key(one[1]))),
        choices={
            "kind": [
                (kind, get_label(kind, i18n.current_language()))
                for kind in EntryKind
                if any(one.fact.kind is kind for one in entries)
            ]
        },
    )


@route_for_each_kind(".svg")
@require_permission(Permission.READ)
def svg(records: str, ref: str) -> Response:
    """Download the timeline of a record as SVG; `records`: the name of the record's blueprint."""
    filters, timeline, _names = _requested_timeline(records, ref)
    entries = filters.matching_entries(timeline.situation.entries)
    left_out = _hidden_counts_by_lane(timeline, filters)
    drawn = render_picture(entries, timeline.record.heading, standalone=True, left_out=left_out)
    return Response(drawn, mimetype="image/svg+xml")


@route_for_each_kind(".txt")
@require_permission(Permission.READ)
def text(records: str, ref: str) -> Response:
    """Return the timeline of a record as text; `records`: the name of the record's blueprint."""
    filters, timeline, names = _requested_timeline(records, ref)
    entries = filters.matching_entries(timeline.situation.entries)
    moment = i18n.format_datetime(clock.utc_now(), "medium")
    heading = [
        f"{_('Timeline')}: {timeline.record.heading} ({timeline.record.ref})",
        filters.describe(names),
        str(_("As of %(moment)s, over the records that you may see.", moment=moment)),
        left_out_label(_hidden_counts_by_lane(timeline, filters)),
        outline_note(entries),
        other_bodies_note(entries),
        timeline.no_silences_note,
    ]
    body = timeline_text(heading, entries, partial(_fact_address, _external=True))
    return Response(body, content_type="text/plain; charset=utf-8")


@route_for_each_kind(".json")
@require_permission(Permission.READ)
def data(records: str, ref: str) -> Response:
    """Return the timeline of a record as JSON; `records`: the name of the record's blueprint."""
    filters, timeline, _names = _requested_timeline(records, ref)
    entries = filters.matching_entries(timeline.situation.entries)
    content = {
        "ref": timeline.record.ref,
        "title": timeline.record.heading,
        "as_of": clock.utc_now().isoformat(),
        "filter": filters.to_args(),
        "is_truncated": timeline.is_truncated,
        "entries": [entry_to_json(entry, _fact_address) for entry in entries],
    }
    return Response(json.dumps(content, ensure_ascii=False), mimetype="application/json")


def _requested_timeline(records: str, ref: str) -> tuple[TimelineFilter, Timeline, dict[str, str]]:
    """Return the requested filter, the timeline, and the labels of entry types by code."""
    model, _facts = FACTS_OF_ENDPOINT[records]
    record = load(model, ref)
    filters = TimelineFilter.from_args(request.args)
    timeline = get_cached_timeline(record, filters)
    return filters, timeline, _type_labels_by_code(filters, timeline.situation.entries)


def _case_figures(situation: Situation) -> dict[str, Any]:
    """Return the template values for the figures of a case, by name: the numbers of records, the
    days since the first incident began, and the clock without a substantive response.
    """
    facts = [
        one.fact for one in situation.entries if one.fact.state is not EditorialState.RETRACTED
    ]
    refs = {
        (FIGURE_NAME_OF_KIND[one.kind], one.ref) for one in facts if one.kind in FIGURE_NAME_OF_KIND
    }
    first = earliest_event([start_event_of(one) for one in facts if one.kind is EntryKind.INCIDENT])
    waits = ClockKind.NOT_SUBSTANTIVE
    since_public = (one for one in situation.clocks if one.start is ClockStart.PUBLIC)
    return {
        "counts": Counter(kind for kind, _ref in refs),
        "since_first": i18n.days_between(first, None, clock.current_date()) if first else None,
        "waits": waits,
        "waiting": next((one for one in since_public if one.kind is waits), None),
    }


def _template_values(timeline: Timeline, filters: TimelineFilter) -> dict[str, Any]:
    """Return the template values for the entries that match the filter, by name. A comment in
    `timelines/entries.html` lists them.
    """
    entries = filters.matching_entries(timeline.situation.entries)
    filtered = _hidden_counts_by_lane(timeline, filters)
    heading = timeline.record.heading
    return {
        "record": timeline.record,
        "filters": filters,
        "entries": entries,
        "months": group_by_month(entries, unfolded=filters.unfolded)
        if is_grouped_by_month(entries)
        else [],
        "lanes": list(Lane),
        "drawn": render_picture(entries, heading, left_out=filtered) if entries else "",
        "filtered": left_out_label(filtered),
        "is_truncated": timeline.is_truncated,
        "left_out": outline_note(entries),
        "no_silences_note": timeline.no_silences_note,
        "retracted": _retracted_note(timeline, filters, entries),
        "as_of": clock.utc_now(),
    }


def _hidden_counts_by_lane(timeline: Timeline, filters: TimelineFilter) -> dict[Lane, int]:
    """Return by lane how many entries the filter hides; not those hidden as retracted."""
    whole = TimelineFilter(retracted=filters.retracted).matching_entries(timeline.situation.entries)
    kept = filters.matching_entries(timeline.situation.entries)
    left = Counter(one.lane for one in whole) - Counter(one.lane for one in kept)
    return {lane: left[lane] for lane in Lane if left[lane]}


def _retracted_note(timeline: Timeline, filters: TimelineFilter, entries: list[Entry]) -> str:
    """Return the note with the number of entries hidden as retracted, "" for none."""
    with_them = replace(filters, retracted=True).matching_entries(timeline.situation.entries)
    left = len(with_them) - len(entries)
    words = ngettext(
        "%(num)d retracted entry is left out.", "%(num)d retracted entries are left out.", left
    )
    return str(words) if left else ""


def _type_labels_by_code(filters: TimelineFilter, entries: list[Entry]) -> dict[str, str]:
    """Return the labels of the types of entries and of the types in a filter, by code.

    Raises BadQuery for a type that does not exist.
    """
    names = {tag.code: tag.label for entry in entries for tag in entry.fact.types if tag.label}
    if filters.type and not names.keys() >= set(filters.type):
        terms = list_all_terms(TermSet.INCIDENT_TYPE)
        names = {term.code: term.label_in(i18n.current_language()) for term in terms} | names
        classes = {code.partition(".")[0] + "." for code in names if "." in code}
        names |= {name: type_group_label(name[:-1]) for name in classes}
    for code in filters.type:
        if code not in names:
            raise filters.unknown_value_error("type", code, choices_hint())
    return names


def _fact_address(fact: Fact, **given: Any) -> str:  # noqa: ANN401 (options of url_for)
    """Return the URL of the page of the record of a fact."""
    return url_for(f"{fact.endpoint}.show", ref=fact.ref, **given)

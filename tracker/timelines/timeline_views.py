"""The timeline as page, picture, text, JSON, and section of a record's page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from flask import Response, render_template, request, url_for
from flask.blueprints import BlueprintSetupState

from tracker import clock
from tracker.cases.models import Case
from tracker.dates import month_words, span_between
from tracker.i18n import _, format_datetime, language, ngettext
from tracker.incidents.models import Incident
from tracker.incidents.words import class_words
from tracker.permissions import Permission
from tracker.review.codes import EditorialState
from tracker.timelines.build import Entry, Fact, is_long, months_of
from tracker.timelines.clocks import earliest_mark, marks_of
from tracker.timelines.codes import ClockKind, ClockStart, EntryKind, Lane
from tracker.timelines.filters import TimelineFilter
from tracker.timelines.picture import picture
from tracker.timelines.queries import FACTS, Timeline
from tracker.timelines.situation import Situation
from tracker.timelines.text import (
    date_label,
    entry_to_json,
    left_out_label,
    mixed_authorship_note,
    timeline_text,
    types_label,
)
from tracker.timelines.views import bp, cached_timeline, clock_values
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import label
from tracker.vocabulary.queries import every_term_of
from tracker.web.filters import form_hint
from tracker.web.guards import requires, shows_filter_errors
from tracker.web.panels import panel
from tracker.web.saving import load

# What the figures of a case count, and as what.
KINDS_COUNTED = {
    EntryKind.INCIDENT: "incident",
    EntryKind.ACCOUNT: "account",
    EntryKind.ACCOUNT_EVENT: "account",
    EntryKind.RESPONSE: "response",
}
View = TypeVar("View", bound="Callable[..., Any]")


def route_for_each_kind(suffix: str) -> Callable[[View], View]:
    """Route a view below the page of each kind of record that has a timeline."""

    def placed(view: View) -> View:
        for of in FACTS:
            address = f"/{of}/<ref>/timeline{suffix}"
            bp.add_url_rule(address, view_func=view, methods=["GET"], defaults={"of": of})
        return view

    return placed


@bp.record
def _register_globals(state: BlueprintSetupState) -> None:
    words = (date_label, month_words, types_label, mixed_authorship_note)
    state.app.jinja_env.globals.update({one.__name__: one for one in words})


@panel("case")
def timeline_of_case(case: Case) -> str:
    """Render the figures and the timeline of a case."""
    filters = TimelineFilter()
    timeline = cached_timeline(case, filters)
    values = _template_values(timeline, filters) | _case_figures(timeline.situation)
    return render_template("timelines/section.html", **values)


@route_for_each_kind("")
@requires(Permission.READ)
@shows_filter_errors
def show(of: str, ref: str) -> str:
    """Show the entries that match a filter."""
    filters, timeline, names = _requested_timeline(of, ref)
    entries = timeline.situation.entries
    record = timeline.record
    # Beside a part of the entries clocks would say less than they count.
    has_clocks = isinstance(record, Incident) and not record.is_retracted and not filters.to_args()
    on_offer = {tag.code for entry in entries for tag in entry.fact.types}
    return render_template(
        "timelines/show.html",
        **(_template_values(timeline, filters) | (clock_values(record) if has_clocks else {})),
        has_clocks=has_clocks,
        names=names,
        on_offer=sorted(
            (one for one in names.items() if one[0] in on_offer), key=lambda one: one[1]
        ),
        choices={
            "kind": [
                (kind, label(kind, language()))
                for kind in EntryKind
                if any(one.fact.kind is kind for one in entries)
            ]
        },
    )


@route_for_each_kind(".svg")
@requires(Permission.READ)
def svg(of: str, ref: str) -> Response:
    """Download the timeline as SVG."""
    filters, timeline, _names = _requested_timeline(of, ref)
    entries = filters.matching_entries(timeline.situation.entries)
    left_out = _filtered_counts(timeline, filters)
    drawn = picture(entries, timeline.record.heading(), saved=True, left_out=left_out)
    return Response(drawn, mimetype="image/svg+xml")


@route_for_each_kind(".txt")
@requires(Permission.READ)
def text(of: str, ref: str) -> Response:
    """Return the entries as text with footnotes."""
    filters, timeline, names = _requested_timeline(of, ref)
    entries = filters.matching_entries(timeline.situation.entries)
    moment = format_datetime(clock.now(), "medium")
    heading = [
        f"{_('Timeline')}: {timeline.record.heading()} ({timeline.record.ref})",
        filters.describe(names),
        str(_("As of %(moment)s, over the records that you may see.", moment=moment)),
        left_out_label(_filtered_counts(timeline, filters)),
        _left_out_note(entries),
        mixed_authorship_note(entries),
        timeline.no_silences_note,
    ]
    told = timeline_text(heading, entries, partial(_address, _external=True))
    return Response(told, content_type="text/plain; charset=utf-8")


@route_for_each_kind(".json")
@requires(Permission.READ)
def data(of: str, ref: str) -> Response:
    """Return the entries as JSON."""
    filters, timeline, _names = _requested_timeline(of, ref)
    entries = filters.matching_entries(timeline.situation.entries)
    content = {
        "ref": timeline.record.ref,
        "title": timeline.record.heading(),
        "as_of": clock.now().isoformat(),
        "filter": filters.to_args(),
        "is_truncated": timeline.is_truncated,
        "entries": [entry_to_json(entry, _address) for entry in entries],
    }
    return Response(json.dumps(content, ensure_ascii=False), mimetype="application/json")


def _requested_timeline(of: str, ref: str) -> tuple[TimelineFilter, Timeline, dict[str, str]]:
    model, _facts = FACTS[of]
    record = load(model, ref)
    filters = TimelineFilter.from_args(request.args)
    timeline = cached_timeline(record, filters)
    return filters, timeline, _known_types(filters, timeline.situation.entries)


def _case_figures(situation: Situation) -> dict[str, Any]:
    """Return how much there is of each kind, and for how long the case has gone on and waited."""
    facts = [
        one.fact for one in situation.entries if one.fact.state is not EditorialState.RETRACTED
    ]
    refs = {(KINDS_COUNTED[one.kind], one.ref) for one in facts if one.kind in KINDS_COUNTED}
    first = earliest_mark(marks_of(one for one in facts if one.kind is EntryKind.INCIDENT))
    waits = ClockKind.NOT_SUBSTANTIVE
    since_public = (one for one in situation.clocks if one.start is ClockStart.PUBLIC)
    return {
        "counts": Counter(kind for kind, _ref in refs),
        "since_first": span_between(first, None, clock.today()) if first else None,
        "waits": waits,
        "waiting": next((one for one in since_public if one.kind is waits), None),
    }


def _template_values(timeline: Timeline, filters: TimelineFilter) -> dict[str, Any]:
    """Return the template context for the matching entries."""
    entries = filters.matching_entries(timeline.situation.entries)
    filtered = _filtered_counts(timeline, filters)
    heading = timeline.record.heading()
    return {
        "record": timeline.record,
        "filters": filters,
        "entries": entries,
        "months": months_of(entries, unfolded=filters.unfolded) if is_long(entries) else [],
        "lanes": list(Lane),
        "drawn": picture(entries, heading, left_out=filtered) if entries else "",
        "filtered": left_out_label(filtered),
        "is_truncated": timeline.is_truncated,
        "left_out": _left_out_note(entries),
        "no_silences_note": timeline.no_silences_note,
        "retracted": _retracted_note(timeline, filters, entries),
        "as_of": clock.now(),
    }


def _filtered_counts(timeline: Timeline, filters: TimelineFilter) -> dict[Lane, int]:
    """Return how many entries of each lane the filter hides; retracted ones are not counted."""
    whole = TimelineFilter(retracted=filters.retracted).matching_entries(timeline.situation.entries)
    kept = filters.matching_entries(timeline.situation.entries)
    left = Counter(one.lane for one in whole) - Counter(one.lane for one in kept)
    return {lane: left[lane] for lane in Lane if left[lane]}


def _retracted_note(timeline: Timeline, filters: TimelineFilter, entries: list[Entry]) -> str:
    """Return the note on entries hidden for being retracted alone, "" for none."""
    with_them = replace(filters, retracted=True).matching_entries(timeline.situation.entries)
    left = len(with_them) - len(entries)
    words = ngettext(
        "%(num)d retracted entry is left out.", "%(num)d retracted entries are left out.", left
    )
    return str(words) if left else ""


def _known_types(filters: TimelineFilter, entries: list[Entry]) -> dict[str, str]:
    """Return the labels of the types that occur or are in the filter.

    Raises BadQuery for one that does not exist.
    """
    names = {tag.code: tag.words for entry in entries for tag in entry.fact.types if tag.words}
    if filters.type and not names.keys() >= set(filters.type):
        terms = every_term_of(TermSet.INCIDENT_TYPE)
        names = {term.code: term.label(language()) for term in terms} | names
        classes = {code.partition(".")[0] + "." for code in names if "." in code}
        names |= {name: class_words(name[:-1]) for name in classes}
    for code in filters.type:
        if code not in names:
            raise filters.unknown_value_error("type", code, form_hint())
    return names


def _left_out_note(entries: list[Entry]) -> str:
    """Return the note on entries that are counted and not shown, "" for none."""
    left = sum(entry.fact.is_outline for entry in entries)
    words = ngettext(
        "%(num)d older entry is only counted here, without a silence that began with it: ask for "
        "the days between which it lies.",
        "%(num)d older entries are only counted here, without silences that began with them: ask "
        "for the days between which they lie.",
        left,
    )
    return str(words) if left else ""


def _address(fact: Fact, **given: Any) -> str:  # noqa: ANN401 (options of url_for)
    return url_for(f"{fact.endpoint}.show", ref=fact.ref, **given)

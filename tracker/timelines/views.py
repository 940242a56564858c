"""The overview, open cases, an institution's record, and clock sections."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any, NamedTuple

from flask import Blueprint, g, render_template, request
from flask.blueprints import BlueprintSetupState
from markupsafe import Markup

from tracker import clock
from tracker.cases.codes import Accountability
from tracker.cases.list_queries import counts_in
from tracker.cases.models import Case
from tracker.cases.queries import CASE_JOINS, latest_cases
from tracker.dates import bounds_words, day_words, months_until
from tracker.fake_accounts.filters import AccountFilter
from tracker.fake_accounts.queries import accounts_for_figures
from tracker.fake_accounts.rules import figures_of
from tracker.i18n import _
from tracker.incidents.figure_queries import counts_by_month
from tracker.incidents.words import class_words
from tracker.people.models import Institution
from tracker.permissions import Permission
from tracker.review.queries import count_in_review, records_in_review
from tracker.timelines import situation as timeline_situation
from tracker.timelines.clocks import Clock, ClockMark, ledger_of, sort_longest_first
from tracker.timelines.codes import ClockKind, ClockStart
from tracker.timelines.filters import OpenCaseFilter, TimelineFilter
from tracker.timelines.open_case_queries import every_open_case
from tracker.timelines.picture import columns
from tracker.timelines.queries import (
    Timeline,
    facts_of_institution,
    is_empty,
    label_open_cases,
    latest_records,
    stances_of,
    timeline_of,
)
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.queries import every_term_of
from tracker.web.filters import validate_known_parameters
from tracker.web.guards import requires, shows_filter_errors
from tracker.web.paging import paginate_list
from tracker.web.panels import panel
from tracker.web.saving import load
from tracker.when import OPEN_START

# The latest, and the longest overdue; the lists of responses, proceedings and appeals have all.
MOST_SHOWN = 100
MOST_INCIDENTS = 20
bp = Blueprint("timelines", __name__)
SHOWN = 6
MONTHS = 12


class Group(NamedTuple):
    """A group of types ("" for all incidents): its counts by month, and their picture."""

    code: str
    name: str
    counts: dict[date, int]
    drawn: Markup


@bp.get("/")
@requires(Permission.READ)
def overview() -> str:
    """Show the overview: next tasks, cases by status, recent incidents."""
    cases = latest_cases(SHOWN)
    of_incidents, _of_accounts, of_responses, *_others = CASE_JOINS
    return render_template(
        "timelines/overview.html",
        nothing_yet=is_empty() and not cases,
        cases=cases,
        counts=counts_in(cases),
        incidents=latest_records(of_incidents, SHOWN),
        responses=latest_records(of_responses, SHOWN),
        waiting=records_in_review(SHOWN),
        waiting_count=count_in_review(),
        **_open_case_summary(),
        **_by_month(),
        takedowns=figures_of(accounts_for_figures(AccountFilter())),
        as_of=clock.now(),
    )


def _open_case_summary() -> dict[str, Any]:
    """Return the template values of open cases: all are counted, and the shown ones have texts."""
    found = every_open_case(latest=SHOWN)
    silent = timeline_situation.unanswered_cases(found)
    latest_of, refs = timeline_situation.cases_with_latest_events(found, SHOWN)
    named = list(dict.fromkeys([*silent[:SHOWN], *latest_of]))
    shown = {one.id: (case, one) for case, one in label_open_cases(named, refs)}
    at = Counter(one.step for one in found)
    return {
        "silent": [shown[one.id] for one in silent[:SHOWN]],
        "silent_count": len(silent),
        "said_answered_count": sum(bool(one.said_answered) for one in silent),
        "developments": timeline_situation.latest_developments(
            [shown[one.id] for one in latest_of], SHOWN
        ),
        "steps": [(step, at[step]) for step in Accountability if at[step]],
        "open_count": len(found),
    }


def _by_month() -> dict[str, Any]:
    """Return how many incidents were reported in each of the last months, by group of types."""
    months = months_until(clock.today(), MONTHS)
    classes: dict[str, list[int]] = {}
    for term in every_term_of(TermSet.INCIDENT_TYPE):
        classes.setdefault(term.code.partition(".")[0], []).append(term.id)
    found = counts_by_month(months, classes)
    most = max(found.values(), default=0)
    groups = [
        _group(code, {month: found.get((code, month), 0) for month in months}, most)
        for code in ("", *classes)
        if any(of == code for of, _month in found)
    ]
    return {"months": months, "groups": groups, "most_a_month": most}


def _group(code: str, counts: dict[date, int], most: int) -> Group:
    name = class_words(code) if code else str(_("All incidents"))
    return Group(code, name, counts, columns(code, name, counts, most=most))


def cached_timeline(record: Any, filters: TimelineFilter) -> Timeline:  # noqa: ANN401 (any record with a timeline)
    """Return the timeline of a record, read once for all the sections of a page."""
    read: dict[Any, Timeline] = g.setdefault("timelines", {})
    if (record.ref, filters) not in read:
        read[record.ref, filters] = timeline_of(record, filters)
    return read[record.ref, filters]


@bp.get("/institutions/<ref>/ledger")
@requires(Permission.READ)
def ledger(ref: str) -> str:
    """Show how an institution responds: answers, delays, overdue appeals."""
    validate_known_parameters(request.args, ())
    institution = load(Institution, ref)
    return render_template(
        "timelines/ledger.html",
        stances=stances_of(institution),
        most=MOST_SHOWN,
        most_incidents=MOST_INCIDENTS,
        **_read_ledger(institution),
    )


@panel("institution")
def ledger_panel(institution: Institution) -> str:
    """Render a summary of how an institution responds."""
    return render_template("timelines/ledger_panel.html", **_read_ledger(institution))


def _read_ledger(institution: Institution) -> dict[str, Any]:
    told = facts_of_institution(institution)
    return {
        "institution": institution,
        "ledger": ledger_of(institution.ref, told.facts, today=clock.today()),
        "is_truncated": told.is_truncated or any(fact.is_outline for fact in told.facts),
        "today": clock.today(),
        "as_of": clock.now(),
    }


@bp.get("/standing")
@requires(Permission.READ)
@shows_filter_errors
def open_cases() -> str:
    """List the open cases that match a filter, longest unanswered first."""
    filters = OpenCaseFilter.from_args(request.args)
    found = filters.matching_cases(every_open_case())
    silent = timeline_situation.unanswered_cases(found)
    page = paginate_list(silent + [one for one in found if not one.silence], request.args)
    return render_template(
        "timelines/open_cases.html",
        page=page,
        shown=label_open_cases(page.items),
        count=len(found),
        filters=filters,
        said=filters.describe(),
        as_of=clock.now(),
    )


@bp.record
def _register_globals(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(mark_words=mark_label, since_words=since_label)


@bp.get("/cases/<ref>/official-response/")
@requires(Permission.READ)
def official_response(ref: str) -> str:
    """Show the accountability step and the clocks of a case."""
    validate_known_parameters(request.args, ())
    return render_template("timelines/official_response.html", **clock_values(load(Case, ref)))


@bp.get("/indicators")
@requires(Permission.READ)
def indicators() -> str:
    """Explain how the indicators are counted."""
    validate_known_parameters(request.args, ())
    return render_template(
        "timelines/indicators.html", starts=ClockStart, kinds=ClockKind, steps=step_labels()
    )


def clock_values(record: Any) -> dict[str, Any]:  # noqa: ANN401 (a case or an incident)
    """Return what a page needs to tell from when to when each clock runs."""
    situation = cached_timeline(record, TimelineFilter()).situation
    by_start = {
        start: [one for one in situation.clocks if one.start is start] for start in ClockStart
    }
    return {
        "record": record,
        "rung": situation.rung,
        "by_start": by_start,
        "promises": situation.promises,
        "unanswered": _unanswered(situation),
        "unrecorded": situation.said_answered,
        "is_waiting": situation.is_waiting,
        "as_of": clock.now(),
    }


def _unanswered(situation: timeline_situation.Situation) -> list[Clock]:
    """Return the clocks of unanswered incidents in a case.

    Only if they say more than the clock of the case.
    """
    found = [
        one
        for clocks in situation.waiting.values()
        for one in clocks
        if one.is_running and one.is_first
    ]
    is_said = any(one.is_running and one.is_first for one in situation.clocks)
    return [] if is_said and len(found) <= 1 else sort_longest_first(found)


def mark_label(mark: ClockMark) -> str:
    """Return a day between bounds as text."""
    return bounds_words(mark.earliest, mark.latest)


def since_label(mark: ClockMark) -> str:
    """Return the start of a period: "since 4 June 2025", "since a day between … and …"."""
    first, last = day_words(mark.earliest), day_words(mark.latest)
    if mark.earliest == mark.latest:
        return str(_("since %(day)s", day=last))
    if mark.earliest == OPEN_START:
        return str(_("since %(day)s at the latest", day=last))
    return str(_("since some day from %(first)s to %(last)s", first=first, last=last))


def step_labels() -> list[tuple[Accountability, str]]:
    """Return, for each step of accountability, how a case reaches it."""
    words = {
        Accountability.NO_RESPONSE: _("Nothing is on record that counts as an answer."),
        Accountability.STATEMENTS_ONLY: _(
            "Any answer that reaches no other step: words, a promise, a report taken in, a block."
        ),
        Accountability.INVESTIGATION_ANNOUNCED: _("Somebody in authority says so."),
        Accountability.INVESTIGATION_REGISTERED: _(
            "An investigation is opened, somebody is searched, or it is suspended."
        ),
        Accountability.SUSPECTS_OR_CHARGES: _("A suspect, an arrest, a restraint or a charge."),
        Accountability.TRIAL: _("A trial, or a verdict without a sentence on record."),
        Accountability.PARTIAL_JUSTICE: _("A sentence, or treatment ordered by a court."),
        Accountability.FULL_JUSTICE: _("Set by hand alone: all who are guilty were convicted."),
        Accountability.COMPLETE_IMPUNITY: _("Set by hand alone: nobody will be convicted."),
        Accountability.CLOSED_WITHOUT_RESULT: _(
            "Every file was refused or closed, and nothing was registered since."
        ),
        Accountability.JUSTICE_DISPUTED: _("A judgment was quashed."),
    }
    return [(step, str(words[step])) for step in Accountability]

"""Clocks, silences and the accountability ladder: sections of the pages of cases and incidents, and
the page that says how all of it is counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template, request

from tracker import clock
from tracker.cases.codes import Accountability
from tracker.dates import bounds_words, day_words
from tracker.i18n import _
from tracker.permissions import Permission
from tracker.review.codes import EditorialState
from tracker.timelines.clocks import longest_first
from tracker.timelines.codes import ClockKind, ClockStart, EntryKind
from tracker.timelines.filters import TimelineFilter
from tracker.timelines.views import bp, timeline_once
from tracker.web.filters import refuse_unknown
from tracker.web.guards import requires
from tracker.web.panels import panel
from tracker.when import OPEN_START

if TYPE_CHECKING:
    from typing import Any

    from flask.blueprints import BlueprintSetupState

    from tracker.cases.models import Case
    from tracker.incidents.models import Incident
    from tracker.timelines.clocks import Clock, Mark
    from tracker.timelines.situation import Situation


@bp.record
def _offer(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(mark_words=mark_words, since_words=since_words)


@panel("case")
def clocks_of_case(case: Case) -> str:
    """Say how far the authorities have come, how long nobody answered, and what ended that."""
    return _clocks(case)


@panel("incident")
def clocks_of_incident(incident: Incident) -> str:
    """Say how long nobody answered an incident, and what ended that."""
    return "" if incident.is_retracted else _clocks(incident)


@panel("unanswered_incident")
def answered_elsewhere(incident: Incident) -> str:
    """Say of an incident with no response to it alone where those to its case stand."""
    entries = timeline_once(incident, TimelineFilter()).situation.entries
    is_answered = any(
        one.fact.kind is EntryKind.RESPONSE
        and incident.ref in one.fact.about
        and one.fact.state is not EditorialState.RETRACTED
        for one in entries
    )
    return render_template("timelines/answered_elsewhere.html") if is_answered else ""


@bp.get("/indicators")
@requires(Permission.READ)
def indicators() -> str:
    """Say how clocks, ledger and ladder are counted."""
    refuse_unknown(request.args, ())
    return render_template(
        "timelines/indicators.html", starts=ClockStart, kinds=ClockKind, steps=step_words()
    )


def _clocks(record: Any) -> str:  # noqa: ANN401 (a case or an incident)
    situation = timeline_once(record, TimelineFilter()).situation
    by_start = {
        start: [one for one in situation.clocks if one.start is start] for start in ClockStart
    }
    return render_template(
        "timelines/clocks.html",
        record=record,
        rung=situation.rung,
        by_start=by_start,
        promises=situation.promises,
        unanswered=_unanswered(situation),
        unrecorded=situation.said_answered,
        is_waiting=situation.is_waiting,
        as_of=clock.now(),
    )


def _unanswered(situation: Situation) -> list[Clock]:
    """Return the clocks of the incidents in a case that nobody answered, where they say more than
    the clock of the case.
    """
    found = [
        one
        for clocks in situation.waiting.values()
        for one in clocks
        if one.is_running and one.is_first
    ]
    is_said = any(one.is_running and one.is_first for one in situation.clocks)
    return [] if is_said and len(found) <= 1 else longest_first(found)


def mark_words(mark: Mark) -> str:
    """Return a day between bounds in words."""
    return bounds_words(mark.earliest, mark.latest)


def since_words(mark: Mark) -> str:
    """Return since when something runs: "since 4 June 2025", "since a day between … and …"."""
    first, last = day_words(mark.earliest), day_words(mark.latest)
    if mark.earliest == mark.latest:
        return str(_("since %(day)s", day=last))
    if mark.earliest == OPEN_START:
        return str(_("since %(day)s at the latest", day=last))
    return str(_("since some day from %(first)s to %(last)s", first=first, last=last))


def step_words() -> list[tuple[Accountability, str]]:
    """Return for each step of the ladder by what a case reaches it."""
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

"""The start page, and the timeline that several sections of a record's page tell of."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from flask import Blueprint, g, render_template

from tracker import clock
from tracker.cases.codes import Accountability
from tracker.cases.queries import SHELVES, counts_in, latest_cases
from tracker.dates import months_until
from tracker.fake_accounts.filters import AccountFilter
from tracker.fake_accounts.register_queries import accounts_kept
from tracker.fake_accounts.register_rules import figures_of
from tracker.i18n import _
from tracker.incidents.month_queries import counts_by_month
from tracker.incidents.words import class_words
from tracker.permissions import Permission
from tracker.review.queries import count_waiting, waiting
from tracker.timelines.open_case_queries import open_cases
from tracker.timelines.open_cases import last_developments, silent_longest, with_the_latest
from tracker.timelines.overview_queries import in_words
from tracker.timelines.pictures.picture import columns
from tracker.timelines.queries import is_empty, latest
from tracker.timelines.timeline_queries import Timeline, timeline_of
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.queries import every_term_of
from tracker.web.guards import requires

if TYPE_CHECKING:
    from datetime import date
    from typing import Any

    from markupsafe import Markup

    from tracker.timelines.filters import TimelineFilter

bp = Blueprint("timelines", __name__)
SHOWN = 6
MONTHS = 12


class Group(NamedTuple):
    """A class of types ("" for all incidents): its counts by month, and their picture."""

    code: str
    name: str
    counts: dict[date, int]
    drawn: Markup


@bp.get("/")
@requires(Permission.READ)
def overview() -> str:
    """Show what to do next, where the cases stand, what was reported, and what came in last."""
    cases = latest_cases(SHOWN)
    of_incidents, _of_accounts, of_responses, *_others = SHELVES
    return render_template(
        "timelines/overview.html",
        nothing_yet=is_empty() and not cases,
        cases=cases,
        counts=counts_in(cases),
        incidents=latest(of_incidents, SHOWN),
        responses=latest(of_responses, SHOWN),
        waiting=waiting(SHOWN),
        waiting_count=count_waiting(),
        **_of_open_cases(),
        **_by_month(),
        takedowns=figures_of(accounts_kept(AccountFilter())),
        as_of=clock.now(),
    )


def _of_open_cases() -> dict[str, Any]:
    """Return what the cases tell together: all are counted, and what is named of those shown is
    told in words.
    """
    found = open_cases(latest=SHOWN)
    silent = silent_longest(found)
    latest_of, refs = with_the_latest(found, SHOWN)
    named = list(dict.fromkeys([*silent[:SHOWN], *latest_of]))
    shown = {one.id: (case, one) for case, one in in_words(named, refs)}
    at = Counter(one.step for one in found)
    return {
        "silent": [shown[one.id] for one in silent[:SHOWN]],
        "silent_count": len(silent),
        "said_answered_count": sum(bool(one.said_answered) for one in silent),
        "developments": last_developments([shown[one.id] for one in latest_of], SHOWN),
        "steps": [(step, at[step]) for step in Accountability if at[step]],
        "open_count": len(found),
    }


def _by_month() -> dict[str, Any]:
    """Return how many incidents were reported in each of the last months, by class of types."""
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


def timeline_once(record: Any, filters: TimelineFilter) -> Timeline:  # noqa: ANN401 (any record with a timeline)
    """Return the timeline of a record, read once for all the sections of a page."""
    read: dict[Any, Timeline] = g.setdefault("timelines", {})
    if (record.ref, filters) not in read:
        read[record.ref, filters] = timeline_of(record, filters)
    return read[record.ref, filters]

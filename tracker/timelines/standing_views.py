"""Where the cases stand: the list behind the numbers of the overview."""

from __future__ import annotations

from flask import render_template, request

from tracker import clock
from tracker.cases.codes import Accountability
from tracker.permissions import Permission
from tracker.timelines.overview_queries import MOST_CASES, standings
from tracker.timelines.standing import silent_longest
from tracker.timelines.standing_filters import StandingFilter
from tracker.timelines.views import bp
from tracker.web.guards import requires


@bp.get("/standing")
@requires(Permission.READ)
def standing() -> str:
    """List the cases a filter lets through: those that nobody answered, the longest waiting first,
    before the others.
    """
    filters = StandingFilter.from_args(request.args)
    looked_at = standings()
    found = filters.let_through(looked_at)
    silent = silent_longest(found)
    return render_template(
        "timelines/standing.html",
        found=silent + [one for one in found if not one.silence],
        filters=filters,
        said=filters.describe(),
        steps=list(Accountability),
        is_cut=len(looked_at) == MOST_CASES,
        most=MOST_CASES,
        as_of=clock.now(),
    )

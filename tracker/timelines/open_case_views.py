"""Where the open cases stand: the list behind the numbers of the overview."""

from __future__ import annotations

from flask import render_template, request

from tracker import clock
from tracker.cases.codes import Accountability
from tracker.permissions import Permission
from tracker.timelines.open_case_filters import OpenCaseFilter
from tracker.timelines.open_case_queries import open_cases as every_open_case
from tracker.timelines.open_cases import silent_longest
from tracker.timelines.overview_queries import in_words
from tracker.timelines.views import bp
from tracker.web.guards import requires
from tracker.web.paging import page_among


@bp.get("/standing")
@requires(Permission.READ)
def open_cases() -> str:
    """List the cases a filter lets through: those that nobody answered, the longest waiting first,
    before the others, which changed last first.
    """
    filters = OpenCaseFilter.from_args(request.args)
    found = filters.let_through(every_open_case())
    silent = silent_longest(found)
    page = page_among(silent + [one for one in found if not one.silence], request.args)
    return render_template(
        "timelines/open_cases.html",
        page=page,
        shown=in_words(page.items),
        count=len(found),
        filters=filters,
        said=filters.describe(),
        steps=list(Accountability),
        as_of=clock.now(),
    )

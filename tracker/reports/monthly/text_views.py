"""Writing about a month."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import request, url_for

from tracker.permissions import Permission
from tracker.reports.monthly import text_service as monthly_text_service
from tracker.reports.monthly.filters import MonthlyFilter
from tracker.reports.monthly.forms import MonthlyTextForm
from tracker.reports.monthly.queries import text_of
from tracker.reports.views import bp
from tracker.web.forms import page
from tracker.web.guards import current_actor, requires
from tracker.web.saving import saved

if TYPE_CHECKING:
    from werkzeug.wrappers import Response


@bp.route("/monthly/write", methods=["GET", "POST"])
@requires(Permission.REVIEW)
def write_month() -> Response | tuple[str, int]:
    """Write about a month, for everybody who reads its figures."""
    filters = MonthlyFilter.from_args(request.args)
    text, form = text_of(filters), MonthlyTextForm()
    answer = saved(
        form,
        lambda: monthly_text_service.write_text(
            text, replace(filters, shared=False), words=form.words(), by=current_actor()
        ),
        to=url_for(".monthly", **filters.to_args()),
        record=text,
    )
    return answer or page("reports/write_month.html", form=form, filters=filters)

"""Keeping what was chosen for a file under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, request, url_for

from tracker.i18n import _
from tracker.permissions import Permission
from tracker.reports import choice_service
from tracker.reports.filters import FileFilter
from tracker.reports.forms import ChoiceForm
from tracker.reports.views import bp, choosing
from tracker.web.guards import current_actor, requires
from tracker.web.saving import saved

if TYPE_CHECKING:
    from werkzeug.wrappers import Response


@bp.post("/")
@requires(Permission.EXPORT)
def keep() -> Response | tuple[str, int]:
    """Keep what the address says under the name that was typed."""
    form = ChoiceForm()
    args: dict[str, Any] = FileFilter.from_args(request.args).to_args()
    answer = saved(
        form,
        lambda: choice_service.keep_choice(form.name.data or "", args, by=current_actor()),
        to=url_for(".index", **args),
    )
    return answer or choosing(form)


@bp.post("/forget")
@requires(Permission.EXPORT)
def forget() -> Response:
    """Let go of what was kept under a name."""
    form = ChoiceForm()
    answer = saved(
        form,
        lambda: choice_service.remove_choice(form.name.data or "", by=current_actor()),
        to=url_for(".index"),
        said=_("Removed."),
    )
    if answer is None:
        flash(_("The page had been open for too long; press the button again."))
    return answer or redirect(url_for(".index"), code=303)

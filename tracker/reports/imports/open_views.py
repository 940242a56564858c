"""What may be done with a file before it is imported, besides checking it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from tracker.i18n import _
from tracker.permissions import Permission
from tracker.reports.imports import open_service as service
from tracker.reports.imports import service as import_service
from tracker.reports.imports.forms import MappingForm, PlanForm
from tracker.reports.imports.models import ImportBatch
from tracker.reports.imports.queries import plans
from tracker.reports.imports.views import bp, render_page
from tracker.web.forms import PartForm
from tracker.web.guards import current_actor, requires
from tracker.web.records import load_to_edit, record_url
from tracker.web.saving import saved

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from tracker.web.forms import TrackerForm


@bp.post("/<ref>/choose")
@requires(Permission.LOG)
def choose(ref: str) -> Response | tuple[str, int]:
    """Read the columns of a file by another mapping."""
    batch, form = load_to_edit(ImportBatch, ref), MappingForm()
    form.offer(plans(batch.team_id))
    answer = saved(
        form,
        lambda: import_service.choose_mapping(batch, form.mapping.data, by=current_actor()),
        to=record_url(batch),
        said=_("Its columns are read anew: look at what they mean, and check it."),
        record=batch,
    )
    return answer or _refused(batch, form)


@bp.post("/<ref>/remove")
@requires(Permission.LOG)
def remove(ref: str) -> Response | tuple[str, int]:
    """Remove a file that was not imported."""
    batch, form = load_to_edit(ImportBatch, ref), PartForm()
    answer = saved(
        form,
        lambda: service.remove_file(batch, by=current_actor()),
        to=url_for(".index"),
        said=_("The file and its rows are removed."),
        record=batch,
    )
    return answer or _refused(batch, form)


def _refused(batch: ImportBatch, refused: TrackerForm) -> tuple[str, int]:
    fresh = PlanForm(formdata=None)
    fresh.open_at(batch)
    status = 400 if "csrf_token" in refused.errors else 422
    return render_page(batch, fresh, refused=refused, status=status)

"""What leaves the building: exactly the incidents that a filter shows, as a file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request, stream_with_context

from tracker import clock
from tracker.i18n import language
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.queries import count_of, incidents_matching, names_in
from tracker.permissions import Permission
from tracker.reports import service
from tracker.reports.codes import ExportKind, Profile
from tracker.reports.columns import COLUMNS
from tracker.reports.ledger_service import begin_run
from tracker.reports.published_queries import COLUMNS as PUBLISHED
from tracker.reports.queries import beside_place, place_in
from tracker.reports.tables import FLAT
from tracker.reports.tables import PUBLISHED as PUBLISHED_TABLE
from tracker.scoping import Viewer
from tracker.web.attachments import attachment
from tracker.web.filters import refuse_unknown
from tracker.web.guards import current_actor, requires
from tracker.web.records import record_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Response

    from tracker.incidents.models import Incident

bp = Blueprint("reports", __name__, url_prefix="/reports")


@bp.get("/")
@requires(Permission.EXPORT)
def index() -> str:
    """Say what can be taken, and how many rows a filter gives."""
    filters = IncidentFilter.from_args(request.args)
    return render_template(
        "reports/index.html",
        filters=filters,
        described=filters.describe(names_in(filters)),
        count=count_of(incidents_matching(filters)),
        columns=list(COLUMNS),
        published_columns=PUBLISHED,
    )


@bp.get("/incidents.csv")
@requires(Permission.EXPORT, fresh=True)
def incidents_csv() -> Response:
    """Stream the incidents of a filter; what cannot be asked for is refused before that."""
    filters = IncidentFilter.from_args(request.args)
    rows = beside_place(incidents_matching(filters), request.args)
    actor = current_actor()
    if request.method != "GET":
        # HEAD asks for the headers alone: nothing leaves.
        return _as_file(iter(()), "incidents")
    asked = filters.to_args() | place_in(request.args)
    run = begin_run(ExportKind.INCIDENTS, asked, tables=[FLAT], language=language(), by=actor)
    file = service.incidents_as_csv(
        rows,
        Viewer(tuple(actor.team_ids)),
        address_of=partial(_address_of, request.url_root),
        language=language(),
        run=run,
    )
    return _as_file(file, "incidents")


@bp.get("/published.csv")
@requires(Permission.EXPORT, fresh=True)
def published_csv() -> Response:
    """Stream what is published: what anybody may have, whoever takes it."""
    refuse_unknown(request.args, ())
    if request.method != "GET":
        return _as_file(iter(()), "published")
    run = begin_run(
        ExportKind.PUBLISHED,
        {},
        tables=[PUBLISHED_TABLE],
        profile=Profile.PUBLIC,
        language=language(),
        by=current_actor(),
    )
    return _as_file(service.published_as_csv(run), "published")


def _as_file(file: Iterator[bytes], stem: str) -> Response:
    name = f"{stem}-{clock.today():%Y-%m-%d}.csv"
    return attachment(stream_with_context(file), name, content_type="text/csv; charset=utf-8")


def _address_of(root: str, incident: Incident) -> str:
    return root.rstrip("/") + record_url(incident)

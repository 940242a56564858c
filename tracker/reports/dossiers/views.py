"""The pages of the case dossier: preview, print page and ZIP."""

from __future__ import annotations

import hashlib

from flask import Response, render_template, request, stream_with_context

from tracker import clock
from tracker.articles.evidence import iter_file_chunks
from tracker.cases.models import Case
from tracker.errors import Forbidden
from tracker.i18n import use_language
from tracker.incidents.codes import PeopleCounted
from tracker.permissions import Permission
from tracker.reports.codes import Profile
from tracker.reports.dossiers import service
from tracker.reports.export_log_service import log_completion
from tracker.reports.filters import DOSSIER_PROFILES, DossierFilter, require_share_permission
from tracker.reports.queries import list_recipient_names
from tracker.reports.views import bp
from tracker.web.guards import current_actor, file_response, require_permission
from tracker.web.saving import load


@bp.get("/dossier/<ref>")
@require_permission(Permission.EXPORT)
def dossier(ref: str) -> str:
    """Show the preview of a dossier: how many records are included and left out."""
    case, asked = _requested_dossier(ref)
    reason = service.blocking_reason(case, asked)
    return render_template(
        "reports/dossier.html",
        case=case,
        asked=asked,
        reason=reason,
        made=None if reason else service.build_dossier(case, asked),
        counted=PeopleCounted,
        recipients=list_recipient_names(),
        profiles=DOSSIER_PROFILES
        if current_actor().has_permission(Permission.SHARE)
        else [Profile.INTERNAL],
    )


@bp.get("/dossier/<ref>/print")
@require_permission(Permission.EXPORT, fresh=True)
def dossier_print(ref: str) -> str:
    """Show the dossier as a page to print."""
    case, asked, made = _require_shareable(ref)
    if request.method != "GET":
        # HEAD asks for the headers only: nothing is downloaded.
        return ""
    run = service.log_dossier(made, asked, form="HTML", by=current_actor())
    html = _render_dossier("reports/dossier_body.html", asked, made)
    page = _render_dossier("reports/dossier_print.html", asked, made, case=case)
    # Of the content alone: the page around it has another CSRF token each time.
    run.close(hashlib.sha256(html.encode()).hexdigest())
    return page


@bp.get("/dossier/<ref>.zip")
@require_permission(Permission.EXPORT, fresh=True)
def dossier_zip(ref: str) -> Response:
    """Stream the ZIP of a dossier, with the originals and the digests of all files."""
    _case, asked, made = _require_shareable(ref)
    whose = asked.profile.value + ("-with-drafts" if asked.drafts else "")
    name = f"dossier-{ref}-{whose}-{clock.current_date():%Y-%m-%d}.zip"
    if request.method != "GET":
        return file_response(b"", name, content_type="application/zip")
    run = service.log_dossier(made, asked, form="ZIP", by=current_actor())
    page = _render_dossier("reports/dossier_file.html", asked, made)
    file = log_completion(iter_file_chunks(service.build_dossier_zip(made, asked, page)), run)
    return file_response(stream_with_context(file), name, content_type="application/zip")


def _requested_dossier(ref: str) -> tuple[Case, DossierFilter]:
    """Return the case and the requested options; raise Forbidden if they are not allowed."""
    case = load(Case, ref)
    asked = DossierFilter.from_args(request.args)
    require_share_permission(asked.profile, current_actor())
    return case, asked


def _require_shareable(ref: str) -> tuple[Case, DossierFilter, service.DossierResult]:
    """Return the case, the options and the dossier; raise Forbidden if it cannot be made."""
    case, asked = _requested_dossier(ref)
    if reason := service.blocking_reason(case, asked):
        raise Forbidden(reason)
    return case, asked, service.build_dossier(case, asked)


def _render_dossier(
    template: str, filters: DossierFilter, made: service.DossierResult, **more: object
) -> str:
    """Return a rendered template of a dossier in the language of the dossier; `**more`: further
    values for the template.
    """
    with use_language(filters.language):
        return render_template(
            template, asked=filters, dossier=made.dossier, counted=PeopleCounted, **more
        )

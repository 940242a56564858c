"""The pages of the case dossier: preview, print page and ZIP."""

from __future__ import annotations

import hashlib

from flask import Response, render_template, request, stream_with_context

from tracker import clock
from tracker.articles.evidence import iter_file_chunks
from tracker.cases.models import Case
from tracker.i18n import use_language
from tracker.incidents.codes import PeopleCounted
from tracker.permissions import Permission
from tracker.reports.codes import Profile
from tracker.reports.dossiers import service
from tracker.reports.export_log_service import log_completion
from tracker.reports.filters import DOSSIER_PROFILES, CaseDossierOptions, require_share_permission
from tracker.reports.queries import list_recipient_names
from tracker.reports.views import bp
from tracker.web.guards import (
    current_actor,
    file_response,
    require_permission,
    shows_filter_errors,
    shows_filter_errors_on,
)
from tracker.web.saving import load


@bp.get("/dossier/<ref>")
@require_permission(Permission.EXPORT)
@shows_filter_errors
def dossier(ref: str) -> str:
    """Show the preview of a dossier: how many records are included and left out."""
    return _render_preview(*_requested_dossier(ref))


@bp.get("/dossier/<ref>/print")
@require_permission(Permission.EXPORT, fresh=True)
@shows_filter_errors_on("reports.dossier")
def dossier_print(ref: str) -> str | tuple[str, int]:
    """Show the dossier as a page to print."""
    case, asked, made = _requested_dossier(ref)
    if made is None or made.empty_reason:
        return _render_preview(case, asked, made, is_refused=True), 403
    if request.method != "GET":
        # HEAD asks for the headers only: nothing is downloaded.
        return ""
    run = service.log_dossier(made, asked, form="HTML", by=current_actor())
    html = _render_dossier("reports/dossier_body.html", asked, made)
    page = _render_dossier("reports/dossier_print.html", asked, made, case=case)
    # The digest of the content alone: the page around it has a new CSRF token each time.
    run.close(hashlib.sha256(html.encode()).hexdigest())
    return page


@bp.get("/dossier/<ref>.zip")
@require_permission(Permission.EXPORT, fresh=True)
@shows_filter_errors_on("reports.dossier")
def dossier_zip(ref: str) -> Response | tuple[str, int]:
    """Stream the ZIP of a dossier, with the originals and the digests of all files."""
    case, asked, made = _requested_dossier(ref)
    if made is None or made.empty_reason:
        return _render_preview(case, asked, made, is_refused=True), 403
    whose = asked.profile.value + ("-with-drafts" if asked.drafts else "")
    name = f"dossier-{ref}-{whose}-{clock.current_date():%Y-%m-%d}.zip"
    if request.method != "GET":
        return file_response(b"", name, content_type="application/zip")
    run = service.log_dossier(made, asked, form="ZIP", by=current_actor())
    page = _render_dossier("reports/dossier_file.html", asked, made)
    file = log_completion(iter_file_chunks(service.build_dossier_zip(made, asked, page)), run)
    return file_response(stream_with_context(file), name, content_type="application/zip")


def _requested_dossier(ref: str) -> tuple[Case, CaseDossierOptions, service.DossierResult | None]:
    """Return the case, the requested options and the dossier, which is None if the case may not be
    shared; raise Forbidden if the user may not make files for others.
    """
    case = load(Case, ref)
    asked = CaseDossierOptions.from_args(request.args)
    require_share_permission(asked.profile, current_actor())
    is_shareable = service.may_share(case, asked)
    return case, asked, service.build_dossier(case, asked) if is_shareable else None


def _render_preview(
    case: Case,
    asked: CaseDossierOptions,
    made: service.DossierResult | None,
    *,
    is_refused: bool = False,
) -> str:
    """Render the preview of a dossier; `made`: the dossier, None if the case may not be shared;
    `is_refused`: whether the user asked to download a dossier that has no records.
    """
    may_share = current_actor().has_permission(Permission.SHARE)
    return render_template(
        "reports/dossier.html",
        case=case,
        asked=asked,
        made=made,
        is_refused=is_refused,
        counted=PeopleCounted,
        recipients=list_recipient_names(),
        profiles=DOSSIER_PROFILES if may_share else [Profile.INTERNAL],
    )


def _render_dossier(
    template: str, filters: CaseDossierOptions, made: service.DossierResult, **more: object
) -> str:
    """Return a rendered template of a dossier in the language of the dossier; `**more`: further
    values for the template.
    """
    with use_language(filters.language):
        return render_template(
            template,
            asked=filters,
            dossier=made.dossier,
            left_out=service.format_left_out(made),
            counted=PeopleCounted,
            **more,
        )

"""The pages of the data package and of the export log."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from flask import Response, render_template, request
from werkzeug.datastructures import MultiDict

from tracker.config import LANGUAGES
from tracker.errors import BadQuery
from tracker.i18n import _, current_language, lazy
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.queries import filter_labels_by_code
from tracker.permissions import Permission
from tracker.reports import queries
from tracker.reports.codes import ExclusionReason, ExportKind, Profile
from tracker.reports.export_log_service import start_export
from tracker.reports.filters import FIELD_LABELS, PackageOptions, require_share_permission
from tracker.reports.formats import FileFormat
from tracker.reports.models import ExportRun
from tracker.reports.packages import service
from tracker.reports.scope_queries import count_withheld_names
from tracker.reports.tables import FLAT_INCIDENTS, PUBLISHED_INCIDENTS, tables_for_profile
from tracker.reports.views import bp, stream_file
from tracker.review.codes import RetractReason
from tracker.timelines.charts import RECORD_CHART_TITLES
from tracker.vocabulary.codes import Answer, TermSet
from tracker.vocabulary.labels import code_choices, get_label
from tracker.vocabulary.queries import list_all_terms
from tracker.web.filters import (
    REF_PATTERN,
    invalid_value_error,
    parse_text,
    reject_unknown_parameters,
)
from tracker.web.guards import (
    current_actor,
    require_permission,
    shows_filter_errors,
    shows_filter_errors_on,
)
from tracker.web.paging import paginate

# The fields of the filter of incidents, by name.
FILTER_FIELDS = {one.name: one for one in IncidentFilter.declared_fields()}
# The headings of the columns of files of incidents, by name.
LABEL_OF_COLUMN = {
    one.name: one.label for one in (*PUBLISHED_INCIDENTS.columns, *FLAT_INCIDENTS.columns)
}
# The labels of the options in the export log, by their name there.
LABEL_OF_LOGGED_OPTION = {
    **{name: one.label for name, one in FILTER_FIELDS.items()},
    **FIELD_LABELS,
    "case": lazy("Case"),
    "import": lazy("File of others"),
    "rows": lazy("Result for each row"),
}


@bp.get("/package")
@require_permission(Permission.EXPORT)
@shows_filter_errors
def package() -> str:
    """Show the preview of a package: rows, what is left out, and changes since the last one."""
    asked = PackageOptions.from_args(request.args)
    actor = current_actor()
    require_share_permission(asked.profile, actor)
    runs = service.find_last_packages(asked)
    preview = service.preview_package(service.build_package_request(asked, since=runs, by=actor))
    return render_template(
        "reports/package.html",
        asked=asked,
        said=asked.describe(filter_labels_by_code(asked.incidents)),
        last=runs[0] if runs else None,
        since=next((one for one in runs if one.id == preview.compared_run_id), None),
        preview=preview,
        reasons={
            "": "",
            **dict(
                code_choices(ExclusionReason, current_language())
                + code_choices(RetractReason, current_language())
            ),
        },
        profiles=list(Profile) if actor.has_permission(Permission.SHARE) else [Profile.INTERNAL],
        recipients=queries.list_recipient_names(),
        held=count_withheld_names(
            service.build_package_request(asked, since=(), by=actor).scope.ids_by_table["incidents"]
        )
        if asked.profile is Profile.PARTNER
        else None,
    )


@bp.get("/package.zip")
@require_permission(Permission.EXPORT, fresh=True)
@shows_filter_errors_on("reports.package")
def package_zip() -> Response:
    """Stream the data package as a ZIP."""
    return _stream_package("zip")


@bp.get("/package.xlsx")
@require_permission(Permission.EXPORT, fresh=True)
@shows_filter_errors_on("reports.package")
def package_xlsx() -> Response:
    """Stream the data package as one workbook."""
    return _stream_package("xlsx")


def _stream_package(suffix: str) -> Response:
    """Stream the requested package as a file; `suffix`: "zip" or "xlsx"."""
    asked = PackageOptions.from_args(request.args)
    actor = current_actor()
    require_share_permission(asked.profile, actor)
    export_request = service.build_package_request(
        asked, since=service.find_last_packages(asked), by=actor
    )
    if suffix == "xlsx":
        service.validate_row_limit(export_request)
    start_log = partial(
        start_export,
        ExportKind.PACKAGE,
        asked.to_log(),
        tables=tables_for_profile(asked.profile),
        profile=asked.profile,
        language=current_language(),
        recipient=asked.recipient,
    )
    write = service.stream_package_workbook if suffix == "xlsx" else service.stream_package_zip
    name = f"package-{asked.profile.value}" + ("-with-drafts" if asked.drafts else "")
    return stream_file(name, suffix, start_log, partial(write, export_request))


@bp.get("/export-log")
@require_permission(Permission.READ)
@shows_filter_errors
def export_log() -> str:
    """Show the export log. With the query parameter `holds`, a ref, show only exports that contain
    the record with this ref.
    """
    reject_unknown_parameters(request.args, ("holds",))
    typed = parse_text(request.args, "holds", label=_("Record"))
    holds = typed.upper()
    if holds and not REF_PATTERN.fullmatch(holds):
        raise invalid_value_error("holds", typed, label=_("Record"))
    actor, language = current_actor(), current_language()
    terms = list_all_terms(TermSet.INCIDENT_TYPE) + list_all_terms(TermSet.REGION)
    labels = {one.code: one.label_in(language) for one in terms}
    page = paginate(
        queries.visible_export_runs(actor, record_ref=holds), queries.EXPORT_LOG_ORDER, request.args
    )
    return render_template(
        "reports/export_log.html",
        holds=holds,
        is_aimed_at=queries.can_be_target(holds),
        page=page,
        before=queries.previous_identical_runs(page.items),
        # The number of rows of an internal file is shown only to the user who downloaded it.
        counted={
            run.id
            for run in page.items
            if run.by_id == actor.id or run.profile is not Profile.INTERNAL
        },
        listed=queries.logged_row_counts(page.items),
        unlisted=queries.count_runs_without_rows(actor) if holds else 0,
        asked={
            run.id: _logged_options(run, labels, is_own=run.by_id == actor.id) for run in page.items
        },
        forms={run.id: _file_format(run) for run in page.items},
        kinds=ExportKind,
        chart_titles=RECORD_CHART_TITLES,
    )


def _file_format(run: ExportRun) -> str:
    """Return the format of an exported file, "" for a package whose format was not stored."""
    if run.kind is ExportKind.PACKAGE or "chart" in run.asked:
        return str(run.asked.get("form", ""))
    return get_label(FileFormat(run.asked.get("format", FileFormat.CSV)), current_language())


def _logged_options(
    run: ExportRun, labels: Mapping[str, str], *, is_own: bool
) -> list[tuple[str, str]]:
    """Return the labels and values of the options of an export in the log. Values that may name
    somebody are shown as "…" unless the viewer made the export (`is_own`).
    """
    return [
        (
            str(LABEL_OF_LOGGED_OPTION.get(name, name)),
            "…"
            if name in queries.OPTIONS_HIDDEN_FROM_OTHERS and not is_own
            else _label_option(name, value, labels),
        )
        for name, value in run.asked.items()
        if name not in {"chart", "form", "format"}
    ]


def _label_option(name: str, value: str | list[str], labels: Mapping[str, str]) -> str:
    """Return the value of a logged option in the words of the filter chips, refs as they are.
    `labels`: of terms, by code.
    """
    if isinstance(value, str) and name == "drafts":
        return get_label(Answer(value), current_language())
    if isinstance(value, str) and name == "columns":
        return ", ".join(str(LABEL_OF_COLUMN.get(one, one)) for one in value.split(","))
    if name == "labels":
        return LANGUAGES.get(str(value), str(value))
    if name in FILTER_FIELDS:
        field = FILTER_FIELDS[name]
        # A filter that an earlier version offered may not be understood any more.
        with suppress(BadQuery):
            return field.value_text(field.parse_value(MultiDict({name: value})), labels)
    return ", ".join(value) if isinstance(value, list) else str(value)

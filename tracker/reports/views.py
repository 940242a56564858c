"""The export page: the incidents that match a filter, as a file; and saved exports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, request, stream_with_context, url_for
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.wrappers import Response as BaseResponse

from tracker import clock
from tracker.i18n import _, lazy
from tracker.incidents.queries import filter_labels_by_code, incidents_matching
from tracker.permissions import Permission
from tracker.reports import service
from tracker.reports.codes import Profile
from tracker.reports.export_log_service import ExportLogger, start_export
from tracker.reports.filters import (
    DOWNLOAD_BUTTON,
    FIELD_LABELS,
    SAVED_NAME_FIELD,
    UNTICK_BUTTON,
    FileOptions,
    is_form_submission,
    require_share_permission,
    without_incident_filter,
)
from tracker.reports.formats import CONTENT_TYPES, FILE_SUFFIXES, MAX_SHEET_ROWS, FileFormat
from tracker.reports.models import MAX_SAVED_NAME_LENGTH
from tracker.reports.queries import filter_by_page_position, page_position_args, saved_exports
from tracker.scoping import Viewer
from tracker.web.filters import invalid_value_error, reject_unknown_parameters
from tracker.web.forms import TextField, TrackerForm, render_form
from tracker.web.guards import (
    current_actor,
    file_response,
    require_permission,
    shows_filter_errors,
    shows_filter_errors_on,
)
from tracker.web.saving import handle_form

bp = Blueprint("reports", __name__, url_prefix="/reports")


class SavedExportForm(TrackerForm):
    """The form with the name under which the options of an export are saved or deleted."""

    name = TextField(
        lazy("Name of the saved export"), max_length=MAX_SAVED_NAME_LENGTH, required=True
    )


@bp.get("/")
@require_permission(Permission.EXPORT)
@shows_filter_errors
def index() -> BaseResponse | tuple[str, int]:
    """Show the options of an export and a preview of its rows."""
    name = request.args.get(SAVED_NAME_FIELD, "")
    is_unticked = UNTICK_BUTTON in request.args
    if is_form_submission(request.args) and not is_unticked and "wrong_filter" not in g:
        given, is_unfiltered = _drop_filter_of_public_file(request.args)
        # The address to share has the options, and not every checkbox of the form.
        asked = FileOptions.from_args(given)
        args: dict[str, Any] = asked.to_args() | page_position_args(given)
        if DOWNLOAD_BUTTON in given and not is_unfiltered:
            return redirect(url_for(f".incidents_{asked.format.suffix}", **args))
        return redirect(url_for(".index", **args | ({SAVED_NAME_FIELD: name} if name else {})))
    return _render_export_page(SavedExportForm(data={SAVED_NAME_FIELD: name}))


def _drop_filter_of_public_file(
    args: MultiDict[str, str],
) -> tuple[MultiDict[str, str], bool]:
    """Return the query parameters of the form, without a filter if the file is for the public, and
    whether there was one, which the user is then told.
    """
    given = without_incident_filter(args)
    if args.get("profile") != Profile.PUBLIC or len(given) == len(args):
        return args, False
    flash(
        _(
            "The public file is always complete, so the filter was removed. Everything else is as "
            "you chose it."
        )
    )
    return given, True


def _render_export_page(form: SavedExportForm) -> tuple[str, int]:
    """Render the page with the current options, and the form that saves them."""
    export_request, actor = _parse_export_request(request.args), current_actor()
    asked, may_share = export_request.options, actor.has_permission(Permission.SHARE)
    return render_form(
        "reports/index.html",
        form=form,
        asked=asked,
        reading=service.reading_instructions(asked),
        left_out=service.left_out_sentences(asked),
        described=asked.incidents.describe(filter_labels_by_code(asked.incidents)),
        preview=service.preview_export(export_request),
        offered=asked.column_choices,
        hidden=_invalid_filter_values()
        | asked.incidents.to_args()
        | page_position_args(request.args),
        download=DOWNLOAD_BUTTON,
        untick=UNTICK_BUTTON,
        kept=saved_exports(actor),
        profiles=[one for one in Profile if may_share or one is not Profile.PARTNER],
        formats=list(FileFormat),
        most_rows=MAX_SHEET_ROWS,
    )


def _invalid_filter_values() -> dict[str, str]:
    """Return the invalid values of the filter of incidents, by parameter. They have no field on the
    page, whose form sends them again: a file is never made as if they had not been there.
    """
    wrong = g.get("wrong_filter", {}).get("at", {})
    names = wrong.keys() - without_incident_filter(MultiDict((one, "") for one in wrong)).keys()
    return {name: wrong[name][1] for name in names}


@bp.post("/")
@require_permission(Permission.EXPORT)
@shows_filter_errors_on("reports.index")
def save_export() -> BaseResponse | tuple[str, int]:
    """Save the options that are chosen in the form of the page under a name."""
    form = SavedExportForm()
    # The name is a field among the options, whose errors are shown as those of the address.
    options = MultiDict(one for one in request.form.items(multi=True) if one[0] not in form)
    given, _is_unfiltered = _drop_filter_of_public_file(options)
    request.args = ImmutableMultiDict(given)
    args: dict[str, Any] = FileOptions.from_args(given).to_args()
    answer = handle_form(
        form,
        lambda: service.save_export(form.name.data or "", args, by=current_actor()),
        to=url_for(".index", **args),
        message=lambda is_replaced: (
            _("Saved. It replaces the export that you had saved under this name.")
            if is_replaced
            else _("Saved.")
        ),
    )
    return answer or _render_export_page(form)


@bp.post("/saved-exports/remove")
@require_permission(Permission.EXPORT)
def remove_saved_export() -> BaseResponse:
    """Delete a saved export."""
    form = SavedExportForm()
    answer = handle_form(
        form,
        lambda: service.remove_saved_export(form.name.data or "", by=current_actor()),
        to=url_for(".index"),
        message=_("Removed."),
    )
    if answer is None:
        flash(_("The page had been open for too long; press the button again."))
    return answer or redirect(url_for(".index"), code=303)


def _make_stream_view(suffix: str) -> Callable[[], Response]:
    """Return the view that streams incidents as a file with an extension."""

    @require_permission(Permission.EXPORT, fresh=True)
    def stream_incidents() -> Response:
        """Stream the incidents of a filter as a file."""
        return _stream_incidents_file(request.args, suffix)

    return stream_incidents


for _suffix in FILE_SUFFIXES:
    bp.add_url_rule(f"/incidents.{_suffix}", f"incidents_{_suffix}", _make_stream_view(_suffix))


@bp.get("/published.csv")
@require_permission(Permission.EXPORT, fresh=True)
def published_csv() -> Response:
    """Stream the published incidents as CSV."""
    reject_unknown_parameters(request.args, ())
    return _stream_incidents_file(
        _add_parameter(request.args, "profile", Profile.PUBLIC.value), "csv"
    )


def _stream_incidents_file(args: MultiDict[str, str], suffix: str) -> Response:
    """Return the file of incidents that the query parameters `args` ask for. `suffix`: the
    extension in the address, which is the format if `args` has no `format`.
    """
    if not args.get("format"):
        args = _add_parameter(args, "format", suffix)
    export_request = _parse_export_request(args)
    asked = export_request.options
    if asked.format.suffix != suffix:
        raise invalid_value_error("format", asked.format.value, label=FIELD_LABELS["format"])
    service.validate_row_limit(export_request)
    start_log = partial(
        start_export,
        asked.kind,
        asked.to_log() | page_position_args(args),
        tables=[asked.chosen_table],
        profile=asked.profile,
        language=asked.language,
    )
    name = f"{asked.kind.value}-{asked.profile.value}" + ("-with-drafts" if asked.drafts else "")
    return stream_file(name, suffix, start_log, partial(service.stream_export, export_request))


def stream_file(
    name: str,
    suffix: str,
    start_log: Callable[..., ExportLogger],
    stream: Callable[[ExportLogger], Iterator[bytes]],
) -> Response:
    """Stream a file. `name`: the name of the file without date and extension (`suffix`);
    `start_log`: the function that logs the start of the download, called with the keyword arguments
    `suffix` and `by` (the actor); `stream`: yields the parts of the file, called with this logger.
    """
    name, content_type = f"{name}-{clock.current_date():%Y-%m-%d}.{suffix}", CONTENT_TYPES[suffix]
    if request.method != "GET":
        # HEAD asks for the headers only: nothing is downloaded.
        return file_response(b"", name, content_type=content_type)
    file = stream(start_log(suffix=suffix, by=current_actor()))
    return file_response(stream_with_context(file), name, content_type=content_type)


def _parse_export_request(args: MultiDict[str, str]) -> service.ExportRequest:
    """Return the requested export; raise Forbidden if the user may not make it."""
    asked, actor = FileOptions.from_args(args), current_actor()
    if asked.profile is Profile.PARTNER:
        require_share_permission(asked.profile, actor)
    return service.ExportRequest(
        options=asked,
        rows=filter_by_page_position(incidents_matching(asked.incidents), args),
        viewer=Viewer(tuple(actor.team_ids)),
        base_url=request.url_root.rstrip("/") + url_for("incidents.index"),
        pause_factor=1,
    )


def _add_parameter(args: MultiDict[str, str], name: str, value: str) -> MultiDict[str, str]:
    """Return query parameters with one more."""
    return type(args)([*args.items(multi=True), (name, value)])

"""The pages of imports: upload, mapping, check, removal, running and undoing.

Running and undoing stream a page that gets a line for each step.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from sqlalchemy.orm import undefer
from werkzeug.wrappers import Response as BaseResponse

from tracker.db import db
from tracker.errors import InvalidInput, redacted_traceback
from tracker.i18n import _, ngettext
from tracker.incidents.models import Incident
from tracker.incidents.queries import models_with_rows_about
from tracker.kit.sections import add_history_page
from tracker.people.models import Journalist
from tracker.permissions import Actor, Permission
from tracker.reports.imports import queries, run_service
from tracker.reports.imports import service as import_service
from tracker.reports.imports.codes import ImportField, ImportState, ProblemKind, RowFate
from tracker.reports.imports.forms import MappingForm, PlanForm, UploadForm
from tracker.reports.imports.models import ImportBatch, ImportRow
from tracker.reports.imports.results import example_label, table_error_message
from tracker.reports.imports.rows import Problem
from tracker.reports.imports.service import RowsRequest, log_rows_download, stream_rows
from tracker.reports.imports.tables import ENCODINGS, Table, TableError, read_table_in_child
from tracker.reports.views import stream_file
from tracker.scoping import Viewer, set_viewer
from tracker.users.queries import list_actor_teams
from tracker.web import saving
from tracker.web.filters import parse_code, reject_unknown_parameters
from tracker.web.forms import PartForm, TrackerForm, render_form
from tracker.web.guards import current_actor, require_permission
from tracker.web.layout import register_panel
from tracker.web.paging import paginate

log = logging.getLogger(__name__)
bp = Blueprint("imports", __name__, url_prefix="/reports/imports")
MAX_SAMPLE_ROWS = 3  # first rows of a file, shown on its page with the mapping of its columns
MAX_SHOWN_INCIDENTS = 50  # incidents or rows in each list on the page of an imported file


def _load_batch(ref: str) -> ImportBatch:
    """Return the import with a ref; raise NotFound if there is none. The deferred column `found`,
    the result of the check, is loaded too.
    """
    return saving.load(ImportBatch, ref, undefer(ImportBatch.found))


add_history_page(bp, _load_batch)


@bp.get("/")
@require_permission(Permission.READ)
def index() -> str:
    """Show the list of files that the viewer's teams uploaded, the latest first."""
    reject_unknown_parameters(request.args, ("after", "before"))
    order: Any = queries.SORT_ORDER
    return render_template(
        "imports/index.html", page=paginate(queries.visible_batches(), order, request.args)
    )


@bp.route("/new", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def new() -> BaseResponse | tuple[str, int]:
    """Show the upload form, and store the uploaded file."""
    form = UploadForm()
    form.team.set_choices(list_actor_teams(current_actor()))
    form.set_choices(queries.list_plans())

    def apply_change() -> tuple[ImportBatch, str]:
        # Reading a file may take seconds.
        table = saving.without_write_lock(lambda: _read_uploaded_table(form))
        sha256, team_id = import_service.file_digest(form.content), int(form.team.data)
        same = import_service.existing_batch(table, sha256=sha256, team_id=team_id)
        batch = import_service.receive_file(
            table,
            sha256=sha256,
            file_name=str(form.file.data.filename).rpartition("/")[2],
            mapping=form.mapping.data,
            team_id=team_id,
            by=current_actor(),
        )
        return batch, _upload_message(
            batch, is_new=same is None, is_mapping_chosen=bool(form.mapping.data)
        )

    answer = saving.handle_form(
        form, apply_change, to=lambda done: saving.record_url(done[0]), message=lambda done: done[1]
    )
    return answer or render_form("imports/new.html", form=form)


def _read_uploaded_table(form: UploadForm) -> Table:
    """Return the table in the uploaded file; raise InvalidInput if there is none."""
    name = str(form.file.data.filename)
    try:
        return read_table_in_child(
            form.content, name, encoding=form.encoding.data, separator=form.separator.data
        )
    except TableError as error:
        raise InvalidInput(file=table_error_message(error)) from error


def _upload_message(batch: ImportBatch, *, is_new: bool, is_mapping_chosen: bool) -> str:
    """Return the message after an upload; `is_new`: whether the file was not stored before;
    `is_mapping_chosen`: whether the user chose a mapping for it.
    """
    if batch.state is ImportState.TAKEN:
        return str(_("The same file was imported before. Nothing was stored."))
    if not is_new and is_mapping_chosen:
        return str(
            _(
                "The same file is here already, under this name. Its columns are read anew, by the "
                "mapping that you chose."
            )
        )
    if not is_new:
        return str(_("The same file is here already, under this name. Nothing was stored."))
    return str(_("The file is kept. Say what its columns mean, and check it."))


@bp.get("/<ref>/")
@require_permission(Permission.READ)
def show(ref: str) -> str:
    """Show an uploaded file: its mapping, the result of the check, the outcome of its rows."""
    batch = _load_batch(ref)
    form = PlanForm(formdata=None)
    form.populate_for_edit(batch)
    return render_page(batch, form)[0]


@bp.post("/<ref>/check")
@require_permission(Permission.LOG)
def check(ref: str) -> BaseResponse | tuple[str, int]:
    """Check all rows by the submitted mapping, and store the mapping and the result."""
    batch = saving.load_to_edit(ImportBatch, ref, undefer(ImportBatch.found))
    form = PlanForm()
    form.set_choices(batch)

    def apply_change() -> None:
        plan = form.cleaned_data()
        if kinds := form.skip_reasons():
            plan, checked = saving.without_write_lock(
                lambda: import_service.check_file_without_skipped_rows(
                    _load_batch(ref), plan, kinds
                )
            )
        else:
            checked = saving.without_write_lock(
                lambda: import_service.check_file(_load_batch(ref), plan)
            )
        import_service.save_check(_load_batch(ref), plan, checked, by=current_actor())

    said = _("Every row was checked; nothing was imported yet.")
    answer = saving.handle_form(
        form, apply_change, to=saving.record_url(batch), message=said, record=batch
    )
    return answer or render_page(_load_batch(ref), form)


@bp.get("/<ref>/rows.csv")
@require_permission(Permission.EXPORT, fresh=True)
def rows_csv(ref: str) -> Response:
    """Stream the uploaded cells as CSV with the outcome of each row. With the query parameter
    `fate`, only the rows with this outcome.
    """
    reject_unknown_parameters(request.args, ("fate",))
    fate = parse_code(request.args, "fate", RowFate, label=_("Result for each row"))
    batch, viewer = _load_batch(ref), Viewer(tuple(current_actor().team_ids))
    asked = RowsRequest(batch_id=batch.id, batch_ref=batch.ref, viewer=viewer, fate=fate)
    return stream_file(ref, "csv", partial(log_rows_download, asked), partial(stream_rows, asked))


@register_panel("closing")
def mentions_panel(journalist: Journalist) -> str:
    """Return the panel of imports that mention a journalist whose name is to be redacted, "" if
    there are none.
    """
    files = queries.batches_mentioning(journalist)
    return render_template("imports/mentions_panel.html", files=files) if files else ""


@register_panel("incident")
def source_panel(incident: Incident) -> str:
    """Return the panel with the imported row that an incident was created from, "" if none."""
    row = (
        queries.find_source_row(incident) if ImportRow in models_with_rows_about(incident) else None
    )
    return render_template("imports/source_panel.html", row=row) if row is not None else ""


def render_page(
    batch: ImportBatch,
    form: PlanForm,
    *,
    form_with_errors: TrackerForm | None = None,
    status: int = 200,
) -> tuple[str, int]:
    """Return the page of a file, and its HTTP status: `status`, or the status of a `form` with
    errors if that is greater. `form`: the form for the mapping; `form_with_errors`: another form of
    the page that was submitted with errors.
    """
    is_open = batch.state in {ImportState.RECEIVED, ImportState.CHECKED}
    choosing = (
        form_with_errors
        if isinstance(form_with_errors, MappingForm)
        else MappingForm.for_record(batch)
    )
    choosing.set_choices(queries.list_plans(batch.team_id))
    shown, code = render_form(
        "imports/show.html",
        form=form,
        batch=batch,
        encodings=ENCODINGS,
        is_open=is_open,
        found=batch.found if batch.state is not ImportState.RECEIVED else None,
        problems=[
            Problem(row, column, ProblemKind(kind), value)
            for row, column, kind, value in batch.found.get("problems", [])
        ],
        examples=_example_lines(batch, form),
        as_field=ImportField,
        first=[cells for _row, cells in queries.first_rows(batch.id, MAX_SAMPLE_ROWS)],
        same=_skipped_rows(batch, form),
        choosing=choosing,
        form_with_errors=form_with_errors,
        **({} if is_open else _import_result_values(batch)),
    )
    return shown, max(code, status)


def _skipped_rows(batch: ImportBatch, form: PlanForm) -> list[tuple[int, list[str]]]:
    """Return the rows that the mapping in the form skips as duplicates, as number and cells."""
    rows = form.plan.the_same
    return queries.first_rows(batch.id, len(rows), numbers=rows) if rows else []


def _example_lines(batch: ImportBatch, form: PlanForm) -> list[tuple[int, str]]:
    """Return, for the first rows of a file, the row number and, as text, the incident that the row
    would become. `form`: the form from which the labels of types and countries are taken.
    """
    types, countries = dict(form.type.choices), dict(form.country.choices)
    return [
        (kept["row"], example_label(kept, types=types, countries=countries))
        for kept in batch.found.get("examples", [])
    ]


def _import_result_values(batch: ImportBatch) -> dict[str, Any]:
    """Return the template values about an imported file: the number of rows by outcome, the
    incidents created, the rows recorded already, those without an incident, and how many
    incidents were retracted.
    """
    return {
        "counts": queries.count_rows_by_fate(batch.id),
        "made": queries.imported_incidents(batch.id, MAX_SHOWN_INCIDENTS),
        "known": queries.rows_already_recorded(batch.id, MAX_SHOWN_INCIDENTS),
        "known_fate": RowFate.KNOWN,
        "waiting": [
            (row, cells)
            for row, cells in queries.first_rows(
                batch.id, MAX_SHOWN_INCIDENTS, fate=RowFate.WAITING
            )
            if any(cells)
        ],
        "waiting_fate": RowFate.WAITING,
        "retracted": queries.count_retracted_incidents(batch.id),
    }


@bp.post("/<ref>/run")
@require_permission(Permission.LOG)
def run(ref: str) -> Response | tuple[str, int]:
    """Run the import, which creates an incident for every row or for none."""
    return _stream_progress(ref, _import_steps, _("Importing a file"))


@bp.post("/<ref>/undo")
@require_permission(Permission.LOG)
def undo(ref: str) -> Response | tuple[str, int]:
    """Undo the import, which retracts the incidents that nobody has changed."""
    return _stream_progress(ref, _undo_steps, _("Undoing an import"))


def _stream_progress(
    ref: str, steps: Callable[[int, Actor], Iterator[str]], title: str
) -> Response | tuple[str, int]:
    """Return a page that gets a line for each step of `steps`, which run while it is sent."""
    batch = saving.load_to_edit(ImportBatch, ref)
    form = PartForm()
    if not form.validate():
        fresh = PlanForm(formdata=None)
        fresh.populate_for_edit(batch)
        return render_page(batch, fresh, status=400)
    form.require_current_version(batch)
    batch_id, address = batch.id, saving.record_url(batch)
    # If the form is submitted again, it redirects to the page of the file.
    saving.commit_with_result_url(address)
    mark = secrets.token_hex(16)
    whole = saving.without_write_lock(
        partial(render_template, "imports/importing.html", mark=mark, title=title, address=address)
    )
    lines = stream_with_context(_stream_page(whole.split(mark), steps, batch_id))
    # nginx would hold the lines back until the last one.
    return Response(lines, mimetype="text/html", headers={"X-Accel-Buffering": "no"})


def _stream_page(
    page_around: list[str], steps: Callable[[int, Actor], Iterator[str]], batch_id: int
) -> Iterator[str]:
    """Yield the page with a line for each step; roll back the current step on an error.
    `page_around`: the HTML before and after the lines; `steps`: yields the texts of the lines.
    """
    before, after = page_around
    # The view's session ends before streaming starts, so this is another session.
    with current_app.app_context():
        by = saving.without_write_lock(current_actor)
        set_viewer(Viewer(tuple(by.team_ids)))
        db.session.rollback()
        yield before
        try:
            for words in steps(batch_id, by):
                yield _render_line(words)
        except InvalidInput as error:
            db.session.rollback()
            yield _render_line(str(error), is_wrong=True)
        except Exception as error:  # noqa: BLE001 (the page has begun: there is no other to show)
            db.session.rollback()
            reference = secrets.token_hex(4)
            _log_error(reference, error)
            words = _(
                "Something went wrong; the rest was not done. Reference: %(ref)s",
                ref=reference,
            )
            yield _render_line(words, is_wrong=True)
        yield after


def _import_steps(batch_id: int, by: Actor) -> Iterator[str]:
    """Run an import, and yield the text of a line about each step."""
    yield _("Every row is checked once more.")
    prepared = saving.without_write_lock(
        lambda: run_service.prepare_import(queries.batch_by_id(batch_id), by=by)
    )
    made = len(prepared.checked.drafts)
    yield ngettext("%(num)d incident is written.", "%(num)d incidents are written.", made)
    prepared.store(queries.batch_by_id(batch_id), by=by)
    db.session.commit()
    yield _("Done. They are drafts of your team; the file leads to each.")


def _undo_steps(batch_id: int, by: Actor) -> Iterator[str]:
    """Undo an import, and yield the text of a line about each step."""
    after, done = 0, 0
    run_service.validate_can_undo(queries.batch_by_id(batch_id))
    created = saving.without_write_lock(
        lambda: run_service.find_created_people(queries.batch_by_id(batch_id))
    )
    while some := queries.unchanged_incident_ids(batch_id, after=after):
        run_service.retract_incidents(some, created, by=by)
        db.session.commit()
        after, done = some[-1], done + len(some)
        yield ngettext("%(num)d incident is retracted.", "%(num)d incidents are retracted.", done)
    yield from _stream_people_removal(created, by)
    run_service.mark_undone(queries.batch_by_id(batch_id), by=by)
    db.session.commit()
    yield _("Done. Incidents that were changed or submitted stay as they are.")


def _stream_people_removal(created: run_service.CreatedPeople, by: Actor) -> Iterator[str]:
    """Remove people and outlets that nothing refers to, and yield lines about who stays.

    The lines do not count those that other records refer to, which the viewer may not see.
    """
    gone = 0
    for kind, some in run_service.removal_batches(created):
        gone += run_service.remove_people(kind, some, by=by)
        db.session.commit()
    yield ngettext(
        "%(num)d journalist or outlet that it added is removed.",
        "%(num)d journalists and outlets that it added are removed.",
        gone,
    )
    yield _("People to whom another record refers stay, even if you may not see that record.")
    if created.edited_count:
        yield ngettext(
            "%(num)d stays, because somebody edited it.",
            "%(num)d stay, because somebody edited them.",
            created.edited_count,
        )


def _log_error(reference: str, error: Exception) -> None:
    """Log an unexpected error; `reference`: the id of the error that the page shows."""
    log.error("an import stopped: %s\n%s", reference, redacted_traceback(error))


def _render_line(words: str, *, is_wrong: bool = False) -> str:
    """Return the HTML of a line about a step or, with `is_wrong`, about an error."""
    return saving.without_write_lock(
        partial(render_template, "imports/line.html", words=words, is_wrong=is_wrong)
    )


@bp.post("/<ref>/mapping")
@require_permission(Permission.LOG)
def choose_mapping(ref: str) -> BaseResponse | tuple[str, int]:
    """Set another mapping for a file."""
    batch, form = saving.load_to_edit(ImportBatch, ref), MappingForm()
    form.set_choices(queries.list_plans(batch.team_id))
    answer = saving.handle_form(
        form,
        lambda: import_service.choose_mapping(batch, form.mapping.data, by=current_actor()),
        to=saving.record_url(batch),
        message=_("The mapping is applied: check the columns, then check the file."),
        record=batch,
    )
    return answer or _render_form_errors(batch, form)


@bp.post("/<ref>/remove")
@require_permission(Permission.LOG)
def remove(ref: str) -> BaseResponse | tuple[str, int]:
    """Remove a file that was not imported."""
    batch, form = saving.load_to_edit(ImportBatch, ref), PartForm()
    answer = saving.handle_form(
        form,
        lambda: import_service.remove_file(batch, by=current_actor()),
        to=url_for(".index"),
        message=_("The file and its rows are removed."),
        record=batch,
    )
    return answer or _render_form_errors(batch, form)


def _render_form_errors(batch: ImportBatch, problems: TrackerForm) -> tuple[str, int]:
    """Return the page of a file with the errors of a form other than `PlanForm`, and its status:
    400 without a valid CSRF token, else 422.
    """
    fresh = PlanForm(formdata=None)
    fresh.populate_for_edit(batch)
    status = 400 if "csrf_token" in problems.errors else 422
    return render_page(batch, fresh, form_with_errors=problems, status=status)

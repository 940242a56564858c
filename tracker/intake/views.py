"""The inbox: importing, listing, assigning and closing items."""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from sqlalchemy.orm import undefer
from werkzeug.wrappers import Response as Answer

from tracker.articles.citation_service import ReprintResult, find_article
from tracker.articles.incoming import IncomingArticle, read_pasted_text_in_child
from tracker.articles.models import Article
from tracker.articles.queries import (
    articles_at_url,
    citing_record_counts,
    citing_records_by_article,
    duplicates_by_article,
)
from tracker.articles.service import DuplicateArticle, canonical_url_or_none
from tracker.audit.queries import cached_until_change
from tracker.audit.service import log_download
from tracker.db import db, is_disk_error
from tracker.errors import InvalidInput, NotFound, redacted_traceback
from tracker.i18n import _, current_language
from tracker.intake import inbox_service, queries
from tracker.intake.codes import InboxState, UnreadReason
from tracker.intake.forms import CloseItemForm, ImportForm, PastedTextForm, Upload
from tracker.intake.inbox_service import FileImportResult, import_file
from tracker.intake.models import IntakeItem
from tracker.intake.queries import InboxFilter
from tracker.permissions import Actor, Permission, Visibility
from tracker.scoping import Viewer, set_viewer
from tracker.users.queries import list_actor_teams
from tracker.vocabulary.labels import code_choices
from tracker.web import saving
from tracker.web.filters import choices_hint
from tracker.web.forms import PartForm, render_form
from tracker.web.guards import (
    current_actor,
    file_response,
    require_editor,
    require_permission,
    shows_filter_errors,
)
from tracker.web.layout import register_panel
from tracker.web.paging import paginate

log = logging.getLogger(__name__)
bp = Blueprint("intake", __name__, url_prefix="/intake")


@bp.get("/")
@require_permission(Permission.READ)
@shows_filter_errors
def index() -> str:
    """List the open inbox items, or the items that match the filter of the page, latest first."""
    filters = InboxFilter.from_args(request.args)
    names = queries.assignee_names()
    own = current_actor().name
    if filters.taken_by and filters.taken_by not in {*names, own}:
        raise filters.unknown_value_error("taken_by", filters.taken_by, choices_hint())
    order: Any = (IntakeItem.recorded_at, IntakeItem.ref)
    page = paginate(queries.items_matching(filters), order, request.args)
    articles = [item.article for item in page.items if item.article is not None]
    here = duplicates_by_article(articles)
    others = [article for found in here.values() for article in found]
    return render_template(
        "intake/index.html",
        page=page,
        filters=filters,
        said=filters.describe(),
        choices={
            "state": [("", _("Open items")), *code_choices(InboxState, current_language())],
            "taken_by": [(name, name) for name in names],
        },
        own=own,
        here=here,
        counts=citing_record_counts(others),
    )


@bp.get("/items/<ref>/")
@require_permission(Permission.READ)
def show(ref: str) -> str:
    """Show an inbox item with its duplicates, assignee and actions."""
    return _render_item_page(load_item(ref))


@bp.get("/items/<ref>/history")
@require_permission(Permission.READ)
def history(ref: str) -> str:
    """Show the history of an inbox item."""
    return render_template("layout/history.html", record=load_item(ref))


@bp.get("/items/<ref>/original")
@require_permission(Permission.READ, fresh=True)
def original(ref: str) -> Response:
    """Download an unreadable file, for the team that owns it."""
    item = saving.load(IntakeItem, ref, undefer(IntakeItem.content))
    if item.content is None:
        raise NotFound
    if request.method == "GET":
        # HEAD asks for the headers only: nothing is downloaded.
        log_download("intake:original", item.ref, by=current_actor())
    return file_response(item.content, item.ref)


@bp.post("/items/<ref>/assign")
@require_permission(Permission.LOG)
def assign(ref: str) -> Answer | tuple[str, int]:
    """Assign an item to the viewer. Redirect to the item, or if the pressed button asks for it, to
    the suggestions for its article.
    """
    item = load_item(ref)
    said = _("Assigned to you.")
    to = saving.record_url(item)
    if item.article is not None and request.form.get("then") == "work":
        to = suggestions_url(item.article)
    return _handle_button(
        item, lambda: inbox_service.assign_item(item, by=current_actor()), said, to=to
    )


@bp.post("/items/<ref>/unassign")
@require_permission(Permission.LOG)
def unassign(ref: str) -> Answer | tuple[str, int]:
    """Unassign an item."""
    item = load_item(ref)
    said = _("Unassigned.")
    return _handle_button(item, lambda: inbox_service.unassign_item(item, by=current_actor()), said)


@bp.post("/items/<ref>/reopen")
@require_permission(Permission.LOG)
def reopen(ref: str) -> Answer | tuple[str, int]:
    """Reopen a closed item."""
    item = load_item(ref)
    said = _("Reopened.")
    return _handle_button(item, lambda: inbox_service.reopen_item(item, by=current_actor()), said)


@bp.post("/items/<ref>/close")
@require_permission(Permission.LOG)
def close(ref: str) -> Answer | tuple[str, int]:
    """Close an item as logged, as another source of existing records, or as out of scope."""
    item, form = load_item(ref), CloseItemForm()
    require_editor(item)

    def apply_change() -> ReprintResult | None:
        state = form.ending.chosen_code()
        typed = (form.earlier.data or "").strip()
        adds = state is InboxState.ADDS_SOURCE and typed
        earlier = find_article(typed, field="earlier") if adds else None
        reason = form.reason.data or ""
        by = current_actor()
        return inbox_service.close_item(item, state, reason=reason, earlier=earlier, by=by)

    def said(attached: ReprintResult | None) -> str:
        flash_next_item(excluding=item.article)
        return attached.build_message() if attached else _("Saved.")

    answer = saving.handle_form(
        form,
        apply_change,
        to=saving.record_url(item),
        message=said,
        record=item,
    )
    return answer or (_render_item_page(item, close_form=form), _error_status(form))


@bp.post("/items/<ref>/text")
@require_permission(Permission.LOG)
def set_text(ref: str) -> Answer | tuple[str, int]:
    """Save the text of a file that could not be read."""
    item, form = load_item(ref), PastedTextForm()
    require_editor(item)
    duplicate_error: DuplicateArticle | None = None

    def apply_change() -> Article:
        nonlocal duplicate_error
        # Reading a text may take seconds, during which others may save.
        pasted = saving.without_write_lock(lambda: read_pasted_text_in_child(form.text.data or ""))
        form.require_current_version(item)
        by, url, allow_duplicate = current_actor(), form.url.data or "", bool(form.keep.data)
        try:
            return inbox_service.set_item_text(
                item, pasted, url=url, allow_duplicate=allow_duplicate, by=by
            )
        except DuplicateArticle as error:
            duplicate_error = error
            raise

    answer = saving.handle_form(form, apply_change, to=suggestions_url, record=item)
    return answer or (
        _render_item_page(item, text_form=form, duplicate_error=duplicate_error),
        _error_status(form),
    )


@register_panel("article")
def inbox_status_panel(article: Article) -> str:
    """Render the inbox state of an article on its page."""
    item = queries.item_of_article(article)
    return render_template("intake/panel.html", item=item) if item else ""


@register_panel("overview-tasks")
def inbox_overview_panel(_nothing: None) -> str:
    """Render the number of open items for the tasks on the overview, "" for a user who may not log
    records. `_nothing`: a panel is given the record of its page, but the overview has none.
    """
    if not current_actor().has_permission(Permission.LOG):
        return ""
    count = cached_until_change("open inbox items", queries.count_open_items)
    return render_template("intake/on_overview.html", count=count)


def flash_next_item(*, excluding: Article | None) -> None:
    """Flash a link to the next open item of the viewer. `excluding`: an article whose item is left
    out.
    """
    found = queries.next_open_item(excluding=excluding, by=current_actor())
    if found is not None and found.article is not None:
        flash(suggestions_url(found.article), "next in the inbox")


def load_item(ref: str, *options: Any) -> IntakeItem:  # noqa: ANN401 (loader options)
    """Return an inbox item with everything that its page shows; raise NotFound for none."""
    return saving.load(IntakeItem, ref, *queries.item_loader_options(), *options)


def suggestions_url(article: Article) -> str:
    """Return the address of the suggestions for an article."""
    return url_for("intake.confirm", ref=article.ref)


@bp.record
def _register_template_globals(state: Any) -> None:  # noqa: ANN401 (Flask's own type says no more)
    """Make `suggestions_url` available in templates. `state`: the blueprint's registration by
    Flask.
    """
    state.app.jinja_env.globals["suggestions_url"] = suggestions_url


def _handle_button(
    item: IntakeItem, apply_change: Callable[[], None], message: str, *, to: str = ""
) -> Answer | tuple[str, int]:
    """Run the action of a button (`apply_change`), unless somebody changed the item since the page
    was shown. Return a redirect to the address `to`, by default to the item; after an error, the
    page of the item.
    """
    require_editor(item)
    form = PartForm()
    answer = saving.handle_form(
        form, apply_change, to=to or saving.record_url(item), message=message, record=item
    )
    return answer or (_render_item_page(item, button_form=form), _error_status(form))


def _render_item_page(
    item: IntakeItem,
    *,
    close_form: CloseItemForm | None = None,
    text_form: PastedTextForm | None = None,
    duplicate_error: DuplicateArticle | None = None,
    button_form: PartForm | None = None,
) -> str:
    """Render the page of an item. `close_form`, `text_form`, `button_form`: the submitted form if
    it has errors (the last for a button without fields); `duplicate_error`: the error that has the
    articles with the submitted text or address.
    """
    articles = [item.article] if item.article is not None else []
    here = duplicates_by_article(articles).get(articles[0].id, []) if articles else []
    return render_template(
        "intake/show.html",
        item=item,
        ending=close_form or CloseItemForm.for_record(item),
        text=text_form or PastedTextForm.for_record(item),
        refused=button_form,
        here=here,
        duplicate_error=duplicate_error,
        recorded=citing_records_by_article(
            [*articles, *here, *(duplicate_error.found if duplicate_error else [])]
        ),
    )


def _error_status(form: PartForm) -> int:
    """Return the HTTP status for a rejected form: 400 if its CSRF token is wrong, else 422."""
    return 400 if "csrf_token" in form.errors else 422


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """The options of an import, for all its files. `allow_duplicate`: store an article even if the
    tracker has it already.
    """

    team_id: int
    visibility: Visibility
    allow_duplicate: bool


def _resubmission_note() -> str | None:
    """Return the message that files which were sent before may have been imported already. Return
    None if only one file is sent.
    """
    if len(request.files.getlist("files")) < 2:  # noqa: PLR2004 (many)
        return None
    return str(
        _(
            "These files were uploaded before, and the import may have stopped midway. Check "
            "which are here, and import the missing ones."
        )
    )


@bp.route("/new", methods=["GET", "POST"])
@require_permission(Permission.LOG)
@saving.set_resubmit_message(_resubmission_note)
def new() -> Answer | tuple[str, int]:
    """Import a text or files. If only an address is entered, show whether the tracker has its
    article.
    """
    form = ImportForm()
    form.team.set_choices(list_actor_teams(current_actor()))
    here: DuplicateArticle | None = None
    if form.is_submitted() and form.validate() and len(form.uploads) > 1:
        return _stream_import(form)

    def apply_change() -> IntakeItem:
        nonlocal here
        try:
            return _import_submitted_article(form)
        except DuplicateArticle as error:
            here = error
            raise

    answer = saving.handle_form(form, apply_change, to=_url_after_import, message=_saved_message)
    if answer:
        return answer
    form.ask_for_files_again()
    recorded = citing_records_by_article(here.found) if here else {}
    return render_form("intake/new.html", form=form, here=here, recorded=recorded)


def _import_submitted_article(form: ImportForm) -> IntakeItem:
    """Store the submitted article or file. Raise InvalidInput if nothing was submitted, or the
    tracker has the article already.
    """
    url, options = form.url.data or "", _import_options(form)
    if not form.uploads and not form.has_pasted_text():
        raise _nothing_to_import_error(url)
    name, content = form.uploads[0] if form.uploads else ("", b"")
    # Reading a file may take seconds.
    came = saving.without_write_lock(lambda: _read_submitted_article(form, name, content))
    if isinstance(came, UnreadReason):
        team_id, allow_duplicate = options.team_id, options.allow_duplicate
        by = current_actor()
        return inbox_service.store_unreadable_file(
            content, name, came, allow_duplicate=allow_duplicate, team_id=team_id, by=by
        )
    return inbox_service.receive_article(
        came,
        file_name=name,
        url=url,
        published=form.published.read_date(),
        allow_duplicate=options.allow_duplicate,
        team_id=options.team_id,
        visibility=options.visibility,
        by=current_actor(),
    )


def _read_submitted_article(
    form: ImportForm, name: str, content: bytes
) -> IncomingArticle | UnreadReason:
    """Return the article in the uploaded file, or in the pasted text if `name` is "". If it cannot
    be read, return the reason.
    """
    return (
        inbox_service.read_upload(content, name)
        if name
        else read_pasted_text_in_child(form.text.data or "")
    )


def _import_options(form: ImportForm) -> ImportOptions:
    """Return the options entered in the form."""
    team_id, visibility = int(form.team.data), form.visibility.chosen_code()
    return ImportOptions(team_id, visibility, allow_duplicate=bool(form.keep.data))


def _nothing_to_import_error(url: str) -> InvalidInput:
    """Return the error for a form without text or file: a `DuplicateArticle` if the tracker has an
    article with the entered address (`url`), else an error that says what to enter.
    """
    address = canonical_url_or_none(url)
    found = articles_at_url(address) if address else []
    if found:
        return DuplicateArticle("url", found, may_keep=False)
    if address:
        return InvalidInput(
            text=_("This address is not here yet: paste the text, or choose the saved page.")
        )
    return InvalidInput(text=_("Paste the text of the article, or choose files."))


def _url_after_import(item: IntakeItem) -> str:
    """Return the address to show after an import: the item's page if its file is unreadable or its
    article may be a duplicate, else the suggestions for the article.
    """
    if item.article is None or duplicates_by_article([item.article]):
        return saving.record_url(item)
    return suggestions_url(item.article)


def _saved_message(item: IntakeItem) -> str:
    """Return the message on what an import stored."""
    if item.is_closed:
        return str(_("The same file was imported before and is closed. It was not stored again."))
    if item.article is None:
        return str(_("It was saved, but could not be read."))
    return str(_("The article is saved."))


def _stream_import(form: ImportForm) -> Response:
    """Stream a page that grows by a line for each imported file."""
    uploads, options = form.uploads, _import_options(form)
    # A repeated submission redirects to the inbox.
    saving.commit_with_result_url(url_for(".index"))
    mark = secrets.token_hex(16)
    whole = saving.without_write_lock(
        partial(render_template, "intake/importing.html", mark=mark, uploads=uploads)
    )
    lines = stream_with_context(_stream_result_lines(whole.split(mark), uploads, options))
    # nginx would hold the lines back until the last one.
    return Response(lines, mimetype="text/html", headers={"X-Accel-Buffering": "no"})


def _stream_result_lines(
    page_around: list[str], uploads: list[Upload], options: ImportOptions
) -> Iterator[str]:
    """Yield the HTML of the page piece by piece: its beginning, a line for each file as it is
    imported, and its end. `page_around`: the beginning and the end.

    All files are imported even if the connection is closed, or a line cannot be rendered.
    """
    before, after = page_around
    waiting, counts = iter(uploads), Counter[str]()
    # The view's database session ends before the streaming starts: this context has another.
    with current_app.app_context():
        by = saving.without_write_lock(current_actor)
        set_viewer(Viewer(tuple(by.team_ids)))
        db.session.rollback()
        try:
            yield before
            for name, content in waiting:
                import_result = _import_file_separately(name, content, options, by)
                yield _result_line(import_result, counts)
        except (GeneratorExit, Exception):
            for name, content in waiting:
                _import_file_separately(name, content, options, by)
            raise
        yield (
            saving.without_write_lock(
                partial(render_template, "intake/assigned.html", counts=counts)
            )
            + after
        )


def _import_file_separately(
    name: str, content: bytes, options: ImportOptions, by: Actor
) -> FileImportResult:
    """Import one file in a separate transaction; its errors do not stop other imports."""
    team_id, visibility, allow_duplicate = (
        options.team_id,
        options.visibility,
        options.allow_duplicate,
    )
    try:
        import_result = import_file(
            content,
            name,
            allow_duplicate=allow_duplicate,
            team_id=team_id,
            visibility=visibility,
            by=by,
        )
        if import_result.item is not None:
            db.session.commit()
    except Exception as error:  # noqa: BLE001 (the page has begun: there is no other to show)
        import_result = FileImportResult(file_name=name, error_message=_error_message(error))
    if import_result.item is None:
        db.session.rollback()
    return import_result


def _result_line(import_result: FileImportResult, counts: Counter[str]) -> str:
    """Return the HTML line on the result of one file, and count the result in `counts` by its kind,
    such as "read".
    """
    try:
        counts[_result_kind(import_result)] += 1
        return saving.without_write_lock(partial(_render_result_line, import_result))
    except Exception as error:  # noqa: BLE001 (what was stored is stored: the other files follow)
        reference = _log_error("a line was not shown", error)
        plain = FileImportResult(file_name=import_result.file_name)
        return saving.without_write_lock(
            partial(render_template, "intake/line.html", import_result=plain, reference=reference)
        )


def _log_error(message: str, error: Exception) -> str:
    """Log an error with a message; return a random reference for finding the log entry."""
    reference = secrets.token_hex(4)
    log.error("%s: %s\n%s", message, reference, redacted_traceback(error))
    return reference


def _error_message(error: Exception) -> str:
    """Log an error in importing a file, and return the message for the user."""
    reference = _log_error("a file was not taken in", error)
    if is_disk_error(error):
        return str(_("The disk of the tracker is full or refuses to write: it was not stored."))
    return str(_("Something went wrong here: it was not stored. Reference: %(ref)s", ref=reference))


def _result_kind(import_result: FileImportResult) -> str:
    """Return what became of a file: "read", "unread" (stored, but unreadable), "known" (the tracker
    had it already) or "refused".
    """
    if import_result.item is None:
        return "known" if import_result.existing_articles else "refused"
    if import_result.item.article_id is not None:
        return "read"
    return "known" if import_result.item.is_closed else "unread"


def _render_result_line(import_result: FileImportResult) -> str:
    """Render the HTML line on the result of one file."""
    found: list[Article] = list(import_result.existing_articles)
    if import_result.item is not None and import_result.item.article is not None:
        found = duplicates_by_article([import_result.item.article]).get(
            import_result.item.article.id, []
        )
    return render_template(
        "intake/line.html",
        import_result=import_result,
        found=found,
        recorded=citing_records_by_article(found),
    )

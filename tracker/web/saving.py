"""Load records by ref, and handle forms: validate, save, commit and redirect.

Hidden, missing and malformed refs give the same error 404.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, flash, g, redirect, request, url_for
from sqlalchemy import Select, select
from werkzeug.wrappers import Response

from tracker.db import db, set_read_only
from tracker.errors import InvalidInput, NotFound
from tracker.i18n import _
from tracker.permissions import OwnedRecord
from tracker.records import Record
from tracker.web.filters import REF_PATTERN
from tracker.web.forms import TrackerForm, VersionedForm
from tracker.web.guards import require_editor

RecordT = TypeVar("RecordT", bound="Record")  # a record of the model that is loaded
ResultT = TypeVar("ResultT")  # what the function that saves or reads returns
ViewT = TypeVar("ViewT", bound="Callable[..., Any]")  # a view function, returned by its decorator
# The HTTP status of a redirect that is opened by GET.
SEE_OTHER = 303
# Stands for the ref in an address that is built once for each kind of record.
PLACEHOLDER_REF = "REF-0000000000"


class IdempotencyKey(Protocol):
    """The idempotency key of a submitted form. It is stored with what the form saves, so that a
    form submitted twice is saved once.
    """

    def claim_in_transaction(self) -> None:
        """Claim the key in a new transaction; abort with a redirect if another request used it."""

    def set_result_url(self, address: str) -> None:
        """Store with the key the address to which the user is redirected."""


def handle_form(
    form: TrackerForm,
    apply_change: Callable[[], ResultT],
    *,
    to: str | Callable[[ResultT], str],
    message: str | Callable[[ResultT], str] | None = None,
    record: Any = None,  # noqa: ANN401 (any Record, or a part of one)
    check: Callable[[], object] | None = None,
) -> Response | None:
    """Validate and save a submitted form; return the redirect, or None if the form must be shown.
    `apply_change`: saves; `to`: the address of the redirect; `message`: shown afterwards (both may
    be functions of what `apply_change` returns); `record`: what a VersionedForm edits; `check`:
    only validates, and is called if a field is invalid, to show all errors at once.

    A VersionedForm that is not submitted is filled with the values of `record`; if it is submitted,
    the version of `record` is checked.
    """
    if not form.is_submitted():
        if isinstance(form, VersionedForm):
            form.populate_for_edit(record)
        return None
    if not form.validate():
        if check is not None and "csrf_token" not in form.errors:
            _collect_more_errors(form, check)
        return None
    if isinstance(form, VersionedForm):
        form.require_current_version(record)
    try:
        result = apply_change()
        # The address may need values that the database sets (a ref, an id).
        db.session.flush()
    except InvalidInput as error:
        form.reject(error)
        return None
    address = to(result) if callable(to) else to
    words = message(result) if callable(message) else message
    words = _("Saved.") if words is None else words
    if getattr(record, "was_returned_to_draft", False):
        words += " " + _("It is a draft again: submit it for review.")
    return redirect_saved(address, words)


def is_button_valid(form: TrackerForm) -> bool:
    """Return whether a form of a single button is valid; if not, flash the reason."""
    if form.validate_on_submit():
        return True
    flash(_("The page had been open for too long; press the button again."))
    return False


def _collect_more_errors(form: TrackerForm, check: Callable[[], object]) -> None:
    """Add the errors that `check` raises to the fields of a form that have no error yet."""
    try:
        check()
    except InvalidInput as error:
        form.reject(error, skip_invalid_fields=True)


def set_resubmit_message(message: Callable[[], str | None]) -> Callable[[ViewT], ViewT]:
    """Decorate a view with the message that is shown if its form is submitted a second time.
    `message`: returns it, or None if the usual message of a second submission is to be shown.
    """

    def mark(view: ViewT) -> ViewT:
        cast("Any", view).sent_again = message
        return view

    return mark


def without_write_lock(read: Callable[[], ResultT]) -> ResultT:
    """Return the result of a slow function that only reads, called without holding the write lock
    of the database: in transactions of its own, before the request writes.
    """
    db.session.rollback()
    # The idempotency key is only looked up here, and released before the write.
    set_read_only()
    try:
        result = read()
    finally:
        db.session.rollback()
        set_read_only(read_only=False)
    claim: IdempotencyKey | None = g.get("claim")
    if claim is not None:
        claim.claim_in_transaction()
    return result


def commit_with_result_url(address: str) -> None:
    """Commit, and store an address: if the form is submitted a second time, it redirects to this
    address. The view may continue afterwards.
    """
    claim: IdempotencyKey | None = g.get("claim")
    if claim is not None:
        claim.set_result_url(address)
    db.session.commit()


def redirect_saved(address: str, message: str) -> Response:
    """Commit, flash a message (none for "") and return a redirect to an address."""
    commit_with_result_url(address)
    if message:
        flash(message)
    return redirect(address, code=SEE_OTHER)


def load(model: type[RecordT], ref: str, *options: Any) -> RecordT:  # noqa: ANN401 (loader options)
    """Return the record of a model with a ref; raise NotFound if the viewer may see none."""
    if not REF_PATTERN.fullmatch(ref):
        raise NotFound
    statement: Select[RecordT] = select(model).where(model.ref == ref).options(*options)
    record = db.session.scalars(statement).unique().first()
    if record is None:
        raise NotFound
    return record


def load_to_edit(model: type[RecordT], ref: str, *options: Any) -> RecordT:  # noqa: ANN401 (loader options)
    """Return the record as `load` does; raise Forbidden if the user may not edit it."""
    record = load(model, ref, *options)
    require_editor(cast("OwnedRecord", record))
    return record


def record_from_query(model: type[RecordT], name: str, *options: Any) -> RecordT | None:  # noqa: ANN401 (loader options)
    """Return the record whose ref is in the query parameter `name`, None if not given; raise
    NotFound if there is no such record.
    """
    ref = request.args.get(name)
    return load(model, ref, *options) if ref is not None else None


def is_local_path(address: str) -> bool:
    """Return whether every browser would read an address as a path of this site.

    Browsers remove tabs and line ends from addresses, and read backslashes as slashes.
    """
    if not address.startswith("/") or re.search(r"[\s\\\x00-\x1f\x7f]", address):
        return False
    return not address.startswith("//") and not urlsplit(address).netloc


def record_url(record: Record) -> str:
    """Return the address of a record's page."""
    # Built once for each kind of record, since a list has a hundred.
    known: dict[str, str] = g.setdefault("record_urls", {})
    if record.ENDPOINT not in known:
        known[record.ENDPOINT] = url_for(f"{record.ENDPOINT}.show", ref=PLACEHOLDER_REF)
    return known[record.ENDPOINT].replace(PLACEHOLDER_REF, record.ref)


def next_url_after_recording(record: Record, article: Record | None) -> str:
    """Return the address to open after a record was saved, as the pressed button asks: a form for a
    similar record, the article from which it was recorded, or the record.
    """
    then = request.form.get("then") if article is not None else None
    if article is not None and then == "another":
        return url_for(f"{record.ENDPOINT}.new", article=article.ref, like=record.ref)
    return record_url(article if article is not None and then == "article" else record)


def init_app(app: Flask) -> None:
    """Make `record_url(record)` available to templates."""
    app.jinja_env.globals["record_url"] = record_url

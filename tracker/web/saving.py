"""Handling of submitted forms: validate, save, commit and redirect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from flask import flash, g, redirect

from tracker.db import db, read_only
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.web.forms import VersionedForm

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from tracker.web.forms import TrackerForm

Done = TypeVar("Done")
View = TypeVar("View", bound="Callable[..., Any]")
SEE_OTHER = 303


class IdempotencyKey(Protocol):
    """The idempotency key of the form, see `users/idempotency.py`."""

    def claim_again(self) -> None:
        """Claim the key in a new transaction; redirect if another request used it."""

    def set_result_url(self, address: str) -> None:
        """Store with the key where the form leads."""


def handle_form(
    form: TrackerForm,
    act: Callable[[], Done],
    *,
    to: str | Callable[[Done], str],
    message: str | Callable[[Done], str] | None = None,
    record: Any = None,  # noqa: ANN401 (any Record, or a part of one)
    check: Callable[[], object] | None = None,
) -> Response | None:
    """Handle a form: show it, or validate, save, commit and redirect; None if it is to be shown.

    `record`: what a VersionedForm is about; it fills the fresh form and must still be of the
    version that was read. `to` and `said` may depend on what the act gives back. `check`: that part
    of the act which reads what was typed and stores nothing; asked also where a field is wrong by
    itself, so that all that is wrong is said at once.
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
        result = act()
        # What the database gives (a ref, a number) may be in the address.
        db.session.flush()
    except InvalidInput as error:
        form.reject(error)
        return None
    address = to(result) if callable(to) else to
    words = message(result) if callable(message) else message
    words = _("Saved.") if words is None else words
    if getattr(record, "is_draft_again", False):
        words += " " + _("It is a draft again: submit it for review.")
    return redirect_saved(address, words)


def is_button_valid(form: TrackerForm) -> bool:
    """Return whether a button form is valid; otherwise flash why not."""
    if form.validate_on_submit():
        return True
    flash(_("The page had been open for too long; press the button again."))
    return False


def _collect_more_errors(form: TrackerForm, check: Callable[[], object]) -> None:
    try:
        check()
    except InvalidInput as error:
        form.reject(error, only_silent=True)


def on_resubmit(words: Callable[[], str | None]) -> Callable[[View], View]:
    """Set the message for a view whose form is submitted again."""

    def mark(view: View) -> View:
        cast("Any", view).sent_again = words
        return view

    return mark


def without_write_lock(read: Callable[[], Done]) -> Done:
    """Run a slow read or a separate transaction without holding the write lock."""
    db.session.rollback()
    # Whatever is looked up by it is only read, and let go again before we write.
    read_only()
    try:
        result = read()
    finally:
        db.session.rollback()
        read_only(yes=False)
    claim: IdempotencyKey | None = g.get("claim")
    if claim is not None:
        claim.claim_again()
    return result


def commit_and_redirect(address: str) -> None:
    """Commit, recording where the form leads; the view goes on in its own transactions."""
    claim: IdempotencyKey | None = g.get("claim")
    if claim is not None:
        claim.set_result_url(address)
    db.session.commit()


def redirect_saved(address: str, message: str) -> Response:
    """Commit, flash a message and redirect."""
    commit_and_redirect(address)
    if message:
        flash(message)
    return redirect(address, code=SEE_OTHER)

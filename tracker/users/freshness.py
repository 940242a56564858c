"""The password asked for again before what is dangerous, with everything typed carried along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import current_app, make_response, redirect, render_template, request, url_for
from flask_login import current_user

from tracker import clock
from tracker.db import db, write_transaction
from tracker.i18n import _, ngettext
from tracker.users.device_cookie import device_cookie
from tracker.users.forms import LONGEST_PASSWORD
from tracker.users.passwords import hasher_of, is_right
from tracker.users.sessions_service import note_password
from tracker.users.throttle_rules import SLACK, network_of
from tracker.users.throttle_service import Asked, Try, begin_try, forget_failures, note_failure
from tracker.web.forms import SECRET
from tracker.web.limits import SAFE_METHODS

if TYPE_CHECKING:
    from datetime import datetime

    from werkzeug.wrappers import Response

FRESH_FOR = timedelta(minutes=15)
PASSWORD_AGAIN = "confirm_password"  # noqa: S105 (the name of a field)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a password given again was not taken: in words, as a status, and how long to wait."""

    words: str
    status: int
    wait: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of the answer."""
        return {"Retry-After": str(self.wait)} if self.wait else {}


def is_fresh(verified_at: datetime | None) -> bool:
    """Say whether the password was given within the last 15 minutes, by a clock never set back."""
    now = clock.now()
    return verified_at is not None and now - FRESH_FOR < verified_at <= now + SLACK


def too_soon(wait: int) -> Refusal:
    """Refuse what comes before the wait is over."""
    words = ngettext(
        "Too many tries. Wait %(num)d second and try again.",
        "Too many tries. Wait %(num)d seconds and try again.",
        wait,
    )
    return Refusal(words, 429, wait)


def attempt_of(asked: Asked, name: str) -> Try:
    """Return the try of this request, with its browser and the network that it comes from."""
    network = network_of(request.remote_addr)
    key = current_app.config["TRACKER"].secret_key
    return Try(asked, name, device_cookie(), network, secret_key=key)


def ask_again() -> Response | None:
    """Ask for the password unless it was given of late, or comes along with the form."""
    if is_fresh(current_user.verified_at):
        return None
    if request.method in SAFE_METHODS:
        back = request.full_path.rstrip("?")
        return redirect(url_for("users.confirm", next=back), code=303)
    refusal = None
    if PASSWORD_AGAIN in request.form:
        refusal = check_password_again(request.form[PASSWORD_AGAIN])
        if refusal is None:
            return None
    # A password typed into the form is not written into a page: the form asks for it once more.
    fields = [
        (name, text)
        for name, text in request.form.items(multi=True)
        if not any(secret in name.lower() for secret in SECRET)
    ]
    lost = {name for name in request.form if name != PASSWORD_AGAIN} - {name for name, _t in fields}
    body = render_template(
        "users/confirm_post.html", fields=fields, lost=bool(lost), refusal=refusal
    )
    status = refusal.status if refusal else 401
    return make_response(body, status, refusal.headers if refusal else {})


def check_password_again(password: str) -> Refusal | None:
    """Take the password of whoever is signed in; return why not, or None when it is right."""
    stored, token = current_user.user.password_hash, current_user.token
    attempt = attempt_of(Asked.PASSWORD_AGAIN, current_user.user.name)
    # Hashing takes its time, and nobody else could save meanwhile: the write lock is let go first.
    db.session.rollback()
    with write_transaction() as writing:
        wait = begin_try(attempt, session=writing)
    if wait:
        return too_soon(wait)
    argon = hasher_of(current_app.config["TRACKER"])
    right = len(password) <= LONGEST_PASSWORD and is_right(argon, stored, password)
    with write_transaction() as writing:
        if right:
            forget_failures(attempt, session=writing)
            note_password(token, session=writing)
            return None
        note_failure(attempt, session=writing)
    return Refusal(_("This is not your password."), 422)

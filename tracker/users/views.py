"""Signing in with one or two factors, signing out, and confirming the password."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from flask import Blueprint, abort, current_app, flash, redirect, request, session, url_for
from flask_login import current_user, login_user, logout_user
from sqlalchemy.exc import OperationalError

from tracker.db import db
from tracker.errors import redacted_traceback
from tracker.i18n import _, ngettext
from tracker.permissions import Permission
from tracker.storage import is_disk_error
from tracker.users import full_disk_service, second_factor_service, service
from tracker.users.devices import device_cookie, device_of, set_device_cookie
from tracker.users.forms import CodeForm, ConfirmForm, SignInForm
from tracker.users.gate import (
    PasswordRefusal,
    SignedIn,
    confirm_password,
    current_attempt,
    wait_refusal,
)
from tracker.users.passwords import hasher_of, hashing_slot
from tracker.users.queries import has_second_factor, user_by_name
from tracker.users.throttle_service import (
    Attempt,
    SecretKind,
    begin_attempt,
    is_known_browser,
    is_sign_in_link,
    log_failure,
    reset_failures,
    use_sign_in_link,
)
from tracker.web.forms import ButtonForm, TrackerForm, page
from tracker.web.guards import requires
from tracker.web.pages import is_local_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from argon2 import PasswordHasher
    from werkzeug.wrappers import Response

    from tracker.users.models import User

T = TypeVar("T")
log = logging.getLogger(__name__)
bp = Blueprint("users", __name__)
Answer = tuple[str, int] | tuple[str, int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class SignInResult:
    """The result of signing in: session token, device cookie, and codes left."""

    user: User
    token: str
    device: str = ""
    awaits_code: bool = False
    codes_left: int | None = None


def argon() -> PasswordHasher:
    """Return the password hasher of this installation."""
    return hasher_of(current_app.config["TRACKER"])


def _key() -> str:
    return str(current_app.config["TRACKER"].secret_key)


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Answer | Response:
    """Ask for name and password, and begin a session."""
    form = SignInForm()
    if not form.validate_on_submit():
        return page("users/sign_in.html", form=form)
    attempt = current_attempt(SecretKind.PASSWORD, form.username.data or "")
    is_known = is_known_browser(attempt, session=db.session())
    with hashing_slot(attempt.network, is_known=is_known) as has_room:
        if not has_room:
            return _render_refusal("users/sign_in.html", form, wait_refusal(1))
        return _attempt_sign_in(form, attempt)


def _attempt_sign_in(form: SignInForm, attempt: Attempt) -> Answer | Response:
    """Check the credentials, unless throttled, and begin a session if they are right."""
    wait = _begin_attempt(attempt)
    if wait:
        return _render_refusal("users/sign_in.html", form, wait_refusal(wait))
    password = form.password.data or ""
    user = service.user_with_password(attempt.name, password, argon=argon())
    if user is None:
        _try_commit(lambda: log_failure(attempt, session=db.session()))
        return _render_refusal(
            "users/sign_in.html", form, PasswordRefusal(_("Name or password is wrong."), 422)
        )
    entry = _try_commit(lambda: _begin_session(user, attempt))
    if entry is None:
        entry = _unstored_entry(attempt, has_code=False)
    return _finish_sign_in(entry)


def _try_commit(act: Callable[[], T]) -> T | None:
    """Do and commit what an act writes; None if the disk takes nothing."""
    try:
        result = act()
        db.session.commit()
    except OperationalError as error:
        db.session.rollback()
        if not is_disk_error(error):
            raise
        log.error("signing in without a store: the disk is full\n%s", redacted_traceback(error))  # noqa: TRY400 (its words are not logged)
        return None
    return result


def _begin_attempt(attempt: Attempt) -> int:
    """Return the seconds to wait, counted in memory where the disk is full."""
    wait = _try_commit(lambda: begin_attempt(attempt, session=db.session()))
    if wait is None:
        return full_disk_service.begin_attempt_in_memory(attempt, session=db.session())
    return wait


def _begin_session(user: User, attempt: Attempt) -> SignInResult:
    begun = service.begin_session(user, device=device_of(request.user_agent.string))
    reset_failures(attempt, session=db.session())
    former = getattr(current_user, "token", None)
    if former is not None:
        service.end_previous_session(former)
    device = "" if begun.awaits_code else service.remember_device(user, device_cookie())
    return SignInResult(user, begun.token, device, awaits_code=begun.awaits_code)


def _unstored_entry(attempt: Attempt, *, has_code: bool) -> SignInResult:
    """Let somebody in whose session cannot be stored; see `full_disk_service`."""
    _try_commit(lambda: reset_failures(attempt, session=db.session()))
    full_disk_service.reset_failures_in_memory(attempt, session=db.session())
    user = user_by_name(db.session(), attempt.name)
    if user is None:
        abort(401)
    device = device_of(request.user_agent.string)
    token = full_disk_service.new_token(user, device=device, has_code=has_code, key=_key())
    awaits_code = not has_code and has_second_factor(db.session(), user.id)
    return SignInResult(user, token, awaits_code=awaits_code)


@bp.route("/sign-in/code", methods=["GET", "POST"])
@requires(Permission.READ)
def sign_in_code() -> Answer | Response:
    """Ask for the second factor of somebody whose password was right."""
    if not current_user.awaits_code:
        return redirect("/", code=303)
    form, user = CodeForm(), current_user.user
    if not form.validate_on_submit():
        return page("users/sign_in_code.html", form=form)
    attempt = current_attempt(SecretKind.CODE, user.name)
    wait = _begin_attempt(attempt)
    if wait:
        return _render_refusal("users/sign_in_code.html", form, wait_refusal(wait))
    code = form.one_time_code.data or ""
    entry = _try_commit(lambda: _check_code(user, code, attempt))
    if entry is None and full_disk_service.accepts_code(user, code):
        entry = _unstored_entry(attempt, has_code=True)
    if entry is None or not entry.token:
        _try_commit(lambda: log_failure(attempt, session=db.session()))
        words = _("This code is not right, or was used before.")
        return _render_refusal("users/sign_in_code.html", form, PasswordRefusal(words, 422))
    return _finish_sign_in(entry)


def _check_code(user: User, code: str, attempt: Attempt) -> SignInResult:
    """Complete a session by a correct code; without a token for a wrong one."""
    gave = second_factor_service.is_second_factor(user, code)
    if gave is None:
        return SignInResult(user, "")
    reset_failures(attempt, session=db.session())
    token = service.complete_sign_in(user, current_user.token, gave=gave)
    left = None
    if gave != second_factor_service.PHONE:
        left = second_factor_service.recovery_codes_left(user)
    device = service.remember_device(user, device_cookie())
    return SignInResult(user, token, device, codes_left=left)


@bp.route("/sign-in/link/<token>", methods=["GET", "POST"])
def sign_in_link(token: str) -> Answer | Response:
    """Make a browser known by a link of an administrator; opening the page alone uses nothing."""
    form = ButtonForm()
    is_pressed = form.validate_on_submit()
    is_usable = is_sign_in_link(token, session=db.session())
    if is_usable and is_pressed:
        device = use_sign_in_link(token, session=db.session())
        db.session.commit()
        if device is not None:
            flash(_("This browser is known now. Sign in with your name and password."))
            answer = redirect(url_for("users.sign_in"), code=303)
            set_device_cookie(answer, device)
            return answer
        is_usable = False
    body, status = page("users/sign_in_link.html", form=form, is_usable=is_usable)
    return body, status if is_usable or form.errors else 404


@bp.route("/confirm", methods=["GET", "POST"])
@requires(Permission.READ)
def confirm() -> Answer | Response:
    """Ask for the password again, and go back to what asked for it."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        return page("users/confirm.html", form=form)
    refusal = confirm_password(form.confirm_password.data or "")
    if refusal is not None:
        return _render_refusal("users/confirm.html", form, refusal)
    wanted = request.args.get("next", "/")
    return redirect(wanted if is_local_path(wanted) else "/", code=303)


@bp.post("/sign-out")
@requires(Permission.READ)
def sign_out() -> Response:
    """End this session, also from an outdated page.

    No other site can send the cookie along. Whoever should be signed out by somebody else's trick
    signs in again and has what they were typing; to seem signed out and not be is worse.
    """
    if not full_disk_service.end_unstored_token(current_user.token, key=_key()):
        service.sign_out(current_user.token, by=current_user.user)
        db.session.commit()
    logout_user()
    flash(_("You are signed out."))
    return redirect(url_for("users.sign_in"), code=303)


def _finish_sign_in(entry: SignInResult) -> Response:
    """Complete signing in, or ask for the second factor."""
    login_user(SignedIn(entry.user, entry.token, awaits_code=entry.awaits_code))
    if entry.awaits_code:
        return redirect(url_for("users.sign_in_code"), code=303)
    if entry.codes_left is not None:
        words = ngettext(
            "That recovery code is used up; %(num)d is left.",
            "That recovery code is used up; %(num)d are left.",
            entry.codes_left,
        )
        flash(words)
    wanted = session.pop("next", None)
    answer = redirect(wanted if wanted and is_local_path(wanted) else "/", code=303)
    if entry.device:
        set_device_cookie(answer, entry.device)
    return answer


def _render_refusal(template: str, form: TrackerForm, refusal: PasswordRefusal) -> Answer:
    form.form_errors.append(refusal.words)
    body, _status = page(template, form=form, is_slowed=bool(refusal.wait))
    return body, refusal.status, refusal.headers

"""Signing in, with one factor or two, and out; showing once more who one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, current_app, flash, redirect, request, session, url_for
from flask_login import current_user, login_user, logout_user

from tracker.db import db
from tracker.i18n import _, ngettext
from tracker.permissions import Permission
from tracker.users import second_factor_service, service, sessions_service
from tracker.users.device_cookie import device_cookie, set_device_cookie
from tracker.users.devices import device_of
from tracker.users.forms import CodeForm, ConfirmForm, SignInForm
from tracker.users.freshness import Refusal, attempt_of, check_password_again, too_soon
from tracker.users.gate import SignedIn
from tracker.users.passwords import hasher_of, room_to_hash
from tracker.users.throttle_service import (
    Asked,
    Try,
    begin_try,
    forget_failures,
    is_known_browser,
    is_sign_in_link,
    note_failure,
    use_sign_in_link,
)
from tracker.web.forms import PlainForm, TrackerForm, page
from tracker.web.guards import requires
from tracker.web.pages import is_ours

if TYPE_CHECKING:
    from argon2 import PasswordHasher
    from werkzeug.wrappers import Response

    from tracker.users.models import User

bp = Blueprint("users", __name__)
Answer = tuple[str, int] | tuple[str, int, dict[str, str]]


def argon() -> PasswordHasher:
    """Return the password hasher of this installation."""
    return hasher_of(current_app.config["TRACKER"])


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Answer | Response:
    """Ask for name and password, and begin a session."""
    form = SignInForm()
    if not form.validate_on_submit():
        return page("users/sign_in.html", form=form)
    attempt = attempt_of(Asked.PASSWORD, form.username.data or "")
    is_known = is_known_browser(attempt, session=db.session())
    with room_to_hash(attempt.network, is_known=is_known) as has_room:
        if not has_room:
            return _refused("users/sign_in.html", form, too_soon(1))
        return _tried(form, attempt)


def _tried(form: SignInForm, attempt: Try) -> Answer | Response:
    """Look at what was given, unless it comes too soon, and begin a session if it is right."""
    wait = begin_try(attempt, session=db.session())
    db.session.commit()
    if wait:
        return _refused("users/sign_in.html", form, too_soon(wait))
    device = device_of(request.user_agent.string)
    begun = service.sign_in(attempt.name, form.password.data or "", argon=argon(), device=device)
    if begun is None:
        note_failure(attempt, session=db.session())
        db.session.commit()
        words = _("Name or password is wrong.")
        return _refused("users/sign_in.html", form, Refusal(words, 422))
    forget_failures(attempt, session=db.session())
    former = getattr(current_user, "token", None)
    if former is not None:
        sessions_service.end_quietly(former)
    if not begun.awaits_code:
        return _entered(begun.user, begun.token)
    db.session.commit()
    login_user(SignedIn(begun.user, begun.token, awaits_code=True))
    return redirect(url_for("users.sign_in_code"), code=303)


@bp.route("/sign-in/code", methods=["GET", "POST"])
@requires(Permission.READ)
def sign_in_code() -> Answer | Response:
    """Ask for the second factor of somebody whose password was right."""
    if not current_user.awaits_code:
        return redirect("/", code=303)
    form, user = CodeForm(), current_user.user
    if not form.validate_on_submit():
        return page("users/sign_in_code.html", form=form)
    attempt = attempt_of(Asked.CODE, user.name)
    wait = begin_try(attempt, session=db.session())
    db.session.commit()
    if wait:
        return _refused("users/sign_in_code.html", form, too_soon(wait))
    gave = second_factor_service.is_second_factor(user, form.one_time_code.data or "")
    if gave is None:
        note_failure(attempt, session=db.session())
        db.session.commit()
        words = _("This code is not right, or was used before.")
        return _refused("users/sign_in_code.html", form, Refusal(words, 422))
    forget_failures(attempt, session=db.session())
    token = sessions_service.with_second_factor(user, current_user.token, gave=gave)
    if gave != second_factor_service.PHONE:
        left = second_factor_service.recovery_codes_left(user)
        words = ngettext(
            "That recovery code is used up; %(num)d is left.",
            "That recovery code is used up; %(num)d are left.",
            left,
        )
        flash(words)
    return _entered(user, token)


@bp.route("/sign-in/link/<token>", methods=["GET", "POST"])
def sign_in_link(token: str) -> Answer | Response:
    """Make a browser known by a link of an administrator; opening the page alone uses nothing."""
    form = PlainForm()
    if form.validate_on_submit():
        device = use_sign_in_link(token, session=db.session())
        db.session.commit()
        if device is not None:
            flash(_("This browser is known now. Sign in with your name and password."))
            answer = redirect(url_for("users.sign_in"), code=303)
            set_device_cookie(answer, device)
            return answer
    is_usable = is_sign_in_link(token, session=db.session())
    body, status = page("users/sign_in_link.html", form=form, is_usable=is_usable)
    return body, status if is_usable else 404


@bp.route("/confirm", methods=["GET", "POST"])
@requires(Permission.READ)
def confirm() -> Answer | Response:
    """Ask for the password again, and go back to what asked for it."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        return page("users/confirm.html", form=form)
    refusal = check_password_again(form.confirm_password.data or "")
    if refusal is not None:
        return _refused("users/confirm.html", form, refusal)
    wanted = request.args.get("next", "/")
    return redirect(wanted if is_ours(wanted) else "/", code=303)


@bp.post("/sign-out")
@requires(Permission.READ)
def sign_out() -> Response:
    """End this session, however old the page is on which the button stands.

    No other site can send the cookie along. Whoever should be signed out by somebody else's trick
    signs in again and has what they were typing; to seem signed out and not be is worse.
    """
    service.sign_out(current_user.token, by=current_user.user)
    db.session.commit()
    logout_user()
    flash(_("You are signed out."))
    return redirect(url_for("users.sign_in"), code=303)


def _entered(user: User, token: str) -> Response:
    """Let somebody in who gave everything that is asked for."""
    device = sessions_service.know_device(user, device_cookie())
    db.session.commit()
    login_user(SignedIn(user, token))
    wanted = session.pop("next", None)
    answer = redirect(wanted if wanted and is_ours(wanted) else "/", code=303)
    set_device_cookie(answer, device)
    return answer


def _refused(template: str, form: TrackerForm, refusal: Refusal) -> Answer:
    form.form_errors.append(refusal.words)
    body, _status = page(template, form=form, is_slowed=bool(refusal.wait))
    return body, refusal.status, refusal.headers

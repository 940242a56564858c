"""A user's own account: password, second factor, sessions and teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno
from flask import flash, redirect, render_template, url_for
from flask_login import current_user, login_user

from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.permissions import Permission
from tracker.users import second_factor_service, service
from tracker.users.devices import halves_of
from tracker.users.forms import CodeForm, OwnPasswordForm, SessionForm
from tracker.users.gate import SignedIn, confirm_password
from tracker.users.queries import (
    changes_of,
    credentials_set_by_others,
    live_sessions_of,
    members_of,
    session_handle,
)
from tracker.users.second_factor_service import (
    address_for_phone,
    factor_of,
    group_letters,
    recovery_codes_left,
)
from tracker.users.service import token_hash_of
from tracker.users.views import Answer, argon, bp
from tracker.web.forms import ButtonForm, page
from tracker.web.guards import requires
from tracker.web.saving import commit_and_redirect, is_button_valid, on_resubmit, redirect_saved

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from tracker.users.models import UserSession

SECOND_FACTOR_PAGE = "users/second_factor.html"
QUIET = 4  # modules of white around it, as phones need


@bp.route("/account/", methods=["GET", "POST"])
@requires(Permission.READ)
def account() -> Answer | Response:
    """Show the account, and change the password."""
    form = OwnPasswordForm()
    refusal = None
    if form.validate_on_submit():
        refusal = confirm_password(form.current.data or "")
        if refusal is not None:
            form.current.errors = [refusal.words]
        elif _change_own_password(form):
            return redirect_saved(url_for(".account"), _("Saved."))
    user = current_user.user
    changes = changes_of(user)
    body, status = page(
        "users/account.html",
        form=form,
        sessions=[(one, session_handle(one), _device_label(one)) for one in live_sessions_of(user)],
        this_one=token_hash_of(current_user.token),
        factor=factor_of(user),
        codes_left=recovery_codes_left(user),
        members=members_of(user, changes),
        changes=[one for one in changes if one.is_recent],
        handed_over=credentials_set_by_others(user),
    )
    return (body, refusal.status, refusal.headers) if refusal else (body, status)


@bp.post("/account/sessions/end")
@requires(Permission.READ)
def end_session() -> Response:
    """End one of the user's own sessions."""
    form, user = SessionForm(), current_user.user
    if is_button_valid(form) and service.end_session(user, form.session.data or "", by=user):
        db.session.commit()
        flash(_("That session is ended."))
    return redirect(url_for(".account"), code=303)


@bp.post("/account/sessions/end-others")
@requires(Permission.READ)
def end_other_sessions() -> Response:
    """End all other sessions of the user."""
    if is_button_valid(ButtonForm()):
        service.end_other_sessions(current_user.user, keep=current_user.token)
        db.session.commit()
        flash(_("You are signed out everywhere else."))
    return redirect(url_for(".account"), code=303)


def _change_own_password(form: OwnPasswordForm) -> bool:
    """Set the new password of a form whose present one was right; say whether it is good enough."""
    try:
        service.change_password(
            current_user.user,
            form.password.data or "",
            argon=argon(),
            keep=current_user.token,
            by=current_user.user,
        )
    except InvalidInput as error:
        form.reject(error)
        return False
    return True


def _device_label(session: UserSession) -> str:
    """Return the browser and system of a session in words."""
    browser, platform = halves_of(session.device)
    if browser and platform:
        return str(_("%(browser)s on %(platform)s", browser=browser, platform=platform))
    return browser or platform or str(_("a browser not recognised"))


def _secret_not_shown() -> str:
    return str(_("New recovery codes were made, and may not have been shown: make them again."))


@bp.route("/account/second-factor", methods=["GET", "POST"])
@requires(Permission.READ, fresh=True)
@on_resubmit(_secret_not_shown)
def second_factor() -> tuple[str, int] | str | Response:
    """Show the secret as a QR code, and confirm the first code."""
    form, user = CodeForm(), current_user.user
    if form.validate_on_submit():
        try:
            codes = second_factor_service.confirm_second_factor(
                user, form.one_time_code.data or "", keep=current_user.token
            )
        except InvalidInput as error:
            form.reject(error)
        else:
            token = service.renew_session(current_user.token)
            commit_and_redirect(url_for(".second_factor"))
            login_user(SignedIn(user, token, has_second_factor=True))
            return render_template("users/recovery_codes.html", codes=codes)
    found = second_factor_service.factor_of(user)
    if found is None or found.confirmed_at is not None:
        left = second_factor_service.recovery_codes_left(user)
        return page(SECOND_FACTOR_PAGE, form=form, factor=found, codes_left=left)
    path, width = qr_path(address_for_phone(found.secret, user.name, _("Tracker")))
    secret = group_letters(found.secret)
    return page(SECOND_FACTOR_PAGE, form=form, factor=found, path=path, width=width, secret=secret)


@bp.post("/account/second-factor/begin")
@requires(Permission.READ, fresh=True)
def begin_second_factor() -> Response:
    """Start setting up a second factor."""
    if is_button_valid(ButtonForm()):
        second_factor_service.begin_second_factor(current_user.user)
        db.session.commit()
    return redirect(url_for(".second_factor"), code=303)


@bp.post("/account/second-factor/codes")
@requires(Permission.READ, fresh=True)
@on_resubmit(_secret_not_shown)
def new_recovery_codes() -> str | Response:
    """Replace the recovery codes; they are shown this once."""
    if not is_button_valid(ButtonForm()):
        return redirect(url_for(".second_factor"), code=303)
    codes = second_factor_service.new_recovery_codes(current_user.user)
    commit_and_redirect(url_for(".second_factor"))
    return render_template("users/recovery_codes.html", codes=codes)


@bp.post("/account/second-factor/remove")
@requires(Permission.READ, fresh=True)
def remove_second_factor() -> Response:
    """Remove the user's own second factor."""
    if is_button_valid(ButtonForm()):
        second_factor_service.remove_second_factor(current_user.user, keep=current_user.token)
        db.session.commit()
        flash(_("The second factor is removed. Your password alone signs you in."))
    return redirect(url_for(".second_factor"), code=303)


def qr_path(text: str) -> tuple[str, int]:
    """Return the path of all dark modules, and how many modules the square is wide."""
    rows = [list(row) for row in segno.make_qr(text, error="m").matrix_iter(border=QUIET)]
    dark = [
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, module in enumerate(row) if module
    ]
    return "".join(dark), len(rows)

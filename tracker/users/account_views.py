"""One's own account: password, sessions, and who is in one's teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, url_for
from flask_login import current_user

from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.permissions import Permission
from tracker.users import service, sessions_service
from tracker.users.devices import halves_of
from tracker.users.forms import OwnPasswordForm, SessionForm
from tracker.users.freshness import check_password_again
from tracker.users.membership_queries import changes_of, handed_over, members_of
from tracker.users.queries import handle_of, live_sessions_of
from tracker.users.second_factor_service import factor_of, recovery_codes_left
from tracker.users.service import hash_of
from tracker.users.views import Answer, argon, bp
from tracker.web.forms import PlainForm, page
from tracker.web.guards import requires
from tracker.web.saving import done, pressed_in_time

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from tracker.users.models import UserSession


@bp.route("/account/", methods=["GET", "POST"])
@requires(Permission.READ)
def account() -> Answer | Response:
    """Show one's own roles, teams and sessions, and change one's password."""
    form = OwnPasswordForm()
    refusal = None
    if form.validate_on_submit():
        refusal = check_password_again(form.current.data or "")
        if refusal is not None:
            form.current.errors = [refusal.words]
        elif _is_changed(form):
            return done(url_for(".account"), _("Saved."))
    user = current_user.user
    changes = changes_of(user)
    body, status = page(
        "users/account.html",
        form=form,
        sessions=[(one, handle_of(one), _words_of(one)) for one in live_sessions_of(user)],
        this_one=hash_of(current_user.token),
        factor=factor_of(user),
        codes_left=recovery_codes_left(user),
        members=members_of(user, changes),
        changes=[one for one in changes if one.is_recent],
        handed_over=handed_over(user),
    )
    return (body, refusal.status, refusal.headers) if refusal else (body, status)


@bp.post("/account/sessions/end")
@requires(Permission.READ)
def end_session() -> Response:
    """End one of one's own sessions."""
    form, user = SessionForm(), current_user.user
    if pressed_in_time(form) and sessions_service.end_one(user, form.session.data or "", by=user):
        db.session.commit()
        flash(_("That session is ended."))
    return redirect(url_for(".account"), code=303)


@bp.post("/account/sessions/end-others")
@requires(Permission.READ)
def end_other_sessions() -> Response:
    """End every session of one's own but this one."""
    if pressed_in_time(PlainForm()):
        sessions_service.end_others(current_user.user, keep=current_user.token)
        db.session.commit()
        flash(_("You are signed out everywhere else."))
    return redirect(url_for(".account"), code=303)


def _is_changed(form: OwnPasswordForm) -> bool:
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


def _words_of(session: UserSession) -> str:
    """Return the browser and system of a session in words."""
    browser, platform = halves_of(session.device)
    if browser and platform:
        return str(_("%(browser)s on %(platform)s", browser=browser, platform=platform))
    return browser or platform or str(_("a browser not recognised"))

"""Signing in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, current_app, flash, redirect, session, url_for
from flask_login import current_user, login_user, logout_user

from tracker.db import db
from tracker.i18n import _
from tracker.permissions import Permission
from tracker.users import service
from tracker.users.forms import SignInForm
from tracker.users.gate import SignedIn
from tracker.users.passwords import hasher_of
from tracker.web.forms import PlainForm, page
from tracker.web.guards import requires
from tracker.web.pages import is_ours

if TYPE_CHECKING:
    from argon2 import PasswordHasher
    from werkzeug.wrappers import Response

bp = Blueprint("users", __name__)


def argon() -> PasswordHasher:
    """Return the password hasher of this installation."""
    return hasher_of(current_app.config["TRACKER"])


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> tuple[str, int] | Response:
    """Ask for name and password, and begin a session."""
    form = SignInForm()
    if form.validate_on_submit():
        begun = service.sign_in(form.username.data or "", form.password.data or "", argon=argon())
        if begun is not None:
            db.session.commit()
            user, token = begun
            wanted = session.pop("next", None)
            login_user(SignedIn(user, token))
            return redirect(wanted if wanted and is_ours(wanted) else "/", code=303)
        form.form_errors.append(_("Name and password do not match."))
    return page("users/sign_in.html", form=form)


@bp.post("/sign-out")
@requires(Permission.READ)
def sign_out() -> Response:
    """End this session."""
    if PlainForm().validate_on_submit():
        service.sign_out(current_user.token, by=current_user.user)
        db.session.commit()
        logout_user()
        flash(_("You are signed out."))
    return redirect(url_for("users.sign_in"), code=303)

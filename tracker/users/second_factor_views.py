"""Setting up one's second factor, and taking it away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, url_for
from flask_login import current_user, login_user

from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.permissions import Permission
from tracker.users import second_factor_service, sessions_service
from tracker.users.forms import CodeForm
from tracker.users.gate import SignedIn
from tracker.users.qr_code import qr_path
from tracker.users.second_factor_rules import address_for_phone, in_groups
from tracker.users.views import bp
from tracker.web.forms import PlainForm, page
from tracker.web.guards import requires
from tracker.web.saving import begun, pressed_in_time, sent_again

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

PAGE = "users/second_factor.html"


def _not_shown() -> str:
    return str(_("New recovery codes were made, and may not have been shown: make them again."))


@bp.route("/account/second-factor", methods=["GET", "POST"])
@requires(Permission.READ, fresh=True)
@sent_again(_not_shown)
def second_factor() -> tuple[str, int] | str | Response:
    """Show the secret to the phone, and take its first code."""
    form, user = CodeForm(), current_user.user
    if form.validate_on_submit():
        try:
            codes = second_factor_service.confirm_second_factor(
                user, form.one_time_code.data or "", keep=current_user.token
            )
        except InvalidInput as error:
            form.reject(error)
        else:
            token = sessions_service.renewed(current_user.token)
            begun(url_for(".second_factor"))
            login_user(SignedIn(user, token, has_second_factor=True))
            return render_template("users/recovery_codes.html", codes=codes)
    found = second_factor_service.factor_of(user)
    if found is None or found.confirmed_at is not None:
        left = second_factor_service.recovery_codes_left(user)
        return page(PAGE, form=form, factor=found, codes_left=left)
    path, width = qr_path(address_for_phone(found.secret, user.name, _("Tracker")))
    secret = in_groups(found.secret)
    return page(PAGE, form=form, factor=found, path=path, width=width, secret=secret)


@bp.post("/account/second-factor/begin")
@requires(Permission.READ, fresh=True)
def begin_second_factor() -> Response:
    """Make a secret for the phone."""
    if pressed_in_time(PlainForm()):
        second_factor_service.begin_second_factor(current_user.user)
        db.session.commit()
    return redirect(url_for(".second_factor"), code=303)


@bp.post("/account/second-factor/codes")
@requires(Permission.READ, fresh=True)
@sent_again(_not_shown)
def new_recovery_codes() -> str | Response:
    """Replace the recovery codes; they are shown this once."""
    if not pressed_in_time(PlainForm()):
        return redirect(url_for(".second_factor"), code=303)
    codes = second_factor_service.new_recovery_codes(current_user.user)
    begun(url_for(".second_factor"))
    return render_template("users/recovery_codes.html", codes=codes)


@bp.post("/account/second-factor/remove")
@requires(Permission.READ, fresh=True)
def remove_second_factor() -> Response:
    """Take one's second factor away."""
    if pressed_in_time(PlainForm()):
        second_factor_service.remove_second_factor(current_user.user, keep=current_user.token)
        db.session.commit()
        flash(_("The second factor is removed. Your password alone signs you in."))
    return redirect(url_for(".second_factor"), code=303)

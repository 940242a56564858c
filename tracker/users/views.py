"""Signing in and out, the user's own account, and users and teams for administrators."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher
from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from tracker.db import current_settings, db, is_disk_error
from tracker.errors import InvalidInput, NotFound, redacted_traceback
from tracker.i18n import _, ngettext
from tracker.permissions import CONSOLE_NAME, Permission
from tracker.users import (
    forms,
    full_disk_service,
    gate,
    queries,
    second_factor_service,
    service,
    throttle_service,
)
from tracker.users.models import User, UserSession, hash_token
from tracker.users.passwords import (
    hasher_from_settings,
    is_correct_password,
    reserve_anonymous_slot,
)
from tracker.web import saving
from tracker.web.forms import ButtonForm, TrackerForm, render_form
from tracker.web.guards import current_actor, require_permission

SECOND_FACTOR_TEMPLATE = "users/second_factor.html"  # a template
ResultType = TypeVar("ResultType")  # the type of what a function returns
log = logging.getLogger(__name__)
bp = Blueprint("users", __name__)
# What a view returns: a page with its HTTP status and perhaps headers, or a response.
PageResult = tuple[str, int] | tuple[str, int, dict[str, str]] | Response


@dataclass(frozen=True, slots=True)
class SignInResult:
    """The result of signing in. `token`: the session's token, "" after a wrong code;
    `device_token`: the token for the device cookie, "" for none; `awaits_code`: the second factor
    must be given next; `recovery_codes_left`: how many recovery codes are unused, None if none was
    used now.
    """

    user: User
    token: str
    device_token: str = ""
    awaits_code: bool = False
    recovery_codes_left: int | None = None


def password_hasher() -> PasswordHasher:
    """Return the password hasher of this installation."""
    return hasher_from_settings(current_settings())


def _secret_key() -> str:
    return str(current_settings().secret_key)


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> PageResult:
    """Ask for name and password, and start a session."""
    form = forms.SignInForm()
    if not form.validate_on_submit():
        return render_form("users/sign_in.html", form=form)
    attempt = gate.current_attempt(throttle_service.SecretKind.PASSWORD, form.username.data or "")
    is_known = throttle_service.is_known_browser(attempt, session=db.session())
    with reserve_anonymous_slot(attempt.network, is_known=is_known) as has_room:
        if not has_room:
            return _render_refusal("users/sign_in.html", form, gate.throttled_refusal(1))
        return _attempt_sign_in(form, attempt)


def _attempt_sign_in(form: forms.SignInForm, attempt: throttle_service.SignInAttempt) -> PageResult:
    """Check the credentials, unless throttled, and start a session if they are right."""
    wait = _begin_attempt(attempt)
    if wait:
        return _render_refusal("users/sign_in.html", form, gate.throttled_refusal(wait))
    password = form.password.data or ""
    user = service.authenticate_user(attempt.user_name, password, hasher=password_hasher())
    if user is None:
        _try_commit(lambda: throttle_service.log_failure(attempt, session=db.session()))
        return _render_refusal(
            "users/sign_in.html", form, gate.PasswordRefusal(_("Name or password is wrong."), 422)
        )
    result = _try_commit(lambda: _start_session(user, attempt))
    if result is None:
        result = _sign_in_unstored(attempt, is_second_factor_given=False)
    return _finish_sign_in(result)


def _try_commit(apply_change: Callable[[], ResultType]) -> ResultType | None:
    """Run a function that writes, and commit; return its result, None if the disk is full."""
    try:
        result = apply_change()
        db.session.commit()
    except OperationalError as error:
        db.session.rollback()
        if not is_disk_error(error):
            raise
        log.error("signing in without a store: the disk is full\n%s", redacted_traceback(error))  # noqa: TRY400 (its words are not logged)
        return None
    return result


def _begin_attempt(attempt: throttle_service.SignInAttempt) -> int:
    """Count an attempt, in memory if the disk is full; return the seconds to wait, 0 if none."""
    wait = _try_commit(lambda: throttle_service.begin_attempt(attempt, session=db.session()))
    if wait is None:
        return full_disk_service.begin_attempt_in_memory(attempt, session=db.session())
    return wait


def _start_session(user: User, attempt: throttle_service.SignInAttempt) -> SignInResult:
    """Start a session after a right password, in place of an earlier one of the browser."""
    begun = service.start_session(user, device=gate.parse_device(request.user_agent.string))
    throttle_service.reset_failures(attempt, session=db.session())
    former = getattr(current_user, "token", None)
    if former is not None:
        service.end_previous_session(former)
    device = "" if begun.awaits_code else service.remember_device(user, gate.read_device_cookie())
    return SignInResult(user, begun.token, device, awaits_code=begun.awaits_code)


def _sign_in_unstored(
    attempt: throttle_service.SignInAttempt, *, is_second_factor_given: bool
) -> SignInResult:
    """Sign in without a stored session, since the disk is full; return the result.
    `is_second_factor_given`: whether the code was given in this attempt.
    """
    _try_commit(lambda: throttle_service.reset_failures(attempt, session=db.session()))
    full_disk_service.reset_failures_in_memory(attempt, session=db.session())
    user = queries.find_user_by_name(db.session(), attempt.user_name)
    if user is None:
        abort(401)
    device = gate.parse_device(request.user_agent.string)
    token = full_disk_service.create_unstored_token(
        user, device=device, is_second_factor_given=is_second_factor_given, secret_key=_secret_key()
    )
    awaits_code = not is_second_factor_given and queries.has_second_factor(db.session(), user.id)
    return SignInResult(user, token, awaits_code=awaits_code)


@bp.route("/sign-in/code", methods=["GET", "POST"])
@require_permission(Permission.READ)
def sign_in_code() -> PageResult:
    """Ask for the second factor of a user whose password was right."""
    if not current_user.awaits_code:
        return redirect("/", code=303)
    form, user = forms.SecondFactorCodeForm(), current_user.user
    if not form.validate_on_submit():
        return render_form("users/sign_in_code.html", form=form)
    attempt = gate.current_attempt(throttle_service.SecretKind.CODE, user.name)
    wait = _begin_attempt(attempt)
    if wait:
        return _render_refusal("users/sign_in_code.html", form, gate.throttled_refusal(wait))
    code = form.one_time_code.data or ""
    result = _try_commit(lambda: _check_code(user, code, attempt))
    if result is None and full_disk_service.use_authenticator_code_in_memory(user, code):
        result = _sign_in_unstored(attempt, is_second_factor_given=True)
    if result is None or not result.token:
        _try_commit(lambda: throttle_service.log_failure(attempt, session=db.session()))
        message = _("This code is not right, or was used before.")
        return _render_refusal("users/sign_in_code.html", form, gate.PasswordRefusal(message, 422))
    return _finish_sign_in(result)


def _check_code(user: User, code: str, attempt: throttle_service.SignInAttempt) -> SignInResult:
    """Complete a session by a correct code. After a wrong code, the result has "" as token."""
    method = second_factor_service.use_second_factor(user, code)
    if method is None:
        return SignInResult(user, "")
    throttle_service.reset_failures(attempt, session=db.session())
    token = service.complete_sign_in(user, current_user.token, method=method)
    left = None
    if method != second_factor_service.AUTHENTICATOR_METHOD:
        left = second_factor_service.count_unused_recovery_codes(user)
    device = service.remember_device(user, gate.read_device_cookie())
    return SignInResult(user, token, device, recovery_codes_left=left)


@bp.route("/sign-in/link/<token>", methods=["GET", "POST"])
def sign_in_link(token: str) -> PageResult:
    """Make a browser known by an administrator's link, once the page is submitted."""
    form = ButtonForm()
    is_pressed = form.validate_on_submit()
    is_usable = throttle_service.is_sign_in_link_valid(token, session=db.session())
    if is_usable and is_pressed:
        device = throttle_service.use_sign_in_link(token, session=db.session())
        db.session.commit()
        if device is not None:
            flash(_("This browser is known now. Sign in with your name and password."))
            answer = redirect(url_for("users.sign_in"), code=303)
            gate.set_device_cookie(answer, device)
            return answer
        is_usable = False
    body, status = render_form("users/sign_in_link.html", form=form, is_usable=is_usable)
    return body, status if is_usable or form.errors else 404


@bp.route("/confirm", methods=["GET", "POST"])
@require_permission(Permission.READ)
def confirm() -> PageResult:
    """Ask for the password again, and go back to the page that required it."""
    form = forms.ConfirmPasswordForm()
    if not form.validate_on_submit():
        return render_form("users/confirm.html", form=form)
    refusal = gate.confirm_password(form.confirm_password.data or "")
    if refusal is not None:
        return _render_refusal("users/confirm.html", form, refusal)
    wanted = request.args.get("next", "/")
    return redirect(wanted if saving.is_local_path(wanted) else "/", code=303)


@bp.post("/sign-out")
@require_permission(Permission.READ)
def sign_out() -> Response:
    """End this session, even from an outdated page: no other site can send the cookie."""
    if not full_disk_service.end_unstored_token(current_user.token, secret_key=_secret_key()):
        service.sign_out(current_user.token, by=current_user.user)
        db.session.commit()
    logout_user()
    flash(_("You are signed out."))
    return redirect(url_for("users.sign_in"), code=303)


def _finish_sign_in(result: SignInResult) -> Response:
    """Sign the user in; redirect to the page they wanted, or where the second factor is asked."""
    login_user(gate.SignedInUser(result.user, result.token, awaits_code=result.awaits_code))
    if result.awaits_code:
        return redirect(url_for("users.sign_in_code"), code=303)
    if result.recovery_codes_left is not None:
        message = ngettext(
            "That recovery code is used up; %(num)d is left.",
            "That recovery code is used up; %(num)d are left.",
            result.recovery_codes_left,
        )
        flash(message)
    wanted = session.pop("next", None)
    answer = redirect(wanted if wanted and saving.is_local_path(wanted) else "/", code=303)
    if result.device_token:
        gate.set_device_cookie(answer, result.device_token)
    return answer


def _render_refusal(template: str, form: TrackerForm, refusal: gate.PasswordRefusal) -> PageResult:
    """Return the page of a form that says why a secret was refused."""
    form.form_errors.append(refusal.message)
    body, _status = render_form(template, form=form, is_slowed=bool(refusal.wait_seconds))
    return body, refusal.status, refusal.headers


@bp.route("/account/", methods=["GET", "POST"])
@require_permission(Permission.READ)
def account() -> PageResult:
    """Show the account, and change the password."""
    form = forms.OwnPasswordForm()
    refusal = None
    if form.validate_on_submit():
        refusal = gate.confirm_password(form.current.data or "")
        if refusal is not None:
            form.current.errors = [refusal.message]
        elif _change_own_password(form):
            return saving.redirect_saved(url_for(".account"), _("Saved."))
    user = current_user.user
    changes = queries.list_team_changes(user)
    body, status = render_form(
        "users/account.html",
        form=form,
        sessions=[
            (one, queries.session_form_id(one), _device_label(one))
            for one in queries.list_live_sessions(user)
        ],
        this_one=hash_token(current_user.token),
        factor=second_factor_service.find_second_factor(user),
        codes_left=second_factor_service.count_unused_recovery_codes(user),
        members=queries.list_memberships(user, changes),
        changes=[one for one in changes if one.is_recent],
        handed_over=queries.list_credential_changes_by_others(user),
    )
    return (body, refusal.status, refusal.headers) if refusal else (body, status)


@bp.route("/account/new-password", methods=["GET", "POST"])
@require_permission(Permission.READ, fresh=True)
def new_password() -> tuple[str, int] | Response:
    """Ask for a password of the user's own, in place of one that somebody else chose."""
    form, user = forms.FirstPasswordForm(), current_user.user
    if not user.must_change_password:
        return redirect(url_for(".account"), code=303)

    def hash_another(password: str) -> str:
        if is_correct_password(password_hasher(), user.password_hash, password):
            message = _("This is the password that you were given. Choose another one.")
            raise InvalidInput(password=message)
        return service.hash_password(password, user.name, hasher=password_hasher())

    def change() -> None:
        hashed = saving.without_write_lock(lambda: hash_another(form.password.data or ""))
        service.change_password(user, hashed, keep_token=current_user.token, by=user)

    message = _("Your new password is saved. Here is what you do first.")
    answer = saving.handle_form(form, change, to=url_for("help.index"), message=message)
    return answer or render_form("users/new_password.html", form=form)


@bp.post("/account/sessions/end")
@require_permission(Permission.READ)
def end_session() -> Response:
    """End one of the user's own sessions."""
    form, user = forms.EndSessionForm(), current_user.user
    if saving.is_button_valid(form) and service.end_session(user, form.session.data or "", by=user):
        db.session.commit()
        flash(_("That session is ended."))
    return redirect(url_for(".account"), code=303)


@bp.post("/account/sessions/end-others")
@require_permission(Permission.READ)
def end_other_sessions() -> Response:
    """End all other sessions of the user."""
    if saving.is_button_valid(ButtonForm()):
        service.end_other_sessions(current_user.user, keep_token=current_user.token)
        db.session.commit()
        flash(_("You are signed out everywhere else."))
    return redirect(url_for(".account"), code=303)


def _change_own_password(form: forms.OwnPasswordForm) -> bool:
    """Set the new password of a valid form; return whether it is strong enough."""
    user, password = current_user.user, form.password.data or ""
    try:
        hashed = saving.without_write_lock(
            lambda: service.hash_password(password, user.name, hasher=password_hasher())
        )
        service.change_password(user, hashed, keep_token=current_user.token, by=user)
    except InvalidInput as error:
        form.reject(error)
        return False
    return True


def _device_label(session: UserSession) -> str:
    """Return the browser and system of a session as text."""
    browser, platform = gate.split_device(session.device)
    if browser and platform:
        return str(_("%(browser)s on %(platform)s", browser=browser, platform=platform))
    return browser or platform or str(_("a browser not recognised"))


def _codes_not_shown_message() -> str:
    """Return the message that the recovery codes of a form sent twice may not have been shown."""
    return str(_("New recovery codes were created but may not have been shown: create them again."))


@bp.route("/account/second-factor", methods=["GET", "POST"])
@require_permission(Permission.READ, fresh=True)
@saving.set_resubmit_message(_codes_not_shown_message)
def second_factor() -> tuple[str, int] | str | Response:
    """Show the secret as a QR code, and confirm the first code."""
    form, user = forms.SecondFactorCodeForm(), current_user.user
    if form.validate_on_submit():
        try:
            codes = second_factor_service.confirm_second_factor(
                user, form.one_time_code.data or "", keep_token=current_user.token
            )
        except InvalidInput as error:
            form.reject(error)
        else:
            token = service.renew_session(current_user.token)
            saving.commit_with_result_url(url_for(".second_factor"))
            login_user(gate.SignedInUser(user, token, has_second_factor=True))
            return render_template("users/recovery_codes.html", codes=codes)
    found = second_factor_service.find_second_factor(user)
    if found is None or found.confirmed_at is not None:
        left = second_factor_service.count_unused_recovery_codes(user)
        return render_form(SECOND_FACTOR_TEMPLATE, form=form, factor=found, codes_left=left)
    path, width = second_factor_service.qr_code_svg_path(
        second_factor_service.otpauth_url(found.secret, user.name, _("Tracker"))
    )
    secret = second_factor_service.group_letters(found.secret)
    return render_form(
        SECOND_FACTOR_TEMPLATE, form=form, factor=found, path=path, width=width, secret=secret
    )


@bp.post("/account/second-factor/begin")
@require_permission(Permission.READ, fresh=True)
def begin_second_factor() -> Response:
    """Start setting up a second factor."""
    if saving.is_button_valid(ButtonForm()):
        second_factor_service.start_second_factor_setup(current_user.user)
        db.session.commit()
    return redirect(url_for(".second_factor"), code=303)


@bp.post("/account/second-factor/codes")
@require_permission(Permission.READ, fresh=True)
@saving.set_resubmit_message(_codes_not_shown_message)
def new_recovery_codes() -> str | Response:
    """Replace the recovery codes; they are shown only now."""
    if not saving.is_button_valid(ButtonForm()):
        return redirect(url_for(".second_factor"), code=303)
    codes = second_factor_service.replace_recovery_codes(current_user.user)
    saving.commit_with_result_url(url_for(".second_factor"))
    return render_template("users/recovery_codes.html", codes=codes)


@bp.post("/account/second-factor/remove")
@require_permission(Permission.READ, fresh=True)
def remove_second_factor() -> Response:
    """Remove the user's own second factor."""
    if saving.is_button_valid(ButtonForm()):
        second_factor_service.remove_second_factor(current_user.user, keep_token=current_user.token)
        db.session.commit()
        flash(_("The second factor is removed. Your password alone signs you in."))
    return redirect(url_for(".second_factor"), code=303)


@bp.get("/users/")
@require_permission(Permission.ADMINISTER)
def index() -> str:
    """List all users with their roles and teams."""
    users = [
        user
        for user in db.session.scalars(queries.select_users_by_name()).unique()
        if user.name != CONSOLE_NAME
    ]
    return render_template("users/index.html", users=users)


@bp.route("/users/new", methods=["GET", "POST"])
@require_permission(Permission.ADMINISTER, fresh=True)
def new() -> tuple[str, int] | Response:
    """Create a user."""
    form, teams = forms.NewUserForm(), queries.list_teams()
    form.set_choices(teams)

    def make() -> None:
        name, password = form.name.data or "", form.password.data or ""
        hashed = saving.without_write_lock(
            lambda: service.hash_password(password, name, hasher=password_hasher())
        )
        service.create_user(
            name,
            hashed,
            roles=form.chosen_roles(),
            teams=form.chosen_teams(teams),
            must_change_password=True,
            by=current_actor(),
        )

    answer = saving.handle_form(form, make, to=url_for(".index"))
    return answer or render_form("users/new.html", form=form)


@bp.route("/users/<name>/edit", methods=["GET", "POST"])
@require_permission(Permission.ADMINISTER, fresh=True)
def edit(name: str) -> tuple[str, int] | Response:
    """Edit the roles and teams of a user."""
    user, form, teams = _load_user(name), forms.RolesAndTeamsForm(), queries.list_teams()
    form.set_choices(teams)

    def change() -> None:
        service.change_user(
            user,
            roles=form.chosen_roles(),
            teams=form.chosen_teams(teams),
            by=current_actor(),
        )

    answer = saving.handle_form(form, change, to=url_for(".index"), record=user)
    if answer is not None:
        return answer
    user = _load_user(name)
    factor = second_factor_service.find_second_factor(user)
    return render_form("users/edit.html", form=form, user=user, factor=factor)


@bp.route("/users/<name>/password", methods=["GET", "POST"])
@require_permission(Permission.ADMINISTER, fresh=True)
def set_password(name: str) -> tuple[str, int] | Response:
    """Set a new password for a user, and end their sessions."""
    user, form = _load_user(name), forms.PasswordForm()

    def change() -> None:
        password = form.password.data or ""
        hashed = saving.without_write_lock(
            lambda: service.hash_password(password, user.name, hasher=password_hasher())
        )
        service.change_password(user, hashed, by=current_actor())

    answer = saving.handle_form(form, change, to=url_for(".edit", name=name))
    return answer or render_form("users/set_password.html", form=form, user=_load_user(name))


@bp.post("/users/<name>/disable")
@require_permission(Permission.ADMINISTER, fresh=True)
def disable(name: str) -> Response:
    """Disable a user from their next request on."""
    user = _load_user(name)
    said = _("%(name)s can no longer sign in.", name=name)
    return _handle_button(name, lambda: service.disable_user(user, by=current_actor()), said)


@bp.post("/users/<name>/enable")
@require_permission(Permission.ADMINISTER, fresh=True)
def enable(name: str) -> Response:
    """Enable a disabled user."""
    user = _load_user(name)
    said = _("%(name)s can sign in again.", name=name)
    return _handle_button(name, lambda: service.enable_user(user, by=current_actor()), said)


@bp.route("/teams/", methods=["GET", "POST"])
@require_permission(Permission.ADMINISTER, fresh=True)
def teams() -> tuple[str, int] | Response:
    """Show every team with its members, and create new ones."""
    form = forms.TeamForm()

    def make() -> None:
        service.create_team(form.name.data or "", by=current_actor())

    answer = saving.handle_form(form, make, to=url_for(".teams"))
    return answer or render_form("users/teams.html", form=form, teams=queries.list_teams())


@bp.post("/users/<name>/sessions/end")
@require_permission(Permission.ADMINISTER, fresh=True)
def end_sessions(name: str) -> Response:
    """End all sessions of a user."""
    user = _load_user(name)
    said = _("%(name)s is signed out everywhere.", name=name)
    return _handle_button(name, lambda: service.end_all_sessions(user, by=current_actor()), said)


@bp.post("/users/<name>/second-factor/reset")
@require_permission(Permission.ADMINISTER, fresh=True)
def reset_second_factor(name: str) -> Response:
    """Remove the second factor of a user who lost their phone."""
    user = _load_user(name)
    said = _("%(name)s signs in with the password only until they set it up again.", name=name)
    return _handle_button(
        name, lambda: second_factor_service.reset_second_factor(user, by=current_actor()), said
    )


def _calendar_link_not_shown_message() -> str:
    """Return the message that the sign-in link of a form sent twice may not have been shown."""
    return str(_("A sign-in link was created but may not have been shown: create it again."))


@bp.post("/users/<name>/sign-in-link")
@require_permission(Permission.ADMINISTER, fresh=True)
@saving.set_resubmit_message(_calendar_link_not_shown_message)
def make_sign_in_link(name: str) -> str | Response:
    """Create a link that lets a new browser sign in while the account is throttled."""
    user, back = _load_user(name), url_for(".edit", name=name)
    if not saving.is_button_valid(ButtonForm()):
        return redirect(back, code=303)
    token = throttle_service.create_sign_in_link(user, by=current_actor(), session=db.session())
    saving.commit_with_result_url(back)
    link = url_for(".sign_in_link", token=token, _external=True)
    return render_template("users/link_made.html", name=name, link=link)


def _handle_button(name: str, apply_change: Callable[[], object], message: str) -> Response:
    """Run `apply_change` and show `message` if the submitted form of a button is valid (its CSRF
    token is); redirect to the page of the user `name`.
    """
    to = url_for(".edit", name=name)
    if not saving.is_button_valid(ButtonForm()):
        return redirect(to, code=303)
    apply_change()
    return saving.redirect_saved(to, message)


def _load_user(name: str) -> User:
    """Return the user with a name; raise NotFound for the console account or an unknown name."""
    is_name = service.USER_NAME_PATTERN.fullmatch(name)
    user = queries.find_user_by_name(db.session(), name) if is_name else None
    if user is None or user.name == CONSOLE_NAME or user.name != name:
        raise NotFound
    return user

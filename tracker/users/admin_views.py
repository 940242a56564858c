"""Users and teams, for administrators."""

from __future__ import annotations

from collections.abc import Callable

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from tracker.db import db
from tracker.errors import NotFound
from tracker.i18n import _
from tracker.permissions import CONSOLE, Permission
from tracker.users import second_factor_service, service
from tracker.users.forms import NewUserForm, PasswordForm, RolesAndTeamsForm, TeamForm
from tracker.users.models import Team, User
from tracker.users.queries import teams_by_name, user_by_name, users_by_name
from tracker.users.service import USER_NAME
from tracker.users.throttle_service import make_sign_in_link as make_link
from tracker.users.views import argon, bp
from tracker.web import saving
from tracker.web.forms import ButtonForm, page
from tracker.web.guards import current_actor, requires


@bp.get("/users/")
@requires(Permission.ADMINISTER)
def index() -> str:
    """List all users with their roles and teams."""
    users = [user for user in db.session.scalars(users_by_name()).unique() if user.name != CONSOLE]
    return render_template("users/index.html", users=users)


@bp.route("/users/new", methods=["GET", "POST"])
@requires(Permission.ADMINISTER, fresh=True)
def new() -> tuple[str, int] | Response:
    """Create a user."""
    form, teams = NewUserForm(), _teams()
    form.set_choices(teams)

    def make() -> None:
        service.create_user(
            form.name.data or "",
            form.password.data or "",
            roles=form.chosen_roles(),
            teams=form.chosen_teams(teams),
            argon=argon(),
            must_change_password=True,
            by=current_actor(),
        )

    return saving.handle_form(form, make, to=url_for(".index")) or page("users/new.html", form=form)


@bp.route("/users/<name>/edit", methods=["GET", "POST"])
@requires(Permission.ADMINISTER, fresh=True)
def edit(name: str) -> tuple[str, int] | Response:
    """Edit the roles and teams of a user."""
    user, form, teams = _load(name), RolesAndTeamsForm(), _teams()
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
    user = _load(name)
    factor = second_factor_service.factor_of(user)
    return page("users/edit.html", form=form, user=user, factor=factor)


@bp.route("/users/<name>/password", methods=["GET", "POST"])
@requires(Permission.ADMINISTER, fresh=True)
def set_password(name: str) -> tuple[str, int] | Response:
    """Set a new password for a user, and end their sessions."""
    user, form = _load(name), PasswordForm()

    def change() -> None:
        password = form.password.data or ""
        service.change_password(user, password, argon=argon(), by=current_actor())

    answer = saving.handle_form(form, change, to=url_for(".edit", name=name))
    return answer or page("users/set_password.html", form=form, user=_load(name))


@bp.post("/users/<name>/disable")
@requires(Permission.ADMINISTER, fresh=True)
def disable(name: str) -> Response:
    """Disable a user from their next request on."""
    user = _load(name)
    said = _("%(name)s can no longer sign in.", name=name)
    return _handle_button(name, lambda: service.disable_user(user, by=current_actor()), said)


@bp.post("/users/<name>/enable")
@requires(Permission.ADMINISTER, fresh=True)
def enable(name: str) -> Response:
    """Enable a disabled user."""
    user = _load(name)
    said = _("%(name)s can sign in again.", name=name)
    return _handle_button(name, lambda: service.enable_user(user, by=current_actor()), said)


@bp.route("/teams/", methods=["GET", "POST"])
@requires(Permission.ADMINISTER, fresh=True)
def teams() -> tuple[str, int] | Response:
    """Show every team with its members, and create new ones."""
    form = TeamForm()

    def make() -> None:
        service.create_team(form.name.data or "", by=current_actor())

    answer = saving.handle_form(form, make, to=url_for(".teams"))
    return answer or page("users/teams.html", form=form, teams=_teams())


@bp.post("/users/<name>/sessions/end")
@requires(Permission.ADMINISTER, fresh=True)
def end_sessions(name: str) -> Response:
    """End all sessions of a user."""
    user = _load(name)
    said = _("%(name)s is signed out everywhere.", name=name)
    return _handle_button(name, lambda: service.end_all_sessions(user, by=current_actor()), said)


@bp.post("/users/<name>/second-factor/reset")
@requires(Permission.ADMINISTER, fresh=True)
def reset_second_factor(name: str) -> Response:
    """Remove the second factor of a user who lost their phone."""
    user = _load(name)
    said = _("%(name)s signs in by the password alone until they set it up again.", name=name)
    return _handle_button(
        name, lambda: second_factor_service.reset_second_factor(user, by=current_actor()), said
    )


def _secret_not_shown() -> str:
    return str(_("A sign-in link was made, and may not have been shown: make it again."))


@bp.post("/users/<name>/sign-in-link")
@requires(Permission.ADMINISTER, fresh=True)
@saving.on_resubmit(_secret_not_shown)
def make_sign_in_link(name: str) -> str | Response:
    """Create a link that lets a new browser sign in while the account is throttled."""
    user, back = _load(name), url_for(".edit", name=name)
    if not saving.is_button_valid(ButtonForm()):
        return redirect(back, code=303)
    token = make_link(user, by=current_actor(), session=db.session())
    saving.commit_and_redirect(back)
    link = url_for(".sign_in_link", token=token, _external=True)
    return render_template("users/link_made.html", name=name, link=link)


def _handle_button(name: str, act: Callable[[], object], message: str) -> Response:
    """Handle a button on a user's page."""
    to = url_for(".edit", name=name)
    if not saving.is_button_valid(ButtonForm()):
        return redirect(to, code=303)
    act()
    return saving.redirect_saved(to, message)


def _load(name: str) -> User:
    """Return a user who can sign in; the console has no page."""
    user = user_by_name(db.session(), name) if USER_NAME.fullmatch(name) else None
    if user is None or user.name == CONSOLE or user.name != name:
        raise NotFound
    return user


def _teams() -> list[Team]:
    return list(db.session.scalars(teams_by_name()))

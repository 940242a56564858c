"""Users and teams, for administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, url_for

from tracker.db import db
from tracker.errors import InvalidInput, NotFound
from tracker.i18n import _
from tracker.permissions import Permission
from tracker.users import second_factor_service, service, sessions_service
from tracker.users.forms import (
    NewUserForm,
    PasswordForm,
    StandingForm,
    TeamForm,
)
from tracker.users.queries import CONSOLE, teams_by_name, user_named, users_by_name
from tracker.users.service import USER_NAME
from tracker.users.views import argon, bp
from tracker.web.forms import PlainForm, TrackerForm, page
from tracker.web.guards import current_actor, requires

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from tracker.users.models import Team, User


@bp.get("/users/")
@requires(Permission.ADMINISTER)
def index() -> str:
    """Show everybody with their roles and teams."""
    users = [user for user in db.session.scalars(users_by_name()) if user.name != CONSOLE]
    return render_template("users/index.html", users=users)


@bp.route("/users/new", methods=["GET", "POST"])
@requires(Permission.ADMINISTER, fresh=True)
def new() -> tuple[str, int] | Response:
    """Make somebody who can sign in."""
    form, teams = NewUserForm(), _teams()
    form.offer(teams)

    def make() -> None:
        service.create_user(
            form.name.data or "",
            form.password.data or "",
            roles=form.chosen_roles(),
            teams=form.chosen_teams(teams),
            argon=argon(),
            by=current_actor(),
        )

    if _saved(form, make):
        return redirect(url_for(".index"), code=303)
    return page("users/new.html", form=form)


@bp.route("/users/<name>/edit", methods=["GET", "POST"])
@requires(Permission.ADMINISTER, fresh=True)
def edit(name: str) -> tuple[str, int] | Response:
    """Give somebody other roles and teams."""
    user, form, teams = _load(name), StandingForm(), _teams()
    form.offer(teams)
    if not form.is_submitted():
        form.show(user)

    def change() -> None:
        form.refuse_stale(user)
        service.change_user(
            user,
            roles=form.chosen_roles(),
            teams=form.chosen_teams(teams),
            by=current_actor(),
        )

    if _saved(form, change):
        return redirect(url_for(".index"), code=303)
    user = _load(name)
    factor = second_factor_service.factor_of(user)
    return page("users/edit.html", form=form, user=user, factor=factor)


@bp.route("/users/<name>/password", methods=["GET", "POST"])
@requires(Permission.ADMINISTER, fresh=True)
def set_password(name: str) -> tuple[str, int] | Response:
    """Set a new password for somebody who forgot theirs; it ends their sessions."""
    user, form = _load(name), PasswordForm()

    def change() -> None:
        password = form.password.data or ""
        service.change_password(user, password, argon=argon(), by=current_actor())

    if _saved(form, change):
        return redirect(url_for(".edit", name=user.name), code=303)
    return page("users/set_password.html", form=form, user=_load(name))


@bp.post("/users/<name>/disable")
@requires(Permission.ADMINISTER, fresh=True)
def disable(name: str) -> Response:
    """Keep somebody out from their next request on."""
    user = _load(name)
    if PlainForm().validate_on_submit():
        service.disable_user(user, by=current_actor())
        db.session.commit()
        flash(_("%(name)s can no longer sign in.", name=user.name))
    return redirect(url_for(".edit", name=user.name), code=303)


@bp.post("/users/<name>/enable")
@requires(Permission.ADMINISTER, fresh=True)
def enable(name: str) -> Response:
    """Let somebody sign in again."""
    user = _load(name)
    if PlainForm().validate_on_submit():
        service.enable_user(user, by=current_actor())
        db.session.commit()
        flash(_("%(name)s can sign in again.", name=user.name))
    return redirect(url_for(".edit", name=user.name), code=303)


@bp.route("/teams/", methods=["GET", "POST"])
@requires(Permission.ADMINISTER, fresh=True)
def teams() -> tuple[str, int] | Response:
    """Show every team with its members, and make new ones."""
    form = TeamForm()
    if _saved(form, lambda: service.create_team(form.name.data or "", by=current_actor())):
        return redirect(url_for(".teams"), code=303)
    return page("users/teams.html", form=form, teams=_teams())


@bp.post("/users/<name>/sessions/end")
@requires(Permission.ADMINISTER, fresh=True)
def end_sessions(name: str) -> Response:
    """End every session of somebody."""
    user = _load(name)
    if PlainForm().validate_on_submit():
        sessions_service.end_all(user, by=current_actor())
        db.session.commit()
        flash(_("%(name)s is signed out everywhere.", name=user.name))
    return redirect(url_for(".edit", name=user.name), code=303)


@bp.post("/users/<name>/second-factor/reset")
@requires(Permission.ADMINISTER, fresh=True)
def reset_second_factor(name: str) -> Response:
    """Take the second factor away of somebody whose phone is lost."""
    user = _load(name)
    if PlainForm().validate_on_submit():
        second_factor_service.reset_second_factor(user, by=current_actor())
        db.session.commit()
        flash(_("%(name)s signs in by the password alone until they set it up again.", name=name))
    return redirect(url_for(".edit", name=user.name), code=303)


def _saved(form: TrackerForm, act: Callable[[], object]) -> bool:
    """Do what a valid form asks for and commit it; otherwise the form says what is wrong."""
    if not form.validate_on_submit():
        return False
    try:
        act()
    except InvalidInput as error:
        form.reject(error)
        return False
    db.session.commit()
    flash(_("Saved."))
    return True


def _load(name: str) -> User:
    """Return somebody who can sign in; the console has no page."""
    user = user_named(db.session(), name) if USER_NAME.fullmatch(name) else None
    if user is None or user.name == CONSOLE or user.name != name:
        raise NotFound
    return user


def _teams() -> list[Team]:
    return list(db.session.scalars(teams_by_name()))

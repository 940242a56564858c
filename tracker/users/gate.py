"""The one gate before every view: loads the session, sets the viewer, asks for the permission."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import current_app, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy import update
from sqlalchemy.orm import Session

from tracker import clock
from tracker.db import db, engines, read_only, write_transaction
from tracker.errors import Refused
from tracker.i18n import _
from tracker.scoping import Viewer, set_viewer
from tracker.users.models import User, UserSession
from tracker.users.queries import live_session, user_named
from tracker.users.service import hash_of
from tracker.web.guards import PUBLIC_ENDPOINTS

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Response

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SEEN_EVERY = timedelta(minutes=1)


@dataclass(eq=False)
class SignedIn(UserMixin):
    """The person behind the request; Flask-Login keeps the session's token as their id."""

    user: User
    token: str

    def get_id(self) -> str:
        """Return what the signed cookie holds: an opaque token, not a user id."""
        return self.token


def init_app(app: Flask) -> None:
    """Put the gate before every view of the application."""
    manager = LoginManager(app)
    # "strong" would sign out whoever changes address, as Tor users do all the time.
    manager.session_protection = None
    manager.user_loader(_signed_in)
    app.before_request(_gate)
    app.jinja_env.globals["may_do"] = _may_do


def _gate() -> Response | None:
    read_only(yes=request.method in SAFE_METHODS)
    set_viewer(None)
    if request.endpoint in {"static", "pages.health"}:
        # Neither looks at who asks: no session is read, and none is marked as seen.
        return None
    if request.endpoint is None:
        # No such address: the 404 page, which looks alike for everybody.
        return None
    if current_user.is_authenticated:
        set_viewer(Viewer(tuple(current_user.user.team_ids)))
    if request.endpoint in PUBLIC_ENDPOINTS:
        return None
    if not current_user.is_authenticated:
        if request.method == "GET" and request.endpoint != "users.sign_out":
            session["next"] = request.full_path.rstrip("?")
        return redirect(url_for("users.sign_in"), code=303)
    needed = getattr(current_app.view_functions[request.endpoint], "requires", None)
    if needed is None or not current_user.user.may(needed):
        raise Refused(_("Your roles do not include this."))
    return None


def _signed_in(token: str) -> SignedIn | None:
    """Return the person of a live session, and note once a minute that they were here."""
    token_hash = hash_of(token)
    # A session of its own, closed again: the write below must precede the request's first read.
    with Session(engines().reading) as lookup:
        live = live_session(lookup, token_hash)
        if live is None:
            return None
        name, seen_at = live.user.name, live.seen_at
    if clock.now() - seen_at > SEEN_EVERY:
        with write_transaction() as writing:
            writing.execute(
                update(UserSession)
                .where(UserSession.token_hash == token_hash)
                .values(seen_at=clock.now())
            )
    user = user_named(db.session(), name)
    return SignedIn(user, token) if user else None


def _may_do(permission: str) -> bool:
    """Say in templates whether the person looking has a permission."""
    return bool(current_user.is_authenticated and current_user.user.may(permission))

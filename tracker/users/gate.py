"""The one gate before every view: loads the session, sets the viewer, asks for the permission."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from flask import current_app, make_response, redirect, render_template, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tracker import clock
from tracker.db import db, engines, full_power, read_only, write_transaction
from tracker.errors import Refused, trace_of
from tracker.i18n import _
from tracker.scoping import Viewer, set_viewer
from tracker.storage import held_by_another, refused_by_disk
from tracker.users import full_disk_service, refusals
from tracker.users.forms import SignInForm
from tracker.users.freshness import ask_again
from tracker.users.models import User, UserSession
from tracker.users.queries import live_session
from tracker.users.service import hash_of
from tracker.web.forms import PlainForm, typed_fields
from tracker.web.guards import PUBLIC_ENDPOINTS
from tracker.web.limits import SAFE_METHODS

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from flask import Flask
    from werkzeug.wrappers import Response

log = logging.getLogger(__name__)
SEEN_EVERY = timedelta(minutes=1)
# What somebody reaches whose password was right and whose second factor is still awaited.
WHILE_AWAITING = frozenset(
    {"users.sign_in_code", "users.sign_in_link", "users.sign_out", "pages.choose_language"}
)
# What somebody reaches who must set up a second factor and has not.
BEFORE_SET_UP = frozenset(
    {
        "users.second_factor", "users.begin_second_factor", "users.account", "users.confirm",
        "users.sign_out",
    }
)  # fmt: skip


@dataclass(eq=False)
class SignedIn(UserMixin):
    """The person behind the request; Flask-Login keeps the session's token as their id."""

    user: User
    token: str
    # When the password was last given in this session.
    verified_at: datetime | None = None
    has_second_factor: bool = False
    awaits_code: bool = False

    def get_id(self) -> str:
        """Return what the signed cookie holds: an opaque token, not a user id."""
        return self.token

    @property
    def is_authenticated(self) -> bool:
        """Say whether everything was given that is asked for: a password alone shows nothing."""
        return not self.awaits_code


def init_app(app: Flask) -> None:
    """Put the gate before every view of the application."""
    # Not asked for by itself before every template: some answer where the database does not.
    manager = LoginManager(app, add_context_processor=False)
    app.jinja_env.globals["current_user"] = current_user
    # "strong" would sign out whoever changes address, as Tor users do all the time.
    manager.session_protection = None
    manager.user_loader(_signed_in)
    app.before_request(_gate)
    refusals.init_app(app)
    app.jinja_env.globals["may_do"] = _may_do


def _gate() -> Response | None:
    read_only(yes=request.method in SAFE_METHODS)
    view = current_app.view_functions.get(request.endpoint or "")
    full_power(yes=getattr(view, "confidential", False))
    set_viewer(None)
    if request.endpoint in {"static", "pages.health", "operating.ready", "operating.leave", None}:
        # None looks at who asks: no session is read, and none is marked as seen. Where there is
        # no such address, the 404 page looks alike for everybody. Whoever leaves is let go even
        # where the database does not answer.
        return None
    if _awaits_code():
        allowed = request.endpoint in WHILE_AWAITING
        return None if allowed else redirect(url_for("users.sign_in_code"), code=303)
    if current_user.is_authenticated:
        set_viewer(Viewer(tuple(current_user.user.team_ids)))
    if request.endpoint in PUBLIC_ENDPOINTS:
        return None
    if not current_user.is_authenticated:
        return _sign_in_first()
    if _must_set_up() and request.endpoint not in BEFORE_SET_UP:
        return redirect(url_for("users.second_factor"), code=303)
    return _answer_to_marks(current_app.view_functions[str(request.endpoint)])


def _answer_to_marks(view: Callable[..., Any]) -> Response | None:
    """Obey what `requires` says of a view; one without its mark is refused to everybody."""
    needed = getattr(view, "requires", None)
    if needed is None or not current_user.user.may(needed):
        raise Refused(_("Your roles do not include this."))
    return ask_again() if getattr(view, "fresh", False) else None


def _awaits_code() -> bool:
    return bool(getattr(current_user, "awaits_code", False))


def _must_set_up() -> bool:
    required = current_app.config["TRACKER"].require_two_factor
    return bool(required and not current_user.has_second_factor)


def _sign_in_first() -> Response:
    """Ask who it is; what was typed into a page of ours while a session ended is shown below."""
    if request.method == "GET" and request.endpoint != "users.sign_out":
        session["next"] = request.full_path.rstrip("?")
    elif typed_fields() and ("_user_id" in session or PlainForm().validate()):
        # No other site can send our cookie or our token along: nobody puts words into this page.
        body = render_template("users/sign_in.html", form=SignInForm(formdata=None), kept=True)
        return make_response(body, 401)
    return redirect(url_for("users.sign_in"), code=303)


def _signed_in(token: str) -> SignedIn | None:
    """Return the person of a live session, and note once a minute that they were here."""
    if token.startswith(full_disk_service.PREFIX):
        return _signed_in_unstored(token)
    token_hash = hash_of(token)
    # A session of its own, closed again: the write below must precede the request's first read.
    with Session(engines().reading) as lookup:
        found = live_session(lookup, token_hash)
    if found is None:
        return None
    live, has_factor = found
    if clock.now() - live.seen_at > SEEN_EVERY:
        _note_seen(token_hash)
    if request.method in SAFE_METHODS:
        user = db.session.merge(live.user, load=False)
    else:
        # Behind the write lock: while it was waited for, a role may have been taken away.
        found = live_session(db.session(), token_hash)
        if found is None:
            return None
        user = found[0].user
    awaits_code = has_factor and live.second_factor_at is None
    return SignedIn(user, token, live.verified_at, has_factor, awaits_code)


def _signed_in_unstored(token: str) -> SignedIn | None:
    """Return the person of a token that stands in for a session on a full disk, and store a session
    as soon as there is room.
    """
    key = current_app.config["TRACKER"].secret_key
    held = full_disk_service.read_token(token, key=key)
    if held is None:
        return None
    with Session(engines().reading) as lookup:
        found = full_disk_service.holder_of(held, session=lookup)
    if found is None:
        return None
    only_reads = request.method in SAFE_METHODS
    try:
        stored = full_disk_service.exchange(held, wait=not only_reads)
    except OperationalError as error:
        if not (refused_by_disk(error) or (only_reads and held_by_another(error))):
            # Nothing is saved before the session is stored.
            raise
    else:
        if stored is None:
            return None
        session["_user_id"] = stored
        return _signed_in(stored)
    if not only_reads:
        found = full_disk_service.holder_of(held, session=db.session())
        if found is None:
            return None
    user, has_factor = found
    if only_reads:
        user = db.session.merge(user, load=False)
    return SignedIn(user, token, held.begun, has_factor, has_factor and not held.has_code)


def _note_seen(token_hash: str) -> None:
    """Write that somebody was here, unless somebody else is writing or the disk is full: reading
    goes on without it.
    """
    try:
        with write_transaction(wait=False) as writing:
            writing.execute(
                update(UserSession)
                .where(UserSession.token_hash == token_hash)
                .values(seen_at=clock.now())
            )
    except OperationalError as error:
        if not held_by_another(error):
            log.warning("it could not be written when somebody was last seen\n%s", trace_of(error))


def _may_do(permission: str) -> bool:
    """Say in templates whether the person looking has a permission."""
    return bool(current_user.is_authenticated and current_user.user.may(permission))

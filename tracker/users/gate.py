"""Access control before every view: session, viewer, permission, reauthentication, known browsers.

A known browser is recognised by a cookie that grants nothing by itself. Refusals are logged, each
kind at most once a minute.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from flask import (
    Flask,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy import Select, bindparam, exists, func, select, update
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, contains_eager, joinedload
from werkzeug.wrappers import Response

from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.audit.service import record_event
from tracker.db import (
    current_engines,
    current_settings,
    db,
    disable_writes,
    is_disk_error,
    is_lock_timeout,
    set_full_access,
    set_read_only,
    write_transaction,
)
from tracker.errors import AuditKeyMissing, Forbidden, redacted_traceback
from tracker.i18n import _, ngettext
from tracker.scoping import Viewer, set_viewer
from tracker.users import full_disk_service, models, throttle_service
from tracker.users.forms import MAX_PASSWORD_LENGTH, SignInForm
from tracker.users.passwords import hasher_from_settings, is_correct_password
from tracker.users.queries import find_user_by_name
from tracker.users.service import DEVICE_COOKIE_LIFETIME, record_password_confirmation
from tracker.web.filters import REF_PATTERN
from tracker.web.forms import SECRET_FIELDS, ButtonForm, submitted_fields
from tracker.web.guards import PUBLIC_ENDPOINTS, SAFE_METHODS

# A browser or system that is not recognised.
UNKNOWN_DEVICE = ""
# Between browser and system in the text of a device: `Firefox/Linux`.
DEVICE_SEPARATOR = "/"
MAX_USER_AGENT_LENGTH = 1000  # characters; the rest is ignored
# Words in the user agent, each with the name of its browser. The first one found counts: most
# browsers also name others for compatibility.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("YaBrowser/", "Yandex"), ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"), ("Chromium/", "Chromium"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ("curl/", "curl"),
)  # fmt: skip
# Words in the user agent, each with the name of its system; the first one found counts.
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("CrOS", "ChromeOS"), ("Mac OS X", "macOS"), ("Macintosh", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
MAX_DEVICE_TOKEN_LENGTH = 100  # characters of the device cookie
log = logging.getLogger(__name__)
# When a session was last used is stored at most this often.
LAST_SEEN_INTERVAL = timedelta(minutes=1)
# Views for which no session is read or updated. For an unknown address (None) the 404 page is the
# same for everyone. Signing out works even if the database does not answer.
VIEWS_WITHOUT_USER = frozenset(
    {"static", "operating.health", "operating.ready", "operating.leave", "cases.calendar", None}
)
# Views for a user whose password was right and whose second factor is missing.
VIEWS_WHILE_AWAITING_CODE = frozenset(
    {"users.sign_in_code", "users.sign_in_link", "users.sign_out", "operating.choose_language"}
)
# Views for a user who must set up a second factor and has not.
VIEWS_BEFORE_SECOND_FACTOR = frozenset(
    {
        "users.second_factor", "users.begin_second_factor", "users.account", "users.confirm",
        "users.sign_out",
    }
)  # fmt: skip
# Views for a user whose password somebody else chose, and who has not changed it.
VIEWS_BEFORE_NEW_PASSWORD = frozenset({"users.new_password", "users.confirm", "users.sign_out"})
# For this long after the password was given, dangerous actions do not ask for it again.
REAUTHENTICATION_LIFETIME = timedelta(minutes=15)
# The input in which a page asks for the password again.
PASSWORD_AGAIN_FIELD = "confirm_password"  # noqa: S105 (the name of a field)
# The audit action of a request that the user's roles do not allow.
ACCESS_REFUSAL_ACTION = "access:refuse"
FORBIDDEN_STATUS = 403  # HTTP status
# Refusals of a user at one page are logged at most this often.
REFUSAL_LOG_INTERVAL = timedelta(minutes=1)


@dataclass(eq=False)
class SignedInUser(UserMixin):
    """The user of a request; Flask-Login uses the session's token as their id."""

    user: models.User
    token: str
    # When the password was last given in this session.
    verified_at: datetime | None = None
    has_second_factor: bool = False
    awaits_code: bool = False
    # The refs of the records that the user follows.
    followed: frozenset[str] = frozenset()

    def get_id(self) -> str:
        """Return the session's token, the content of the signed cookie."""
        return self.token

    @property
    def is_authenticated(self) -> bool:
        """Whether sign-in is complete, including the second factor."""
        return not self.awaits_code


def init_app(app: Flask) -> None:
    """Check access before every view of the application, and log refusals."""
    # Not run before every template: some answer when the database does not.
    manager = LoginManager(app, add_context_processor=False)
    app.jinja_env.globals["current_user"] = current_user
    # "strong" would sign out users whose address changes, as with Tor all the time.
    manager.session_protection = None
    manager.user_loader(_load_signed_in_user)
    app.before_request(_check_access)
    app.after_request(_log_refusal)
    app.jinja_env.globals.update(may_do=_has_permission, must_change_password=must_change_password)


def _check_access() -> Response | None:
    """Set the viewer of the request; return a page or redirect if the user must first sign in, give
    the password or second factor, change the password or set up a second factor; None to let the
    view run.

    Raises Forbidden if the user lacks the permission of the view.
    """
    set_read_only(read_only=request.method in SAFE_METHODS)
    view = current_app.view_functions.get(request.endpoint or "")
    set_full_access(full_access=getattr(view, "confidential", False))
    set_viewer(None)
    if request.endpoint in VIEWS_WITHOUT_USER:
        return None
    if _is_awaiting_code():
        allowed = request.endpoint in VIEWS_WHILE_AWAITING_CODE
        return None if allowed else redirect(url_for("users.sign_in_code"), code=303)
    if current_user.is_authenticated:
        set_viewer(Viewer(tuple(current_user.user.team_ids)))
    if request.endpoint in PUBLIC_ENDPOINTS:
        return None
    if not current_user.is_authenticated:
        return _redirect_to_sign_in()
    if first := _next_required_endpoint():
        return redirect(url_for(first), code=303)
    return _check_requirements(current_app.view_functions[str(request.endpoint)])


def _check_requirements(view: Callable[..., Any]) -> Response | None:
    """Raise Forbidden unless the user has the permission that a view requires; return a page that
    asks for the password if the view needs it again, else None.

    A view that requires no permission is forbidden to everybody.
    """
    needed = getattr(view, "requires", None)
    if needed is None or not current_user.user.has_permission(needed):
        raise Forbidden(_("Your roles do not include this."))
    return require_recent_password() if getattr(view, "fresh", False) else None


def _is_awaiting_code() -> bool:
    """Return whether the user gave the password, but not the second factor yet."""
    return bool(getattr(current_user, "awaits_code", False))


def _next_required_endpoint() -> str | None:
    """Return the endpoint that the user must visit before any other; None if there is none."""
    if must_change_password():
        return None if request.endpoint in VIEWS_BEFORE_NEW_PASSWORD else "users.new_password"
    if _must_set_up_second_factor() and request.endpoint not in VIEWS_BEFORE_SECOND_FACTOR:
        return "users.second_factor"
    return None


def must_change_password() -> bool:
    """Return whether the signed-in user must replace a password that somebody else chose.

    False while the disk is full: a new password could not be stored.
    """
    if not current_user.is_authenticated or not current_user.user.must_change_password:
        return False
    return not current_user.token.startswith(full_disk_service.UNSTORED_SESSION_PREFIX)


def _must_set_up_second_factor() -> bool:
    """Return whether the installation requires a second factor and the user has none."""
    required = current_settings().require_two_factor
    return bool(required and not current_user.has_second_factor)


def _redirect_to_sign_in() -> Response:
    """Return a redirect to sign-in. If a form was submitted, return a sign-in page that contains
    the submitted text, so that it is not lost.
    """
    if request.method == "GET" and request.endpoint != "users.sign_out":
        session["next"] = request.full_path.rstrip("?")
    elif submitted_fields() and ("_user_id" in session or ButtonForm().validate()):
        # No other site can send our cookie or token, so nobody else can put text into this page.
        body = render_template("users/sign_in.html", form=SignInForm(formdata=None), kept=True)
        return make_response(body, 401)
    return redirect(url_for("users.sign_in"), code=303)


def find_live_session(
    session: Session, token_hash: str
) -> tuple[models.UserSession, bool, str | None] | None:
    """Return the session with a token, whether its user has a second factor, and the refs of all
    records that the user follows as one text, separated by spaces (None if there are none). Return
    None if the session has ended or is too old, or if its user is disabled.

    One statement, since every request needs it; the user is loaded with roles and teams.
    """
    found = session.execute(_live_session_query(), {"token_hash": token_hash})
    row = found.unique().one_or_none()
    return (row[0], row[1], row[2]) if row else None


@cache
def _live_session_query() -> Select[models.UserSession, bool, str | None]:
    """Return the statement of `find_live_session`, with the parameter `token_hash`."""
    has_factor = exists().where(
        models.SecondFactor.user_id == models.User.id, models.SecondFactor.confirmed_at.is_not(None)
    )
    followed = (
        select(func.aggregate_strings(models.Follow.ref, " "))
        .where(models.Follow.user_id == models.User.id)
        .scalar_subquery()
    )
    return (
        select(models.UserSession, has_factor, followed)
        .join(models.UserSession.user)
        .where(
            models.UserSession.token_hash == bindparam("token_hash"),
            models.User.disabled_at.is_(None),
            *models.live_session_conditions(),
        )
        .options(
            contains_eager(models.UserSession.user).options(
                joinedload(models.User.roles_held), joinedload(models.User.teams)
            )
        )
    )


def _load_signed_in_user(token: str) -> SignedInUser | None:
    """Return the user of a session token, None if it has ended; update when they were last seen."""
    if token.startswith(full_disk_service.UNSTORED_SESSION_PREFIX):
        return _load_unstored_user(token)
    token_hash = models.hash_token(token)
    # A separate session, closed again: the write below must come before the request's first read.
    with Session(current_engines().reading) as lookup:
        found = find_live_session(lookup, token_hash)
    if found is None:
        return None
    live, has_factor, followed = found
    if clock.utc_now() - live.seen_at > LAST_SEEN_INTERVAL:
        _update_last_seen(token_hash)
    if request.method in SAFE_METHODS:
        user = db.session.merge(live.user, load=False)
    else:
        # After taking the write lock: meanwhile, a role may have been removed.
        found = find_live_session(db.session(), token_hash)
        if found is None:
            return None
        user = found[0].user
    awaits_code = has_factor and live.second_factor_at is None
    refs = frozenset((followed or "").split())
    return SignedInUser(user, token, live.verified_at, has_factor, awaits_code, refs)


def _load_unstored_user(token: str) -> SignedInUser | None:
    """Return the user of an unstored session; None if it has ended. Stores the session as soon as
    there is disk space.
    """
    key = current_settings().secret_key
    held = full_disk_service.parse_unstored_token(token, secret_key=key)
    if held is None:
        return None
    with Session(current_engines().reading) as lookup:
        found = full_disk_service.find_unstored_session_user(held, session=lookup)
    if found is None:
        return None
    only_reads = request.method in SAFE_METHODS
    try:
        stored = full_disk_service.store_session(held, wait=not only_reads)
    except OperationalError as error:
        if not (is_disk_error(error) or (only_reads and is_lock_timeout(error))):
            raise
        # Nothing is saved before the session is stored, even if there is space again meanwhile.
        disable_writes(error)
    else:
        if stored is None:
            return None
        session["_user_id"] = stored
        return _load_signed_in_user(stored)
    user, has_factor = found
    user = db.session.merge(user, load=False)
    return SignedInUser(
        user, token, held.begun, has_factor, has_factor and not held.is_second_factor_given
    )


def _update_last_seen(token_hash: str) -> None:
    """Store when a session was last used, unless the database is busy or the disk full."""
    try:
        with write_transaction(wait=False) as writing:
            writing.execute(
                update(models.UserSession)
                .where(models.UserSession.token_hash == token_hash)
                .values(seen_at=clock.utc_now())
            )
    except OperationalError as error:
        if not is_lock_timeout(error):
            log.warning(
                "it could not be written when somebody was last seen\n%s", redacted_traceback(error)
            )


def _has_permission(permission: str) -> bool:
    """Return whether the signed-in user has a permission; `may_do` in templates."""
    return bool(current_user.is_authenticated and current_user.user.has_permission(permission))


@dataclass(frozen=True, slots=True)
class PasswordRefusal:
    """The refusal of a password or code. `message`: the message to the user; `status`: the HTTP
    status; `wait_seconds`: the seconds to wait before the next attempt, 0 if there is no wait.
    """

    message: str
    status: int
    wait_seconds: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """The HTTP headers of the response: `Retry-After` if the user must wait, else none."""
        return {"Retry-After": str(self.wait_seconds)} if self.wait_seconds else {}


def is_recently_confirmed(verified_at: datetime | None) -> bool:
    """Return whether the password was given within the last 15 minutes; False for a time that is
    more than `CLOCK_TOLERANCE` in the future.
    """
    now = clock.utc_now()
    return (
        verified_at is not None
        and now - REAUTHENTICATION_LIFETIME < verified_at <= now + models.CLOCK_TOLERANCE
    )


def throttled_refusal(wait: int) -> PasswordRefusal:
    """Return the refusal of a secret that was given too early; `wait`: seconds to wait."""
    message = ngettext(
        "Too many tries. Wait %(num)d second and try again.",
        "Too many tries. Wait %(num)d seconds and try again.",
        wait,
    )
    return PasswordRefusal(message, 429, wait)


def current_attempt(kind: throttle_service.SecretKind, name: str) -> throttle_service.SignInAttempt:
    """Return the attempt of this request to give a secret for a user name.

    It has the browser and network of the request.
    """
    network = throttle_service.network_of(request.remote_addr)
    key = current_settings().secret_key
    return throttle_service.SignInAttempt(kind, name, read_device_cookie(), network, secret_key=key)


def require_recent_password() -> Response | None:
    """Return a page that asks for the password; None if it was given recently or with the form."""
    if is_recently_confirmed(current_user.verified_at):
        return None
    if request.method in SAFE_METHODS:
        back = request.full_path.rstrip("?")
        return redirect(url_for("users.confirm", next=back), code=303)
    refusal = None
    if PASSWORD_AGAIN_FIELD in request.form:
        refusal = confirm_password(request.form[PASSWORD_AGAIN_FIELD])
        if refusal is None:
            return None
    # A submitted password is not written into a page: the form asks for it once more.
    fields = [
        (name, text)
        for name, text in request.form.items(multi=True)
        if not any(secret in name.lower() for secret in SECRET_FIELDS)
    ]
    lost = {name for name in request.form if name != PASSWORD_AGAIN_FIELD} - {
        name for name, _t in fields
    }
    body = render_template(
        "users/confirm_post.html", fields=fields, lost=bool(lost), refusal=refusal
    )
    status = refusal.status if refusal else 401
    return make_response(body, status, refusal.headers if refusal else {})


def confirm_password(password: str) -> PasswordRefusal | None:
    """Check that a password is the one of the signed-in user; return None if it is, else the
    refusal.
    """
    stored, token = current_user.user.password_hash, current_user.token
    attempt = current_attempt(throttle_service.SecretKind.PASSWORD_AGAIN, current_user.user.name)
    # Hashing takes a while, in which others could not save: the write lock is released first.
    db.session.rollback()
    with write_transaction() as writing:
        wait = throttle_service.begin_attempt(attempt, session=writing)
    if wait:
        return throttled_refusal(wait)
    hasher = hasher_from_settings(current_settings())
    right = len(password) <= MAX_PASSWORD_LENGTH and is_correct_password(hasher, stored, password)
    with write_transaction() as writing:
        if right:
            throttle_service.reset_failures(attempt, session=writing)
            record_password_confirmation(token, session=writing)
            return None
        throttle_service.log_failure(attempt, session=writing)
    return PasswordRefusal(_("This is not your password."), 422)


def _log_refusal(response: Response) -> Response:
    """Log a refused request, at most once a minute for each user and page."""
    if response.status_code != FORBIDDEN_STATUS or not current_user.is_authenticated:
        return response
    name, endpoint = current_user.user.name, str(request.endpoint)
    ref = str((request.view_args or {}).get("ref", ""))
    # Of the address only a valid ref is logged: any other text may be personal data.
    changes = {"ref": ref} if REF_PATTERN.fullmatch(ref) else {}
    # The page was rendered in a transaction, which may hold the lock that this one needs.
    db.session.rollback()
    try:
        _record_refusal(name, endpoint, changes)
    except (SQLAlchemyError, AuditKeyMissing) as error:
        # The request is refused even if that cannot be logged.
        log.warning("a refusal could not be written down\n%s", redacted_traceback(error))
    return response


def _record_refusal(name: str, endpoint: str, changes: dict[str, str]) -> None:
    """Log that the page `endpoint` refused the user `name`, unless that was logged within a minute.
    `changes`: the details for the log entry, which are the ref of the record, if any.
    """
    noted = select(AuditEvent.sequence).where(
        AuditEvent.actor == name,
        AuditEvent.action == ACCESS_REFUSAL_ACTION,
        AuditEvent.subject == endpoint,
        AuditEvent.at > clock.utc_now() - REFUSAL_LOG_INTERVAL,
    )
    with write_transaction() as writing:
        user = find_user_by_name(writing, name)
        if user is not None and writing.scalars(noted.limit(1)).first() is None:
            record_event(ACCESS_REFUSAL_ACTION, endpoint, by=user, changes=changes, session=writing)


def parse_device(user_agent: str) -> str:
    """Return browser and system of a user agent, as `Firefox/Linux`; unknown ones are empty."""
    text = user_agent[:MAX_USER_AGENT_LENGTH]
    halves = [
        next((name for mark, name in known if mark in text), UNKNOWN_DEVICE)
        for known in (BROWSERS, SYSTEMS)
    ]
    return DEVICE_SEPARATOR.join(halves)


def split_device(device: str) -> tuple[str, str]:
    """Return browser and system of a device as `parse_device` returns it."""
    browser, _between, system = device.partition(DEVICE_SEPARATOR)
    return browser, system


def read_device_cookie() -> str:
    """Return the token in the request's device cookie, "" if there is none or it is too long."""
    held = request.cookies.get(_device_cookie_name(), "")
    return held if len(held) <= MAX_DEVICE_TOKEN_LENGTH else ""


def set_device_cookie(response: Response, device_token: str) -> None:
    """Set the device cookie, by which a known browser is recognised, to a token.

    Scripts and other sites cannot read it.
    """
    response.set_cookie(
        _device_cookie_name(),
        device_token,
        max_age=DEVICE_COOKIE_LIFETIME,
        path="/",
        secure=_is_behind_tls(),
        httponly=True,
        samesite="Lax",
    )


def _device_cookie_name() -> str:
    return "__Host-tracker-device" if _is_behind_tls() else "tracker-device"


def _is_behind_tls() -> bool:
    """Return whether browsers reach the tracker through a proxy, and so over HTTPS."""
    return bool(current_settings().proxy_hops)

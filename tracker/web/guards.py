"""The checks that a request must pass before its view, and the security headers of every response.

These are limits on its size and host; the panic switch, which is a small file, since the database
may be the problem; and the permission that the view declares, which `users/gate.py` checks.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import IO, Any, TypeVar, cast

from flask import (
    Flask,
    Request,
    Response,
    abort,
    current_app,
    make_response,
    render_template,
    request,
    session,
)
from flask.sessions import SecureCookieSessionInterface
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge, SecurityError
from werkzeug.formparser import FormDataParser

from tracker.db import current_settings
from tracker.errors import Forbidden
from tracker.i18n import _
from tracker.parsing import MEGABYTE
from tracker.permissions import Actor, OwnedRecord, Permission, can_edit

ViewT = TypeVar("ViewT", bound="Callable[..., Any]")  # a view function, returned by its decorator
# Views that anonymous clients may open; all others need `@require_permission`.
PUBLIC_ENDPOINTS = frozenset(
    {
        "static", "users.sign_in", "users.sign_in_link", "operating.health",
        "operating.choose_language", "operating.leave", "operating.ready",
        "cases.calendar",
    }
)  # fmt: skip
# An upload of 10 MB and the rest of its form.
MAX_REQUEST_BYTES = 12 * MEGABYTE
# One text in a form with an upload: a million letters of any script.
MAX_FORM_PART_BYTES = 4 * MEGABYTE
# All fields of a form without an upload, encoded.
MAX_FORM_BYTES = 2 * MEGABYTE
MAX_FORM_FIELDS = 2000
# A client who is not signed in sends no more than a sign-in form.
MAX_ANONYMOUS_REQUEST_BYTES = 16 * 1024
# The HTTP methods that change nothing.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# The file that contains the state of the panic switch, in the instance folder.
PANIC_FILE = "panic"
# Views that show nothing about anybody.
ENDPOINTS_ALWAYS_OPEN = frozenset({"static", "operating.health"})
# Users can leave even if the tracker is closed.
SIGN_OUT_ENDPOINTS = frozenset({"users.sign_out", "operating.leave"})
# Views of signing in. They are open while the tracker is read-only: otherwise nobody could read any
# more once the current sessions have expired.
SIGN_IN_ENDPOINTS = frozenset(
    {"users.sign_in", "users.sign_in_code", "users.sign_in_link", "users.confirm"}
)
SERVICE_UNAVAILABLE = 503  # the HTTP status of all other pages while the tracker is closed
# The value of the header Clear-Site-Data of the page shown while the tracker is closed: the browser
# deletes the pages, cookies and data that it stored before.
CLEAR_SITE_DATA_WHILE_CLOSED = '"cache", "cookies", "storage"'
# The media type of files that browsers save and never show.
OPAQUE_MEDIA_TYPE = "application/octet-stream"
# The value of the header of this name: pages load only files of this site, and are in no frame.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# Browser features that no page needs. Those that Chromium does not know are missing: it would warn
# of them on the console.
DISABLED_FEATURES = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read", "clipboard-write",
    "display-capture", "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope",
    "hid", "identity-credentials-get", "idle-detection", "local-fonts", "magnetometer",
    "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get",
    "screen-wake-lock", "serial", "storage-access", "usb", "window-management",
    "xr-spatial-tracking",
)  # fmt: skip
# The headers of every response.
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in DISABLED_FEATURES),
}
# The value of Strict-Transport-Security: two years, which the preload lists of browsers require.
HSTS_HEADER = "max-age=63072000; includeSubDomains"
# The value of Cache-Control for static files: their addresses have a digest of the content, so new
# content has a new address.
IMMUTABLE_CACHE_CONTROL = "private, max-age=31536000, immutable"
# The value of Clear-Site-Data, what a browser deletes at sign-out. Cookies are not deleted: the
# cookie of a known device is still needed, and other sites of the same domain may have cookies.
CLEAR_SITE_DATA_AT_SIGN_OUT = '"cache", "storage"'


class LimitedFormParser(FormDataParser):
    """A form parser that also limits forms without uploads, which Werkzeug does not."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> Any:  # noqa: ANN401 (Werkzeug's own triple)
        """Return the parsed form; raise RequestEntityTooLarge if it exceeds the limits."""
        if mimetype == "application/x-www-form-urlencoded":
            body = stream.read(MAX_FORM_BYTES + 1)
            if len(body) > MAX_FORM_BYTES or body.count(b"&") >= MAX_FORM_FIELDS:
                raise RequestEntityTooLarge
            stream = BytesIO(body)
        return super().parse(stream, mimetype, content_length, options)


class LimitedRequest(Request):
    """A request whose form is limited in size and number of fields."""

    form_data_parser_class = LimitedFormParser


class Sha256SessionInterface(SecureCookieSessionInterface):
    """The session cookie, signed by HMAC with SHA-256 instead of Flask's SHA-1."""

    digest_method = staticmethod(hashlib.sha256)


class PanicState(StrEnum):
    """How far the tracker is closed: not at all, for changes, or completely."""

    OFF = "off"
    READ_ONLY = "read-only"
    CLOSED = "closed"


class PanicSwitch:
    """The panic switch of an installation: a file with its state, read at every request."""

    def __init__(self, instance: Path) -> None:
        self._file = instance / PANIC_FILE
        self._seen: tuple[int, int, int] | None = None
        self._state = PanicState.OFF

    def get_state(self) -> PanicState:
        """Return how far the tracker is closed; completely if the file cannot be read."""
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return PanicState.OFF
        except OSError:
            return PanicState.CLOSED
        seen = (found.st_mtime_ns, found.st_ino, found.st_size)
        if seen != self._seen:
            self._state = self._read_state()
            self._seen = seen
        return self._state

    def set_state(self, state: PanicState) -> None:
        """Close or open the tracker at once, and until the state is set again.

        If `prepare` was called before, closing needs no disk space: a prepared file is renamed.
        """
        if state is PanicState.OFF:
            self._file.unlink(missing_ok=True)
        else:
            self._prepare_file(state).replace(self._file)
        folder = os.open(self._file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def prepare(self) -> None:
        """Write the files that only have to be renamed to close the tracker, since the disk may be
        full when it is closed.
        """
        for state in (PanicState.READ_ONLY, PanicState.CLOSED):
            with suppress(OSError):
                self._prepare_file(state)

    def _prepare_file(self, state: PanicState) -> Path:
        """Return the path of the file prepared for a state; write it if needed."""
        ready = self._file.with_suffix(f".{state}")
        words = f"{state}\n"
        with suppress(OSError, ValueError):
            if ready.read_text(encoding="ascii") == words:
                return ready
        # Another user may have left one that we can neither read nor write.
        ready.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with os.fdopen(os.open(ready, flags, stat.S_IRUSR | stat.S_IWUSR), "w") as file:
            file.write(words)
            file.flush()
            os.fsync(file.fileno())
        return ready

    def _read_state(self) -> PanicState:
        """Return the state in the file, CLOSED if it cannot be read or is misspelt."""
        try:
            return PanicState(self._file.read_text(encoding="ascii").strip())
        except FileNotFoundError:
            return PanicState.OFF
        except (OSError, ValueError):
            # Somebody wanted it closed and misspelt the state.
            return PanicState.CLOSED


def init_app(app: Flask) -> None:
    """Limit requests, check the panic switch before every view, set security headers, and add
    digests to the addresses of static files. Call this before `init_app` of `users.gate`.
    """
    _limit_requests(app)
    app.extensions["tracker_panic"] = switch = PanicSwitch(app.config["TRACKER"].instance)
    switch.prepare()
    app.before_request(_reject_while_closed)
    app.jinja_env.globals.update(can_edit=_can_edit, is_read_only=_is_read_only)
    by_tls = app.config["TRACKER"].proxy_hops > 0
    app.config.update(
        # Over TLS, a cookie name that browsers accept only from this host and for all paths.
        SESSION_COOKIE_NAME="__Host-tracker" if by_tls else "tracker",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=by_tls,
    )
    app.session_interface = Sha256SessionInterface()
    digests = {one.name: _file_digest(one) for one in Path(app.static_folder or "").glob("*.*")}

    def add_digest(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and values.get("filename") in digests:
            values["v"] = digests[values["filename"]]

    app.url_defaults(add_digest)
    app.extensions["tracker_static"] = digests
    app.after_request(_set_security_headers)


def require_permission(
    permission: Permission, *, fresh: bool = False, confidential: bool = False
) -> Callable[[ViewT], ViewT]:
    """Decorate a view with the permission that it requires. `fresh`: the user must have entered the
    password within the last 15 minutes, or enters it again; `confidential`: this too, and the
    view may read and write confidential rows. The view itself must reject users who are not staff
    of the record's team.
    """

    def mark(view: ViewT) -> ViewT:
        view.requires = permission  # type: ignore[attr-defined]
        view.fresh = fresh or confidential  # type: ignore[attr-defined]
        view.confidential = confidential  # type: ignore[attr-defined]
        return view

    return mark


def shows_filter_errors(view: ViewT) -> ViewT:
    """Decorate the view of a page with a form in its address, such as the filter of a list. If it
    has invalid values, the page is shown as without these values, with the errors at their fields.
    Without the decorator, an error page is shown.
    """
    return shows_filter_errors_on("")(view)


def shows_filter_errors_on(endpoint: str) -> Callable[[ViewT], ViewT]:
    """Decorate the view of a download that a form leads to. `endpoint`: of the page with this form,
    which shows errors as with `shows_filter_errors`; "" for the view itself.
    """

    def mark(view: ViewT) -> ViewT:
        view.filter_errors_endpoint = endpoint  # type: ignore[attr-defined]
        return view

    return mark


def current_actor() -> Actor:
    """Return the signed-in user, whom views pass to services as `by`; abort with 401 if none."""
    if not current_user.is_authenticated:
        abort(401)
    return cast("Actor", current_user.user)


def require_editor(record: OwnedRecord, *, allow_retracted: bool = False) -> None:
    """Raise Forbidden unless the user may edit a record. `allow_retracted`: whether a retracted
    record is allowed.
    """
    if not can_edit(current_actor(), record):
        raise Forbidden(_("Only staff of the team that keeps this record may change it."))
    if _is_retracted(record) and not allow_retracted:
        raise Forbidden(_("This record is retracted: a monitor must bring it back first."))


def _can_edit(record: OwnedRecord) -> bool:
    """Return whether the signed-in user may edit a record, which must not be retracted."""
    return can_edit(current_actor(), record) and not _is_retracted(record)


def _is_retracted(record: OwnedRecord) -> bool:
    """Return whether a record is of a kind that can be retracted, and is retracted."""
    # Of all that a team owns, only records can be retracted.
    return bool(getattr(record, "is_retracted", False))


def panic_switch() -> PanicSwitch:
    """Return the panic switch of the current application."""
    found: PanicSwitch = current_app.extensions["tracker_panic"]
    return found


def _is_read_only() -> bool:
    """Return whether the panic switch has made the tracker read-only."""
    return panic_switch().get_state() is PanicState.READ_ONLY


def file_response(
    content: bytes | Iterable[bytes], name: str, *, content_type: str = OPAQUE_MEDIA_TYPE
) -> Response:
    """Return a response that downloads a file; `name` must contain only refs and dates."""
    return Response(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def has_session_cookie(app: Flask, cookies: str) -> bool:
    """Return whether the value of a Cookie header has a validly signed session of a user, even if
    it has ended: the database is not asked.
    """
    request = app.request_class({"HTTP_COOKIE": cookies})
    return "_user_id" in (app.session_interface.open_session(app, request) or {})


def _limit_requests(app: Flask) -> None:
    """Limit the size of requests, and answer requests for unknown hosts with a plain page."""
    app.request_class = LimitedRequest
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_PART_BYTES,
        MAX_FORM_PARTS=MAX_FORM_FIELDS,
    )
    app.before_request(_limit_anonymous_request)
    app.register_error_handler(SecurityError, _handle_unknown_host)


def _limit_anonymous_request() -> None:
    """Limit a request of an anonymous client, or with a method that needs no body, to the size of a
    sign-in form.
    """
    if request.method in SAFE_METHODS or "_user_id" not in session:
        request.max_content_length = MAX_ANONYMOUS_REQUEST_BYTES


def _handle_unknown_host(_error: SecurityError) -> tuple[str, int]:
    """Return the error page (400) for a request to a host name that is not configured."""
    # Without the layout: for an unknown host there are no addresses to link to.
    return render_template("errors/plain.html"), 400


def _reject_while_closed() -> Response | None:
    """Return an error page if the tracker is closed for this request, None if it is open for it."""
    state = panic_switch().get_state()
    if state is PanicState.OFF or request.endpoint in ENDPOINTS_ALWAYS_OPEN:
        return None
    if state is PanicState.CLOSED:
        # The body is not read: the client may be anybody.
        answer = make_response(render_template("operating/closed.html"), SERVICE_UNAVAILABLE)
        answer.headers["Clear-Site-Data"] = CLEAR_SITE_DATA_WHILE_CLOSED
        return answer
    if request.method in SAFE_METHODS or request.endpoint in SIGN_OUT_ENDPOINTS | SIGN_IN_ENDPOINTS:
        return None
    return make_response(render_template("operating/read_only.html"), SERVICE_UNAVAILABLE)


def _set_security_headers(response: Response) -> Response:
    """Set the security headers of a response, and return it."""
    for name, value in SECURITY_HEADERS.items():
        response.headers[name] = value
    if _has_content_digest(response):
        response.headers["Cache-Control"] = IMMUTABLE_CACHE_CONTROL
    if current_settings().proxy_hops and request.is_secure:
        response.headers["Strict-Transport-Security"] = HSTS_HEADER
    if request.endpoint == "users.sign_out" and "_user_id" not in session:
        response.headers["Clear-Site-Data"] = CLEAR_SITE_DATA_AT_SIGN_OUT
    return response


def _has_content_digest(response: Response) -> bool:
    """Return whether the response is a static file, requested with the digest of its content."""
    if request.endpoint != "static" or response.status_code not in {200, 304}:
        return False
    digests = current_app.extensions["tracker_static"]
    name = (request.view_args or {}).get("filename")
    return name in digests and request.args.get("v") == digests[name]


def _file_digest(file: Path) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]

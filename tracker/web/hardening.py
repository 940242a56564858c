"""Limits on the size and host of requests, and security headers and cookies of every response."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from flask import Flask, Request, Response, current_app, render_template, request, session
from flask.sessions import SecureCookieSessionInterface
from werkzeug.exceptions import RequestEntityTooLarge, SecurityError
from werkzeug.formparser import FormDataParser

from tracker.db import current_settings
from tracker.parsing import MEGABYTE

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
# The media type of files that browsers save and never show.
OPAQUE_MEDIA_TYPE = "application/octet-stream"
# The value of the header: pages load only files of this site, and are in no frame.
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
CLEARED_AT_SIGN_OUT = '"cache", "storage"'


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


def init_app(app: Flask) -> None:
    """Limit requests, set security headers, and add digests to the addresses of static files."""
    _limit_requests(app)
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


def file_response(
    content: bytes | Iterable[bytes], name: str, *, content_type: str = OPAQUE_MEDIA_TYPE
) -> Response:
    """Return a response that downloads a file; `name` must contain only refs and dates."""
    return Response(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def is_signed_in(app: Flask, cookies: str) -> bool:
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
    app.before_request(_limit_anonymous)
    app.register_error_handler(SecurityError, _handle_unknown_host)


def _limit_anonymous() -> None:
    """Limit a request of an anonymous client, or with a method that needs no body, to the size of a
    sign-in form.
    """
    if request.method in SAFE_METHODS or "_user_id" not in session:
        request.max_content_length = MAX_ANONYMOUS_REQUEST_BYTES


def _handle_unknown_host(_error: SecurityError) -> tuple[str, int]:
    """Return the error page (400) for a request to a host name that is not configured."""
    # Without the layout: for an unknown host there are no addresses to link to.
    return render_template("errors/plain.html"), 400


def _set_security_headers(response: Response) -> Response:
    """Set the security headers of a response, and return it."""
    for name, value in SECURITY_HEADERS.items():
        response.headers[name] = value
    if _has_content_digest(response):
        response.headers["Cache-Control"] = IMMUTABLE_CACHE_CONTROL
    if current_settings().proxy_hops and request.is_secure:
        response.headers["Strict-Transport-Security"] = HSTS_HEADER
    if request.endpoint == "users.sign_out" and "_user_id" not in session:
        response.headers["Clear-Site-Data"] = CLEARED_AT_SIGN_OUT
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

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
LARGEST_REQUEST = 12 * MEGABYTE
# One text in a form with an upload: a million letters of any script.
LARGEST_PART = 4 * MEGABYTE
# All fields of a form without an upload, as sent.
LARGEST_TYPED = 2 * MEGABYTE
MOST_FIELDS = 2000
# The most that a client who is not signed in may send: a sign-in form.
LARGEST_OF_STRANGERS = 16 * 1024
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OPAQUE_MEDIA_TYPE = "application/octet-stream"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# Browser features that pages could request; ours need none. Without those that Chromium does not
# know: it warns of them on the console.
DISABLED_FEATURES = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read", "clipboard-write",
    "display-capture", "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope",
    "hid", "identity-credentials-get", "idle-detection", "local-fonts", "magnetometer",
    "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get",
    "screen-wake-lock", "serial", "storage-access", "usb", "window-management",
    "xr-spatial-tracking",
)  # fmt: skip
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in DISABLED_FEATURES),
}
# Two years, which the preload lists of browsers require.
ONLY_BY_TLS = "max-age=63072000; includeSubDomains"
# The address of a static file has a digest of its content, so new content has a new address.
KEPT_FOR_EVER = "private, max-age=31536000, immutable"
# What the browser deletes at sign-out. Not every cookie: that of a known device stays, and those of
# other sites under the same domain are not ours.
CLEARED_AT_SIGN_OUT = '"cache", "storage"'


class BoundedParser(FormDataParser):
    """A form parser with limits; Werkzeug limits only forms with uploads."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> Any:  # noqa: ANN401 (Werkzeug's own triple)
        """Parse the form; reject one that is larger, or has more fields, than any of ours."""
        if mimetype == "application/x-www-form-urlencoded":
            body = stream.read(LARGEST_TYPED + 1)
            if len(body) > LARGEST_TYPED or body.count(b"&") >= MOST_FIELDS:
                raise RequestEntityTooLarge
            stream = BytesIO(body)
        return super().parse(stream, mimetype, content_length, options)


class BoundedRequest(Request):
    """A request with limits on its form."""

    form_data_parser_class = BoundedParser


class SignedCookie(SecureCookieSessionInterface):
    """A cookie signature by HMAC with SHA-256; Flask's default is SHA-1."""

    digest_method = staticmethod(hashlib.sha256)


def init_app(app: Flask) -> None:
    """Limit every request; set security headers on every response, and digests in addresses of
    static files.
    """
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
    app.session_interface = SignedCookie()
    digests = {one.name: _digest(one) for one in Path(app.static_folder or "").glob("*.*")}

    def name_content(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and values.get("filename") in digests:
            values["v"] = digests[values["filename"]]

    app.url_defaults(name_content)
    app.extensions["tracker_static"] = digests
    app.after_request(_set_security_headers)


def file_response(
    content: bytes | Iterable[bytes], name: str, *, content_type: str = OPAQUE_MEDIA_TYPE
) -> Response:
    """Return a file as a download; `name` contains only refs and dates."""
    return Response(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def is_signed_in(app: Flask, cookies: str) -> bool:
    """Return whether these cookies have a user, signed by us; the database is not asked.

    The session may have ended: what the user submitted meanwhile is still shown to them.
    """
    request = app.request_class({"HTTP_COOKIE": cookies})
    return "_user_id" in (app.session_interface.open_session(app, request) or {})


def _limit_requests(app: Flask) -> None:
    """Limit the size of every request, and answer unknown hosts by a page that reveals nothing."""
    app.request_class = BoundedRequest
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_PART,
        MAX_FORM_PARTS=MOST_FIELDS,
    )
    app.before_request(_limit_anonymous)
    app.register_error_handler(SecurityError, _foreign_host)


def _limit_anonymous() -> None:
    """Limit requests of anonymous clients to what signing in needs."""
    if request.method in SAFE_METHODS or "_user_id" not in session:
        request.max_content_length = LARGEST_OF_STRANGERS


def _foreign_host(_error: SecurityError) -> tuple[str, int]:
    # Without the layout: for an unknown host there are no addresses to link to.
    return render_template("errors/plain.html"), 400


def _set_security_headers(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers[name] = value
    if _is_named_by_content(response):
        response.headers["Cache-Control"] = KEPT_FOR_EVER
    if current_settings().proxy_hops and request.is_secure:
        response.headers["Strict-Transport-Security"] = ONLY_BY_TLS
    if request.endpoint == "users.sign_out" and "_user_id" not in session:
        response.headers["Clear-Site-Data"] = CLEARED_AT_SIGN_OUT
    return response


def _is_named_by_content(response: Response) -> bool:
    """Return whether this is a static file whose address has the digest of its content."""
    if request.endpoint != "static" or response.status_code not in {200, 304}:
        return False
    digests = current_app.extensions["tracker_static"]
    name = (request.view_args or {}).get("filename")
    return name in digests and request.args.get("v") == digests[name]


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]

"""Security headers and cookies of every response."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request, session
from flask.sessions import SecureCookieSessionInterface

UNREAD = "application/octet-stream"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# Browser features that pages could request; ours need none.
FEATURES = (
    "accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "clipboard-read",
    "clipboard-write", "display-capture", "encrypted-media", "fullscreen", "gamepad",
    "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection",
    "local-fonts", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
    "publickey-credentials-get", "screen-wake-lock", "serial", "storage-access", "usb",
    "web-share", "window-management", "xr-spatial-tracking",
)  # fmt: skip
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in FEATURES),
}
# Two years, which the preload lists of browsers require.
ONLY_BY_TLS = "max-age=63072000; includeSubDomains"
# The address of a static file has a digest of its content, so new content has a new address.
KEPT_FOR_EVER = "private, max-age=31536000, immutable"
# What the browser deletes at sign-out. Not every cookie: that of a known device stays, and those of
# other sites under the same domain are not ours.
CLEARED_AT_SIGN_OUT = '"cache", "storage"'


class SignedCookie(SecureCookieSessionInterface):
    """A cookie signature by HMAC with SHA-256; Flask's default is SHA-1."""

    digest_method = staticmethod(hashlib.sha256)


def init_app(app: Flask) -> None:
    """Set security headers on every response, and digests in addresses of static files."""
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
    content: bytes | Iterable[bytes], name: str, *, content_type: str = UNREAD
) -> Response:
    """Return a file as a download; `name` contains only refs and dates."""
    return Response(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _set_security_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    if _is_named_by_content(response):
        response.headers["Cache-Control"] = KEPT_FOR_EVER
    if current_app.config["TRACKER"].proxy_hops and request.is_secure:
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

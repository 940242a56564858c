"""The cookie by which a browser is known to somebody: it proves nothing but spares them waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, request

from tracker.users.sessions_service import DEVICE_KEPT

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

LONGEST_TOKEN = 100


def device_cookie() -> str:
    """Return what the browser's cookie holds, or nothing."""
    held = request.cookies.get(_name(), "")
    return held if len(held) <= LONGEST_TOKEN else ""


def set_device_cookie(response: Response, device: str) -> None:
    """Let the browser keep its token, for no script and no other site to read."""
    response.set_cookie(
        _name(),
        device,
        max_age=DEVICE_KEPT,
        path="/",
        secure=_behind_tls(),
        httponly=True,
        samesite="Lax",
    )


def _name() -> str:
    return "__Host-tracker-device" if _behind_tls() else "tracker-device"


def _behind_tls() -> bool:
    return bool(current_app.config["TRACKER"].proxy_hops)

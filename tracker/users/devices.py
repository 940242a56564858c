"""Known browsers of a user, recognised by a cookie that grants nothing by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, request

from tracker.users.service import DEVICE_KEPT

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

UNKNOWN = ""
BETWEEN = "/"
LONGEST_READ = 1000
# The first that is found counts: most browsers also name those whose pages they can show.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("YaBrowser/", "Yandex"), ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"), ("Chromium/", "Chromium"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ("curl/", "curl"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("CrOS", "ChromeOS"), ("Mac OS X", "macOS"), ("Macintosh", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
LONGEST_TOKEN = 100


def device_of(user_agent: str) -> str:
    """Return browser and system, `Firefox/Linux`; either half is empty where it is not known."""
    told = user_agent[:LONGEST_READ]
    halves = [
        next((name for mark, name in known if mark in told), UNKNOWN)
        for known in (BROWSERS, SYSTEMS)
    ]
    return BETWEEN.join(halves)


def halves_of(device: str) -> tuple[str, str]:
    """Return browser and system of what `device_of` gave."""
    browser, _between, system = device.partition(BETWEEN)
    return browser, system


def device_cookie() -> str:
    """Return the device cookie, "" if there is none."""
    held = request.cookies.get(_name(), "")
    return held if len(held) <= LONGEST_TOKEN else ""


def set_device_cookie(response: Response, device: str) -> None:
    """Set the device cookie, inaccessible to scripts and other sites."""
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

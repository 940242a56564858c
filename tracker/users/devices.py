"""The words by which somebody knows a browser of theirs again: what it says of itself, no more."""

from __future__ import annotations

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

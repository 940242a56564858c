"""Checks the panic switch before every request."""

from __future__ import annotations

from flask import Flask, Response, current_app, make_response, render_template, request

from tracker.operating.panic import Panic, Switch
from tracker.web.hardening import SAFE_METHODS

# Views that show nothing about anybody.
ENDPOINTS_ALWAYS_OPEN = frozenset({"static", "pages.health"})
# Users can leave even if the tracker is closed.
SIGN_OUT_ENDPOINTS = frozenset({"users.sign_out", "operating.leave"})
# Users who may read can sign in for it: otherwise nobody could read after an hour.
SIGN_IN_ENDPOINTS = frozenset(
    {"users.sign_in", "users.sign_in_code", "users.sign_in_link", "users.confirm"}
)
SERVICE_UNAVAILABLE = 503
# The browser deletes what was shown before, too.
CLEARED_SITE_DATA = '"cache", "cookies", "storage"'


def init_app(app: Flask) -> None:
    """Check the panic switch before every view; call it before the gate of users."""
    app.extensions["tracker_panic"] = made = Switch(app.config["TRACKER"].instance)
    made.prepare()
    app.before_request(_closed_by_panic)
    app.jinja_env.globals["takes_nothing_in"] = _read_only_response


def panic_switch() -> Switch:
    """Return the switch of this installation."""
    found: Switch = current_app.extensions["tracker_panic"]
    return found


def _read_only_response() -> bool:
    return panic_switch().state() is Panic.READ_ONLY


def _closed_by_panic() -> Response | None:
    state = panic_switch().state()
    if state is Panic.OFF or request.endpoint in ENDPOINTS_ALWAYS_OPEN:
        return None
    if state is Panic.CLOSED:
        # The body is not read: the client may be anybody.
        answer = make_response(render_template("operating/closed.html"), SERVICE_UNAVAILABLE)
        answer.headers["Clear-Site-Data"] = CLEARED_SITE_DATA
        return answer
    if request.method in SAFE_METHODS or request.endpoint in SIGN_OUT_ENDPOINTS | SIGN_IN_ENDPOINTS:
        return None
    return make_response(render_template("operating/read_only.html"), SERVICE_UNAVAILABLE)

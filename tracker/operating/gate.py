"""The panic switch, and the check of it before every request.

The switch is a small file, since the database may be the problem.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from flask import Flask, Response, current_app, make_response, render_template, request

from tracker.web.hardening import SAFE_METHODS

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
CLEARED_SITE_DATA = '"cache", "cookies", "storage"'


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
    """Check the panic switch before every view; call this before `init_app` of `users.gate`."""
    app.extensions["tracker_panic"] = made = PanicSwitch(app.config["TRACKER"].instance)
    made.prepare()
    app.before_request(_reject_while_closed)
    app.jinja_env.globals["is_read_only"] = _is_read_only


def panic_switch() -> PanicSwitch:
    """Return the panic switch of the current application."""
    found: PanicSwitch = current_app.extensions["tracker_panic"]
    return found


def _is_read_only() -> bool:
    """Return whether the panic switch has made the tracker read-only."""
    return panic_switch().get_state() is PanicState.READ_ONLY


def _reject_while_closed() -> Response | None:
    """Return an error page if the tracker is closed for this request, None if it is open for it."""
    state = panic_switch().get_state()
    if state is PanicState.OFF or request.endpoint in ENDPOINTS_ALWAYS_OPEN:
        return None
    if state is PanicState.CLOSED:
        # The body is not read: the client may be anybody.
        answer = make_response(render_template("operating/closed.html"), SERVICE_UNAVAILABLE)
        answer.headers["Clear-Site-Data"] = CLEARED_SITE_DATA
        return answer
    if request.method in SAFE_METHODS or request.endpoint in SIGN_OUT_ENDPOINTS | SIGN_IN_ENDPOINTS:
        return None
    return make_response(render_template("operating/read_only.html"), SERVICE_UNAVAILABLE)

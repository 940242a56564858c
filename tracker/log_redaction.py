"""Logging without personal data: errors by where they happened, requests by their route."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from types import TracebackType

from flask import Flask, Response, g, request

from tracker.errors import redacted_traceback

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# Waitress, gunicorn and Flask name the address that they served, and addresses hold names.
ADDRESS = re.compile(r"\b(serving|servicing|Exception on|handling request) /\S*")
# Gunicorn quotes the line or header that it could not read.
UNREAD = re.compile(r"\bInvalid request from ip=[^\n]*")
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
access = logging.getLogger("tracker.access")


class RedactingFormatter(logging.Formatter):
    """Formats log records without messages of errors and without addresses."""

    # The trail counts in UTC too: one order for both, whatever the server takes for its time zone.
    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, *, as_json: bool = False) -> None:
        super().__init__(FORMAT)
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Write one record; what another handler made of its error is not used."""
        record.exc_text = None
        if not self._as_json:
            return _without_requests(super().format(record))
        # Where our own words end, the trace begins.
        message, _, trace = record.getMessage().partition("\n")
        if record.exc_info:
            trace = self.formatException(record.exc_info)
        told = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": _without_requests(message),
            **getattr(record, "request", {}),
            **({"trace": trace.splitlines()} if trace else {}),
        }
        return json.dumps(told, ensure_ascii=False)

    def formatException(  # noqa: N802 (the name that logging gives it)
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """Write an error without its words."""
        return redacted_traceback(ei[1]) if ei[1] is not None else ""


def _without_requests(text: str) -> str:
    return UNREAD.sub("Invalid request", ADDRESS.sub(r"\1 a request", text))


def init_app(app: Flask) -> None:
    """Where the log is JSON, write a line of every request, whatever server stands before it."""
    if not app.config["TRACKER"].log_as_json:
        return
    # The application's own level may be higher; whether these lines are wanted is a setting.
    access.setLevel(logging.INFO)
    app.before_request(_note_start)
    app.after_request(_log_request)


def _note_start() -> None:
    g.started = time.monotonic()


def _log_request(response: Response) -> Response:
    """Write which route was asked for, never the address: names and searches are in it."""
    told = {
        "method": request.method if request.method in METHODS else "other",
        "route": request.url_rule.rule if request.url_rule else None,
        "status": response.status_code,
        "bytes": response.content_length,
        "ms": round((time.monotonic() - g.started) * 1000) if "started" in g else None,
    }
    access.info("request", extra={"request": told})
    return response


def configure_logging(*, as_json: bool = False) -> None:
    """Send the log of this process to stderr, in that form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter(as_json=as_json))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)

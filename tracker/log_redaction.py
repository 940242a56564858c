"""Logging without personal data: errors without messages, requests by route."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from types import TracebackType

from flask import Flask, Response, g, request

from tracker.errors import redacted_traceback

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# Waitress, gunicorn and Flask log the address they served, and addresses contain names.
URL_IN_LOG_PATTERN = re.compile(r"\b(serving|servicing|Exception on|handling request) /\S*")
# Gunicorn quotes the line or header that it could not read.
UNREADABLE_HEADER_PATTERN = re.compile(r"\bInvalid request from ip=[^\n]*")
# Requests with any other method are logged with the method "other".
HTTP_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
# The log of requests, used if the log is JSON.
access_log = logging.getLogger("tracker.access")


class RedactingFormatter(logging.Formatter):
    """A formatter of log records, as text or JSON, without error messages and addresses."""

    # The audit log uses UTC too, so both sort together whatever the server's time zone.
    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, *, as_json: bool = False) -> None:
        super().__init__(LOG_FORMAT)
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Return a log record as text or JSON, without error messages and addresses."""
        # What another handler formatted contains the message of the error.
        record.exc_text = None
        if not self._as_json:
            return _remove_addresses(super().format(record))
        # The traceback begins where our own message ends.
        message, _, trace = record.getMessage().partition("\n")
        if record.exc_info:
            trace = self.formatException(record.exc_info)
        details = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": _remove_addresses(message),
            **getattr(record, "request", {}),
            **({"trace": trace.splitlines()} if trace else {}),
        }
        return json.dumps(details, ensure_ascii=False)

    def formatException(  # noqa: N802 (the name that logging gives it)
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """Return the traceback of an error without its message."""
        return redacted_traceback(ei[1]) if ei[1] is not None else ""


def _remove_addresses(text: str) -> str:
    """Return a log message without the addresses and headers of requests."""
    return UNREADABLE_HEADER_PATTERN.sub(
        "Invalid request", URL_IN_LOG_PATTERN.sub(r"\1 a request", text)
    )


def init_app(app: Flask) -> None:
    """Log every request if the log is JSON."""
    if not app.config["TRACKER"].log_as_json:
        return
    # The application's own level may be higher; whether these lines are wanted is a setting.
    access_log.setLevel(logging.INFO)
    app.before_request(_store_start_time)
    app.after_request(_log_request)


def _store_start_time() -> None:
    """Store when the request began, for `_log_request`."""
    g.started = time.monotonic()


def _log_request(response: Response) -> Response:
    """Log the route of a request, never its address, which contains names and searches."""
    details = {
        "method": request.method if request.method in HTTP_METHODS else "other",
        "route": request.url_rule.rule if request.url_rule else None,
        "status": response.status_code,
        "bytes": response.content_length,
        "ms": round((time.monotonic() - g.started) * 1000) if "started" in g else None,
    }
    access_log.info("request", extra={"request": details})
    return response


def configure_logging(*, as_json: bool = False) -> None:
    """Write the log of this process to stderr, as JSON or as text."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter(as_json=as_json))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)

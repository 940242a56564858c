"""Limits on the size and host of requests, checked before parsing."""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any

from flask import Flask, Request, render_template, request, session
from werkzeug.exceptions import RequestEntityTooLarge, SecurityError
from werkzeug.formparser import FormDataParser

from tracker.parsing import MEGABYTE

# An upload of 10 MB with the form around it.
LARGEST_REQUEST = 12 * MEGABYTE
# One text of a form with an upload: a million letters of any script.
LARGEST_PART = 4 * MEGABYTE
# All fields of a form without an upload, as they are sent.
LARGEST_TYPED = 2 * MEGABYTE
MOST_FIELDS = 2000
# What anybody may send who is not signed in: a sign-in, with what it came from.
LARGEST_OF_STRANGERS = 16 * 1024
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class BoundedParser(FormDataParser):
    """Werkzeug's parser bounds forms with uploads; this one bounds the others too."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> Any:  # noqa: ANN401 (Werkzeug's own triple)
        """Read the form unless it is larger, or has more fields, than any of ours."""
        if mimetype == "application/x-www-form-urlencoded":
            body = stream.read(LARGEST_TYPED + 1)
            if len(body) > LARGEST_TYPED or body.count(b"&") >= MOST_FIELDS:
                raise RequestEntityTooLarge
            stream = BytesIO(body)
        return super().parse(stream, mimetype, content_length, options)


class BoundedRequest(Request):
    """A request whose form is bounded."""

    form_data_parser_class = BoundedParser


def init_app(app: Flask) -> None:
    """Bound every request, and answer foreign hosts by a page that knows nothing of this one."""
    app.request_class = BoundedRequest
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_PART,
        MAX_FORM_PARTS=MOST_FIELDS,
    )
    app.before_request(_limit_anonymous)
    app.register_error_handler(SecurityError, _foreign_host)


def is_signed_in(app: Flask, cookies: str) -> bool:
    """Return whether these cookies name somebody, signed by us; the database is not asked.

    Their session may be over: what they typed while it ended is still shown to them.
    """
    request = app.request_class({"HTTP_COOKIE": cookies})
    return "_user_id" in (app.session_interface.open_session(app, request) or {})


def _limit_anonymous() -> None:
    """Limit requests of anonymous clients to what signing in needs."""
    if request.method in SAFE_METHODS or "_user_id" not in session:
        request.max_content_length = LARGEST_OF_STRANGERS


def _foreign_host(_error: SecurityError) -> tuple[str, int]:
    # Without the layout: where the host is not ours there are no addresses to link to.
    return render_template("errors/plain.html"), 400

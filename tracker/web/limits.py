"""Limits on the size and host of requests, checked before parsing."""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any

from flask import Flask, Request, render_template, request, session
from werkzeug.exceptions import RequestEntityTooLarge, SecurityError
from werkzeug.formparser import FormDataParser

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


def init_app(app: Flask) -> None:
    """Limit every request, and answer unknown hosts by a page that reveals nothing."""
    app.request_class = BoundedRequest
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_PART,
        MAX_FORM_PARTS=MOST_FIELDS,
    )
    app.before_request(_limit_anonymous)
    app.register_error_handler(SecurityError, _foreign_host)


def is_signed_in(app: Flask, cookies: str) -> bool:
    """Return whether these cookies have a user, signed by us; the database is not asked.

    The session may have ended: what the user submitted meanwhile is still shown to them.
    """
    request = app.request_class({"HTTP_COOKIE": cookies})
    return "_user_id" in (app.session_interface.open_session(app, request) or {})


def _limit_anonymous() -> None:
    """Limit requests of anonymous clients to what signing in needs."""
    if request.method in SAFE_METHODS or "_user_id" not in session:
        request.max_content_length = LARGEST_OF_STRANGERS


def _foreign_host(_error: SecurityError) -> tuple[str, int]:
    # Without the layout: for an unknown host there are no addresses to link to.
    return render_template("errors/plain.html"), 400

"""What a request may weigh and for whom it may ask, judged before anything of it is understood."""

from __future__ import annotations

from io import BytesIO
from typing import IO, TYPE_CHECKING, Any

from flask import Request, render_template
from werkzeug.exceptions import RequestEntityTooLarge, SecurityError
from werkzeug.formparser import FormDataParser

if TYPE_CHECKING:
    from flask import Flask

MEGABYTE = 1024 * 1024
# An upload of 10 MB with the form around it.
LARGEST_REQUEST = 12 * MEGABYTE
# One text of a form with an upload: a million letters of any script.
LARGEST_PART = 4 * MEGABYTE
# All fields of a form without an upload, as they are sent.
LARGEST_TYPED = 2 * MEGABYTE
MOST_FIELDS = 2000


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
    app.register_error_handler(SecurityError, _foreign_host)


def _foreign_host(_error: SecurityError) -> tuple[str, int]:
    # Without the layout: where the host is not ours there are no addresses to link to.
    return render_template("errors/plain.html"), 400

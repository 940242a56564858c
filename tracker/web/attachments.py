"""Files that are handed out: to be kept by whoever asked, and shown by no browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

if TYPE_CHECKING:
    from collections.abc import Iterable

UNREAD = "application/octet-stream"


def attachment(
    content: bytes | Iterable[bytes], name: str, *, content_type: str = UNREAD
) -> Response:
    """Return the answer that hands out a file; `name` is made of refs and dates, never of words."""
    return Response(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

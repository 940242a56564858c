"""What a person typed into the request that could not be answered, so that no page loses it."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import HTTPException

# Never typed by hand: tokens of the form, and the file that a form carries along as text.
CARRIED = frozenset({"csrf_token", "version", "shown", "submission", "kept_file", "kept_name"})
SECRET = ("password", "one_time_code", "recovery_code")


def typed() -> list[tuple[str, str]]:
    """Return name and text of each field of the current POST, in its order; no secret, no file."""
    if request.method != "POST":
        return []
    try:
        fields = list(request.form.items(multi=True))
    except (HTTPException, OSError):
        # Too large to be read, or no room for it: that is then what the page is about.
        return []
    return [(name, text) for name, text in fields if text.strip() and not _left_out(name)]


def _left_out(name: str) -> bool:
    # A form inside a form puts the names of both together: `person-password`.
    last = name.rsplit("-", maxsplit=1)[-1]
    return last in CARRIED or any(secret in name.lower() for secret in SECRET)

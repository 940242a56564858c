"""The two pages that belong to no feature: a sign of life, and the language switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, request, session

from tracker.config import LANGUAGES
from tracker.errors import NotFound

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

bp = Blueprint("pages", __name__)


@bp.get("/health")
def health() -> tuple[str, int, dict[str, str]]:
    """Say that the process answers; touches no database and no session."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/language/<code>")
def choose_language(code: str) -> Response:
    """Keep the language chosen and go back to the page it was chosen on."""
    if code not in LANGUAGES:
        raise NotFound
    session["language"] = code
    back = request.args.get("back", "/")
    is_ours = back.startswith("/") and not back.startswith(("//", "/\\"))
    return redirect(back if is_ours else "/", code=303)

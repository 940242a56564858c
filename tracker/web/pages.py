"""Health check and language switch."""

from __future__ import annotations

from flask import Blueprint, redirect, request, session
from werkzeug.wrappers import Response

from tracker.config import LANGUAGES
from tracker.errors import NotFound
from tracker.web.saving import is_local_path

bp = Blueprint("pages", __name__)


@bp.get("/health")
def health() -> tuple[str, int, dict[str, str]]:
    """Answer that the process is running, without the database or a session."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/language/<code>")
def choose_language(code: str) -> Response:
    """Store the chosen language and go back to the page where it was chosen."""
    if code not in LANGUAGES:
        raise NotFound
    session["language"] = code
    back = request.args.get("back", "/")
    return redirect(back if is_local_path(back) else "/", code=303)

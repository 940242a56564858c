"""Pages about the running tracker: health, readiness, language, quick exit and style guide."""

from __future__ import annotations

import logging

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from tracker.config import LANGUAGES
from tracker.db import current_engines, current_settings, db
from tracker.errors import AuditKeyMissing, NotFound, redacted_traceback
from tracker.operating.queries import find_readiness_problem
from tracker.permissions import Permission, Visibility
from tracker.review.codes import EditorialState
from tracker.timelines.codes import Tone
from tracker.users import service
from tracker.users.full_disk_service import end_unstored_token
from tracker.web.guards import require_permission
from tracker.web.saving import is_local_path

bp = Blueprint("operating", __name__)
log = logging.getLogger(__name__)


@bp.get("/health")
def health() -> tuple[str, int, dict[str, str]]:
    """Return "ok" while the process is running, without using the database or a session."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/ready")
def ready() -> tuple[str, int, dict[str, str]]:
    """Return 200 if the tracker can answer requests, else 503 with a word for what is not ready."""
    lacking = find_readiness_problem(current_engines().reading)
    text = {"Content-Type": "text/plain; charset=utf-8"}
    return (f"{lacking}\n", 503, text) if lacking else ("ready\n", 200, text)


@bp.get("/language/<code>")
def choose_language(code: str) -> Response:
    """Store the chosen language and go back to the page where it was chosen."""
    if code not in LANGUAGES:
        raise NotFound
    session["language"] = code
    back = request.args.get("back", "/")
    return redirect(back if is_local_path(back) else "/", code=303)


@bp.route("/leave", methods=["GET", "POST"])
def leave() -> str | Response:
    """Clear the session and browser data at once (quick exit)."""
    if request.method == "GET":
        return render_template("operating/leave.html")
    answer = redirect(url_for(".leave"), code=303)
    # No other site can send our cookie: a POST with it comes from a page of ours, however old.
    if "_user_id" in session:
        _end_session()
        session.clear()
        answer.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return answer


@bp.get("/style")
@require_permission(Permission.READ)
def style() -> str:
    """Show the style guide: every element of pages, with its states."""
    statuses = [*EditorialState, Visibility.RESTRICTED]
    return render_template("operating/style.html", statuses=statuses, tones=list(Tone))


def _end_session() -> None:
    """End the session of the request; if the database fails, only log it."""
    try:
        # The user is unknown before this line, which queries the database.
        key = current_settings().secret_key
        if hasattr(current_user, "token") and not end_unstored_token(
            current_user.token, secret_key=key
        ):
            service.sign_out(current_user.token, by=current_user.user)
            db.session.commit()
    except (SQLAlchemyError, AuditKeyMissing) as error:
        db.session.rollback()
        log.warning(
            "somebody left, and it could not be written down\n%s", redacted_traceback(error)
        )

"""The search page for records of every kind; a search for a ref redirects to its record."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from tracker.everywhere import queries
from tracker.everywhere.queries import SearchFilter
from tracker.permissions import Permission
from tracker.search.index import query_words
from tracker.web.filters import REF_PATTERN
from tracker.web.guards import require_permission, shows_filter_errors
from tracker.web.saving import SEE_OTHER, record_url

bp = Blueprint("everywhere", __name__)


@bp.get("/search")
@require_permission(Permission.READ)
@shows_filter_errors
def index() -> str | Response:
    """Show the records that have all words of a search, by kind."""
    filters = SearchFilter.from_args(request.args)
    if REF_PATTERN.fullmatch(ref := filters.q.upper()) and (
        found := queries.find_record_by_ref(ref)
    ):
        return redirect(record_url(found), code=SEE_OTHER)
    has_words = bool(query_words(filters.q))
    return render_template(
        "everywhere/index.html",
        filters=filters,
        has_words=has_words,
        groups=queries.search(filters.q) if has_words else [],
        most_counted=queries.MAX_COUNTED_HITS,
        most_shown=queries.MAX_HITS_PER_KIND,
    )

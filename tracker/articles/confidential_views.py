"""What of a source only staff of the team that keeps it reads."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tracker.articles.models import Article, ArticleConfidential
from tracker.articles.views import bp
from tracker.audit.confidential_service import confidential_of, keep_confidential, note_viewing
from tracker.i18n import lazy
from tracker.permissions import Permission
from tracker.web.confidential_views import ConfidentialForm, confidential_page
from tracker.web.forms import LongTextField
from tracker.web.guards import current_actor, refuse_unless_editor, requires
from tracker.web.records import load

if TYPE_CHECKING:
    from werkzeug.wrappers import Response


class ArticleConfidentialForm(ConfidentialForm):
    """Who told it, and how they are reached."""

    source_notes = LongTextField(lazy("Notes on the source"), most=10_000)


@bp.route("/<ref>/confidential", methods=["GET", "POST"])
@requires(Permission.LOG, confidential=True)
def confidential(ref: str) -> Response | tuple[str, int]:
    """Show and change who told it and how they are reached."""
    article, actor = load(Article, ref), current_actor()
    refuse_unless_editor(article)
    return confidential_page(
        article,
        ArticleConfidentialForm(),
        note=partial(note_viewing, article, by=actor),
        find=partial(confidential_of, article, ArticleConfidential),
        keep=partial(keep_confidential, article, by=actor),
    )

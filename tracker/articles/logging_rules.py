"""Whose is what somebody logs: that of a team of their own, whoever keeps the article; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.errors import Refused
from tracker.i18n import _
from tracker.permissions import Visibility

if TYPE_CHECKING:
    from tracker.articles.models import Article
    from tracker.permissions import Actor


def whose(
    article: Article | None, *, by: Actor, wanted: Visibility = Visibility.RESTRICTED
) -> tuple[int, Visibility]:
    """Return the team and visibility of a new record.

    From an article of one's own team they are the article's. From another team's, the record is
    kept to the first of one's own. Without an article it is as open as is `wanted`.
    """
    if article is not None and article.team_id in by.team_ids:
        return article.team_id, article.visibility
    if not by.team_ids:
        raise Refused(_("You are in no team that could keep this record."))
    return by.team_ids[0], Visibility.RESTRICTED if article is not None else wanted

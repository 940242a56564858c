"""Finding what came in: by its article, by its bytes, by filter; and who has any of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.articles.models import Article
from tracker.db import db
from tracker.intake.models import WAITING, IntakeItem
from tracker.users.models import User

if TYPE_CHECKING:
    from sqlalchemy import Select

    from tracker.intake.filters import InboxFilter


def item_of(article: Article) -> IntakeItem | None:
    """Return what of the inbox an article was made of, where the viewer may see it."""
    return db.session.scalars(
        select(IntakeItem)
        .where(IntakeItem.article_id == article.id)
        .options(joinedload(IntakeItem.taken_by), joinedload(IntakeItem.ended_by))
    ).first()


def unread_of_bytes(sha256: str, team_id: int) -> IntakeItem | None:
    """Return what a team keeps of these very bytes without having been able to read them."""
    return db.session.scalars(
        select(IntakeItem)
        .where(IntakeItem.sha256 == sha256, IntakeItem.team_id == team_id)
        .where(IntakeItem.article_id.is_(None))
        .order_by(IntakeItem.recorded_at, IntakeItem.ref)
    ).first()


def article_of_bytes(sha256: str, team_id: int) -> Article | None:
    """Return what a team has already made of these very bytes, by whatever way."""
    return db.session.scalars(
        select(Article)
        .join(IntakeItem, IntakeItem.article_id == Article.id)
        .where(IntakeItem.sha256 == sha256, IntakeItem.team_id == team_id)
        .order_by(IntakeItem.recorded_at, IntakeItem.ref)
        .options(joinedload(Article.publisher))
    ).first()


def with_what_is_shown() -> list[Any]:
    """Return how to load what came in with all that the inbox says of it."""
    return [
        joinedload(IntakeItem.article).joinedload(Article.publisher),
        joinedload(IntakeItem.taken_by),
        joinedload(IntakeItem.ended_by),
    ]


def items_matching(filters: InboxFilter) -> Select[IntakeItem]:
    """Return what came in and fits a filter: without a state, what waits."""
    states = [filters.state] if filters.state else WAITING
    rows = select(IntakeItem).where(IntakeItem.state.in_(states)).options(*with_what_is_shown())
    if filters.taken_by:
        who = select(User.id).where(User.name == filters.taken_by)
        rows = rows.where(IntakeItem.taken_by_id.in_(who))
    return rows


def takers() -> list[str]:
    """Return the names of those who took anything on that the viewer may see."""
    ids = select(IntakeItem.taken_by_id).where(IntakeItem.taken_by_id.is_not(None)).distinct()
    return list(db.session.scalars(select(User.name).where(User.id.in_(ids)).order_by(User.name)))

"""Find inbox items by article, bytes or filter, and their assignees."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from tracker.articles.models import Article
from tracker.db import db
from tracker.intake.codes import InboxState
from tracker.intake.filters import InboxFilter
from tracker.intake.models import WAITING, IntakeItem
from tracker.permissions import Actor
from tracker.users.models import User


def item_of(article: Article) -> IntakeItem | None:
    """Return the inbox item of an article, if the viewer may see it."""
    return db.session.scalars(
        select(IntakeItem)
        .where(IntakeItem.article_id == article.id)
        .options(joinedload(IntakeItem.taken_by), joinedload(IntakeItem.ended_by))
    ).first()


def unread_item_by_digest(sha256: str, team_id: int) -> IntakeItem | None:
    """Return the unreadable item of a team with exactly these bytes."""
    return db.session.scalars(
        select(IntakeItem)
        .where(IntakeItem.sha256 == sha256, IntakeItem.team_id == team_id)
        .where(IntakeItem.article_id.is_(None))
        .order_by(IntakeItem.recorded_at, IntakeItem.ref)
    ).first()


def article_by_digest(sha256: str, team_id: int) -> Article | None:
    """Return the article of a team made from exactly these bytes."""
    return db.session.scalars(
        select(Article)
        .join(IntakeItem, IntakeItem.article_id == Article.id)
        .where(IntakeItem.sha256 == sha256, IntakeItem.team_id == team_id)
        .order_by(IntakeItem.recorded_at, IntakeItem.ref)
        .options(joinedload(Article.publisher))
    ).first()


def item_options() -> list[Any]:
    """Return the loader options for everything that the inbox shows of an item."""
    return [
        joinedload(IntakeItem.article).joinedload(Article.publisher),
        joinedload(IntakeItem.taken_by),
        joinedload(IntakeItem.ended_by),
    ]


def items_matching(filters: InboxFilter) -> Select[IntakeItem]:
    """Return the inbox items that match a filter: open ones without a state."""
    states = [filters.state] if filters.state else WAITING
    rows = select(IntakeItem).where(IntakeItem.state.in_(states)).options(*item_options())
    if filters.taken_by:
        who = select(User.id).where(User.name == filters.taken_by)
        rows = rows.where(IntakeItem.taken_by_id.in_(who))
    return rows


def count_open_items() -> int:
    """Return the number of open items in the inboxes that the viewer sees."""
    rows = select(func.count()).select_from(IntakeItem).where(IntakeItem.state.in_(WAITING))
    return db.session.scalar(rows) or 0


def next_open_item(*, excluding: Article | None, by: Actor) -> IntakeItem | None:
    """Return the oldest open item that the actor may work on."""
    rows = (
        select(IntakeItem)
        .where(IntakeItem.state.in_((InboxState.RECEIVED, InboxState.TAKEN)))
        .where(or_(IntakeItem.taken_by_id.is_(None), IntakeItem.taken_by_id == by.id))
        .where(IntakeItem.article_id.is_not(None), IntakeItem.team_id.in_(by.team_ids))
        .order_by(IntakeItem.recorded_at, IntakeItem.ref)
        .limit(1)
        .options(joinedload(IntakeItem.article))
    )
    if excluding is not None:
        rows = rows.where(IntakeItem.article_id != excluding.id)
    return db.session.scalars(rows).first()


def assignee_names() -> list[str]:
    """Return the names of assignees of items that the viewer may see."""
    ids = select(IntakeItem.taken_by_id).where(IntakeItem.taken_by_id.is_not(None)).distinct()
    return list(db.session.scalars(select(User.name).where(User.id.in_(ids)).order_by(User.name)))

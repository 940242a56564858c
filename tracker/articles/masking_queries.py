"""Which passages of a source are masked, what lies under the masks, and where else it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from tracker.articles.models import ArticleMask, ArticleMaskConfidential
from tracker.articles.queries import records_citing
from tracker.db import db
from tracker.people.mention_queries import texts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.articles.masking_rules import Span
    from tracker.articles.models import Article
    from tracker.records import Record


def masks_of(article: Article) -> list[ArticleMask]:
    """Return the masks of an article in the order of its text."""
    rows = select(ArticleMask).where(ArticleMask.article_id == article.id)
    return list(db.session.scalars(rows.order_by(ArticleMask.start)))


def is_masked(article: Article) -> bool:
    """Say whether any passage of an article is masked."""
    count = select(func.count(ArticleMask.id)).where(ArticleMask.article_id == article.id)
    return bool(db.session.scalar(count))


def covered_in(article: Article) -> list[Span]:
    """Return the passages of an article that are masked."""
    return [(one.start, one.end) for one in masks_of(article)]


def words_under(masks: Iterable[ArticleMask]) -> dict[int, ArticleMaskConfidential]:
    """Return what lies under each mask, by its id: for a full connection and the team alone."""
    ids = [one.id for one in masks]
    rows = select(ArticleMaskConfidential).where(ArticleMaskConfidential.mask_id.in_(ids))
    return {row.mask_id: row for row in db.session.scalars(rows)}


def saying_it_too(article: Article, words: Iterable[str]) -> list[Record]:
    """Return the article itself and the records citing it, where words of theirs say what was
    masked: nobody but a person can put other words there.
    """
    folded = [one.casefold() for one in words]
    found: list[Record] = [article] if _says(texts_of(article), folded) else []
    for record, _citations in records_citing(article):
        if _says(texts_of(record), folded):
            found.append(record)
    return found


def _says(texts: Iterable[str], words: list[str]) -> bool:
    return any(one in text.casefold() for text in texts for one in words)

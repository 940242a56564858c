"""What is here already that says the same or nearly the same, and what was recorded from it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, inspect, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from tracker.articles.likeness import ALIKE
from tracker.articles.models import Article, ArticleMark
from tracker.articles.queries import MOST_SHOWN, citation_models, unmasked_for_viewer, whole
from tracker.db import db

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Select

    from tracker.records import Record

# For each article, whatever else is on its page; of these the viewer may not see every one.
MOST_PAIRS = 20


def nearly_the_same(marks: Sequence[int]) -> list[Article]:
    """Return the articles whose text shares enough of these marks, the likest first, that the
    viewer may see; not those of which others masked something.
    """
    if not marks:
        return []
    shared = func.count().label("shared")
    like = (
        select(ArticleMark.article_id, shared)
        .where(ArticleMark.mark.in_(marks))
        .group_by(ArticleMark.article_id)
        .having(shared >= ALIKE)
        .subquery()
    )
    rows = (
        select(Article)
        .join(like, like.c.article_id == Article.id)
        .where(unmasked_for_viewer())
        .order_by(like.c.shared.desc(), Article.ref)
        .limit(MOST_SHOWN)
        .options(joinedload(Article.publisher))
    )
    return list(db.session.scalars(rows))


def here_as_well(articles: Iterable[Article]) -> dict[int, list[Article]]:
    """Return, by the id of each article, others that stand at the same address, have the same text
    or nearly the same one.
    """
    pairs = _pairs([article.id for article in articles])
    rows = (
        select(Article)
        .where(Article.id.in_({other for _id, other in pairs}), unmasked_for_viewer())
        .options(joinedload(Article.publisher))
    )
    others = {article.id: article for article in db.session.scalars(rows)}
    found: dict[int, list[Article]] = defaultdict(list)
    for article_id, other in pairs:
        if other in others and len(found[article_id]) < MOST_SHOWN:
            found[article_id].append(others[other])
    return {key: value for key, value in found.items() if value}


def recorded_from(articles: Iterable[Article]) -> dict[int, list[Record]]:
    """Return, by the id of each article, the records that cite it and the viewer may see."""
    ids = [article.id for article in articles]
    found: dict[int, dict[Record, None]] = defaultdict(dict)
    for model in citation_models():
        record = inspect(model).relationships["record"]
        rows = (
            select(model)
            .where(model.article_id.in_(ids))
            .order_by(model.id)
            .options(selectinload(record.class_attribute).options(*whole(record.mapper.class_)))
        )
        for citation in db.session.scalars(rows).unique():
            found[citation.article_id][citation.record] = None  # type: ignore[attr-defined]  # each table has it
    return {key: list(records) for key, records in found.items()}


def counted_from(articles: Iterable[Article]) -> dict[int, int]:
    """Return, by the id of each article, how many records that the viewer may see cite it."""
    ids = [article.id for article in articles]
    found: Counter[int] = Counter()
    for model in citation_models():
        rows = (
            select(model.article_id, func.count(model.record_id.distinct()))
            .where(model.article_id.in_(ids))
            .group_by(model.article_id)
        )
        found.update({row[0]: row[1] for row in db.session.execute(rows)})
    return dict(found)


def _pairs(ids: list[int]) -> list[tuple[int, int]]:
    """Return the ids of articles and of those that say the same, the surest first."""
    one, other = aliased(Article), aliased(Article)
    mine, theirs = aliased(ArticleMark), aliased(ArticleMark)
    places: list[tuple[Any, Any]] = [
        (one.canonical_url, other.canonical_url),
        (one.text_digest, other.text_digest),
    ]
    same = [
        select(
            one.id.label("one"),
            other.id.label("other"),
            func.row_number().over(partition_by=one.id, order_by=other.id).label("place"),
        )
        .join(other, there == here)
        .where(one.id.in_(ids), other.id != one.id, here.is_not(None), here != "")
        for here, there in places
    ]
    shared = func.count()
    likest = (shared.desc(), theirs.article_id)
    alike = (
        select(
            mine.article_id.label("one"),
            theirs.article_id.label("other"),
            func.row_number().over(partition_by=mine.article_id, order_by=likest).label("place"),
        )
        .join(theirs, theirs.mark == mine.mark)
        .where(mine.article_id.in_(ids), theirs.article_id != mine.article_id)
        .group_by(mine.article_id, theirs.article_id)
        .having(shared >= ALIKE)
    )
    found = [
        (row[0], row[1]) for rows in (*same, alike) for row in db.session.execute(_first(rows))
    ]
    return list(dict.fromkeys(found))


def _first(pairs: Select[Any]) -> Select[Any]:
    """Return the first of the pairs of each article, in their order."""
    placed = pairs.subquery()
    return (
        select(placed.c.one, placed.c.other)
        .where(placed.c.place <= MOST_PAIRS)
        .order_by(placed.c.one, placed.c.place)
    )

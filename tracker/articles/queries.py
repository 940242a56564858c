"""Find articles by ref, address, text or filter, similar ones, and the records that cite them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, inspect, or_, select
from sqlalchemy.orm import (
    MANYTOONE,
    InstrumentedAttribute,
    aliased,
    joinedload,
    selectinload,
    undefer,
)

from tracker.articles.addresses import host_of
from tracker.articles.filters import ArticleFilter
from tracker.articles.models import (
    Article,
    ArticleMark,
    ArticleMask,
    ArticleMaskConfidential,
    ArticleOriginal,
    Citation,
)
from tracker.articles.rules import LEAST_SHARED_MARKS, Span
from tracker.db import db
from tracker.people.matching import name_keys
from tracker.people.models import Outlet, OutletName
from tracker.people.queries import record_texts
from tracker.records import Record
from tracker.scoping import viewer_team_ids
from tracker.search.queries import ids_matching_words

# For each article of a page; the viewer may not see all of them.
MOST_PAIRS = 20
# For duplicates and reprints the first few are enough.
MOST_SHOWN = 5
# Of these a record has so few that they are joined to it.
JOINED = frozenset({"names", "types"})


def article_by_ref(ref: str) -> Article | None:
    """Return the viewer's article with that ref, None if there is none."""
    return db.session.scalars(
        select(Article).where(Article.ref == ref).options(joinedload(Article.publisher))
    ).first()


def logging_options() -> tuple[Any, ...]:
    """Return the loader options for an article from which a record is made."""
    return undefer(Article.text), joinedload(Article.publisher)


def latest_possible_date(article: Article) -> date:
    """Return the latest day on which anything the article reports can have happened."""
    return article.latest


def articles_matching(filters: ArticleFilter) -> Select[Article]:
    """Return the articles that match a filter, with their publishers."""
    rows = (
        select(Article)
        .where(*filters.build_conditions(Article))
        .options(joinedload(Article.publisher))
    )
    if filters.q:
        rows = rows.where(Article.id.in_(ids_matching_words(Article, filters.q)))
    if filters.outlet:
        rows = rows.where(
            Article.publisher_id.in_(select(Outlet.id).where(Outlet.ref == filters.outlet))
        )
    return rows


def articles_at_url(canonical_url: str) -> list[Article]:
    """Return the articles at this address that the viewer may see."""
    rows = select(Article).where(Article.canonical_url == canonical_url)
    return _earliest_first(rows)


def articles_with_same_text(text_digest: str, sha256: str = "") -> list[Article]:
    """Return the articles with this text, or made of these bytes, that the viewer may see.

    Without those in which others masked something: finding one would confirm a guess of the masked
    words.
    """
    if not text_digest:
        return []
    same_bytes = Article.original.has(ArticleOriginal.sha256 == sha256)
    rows = (
        select(Article)
        .where(
            or_(Article.text_digest == text_digest, same_bytes)
            if sha256
            else Article.text_digest == text_digest
        )
        .where(unmasked_condition())
    )
    return _earliest_first(rows)


def unmasked_condition() -> ColumnElement[bool]:
    """Return the condition that excludes articles masked by other teams."""
    return Article.team_id.in_(viewer_team_ids()) | ~exists().where(
        ArticleMask.article_id == Article.id
    )


def originals_by_article(article_ids: Iterable[int]) -> list[Row[Any]]:
    """Return type, digest and size of unmasked originals of the viewer's teams, by article."""
    kept = ArticleOriginal
    size = func.length(kept.content).label("size")
    rows = select(kept.article_id, kept.media_type, kept.sha256, size).where(
        kept.article_id.in_([*article_ids]),
        kept.article_id.not_in(select(ArticleMask.article_id)),
        kept.team_id.in_(viewer_team_ids()),
    )
    return [*db.session.execute(rows)]


def original_content(article_id: int) -> bytes:
    """Read one original, at most 10 MB, without keeping it in the session."""
    rows = select(ArticleOriginal.content).where(ArticleOriginal.article_id == article_id)
    return bytes(db.session.scalars(rows).one())


def _earliest_first(rows: Select[Article]) -> list[Article]:
    ordered = rows.order_by(Article.recorded_at, Article.ref).limit(MOST_SHOWN)
    return list(db.session.scalars(ordered.options(joinedload(Article.publisher))))


def reprints_of(article: Article) -> list[Article]:
    """Return the articles that repeat this one, the earliest first."""
    return _earliest_first(select(Article).where(Article.repeats_id == article.id))


def publishers() -> list[Outlet]:
    """Return the outlets that published an article the viewer may see, by name."""
    ids = select(Article.publisher_id).where(Article.publisher_id.is_not(None))
    rows = select(Outlet).where(Outlet.id.in_(ids)).order_by(Outlet.sort_key, Outlet.ref)
    return list(db.session.scalars(rows))


def outlet_by_url(url: str) -> Outlet | None:
    """Return the recorded outlet with the domain of an address."""
    labels = host_of(url).split(".")
    # m.orda.kz belongs to orda.kz; the longest domain on record wins.
    domains = [".".join(labels[start:]) for start in range(len(labels) - 1)]
    if not domains:
        return None
    likely = db.session.scalars(
        select(Outlet)
        .where(or_(*(Outlet.domains.contains(domain, autoescape=True) for domain in domains)))
        .order_by(Outlet.id)
    ).all()
    for domain in domains:
        for outlet in likely:
            if domain in {line.strip().lower() for line in outlet.domains.splitlines()}:
                return outlet
    return None


def outlet_by_name(name: str) -> Outlet | None:
    """Return the only recorded outlet with a name, in any script and spelling."""
    plain, _loose = name_keys(name)
    if not plain:
        return None
    bears = select(OutletName.bearer_id).where(OutletName.matching_key == plain)
    rows = select(Outlet).where(Outlet.id.in_(bears), Outlet.merged_into_id.is_(None))
    found = db.session.scalars(rows.order_by(Outlet.id).limit(2)).all()
    return found[0] if len(found) == 1 else None


def citation_models() -> list[type[Citation]]:
    """Return the citation models of all kinds of records that have one."""
    return list(Citation.__subclasses__())


def citation_model_of(kind: type[Record]) -> type[Citation] | None:
    """Return the citation model of one kind of record, None if such records cite nothing."""
    for model in citation_models():
        if _citing_relation(model).mapper.class_ is kind:
            return model
    return None


def records_citing(article: Article) -> list[tuple[Record, list[Citation]]]:
    """Return the records that cite an article and the viewer may see, each with its citations.

    In the order of the text; loaded with all that headings and histories read.
    """
    return _citing(article, selectinload, full_record_options)


def headings_citing(article: Article) -> list[tuple[Record, list[Citation]]]:
    """Return the same, loaded only with what headings read."""
    return _citing(article, joinedload, heading_options)


def _citing(
    article: Article, load: Callable[[Any], Any], options: Callable[[type[Record]], list[Any]]
) -> list[tuple[Record, list[Citation]]]:
    found: dict[Record, list[Citation]] = {}
    for model in citation_models():
        record = _citing_relation(model)
        with_record = load(record.class_attribute).options(*options(record.mapper.class_))
        rows = select(model).where(model.article_id == article.id).options(with_record)
        for citation in sorted(db.session.scalars(rows).unique(), key=_citation_sort_key):
            found.setdefault(citation.record, []).append(citation)  # type: ignore[attr-defined]  # each table has it
    return sorted(found.items(), key=lambda one: _citation_sort_key(one[1][0]))


def cited_article_ids(articles: Iterable[Article]) -> set[int]:
    """Return the ids of those articles that a record visible to the viewer cites."""
    ids = [article.id for article in articles]
    found: set[int] = set()
    for model in citation_models():
        rows = select(model.article_id).where(model.article_id.in_(ids)).distinct()
        found.update(db.session.scalars(rows))
    return found


def citation_load_options(citations: InstrumentedAttribute[Any]) -> Any:  # noqa: ANN401 (a loader option)
    """Return the loader options for citations as `macros/citations.html` shows them.

    The articles with their publishers, and their texts, whose sentences are numbered.
    """
    model = citations.property.mapper.class_
    return selectinload(citations).options(
        joinedload(model.article).options(undefer(Article.text), joinedload(Article.publisher))
    )


def full_record_options(kind: type[Record]) -> list[Any]:
    """Return the loader options for a record with everything that its heading and history show."""
    options: list[Any] = []
    for relation in inspect(kind).relationships:
        load = selectinload(relation.class_attribute)
        if relation.info.get("trail"):
            inner = [
                selectinload(one.class_attribute)
                for one in relation.mapper.relationships
                if one.direction is MANYTOONE and one.mapper.class_ is not kind
            ]
            options.append(load.options(*inner))
        elif relation.direction is MANYTOONE:
            options.append(load)
    return options


def heading_options(kind: type[Record]) -> list[Any]:
    """Return the loader options for a few records of a kind with what their headings read."""
    loading: list[Any] = []
    for path in kind.HEADING_FROM.split():
        found: Any = None
        at: Any = kind
        for name in path.split("."):
            attribute = getattr(at, name)
            is_joined = attribute.property.direction is MANYTOONE or name in JOINED
            load: Any = joinedload if is_joined else selectinload
            # For an inner join SQLite would first build all rows of that kind.
            given = {"innerjoin": False} if is_joined else {}
            # A path continues from what its beginning loads.
            load = getattr(found, load.__name__) if found else load
            found = load(attribute, **given)
            at = attribute.property.mapper.class_
        loading.append(found)
    return loading


def _citing_relation(model: type[Citation]) -> Any:  # noqa: ANN401 (a relationship's property)
    """Return the relationship from a citation to its record."""
    return inspect(model).relationships["record"]


def _citation_sort_key(citation: Citation) -> tuple[bool, int, int]:
    """Return the sort key of a citation: the order of the text, then those without a place."""
    return citation.start is None, citation.start or 0, citation.id


def similar_articles(marks: Sequence[int]) -> list[Article]:
    """Return similar articles that the viewer may see, most similar first."""
    if not marks:
        return []
    shared = func.count().label("shared")
    like = (
        select(ArticleMark.article_id, shared)
        .where(ArticleMark.mark.in_(marks))
        .group_by(ArticleMark.article_id)
        .having(shared >= LEAST_SHARED_MARKS)
        .subquery()
    )
    rows = (
        select(Article)
        .join(like, like.c.article_id == Article.id)
        .where(unmasked_condition())
        .order_by(like.c.shared.desc(), Article.ref)
        .limit(MOST_SHOWN)
        .options(joinedload(Article.publisher))
    )
    return list(db.session.scalars(rows))


def duplicates_by_article(articles: Iterable[Article]) -> dict[int, list[Article]]:
    """Return by article id other articles with the same address or (nearly) the same text."""
    pairs = _pairs([article.id for article in articles])
    rows = (
        select(Article)
        .where(Article.id.in_({other for _id, other in pairs}), unmasked_condition())
        .options(joinedload(Article.publisher))
    )
    others = {article.id: article for article in db.session.scalars(rows)}
    found: dict[int, list[Article]] = defaultdict(list)
    for article_id, other in pairs:
        if other in others and len(found[article_id]) < MOST_SHOWN:
            found[article_id].append(others[other])
    return {key: value for key, value in found.items() if value}


def records_by_article(articles: Iterable[Article]) -> dict[int, list[Record]]:
    """Return by article id the records that cite it and the viewer may see."""
    ids = [article.id for article in articles]
    found: dict[int, dict[Record, None]] = defaultdict(dict)
    for model in citation_models():
        record = inspect(model).relationships["record"]
        rows = (
            select(model)
            .where(model.article_id.in_(ids))
            .order_by(model.id)
            .options(
                selectinload(record.class_attribute).options(
                    *full_record_options(record.mapper.class_)
                )
            )
        )
        for citation in db.session.scalars(rows).unique():
            found[citation.article_id][citation.record] = None  # type: ignore[attr-defined]  # each table has it
    return {key: list(records) for key, records in found.items()}


def record_counts_by_article(articles: Iterable[Article]) -> dict[int, int]:
    """Return by article id the number of citing records that the viewer may see."""
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
    """Return pairs of ids of articles and their duplicates, most certain first."""
    same = [*_pairs_with_same(ids, "canonical_url"), *_pairs_with_same(ids, "text_digest")]
    return list(dict.fromkeys([*same, *_pairs_with_like_text(ids)]))


def _pairs_with_same(ids: list[int], name: str) -> Iterator[tuple[int, int]]:
    """Yield pairs with the same value of a column, the first ones of each article.

    However many articles share a value, a few of them are read.
    """
    other = aliased(Article)
    here, there = getattr(Article, name), getattr(other, name)
    is_repeated = select(other.id).where(there == here, other.id != Article.id).exists()
    rows = select(Article.id, here).where(Article.id.in_(ids), here.is_not(None), here != "")
    by_value: dict[str, list[int]] = defaultdict(list)
    for number, value in db.session.execute(rows.where(is_repeated).order_by(Article.id)):
        by_value[value].append(number)
    for value, mine in by_value.items():
        having = select(Article.id).where(here == value).order_by(Article.id)
        others = list(db.session.scalars(having.limit(MOST_PAIRS + 1)))
        for number in mine:
            found = [(number, one) for one in others if one != number]
            yield from found[:MOST_PAIRS]


def _pairs_with_like_text(ids: list[int]) -> list[tuple[int, int]]:
    """Return pairs of articles with nearly the same text, the likest ones of each."""
    mine, theirs = aliased(ArticleMark), aliased(ArticleMark)
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
        .having(shared >= LEAST_SHARED_MARKS)
    )
    placed = alike.subquery()
    rows = (
        select(placed.c.one, placed.c.other)
        .where(placed.c.place <= MOST_PAIRS)
        .order_by(placed.c.one, placed.c.place)
    )
    return [(row[0], row[1]) for row in db.session.execute(rows)]


def masks_of(article: Article) -> list[ArticleMask]:
    """Return the masks of an article in the order of its text."""
    rows = select(ArticleMask).where(ArticleMask.article_id == article.id)
    return list(db.session.scalars(rows.order_by(ArticleMask.start)))


def is_masked(article: Article) -> bool:
    """Return whether any passage of an article is masked."""
    count = select(func.count(ArticleMask.id)).where(ArticleMask.article_id == article.id)
    return bool(db.session.scalar(count))


def masked_passages(article: Article) -> list[Span]:
    """Return the masked passages of an article."""
    return [(one.start, one.end) for one in masks_of(article)]


def masked_words(masks: Iterable[ArticleMask]) -> dict[int, ArticleMaskConfidential]:
    """Return the masked words by the id of their mask; needs full access and the owning team."""
    ids = [one.id for one in masks]
    rows = select(ArticleMaskConfidential).where(ArticleMaskConfidential.mask_id.in_(ids))
    return {row.mask_id: row for row in db.session.scalars(rows)}


def places_with_words(article: Article, words: Iterable[str]) -> list[Record]:
    """Return the article and the records citing it whose own text still contains masked words."""
    folded = [one.casefold() for one in words]
    found: list[Record] = [article] if _contains_words(record_texts(article), folded) else []
    for record, _citations in records_citing(article):
        if _contains_words(record_texts(record), folded):
            found.append(record)
    return found


def _contains_words(texts: Iterable[str], words: list[str]) -> bool:
    return any(one in text.casefold() for text in texts for one in words)

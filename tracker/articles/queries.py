"""The filter of the list of articles; find articles by ref, URL, text or filter, similar ones, and
the records that cite them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
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

from tracker.articles.addresses import url_host
from tracker.articles.codes import Language
from tracker.articles.models import (
    Article,
    ArticleFingerprint,
    ArticleMask,
    ArticleMaskConfidential,
    ArticleOriginal,
    Citation,
)
from tracker.articles.rules import MIN_SHARED_FINGERPRINTS, Span
from tracker.db import db
from tracker.i18n import lazy
from tracker.kit.filters import (
    ListFilter,
    code_filter,
    first_day_filter,
    last_day_filter,
    logged_by_filter,
    logged_from_filter,
    ref_filter,
    text_filter,
)
from tracker.people.matching import name_keys
from tracker.people.models import Outlet, OutletName
from tracker.people.queries import record_texts
from tracker.records import Record
from tracker.scoping import viewer_team_ids
from tracker.search.index import ids_matching_words

# Duplicates looked up for each article of a list; the viewer may not see all of them.
MAX_DUPLICATE_PAIRS = 20
# The most duplicates, similar articles or reprints of an article that are shown.
MAX_RELATED_ARTICLES_SHOWN = 5
# Relationships to many rows that are loaded by a join all the same: a record has only few names
# and few types.
JOINED_COLLECTIONS = frozenset({"names", "types"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFilter(ListFilter):
    """The filter of the list of articles; `q` is a full-text search."""

    q: str = text_filter()
    outlet: str = ref_filter(
        "OUT", lazy("Publisher"), heading=lazy("published by %(name)s"), control="select"
    )
    language: Language | None = code_filter(Language, lazy("Language"), column="language")
    earliest: date | None = first_day_filter(column="latest")
    latest: date | None = last_day_filter(column="earliest")
    logged_by: str = logged_by_filter()
    logged_from: date | None = logged_from_filter()


def article_by_ref(ref: str) -> Article | None:
    """Return the article with a ref, None if the viewer can see no such article."""
    return db.session.scalars(
        select(Article).where(Article.ref == ref).options(joinedload(Article.publisher))
    ).first()


def article_text_load_options() -> tuple[Any, ...]:
    """Return the loader options for an article with its text and publisher."""
    return undefer(Article.text), joinedload(Article.publisher)


def latest_possible_event_date(article: Article) -> date:
    """Return the latest day on which an event reported in the article can have happened."""
    return article.latest


def articles_matching(filters: ArticleFilter) -> Select[Article]:
    """Return a select of the articles that match a filter, with their publishers."""
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
    """Return the articles with a canonical URL that the viewer may see, earliest first."""
    rows = select(Article).where(Article.canonical_url == canonical_url)
    return _list_first_recorded(rows)


def articles_with_same_text(text_digest: str, sha256: str = "") -> list[Article]:
    """Return the articles, as far as the viewer may see them, whose text has the SHA-256
    `text_digest`, or whose original bytes have the SHA-256 `sha256` (unless that is "").

    Without articles masked by other teams: a match would confirm a guess of the masked words.
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
        .where(not_masked_for_viewer_condition())
    )
    return _list_first_recorded(rows)


def not_masked_for_viewer_condition() -> ColumnElement[bool]:
    """Return the SQL condition that an article is of the viewer's teams, or has no masks."""
    return Article.team_id.in_(viewer_team_ids()) | ~exists().where(
        ArticleMask.article_id == Article.id
    )


def originals_by_article(article_ids: Iterable[int]) -> list[Row[Any]]:
    """Return a row for each of these articles' originals that the viewer may download:
    `article_id`, `media_type`, `sha256`, and `size` in bytes.

    Only unmasked articles of the viewer's teams.
    """
    kept = ArticleOriginal
    size = func.length(kept.content).label("size")
    rows = select(kept.article_id, kept.media_type, kept.sha256, size).where(
        kept.article_id.in_([*article_ids]),
        kept.article_id.not_in(select(ArticleMask.article_id)),
        kept.team_id.in_(viewer_team_ids()),
    )
    return [*db.session.execute(rows)]


def original_content(article_id: int) -> bytes:
    """Return the bytes of an original, at most 10 MB, without keeping them in the session."""
    rows = select(ArticleOriginal.content).where(ArticleOriginal.article_id == article_id)
    return bytes(db.session.scalars(rows).one())


def _list_first_recorded(rows: Select[Article]) -> list[Article]:
    """Return the articles of a select that were recorded first, at most
    `MAX_RELATED_ARTICLES_SHOWN`, with their publishers.
    """
    ordered = rows.order_by(Article.recorded_at, Article.ref).limit(MAX_RELATED_ARTICLES_SHOWN)
    return list(db.session.scalars(ordered.options(joinedload(Article.publisher))))


def list_reprints(article: Article) -> list[Article]:
    """Return the reprints of an article, earliest first."""
    return _list_first_recorded(select(Article).where(Article.repeats_id == article.id))


def list_publishers() -> list[Outlet]:
    """Return the outlets that published an article that the viewer may see, sorted by name."""
    ids = select(Article.publisher_id).where(Article.publisher_id.is_not(None))
    rows = select(Outlet).where(Outlet.id.in_(ids)).order_by(Outlet.sort_key, Outlet.ref)
    return list(db.session.scalars(rows))


def outlet_by_url(url: str) -> Outlet | None:
    """Return the recorded outlet with the domain of a URL, None if there is none."""
    labels = url_host(url).split(".")
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
    """Return the recorded outlet with a name in any script, None if there is none or several."""
    plain, _loose = name_keys(name)
    if not plain:
        return None
    bears = select(OutletName.bearer_id).where(OutletName.matching_key == plain)
    rows = select(Outlet).where(Outlet.id.in_(bears), Outlet.merged_into_id.is_(None))
    found = db.session.scalars(rows.order_by(Outlet.id).limit(2)).all()
    return found[0] if len(found) == 1 else None


def citation_models() -> list[type[Citation]]:
    """Return the citation models of all kinds of records."""
    return list(Citation.__subclasses__())


def find_citation_model(kind: type[Record]) -> type[Citation] | None:
    """Return the citation model of a kind of record, None if such records cite nothing."""
    for model in citation_models():
        if _citing_relationship(model).mapper.class_ is kind:
            return model
    return None


def list_citing_records(article: Article) -> list[tuple[Record, list[Citation]]]:
    """Return the records that cite an article, as far as the viewer may see these records, each
    with its citations of the article.

    In the order of the cited passages; loaded with everything that headings and histories need.
    """
    return _load_citing_records(article, selectinload, full_record_load_options)


def list_citing_records_for_headings(article: Article) -> list[tuple[Record, list[Citation]]]:
    """Return the records that cite an article, as far as the viewer may see these records, each
    with its citations of the article. Only what headings show is loaded of each record.
    """
    return _load_citing_records(article, joinedload, heading_load_options)


def _load_citing_records(
    article: Article,
    load_relationship: Callable[[Any], Any],
    record_options: Callable[[type[Record]], list[Any]],
) -> list[tuple[Record, list[Citation]]]:
    """Return the records that cite an article, with their citations. `load_relationship`: returns
    the loader option for the relationship from a citation to its record; `record_options`: returns
    the loader options for records of a kind.
    """
    found: dict[Record, list[Citation]] = {}
    for model in citation_models():
        record = _citing_relationship(model)
        kind = record.mapper.class_
        with_record = load_relationship(record.class_attribute).options(*record_options(kind))
        rows = select(model).where(model.article_id == article.id).options(with_record)
        for citation in sorted(db.session.scalars(rows).unique(), key=_citation_sort_key):
            found.setdefault(citation.record, []).append(citation)  # type: ignore[attr-defined]  # each table has it
    return sorted(found.items(), key=lambda one: _citation_sort_key(one[1][0]))


def cited_article_ids(articles: Iterable[Article]) -> set[int]:
    """Return the ids of the articles that are cited by a record that the viewer may see."""
    ids = [article.id for article in articles]
    found: set[int] = set()
    for model in citation_models():
        rows = select(model.article_id).where(model.article_id.in_(ids)).distinct()
        found.update(db.session.scalars(rows))
    return found


def citation_load_options(citations: InstrumentedAttribute[Any]) -> Any:  # noqa: ANN401 (a loader option)
    """Return the loader options for citations as `macros/citations.html` shows them.

    They load the cited articles with their publishers and texts.
    """
    model = citations.property.mapper.class_
    return selectinload(citations).options(
        joinedload(model.article).options(undefer(Article.text), joinedload(Article.publisher))
    )


def full_record_load_options(kind: type[Record]) -> list[Any]:
    """Return the loader options for records of a kind with all related rows that their headings or
    histories show; see `heading_load_options` for fewer.
    """
    options: list[Any] = []
    for relation in inspect(kind).relationships:
        load = selectinload(relation.class_attribute)
        if relation.info.get("audited"):
            inner = [
                selectinload(one.class_attribute)
                for one in relation.mapper.relationships
                if one.direction is MANYTOONE and one.mapper.class_ is not kind
            ]
            options.append(load.options(*inner))
        elif relation.direction is MANYTOONE:
            options.append(load)
    return options


def heading_load_options(kind: type[Record]) -> list[Any]:
    """Return the loader options for records of a kind with all that their headings need."""
    loading: list[Any] = []
    for path in kind.HEADING_RELATIONSHIPS.split():
        found: Any = None
        at: Any = kind
        for name in path.split("."):
            attribute = getattr(at, name)
            is_joined = attribute.property.direction is MANYTOONE or name in JOINED_COLLECTIONS
            load: Any = joinedload if is_joined else selectinload
            # For an inner join SQLite would first build all rows of that kind.
            given = {"innerjoin": False} if is_joined else {}
            # A path continues from what its beginning loads.
            load = getattr(found, load.__name__) if found else load
            found = load(attribute, **given)
            at = attribute.property.mapper.class_
        loading.append(found)
    return loading


def _citing_relationship(model: type[Citation]) -> Any:  # noqa: ANN401 (a relationship's property)
    """Return the relationship from a citation to its record."""
    return inspect(model).relationships["record"]


def _citation_sort_key(citation: Citation) -> tuple[bool, int, int]:
    """Return the sort key of a citation: the order of the text, then citations without offsets."""
    return citation.start is None, citation.start or 0, citation.id


def similar_articles(fingerprints: Sequence[int]) -> list[Article]:
    """Return the articles, as far as the viewer may see them, whose texts have many of these
    fingerprints, most similar first. `fingerprints`: hashes of sequences of words of a text.
    """
    if not fingerprints:
        return []
    shared = func.count().label("shared")
    like = (
        select(ArticleFingerprint.article_id, shared)
        .where(ArticleFingerprint.mark.in_(fingerprints))
        .group_by(ArticleFingerprint.article_id)
        .having(shared >= MIN_SHARED_FINGERPRINTS)
        .subquery()
    )
    rows = (
        select(Article)
        .join(like, like.c.article_id == Article.id)
        .where(not_masked_for_viewer_condition())
        .order_by(like.c.shared.desc(), Article.ref)
        .limit(MAX_RELATED_ARTICLES_SHOWN)
        .options(joinedload(Article.publisher))
    )
    return list(db.session.scalars(rows))


def duplicates_by_article(articles: Iterable[Article]) -> dict[int, list[Article]]:
    """Return other articles with the same URL or a similar text, by the id of each article."""
    pairs = _duplicate_pairs([article.id for article in articles])
    rows = (
        select(Article)
        .where(Article.id.in_({other for _id, other in pairs}), not_masked_for_viewer_condition())
        .options(joinedload(Article.publisher))
    )
    others = {article.id: article for article in db.session.scalars(rows)}
    found: dict[int, list[Article]] = defaultdict(list)
    for article_id, other in pairs:
        if other in others and len(found[article_id]) < MAX_RELATED_ARTICLES_SHOWN:
            found[article_id].append(others[other])
    return {key: value for key, value in found.items() if value}


def citing_records_by_article(articles: Iterable[Article]) -> dict[int, list[Record]]:
    """Return the records that cite each of the articles, by the id of the article. Records that the
    viewer may not see are left out.
    """
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
                    *full_record_load_options(record.mapper.class_)
                )
            )
        )
        for citation in db.session.scalars(rows).unique():
            found[citation.article_id][citation.record] = None  # type: ignore[attr-defined]  # each table has it
    return {key: list(records) for key, records in found.items()}


def citing_record_counts(articles: Iterable[Article]) -> dict[int, int]:
    """Return the number of records that cite each of the articles, by the id of the article.
    Records that the viewer may not see are not counted.
    """
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


def _duplicate_pairs(ids: list[int]) -> list[tuple[int, int]]:
    """Return pairs of an id in `ids` and the id of a duplicate of this article: first those with
    the same URL, then those with the same text, then those with a similar text.
    """
    same = [
        *_pairs_with_same_value(ids, "canonical_url"),
        *_pairs_with_same_value(ids, "text_digest"),
    ]
    return list(dict.fromkeys([*same, *_pairs_with_similar_text(ids)]))


def _pairs_with_same_value(ids: list[int], column_name: str) -> Iterator[tuple[int, int]]:
    """Yield pairs of an id in `ids` and the id of another article that has the same value in a
    column: at most `MAX_DUPLICATE_PAIRS` for each id.
    """
    other = aliased(Article)
    here, there = getattr(Article, column_name), getattr(other, column_name)
    is_repeated = select(other.id).where(there == here, other.id != Article.id).exists()
    rows = select(Article.id, here).where(Article.id.in_(ids), here.is_not(None), here != "")
    by_value: dict[str, list[int]] = defaultdict(list)
    for number, value in db.session.execute(rows.where(is_repeated).order_by(Article.id)):
        by_value[value].append(number)
    for value, mine in by_value.items():
        having = select(Article.id).where(here == value).order_by(Article.id)
        others = list(db.session.scalars(having.limit(MAX_DUPLICATE_PAIRS + 1)))
        for number in mine:
            found = [(number, one) for one in others if one != number]
            yield from found[:MAX_DUPLICATE_PAIRS]


def _pairs_with_similar_text(ids: list[int]) -> list[tuple[int, int]]:
    """Return pairs of an id in `ids` and the id of another article with a similar text: for each
    id the most similar articles, at most `MAX_DUPLICATE_PAIRS`.
    """
    mine, theirs = aliased(ArticleFingerprint), aliased(ArticleFingerprint)
    shared = func.count()
    most_similar = (shared.desc(), theirs.article_id)
    alike = (
        select(
            mine.article_id.label("one"),
            theirs.article_id.label("other"),
            func.row_number()
            .over(partition_by=mine.article_id, order_by=most_similar)
            .label("place"),
        )
        .join(theirs, theirs.mark == mine.mark)
        .where(mine.article_id.in_(ids), theirs.article_id != mine.article_id)
        .group_by(mine.article_id, theirs.article_id)
        .having(shared >= MIN_SHARED_FINGERPRINTS)
    )
    placed = alike.subquery()
    rows = (
        select(placed.c.one, placed.c.other)
        .where(placed.c.place <= MAX_DUPLICATE_PAIRS)
        .order_by(placed.c.one, placed.c.place)
    )
    return [(row[0], row[1]) for row in db.session.execute(rows)]


def list_masks(article: Article) -> list[ArticleMask]:
    """Return the masks of an article in the order of its text."""
    rows = select(ArticleMask).where(ArticleMask.article_id == article.id)
    return list(db.session.scalars(rows.order_by(ArticleMask.start)))


def is_masked(article: Article) -> bool:
    """Return whether an article has a masked passage."""
    count = select(func.count(ArticleMask.id)).where(ArticleMask.article_id == article.id)
    return bool(db.session.scalar(count))


def masked_spans(article: Article) -> list[Span]:
    """Return the start and end of each masked passage of an article."""
    return [(one.start, one.end) for one in list_masks(article)]


def masked_words_by_mask(masks: Iterable[ArticleMask]) -> dict[int, ArticleMaskConfidential]:
    """Return the rows with the original words of masked passages, by the id of the mask; {} if the
    viewer may not see these words.
    """
    ids = [one.id for one in masks]
    rows = select(ArticleMaskConfidential).where(ArticleMaskConfidential.mask_id.in_(ids))
    return {row.mask_id: row for row in db.session.scalars(rows)}


def records_with_words(article: Article, words: Iterable[str]) -> list[Record]:
    """Return the records, among the article and the records that cite it, whose texts and comments
    still contain one of the words.
    """
    folded = [one.casefold() for one in words]
    found: list[Record] = [article] if _contains_words(record_texts(article), folded) else []
    for record, _citations in list_citing_records(article):
        if _contains_words(record_texts(record), folded):
            found.append(record)
    return found


def _contains_words(texts: Iterable[str], words: list[str]) -> bool:
    """Return whether a text contains any of the words, given in lower case."""
    return any(one in text.casefold() for text in texts for one in words)

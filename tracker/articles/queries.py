"""Finding articles: by ref, address, text or filter; and every record that cites one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, exists, func, inspect, or_, select
from sqlalchemy.orm import MANYTOONE, joinedload, selectinload, undefer

from tracker.articles.addresses import host
from tracker.articles.models import Article, ArticleMask, ArticleOriginal, Citation
from tracker.db import db
from tracker.people.matching import keys
from tracker.people.models import Outlet, OutletName
from tracker.scoping import team_ids_of_viewer
from tracker.search.queries import ids_matching

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.orm import InstrumentedAttribute

    from tracker.articles.filters import ArticleFilter
    from tracker.records import Record

# Duplicates and reprints are no list: the first few say enough.
MOST_SHOWN = 5


def article_by_ref(ref: str) -> Article | None:
    """Return the viewer's article of that ref."""
    return db.session.scalars(
        select(Article).where(Article.ref == ref).options(joinedload(Article.publisher))
    ).first()


def to_log_from() -> tuple[Any, ...]:
    """Return how to load an article from whose words something is logged."""
    return undefer(Article.text), joinedload(Article.publisher)


def known_by(article: Article) -> date:
    """Return the day by which everything that the article reports had happened."""
    return article.latest


def articles_matching(filters: ArticleFilter) -> Select[Article]:
    """Return the articles that a filter lets through, publishers loaded."""
    rows = select(Article).options(joinedload(Article.publisher))
    if filters.q:
        rows = rows.where(Article.id.in_(ids_matching(Article, filters.q)))
    if filters.outlet:
        rows = rows.where(
            Article.publisher_id.in_(select(Outlet.id).where(Outlet.ref == filters.outlet))
        )
    if filters.language:
        rows = rows.where(Article.language == filters.language)
    if filters.earliest:
        rows = rows.where(Article.latest >= filters.earliest)
    if filters.latest:
        rows = rows.where(Article.earliest <= filters.latest)
    return rows


def held_at(canonical_url: str) -> list[Article]:
    """Return the articles at this address that the viewer may see."""
    rows = select(Article).where(Article.canonical_url == canonical_url)
    return _earliest_first(rows)


def with_same_text(text_digest: str, sha256: str = "") -> list[Article]:
    """Return the articles with this text, or made of these very bytes, that the viewer may see; not
    those of which others masked something: whoever guesses what would be told.
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
        .where(unmasked_for_viewer())
    )
    return _earliest_first(rows)


def unmasked_for_viewer() -> ColumnElement[bool]:
    """Return what leaves out the articles of which others masked something."""
    return Article.team_id.in_(team_ids_of_viewer()) | ~exists().where(
        ArticleMask.article_id == Article.id
    )


def originals_kept(article_ids: Iterable[int]) -> list[Row[Any]]:
    """Return what is known of the originals of some articles that the viewer's teams keep and in
    which nothing is masked: type, digest and size.
    """
    kept = ArticleOriginal
    size = func.length(kept.content).label("size")
    rows = select(kept.article_id, kept.media_type, kept.sha256, size).where(
        kept.article_id.in_([*article_ids]),
        kept.article_id.not_in(select(ArticleMask.article_id)),
        kept.team_id.in_(team_ids_of_viewer()),
    )
    return [*db.session.execute(rows)]


def content_of(article_id: int) -> bytes:
    """Read one original, at most 10 MB, and let go of it again."""
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


def outlet_at(url: str) -> Outlet | None:
    """Return the outlet on record to whose domains an address belongs."""
    labels = host(url).split(".")
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


def outlet_called(name: str) -> Outlet | None:
    """Return the only outlet on record that bears a name, in whichever script and spelling."""
    plain, _loose = keys(name)
    if not plain:
        return None
    bears = select(OutletName.bearer_id).where(OutletName.matching_key == plain)
    rows = select(Outlet).where(Outlet.id.in_(bears), Outlet.merged_into_id.is_(None))
    found = db.session.scalars(rows.order_by(Outlet.id).limit(2)).all()
    return found[0] if len(found) == 1 else None


def citation_models() -> list[type[Citation]]:
    """Return the table of citations of every kind of record that has one."""
    return list(Citation.__subclasses__())


def citation_model_of(kind: type[Record]) -> type[Citation] | None:
    """Return the table of citations of one kind of record, None where such records cite nothing."""
    for model in citation_models():
        if _cites(model).mapper.class_ is kind:
            return model
    return None


def records_citing(article: Article) -> list[tuple[Record, list[Citation]]]:
    """Return the records that cite an article and the viewer may see, in the order of the text,
    each with its citations; whatever their headings and trails read is loaded with them.
    """
    found: dict[Record, list[Citation]] = {}
    for model in citation_models():
        record = _cites(model)
        rows = (
            select(model)
            .where(model.article_id == article.id)
            .options(selectinload(record.class_attribute).options(*whole(record.mapper.class_)))
        )
        for citation in sorted(db.session.scalars(rows).unique(), key=_place):
            found.setdefault(citation.record, []).append(citation)  # type: ignore[attr-defined]  # each table has it
    return sorted(found.items(), key=lambda one: _place(one[1][0]))


def cited_among(articles: Iterable[Article]) -> set[int]:
    """Return the ids of those articles that a record cites, as far as the viewer sees."""
    ids = [article.id for article in articles]
    found: set[int] = set()
    for model in citation_models():
        rows = select(model.article_id).where(model.article_id.in_(ids)).distinct()
        found.update(db.session.scalars(rows))
    return found


def with_sources(citations: InstrumentedAttribute[Any]) -> Any:  # noqa: ANN401 (a loader option)
    """Return what loads `Incident.citations` and its like for `macros/citations.html`: the articles
    with their publishers, and their texts, in which sentences are numbered.
    """
    model = citations.property.mapper.class_
    return selectinload(citations).options(
        selectinload(model.article).options(undefer(Article.text), joinedload(Article.publisher))
    )


def whole(kind: type[Record]) -> list[Any]:
    """Return what loads a record with all that its heading and its trail read, in a number of
    queries that does not grow with the number of records.
    """
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


def _cites(model: type[Citation]) -> Any:  # noqa: ANN401 (a relationship's property)
    """Return the relationship by which a citation knows its record."""
    return inspect(model).relationships["record"]


def _place(citation: Citation) -> tuple[bool, int, int]:
    """Return where a citation stands: in the order of the text, then those without a place."""
    return citation.start is None, citation.start or 0, citation.id

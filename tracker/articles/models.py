"""Models of articles and other sources, their original bytes, and citations of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from tracker import clock, scoping
from tracker.articles.codes import Bearing, CheckResult, Independence, Language, SourceKind
from tracker.articles.rules import masks_digest, replace_span, text_digest, text_fingerprints
from tracker.articles.sentences import Sentence, split_sentences
from tracker.audit.models import LogCheck
from tracker.db import CONFIDENTIAL, INTERNAL, PUBLIC, Base, UTCDateTime, text_enum
from tracker.people.models import Outlet
from tracker.records import DateRangeMixin, Record, date_order_check
from tracker.search.models import Searchable

# Rows that a check of texts or originals loads at a time: each may have 10 MB.
ARTICLES_PER_BATCH = 10
# The `info` of columns with quotes. The words of a quote may be masked later, so the audit log
# records that a quote changed, but never its words.
QUOTE_COLUMN_INFO = INTERNAL | {"audited": "digest"}


class Article(Record, Searchable, scoping.ScopedRecord, DateRangeMixin, Base):
    """A source: an article, document, screenshot, call or own knowledge, dated by its publication;
    `text` keeps its length once saved, since citations refer to it by offsets.

    A masked passage is overwritten in place.
    """

    __tablename__ = "articles"
    __table_args__ = (
        scoping.owner_unique_key(),
        scoping.team_unique_key("articles"),
        date_order_check(),
        # Unique within a team, so that an error reveals nothing about another team's sources.
        sa.Index("uq_articles_team_id_canonical_url", "team_id", "canonical_url", unique=True),
        sa.Index("ix_articles_page", "latest", "earliest", "ref", "visibility", "team_id"),
        sa.CheckConstraint("repeats_id <> id", name="repeats_another"),
        sa.CheckConstraint("title <> ''", name="title_not_empty"),
        sa.CheckConstraint(
            "(checked_on IS NULL) = (check_result IS NULL)", name="check_has_a_result"
        ),
    )
    PREFIX = "ART"
    ENDPOINT = "articles"
    SEARCH_TEXT_PATHS = "publisher"

    kind: Mapped[SourceKind] = mapped_column(
        text_enum(SourceKind), default=SourceKind.ARTICLE, info=PUBLIC
    )
    url: Mapped[str] = mapped_column(sa.String(2000), default="", info=PUBLIC)
    # NULL if the source has no address, so that the unique index ignores it.
    canonical_url: Mapped[str | None] = mapped_column(sa.String(2000), info=PUBLIC)
    title: Mapped[str] = mapped_column(sa.String(300), info=PUBLIC)
    authors: Mapped[str] = mapped_column(sa.String(300), default="", info=INTERNAL)
    publisher_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("outlets.id"), index=True, info=PUBLIC
    )
    # The name of a publisher that is not on record.
    publisher_words: Mapped[str] = mapped_column(sa.String(200), default="", info=PUBLIC)
    language: Mapped[Language] = mapped_column(text_enum(Language), info=PUBLIC)
    text: Mapped[str] = mapped_column(sa.Text, deferred=True, info=INTERNAL)
    # SHA-256 of the text with white space folded, to find the same text pasted twice.
    text_digest: Mapped[str] = mapped_column(sa.String(64), index=True, info=INTERNAL)
    archive_url: Mapped[str] = mapped_column(sa.String(2000), default="", info=PUBLIC)
    # The day on which the archive at `archive_url` saved the page.
    captured_on: Mapped[date | None] = mapped_column(info=PUBLIC)
    checked_on: Mapped[date | None] = mapped_column(info=PUBLIC)
    check_result: Mapped[CheckResult | None] = mapped_column(text_enum(CheckResult), info=PUBLIC)
    # When the source was added here.
    retrieved_at: Mapped[datetime] = mapped_column(
        UTCDateTime, default=clock.utc_now, info=INTERNAL
    )
    independence: Mapped[Independence] = mapped_column(
        text_enum(Independence), default=Independence.INDEPENDENT, info=INTERNAL
    )
    repeats_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("articles.id"), index=True, info=INTERNAL
    )

    publisher: Mapped[Outlet | None] = relationship()
    repeats: Mapped[Article | None] = relationship(remote_side="Article.id")
    original: Mapped[ArticleOriginal | None] = relationship(
        back_populates="article", cascade="all, delete-orphan"
    )
    marks: Mapped[list[ArticleFingerprint]] = relationship(cascade="all, delete-orphan")

    @cached_property
    def sentences(self) -> list[Sentence]:
        """The numbered sentences of the text, cached since only masking changes the text."""
        return split_sentences(self.text)

    @property
    def heading(self) -> str:
        """The title, under which lists and links show the article."""
        return self.title

    def publisher_name(self) -> str:
        """Return the name of the publisher, "" if it is unknown or hidden from the viewer."""
        return self.publisher.name if self.publisher else self.publisher_words

    @property
    def has_publisher(self) -> bool:
        """Whether the publisher is known, also if it is hidden from the viewer."""
        return self.publisher_id is not None or bool(self.publisher_words)

    def update_fingerprints(self) -> None:
        """Recompute the fingerprints of the text, by which similar articles are found."""
        kept = {one.mark: one for one in self.marks}
        self.marks = [
            kept.get(mark) or ArticleFingerprint(mark=mark) for mark in text_fingerprints(self.text)
        ]

    def search_text(self) -> str:
        """Return the text to index for search: title, authors, publisher, URL and text."""
        words = (self.title, self.authors, self.publisher_name(), self.url, self.text)
        return "\n".join(word for word in words if word)


class ArticleOriginal(scoping.ChildRow, Base):
    """The original bytes of an article, stored in the database so that a backup includes them."""

    __tablename__ = "article_originals"
    __table_args__ = (
        scoping.owner_foreign_key("articles", "article_id"),
        sa.CheckConstraint("length(content) <= 10485760", name="at_most_10_mb"),
    )

    article_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=INTERNAL)
    media_type: Mapped[str] = mapped_column(sa.String(80), info=INTERNAL)
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True, info=INTERNAL)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True, info=INTERNAL)

    article: Mapped[Article] = relationship(back_populates="original")


class ArticleFingerprint(scoping.ChildRow, Base):
    """A fingerprint of an article's text; similar articles share several of them.

    See `rules.text_fingerprints`.
    """

    __tablename__ = "article_marks"
    __table_args__ = (
        scoping.owner_foreign_key("articles", "article_id"),
        sa.Index("ix_article_marks_mark_article_id", "mark", "article_id"),
    )

    article_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=INTERNAL)
    mark: Mapped[int] = mapped_column(
        sa.BigInteger, primary_key=True, autoincrement=False, info=INTERNAL
    )


class ArticleMask(scoping.ChildRow, Base):
    """A masked passage of an article, overwritten in its text, in quotes and in the index."""

    __tablename__ = "article_masks"
    __table_args__ = (
        scoping.owner_foreign_key("articles", "article_id"),
        scoping.team_unique_key("article_masks"),
        sa.CheckConstraint('start >= 0 AND start < "end"', name="masks_something"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
    )

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, info=INTERNAL)
    article_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    start: Mapped[int] = mapped_column(info=INTERNAL)
    end: Mapped[int] = mapped_column(info=INTERNAL)
    reason: Mapped[str] = mapped_column(sa.String(300), info=INTERNAL)
    masked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), info=INTERNAL)
    masked_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=INTERNAL)


class ArticleMaskConfidential(scoping.ConfidentialRow, Base):
    """The original words of a masked passage, for staff of the owning team."""

    __tablename__ = "article_masks_confidential"
    __table_args__ = (scoping.team_foreign_key("article_masks", "mask_id"),)

    mask_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=INTERNAL)
    words: Mapped[str] = mapped_column(sa.Text, info=CONFIDENTIAL)


class ArticleConfidential(scoping.ConfidentialRow, Base):
    """The notes on who provided a source and how to reach them, for staff of the owning team."""

    __tablename__ = "articles_confidential"
    __table_args__ = (scoping.team_foreign_key("articles", "article_id"),)

    article_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=INTERNAL)
    version: Mapped[int] = mapped_column(sa.Integer, nullable=False, info=INTERNAL)
    source_notes: Mapped[str] = mapped_column(sa.Text, default="", info=CONFIDENTIAL)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads it from the class)


class Citation(scoping.ChildRow):
    """A mixin for citations of articles in records, one table per kind of record. `start`/`end` are
    offsets into the article's text, in code points, both NULL if the source has no text; `field` is
    the field that the words support, "" for the whole record.

    Each table names its record `record`, and has the key `owner_foreign_key(…, "record_id")`.
    """

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, info=INTERNAL)
    record_id: Mapped[int] = mapped_column(index=True, info=INTERNAL)
    quote: Mapped[str] = mapped_column(sa.Text, info=QUOTE_COLUMN_INFO)
    start: Mapped[int | None] = mapped_column(info=INTERNAL)
    end: Mapped[int | None] = mapped_column(info=INTERNAL)
    field: Mapped[str] = mapped_column(sa.String(40), default="", info=INTERNAL)
    bearing: Mapped[Bearing] = mapped_column(
        text_enum(Bearing), default=Bearing.SUPPORTS, info=INTERNAL
    )
    cited_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.utc_now, info=INTERNAL)

    @declared_attr
    def article_id(cls) -> Mapped[int]:
        """Return the id of the cited article."""
        return mapped_column(sa.ForeignKey("articles.id"), index=True, info=INTERNAL)

    @declared_attr
    def article(cls) -> Mapped[Article | None]:
        """Return the cited article, None if the viewer may not see it."""
        return relationship(Article)

    def sentence_numbers(self) -> tuple[int, ...]:
        """Return the numbers of the quoted sentences."""
        if self.article is None or self.start is None or self.end is None:
            return ()
        start, end = self.start, self.end
        return tuple(
            sentence.number
            for sentence in self.article.sentences
            if sentence.start < end and start < sentence.end
        )


def citation_constraints(
    record_table: str, *, part_table: str = "", owner_column: str = ""
) -> tuple[sa.Constraint, ...]:
    """Return the constraints of a table of citations: the foreign key to the citing record, and the
    CHECK that a citation has words, and both offsets or neither. `record_table`: the table of these
    records. `part_table`: the table of the parts that citations may concern, such as the steps of
    proceedings, "" for none; `owner_column`: the column of `part_table` with the id of the record.
    """
    offsets = sa.CheckConstraint(
        "quote <> '' AND ((start IS NULL) = (\"end\" IS NULL)) "
        'AND (start IS NULL OR start < "end")',
        name="words_in_place",
    )
    owner = scoping.owner_foreign_key(record_table, "record_id")
    if not part_table:
        return owner, offsets
    keys = [f"{part_table}.id", f"{part_table}.{owner_column}"]
    return owner, offsets, sa.ForeignKeyConstraint(["part_id", "record_id"], keys)


def part_unique_key(part_table: str, owner_column: str) -> sa.Index:
    """Return the unique index on a table of parts of records, such as the steps of proceedings, to
    which the foreign key of citations refers. `part_table`: this table; `owner_column`: its column
    with the id of the record.
    """
    return sa.Index(f"uq_{part_table}_id_{owner_column}", "id", owner_column, unique=True)


class ArticleTextLogCheck(LogCheck):
    """The check that articles have the texts whose digests are in the audit log."""

    LABEL = "text of"
    BATCH_SIZE = ARTICLES_PER_BATCH

    @classmethod
    def select_rows(cls) -> sa.Select[*tuple[Any, ...]]:
        """Return the select of the text and digest of each article, with a row for each mask: the
        offsets and the original words of the mask, all None if the article has no masks.
        """
        mask, under = ArticleMask, ArticleMaskConfidential
        columns = (
            Article.ref, Article.text, Article.text_digest, mask.start, mask.end, under.words
        )  # fmt: skip
        joined = sa.select(*columns).outerjoin(mask, mask.article_id == Article.id)
        return joined.outerjoin(under, under.mask_id == mask.id).order_by(Article.id)

    @classmethod
    def matches_log(cls, rows: Sequence[sa.Row[Any]], logged: Mapping[str, Any]) -> bool:
        """Return whether the text has the stored `text_digest` after the original words of each
        mask were put back. `logged` is ignored.
        """
        del logged
        text = rows[0].text
        for row in rows:
            if row.words is not None:
                text = replace_span(text, (row.start, row.end), row.words)
        return bool(text_digest(text) == rows[0].text_digest)


class MaskLogCheck(LogCheck):
    """The check that the masks of articles are those in the audit log."""

    LABEL = "masks of"
    ACTIONS = ("article:mask", "article:unmask")

    @classmethod
    def select_rows(cls) -> sa.Select[*tuple[Any, ...]]:
        """Return the select of all masks with the refs of their articles."""
        mask = ArticleMask
        columns = (Article.ref, mask.id, mask.reason, mask.masked_by_id, mask.masked_at)
        joined = sa.select(*columns).join(Article, Article.id == mask.article_id)
        return joined.order_by(Article.id, mask.id)

    @classmethod
    def matches_log(cls, rows: Sequence[sa.Row[Any]], logged: Mapping[str, Any]) -> bool:
        """Return whether the masks have the digest in the log entry. An old entry that has no
        digest of masks matches, too.
        """
        here = masks_digest(rows)
        return bool(logged.get("masks", here) == here)


class OriginalLogCheck(LogCheck):
    """The check that original bytes have the digests in the audit log."""

    LABEL = "original of"
    ACTIONS = ("article:create",)
    BATCH_SIZE = ARTICLES_PER_BATCH

    @classmethod
    def select_rows(cls) -> sa.Select[*tuple[Any, ...]]:
        """Return the select of the original bytes with their digests."""
        kept = ArticleOriginal
        columns = (Article.ref, kept.content, kept.sha256, kept.media_type)
        return sa.select(*columns).join(Article, Article.id == kept.article_id).order_by(Article.id)

    @classmethod
    def matches_log(cls, rows: Sequence[sa.Row[Any]], logged: Mapping[str, Any]) -> bool:
        """Return whether the original bytes have the digest and media type in the log entry. An old
        entry without these values matches, too. If the article has no original bytes, the entry
        must have no digest of them.
        """
        if not rows:
            return not logged.get("original")
        [row] = rows
        here = (hashlib.sha256(row.content).hexdigest(), row.media_type)
        known = (logged.get("original", row.sha256), logged.get("media_type", row.media_type))
        return bool(row.sha256 == here[0] and here == known)

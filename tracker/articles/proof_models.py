"""The evidence itself, held against its digests: texts, and the bytes in which they came."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tracker.articles.masking_rules import digest_of_masks, put
from tracker.articles.models import Article, ArticleMask, ArticleMaskConfidential, ArticleOriginal
from tracker.articles.rules import text_digest
from tracker.audit.models import Proved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Row, Select

# In memory at a time: each may have 10 MB.
FEW = 10


class ArticleText(Proved):
    """The text of a source, of which its record holds the digest as it was before any mask."""

    CALLED = "text of"
    AT_ONCE = FEW

    @classmethod
    def to_prove(cls) -> Select[*tuple[Any, ...]]:
        """Select each text with its digest; once for each mask, with the words under it."""
        mask, under = ArticleMask, ArticleMaskConfidential
        columns = (
            Article.ref, Article.text, Article.text_digest, mask.start, mask.end, under.words
        )  # fmt: skip
        joined = select(*columns).outerjoin(mask, mask.article_id == Article.id)
        return joined.outerjoin(under, under.mask_id == mask.id).order_by(Article.id)

    @classmethod
    def is_as_told(cls, rows: Sequence[Row[Any]], told: Mapping[str, Any]) -> bool:
        """Say whether the text, with the words under its masks put back, gives its digest."""
        del told
        text = rows[0].text
        for row in rows:
            if row.words is not None:
                text = put(text, (row.start, row.end), row.words)
        return bool(text_digest(text) == rows[0].text_digest)


class Mask(Proved):
    """Who masked which passage of a source when, and why."""

    CALLED = "masks of"
    ACTS = ("article:mask", "article:unmask")

    @classmethod
    def to_prove(cls) -> Select[*tuple[Any, ...]]:
        """Select every mask by its source."""
        mask = ArticleMask
        columns = (Article.ref, mask.id, mask.reason, mask.masked_by_id, mask.masked_at)
        joined = select(*columns).join(Article, Article.id == mask.article_id)
        return joined.order_by(Article.id, mask.id)

    @classmethod
    def is_as_told(cls, rows: Sequence[Row[Any]], told: Mapping[str, Any]) -> bool:
        """Say whether they are those of the newest entry; older ones do not tell of them."""
        here = digest_of_masks(rows)
        return bool(told.get("masks", here) == here)


class Original(Proved):
    """The bytes that came in: they give their digest, and that is the one in the trail."""

    CALLED = "original of"
    ACTS = ("article:create",)
    AT_ONCE = FEW

    @classmethod
    def to_prove(cls) -> Select[*tuple[Any, ...]]:
        """Select the bytes with what is said of them."""
        kept = ArticleOriginal
        columns = (Article.ref, kept.content, kept.sha256, kept.media_type)
        return select(*columns).join(Article, Article.id == kept.article_id).order_by(Article.id)

    @classmethod
    def is_as_told(cls, rows: Sequence[Row[Any]], told: Mapping[str, Any]) -> bool:
        """Say whether they do; entries that are older than this tell of no original."""
        if not rows:
            return not told.get("original")
        [row] = rows
        here = (hashlib.sha256(row.content).hexdigest(), row.media_type)
        known = (told.get("original", row.sha256), told.get("media_type", row.media_type))
        return bool(row.sha256 == here[0] and here == known)

"""The sources of a record with their originals, to keep or hand on in one file."""

from __future__ import annotations

from itertools import chain
from typing import IO, TYPE_CHECKING

from sqlalchemy import select

from tracker.articles.citing_views import load_citing
from tracker.articles.evidence import Source, pack
from tracker.articles.models import ArticleOriginal
from tracker.articles.views import bp, may_have_original
from tracker.db import db
from tracker.permissions import Permission
from tracker.web.attachments import attachment
from tracker.web.guards import requires
from tracker.when import edtf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Response

    from tracker.articles.models import Article, Citation

PIECE = 64 * 1024


@bp.get("/sources/<record_ref>")
@requires(Permission.READ, fresh=True)
def sources(record_ref: str) -> Response:
    """Hand out what a record rests on: the sources that the reader sees, with the originals that
    they may have.
    """
    record = load_citing(record_ref)
    pieces = _pieces(pack(record.ref, _sources(record.citations)))
    # Begun here, so that the file is closed by whoever lets go of the rest, read or not.
    first = next(pieces)
    return attachment(
        chain([first], pieces), f"{record.ref}-sources.zip", content_type="application/zip"
    )


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _sources(citations: list[Citation]) -> Iterator[tuple[Source, bytes]]:
    cited: dict[Article, list[str]] = {}
    for one in citations:
        if one.article is not None:
            cited.setdefault(one.article, []).append(one.quote)
    kept = select(ArticleOriginal).where(
        ArticleOriginal.article_id.in_([article.id for article in cited])
    )
    originals = {one.article_id: one for one in db.session.scalars(kept)}
    for article, quotes in cited.items():
        original = originals.get(article.id)
        if original is not None and not may_have_original(article):
            original = None
        yield _source(article, original, quotes), _content(original)


def _source(article: Article, original: ArticleOriginal | None, quotes: list[str]) -> Source:
    return Source(
        ref=article.ref,
        kind=article.kind.value,
        title=article.title,
        publisher=article.publisher_name(),
        published=edtf(article.when),
        url=article.url,
        archive_url=article.archive_url,
        captured_on=article.captured_on,
        checked_on=article.checked_on,
        check_result=article.check_result.value if article.check_result else "",
        retrieved_at=article.retrieved_at,
        sha256=original.sha256 if original else "",
        media_type=original.media_type if original else "",
        quotes=quotes,
    )


def _content(original: ArticleOriginal | None) -> bytes:
    """Read one original, at most 10 MB, and let go of it again."""
    if original is None:
        return b""
    rows = select(ArticleOriginal.content).where(ArticleOriginal.article_id == original.article_id)
    return bytes(db.session.scalars(rows).one())

"""The sources of a record with their originals, to keep or hand on in one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from sqlalchemy import select

from tracker.articles.citing_views import load_citing
from tracker.articles.evidence import Source, pack, pieces
from tracker.articles.masking_rules import of_one_width
from tracker.articles.models import ArticleOriginal
from tracker.articles.queries import content_of
from tracker.articles.views import bp, may_have_original
from tracker.audit.service import note_taking
from tracker.db import db
from tracker.permissions import Permission
from tracker.web.guards import current_actor, requires
from tracker.web.headers import attachment
from tracker.when import edtf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.wrappers import Response

    from tracker.articles.models import Article, Citation


@bp.get("/sources/<record_ref>")
@requires(Permission.READ, fresh=True)
def sources(record_ref: str) -> Response:
    """Hand out what a record rests on: the sources that the reader sees, with the originals that
    they may have.
    """
    record = load_citing(record_ref)
    if request.method == "GET":
        # HEAD asks for the headers alone: nothing leaves.
        note_taking("citation:sources", record.ref, by=current_actor())
    file = pieces(pack(record.ref, _sources(record.citations)))
    return attachment(file, f"{record.ref}-sources.zip", content_type="application/zip")


def _sources(citations: list[Citation]) -> Iterator[tuple[Source, bytes]]:
    cited: dict[Article, list[str]] = {}
    for one in citations:
        if one.article is not None:
            cited.setdefault(one.article, []).append(of_one_width(one.quote))
    kept = select(ArticleOriginal).where(
        ArticleOriginal.article_id.in_([article.id for article in cited])
    )
    originals = {one.article_id: one for one in db.session.scalars(kept)}
    for article, quotes in cited.items():
        original = originals.get(article.id)
        if original is not None and not may_have_original(article):
            original = None
        content = content_of(original.article_id) if original is not None else b""
        yield _source(article, original, quotes), content


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

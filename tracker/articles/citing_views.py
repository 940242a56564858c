"""Citing an article in a record of any feature, removing a citation, and downloading the
sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import render_template, request
from sqlalchemy import select
from sqlalchemy.orm import undefer
from werkzeug.wrappers import Response

from tracker.articles.citation_service import cite as add_citation
from tracker.articles.citation_service import uncite as remove_citation
from tracker.articles.evidence import Source, iter_chunks, pack_originals
from tracker.articles.filters import ArticleFilter
from tracker.articles.forms import CiteForm
from tracker.articles.models import Article, ArticleOriginal, Citation
from tracker.articles.queries import (
    articles_matching,
    citation_model_of,
    full_record_options,
    original_content,
    publishers,
)
from tracker.articles.rules import PART, collapse_mask_width
from tracker.articles.views import bp, may_have_original
from tracker.audit.service import log_download
from tracker.db import db
from tracker.errors import NotFound
from tracker.i18n import _
from tracker.permissions import Permission
from tracker.records import record_models
from tracker.web.forms import PartForm, page
from tracker.web.guards import current_actor, require_editor, requires, shows_filter_errors
from tracker.web.hardening import file_response
from tracker.web.paging import paginate
from tracker.web.saving import handle_form, load, record_url
from tracker.when import edtf


@bp.get("/cite/<record_ref>")
@requires(Permission.LOG)
@shows_filter_errors
def choose(record_ref: str) -> str:
    """Choose the article to cite in a record."""
    record = load_citing_record(record_ref)
    require_editor(record)
    filters = ArticleFilter.from_args(request.args)
    order: Any = (Article.latest, Article.earliest, Article.ref)
    return render_template(
        "articles/choose.html",
        record=record,
        filters=filters,
        choices={"outlet": [(one.ref, one.name) for one in publishers()]},
        page=paginate(articles_matching(filters), order, request.args),
    )


@bp.route("/<ref>/cite/<record_ref>", methods=["GET", "POST"])
@requires(Permission.LOG)
def cite(ref: str, record_ref: str) -> Response | tuple[str, int]:
    """Cite an article in a record."""
    article = load(Article, ref, undefer(Article.text))
    record = load_citing_record(record_ref)
    require_editor(record)
    form = CiteForm()

    def act() -> None:
        typed, bearing = form.quote.data or "", form.bearing.code()
        add_citation(record, article, typed, bearing=bearing, by=current_actor())

    answer = handle_form(form, act, to=record_url(record), record=record)
    lines = article.sentences[:PART]
    return answer or page(
        "articles/cite.html", form=form, article=article, record=record, lines=lines
    )


@bp.post("/uncite/<record_ref>/<int:citation_id>")
@requires(Permission.LOG)
def uncite(record_ref: str, citation_id: int) -> Response | tuple[str, int]:
    """Remove a citation from a record."""
    record = load_citing_record(record_ref)
    require_editor(record)
    form = PartForm()
    answer = handle_form(
        form,
        lambda: remove_citation(record, citation_id, by=current_actor()),
        to=record_url(record),
        message=_("The citation was removed."),
        record=record,
    )
    return answer or page("articles/uncite.html", form=form, record=record)


def load_citing_record(ref: str) -> Any:  # noqa: ANN401 (a record of any feature that has citations)
    """Return the record with that ref, of any kind that can cite."""
    kind = record_models().get(ref[:3])
    if kind is None or citation_model_of(kind) is None:
        raise NotFound
    return load(kind, ref, *full_record_options(kind))


@bp.get("/sources/<record_ref>")
@requires(Permission.READ, fresh=True)
def sources(record_ref: str) -> Response:
    """Download the sources of a record that the viewer may see, with originals if permitted."""
    record = load_citing_record(record_ref)
    if request.method == "GET":
        # HEAD asks for the headers only: nothing is downloaded.
        log_download("citation:sources", record.ref, by=current_actor())
    file = iter_chunks(pack_originals(record.ref, _sources(record.citations)))
    return file_response(file, f"{record.ref}-sources.zip", content_type="application/zip")


def _sources(citations: list[Citation]) -> Iterator[tuple[Source, bytes]]:
    cited: dict[Article, list[str]] = {}
    for one in citations:
        if one.article is not None:
            cited.setdefault(one.article, []).append(collapse_mask_width(one.quote))
    kept = select(ArticleOriginal).where(
        ArticleOriginal.article_id.in_([article.id for article in cited])
    )
    originals = {one.article_id: one for one in db.session.scalars(kept)}
    for article, quotes in cited.items():
        original = originals.get(article.id)
        if original is not None and not may_have_original(article):
            original = None
        content = original_content(original.article_id) if original is not None else b""
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

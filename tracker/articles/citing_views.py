"""Citing an article at a record of any feature, and taking a citation off again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template, request
from sqlalchemy.orm import undefer

from tracker.articles.citation_service import cite as add_citation
from tracker.articles.citation_service import uncite as remove_citation
from tracker.articles.codes import Language
from tracker.articles.filters import ArticleFilter
from tracker.articles.forms import CiteForm
from tracker.articles.models import Article
from tracker.articles.queries import articles_matching, citation_model_of, publishers, whole
from tracker.articles.rules import PART
from tracker.articles.views import bp
from tracker.errors import NotFound
from tracker.i18n import _
from tracker.permissions import Permission
from tracker.records import kinds_of_record
from tracker.web.forms import PartForm, page
from tracker.web.guards import current_actor, refuse_unless_editor, requires
from tracker.web.paging import page_of
from tracker.web.records import load, record_url
from tracker.web.saving import saved

if TYPE_CHECKING:
    from werkzeug.wrappers import Response


@bp.get("/cite/<record_ref>")
@requires(Permission.LOG)
def choose(record_ref: str) -> str:
    """Choose the article that a record cites next."""
    record = load_citing(record_ref)
    refuse_unless_editor(record)
    filters = ArticleFilter.from_args(request.args)
    order: Any = (Article.latest, Article.earliest, Article.ref)
    return render_template(
        "articles/choose.html",
        record=record,
        filters=filters,
        outlets=publishers(),
        languages_of_texts=list(Language),
        page=page_of(articles_matching(filters), order, request.args),
    )


@bp.route("/<ref>/cite/<record_ref>", methods=["GET", "POST"])
@requires(Permission.LOG)
def cite(ref: str, record_ref: str) -> Response | tuple[str, int]:
    """Cite an article at a record."""
    article = load(Article, ref, undefer(Article.text))
    record = load_citing(record_ref)
    refuse_unless_editor(record)
    form = CiteForm()

    def act() -> None:
        typed, bearing = form.quote.data or "", form.bearing.code()
        add_citation(record, article, typed, bearing=bearing, by=current_actor())

    answer = saved(form, act, to=record_url(record), record=record)
    lines = article.sentences[:PART]
    return answer or page(
        "articles/cite.html", form=form, article=article, record=record, lines=lines
    )


@bp.post("/uncite/<record_ref>/<int:citation_id>")
@requires(Permission.LOG)
def uncite(record_ref: str, citation_id: int) -> Response | tuple[str, int]:
    """Take a citation off a record."""
    record = load_citing(record_ref)
    refuse_unless_editor(record)
    form = PartForm()
    answer = saved(
        form,
        lambda: remove_citation(record, citation_id, by=current_actor()),
        to=record_url(record),
        said=_("The citation was removed."),
        record=record,
    )
    return answer or page("articles/uncite.html", form=form, record=record)


def load_citing(ref: str) -> Any:  # noqa: ANN401 (a record of any feature that has citations)
    """Return the record of that ref, of whichever kind that can cite."""
    kind = kinds_of_record().get(ref[:3])
    if kind is None or citation_model_of(kind) is None:
        raise NotFound
    return load(kind, ref, *whole(kind))

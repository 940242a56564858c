"""Masking a passage of a source, and taking a mask off again; for staff of its team."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flask import url_for
from sqlalchemy.orm import undefer

from tracker.articles import masking_service
from tracker.articles.masking_forms import MaskForm
from tracker.articles.masking_queries import masks_of, saying_it_too, words_under
from tracker.articles.models import Article
from tracker.articles.views import bp
from tracker.audit.confidential_service import note_viewing
from tracker.errors import NotFound
from tracker.i18n import _
from tracker.permissions import Permission
from tracker.web.confidential_views import note_first
from tracker.web.forms import PartForm, page
from tracker.web.guards import current_actor, requires
from tracker.web.records import load_to_edit
from tracker.web.saving import saved

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from tracker.web.forms import TrackerForm


@bp.route("/<ref>/mask", methods=["GET", "POST"])
@requires(Permission.LOG, confidential=True)
def mask(ref: str) -> Response | tuple[str, int]:
    """Show what is masked, with the words under it, and mask one more passage."""
    article, form = _own(ref), MaskForm()
    note_first(form, partial(note_viewing, article, by=current_actor()))

    def act() -> list[str]:
        passages = masking_service.passages_meant(
            article, form.passage.data or "", every=bool(form.every.data)
        )
        reason = form.reason.data or ""
        return masking_service.mask(article, passages, reason=reason, by=current_actor())

    answer = saved(
        form,
        act,
        to=url_for(".mask", ref=ref),
        said=lambda words: _where_else(article, words),
        record=article,
    )
    return answer or _page(article, form, form)


@bp.post("/<ref>/masks/<int:number>/remove")
@requires(Permission.LOG, confidential=True)
def unmask(ref: str, number: int) -> Response | tuple[str, int]:
    """Take a mask off."""
    article, form = _own(ref), PartForm()
    note_first(form, partial(note_viewing, article, by=current_actor()))
    mark = next((one for one in masks_of(article) if one.id == number), None)
    if mark is None:
        raise NotFound
    answer = saved(
        form,
        lambda: masking_service.unmask(article, mark, by=current_actor()),
        to=url_for(".mask", ref=ref),
        said=_("The words stand there again."),
        record=article,
    )
    if answer is not None:
        return answer
    fresh = MaskForm(formdata=None)
    fresh.open_at(article)
    return _page(article, form, fresh)


def _own(ref: str) -> Article:
    return load_to_edit(Article, ref, undefer(Article.text))


def _page(article: Article, sent: TrackerForm, form: MaskForm) -> tuple[str, int]:
    masks = masks_of(article)
    return page(
        "articles/mask.html",
        form=sent,
        article=article,
        masking=form,
        masks=masks,
        words=words_under(masks),
        places=[_place_of(article, one.start) for one in masks],
    )


def _place_of(article: Article, start: int) -> int:
    """Return the number of the sentence in which an offset lies, 0 where it lies in none."""
    return next((one.number for one in article.sentences if one.start <= start < one.end), 0)


def _where_else(article: Article, words: list[str]) -> str:
    """Say that it is done, and where own words still say what was masked."""
    done = _("Masked here, in the search and in every quote of it.")
    others = ", ".join(one.ref for one in saying_it_too(article, words))
    if not others:
        return str(done)
    left = _("Words of your own still say it; change them there: %(refs)s", refs=others)
    return f"{done} {left}"

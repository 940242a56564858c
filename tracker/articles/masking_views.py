"""Masking a passage of a source, and taking a mask off again; for staff of its team."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, url_for
from sqlalchemy.orm import undefer

from tracker.articles import masking_service
from tracker.articles.masking_forms import MaskForm, UnmaskForm
from tracker.articles.masking_queries import masks_of, saying_it_too, words_under
from tracker.articles.models import Article
from tracker.articles.views import bp
from tracker.audit.confidential_service import note_viewing
from tracker.db import db
from tracker.errors import InvalidInput, NotFound
from tracker.i18n import _
from tracker.permissions import Permission
from tracker.web.forms import page
from tracker.web.guards import current_actor, refuse_unless_editor, requires
from tracker.web.records import load

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from tracker.web.forms import TrackerForm


@bp.route("/<ref>/mask", methods=["GET", "POST"])
@requires(Permission.LOG, confidential=True)
def mask(ref: str) -> Response | tuple[str, int]:
    """Show what is masked, with the words under it, and mask one more passage."""
    article, form = _own(ref), MaskForm()
    if form.validate_on_submit():
        form.refuse_stale(article)
        try:
            passages = masking_service.passages_meant(
                article, form.passage.data or "", every=bool(form.every.data)
            )
            words = masking_service.mask(
                article, passages, reason=form.reason.data or "", by=current_actor()
            )
        except InvalidInput as error:
            form.reject(error)
        else:
            db.session.commit()
            _say_where_else(article, words)
            return redirect(url_for(".mask", ref=ref), code=303)
    return _page(article, form)


@bp.post("/<ref>/masks/<int:number>/remove")
@requires(Permission.LOG, confidential=True)
def unmask(ref: str, number: int) -> Response | tuple[str, int]:
    """Take a mask off."""
    article, form = _own(ref), UnmaskForm()
    mark = next((one for one in masks_of(article) if one.id == number), None)
    if mark is None:
        raise NotFound
    if form.validate_on_submit():
        form.refuse_stale(article)
        masking_service.unmask(article, mark, by=current_actor())
        db.session.commit()
        flash(_("The words stand there again."))
        return redirect(url_for(".mask", ref=ref), code=303)
    return _page(article, form)


def _own(ref: str) -> Article:
    article = load(Article, ref, undefer(Article.text))
    refuse_unless_editor(article)
    return article


def _page(article: Article, sent: TrackerForm) -> tuple[str, int]:
    note_viewing(article, by=current_actor())
    form = sent if isinstance(sent, MaskForm) else MaskForm(formdata=None)
    if not form.is_submitted() or form is not sent:
        form.show(article)
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


def _say_where_else(article: Article, words: list[str]) -> None:
    flash(_("Masked here, in the search and in every quote of it."))
    others = saying_it_too(article, words)
    if others:
        refs = ", ".join(one.ref for one in others)
        flash(_("Words of your own still say it; change them there: %(refs)s", refs=refs))

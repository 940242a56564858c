"""Review by article: its text, every record drawn from it, a decision on each, and one save."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template, request, url_for
from sqlalchemy.orm import joinedload, undefer

from tracker.articles.models import Article
from tracker.articles.queries import records_citing
from tracker.articles.rules import PART, parts_in
from tracker.errors import BadQuery, InvalidInput
from tracker.i18n import _, ngettext
from tracker.permissions import Permission
from tracker.review import service
from tracker.review.forms import ArticleForm
from tracker.review.models import Reviewable
from tracker.review.views import bp
from tracker.web.filters import refuse_unknown
from tracker.web.guards import current_actor, requires
from tracker.web.records import load
from tracker.web.saving import done

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response

    from tracker.articles.models import Citation
    from tracker.review.forms import RowForm

    Drawn = dict[Reviewable, list[Citation]]

MOST_DIGITS = 6


@bp.get("/articles/<ref>")
@requires(Permission.READ)
def article(ref: str) -> str:
    """Show an article beside every record drawn from it that the viewer may see."""
    refuse_unknown(request.args, {"part"})
    source = _load(ref)
    return _page(source, _drawn_from(source), ArticleForm(formdata=None))


@bp.post("/articles/<ref>")
@requires(Permission.REVIEW)
def decide_article(ref: str) -> Response | tuple[str, int]:
    """Save all decisions, or none: on the versions that were read."""
    source, form = _load(ref), ArticleForm()
    drawn = _drawn_from(source)
    rows = {record: form.by_ref().get(record.ref) for record in drawn}
    chosen = {record: row for record, row in rows.items() if row and row.choice.data}
    if not form.validate_on_submit():
        return _page(source, drawn, form), 400 if "csrf_token" in form.errors else 422
    stale = [one for one, row in chosen.items() if row.version.data != str(one.version)]
    if stale:
        return _page(source, drawn, form, stale=stale), 409
    alone = [one.ref for one, row in rows.items() if row and row.is_note_alone()]
    try:
        _refuse_notes(alone)
        _decide(chosen)
    except InvalidInput as error:
        form.reject(InvalidInput(**_at_notes(form, error.fields)))
        return _page(source, _drawn_from(source), form), 422
    said = ngettext("%(num)d decision saved.", "%(num)d decisions saved.", len(chosen))
    return done(url_for(".article", ref=ref), said)


def _refuse_notes(alone: list[str]) -> None:
    if alone:
        words = _("Approve it or return it: a note alone is not kept.")
        raise InvalidInput(**dict.fromkeys(alone, words))


def _decide(chosen: Mapping[Reviewable, RowForm]) -> None:
    if not chosen:
        raise InvalidInput(decisions=_("Approve or return one of the records at least."))
    notes: dict[str, dict[Reviewable, str]] = {"approve": {}, "return": {}}
    for record, row in chosen.items():
        notes[row.choice.data][record] = row.note.data or ""
    service.decide_together(notes["approve"], notes["return"], by=current_actor())


def _at_notes(form: ArticleForm, messages: Mapping[str, str]) -> dict[str, str]:
    """Return messages by the field at which they stand: the note of the record they speak of."""
    rows = form.by_ref()
    return {rows[at].note.name if at in rows else at: said for at, said in messages.items()}


def _page(
    source: Article, drawn: Drawn, form: ArticleForm, *, stale: list[Reviewable] | None = None
) -> str:
    form.show(drawn)
    parts = parts_in(len(source.sentences))
    part = _part_asked_for(parts)
    return render_template(
        "review/article.html",
        article=source,
        drawn=drawn,
        form=form,
        rows=form.by_ref(),
        stale=stale or [],
        sentences=source.sentences[(part - 1) * PART : part * PART],
        cited={number for ones in drawn.values() for one in ones for number in one.numbers()},
        part=part,
        parts=parts,
    )


def _load(ref: str) -> Article:
    return load(Article, ref, undefer(Article.text), joinedload(Article.publisher))


def _drawn_from(source: Article) -> Drawn:
    found = records_citing(source)
    return {record: ones for record, ones in found if isinstance(record, Reviewable)}


def _part_asked_for(parts: int) -> int:
    asked = request.args.get("part", "1")
    is_number = asked.isascii() and asked.isdigit() and len(asked) <= MOST_DIGITS
    if not is_number or not 1 <= int(asked) <= parts:
        raise BadQuery("part", _("There is no such part of this text."))
    return int(asked)

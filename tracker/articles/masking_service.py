"""Masking a passage of a source in its text, the index and every quote; and unmasking it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from tracker import clock
from tracker.articles.incoming import quote_refused
from tracker.articles.models import Article, ArticleMask, ArticleMaskConfidential, Citation
from tracker.articles.queries import covered_in, masks_of, records_citing, words_under
from tracker.articles.rules import (
    digest_of_masks,
    everywhere,
    masked,
    put,
    redrawn,
    runs_typed,
    uncovered,
)
from tracker.articles.sentences import QuoteError, locate
from tracker.audit.service import audited, record_event
from tracker.audit.snapshot import row_digest
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.people.mention_queries import closed_journalists, names_of
from tracker.people.mention_rules import mentions
from tracker.scoping import seeing_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.articles.rules import Span
    from tracker.permissions import Actor


def passages_meant(article: Article, typed: str, *, every: bool = False) -> list[Span]:
    """Return the passages given by sentence numbers or by words: the first place, or `every` one.

    Raises InvalidInput at `passage` for what the article does not hold.
    """
    try:
        meant = [
            locate(article.text, article.sentences, one) for one in runs_typed(typed) or [typed]
        ]
    except QuoteError as error:
        raise InvalidInput(passage=quote_refused(error)) from error
    found = {(passage.start, passage.end) for passage in meant}
    for passage in meant if every else ():
        found.update(everywhere(article.text, passage.quote))
    return sorted(found)


def mask(article: Article, passages: Iterable[Span], *, reason: str, by: Actor) -> list[str]:
    """Mask passages of an article and return their words; what is already masked stays masked."""
    if not reason.strip():
        raise InvalidInput(reason=_("Say why."))
    new: list[Span] = []
    for passage in passages:
        new += uncovered(passage, [*covered_in(article), *new])
    words = [article.text[start:end] for start, end in new]
    if not any(masked(one) != one for one in words):
        raise InvalidInput(passage=_("These words are masked already."))
    made = [_mask(article, span, reason=reason.strip(), by=by) for span in new]
    db.session.add_all(made)
    db.session.flush()
    db.session.add_all(
        ArticleMaskConfidential(mask_id=one.id, team_id=article.team_id, words=kept)
        for one, kept in zip(made, words, strict=True)
    )
    _redraw(
        article, [(span, masked(one)) for span, one in zip(new, words, strict=True)], "mask", by
    )
    return words


def unmask(article: Article, mark: ArticleMask, *, by: Actor) -> None:
    """Put the words back that a mask covers."""
    kept = words_under([mark])[mark.id]
    if any(mentions(kept.words, names_of(one), alone=True) for one in closed_journalists()):
        raise InvalidInput(
            naming=_("These words name somebody who is not to be named outside the team.")
        )
    span = (mark.start, mark.end)
    db.session.delete(kept)
    db.session.flush()
    db.session.delete(mark)
    _redraw(article, [(span, kept.words)], "unmask", by)


def _mask(article: Article, span: Span, *, reason: str, by: Actor) -> ArticleMask:
    made = ArticleMask(article_id=article.id, reason=reason, masked_by_id=by.id)
    made.team_id, made.visibility = article.team_id, article.visibility
    made.start, made.end = span
    return made


def _redraw(article: Article, changes: Sequence[tuple[Span, str]], act: str, by: Actor) -> None:
    """Replace parts of the text in place, and update everything that quotes it, of any team."""
    before = after = article.text
    for span, words in changes:
        after = put(after, span, words)
    article.text = after
    # The hash of a few words that were masked could be guessed.
    article.draw_marks()
    article.__dict__.pop("sentences", None)
    article.revised(by=by)
    db.session.flush()
    told = {"masks": digest_of_masks(masks_of(article))}
    record_event(f"article:{act}", article.ref, by=by, changes=told, row_digest=row_digest(article))
    with seeing_all("masking: quotes of the passage in records of every team"):
        for record, citations in records_citing(article):
            with audited(record, f"citation:{act}", by=by):
                if _requote(record, citations, before, after):
                    record.updated_at = clock.now()


def _requote(record: Any, citations: list[Citation], before: str, after: str) -> bool:  # noqa: ANN401 (a record of any feature)
    """Update what a record quotes to the text as it is now; return whether anything changed."""
    places = [
        (one.start, one.end) for one in citations if one.start is not None and one.end is not None
    ]
    changed = False
    for row in _quoting(record, citations):
        here = [(row.start, row.end)] if getattr(row, "start", None) is not None else places
        quote = redrawn(row.quote, before, after, here)
        changed = changed or quote != row.quote
        row.quote = quote
    return changed


def _quoting(record: Any, citations: list[Citation]) -> list[Any]:  # noqa: ANN401 (as above)
    """Return the citations of this source, and other rows of the record that quote somebody."""
    rows: list[Any] = [*citations]
    for relation in inspect(type(record)).relationships:
        kind = relation.mapper.class_
        if relation.info.get("trail") and hasattr(kind, "quote") and not issubclass(kind, Citation):
            rows += getattr(record, relation.key)
    return rows

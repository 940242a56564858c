"""Mask and unmask a passage of a source in its text, in the search index and in every quote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import inspect

from tracker import clock
from tracker.articles import rules
from tracker.articles.incoming import quote_error_message
from tracker.articles.models import Article, ArticleMask, ArticleMaskConfidential, Citation
from tracker.articles.queries import (
    list_citing_records,
    list_masks,
    masked_spans,
    masked_words_by_mask,
)
from tracker.articles.sentences import QuoteError, locate_quote, parse_passages
from tracker.audit.service import audited_change, record_event
from tracker.audit.snapshot import row_digest
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.people.queries import journalists_with_redacted_name, names_of
from tracker.people.rules import find_mentions
from tracker.permissions import Actor
from tracker.scoping import viewing_everything


def resolve_passages(
    article: Article, user_input: str, *, all_occurrences: bool = False
) -> list[rules.Span]:
    """Return the spans of passages entered as sentence numbers or as words of the article.
    `all_occurrences`: all places with these words, otherwise the first one. Raise InvalidInput at
    `passage` if the article does not contain them.
    """
    try:
        meant = [
            locate_quote(article.text, article.sentences, one)
            for one in parse_passages(user_input) or [user_input]
        ]
    except QuoteError as error:
        raise InvalidInput(passage=quote_error_message(error)) from error
    found = {(passage.start, passage.end) for passage in meant}
    for passage in meant if all_occurrences else ():
        found.update(rules.find_whole_words(article.text, passage.quote))
    return sorted(found)


def mask_passages(
    article: Article, passages: Iterable[rules.Span], *, reason: str, by: Actor
) -> list[str]:
    """Mask passages of an article, given as spans; return the words that were not masked before.

    Raises InvalidInput without a reason, or if all of it is masked already.
    """
    if not reason.strip():
        raise InvalidInput(reason=_("Say why."))
    new: list[rules.Span] = []
    for passage in passages:
        new += rules.uncovered_spans(passage, [*masked_spans(article), *new])
    words = [article.text[start:end] for start, end in new]
    if not any(rules.mask_text(one) != one for one in words):
        raise InvalidInput(passage=_("These words are masked already."))
    made = [_build_mask(article, span, reason=reason.strip(), by=by) for span in new]
    db.session.add_all(made)
    db.session.flush()
    db.session.add_all(
        ArticleMaskConfidential(mask_id=one.id, team_id=article.team_id, words=kept)
        for one, kept in zip(made, words, strict=True)
    )
    _replace_text(
        article,
        [(span, rules.mask_text(one)) for span, one in zip(new, words, strict=True)],
        "mask",
        by,
    )
    return words


def unmask_passage(article: Article, mask: ArticleMask, *, by: Actor) -> None:
    """Remove a mask and restore its words; raise InvalidInput if they contain the name of a
    journalist who must not be named outside the team.
    """
    kept = masked_words_by_mask([mask])[mask.id]
    if any(
        find_mentions(kept.words, names_of(one), allow_single_words=True)
        for one in journalists_with_redacted_name()
    ):
        raise InvalidInput(
            naming=_("This text names somebody who must not be named outside the team.")
        )
    span = (mask.start, mask.end)
    db.session.delete(kept)
    db.session.flush()
    db.session.delete(mask)
    _replace_text(article, [(span, kept.words)], "unmask", by)


def _build_mask(article: Article, span: rules.Span, *, reason: str, by: Actor) -> ArticleMask:
    """Return a new mask of a span, without its original words."""
    made = ArticleMask(article_id=article.id, reason=reason, masked_by_id=by.id)
    made.team_id, made.visibility = article.team_id, article.visibility
    made.start, made.end = span
    return made


def _replace_text(
    article: Article, changes: Sequence[tuple[rules.Span, str]], action: str, by: Actor
) -> None:
    """Replace spans of the text by words of the same length, and update the quotes of all teams.
    `action`, for the audit log: "mask" or "unmask".
    """
    before = after = article.text
    for span, words in changes:
        after = rules.replace_span(after, span, words)
    article.text = after
    # The hash of a few masked words could be guessed.
    article.update_fingerprints()
    article.__dict__.pop("sentences", None)
    article.mark_revised(by=by)
    db.session.flush()
    details = {"masks": rules.masks_digest(list_masks(article))}
    record_event(
        f"article:{action}", article.ref, by=by, changes=details, row_digest=row_digest(article)
    )
    with viewing_everything("masking: quotes of the passage in records of every team"):
        for record, citations in list_citing_records(article):
            with audited_change(record, f"citation:{action}", by=by):
                if _update_quotes(record, citations, before, after):
                    record.updated_at = clock.utc_now()


def _update_quotes(
    record: Any,  # noqa: ANN401 (a record of any feature)
    citations: list[Citation],
    text_before: str,
    text_after: str,
) -> bool:
    """Update the quotes in a record after its article changed; return whether one changed."""
    places = [
        (one.start, one.end) for one in citations if one.start is not None and one.end is not None
    ]
    changed = False
    for row in _rows_with_quotes(record, citations):
        here = [(row.start, row.end)] if getattr(row, "start", None) is not None else places
        quote = rules.updated_quote(row.quote, text_before, text_after, here)
        changed = changed or quote != row.quote
        row.quote = quote
    return changed


def _rows_with_quotes(record: Any, citations: list[Citation]) -> list[Any]:  # noqa: ANN401 (as above)
    """Return the given citations, and the other rows of the record that contain quotes."""
    rows: list[Any] = [*citations]
    for relation in inspect(type(record)).relationships:
        kind = relation.mapper.class_
        if (
            relation.info.get("audited")
            and hasattr(kind, "quote")
            and not issubclass(kind, Citation)
        ):
            rows += getattr(record, relation.key)
    return rows

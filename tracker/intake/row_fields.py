"""What every row of the confirm page asks: whether it is recorded, and the words that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms import BooleanField

from tracker.errors import InvalidInput
from tracker.i18n import _, language, lazy
from tracker.intake.passages import LONGEST_QUOTE, MOST_PASSAGES, passages_in
from tracker.vocabulary.labels import label
from tracker.web.forms import LongTextField

if TYPE_CHECKING:
    from enum import StrEnum


def words(code: StrEnum) -> str:
    """Return the label of a code in the viewer's language."""
    return label(code, language())


def use_field() -> BooleanField:
    """Return the box that says whether something is recorded."""
    return BooleanField(lazy("Record this"))


def quote_field() -> LongTextField:
    """Return the box for one passage of the article, or several."""
    return LongTextField(
        lazy("Quote"), most=LONGEST_QUOTE,
        description=lazy("Numbers of sentences, such as 12 or 5, 9-11, or words of the article."),
    )  # fmt: skip


def cited(quote: LongTextField) -> list[str]:
    """Return the passages typed for one record; raise InvalidInput where they are too many."""
    passages = passages_in(quote.data or "")
    if len(passages) > MOST_PASSAGES:
        few = _("One record cites at most %(most)d passages.", most=MOST_PASSAGES)
        raise InvalidInput(**{quote.name: few})
    return passages

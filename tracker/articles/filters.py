"""The filter of the list of articles, read from query parameters and shown in the heading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tracker.articles.codes import Language
from tracker.i18n import lazy
from tracker.kit.filters import (
    ListFilter,
    code_filter,
    first_day_filter,
    last_day_filter,
    ref_filter,
    text_filter,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFilter(ListFilter):
    """The filter of the list of articles; `q` is a full-text search."""

    q: str = text_filter()
    outlet: str = ref_filter(
        "OUT", lazy("Publisher"), heading=lazy("published by %(name)s"), control="select"
    )
    language: Language | None = code_filter(Language, lazy("Language"), column="language")
    earliest: date | None = first_day_filter(column="latest")
    latest: date | None = last_day_filter(column="earliest")

"""The filter of the list of articles, read from query parameters and shown in the heading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tracker.articles.codes import Language
from tracker.i18n import lazy
from tracker.kit.filters import ListFilter, code, first_day, free_text, last_day, ref


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFilter(ListFilter):
    """A filter of articles; empty fields do not filter."""

    q: str = free_text()
    outlet: str = ref(
        "OUT", lazy("Publisher"), says=lazy("published by %(name)s"), control="select"
    )
    language: Language | None = code(Language, lazy("Language"), column="language")
    earliest: date | None = first_day(column="latest")
    latest: date | None = last_day(column="earliest")

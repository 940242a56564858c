"""What a search everywhere is asked for, read from query parameters."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.kit.filters import ListFilter, free_text


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFilter(ListFilter):
    """The words of a search everywhere."""

    q: str = free_text()

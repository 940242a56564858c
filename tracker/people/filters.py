"""The filters of the lists of people, read from query parameters and shown in the heading."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.i18n import lazy
from tracker.kit.filters import ListFilter, code_filter, country_filter, text_filter
from tracker.people.codes import InstitutionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFilter(ListFilter):
    """A filter of journalists or outlets; empty fields do not filter."""

    q: str = text_filter(lazy("Name"), heading=lazy("called “%(words)s”"))
    country: str = country_filter(column="country")


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionFilter(ListFilter):
    """A filter of institutions; empty fields do not filter."""

    q: str = text_filter(lazy("Name"), heading=lazy("called “%(words)s”"))
    kind: InstitutionKind | None = code_filter(InstitutionKind, lazy("Kind"), column="kind")
    country: str = country_filter(column="country")

"""The filter of the list of cases."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.cases.codes import Lifecycle
from tracker.i18n import lazy
from tracker.kit.filters import ListFilter, code_filter, country_filter, ref_filter, text_filter


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter(ListFilter):
    """The filter of the list of cases, from query parameters; empty fields do not filter."""

    q: str = text_filter()
    country: str = country_filter(column="country")
    lifecycle: Lifecycle | None = code_filter(Lifecycle, lazy("Status"), column="lifecycle")
    journalist: str = ref_filter("JRN", lazy("Journalist"), heading=lazy("about %(name)s"))

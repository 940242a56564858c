"""The filter of the list of cases."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.cases.codes import Lifecycle
from tracker.i18n import lazy
from tracker.kit.filters import ListFilter, code, country, free_text, ref


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter(ListFilter):
    """A filter of cases; empty fields do not filter."""

    q: str = free_text()
    country: str = country(column="country")
    lifecycle: Lifecycle | None = code(Lifecycle, lazy("Status"), column="lifecycle")
    journalist: str = ref("JRN", lazy("Journalist"), says=lazy("about %(name)s"))

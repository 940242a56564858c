"""The filter of the inbox, read from query parameters and shown in the heading."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.i18n import lazy
from tracker.intake.codes import InboxState
from tracker.kit.filters import ListFilter, code, free_text


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFilter(ListFilter):
    """A filter of the inbox; without a state, open items."""

    state: InboxState | None = code(InboxState, lazy("Status"))
    taken_by: str = free_text(
        lazy("Assigned to"), says=lazy("assigned to %(name)s"), most=80, control="select"
    )

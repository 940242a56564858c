"""The filter of the inbox, as addresses carry it and as the heading says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.i18n import _, language
from tracker.intake.codes import InboxState
from tracker.vocabulary.labels import label
from tracker.web.filters import all_at_once, code_in, refuse_unknown, words_in

if TYPE_CHECKING:
    from collections.abc import Mapping

PARAMETERS = ("state", "taken_by")


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFilter:
    """Which part of the inbox is asked for; without a state, what waits."""

    state: InboxState | None = None
    taken_by: str = ""

    @classmethod
    @all_at_once
    def from_args(cls, args: Mapping[str, str]) -> InboxFilter:
        """Read the values of an address; raise BadQuery for one that does not exist."""
        refuse_unknown(args, PARAMETERS)
        return cls(
            state=code_in(args, "state", InboxState, label=_("Status")),
            taken_by=words_in(args, "taken_by", most=80),
        )

    def to_args(self) -> dict[str, str]:
        """Return the values for links, without those that are empty."""
        values = {"state": self.state or "", "taken_by": self.taken_by}
        return {name: str(value) for name, value in values.items() if value}

    def describe(self) -> str:
        """Return the filter in words, "" where nothing is asked for."""
        said = [
            label(self.state, language()) if self.state else "",
            _("assigned to %(name)s", name=self.taken_by) if self.taken_by else "",
        ]
        return ", ".join(one for one in said if one)

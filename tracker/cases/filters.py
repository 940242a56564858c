"""The filter of the list of cases, as addresses carry it and as the heading says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.cases.codes import Lifecycle
from tracker.i18n import _, country_name, language
from tracker.vocabulary.labels import label
from tracker.web.filters import all_at_once, code_in, country_in, ref_in, refuse_unknown, words_in

if TYPE_CHECKING:
    from collections.abc import Mapping

PARAMETERS = ("q", "country", "lifecycle", "journalist")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases are asked for; whatever is empty asks for nothing."""

    q: str = ""
    country: str = ""
    lifecycle: Lifecycle | None = None
    journalist: str = ""

    @classmethod
    @all_at_once
    def from_args(cls, args: Mapping[str, str]) -> CaseFilter:
        """Read the values of an address; raise BadQuery for one that does not exist."""
        refuse_unknown(args, PARAMETERS)
        return cls(
            q=words_in(args, "q"),
            country=country_in(args),
            lifecycle=code_in(args, "lifecycle", Lifecycle),
            journalist=ref_in(args, "journalist", "JRN"),
        )

    def to_args(self) -> dict[str, str]:
        """Return the values for links, without those that are empty."""
        values = {
            "q": self.q,
            "country": self.country,
            "lifecycle": self.lifecycle or "",
            "journalist": self.journalist,
        }
        return {name: str(value) for name, value in values.items() if value}

    def describe(self, journalist_name: str = "") -> str:
        """Return the filter in words, "" where nothing is asked for."""
        said = [
            _("with the words “%(words)s”", words=self.q) if self.q else "",
            country_name(self.country) if self.country else "",
            label(self.lifecycle, language()) if self.lifecycle else "",
            _("about %(name)s", name=journalist_name or self.journalist) if self.journalist else "",
        ]
        return ", ".join(one for one in said if one)

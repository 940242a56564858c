"""The filters of the lists of people, as addresses carry them and as headings say them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.i18n import _, country_name, language
from tracker.people.codes import InstitutionKind
from tracker.vocabulary.labels import label
from tracker.web.filters import all_at_once, code_in, country_in, refuse_unknown, words_in

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFilter:
    """Which journalists or outlets are asked for; whatever is empty asks for nothing."""

    q: str = ""
    country: str = ""

    @classmethod
    @all_at_once
    def from_args(cls, args: Mapping[str, str]) -> PeopleFilter:
        """Read the values of an address; raise BadQuery for one that does not exist."""
        refuse_unknown(args, ("q", "country"))
        return cls(q=words_in(args, "q", label=_("Name")), country=country_in(args))

    def to_args(self) -> dict[str, str]:
        """Return the values for links, without those that are empty."""
        values = {"q": self.q, "country": self.country}
        return {name: value for name, value in values.items() if value}

    def describe(self) -> str:
        """Return the filter in words, "" where nothing is asked for."""
        said = [
            _("called “%(words)s”", words=self.q) if self.q else "",
            country_name(self.country) if self.country else "",
        ]
        return ", ".join(one for one in said if one)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionFilter:
    """Which institutions are asked for; whatever is empty asks for nothing."""

    q: str = ""
    country: str = ""
    kind: InstitutionKind | None = None

    @classmethod
    @all_at_once
    def from_args(cls, args: Mapping[str, str]) -> InstitutionFilter:
        """Read the values of an address; raise BadQuery for one that does not exist."""
        refuse_unknown(args, ("q", "country", "kind"))
        return cls(
            q=words_in(args, "q", label=_("Name")),
            country=country_in(args),
            kind=code_in(args, "kind", InstitutionKind),
        )

    def to_args(self) -> dict[str, str]:
        """Return the values for links, without those that are empty."""
        values = {"q": self.q, "country": self.country, "kind": self.kind or ""}
        return {name: str(value) for name, value in values.items() if value}

    def describe(self) -> str:
        """Return the filter in words, "" where nothing is asked for."""
        said = [
            _("called “%(words)s”", words=self.q) if self.q else "",
            label(self.kind, language()) if self.kind else "",
            country_name(self.country) if self.country else "",
        ]
        return ", ".join(one for one in said if one)

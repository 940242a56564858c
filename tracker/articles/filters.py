"""The filter of the list of articles, as addresses carry it and as the heading says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.articles.codes import Language
from tracker.i18n import _, format_date, language
from tracker.vocabulary.labels import label
from tracker.web.filters import all_at_once, code_in, days_in, ref_in, refuse_unknown, words_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

PARAMETERS = ("q", "outlet", "language", "from", "to")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFilter:
    """Which articles are asked for; whatever is empty asks for nothing."""

    q: str = ""
    outlet: str = ""
    language: Language | None = None
    earliest: date | None = None
    latest: date | None = None

    @classmethod
    @all_at_once
    def from_args(cls, args: Mapping[str, str]) -> ArticleFilter:
        """Read the values of an address; raise BadQuery for one that does not exist."""
        refuse_unknown(args, PARAMETERS)
        earliest, latest = days_in(args)
        return cls(
            q=words_in(args, "q"),
            outlet=ref_in(args, "outlet", "OUT", label=_("Publisher")),
            language=code_in(args, "language", Language),
            earliest=earliest,
            latest=latest,
        )

    def to_args(self) -> dict[str, str]:
        """Return the values for links, without those that are empty."""
        values = {
            "q": self.q,
            "outlet": self.outlet,
            "language": self.language or "",
            "from": self.earliest.isoformat() if self.earliest else "",
            "to": self.latest.isoformat() if self.latest else "",
        }
        return {name: str(value) for name, value in values.items() if value}

    def describe(self, outlet_name: str = "") -> str:
        """Return the filter in words, "" where nothing is asked for."""
        said = [
            _("with the words “%(words)s”", words=self.q) if self.q else "",
            _("published by %(name)s", name=outlet_name or self.outlet) if self.outlet else "",
            label(self.language, language()) if self.language else "",
            _("from %(day)s", day=format_date(self.earliest)) if self.earliest else "",
            _("until %(day)s", day=format_date(self.latest)) if self.latest else "",
        ]
        return ", ".join(one for one in said if one)

"""The filter of the list of official responses, as addresses carry it and as headings say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.i18n import _, country_name, format_date, language
from tracker.responses.codes import Stance, Standing
from tracker.vocabulary.labels import label
from tracker.web.filters import (
    all_at_once,
    code_in,
    country_in,
    days_in,
    months_in,
    ref_in,
    refuse_unknown,
    words_in,
    yes_in,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from tracker.dates import Months

PARAMETERS = (
    "q", "institution", "country", "standing", "stance", "from", "to", "counted", "shared",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFilter:
    """Which responses are asked for; whatever is empty asks for nothing.

    `country` is that of the institution; `stance` is the primary one or any other;
    `counted` asks for those that figures of some months count, `shared` for what everybody sees.
    """

    q: str = ""
    institution: str = ""
    country: str = ""
    standing: Standing | None = None
    stance: Stance | None = None
    earliest: date | None = None
    latest: date | None = None
    counted: Months | None = None
    shared: bool = False

    @classmethod
    @all_at_once
    def from_args(cls, args: Mapping[str, str]) -> ResponseFilter:
        """Read the values of an address; raise BadQuery for one that does not exist."""
        refuse_unknown(args, PARAMETERS)
        country = country_in(args)
        earliest, latest = days_in(args)
        return cls(
            q=words_in(args, "q"),
            institution=ref_in(args, "institution", "INS"),
            country=country,
            standing=code_in(args, "standing", Standing),
            stance=code_in(args, "stance", Stance),
            earliest=earliest,
            latest=latest,
            counted=months_in(args, "counted"),
            shared=yes_in(args, "shared"),
        )

    def to_args(self) -> dict[str, str]:
        """Return the values for links, without those that are empty."""
        values = {
            "q": self.q,
            "institution": self.institution,
            "country": self.country,
            "standing": self.standing or "",
            "stance": self.stance or "",
            "from": self.earliest.isoformat() if self.earliest else "",
            "to": self.latest.isoformat() if self.latest else "",
            "counted": self.counted or "",
            "shared": "yes" if self.shared else "",
        }
        return {name: str(value) for name, value in values.items() if value}

    def describe(self, *, institution: str = "") -> str:
        """Return the filter in words, "" where nothing is asked for; a name stands for the ref."""
        by = institution or self.institution
        said = [
            _("with the words “%(words)s”", words=self.q) if self.q else "",
            _("by %(name)s", name=by) if self.institution else "",
            country_name(self.country) if self.country else "",
            label(self.standing, language()) if self.standing else "",
            _("stance: %(stance)s", stance=label(self.stance, language())) if self.stance else "",
            _("from %(day)s", day=format_date(self.earliest)) if self.earliest else "",
            _("until %(day)s", day=format_date(self.latest)) if self.latest else "",
            _("counted in: %(month)s", month=self.counted.in_words()) if self.counted else "",
            _("only what everybody may see") if self.shared else "",
        ]
        return ", ".join(one for one in said if one)

"""The one filter of incidents: the list, its heading, the saved link and the CSV all read it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tracker.dates import day_words, month_words
from tracker.errors import BadQuery
from tracker.i18n import _, country_name, language
from tracker.incidents.codes import Verification
from tracker.incidents.words import class_words
from tracker.review.codes import EditorialState
from tracker.vocabulary.labels import label
from tracker.web.filters import (
    code_in,
    country_in,
    days_in,
    ref_in,
    refuse_unknown,
    types_in,
    words_in,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import MultiDict

PARAMETERS = (
    "type", "from", "to", "journalist", "outlet", "country", "region", "verification", "state", "q",
    "reported",
)  # fmt: skip
REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
MONTH = re.compile(r"((?:19|20|21)[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFilter:
    """Which incidents are asked for; whatever is empty asks for nothing.

    Dates are searched by overlap; several types ask for incidents of any of them; `reported` is the
    first day of the month in which an incident counts. Whether there is such a type, region,
    journalist or outlet is asked where those are: see `queries`.
    """

    type: tuple[str, ...] = ()
    earliest: date | None = None
    latest: date | None = None
    journalist: str = ""
    outlet: str = ""
    country: str = ""
    region: str = ""
    verification: Verification | None = None
    state: EditorialState | None = None
    q: str = ""
    reported: date | None = None

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> IncidentFilter:
        """Read the values of an address or a command; raise BadQuery for one that cannot be."""
        refuse_unknown(args, PARAMETERS)
        earliest, latest = days_in(args)
        return cls(
            type=types_in(args),
            earliest=earliest,
            latest=latest,
            journalist=ref_in(args, "journalist", "JRN"),
            outlet=ref_in(args, "outlet", "OUT"),
            country=country_in(args),
            region=_region_in(args),
            verification=code_in(args, "verification", Verification),
            state=code_in(args, "state", EditorialState),
            q=words_in(args, "q"),
            reported=_month_in(args),
        )

    def to_args(self) -> dict[str, str | list[str]]:
        """Return the values for links, without those that are empty."""
        values: dict[str, str | list[str]] = {
            "type": list(self.type),
            "from": self.earliest.isoformat() if self.earliest else "",
            "to": self.latest.isoformat() if self.latest else "",
            "journalist": self.journalist,
            "outlet": self.outlet,
            "country": self.country,
            "region": self.region,
            "verification": str(self.verification or ""),
            "state": str(self.state or ""),
            "q": self.q,
            "reported": self.reported.isoformat()[: len("2025-06")] if self.reported else "",
        }
        return {name: value for name, value in values.items() if value}

    def describe(self, names: Mapping[str, str] | None = None) -> str:
        """Return the filter in the viewer's language.

        `names`: what codes and refs stand for, from `queries.names_in`.
        """
        known, code = names or {}, language()
        types = [_type_words(one, known) for one in self.type]
        said = [
            str(_(" or ")).join(types),
            _("against %(name)s", name=known.get(self.journalist, self.journalist))
            if self.journalist
            else "",
            _("against %(name)s", name=known.get(self.outlet, self.outlet)) if self.outlet else "",
            known.get(self.region, self.region),
            country_name(self.country) if self.country else "",
            _("from %(day)s", day=day_words(self.earliest)) if self.earliest else "",
            _("until %(day)s", day=day_words(self.latest)) if self.latest else "",
            _("reported in: %(month)s", month=month_words(self.reported)) if self.reported else "",
            _("verification: %(words)s", words=label(self.verification, code))
            if self.verification
            else "",
            _("state: %(words)s", words=label(self.state, code))
            if self.state
            else _("without those retracted"),
            _("with the words “%(words)s”", words=self.q) if self.q else "",
        ]
        return ", ".join(str(one) for one in said if one)


def _type_words(code: str, known: Mapping[str, str]) -> str:
    return class_words(code[:-1]) if code.endswith(".") else known.get(code, code)


def _region_in(args: Mapping[str, str]) -> str:
    text = args.get("region", "").strip()
    if text and not REGION.fullmatch(text):
        raise BadQuery("region", _("Unknown value: %(value)s", value=text[:40]))
    return text


def _month_in(args: Mapping[str, str]) -> date | None:
    """Return the first day of a month written as 2025-06, None where it is not given."""
    text = args.get("reported", "").strip()
    if not text:
        return None
    match = MONTH.fullmatch(text)
    if match is None:
        raise BadQuery("reported", _("Write a month as 2025-06."))
    return date(int(match[1]), int(match[2]), 1)

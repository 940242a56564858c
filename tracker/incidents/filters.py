"""The one filter of incidents: the list, its heading, the saved link and the CSV all read it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tracker.dates import day_words
from tracker.i18n import _, country_name, language
from tracker.incidents.codes import FigureTable, Verification
from tracker.incidents.words import FIGURE_CODES, class_words, figure_words
from tracker.review.codes import EditorialState
from tracker.vocabulary.labels import label
from tracker.web.filters import (
    all_at_once,
    code_in,
    country_in,
    days_in,
    in_the_form,
    months_in,
    no_such,
    ref_in,
    refuse_unknown,
    types_in,
    words_in,
    yes_in,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from werkzeug.datastructures import MultiDict

    from tracker.dates import Months

PARAMETERS = (
    "type", "from", "to", "journalist", "outlet", "country", "region", "verification", "state", "q",
    "reported", "figure", "shared",
)  # fmt: skip
REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
FIGURE = re.compile(r"([a-z]{1,20}):([A-Za-z0-9_.\- ]{1,80})")


class Figure(NamedTuple):
    """One number of a table of figures: the table, and the code of its row."""

    table: FigureTable
    code: str

    def __str__(self) -> str:
        """Return what stands in an address."""
        return f"{self.table}:{self.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFilter:
    """Which incidents are asked for; whatever is empty asks for nothing.

    Dates are searched by overlap; several types ask for incidents of any of them; `reported` are
    the months in which an incident counts; `figure` asks for those behind one number, counted by
    the rules; `shared` for those that everybody in the house may see. Whether there is such a type,
    region, journalist or outlet is asked where those are: see `queries`.
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
    reported: Months | None = None
    figure: Figure | None = None
    shared: bool = False

    @classmethod
    @all_at_once
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
            reported=months_in(args, "reported"),
            figure=_figure_in(args),
            shared=yes_in(args, "shared"),
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
            "reported": str(self.reported or ""),
            "figure": str(self.figure or ""),
            "shared": "yes" if self.shared else "",
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
            _("reported in: %(month)s", month=self.reported.in_words()) if self.reported else "",
            _("verification: %(words)s", words=label(self.verification, code))
            if self.verification
            else "",
            _("state: %(words)s", words=label(self.state, code))
            if self.state
            else _("retracted excluded"),
            _("with the words “%(words)s”", words=self.q) if self.q else "",
            _("counted as: %(words)s", words=figure_words(*self.figure, known))
            if self.figure
            else "",
            _("only what everybody may see") if self.shared else "",
        ]
        return ", ".join(str(one) for one in said if one)


def _type_words(code: str, known: Mapping[str, str]) -> str:
    return class_words(code[:-1]) if code.endswith(".") else known.get(code, code)


def _region_in(args: Mapping[str, str]) -> str:
    text = args.get("region", "").strip()
    if text and not REGION.fullmatch(text):
        raise no_such("region", text, in_the_form())
    return text


def _figure_in(args: Mapping[str, str]) -> Figure | None:
    """Return the table and the row of a figure; a code of a set that editors own is asked for where
    those are.
    """
    text = args.get("figure", "").strip()
    if not text:
        return None
    match = FIGURE.fullmatch(text)
    if match is None or match[1] not in set(FigureTable):
        raise no_such("figure", text)
    table = FigureTable(match[1])
    codes = FIGURE_CODES.get(table)
    if codes is not None and match[2] not in codes:
        raise no_such("figure", text)
    return Figure(table, match[2])

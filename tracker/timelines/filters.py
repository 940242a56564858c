"""The filters of timelines and of the list of open cases: all forms of one address agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker import clock
from tracker.cases.codes import Accountability
from tracker.dates import day_words
from tracker.errors import BadQuery
from tracker.i18n import _, language
from tracker.incidents.codes import Verification
from tracker.incidents.words import class_words
from tracker.review.codes import EditorialState
from tracker.timelines.codes import EntryKind, Lane
from tracker.vocabulary.labels import label
from tracker.web.filters import (
    all_at_once,
    code_in,
    day_in,
    days_in,
    refuse_unknown,
    types_in,
    yes_in,
)
from tracker.when import overlaps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from werkzeug.datastructures import MultiDict

    from tracker.timelines.build import Entry
    from tracker.timelines.open_cases import OpenCase


OPEN_CASE_PARAMETERS = ("step", "silent")
PARAMETERS = (
    "lane", "kind", "type", "verification", "retracted", "known_on", "from", "to", "unfolded",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineFilter:
    """Which entries are asked for; whatever is empty asks for nothing.

    `known_on`: as it was known on that day, which is for whoever builds the entries. A date is
    looked for by overlap. `unfolded` opens all months and leaves nothing out.
    """

    lane: Lane | None = None
    kind: EntryKind | None = None
    type: tuple[str, ...] = ()
    verification: Verification | None = None
    retracted: bool = False
    known_on: date | None = None
    earliest: date | None = None
    latest: date | None = None
    unfolded: bool = False

    @classmethod
    @all_at_once
    def from_args(cls, args: MultiDict[str, str]) -> TimelineFilter:
        """Read the values of an address; raise BadQuery for one that cannot be."""
        refuse_unknown(args, PARAMETERS)
        earliest, latest = days_in(args)
        known_on = day_in(args, "known_on")
        if known_on and known_on > clock.today():
            raise BadQuery("known_on", _("This day has not come yet."))
        return cls(
            lane=code_in(args, "lane", Lane),
            kind=code_in(args, "kind", EntryKind),
            type=types_in(args),
            verification=code_in(args, "verification", Verification),
            retracted=yes_in(args, "retracted"),
            known_on=known_on,
            earliest=earliest,
            latest=latest,
            unfolded=yes_in(args, "unfolded"),
        )

    def to_args(self) -> dict[str, str | list[str]]:
        """Return the values for links, without those that are empty."""
        values: dict[str, str | list[str]] = {
            "lane": str(self.lane or ""),
            "kind": str(self.kind or ""),
            "type": list(self.type),
            "verification": str(self.verification or ""),
            "retracted": "yes" if self.retracted else "",
            "known_on": self.known_on.isoformat() if self.known_on else "",
            "from": self.earliest.isoformat() if self.earliest else "",
            "to": self.latest.isoformat() if self.latest else "",
            "unfolded": "yes" if self.unfolded else "",
        }
        return {name: value for name, value in values.items() if value}

    def lets_through(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the entries that are asked for; each keeps its number."""
        return [entry for entry in entries if self._lets(entry)]

    def _lets(self, entry: Entry) -> bool:
        fact = entry.fact
        return (
            (self.lane is None or entry.lane is self.lane)
            and (self.kind is None or fact.kind is self.kind)
            and (not self.type or any(self._names(tag.code) for tag in fact.types))
            and (self.verification is None or fact.verification is self.verification)
            and (self.retracted or fact.state is not EditorialState.RETRACTED)
            and overlaps(fact.when, self.earliest, self.latest)
        )

    def _names(self, code: str) -> bool:
        return any(code.startswith(one) if one.endswith(".") else code == one for one in self.type)

    def describe(self, names: Mapping[str, str] | None = None) -> str:
        """Return the filter in the viewer's language; `names`: what codes of types stand for."""
        known, code = names or {}, language()
        types = [
            class_words(one[:-1]) if one.endswith(".") else known.get(one, one) for one in self.type
        ]
        said = [
            label(self.lane, code) if self.lane else "",
            label(self.kind, code) if self.kind else "",
            str(_(" or ")).join(types),
            _("verification: %(words)s", words=label(self.verification, code))
            if self.verification
            else "",
            _("from %(day)s", day=day_words(self.earliest)) if self.earliest else "",
            _("until %(day)s", day=day_words(self.latest)) if self.latest else "",
            _("as known on %(day)s", day=day_words(self.known_on)) if self.known_on else "",
            _("retracted included") if self.retracted else _("retracted excluded"),
        ]
        return ", ".join(str(one) for one in said if one)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCaseFilter:
    """Which cases are asked for: those at a step, those that nobody answered, or all."""

    step: Accountability | None = None
    silent: bool = False

    @classmethod
    @all_at_once
    def from_args(cls, args: Mapping[str, str]) -> OpenCaseFilter:
        """Read the values of an address; raise BadQuery for one that does not exist."""
        refuse_unknown(args, OPEN_CASE_PARAMETERS)
        step = code_in(args, "step", Accountability, label=_("Accountability"))
        return cls(step=step, silent=yes_in(args, "silent"))

    def to_args(self) -> dict[str, str]:
        """Return the values for links, without those that are empty."""
        values = {"step": str(self.step or ""), "silent": "yes" if self.silent else ""}
        return {name: value for name, value in values.items() if value}

    def let_through(self, cases: Iterable[OpenCase]) -> list[OpenCase]:
        """Return the cases asked for, in their order."""
        return [
            one
            for one in cases
            if self.step in {None, one.step} and (one.silence or not self.silent)
        ]

    def describe(self) -> str:
        """Return the filter in words, "" where nothing is asked for."""
        said = [
            label(self.step, language()) if self.step else "",
            str(_("without any response")) if self.silent else "",
        ]
        return ", ".join(one for one in said if one)

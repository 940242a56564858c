"""The filters of timelines and of the list of open cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from tracker import clock
from tracker.cases.codes import Accountability
from tracker.errors import BadQuery
from tracker.i18n import _, lazy
from tracker.incidents.codes import Verification
from tracker.incidents.filters import declare_types_filter
from tracker.kit.filters import (
    LABEL_AND_VALUE_TEXT,
    ListFilter,
    code_filter,
    day_filter,
    first_day_filter,
    flag_filter,
    last_day_filter,
)
from tracker.review.codes import EditorialState
from tracker.timelines.build import Entry
from tracker.timelines.codes import EntryKind, Lane
from tracker.timelines.situation import OpenCaseSummary
from tracker.web.filters import parse_day
from tracker.when import has_day_between


def _parse_past_day(args: Mapping[str, str], name: str) -> date | None:
    """Return the day in a query parameter, None if unset; raise BadQuery for an invalid or future
    day.
    """
    found = parse_day(args, name)
    if found and found > clock.current_date():
        raise BadQuery(name, _("This day is in the future."))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineFilter(ListFilter):
    """A filter of the entries of a timeline; empty fields do not filter. `earliest`, `latest`: only
    entries whose dates overlap this period; `known_on`: only what was recorded by that day, which
    is applied when entries are built; `unfolded`: show all months with all their text.
    """

    lane: Lane | None = code_filter(Lane, lazy("Lane"))
    kind: EntryKind | None = code_filter(EntryKind, lazy("Kind"))
    type: tuple[str, ...] = declare_types_filter()
    verification: Verification | None = code_filter(
        Verification, lazy("Verification"), heading=LABEL_AND_VALUE_TEXT
    )
    earliest: date | None = first_day_filter()
    latest: date | None = last_day_filter()
    known_on: date | None = day_filter(
        lazy("As known on"), heading=lazy("as known on %(day)s"), read=_parse_past_day
    )
    retracted: bool = flag_filter(
        lazy("Include retracted"),
        heading=lazy("retracted included"),
        unset_heading=lazy("retracted excluded"),
    )
    unfolded: bool = flag_filter(lazy("All months open, to print them"), heading="")

    def matching_entries(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the entries that match the filter, with their numbers unchanged."""
        return [entry for entry in entries if self._is_match(entry)]

    def _is_match(self, entry: Entry) -> bool:
        fact = entry.fact
        return (
            (self.lane is None or entry.lane is self.lane)
            and (self.kind is None or fact.kind is self.kind)
            and (not self.type or any(self._has_type(tag.code) for tag in fact.types))
            and (self.verification is None or fact.verification is self.verification)
            and (self.retracted or fact.state is not EditorialState.RETRACTED)
            and has_day_between(fact.when, self.earliest, self.latest)
        )

    def _has_type(self, code: str) -> bool:
        """Return whether the filter has this type code, or its group (`threat.` for
        `threat.death`).
        """
        return any(code.startswith(one) if one.endswith(".") else code == one for one in self.type)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCaseFilter(ListFilter):
    """A filter of open cases, by accountability step and by missing responses."""

    step: Accountability | None = code_filter(Accountability, lazy("Accountability"))
    silent: bool = flag_filter(lazy("without any response"))
    waiting: bool = flag_filter(lazy("90 days without a substantive response"))

    def matching_cases(self, cases: Iterable[OpenCaseSummary]) -> list[OpenCaseSummary]:
        """Return the cases that match the filter, in the given order."""
        return [
            one
            for one in cases
            if self.step in {None, one.step}
            and (one.figures.is_silent or not self.silent)
            and (one.is_long_unanswered or not self.waiting)
        ]

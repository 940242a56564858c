"""The options of a monthly report: months, country, and whose records are counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from tracker import clock
from tracker.dates import Months, months_until
from tracker.fake_accounts.filters import AccountFilter
from tracker.i18n import lazy
from tracker.incidents.filters import IncidentFilter
from tracker.kit.filters import REQUIRED_DEFAULT, ListFilter, country, declare, yes
from tracker.responses.filters import ResponseFilter
from tracker.web.filters import months_in


def _months_in(args: Mapping[str, str], name: str) -> Months:
    """Return the months in the query parameters, by default the last complete one."""
    last = months_until(clock.today().replace(day=1) - timedelta(days=1), 1)[0]
    return months_in(args, name) or Months(last, last)


def _in_words(value: Months, _names: Mapping[str, str]) -> str:
    return value.in_words()


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyFilter(ListFilter):
    """The options of a report: months, and `country`, "" for all.

    `shared`: count what all users see, else what the viewer may see.
    """

    months: Months = declare(
        REQUIRED_DEFAULT,
        name="month",
        label=lazy("Month or period"),
        read=_months_in,
        words=_in_words,
    )
    country: str = country(unset=lazy("all countries"))
    shared: bool = yes(lazy("only records that all users see"), says="")

    @property
    def is_over(self) -> bool:
        """Return whether the last month is complete."""
        return self.months.after <= clock.today()

    @property
    def is_one_month(self) -> bool:
        """Return whether it is one month: only single months are published."""
        return self.months.first == self.months.last

    def before(self) -> MonthlyFilter:
        """Return the same options for as many months before."""
        return replace(self, months=self.months.before())

    def of_incidents(self) -> IncidentFilter:
        """Return the filter of the list of incidents."""
        return IncidentFilter(reported=self.months, country=self.country, shared=self.shared)

    def of_responses(self) -> ResponseFilter:
        """Return the filter of the list of official responses."""
        return ResponseFilter(counted=self.months, country=self.country, shared=self.shared)

    def of_accounts(self) -> AccountFilter:
        """Return the filter of the list of fake accounts."""
        return AccountFilter(happened=self.months, country=self.country, shared=self.shared)

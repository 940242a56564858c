"""What a monthly report is asked for: some months, a country, over whose records."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tracker import clock
from tracker.dates import Months, months_until
from tracker.fake_accounts.filters import AccountFilter
from tracker.i18n import _, country_name
from tracker.incidents.filters import IncidentFilter
from tracker.responses.filters import ResponseFilter
from tracker.web.filters import all_at_once, country_in, months_in, refuse_unknown, yes_in

if TYPE_CHECKING:
    from collections.abc import Mapping

PARAMETERS = ("month", "country", "shared")


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyFilter:
    """The months counted; `country` "" for all; `shared`: over what everybody in the house sees,
    else over what the viewer may see.
    """

    months: Months
    country: str = ""
    shared: bool = False

    @classmethod
    @all_at_once
    def from_args(cls, args: Mapping[str, str]) -> MonthlyFilter:
        """Read the values of an address: the last month that is over where none is given."""
        refuse_unknown(args, PARAMETERS)
        last = months_until(clock.today().replace(day=1) - timedelta(days=1), 1)[0]
        return cls(
            months=months_in(args, "month") or Months(last, last),
            country=country_in(args),
            shared=yes_in(args, "shared"),
        )

    def to_args(self) -> dict[str, Any]:
        """Return the values for links, without those that are empty."""
        values = {
            "month": str(self.months),
            "country": self.country,
            "shared": "yes" if self.shared else "",
        }
        return {name: value for name, value in values.items() if value}

    def describe(self) -> str:
        """Return it in the viewer's language: "June 2025, Kazakhstan"."""
        where = country_name(self.country) if self.country else str(_("all countries"))
        return f"{self.months.in_words()}, {where}"

    @property
    def is_over(self) -> bool:
        """Say whether the last of the months has passed."""
        return self.months.after <= clock.today()

    @property
    def is_one_month(self) -> bool:
        """Say whether it is one month: only such a one is published."""
        return self.months.first == self.months.last

    def before(self) -> MonthlyFilter:
        """Return the same of as many months before."""
        return replace(self, months=self.months.before())

    def of_incidents(self) -> IncidentFilter:
        """Return what the list of incidents is asked for."""
        return IncidentFilter(reported=self.months, country=self.country, shared=self.shared)

    def of_responses(self) -> ResponseFilter:
        """Return what the list of official responses is asked for."""
        return ResponseFilter(counted=self.months, country=self.country, shared=self.shared)

    def of_accounts(self) -> AccountFilter:
        """Return what the list of fake accounts is asked for."""
        return AccountFilter(happened=self.months, country=self.country, shared=self.shared)

"""The filter of the list of fake accounts, read from query parameters and shown in the heading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from tracker.fake_accounts import codes
from tracker.i18n import MonthRange, lazy
from tracker.kit.filters import (
    LABEL_AND_VALUE_TEXT,
    ListFilter,
    code_filter,
    country_filter,
    flag_filter,
    logged_by_filter,
    logged_from_filter,
    months_filter,
    records_filter,
    ref_filter,
    term_filter,
    text_filter,
)
from tracker.review.codes import EditorialState

# The form of the code of a platform in a query parameter.
PLATFORM_CODE_PATTERN = re.compile(r"[a-z0-9_.]{1,60}")
# The platform of accounts whose platform is not recorded, in a query parameter.
NO_PLATFORM = "none"
# The heading of a list of accounts that impersonate a party.
POSING_LABEL = lazy("posing as %(name)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter(ListFilter):
    """The filter of the list of fake accounts, from query parameters; empty fields do not filter.
    `happened`: approved or published, with an event in these months; `event`: with an event of this
    type (in the months of `happened`, if both are set); `country`: used in an incident in this
    country; `without_retracted`: as figures count them; `shared`: seen by all users; `official`:
    impersonates the official with this name.
    """

    q: str = text_filter()
    platform: str = term_filter(
        lazy("Platform"), PLATFORM_CODE_PATTERN, heading=LABEL_AND_VALUE_TEXT
    )
    kind: codes.AccountKind | None = code_filter(codes.AccountKind, lazy("Kind"), column="kind")
    status: codes.AccountStatus | None = code_filter(
        codes.AccountStatus, lazy("Status"), heading=LABEL_AND_VALUE_TEXT
    )
    fate: codes.AccountFate | None = code_filter(codes.AccountFate, lazy("Takedown"))
    reappeared: codes.Reappearance | None = code_filter(codes.Reappearance, lazy("Came back"))
    event: codes.AccountEvent | None = code_filter(
        codes.AccountEvent, lazy("What happened"), control=""
    )
    happened: MonthRange | None = months_filter(
        lazy("Happened in"), heading=lazy("happened in: %(month)s")
    )
    country: str = country_filter(control="")
    logged_by: str = logged_by_filter()
    logged_from: date | None = logged_from_filter()
    without_retracted: bool = flag_filter(
        lazy("retracted excluded"),
        control="",
        column="state",
        compare=lambda state, _yes: state != EditorialState.RETRACTED,
    )
    shared: bool = flag_filter(lazy("only records that all users see"), control="")
    journalist: str = ref_filter("JRN", lazy("Journalist"), heading=POSING_LABEL)
    outlet: str = ref_filter("OUT", lazy("Outlet"), heading=POSING_LABEL)
    institution: str = ref_filter("INS", lazy("Institution"), heading=POSING_LABEL)
    official: str = text_filter(lazy("Official"), heading=POSING_LABEL, control="")
    record: tuple[str, ...] = records_filter()

    @property
    def poses_as(self) -> str:
        """The ref or name of the party that matching accounts impersonate, "" if unset."""
        return self.journalist or self.outlet or self.institution or self.official

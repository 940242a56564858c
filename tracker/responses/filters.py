"""The filters of the lists of responses, appeals and proceedings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tracker.i18n import MonthRange, lazy
from tracker.kit.filters import (
    LABEL_AND_VALUE_TEXT,
    ListFilter,
    code_filter,
    country_filter,
    first_day_filter,
    flag_filter,
    last_day_filter,
    logged_by_filter,
    logged_from_filter,
    months_filter,
    records_filter,
    ref_filter,
    text_filter,
)
from tracker.responses import codes


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFilter(ListFilter):
    """The filter of the list of responses, from URL parameters; empty fields do not filter.
    `country`: of the institution; `stance`: the primary or any other stance; `counted`: only
    approved or published responses made in these months; `shared`: only responses that all users
    see.
    """

    q: str = text_filter()
    institution: str = ref_filter("INS", lazy("Institution"), heading=lazy("by %(name)s"))
    country: str = country_filter()
    standing: codes.Standing | None = code_filter(
        codes.Standing, lazy("Standing"), column="standing"
    )
    stance: codes.Stance | None = code_filter(
        codes.Stance, lazy("Stance"), heading=LABEL_AND_VALUE_TEXT
    )
    earliest: date | None = first_day_filter(column="latest")
    latest: date | None = last_day_filter(column="earliest")
    counted: MonthRange | None = months_filter(
        lazy("Counted in"), heading=lazy("counted in: %(month)s")
    )
    logged_by: str = logged_by_filter()
    logged_from: date | None = logged_from_filter()
    shared: bool = flag_filter(lazy("only records that all users see"), control="")
    record: tuple[str, ...] = records_filter()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealFilter(ListFilter):
    """The filter of the list of appeals, from URL parameters; empty fields do not filter.
    `country`: of the institution to which the appeal was made; `overdue`: only appeals without an
    answer after the due date; `unrecorded`: only appeals answered or referred whose response the
    viewer does not see.
    """

    q: str = text_filter()
    institution: str = ref_filter("INS", lazy("Institution"), heading=lazy("to %(name)s"))
    country: str = country_filter()
    sender: codes.AppealSender | None = code_filter(
        codes.AppealSender, lazy("Who asked"), heading=lazy("by %(name)s"), column="sender_kind"
    )
    kind: codes.AppealKind | None = code_filter(
        codes.AppealKind, lazy("What was sent or said"), column="kind"
    )
    outcome: codes.AppealOutcome | None = code_filter(
        codes.AppealOutcome, lazy("Outcome"), column="outcome"
    )
    overdue: bool = flag_filter(lazy("only overdue"), heading=lazy("overdue"))
    unrecorded: bool = flag_filter(lazy("answered or passed on, no response that you may see"))
    earliest: date | None = first_day_filter(column="latest")
    latest: date | None = last_day_filter(column="earliest")
    logged_by: str = logged_by_filter()
    logged_from: date | None = logged_from_filter()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProceedingFilter(ListFilter):
    """The filter of the list of proceedings, from URL parameters; empty fields do not filter.
    `step`: a step that was taken, even if others followed; `journalist`, `outlet`: a party of the
    proceeding, or a target of one of its incidents; `institution`: in charge of the proceeding, or
    named in one of its steps.
    """

    q: str = text_filter()
    direction: codes.ProceedingDirection | None = code_filter(
        codes.ProceedingDirection, lazy("Direction"), column="direction"
    )
    kind: codes.ProceedingKind | None = code_filter(
        codes.ProceedingKind, lazy("Kind"), column="kind"
    )
    step: codes.StepOfProceeding | None = code_filter(
        codes.StepOfProceeding, lazy("Step taken"), heading=LABEL_AND_VALUE_TEXT
    )
    country: str = country_filter(column="country")
    journalist: str = ref_filter("JRN", lazy("Journalist"), heading=lazy("concerning %(name)s"))
    outlet: str = ref_filter("OUT", lazy("Outlet"), heading=lazy("concerning %(name)s"))
    institution: str = ref_filter("INS", lazy("Institution"), heading=lazy("by %(name)s"))
    logged_by: str = logged_by_filter()
    logged_from: date | None = logged_from_filter()

"""The filters of the lists of responses, appeals and proceedings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tracker.dates import MonthRange
from tracker.i18n import lazy
from tracker.kit.filters import (
    ListFilter,
    code,
    country,
    first_day,
    free_text,
    last_day,
    months,
    records,
    ref,
    yes,
)
from tracker.responses import codes


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFilter(ListFilter):
    """A filter of responses; empty fields do not filter.

    `country` is that of the institution; `stance` is the primary one or any other; `counted`
    matches responses that figures of some months count, `shared` those that all users see.
    """

    q: str = free_text()
    institution: str = ref("INS", lazy("Institution"), says=lazy("by %(name)s"))
    country: str = country()
    standing: codes.Standing | None = code(codes.Standing, lazy("Standing"), column="standing")
    stance: codes.Stance | None = code(
        codes.Stance, lazy("Stance"), says=lazy("stance: %(stance)s")
    )
    earliest: date | None = first_day(column="latest")
    latest: date | None = last_day(column="earliest")
    counted: MonthRange | None = months(lazy("Counted in"), says=lazy("counted in: %(month)s"))
    shared: bool = yes(lazy("only records that all users see"), control="")
    record: tuple[str, ...] = records()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealFilter(ListFilter):
    """A filter of appeals; empty fields do not filter.

    `country` is that of the institution asked; `overdue`: only appeals without an answer after the
    due date; `unrecorded`: only appeals answered or referred without a recorded response.
    """

    q: str = free_text()
    institution: str = ref("INS", lazy("Institution"), says=lazy("to %(name)s"))
    country: str = country()
    sender: codes.AppealSender | None = code(
        codes.AppealSender, lazy("Who asked"), says=lazy("by %(name)s"), column="sender_kind"
    )
    kind: codes.AppealKind | None = code(
        codes.AppealKind, lazy("What was sent or said"), column="kind"
    )
    outcome: codes.AppealOutcome | None = code(
        codes.AppealOutcome, lazy("Outcome"), column="outcome"
    )
    overdue: bool = yes(lazy("only overdue"), says=lazy("overdue"))
    unrecorded: bool = yes(lazy("answered or passed on, no response that you may see"))
    earliest: date | None = first_day(column="latest")
    latest: date | None = last_day(column="earliest")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProceedingFilter(ListFilter):
    """A filter of proceedings; empty fields do not filter.

    `step`: a step that was taken, not only as the last; `journalist` and `outlet`: whom the
    proceeding or one of its incidents concerns; `institution`: in charge, or took one of its steps.
    """

    q: str = free_text()
    direction: codes.ProceedingDirection | None = code(
        codes.ProceedingDirection, lazy("Direction"), column="direction"
    )
    kind: codes.ProceedingKind | None = code(codes.ProceedingKind, lazy("Kind"), column="kind")
    step: codes.StepOfProceeding | None = code(
        codes.StepOfProceeding, lazy("Step taken"), says=lazy("step taken: %(step)s")
    )
    country: str = country(column="country")
    journalist: str = ref("JRN", lazy("Journalist"), says=lazy("concerning %(name)s"))
    outlet: str = ref("OUT", lazy("Outlet"), says=lazy("concerning %(name)s"))
    institution: str = ref("INS", lazy("Institution"), says=lazy("by %(name)s"))

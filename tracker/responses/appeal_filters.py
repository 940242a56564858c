"""The filter of the list of appeals, as addresses carry it and as headings say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.i18n import _, country_name, format_date, language
from tracker.responses.codes import AppealKind, AppealOutcome, AppealSender
from tracker.vocabulary.labels import label
from tracker.web.filters import (
    all_at_once,
    code_in,
    country_in,
    days_in,
    ref_in,
    refuse_unknown,
    words_in,
    yes_in,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

PARAMETERS = (
    "q", "institution", "country", "sender", "kind", "outcome", "overdue", "unrecorded",
    "from", "to",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealFilter:
    """Which appeals are asked for; whatever is empty asks for nothing.

    `country` is that of the institution asked; `overdue`: only those whose day has passed without
    an answer; `unrecorded`: only those that were answered or passed on by nothing on record.
    """

    q: str = ""
    institution: str = ""
    country: str = ""
    sender: AppealSender | None = None
    kind: AppealKind | None = None
    outcome: AppealOutcome | None = None
    overdue: bool = False
    unrecorded: bool = False
    earliest: date | None = None
    latest: date | None = None

    @classmethod
    @all_at_once
    def from_args(cls, args: Mapping[str, str]) -> AppealFilter:
        """Read the values of an address; raise BadQuery for one that does not exist."""
        refuse_unknown(args, PARAMETERS)
        earliest, latest = days_in(args)
        return cls(
            q=words_in(args, "q"),
            institution=ref_in(args, "institution", "INS"),
            country=country_in(args),
            sender=code_in(args, "sender", AppealSender),
            kind=code_in(args, "kind", AppealKind, label=_("What was sent or said")),
            outcome=code_in(args, "outcome", AppealOutcome),
            overdue=yes_in(args, "overdue"),
            unrecorded=yes_in(args, "unrecorded"),
            earliest=earliest,
            latest=latest,
        )

    def to_args(self) -> dict[str, str]:
        """Return the values for links, without those that are empty."""
        values = {
            "q": self.q,
            "institution": self.institution,
            "country": self.country,
            "sender": self.sender or "",
            "kind": self.kind or "",
            "outcome": self.outcome or "",
            "overdue": "yes" if self.overdue else "",
            "unrecorded": "yes" if self.unrecorded else "",
            "from": self.earliest.isoformat() if self.earliest else "",
            "to": self.latest.isoformat() if self.latest else "",
        }
        return {name: str(value) for name, value in values.items() if value}

    def describe(self, *, institution: str = "") -> str:
        """Return the filter in words, "" where nothing is asked for; a name stands for the ref."""
        asked = institution or self.institution
        said = [
            _("with the words “%(words)s”", words=self.q) if self.q else "",
            _("to %(name)s", name=asked) if self.institution else "",
            country_name(self.country) if self.country else "",
            _("by %(name)s", name=label(self.sender, language())) if self.sender else "",
            label(self.kind, language()) if self.kind else "",
            label(self.outcome, language()) if self.outcome else "",
            _("overdue") if self.overdue else "",
            _("answered or passed on, no response that you may see") if self.unrecorded else "",
            _("from %(day)s", day=format_date(self.earliest)) if self.earliest else "",
            _("until %(day)s", day=format_date(self.latest)) if self.latest else "",
        ]
        return ", ".join(one for one in said if one)

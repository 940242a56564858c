"""The filters of the lists of responses, appeals and proceedings, as addresses carry them and as
headings say them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.i18n import _, country_name, format_date, language
from tracker.responses.codes import (
    AppealKind,
    AppealOutcome,
    AppealSender,
    ProceedingDirection,
    ProceedingKind,
    Stance,
    Standing,
    StepOfProceeding,
)
from tracker.vocabulary.labels import label
from tracker.web.filters import (
    all_at_once,
    code_in,
    country_in,
    days_in,
    months_in,
    ref_in,
    refuse_unknown,
    words_in,
    yes_in,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from tracker.dates import Months

APPEAL_PARAMETERS = (
    "q", "institution", "country", "sender", "kind", "outcome", "overdue", "unrecorded",
    "from", "to",
)  # fmt: skip
PROCEEDING_PARAMETERS = (
    "q", "direction", "kind", "step", "country", "journalist", "outlet", "institution",
)  # fmt: skip
RESPONSE_PARAMETERS = (
    "q", "institution", "country", "standing", "stance", "from", "to", "counted", "shared",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFilter:
    """Which responses are asked for; whatever is empty asks for nothing.

    `country` is that of the institution; `stance` is the primary one or any other;
    `counted` asks for those that figures of some months count, `shared` for what everybody sees.
    """

    q: str = ""
    institution: str = ""
    country: str = ""
    standing: Standing | None = None
    stance: Stance | None = None
    earliest: date | None = None
    latest: date | None = None
    counted: Months | None = None
    shared: bool = False

    @classmethod
    @all_at_once
    def from_args(cls, args: Mapping[str, str]) -> ResponseFilter:
        """Read the values of an address; raise BadQuery for one that does not exist."""
        refuse_unknown(args, RESPONSE_PARAMETERS)
        country = country_in(args)
        earliest, latest = days_in(args)
        return cls(
            q=words_in(args, "q"),
            institution=ref_in(args, "institution", "INS"),
            country=country,
            standing=code_in(args, "standing", Standing),
            stance=code_in(args, "stance", Stance),
            earliest=earliest,
            latest=latest,
            counted=months_in(args, "counted"),
            shared=yes_in(args, "shared"),
        )

    def to_args(self) -> dict[str, str]:
        """Return the values for links, without those that are empty."""
        values = {
            "q": self.q,
            "institution": self.institution,
            "country": self.country,
            "standing": self.standing or "",
            "stance": self.stance or "",
            "from": self.earliest.isoformat() if self.earliest else "",
            "to": self.latest.isoformat() if self.latest else "",
            "counted": self.counted or "",
            "shared": "yes" if self.shared else "",
        }
        return {name: str(value) for name, value in values.items() if value}

    def describe(self, *, institution: str = "") -> str:
        """Return the filter in words, "" where nothing is asked for; a name stands for the ref."""
        by = institution or self.institution
        said = [
            _("with the words “%(words)s”", words=self.q) if self.q else "",
            _("by %(name)s", name=by) if self.institution else "",
            country_name(self.country) if self.country else "",
            label(self.standing, language()) if self.standing else "",
            _("stance: %(stance)s", stance=label(self.stance, language())) if self.stance else "",
            _("from %(day)s", day=format_date(self.earliest)) if self.earliest else "",
            _("until %(day)s", day=format_date(self.latest)) if self.latest else "",
            _("counted in: %(month)s", month=self.counted.in_words()) if self.counted else "",
            _("only what everybody may see") if self.shared else "",
        ]
        return ", ".join(one for one in said if one)


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
        refuse_unknown(args, APPEAL_PARAMETERS)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProceedingFilter:
    """Which proceedings are asked for; whatever is empty asks for nothing.

    `step`: one that was taken, whatever came after it; `journalist` and `outlet`: whom the
    proceeding, or an incident that it is about, concerns; `institution`: the body that runs it, or
    took one of its steps.
    """

    q: str = ""
    direction: ProceedingDirection | None = None
    kind: ProceedingKind | None = None
    step: StepOfProceeding | None = None
    country: str = ""
    journalist: str = ""
    outlet: str = ""
    institution: str = ""

    @classmethod
    @all_at_once
    def from_args(cls, args: Mapping[str, str]) -> ProceedingFilter:
        """Read the values of an address; raise BadQuery for one that does not exist."""
        refuse_unknown(args, PROCEEDING_PARAMETERS)
        return cls(
            q=words_in(args, "q"),
            direction=code_in(args, "direction", ProceedingDirection),
            kind=code_in(args, "kind", ProceedingKind),
            step=code_in(args, "step", StepOfProceeding),
            country=country_in(args),
            journalist=ref_in(args, "journalist", "JRN"),
            outlet=ref_in(args, "outlet", "OUT"),
            institution=ref_in(args, "institution", "INS"),
        )

    def to_args(self) -> dict[str, str]:
        """Return the values for links, without those that are empty."""
        values = {name: getattr(self, name) or "" for name in PROCEEDING_PARAMETERS}
        return {name: str(value) for name, value in values.items() if value}

    def describe(self, names: Mapping[str, str]) -> str:
        """Return the filter in words, "" where nothing is asked for; `names`, by the parameter,
        stand for the refs.
        """
        by = names.get("institution", self.institution)
        whom = {name: names.get(name, getattr(self, name)) for name in ("journalist", "outlet")}
        said = [
            _("with the words “%(words)s”", words=self.q) if self.q else "",
            label(self.direction, language()) if self.direction else "",
            label(self.kind, language()) if self.kind else "",
            _("step taken: %(step)s", step=label(self.step, language())) if self.step else "",
            country_name(self.country) if self.country else "",
            *(_("concerning %(name)s", name=name) for name in whom.values() if name),
            _("by %(name)s", name=by) if self.institution else "",
        ]
        return ", ".join(one for one in said if one)

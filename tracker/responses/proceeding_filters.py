"""The filter of the list of proceedings, as addresses carry it and as the heading says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.i18n import _, country_name, language
from tracker.responses.codes import ProceedingDirection, ProceedingKind, StepOfProceeding
from tracker.vocabulary.labels import label
from tracker.web.filters import all_at_once, code_in, country_in, ref_in, refuse_unknown, words_in

if TYPE_CHECKING:
    from collections.abc import Mapping

PARAMETERS = (
    "q", "direction", "kind", "step", "country", "journalist", "outlet", "institution",
)  # fmt: skip


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
        refuse_unknown(args, PARAMETERS)
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
        values = {name: getattr(self, name) or "" for name in PARAMETERS}
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

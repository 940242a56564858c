"""The filter of the list of proceedings, as addresses carry it and as the heading says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.i18n import _, country_name, language
from tracker.responses.codes import ProceedingDirection, ProceedingKind, StepOfProceeding
from tracker.vocabulary.labels import label
from tracker.web.filters import code_in, country_in, ref_in, refuse_unknown, words_in

if TYPE_CHECKING:
    from collections.abc import Mapping

PARAMETERS = ("q", "direction", "kind", "step", "country", "institution")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProceedingFilter:
    """Which proceedings are asked for; whatever is empty asks for nothing.

    `step`: one that was taken, whatever came after it; `institution`: the body that runs the
    proceeding, or took one of its steps.
    """

    q: str = ""
    direction: ProceedingDirection | None = None
    kind: ProceedingKind | None = None
    step: StepOfProceeding | None = None
    country: str = ""
    institution: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> ProceedingFilter:
        """Read the values of an address; raise BadQuery for one that does not exist."""
        refuse_unknown(args, PARAMETERS)
        return cls(
            q=words_in(args, "q"),
            direction=code_in(args, "direction", ProceedingDirection),
            kind=code_in(args, "kind", ProceedingKind),
            step=code_in(args, "step", StepOfProceeding),
            country=country_in(args),
            institution=ref_in(args, "institution", "INS"),
        )

    def to_args(self) -> dict[str, str]:
        """Return the values for links, without those that are empty."""
        values = {name: getattr(self, name) or "" for name in PARAMETERS}
        return {name: str(value) for name, value in values.items() if value}

    def describe(self, *, institution: str = "") -> str:
        """Return the filter in words, "" where nothing is asked for; a name stands for the ref."""
        by = institution or self.institution
        said = [
            _("with the words “%(words)s”", words=self.q) if self.q else "",
            label(self.direction, language()) if self.direction else "",
            label(self.kind, language()) if self.kind else "",
            _("step taken: %(step)s", step=label(self.step, language())) if self.step else "",
            country_name(self.country) if self.country else "",
            _("by %(name)s", name=by) if self.institution else "",
        ]
        return ", ".join(one for one in said if one)

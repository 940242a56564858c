"""The filter of the list of open cases, as addresses carry it and its heading says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.cases.codes import Accountability
from tracker.i18n import _, language
from tracker.vocabulary.labels import label
from tracker.web.filters import all_at_once, code_in, refuse_unknown, yes_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tracker.timelines.open_cases import OpenCase

PARAMETERS = ("step", "silent")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCaseFilter:
    """Which cases are asked for: those at a step, those that nobody answered, or all."""

    step: Accountability | None = None
    silent: bool = False

    @classmethod
    @all_at_once
    def from_args(cls, args: Mapping[str, str]) -> OpenCaseFilter:
        """Read the values of an address; raise BadQuery for one that does not exist."""
        refuse_unknown(args, PARAMETERS)
        step = code_in(args, "step", Accountability, label=_("Accountability"))
        return cls(step=step, silent=yes_in(args, "silent"))

    def to_args(self) -> dict[str, str]:
        """Return the values for links, without those that are empty."""
        values = {"step": str(self.step or ""), "silent": "yes" if self.silent else ""}
        return {name: value for name, value in values.items() if value}

    def let_through(self, cases: Iterable[OpenCase]) -> list[OpenCase]:
        """Return the cases asked for, in their order."""
        return [
            one
            for one in cases
            if self.step in {None, one.step} and (one.silence or not self.silent)
        ]

    def describe(self) -> str:
        """Return the filter in words, "" where nothing is asked for."""
        said = [
            label(self.step, language()) if self.step else "",
            str(_("without any response")) if self.silent else "",
        ]
        return ", ".join(one for one in said if one)

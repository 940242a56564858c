"""Marks of clocks and the steps of the ladder, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.cases.codes import Accountability
from tracker.dates import bounds_words
from tracker.i18n import _

if TYPE_CHECKING:
    from tracker.timelines.clocks import Mark


def mark_words(mark: Mark) -> str:
    """Return a day between bounds in words."""
    return bounds_words(mark.earliest, mark.latest)


def step_words() -> list[tuple[Accountability, str]]:
    """Return for each step of the ladder by what a case reaches it."""
    words = {
        Accountability.NO_RESPONSE: _("Nothing is on record that counts as an answer."),
        Accountability.STATEMENTS_ONLY: _(
            "Any answer that reaches no other step: words, a promise, a report taken in, a block."
        ),
        Accountability.INVESTIGATION_ANNOUNCED: _("Somebody in authority says so."),
        Accountability.INVESTIGATION_REGISTERED: _(
            "An investigation is opened, somebody is searched, or it is suspended."
        ),
        Accountability.SUSPECTS_OR_CHARGES: _("A suspect, an arrest, a restraint or a charge."),
        Accountability.TRIAL: _("A trial, or a verdict without a sentence on record."),
        Accountability.PARTIAL_JUSTICE: _("A sentence, or treatment ordered by a court."),
        Accountability.FULL_JUSTICE: _("Set by hand alone: all who are guilty were convicted."),
        Accountability.COMPLETE_IMPUNITY: _("Set by hand alone: nobody will be convicted."),
        Accountability.CLOSED_WITHOUT_RESULT: _(
            "Every file was refused or closed, and nothing was registered since."
        ),
        Accountability.JUSTICE_DISPUTED: _("A judgment was quashed."),
    }
    return [(step, str(words[step])) for step in Accountability]

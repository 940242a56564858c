"""When an appeal is overdue, and valid combinations of its values."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tracker.i18n import _
from tracker.responses.codes import AppealOutcome

if TYPE_CHECKING:
    from tracker.responses.models import Appeal
    from tracker.when import When


def days_overdue(appeal: Appeal, today: date) -> int:
    """Return how many days have passed since an answer was due, 0 if none is awaited."""
    waits = appeal.outcome is AppealOutcome.PENDING and not appeal.is_retracted
    if not waits or appeal.due_on is None:
        return 0
    return max((today - appeal.due_on).days, 0)


def days_late(appeal: Appeal) -> int:
    """Return by how many days the answer was late, at least; 0 if it is not known to be late."""
    if appeal.due_on is None or appeal.answer is None:
        return 0
    return max((appeal.answer.when.earliest - appeal.due_on).days, 0)


def unrecorded_outcome_label(outcome: AppealOutcome) -> str:
    """Return the label of an outcome that has no recorded response."""
    if outcome is AppealOutcome.REFERRED:
        return str(_("said to be passed on, but no answer that you may see is on record"))
    return str(_("said to be answered, but no answer that you may see is on record"))


def is_due_before_sent(due_on: date, sent: When) -> bool:
    """Return whether an answer would be due before the appeal can have been sent."""
    return due_on < sent.earliest


def is_answer_too_early(made: When, sent: When) -> bool:
    """Return whether a response was certainly made before the appeal was sent."""
    return made.latest < sent.earliest

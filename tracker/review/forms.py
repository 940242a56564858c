"""What a decision on a record asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.i18n import language, lazy
from tracker.review.codes import RetractReason
from tracker.vocabulary.labels import label
from tracker.web.forms import CodeField, LongTextField, VersionedForm

if TYPE_CHECKING:
    from tracker.review.models import Reviewable

LONGEST_NOTE = 2000


class DecisionForm(VersionedForm):
    """A word with the decision; it is on the version that was read."""

    note = LongTextField(lazy("Note to the author"), most=LONGEST_NOTE)

    def show(self, record: Reviewable) -> None:
        """Fill the form with the version that is read and the last note."""
        self.version.data = str(record.version)
        self.note.data = record.review_note


class RetractForm(DecisionForm):
    """Why a record no longer counts; its note stands on the page beside that of the decision."""

    reason = CodeField(
        lazy("Why it does not count"), RetractReason, words=lambda code: label(code, language())
    )
    note = LongTextField(lazy("Note for the history"), most=LONGEST_NOTE, id="retract-note")

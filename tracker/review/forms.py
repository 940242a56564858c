"""What a decision on a record asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.i18n import lazy
from tracker.web.forms import LongTextField, VersionedForm

if TYPE_CHECKING:
    from tracker.review.models import Reviewable


class DecisionForm(VersionedForm):
    """A word with the decision; it is on the version that was read."""

    note = LongTextField(lazy("Note to the author"), most=2000)

    def show(self, record: Reviewable) -> None:
        """Fill the form with the version that is read and the last note."""
        self.version.data = str(record.version)
        self.note.data = record.review_note

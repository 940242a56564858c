"""The button that publishes a month, and the fields of its commentary."""

from __future__ import annotations

from wtforms import HiddenField

from tracker.i18n import lazy
from tracker.reports.monthly.models import MonthlyText
from tracker.reports.monthly.service import PARTS, visible_parts
from tracker.web.forms import LongTextField, TrackerForm, VersionedForm


class PublishMonthForm(TrackerForm):
    """Publishes exactly the figures that were on the page."""

    # Their digest.
    read = HiddenField()


class MonthlyTextForm(VersionedForm):
    """The commentary on a month, in three parts."""

    # The audit log has only digests.
    IN_HISTORY = False

    summary = LongTextField(lazy("The month in short"), most=4000)
    on_incidents = LongTextField(lazy("On the incidents"), most=8000)
    on_responses = LongTextField(lazy("On what the authorities answered"), most=8000)

    def populate(self, record: MonthlyText) -> None:
        """Fill the form with the visible text, and the version."""
        self.version.data = str(record.version)
        shown = visible_parts(record)
        for part in PARTS:
            self[part].data = shown.get(part, "")

    def words(self) -> dict[str, str]:
        """Return the submitted text, by part."""
        return {
            "summary": self.summary.data or "",
            "on_incidents": self.on_incidents.data or "",
            "on_responses": self.on_responses.data or "",
        }

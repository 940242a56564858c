"""The form for saving an export."""

from __future__ import annotations

from tracker.i18n import lazy
from tracker.reports.models import LONGEST_SAVED_NAME
from tracker.web.forms import TextField, TrackerForm


class SavedExportForm(TrackerForm):
    """Saves the current options under a name, or deletes saved ones."""

    name = TextField(lazy("Name of the choice"), most=LONGEST_SAVED_NAME, needed=True)

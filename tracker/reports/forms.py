"""The name under which a choice is kept."""

from __future__ import annotations

from tracker.i18n import lazy
from tracker.reports.models import LONGEST_SAVED_NAME
from tracker.web.forms import TextField, TrackerForm


class SavedExportForm(TrackerForm):
    """Keeps what the page shows under a name, or lets go of what has that name."""

    name = TextField(lazy("Name of the choice"), most=LONGEST_SAVED_NAME, needed=True)

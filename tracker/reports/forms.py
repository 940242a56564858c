"""The name under which a choice is kept."""

from __future__ import annotations

from tracker.i18n import lazy
from tracker.reports.choice_models import LONGEST_NAME
from tracker.web.forms import TextField, TrackerForm


class ChoiceForm(TrackerForm):
    """Keeps what the page shows under a name, or lets go of what has that name."""

    name = TextField(lazy("Name of the choice"), most=LONGEST_NAME, needed=True)

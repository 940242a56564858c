"""What is asked of people who sign in."""

from __future__ import annotations

from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from tracker.i18n import lazy
from tracker.web.forms import TextField, TrackerForm


class SignInForm(TrackerForm):
    """Name and password; the refusal never says which of the two was wrong."""

    username = TextField(lazy("User name"), most=80, needed=True)
    # An endless password would only cost hashing time.
    password = PasswordField(lazy("Password"), validators=[InputRequired(), Length(max=500)])

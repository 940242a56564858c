"""The forms of bulk actions, which carry what their page announced."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import DateField, HiddenField
from wtforms.validators import InputRequired, Optional

from tracker.bulk.queries import MOST_CHANGED
from tracker.cases.models import Case
from tracker.i18n import country_names, lazy
from tracker.records import Record
from tracker.users.models import User
from tracker.web import forms


class BulkForm(forms.TrackerForm):
    """The records that will be changed, each in the version that was shown."""

    records = HiddenField()

    def announce(self, records: Iterable[Record]) -> None:
        """Store the records that the page lists as those to be changed."""
        self.records.data = " ".join(f"{one.ref}:{one.version}" for one in records)

    def versions(self) -> dict[str, str]:
        """Return the version in which each record was announced, by ref."""
        pairs = (one.partition(":") for one in (self.records.data or "").split())
        found = {ref: version for ref, _colon, version in pairs}
        # No page of ours announces more.
        return found if len(found) <= MOST_CHANGED else {}


class AssignForm(BulkForm):
    """What somebody is asked to do about each record."""

    assigned_to = forms.ChoiceField(
        lazy("Assign to"), choices=[], default="", validators=[InputRequired()]
    )
    due_on = DateField(lazy("Due date"), validators=[Optional()])
    comment = forms.LongTextField(lazy("Comment"), most=4000, needed=True)

    def set_choices(self, people: Iterable[User]) -> None:
        """Offer the users who see all of the records."""
        self.assigned_to.choices = [("", "—"), *((one.name, one.name) for one in people)]


class CaseForm(BulkForm):
    """The case in which the records are filed: an existing one, or a new one titled here."""

    case = forms.ChoiceField(lazy("Case"), default="")
    title = forms.TextField(lazy("Title of the new case"), most=300)
    country = forms.ChoiceField(
        lazy("Country of the new case"),
        choices=lambda: [("", "—"), *country_names()],
        default="",
    )

    def set_choices(self, cases: Iterable[Case]) -> None:
        """Offer these cases."""
        named = [(one.ref, f"{one.title} ({one.ref})") for one in cases]
        self.case.choices = [("", str(lazy("A new case, titled below"))), *named]

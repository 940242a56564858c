"""Forms of bulk actions, which contain the records that were previewed."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import DateField, HiddenField
from wtforms.validators import InputRequired, Optional

from tracker.bulk.queries import MAX_RECORDS_PER_SAVE
from tracker.cases.models import Case
from tracker.i18n import country_names, lazy
from tracker.records import Record
from tracker.users.models import User
from tracker.web import forms


class BulkForm(forms.TrackerForm):
    """A form of a bulk action: the previewed records, each with its version."""

    records = HiddenField()

    def set_records(self, records: Iterable[Record]) -> None:
        """Set the previewed records and their versions."""
        self.records.data = " ".join(f"{one.ref}:{one.version}" for one in records)

    def versions_by_ref(self) -> dict[str, str]:
        """Return the versions of the previewed records by ref; {} if there are more records than
        one save may change.
        """
        pairs = (one.partition(":") for one in (self.records.data or "").split())
        found = {ref: version for ref, _colon, version in pairs}
        # No preview has more records.
        return found if len(found) <= MAX_RECORDS_PER_SAVE else {}


class AssignForm(BulkForm):
    """A form to assign the records: to whom, until when, and what to do."""

    assigned_to = forms.ChoiceField(
        lazy("Assign to"), choices=[], default="", validators=[InputRequired()]
    )
    due_on = DateField(lazy("Due date"), validators=[Optional()])
    comment = forms.LongTextField(lazy("Comment"), most=4000, needed=True)

    def set_choices(self, people: Iterable[User]) -> None:
        """Set the users who can see all of the records as choices."""
        self.assigned_to.choices = [("", "—"), *((one.name, one.name) for one in people)]


class CaseForm(BulkForm):
    """A form to file the records in a case: an existing one, or a new one titled here."""

    case = forms.ChoiceField(lazy("Case"), default="")
    title = forms.TextField(lazy("Title of the new case"), most=300)
    country = forms.ChoiceField(
        lazy("Country of the new case"),
        choices=lambda: [("", "—"), *country_names()],
        default="",
    )

    def set_choices(self, cases: Iterable[Case]) -> None:
        """Set these cases, and a new case, as choices."""
        named = [(one.ref, f"{one.title} ({one.ref})") for one in cases]
        self.case.choices = [("", str(lazy("A new case, titled below"))), *named]

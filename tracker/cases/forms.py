"""Forms for a case, its links, its references, and its records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from wtforms import HiddenField, ValidationError

from tracker.cases.codes import Accountability, CaseLinkKind, Lifecycle
from tracker.cases.models import Case
from tracker.config import MAX_MAIL_ADDRESS_LENGTH, is_mail_address
from tracker.errors import InvalidInput
from tracker.i18n import _, country_choices, lazy
from tracker.kit.forms import TeamField, code_input
from tracker.permissions import Visibility
from tracker.records import Record
from tracker.users.models import User
from tracker.web import forms

MAX_SUMMARY_LENGTH = 20_000  # characters


class NewCaseForm(forms.TrackerForm):
    """The form of a new case without records."""

    title = forms.TextField(lazy("Title"), max_length=300, required=True)
    country = forms.ChoiceField(lazy("Country"), choices=country_choices, default="")
    summary = forms.LongTextField(lazy("Summary"), max_length=MAX_SUMMARY_LENGTH)
    visibility = code_input(lazy("Who can see it"), Visibility, default=Visibility.RESTRICTED.value)
    team = TeamField(lazy("Team"))


class EditCaseForm(forms.VersionedForm):
    """The form that edits the details of a case."""

    LINKED_FIELD_GROUPS = (("accountability", "accountability_reason"),)

    title = forms.TextField(lazy("Title"), max_length=300, required=True)
    country = forms.ChoiceField(lazy("Country"), choices=country_choices, default="")
    summary = forms.LongTextField(lazy("Summary"), max_length=MAX_SUMMARY_LENGTH)
    lead = forms.ChoiceField(lazy("Lead"))
    lifecycle = code_input(lazy("Status"), Lifecycle)
    accountability = code_input(
        lazy("Accountability, set by hand"),
        Accountability,
        blank=lazy("as it follows from the record"),
    )
    accountability_reason = forms.TextField(
        lazy("Reason"),
        max_length=500,
        description=lazy("Needed where accountability is set by hand."),
    )

    def set_choices(self, case: Case, people: Iterable[User]) -> None:
        """Set the users who can be chosen to lead the case: `people` and the current lead."""
        self._people = {person.name: person for person in [*people, case.lead] if person}
        self.lead.choices = [("", "—"), *((name, name) for name in sorted(self._people))]

    def chosen_lead(self) -> User | None:
        """Return the chosen lead, None if there is none."""
        return self._people.get(self.lead.data or "")

    def populate(self, record: Case) -> None:
        """Fill the form with the stored values."""
        self.version.data = str(record.version)
        self.title.data, self.summary.data = record.title, record.summary
        self.country.data = record.country
        self.lead.data = record.lead.name if record.lead else ""
        self.lifecycle.data = record.lifecycle.value
        self.accountability.data = record.accountability.value if record.accountability else ""
        self.accountability_reason.data = record.accountability_reason


class FilingForm(forms.TrackerForm):
    """The form that files records in an existing case or a new one."""

    records = forms.ChoicesField(lazy("Records"))
    case = forms.ChoiceField(lazy("Case"), default="")
    title = forms.TextField(lazy("Title of the new case"), max_length=300)
    country = forms.ChoiceField(
        lazy("Country of the new case"), choices=country_choices, default=""
    )

    def set_choices(self, records: Sequence[Record], cases: Iterable[Case]) -> None:
        """Set the records and the cases to choose from; `offered_case_refs` then has the refs of
        the cases.
        """
        self.records.choices = [(record.ref, record.heading) for record in records]
        named = {case.ref: f"{case.title} ({case.ref})" for case in cases}
        self.offered_case_refs = frozenset(named)
        self.case.choices = [("", str(lazy("A new case, titled below"))), *named.items()]


class AddRecordForm(forms.PartForm):
    """The form that files one record, given by its ref."""

    record = forms.TextField(
        lazy("Ref of an incident, fake account, response, appeal or proceeding"),
        max_length=forms.MAX_REF_LENGTH,
        required=True,
    )


class CaseLinkForm(forms.PartForm):
    """The form that links this case to another."""

    kind = code_input(lazy("This case"), CaseLinkKind)
    other = forms.TextField(
        lazy("Ref of the other case"),
        max_length=forms.MAX_REF_LENGTH,
        required=True,
        description=lazy("CAS-…"),
    )


class CaseReferenceForm(forms.PartForm):
    """The form that adds the identifier of the case in an external list."""

    scheme = forms.TextField(
        lazy("List"), max_length=40, required=True, description=lazy("CPJ, MFRR, UN, Wikidata …")
    )
    identifier = forms.TextField(lazy("Number there"), max_length=200, required=True)
    url = forms.TextField(lazy("Web address"), max_length=2000)


class LifecycleForm(forms.PartForm):
    """The form that sets the status of a case."""

    lifecycle = code_input(lazy("Status"), Lifecycle)


class MarkReadForm(forms.TrackerForm):
    """The button that marks followed records as read, up to the newest change on the page."""

    until = HiddenField(lazy("Read up to"))

    def parse_until(self) -> datetime:
        """Return the moment up to which changes are marked as read.

        Raises InvalidInput if the field holds no moment.
        """
        try:
            return datetime.fromisoformat(self.until.data or "").astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise InvalidInput(
                until=_("Open the page again, and press the button there.")
            ) from error


class MailForm(forms.TrackerForm):
    """The form of the address to which mail about changes in followed records is sent."""

    mail_address = forms.TextField(
        lazy("E-mail address"),
        max_length=MAX_MAIL_ADDRESS_LENGTH,
        description=lazy("Leave it empty to get no mail."),
    )

    def validate_mail_address(self, field: forms.TextField) -> None:
        """Raise ValidationError unless the field is empty or holds one mail address."""
        if field.data and not is_mail_address(field.data):
            raise ValidationError(_("Write one address, such as name@example.org."))


class RecordButtonForm(forms.PartForm):
    """A button beside one record of a case. It removes the record from the case, or makes the case
    the main case of the record.
    """

    what = forms.TextField(lazy("What"), max_length=forms.MAX_REF_LENGTH, required=True)


class ShareCaseForm(forms.PartForm):
    """The button that shares a case and the records listed on the page with all users."""

    # The user must have read the list of records that would be shared.
    CAN_OVERWRITE = False

    refs = forms.ChoicesField(lazy("Records"), validate_choice=False, choices=list)

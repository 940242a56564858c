"""Forms for journalists, outlets and institutions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from wtforms import BooleanField

from tracker.errors import InvalidInput
from tracker.i18n import country_choices, lazy
from tracker.kit.forms import DeclaredFieldsForm, code_input, field_values, populate_fields
from tracker.people.codes import NameKind
from tracker.people.models import Institution, Journalist, Outlet
from tracker.permissions import Visibility
from tracker.web import forms

MAX_NOTES_LENGTH = 5000  # characters
# The result of the function that `run_with_errors_at_name_input` calls.
ResultType = TypeVar("ResultType")


class NamedRecordFields(DeclaredFieldsForm):
    """The base class of the forms of journalists, outlets and institutions: a country, and the
    fields that are declared on the model.
    """

    country = forms.ChoiceField(lazy("Country"))

    def __init__(self, **kw: Any) -> None:  # noqa: ANN401 (WTForms options)
        super().__init__(**kw)
        self.country.choices = country_choices()

    def ordered_fields(self) -> list[Any]:
        """Return the fields except the name, in the order in which the page shows them."""
        return [*self.declared_fields(), self.country]

    def submitted_values(self) -> dict[str, Any]:
        """Return the submitted values except the name, as keyword arguments of the services."""
        return field_values(self.ordered_fields()) | {"country": self.country.data or None}


class NewNamedRecordForm(NamedRecordFields):
    """A form for a new record, whose name field may choose an existing record instead."""

    who = forms.NameField(lazy("Name"))


class EditNamedRecordForm(NamedRecordFields, forms.VersionedForm):
    """A form to edit a record. Its former main name is kept among the names unless the change is
    only a correction of its spelling.
    """

    LINKED_FIELD_GROUPS = (("name", "is_correction"),)

    name = forms.TextField(lazy("Name"), max_length=200, required=True)
    is_correction = BooleanField(
        lazy("Only a spelling correction: do not keep the name before as a former one")
    )

    def populate(self, record: Journalist | Outlet | Institution) -> None:
        """Fill the form with the stored values and version."""
        self.version.data = str(record.version)
        self.name.data = record.name
        populate_fields(self.ordered_fields(), record)


class InstitutionFields(NamedRecordFields):
    """The form fields of an institution."""

    MODEL, SECTION = Institution, "details"


class NewInstitutionForm(NewNamedRecordForm, InstitutionFields):
    """A form for a new institution."""


class InstitutionForm(EditNamedRecordForm, InstitutionFields):
    """A form to edit an institution."""


class JournalistFields(NamedRecordFields):
    """The form fields of a journalist."""

    MODEL, SECTION = Journalist, "details"

    notes = forms.LongTextField(lazy("Notes"), max_length=MAX_NOTES_LENGTH)
    visibility = code_input(lazy("Who can see this"), Visibility, default=Visibility.RESTRICTED)

    def ordered_fields(self) -> list[Any]:
        """Return the fields except the name, in the order in which the page shows them."""
        return [*super().ordered_fields(), self.notes, self.visibility]


class NewJournalistForm(NewNamedRecordForm, JournalistFields):
    """A form for a new journalist."""


class JournalistForm(EditNamedRecordForm, JournalistFields):
    """A form to edit a journalist."""


class OutletFields(NamedRecordFields):
    """The form fields of an outlet."""

    MODEL, SECTION = Outlet, "details"

    domains = forms.LongTextField(
        lazy("Domains"), max_length=2000, description=lazy("One per line, without www: orda.kz")
    )
    channels = forms.LongTextField(
        lazy("Channels"), max_length=4000, description=lazy("One per line: https://t.me/name")
    )
    notes = forms.LongTextField(lazy("Notes"), max_length=MAX_NOTES_LENGTH)
    visibility = code_input(lazy("Who can see this"), Visibility, default=Visibility.RESTRICTED)

    def ordered_fields(self) -> list[Any]:
        """Return the fields except the name, in the order in which the page shows them."""
        own = [self.country, self.domains, self.channels]
        return [*own, *self.declared_fields(), self.notes, self.visibility]


class NewOutletForm(NewNamedRecordForm, OutletFields):
    """A form for a new outlet."""


class OutletForm(EditNamedRecordForm, OutletFields):
    """A form to edit an outlet."""


class NameVariantForm(forms.PartForm):
    """A form for another name of a record, as sources use it."""

    name = forms.TextField(lazy("Another name"), max_length=200, required=True)
    kind = code_input(lazy("Kind of name"), NameKind, default=NameKind.OTHER)


class ReferenceForm(forms.PartForm):
    """A form for the identifier of a record in an external list."""

    scheme = forms.TextField(
        lazy("List"), max_length=40, required=True, description=lazy("CPJ, MFRR, UN, Wikidata …")
    )
    identifier = forms.TextField(lazy("Identifier there"), max_length=200, required=True)
    url = forms.TextField(lazy("Address"), max_length=2000)


class AffiliationForm(forms.PartForm):
    """A form for an outlet for which a journalist works or worked."""

    outlet = forms.NameField(lazy("Outlet"))
    position = forms.TextField(lazy("Position"), max_length=120)
    period = forms.WhenField(lazy("Period"))


def run_with_errors_at_name_input(function: Callable[[], ResultType]) -> ResultType:
    """Call a function and return its result. If it raises InvalidInput with a message at `name`, as
    services do, raise it with that message at `who-name`: the input of the name in these forms.
    """
    try:
        return function()
    except InvalidInput as error:
        fields = {("who-name" if at == "name" else at): said for at, said in error.fields.items()}
        raise InvalidInput(**fields) from error

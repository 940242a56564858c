"""Small forms that features share: taking a row out, naming an incident, opening a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wtforms import BooleanField, HiddenField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from tracker.errors import InvalidInput
from tracker.i18n import lazy
from tracker.web.forms import ChoiceField, TextField, TrackerForm
from tracker.web.versioned_forms import PartForm

if TYPE_CHECKING:
    from collections.abc import Iterable

# The widest number of a row that both databases hold.
LARGEST_ID = 2**31 - 1
LONGEST_REF = 14


class SureField(BooleanField):
    """A tick by which somebody says that what looks wrong is right; `sure_box` of macros/forms.html
    shows it once it was asked for.
    """

    is_asked = False

    def ask(self, **doubts: str) -> None:
        """Raise InvalidInput with what is doubtful, unless the box is ticked."""
        self.is_asked = True
        if not self.data:
            raise InvalidInput(**doubts)


class RemoveForm(PartForm):
    """A button beside one row of a record; the number travels in the form, never in an address."""

    number = IntegerField(
        lazy("Number"), validators=[InputRequired(), NumberRange(min=1, max=LARGEST_ID)]
    )


class AsReadForm(PartForm):
    """A button for exactly what stood on the page, and never for what nobody has read."""

    MAY_INSIST = False


class IncidentForm(PartForm):
    """An incident that belongs to the record: one of the same sources, or any by its ref."""

    incident = ChoiceField(lazy("An incident of the same sources"), default="")
    other = TextField(
        lazy("or another one"), most=LONGEST_REF, description=lazy("The ref of the incident: INC-…")
    )

    def offer(self, incidents: Iterable[Any]) -> None:
        """Offer the incidents that cite the same articles."""
        named = [(one.ref, one.heading()) for one in incidents]
        self.incident.choices = [("", "—"), *named]

    def wanted(self) -> str:
        """Return the ref that was typed or chosen."""
        return self.other.data or self.incident.data or ""


class WidenForm(TrackerForm):
    """The refs that were listed before the button."""

    refs = HiddenField()

    def named(self) -> list[str]:
        """Return the refs one by one."""
        return (self.refs.data or "").split()

    def show(self, records: Iterable[Any]) -> None:
        """Note what is listed."""
        self.refs.data = " ".join(one.ref for one in records)

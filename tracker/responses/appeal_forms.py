"""Forms for an appeal, and its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms import DateField
from wtforms.validators import Optional

from tracker.i18n import lazy
from tracker.people.codes import InstitutionKind
from tracker.permissions import Visibility
from tracker.responses.codes import AppealKind, AppealOutcome, AppealSender
from tracker.responses.fields import LONGEST_QUOTE, words
from tracker.web.forms import (
    ChoiceField,
    ChoicesField,
    CodeField,
    LongTextField,
    PartForm,
    TextField,
    TrackerForm,
    VersionedForm,
    WhenField,
)
from tracker.web.naming import NameField

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.incidents.models import Incident
    from tracker.responses.fields import Origin
    from tracker.responses.models import Appeal, OfficialResponse

LONGEST_REF = 14
LONGEST_SUMMARY = 5000


class AppealFields(TrackerForm):
    """Forms for an appeal, new or on record."""

    sender_kind = CodeField(lazy("Who asked"), AppealSender, words=words, blank=lazy("—"))
    sender = TextField(lazy("By name, where it matters"), most=200)
    kind = CodeField(lazy("What was sent or said"), AppealKind, words=words, blank=lazy("—"))
    institution = NameField(lazy("To which institution"))
    institution_kind = CodeField(
        lazy("Its kind, if it is new"), InstitutionKind, words=words, blank=lazy("—")
    )
    sent = WhenField(lazy("Sent"))
    due_on = DateField(
        lazy("To be answered by"), validators=[Optional()],
        description=lazy("The day that the law or the appeal itself sets, where there is one."),
    )  # fmt: skip
    reference = TextField(
        lazy("Number with the authority"), most=200,
        description=lazy("Its number for the appeal; never shared outside."),
    )  # fmt: skip
    summary = LongTextField(lazy("What it asks"), most=LONGEST_SUMMARY)
    visibility = CodeField(
        lazy("Who may see it"), Visibility, words=words, default=Visibility.RESTRICTED.value
    )


class NewAppealForm(AppealFields):
    """A new appeal: from an article with its words, or from what it is about."""

    outcome = CodeField(
        lazy("What came of it"), AppealOutcome, words=words, default=AppealOutcome.PENDING.value
    )
    incidents = ChoicesField(lazy("It is about these incidents"), choices=[])
    quote = LongTextField(
        lazy("Quote"), most=LONGEST_QUOTE,
        description=lazy(
            "Numbers of sentences, such as 12-14 or 2, 5, or words of the article. An appeal of "
            "our own needs none."
        ),
    )  # fmt: skip

    def set_choices(self, origin: Origin) -> None:
        """Offer the incidents of what it is begun from; only an article is cited."""
        self._incidents = {one.ref: one for one in origin.incidents}
        self.incidents.choices = [(one.ref, one.heading()) for one in origin.incidents]
        if origin.article is None:
            del self.quote
        else:
            del self.visibility

    def propose(self, origin: Origin) -> None:
        """Fill in what follows from where it is begun."""
        self.incidents.data = origin.ticked
        if "visibility" in self:
            self.visibility.data = origin.visibility.value

    def chosen_incidents(self) -> list[Incident]:
        """Return the incidents that were ticked."""
        return [self._incidents[ref] for ref in self.incidents.data or []]

    def prefill_from(self, appeal: Appeal) -> None:
        """Fill in what the next appeal from the same article probably shares."""
        self.sender_kind.data, self.sender.data = appeal.sender_kind.value, appeal.sender
        self.kind.data = appeal.kind.value
        self.sent.populate(appeal.when)
        self.due_on.data = appeal.due_on
        about = [one.incident.ref for one in appeal.incidents if one.incident]
        self.incidents.data = [ref for ref in about if ref in self._incidents]


class EditAppealForm(VersionedForm, AppealFields):
    """What is recorded about an appeal; its outcome is on its page."""

    COMPARED_TOGETHER = (
        ("sender_kind", "sender"),
        ("institution", "institution_kind"),
        ("sent", "due_on"),
    )

    def populate(self, record: Appeal) -> None:
        """Fill the form with the stored values and version."""
        self.version.data = str(record.version)
        self.sender_kind.data, self.sender.data = record.sender_kind.value, record.sender
        self.kind.data = record.kind.value
        self.institution.populate(record.institution)
        self.sent.populate(record.when)
        self.due_on.data, self.reference.data = record.due_on, record.reference
        self.summary.data = record.summary
        self.visibility.data = record.visibility.value


class OutcomeForm(PartForm):
    """The outcome of an appeal, and the recorded response."""

    outcome = CodeField(lazy("What came of it"), AppealOutcome, words=words)
    response = ChoiceField(lazy("The response that answers it"), default="")
    other = TextField(
        lazy("or another one"), most=LONGEST_REF, description=lazy("The ref of the response: RSP-…")
    )

    def populate(self, record: Appeal) -> None:
        """Fill the form with the stored values and version."""
        super().populate(record)
        self.outcome.data = record.outcome.value
        self.response.data = record.response.ref if record.response else ""

    def set_choices(self, appeal: Appeal, responses: Iterable[OfficialResponse]) -> None:
        """Offer the response on record and those that may be it."""
        likely = [one for one in (appeal.response, *responses) if one]
        named = {one.ref: one.heading() for one in likely}
        self.response.choices = [("", "—"), *named.items()]

    def chosen_ref(self) -> str:
        """Return the ref that was typed or chosen."""
        return self.other.data or self.response.data or ""

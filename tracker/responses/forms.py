"""The forms for official responses, appeals and proceedings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import DateField, FormField
from wtforms.validators import Optional

from tracker.articles.models import Article
from tracker.articles.sentences import MAX_QUOTE_LENGTH
from tracker.fake_accounts.fields import JOURNALIST, OUTLET, ImpersonatedPartyForm
from tracker.i18n import _, country_choices, current_language, lazy
from tracker.incidents.models import Incident
from tracker.kit.fields import code_label
from tracker.kit.forms import RecordsField, SourceField, code_input
from tracker.people.codes import InstitutionKind
from tracker.people.models import Journalist
from tracker.permissions import Visibility
from tracker.responses import codes
from tracker.responses.fields import ActForm, Origin
from tracker.responses.models import Appeal, OfficialResponse, Proceeding, ResponseAct
from tracker.responses.rules import is_step_too_early
from tracker.vocabulary.labels import code_choices
from tracker.web import forms
from tracker.when import When

MAX_PROCEEDING_PARTIES = 20  # parties of a proceeding
# The label of the box that confirms a step dated before all incidents.
EARLY_STEP_LABEL = lazy("The date is right: the step came before the incidents")
MIN_ACT_LINES = 3  # lines for acts in an empty form
MAX_ACTS = 20  # acts of a response
MAX_SUMMARY_LENGTH = 5000  # characters


def _stance_choices() -> list[tuple[str, str]]:
    """Return the code and localized label of each stance."""
    return code_choices(codes.Stance, current_language())


class ResponseFields(forms.TrackerForm):
    """The fields of a response, new or existing.

    The list comes last: `require_current_version` pairs the fields by position.
    """

    institution = forms.NameField(lazy("Institution"))
    institution_kind = code_input(
        lazy("Its kind, if it is new"),
        InstitutionKind,
        blank=lazy("—"),
        default="",
    )
    official = forms.TextField(lazy("Who spoke"), max_length=200)
    office = forms.TextField(lazy("Office held then"), max_length=200)
    made = forms.WhenField(lazy("Made"))
    standing = code_input(
        lazy("Standing"),
        codes.Standing,
        default=codes.Standing.RESPONSIBLE_STATE.value,
    )
    stance = code_input(lazy("Stance"), codes.Stance, default=codes.Stance.UNCLEAR.value)
    other_stances = forms.ChoicesField(lazy("Also"), choices=_stance_choices)
    answers_scope = code_input(
        lazy("What it answers"),
        codes.AnswerScope,
        default=codes.AnswerScope.INCIDENTS.value,
    )
    visibility = code_input(lazy("Who can see it"), Visibility, default=Visibility.RESTRICTED.value)
    summary = forms.LongTextField(lazy("Summary"), max_length=MAX_SUMMARY_LENGTH)
    acts = forms.RowsField(
        FormField(ActForm), lazy("What it said and did"),
        min_entries=MIN_ACT_LINES, max_entries=MAX_ACTS,
    )  # fmt: skip

    def act_lines(self) -> list[ActForm]:
        """Return the lines of the list of acts."""
        return [entry.form for entry in self.acts.entries]

    def add_line(self) -> None:
        """Add an empty line to the list, unless it has the maximum."""
        if len(self.acts.entries) < MAX_ACTS:
            self.acts.append_entry()


class NewResponseForm(ResponseFields):
    """The form of a new response, with an article as its source or without a source."""

    quote = forms.LongTextField(
        lazy("Quote"), max_length=MAX_QUOTE_LENGTH,
        description=lazy(
            "Numbers of sentences, such as 12-14 or 2, 5, or words of the article; those of the "
            "acts if empty."
        ),
    )  # fmt: skip
    incidents = RecordsField(lazy("It answers these incidents"))

    def set_choices(self, article: Article | None, incidents: Sequence[Incident]) -> None:
        """Set the incidents to choose from, and remove fields that are not needed: the summary; the
        visibility if there is an article; the quote if there is no article; the choice of incidents
        if there is neither an article nor an incident.
        """
        del self.summary
        if article is None:
            del self.quote
        else:
            del self.visibility
        if article is None and not incidents:
            del self.incidents
            return
        self.incidents.set_choices(incidents)

    def chosen_incidents(self) -> list[Incident]:
        """Return the ticked incidents."""
        return self.incidents.chosen_records() if "incidents" in self else []

    def prefill_from_appeal(self, appeal: Appeal) -> None:
        """Fill the form with institution, incidents and visibility of the appeal that the response
        answers.
        """
        self.institution.populate(appeal.institution)
        if "incidents" in self:
            self.incidents.preselect(self.incidents.records)
        if "visibility" in self:
            self.visibility.data = appeal.visibility.value

    def prefill_from(self, response: OfficialResponse) -> None:
        """Fill the form with what the next response from the same article probably shares: date,
        standing, scope and incidents.
        """
        self.made.populate(response.when)
        self.standing.data = response.standing.value
        self.answers_scope.data = response.answers_scope.value
        answered = [one.incident.ref for one in response.answers if one.incident]
        self.incidents.preselect(answered)


class EditResponseForm(forms.VersionedForm, ResponseFields):
    """The form that edits a response. If the user empties the line of an act and ticks the box
    `fewer`, the act is removed.
    """

    LINKED_FIELD_GROUPS = (
        ("institution", "institution_kind", "official", "office", "standing"),
        ("stance", "other_stances"),
        ("acts", "fewer"),
    )

    fewer = forms.ConfirmField(lazy("Remove the acts whose lines are empty now"))

    def populate(self, record: OfficialResponse) -> None:
        """Fill the form with the stored values and version."""
        self.version.data = str(record.version)
        self.institution.populate(record.institution)
        self.official.data, self.office.data = record.official, record.office
        self.made.populate(record.when)
        self.standing.data, self.stance.data = record.standing.value, record.stance.value
        self.other_stances.data = [row.stance.value for row in record.other_stances]
        self.answers_scope.data = record.answers_scope.value
        self.summary.data = record.summary
        self.visibility.data = record.visibility.value
        while len(self.acts.entries) < len(record.acts):
            self.acts.append_entry()
        for line, row in zip(self.act_lines(), record.acts, strict=False):
            line.populate(row)

    def confirm_removed_acts(self, response: OfficialResponse) -> None:
        """Raise InvalidInput at each line whose recorded act was emptied, unless the box that
        confirms the removal is ticked.
        """
        gone = {
            line.act.name: _(
                "This would remove what is recorded: %(act)s", act=act_label_with_quote(row)
            )
            for line, row in zip(self.act_lines(), response.acts, strict=False)
            if line.is_empty_line()
        }
        if gone:
            self.fewer.require_confirmation(**gone)


def act_label_with_quote(act: ResponseAct) -> str:
    """Return the label of an act, with its quote if any."""
    return ": ".join(filter(None, [code_label(act.act), act.quote]))


class AppealFields(forms.TrackerForm):
    """The fields of an appeal, new or existing."""

    sender_kind = code_input(lazy("Who asked"), codes.AppealSender, blank=lazy("—"))
    sender = forms.TextField(lazy("Name of the sender, if relevant"), max_length=200)
    kind = code_input(lazy("What was sent or said"), codes.AppealKind, blank=lazy("—"))
    institution = forms.NameField(lazy("To which institution"))
    institution_kind = code_input(lazy("Its kind, if it is new"), InstitutionKind, blank=lazy("—"))
    sent = forms.WhenField(lazy("Sent"))
    due_on = DateField(
        lazy("Reply due"), validators=[Optional()],
        description=lazy("The deadline set by law or by the appeal itself, if any."),
    )  # fmt: skip
    reference = forms.TextField(
        lazy("Authority’s reference number"), max_length=200,
        description=lazy("The authority’s number for the appeal; never shared outside."),
    )  # fmt: skip
    summary = forms.LongTextField(lazy("What it asks"), max_length=MAX_SUMMARY_LENGTH)
    visibility = code_input(lazy("Who can see it"), Visibility, default=Visibility.RESTRICTED.value)


class NewAppealForm(AppealFields):
    """The form of a new appeal, with an article as its source or without a source."""

    outcome = code_input(
        lazy("Outcome"),
        codes.AppealOutcome,
        default=codes.AppealOutcome.PENDING.value,
    )
    incidents = RecordsField(lazy("It is about these incidents"))
    quote = forms.LongTextField(
        lazy("Quote"), max_length=MAX_QUOTE_LENGTH,
        description=lazy(
            "Numbers of sentences, such as 12-14 or 2, 5, or words of the article. An appeal of "
            "our own needs none."
        ),
    )  # fmt: skip

    def set_choices(self, origin: Origin) -> None:
        """Set the incidents to choose from. If there is an article, remove the field for the
        visibility, else the field for the quote.
        """
        self.incidents.set_choices(origin.incidents)
        if origin.article is None:
            del self.quote
        else:
            del self.visibility

    def prefill_from_origin(self, origin: Origin) -> None:
        """Set the default visibility; if the record of origin is an incident, preselect it."""
        self.incidents.data = origin.preselected_refs
        if "visibility" in self:
            self.visibility.data = origin.visibility.value

    def prefill_from(self, appeal: Appeal) -> None:
        """Fill the form with what the next appeal from the same article probably shares: sender,
        kind, dates and incidents.
        """
        self.sender_kind.data, self.sender.data = appeal.sender_kind.value, appeal.sender
        self.kind.data = appeal.kind.value
        self.sent.populate(appeal.when)
        self.due_on.data = appeal.due_on
        about = [one.incident.ref for one in appeal.incidents if one.incident]
        self.incidents.preselect(about)


class EditAppealForm(forms.VersionedForm, AppealFields):
    """The form that edits an appeal, except its outcome."""

    LINKED_FIELD_GROUPS = (
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


class OutcomeForm(forms.PartForm):
    """The form of the outcome of an appeal, and of the response that answers it."""

    outcome = code_input(lazy("Outcome"), codes.AppealOutcome)
    response = forms.ChoiceField(lazy("The response that answers it"), default="")
    other = forms.TextField(
        lazy("or another one"),
        max_length=forms.MAX_REF_LENGTH,
        description=lazy("The ref of the response: RSP-…"),
    )

    def populate(self, record: Appeal) -> None:
        """Fill the form with the stored values and version."""
        super().populate(record)
        self.outcome.data = record.outcome.value
        self.response.data = record.response.ref if record.response else ""

    def set_choices(self, appeal: Appeal, responses: Iterable[OfficialResponse]) -> None:
        """Set the responses to choose from: the recorded one, and other possible answers."""
        likely = [one for one in (appeal.response, *responses) if one]
        named = {one.ref: one.heading for one in likely}
        self.response.choices = [("", "—"), *named.items()]

    def chosen_ref(self) -> str:
        """Return the ref of the response that was entered or chosen, "" if none."""
        return self.other.data or self.response.data or ""


def _party_kind_choices() -> list[tuple[str, str]]:
    """Return the code and localized label of each kind of party."""
    return [(JOURNALIST, _("a journalist")), (OUTLET, _("an outlet"))]


class PartyForm(ImpersonatedPartyForm):
    """The sub-form of a journalist or outlet whom a proceeding concerns."""

    kind = forms.ChoiceField(lazy("It concerns"), choices=_party_kind_choices, default=JOURNALIST)

    def resolve(self) -> forms.NameChoice[Any] | None:
        """Return the journalist or outlet whose name the user entered in this sub-form; None if the
        name is empty, or the kind is neither of the two.
        """
        return None if self.kind.errors else super().resolve()


class ProceedingFields(forms.TrackerForm):
    """The fields of a proceeding, new or existing; direction and kind have no default."""

    direction = code_input(lazy("Direction"), codes.ProceedingDirection, blank=lazy("—"))
    kind = code_input(lazy("What it is"), codes.ProceedingKind, blank=lazy("—"))
    country = forms.ChoiceField(lazy("Country"), choices=country_choices, default="")
    institution = forms.NameField(lazy("Institution in charge"))
    institution_kind = code_input(lazy("Its kind, if it is new"), InstitutionKind, blank=lazy("—"))
    number = forms.TextField(lazy("Number"), max_length=100)
    legal_basis = forms.TextField(
        lazy("Article of law"), max_length=500, description=lazy("As the source names it.")
    )
    summary = forms.LongTextField(lazy("What it is about"), max_length=MAX_SUMMARY_LENGTH)
    visibility = code_input(lazy("Who can see it"), Visibility, default=Visibility.RESTRICTED.value)
    parties = forms.RowsField(
        FormField(PartyForm),
        lazy("Whom it concerns"),
        min_entries=1,
        max_entries=MAX_PROCEEDING_PARTIES,
    )

    def party_lines(self) -> list[PartyForm]:
        """Return the lines of the list of parties."""
        return [entry.form for entry in self.parties.entries]

    def add_line(self) -> None:
        """Add an empty line to the list, unless it has the maximum."""
        if len(self.parties.entries) < MAX_PROCEEDING_PARTIES:
            self.parties.append_entry()

    def populate_parties(self, proceeding: Proceeding) -> None:
        """Fill the list with the parties that the viewer can see."""
        shown = [party for one in proceeding.parties if (party := one.concerned_party())]
        while len(self.parties.entries) < len(shown):
            self.parties.append_entry()
        for line, party in zip(self.party_lines(), shown, strict=False):
            line.kind.data = JOURNALIST if isinstance(party, Journalist) else OUTLET
            line.who.populate(party)


class NewProceedingForm(ProceedingFields):
    """The form of a new proceeding with one step, with an article as its source or without."""

    step = code_input(
        lazy("Reported step"), codes.StepOfProceeding, blank=lazy("—"),
        description=lazy("Add further steps on the page of the proceeding."),
    )  # fmt: skip
    taken = forms.WhenField(lazy("When it was taken"))
    early = forms.ConfirmField(EARLY_STEP_LABEL)
    quote = forms.LongTextField(
        lazy("Quote"), max_length=MAX_QUOTE_LENGTH,
        description=lazy("Numbers of sentences, such as 12-14 or 2, 5, or words of the article."),
    )  # fmt: skip
    incidents = RecordsField(lazy("Incidents it is about"))

    def set_choices(self, origin: Origin) -> None:
        """Set the incidents to choose from. If there is an article, remove the field for the
        visibility, else the field for the quote.
        """
        self.incidents.set_choices(origin.incidents)
        if origin.article is None:
            del self.quote
        else:
            del self.visibility

    def prefill_from_origin(self, origin: Origin) -> None:
        """Set the default country and visibility; if the record of origin is an incident, preselect
        it.
        """
        self.country.data = origin.country or ""
        self.incidents.data = origin.preselected_refs
        if "visibility" in self:
            self.visibility.data = origin.visibility.value

    def prefill_from(self, proceeding: Proceeding) -> None:
        """Fill the form with what the next proceeding from the same article probably shares:
        country, kind, parties and incidents.
        """
        self.country.data, self.kind.data = proceeding.country, proceeding.kind.value
        self.populate_parties(proceeding)
        joined = [one.incident.ref for one in proceeding.incidents if one.incident]
        self.incidents.preselect(joined)


class EditProceedingForm(forms.VersionedForm, ProceedingFields):
    """The form that edits the details of a proceeding."""

    LINKED_FIELD_GROUPS = (
        ("direction", "kind", "parties"),
        ("institution", "institution_kind", "country", "number"),
    )

    def populate(self, record: Proceeding) -> None:
        """Fill the form with the stored values and version."""
        self.version.data = str(record.version)
        self.direction.data, self.kind.data = record.direction.value, record.kind.value
        self.country.data, self.number.data = record.country, record.number
        if record.institution:
            self.institution.populate(record.institution)
        self.legal_basis.data, self.summary.data = record.legal_basis, record.summary
        self.visibility.data = record.visibility.value
        self.populate_parties(record)


class StepForm(forms.PartForm):
    """The form of a step of a proceeding, with a quote of its source."""

    step = code_input(lazy("Step"), codes.StepOfProceeding, blank=lazy("—"))
    taken = forms.WhenField(lazy("When it was taken"))
    early = forms.ConfirmField(EARLY_STEP_LABEL)
    institution = forms.NameField(lazy("By which body, where it is another"))
    institution_kind = code_input(lazy("Its kind, if it is new"), InstitutionKind, blank=lazy("—"))
    article = SourceField(lazy("Source"))
    quote = forms.LongTextField(
        lazy("Quote"), max_length=MAX_QUOTE_LENGTH,
        description=lazy("Numbers of sentences, such as 12-14 or 2, 5, or words of the source."),
    )  # fmt: skip
    note = forms.TextField(
        lazy("Note"), max_length=500,
        description=lazy(
            "Which restraint and until when, in whose favour the court decided, which sentence."
        ),
    )  # fmt: skip


def confirm_early_step(
    form: NewProceedingForm | StepForm, when: When, incidents: list[Incident]
) -> None:
    """Raise InvalidInput if the date `when` of a step is before all `incidents` of the proceeding,
    unless the box that confirms such a date is ticked.
    """
    if is_step_too_early(when, incidents):
        doubt = _("This date is before all its incidents. Correct it, or tick below.")
        form.early.require_confirmation(**{f"{form.taken.name}-when": doubt})

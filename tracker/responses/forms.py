"""Forms for official responses, appeals and proceedings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import DateField, FormField
from wtforms.validators import Optional

from tracker.articles.models import Article
from tracker.fake_accounts.fields import JOURNALIST, OUTLET, ImpersonatedPartyForm
from tracker.i18n import _, country_choices, language, lazy
from tracker.incidents.models import Incident
from tracker.kit.fields import code_label
from tracker.kit.forms import RecordsField, SourceField, code_input
from tracker.people.codes import InstitutionKind
from tracker.people.models import Journalist
from tracker.permissions import Visibility
from tracker.responses import codes
from tracker.responses.fields import LONGEST_QUOTE, ActForm, Origin
from tracker.responses.models import Appeal, OfficialResponse, Proceeding, ResponseAct
from tracker.responses.rules import is_step_too_early
from tracker.vocabulary.labels import choices
from tracker.web import forms
from tracker.when import When

MOST_PARTIES = 20
EARLY_STEP_LABEL = lazy("The date is right: the step came before the incidents")
SHOWN_AT_ONCE = 3
MOST_ACTS = 20
LONGEST_REF = 14  # characters
LONGEST_SUMMARY = 5000  # characters


def _stances() -> list[tuple[str, str]]:
    return choices(codes.Stance, language())


class ResponseFields(forms.TrackerForm):
    """Fields of a response, new or existing.

    The list comes last: `require_current_version` pairs the fields by position.
    """

    institution = forms.NameField(lazy("Institution"))
    institution_kind = code_input(
        lazy("Its kind, if it is new"),
        InstitutionKind,
        blank=lazy("—"),
        default="",
    )
    official = forms.TextField(lazy("Who spoke"), most=200)
    office = forms.TextField(lazy("Office held then"), most=200)
    made = forms.WhenField(lazy("Made"))
    standing = code_input(
        lazy("Standing"),
        codes.Standing,
        default=codes.Standing.RESPONSIBLE_STATE.value,
    )
    stance = code_input(lazy("Stance"), codes.Stance, default=codes.Stance.UNCLEAR.value)
    other_stances = forms.ChoicesField(lazy("Also"), choices=_stances)
    answers_scope = code_input(
        lazy("What it answers"),
        codes.AnswerScope,
        default=codes.AnswerScope.INCIDENTS.value,
    )
    visibility = code_input(lazy("Who can see it"), Visibility, default=Visibility.RESTRICTED.value)
    summary = forms.LongTextField(lazy("Summary"), most=LONGEST_SUMMARY)
    acts = forms.RowsField(
        FormField(ActForm), lazy("What it said and did"),
        min_entries=SHOWN_AT_ONCE, max_entries=MOST_ACTS,
    )  # fmt: skip

    def lines(self) -> list[ActForm]:
        """Return the lines of the acts."""
        return [entry.form for entry in self.acts.entries]

    def add_line(self) -> None:
        """Add an empty line for an act, unless there are too many."""
        if len(self.acts.entries) < MOST_ACTS:
            self.acts.append_entry()


class NewResponseForm(ResponseFields):
    """A new response, with an article as its source or without a source."""

    quote = forms.LongTextField(
        lazy("Quote"), most=LONGEST_QUOTE,
        description=lazy(
            "Numbers of sentences, such as 12-14 or 2, 5, or words of the article; those of the "
            "acts if empty."
        ),
    )  # fmt: skip
    incidents = RecordsField(lazy("It answers these incidents"))

    def set_choices(self, article: Article | None, incidents: Sequence[Incident]) -> None:
        """Offer the incidents of the article, or those it answers; only an article is cited."""
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
        return self.incidents.chosen() if "incidents" in self else []

    def propose(self, appeal: Appeal) -> None:
        """Fill in what follows from the appeal that it answers."""
        self.institution.populate(appeal.institution)
        if "incidents" in self:
            self.incidents.preselect(self.incidents.records)
        if "visibility" in self:
            self.visibility.data = appeal.visibility.value

    def prefill_from(self, response: OfficialResponse) -> None:
        """Fill in what the next response from the same article probably shares."""
        self.made.populate(response.when)
        self.standing.data = response.standing.value
        self.answers_scope.data = response.answers_scope.value
        answered = [one.incident.ref for one in response.answers if one.incident]
        self.incidents.preselect(answered)


class EditResponseForm(forms.VersionedForm, ResponseFields):
    """The details of a response; an act is removed with its line, if confirmed."""

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
        for line, row in zip(self.lines(), record.acts, strict=False):
            line.populate(row)

    def confirm_removed_acts(self, response: OfficialResponse) -> None:
        """Raise InvalidInput at each line that no longer has its recorded act, until confirmed."""
        gone = {
            line.act.name: _("This would remove what is recorded: %(act)s", act=act_with_quote(row))
            for line, row in zip(self.lines(), response.acts, strict=False)
            if line.is_empty_line()
        }
        if gone:
            self.fewer.require_confirmation(**gone)


def act_with_quote(act: ResponseAct) -> str:
    """Return a recorded act with its quote."""
    return ": ".join(filter(None, [code_label(act.act), act.quote]))


class AppealFields(forms.TrackerForm):
    """Fields of an appeal, new or existing."""

    sender_kind = code_input(lazy("Who asked"), codes.AppealSender, blank=lazy("—"))
    sender = forms.TextField(lazy("Name of the sender, if relevant"), most=200)
    kind = code_input(lazy("What was sent or said"), codes.AppealKind, blank=lazy("—"))
    institution = forms.NameField(lazy("To which institution"))
    institution_kind = code_input(lazy("Its kind, if it is new"), InstitutionKind, blank=lazy("—"))
    sent = forms.WhenField(lazy("Sent"))
    due_on = DateField(
        lazy("Reply due"), validators=[Optional()],
        description=lazy("The deadline set by law or by the appeal itself, if any."),
    )  # fmt: skip
    reference = forms.TextField(
        lazy("Authority’s reference number"), most=200,
        description=lazy("The authority’s number for the appeal; never shared outside."),
    )  # fmt: skip
    summary = forms.LongTextField(lazy("What it asks"), most=LONGEST_SUMMARY)
    visibility = code_input(lazy("Who can see it"), Visibility, default=Visibility.RESTRICTED.value)


class NewAppealForm(AppealFields):
    """A new appeal, started from an article, which is its source, or from another record."""

    outcome = code_input(
        lazy("Outcome"),
        codes.AppealOutcome,
        default=codes.AppealOutcome.PENDING.value,
    )
    incidents = RecordsField(lazy("It is about these incidents"))
    quote = forms.LongTextField(
        lazy("Quote"), most=LONGEST_QUOTE,
        description=lazy(
            "Numbers of sentences, such as 12-14 or 2, 5, or words of the article. An appeal of "
            "our own needs none."
        ),
    )  # fmt: skip

    def set_choices(self, origin: Origin) -> None:
        """Offer the incidents of the origin; only an article is cited."""
        self.incidents.set_choices(origin.incidents)
        if origin.article is None:
            del self.quote
        else:
            del self.visibility

    def propose(self, origin: Origin) -> None:
        """Fill in what follows from the origin."""
        self.incidents.data = origin.preselected_refs
        if "visibility" in self:
            self.visibility.data = origin.visibility.value

    def prefill_from(self, appeal: Appeal) -> None:
        """Fill in what the next appeal from the same article probably shares."""
        self.sender_kind.data, self.sender.data = appeal.sender_kind.value, appeal.sender
        self.kind.data = appeal.kind.value
        self.sent.populate(appeal.when)
        self.due_on.data = appeal.due_on
        about = [one.incident.ref for one in appeal.incidents if one.incident]
        self.incidents.preselect(about)


class EditAppealForm(forms.VersionedForm, AppealFields):
    """The details of an appeal; its outcome is on its page."""

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
    """The outcome of an appeal, and the recorded response."""

    outcome = code_input(lazy("Outcome"), codes.AppealOutcome)
    response = forms.ChoiceField(lazy("The response that answers it"), default="")
    other = forms.TextField(
        lazy("or another one"), most=LONGEST_REF, description=lazy("The ref of the response: RSP-…")
    )

    def populate(self, record: Appeal) -> None:
        """Fill the form with the stored values and version."""
        super().populate(record)
        self.outcome.data = record.outcome.value
        self.response.data = record.response.ref if record.response else ""

    def set_choices(self, appeal: Appeal, responses: Iterable[OfficialResponse]) -> None:
        """Offer the recorded response and others that may be it."""
        likely = [one for one in (appeal.response, *responses) if one]
        named = {one.ref: one.heading for one in likely}
        self.response.choices = [("", "—"), *named.items()]

    def chosen_ref(self) -> str:
        """Return the ref that was entered or chosen."""
        return self.other.data or self.response.data or ""


def _party_kinds() -> list[tuple[str, str]]:
    return [(JOURNALIST, _("a journalist")), (OUTLET, _("an outlet"))]


class PartyForm(ImpersonatedPartyForm):
    """One journalist or outlet whom a proceeding concerns."""

    kind = forms.ChoiceField(lazy("It concerns"), choices=_party_kinds, default=JOURNALIST)

    def resolve(self) -> forms.NameChoice[Any] | None:
        """Return the party, None for an empty line or an unknown kind."""
        return None if self.kind.errors else super().resolve()


class ProceedingFields(forms.TrackerForm):
    """Fields of a proceeding, new or existing.

    Direction and kind have no default: a person must choose them.
    """

    direction = code_input(lazy("Direction"), codes.ProceedingDirection, blank=lazy("—"))
    kind = code_input(lazy("What it is"), codes.ProceedingKind, blank=lazy("—"))
    country = forms.ChoiceField(lazy("Country"), choices=country_choices, default="")
    institution = forms.NameField(lazy("Institution in charge"))
    institution_kind = code_input(lazy("Its kind, if it is new"), InstitutionKind, blank=lazy("—"))
    number = forms.TextField(lazy("Number"), most=100)
    legal_basis = forms.TextField(
        lazy("Article of law"), most=500, description=lazy("As the source names it.")
    )
    summary = forms.LongTextField(lazy("What it is about"), most=LONGEST_SUMMARY)
    visibility = code_input(lazy("Who can see it"), Visibility, default=Visibility.RESTRICTED.value)
    parties = forms.RowsField(
        FormField(PartyForm), lazy("Whom it concerns"), min_entries=1, max_entries=MOST_PARTIES
    )

    def lines(self) -> list[PartyForm]:
        """Return the lines of the list."""
        return [entry.form for entry in self.parties.entries]

    def add_line(self) -> None:
        """Add an empty line to the list, as long as there may be more."""
        if len(self.parties.entries) < MOST_PARTIES:
            self.parties.append_entry()

    def show_parties(self, proceeding: Proceeding) -> None:
        """Fill the list with the parties that the viewer may see."""
        shown = [meant for one in proceeding.parties if (meant := one.party())]
        while len(self.parties.entries) < len(shown):
            self.parties.append_entry()
        for line, meant in zip(self.lines(), shown, strict=False):
            line.kind.data = JOURNALIST if isinstance(meant, Journalist) else OUTLET
            line.who.populate(meant)


class NewProceedingForm(ProceedingFields):
    """A new proceeding with one step, started from an article or from another record.

    An article is its source.
    """

    step = code_input(
        lazy("Reported step"), codes.StepOfProceeding, blank=lazy("—"),
        description=lazy("Add further steps on the page of the proceeding."),
    )  # fmt: skip
    taken = forms.WhenField(lazy("When it was taken"))
    early = forms.ConfirmField(EARLY_STEP_LABEL)
    quote = forms.LongTextField(
        lazy("Quote"), most=LONGEST_QUOTE,
        description=lazy("Numbers of sentences, such as 12-14 or 2, 5, or words of the article."),
    )  # fmt: skip
    incidents = RecordsField(lazy("Incidents it is about"))

    def set_choices(self, origin: Origin) -> None:
        """Offer the incidents of the origin; only an article is cited."""
        self.incidents.set_choices(origin.incidents)
        if origin.article is None:
            del self.quote
        else:
            del self.visibility

    def propose(self, origin: Origin) -> None:
        """Fill in what follows from the origin."""
        self.country.data = origin.country or ""
        self.incidents.data = origin.preselected_refs
        if "visibility" in self:
            self.visibility.data = origin.visibility.value

    def prefill_from(self, proceeding: Proceeding) -> None:
        """Fill in what the next proceeding from the same article probably shares."""
        self.country.data, self.kind.data = proceeding.country, proceeding.kind.value
        self.show_parties(proceeding)
        joined = [one.incident.ref for one in proceeding.incidents if one.incident]
        self.incidents.preselect(joined)


class EditProceedingForm(forms.VersionedForm, ProceedingFields):
    """The details of a proceeding."""

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
        self.show_parties(record)


class StepForm(forms.PartForm):
    """One step of a proceeding, with a quote of a source."""

    step = code_input(lazy("Step"), codes.StepOfProceeding, blank=lazy("—"))
    taken = forms.WhenField(lazy("When it was taken"))
    early = forms.ConfirmField(EARLY_STEP_LABEL)
    institution = forms.NameField(lazy("By which body, where it is another"))
    institution_kind = code_input(lazy("Its kind, if it is new"), InstitutionKind, blank=lazy("—"))
    article = SourceField(lazy("Source"))
    quote = forms.LongTextField(
        lazy("Quote"), most=LONGEST_QUOTE,
        description=lazy("Numbers of sentences, such as 12-14 or 2, 5, or words of the source."),
    )  # fmt: skip
    note = forms.TextField(
        lazy("Note"), most=500,
        description=lazy(
            "Which restraint and until when, in whose favour the court decided, which sentence."
        ),
    )  # fmt: skip


def confirm_early_step(
    form: NewProceedingForm | StepForm, when: When, incidents: list[Incident]
) -> None:
    """Raise InvalidInput for a step before all its incidents, until confirmed."""
    if is_step_too_early(when, incidents):
        doubt = _("This date is before all its incidents. Correct it, or tick below.")
        form.early.require_confirmation(**{f"{form.taken.name}-when": doubt})

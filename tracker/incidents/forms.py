"""Forms to record an incident, to edit its sections, and for naming decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from wtforms import BooleanField, DateField, HiddenField, SelectMultipleField
from wtforms.validators import Optional

from tracker.articles.sentences import MAX_QUOTE_LENGTH
from tracker.errors import InvalidInput, collect_errors
from tracker.i18n import _, lazy
from tracker.incidents import codes
from tracker.incidents import fields as incident_fields
from tracker.incidents.guarded_models import TargetNamingDecision
from tracker.incidents.models import Incident, IncidentActor, IncidentTarget
from tracker.incidents.naming_queries import NameRedactionPlan
from tracker.incidents.publication_rules import REDACTING_DECISIONS
from tracker.incidents.publication_service import NamingInput, RedactionConfirmation
from tracker.incidents.rules import ABUSIVE_LAWSUIT_TYPE
from tracker.incidents.service import ActorFacts, TargetFacts
from tracker.kit.forms import SectionForm, code_input
from tracker.permissions import Visibility
from tracker.vocabulary.codes import Answer
from tracker.web import forms
from tracker.when import When, format_when

MAX_NARRATIVE_LENGTH = 20_000  # characters


class NewIncidentForm(forms.TrackerForm):
    """A form for a new incident that an article reports.

    Further details have sections on the incident's page.
    """

    types = incident_fields.IncidentTypesField(lazy("Incident types"))
    quote = forms.LongTextField(
        lazy("Quote"), max_length=MAX_QUOTE_LENGTH,
        description=lazy("Numbers of sentences, such as 12-14 or 2, 5, or words of the article."),
    )  # fmt: skip
    occurred = forms.WhenField(lazy("When"))
    extent = code_input(
        lazy("Frequency"),
        codes.Extent,
        default=codes.Extent.ONCE.value,
    )
    country = incident_fields.CountryField(lazy("Country"))
    region = incident_fields.RegionField(lazy("Region"), default="")
    place = forms.TextField(lazy("Place"), max_length=200)
    targets = incident_fields.target_rows_field()
    actor_type = code_input(lazy("Perpetrator"), codes.ActorType, blank=lazy("not said"))
    purported_as = code_input(
        lazy("Whom they posed as"),
        codes.PurportedAs,
        blank=lazy("nobody"),
    )
    attributed_by = incident_fields.attribution_field()
    certainty = code_input(
        lazy("How certain"),
        codes.Certainty,
        default=codes.Certainty.UNKNOWN.value,
    )

    def set_choices(self) -> None:
        """Set the choices from the vocabulary, in the viewer's language."""
        self.types.set_choices()
        self.country.set_choices()
        self.region.set_choices()

    def prefill_from(self, incident: Incident) -> None:
        """Fill the form with the date, frequency, place, targets and first actor of another
        incident of the same article.
        """
        self.occurred.populate(incident.when)
        self.extent.data = incident.extent.value
        self.country.data, self.place.data = incident.country, incident.place
        self.region.data = incident.region.code if incident.region else ""
        rows = [
            row for target in incident.targets if (row := incident_fields.target_row_data(target))
        ]
        while self.targets.entries:
            self.targets.pop_entry()
        for row in [*rows, None]:
            self.targets.append_entry(row)
        if incident.actors:
            actor = incident.actors[0]
            self.actor_type.data = actor.actor_type.value
            self.purported_as.data = actor.purported_as.value if actor.purported_as else ""
            self.attributed_by.data = actor.attributed_by.value if actor.attributed_by else ""
            self.certainty.data = actor.certainty.value

    def cleaned_data(self, latest_possible_date: date, visibility: Visibility) -> dict[str, Any]:
        """Return the submitted values for `record_incident`; no date may be after
        `latest_possible_date`. `visibility`: that of the new incident.

        Raises InvalidInput with all errors; likely matches of names are then offered.
        """
        types, occurred, region, targets = collect_errors(
            self.types.selected_terms,
            lambda: self.occurred.read_when(latest_possible_date),
            self.region.selected_term,
            lambda: self._parse_targets(visibility),
        )
        return {
            **self.data_read_without_queries(),
            "types": types,
            "occurred": occurred,
            "extent": self.extent.chosen_code(),
            "region": region,
            "place": self.place.data or "",
            "targets": targets,
        }

    def data_read_without_queries(self) -> dict[str, Any]:
        """Return the submitted types, quote, country and actor, which `validate_new_incident`
        checks; to read these from the form, no database query is needed.
        """
        return {
            "types": self.types.data or [],
            "quote": self.quote.data or "",
            "country": self.country.data or "",
            "actor": self._parse_actor(),
        }

    def _parse_targets(self, visibility: Visibility) -> list[TargetFacts]:
        """Return the entered targets; raise InvalidInput with all errors, each at its row.
        `visibility`: that of the new incident.
        """
        rows = [
            entry
            for entry in self.targets.entries
            if not incident_fields.is_blank_target_row(entry.form)
        ]
        if not rows:
            first = self.targets.entries[0].form.who.form.name.name
            raise InvalidInput(**{first: _("Say at least who was meant.")})
        return incident_fields.parse_target_rows(rows, visibility)

    def _parse_actor(self) -> ActorFacts | None:
        """Return the actor, None if none was entered."""
        facts = ActorFacts(
            actor_type=self.actor_type.chosen_code() or codes.ActorType.UNKNOWN,
            purported_as=self.purported_as.chosen_code(),
            certainty=self.certainty.chosen_code(),
            attributed_by=self.attributed_by.chosen_code(),
        )
        return None if facts == ActorFacts() and not self.actor_type.data else facts


class EditIncidentForm(forms.VersionedForm):
    """A form to edit what happened in an incident, when and where."""

    LINKED_FIELD_GROUPS = (
        ("extent", "occurrences_at_least"),
        ("country", "region", "place"),
    )

    title = forms.TextField(
        lazy("Title"), max_length=300,
        description=lazy("Leave it empty: one is made of type, targets and date."),
    )  # fmt: skip
    types = incident_fields.IncidentTypesField(lazy("Incident types"))
    occurred = forms.WhenField(lazy("When"))
    extent = code_input(lazy("Frequency"), codes.Extent)
    occurrences_at_least = incident_fields.number_field(lazy("How often, at least"), minimum=2)
    is_ongoing = code_input(lazy("Is it ongoing?"), Answer)
    country = incident_fields.CountryField(lazy("Country"))
    region = incident_fields.RegionField(lazy("Region"))
    place = forms.TextField(lazy("Place"), max_length=200)
    narrative = forms.LongTextField(lazy("Narrative"), max_length=MAX_NARRATIVE_LENGTH)

    def set_choices(self, incident: Incident) -> None:
        """Set the choices, including retired ones that the incident already has."""
        self.types.set_choices(current_terms=[row.term for row in incident.types])
        self.country.set_choices()
        self.region.set_choices(current_terms=[incident.region] if incident.region else [])

    def populate(self, record: Incident) -> None:
        """Fill the form with the stored values and version."""
        self.version.data = str(record.version)
        self.title.data, self.narrative.data = record.title, record.narrative
        self.types.data = [row.term.code for row in record.types]
        self.occurred.populate(record.when)
        self.extent.data = record.extent.value
        self.occurrences_at_least.data = record.occurrences_at_least
        self.is_ongoing.data = record.is_ongoing.value
        self.country.data, self.place.data = record.country, record.place
        self.region.data = record.region.code if record.region else ""

    def cleaned_data(self, incident: Incident, latest_possible_date: date) -> dict[str, Any]:
        """Return the submitted values for `edit_incident`."""
        types, occurred, region = collect_errors(
            self.types.selected_terms,
            lambda: self._parse_occurred(incident, latest_possible_date),
            self.region.selected_term,
        )
        return {
            "title": self.title.data or "",
            "types": types,
            "occurred": occurred,
            "extent": self.extent.chosen_code(),
            "occurrences_at_least": self.occurrences_at_least.data,
            "is_ongoing": self.is_ongoing.chosen_code(),
            "country": self.country.data or "",
            "region": region,
            "place": self.place.data or "",
            "narrative": self.narrative.data or "",
        }

    def _parse_occurred(self, incident: Incident, latest_possible_date: date) -> When:
        """Return the entered date, or the stored one if the text of the date is unchanged. An
        unchanged text is not read again, since its last possible day could become a later one,
        `latest_possible_date`.
        """
        fields = self.occurred.form
        if (fields.when.data or "", fields.as_stated.data or "") == (
            format_when(incident.when),
            incident.as_stated,
        ):
            return incident.when
        return self.occurred.read_when(latest_possible_date)


class CircumstancesForm(SectionForm):
    """A form for the circumstances of an incident (online or offline, gendered, coordinated, made
    with AI, form of detention), the link to the work, and the verification.
    """

    MODEL, SECTION = Incident, "circumstances"


class SummaryForm(SectionForm):
    """A form for the public summary of an incident, in each language."""

    MODEL, SECTION = Incident, "summary"


@dataclass(frozen=True, slots=True)
class NamingFormRecord:
    """A target with its naming decision: the record that `NamingForm` edits."""

    incident: Incident
    target: IncidentTarget
    naming: TargetNamingDecision

    @property
    def version(self) -> int:
        """The version, which rises with each decision even if the incident is unchanged."""
        return self.incident.version + self.naming.version

    @property
    def ref(self) -> str:
        """The ref of the incident."""
        return self.incident.ref


class NamingForm(forms.VersionedForm):
    """A form for the decision on whether a target may be named; it edits a `NamingFormRecord`,
    whose version it checks.
    """

    # A decision is saved as a whole, even if somebody else changed a part.
    shown = None

    IS_KEPT_IN_HISTORY = False

    decision = code_input(
        lazy("Consent"), codes.NamingDecision,
        default=codes.NamingDecision.NOT_ASKED.value,
    )  # fmt: skip
    scope = code_input(
        lazy("To whom they may be named"),
        codes.NamingScope,
        blank=lazy("—"),
    )
    decided_on = DateField(lazy("Decided on"), validators=[Optional()])
    how_asked = forms.TextField(lazy("How they were asked"), max_length=500)
    is_written = code_input(lazy("In writing"), Answer, default=Answer.UNKNOWN.value)
    is_minor = code_input(lazy("Under 18"), Answer, default=Answer.UNKNOWN.value)
    named_as = forms.TextField(
        lazy("Shown instead of the name"), max_length=200,
        description=lazy(
            "Kind and place in words, such as “an editor in Almaty”. Needed to close the name."
        ),
    )  # fmt: skip
    # Of the redaction plan: the refs of everything it listed, and the records to restrict for it.
    listed = HiddenField()
    restricted = SelectMultipleField(lazy("Restrict to team"), choices=list, validate_choice=False)

    def populate(self, record: NamingFormRecord) -> None:
        """Fill the form with the current decision and version."""
        naming = record.naming
        self.version.data = str(record.version)
        self.named_as.data = record.target.named_as
        if not naming.version:
            return
        self.decision.data = naming.decision.value
        self.scope.data = naming.scope.value if naming.scope else ""
        self.decided_on.data, self.how_asked.data = naming.decided_on, naming.how_asked
        self.is_written.data, self.is_minor.data = naming.is_written.value, naming.is_minor.value

    def populate_redaction_plan(self, plan: NameRedactionPlan) -> None:
        """Fill the hidden field with the refs of the articles and records in a redaction plan, and
        preselect the records to restrict to the team.
        """
        self.listed.data = " ".join(plan.affected_refs())
        self.restricted.data = [one.ref for one in plan.records_to_edit]

    def cleaned_data(self) -> NamingInput:
        """Return the submitted naming decision."""
        decision = self.decision.chosen_code()
        return NamingInput(
            decision=decision,
            # The scope that they agreed to before is still there when they withdraw it.
            scope=None if decision in REDACTING_DECISIONS else self.scope.chosen_code(),
            decided_on=self.decided_on.data,
            how_asked=self.how_asked.data or "",
            is_written=self.is_written.chosen_code(),
            is_minor=self.is_minor.chosen_code(),
        )

    def redaction_confirmation(self) -> RedactionConfirmation:
        """Return the redaction plan that the user confirmed."""
        return RedactionConfirmation(
            listed_refs=frozenset((self.listed.data or "").split()),
            refs_to_restrict=frozenset(self.restricted.data or ()),
        )


@dataclass(frozen=True, slots=True)
class IncidentPart:
    """A child row of an incident, such as a target, with the incident; a form edits both as one
    record. `row`: None for a new row.
    """

    incident: Incident
    row: Any = None

    ENDPOINT: ClassVar[str] = "incidents"

    @property
    def version(self) -> int:
        """The version of the incident, which rises with every change of a row."""
        return self.incident.version

    @property
    def was_returned_to_draft(self) -> bool:
        """Whether a change of a row returned the incident from review to draft."""
        return self.incident.was_returned_to_draft

    @property
    def ref(self) -> str:
        """The ref of the incident, whose page shows the row."""
        return self.incident.ref


class IncidentPartForm(forms.PartForm):
    """A form for one child row of an incident. It sends the version of the incident that was shown,
    so that a save by another user since then is noticed.
    """

    def populate(self, record: IncidentPart) -> None:
        """Fill the form with the child row of `record`, if it has one, and with the version of the
        incident.
        """
        super().populate(record)
        if record.row is not None:
            self.populate_row(record.row)

    def populate_row(self, row: Any) -> None:  # noqa: ANN401 (a row of the section's own kind)
        """Fill the form with the values of a row; does nothing by default."""


class TargetForm(IncidentPartForm):
    """A form for one target of an incident."""

    kind = code_input(
        lazy("What it is"),
        codes.TargetKind,
        default=codes.TargetKind.JOURNALIST.value,
    )
    who = forms.NameField(lazy("Who"))
    outlet = forms.NameField(lazy("Outlet at the time"))
    number = incident_fields.number_field(lazy("At least how many (of a group)"))
    role = code_input(
        lazy("Role"),
        codes.TargetRole,
        default=codes.TargetRole.DIRECT.value,
    )
    basis = code_input(
        lazy("Named by the source, or inferred"), codes.TargetBasis,
        default=codes.TargetBasis.NAMED.value,
    )  # fmt: skip
    harm = forms.TextField(lazy("Harm"), max_length=500)
    place = forms.TextField(lazy("Place"), max_length=200)

    def populate_row(self, row: IncidentTarget) -> None:
        """Fill the form with a target; a name hidden from the viewer stays empty."""
        seen = incident_fields.target_row_data(row)
        self.kind.data, self.role.data = row.kind.value, row.role.value
        self.basis.data, self.number.data = row.basis.value, row.number_at_least
        self.harm.data, self.place.data = row.harm, row.place
        if seen is not None:
            self.who.form.name.data = seen["who"]["name"]
            self.who.form.chosen.data = seen["who"]["chosen"]
        if row.outlet is not None and row.kind is not codes.TargetKind.OUTLET:
            self.outlet.populate(row.outlet)

    def cleaned_data(self) -> TargetFacts:
        """Return the submitted target; raise InvalidInput, with matches, if a name is ambiguous."""
        facts: TargetFacts
        _outlet, facts = collect_errors(
            lambda: incident_fields.resolve_outlet(self.outlet), self._parse_target
        )
        return facts

    def _parse_target(self) -> TargetFacts:
        """Return the entered target. Raise InvalidInput if the target is an outlet and the field
        `outlet` is filled in too: this field is only for the outlet where a journalist worked.
        """
        if self.kind.chosen_code() is codes.TargetKind.OUTLET and self.outlet.form.name.data:
            raise InvalidInput(
                **{"outlet-name": _("This target is an outlet itself: leave this empty.")}
            )
        return incident_fields.parse_target_row(
            self,
            outlet=incident_fields.resolve_outlet(self.outlet),
            basis=self.basis.chosen_code(),
            harm=self.harm.data or "",
            place=self.place.data or "",
        )


class TargetStatusForm(IncidentPartForm):
    """A form for a status of a target, such as a detention, with its dates."""

    status = code_input(lazy("Consequences"), codes.StatusOfTarget)
    when = forms.WhenField(lazy("When"))
    expected_end = DateField(lazy("Expected end"), validators=[Optional()])


class ActorForm(IncidentPartForm):
    """A form for one actor of an incident."""

    actor_type = code_input(
        lazy("Perpetrator"), codes.ActorType,
        default=codes.ActorType.UNKNOWN.value,
        description=lazy("Men who only say that they are police are not police: unknown."),
    )  # fmt: skip
    purported_as = code_input(
        lazy("Whom they posed as"),
        codes.PurportedAs,
        blank=lazy("nobody"),
    )
    certainty = code_input(
        lazy("How certain"),
        codes.Certainty,
        default=codes.Certainty.UNKNOWN.value,
    )
    name = forms.TextField(lazy("Name, where a source gives it"), max_length=200)
    attributed_by = incident_fields.attribution_field()

    def populate_row(self, row: IncidentActor) -> None:
        """Fill the form with an actor."""
        self.actor_type.data, self.certainty.data = row.actor_type.value, row.certainty.value
        self.purported_as.data = row.purported_as.value if row.purported_as else ""
        self.attributed_by.data = row.attributed_by.value if row.attributed_by else ""
        self.name.data = row.name

    def cleaned_data(self) -> ActorFacts:
        """Return the submitted actor."""
        return ActorFacts(
            actor_type=self.actor_type.chosen_code(),
            purported_as=self.purported_as.chosen_code(),
            certainty=self.certainty.chosen_code(),
            name=self.name.data or "",
            attributed_by=self.attributed_by.chosen_code(),
        )


class ActorDegreeForm(IncidentPartForm):
    """A form for the degree of an actor's involvement, set by a monitor."""

    degree = code_input(lazy("Degree of involvement"), codes.Degree, blank=lazy("—"))

    def populate_row(self, row: IncidentActor) -> None:
        """Fill the form with an actor's degree."""
        self.degree.data = row.degree.value if row.degree else ""


class AssessLawsuitForm(IncidentPartForm):
    """A form for a monitor's assessment of whether a lawsuit is abusive (SLAPP)."""

    is_abusive = BooleanField(lazy("This lawsuit is abusive (SLAPP): the criteria are met"))

    def populate(self, record: IncidentPart) -> None:
        """Fill the form with the stored values and version."""
        super().populate(record)
        self.is_abusive.data = any(
            row.term.code == ABUSIVE_LAWSUIT_TYPE for row in record.incident.types
        )


class IncidentLinkForm(IncidentPartForm):
    """A form for a link from one incident to another."""

    kind = code_input(lazy("This incident"), codes.IncidentLinkKind)
    other = forms.TextField(
        lazy("The other incident"), max_length=14, required=True, description=lazy("Its ref: INC-…")
    )


class IncidentReferenceForm(IncidentPartForm):
    """A form for the identifier of an incident in an external list."""

    scheme = forms.TextField(
        lazy("List"), max_length=40, required=True, description=lazy("CPJ, MFRR, UN, Wikidata …")
    )
    identifier = forms.TextField(lazy("Its number or name there"), max_length=200, required=True)
    url = forms.TextField(lazy("Web address"), max_length=2000)


class RestrictForm(forms.PartForm):
    """A form to restrict an incident to its team, and people and sources that it shows with it."""

    also = SelectMultipleField(lazy("Restrict with it"), choices=list, validate_choice=False)

"""Small forms of an incident's page: a target, its status, an actor, a link, a reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from wtforms import BooleanField, DateField
from wtforms.validators import Optional

from tracker.errors import InvalidInput, collect_errors
from tracker.i18n import _, lazy
from tracker.incidents import codes
from tracker.incidents.fields import number_field, read_target, resolve_outlet, target_row, words
from tracker.incidents.models import Incident, IncidentActor, IncidentTarget
from tracker.incidents.rules import ASSESSED
from tracker.incidents.section_service import ActorFacts, TargetFacts
from tracker.web.forms import CodeField, NameField, PartForm, TextField, WhenField


@dataclass(frozen=True, slots=True)
class RecordPart:
    """A row of an incident, or None for a new one, with the version of the incident."""

    incident: Incident
    row: Any = None

    ENDPOINT: ClassVar[str] = "incidents"

    @property
    def version(self) -> int:
        """Return the version of the incident, which rises with every change of a row."""
        return self.incident.version

    @property
    def returned_to_draft(self) -> bool:
        """Return whether a change of a row returned the incident from review to draft."""
        return self.incident.returned_to_draft

    @property
    def ref(self) -> str:
        """Return the ref of the page that shows the row."""
        return self.incident.ref


class SectionForm(PartForm):
    """A small form of the page, for the version that was shown."""

    def populate(self, record: RecordPart) -> None:
        """Fill the form with the row, if there is one, and the version."""
        super().populate(record)
        if record.row is not None:
            self.show_row(record.row)

    def show_row(self, row: Any) -> None:  # noqa: ANN401 (a row of the section's own kind)
        """Fill the form with a row; rows that are only added and removed need none."""


class TargetForm(SectionForm):
    """The details of one target."""

    kind = CodeField(
        lazy("What it is"), codes.TargetKind, words=words, default=codes.TargetKind.JOURNALIST.value
    )
    who = NameField(lazy("Who"))
    outlet = NameField(lazy("Her outlet at the time"))
    number = number_field(lazy("At least how many (of a group)"))
    role = CodeField(
        lazy("Role"), codes.TargetRole, words=words, default=codes.TargetRole.DIRECT.value
    )
    basis = CodeField(
        lazy("Named by the source, or inferred"), codes.TargetBasis, words=words,
        default=codes.TargetBasis.NAMED.value,
    )  # fmt: skip
    harm = TextField(lazy("Harm"), most=500)
    place = TextField(lazy("Place"), most=200)

    def show_row(self, row: IncidentTarget) -> None:
        """Fill the form with a target; what the viewer may not see stays empty."""
        seen = target_row(row)
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
        _outlet, facts = collect_errors(lambda: resolve_outlet(self.outlet), self._facts)
        return facts

    def _facts(self) -> TargetFacts:
        if self.kind.code() is codes.TargetKind.OUTLET and self.outlet.form.name.data:
            raise InvalidInput(
                **{"outlet-name": _("This target is an outlet itself: leave this empty.")}
            )
        return read_target(
            self,
            outlet=resolve_outlet(self.outlet),
            basis=self.basis.code(),
            harm=self.harm.data or "",
            place=self.place.data or "",
        )


class StatusForm(SectionForm):
    """What happened to a target, as a status with dates."""

    status = CodeField(lazy("Consequences"), codes.StatusOfTarget, words=words)
    when = WhenField(lazy("When"))
    expected_end = DateField(lazy("Expected end"), validators=[Optional()])


class ActorForm(SectionForm):
    """The details of one actor."""

    actor_type = CodeField(
        lazy("Perpetrator"), codes.ActorType, words=words, default=codes.ActorType.UNKNOWN.value,
        description=lazy("Men who only say that they are police are not police: unknown."),
    )  # fmt: skip
    purported_as = CodeField(
        lazy("Whom they posed as"), codes.PurportedAs, words=words, blank=lazy("nobody")
    )
    certainty = CodeField(
        lazy("How certain"), codes.Certainty, words=words, default=codes.Certainty.UNKNOWN.value
    )
    name = TextField(lazy("Name, where a source gives it"), most=200)
    attributed_by = CodeField(
        lazy("Attributed by"), codes.AttributedBy, words=words, blank=lazy("—")
    )

    def show_row(self, row: IncidentActor) -> None:
        """Fill the form with an actor."""
        self.actor_type.data, self.certainty.data = row.actor_type.value, row.certainty.value
        self.purported_as.data = row.purported_as.value if row.purported_as else ""
        self.attributed_by.data = row.attributed_by.value if row.attributed_by else ""
        self.name.data = row.name

    def cleaned_data(self) -> ActorFacts:
        """Return the submitted actor."""
        return ActorFacts(
            actor_type=self.actor_type.code(),
            purported_as=self.purported_as.code(),
            certainty=self.certainty.code(),
            name=self.name.data or "",
            attributed_by=self.attributed_by.code(),
        )


class DegreeForm(SectionForm):
    """The degree of an actor's involvement, set by a monitor."""

    degree = CodeField(lazy("What part they had"), codes.Degree, words=words, blank=lazy("—"))

    def show_row(self, row: IncidentActor) -> None:
        """Fill the form with an actor's degree."""
        self.degree.data = row.degree.value if row.degree else ""


class AssessForm(SectionForm):
    """Whether a lawsuit is meant to silence, assessed by a monitor."""

    is_abusive = BooleanField(lazy("This lawsuit is abusive (SLAPP): the criteria are met"))

    def populate(self, record: RecordPart) -> None:
        """Fill the form with the stored values and version."""
        super().populate(record)
        self.is_abusive.data = any(row.term.code == ASSESSED for row in record.incident.types)


class LinkForm(SectionForm):
    """A link from this incident to another."""

    kind = CodeField(lazy("This incident"), codes.IncidentLinkKind, words=words)
    other = TextField(
        lazy("The other incident"), most=14, needed=True, description=lazy("Its ref: INC-…")
    )


class ReferenceForm(SectionForm):
    """The entry of an external list that is the same incident."""

    scheme = TextField(
        lazy("List"), most=40, needed=True, description=lazy("CPJ, MFRR, UN, Wikidata …")
    )
    identifier = TextField(lazy("Its number or name there"), most=200, needed=True)
    url = TextField(lazy("Web address"), most=2000)

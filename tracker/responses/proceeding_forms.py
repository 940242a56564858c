"""Forms for a proceeding, whom it concerns, and its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wtforms import FormField

from tracker.fake_accounts.fields import JOURNALIST, OUTLET, ImpersonatedForm
from tracker.i18n import _, country_names, lazy
from tracker.people.codes import InstitutionKind
from tracker.people.models import Journalist
from tracker.permissions import Visibility
from tracker.responses.codes import ProceedingDirection, ProceedingKind, StepOfProceeding
from tracker.responses.fields import LONGEST_QUOTE, words
from tracker.responses.rules import is_step_too_early
from tracker.web.forms import (
    ChoiceField,
    ChoicesField,
    CodeField,
    ConfirmField,
    LongTextField,
    PartForm,
    RowsField,
    TextField,
    TrackerForm,
    VersionedForm,
    WhenField,
)
from tracker.web.naming import NameField

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.articles.models import Article
    from tracker.incidents.models import Incident
    from tracker.responses.fields import Origin
    from tracker.responses.models import Proceeding
    from tracker.web.naming import NameChoice
    from tracker.when import When

LONGEST_SUMMARY = 5000
MOST_PARTIES = 20
EARLY = lazy("The day is right: it was taken before the incidents")


def _countries() -> list[tuple[str, str]]:
    return [("", "—"), *country_names()]


def _bearers() -> list[tuple[str, str]]:
    return [(JOURNALIST, _("a journalist")), (OUTLET, _("an outlet"))]


class PartyForm(ImpersonatedForm):
    """One journalist or outlet whom a proceeding concerns."""

    kind = ChoiceField(lazy("It concerns"), choices=_bearers, default=JOURNALIST)

    def resolve(self) -> NameChoice[Any] | None:
        """Return who is referred to, None for an empty line or one of no kind that there is."""
        return None if self.kind.errors else super().resolve()


class ProceedingFields(TrackerForm):
    """Forms for a proceeding, new or on record. Nobody's proceeding is anybody else's by
    default: whose it is, and what, a person says.
    """

    direction = CodeField(
        lazy("Whose proceeding it is"), ProceedingDirection, words=words, blank=lazy("—")
    )
    kind = CodeField(lazy("What it is"), ProceedingKind, words=words, blank=lazy("—"))
    country = ChoiceField(lazy("Country"), choices=_countries, default="")
    institution = NameField(lazy("Body that runs it"))
    institution_kind = CodeField(
        lazy("Its kind, if it is new"), InstitutionKind, words=words, blank=lazy("—")
    )
    number = TextField(lazy("Number"), most=100)
    legal_basis = TextField(
        lazy("Article of law"), most=500, description=lazy("As the source names it.")
    )
    summary = LongTextField(lazy("What it is about"), most=LONGEST_SUMMARY)
    visibility = CodeField(
        lazy("Who may see it"), Visibility, words=words, default=Visibility.RESTRICTED.value
    )
    parties = RowsField(
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
        """Fill the list with those whom a proceeding concerns and the viewer may see."""
        shown = [meant for one in proceeding.parties if (meant := one.meant())]
        while len(self.parties.entries) < len(shown):
            self.parties.append_entry()
        for line, meant in zip(self.lines(), shown, strict=False):
            line.kind.data = JOURNALIST if isinstance(meant, Journalist) else OUTLET
            line.who.populate(meant)


class NewProceedingForm(ProceedingFields):
    """A new proceeding with one step: from an article with its words, or from what it is about."""

    step = CodeField(
        lazy("Step that is told of"), StepOfProceeding, words=words, blank=lazy("—"),
        description=lazy("Further ones are added on the page of the proceeding."),
    )  # fmt: skip
    taken = WhenField(lazy("When it was taken"))
    early = ConfirmField(EARLY)
    quote = LongTextField(
        lazy("Quote"), most=LONGEST_QUOTE,
        description=lazy("Numbers of sentences, such as 12-14 or 2, 5, or words of the article."),
    )  # fmt: skip
    incidents = ChoicesField(lazy("Incidents it is about"), choices=[])

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
        self.country.data = origin.country or ""
        self.incidents.data = origin.ticked
        if "visibility" in self:
            self.visibility.data = origin.visibility.value

    def prefill_from(self, proceeding: Proceeding) -> None:
        """Fill in what the next proceeding from the same article probably shares."""
        self.country.data, self.kind.data = proceeding.country, proceeding.kind.value
        self.show_parties(proceeding)
        joined = [one.incident.ref for one in proceeding.incidents if one.incident]
        self.incidents.data = [ref for ref in joined if ref in self._incidents]

    def chosen_incidents(self) -> list[Incident]:
        """Return the incidents that were ticked."""
        refs = self.incidents.data or []
        return [self._incidents[ref] for ref in refs if ref in self._incidents]


class EditProceedingForm(VersionedForm, ProceedingFields):
    """The details of a proceeding."""

    COMPARED_TOGETHER = (
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


class StepForm(PartForm):
    """One step of a proceeding, with the words of a source that tell of it."""

    step = CodeField(lazy("Step"), StepOfProceeding, words=words, blank=lazy("—"))
    taken = WhenField(lazy("When it was taken"))
    early = ConfirmField(EARLY)
    institution = NameField(lazy("By which body, where it is another"))
    institution_kind = CodeField(
        lazy("Its kind, if it is new"), InstitutionKind, words=words, blank=lazy("—")
    )
    article = ChoiceField(lazy("Source"), default="")
    quote = LongTextField(
        lazy("Quote"), most=LONGEST_QUOTE,
        description=lazy("Numbers of sentences, such as 12-14 or 2, 5, or words of the source."),
    )  # fmt: skip
    note = TextField(
        lazy("Note"), most=500,
        description=lazy(
            "Which restraint and until when, for whom the court decided, which sentence."
        ),
    )  # fmt: skip

    def set_choices(self, articles: Iterable[Article]) -> None:
        """Offer the articles that the proceeding cites."""
        self._articles = {one.ref: one for one in articles}
        named = [(one.ref, one.title) for one in self._articles.values()]
        self.article.choices = [("", "—"), *named]

    def source(self) -> Article | None:
        """Return the article chosen."""
        return self._articles.get(self.article.data or "")


def confirm_early_step(
    form: NewProceedingForm | StepForm, when: When, incidents: list[Incident]
) -> None:
    """Raise InvalidInput for a step before all its incidents, until confirmed."""
    if is_step_too_early(when, incidents):
        doubt = _("This lies before every incident that it is about. Correct it, or tick below.")
        form.early.ask(**{f"{form.taken.name}-when": doubt})

"""The one form that confirms what an article suggests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wtforms import FormField, HiddenField

from tracker.errors import InvalidInput
from tracker.i18n import _, country_names, lazy
from tracker.intake.confirm_fields import AccountRow, ResponseRow, platforms
from tracker.intake.confirm_service import IN_NO_CASE
from tracker.intake.incident_fields import IncidentRow
from tracker.intake.on_record_rules import is_alike
from tracker.intake.published_fields import PublishedField
from tracker.intake.rearranging import LONGEST_NUMBERS
from tracker.intake.sheet import INNER, MOST_ROWS
from tracker.web.forms import ChoiceField, TextField, TrackerForm
from tracker.web.rows import RowsField

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tracker.cases.models import Case
    from tracker.incidents.models import Incident

# So many names are looked up for one save: each asks the database, while nobody else can write.
MOST_NAMES = 60


def _countries() -> list[tuple[str, str]]:
    return [("", "—"), *country_names()]


def _kinds() -> list[tuple[str, str]]:
    return [
        ("incidents", _("an incident")),
        ("accounts", _("a fake account")),
        ("responses", _("an official response")),
    ]


class Named(NamedTuple):
    """Somebody whom a form names: what they are, the name, and the country of a body."""

    kind: str
    name: str
    country: str


class ConfirmForm(TrackerForm):
    """Incidents, accounts and responses, each recorded or left out, and the case they go into."""

    # The id of the row, or the field, that is shown with all it can say, "" for none. Others show
    # what is likely: the lists of types, countries and bodies are long, and would stand in each.
    opened = ""
    # Where the list of countries is cut to those that are likely.
    cut_at: frozenset[str] = frozenset()

    # What cited the article when the page was made.
    cited = HiddenField(default="")
    published = PublishedField()
    # As it stood at the article when the page was made.
    published_was = HiddenField(default="")
    incidents = RowsField(FormField(IncidentRow), lazy("Incidents"), max_entries=MOST_ROWS)
    accounts = RowsField(FormField(AccountRow), lazy("Fake accounts"), max_entries=MOST_ROWS)
    responses = RowsField(FormField(ResponseRow), lazy("Responses"), max_entries=MOST_ROWS)
    case = ChoiceField(lazy("Case"), default="")
    title = TextField(lazy("Title of the new case"), most=300)
    country = ChoiceField(lazy("Country of the new case"), choices=_countries, default="")
    more = ChoiceField(lazy("What was missed"), choices=_kinds, default="incidents")
    more_quote = TextField(
        lazy("In which sentences"), most=LONGEST_NUMBERS, description=lazy("12 or 5, 9-11")
    )

    def offer(self, cases: Sequence[tuple[Case, str]], *, countries: Iterable[str] = ()) -> None:
        """Set the choices of every row, and the cases with why each is proposed.

        `countries`: of which the article tells.
        """
        self._offer_to_incidents()
        self._offer_countries({*countries, *(case.country for case, _why in cases)})
        offered = platforms() if self.accounts.entries else []
        for entry in self.accounts.entries:
            entry.form.platform.choices = offered
        named = {
            case.ref: f"{case.title} ({case.ref})" + (f": {why}" if why else "")
            for case, why in cases
        }
        self.case.choices = [
            ("", _("A new case, titled below")),
            *named.items(),
            (IN_NO_CASE, _("No case yet")),
        ]

    def _offer_to_incidents(self) -> None:
        """Set the types and regions of incidents, which are looked up once."""
        first, *others = [entry.form for entry in self.incidents.entries] or [None]
        if first is None:
            return
        first.types.offer()
        first.region.offer()
        for row in others:
            row.types.offered, row.types.choices = first.types.offered, list(first.types.choices)
            row.region.choices = first.region.choices

    def _offer_countries(self, countries: set[str]) -> None:
        """Set the countries: those that are likely. All of the world stand at what was opened, and,
        where none is likely, at the first place: it holds for those after it.
        """
        fields = {entry.id: entry.form.country for entry in self.incidents.entries}
        fields[self.country.id] = self.country
        fields |= {entry.id: entry.form.country for entry in self.responses.entries}
        near = {"", *countries, *(one.data for one in fields.values())}
        everywhere = _countries()
        likely = [one for one in everywhere if one[0] in near]
        whole = {self.opened} if len(likely) > 1 else {self.opened, next(iter(fields))}
        self.cut_at = frozenset(fields) - whole
        for place, one in fields.items():
            one.choices = likely if place in self.cut_at else everywhere

    def same_as(self) -> set[str]:
        """Return the refs of the incidents that rows are said to be."""
        refs = (entry.form.same_as.data for entry in self.incidents.entries)
        return {ref for ref in refs if ref}

    def point_out(self, incidents: Iterable[Incident]) -> None:
        """Set beside each incident those on record that look the same, or were chosen."""
        known = list(incidents)
        for entry in self.incidents.entries:
            row, refs = entry.form, entry.form.meant()
            types, when = row.types.data or [], row.occurred.form.when.data
            row.on_record = [
                one
                for one in known
                if one.ref == row.same_as.data or is_alike(one, refs, types, when)
            ]

    def used(self, kind: str) -> list[Any]:
        """Return the rows of one kind that are to be recorded."""
        return [entry for entry in self[kind].entries if entry.form.use.data]

    def rows(self) -> Iterator[tuple[str, Any]]:
        """Yield every row that may have come of a suggestion, big or small, with its anchor."""
        for kind, inner in INNER.items():
            for entry in self[kind].entries:
                yield entry.id, entry.form
                for part in entry.form[inner].entries:
                    if "came" in part.form:
                        yield part.id, part.form

    def names(self) -> Iterator[tuple[str, str, Any]]:
        """Yield every `NameField` of somebody who may be on record, with what they are and, of an
        institution, the country.
        """
        for entry in self.incidents.entries:
            for part in entry.form.targets.entries:
                yield part.form.kind.data, "", part.form.who
        for entry in self.accounts.entries:
            for part in entry.form.impersonates.entries:
                yield part.form.kind.data, "", part.form.who
        for entry in self.responses.entries:
            yield "institution", entry.form.country.data or "", entry.form.institution

    def has_too_many_names(self) -> bool:
        """Say whether more people and bodies are to be recorded than are looked up at once."""
        named = [part.form.who for entry in self.used("incidents") for part in entry.form.named()]
        named += [
            part.form.who
            for entry in self.used("accounts")
            for part in entry.form.impersonates.entries
        ]
        named += [entry.form.institution for entry in self.used("responses")]
        named += [
            part.form.acting for entry in self.used("responses") for part in entry.form.kept()
        ]
        return len({one.form.name.data for one in named if one.form.name.data}) > MOST_NAMES

    def refuse_meanwhile(self, cited: str) -> None:
        """Raise InvalidInput, once, where others recorded from the article since it was shown."""
        if self.cited.data == cited:
            return
        self.cited.data = cited
        raise InvalidInput(
            meanwhile=_(
                "Somebody recorded from this article meanwhile. Look at what is there; what is "
                "ticked here is still saved if you press the button again."
            )
        )

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 (WTForms' own signature)
        """Refuse as well what would be looked up for too long."""
        is_valid = super().validate(extra_validators)
        if not self.has_too_many_names():
            return bool(is_valid)
        self.form_errors.append(
            _(
                "These are more than %(most)d names. Untick some, save, and record the rest after.",
                most=MOST_NAMES,
            )
        )
        return False

    def alike(self) -> dict[Named, list[Any]]:
        """Return the fields of names by whom they name: nobody is asked about twice."""
        found: dict[Named, list[Any]] = {}
        for kind, country, field in self.names():
            if field.form.name.data:
                one = Named(kind, field.form.name.data, country)
                found.setdefault(one, []).append(field)
        return found

    def choose_alike(self) -> None:
        """Let the choice made at a name hold for whoever bears it further down."""
        for fields in self.alike().values():
            chosen = next((one.form.chosen.data for one in fields if one.form.chosen.data), "")
            for one in fields:
                one.form.chosen.data = chosen

    def carry_country(self, cases: Iterable[Case]) -> None:
        """Let a country hold for the incidents after it, and that of the case, on record or new,
        for the first.
        """
        chosen = next((one.country for one in cases if one.ref == self.case.data), None)
        country = chosen or self.country.data
        for entry in self.incidents.entries:
            entry.form.country.data = country = entry.form.country.data or country

    def reject(self, error: InvalidInput, *, only_silent: bool = False) -> None:
        """Show what was refused at its fields; a row within a row says so to the list it is in."""
        super().reject(error, only_silent=only_silent)
        for first, *others in self.alike().values():
            for one in others if first.form.name.errors and first.offers else ():
                one.offers, one.form.name.errors = (), []
        for kind, inner in INNER.items():
            for entry in self[kind].entries:
                parts = entry.form[inner]
                own = [one for one in parts.errors if isinstance(one, str)]
                parts.errors = [*own, *(one.errors for one in parts.entries if one.errors)]
            self[kind].errors = [one.errors for one in self[kind].entries if one.errors]

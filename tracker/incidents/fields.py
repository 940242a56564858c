"""Form fields of incidents: types by group, target rows, places and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from wtforms import FormField, IntegerField
from wtforms.validators import NumberRange, Optional

from tracker.errors import InvalidInput, collect_errors
from tracker.i18n import _, alphabet_sort_key, country_choices, current_language, lazy
from tracker.incidents.codes import AttributedBy, TargetKind, TargetRole
from tracker.incidents.models import IncidentTarget
from tracker.incidents.rules import type_groups
from tracker.incidents.service import TargetFacts, validate_targets
from tracker.kit.forms import code_input
from tracker.people import queries as people_queries
from tracker.people.models import Journalist, Outlet
from tracker.permissions import Visibility
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.models import Term
from tracker.vocabulary.queries import region_choices, term_choices, terms_with_codes
from tracker.web.forms import ChoiceField, ChoicesField, CodeField, NameField, RowsField, SubForm

MAX_TARGET_ROWS = 60  # in one form
MAX_COUNT = 1_000_000  # the largest number of people or occurrences in a field


def number_field(label: Any, *, minimum: int = 1) -> IntegerField:  # noqa: ANN401 (lazy string)
    """Return an optional form field for a whole number from `minimum` to `MAX_COUNT`."""
    bounds = NumberRange(minimum, MAX_COUNT)
    return IntegerField(label, validators=[Optional(), bounds])


def attribution_field() -> CodeField:
    """Return the form field for who says that an actor is responsible."""
    return code_input(
        lazy("Attributed by"), AttributedBy, blank=lazy("—"),
        description=lazy("Who says so. Needed with a perpetrator."),
    )  # fmt: skip


class IncidentTypesField(ChoicesField):
    """A field for the types of an incident: checkboxes, by group."""

    current_types: Sequence[Term] = ()

    def set_choices(self, current_terms: Iterable[Term] = ()) -> None:
        """Set the choices to all types that are not retired; they are queried only when the field
        is read. `current_terms`: the types that the incident already has, which stay choices even
        if retired.
        """
        self.current_types = list(current_terms)
        self.choices = lambda: list(self.selectable_types)

    @cached_property
    def selectable_types(self) -> list[tuple[str, str]]:
        """The code and label of each type that may be selected, in the viewer's language."""
        return term_choices(
            TermSet.INCIDENT_TYPE, current_language(), terms_to_keep=self.current_types
        )

    def pre_validate(self, form: Any) -> None:  # noqa: ANN401 (WTForms' own signature)
        """Skip WTForms' check of the choices; `selected_terms` makes the check."""

    def grouped_choices(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """Return each group's label with its types: code, label, and whether the type is selected.

        Groups are in the order of their highest type; `other`, which has none, comes last.
        """
        ticked = set(self.data or [])
        return [
            (name, [(code, text, code in ticked) for code, text in types])
            for _group, name, types in type_groups(self.selectable_types)
        ]

    def selected_terms(self) -> list[Term]:
        """Return the selected types; raise InvalidInput for an unknown or retired type."""
        found = terms_with_codes(TermSet.INCIDENT_TYPE, self.data or [], field=self.name)
        for term in found:
            if term.retired_at is not None and term not in self.current_types:
                raise InvalidInput(**{self.name: _("Unknown value: %(value)s", value=term.code)})
        return found


class CountryField(ChoiceField):
    """A required field for a country."""

    def set_choices(self) -> None:
        """Set the choices in the viewer's language."""
        self.choices = country_choices()


class RegionField(ChoiceField):
    """An optional field for a region."""

    def set_choices(self, current_terms: Iterable[Term] = ()) -> None:
        """Set the choices to all regions that are not retired; they are queried only when the field
        is read. `current_terms`: the current region, which stays a choice even if retired.
        """
        self.choices = lambda: dict([("", "—"), *region_choices(terms_to_keep=current_terms)])

    def pre_validate(self, form: Any) -> None:  # noqa: ANN401 (WTForms' own signature)
        """Reject a region that is not among the choices; an empty value is valid."""
        if self.data != "":
            super().pre_validate(form)

    def set_choices_for_country(self, country: str, regions: Mapping[str, Sequence[Term]]) -> None:
        """Set the choices to the regions of a country, and those that belong to no country.
        `regions`: all regions by country; the key "" has those that belong to no country.

        A chosen region of another country stays visible, to be corrected.
        """
        here = [*regions.get(country, ()), *(regions.get("", ()) if country else ())]
        here.sort(key=lambda one: alphabet_sort_key(one.label_in(current_language())))
        chosen = [one for found in regions.values() for one in found if one.code == self.data]
        kept = [one for one in chosen if one not in here]
        self.choices = [
            ("", "—"), *((one.code, one.label_in(current_language())) for one in [*here, *kept])
        ]  # fmt: skip

    def selected_term(self) -> Term | None:
        """Return the selected region, None if the field is empty."""
        return (
            terms_with_codes(TermSet.REGION, [self.data], field=self.name)[0] if self.data else None
        )


class TargetFields(SubForm):
    """The fields of one target in a form: kind, name, role and number of people."""

    kind = code_input(lazy("What it is"), TargetKind, default=TargetKind.JOURNALIST.value)
    who = NameField(lazy("Who"))
    role = code_input(lazy("Role"), TargetRole, default=TargetRole.DIRECT.value)
    number = number_field(lazy("At least how many (of a group)"))


def is_blank_target_row(row: Any) -> bool:  # noqa: ANN401 (a form with WhoFields)
    """Return whether a target row was left empty: no name and no number of people."""
    return not row.who.form.name.data and row.number.data is None


def parse_target_row(row: Any, *, field_prefix: str = "", **rest: Any) -> TargetFacts:  # noqa: ANN401 (a form with WhoFields; facts)
    """Return the target entered in a form row. Raise InvalidInput, with likely matches, if the name
    is ambiguous. `field_prefix`: the beginning of the names of the fields in this row, so that an
    error is shown there; `rest`: values of other fields of `TargetFacts`, by name.
    """
    kind, who = row.kind.chosen_code(), row.who
    if not who.form.name.data:
        meant: dict[str, Any] = {}
    elif kind is TargetKind.JOURNALIST:
        meant = {"journalist": resolve_journalist(who)}
    elif kind is TargetKind.OUTLET:
        meant = {"outlet": resolve_outlet(who)}
    else:
        meant = {"words": who.form.name.data}
    return TargetFacts(
        kind=kind,
        role=row.role.chosen_code(),
        number_at_least=row.number.data,
        field_prefix=field_prefix,
        **{**rest, **meant},
    )


def parse_target_rows(rows: Iterable[Any], visibility: Visibility) -> list[TargetFacts]:
    """Return the targets entered in the rows of a new incident with this visibility; raise
    InvalidInput with all errors, each at its row.
    """
    read: list[TargetFacts] = []

    def read_row(row: Any) -> None:  # noqa: ANN401 (an entry of a list of target rows)
        """Read a row, and check it with the previous ones: it may have the same target."""
        read.append(parse_target_row(row.form, field_prefix=f"{row.name}-"))
        validate_targets(read, visibility)

    collect_errors(*(partial(read_row, row) for row in rows))
    return read


def resolve_journalist(field: NameField) -> Journalist | str | None:
    """Return the existing journalist chosen in a name field, or the name of a new one; None if the
    field is empty.
    """
    wanted: Any = field.resolve(people_queries.likely_journalists, people_queries.journalist_by_ref)
    return (wanted.record or wanted.name) if wanted else None


def resolve_outlet(field: NameField) -> Outlet | str | None:
    """Return the existing outlet chosen in a name field, or the name of a new one; None if the
    field is empty.
    """
    wanted: Any = field.resolve(people_queries.likely_outlets, people_queries.outlet_by_ref)
    return (wanted.record or wanted.name) if wanted else None


def target_row_data(target: IncidentTarget) -> dict[str, Any] | None:
    """Return a target as the data of a row of `TargetFields`, None if the name is hidden from the
    viewer.
    """
    if target.kind is TargetKind.JOURNALIST:
        owner: Any = target.journalist
    elif target.kind is TargetKind.OUTLET:
        owner = target.outlet
    else:
        who = {"name": target.words, "chosen": ""}
        return _build_row_data(target, who)
    return _build_row_data(target, {"name": owner.name, "chosen": owner.ref}) if owner else None


def target_rows_field() -> RowsField:
    """Return the field for the targets of a new incident: three rows, and a button for more."""
    return RowsField(FormField(TargetFields), min_entries=3, max_entries=MAX_TARGET_ROWS)


def validate_row_limit(field: RowsField) -> None:
    """Raise InvalidInput if no row can be added: the form has `MAX_TARGET_ROWS` already."""
    if len(field.entries) >= MAX_TARGET_ROWS:
        raise InvalidInput(rows=_("At most %(n)d targets in one form.", n=MAX_TARGET_ROWS))


def _build_row_data(target: IncidentTarget, who: dict[str, str]) -> dict[str, Any]:
    """Return a target as the data of a row of `TargetFields`. `who`: a dict with the key `name`,
    and the key `chosen` for the ref of the existing journalist or outlet, "" for none.
    """
    return {
        "kind": target.kind.value,
        "who": who,
        "role": target.role.value,
        "number": target.number_at_least,
    }

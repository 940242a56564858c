"""Form fields for the parties that an account impersonates: recorded, new, or an official."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from tracker.errors import InvalidInput, collect_errors
from tracker.fake_accounts.models import AccountImpersonation
from tracker.fake_accounts.service import ImpersonatedParty
from tracker.i18n import _, lazy
from tracker.people import queries as people_queries
from tracker.people.models import Journalist, Outlet
from tracker.people.service import add_journalist, add_outlet
from tracker.permissions import Actor, Visibility
from tracker.records import validate_linked_visibility
from tracker.web.forms import ChoiceField, NameChoice, NameField, SubForm

# The kinds of a party, as form values.
JOURNALIST, OUTLET, INSTITUTION, OFFICIAL = "journalist", "outlet", "institution", "official"
# By kind of party, two functions: the first finds the records that a name may match, the second
# finds a record by its ref.
FINDERS_BY_PARTY_KIND: dict[str, Any] = {
    JOURNALIST: (people_queries.likely_journalists, people_queries.journalist_by_ref),
    OUTLET: (people_queries.likely_outlets, people_queries.outlet_by_ref),
    INSTITUTION: (people_queries.likely_institutions, people_queries.institution_by_ref),
}


def _party_kind_choices() -> list[tuple[str, str]]:
    """Return the value and localized label of each kind of party."""
    return [
        (JOURNALIST, _("a journalist")),
        (OUTLET, _("an outlet")),
        (INSTITUTION, _("an institution")),
        (OFFICIAL, _("an official")),
    ]


class ImpersonatedPartyForm(SubForm):
    """One party whose name or photograph an account uses."""

    kind = ChoiceField(lazy("Poses as"), choices=_party_kind_choices, default=JOURNALIST)
    who = NameField(lazy("Name"))

    def populate(self, row: AccountImpersonation) -> None:
        """Fill the form with a recorded impersonation."""
        meant = row.impersonated_party()
        if meant is None:
            self.kind.data, self.who.form.name.data = OFFICIAL, row.official
            return
        kinds = {Journalist: JOURNALIST, Outlet: OUTLET}
        self.kind.data = kinds.get(type(meant), INSTITUTION)
        self.who.populate(meant)

    def resolve(self) -> NameChoice[Any] | None:
        """Return the party whose name the user entered in this sub-form, None if the name is empty.

        Raises InvalidInput if the user must choose between records, or record an institution first.
        """
        name = self.who.form.name.data or ""
        if not name or self.kind.data == OFFICIAL:
            return self.who.resolve(lambda _name: [], lambda _ref: None)
        chosen: NameChoice[Any] | None = self.who.resolve(*FINDERS_BY_PARTY_KIND[self.kind.data])
        if self.kind.data == INSTITUTION and chosen and chosen.record is None:
            raise InvalidInput(
                **{
                    self.who.form.name.name: _(
                        "There is no such institution yet: record it first, or choose "
                        "“an official”."
                    )
                }
            )
        return chosen


@dataclass(frozen=True, slots=True)
class ImpersonatedPartyChoice:
    """A party that a line of the form names, which may still have to be created. `kind`:
    `JOURNALIST`, `OUTLET`, `INSTITUTION` or `OFFICIAL`; `field`: the input with the name.
    """

    kind: str
    chosen: NameChoice[Any]
    field: str


def read_impersonated_parties(
    lines: Iterable[ImpersonatedPartyForm], visibility: Visibility = Visibility.RESTRICTED
) -> list[ImpersonatedPartyChoice]:
    """Return the parties that the lines name; raise InvalidInput with the errors of all lines.
    `visibility`: of the record that names them; a party that fewer users may see is an error.

    New parties are not created yet: all names are resolved before anything is stored.
    """
    filled = list(lines)
    chosen = collect_errors(*(partial(_read_line, line, visibility) for line in filled))
    return [
        ImpersonatedPartyChoice(line.kind.data, one, line.who.form.name.name)
        for line, one in zip(filled, chosen, strict=True)
        if one is not None
    ]


def _read_line(line: ImpersonatedPartyForm, visibility: Visibility) -> NameChoice[Any] | None:
    """Return the party that a line names, None if it is empty. Raise InvalidInput as
    `read_impersonated_parties` does.
    """
    found = line.resolve()
    if found is not None and isinstance(found.record, Journalist | Outlet):
        validate_linked_visibility(visibility, [found.record], field=line.who.form.name.name)
    return found


def create_impersonated_parties(
    choices: Iterable[ImpersonatedPartyChoice],
    *,
    team_id: int,
    visibility: Visibility,
    country: str | None = None,
    by: Actor,
) -> list[ImpersonatedParty]:
    """Return the chosen parties, each once; new journalists and outlets are created with this team,
    visibility and country.

    Raises InvalidInput at the input of a name.
    """
    found: dict[tuple[str, Any], ImpersonatedParty] = {}
    for one in choices:
        key = one.kind, one.chosen.record or one.chosen.name
        if key in found:
            continue
        if one.chosen.record is not None or one.kind == OFFICIAL:
            found[key] = one.chosen.record or one.chosen.name
            continue
        add: Any = add_journalist if one.kind == JOURNALIST else add_outlet
        try:
            found[key] = add(
                one.chosen.name, team_id=team_id, visibility=visibility, country=country, by=by
            )
        except InvalidInput as error:
            raise InvalidInput(**{one.field: " ".join(error.fields.values())}) from error
    return list(found.values())

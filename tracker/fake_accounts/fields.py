"""Form fields for whom an account impersonates: a recorded or new party, or an official."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tracker.errors import InvalidInput, collect_errors
from tracker.fake_accounts.models import AccountImpersonation
from tracker.fake_accounts.service import Posed
from tracker.i18n import _, lazy
from tracker.people import queries as people_queries
from tracker.people.models import Journalist, Outlet
from tracker.people.service import add_journalist, add_outlet
from tracker.permissions import Actor, Visibility
from tracker.web.forms import ChoiceField, NameChoice, NameField, SubForm

JOURNALIST, OUTLET, INSTITUTION, OFFICIAL = "journalist", "outlet", "institution", "official"
FINDERS: dict[str, Any] = {
    JOURNALIST: (people_queries.likely_journalists, people_queries.journalist_by_ref),
    OUTLET: (people_queries.likely_outlets, people_queries.outlet_by_ref),
    INSTITUTION: (people_queries.likely_institutions, people_queries.institution_by_ref),
}


def _kinds() -> list[tuple[str, str]]:
    return [
        (JOURNALIST, _("a journalist")),
        (OUTLET, _("an outlet")),
        (INSTITUTION, _("an institution")),
        (OFFICIAL, _("an official")),
    ]


class ImpersonatedForm(SubForm):
    """One name or photograph that an account uses."""

    kind = ChoiceField(lazy("Poses as"), choices=_kinds, default=JOURNALIST)
    who = NameField(lazy("Name"))

    def populate(self, row: AccountImpersonation) -> None:
        """Fill in a recorded impersonation."""
        meant = row.party()
        if meant is None:
            self.kind.data, self.who.form.name.data = OFFICIAL, row.official
            return
        kinds = {Journalist: JOURNALIST, Outlet: OUTLET}
        self.kind.data = kinds.get(type(meant), INSTITUTION)
        self.who.populate(meant)

    def resolve(self) -> NameChoice[Any] | None:
        """Return the party named, None for an empty line; raise InvalidInput if ambiguous."""
        name = self.who.form.name.data or ""
        if not name or self.kind.data == OFFICIAL:
            return self.who.resolve(lambda _name: [], lambda _ref: None)
        wanted: NameChoice[Any] | None = self.who.resolve(*FINDERS[self.kind.data])
        if self.kind.data == INSTITUTION and wanted and wanted.record is None:
            raise InvalidInput(
                **{
                    self.who.form.name.name: _(
                        "There is no such institution yet: record it first, or choose "
                        "“an official”."
                    )
                }
            )
        return wanted


@dataclass(frozen=True, slots=True)
class ImpersonatedChoice:
    """One line of the form, resolved; `field` is the input of its name."""

    kind: str
    wanted: NameChoice[Any]
    field: str


def read_impersonated(lines: Iterable[ImpersonatedForm]) -> list[ImpersonatedChoice]:
    """Return the parties of the non-empty lines; raise InvalidInput at every ambiguous one.

    Nobody new is created yet: all names are resolved before anything is stored.
    """
    filled = list(lines)
    wanted = collect_errors(*(line.resolve for line in filled))
    return [
        ImpersonatedChoice(line.kind.data, one, line.who.form.name.name)
        for line, one in zip(filled, wanted, strict=True)
        if one is not None
    ]


def create_impersonated(
    choices: Iterable[ImpersonatedChoice],
    *,
    team_id: int,
    visibility: Visibility,
    country: str | None = None,
    by: Actor,
) -> list[Posed]:
    """Return the parties named; new ones are created, each once."""
    found: dict[tuple[str, Any], Posed] = {}
    for one in choices:
        key = one.kind, one.wanted.record or one.wanted.name
        if key in found:
            continue
        if one.wanted.record is not None or one.kind == OFFICIAL:
            found[key] = one.wanted.record or one.wanted.name
            continue
        add: Any = add_journalist if one.kind == JOURNALIST else add_outlet
        try:
            found[key] = add(
                one.wanted.name, team_id=team_id, visibility=visibility, country=country, by=by
            )
        except InvalidInput as error:
            raise InvalidInput(**{one.field: " ".join(error.fields.values())}) from error
    return list(found.values())

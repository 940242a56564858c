"""Whom the confirm page means: those who are new are made once, however many rows name them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tracker.errors import InvalidInput
from tracker.fake_accounts.fields import JOURNALIST, OFFICIAL, OUTLET
from tracker.people.service import add_journalist, add_outlet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.fake_accounts.fields import Meant
    from tracker.fake_accounts.service import Posed
    from tracker.incidents.section_service import TargetFacts
    from tracker.people.models import Journalist, Outlet
    from tracker.permissions import Actor, Visibility


class People:
    """The journalists and outlets that are new, each made at the first row that names them."""

    def __init__(
        self, *, team_id: int, visibility: Visibility, country: str | None, by: Actor
    ) -> None:
        self.by = by
        self.kept: dict[str, Any] = {
            "team_id": team_id, "visibility": visibility, "country": country, "by": by,
        }  # fmt: skip
        self.made: dict[tuple[str, str], Journalist | Outlet] = {}

    def target(self, facts: TargetFacts) -> TargetFacts:
        """Return a target with whoever is new in it recorded."""
        field = f"{facts.at}who-name"
        if isinstance(facts.journalist, str):
            made: Any = self._new(JOURNALIST, facts.journalist, field)
            return replace(facts, journalist=made)
        if isinstance(facts.outlet, str):
            made = self._new(OUTLET, facts.outlet, field)
            return replace(facts, outlet=made)
        return facts

    def posed(self, meant: Iterable[Meant]) -> list[Posed]:
        """Return whom an account poses as, each once."""
        found: list[Posed] = []
        for one in meant:
            name, record = one.wanted.name, one.wanted.record
            if record is not None:
                found.append(record)
            else:
                found.append(name if one.kind == OFFICIAL else self._new(one.kind, name, one.field))
        return list(dict.fromkeys(found))

    def _new(self, kind: str, name: str, field: str) -> Journalist | Outlet:
        key = kind, name.casefold()
        if key not in self.made:
            add: Any = add_journalist if kind == JOURNALIST else add_outlet
            try:
                self.made[key] = add(name, **self.kept)
            except InvalidInput as error:
                raise InvalidInput(**{field: " ".join(error.fields.values())}) from error
        return self.made[key]

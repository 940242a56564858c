"""What the views of journalists, outlets and institutions share: whose they are, a wrong name."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tracker.errors import InvalidInput, Refused
from tracker.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.permissions import Actor

Done = TypeVar("Done")


def own_team(actor: Actor) -> int:
    """Return the team that keeps what this person records outside any article: their first."""
    if not actor.team_ids:
        raise Refused(_("You are in no team that could keep this record."))
    return actor.team_ids[0]


def at_the_name(act: Callable[[], Done]) -> Done:
    """Do it; what is wrong with the name stands at the inner input in which it was typed."""
    try:
        return act()
    except InvalidInput as error:
        fields = {("who-name" if at == "name" else at): said for at, said in error.fields.items()}
        raise InvalidInput(**fields) from error

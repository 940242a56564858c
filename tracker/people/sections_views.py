"""What the views of journalists, outlets and institutions share: saving small forms in sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash

from tracker.db import db
from tracker.errors import InvalidInput, Refused
from tracker.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.permissions import Actor
    from tracker.web.forms import TrackerForm


def saved(form: TrackerForm, act: Callable[[], object]) -> bool:
    """Do what a sent form asks for and commit it; False when something is wrong with the form.

    What the service says of `name` stands at the name that was typed.
    """
    if not form.validate_on_submit():
        return False
    try:
        act()
    except InvalidInput as error:
        form.reject(error)
        return False
    db.session.commit()
    flash(_("Saved."))
    return True


def own_team(actor: Actor) -> int:
    """Return the team that keeps what this person records outside any article: their first."""
    if not actor.team_ids:
        raise Refused(_("You are in no team that could keep this record."))
    return actor.team_ids[0]


def at_the_name(error: InvalidInput) -> InvalidInput:
    """Return an error about a name, at the inner input of the field in which it was typed."""
    return InvalidInput(
        **{("who-name" if field == "name" else field): said for field, said in error.fields.items()}
    )

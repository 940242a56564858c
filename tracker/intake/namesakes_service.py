"""Finding that two records of one name are two, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.audit.service import record_event
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.intake.namesake_models import NAMESAKES
from tracker.intake.namesakes_queries import are_told_apart
from tracker.people.models import Institution
from tracker.people.service import act

if TYPE_CHECKING:
    from tracker.intake.namesake_models import Namesakes
    from tracker.people.service import Bearing
    from tracker.permissions import Actor


def tell_apart(one: Bearing, other: Bearing, *, by: Actor) -> Namesakes:
    """Keep that two records are two people, or two outlets: they are not proposed as one again.

    Raises InvalidInput at `other` where that cannot be said of them.
    """
    if one is other or type(one) is not type(other):
        raise InvalidInput(other=_("These are not two records of one kind."))
    if one.merged_into_id or other.merged_into_id:
        raise InvalidInput(other=_("One of the two leads to another record already."))
    if are_told_apart(one, other):
        raise InvalidInput(other=_("Somebody found already that these are two."))
    _note(one, other, "tell-apart", by=by)
    first, second = sorted((one, other), key=lambda bearer: bearer.id)
    made: Any = NAMESAKES[type(first)](one_id=first.id, other_id=second.id, told_by_id=by.id)
    if not isinstance(first, Institution):
        made.team_id, made.visibility = first.team_id, first.visibility
    db.session.add(made)
    db.session.flush()
    found: Namesakes = made
    return found


def ask_again(decision: Namesakes, one: Bearing, other: Bearing, *, by: Actor) -> None:
    """Take back that two records are two: where their names are alike, they are proposed again."""
    db.session.delete(decision)
    _note(one, other, "ask-again", by=by)


def _note(one: Bearing, other: Bearing, what: str, *, by: Actor) -> None:
    """Write into the trail of each record what was found of it and the other."""
    for this, that in ((one, other), (other, one)):
        record_event(act(this, what), this.ref, by=by, changes={"other": that.ref})

"""Keeping what somebody chose for a file, and letting it go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.reports.choice_models import ExportChoice
from tracker.reports.choice_queries import choice_called

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.permissions import Actor


def keep_choice(name: str, asked: Mapping[str, Any], *, by: Actor) -> None:
    """Keep a choice under a name; raise InvalidInput where another one of the actor has it."""
    kept = choice_called(name, of=by)
    if kept is None:
        db.session.add(ExportChoice(user_id=by.id, name=name, asked=dict(asked)))
    elif kept.asked != dict(asked):
        words = _("Another choice of yours has this name: give another one, or remove that first.")
        raise InvalidInput(name=words)


def remove_choice(name: str, *, by: Actor) -> None:
    """Let go of what the actor kept under a name, if there still is such."""
    kept = choice_called(name, of=by)
    if kept is not None:
        db.session.delete(kept)

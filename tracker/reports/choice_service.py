"""Keeping what somebody chose for a file, and letting it go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.db import db
from tracker.reports.choice_models import ExportChoice
from tracker.reports.choice_queries import choice_called

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.permissions import Actor


def keep_choice(name: str, asked: Mapping[str, Any], *, by: Actor) -> None:
    """Keep a choice under a name, in place of what the actor kept under it before."""
    kept = choice_called(name, of=by)
    if kept is None:
        db.session.add(ExportChoice(user_id=by.id, name=name, asked=dict(asked)))
    else:
        kept.asked = dict(asked)


def remove_choice(name: str, *, by: Actor) -> None:
    """Let go of what the actor kept under a name, if there still is such."""
    kept = choice_called(name, of=by)
    if kept is not None:
        db.session.delete(kept)

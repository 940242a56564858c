"""Keeping up to when somebody has seen a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker import clock
from tracker.cases.models import CaseLook
from tracker.cases.news_queries import look_of
from tracker.db import db

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.cases.models import Case
    from tracker.permissions import Actor


def mark_seen(case: Case, until: datetime, *, by: Actor) -> None:
    """Note that the actor has seen a case up to a moment, never an earlier one than before."""
    until = min(until, clock.now())
    look = look_of(case, by=by)
    if look is None:
        db.session.add(CaseLook(user_id=by.id, case=case, looked_at=until))
    else:
        look.looked_at = max(look.looked_at, until)

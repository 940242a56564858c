"""Reading what somebody chose and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from tracker.db import db
from tracker.reports.choice_models import ExportChoice

if TYPE_CHECKING:
    from tracker.permissions import Actor


def choices_of(actor: Actor) -> list[ExportChoice]:
    """Return what the actor kept, by name."""
    rows = select(ExportChoice).where(ExportChoice.user_id == actor.id)
    return list(db.session.scalars(rows.order_by(ExportChoice.name)))


def choice_called(name: str, *, of: Actor) -> ExportChoice | None:
    """Return what somebody kept under a name."""
    rows = select(ExportChoice).where(ExportChoice.user_id == of.id, ExportChoice.name == name)
    return db.session.scalars(rows).first()

"""Erasing what is kept in confidence of a journalist: one person asks, another one agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from tracker import clock
from tracker.audit.commitment_service import forget_values
from tracker.audit.forgetting_service import forget_fields
from tracker.audit.models import CommittedValue
from tracker.audit.service import record_event
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.people.forgetting_models import SpeaksOfHer
from tracker.people.models import Erasure, JournalistConfidential
from tracker.people.queries import open_erasure

if TYPE_CHECKING:
    from tracker.people.models import Journalist
    from tracker.permissions import Actor


def ask_erasure(journalist: Journalist, *, reason: str, by: Actor) -> Erasure:
    """Ask for it; nothing is erased before somebody else agrees."""
    if not reason.strip():
        raise InvalidInput(reason=_("Say why."))
    if open_erasure(journalist) is not None:
        raise InvalidInput(reason=_("Somebody has asked for it already."))
    record_event("journalist:ask-erasure", journalist.ref, by=by)
    asked = Erasure(journalist=journalist, reason=reason.strip(), asked_by_id=by.id)
    db.session.add(asked)
    db.session.flush()
    return asked


def end_erasure(journalist: Journalist, *, by: Actor) -> None:
    """End a request, one's own or another's: nothing is erased, and it can be asked for again."""
    asked = open_erasure(journalist)
    if asked is None:
        raise InvalidInput(end=_("Nobody asks for it, or it is done already."))
    record_event("journalist:end-erasure", journalist.ref, by=by)
    db.session.delete(asked)


def agree_erasure(journalist: Journalist, *, by: Actor) -> list[str]:
    """Erase as the second person, and return the tables to be cleaned after the commit.

    Gone are her confidential row, the free text of her naming decisions and the values behind the
    trail's commitments to both. What was decided about her name stays, and is obeyed.
    """
    forgot = {
        part: list(model.FREE_TEXT)
        for model in SpeaksOfHer.__subclasses__()
        for part in model.parts(journalist.id)
    }
    record_event("journalist:erase", journalist.ref, by=by, changes={"forgot": forgot})
    asked = open_erasure(journalist)
    if asked is None:
        raise InvalidInput(agree=_("Nobody asks for it, or it is done already."))
    if asked.asked_by_id == by.id:
        raise InvalidInput(agree=_("Whoever asked does not agree: a second person does."))
    asked.agreed_by_id, asked.agreed_at = by.id, clock.now()
    hers = JournalistConfidential.journalist_id == journalist.id
    db.session.execute(delete(JournalistConfidential).where(hers))
    forget_values(journalist.ref)
    tables = [JournalistConfidential.__tablename__, CommittedValue.__tablename__]
    for model in SpeaksOfHer.__subclasses__():
        for row in db.session.scalars(select(model).where(model.is_of(journalist.id))):
            for name in model.FREE_TEXT:
                setattr(row, name, "")
        subjects = db.session.scalars(model.subjects(journalist.id)).all()
        forget_fields(subjects, model.ACT, model.FREE_TEXT, parts=forgot)
        tables.append(str(model.__tablename__))  # type: ignore[attr-defined]  # each is a table
    db.session.flush()
    return tables

"""Whose names are closed, and how they are spelt: what every file takes out of its words."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from tracker.incidents.codes import NameReach
from tracker.incidents.models import IncidentTarget
from tracker.people.mention_queries import names_of
from tracker.people.models import Journalist

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session


def closed_names(session: Session) -> list[str]:
    """Return every name of those whom no file names: closed by their team, or in an incident."""
    closed = select(IncidentTarget.journalist_id).where(IncidentTarget.name_reach == NameReach.TEAM)
    rows = select(Journalist).where(
        or_(Journalist.name_closed_on.is_not(None), Journalist.id.in_(closed))
    )
    found = session.scalars(rows.options(selectinload(Journalist.names)))
    return list(dict.fromkeys(name for one in found for name in names_of(one)))


def closed_in(
    session: Session, incident_ids: Collection[int]
) -> dict[int, list[tuple[list[str], str]]]:
    """Return the names of the closed targets of each incident, and what stands for them."""
    rows = (
        select(IncidentTarget)
        .join(Journalist, IncidentTarget.journalist_id == Journalist.id)
        .where(
            IncidentTarget.incident_id.in_(incident_ids),
            or_(
                IncidentTarget.name_reach == NameReach.TEAM,
                Journalist.name_closed_on.is_not(None),
            ),
        )
        .options(selectinload(IncidentTarget.journalist).selectinload(Journalist.names))
    )
    found: dict[int, list[tuple[list[str], str]]] = defaultdict(list)
    for target in session.scalars(rows):
        if target.journalist is not None:
            found[target.incident_id].append((names_of(target.journalist), target.named_as))
    session.expunge_all()
    return found

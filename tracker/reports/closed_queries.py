"""Whose names are closed in an incident, and what stands for them: for each row of a file."""

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

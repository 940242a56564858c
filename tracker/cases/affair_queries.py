"""Proposing cases: incidents in none that look like one affair; and records named for filing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from tracker.cases.affair_rules import Touch, affairs
from tracker.cases.models import CaseIncident
from tracker.cases.queries import SHELVES
from tracker.db import db
from tracker.incidents.codes import TargetKind
from tracker.incidents.models import Incident, IncidentTarget
from tracker.incidents.queries import for_a_line, latest_first
from tracker.incidents.words import target_name
from tracker.people.models import Journalist, Outlet
from tracker.review.queries import counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# So many incidents are looked at, the latest first, and so many groups of them proposed.
MOST_LOOKED_AT = 1000
MOST_PROPOSED = 10
# So many records are filed in one step.
MOST_TOGETHER = 50
# The outlet of a person is no target beside her.
_IS_OUTLET = IncidentTarget.kind == TargetKind.OUTLET


@dataclass(frozen=True, slots=True)
class Affair:
    """Incidents that look like one affair, the latest first, and the targets that they share."""

    incidents: list[Incident]
    shared: list[str]


def affairs_in_no_case() -> list[Affair]:
    """Return what the latest 1,000 incidents that the viewer may see propose, the latest first."""
    touches = _touches()
    ends: dict[int, Any] = {one.incident: (one.latest, one.incident) for one in touches}
    groups = sorted(
        (sorted(group, key=ends.__getitem__, reverse=True) for group in affairs(touches)),
        key=lambda group: ends[group[0]],
        reverse=True,
    )
    shown = [group[:MOST_TOGETHER] for group in groups[:MOST_PROPOSED]]
    ids = [number for group in shown for number in group]
    rows = select(Incident).where(Incident.id.in_(ids)).options(*for_a_line())
    loaded = {one.id: one for one in db.session.scalars(rows)} if ids else {}
    found = [[loaded[number] for number in group] for group in shown]
    return [Affair(incidents, shared_targets(incidents)) for incidents in found]


def _touches() -> list[Touch]:
    """Return who was the target of the latest incidents that count and are in no case, as far as
    the viewer sees; somebody hidden ties nothing together.
    """
    latest = latest_first(select(Incident).where(counts(Incident))).limit(MOST_LOOKED_AT)
    filed = select(CaseIncident.id).where(CaseIncident.incident_id == Incident.id)
    rows = (
        select(Incident.id, Incident.earliest, Incident.latest, Journalist.id, Outlet.id)
        .join(Incident.targets)
        .outerjoin(IncidentTarget.journalist)
        .outerjoin(IncidentTarget.outlet)
        .where(
            Incident.id.in_(latest.with_only_columns(Incident.id)),
            or_(Journalist.id.is_not(None), Outlet.id.is_not(None) & _IS_OUTLET),
            ~filed.exists(),
        )
        .order_by(IncidentTarget.id)
    )
    return [
        Touch(incident, ("outlet", outlet) if person is None else ("person", person), first, last)
        for incident, first, last, person, outlet in db.session.execute(rows)
    ]


def shared_targets(incidents: Iterable[Incident]) -> list[str]:
    """Return the names of those who are the target of two and more, whoever it was most often
    first.
    """
    found: Counter[tuple[type, int]] = Counter()
    names: dict[tuple[type, int], str] = {}
    for incident in incidents:
        mine = {
            (type(whom), whom.id): target_name(target)
            for target in incident.targets
            if (whom := target.journalist or (target.kind is TargetKind.OUTLET and target.outlet))
        }
        found.update(mine.keys())
        names |= mine
    return [names[key] for key, times in found.most_common() if times > 1]


def records_named(refs: Sequence[str]) -> list[Any]:
    """Return the viewer's records of these refs, of kinds that cases hold, in the order named."""
    found: dict[str, Any] = {}
    for shelf in SHELVES:
        mine = [ref for ref in refs if ref.startswith(shelf.kind.PREFIX + "-")]
        if mine:
            rows = select(shelf.kind).where(shelf.kind.ref.in_(mine)).options(*shelf.for_a_line())
            found |= {one.ref: one for one in db.session.scalars(rows).unique()}
    return [found[ref] for ref in dict.fromkeys(refs) if ref in found]

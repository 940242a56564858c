"""The timeline of whatever has one: a case, a journalist, an outlet, an incident."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracker import clock
from tracker.cases.models import Case
from tracker.i18n import _
from tracker.incidents.models import Incident
from tracker.people.models import Journalist, Outlet
from tracker.timelines.queries import (
    facts_of_case,
    facts_of_journalist,
    facts_of_one_incident,
    facts_of_outlet,
)
from tracker.timelines.situation import (
    Situation,
    situation_of_case,
    situation_of_incident,
    situation_of_somebody,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.timelines.filters import TimelineFilter
    from tracker.timelines.loading_queries import Told

# By the name under which their pages stand.
FACTS: dict[str, tuple[type[Any], Callable[..., Told]]] = {
    Case.ENDPOINT: (Case, facts_of_case),
    Journalist.ENDPOINT: (Journalist, facts_of_journalist),
    Outlet.ENDPOINT: (Outlet, facts_of_outlet),
    Incident.ENDPOINT: (Incident, facts_of_one_incident),
}


@dataclass(frozen=True, slots=True)
class Timeline:
    """A record, how it stands, and whether there is more of it than is told."""

    record: Any
    situation: Situation
    is_cut: bool

    @property
    def without_silences(self) -> str:
        """Say that no silences are drawn, "" where they are."""
        if self.situation.has_silences:
            return ""
        return str(_("No silences are drawn here: an answer may be among the records not read."))


def timeline_of(record: Any, filters: TimelineFilter) -> Timeline:  # noqa: ANN401 (any record with a timeline)
    """Return the timeline of a record, on the day that is asked for."""
    _model, facts_of = FACTS[record.ENDPOINT]
    told = facts_of(record)
    spans = filters.earliest or filters.latest
    if spans and any(fact.is_outline for fact in told.facts):
        told = facts_of(record, between=(filters.earliest, filters.latest))
    return Timeline(record, _situation(record, told, filters), told.is_cut)


def _situation(record: Any, told: Told, filters: TimelineFilter) -> Situation:  # noqa: ANN401 (as above)
    day, known = clock.today(), filters.known_on
    if isinstance(record, Case):
        return situation_of_case(told.facts, record.country, today=day, known=known)
    if isinstance(record, Incident):
        facts, country = told.facts, record.country
        return situation_of_incident(record.ref, facts, country, today=day, known=known)
    return situation_of_somebody(told.facts, today=day, known=known, is_cut=told.is_cut)

"""Whether an incident on record may be the one that an article tells of; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker import clock
from tracker.when import Precision, WhenError, parse_when

if TYPE_CHECKING:
    from collections.abc import Collection

    from tracker.incidents.models import Incident
    from tracker.when import When


def is_alike(
    incident: Incident, refs: Collection[str], types: Collection[str], typed: str | None
) -> bool:
    """Say whether it was done to one of these journalists or outlets, and at a time that overlaps
    the one typed, or if it is of one of these types.
    """
    bearers = [bearer for one in incident.targets for bearer in (one.journalist, one.outlet)]
    if not any(bearer.ref in refs for bearer in bearers if bearer is not None):
        return False
    if any(row.term.code in types for row in incident.types):
        return True
    return _overlap(incident.when, typed or "")


def _overlap(when: When, typed: str) -> bool:
    try:
        told = parse_when(typed, known_by=clock.today())
    except WhenError:
        return False
    if Precision.UNKNOWN in {when.precision, told.precision}:
        return False
    return when.earliest <= told.latest and told.earliest <= when.latest

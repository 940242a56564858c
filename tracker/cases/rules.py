"""Rules on cases, without a database: filing, links, related incidents, news and inactivity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from tracker.cases.codes import CaseLinkKind, Lifecycle
from tracker.i18n import _, current_language
from tracker.vocabulary.labels import get_label
from tracker.when import OPEN_START

# Incidents with a common target are related if at most so many days lie between them.
MAX_RELATED_GAP_DAYS = 90
MAX_RELATED_GAP = timedelta(days=MAX_RELATED_GAP_DAYS)
# After this many days without anything new, a case may become dormant.
DORMANT_AFTER_DAYS = 180
# Audit actions of filing records in a case, and of editing its details.
FILE_ACTION, EDIT_ACTION = "case:file", "case:edit"
# A closed case must be reopened before records are filed in it.
LIFECYCLES_ACCEPTING_RECORDS = frozenset({Lifecycle.OPEN, Lifecycle.DORMANT, Lifecycle.REOPENED})


def link_label(kind: CaseLinkKind) -> str:
    """Return the localized label of a link on the page of the case from which it leads."""
    return get_label(kind, current_language())


def inverse_link_label(kind: CaseLinkKind) -> str:
    """Return the localized label of a link on the page of the case to which it leads."""
    inverses = {
        CaseLinkKind.FOLLOWS: _("is followed by"),
        CaseLinkKind.RETALIATION_FOR: _("was answered by the retaliation in"),
    }
    return inverses.get(kind) or link_label(kind)


@dataclass(frozen=True, slots=True)
class TargetedIncident:
    """One target of one incident. `incident_id`: the id of the incident; `target_key`: "person" and
    the id of a journalist, or "outlet" and the id of an outlet; `earliest`, `latest`: the first and
    last possible day of the incident.
    """

    incident_id: int
    target_key: tuple[str, int]
    earliest: date
    latest: date

    @property
    def earliest_day(self) -> date:
        """The first possible day of the incident or, if it is unknown, the last possible day."""
        return self.latest if self.earliest == OPEN_START else self.earliest


def group_related_incidents(targets: Iterable[TargetedIncident]) -> list[frozenset[int]]:
    """Return groups of two or more related incidents, by their ids. Two incidents are related if
    they share a target and at most 90 days lie between the last possible day of one and the first
    possible day of the other. An incident related to any member of a group belongs to the group.
    """
    group_by_incident_id: dict[int, set[int]] = {}
    by_target: defaultdict[tuple[str, int], list[TargetedIncident]] = defaultdict(list)
    for touch in targets:
        by_target[touch.target_key].append(touch)
        group_by_incident_id.setdefault(touch.incident_id, {touch.incident_id})
    for same in by_target.values():
        same.sort(key=lambda one: (one.earliest_day, one.latest, one.incident_id))
        before = same[0]
        for touch in same[1:]:
            if touch.earliest_day - before.latest <= MAX_RELATED_GAP:
                _merge_groups(group_by_incident_id, before.incident_id, touch.incident_id)
            before = max(before, touch, key=lambda one: one.latest)
    groups = {frozenset(group) for group in group_by_incident_id.values() if len(group) > 1}
    return sorted(groups, key=min)


def _merge_groups(
    group_by_incident_id: dict[int, set[int]], incident_id: int, other_id: int
) -> None:
    """Merge the groups of two incidents. `group_by_incident_id`: by the id of each incident, the
    ids of the incidents in its group; `incident_id`, `other_id`: the ids of the two incidents.
    """
    if group_by_incident_id[incident_id] is group_by_incident_id[other_id]:
        return
    tied = group_by_incident_id[incident_id] | group_by_incident_id[other_id]
    for member_id in tied:
        group_by_incident_id[member_id] = tied


@dataclass(frozen=True, slots=True)
class CaseNews:
    """The changes by others in a case since the user last read it. `since`: when the user last read
    the case, None if the user does not follow it; `added_refs`, `changed_refs`: refs of records;
    `commented_refs`: refs of other records, and of the case, of which only comments or tasks
    changed; `until`: the moment of the latest change, up to which the case is then marked as read.
    """

    since: datetime | None
    until: datetime
    added_refs: frozenset[str] = field(default_factory=frozenset)
    changed_refs: frozenset[str] = field(default_factory=frozenset)
    commented_refs: frozenset[str] = field(default_factory=frozenset)
    is_case_changed: bool = False

    def __bool__(self) -> bool:
        """Return whether anything was added, changed or commented."""
        return bool(
            self.added_refs or self.changed_refs or self.commented_refs or self.is_case_changed
        )

    def __contains__(self, ref: str) -> bool:
        """Return whether a record is new, changed or commented."""
        return ref in self.added_refs or ref in self.changed_refs or ref in self.commented_refs


@dataclass(frozen=True, slots=True)
class Inactivity:
    """For how long a case has been inactive, and the status proposed because of that, if any.
    `newest_change_at`: when a record in it was last created, changed or filed; `status_set_at`:
    when its status was last set by hand, None if never; `proposed_status`: the proposed status.
    """

    newest_change_at: datetime
    status_set_at: datetime | None
    days: int
    proposed_status: Lifecycle | None


def filed_refs_in_changes(
    changes: Mapping[str, Any], collections: Iterable[tuple[str, str]]
) -> Iterator[str]:
    """Yield the refs of the records that were filed in a case, as an audit log entry says.
    `changes`: the changes in the entry; `collections`: pairs such as ("incidents", "incident") of
    an attribute of the case with rows, and the attribute of each row with the record.
    """
    for names, name in collections:
        _gone, come = changes.get(names) or ((), ())
        yield from (row[name] for row in come)


def inactivity_of(
    lifecycle: Lifecycle,
    *,
    newest_change_at: datetime,
    status_set_at: datetime | None,
    now: datetime,
) -> Inactivity:
    """Return how long a case has been inactive, with a proposal to make it dormant or reopen it.
    `newest_change_at`: when a record in it was last created, changed or filed; `status_set_at`:
    when its status was last set by hand, None if never.
    """
    last = max(newest_change_at, status_set_at or newest_change_at)
    days = (now - last).days
    proposed_status = None
    if lifecycle in {Lifecycle.OPEN, Lifecycle.REOPENED}:
        proposed_status = Lifecycle.DORMANT if now - last >= timedelta(DORMANT_AFTER_DAYS) else None
    elif status_set_at is not None and newest_change_at > status_set_at:
        proposed_status = Lifecycle.REOPENED
    return Inactivity(newest_change_at, status_set_at, days, proposed_status)

"""Which of several records an action can change, and why not the others; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracker.i18n import _
from tracker.permissions import Actor, Visibility, may_edit
from tracker.review.rules import can_comment

# Returns why a record that was shown in a version is not changed, "" if it is.
Reason = Callable[[Any, str, Actor], str]


@dataclass(frozen=True, slots=True)
class Split:
    """The records that an action changes, and by reason those that it leaves."""

    changed: list[Any] = field(default_factory=list)
    left: dict[str, list[Any]] = field(default_factory=dict)


def split_records(
    records: Iterable[Any], reason: Reason, actor: Actor, versions: Mapping[str, str] | None = None
) -> Split:
    """Return which records an action changes; `versions`: by ref those that were shown."""
    parts = Split()
    for record in records:
        version = str(record.version) if versions is None else versions[record.ref]
        if why := reason(record, version, actor):
            parts.left.setdefault(why, []).append(record)
        else:
            parts.changed.append(record)
    return parts


def reason_not_assigned(record: Any, version: str, actor: Actor) -> str:  # noqa: ANN401 (a reviewed record)
    """Return why nothing about a record can be assigned, "" if it can."""
    if not can_comment(record, actor):
        return str(_("only staff of its team, and monitors, assign it"))
    return reason_not_filed(record, version, actor)


def reason_not_restricted(record: Any, version: str, actor: Actor) -> str:  # noqa: ANN401 (as above)
    """Return why a record cannot be restricted to its team, "" if it can."""
    if not may_edit(actor, record):
        return str(_("only staff of its team restrict it"))
    if record.is_retracted:
        return str(_("retracted"))
    if record.visibility is Visibility.RESTRICTED:
        return str(_("restricted already"))
    return reason_not_filed(record, version, actor)


def reason_not_filed(record: Any, version: str, _actor: Actor) -> str:  # noqa: ANN401 (as above)
    """Return why a record cannot be added to a case, "" if it can: all who see it may."""
    is_unchanged = version == str(record.version)
    return "" if is_unchanged else str(_("changed since you opened the page"))

"""Which part of a record's history a viewer outside its team may read; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tracker.permissions import Visibility

OPENED = "visibility"
# Actions that reveal whom somebody trusts: others may not even know that they happened.
OF_THE_TEAM = (
    ":confidential", ":view-confidential", ":naming", ":ask-erasure", ":end-erasure", ":erase",
)  # fmt: skip
# Actions before which the record had text that is no longer shown outside its team.
CUTS = (":close-name",)

# Actions on two records, whose entry in one reveals that the other exists.
OF_TWO = frozenset(
    f"{kind}:{act}"
    for kind in ("journalist", "outlet", "institution")
    for act in ("merge", "part", "tell-apart", "ask-again")
)


def is_team_only(action: str) -> bool:
    """Return whether only the team of a record may see that this was done."""
    return action.endswith(OF_THE_TEAM)


def other_record_ref(action: str, changes: Mapping[str, Any]) -> str | None:
    """Return the ref of the other record that an action names."""
    if action not in OF_TWO:
        return None
    named = [changes.get("other"), *changes.get("merged_into", ())]
    return next((ref for ref in named if ref), None)


def opens_record(action: str, changes: Mapping[str, Any]) -> bool:
    """Return whether an entry shared the record with all users."""
    pair = changes.get(OPENED)
    widened = isinstance(pair, list) and pair[-1] == Visibility.INTERNAL.value
    return widened or action.endswith(":widen")


def changes_since_opened(
    entries: Sequence[tuple[str, Mapping[str, Any]]],
) -> list[Mapping[str, Any] | None]:
    """Return the changes that all users may see: those since the record was shared.

    None for entries before the last one that shared the record or closed a name in it. That entry
    itself has no values: what the same save removed was never shared, or is no longer.
    """
    found: list[Mapping[str, Any] | None] = []
    for action, changes in entries:
        if action.endswith(CUTS):
            found.append({})
            break
        if opens_record(action, changes):
            found.append({key: pair for key, pair in changes.items() if key == OPENED})
            break
        found.append(changes)
    return found + [None] * (len(entries) - len(found))

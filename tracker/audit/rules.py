"""Which part of a record's history a viewer outside its team may read; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tracker.permissions import Visibility

OPENED = "visibility"
# Acts that tell of somebody's trust: others do not even read that they happened.
OF_THE_TEAM = (
    ":confidential", ":view-confidential", ":naming", ":ask-erasure", ":end-erasure", ":erase",
)  # fmt: skip
# Acts before which the record said what is said no more outside its team.
CUTS = (":close-name",)

# Acts on two records, of which the entry of one tells that there is the other.
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

    None for an entry before the last that opened the record, or closed a name in it; of that one
    itself only that it did: what the same save removed was never open, or is so no more.
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

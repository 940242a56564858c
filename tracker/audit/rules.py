"""What of a record's history a viewer outside its team may read: what was open to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.permissions import Visibility

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OPENED = "visibility"


def opens(action: str, changes: Mapping[str, Any]) -> bool:
    """Say whether an entry let everybody see the record."""
    pair = changes.get(OPENED)
    widened = isinstance(pair, list) and pair[-1] == Visibility.INTERNAL.value
    return widened or action.endswith(":widen")


def since_opened(
    entries: Sequence[tuple[str, Mapping[str, Any]]],
) -> list[Mapping[str, Any] | None]:
    """Return the changes of entries (act, changes; the newest first) that everybody may read.

    None for an entry before the last that opened the record; of that one itself only that it did:
    what the same save removed was never open.
    """
    found: list[Mapping[str, Any] | None] = []
    for action, changes in entries:
        if opens(action, changes):
            found.append({key: pair for key, pair in changes.items() if key == OPENED})
            break
        found.append(changes)
    return found + [None] * (len(entries) - len(found))

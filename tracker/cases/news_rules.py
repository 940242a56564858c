"""What is new in a case to somebody who has seen it, and when a case rests or is to be reopened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tracker.cases.codes import Lifecycle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

# So many days without anything new, and a case that is followed may be left to rest.
DORMANT_AFTER_DAYS = 180
FILES, SAYS = "case:file", "case:edit"


@dataclass(frozen=True, slots=True)
class News:
    """What others did in a case since somebody looked; nothing where they never did.

    `until`: the newest thing that is shown, up to which the case is seen once they say so.
    """

    since: datetime | None
    until: datetime
    added: frozenset[str] = field(default_factory=frozenset)
    changed: frozenset[str] = field(default_factory=frozenset)
    is_case_changed: bool = False

    def __bool__(self) -> bool:
        """Say whether anything is new."""
        return bool(self.added or self.changed or self.is_case_changed)

    def __contains__(self, ref: str) -> bool:
        """Say whether a record is new or changed."""
        return ref in self.added or ref in self.changed


@dataclass(frozen=True, slots=True)
class Rest:
    """Since when nothing new came to a case, and the stage that is therefore offered, if any."""

    newest: datetime
    set_at: datetime | None
    days: int
    offered: Lifecycle | None


def filed_by(changes: Mapping[str, Any], kinds: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the refs of the records that an entry of the trail filed; `kinds` names the lists of a
    case and what each row of them holds, such as ("incidents", "incident").
    """
    for names, name in kinds:
        _gone, come = changes.get(names) or ((), ())
        yield from (row[name] for row in come)


def rest_of(
    lifecycle: Lifecycle, *, newest: datetime, set_at: datetime | None, now: datetime
) -> Rest:
    """Return whether a case that is followed may rest, and one that rests is to be reopened.

    `newest`: when the last thing in it was recorded, changed or filed; `set_at`: when its stage was
    last set by hand, None where it never was.
    """
    last = max(newest, set_at or newest)
    days = (now - last).days
    offered = None
    if lifecycle in {Lifecycle.OPEN, Lifecycle.REOPENED}:
        offered = Lifecycle.DORMANT if now - last >= timedelta(DORMANT_AFTER_DAYS) else None
    elif set_at is not None and newest > set_at:
        offered = Lifecycle.REOPENED
    return Rest(newest, set_at, days, offered)

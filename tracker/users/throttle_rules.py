"""How long somebody waits between tries: longer with each failure, never for good."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

# Failures older than this are forgotten.
WINDOW = timedelta(minutes=15)
FREE_TRIES = 5
LONGEST_WAIT = 60  # seconds
# A clock that is set right by some seconds must not look like one that jumped.
SLACK = timedelta(minutes=1)


def seconds_to_wait(failures: int, last_at: datetime, now: datetime) -> int:
    """Return the whole seconds until the next try is looked at; 0 when it is looked at now."""
    if failures < FREE_TRIES or not is_recent(last_at, now):
        return 0
    wait = min(2 ** min(failures - FREE_TRIES, 10), LONGEST_WAIT)
    left = (last_at + timedelta(seconds=wait) - now).total_seconds()
    # Rounded up, so that whoever waits that long is not told to wait again.
    return min(-int(-left // 1), LONGEST_WAIT) if left > 0 else 0


def is_recent(last_at: datetime, now: datetime) -> bool:
    """Say whether a failure counts still; one from after a clock that jumped back does not."""
    return now - WINDOW < last_at <= now + SLACK

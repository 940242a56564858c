"""How long somebody waits between tries: longer with each failure, never for good."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

# Failures of an account older than this are forgotten, and those of one network for an account.
WINDOW = timedelta(minutes=15)
NETWORK_WINDOW = timedelta(hours=1)
FREE_TRIES = 5
LONGEST_WAIT = 60  # seconds
# A network waits a minute after its first failure, and four times as long after each further one.
NETWORK_WAIT, NETWORK_FACTOR = 60, 4  # seconds, times
# A clock that is set right by some seconds must not look like one that jumped.
SLACK = timedelta(minutes=1)
# What one person or office is likely to have: the addresses within it count as one.
IPV4_PREFIX, IPV6_PREFIX = 24, 48


def seconds_to_wait(failures: int, last_at: datetime, now: datetime) -> int:
    """Return the whole seconds until an account's next shared try; 0 when there is room now."""
    if failures < FREE_TRIES or not is_recent(last_at, now):
        return 0
    wait = min(2 ** min(failures - FREE_TRIES, 10), LONGEST_WAIT)
    return min(_seconds_left(wait, last_at, now), LONGEST_WAIT)


def seconds_to_wait_in_network(failures: int, last_at: datetime, now: datetime) -> int:
    """Return the whole seconds until the next try that is kept for one network; 0 for now."""
    if not failures or not is_recent(last_at, now, NETWORK_WINDOW):
        return 0
    longest = int(NETWORK_WINDOW.total_seconds())
    wait = min(NETWORK_WAIT * NETWORK_FACTOR ** min(failures - 1, 10), longest)
    return _seconds_left(wait, last_at, now)


def is_recent(last_at: datetime, now: datetime, window: timedelta = WINDOW) -> bool:
    """Say whether a failure counts still; one from after a clock that jumped back does not."""
    return now - window < last_at <= now + SLACK


def network_of(address: str | None) -> str:
    """Return the network of an address: /24 of IPv4, /48 of IPv6; "" where there is none."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    length = IPV6_PREFIX if isinstance(found, IPv6Address) else IPV4_PREFIX
    return str(ip_network((found, length), strict=False))


def _seconds_left(wait: int, last_at: datetime, now: datetime) -> int:
    left = (last_at + timedelta(seconds=wait) - now).total_seconds()
    # Rounded up, so that whoever waits that long is not told to wait again.
    return -int(-left // 1) if left > 0 else 0

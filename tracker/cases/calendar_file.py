"""A calendar file of whole days (RFC 5545); pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LONGEST_LINE = 75  # octets, without the line end
HEAD = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tracker//Deadlines//EN", "CALSCALE:GREGORIAN")
# A calendar without any component is invalid: this one is always there.
ZONE = (
    "BEGIN:VTIMEZONE", "TZID:UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000", "TZOFFSETTO:+0000", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """A whole day; `uid` stays the same whenever the file is made."""

    uid: str
    day: date
    words: str


def calendar_file(events: Iterable[Event], *, made_at: datetime) -> bytes:
    """Return the file, made at a moment."""
    stamp = f"{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    lines = [
        *HEAD,
        *ZONE,
        *(line for one in events for line in _event(one, stamp)),
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def _event(event: Event, stamp: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_escaped(event.uid)}"
    yield f"DTSTAMP:{stamp}"
    yield f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}"
    # The end is the first day after it.
    yield f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(event.words)}"
    yield "CLASS:PRIVATE"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _escaped(text: str) -> str:
    """Return a text as a value: line ends are written out, other control characters left out."""
    marked = re.sub(r"([\\;,])", r"\\\1", text)
    return re.sub(r"[\x00-\x1f\x7f]", "", re.sub(r"\r\n|\r|\n", r"\\n", marked))


def _folded(line: str) -> bytes:
    """Return a line with its end, folded between characters where it is too long."""
    rows, room = [b""], LONGEST_LINE
    for sign in line:
        octets = sign.encode()
        if len(rows[-1]) + len(octets) > room:
            rows.append(b"")
            # The space that begins the next row counts.
            room = LONGEST_LINE - 1
        rows[-1] += octets
    return b"\r\n ".join(rows) + b"\r\n"

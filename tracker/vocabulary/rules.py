"""What a code may look like, and how a crosswalk is typed; pure."""

from __future__ import annotations

import re

LONGEST_CODE = 60
LONGEST_LABEL = 160
CODE = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
CROSSWALK = re.compile(r"\s*([a-z][a-z0-9_]{0,19})\s*[=:]\s*(\S.{0,79}?)\s*")


def is_code(text: str) -> bool:
    """Return whether this may be the code of a term: it is in addresses and exports for good."""
    return len(text) <= LONGEST_CODE and bool(CODE.fullmatch(text))


def read_crosswalk(text: str) -> dict[str, str] | None:
    """Return the places of a term in other lists, typed one a line as `jfj = N`.

    None if a line cannot be read.
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        match = CROSSWALK.fullmatch(line)
        if match is None:
            return None
        found[match[1]] = match[2]
    return found


def format_crosswalk(crosswalk: dict[str, str]) -> str:
    """Return what one would type for a crosswalk."""
    return "\n".join(f"{name} = {place}" for name, place in crosswalk.items())

"""Validation of domains, channels and references; pure."""

from __future__ import annotations

import re

LONGEST_NAME = 200
LONGEST_LINE = 300
# Labels of letters and digits of any script, with dashes inside; at least two of them.
DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]")
ADDRESS = re.compile(r"https?://[^\s\\<>\"@]+", re.IGNORECASE)


def lines_of(text: str) -> list[str]:
    """Return the lines that say something, each once."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def domain_of(line: str) -> str | None:
    """Return the host name in what a person typed or pasted: an address, or the name itself.

    Lower case and without `www.`, as hosts are compared; None if there is no host name.
    """
    bare = re.sub(r"^[a-z]+://", "", line.strip().casefold())
    name = re.split(r"[/?#:]", bare, maxsplit=1)[0].rstrip(".").removeprefix("www.")
    return name if len(name) <= LONGEST_LINE and DOMAIN.fullmatch(name) else None


def is_web_address(text: str) -> bool:
    """Return whether this may be as a link: http or https, and no trick in its host."""
    return bool(ADDRESS.fullmatch(text))

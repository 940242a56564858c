"""Characters that nobody sees, wherever a line of words comes from."""

from __future__ import annotations

import re

# Bidirectional and invisible controls, with which one name can be made to look like another.
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def without_invisible(text: str) -> str:
    """Return one line of words without them, white space folded."""
    # None of them is printable.
    return " ".join((text if text.isprintable() else INVISIBLE.sub("", text)).split())

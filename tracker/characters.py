"""Normalise text and remove invisible characters."""

from __future__ import annotations

import re
import unicodedata

# Bidirectional and invisible control characters, which can make one name look like another.
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def without_invisible(text: str) -> str:
    """Return text as one line without invisible characters, white space folded."""
    # None of them is printable.
    return " ".join((text if text.isprintable() else INVISIBLE.sub("", text)).split())


def normalised(text: str) -> str:
    """Return text normalised for storing: NFC, line ends as LF."""
    text = unicodedata.normalize("NFC", text)
    return text.replace("\r\n", "\n").replace("\r", "\n")

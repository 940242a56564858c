"""Normalise text and remove invisible characters."""

from __future__ import annotations

import re
import unicodedata

# Bidirectional and invisible controls, with which one name can be made to look like another.
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def without_invisible(text: str) -> str:
    """Return one line of words without them, white space folded."""
    # None of them is printable.
    return " ".join((text if text.isprintable() else INVISIBLE.sub("", text)).split())


def normalised(text: str) -> str:
    """Return text in the one form in which it is stored: NFC, its line ends as LF."""
    text = unicodedata.normalize("NFC", text)
    return text.replace("\r\n", "\n").replace("\r", "\n")

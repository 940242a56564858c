"""Normalisation of text, and removal of invisible characters."""

from __future__ import annotations

import re
import unicodedata

# One bidirectional or invisible control character: these can make one name look like another.
INVISIBLE_PATTERN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
# Characters that stand for a phrase: as letters, a long text of them would have 18 times as many.
PHRASE_CHARACTERS = "\ufdfa\ufdfb"


def remove_invisible_characters(text: str) -> str:
    """Return the text on one line, without invisible characters and repeated white space."""
    # A printable text has no invisible characters.
    return " ".join((text if text.isprintable() else INVISIBLE_PATTERN.sub("", text)).split())


def normalise_text(text: str) -> str:
    """Return the text in the form that is stored: Unicode NFC, line ends as LF."""
    text = unicodedata.normalize("NFC", text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def compatibility_form(text: str) -> str:
    """Return the text in the form in which it is compared and searched: Unicode NFKC, without the
    characters that NFKC would write out as whole phrases.
    """
    for phrase in PHRASE_CHARACTERS:
        text = text.replace(phrase, " ")
    return unicodedata.normalize("NFKC", text)

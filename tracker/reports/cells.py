"""Cells that a spreadsheet shows and never runs."""

from __future__ import annotations

import unicodedata

# What makes Excel, LibreOffice or Google Sheets read a text as a formula; NFKC also brings the
# full-width forms to these.
STARTS = frozenset("=+-@\t\r\n")
# A text may begin with these and still be read as what follows them.
UNSEEN = frozenset({"Cf", "Zs", "Zl", "Zp", "Cc"})


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: with `'` before it where it might."""
    if not text:
        return text
    if text[0] in STARTS:
        return "'" + text
    first = next((one for one in text if unicodedata.category(one) not in UNSEEN), "")
    return "'" + text if unicodedata.normalize("NFKC", first)[:1] in STARTS else text


def joined(parts: list[str]) -> str:
    """Return a list in one cell, in a way that can be split again."""
    return " | ".join(part.replace(" | ", " / ") for part in parts)

"""Cells that a spreadsheet shows and never runs."""

from __future__ import annotations

import unicodedata

# What makes Excel, LibreOffice or Google Sheets read a text as a formula; NFKC also brings the
# full-width forms to these.
STARTS = frozenset("=+-@\t\r\n")
# A text may begin with these and still be read as what follows them: spaces, controls, marks that
# join nothing, and letters that fonts leave empty (fillers of Hangul, a blank of Braille).
UNSEEN = frozenset({"Cf", "Zs", "Zl", "Zp", "Cc", "Mn"})
EMPTY = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# What parts a list in one cell.
PART = " | "


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: with `'` before it where it might."""
    if not text or (text[0].isalnum() and text[0] not in EMPTY):
        return text
    if text[0] in STARTS:
        return "'" + text
    first = next((one for one in text if not _is_unseen(one)), "")
    return "'" + text if unicodedata.normalize("NFKC", first)[:1] in STARTS else text


def joined(parts: list[str]) -> str:
    """Return a list in one cell, in a way that can be split again."""
    cell = PART.join(parts)
    if cell.count("|") < max(len(parts), 1):
        return cell
    return PART.join(part.replace("|", "/") for part in parts)


def split(cell: str | None) -> list[str]:
    """Return the list that stands in one cell."""
    return cell.split(PART) if cell else []


def _is_unseen(letter: str) -> bool:
    return letter in EMPTY or unicodedata.category(letter) in UNSEEN

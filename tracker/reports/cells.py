"""Cells of exported files: escape formulas, and remove redacted names; pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from tracker.people.rules import find_mentions, replace_names

# A person or value that this reader may not see.
WITHHELD = "withheld"
# Characters that make Excel, LibreOffice or Google Sheets read a text as a formula; NFKC turns the
# full-width forms into these.
FORMULA_STARTS = frozenset("=+-@\t\r\n")
# Characters that spreadsheets ignore before a formula: spaces, controls, joiners, and letters
# without a glyph (Hangul fillers, the Braille blank).
IGNORED_CATEGORIES = frozenset({"Cf", "Zs", "Zl", "Zp", "Cc", "Mn"})
BLANK_CHARACTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# Separates the items of a list in one cell.
LIST_SEPARATOR = " | "


def escape_formula(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula: prefixed with `'` if needed."""
    if not text or (text[0].isalnum() and text[0] not in BLANK_CHARACTERS):
        return text
    if text[0] in FORMULA_STARTS:
        return "'" + text
    first = next((one for one in text if not _is_unseen(one)), "")
    return "'" + text if unicodedata.normalize("NFKC", first)[:1] in FORMULA_STARTS else text


def join_list(parts: list[str]) -> str:
    """Return a list as one cell, so that it can be split again."""
    cell = LIST_SEPARATOR.join(parts)
    if cell.count("|") < max(len(parts), 1):
        return cell
    return LIST_SEPARATOR.join(part.replace("|", "/") for part in parts)


def split_list(cell: str | None) -> list[str]:
    """Return the list in one cell."""
    return cell.split(LIST_SEPARATOR) if cell else []


def _is_unseen(letter: str) -> bool:
    return letter in BLANK_CHARACTERS or unicodedata.category(letter) in IGNORED_CATEGORIES


@dataclass(frozen=True, slots=True)
class ClosedNames:
    """The names that must be withheld.

    `here`: the names of each closed target of the row's incident, with their placeholder;
    `everywhere`: all other names, replaced by `instead`.
    """

    here: Sequence[tuple[Sequence[str], str]] = ()
    everywhere: Sequence[str] = ()
    instead: str = WITHHELD


def redact_names(words: str, closed: ClosedNames) -> str:
    """Return a text without withheld names.

    Of a target of the row, one word of the name suffices.
    """
    for names, instead in closed.here:
        words = replace_names(words, list(names), replacement=instead or WITHHELD)
    return replace_names(words, closed.everywhere, replacement=closed.instead, alone=False)


def redact_handle(words: str, closed: ClosedNames) -> str:
    """Return a handle or address, or the placeholder if it contains a withheld name."""
    everybody = [*closed.everywhere, *(name for names, _instead in closed.here for name in names)]
    return WITHHELD if find_mentions(unquote(words), everybody, alone=True, within=True) else words

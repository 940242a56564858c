"""Cells of exported files: escape formulas, and remove redacted names; pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.i18n import _
from tracker.incidents.codes import TargetKind
from tracker.people.rules import is_named_in_address, replace_names

# Replaces a person or value that the reader of a file may not see.
WITHHELD = "withheld"
# Characters that make Excel, LibreOffice or Google Sheets read a text as a formula; NFKC turns the
# full-width forms into these.
FORMULA_STARTS = frozenset("=+-@\t\r\n")
# Unicode categories of characters that spreadsheets ignore before a formula: joiners, spaces,
# controls, accents.
CATEGORIES_IGNORED_BEFORE_FORMULA = frozenset({"Cf", "Zs", "Zl", "Zp", "Cc", "Mn"})
# Letters without a glyph that spreadsheets ignore too: Hangul fillers, the Braille blank.
BLANK_CHARACTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# Separates the items of a list in one cell.
LIST_SEPARATOR = " | "


def escape_formula(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula: with a leading `'` if needed."""
    if not text or (text[0].isalnum() and text[0] not in BLANK_CHARACTERS):
        return text
    if text[0] in FORMULA_STARTS:
        return "'" + text
    first = next((one for one in text if not _is_invisible(one)), "")
    return "'" + text if unicodedata.normalize("NFKC", first)[:1] in FORMULA_STARTS else text


def join_list(parts: list[str]) -> str:
    """Return a list as the text of one cell, which `split_list` can split again."""
    cell = LIST_SEPARATOR.join(parts)
    if cell.count("|") < max(len(parts), 1):
        return cell
    return LIST_SEPARATOR.join(part.replace("|", "/") for part in parts)


def split_list(cell: str | None) -> list[str]:
    """Return the items of a list in one cell, an empty list for an empty cell."""
    return cell.split(LIST_SEPARATOR) if cell else []


def _is_invisible(letter: str) -> bool:
    """Return whether spreadsheets ignore a character before a formula."""
    return (
        letter in BLANK_CHARACTERS
        or unicodedata.category(letter) in CATEGORIES_IGNORED_BEFORE_FORMULA
    )


@dataclass(frozen=True, slots=True)
class RedactedNames:
    """The names to replace in the texts of an exported row. `target_names`: for each target of the
    incident who must not be named, all names of that target, and the text that replaces them; ""
    stands for `WITHHELD`. `other_names`: names of people who are not targets of the incident;
    `placeholder` replaces them.
    """

    target_names: Sequence[tuple[Sequence[str], str]] = ()
    other_names: Sequence[str] = ()
    placeholder: str = WITHHELD


def redact_names(text: str, redacted: RedactedNames) -> str:
    """Return `text`, in which placeholders replace the names in `redacted`.

    For a target of the row's incident, a single word of the name is replaced too.
    """
    for names, placeholder in redacted.target_names:
        text = replace_names(text, list(names), replacement=placeholder or WITHHELD)
    return replace_names(
        text, redacted.other_names, replacement=redacted.placeholder, allow_single_words=False
    )


def redact_handle(text: str, redacted: RedactedNames) -> str:
    """Return `text`, a handle or address, or `WITHHELD` if it contains a name in `redacted`."""
    everybody = [
        *redacted.other_names,
        *(name for names, _placeholder in redacted.target_names for name in names),
    ]
    return WITHHELD if is_named_in_address(text, everybody) else text


def name_placeholder(kind: TargetKind) -> str:
    """Return the placeholder for the withheld name of a journalist or outlet."""
    if kind is TargetKind.OUTLET:
        return str(_("an outlet (name withheld)"))
    return str(_("a journalist (name withheld)"))

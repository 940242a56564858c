"""The words in a cell of somebody else's file: without HTML, cut into the parts of a list."""

from __future__ import annotations

import html
import re
import unicodedata

from tracker.characters import without_invisible
from tracker.people.matching import clean_name, keys
from tracker.reports.imports.codes import ListSeparator

TAG = re.compile(r"<[!/]?[A-Za-z][^<>]*>")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
CUTS = {
    ListSeparator.COMMA: ",", ListSeparator.SEMICOLON: ";", ListSeparator.BAR: "|",
    ListSeparator.LINE: "\n",
}  # fmt: skip
# What people write where nothing is known; the cell is kept, and nobody is called so.
NOT_SAID = frozenset({
    "", "-", "–", "—", "--", "?", "n/a", "na", "none", "null", "unknown", "not known", "unnamed",
    "not available", "unclear", "н/д", "нет", "нет данных", "неизвестно", "неизвестен",
    "не указано", "не указан", "белгісіз", "көрсетілмеген", "жоқ",
    "anonymous", "name withheld", "аноним", "анонимно", "имя не указано", "не называть",
})  # fmt: skip
# What seldom stands in the name of one person, or of one outlet.
BETWEEN_PEOPLE = re.compile(r"[;|/&+]| (?:и|and|және) ")
BETWEEN_OUTLETS = re.compile(r"[;|]")
# What belongs to the name before it, although a comma stands between.
SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|md|phd|ph\.d|inc|llc|ltd)\.?", re.IGNORECASE)


def plain_text(cell: str) -> str:
    """Return the words of a cell without HTML, controls and what nobody sees; the cell is kept."""
    if "<" in cell or "&" in cell:
        cell = html.unescape(TAG.sub(" ", cell))
    return unicodedata.normalize("NFC", without_invisible(without_controls(cell, " ")))


def without_controls(text: str, instead: str) -> str:
    """Return a text with something else in place of what no text holds."""
    return text if text.isprintable() else CONTROL.sub(instead, text)


def parts_of(cell: str, cut: ListSeparator) -> tuple[str, ...]:
    """Return the parts of a list in one cell; a suffix stays with its name, brackets stay whole."""
    if cut not in CUTS:
        return (word,) if (word := plain_text(cell)) else ()
    found: list[str] = []
    # A line is a part of its own, whatever else parts them.
    depth, start, sign = 0, 0, CUTS[cut]
    for at, letter in enumerate(cell + sign):
        depth += (letter == "(") - (letter == ")")
        if letter in (sign, "\n") and (depth <= 0 or at == len(cell)):
            word, start = plain_text(cell[start:at]), at + 1
            if found and SUFFIX.fullmatch(word):
                found[-1] += ", " + word
            elif word:
                found.append(word)
    return tuple(found)


def is_said(cell: str) -> bool:
    """Say whether a cell says something, and not in words that nothing is known."""
    return plain_text(cell).casefold().strip(" .") not in NOT_SAID


def checked_name(text: str) -> str:
    """Return a name as it is stored, "" for one that could not be found again."""
    try:
        name = clean_name(text)
    except ValueError:
        return ""
    return name if keys(name)[0] else ""


def is_doubtful(person: str) -> bool:
    """Say whether a name looks like those of several people, or like words that name nobody."""
    return (
        person.islower()
        or BETWEEN_PEOPLE.search(person) is not None
        or len(parts_of(person, ListSeparator.COMMA)) > 1
    )


def is_doubtful_outlet(name: str) -> bool:
    """Say whether a name looks like those of several outlets."""
    return BETWEEN_OUTLETS.search(name) is not None

"""Which passwords are guessed first: too short, of one piece repeated, of words everybody tries."""

from __future__ import annotations

import re
import tomllib
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path

from tracker.users.passwords import SHORTEST

LIST = Path(__file__).with_name("common_passwords.toml")
# One piece over and over is as good as the piece alone, and this is too short for one.
LONGEST_PIECE = 8
REPEATED = re.compile(rf"(.{{1,{LONGEST_PIECE}}}?)\1+.{{0,3}}", re.DOTALL)
# The digits of a keyboard with the other hand on Shift, and from 9 on to 0.
ROW_OF_MARKS = "!@#$%^&*()_+"
DIGITS_AROUND = 9
# What people put in the place of letters.
UNMASKED = str.maketrans("@$013457", "asoleast")
# What people type who think of a Russian word and leave the keyboard in English.
AS_RUSSIAN = str.maketrans("`qwertyuiop[]asdfghjkl;'zxcvbnm,.", "ёйцукенгшщзхъфывапролджэячсмитьбю")


class Weakness(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    NAME = "name"
    COMMON = "common"


def weakness_of(password: str, name: str) -> Weakness | None:
    """Return why a password is too weak for the person of that name; None for a good one."""
    folded = password.casefold()
    if len(password) < SHORTEST:
        return Weakness.SHORT
    if name in folded:
        return Weakness.NAME
    return Weakness.COMMON if _is_common(folded) else None


def _is_common(folded: str) -> bool:
    if REPEATED.fullmatch(folded):
        return True
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    spelt = (folded, core, core.translate(UNMASKED), folded.translate(AS_RUSSIAN))
    readings = {re.sub(r"[\W_]", "", one) for one in spelt}
    readings |= {re.sub(r"\d", "", one) for one in readings}
    return _is_a_row(folded) or any(_is_of_common_words(one) for one in readings if one)


def _is_a_row(text: str) -> bool:
    """Say whether digits and marks stand mostly next to the one before, as they are counted."""
    if text == ROW_OF_MARKS:
        return True
    steps = [abs(ord(one) - ord(before)) for before, one in pairwise(text)]
    in_a_row = sum(step in {0, 1, DIGITS_AROUND} for step in steps)
    return in_a_row > len(steps) / 2 and not any(letter.isalpha() for letter in text)


def _is_of_common_words(text: str) -> bool:
    """Say whether nothing is left when the words of the list are taken away, one after another."""
    words, whole = _lists()
    if text in whole:
        return True
    reached = {0}
    for end in range(1, len(text) + 1):
        if any(start in reached and text[start:end] in words for start in range(end)):
            reached.add(end)
    return len(text) in reached


@cache
def _lists() -> tuple[frozenset[str], frozenset[str]]:
    read = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return frozenset(read["words"]), frozenset(read["sentences"] + read["leaked"])

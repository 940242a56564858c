"""Detect whether the language of a text is English, Russian, Kazakh or another, by its letters."""

from __future__ import annotations

import re
from collections import Counter

from tracker.articles.codes import Language

# In a longer text, a few letters of a foreign name do not count; shares decide.
SHORT_TEXT_LENGTH = 60
KAZAKH_LETTERS = frozenset("әғқұһі")
KAZAKH_SHARE = 0.03
# Kazakh has these too; alone they are Kyrgyz.
KYRGYZ_LETTERS = frozenset("ңөү")
KYRGYZ_SHARE = 0.01
# Uzbek, Tajik, Belarusian and Ukrainian letters that Kazakh does not have.
OTHER_CYRILLIC_LETTERS = frozenset("ўҳҷӣӯїєґ")
OTHER_CYRILLIC_SHARE = 0.005

# Other Latin-script languages, and Kazakh in Latin script, are recognised by letters with
# diacritics, and long texts by lacking the commonest English words.
DIACRITICS_SHARE = 0.05
COMMON_ENGLISH_WORDS_TEXT = (
    "the of and to in a is was for that on with as by at from it he she they his her has be"
)
COMMON_ENGLISH_WORDS = frozenset(COMMON_ENGLISH_WORDS_TEXT.split())
ENGLISH_SHARE = 0.08
MIN_WORDS_FOR_ENGLISH_SHARE = 20
WORD_PATTERN = re.compile(r"[^\W\d_]+")


def detect_language(text: str) -> Language:
    """Return the language of a text: English, Russian, Kazakh or other.

    A short Kazakh title without letters that only Kazakh has is taken for Russian.
    """
    counts = Counter(text.casefold())
    letters = {letter: count for letter, count in counts.items() if letter.isalpha()}
    total = sum(letters.values())
    cyrillic = sum(count for letter, count in letters.items() if "\u0400" <= letter <= "\u052f")
    latin = sum(count for letter, count in letters.items() if letter < "\u0250" or letter == "ə")
    if 2 * max(cyrillic, latin) <= total:
        return Language.OTHER
    if latin > cyrillic:
        return Language.EN if _is_english(text, letters, latin) else Language.OTHER
    return _detect_cyrillic_language(letters, cyrillic)


def _detect_cyrillic_language(letters: dict[str, int], total: int) -> Language:
    def has(marks: frozenset[str], share: float) -> bool:
        found = sum(letters.get(mark, 0) for mark in marks)
        return found > 0 and (total <= SHORT_TEXT_LENGTH or found >= share * total)

    if has(OTHER_CYRILLIC_LETTERS, OTHER_CYRILLIC_SHARE):
        return Language.OTHER
    if has(KAZAKH_LETTERS, KAZAKH_SHARE):
        return Language.KK
    return Language.OTHER if has(KYRGYZ_LETTERS, KYRGYZ_SHARE) else Language.RU


def _is_english(text: str, letters: dict[str, int], total: int) -> bool:
    marked = sum(count for letter, count in letters.items() if "\x7f" < letter < "\u0400")
    if marked > DIACRITICS_SHARE * total:
        return False
    words = WORD_PATTERN.findall(text.casefold())
    common = sum(word in COMMON_ENGLISH_WORDS for word in words)
    return len(words) < MIN_WORDS_FOR_ENGLISH_SHARE or common >= ENGLISH_SHARE * len(words)

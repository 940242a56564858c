"""Detect whether the language of a text is English, Russian, Kazakh or another, by its letters."""

from __future__ import annotations

import re
from collections import Counter

from tracker.articles.codes import Language

# A text of so many characters is short: one letter of a language shows that language. In a longer
# text the letter may be from a foreign name, and only the share of such letters counts.
MAX_SHORT_TEXT_LENGTH = 60
# Letters that neither Russian nor Kyrgyz has. Kazakh also has ң, ө and ү, which Kyrgyz shares.
ONLY_KAZAKH_LETTERS = frozenset("әғқұһі")
# The least share of ONLY_KAZAKH_LETTERS, 0 to 1, in the Cyrillic letters of a longer Kazakh text.
KAZAKH_SHARE = 0.03
# Kazakh has these letters too; in a text without ONLY_KAZAKH_LETTERS they are Kyrgyz.
KYRGYZ_LETTERS = frozenset("ңөү")
# The least share of KYRGYZ_LETTERS, 0 to 1, in the Cyrillic letters of a longer Kyrgyz text.
KYRGYZ_SHARE = 0.01
# Uzbek, Tajik, Belarusian and Ukrainian letters that Kazakh does not have.
OTHER_CYRILLIC_LETTERS = frozenset("ўҳҷӣӯїєґ")
# The least share of OTHER_CYRILLIC_LETTERS, 0 to 1, in the Cyrillic letters of a longer text in one
# of these languages.
OTHER_CYRILLIC_SHARE = 0.005

# A text in Latin script is not English if a greater share of its letters, 0 to 1, has diacritics.
DIACRITICS_SHARE = 0.05
# The commonest English words, by which a text in Latin script is recognised as English.
COMMON_ENGLISH_WORDS_TEXT = (
    "the of and to in a is was for that on with as by at from it he she they his her has be"
)
COMMON_ENGLISH_WORDS = frozenset(COMMON_ENGLISH_WORDS_TEXT.split())
# The least share of COMMON_ENGLISH_WORDS, 0 to 1, in the words of an English text, unless it is
# short.
ENGLISH_SHARE = 0.08
# A shorter text in Latin letters without diacritics is taken for English.
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


def _detect_cyrillic_language(letter_counts: dict[str, int], cyrillic_count: int) -> Language:
    """Return the language of a text in Cyrillic script, by the numbers of its letters."""

    def has(marks: frozenset[str], share: float) -> bool:
        found = sum(letter_counts.get(mark, 0) for mark in marks)
        return found > 0 and (
            cyrillic_count <= MAX_SHORT_TEXT_LENGTH or found >= share * cyrillic_count
        )

    if has(OTHER_CYRILLIC_LETTERS, OTHER_CYRILLIC_SHARE):
        return Language.OTHER
    if has(ONLY_KAZAKH_LETTERS, KAZAKH_SHARE):
        return Language.KK
    return Language.OTHER if has(KYRGYZ_LETTERS, KYRGYZ_SHARE) else Language.RU


def _is_english(text: str, letter_counts: dict[str, int], latin_count: int) -> bool:
    """Return whether a text in Latin script is English, by its letters and commonest words."""
    marked = sum(count for letter, count in letter_counts.items() if "\x7f" < letter < "\u0400")
    if marked > DIACRITICS_SHARE * latin_count:
        return False
    words = WORD_PATTERN.findall(text.casefold())
    common = sum(word in COMMON_ENGLISH_WORDS for word in words)
    return len(words) < MIN_WORDS_FOR_ENGLISH_SHARE or common >= ENGLISH_SHARE * len(words)

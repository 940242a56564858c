"""Match names across Cyrillic and Latin script and Russian cases."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz import fuzz

from tracker.people.codes import Script

# The alphabet of Russian, in lower case.
RUSSIAN_LETTERS = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
# Lower-case letters of Kazakh that Russian does not have.
EXTRA_KAZAKH_LETTERS = frozenset("әғқңөұүһі")

# Names are compared by keys in Latin letters (`name_keys`). This maps Cyrillic letters, of Russian,
# Kazakh and neighbouring languages, to the letters in a key. Diacritics (ё, й, ў) were removed
# before.
CYRILLIC_TO_LATIN = str.maketrans({
    "а": "a", "ә": "a", "б": "b", "в": "v", "г": "g", "ғ": "g", "ґ": "g", "д": "d", "е": "e",
    "є": "ie", "ж": "j", "җ": "j", "з": "z", "и": "i", "і": "i",
    "к": "k", "қ": "k", "л": "l", "м": "m", "н": "n", "ң": "n", "о": "o", "ө": "o", "п": "p",
    "р": "r", "с": "s", "т": "t", "у": "u", "ұ": "u", "ү": "u", "ф": "f", "х": "h",
    "һ": "h", "ҳ": "h", "ц": "c", "ч": "c", "ҷ": "c", "ш": "s", "щ": "s", "ъ": None, "ы": "i",
    "ь": None, "э": "e", "ю": "iu", "я": "ia",
})  # fmt: skip
# Maps Latin letters that Unicode does not decompose into a letter and a diacritic to the letters in
# the key of a name. Apostrophes, which stand for ь, are removed.
LATIN_TO_ASCII = str.maketrans({
    "ı": "i", "ə": "a", "æ": "ae", "ø": "o", "ł": "l", "đ": "d",
    "'": None, "’": None, "‘": None, "ʼ": None, "ʻ": None, "ʹ": None, "`": None, "´": None,
})  # fmt: skip
# The letters in the key of a name, by Latin spelling of a Cyrillic letter: "zh" and "dzh" become
# "j".
KEY_LETTERS_BY_SPELLING = {
    "shch": "s", "dzh": "j", "zh": "j", "kh": "h", "sh": "s", "ch": "c", "ts": "c", "gh": "g",
    "x": "ks", "q": "k", "w": "v", "y": "i",
}  # fmt: skip
# Finds the Latin spellings in `KEY_LETTERS_BY_SPELLING`. All are replaced in one pass: otherwise
# "skh" would first become "sh", and then be read as ш.
SPELLING_PATTERN = re.compile("|".join(KEY_LETTERS_BY_SPELLING))
# "ie" for е at the beginning of a word or after a vowel: "ie" becomes "e".
IE_AFTER_VOWEL_PATTERN = re.compile(r"(^|[aeiou])ie")
# "i" before another vowel, as in "ia" for я: left out.
SOFT_VOWEL_PATTERN = re.compile(r"(?<!i)i+(?=[aou])")
DOUBLE_LETTER_PATTERN = re.compile(r"(.)\1+")
WORD_PATTERN = re.compile(r"[^\W_]+")

# Endings of Russian grammatical cases after transliteration, the longest first.
CASE_ENDING_PATTERN = re.compile(r"(?:ogo|omu|imi|ami|oi|ei|om|em|im|ah|am|a|u|e|i)$")
# The ending of a grammatical case is removed only if at least this many letters stay.
MIN_STEM_LETTERS = 3
# The least score, of 100, of two words that differ only in the endings of grammatical cases.
# Different names that look alike, Bazhkenova and Bazhenova, score as much, so nothing is ever
# merged by score.
SAME_STEM_SCORE = 92.0
# The score, of 100, of a word and its initial.
SAME_INITIAL_SCORE = 90.0
# Subtracted from the score of two names for each word that only one of them has.
MISSING_WORD_PENALTY = 5.0
# Kazakh adds endings to the unchanged name: "Асемнің", "Асемге". An ending is recognised only after
# a name of at least this many letters.
MIN_KAZAKH_STEM_LETTERS = 4
# The most letters of a Kazakh ending that is recognised after a name.
MAX_KAZAKH_ENDING_LETTERS = 4

INVISIBLE_CHARACTERS_MESSAGE = (
    "A name cannot hold invisible characters or ones that change the direction of writing."
)


def normalize_name(text: str) -> str:
    """Return a name composed (NFC) and with single spaces; raise ValueError if it has control,
    zero-width or bidirectional characters, with which names that look the same would not match.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if any(unicodedata.category(letter).startswith("C") for letter in name):
        raise ValueError(INVISIBLE_CHARACTERS_MESSAGE)
    return name


def detect_script(name: str) -> Script:
    """Return the script of most letters of a name; Latin if there are none."""
    cyrillic = sum("\u0400" <= letter <= "\u052f" for letter in name)
    latin = sum(letter.isalpha() and letter < "\u0250" for letter in name)
    return Script.CYRILLIC if cyrillic > latin else Script.LATIN


def find_name_in_language(language: str, names: Iterable[str]) -> str:
    """Return the first name that is written in the letters of a language ("en", "ru" or "kk"), ""
    if there is none.

    Letters distinguish Kazakh from Russian: an official name in Kazakh always has some of its own.
    """
    return next((name for name in names if _is_written_as(name, language)), "")


def _is_written_as(name: str, language: str) -> bool:
    """Return whether the letters of a name are those of a language ("en", "ru" or "kk")."""
    if detect_script(name) is Script.LATIN:
        return language == "en"
    letters = {letter for letter in name.casefold() if letter.isalpha()}
    if language == "kk":
        return (
            bool(letters & EXTRA_KAZAKH_LETTERS)
            and letters <= RUSSIAN_LETTERS | EXTRA_KAZAKH_LETTERS
        )
    return language == "ru" and letters <= RUSSIAN_LETTERS


def name_sort_key(name: str) -> str:
    """Return the sort key of a name: its transliterated words, in their own order."""
    return " ".join(key for word in name.split() if (key := name_keys(word)[0]))


@lru_cache(maxsize=50_000)
def name_keys(name: str) -> tuple[str, str]:
    """Return two keys of a name for comparing it, equal for all its spellings. The matching key has
    the sorted words in Latin letters, without details that differ between spellings. In the loose
    key, u also replaces o, since Өтепова is written Utepova too.

    Words are sorted, so that "Surname Name" matches "Name Surname". A key is never longer than
    twice the name; both are "" for a name without letters and digits.
    """
    decomposed = unicodedata.normalize("NFD", name.casefold())
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    # Spellings first: a Cyrillic сх must not become the "sh" that stands for ш.
    composed = unicodedata.normalize("NFC", plain).translate(LATIN_TO_ASCII)
    latin = SPELLING_PATTERN.sub(lambda match: KEY_LETTERS_BY_SPELLING[match[0]], composed)
    words = [
        _reduce_spelling(word) for word in WORD_PATTERN.findall(latin.translate(CYRILLIC_TO_LATIN))
    ]
    return (
        " ".join(sorted(words)),
        " ".join(
            sorted(DOUBLE_LETTER_PATTERN.sub(r"\1", word.replace("o", "u")) for word in words)
        ),
    )


def search_keys(name: str) -> frozenset[str]:
    """Return the matching key and the loose key of a name, by which searches find it."""
    return frozenset(name_keys(name)) - {""}


def is_same_name(name: str, other: str) -> bool:
    """Return whether two names are spellings of one name; different people may share it."""
    return bool(search_keys(name) & search_keys(other))


def name_similarity(name: str, other: str) -> float:
    """Return the similarity of two names, 0 to 100; an inflected form scores 75 or more."""
    return max(
        key_similarity(mine, theirs)
        for mine, theirs in zip(name_keys(name), name_keys(other), strict=True)
    )


def key_similarity(key: str, other_key: str) -> float:
    """Return the similarity of two names, 0 to 100, from the matching keys or the loose keys of
    both.

    Each word of the shorter name takes the most similar free one of the longer; the worst pair
    decides, since a shared first name means nothing.
    """
    fewer, more = sorted((key.split(), other_key.split()), key=lambda words: (len(words), words))
    if not fewer:
        return 0.0
    missing = MISSING_WORD_PENALTY * (len(more) - len(fewer))
    worst = 100.0
    # Long words choose first, so that an initial does not take the surname's place.
    for word in sorted(fewer, key=len, reverse=True):
        scores = [_word_similarity(word, candidate) for candidate in more]
        best = max(range(len(more)), key=scores.__getitem__)
        worst = min(worst, scores[best])
        del more[best]
    return max(0.0, worst - missing)


def is_same_word(known_keys: tuple[str, str], found_keys: tuple[str, str]) -> bool:
    """Return whether a word found in a text is a word of a known name, possibly with the ending of
    a Russian or Kazakh grammatical case. `known_keys`, `found_keys`: the matching key and the loose
    key of each word.
    """
    return any(
        _is_inflected_form(mine, theirs)
        for mine, theirs in zip(known_keys, found_keys, strict=True)
    )


def _is_inflected_form(known: str, found: str) -> bool:
    """Return whether a word found in a text is a known word, possibly with the ending of a
    grammatical case. `known`, `found`: keys of the two words, both of the same kind.
    """
    # Both begin alike whatever the ending, so the first letter excludes most words of a text.
    if not known or not found or known[0] != found[0]:
        return False
    stem = _strip_case_ending(known)
    if known == found or stem == _strip_case_ending(found):
        return True
    return (
        len(stem) >= MIN_KAZAKH_STEM_LETTERS
        and found.startswith(stem)
        and len(found) - len(stem) <= MAX_KAZAKH_ENDING_LETTERS
    )


def _reduce_spelling(word: str) -> str:
    """Return a transliterated word reduced to the letters that all its spellings share."""
    word = SOFT_VOWEL_PATTERN.sub("", IE_AFTER_VOWEL_PATTERN.sub(r"\1e", word.replace("dj", "j")))
    return DOUBLE_LETTER_PATTERN.sub(r"\1", word)


def _word_similarity(word: str, other: str) -> float:
    """Return the similarity of two words, 0 to 100; `word`, `other`: their keys."""
    if word == other:
        return 100.0
    if len(word) == 1 or len(other) == 1:
        return SAME_INITIAL_SCORE if word[0] == other[0] else 0.0
    score = fuzz.ratio(word, other)
    return (
        max(score, SAME_STEM_SCORE)
        if _strip_case_ending(word) == _strip_case_ending(other)
        else score
    )


def _strip_case_ending(word: str) -> str:
    """Return the key of a word without the ending of a Russian grammatical case, if at least three
    letters stay.
    """
    stem = CASE_ENDING_PATTERN.sub("", word)
    return stem if len(stem) >= MIN_STEM_LETTERS else word

"""Password hashing with argon2id, and detection of weak passwords.

A check takes the same time whether or not the name exists. The list of common passwords has only
words; variants with digits, marks, another keyboard or Latin letters are found by rules.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from threading import Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tracker.config import Settings

SHORTEST_PASSWORD = 12  # characters
# No password gives this "hash", so that an account with it cannot sign in.
UNUSABLE_PASSWORD_HASH = "!"  # noqa: S105 (the mark of having none)
# How many requests of clients that are not signed in may hash a password or make a calendar file at
# once. Each needs one of these slots, since hashing takes 64 MiB and one of the server's sixteen
# threads.
MAX_ANONYMOUS_SLOTS = 4
# How many of these slots one network may have, so that others have room.
MAX_ANONYMOUS_SLOTS_PER_NETWORK = 3
# How many anonymous slots (see `MAX_ANONYMOUS_SLOTS`) are in use, by network.
_used_slots: Counter[str] = Counter()
# Guards `_used_slots`.
_lock = Lock()
# Common words, and whole passwords that are common or were leaked.
COMMON_PASSWORDS_FILE = Path(__file__).with_name("common_passwords.toml")
# A password that repeats a piece is as weak as the piece. This is the length of the longest piece
# whose repetition is found, in characters.
MAX_REPEATED_PIECE_LENGTH = 8
# Digits and marks (any characters but letters) before and after a word.
LEADING_MARKS_PATTERN, TRAILING_MARKS_PATTERN = re.compile(r"^[\W\d_]+"), re.compile(r"[\W\d_]+$")
# A piece, the same piece once or more directly after it, and then up to three other characters.
REPEATED_PATTERN = re.compile(rf"(.{{1,{MAX_REPEATED_PIECE_LENGTH}}}?)\1+.{{0,3}}", re.DOTALL)
# The row of digits of a keyboard with Shift held.
SHIFTED_DIGIT_ROW = "!@#$%^&*()_+"
# The difference of the character codes of 9 and 0. Their keys are neighbours on a keyboard.
STEP_FROM_9_TO_0 = 9
# Characters that people use for letters; a 1 may be either letter.
SUBSTITUTION_TABLES = (
    str.maketrans("@$!0134578", "asioleastb"),
    str.maketrans("@$!0134578", "asioieastb"),
)
# The letter keys of a keyboard in its Latin layout.
LATIN_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
# The same keys in its Russian layout.
RUSSIAN_KEYS = "ёйцукенгшщзхъфывапролджэячсмитьбю"
# Translations from what is typed in the wrong keyboard layout: Latin to Russian, Latin to Kazakh
# (whose additional letters are on the keys of digits), and Russian to Latin.
KEYBOARD_TABLES = (
    str.maketrans(LATIN_KEYS, RUSSIAN_KEYS),
    str.maketrans(LATIN_KEYS + "234589-=0", RUSSIAN_KEYS + "әіңғүұөһқ"),
    str.maketrans(RUSSIAN_KEYS, LATIN_KEYS),
)
# The letters that `TRANSLITERATIONS` spell, in the same order.
CYRILLIC_LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі"
# Cyrillic letters in Latin letters: the standard transliteration, and common variants.
TRANSLITERATIONS = (
    "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya a g k n o u u h i",
    "a b v g d e yo j z i i k l m n o p r s t u f h c ch sh sch  i  e iu ia a g q n o u u h i",
    "a b v g d e e zh z i j k l m n o p r s t u f h ts ch sh sh  y  e ju ja a gh q n o u u h y",
    "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya a g q n o u u h i",
)
# A password that is a row of digits stays weak with up to this number of letters beside the row.
MAX_LETTERS_BESIDE_DIGIT_ROW = 3
# Common words of more characters than this are also found if each repeated letter in them is
# written once.
MAX_UNCOLLAPSED_LENGTH = 4


def build_hasher(*, time_cost: int, memory_kib: int, lanes: int = 4) -> PasswordHasher:
    """Return a password hasher (argon2id, RFC 9106). `time_cost`: passes over the memory; `lanes`:
    threads.
    """
    return PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=lanes)


def hasher_from_settings(settings: Settings) -> PasswordHasher:
    """Return the password hasher with the cost that an installation has set."""
    return build_hasher(
        time_cost=settings.password_time_cost,
        memory_kib=settings.password_memory_kib,
        lanes=settings.password_lanes,
    )


def is_correct_password(hasher: PasswordHasher, stored: str | None, password: str) -> bool:
    """Return whether a password has the hash `stored`, False if there is no hash (None). The check
    takes the same time in both cases.
    """
    if stored is None or stored == UNUSABLE_PASSWORD_HASH:
        hasher.hash(password)
        return False
    try:
        return hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@contextmanager
def reserve_anonymous_slot(network: str, *, is_known: bool) -> Iterator[bool]:
    """Reserve one of the `MAX_ANONYMOUS_SLOTS` for a client that is not signed in, to hash a
    password or make a calendar file; yield whether one was free. `network`: the network of the
    client; `is_known`: the browser is known, and needs no slot (True is yielded).
    """
    if is_known:
        yield True
        return
    with _lock:
        has_room = (
            _used_slots.total() < MAX_ANONYMOUS_SLOTS
            and _used_slots[network] < MAX_ANONYMOUS_SLOTS_PER_NETWORK
        )
        _used_slots[network] += has_room
    try:
        yield has_room
    finally:
        with _lock:
            _used_slots[network] -= has_room
            if not _used_slots[network]:
                del _used_slots[network]


class PasswordWeakness(StrEnum):
    """The reason why a password is refused."""

    SHORT = "short"
    NAME = "name"
    COMMON = "common"


def find_password_weakness(password: str, name: str) -> PasswordWeakness | None:
    """Return why a password is too weak for a user with this name; None if it is strong."""
    folded = password.casefold()
    if len(password) < SHORTEST_PASSWORD:
        return PasswordWeakness.SHORT
    if any(
        name in one for one in (folded, *(folded.translate(table) for table in SUBSTITUTION_TABLES))
    ):
        return PasswordWeakness.NAME
    return PasswordWeakness.COMMON if _is_common_password(folded) else None


def _is_common_password(folded: str) -> bool:
    """Return whether a password in lower case is a repeated piece, key row or common words."""
    if REPEATED_PATTERN.fullmatch(folded) or _is_keyboard_row(folded):
        return True
    letters = re.sub(r"[\W\d_]", "", folded)
    if len(letters) <= MAX_LETTERS_BESIDE_DIGIT_ROW and _is_keyboard_row(
        re.sub(r"[^\W\d_]", "", folded)
    ):
        return True
    return any(_consists_of_common_words(one) for one in _possible_words(folded) if one)


def _possible_words(folded: str) -> set[str]:
    """Return the words from which a password in lower case may have been made: without its digits
    and marks, with letters in place of these, typed in another keyboard layout, read backwards, and
    with repeated letters written once.
    """
    begins, ends = TRAILING_MARKS_PATTERN.sub("", folded), LEADING_MARKS_PATTERN.sub("", folded)
    spelt = {folded, begins, ends, TRAILING_MARKS_PATTERN.sub("", ends)}
    spelt |= {
        one.translate(table) for one in spelt for table in (*SUBSTITUTION_TABLES, *KEYBOARD_TABLES)
    }
    read = {re.sub(r"[\W_]", "", one) for one in spelt}
    read |= {re.sub(r"\d", "", one) for one in read}
    read |= {one[::-1] for one in read}
    return read | {_collapse_repeats(one) for one in read}


def _collapse_repeats(text: str) -> str:
    """Return a text with each run of a letter reduced to one."""
    return re.sub(r"(.)\1+", r"\1", text)


def _is_keyboard_row(text: str) -> bool:
    """Return whether a text has no letters and is mostly a row of neighbouring digit keys."""
    if text == SHIFTED_DIGIT_ROW:
        return True
    steps = [abs(ord(one) - ord(before)) for before, one in pairwise(text)]
    in_a_row = sum(step in {0, 1, STEP_FROM_9_TO_0} for step in steps)
    return in_a_row > len(steps) / 2 and not any(letter.isalpha() for letter in text)


def _consists_of_common_words(text: str) -> bool:
    """Return whether a text consists only of words of the list of common passwords."""
    words, whole, longest = _load_common_passwords()
    if text in whole:
        return True
    reached = {0}
    for end in range(1, len(text) + 1):
        first = max(0, end - longest)
        if any(start in reached and text[start:end] in words for start in range(first, end)):
            reached.add(end)
    return len(text) in reached


@cache
def _load_common_passwords() -> tuple[frozenset[str], frozenset[str], int]:
    """Return the common words, the common passwords, and the length of the longest word."""
    read = tomllib.loads(COMMON_PASSWORDS_FILE.read_text(encoding="utf-8"))
    words = {spelt for word in read["words"] for spelt in (word, *_transliterate(word))}
    words |= {_collapse_repeats(word) for word in words if len(word) > MAX_UNCOLLAPSED_LENGTH}
    return frozenset(words), frozenset(read["sentences"] + read["leaked"]), max(map(len, words))


def _transliterate(word: str) -> list[str]:
    """Return the usual Latin spellings of a Cyrillic word, none of a Latin word."""
    if word.isascii():
        return []
    tables = (
        str.maketrans(dict(zip(CYRILLIC_LETTERS, way.split(" "), strict=True)))
        for way in TRANSLITERATIONS
    )
    return [word.translate(table) for table in tables]

"""Marks of a text by which another one that is nearly the same is found again; pure.

The smallest hashes of its runs of four words. Two texts share them about as far as they share their
runs of words, so that looking for equal marks is looking for nearly equal texts, by an index alone.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

WORD = re.compile(r"\w+")
WORDS_IN_RUN = 4
MARKS = 24
# Sharing a third of the marks: a reprint that was cut, or got a paragraph of its own. Different
# reports of one event share none or two.
ALIKE = 8
# Of fewer words, a greeting and a farewell that many have would be half.
FEWEST_WORDS = 40
# Marks are 63 bits: what both databases hold with a sign.
UNSIGNED = 1


def marks_of(text: str) -> list[int]:
    """Return the marks of a text in ascending order, none of a text too short to be told apart."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    words = WORD.findall(folded)
    if len(words) < FEWEST_WORDS:
        return []
    runs = {
        " ".join(words[start : start + WORDS_IN_RUN])
        for start in range(len(words) - WORDS_IN_RUN + 1)
    }
    return sorted({_mark(run) for run in runs})[:MARKS]


def _mark(run: str) -> int:
    digest = hashlib.blake2b(run.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> UNSIGNED

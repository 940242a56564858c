"""Text normalisation: what a word is, for indexed and for searched text."""

from __future__ import annotations

import re
import unicodedata

# Letters and digits of any script; marks that NFKC cannot combine with a letter end a word.
WORD = re.compile(r"[^\W_]+")
# Longer runs are keys and encodings, not words; their beginning still finds them.
LONGEST_WORD = 60
# PostgreSQL rejects a document of more than 1 MB of words; no article comes near half of it.
MOST_BYTES = 500_000
# Bytes of a letter in UTF-8, at most.
LONGEST_LETTER = 4
MOST_ASKED = 40


def normal_words(text: str) -> list[str]:
    """Return the normalised words of a text in order: NFKC, case folded, ё as е.

    Kazakh letters and digits stay, punctuation is dropped. There is no stemming: searches are by
    the beginnings of words.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return [word[:LONGEST_WORD] for word in WORD.findall(folded.replace("ё", "е"))]


def indexed_words(text: str) -> list[str]:
    """Return the words of a text for the index: each once, within the limits of both databases."""
    # Repeated parts contain nothing new, and cost the most.
    parts = dict.fromkeys(text.split())
    words = list(dict.fromkeys(normal_words(" ".join(parts))))
    if sum(map(len, words)) * LONGEST_LETTER <= MOST_BYTES:
        return words
    kept: list[str] = []
    room = MOST_BYTES
    for word in words:
        room -= len(word.encode())
        if room < 0:
            break
        kept.append(word)
    return kept


def query_words(text: str) -> list[str]:
    """Return the words of a query without duplicates; they match beginnings of words."""
    return list(dict.fromkeys(normal_words(text)))[:MOST_ASKED]

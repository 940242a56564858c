"""The one normaliser: what a word is, alike for what is found and for what is typed."""

from __future__ import annotations

import re
import unicodedata

# Letters and digits of any script; marks that NFKC could not join to a letter end a word.
WORD = re.compile(r"[^\W_]+")
# Longer runs are no words but keys and encodings; their beginning still finds them.
LONGEST_WORD = 60
# PostgreSQL refuses a document of more than 1 MB of words; no article comes near half of it.
MOST_BYTES = 500_000
# Of a letter in UTF-8, in bytes.
LONGEST_LETTER = 4
MOST_ASKED = 40


def normal_words(text: str) -> list[str]:
    """Return the words of a text in order, as they are compared: NFKC, case folded, ё as е.

    Kazakh letters stay themselves, digits stay, punctuation goes. Nothing is stemmed: anyone who
    asks asks by the beginnings of words.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return [word[:LONGEST_WORD] for word in WORD.findall(folded.replace("ё", "е"))]


def indexed_words(text: str) -> list[str]:
    """Return what the index keeps of a text: each word once, within what both databases take."""
    # Parts that come again hold nothing new, and cost the most.
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
    """Return the beginnings of words that somebody asks for, each once, shorter ones included."""
    return list(dict.fromkeys(normal_words(text)))[:MOST_ASKED]

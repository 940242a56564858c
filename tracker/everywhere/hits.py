"""Where the words of a search stand in a text, and the passage around them."""

from __future__ import annotations

import re
from typing import NamedTuple

from tracker.articles.rules import collapse_mask_width
from tracker.people.matching import name_keys
from tracker.people.queries import ways_to_spell
from tracker.search.queries import WORD_PATTERN, normal_words, query_words

# Shorter words are marked only where they stand alone: every other word begins with "a".
SHORTEST_BEGINNING = 3
# Letters shown before and after the word that was found.
LETTERS_BEFORE, LETTERS_AFTER = 60, 140
# In longer texts only words in the script of the search are looked for.
MOST_COMPARED = 2_000


class Piece(NamedTuple):
    """A part of a text, and whether it is a word that was searched for."""

    text: str
    is_hit: bool


class Hits:
    """The words of a search, by which texts are marked."""

    def __init__(self, q: str) -> None:
        self._words = query_words(q)
        self._keys = {key for way in ways_to_spell(q)[1:] for key in way.split()}
        # The index reads ё as е.
        longest_first = sorted(self._words, key=len, reverse=True)
        self._places = [
            re.compile(rf"(?<![^\W_]){re.escape(word).replace('е', '[её]')}", re.IGNORECASE)
            for word in longest_first
            if len(word) >= SHORTEST_BEGINNING
        ]

    def marked(self, text: str) -> list[Piece]:
        """Return the text in pieces, each word that was searched for one of its own."""
        pieces, end = [], 0
        for word in WORD_PATTERN.finditer(text):
            if self._is_hit(word[0]):
                pieces += [
                    Piece(text[end : word.start()], is_hit=False),
                    Piece(word[0], is_hit=True),
                ]
                end = word.end()
        return [one for one in [*pieces, Piece(text[end:], is_hit=False)] if one.text]

    def passage(self, text: str) -> list[Piece]:
        """Return the words around the first that was searched for, in pieces; none without one."""
        # The width of a mask must not say how long the masked words are.
        text = collapse_mask_width(text)
        place = self._first_place(text)
        if place is None:
            return []
        start, end = place - LETTERS_BEFORE, place + LETTERS_AFTER
        start = text.find(" ", start, place) + 1 or place if start > 0 else 0
        end = max(text.rfind(" ", place, end), place) if end < len(text) else len(text)
        if end == place:
            end = min(place + LETTERS_AFTER, len(text))
        shown = " ".join(text[start:end].split())
        opening, closing = "… " if start else "", " …" if end < len(text) else ""
        return self.marked(f"{opening}{shown}{closing}")

    def _first_place(self, text: str) -> int | None:
        """Return where the longest word of the search stands first, or any other of its words."""
        for pattern in self._places:
            if found := pattern.search(text):
                return found.start()
        if len(text) > MOST_COMPARED:
            return None
        return next(
            (one.start() for one in WORD_PATTERN.finditer(text) if self._is_hit(one[0])), None
        )

    def _is_hit(self, word: str) -> bool:
        forms = normal_words(word)
        return any(_begins(form, asked) for form in forms for asked in self._words) or any(
            _begins(key, asked) for key in name_keys(word) for asked in self._keys
        )


def _begins(word: str, query_word: str) -> bool:
    return word == query_word or (
        len(query_word) >= SHORTEST_BEGINNING and word.startswith(query_word)
    )

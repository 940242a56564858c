"""Phrases of a language from data files, and the search for phrases in sentences.

A phrase is words separated by spaces. `threat*` is any word that begins so, `*ңды` any that ends
so, `*` any one word, `...` up to four words of any kind, `(a|b c|d*)` one of several, `[very]` an
optional word. Case, ё and е, and the marks between words are ignored.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from tracker.reader.text import Word, fold_word

# The folder with a folder of data files for each language code.
LANGUAGES_FOLDER = Path(__file__).parent / "languages"
# The most words that `...` in a phrase stands for.
MAX_ELLIPSIS_WORDS = 4
# How many first letters of a word are used to look up phrases.
INDEXED_PREFIX_LETTERS = 5
# Marks between words that phrases ignore: «his», the editors' door.
IGNORED_MARKS_PATTERN = re.compile(r"[«»“”\",:;!?]|(?<=\w)['’](?!\w)")
# A word of a phrase. It may have a star at one end, and no brackets.
PHRASE_WORD_PATTERN = re.compile(r"\*|\*?[^\s*()\[\]<>&]*\w[^\s*()\[\]<>&]*\*?")


# A mapping that nothing can change, as the default of a field.
EMPTY_MAPPING: Mapping[str, Any] = MappingProxyType({})


class PhraseError(ValueError):
    """A phrase in a data file that cannot be read; the message names it."""


class Token(NamedTuple):
    """One position of a phrase. `choices`: the words, or sequences of words, that may be there, in
    which `*` stands for any beginning or ending; `is_gap`: up to four words of any kind may be
    there.
    """

    choices: tuple[tuple[str, ...], ...]
    is_optional: bool = False
    is_gap: bool = False
    # For `[*]` repeated in a row, read as one position: the number of repetitions.
    max_words: int = 0
    # The choices sorted for speed: whole words, beginnings by their length, and for choices of
    # several words the first with what may follow it.
    whole_words: frozenset[str] = frozenset()
    beginnings: tuple[tuple[int, frozenset[str]], ...] = ()
    endings: tuple[tuple[int, frozenset[str]], ...] = ()
    word_sequences: tuple[tuple[str, Token], ...] = ()
    # Of these, those whose first word is whole, by that word; `word_sequences` has the others.
    sequences_by_first_word: Mapping[str, Token] = EMPTY_MAPPING

    def can_match(self, word: str) -> bool:
        """Return whether a single word matches one of the choices."""
        return (
            word in self.whole_words
            or any(word[:length] in some for length, some in self.beginnings)
            or any(word[-length:] in some for length, some in self.endings)
        )


class PhraseMatch(NamedTuple):
    """A phrase found in a sentence, at words `first` up to but not `end`, with its label."""

    label: Any
    first: int
    end: int


@cache
def load_lexicon(language: str, name: str) -> dict[str, Any]:
    """Return a data file of a language as parsed TOML, or {} if the language has no such file.
    `language` is a code such as "kk", `name` the file without ".toml".
    """
    path = LANGUAGES_FOLDER / language / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


class Phrases:
    """A set of phrases to search for in sentences, each with a label of any type."""

    def __init__(self, phrases: Iterable[tuple[str, Any]]) -> None:
        self._begins: dict[str, list[tuple[tuple[Token, ...], Any, frozenset[str]]]] = {}
        # Phrases of one word, by the word or its beginning with "*".
        self._alone: dict[str, list[int]] = {}
        self._labels: list[Any] = []
        for text, label in phrases:
            tokens = parse_phrase(text)
            if _is_one_word(tokens):
                for choice in tokens[0].choices:
                    self._alone.setdefault(choice[0], []).append(len(self._labels))
                self._labels.append(label)
                continue
            beginnings = {_pattern_prefix(choice[0]) for choice in tokens[0].choices}
            # Phrases that any word may begin are tried once.
            for letters in {""} if "" in beginnings else beginnings:
                self._begins.setdefault(letters, []).append(
                    (tokens, label, _required_prefixes(tokens))
                )

    def matches_at(
        self, words: Sequence[Word], first: int, sentence_prefixes: set[str] | None = None
    ) -> Iterator[PhraseMatch]:
        """Yield the phrases that begin at word `first`, each at its longest. `sentence_prefixes`,
        the first letters of all words of the sentence, only make the search faster.
        """
        folded = words[first].folded
        alone = self._alone.get(folded, [])
        for length in range(len(folded) + 1):
            if more := self._alone.get(folded[:length] + "*"):
                alone = alone + more
        for number in sorted(set(alone)):
            yield PhraseMatch(self._labels[number], first, first + 1)
        for length in range(min(INDEXED_PREFIX_LETTERS, len(folded)) + 1):
            for tokens, label, needed in self._begins.get(folded[:length], ()):
                if sentence_prefixes and needed and sentence_prefixes.isdisjoint(needed):
                    continue
                end = _match_tokens(tokens, 0, words, first)
                if end is not None:
                    yield PhraseMatch(label, first, end)

    def find(self, words: Sequence[Word]) -> list[PhraseMatch]:
        """Return every phrase in a sentence, from left to right; matches may overlap."""
        sentence_prefixes = _word_prefixes(words)
        return [
            found
            for first in range(len(words))
            for found in self.matches_at(words, first, sentence_prefixes)
        ]


def _is_one_word(tokens: tuple[Token, ...]) -> bool:
    """Return whether a phrase is one word or a choice of single words, none with `*` before it."""
    return (
        len(tokens) == 1
        and not tokens[0].max_words
        and not tokens[0].endings
        and not tokens[0].word_sequences
        and not tokens[0].sequences_by_first_word
    )


def parse_phrase(text: str) -> tuple[Token, ...]:
    """Return a phrase as its positions (`Token`), in order; raise `PhraseError` if it is wrong."""
    tokens: list[Token] = []
    rest = IGNORED_MARKS_PATTERN.sub("", fold_word(text)).strip()
    while rest:
        if rest.startswith("..."):
            token, rest = Token((), is_gap=True), rest[3:]
        elif rest[0] in "([":
            inside, closed, after = rest[1:].partition(")" if rest[0] == "(" else "]")
            if not closed:
                raise PhraseError(text)
            token, rest = _parse_token(inside, is_optional=rest[0] == "["), after
        else:
            word, _space, rest = rest.partition(" ")
            token = _parse_token(word)
        tokens.append(token)
        rest = rest.lstrip()
    if not tokens or tokens[0].is_gap or tokens[0].is_optional or not all(tokens[0].choices):
        raise PhraseError(text)
    if any(not token.is_gap and not all(token.choices) for token in tokens):
        raise PhraseError(text)
    written = [word for token in tokens for choice in token.choices for word in choice]
    if not all(map(PHRASE_WORD_PATTERN.fullmatch, written)):
        raise PhraseError(text)
    return tuple(_merge_optional_words(tokens))


def _parse_token(text: str, *, is_optional: bool = False) -> Token:
    """Return one position of a phrase. `text`: its choices as written, such as "home|house"."""
    return _build_token(tuple(tuple(choice.split()) for choice in text.split("|")), is_optional)


def _build_token(choices: tuple[tuple[str, ...], ...], is_optional: bool) -> Token:  # noqa: FBT001 - as the field
    """Return one position of a phrase. `choices`: the words or sequences of words that may be
    there.
    """
    single = [choice[0] for choice in choices if len(choice) == 1]
    beginnings: dict[int, set[str]] = {}
    endings: dict[int, set[str]] = {}
    for word in single:
        if word.endswith("*"):
            beginnings.setdefault(len(word) - 1, set()).add(word[:-1])
        elif word.startswith("*"):
            endings.setdefault(len(word) - 1, set()).add(word[1:])
    word_sequences: dict[str, list[tuple[str, ...]]] = {}
    for choice in choices:
        if len(choice) > 1:
            word_sequences.setdefault(choice[0], []).append(choice[1:])
    rests = {
        word: _build_token(tuple(some), is_optional=False) for word, some in word_sequences.items()
    }
    return Token(
        choices,
        is_optional,
        whole_words=frozenset(word for word in single if "*" not in (word[0], word[-1])),
        beginnings=tuple((length, frozenset(some)) for length, some in sorted(beginnings.items())),
        endings=tuple((length, frozenset(some)) for length, some in sorted(endings.items())),
        word_sequences=tuple((word, rest) for word, rest in rests.items() if "*" in word),
        sequences_by_first_word={word: rest for word, rest in rests.items() if "*" not in word},
    )


def _merge_optional_words(tokens: list[Token]) -> Iterator[Token]:
    """Yield the positions of a phrase, with several `[*]` in a row as one position: `[*] [*] [*]`
    is up to three words of any kind.
    """
    run = 0
    for token in [*tokens, None]:
        if token is not None and token.is_optional and token.choices == (("*",),):
            run += 1
            continue
        if run:
            yield Token((("*",),), is_optional=True, max_words=run)
            run = 0
        if token is not None:
            yield token


def _match_tokens(
    tokens: tuple[Token, ...], position: int, words: Sequence[Word], index: int
) -> int | None:
    """Return where a match ends (the position after its last word), or None without a match. Only
    the part of the phrase from `position` on is matched, with the words of the sentence from
    `index` on.
    """
    if position == len(tokens):
        return index
    token = tokens[position]
    if token.is_gap:
        last = min(index + MAX_ELLIPSIS_WORDS, len(words))
        return next(
            (
                end
                for k in range(index, last + 1)
                if (end := _match_tokens(tokens, position + 1, words, k))
            ),
            None,
        )
    return max(
        (
            end
            for k in _possible_ends(token, words, index)
            if (end := _match_tokens(tokens, position + 1, words, k)) is not None
        ),
        default=None,
    )


def _possible_ends(token: Token, words: Sequence[Word], index: int) -> Iterator[int]:
    """Yield each position at which the match of a token may end if it begins at word `index`."""
    if token.max_words:
        yield from range(index, min(index + token.max_words, len(words)) + 1)
        return
    if token.is_optional:
        yield index
    if index < len(words):
        word = words[index].folded
        if token.can_match(word):
            yield index + 1
        if word in token.sequences_by_first_word:
            yield from _possible_ends(token.sequences_by_first_word[word], words, index + 1)
        for wanted, rest in token.word_sequences:
            if _is_word_match(wanted, word):
                yield from _possible_ends(rest, words, index + 1)


def _is_word_match(pattern: str, word: str) -> bool:
    """Return whether a word matches a pattern with an optional `*` at one end."""
    if pattern.endswith("*"):
        return word.startswith(pattern[:-1])
    return word.endswith(pattern[1:]) if pattern.startswith("*") else word == pattern


def _word_prefixes(words: Sequence[Word]) -> set[str]:
    """Return the beginnings of the words of a sentence, from one letter to
    `INDEXED_PREFIX_LETTERS`.
    """
    return {
        word.folded[:length]
        for word in words
        for length in range(1, min(INDEXED_PREFIX_LETTERS, len(word.folded)) + 1)
    }


def _required_prefixes(tokens: tuple[Token, ...]) -> frozenset[str]:
    """Return beginnings of words, at least one of which is in every sentence with the phrase. They
    are taken from one position of the phrase after the first, the one with the fewest choices.
    Return an empty set if no such position must have a word.
    """
    places = [
        frozenset(_pattern_prefix(choice[0]) for choice in token.choices)
        for token in tokens[1:]
        if not token.is_gap and not token.is_optional
    ]
    sure = [place for place in places if place and "" not in place]
    return min(sure, key=len, default=frozenset())


def _pattern_prefix(pattern: str) -> str:
    """Return the first letters of the words that a pattern matches, "" for a pattern such as
    "*ing", which gives only the ending.
    """
    return "" if pattern.startswith("*") else pattern.rstrip("*")[:INDEXED_PREFIX_LETTERS]
